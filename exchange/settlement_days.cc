// The settlement day: a contract's trades of a day from the exchange's sending to the statements, objections to them, and the reconciliation that decides whether
// the instrument opens again (CAR-30, CAR-31, CAR-32, CAR-37). What could not be delivered is in delivery_defaults.cc.
#include "exchange/exchange.h"
#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

using Batch = v1::SettlementBatch;

// Of one slice: trades that are cleared or delivered, and accounts that are added up.
constexpr size_t kTradesPerSliceMax = 250;
constexpr size_t kAccountsPerSliceMax = 1'000;
// A next trading day is looked for so many days ahead.
constexpr int32_t kOpeningDaysAhead = 366;
constexpr size_t kObjectionBytesMax = 1'000;
constexpr size_t kDecisionReasonBytesMax = 500;

Refuse Stands(std::string_view reason, std::string_view rule, std::string_view field, const std::string& name, std::string_view accepted) {
  return Refuse(absl::StatusCode::kFailedPrecondition, reason).Rule(rule).Field(field).Value(name).Accepted(accepted);
}

Refuse SamePerson(const std::string& name, std::string_view person) {
  return Refuse(absl::StatusCode::kPermissionDenied, "SEPARATION_OF_DUTIES").Rule("GEN-14").Field("name").Value(name).Accepted(
      "another person than " + ledger::MakeName("people", person) + ", who sent the batch");
}

int32_t FirstYear(const ContractRow& contract) { return contract.right ? Year(contract.term.first) : contract.vintage; }
int32_t LastYear(const ContractRow& contract) { return contract.right ? Year(contract.term.last) : contract.vintage; }

}  // namespace

// ---- Sending and confirming ----

// When the next trading day of a contract opens: at its first phase, or, where sessions are opened by hand, at its midnight.
Timestamp Exchange::NextOpening(const ContractRow& contract, Date date) const {
  for (int32_t ahead = 1; ahead < kOpeningDaysAhead; ++ahead) {
    const Date day = date + ahead;
    if (!calendars_->IsTradingDay(day)) continue;
    const RulebookTerms& terms = rulebooks_.InForce(contract.rulebook, day)->terms;
    if (terms.day.by_hand()) return StartOfDay(day);
    if (rulebooks_.IsMarketDay(terms, day)) return Timestamp(StartOfDay(day).value() + terms.day.phases().front().from_s * kMicrosPerSecond);
  }
  return StartOfDay(date + kOpeningDaysAhead);
}

// The last of a contract's waiting trades of the day: numbers grow with dates. REQUIRES: `first` waits and is of that day.
TradeNumber Exchange::LastWaitingOf(const ContractState& state, TradeNumber first, Date date) const {
  TradeNumber last = first;
  for (TradeNumber high = *state.waiting.rbegin(); last < high;) {
    const TradeNumber middle = last + (high - last + 1) / 2;
    const TradeNumber found = *state.waiting.lower_bound(middle);
    if (trades_.Find(found)->date > date) {
      high = middle - 1;
    } else {
      last = found;
    }
  }
  return last;
}

