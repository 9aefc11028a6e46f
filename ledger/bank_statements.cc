// Statements of the settlement bank, and the movements that the ledger records. What becomes of lines that met nothing stands in bank_lines.cc.
#include "ledger/bank_statements.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::ledger {
namespace {

constexpr char kNumbersOfBankStatements[] = "bankStatements";

Refuse WrongState(const BankStatementRow& row, std::string_view accepted) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "WRONG_STATE")
      .Rule("INV-04")
      .Field("name")
      .Value(MakeName("bankStatements", row.number) + " is " + v1::BankStatement::State_Name(row.state))
      .Accepted(accepted);
}

v1::BankStatementAnswer Answer(const BankStatementRow& row) {
  v1::BankStatementAnswer answer;
  *answer.mutable_statement() = ToProto(row);
  return answer;
}

Refuse ReferenceUsed(std::string_view field, const std::string& reference, const std::string& by) {
  return Refuse(absl::StatusCode::kAlreadyExists, "BANK_REFERENCE_USED")
      .Rule("INV-04")
      .Field(field)
      .Value(reference)
      .Accepted("the reference of a movement that was not entered before; this one is that of " + by);
}

}  // namespace

BankStatements::BankStatements(TableSet* tables, Counters* counters, const Participants* participants, Ledger* ledger)
    : counters_(counters), participants_(participants), ledger_(ledger), statements_(tables), lines_(tables) {
  statements_.OnLoaded([this](BankStatementRow& row) { IndexStatement(row); });
  lines_.OnLoaded([this](BankLineRow& row) { Index(row); });
}

BankStatements::~BankStatements() = default;

void BankStatements::IndexStatement(const BankStatementRow& row) {
  if (row.state == v1::BankStatement::STAGING) {
    staging_ = row.number;
    return;
  }
  if (staging_ == row.number) staging_ = 0;
  if (!row.finished()) return;
  finished_.insert(row.number);
  last_ = std::max(last_, row.number);
  if (row.state == v1::BankStatement::FINISHED) {
    unreconciled_.insert(row.number);
  } else {
    unreconciled_.erase(row.number);
  }
}

void BankStatements::Index(const BankLineRow& row) {
  if (row.statement != 0) by_reference_[row.reference] = row.Key();
  if (row.statement == 0 && row.state == v1::BankLine::IN_OPENING && row.transaction != 0) {
    reversed_[row.reference] = row.line;  // and may be entered anew
  } else if (row.statement == 0) {
    recorded_[row.reference] = row.line;
    by_transaction_[row.line] = row.Key();
    if (row.state == v1::BankLine::UNSEEN) unseen_.insert({row.value_date, row.line});
  } else if (row.transaction != 0) {
    recorded_[row.recorded_reference] = row.transaction;
    by_transaction_[row.transaction] = row.Key();
  }
}

void BankStatements::Changed(CommandContext& context, const BankStatementRow& row) {
  IndexStatement(row);
  context.events->Emit(EventType::kBankStatementChanged, MakeName("bankStatements", row.number), row);
}

void BankStatements::Changed(CommandContext& context, const BankLineRow& row) { context.events->Emit(EventType::kBankStatementChanged, row.Name(), row); }

// ---- Money that comes in and goes out ----

