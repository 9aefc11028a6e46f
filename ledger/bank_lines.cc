// How the two sides of a movement meet, and what two persons do with a line that met nothing.
#include <charconv>
#include <utility>

#include "ledger/bank_statements.h"
#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

std::string Yuan(Money amount) { return FormatMoney(amount) + " yuan"; }

// "{statement}.{line}"; false where it is no such id, or not the only way to write it.
bool ParseLineId(const std::string& id, BankLineRow::KeyType* key) {
  const size_t dot = id.find('.');
  if (dot == std::string::npos) return false;
  auto& [statement, line] = *key;
  const char* const end = id.data() + id.size();
  return std::from_chars(id.data(), id.data() + dot, statement).ptr == id.data() + dot && std::from_chars(id.data() + dot + 1, end, line).ptr == end &&
         std::to_string(statement) + "." + std::to_string(line) == id;
}

v1::CashRequest CashRequestOf(const BankLineRow& line, const std::string& account) {
  v1::CashRequest request;
  request.set_account(account);
  request.set_amount_fen(line.amount > Money() ? line.amount.value() : -line.amount.value());
  request.set_bank_reference(line.reference);
  return request;
}

void ClearProposal(BankLineRow& line) {
  line.proposed = v1::BankLine::ACTION_UNSPECIFIED;
  line.proposed_account = 0;
  line.counterpart.clear();
}

}  // namespace

std::string BankLineRow::Name() const { return MakeName("bankLines", std::to_string(statement) + "." + std::to_string(line)); }

// ---- Meeting ----

bool BankStatements::Agree(const BankLineRow& line, const BankLineRow& movement) const {
  return line.amount == movement.amount && (line.participant.empty() || line.participant == movement.participant);
}

// `movement` is of no table, or was taken out of it.
void BankStatements::Meet(CommandContext& context, const BankLineRow& line, const BankLineRow& movement) {
  BankLineRow& met = lines_.Edit(line);
  met.state = v1::BankLine::MATCHED;
  met.account = movement.account;
  met.transaction = movement.line;
  met.recorded_reference = movement.reference;
  ClearProposal(met);
  Index(met);
  CountOpen(met, -1);
  Changed(context, met);
}

// A line whose statement has just been finished.
void BankStatements::MatchFinished(CommandContext& context, BankLineRow& line) {
  const auto recorded = recorded_.find(line.reference);
  const BankLineRow* movement = recorded == recorded_.end() ? nullptr : lines_.Find({0, recorded->second});
  if (movement != nullptr && movement->state == v1::BankLine::UNSEEN && Agree(line, *movement)) {
    const BankLineRow taken = *movement;
    unseen_.erase({taken.value_date, taken.line});
    lines_.Erase(*movement);
    return Meet(context, line, taken);
  }
  const auto credit = line.return_of.empty() ? by_reference_.end() : by_reference_.find(line.return_of);
  if (credit != by_reference_.end() && Return(context, line, *lines_.Find(credit->second))) return;
  Changed(context, line);
}

// The debit that takes a credit back. False: it is not.
bool BankStatements::Return(CommandContext& context, BankLineRow& debit, const BankLineRow& credit) {
  if (credit.state != v1::BankLine::TO_RETURN || debit.amount != -credit.amount) return false;
  BankLineRow& returned = lines_.Edit(credit);
  for (BankLineRow* row : {&returned, &debit}) {
    row->state = v1::BankLine::RETURNED;
    ClearProposal(*row);
    CountOpen(*row, -1);
    Changed(context, *row);
  }
  return true;
}

void BankStatements::Reenter(CommandContext& context, const BankLineRow& reversed, BankLineRow movement) {
  const BankLineRow* reversal = lines_.Find({0, reversed.transaction});
  const bool same = reversal != nullptr && reversal->state == v1::BankLine::UNSEEN && reversed.amount == movement.amount;
  if (same) {
    unseen_.erase({reversal->value_date, reversal->line});
    recorded_.erase(reversal->reference);
    by_transaction_.erase(reversal->line);
    lines_.Erase(*reversal);
    movement.state = v1::BankLine::IN_OPENING;
    reversed_.erase(movement.reference);
    by_transaction_.erase(reversed.line);
    lines_.Erase(reversed);
  }
  const BankLineRow& row = lines_.Insert(std::move(movement));
  Index(row);
  Changed(context, row);
}

