// TickLadder: the order book of one contract (rules, events and an example in exchange/order_book.h).
//
// Add, Cancel and Replace cost the same however many orders rest at a price and however many prices are occupied; a trade costs one step
// per filled order. Inside the price band nothing is allocated once the book has been as large as it gets. Outcomes depend on the calls
// alone: the same calls give the same events, whatever the band.
//
// Not thread-safe: one thread at a time, for queries as well.
#ifndef SONGHUA_EXCHANGE_TICK_LADDER_H_
#define SONGHUA_EXCHANGE_TICK_LADDER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "exchange/order_book.h"
#include "exchange/order_id_map.h"
#include "exchange/order_pool.h"
#include "exchange/price_levels.h"

namespace songhua::exchange {

class TickLadder {
 public:
  // REQUIRES: options.tick > 0; a given band lies on ticks and spans fewer than PriceLevels::kMaximumBandLevels of them.
  explicit TickLadder(const BookOptions& options = {});

  TickLadder(const TickLadder&) = delete;
  TickLadder& operator=(const TickLadder&) = delete;

  // `Sink` is an EventSink; where it is a class marked final, its handlers are compiled into the calls.

  // Adds, matches, and lets rest or cancels what is left. Returns kNone, or why it was refused, which the sink hears too.
  // REQUIRES: side and time_in_force are values of their enumerations.
  template <class Sink>
  BookReject Add(const NewOrder& order, Sink& sink);

  template <class Sink>
  BookReject Cancel(OrderId id, Sink& sink);

  // Gives a resting order a new price and a new open quantity.
  template <class Sink>
  BookReject Replace(OrderId id, int64_t new_price, int64_t new_open_quantity, Sink& sink);

  // Takes from the other side; what is left is cancelled. Costs a step per order down to where it ends.
  // REQUIRES: side is a value of its enumeration.
  template <class Sink>
  BookReject Take(const TakeOrder& take, Sink& sink);
  // What Take would return now; changes nothing.
  BookReject CheckTake(const TakeOrder& take) const;

  // The policy from now on; what rests stays.
  void set_self_trade(SelfTradePolicy policy) { self_trade_ = policy; }

  // What such an order would meet now; changes nothing. Where the policy is kRefuse, an order of this owner and quantity would be refused as
  // kSelfTrade exactly when would_self_trade, and a fill-or-kill as kNotFillable when fillable_quantity is below its quantity.
  Prospect Preview(Side side, int64_t price, int64_t quantity, uint64_t owner) const;

  // Puts an order behind the others of its price without matching: rebuilds a book from ForEachOrder of both sides. No event.
  BookReject Restore(const RestingOrder& order);

  // Moves the ladder to another band; for a new day's limits. Costs a step per resting order.
  // REQUIRES: as for the band of the constructor.
  void MoveBand(const PriceBand& band);

  // Brings the entry of `id` towards the cache, for a caller that knows what it will ask next.
  void Prefetch(OrderId id) const { ids_.Prefetch(id); }

  std::optional<int64_t> BestPrice(Side side) const;
  // Open quantity and orders at a price; zeros if none of that side rest there.
  LevelDepth DepthAt(Side side, int64_t price) const;
  // Fills `depth` with the best occupied levels of a side, best first, and returns how many there were.
  size_t Depth(Side side, std::span<LevelDepth> depth) const;
  std::optional<RestingOrder> Find(OrderId id) const;
  // Of a resting order; 0 if it does not rest.
  int64_t OpenQuantity(OrderId id) const;

  size_t size() const { return ids_.size(); }
  bool empty() const { return size() == 0; }
  int64_t tick() const { return tick_; }
  size_t MemoryBytes() const { return sizeof(*this) + pool_.MemoryBytes() + ids_.MemoryBytes() + levels_.MemoryBytes(); }