absl::Status BankStatements::CheckReference(const v1::CashRequest& request, Money amount, bool for_proposal) const {
  const std::string& reference = request.bank_reference();
  if (const auto used = recorded_.find(reference); used != recorded_.end()) {
    return ReferenceUsed("bank_reference", reference, MakeName("transactions", used->second));
  }
  const auto known = by_reference_.find(reference);
  if (known == by_reference_.end()) return absl::OkStatus();
  const BankLineRow& line = *lines_.Find(known->second);
  if (line.state == v1::BankLine::STAGED) return absl::OkStatus();
  if (line.state != v1::BankLine::OPEN) return ReferenceUsed("bank_reference", reference, line.Name());
  const auto differs = [&](std::string_view field, const std::string& value, const std::string& accepted) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "BANK_LINE_DIFFERS").Rule("INV-04").Field(field).Value(value).Accepted(
        accepted + ", as " + line.Name() + " says");
  };
  if (line.amount != amount) {
    return differs("amount_fen", std::to_string(amount.value()) + " for the house's account", std::to_string(line.amount.value()));
  }
  const AccountRow& account = **ledger_->accounts().Resolve("account", request.account());
  if (!line.participant.empty() && line.participant != account.participant) {
    return differs("account", request.account(), "the cash account of " + MakeName("participants", line.participant));
  }
  if (line.proposed != v1::BankLine::ACTION_UNSPECIFIED && !for_proposal) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "LINE_UNDER_PROPOSAL").Rule("GEN-14").Field("bank_reference").Value(reference).Accepted(
        "approving or refusing what " + MakeName("people", line.proposed_by) + " proposed for " + line.Name());
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::TransactionAnswer> BankStatements::MoveCash(CommandContext& context, const v1::CashRequest& request, bool deposit, bool for_proposal) {
  CommandContext check = context;
  check.validate_only = true;
  const auto move = [&](CommandContext& in) { return deposit ? ledger_->DepositCash(in, request) : ledger_->WithdrawCash(in, request); };
  SONGHUA_RETURN_IF_ERROR(move(check).status());
  const Money amount(deposit ? request.amount_fen() : -request.amount_fen());
  SONGHUA_RETURN_IF_ERROR(CheckReference(request, amount, for_proposal));
  if (context.validate_only) return v1::TransactionAnswer();

  auto answer = move(context);
  SONGHUA_CHECK(answer.ok());
  const AccountRow& account = **ledger_->accounts().Resolve("account", request.account());
  BankLineRow movement;
  movement.line = context.sequence;
  movement.reference = request.bank_reference();
  movement.value_date = context.today;
  movement.amount = amount;
  movement.participant = account.participant;
  movement.account = account.number;
  Record(context, std::move(movement));
  return answer;
}

absl::StatusOr<v1::TransactionAnswer> BankStatements::DepositCash(CommandContext& context, const v1::CashRequest& request) {
  return MoveCash(context, request, /*deposit=*/true, /*for_proposal=*/false);
}

absl::StatusOr<v1::TransactionAnswer> BankStatements::WithdrawCash(CommandContext& context, const v1::CashRequest& request) {
  return MoveCash(context, request, /*deposit=*/false, /*for_proposal=*/false);
}

absl::StatusOr<v1::TransactionAnswer> BankStatements::ReverseTransaction(CommandContext& context, const v1::ReverseTransactionRequest& request) {
  auto answer = ledger_->ReverseTransaction(context, request);
  if (!answer.ok() || context.validate_only) return answer;
  const auto sequence = ParseNumberedName("transaction", "transactions", request.transaction());
  SONGHUA_CHECK(sequence.ok());
  const auto found = by_transaction_.find(*sequence);
  if (found != by_transaction_.end()) Unmatch(context, *lines_.Find(found->second), context.sequence);
  return answer;
}

void BankStatements::RecordImport(CommandContext& context, const std::string& reference, Money amount) {
  BankLineRow movement;
  movement.line = context.sequence;
  movement.reference = reference;
  movement.value_date = context.today;
  movement.amount = amount;
  Record(context, std::move(movement));
}

// REQUIRES: CheckReference.
void BankStatements::Record(CommandContext& context, BankLineRow movement) {
  movement.statement = 0;
  movement.state = v1::BankLine::UNSEEN;
  const auto known = by_reference_.find(movement.reference);
  const BankLineRow* line = known == by_reference_.end() ? nullptr : lines_.Find(known->second);
  if (line != nullptr && line->state == v1::BankLine::OPEN && Agree(*line, movement)) {
    Meet(context, *line, movement);
  } else if (const auto reversed = reversed_.find(movement.reference); reversed != reversed_.end()) {
    Reenter(context, *lines_.Find({0, reversed->second}), std::move(movement));
  } else {
    const BankLineRow& row = lines_.Insert(std::move(movement));
    Index(row);
    Changed(context, row);
  }
  Review(context);
}

// ---- Statements ----

absl::StatusOr<const BankStatementRow*> BankStatements::FindStaging(const std::string& name) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ParseNumberedName("name", "bankStatements", name));
  const BankStatementRow* row = number > UINT32_MAX ? nullptr : statements_.Find(static_cast<uint32_t>(number));
  if (row == nullptr) return NotFound("name", name);
  if (row->state != v1::BankStatement::STAGING) return WrongState(*row, "a statement that is being staged");
  return row;
}

