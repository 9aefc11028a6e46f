// Stop orders: their entry, their replacement while they wait, and what a trade that reaches their trigger makes of them.
//
// A stop order holds its units or money from the moment it is taken (CAR-21). A STOP order names no price; it may trade as far as the band, for which a buy
// order holds money. Triggered, it is an order like another that comes at that instant, behind all that rest: a STOP order takes what it can within the
// collar and the band, a STOP_LIMIT order what is within its limit, and rests.
//
// Those of a halted account wait among the suspended orders: no price triggers them. When they come back, the last price of that time decides.
#include <algorithm>
#include <utility>

#include "exchange/exchange.h"
#include "exchange/matching.h"

namespace songhua::exchange {

// Of an order that waits, the price within which it may trade when its time comes.
Price Exchange::StopBound(const ContractRow& contract, Side side) {
  return side == Side::kBuy ? contract.band_high : std::max({contract.band_low, contract.floor, contract.tick});
}

OrderRefusal Exchange::CheckTrigger(const ContractRow& contract, const OrderEntry& command) {
  if (!contract.terms.stop_orders) return OrderRefusal::kNoStopOrders;
  const Price trigger = command.trigger;
  if (trigger <= Price() || trigger.value() % contract.tick.value() != 0) return OrderRefusal::kBadTrigger;
  if (trigger < contract.band_low || trigger > contract.band_high) return OrderRefusal::kBadTrigger;
  const Price last = TriggerReference(contract);
  return last != Price() && IsTriggered(command.side, trigger, last) ? OrderRefusal::kBadTrigger : OrderRefusal::kNone;
}

// Before the first trade a trigger is held against the reference price. 0: nothing is known, and no order is triggered.
Price Exchange::TriggerReference(const ContractRow& contract) {
  return contract.last_price != Price() ? contract.last_price : contract.reference_price;
}

// How far the limit of a stop order may reach beyond its trigger: as far as that of another order beyond what the other side shows.
OrderRefusal Exchange::CheckStopCollar(const ContractRow& contract, Side side, Price trigger, Price price) {
  if (contract.terms.collar_bps == 0) return OrderRefusal::kNone;
  const BandLimits collar = BandAround(trigger, contract.terms.collar_bps, contract.tick);
  return (side == Side::kBuy ? price > collar.high : price < collar.low) ? OrderRefusal::kPriceOutsideCollar : OrderRefusal::kNone;
}

OrderOutcome Exchange::PlaceStop(CommandContext& context, const OrderEntry& command) {
  const auto refused = [](OrderRefusal refusal) { return OrderOutcome{.order = 0, .refusal = refusal, .filled = Quantity(), .open = Quantity()}; };
  ContractState* state = State(command.contract);
  if (state == nullptr) return refused(OrderRefusal::kUnknownContract);
  const ContractRow& contract = *state->row;
  const bool market = command.type == OrderType::kStop;
  OrderRefusal refusal = CheckMarket(*state, context);
  if (refusal == OrderRefusal::kNone) refusal = CheckTrigger(contract, command);
  if (refusal == OrderRefusal::kNone && market && command.price != Price()) refusal = OrderRefusal::kPriceGiven;
  if (refusal == OrderRefusal::kNone && market && contract.terms.band_bps == 0) refusal = OrderRefusal::kNoPriceBound;
  if (refusal != OrderRefusal::kNone) return refused(refusal);
  OrderEntry priced = command;
  if (market) priced.price = StopBound(contract, command.side);
  refusal = CheckTerms(contract, priced.price, priced.quantity);
  if (refusal == OrderRefusal::kNone && !market) refusal = CheckStopCollar(contract, command.side, command.trigger, command.price);
  if (refusal == OrderRefusal::kNone) refusal = CheckExtras(*state, priced, context.today);
  Money hold;
  if (refusal == OrderRefusal::kNone) refusal = CheckParty(context, *state, priced);
  if (refusal == OrderRefusal::kNone) refusal = PlanHold(contract, contract.terms, priced, context.today, &hold);
  if (refusal == OrderRefusal::kNone && state->stops.size() >= kStopOrdersPerContractMax) refusal = OrderRefusal::kBookFull;
  if (refusal != OrderRefusal::kNone || context.validate_only) return refused(refusal);

  OrderRow row;
  Matching::Write(priced, context, NextPlace(context), &row);
  row.trigger = command.trigger;
  row.market = market;
  OrderRow& order = orders_.Insert(std::move(row));
  Link(order);
  Rehold(context, order, order.open, hold);
  if (order.side == Side::kBuy) CountBuying(&context, *state, order.account, order.open);
  if (contract.terms.surveillance.in_force()) surveillance_.CountPlaced(contract, entries_[order.account].group, order.price, order.open);
  state->stops.Add(order);
  EmitEntered(context, order);
  return {.order = order.number, .refusal = OrderRefusal::kNone, .filled = Quantity(), .open = order.open};
}

void Exchange::ReplaceStop(CommandContext& context, ContractState& state, OrderRow& waiting, Price price, Quantity open, Money hold) {
  LeaveWaiting(state, waiting);
  OrderRow& order = orders_.Edit(waiting);
  if (price != order.price || open > order.open) {
    order.priority = NextPlace(context);
    order.queue_time = context.time;
  }
  if (state.row->terms.surveillance.in_force()) {
    const ledger::ParticipantNumber group = entries_[order.account].group;
    surveillance_.CountCancelled(*state.row, group, order.price, order.open);
    surveillance_.CountPlaced(*state.row, group, price, open);
  }
  Rehold(context, order, open, hold);
  order.price = price;
  order.open = open;
  state.stops.Add(order);
  EmitEntered(context, order);
}

void Exchange::TriggerStops(CommandContext& context, ContractState& state) {
  while (!state.stops.empty() && state.call == nullptr && CheckMarket(state, context) == OrderRefusal::kNone) {
    const Price last = TriggerReference(*state.row);
    const std::optional<OrderId> next = last == Price() ? std::nullopt : state.stops.FirstTriggered(last);
    if (!next.has_value()) return;
    Trigger(context, state, *orders_.FindMutable(*next));
  }
}

// What is refused now ends: it cannot wait for what has come.
void Exchange::Trigger(CommandContext& context, ContractState& state, OrderRow& order) {
  context.events->Emit(EventType::kOrderTriggered, order.number, order.account, order.contract, order.trigger);
  OrderEntry entry{.side = order.side, .type = OrderType::kMarket};
  if (order.market) {
    if (PriceByBook(state, &entry) != OrderRefusal::kNone) return EndResting(context, state, order, EndReason::kNotFillable);
  } else {
    entry.price = order.price;
  }
  if (entry.price < state.row->floor) return EndResting(context, state, order, EndReason::kBelowBasePrice);
  Money hold;
  if (order.side == Side::kBuy) SONGHUA_CHECK(HoldOf(*state.row, state.row->terms, entry.price, order.open, order.traded, order.fee_charged, &hold));
  planned_.clear();
  Matching matching(*this, context, state);
  matching.Return(order, entry.price, order.open, hold, NextPlace(context));
  const BookReject reject = matching.Add({.id = order.number,
                                          .side = order.side,
                                          .price = entry.price.value(),
                                          .quantity = order.open.value(),
                                          .time_in_force = entry.time_in_force,
                                          .post_only = order.post_only,
                                          .owner = entries_[order.account].group,
                                          .display = order.display.value()});
  if (reject == BookReject::kNone) {
    matching.Finish();
  } else {
    EndResting(context, state, order, reject == BookReject::kSelfTrade ? EndReason::kSelfTrade : EndReason::kNotFillable);
  }
}

}  // namespace songhua::exchange
