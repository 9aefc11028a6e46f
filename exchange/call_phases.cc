// The call auction inside the exchange: its book while orders are collected, and what its one price turns into.
//
// A contract collects from the start of a CALL phase to the uncrossing, which the engine's timer does at the phase's end; under a halt it waits until
// trading is resumed (CAR-27), or for the close, which cancels what is left. With a seed it collects from the seal to the reveal (sealed_calls.cc).
//
// Where its market orders would not all find somebody, or its price would lie too far from the reference, a call is extended instead of ending: for either
// reason once, in this order, by the rulebook. A market order waits for nothing once the auction has traded: what is left of it ends.
#include <optional>
#include <vector>

#include "exchange/call_book.h"
#include "exchange/exchange.h"
#include "exchange/matching.h"

namespace songhua::exchange {

// Fills of an uncrossing, turned into trades and rows: both orders rested, each at its own limit.
class Exchange::Uncrossing final : public QuietSink {
 public:
  Uncrossing(Exchange& exchange, CommandContext& context, ContractState& state) : exchange_(exchange), context_(context), state_(state) {}

  void OnFill(const Fill& fill) override {
    OrderRow& seller = exchange_.orders_.Edit(*exchange_.orders_.Find(fill.maker_id));
    OrderRow& buyer = exchange_.orders_.Edit(*exchange_.orders_.Find(fill.taker_id));
    Leave(seller, fill.quantity, fill.maker_open);
    Leave(buyer, fill.quantity, fill.taker_open);
    exchange_.Agree(context_, state_, buyer, seller, Price(fill.price), Quantity(fill.quantity));
    for (OrderRow* order : {&seller, &buyer}) {
      EmitPost(context_, *state_.row, *order, order->open);
      if (order->open > Quantity()) continue;
      exchange_.End(context_, *order, EndReason::kNone);
      exchange_.Remove(*order);
    }
  }

 private:
  void Leave(const OrderRow& order, int64_t quantity, int64_t open) {
    context_.events->Emit(EventType::kBookChanged, order.contract, order.side, order.book_price(), Quantity(-quantity), open == 0 ? int32_t{-1} : int32_t{0});
  }