absl::StatusOr<Money> BankStatements::ExpectedOpening(Date day) const {
  if (last_ != 0) return statements_.Find(last_)->closing;
  __int128 sum = 0;
  for (const auto& [recorded_on, sequence] : unseen_) {
    if (recorded_on < day) sum += lines_.Find({0, sequence})->amount.value();
  }
  SONGHUA_ASSIGN_OR_RETURN(const int64_t fen, NarrowToInt64(sum));
  return Money(fen);
}

absl::StatusOr<v1::BankStatementAnswer> BankStatements::BeginStatement(CommandContext& context, const v1::BeginStatementRequest& request) {
  BankStatementRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.day, ParseDate(request.day(), "day"));
  if (row.day > context.today) return InvalidField("day", request.day(), "a day that has come: " + FormatDate(context.today) + " or before").Rule("INV-04");
  for (const auto& [field, fen] : {std::pair("opening_balance_fen", request.opening_balance_fen()), std::pair("closing_balance_fen", request.closing_balance_fen())}) {
    if (fen < 0 || fen > kBalanceMax) return InvalidField(field, std::to_string(fen), "0 to " + std::to_string(kBalanceMax)).Rule("GEN-06");
  }
  row.opening = Money(request.opening_balance_fen());
  row.closing = Money(request.closing_balance_fen());
  if (staging_ != 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "STATEMENT_OPEN").Rule("INV-04").Field("day").Value(request.day()).Accepted(
        "finishing or discarding " + MakeName("bankStatements", staging_) + " first");
  }
  if (last_ != 0 && row.day <= statements_.Find(last_)->day) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "STATEMENT_OUT_OF_ORDER").Rule("INV-04").Field("day").Value(request.day()).Accepted(
        "a day after " + FormatDate(statements_.Find(last_)->day) + ", that of " + MakeName("bankStatements", last_));
  }
  SONGHUA_ASSIGN_OR_RETURN(const Money opening, ExpectedOpening(row.day));
  if (row.opening != opening) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "OPENING_DIFFERS").Rule("INV-04").Field("opening_balance_fen").Value(row.opening.value()).Accepted(
        std::to_string(opening.value()) + (last_ != 0 ? ", the closing balance of " + MakeName("bankStatements", last_)
                                                      : ", what the ledger recorded before " + request.day()));
  }
  row.number = static_cast<uint32_t>(counters_->Peek(kNumbersOfBankStatements));
  row.begun_by = context.person;
  row.begin_time = context.time;
  if (context.validate_only) return Answer(row);
  counters_->Next(kNumbersOfBankStatements);
  const BankStatementRow& inserted = statements_.Insert(std::move(row));
  Changed(context, inserted);
  return Answer(inserted);
}

