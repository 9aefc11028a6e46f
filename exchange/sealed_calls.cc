// Call auctions whose end or ties are drawn from a seed: what the custodian's two commands do, and what becomes of an auction for which the second never comes.
//
//   CALL phase begins -> awaits the seal -> SealCall: collects -> latest end: shut -> RevealSeed: trades
//                                                                                  or the timer, reveal_seconds later: void
//
// With a random end, RevealSeed comes at the drawn instant, which only the custodian knows. Until it comes, orders are taken up to the latest end; of those that
// took their place from the drawn instant on none counts. What an owner cancelled meanwhile stays cancelled: it decides nothing that the seed decides.
#include <algorithm>

#include "exchange/call_book.h"
#include "exchange/exchange.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {

bool Exchange::CallIsShut(const ContractState& state, Timestamp now) {
  const CallRun& call = state.row->call;
  if (!call.sealed || state.call == nullptr) return false;
  if (!call.Runs()) return true;  // void, and its orders are being ended
  return state.row->halts == 0 && (call.stage == CallStage::kAwaitsSeal || now >= call.latest_end);
}

bool Exchange::CallHolds(const ContractState& state, const OrderRow& order, Timestamp now) {
  return CallIsShut(state, now) && state.call->Find(order.number).has_value();
}

std::vector<CollectedOrder> Exchange::CollectedOrders(const ContractState& state) {
  std::vector<CollectedOrder> orders;
  orders.reserve(state.call->size());
  for (const Side side : {Side::kBuy, Side::kSell}) {
    state.call->ForEachOrder(side, [&](const RestingOrder& order) { orders.push_back({order.id, side, order.price, order.open_quantity}); });
  }
  std::sort(orders.begin(), orders.end(), [](const CollectedOrder& a, const CollectedOrder& b) { return a.number < b.number; });
  return orders;
}

absl::Status Exchange::SealCall(CommandContext& context, ContractNumber contract, const Digest& seal) {
  ContractState* state = State(contract);
  if (state == nullptr || !state->row->InSession(context.today) || state->row->call.stage != CallStage::kAwaitsSeal) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_CALL_AWAITS").Rule("CAR-11").Field("contract").Value(static_cast<int64_t>(contract)).Accepted(
        "the number of a contract whose call auction awaits a seal");
  }
  SetCallStage(*state, CallStage::kCollects);
  CallRun& call = EditCall(*state);
  call.seal = seal;
  context.events->Emit(EventType::kCallSealed, contract, call.date, seal, call.end, call.latest_end);
  if (state->call == nullptr) StartCall(context, *state);
  ProlongReveal(*state, call.latest_end);
  RefreshSuspended(context, *state);  // orders could not meet while it awaited the seal
  return absl::OkStatus();
}

absl::Status Exchange::RevealSeed(CommandContext& context, ContractNumber contract, const Digest& seed) {
  ContractState* state = State(contract);
  if (state == nullptr || !in_custody_.contains(contract) || !state->row->InSession(context.today) || state->row->call.stage != CallStage::kCollects) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_CALL_AWAITS").Rule("CAR-11").Field("contract").Value(static_cast<int64_t>(contract)).Accepted(
        "the number of a contract whose call auction awaits its seed");
  }
  const ContractRow& row = *state->row;
  const std::string name = ledger::MakeName("contracts", row.code);
  if (row.halts > 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "MARKET_HALTED").Rule("CAR-27").Field("contract").Value(name).Accepted("a contract that no halt stops");
  }
  if (SealOf(seed) != row.call.seal) {
    return Refuse(absl::StatusCode::kInvalidArgument, "SEED_MISMATCH").Rule("CAR-11").Field("seed").Value(ToHex(SealOf(seed)) + ", its SHA-256")
        .Accepted("the seed of " + name + ", whose SHA-256 is " + ToHex(row.call.seal));
  }
  const Timestamp end = DrawEnd(seed, row.code, row.call.date, row.call.end, row.terms.call.random_end_s);
  if (context.time < end) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "REVEALED_TOO_EARLY").Rule("CAR-11").Field("seed").Value(FormatTimestamp(context.time))
        .Accepted("a time not before the end that it draws");
  }
  uint32_t late = 0;
  EndLateOrders(context, *state, end, &late);
  const Digest orders = DigestOfOrders(CollectedOrders(*state));
  context.events->Emit(EventType::kCallRevealed, contract, row.call.date, seed, orders, end, late);
  if (const auto extension = ExtensionDue(*state)) {
    ExtendCall(context, *state, *extension);
    return absl::OkStatus();
  }
  CallRun& call = EditCall(*state);
  call.seed = seed;
  call.orders = orders;
  call.end = end;
  Uncross(context, *state);
  GoOnAfterCall(context, *state);
  return absl::OkStatus();
}