void BankStatements::Unmatch(CommandContext& context, const BankLineRow& row, uint64_t reversed_by) {
  const BankLineRow before = row;
  const uint64_t sequence = row.statement == 0 ? row.line : row.transaction;
  by_transaction_.erase(sequence);
  if (before.state == v1::BankLine::IN_OPENING) {
    // The bank still has, or had, what the ledger takes back: the reversal is a movement that no statement shows.
    BankLineRow& opening = lines_.Edit(row);
    opening.transaction = reversed_by;
    recorded_.erase(opening.reference);
    Index(opening);
    BankLineRow reversal;
    reversal.line = reversed_by;
    reversal.state = v1::BankLine::UNSEEN;
    reversal.reference = "reversal of " + MakeName("transactions", sequence);
    reversal.value_date = context.today;
    reversal.amount = -before.amount;
    reversal.participant = before.participant;
    reversal.account = before.account;
    const BankLineRow& inserted = lines_.Insert(std::move(reversal));
    Index(inserted);
    Changed(context, inserted);
    return Review(context);
  }
  recorded_.erase(before.statement == 0 ? before.reference : before.recorded_reference);
  if (before.statement == 0) {
    unseen_.erase({before.value_date, before.line});
    lines_.Erase(row);
  } else {
    BankLineRow& line = lines_.Edit(row);
    line.state = v1::BankLine::OPEN;
    line.transaction = 0;
    line.account = 0;
    line.recorded_reference.clear();
    CountOpen(line, 1);
    Changed(context, line);
    Reopen(context, line.statement);
  }
  Review(context);
}

// ---- Two persons ----

absl::StatusOr<const BankLineRow*> BankStatements::FindNamedLine(std::string_view field, const std::string& name) const {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ParseName(field, "bankLines", name));
  LineKey key{};
  if (!ParseLineId(id, &key)) return InvalidField(field, name, "bankLines/{statement}.{line}");
  const BankLineRow* row = lines_.Find(key);
  if (row == nullptr) return NotFound(field, name);
  return row;
}

absl::StatusOr<const BankLineRow*> BankStatements::FindOpenLine(const std::string& name, bool proposed) const {
  SONGHUA_ASSIGN_OR_RETURN(const BankLineRow* line, FindNamedLine("name", name));
  if (line->state != v1::BankLine::OPEN) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "WRONG_STATE").Rule("INV-04").Field("name")
        .Value(name + " is " + v1::BankLine::State_Name(line->state)).Accepted("a line that is OPEN");
  }
  if (!proposed && line->proposed != v1::BankLine::ACTION_UNSPECIFIED) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LINE_UNDER_PROPOSAL").Rule("GEN-14").Field("name").Value(name).Accepted(
        "approving or refusing what " + MakeName("people", line->proposed_by) + " proposed");
  }
  if (proposed && line->proposed == v1::BankLine::ACTION_UNSPECIFIED) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NOTHING_PROPOSED").Rule("GEN-14").Field("name").Value(name).Accepted(
        "a line for which something was proposed");
  }
  return line;
}

absl::StatusOr<const BankLineRow*> BankStatements::FindCounterpart(const BankLineRow& line, const std::string& name) const {
  const bool movement = name.starts_with("transactions/");
  const BankLineRow* row = nullptr;
  if (movement) {
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t sequence, ParseNumberedName("counterpart", "transactions", name));
    row = lines_.Find({0, sequence});
    if (row == nullptr || row->state != v1::BankLine::UNSEEN) return NotFound("counterpart", name).Accepted("a movement that no statement shows");
  } else {
    SONGHUA_ASSIGN_OR_RETURN(row, FindNamedLine("counterpart", name));
    if (row->state != v1::BankLine::TO_RETURN) return InvalidField("counterpart", name, "a credit that is TO_RETURN").Rule("INV-04");
  }
  const Money amount = movement ? row->amount : -row->amount;
  const bool whose = !movement || line.participant.empty() || row->participant.empty() || line.participant == row->participant;
  if (amount == line.amount && whose) return row;
  return Refuse(absl::StatusCode::kFailedPrecondition, "BANK_LINE_DIFFERS").Rule("INV-04").Field("counterpart").Value(name + " of " + Yuan(row->amount))
      .Accepted(Yuan(movement ? line.amount : -line.amount) + (whose ? "" : " of " + MakeName("participants", line.participant)));
}

absl::StatusOr<v1::BankLineAnswer> BankStatements::ProposeLine(CommandContext& context, const v1::ProposeLineRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const BankLineRow* line, FindOpenLine(request.name(), /*proposed=*/false));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  BankLineRow after = *line;
  const AccountRow* account = nullptr;
  if (request.action() == v1::BankLine::APPLY) {
    account = line->participant.empty() ? nullptr : ledger_->accounts().OfParticipant(line->participant, v1::CASH);
    if (!request.account().empty()) {
      SONGHUA_ASSIGN_OR_RETURN(account, ledger_->accounts().Resolve("account", request.account()));
    }
    if (account == nullptr) return InvalidField("account", request.account(), "a participant's cash account; the line does not tell whose it is").Rule("INV-04");
    CommandContext check = context;
    check.validate_only = true;
    SONGHUA_RETURN_IF_ERROR(MoveCash(check, CashRequestOf(*line, AccountName(*account)), line->amount > Money(), /*for_proposal=*/true).status());
    after.proposed_account = account->number;
  } else if (request.action() == v1::BankLine::ASSIGN) {
    SONGHUA_RETURN_IF_ERROR(FindCounterpart(*line, request.counterpart()).status());
    after.counterpart = request.counterpart();
  } else if (request.action() != v1::BankLine::RETURN || line->amount < Money()) {
    return InvalidField("action", std::to_string(request.action()), line->amount < Money() ? "APPLY or ASSIGN: a debit cannot be returned" : "APPLY, ASSIGN or RETURN")
        .Rule("INV-04");
  }
  after.proposed = request.action();
  after.reason = request.reason();
  after.proposed_by = context.person;
  after.decided_by.clear();
  v1::BankLineAnswer answer;
  *answer.mutable_line() = ToProto(after, account == nullptr ? "" : AccountName(*account));
  if (context.validate_only) return answer;
  Changed(context, lines_.Edit(*line) = std::move(after));
  return answer;
}