absl::StatusOr<SettlementBatchRow> Exchange::PlanBatch(const CommandContext& context, const ContractState& state, const std::string& name) const {
  const ContractRow& contract = *state.row;
  SettlementBatchRow row;
  // Of what waits, that which is in a batch comes first: batches are sent in the order of days.
  auto unsent = state.waiting.begin();
  while (unsent != state.waiting.end()) {
    const SettlementBatchRow* batch = batches_.OfTrade(*unsent);
    if (batch == nullptr) break;
    unsent = state.waiting.upper_bound(batch->last);
  }
  if (unsent == state.waiting.end() && contract.terms.settlement != v1::END_OF_DAY) {
    return Stands("NOT_END_OF_DAY", "CAR-30", "contract", name, "a contract whose rulebook settles END_OF_DAY, or with such trades that wait");
  }
  row.date = unsent == state.waiting.end() ? contract.session_date : trades_.Find(*unsent)->date;
  if (contract.InSession(context.today) && row.date == context.today) {
    return Stands("SESSION_OPEN", "CAR-30", "contract", name, "a contract whose session is closed");
  }
  if (row.date == Date()) return Stands("NOTHING_TRADED", "CAR-31", "contract", name, "a contract that had a session");
  if (const SettlementBatchRow* sent = batches_.OfDay(contract.number, row.date)) {
    return Stands("ALREADY_SENT", "CAR-31", "contract", name,
                  "a day that was not sent; " + FormatDate(row.date) + " is " + ledger::MakeName("settlementBatches", sent->number));
  }
  row.number = batches_.NextBatch();
  row.contract = contract.number;
  row.sent_by = context.person;
  row.send_time = context.time;
  row.object_until = NextOpening(contract, row.date);
  if (unsent != state.waiting.end()) {
    row.first = *unsent;
    row.last = LastWaitingOf(state, row.first, row.date);
  }
  row.next = row.first;
  return row;
}

absl::StatusOr<v1::SettlementBatchAnswer> Exchange::SendTrades(CommandContext& context, const v1::SendTradesRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ContractState* state, ResolveContract("contract", request.contract()));
  SONGHUA_ASSIGN_OR_RETURN(SettlementBatchRow row, PlanBatch(context, *state, request.contract()));
  v1::SettlementBatchAnswer answer;
  *answer.mutable_batch() = ToProto(row, request.contract());
  if (context.validate_only) return answer;
  batches_.Insert(context, std::move(row));
  market_alarm_->WakeForSettlements(context.time);
  return answer;
}

absl::StatusOr<const SettlementBatchRow*> Exchange::ResolveBatch(const std::string& name) const {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "settlementBatches", name));
  const SettlementBatchRow* row = number > UINT32_MAX ? nullptr : batches_.Find(static_cast<uint32_t>(number));
  if (row == nullptr) return NotFound("name", name);
  return row;
}

v1::SettlementBatchAnswer Exchange::AnswerFor(const SettlementBatchRow& row) const {
  v1::SettlementBatchAnswer answer;
  *answer.mutable_batch() = ToProto(row, ledger::MakeName("contracts", FindContract(row.contract)->code));
  return answer;
}

absl::StatusOr<v1::SettlementBatchAnswer> Exchange::ConfirmBatch(CommandContext& context, const v1::ConfirmBatchRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const SettlementBatchRow* found, ResolveBatch(request.name()));
  if (found->progress != Batch::CLEARED) {
    return Stands("ILLEGAL_TRANSITION", "CAR-31", "name", request.name(), "a CLEARED batch; this one is " + Batch::State_Name(found->progress));
  }
  if (found->sent_by == context.person) return SamePerson(request.name(), context.person);
  const auto differs = [](std::string_view field, int64_t given, int64_t cleared) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "RESULT_DIFFERS").Rule("CAR-31").Field(field).Value(given).Accepted(std::to_string(cleared) + ", as was cleared");
  };
  if (request.trades() != static_cast<int64_t>(found->trades)) return differs("trades", request.trades(), static_cast<int64_t>(found->trades));
  if (request.amount_fen() != found->amount.value()) return differs("amount_fen", request.amount_fen(), found->amount.value());
  SettlementBatchRow row = *found;
  row.progress = Batch::CONFIRMED;
  row.confirmed_by = context.person;
  row.confirm_time = context.time;
  row.next = row.first;
  const v1::SettlementBatchAnswer answer = AnswerFor(row);
  if (context.validate_only) return answer;
  batches_.Put(context, std::move(row));
  market_alarm_->WakeForSettlements(context.time);
  return answer;
}

// ---- Work in slices ----

bool Exchange::PassSettlements(CommandContext& context) {
  SONGHUA_CHECK(!context.validate_only);
  if (batches_.working().empty()) return false;
  const uint32_t number = *batches_.working().begin();
  switch (batches_.Find(number)->progress) {
    case Batch::RECEIVED: ClearSlice(context, number); break;
    case Batch::CONFIRMED: DeliverSlice(context, number); break;
    default: ReconcileSlice(context, number); break;
  }
  return !batches_.working().empty();
}

