// Orders that are open and out of their book, with what they hold and their priority: those whose price is below a base price that came in session (DR-75), and
// those of an account that is halted (CAR-27), stop orders among them. They come back as soon as nothing keeps them out and orders may meet.
//
// That a price keeps an order out follows from the two prices. That a halt does is noted in its row: a halt may end while nothing may meet, in a break, over
// night, under a halt of the contract, and its orders wait on.
#include <set>
#include <utility>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/matching.h"

namespace songhua::exchange {

void Exchange::RefreshFloors(CommandContext& context) {
  SONGHUA_CHECK(!context.validate_only);
  for (auto& state : states_) RefreshSuspended(context, *state);
}

// What comes back may trade. So a floor that falls while nothing may meet, in a break or under a halt, is taken when orders meet again.
void Exchange::RefreshSuspended(CommandContext& context, ContractState& state) {
  if (!state.row->InSession(context.today)) return;
  const bool may_meet = CheckMarket(state, context) == OrderRefusal::kNone;
  const Price floor = state.row->terms.base_price_floor ? floors_->FloorOf(*state.row, context.today) : Price();
  if (floor > state.row->floor || (floor < state.row->floor && may_meet)) {
    contracts_.Edit(*state.row).floor = floor;
    std::vector<OrderId> below;
    for (const Side side : {Side::kBuy, Side::kSell}) {
      state.ForEachOrder(side, [&](const RestingOrder& order) {
        if (order.market ? orders_.Find(order.id)->IsBelow(floor) : order.price < floor.value()) below.push_back(order.id);
      });
    }
    for (const OrderId id : below) {
      OrderRow& order = *orders_.FindMutable(id);
      if (order.market) {
        EndResting(context, state, order, EndReason::kBelowBasePrice);  // the floor is above the band: no price will come for it
      } else {
        Suspend(context, state, order);
      }
    }
  }
  if (may_meet) ReturnSuspended(context, state);
}

void Exchange::Suspend(CommandContext& context, ContractState& state, const OrderRow& order) {
  if (order.trigger != Price()) {
    SONGHUA_CHECK(state.stops.Remove(order));
  } else {
    LeaveBook(context, state, order);
  }
  state.suspended.emplace(order.priority, order.number);
  EmitEntered(context, order);
}

void Exchange::SuspendOrdersOfAccount(CommandContext& context, ledger::AccountNumber account, std::optional<Side> side) {
  if (account >= entries_.size()) return;
  for (OrderRow* older = entries_[account].newest_order; older != nullptr;) {
    OrderRow& order = *std::exchange(older, older->older);
    if (order.off_book() || order.halted || (side.has_value() && order.side != *side)) continue;
    ContractState& state = *State(order.contract);
    if (order.market && order.trigger == Price()) {
      EndResting(context, state, order, EndReason::kMarketHalt);  // in a call auction, outside of which it cannot be
      continue;
    }
    orders_.Edit(order).halted = true;
    if (state.suspended.contains({order.priority, order.number})) {
      EmitEntered(context, order);  // below the base price
    } else {
      Suspend(context, state, order);
    }
  }
}

// In the order of their priority. Queues are put right before anybody trades with them.
void Exchange::ReturnSuspended(CommandContext& context, ContractState& state) {
  std::vector<OrderId> back;
  for (const auto& [priority, id] : state.suspended) {
    const OrderRow& order = *orders_.Find(id);
    if (order.halted ? !IsHalted(order) : order.price >= state.row->floor) back.push_back(id);
  }
  std::set<std::pair<Side, int64_t>> queues;  // to which some came back
  const auto sort_queues = [&] {
    for (const auto& [side, price] : queues) SortQueue(context, state, side, price);
    queues.clear();
  };
  for (const OrderId id : back) {
    const OrderRow& order = *orders_.Find(id);
    const std::pair queue(order.side, order.price.value());
    const bool buys = order.side == Side::kBuy;
    const std::optional<int64_t> best = state.book.BestPrice(buys ? Side::kSell : Side::kBuy);  // none while it collects
    if (best.has_value() && (buys ? *best <= queue.second : *best >= queue.second)) sort_queues();
    if (Return(context, state, id)) queues.insert(queue);
  }
  sort_queues();
  if (!back.empty()) TriggerStops(context, state);
}

// One that a base price keeps out, or that waits for its trigger, is suspended, or waits, on. Others keep their priority: who took a place at their price
// meanwhile will stand behind them. False: it came to no book.
bool Exchange::Return(CommandContext& context, ContractState& state, OrderId id) {
  OrderRow& order = orders_.Edit(*orders_.Find(id));
  if (order.trigger != Price() || order.price < state.row->floor) {
    LeaveWaiting(state, order);
    if (order.trigger != Price()) {
      state.stops.Add(order);
    } else {
      state.suspended.emplace(order.priority, order.number);
    }
    EmitEntered(context, order);
    return false;
  }
  planned_.clear();
  Matching matching(*this, context, state);
  matching.Return(order, order.price, order.open, order.held_cash, order.priority);
  const BookReject reject = matching.Add({.id = id,
                                          .side = order.side,
                                          .price = order.price.value(),
                                          .quantity = order.open.value(),
                                          .post_only = order.post_only,
                                          .owner = entries_[order.account].group,
                                          .display = order.display.value()});
  if (reject == BookReject::kNone) {
    matching.Finish();
    return true;
  }
  EndResting(context, state, order, order.halted ? EndReason::kMarketHalt : EndReason::kBelowBasePrice);
  return false;
}

}  // namespace songhua::exchange