absl::StatusOr<v1::BankLineAnswer> BankStatements::ApproveLine(CommandContext& context, const v1::BankLineActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const BankLineRow* line, FindOpenLine(request.name(), /*proposed=*/true));
  if (line->proposed_by == context.person) {
    return Refuse(absl::StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES").Rule("GEN-14").Field("name").Value(MakeName("people", context.person)).Accepted(
        "another person than the one who proposed it");
  }
  const BankLineRow proposal = *line;
  const BankLineRow* counterpart = nullptr;
  if (proposal.proposed == v1::BankLine::ASSIGN) {
    SONGHUA_ASSIGN_OR_RETURN(counterpart, FindCounterpart(proposal, proposal.counterpart));
  }
  v1::BankLineAnswer answer;
  if (proposal.proposed == v1::BankLine::APPLY) {
    const v1::CashRequest cash = CashRequestOf(proposal, AccountName(*ledger_->accounts().Find(proposal.proposed_account)));
    SONGHUA_RETURN_IF_ERROR(MoveCash(context, cash, proposal.amount > Money(), /*for_proposal=*/true).status());
  }
  if (context.validate_only) {
    *answer.mutable_line() = ToProto(proposal, "");
    return answer;
  }
  BankLineRow& decided = lines_.Edit(*line);
  decided.decided_by = context.person;
  if (proposal.proposed == v1::BankLine::RETURN) {
    decided.state = v1::BankLine::TO_RETURN;
    ClearProposal(decided);
    Changed(context, decided);
  } else if (counterpart != nullptr && counterpart->statement == 0) {
    const BankLineRow taken = *counterpart;
    unseen_.erase({taken.value_date, taken.line});
    lines_.Erase(*counterpart);
    Meet(context, decided, taken);
  } else if (counterpart != nullptr) {
    SONGHUA_CHECK(Return(context, decided, *counterpart));
  }
  Review(context);
  *answer.mutable_line() = ToProto(decided, decided.account == 0 ? "" : AccountName(*ledger_->accounts().Find(decided.account)));
  return answer;
}

absl::StatusOr<v1::BankLineAnswer> BankStatements::RefuseLine(CommandContext& context, const v1::BankLineActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const BankLineRow* line, FindOpenLine(request.name(), /*proposed=*/true));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  BankLineRow after = *line;
  ClearProposal(after);
  after.reason = request.reason();
  after.decided_by = context.person;
  v1::BankLineAnswer answer;
  *answer.mutable_line() = ToProto(after, "");
  if (context.validate_only) return answer;
  Changed(context, lines_.Edit(*line) = std::move(after));
  return answer;
}

// ---- Messages ----

v1::BankLine ToProto(const BankLineRow& row, const std::string& account) {
  v1::BankLine message;
  message.set_name(row.Name());
  message.set_state(row.state);
  v1::StatementLine* line = message.mutable_line();
  line->set_bank_reference(row.reference);
  line->set_value_date(FormatDate(row.value_date));
  line->set_amount_fen(row.amount.value());
  line->set_counterparty_name(row.counterparty_name);
  line->set_counterparty_account(row.counterparty_account);
  line->set_purpose(row.purpose);
  line->set_return_of(row.return_of);
  if (!row.participant.empty()) message.set_participant(MakeName("participants", row.participant));
  const uint64_t transaction = row.statement == 0 ? row.line : row.transaction;
  if (transaction != 0) message.set_transaction(MakeName("transactions", transaction));
  message.set_account(account);
  message.set_proposed(row.proposed);
  message.set_counterpart(row.counterpart);
  message.set_reason(row.reason);
  if (!row.proposed_by.empty()) message.set_proposed_by(MakeName("people", row.proposed_by));
  if (!row.decided_by.empty()) message.set_decided_by(MakeName("people", row.decided_by));
  return message;
}

std::string DescribeDifference(const BankLineRow& row) {
  SONGHUA_CHECK(row.open() || row.state == v1::BankLine::UNSEEN);
  const std::string what = Yuan(row.amount) + " of " + FormatDate(row.value_date) + " under " + row.reference;
  if (row.state == v1::BankLine::UNSEEN) return MakeName("transactions", row.line) + ": " + what + " is in the ledger and in no statement";
  if (row.state == v1::BankLine::TO_RETURN) return row.Name() + ": " + what + " waits to be returned to its payer";
  return row.Name() + ": " + what + " is at the bank and not in the ledger";
}

}  // namespace songhua::ledger