absl::StatusOr<std::string> BankStatements::ParticipantOf(const v1::StatementLine& line, const std::string& at) const {
  if (!line.participant().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(std::string id, ParseName(at + ".participant", "participants", line.participant()));
    if (participants_->FindParticipant(id) == nullptr) return NotFound(at + ".participant", line.participant());
    return id;
  }
  // What payers wrote may be wrong: then the line tells nothing, and stays for two persons to deal with.
  const AccountRow* account = ledger_->accounts().Find(line.sub_account());
  if (account != nullptr && account->kind == v1::CASH) return account->participant;
  const std::string& purpose = line.purpose();
  const auto of_code = [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z'); };
  for (size_t start = 0; start < purpose.size();) {
    size_t end = start;
    while (end < purpose.size() && of_code(purpose[end])) ++end;
    const std::string code = purpose.substr(start, end - start);
    if (code.size() == kUsccLength && participants_->FindParticipant(code) != nullptr) return code;
    start = std::max(end, start + 1);
  }
  return std::string();
}

absl::StatusOr<BankLineRow> BankStatements::ParseLine(const v1::StatementLine& line, const std::string& at, Date day) const {
  BankLineRow row;
  SONGHUA_RETURN_IF_ERROR(ValidateName(line.bank_reference(), kReferenceBytesMax, at + ".bank_reference"));
  row.reference = line.bank_reference();
  if (const auto known = by_reference_.find(row.reference); known != by_reference_.end()) {
    return ReferenceUsed(at + ".bank_reference", row.reference, lines_.Find(known->second)->Name());
  }
  row.value_date = day;
  if (!line.value_date().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(row.value_date, ParseDate(line.value_date(), at + ".value_date"));
  }
  if (line.amount_fen() == 0 || line.amount_fen() > kBalanceMax || line.amount_fen() < -kBalanceMax) {
    return InvalidField(at + ".amount_fen", std::to_string(line.amount_fen()), "an amount that is not 0, within " + std::to_string(kBalanceMax)).Rule("GEN-06");
  }
  row.amount = Money(line.amount_fen());
  const auto text = [&](const std::string& given, std::string_view field) -> absl::Status {
    return given.empty() ? absl::OkStatus() : ValidateName(given, kTextBytesMax, at + "." + std::string(field));
  };
  SONGHUA_RETURN_IF_ERROR(text(line.counterparty_name(), "counterparty_name"));
  SONGHUA_RETURN_IF_ERROR(text(line.counterparty_account(), "counterparty_account"));
  SONGHUA_RETURN_IF_ERROR(text(line.purpose(), "purpose"));
  SONGHUA_RETURN_IF_ERROR(text(line.return_of(), "return_of"));
  if (!line.return_of().empty() && line.amount_fen() > 0) {
    return InvalidField(at + ".return_of", line.return_of(), "nothing, or a debit, which gives a credit back").Rule("INV-04");
  }
  row.counterparty_name = line.counterparty_name();
  row.counterparty_account = line.counterparty_account();
  row.purpose = line.purpose();
  row.return_of = line.return_of();
  SONGHUA_ASSIGN_OR_RETURN(row.participant, ParticipantOf(line, at));
  return row;
}

absl::StatusOr<v1::BankStatementAnswer> BankStatements::AddStatementLines(CommandContext& context, const v1::AddStatementLinesRequest& request) {
  if (request.lines_size() < 1 || request.lines_size() > static_cast<int>(bounds::kChunkRowsMax)) {
    return InvalidField("lines", std::to_string(request.lines_size()) + " lines", "1 to " + std::to_string(bounds::kChunkRowsMax));
  }
  SONGHUA_ASSIGN_OR_RETURN(const BankStatementRow* statement, FindStaging(request.name()));
  if (request.first_line() != statement->lines + 1) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "CHUNK_OUT_OF_ORDER").Rule("GEN-15").Field("first_line")
        .Value(static_cast<int64_t>(request.first_line()))
        .Accepted(std::to_string(statement->lines + 1) + ", the line after those that have come");
  }
  if (statement->lines + static_cast<uint32_t>(request.lines_size()) > kLinesMax) {
    return OutOfRange("lines", std::to_string(statement->lines + request.lines_size()), "at most " + std::to_string(kLinesMax) + " lines in one statement");
  }
  BankStatementRow after = *statement;
  std::vector<BankLineRow> rows;
  std::set<std::string> references;  // of this chunk
  for (int i = 0; i < request.lines_size(); ++i) {
    const std::string at = "lines[" + std::to_string(i) + "]";
    SONGHUA_ASSIGN_OR_RETURN(BankLineRow row, ParseLine(request.lines(i), at, statement->day));
    if (!references.insert(row.reference).second) return ReferenceUsed(at + ".bank_reference", row.reference, "another of these lines");
    const auto sum = CheckedAdd(after.sum, row.amount);
    if (!sum.ok()) return OutOfRange(at + ".amount_fen", std::to_string(row.amount.value()), "lines whose sum fits in 64 bits");
    after.sum = *sum;
    row.statement = statement->number;
    row.line = ++after.lines;
    rows.push_back(std::move(row));
  }
  if (context.validate_only) return Answer(after);
  for (BankLineRow& row : rows) Index(lines_.Insert(std::move(row)));
  BankStatementRow& edited = statements_.Edit(*statement) = after;
  Changed(context, edited);
  return Answer(edited);
}