// Each trade stands for itself: its units are held of the seller, its money of the buyer, and nothing is set off (CAR-30).
void Exchange::ClearSlice(CommandContext& context, uint32_t number) {
  SettlementBatchRow row = *batches_.Find(number);
  const std::set<TradeNumber>& waiting = State(row.contract)->waiting;
  auto it = waiting.lower_bound(row.next);
  for (size_t cleared = 0; it != waiting.end() && *it <= row.last && cleared < kTradesPerSliceMax; ++it, ++cleared) {
    const TradeRow& trade = *trades_.Find(*it);
    Quantity held;
    for (const LotSlice& slice : trade.slices) {
      held += slice.quantity;
      SONGHUA_CHECK(ledger_->lots().Find(slice.lot)->Held(ledger::HoldKind::kTrade) >= slice.quantity);
    }
    SONGHUA_CHECK(held == trade.quantity);
    SONGHUA_CHECK(ledger_->accounts().FindCash(CashOf(trade.buyer))->held_trades >= trade.amount + trade.buyer_fee);
    ++row.trades;
    row.quantity += trade.quantity;
    row.amount += trade.amount;
    row.buyer_fees += trade.buyer_fee;
    row.seller_fees += trade.seller_fee;
    row.next = trade.number + 1;
  }
  if (it == waiting.end() || *it > row.last) row.progress = Batch::CLEARED;
  batches_.Put(context, std::move(row));
}

// Delivery versus payment, trade by trade, both legs in one command; what is disputed or in default stays behind.
void Exchange::DeliverSlice(CommandContext& context, uint32_t number) {
  TradeNumber next = batches_.Find(number)->next;
  const TradeNumber last = batches_.Find(number)->last;
  const std::set<TradeNumber>& waiting = State(batches_.Find(number)->contract)->waiting;
  auto it = waiting.lower_bound(next);
  for (size_t seen = 0; it != waiting.end() && *it <= last && seen < kTradesPerSliceMax; ++seen) {
    const TradeNumber trade = *it++;
    next = trade + 1;
    if (batches_.HasObjection(trade) || batches_.OpenDefault(trade) != nullptr) continue;
    SettleGross(context, *trades_.Find(trade));
  }
  SettlementBatchRow row = *batches_.Find(number);
  row.next = it == waiting.end() || *it > last ? last + 1 : next;
  if (row.next > last && row.delivered + row.ended == row.trades) {
    row.progress = Batch::DELIVERED;
    StartCheck(FirstYear(*FindContract(row.contract)), context.time, &row);
  }
  batches_.Put(context, std::move(row));
}

// The walk over the contract's instrument of that year, or the next one that it has; after the last the statements are sent.
void Exchange::StartCheck(int32_t year, Timestamp now, SettlementBatchRow* row) const {
  const ContractRow& contract = *FindContract(row->contract);
  for (; year <= LastYear(contract); ++year) {
    const ledger::InstrumentRow* instrument = ledger_->programs().FindInstrument(contract.instrument_class, year);
    if (instrument == nullptr) continue;
    row->check = InstrumentCheck{.instrument = instrument->id, .next = 1};
    return;
  }
  row->progress = Batch::STATEMENTS_SENT;
  row->end_time = now;
}

void Exchange::ReconcileSlice(CommandContext& context, uint32_t number) {
  SettlementBatchRow row = *batches_.Find(number);
  const bool more = AddAccounts(*ledger_, kAccountsPerSliceMax, &row.check, &row.difference);
  if (!more && row.difference.empty()) {
    StartCheck(ledger_->programs().FindInstrument(row.check.instrument)->year + 1, context.time, &row);
  }
  batches_.Put(context, std::move(row));
}