  Exchange& exchange_;
  CommandContext& context_;
  ContractState& state_;
};

std::unique_ptr<CallBook> Exchange::NewCallBook(const ContractRow& row) {
  return std::make_unique<CallBook>(BookOptions{.tick = row.tick.value(), .band = LadderBand(row)});
}

void Exchange::StartCall(CommandContext& context, ContractState& state) {
  state.call = NewCallBook(*state.row);
  state.call->TakeFrom(state.book);
  ShowIcebergs(context, state);
  contracts_.Edit(*state.row).collecting = true;
}

CallRun& Exchange::EditCall(ContractState& state) {
  state.phase = PhaseNow();  // which depends on it
  return contracts_.Edit(*state.row).call;
}

void Exchange::SetCallStage(ContractState& state, CallStage stage) {
  CallRun& call = EditCall(state);
  call.stage = stage;
  if (call.sealed && call.Runs()) {
    in_custody_.insert(state.row->number);
  } else {
    in_custody_.erase(state.row->number);
  }
}

void Exchange::BeginCall(CommandContext& context, ContractState& state) {
  const CallTerms& terms = state.row->terms.call;
  SONGHUA_CHECK(!state.row->call.Runs());
  CallRun& call = EditCall(state);
  call = CallRun();
  call.sealed = terms.seed;
  call.date = context.today;
  call.end = state.row->terms.day.At(context.time).until;
  call.latest_end = Timestamp(call.end.value() + terms.random_end_s * kMicrosPerSecond);
  SetCallStage(state, terms.seed ? CallStage::kAwaitsSeal : CallStage::kCollects);
  if (!terms.seed) StartCall(context, state);
}

void Exchange::EndCall(CommandContext& context, ContractState& state) {
  if (state.row->call.sealed) return;  // nobody knows yet when it ended, and who goes first
  if (const auto extension = ExtensionDue(state)) {
    ExtendCall(context, state, *extension);
  } else {
    Uncross(context, state);
  }
}

std::optional<Exchange::CallExtension> Exchange::ExtensionDue(const ContractState& state) {
  const ContractRow& row = *state.row;
  const CallTerms& terms = row.terms.call;
  const std::optional<int64_t> reference = CallReferenceOf(row);
  const auto clearing = terms.extends() ? state.call->Indicative(reference) : std::nullopt;
  const Price price(clearing.has_value() ? clearing->price : 0);
  if (terms.market_extension_s > 0 && !row.call.extended_for_market && state.call->LeavesMarketOrders(reference)) {
    return CallExtension{.for_market_orders = true, .price = price};
  }
  const bool monitored = terms.extension_s > 0 && !row.call.extended && clearing.has_value();
  if (!monitored || !LiesBeyond(price.value(), row.reference_price.value(), terms.monitoring_bps)) return std::nullopt;
  return CallExtension{.for_market_orders = false, .price = price};
}

// From now on, not from the end: who is to answer the price, or the market orders, needs the time.
void Exchange::ExtendCall(CommandContext& context, ContractState& state, const CallExtension& extension) {
  const CallTerms& terms = state.row->terms.call;
  CallRun& call = EditCall(state);
  (extension.for_market_orders ? call.extended_for_market : call.extended) = true;
  const int32_t seconds = extension.for_market_orders ? terms.market_extension_s : terms.extension_s;
  call.end = call.extended_until = Timestamp(context.time.value() + seconds * kMicrosPerSecond);
  call.latest_end = Timestamp(call.end.value() + terms.random_end_s * kMicrosPerSecond);
  context.events->Emit(EventType::kCallExtended, state.row->number, call.date, extension.price, call.extended_until, extension.for_market_orders);
  if (call.sealed) {
    call.seal = Digest{};
    SetCallStage(state, CallStage::kAwaitsSeal);
    ProlongReveal(state, call.latest_end);
  }
  market_alarm_->WakeForPhases(call.latest_end);
}

void Exchange::Uncross(CommandContext& context, ContractState& state) {
  Uncrossing uncrossing(*this, context, state);
  const CallRun& call = state.row->call;
  const std::optional<int64_t> reference = CallReferenceOf(*state.row);
  const auto by_lot = [&call](const CallOrder& order) { return LotOf(call.seed, call.orders, order.id); };
  const auto clearing = state.row->terms.call.by_lot ? state.call->Uncross(reference, uncrossing, by_lot) : state.call->Uncross(reference, uncrossing);
  if (clearing.has_value()) {
    const auto quantity = static_cast<int64_t>(clearing->volume);  // volumes of orders that were accepted fit (CheckTerms)
    context.events->Emit(EventType::kUncrossed, state.row->number, Price(clearing->price), Quantity(quantity));
  }
  EndMarketOrders(context, state);
  state.call->MoveTo(state.book);
  state.call.reset();
  contracts_.Edit(*state.row).collecting = false;
  SetCallStage(state, CallStage::kEnded);
  ShowIcebergs(context, state);
}

void Exchange::EndMarketOrders(CommandContext& context, ContractState& state) {
  std::vector<OrderId> left;
  for (const Side side : {Side::kBuy, Side::kSell}) {
    if (state.call->MarketQuantity(side) == 0) continue;
    state.ForEachOrder(side, [&](const RestingOrder& order) {
      if (order.market) left.push_back(order.id);
    });
  }
  for (const OrderId id : left) EndResting(context, state, *orders_.FindMutable(id), EndReason::kRestOfIoc);
}

// In a call they are shown whole and trade whole (call_book.h).
void Exchange::ShowIcebergs(CommandContext& context, ContractState& state) {
  for (const Side side : {Side::kBuy, Side::kSell}) {
    state.ForEachOrder(side, [&](const RestingOrder& resting) {
      if (resting.display == 0) return;
      OrderRow& order = orders_.Edit(*orders_.Find(resting.id));
      const Quantity comes = order.hidden - Quantity(resting.hidden);
      order.hidden = Quantity(resting.hidden);
      if (comes != Quantity()) context.events->Emit(EventType::kBookChanged, order.contract, order.side, order.price, comes, int32_t{0});
    });
  }
}

}  // namespace songhua::exchange