absl::StatusOr<v1::BankStatementAnswer> BankStatements::FinishStatement(CommandContext& context, const v1::BankStatementActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const BankStatementRow* statement, FindStaging(request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const Money opening, ExpectedOpening(statement->day));
  if (statement->opening != opening) {  // something before the first statement was reversed meanwhile
    return Refuse(absl::StatusCode::kFailedPrecondition, "OPENING_DIFFERS").Rule("INV-04").Field("opening_balance_fen").Value(statement->opening.value())
        .Accepted(std::to_string(opening.value()) + ", what the ledger recorded before " + FormatDate(statement->day));
  }
  const auto closing = CheckedAdd(statement->opening, statement->sum);
  if (!closing.ok() || *closing != statement->closing) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "STATEMENT_DOES_NOT_ADD_UP").Rule("INV-04").Field("closing_balance_fen")
        .Value(statement->closing.value())
        .Accepted((closing.ok() ? std::to_string(closing->value()) : std::string("lines that fit in 64 bits")) + ": the opening balance " +
                  std::to_string(statement->opening.value()) + " and " + std::to_string(statement->lines) + " lines of " +
                  std::to_string(statement->sum.value()));
  }
  if (context.validate_only) {
    BankStatementRow finished = *statement;
    finished.state = v1::BankStatement::FINISHED;
    return Answer(finished);
  }
  if (last_ == 0) {  // what came before is in the opening balance
    while (!unseen_.empty() && unseen_.begin()->first < statement->day) {
      BankLineRow& movement = lines_.Edit(*lines_.Find({0, unseen_.begin()->second}));
      movement.state = v1::BankLine::IN_OPENING;
      unseen_.erase(unseen_.begin());
    }
  }
  BankStatementRow& finished = statements_.Edit(*statement);
  finished.state = v1::BankStatement::FINISHED;
  finished.open_lines = finished.lines;
  IndexStatement(finished);
  for (uint32_t line = 1; line <= finished.lines; ++line) {
    BankLineRow& row = lines_.Edit(*lines_.Find({finished.number, line}));
    row.state = v1::BankLine::OPEN;
    MatchFinished(context, row);
  }
  Changed(context, finished);
  Review(context);
  return Answer(finished);
}

absl::StatusOr<v1::BankStatementAnswer> BankStatements::DiscardStatement(CommandContext& context, const v1::BankStatementActRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const BankStatementRow* statement, FindStaging(request.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kReasonBytesMax, "reason"));
  BankStatementRow after = *statement;
  after.state = v1::BankStatement::DISCARDED;
  after.discard_reason = request.reason();
  if (context.validate_only) return Answer(after);
  for (uint32_t line = 1; line <= statement->lines; ++line) {
    const BankLineRow& row = *lines_.Find({statement->number, line});
    by_reference_.erase(row.reference);
    lines_.Erase(row);
  }
  BankStatementRow& discarded = statements_.Edit(*statement) = std::move(after);
  Changed(context, discarded);
  return Answer(discarded);
}

// ---- What is reconciled ----

void BankStatements::CountOpen(const BankLineRow& line, int change) {
  BankStatementRow& statement = statements_.Edit(*statements_.Find(line.statement));
  SONGHUA_CHECK(change > 0 || statement.open_lines > 0);
  statement.open_lines += static_cast<uint32_t>(change);
}

void BankStatements::Review(CommandContext& context) {
  while (!unreconciled_.empty()) {
    const BankStatementRow& row = *statements_.Find(*unreconciled_.begin());
    if (row.open_lines > 0 || (!unseen_.empty() && unseen_.begin()->first <= row.day)) return;
    BankStatementRow& reconciled = statements_.Edit(row);
    reconciled.state = v1::BankStatement::RECONCILED;
    Changed(context, reconciled);  // takes it out of unreconciled_
  }
}

// A closing balance is explained by every statement up to it, so those that follow are open again too.
void BankStatements::Reopen(CommandContext& context, uint32_t statement) {
  for (auto it = finished_.lower_bound(statement); it != finished_.end(); ++it) {
    const BankStatementRow& row = *statements_.Find(*it);
    if (row.state != v1::BankStatement::RECONCILED) continue;
    BankStatementRow& reopened = statements_.Edit(row);
    reopened.state = v1::BankStatement::FINISHED;
    Changed(context, reopened);
  }
}

v1::BankStatement ToProto(const BankStatementRow& row) {
  v1::BankStatement message;
  message.set_name(MakeName("bankStatements", row.number));
  message.set_state(row.state);
  message.set_day(FormatDate(row.day));
  message.set_opening_balance_fen(row.opening.value());
  message.set_closing_balance_fen(row.closing.value());
  message.set_lines(row.lines);
  message.set_sum_fen(row.sum.value());
  message.set_open_lines(row.open_lines);
  message.set_begun_by(MakeName("people", row.begun_by));
  *message.mutable_begin_time() = ToProto(row.begin_time);
  message.set_discard_reason(row.discard_reason);
  return message;
}

}  // namespace songhua::ledger