// A trade of a batch has ended, by its delivery or otherwise.
void Exchange::CountRetired(CommandContext& context, const TradeFields& trade) {
  if (trade.settlement != v1::END_OF_DAY) return;
  const SettlementBatchRow* batch = batches_.OfTrade(trade.number);
  if (batch == nullptr) return;
  if (const DeliveryDefaultRow* open = batches_.OpenDefault(trade.number)) {
    DeliveryDefaultRow ended = *open;
    ended.state = v1::DeliveryDefault::ENDED;
    ended.changed_by = context.person;
    ended.change_time = context.time;
    batches_.Put(context, std::move(ended));
  }
  SettlementBatchRow row = *batch;
  if (row.progress == Batch::RECEIVED && trade.number >= row.next) return;  // it was not counted yet
  ++(trade.state == v1::SETTLED ? row.delivered : row.ended);
  const bool idle = !batch->HasWork();
  const bool wake = idle && row.HasWork();
  batches_.Put(context, std::move(row));
  if (wake) market_alarm_->WakeForSettlements(context.time);
}

// What kept a trade back is gone: those that were left behind are looked at again.
void Exchange::GoOnWithBatch(CommandContext& context, uint32_t number) {
  SettlementBatchRow row = *batches_.Find(number);
  if (row.progress != Batch::CONFIRMED) return;
  row.next = row.first;
  batches_.Put(context, std::move(row));
  market_alarm_->WakeForSettlements(context.time);
}

// ---- Objections ----

absl::StatusOr<v1::SettlementObjectionAnswer> Exchange::FileObjection(CommandContext& context, const v1::FileObjectionRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("trade", "trades", request.trade()));
  TradeFields trade;
  if (const TradeRow* waiting = trades_.Find(number)) {
    trade = *waiting;
  } else {
    SONGHUA_ASSIGN_OR_RETURN(trade, FindFinal(context, "trade", request.trade(), number));
  }
  const ledger::Accounts& accounts = ledger_->accounts();
  if (accounts.Find(trade.seller)->participant != context.participant && accounts.Find(trade.buyer)->participant != context.participant) {
    return Refuse(absl::StatusCode::kPermissionDenied, "FOREIGN_TRADE").Rule("GEN-13").Field("trade").Value(request.trade()).Accepted("a trade of one's own");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.text(), kObjectionBytesMax, "text"));
  const SettlementBatchRow* batch = batches_.OfTrade(number);
  if (batch == nullptr || trade.settlement != v1::END_OF_DAY) {
    return Stands("NOT_SENT", "CAR-31", "trade", request.trade(), "a trade that the exchange has sent in a batch");
  }
  if (trade.state != v1::AGREED && trade.state != v1::SETTLED) {
    return Stands("ILLEGAL_TRANSITION", "CAR-32", "trade", request.trade(), "an AGREED or SETTLED trade; this one is " + v1::TradeState_Name(trade.state));
  }
  if (context.time >= batch->object_until) {
    return Stands("OBJECTION_LATE", "CAR-32", "trade", request.trade(),
                  "an objection before the next trading day opened, " + FormatTimestamp(batch->object_until) + ": the result is accepted");
  }
  if (batches_.HasObjectionOf(number, context.participant)) {
    return Stands("OBJECTION_OPEN", "CAR-32", "trade", request.trade(), "a trade to which one has not objected already");
  }
  SettlementObjectionRow row;
  row.number = batches_.NextObjection();
  row.batch = batch->number;
  row.trade = number;
  row.participant = context.participant;
  row.text = request.text();
  row.filed_by = context.person;
  row.file_time = context.time;
  v1::SettlementObjectionAnswer answer;
  *answer.mutable_objection() = ToProto(row);
  if (!context.validate_only) batches_.Insert(context, std::move(row));
  return answer;
}

