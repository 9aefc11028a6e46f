// Settlement batches, objections and defaults as they stand; and the daily statement of a participant, made of its postings (CAR-36).
#include <limits>
#include <map>
#include <utility>
#include <vector>

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "exchange/settlement_batches.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {
namespace {

// Sums of a day may leave 64 bits only where something is wrong; then that is told, not wrapped.
using Sum = __int128;

// What one account has of one thing: before the day, on it, after it.
struct Line {
  Sum opening = 0, closing = 0;
  Sum moved = 0;  // on the day, in all
  // By what moved it, both ways above zero.
  Sum bought = 0, sold = 0, fees = 0, in = 0, out = 0;
  bool empty() const { return opening == 0 && closing == 0 && bought == 0 && sold == 0 && moved == 0; }
};

void Count(const ledger::PostingRow& row, Date date, Line* line) {
  if (LocalDate(row.time) < date) line->opening = row.balance;
  line->closing = row.balance;
  if (LocalDate(row.time) < date) return;
  line->moved += row.change;
  const Sum size = row.change < 0 ? -Sum{row.change} : Sum{row.change};
  switch (row.type) {
    case ledger::PostingType::kPayment: (row.change < 0 ? line->bought : line->sold) += size; break;
    case ledger::PostingType::kSettlement: (row.change > 0 ? line->bought : line->sold) += size; break;
    case ledger::PostingType::kFee: line->fees -= row.change; break;
    case ledger::PostingType::kDeposit: line->in += row.change; break;
    case ledger::PostingType::kWithdrawal: line->out -= row.change; break;
    default: break;
  }
}

using Lines = std::map<std::pair<ledger::AccountNumber, ledger::InstrumentId>, Line>;

// Every posting up to the end of the day. An account's postings are in the order of time.
absl::Status ReadLines(ReadContext& context, ledger::AccountNumber account, Date date, Lines* lines) {
  return context.ForEach<ledger::PostingRow>(EncodeKey(account), [&](const ledger::PostingRow& row) -> absl::Status {
    if (LocalDate(row.time) <= date) Count(row, date, &(*lines)[{account, row.instrument}]);
    return absl::OkStatus();
  });
}

absl::StatusOr<int64_t> Narrow(Sum sum) {
  if (sum > std::numeric_limits<int64_t>::max() || sum < std::numeric_limits<int64_t>::min()) return absl::InternalError("the movements of the day leave 64 bits");
  return static_cast<int64_t>(sum);
}

absl::Status SetCash(const Line& cash, v1::DailyStatement* statement) {
  const Sum other = cash.moved - cash.sold + cash.bought + cash.fees - cash.in + cash.out;
  SONGHUA_ASSIGN_OR_RETURN(const int64_t opening, Narrow(cash.opening));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t buys, Narrow(cash.bought));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t sells, Narrow(cash.sold));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t fees, Narrow(cash.fees));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t in, Narrow(cash.in));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t out, Narrow(cash.out));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t rest, Narrow(other));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t closing, Narrow(cash.closing));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t net, Narrow(cash.sold - cash.bought - cash.fees));
  statement->set_opening_cash_fen(opening);
  statement->set_buys_fen(buys);
  statement->set_sells_fen(sells);
  statement->set_fees_fen(fees);
  statement->set_cash_in_fen(in);
  statement->set_cash_out_fen(out);
  statement->set_other_fen(rest);
  statement->set_closing_cash_fen(closing);
  statement->set_net_fen(net);
  return absl::OkStatus();
}

absl::Status SetHolding(const Line& line, v1::DailyStatement::HoldingLine* holding) {
  SONGHUA_ASSIGN_OR_RETURN(const int64_t opening, Narrow(line.opening));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t bought, Narrow(line.bought));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t sold, Narrow(line.sold));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t other, Narrow(line.moved - line.bought + line.sold));
  SONGHUA_ASSIGN_OR_RETURN(const int64_t closing, Narrow(line.closing));
  holding->set_opening(opening);
  holding->set_bought(bought);
  holding->set_sold(sold);
  holding->set_other(other);
  holding->set_closing(closing);
  return absl::OkStatus();
}

absl::StatusOr<v1::SettlementBatch> MessageOf(Lookup& lookup, const exchange::SettlementBatchRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string contract, lookup.ContractName(row.contract));
  return ToProto(row, contract);
}

}  // namespace