  // Calls visit(const RestingOrder&) for each order of a side, from the best price on and in time priority within a price.
  // REQUIRES (here and below): `visit` does not change the book.
  template <class Visitor>
  void ForEachOrder(Side side, Visitor&& visit) const {
    for (LevelIndex level = best_[Index(side)].level; level != kNoLevel; level = Worse(side, level)) VisitOrders(level, visit);
  }

  // The same of the orders at one price.
  template <class Visitor>
  void ForEachOrderAt(Side side, int64_t price, Visitor&& visit) const {
    const LevelIndex level = levels_.Find(price);
    if (level == kNoLevel || level == kOffTick || levels_[level].head == kNoNode || pool_[levels_[level].head].side != side) return;
    VisitOrders(level, visit);
  }

  // The same of the orders whose price is `worst` or better, and of their levels as visit(const LevelDepth&).
  template <class Visitor>
  void ForEachOrderWithin(Side side, int64_t worst, Visitor&& visit) const {
    ForEachLevelIndexWithin(side, worst, [&](LevelIndex level) { VisitOrders(level, visit); });
  }
  template <class Visitor>
  void ForEachLevelWithin(Side side, int64_t worst, Visitor&& visit) const {
    ForEachLevelIndexWithin(side, worst, [&](LevelIndex level) { visit(DescribeLevel(level)); });
  }

  // Walks the whole book and CHECKs that its parts agree: totals, links, ids, occupied levels, best prices, no crossing. For tests.
  void CheckInvariants() const;

 private:
  // The best occupied level of a side; `price` is meaningful only if there is one.
  struct Best {
    LevelIndex level = kNoLevel;
    int64_t price = 0;
  };

  static size_t Index(Side side) { return static_cast<size_t>(side) - 1; }
  static Side Opposite(Side side) { return static_cast<Side>(3 - static_cast<int>(side)); }

  // A limit of `side` accepts `price`. The complement turns the order of the sell side round without a branch on the side.
  static bool Accepts(Side side, int64_t limit, int64_t price) {
    const int64_t turned = -static_cast<int64_t>(side == Side::kSell);
    return (price ^ turned) <= (limit ^ turned);
  }

  // The next occupied level behind `level` on its side, seen from the best.
  LevelIndex Worse(Side side, LevelIndex level) const { return side == Side::kBuy ? levels_.Below(level) : levels_.Above(level); }

  bool Crosses(Side side, int64_t limit) const {
    const Best& best = best_[Index(Opposite(side))];
    return best.level != kNoLevel && Accepts(side, limit, best.price);
  }

  template <class Sink>
  static BookReject Refuse(OrderId id, BookReject reason, Sink& sink) {
    sink.OnRejected({.id = id, .reason = reason});
    return reason;
  }

  BookReject CheckNew(const NewOrder& order) const;
  BookReject CheckReplace(NodeIndex index, int64_t new_price, int64_t new_open_quantity) const;
  // Checks an order whose limit crosses the opposite best price.
  BookReject CheckCrossing(const NewOrder& order) const;
  // The level's open quantity, less `leaving` and with `coming`, exceeds int64.
  bool WouldOverflow(LevelIndex level, int64_t leaving, int64_t coming) const {
    int64_t total;
    return level != kNoLevel && __builtin_add_overflow(levels_[level].open_quantity - leaving, coming, &total);
  }