absl::StatusOr<v1::SettlementObjectionAnswer> Exchange::DecideObjection(CommandContext& context, const v1::DecideObjectionRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "settlementObjections", request.name()));
  const SettlementObjectionRow* found = number > UINT32_MAX ? nullptr : batches_.FindObjection(static_cast<uint32_t>(number));
  if (found == nullptr) return NotFound("name", request.name());
  if (request.verdict() != v1::SettlementObjection::DISMISSED && request.verdict() != v1::SettlementObjection::UPHELD) {
    return InvalidField("verdict", v1::SettlementObjection::State_Name(request.verdict()), "DISMISSED or UPHELD").Rule("CAR-32");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reason(), kDecisionReasonBytesMax, "reason"));
  if (found->state != v1::SettlementObjection::FILED) {
    return Stands("ILLEGAL_TRANSITION", "CAR-32", "name", request.name(),
                  "an objection that is not decided; this one is " + v1::SettlementObjection::State_Name(found->state));
  }
  const SettlementBatchRow& batch = *batches_.Find(found->batch);
  if (batch.sent_by == context.person) return SamePerson(request.name(), context.person);
  SettlementObjectionRow row = *found;
  row.state = request.verdict();
  row.reason = request.reason();
  row.decided_by = context.person;
  row.decide_time = context.time;
  v1::SettlementObjectionAnswer answer;
  *answer.mutable_objection() = ToProto(row);
  if (context.validate_only) return answer;
  const TradeRow* waiting = trades_.Find(row.trade);
  batches_.Put(context, std::move(row));
  if (waiting != nullptr && request.verdict() == v1::SettlementObjection::UPHELD) Abandon(context, *waiting, v1::REJECTED, request.reason());
  GoOnWithBatch(context, batch.number);
  return answer;
}

// ---- Differences ----

absl::StatusOr<v1::SettlementBatchAnswer> Exchange::ResolveDifference(CommandContext& context, const v1::ResolveDifferenceRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const SettlementBatchRow* found, ResolveBatch(request.name()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.resolution(), kDecisionReasonBytesMax, "resolution"));
  if (!found->Blocks()) return Stands("ILLEGAL_TRANSITION", "CAR-37", "name", request.name(), "a batch with a difference that is not resolved");
  SettlementBatchRow row = *found;
  row.resolution = request.resolution();
  row.resolved_by = context.person;
  row.progress = Batch::STATEMENTS_SENT;
  row.end_time = context.time;
  const v1::SettlementBatchAnswer answer = AnswerFor(row);
  if (!context.validate_only) batches_.Put(context, std::move(row));
  return answer;
}

// For every opening, by hand or by phase.
absl::Status Exchange::CheckSettled(const ContractRow& contract, Date today, std::string_view name) const {
  if (const SettlementBatchRow* sent = batches_.OfDay(contract.number, today)) {
    return Stands("SETTLEMENT_SENT", "CAR-31", "contract", std::string(name),
                  "a day whose trades are not sent yet; today's are " + ledger::MakeName("settlementBatches", sent->number));
  }
  for (const uint32_t number : batches_.blocking()) {
    const SettlementBatchRow& batch = *batches_.Find(number);
    const ledger::InstrumentRow& instrument = *ledger_->programs().FindInstrument(batch.check.instrument);
    if (instrument.instrument_class != contract.instrument_class || instrument.year < FirstYear(contract) || instrument.year > LastYear(contract)) continue;
    return Stands("LEDGER_DIFFERS", "CAR-37", "contract", std::string(name),
                  "an instrument whose ledger comes out; " + ledger::MakeName("settlementBatches", number) + ": " + batch.difference);
  }
  return absl::OkStatus();
}

// Whatever was traded or sent, and however the contract settles: the accounts are added up as they are now. A difference that a batch found and somebody
// explained is known as long as it is the same.
absl::Status Exchange::CheckLedger(const ContractRow& contract, std::string_view name) const {
  for (const InstrumentDifference& found : FindDifferences(*ledger_, contract.instrument_class, FirstYear(contract), LastYear(contract))) {
    if (batches_.IsExplained(found.instrument, found.text)) continue;
    return Stands("LEDGER_DIFFERS", "CAR-37", "contract", std::string(name), "an instrument whose ledger comes out; now " + found.text);
  }
  return absl::OkStatus();
}

}  // namespace songhua::exchange