absl::StatusOr<v1::SettlementBatchAnswer> GetSettlementBatch(ReadContext& context, const v1::GetSettlementBatchRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "settlementBatches", request.name()));
  if (number > UINT32_MAX) return NotFound("name", request.name());
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<exchange::SettlementBatchRow>(static_cast<uint32_t>(number)));
  if (!row.has_value()) return NotFound("name", request.name());
  Lookup lookup(&context);
  v1::SettlementBatchAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_batch(), MessageOf(lookup, *row));
  return answer;
}

absl::StatusOr<v1::ListSettlementBatchesAnswer> ListSettlementBatches(ReadContext& context, const v1::ListSettlementBatchesRequest& request) {
  Lookup lookup(&context);
  exchange::ContractNumber only = 0;
  if (!request.contract().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(only, lookup.FindContract("contract", request.contract()));
  }
  v1::ListSettlementBatchesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::SettlementBatchRow>(
      "",
      [&](const exchange::SettlementBatchRow& row) -> ReadContext::Added {
        if (only != 0 && row.contract != only) return 0;
        SONGHUA_ASSIGN_OR_RETURN(*answer.add_batches(), MessageOf(lookup, row));
        return answer.batches().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListSettlementObjectionsAnswer> ListSettlementObjections(ReadContext& context, const v1::ListSettlementObjectionsRequest& request) {
  Lookup lookup(&context);
  v1::ListSettlementObjectionsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::SettlementObjectionRow>(
      "",
      [&](const exchange::SettlementObjectionRow& row) -> ReadContext::Added {
        if (request.open_only() && row.state != v1::SettlementObjection::FILED) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfParticipant(row.participant));
        if (!context.MaySee(target)) return 0;
        *answer.add_objections() = ToProto(row);
        return answer.objections().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListDeliveryDefaultsAnswer> ListDeliveryDefaults(ReadContext& context, const v1::ListDeliveryDefaultsRequest&) {
  Lookup lookup(&context);
  v1::ListDeliveryDefaultsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<exchange::DeliveryDefaultRow>(
      "",
      [&](const exchange::DeliveryDefaultRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfParticipant(row.participant));
        if (!context.MaySee(target)) return 0;
        *answer.add_defaults() = ToProto(row);
        return answer.defaults().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::DailyStatementAnswer> GetDailyStatement(ReadContext& context, const v1::GetDailyStatementRequest& request) {
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const Date date, ParseDate(request.date(), "date"));
  if (date > context.today()) return InvalidField("date", request.date(), "a day up to today, " + FormatDate(context.today())).Rule("CAR-36");
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::ParticipantRow* participant, lookup.FindParticipant("participant", request.participant()));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfParticipant(participant->id));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));

  v1::DailyStatementAnswer answer;
  v1::DailyStatement& statement = *answer.mutable_statement();
  statement.set_participant(request.participant());
  statement.set_date(request.date());
  statement.set_provisional(date == context.today());
  std::vector<ledger::AccountNumber> accounts;
  SONGHUA_RETURN_IF_ERROR(context.ForEach<ledger::AccountOwnerRow>(EncodeKey(participant->id), [&](const ledger::AccountOwnerRow& row) -> absl::Status {
    accounts.push_back(row.number);
    return absl::OkStatus();
  }));
  Lines lines;
  for (const ledger::AccountNumber account : accounts) SONGHUA_RETURN_IF_ERROR(ReadLines(context, account, date, &lines));
  for (const auto& [key, line] : lines) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.Account(key.first));
    // What moved is counted posting by posting, what there is was recorded with each: the two must agree.
    if (line.opening + line.moved != line.closing) {
      return absl::InternalError("the postings of " + ledger::AccountName(*account) + " on " + request.date() + " do not come to its balance");
    }
    if (account->kind == v1::CASH) {
      SONGHUA_RETURN_IF_ERROR(SetCash(line, &statement));
    } else if (!ledger::HoldsMoney(account->kind) && !line.empty()) {
      v1::DailyStatement::HoldingLine& holding = *statement.add_holdings();
      holding.set_account(ledger::AccountName(*account));
      SONGHUA_ASSIGN_OR_RETURN(*holding.mutable_instrument(), lookup.InstrumentCode(key.second));
      SONGHUA_RETURN_IF_ERROR(SetHolding(line, &holding));
    }
  }
  return answer;
}

}  // namespace songhua::api::reads
