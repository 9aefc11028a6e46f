#include "exchange/settlement_batches.h"

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/wire.h"

namespace songhua::exchange {
namespace {

constexpr char kBatches[] = "settlementBatches";
constexpr char kObjections[] = "settlementObjections";

void Tell(CommandContext& context, const SettlementBatchRow& row) {
  context.events->Emit(EventType::kSettlementBatchChanged, row.number, static_cast<uint8_t>(row.state()), row.contract, row.date, row.delivered);
}
void Tell(CommandContext& context, const SettlementObjectionRow& row) {
  context.events->Emit(EventType::kSettlementObjectionChanged, row.number, static_cast<uint8_t>(row.state), row.batch, row.trade);
}
void Tell(CommandContext& context, const DeliveryDefaultRow& row) {
  context.events->Emit(EventType::kDeliveryDefaultChanged, row.trade, static_cast<uint8_t>(row.state), row.batch);
}

template <class Set, class Value>
void Keep(Set& set, const Value& value, bool in) {
  if (in) {
    set.insert(value);
  } else {
    set.erase(value);
  }
}

}  // namespace

// ---- Rows ----

// What keeps a trade back is what the batch is: first that it cannot be delivered.
v1::SettlementBatch::State SettlementBatchRow::state() const {
  if (open_defaults > 0) return v1::SettlementBatch::DELIVERY_DEFAULT;
  if (open_objections > 0) return v1::SettlementBatch::DISPUTED;
  return progress;
}

bool SettlementBatchRow::HasWork() const {
  switch (progress) {
    case v1::SettlementBatch::RECEIVED: return true;
    case v1::SettlementBatch::CONFIRMED: return next <= last || delivered + ended == trades;
    case v1::SettlementBatch::DELIVERED: return check.next != 0;
    default: return false;
  }
}

v1::SettlementBatch ToProto(const SettlementBatchRow& row, const std::string& contract_name) {
  v1::SettlementBatch batch;
  batch.set_name(ledger::MakeName(kBatches, row.number));
  batch.set_contract(contract_name);
  batch.set_trade_date(FormatDate(row.date));
  batch.set_state(row.state());
  batch.set_progress(row.progress);
  batch.set_trades(static_cast<int64_t>(row.trades));
  batch.set_quantity(row.quantity.value());
  batch.set_amount_fen(row.amount.value());
  batch.set_buyer_fees_fen(row.buyer_fees.value());
  batch.set_seller_fees_fen(row.seller_fees.value());
  batch.set_delivered(static_cast<int64_t>(row.delivered));
  batch.set_ended(static_cast<int64_t>(row.ended));
  batch.set_open_objections(static_cast<int32_t>(row.open_objections));
  batch.set_open_defaults(static_cast<int32_t>(row.open_defaults));
  batch.set_sent_by(ledger::MakeName("people", row.sent_by));
  *batch.mutable_send_time() = ledger::ToProto(row.send_time);
  *batch.mutable_object_until() = ledger::ToProto(row.object_until);
  if (!row.confirmed_by.empty()) {
    batch.set_confirmed_by(ledger::MakeName("people", row.confirmed_by));
    *batch.mutable_confirm_time() = ledger::ToProto(row.confirm_time);
  }
  batch.set_difference(row.difference);
  if (!row.resolution.empty()) {
    batch.set_resolution(row.resolution);
    batch.set_resolved_by(ledger::MakeName("people", row.resolved_by));
  }
  if (row.end_time != Timestamp()) *batch.mutable_end_time() = ledger::ToProto(row.end_time);
  return batch;
}

v1::SettlementObjection ToProto(const SettlementObjectionRow& row) {
  v1::SettlementObjection objection;
  objection.set_name(ledger::MakeName(kObjections, row.number));
  objection.set_state(row.state);
  objection.set_batch(ledger::MakeName(kBatches, row.batch));
  objection.set_trade(ledger::MakeName("trades", row.trade));
  objection.set_participant(ledger::MakeName("participants", row.participant));
  objection.set_text(row.text);
  objection.set_filed_by(ledger::MakeName("people", row.filed_by));
  *objection.mutable_file_time() = ledger::ToProto(row.file_time);
  if (row.decided_by.empty()) return objection;
  objection.set_reason(row.reason);
  objection.set_decided_by(ledger::MakeName("people", row.decided_by));
  *objection.mutable_decide_time() = ledger::ToProto(row.decide_time);
  return objection;
}

v1::DeliveryDefault ToProto(const DeliveryDefaultRow& row) {
  v1::DeliveryDefault message;
  message.set_name(ledger::MakeName("deliveryDefaults", row.trade));
  message.set_state(row.state);
  message.set_batch(ledger::MakeName(kBatches, row.batch));
  message.set_trade(ledger::MakeName("trades", row.trade));
  message.set_party(row.party);
  message.set_participant(ledger::MakeName("participants", row.participant));
  message.set_reason(row.reason);
  message.set_top_up_by(FormatDate(row.top_up_by));
  message.set_declared_by(ledger::MakeName("people", row.declared_by));
  *message.mutable_declare_time() = ledger::ToProto(row.declare_time);
  message.set_advanced_fen(row.advanced.value());
  if (row.changed_by.empty()) return message;
  message.set_changed_by(ledger::MakeName("people", row.changed_by));
  *message.mutable_change_time() = ledger::ToProto(row.change_time);
  return message;
}

// ---- The rows of the state machine ----

SettlementBatches::SettlementBatches(TableSet* tables, const ledger::Accounts* accounts, ledger::Counters* counters)
    : accounts_(accounts), counters_(counters), batches_(tables), objections_(tables), defaults_(tables) {
  batches_.OnLoaded([this](SettlementBatchRow& row) { Index(row); });
  objections_.OnLoaded([this](SettlementObjectionRow& row) { Index(row); });
  defaults_.OnLoaded([this](DeliveryDefaultRow& row) { Index(row); });
}

SettlementBatches::~SettlementBatches() = default;

void SettlementBatches::Index(const SettlementBatchRow& row) {
  if (row.first <= row.last) by_first_trade_[row.first] = row.number;
  by_day_[{row.contract, row.date}] = row.number;
  Keep(working_, row.number, row.HasWork());
  Keep(blocking_, row.number, row.Blocks());
  Keep(checking_, row.number, row.check.next != 0);
}

void SettlementBatches::Index(const SettlementObjectionRow& row) {
  const auto [begin, end] = objected_.equal_range(row.trade);
  for (auto it = begin; it != end; ++it) {
    if (it->second != row.number) continue;
    if (row.state != v1::SettlementObjection::FILED) objected_.erase(it);
    return;
  }
  if (row.state == v1::SettlementObjection::FILED) objected_.emplace(row.trade, row.number);
}

void SettlementBatches::Index(const DeliveryDefaultRow& row) {
  Keep(declared_, row.trade, row.state == v1::DeliveryDefault::DECLARED);
  Keep(covered_, row.trade, row.state == v1::DeliveryDefault::COVERED);
}

const SettlementBatchRow* SettlementBatches::OfTrade(TradeNumber trade) const {
  auto after = by_first_trade_.upper_bound(trade);
  if (after == by_first_trade_.begin()) return nullptr;
  const SettlementBatchRow* row = batches_.Find(std::prev(after)->second);
  return trade <= row->last ? row : nullptr;
}

const SettlementBatchRow* SettlementBatches::OfDay(ContractNumber contract, Date date) const {
  const auto found = by_day_.find({contract, date});
  return found == by_day_.end() ? nullptr : batches_.Find(found->second);
}

bool SettlementBatches::Settles(ContractNumber contract) const {
  const auto first = by_day_.lower_bound({contract, Date()});
  return first != by_day_.end() && first->first.first == contract;
}

bool SettlementBatches::HasObjectionOf(TradeNumber trade, std::string_view participant) const {
  const auto [begin, end] = objected_.equal_range(trade);
  for (auto it = begin; it != end; ++it) {
    if (objections_.Find(it->second)->participant == participant) return true;
  }
  return false;
}

const DeliveryDefaultRow* SettlementBatches::OpenDefault(TradeNumber trade) const { return declared_.contains(trade) ? defaults_.Find(trade) : nullptr; }

bool SettlementBatches::IsExplained(ledger::InstrumentId instrument, std::string_view difference) const {
  for (uint32_t number = 1; const SettlementBatchRow* row = batches_.Find(number); ++number) {
    if (row->check.instrument == instrument && row->difference == difference && !row->resolution.empty()) return true;
  }
  return false;
}

uint32_t SettlementBatches::NextBatch() const { return static_cast<uint32_t>(counters_->Peek(kBatches)); }
uint32_t SettlementBatches::NextObjection() const { return static_cast<uint32_t>(counters_->Peek(kObjections)); }

const SettlementBatchRow& SettlementBatches::Insert(CommandContext& context, SettlementBatchRow row) {
  SONGHUA_CHECK(counters_->Next(kBatches) == row.number);
  const SettlementBatchRow& inserted = batches_.Insert(std::move(row));
  Index(inserted);
  Tell(context, inserted);
  return inserted;
}

void SettlementBatches::Insert(CommandContext& context, SettlementObjectionRow row) {
  SONGHUA_CHECK(counters_->Next(kObjections) == row.number);
  const SettlementObjectionRow& inserted = objections_.Insert(std::move(row));
  Index(inserted);
  Tell(context, inserted);
  CountOpen(context, inserted.batch, 1, 0);
}

void SettlementBatches::Insert(CommandContext& context, DeliveryDefaultRow row) {
  const DeliveryDefaultRow& inserted = defaults_.Insert(std::move(row));
  Index(inserted);
  Tell(context, inserted);
  CountOpen(context, inserted.batch, 0, 1);
}

void SettlementBatches::Put(CommandContext& context, SettlementBatchRow row) {
  SettlementBatchRow& edited = batches_.Edit(*batches_.Find(row.number));
  const bool tell = edited.state() != row.state();
  edited = std::move(row);
  Index(edited);
  if (tell) Tell(context, edited);
}

void SettlementBatches::Put(CommandContext& context, SettlementObjectionRow row) {
  SettlementObjectionRow& edited = objections_.Edit(*objections_.Find(row.number));
  const bool was_open = edited.state == v1::SettlementObjection::FILED;
  edited = std::move(row);
  Index(edited);
  Tell(context, edited);
  if (was_open && edited.state != v1::SettlementObjection::FILED) CountOpen(context, edited.batch, -1, 0);
}

void SettlementBatches::Put(CommandContext& context, DeliveryDefaultRow row) {
  DeliveryDefaultRow& edited = defaults_.Edit(*defaults_.Find(row.trade));
  const bool was_open = edited.state == v1::DeliveryDefault::DECLARED;
  edited = std::move(row);
  Index(edited);
  Tell(context, edited);
  if (was_open && edited.state != v1::DeliveryDefault::DECLARED) CountOpen(context, edited.batch, 0, -1);
}

void SettlementBatches::CountOpen(CommandContext& context, uint32_t batch, int objections, int defaults) {
  SettlementBatchRow row = *batches_.Find(batch);
  row.open_objections += static_cast<uint32_t>(objections);
  row.open_defaults += static_cast<uint32_t>(defaults);
  Put(context, std::move(row));
}

void SettlementBatches::OnUnitsPosted(ledger::InstrumentId instrument, ledger::AccountNumber from, ledger::AccountNumber to, Quantity quantity) {
  for (const uint32_t number : checking_) {
    const SettlementBatchRow& row = *batches_.Find(number);
    if (row.check.instrument == instrument) CountMoved(*accounts_, from, to, quantity, &batches_.Edit(row).check);
  }
}

void SettlementBatches::CheckInvariants() const {
  std::map<uint32_t, uint32_t> objections, defaults;
  for (const auto& [trade, number] : objected_) {
    const SettlementObjectionRow& row = *objections_.Find(number);
    SONGHUA_CHECK(row.trade == trade && row.state == v1::SettlementObjection::FILED && OfTrade(trade)->number == row.batch);
    ++objections[row.batch];
  }
  for (const TradeNumber trade : declared_) ++defaults[defaults_.Find(trade)->batch];
  for (uint32_t number = 1; const SettlementBatchRow* row = batches_.Find(number); ++number) {
    SONGHUA_CHECK(row->open_objections == objections[number] && row->open_defaults == defaults[number]);
    SONGHUA_CHECK(row->delivered == 0 || !row->confirmed_by.empty());
    SONGHUA_CHECK(row->difference.empty() || row->progress >= v1::SettlementBatch::DELIVERED);
    SONGHUA_CHECK(working_.contains(number) == row->HasWork() && blocking_.contains(number) == row->Blocks());
  }
}

}  // namespace songhua::exchange
