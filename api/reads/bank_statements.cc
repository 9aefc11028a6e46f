// Statements of the settlement bank: what of them is not explained is worked out from rows, at the sequence of the answer.
#include "ledger/bank_statements.h"

#include <string>

#include "api/reads/read_context.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

constexpr int kDifferencesMax = 1'000;

absl::StatusOr<ledger::BankStatementRow> FindStatement(ReadContext& context, std::string_view field, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName(field, "bankStatements", name));
  if (number > UINT32_MAX) return NotFound(field, name);
  SONGHUA_ASSIGN_OR_RETURN(auto row, context.Get<ledger::BankStatementRow>(static_cast<uint32_t>(number)));
  if (!row.has_value()) return NotFound(field, name);
  return *std::move(row);
}

absl::StatusOr<std::string> NameOfAccount(ReadContext& context, ledger::AccountNumber number) {
  if (number == 0) return std::string();
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::AccountRow>(number));
  return row.has_value() ? ledger::AccountName(*row) : std::string();
}

// Lines that are open in this statement or one before it, and movements up to its day that no statement shows.
absl::Status AddDifferences(ReadContext& context, const ledger::BankStatementRow& statement, v1::BankStatementAnswer* answer) {
  return context.ForEach<ledger::BankLineRow>("", [&](const ledger::BankLineRow& row) -> absl::Status {
    const bool unseen = row.state == v1::BankLine::UNSEEN && row.value_date <= statement.day;
    const bool open = row.open() && row.statement <= statement.number;
    if ((unseen || open) && answer->differences_size() < kDifferencesMax) answer->add_differences(ledger::DescribeDifference(row));
    return absl::OkStatus();
  });
}

}  // namespace

absl::StatusOr<v1::BankStatementAnswer> GetStatement(ReadContext& context, const v1::GetBankStatementRequest& request) {
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const ledger::BankStatementRow row, FindStatement(context, "name", request.name()));
  v1::BankStatementAnswer answer;
  *answer.mutable_statement() = ToProto(row);
  if (row.state == v1::BankStatement::FINISHED) SONGHUA_RETURN_IF_ERROR(AddDifferences(context, row, &answer));
  return answer;
}

absl::StatusOr<v1::ListBankStatementsAnswer> ListStatements(ReadContext& context, const v1::ListBankStatementsRequest&) {
  v1::ListBankStatementsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::BankStatementRow>(
      "",
      [&](const ledger::BankStatementRow& row) -> ReadContext::Added {
        *answer.add_statements() = ToProto(row);
        return answer.statements().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListBankLinesAnswer> ListBankLines(ReadContext& context, const v1::ListBankLinesRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::BankStatementRow statement, FindStatement(context, "statement", request.statement()));
  v1::ListBankLinesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::BankLineRow>(
      EncodeKey(statement.number),
      [&](const ledger::BankLineRow& row) -> ReadContext::Added {
        if (request.open_only() && !row.open()) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const std::string account, NameOfAccount(context, row.account));
        *answer.add_lines() = ToProto(row, account);
        return answer.lines().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListUnseenMovementsAnswer> ListUnseenMovements(ReadContext& context, const v1::ListUnseenMovementsRequest&) {
  v1::ListUnseenMovementsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::BankLineRow>(
      EncodeKey(uint32_t{0}),
      [&](const ledger::BankLineRow& row) -> ReadContext::Added {
        if (row.state != v1::BankLine::UNSEEN) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const std::string account, NameOfAccount(context, row.account));
        *answer.add_movements() = ToProto(row, account);
        return answer.movements().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