  // Fills the order that came in as far as its limit allows; returns what is left open.
  template <class Sink>
  int64_t Match(OrderId taker, Side side, int64_t limit, int64_t quantity, uint64_t owner, Sink& sink);
  // One fill of the order that came in with one that rests at `level`, `maker` by its number `index`; returns what is left open of the former.
  template <class Sink>
  [[gnu::always_inline]] inline int64_t Trade(OrderId taker, Side side, NodeIndex index, OrderNode& maker, Level& level, int64_t price, int64_t quantity, Sink& sink);
  // The same where the maker is the first of its level, shows all it has and is filled whole, as most are.
  template <class Sink>
  [[gnu::always_inline]] inline int64_t FillFirst(OrderId taker, Side side, Level& level, int64_t price, int64_t quantity, Sink& sink);
  // How a take goes on behind a level.
  struct TakeProgress {
    int64_t wanted;
    bool met_own = false;
  };
  // REQUIRES: something is wanted. `chosen` rests at the level, or is kNoNode.
  void PassLevel(LevelIndex level, NodeIndex chosen, uint64_t owner, TakeProgress* progress) const;
  // The order that came in meets the first one of a level, which is its owner's; returns what is left open of the former.
  template <class Sink>
  int64_t Prevent(OrderId taker, Side side, NodeIndex maker, int64_t quantity, Sink& sink);
  // Nothing of the order is shown any more: it shows more, or ends.
  template <class Sink>
  void Deplete(NodeIndex index, Sink& sink);
  int64_t Hidden(int64_t open, int64_t display) const { return shows_whole_ ? 0 : HiddenBehind(display, open); }

  // Makes the order known by its id and lets it rest.
  void Admit(const RestingOrder& order);
  // Puts an order behind the others of its price.
  void Enqueue(NodeIndex index, int64_t price);
  // Takes an order out of its queue.
  void Dequeue(NodeIndex index);
  // Ends an order that is in no queue: its id is free.
  void Forget(NodeIndex index);
  // Takes note that the last order has left a level.
  void Vacate(Side side, LevelIndex level);

  RestingOrder Describe(NodeIndex index) const;
  LevelDepth DescribeLevel(LevelIndex index) const;
  template <class Visitor>
  void VisitOrders(LevelIndex level, Visitor& visit) const {
    for (NodeIndex node = levels_[level].head; node != kNoNode; node = pool_[node].next) visit(Describe(node));
  }
  template <class Visitor>
  void ForEachLevelIndexWithin(Side side, int64_t worst, Visitor&& visit) const {
    for (LevelIndex level = best_[Index(side)].level; level != kNoLevel; level = Worse(side, level)) {
      if (!Accepts(side, levels_.PriceOf(level), worst)) return;
      visit(level);
    }
  }
  // CHECKs one side; returns how many orders rest on it.
  size_t CheckSide(Side side) const;
  void CheckLevel(Side side, LevelIndex level) const;

