#include "exchange/matching.h"

#include <algorithm>

#include "ledger/pledges.h"

namespace songhua::exchange {
namespace {

class Silence final : public QuietSink {};

}  // namespace

// ---- What the book says ----

void Exchange::Matching::Write(const OrderEntry& command, const CommandContext& context, OrderPriority priority, OrderRow* row) {
  row->number = context.sequence;
  row->contract = command.contract;
  row->account = command.account;
  row->side = command.side;
  row->post_only = command.post_only;
  row->price = command.price;
  row->open = command.quantity;
  row->priority = priority;
  row->place_time = context.time;
  row->queue_time = context.time;
  if (command.side == Side::kSell) {
    row->named_lot = command.lot;
    row->more_named_lots = command.more_lots;
  }
  row->display = command.display;
  row->good_till = command.good_till;
  row->market = command.type == OrderType::kMarket;  // as PriceByBook leaves it for a call auction
}

void Exchange::Matching::Bring(const OrderEntry& command, bool post_only, Money hold) {
  Write(command, context_, exchange_.NextPlace(context_), &incoming_);
  incoming_.post_only = post_only;
  taker_ = &incoming_;
  hold_ = hold;
}

// An order becomes a row only when it rests; one that ends in its own command never does.
void Exchange::Matching::OnAccepted(const Accepted&) {
  if (returns_) {
    TakeBack();
    return;
  }
  const ContractRow& contract = *state_.row;
  if (contract.terms.surveillance.in_force()) {
    exchange_.surveillance_.CountPlaced(contract, exchange_.entries_[taker_->account].group, taker_->price, taker_->open);
  }
  if (taker_->side == Side::kBuy) {
    exchange_.ChangeHeldCash(*taker_, hold_);
    exchange_.CountBuying(&context_, state_, taker_->account, taker_->open);
  } else {
    exchange_.HoldPlanned(*taker_);
  }
}

// It was in no level, so none changes before it rests or fills.
void Exchange::Matching::TakeBack() {
  OrderRow& order = exchange_.orders_.Edit(*taker_);
  exchange_.LeaveWaiting(state_, order);
  order.trigger = Price();
  order.market = false;
  exchange_.Rehold(context_, order, open_, hold_);
  order.price = price_;
  order.open = open_;
  if (order.priority == priority_) return;
  order.priority = priority_;
  order.queue_time = context_.time;
}

void Exchange::Matching::OnRested(const Rested& event) {
  ChangeLevel(event.side, event.price, event.open_quantity - event.hidden, 1);
  if (!is_row_) {
    taker_ = &exchange_.orders_.Insert(std::move(incoming_));
    is_row_ = true;
    exchange_.Link(*taker_);
  }
  taker_->hidden = Quantity(event.hidden);
  EmitPost(context_, *state_.row, *taker_, taker_->open);
  EmitEntered(context_, *taker_);
}

void Exchange::Matching::OnReplaced(const Replaced& event) {
  OrderRow& order = exchange_.orders_.Edit(*taker_);
  const Quantity open(event.open_quantity);
  const Price price = order.market ? order.price : Price(event.price);
  const ContractRow& contract = *state_.row;
  if (contract.terms.surveillance.in_force()) {
    const ledger::ParticipantNumber group = exchange_.entries_[order.account].group;
    exchange_.surveillance_.CountCancelled(contract, group, order.price, order.open);
    exchange_.surveillance_.CountPlaced(contract, group, price, open);
  }
  if (event.kept_priority) {
    const int64_t shown = event.open_quantity - event.hidden - (order.open - order.hidden).value();
    if (shown != 0) ChangeLevel(order.side, event.price, shown, 0);
    order.hidden = Quantity(event.hidden);
  } else {
    ChangeLevel(order.side, order.book_price().value(), (order.hidden - order.open).value(), -1);
    EmitPost(context_, contract, order, Quantity());  // and comes back at the end of its new queue
    order.priority = exchange_.NextPlace(context_);
    order.queue_time = context_.time;
  }
  exchange_.Rehold(context_, order, open, hold_);
  order.price = price;
  order.open = open;
  if (event.kept_priority) EmitPost(context_, contract, order, open);
  EmitEntered(context_, order);
}

void Exchange::Matching::OnFill(const Fill& event) {
  OrderRow& maker = exchange_.orders_.Edit(*exchange_.orders_.Find(event.maker_id));
  const bool taker_buys = event.taker_side == Side::kBuy;
  ChangeLevel(maker.side, event.price, -event.quantity, event.maker_open == 0 ? -1 : 0);
  exchange_.Agree(context_, state_, taker_buys ? *taker_ : maker, taker_buys ? maker : *taker_, Price(event.price), Quantity(event.quantity));
  EmitPost(context_, *state_.row, maker, maker.open);
  if (event.maker_open > 0) return;
  exchange_.End(context_, maker, EndReason::kNone);
  exchange_.Remove(maker);
}

// It shows more, at the end of its queue.
void Exchange::Matching::OnReplenished(const Replenished& event) {
  OrderRow& maker = exchange_.orders_.Edit(*exchange_.orders_.Find(event.id));
  maker.hidden = Quantity(event.hidden);
  maker.priority = exchange_.NextPlace(context_);
  maker.queue_time = context_.time;
  ChangeLevel(event.side, event.price, event.shown, 0);
}

void Exchange::Matching::OnSelfTradePrevented(const SelfTradePrevented& event) {
  if (event.maker_lost > 0) {
    OrderRow& maker = exchange_.orders_.Edit(*exchange_.orders_.Find(event.maker_id));
    const int64_t shown = (maker.open - maker.hidden).value() - (event.maker_open - event.maker_hidden);
    ChangeLevel(maker.side, event.price, -shown, event.maker_open == 0 ? -1 : 0);
    if (event.maker_open > 0) {
      Shrink(maker, Quantity(event.maker_open));
      maker.hidden = Quantity(event.maker_hidden);
      EmitEntered(context_, maker);
    } else {
      exchange_.End(context_, maker, EndReason::kSelfTrade);
      exchange_.Remove(maker);
    }
  }
  if (event.taker_lost == 0) return;
  if (event.taker_open == 0) {
    end_reason_ = EndReason::kSelfTrade;
  } else {
    Shrink(*taker_, Quantity(event.taker_open));
  }
}

void Exchange::Matching::Shrink(OrderRow& order, Quantity open) {
  Money hold;
  if (order.side == Side::kBuy) SONGHUA_CHECK(HoldOf(*state_.row, state_.row->terms, order.price, open, order.traded, order.fee_charged, &hold));
  exchange_.Rehold(context_, order, open, hold);
  order.open = open;
}

OrderOutcome Exchange::Matching::Finish() {
  EmitLevel();
  OrderRow& order = *taker_;
  const OrderOutcome outcome{.order = order.number,
                             .refusal = OrderRefusal::kNone,
                             .filled = order.filled,
                             .open = end_reason_ != EndReason::kNone ? Quantity() : order.open};
  if (outcome.open == Quantity()) {
    exchange_.End(context_, order, end_reason_);
    if (is_row_) exchange_.Remove(order);
  }
  return outcome;
}

void Exchange::Matching::ChangeLevel(Side side, int64_t price, int64_t quantity, int32_t orders) {
  if (level_changed_ && (side != level_side_ || price != level_price_)) EmitLevel();
  level_changed_ = true;
  level_side_ = side;
  level_price_ = price;
  level_quantity_ += quantity;
  level_orders_ += orders;
}

void Exchange::Matching::EmitLevel() {
  if (!level_changed_) return;
  context_.events->Emit(EventType::kBookChanged, state_.row->number, level_side_, level_price_, level_quantity_, level_orders_);
  level_changed_ = false;
  level_quantity_ = 0;
  level_orders_ = 0;
}

// ---- What orders hold ----

void Exchange::ChangeHeldCash(OrderRow& order, Money hold) {
  const ledger::AccountNumber cash = entries_[order.account].cash->account;
  if (hold > order.held_cash) {
    ledger_->HoldCash(cash, hold - order.held_cash);
  } else if (hold < order.held_cash) {
    ledger_->ReleaseCash(cash, order.held_cash - hold);
  }
  order.held_cash = hold;
}

void Exchange::HoldPlanned(OrderRow& order) {
  for (const PlannedSlice& planned : planned_) {
    if (order.pledge.number != 0) {
      pledges_->OfferUnits(order.pledge.number, planned.lot->number, planned.quantity);  // a hold of the pledge's becomes the order's
    } else {
      ledger_->lots().Hold(*planned.lot, ledger::HoldKind::kOrder, planned.quantity);
    }
    const auto is_this_lot = [&](const LotSlice& slice) { return slice.row == planned.lot; };
    if (order.first_slice.lot == 0) {
      order.first_slice = {planned.lot->number, planned.quantity, planned.lot};
    } else if (is_this_lot(order.first_slice)) {
      order.first_slice.quantity += planned.quantity;
    } else if (auto slice = std::find_if(order.more_slices.begin(), order.more_slices.end(), is_this_lot); slice != order.more_slices.end()) {
      slice->quantity += planned.quantity;
    } else {
      order.more_slices.push_back({planned.lot->number, planned.quantity, planned.lot});
    }
  }
}

void Exchange::Rehold(CommandContext& context, OrderRow& order, Quantity open, Money hold) {
  if (order.side == Side::kBuy) {
    ChangeHeldCash(order, hold);
    CountBuying(&context, *State(order.contract), order.account, open - order.open);
  } else if (open < order.open) {
    ReleaseUnits(context, order, order.open - open);
  } else {
    HoldPlanned(order);
  }
}

// What would have been delivered last is given back first; what is under a pledge, to the pledge.
void Exchange::ReleaseUnits(CommandContext& context, OrderRow& order, Quantity quantity) {
  const auto release = [&](LotSlice& slice) {
    const Quantity part = std::min(slice.quantity, quantity);
    if (part == Quantity()) return;
    if (order.pledge.number != 0) {
      pledges_->TakeBackUnits(context, order.pledge.number, slice.lot, part, ledger::HoldKind::kOrder);
    } else {
      ledger_->lots().Release(*slice.row, ledger::HoldKind::kOrder, part);
    }
    slice.quantity -= part;
    quantity -= part;
  };
  for (auto slice = order.more_slices.rbegin(); slice != order.more_slices.rend(); ++slice) release(*slice);
  release(order.first_slice);
  SONGHUA_CHECK(quantity == Quantity());
}

// ---- How orders end ----

void Exchange::LeaveBook(CommandContext& context, ContractState& state, const OrderRow& order) {
  Silence silence;
  const BookReject reject = state.call != nullptr ? state.call->Cancel(order.number, silence) : state.book.Cancel(order.number, silence);
  SONGHUA_CHECK(reject == BookReject::kNone);
  context.events->Emit(EventType::kBookChanged, order.contract, order.side, order.book_price(), order.hidden - order.open, int32_t{-1});
  EmitPost(context, *state.row, order, Quantity());
}

void Exchange::LeaveWaiting(ContractState& state, const OrderRow& order) {
  if (state.suspended.erase({order.priority, order.number}) == 0) SONGHUA_CHECK(state.stops.Remove(order));
  if (order.halted) orders_.Edit(order).halted = false;
}

// They are put behind one another anew, which is what the book can do; its totals stay.
void Exchange::SortQueue(CommandContext& context, ContractState& state, Side side, int64_t price) {
  std::vector<std::pair<OrderPriority, RestingOrder>> queue;
  state.ForEachOrderAt(side, price, [&](const RestingOrder& resting) { queue.emplace_back(orders_.Find(resting.id)->priority, resting); });
  const auto before = [](const auto& a, const auto& b) { return a.first < b.first; };
  if (std::is_sorted(queue.begin(), queue.end(), before)) return;
  std::sort(queue.begin(), queue.end(), before);
  Silence silence;
  for (const auto& [priority, resting] : queue) {
    const BookReject reject = state.call != nullptr ? state.call->Cancel(resting.id, silence) : state.book.Cancel(resting.id, silence);
    SONGHUA_CHECK(reject == BookReject::kNone);
    EmitPost(context, *state.row, *orders_.Find(resting.id), Quantity());
  }
  for (const auto& [priority, resting] : queue) {
    const BookReject reject = state.call != nullptr ? state.call->Restore(resting) : state.book.Restore(resting);
    SONGHUA_CHECK(reject == BookReject::kNone);
    const OrderRow& order = *orders_.Find(resting.id);
    EmitPost(context, *state.row, order, order.open);
  }
}

void Exchange::EndResting(CommandContext& context, ContractState& state, OrderRow& order, EndReason reason) {
  if (order.off_book()) {
    EndOffBook(context, order, reason);
    return;
  }
  if (order.trigger != Price() || state.suspended.contains({order.priority, order.number})) {
    LeaveWaiting(state, order);
  } else {
    LeaveBook(context, state, order);
  }
  End(context, order, reason);
  Remove(order);
}

void Exchange::End(CommandContext& context, OrderRow& order, EndReason reason) {
  history_.number = order.number;
  history_.contract = order.contract;
  history_.account = order.account;
  history_.side = order.side;
  history_.reason = reason;
  history_.price = order.price;
  history_.quantity = order.quantity();
  history_.filled = order.filled;
  history_.place_time = order.place_time;
  history_.end_time = context.time;
  history_.form = order.form;
  history_.origin = order.origin;
  history_.lots.clear();
  const ContractRow& contract = *FindContract(order.contract);
  if (reason == EndReason::kByOwner && !order.off_book() && contract.terms.surveillance.in_force()) {
    surveillance_.CountCancelled(contract, entries_[order.account].group, order.price, order.open);
  }
  if (order.side == Side::kBuy) {
    ChangeHeldCash(order, Money());
    CountBuying(&context, *State(order.contract), order.account, -order.open);
  } else {
    history_.lots.push_back(order.first_slice.lot);
    for (const LotSlice& slice : order.more_slices) history_.lots.push_back(slice.lot);
    ReleaseUnits(context, order, order.open);
  }
  order_history_.Append(history_);
  if (order.number == watched_) watched_history_ = history_;
  context.events->Emit(EventType::kOrderEnded, order.number, order.account, reason, order.filled);
}

void Exchange::Remove(OrderRow& order) {
  Unlink(order);
  orders_.Erase(order);
}

}  // namespace songhua::exchange