// Those of the very instant are late, too: the end does not belong to the collecting (CAR-11).
void Exchange::EndLateOrders(CommandContext& context, ContractState& state, Timestamp end, uint32_t* ended) {
  for (const CollectedOrder& collected : CollectedOrders(state)) {
    OrderRow& order = *orders_.FindMutable(collected.number);
    if (order.queue_time < end) continue;
    EndResting(context, state, order, EndReason::kAfterCallEnd);
    ++*ended;
  }
}

void Exchange::GoOnAfterCall(CommandContext& context, ContractState& state) {
  RefreshSuspended(context, state);
  TriggerStops(context, state);
  context.events->Emit(EventType::kPhaseChanged, state.row->number, PhaseOf(state, context.time));
  market_alarm_->WakeForPhases(context.time);  // the session may be over
}

void Exchange::AbandonCall(CommandContext& context, ContractState& state) {
  const CallRun& call = state.row->call;
  if (!call.Runs()) return;
  const bool no_seal = call.stage == CallStage::kAwaitsSeal;
  SetCallStage(state, CallStage::kVoid);
  if (!call.sealed) return;
  const std::string_view reason = no_seal ? "NO_SEAL" : context.time >= call.void_time ? "NO_SEED" : "SESSION_CLOSED";
  contracts_.Edit(*state.row).call_void = {.date = call.date, .time = context.time, .reason = std::string(reason)};
  voided_calls_.push_back(state.row->number);
  context.events->Emit(EventType::kCallVoided, state.row->number, call.date, call.seal);
}

void Exchange::ProlongReveal(ContractState& state, Timestamp now) {
  const CallRun& call = state.row->call;
  if (!call.sealed || !call.Runs()) return;
  const Timestamp time(now.value() + state.row->terms.call.reveal_s * kMicrosPerSecond);
  if (time <= call.void_time) return;
  EditCall(state).void_time = time;
  market_alarm_->WakeForCalls(time);
}

bool Exchange::PassVoidCalls(CommandContext& context) {
  SONGHUA_CHECK(!context.validate_only);
  size_t left = kEndedOrdersPerCallMax;
  for (auto& state : states_) {
    const CallRun& call = state->row->call;
    if (!call.sealed || state->call == nullptr || !state->row->InSession(context.today)) continue;
    if (call.Runs() && call.void_time <= context.time && state->row->halts == 0) AbandonCall(context, *state);
    if (call.stage != CallStage::kVoid) continue;
    if (left == 0) return true;
    std::vector<CollectedOrder> orders = CollectedOrders(*state);
    if (orders.size() > left) orders.resize(left);
    for (const CollectedOrder& order : orders) EndResting(context, *state, *orders_.FindMutable(order.number), EndReason::kCallVoid);
    left -= orders.size();
    if (!state->call->empty()) return true;
    state->call.reset();
    contracts_.Edit(*state->row).collecting = false;
    GoOnAfterCall(context, *state);
  }
  return false;
}

}  // namespace songhua::exchange