  const int64_t tick_;
  const uint32_t max_orders_;
  const bool shows_whole_;
  SelfTradePolicy self_trade_;
  bool has_band_;
  Best best_[2];  // by Index(side)
  PriceLevels levels_;
  OrderPool pool_;
  OrderIdMap ids_{pool_};
};

// --- The hot path, here so that it is compiled together with the caller's sink ---------------------------------------------------------

inline BookReject TickLadder::CheckNew(const NewOrder& order) const {
  if (order.id == 0) return BookReject::kBadId;
  if (order.quantity <= 0 || order.display < 0) return BookReject::kBadQuantity;
  const LevelIndex level = levels_.Find(order.price);
  if (level == kOffTick) return BookReject::kPriceOffTick;
  if (ids_.Find(order.id) != kNoNode) return BookReject::kDuplicateId;
  const bool is_day = order.time_in_force == TimeInForce::kDay;
  if (is_day && size() >= max_orders_) return BookReject::kBookFull;
  if (Crosses(order.side, order.price)) return CheckCrossing(order);
  if (is_day) return WouldOverflow(level, 0, order.quantity) ? BookReject::kLevelOverflow : BookReject::kNone;
  return order.time_in_force == TimeInForce::kFillOrKill ? BookReject::kNotFillable : BookReject::kNone;
}

template <class Sink>
BookReject TickLadder::Add(const NewOrder& order, Sink& sink) {
  const BookReject reject = CheckNew(order);
  if (reject != BookReject::kNone) return Refuse(order.id, reject, sink);
  sink.OnAccepted({.id = order.id, .side = order.side, .price = order.price, .quantity = order.quantity});
  int64_t open = order.quantity;
  if (Crosses(order.side, order.price)) open = Match(order.id, order.side, order.price, open, order.owner, sink);
  if (open == 0) return BookReject::kNone;
  if (order.time_in_force != TimeInForce::kDay) {
    sink.OnCanceled({.id = order.id, .open_quantity = open, .reason = CancelReason::kImmediateOrCancelRest});
    return BookReject::kNone;
  }
  const int64_t hidden = Hidden(open, order.display);
  Admit({order.id, order.side, order.price, open, order.post_only, order.owner, order.display, hidden});
  sink.OnRested({.id = order.id, .side = order.side, .price = order.price, .open_quantity = open, .hidden = hidden});
  return BookReject::kNone;
}

template <class Sink>
int64_t TickLadder::Match(OrderId taker, Side side, int64_t limit, int64_t quantity, uint64_t owner, Sink& sink) {
  if (self_trade_ == SelfTradePolicy::kRefuse) owner = 0;  // it was looked for before
  const Best& best = best_[Index(Opposite(side))];
  while (quantity > 0 && Crosses(side, limit)) {
    Level& level = levels_[best.level];
    const NodeIndex index = level.head;
    OrderNode& maker = pool_[index];
    if (owner != 0 && pool_.IsOwnedBy(index, owner)) {
      quantity = Prevent(taker, side, index, quantity, sink);
      continue;
    }
    // What is needed once this one is filled, and the one after it.
    const OrderNode& next = pool_[maker.next];
    ids_.Prefetch(next.id);
    pool_.Prefetch(next.next);
    if (maker.open_quantity > quantity || maker.is_iceberg) {
      quantity = Trade(taker, side, index, maker, level, best.price, quantity, sink);
    } else {
      quantity = FillFirst(taker, side, level, best.price, quantity, sink);
    }
  }
  return quantity;
}

template <class Sink>
int64_t TickLadder::FillFirst(OrderId taker, Side side, Level& level, int64_t price, int64_t quantity, Sink& sink) {
  const NodeIndex index = level.head;
  OrderNode& maker = pool_[index];
  const int64_t traded = maker.open_quantity;
  quantity -= traded;
  maker.open_quantity = 0;
  level.open_quantity -= traded;
  sink.OnFill({.maker_id = maker.id, .taker_id = taker, .taker_side = side, .price = price, .quantity = traded, .maker_open = 0, .taker_open = quantity});
  --level.orders;
  level.head = maker.next;
  if (maker.next != kNoNode) {
    pool_[maker.next].previous = kNoNode;
  } else {
    level.tail = kNoNode;
    Vacate(maker.side, maker.level);
  }
  Forget(index);
  return quantity;
}

template <class Sink>
int64_t TickLadder::Trade(OrderId taker, Side side, NodeIndex index, OrderNode& maker, Level& level, int64_t price, int64_t quantity, Sink& sink) {
  const int64_t traded = std::min(quantity, maker.open_quantity);
  quantity -= traded;
  maker.open_quantity -= traded;
  level.open_quantity -= traded;
  sink.OnFill({.maker_id = maker.id,
               .taker_id = taker,
               .taker_side = side,
               .price = price,
               .quantity = traded,
               .maker_open = maker.open_quantity + pool_.HiddenOf(index),
               .taker_open = quantity});
  if (maker.open_quantity == 0) Deplete(index, sink);
  return quantity;
}

template <class Sink>
BookReject TickLadder::Take(const TakeOrder& take, Sink& sink) {
  const BookReject reject = CheckTake(take);
  if (reject != BookReject::kNone) return Refuse(take.id, reject, sink);
  sink.OnAccepted({.id = take.id, .side = take.side, .price = take.price, .quantity = take.quantity});
  const NodeIndex chosen = take.chosen == 0 ? kNoNode : ids_.Find(take.chosen);
  const int64_t chosen_price = chosen == kNoNode ? 0 : levels_.PriceOf(pool_[chosen].level);
  const Best& best = best_[Index(Opposite(take.side))];
  int64_t open = take.quantity;
  for (uint32_t levels = 0; open > 0 && Crosses(take.side, take.price) && (take.levels_max == 0 || levels < take.levels_max); ++levels) {
    const int64_t price = best.price;
    // It still rests where it was found: the take comes to its level once, and only the orders of better ones were touched before.
    if (chosen != kNoNode && price == chosen_price) open = Trade(take.id, take.side, chosen, pool_[chosen], levels_[best.level], price, open, sink);
    open = Match(take.id, take.side, price, open, take.owner, sink);
  }
  if (open > 0) sink.OnCanceled({.id = take.id, .open_quantity = open, .reason = CancelReason::kTakeRest});
  return BookReject::kNone;
}

// Of an iceberg that only loses what it shows, more comes out, as after a trade.
template <class Sink>
int64_t TickLadder::Prevent(OrderId taker, Side side, NodeIndex index, int64_t quantity, Sink& sink) {
  OrderNode& maker = pool_[index];
  Level& level = levels_[maker.level];
  const int64_t hidden = pool_.HiddenOf(index);
  const bool takes_maker = self_trade_ == SelfTradePolicy::kCancelResting || self_trade_ == SelfTradePolicy::kCancelBoth;
  const bool takes_taker = self_trade_ == SelfTradePolicy::kCancelAggressor || self_trade_ == SelfTradePolicy::kCancelBoth;
  const int64_t common = self_trade_ == SelfTradePolicy::kDecrement ? std::min(quantity, maker.open_quantity) : 0;
  const int64_t maker_lost = takes_maker ? maker.open_quantity + hidden : common;
  const int64_t taker_lost = takes_taker ? quantity : common;
  sink.OnSelfTradePrevented({.maker_id = maker.id,
                             .taker_id = taker,
                             .taker_side = side,
                             .price = levels_.PriceOf(maker.level),
                             .maker_lost = maker_lost,
                             .maker_open = maker.open_quantity + hidden - maker_lost,
                             .maker_hidden = takes_maker ? 0 : hidden,
                             .taker_lost = taker_lost,
                             .taker_open = quantity - taker_lost});
  maker.open_quantity -= common;
  level.open_quantity -= common;
  if (takes_maker) {
    Dequeue(index);
    Forget(index);
  } else if (maker.open_quantity == 0) {
    Deplete(index, sink);
  }
  return quantity - taker_lost;
}

template <class Sink>
void TickLadder::Deplete(NodeIndex index, Sink& sink) {
  OrderNode& node = pool_[index];
  if (pool_.HiddenOf(index) == 0) {
    Dequeue(index);
    Forget(index);
    return;
  }
  const int64_t price = levels_.PriceOf(node.level);
  Dequeue(index);
  Iceberg& iceberg = pool_.IcebergOf(index);
  node.open_quantity = std::min(iceberg.display, iceberg.hidden);
  iceberg.hidden -= node.open_quantity;
  Enqueue(index, price);
  sink.OnReplenished({.id = node.id, .side = node.side, .price = price, .shown = node.open_quantity, .hidden = iceberg.hidden});
}

template <class Sink>
BookReject TickLadder::Cancel(OrderId id, Sink& sink) {
  const NodeIndex index = ids_.Find(id);
  if (index == kNoNode) return Refuse(id, BookReject::kUnknownId, sink);
  const int64_t open = pool_[index].open_quantity + pool_.HiddenOf(index);
  Dequeue(index);
  Forget(index);
  sink.OnCanceled({.id = id, .open_quantity = open, .reason = CancelReason::kByRequest});
  return BookReject::kNone;
}

template <class Sink>
BookReject TickLadder::Replace(OrderId id, int64_t new_price, int64_t new_open_quantity, Sink& sink) {
  const NodeIndex index = ids_.Find(id);
  if (index == kNoNode) return Refuse(id, BookReject::kUnknownId, sink);
  const BookReject reject = CheckReplace(index, new_price, new_open_quantity);
  if (reject != BookReject::kNone) return Refuse(id, reject, sink);
  OrderNode& node = pool_[index];
  const int64_t open = node.open_quantity + pool_.HiddenOf(index);
  if (new_open_quantity <= open && levels_.PriceOf(node.level) == new_price) {
    Level& level = levels_[node.level];
    level.open_quantity -= open - new_open_quantity;
    int64_t hidden = 0;
    if (node.is_iceberg) {
      Iceberg& iceberg = pool_.IcebergOf(index);
      hidden = std::max(int64_t{0}, iceberg.hidden - (open - new_open_quantity));
      level.hidden -= iceberg.hidden - hidden;
      iceberg.hidden = hidden;
    }
    node.open_quantity = new_open_quantity - hidden;
    sink.OnReplaced({.id = id, .price = new_price, .open_quantity = new_open_quantity, .kept_priority = true, .hidden = hidden});
    return BookReject::kNone;
  }
  Dequeue(index);
  sink.OnReplaced({.id = id, .price = new_price, .open_quantity = new_open_quantity, .kept_priority = false});
  const int64_t rest = Match(id, node.side, new_price, new_open_quantity, pool_.OwnerOf(index), sink);
  if (rest == 0) {
    Forget(index);
    return BookReject::kNone;
  }
  int64_t hidden = 0;
  if (node.is_iceberg) {
    Iceberg& iceberg = pool_.IcebergOf(index);
    iceberg.hidden = hidden = Hidden(rest, iceberg.display);
  }
  node.open_quantity = rest - hidden;
  Enqueue(index, new_price);
  sink.OnRested({.id = id, .side = node.side, .price = new_price, .open_quantity = rest, .hidden = hidden});
  return BookReject::kNone;
}

inline void TickLadder::Admit(const RestingOrder& order) {
  if (!has_band_) MoveBand(PriceLevels::BandAround(order.price, tick_));
  const NodeIndex index = pool_.Allocate();
  OrderNode& node = pool_[index];
  node.id = order.id;
  node.open_quantity = order.open_quantity - order.hidden;
  node.side = order.side;
  node.post_only = order.post_only;
  pool_.SetOwner(index, order.owner);
  pool_.SetIceberg(index, order.display, order.hidden);
  ids_.Insert(order.id, index);
  Enqueue(index, order.price);
}

inline void TickLadder::Enqueue(NodeIndex index, int64_t price) {
  const LevelIndex level_index = levels_.Open(price);
  Level& level = levels_[level_index];
  OrderNode& node = pool_[index];
  node.level = level_index;
  node.previous = level.tail;
  node.next = kNoNode;
  if (level.tail != kNoNode) {
    pool_[level.tail].next = index;
  } else {
    level.head = index;
    levels_.MarkOccupied(level_index);
    Best& best = best_[Index(node.side)];
    if (best.level == kNoLevel || !Accepts(node.side, best.price, price)) best = {level_index, price};
  }
  level.tail = index;
  const int64_t hidden = pool_.HiddenOf(index);
  level.open_quantity += node.open_quantity + hidden;
  level.hidden += hidden;
  ++level.orders;
}

inline void TickLadder::Dequeue(NodeIndex index) {
  const OrderNode& node = pool_[index];
  pool_.Prefetch(node.previous);
  pool_.Prefetch(node.next);
  Level& level = levels_[node.level];
  const int64_t hidden = pool_.HiddenOf(index);
  level.open_quantity -= node.open_quantity + hidden;
  level.hidden -= hidden;
  --level.orders;
  if (node.previous != kNoNode) {
    pool_[node.previous].next = node.next;
  } else {
    level.head = node.next;
  }
  if (node.next != kNoNode) {
    pool_[node.next].previous = node.previous;
  } else {
    level.tail = node.previous;
  }
  if (level.head == kNoNode) Vacate(node.side, node.level);
}

inline void TickLadder::Forget(NodeIndex index) {
  ids_.Erase(pool_[index].id, index);
  pool_.Free(index);
}

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_TICK_LADDER_H_
