#include "exchange/tick_ladder.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"

namespace songhua::exchange {
namespace {

BookReject Refuse(OrderId id, BookReject reason, EventSink& sink) {
  sink.OnRejected({.id = id, .reason = reason});
  return reason;
}

}  // namespace

TickLadder::TickLadder(const BookOptions& options)
    : tick_(options.tick), max_orders_(options.max_orders), has_band_(options.band.has_value()), levels_(options.tick, options.band) {
  SONGHUA_CHECK(options.max_orders <= 1u << 30);
  pool_.Reserve(options.expected_orders);
  ids_.Reserve(options.expected_orders);
}

// --- Adding -------------------------------------------------------------------------------------------------------------------------

BookReject TickLadder::CheckNew(const NewOrder& order) const {
  if (order.id == 0) return BookReject::kBadId;
  if (order.quantity <= 0) return BookReject::kBadQuantity;
  if (!levels_.OnTick(order.price)) return BookReject::kPriceOffTick;
  if (ids_.Find(order.id, pool_) != kNoNode) return BookReject::kDuplicateId;
  const bool is_day = order.time_in_force == TimeInForce::kDay;
  if (is_day && size() >= max_orders_) return BookReject::kBookFull;
  if (!Crosses(order.side, order.price)) {
    if (is_day && LevelWouldOverflow(order.price, order.quantity, 0)) return BookReject::kLevelOverflow;
    return order.time_in_force == TimeInForce::kFillOrKill ? BookReject::kNotFillable : BookReject::kNone;
  }
  if (order.post_only) return BookReject::kWouldCross;
  const bool is_fill_or_kill = order.time_in_force == TimeInForce::kFillOrKill;
  if (order.owner == 0 && !is_fill_or_kill) return BookReject::kNone;
  const Prospect prospect = Preview(order.side, order.price, order.quantity, order.owner);
  if (prospect.would_self_trade) return BookReject::kSelfTrade;
  return is_fill_or_kill && prospect.fillable_quantity < order.quantity ? BookReject::kNotFillable : BookReject::kNone;
}

bool TickLadder::LevelWouldOverflow(int64_t price, int64_t quantity, int64_t leaving) const {
  const LevelIndex level = levels_.Find(price);
  int64_t total;
  return level != kNoLevel && __builtin_add_overflow(levels_[level].open_quantity - leaving, quantity, &total);
}

BookReject TickLadder::Add(const NewOrder& order, EventSink& sink) {
  const BookReject reject = CheckNew(order);
  if (reject != BookReject::kNone) return Refuse(order.id, reject, sink);
  sink.OnAccepted({.id = order.id, .side = order.side, .price = order.price, .quantity = order.quantity});
  const int64_t open = Match(order.id, order.side, order.price, order.quantity, sink);
  if (open == 0) return BookReject::kNone;
  if (order.time_in_force != TimeInForce::kDay) {
    sink.OnCanceled({.id = order.id, .open_quantity = open, .reason = CancelReason::kImmediateOrCancelRest});
    return BookReject::kNone;
  }
  Admit({order.id, order.side, order.price, open, order.post_only, order.owner});
  sink.OnRested({.id = order.id, .side = order.side, .price = order.price, .open_quantity = open});
  return BookReject::kNone;
}

int64_t TickLadder::Match(OrderId taker, Side side, int64_t limit, int64_t quantity, EventSink& sink) {
  const Best& best = best_[Index(Opposite(side))];
  while (quantity > 0 && Crosses(side, limit)) {
    Level& level = levels_[best.level];
    const NodeIndex index = level.head;
    OrderNode& maker = pool_[index];
    __builtin_prefetch(&pool_[maker.next]);
    const int64_t traded = std::min(quantity, maker.open_quantity);
    quantity -= traded;
    maker.open_quantity -= traded;
    level.open_quantity -= traded;
    sink.OnFill({.maker_id = maker.id,
                 .taker_id = taker,
                 .taker_side = side,
                 .price = best.price,
                 .quantity = traded,
                 .maker_open = maker.open_quantity,
                 .taker_open = quantity});
    if (maker.open_quantity == 0) {
      Dequeue(index);
      Forget(index);
    }
  }
  return quantity;
}

Prospect TickLadder::Preview(Side side, int64_t price, int64_t quantity, uint64_t owner) const {
  Prospect prospect{.would_cross = Crosses(side, price)};
  const Side maker_side = Opposite(side);
  int64_t wanted = quantity;
  for (LevelIndex level = best_[Index(maker_side)].level; wanted > 0 && level != kNoLevel; level = Worse(maker_side, level)) {
    if (!Accepts(side, price, levels_.PriceOf(level))) break;
    if (owner == 0) {
      wanted -= std::min(wanted, levels_[level].open_quantity);
      continue;
    }
    for (NodeIndex index = levels_[level].head; wanted > 0 && index != kNoNode; index = pool_[index].next) {
      if (pool_.owner(index) == owner) {
        prospect.would_self_trade = true;
        prospect.fillable_quantity = quantity - wanted;
        return prospect;
      }
      wanted -= std::min(wanted, pool_[index].open_quantity);
    }
  }
  prospect.fillable_quantity = quantity - wanted;
  return prospect;
}

// --- Changing and taking out ---------------------------------------------------------------------------------------------------------

BookReject TickLadder::Cancel(OrderId id, EventSink& sink) {
  const NodeIndex index = ids_.Find(id, pool_);
  if (index == kNoNode) return Refuse(id, BookReject::kUnknownId, sink);
  const int64_t open = pool_[index].open_quantity;
  Dequeue(index);
  Forget(index);
  sink.OnCanceled({.id = id, .open_quantity = open, .reason = CancelReason::kByRequest});
  return BookReject::kNone;
}

BookReject TickLadder::CheckReplace(NodeIndex index, int64_t new_price, int64_t new_open_quantity) const {
  if (new_open_quantity <= 0) return BookReject::kBadQuantity;
  if (!levels_.OnTick(new_price)) return BookReject::kPriceOffTick;
  const OrderNode& node = pool_[index];
  if (!Crosses(node.side, new_price)) {
    const int64_t leaving = levels_.Find(new_price) == node.level ? node.open_quantity : 0;
    return LevelWouldOverflow(new_price, new_open_quantity, leaving) ? BookReject::kLevelOverflow : BookReject::kNone;
  }
  if (node.post_only) return BookReject::kWouldCross;
  const uint64_t owner = pool_.owner(index);
  if (owner != 0 && Preview(node.side, new_price, new_open_quantity, owner).would_self_trade) return BookReject::kSelfTrade;
  return BookReject::kNone;
}

BookReject TickLadder::Replace(OrderId id, int64_t new_price, int64_t new_open_quantity, EventSink& sink) {
  const NodeIndex index = ids_.Find(id, pool_);
  if (index == kNoNode) return Refuse(id, BookReject::kUnknownId, sink);
  const BookReject reject = CheckReplace(index, new_price, new_open_quantity);
  if (reject != BookReject::kNone) return Refuse(id, reject, sink);
  OrderNode& node = pool_[index];
  const bool keeps_priority = new_open_quantity <= node.open_quantity && levels_.PriceOf(node.level) == new_price;
  if (keeps_priority) {
    levels_[node.level].open_quantity -= node.open_quantity - new_open_quantity;
    node.open_quantity = new_open_quantity;
  } else {
    Dequeue(index);
  }
  sink.OnReplaced({.id = id, .price = new_price, .open_quantity = new_open_quantity, .kept_priority = keeps_priority});
  if (keeps_priority) return BookReject::kNone;
  node.open_quantity = Match(id, node.side, new_price, new_open_quantity, sink);
  if (node.open_quantity == 0) {
    Forget(index);
    return BookReject::kNone;
  }
  Enqueue(index, new_price);
  sink.OnRested({.id = id, .side = node.side, .price = new_price, .open_quantity = node.open_quantity});
  return BookReject::kNone;
}

BookReject TickLadder::Restore(const RestingOrder& order) {
  if (order.id == 0) return BookReject::kBadId;
  if (order.open_quantity <= 0) return BookReject::kBadQuantity;
  if (!levels_.OnTick(order.price)) return BookReject::kPriceOffTick;
  if (ids_.Find(order.id, pool_) != kNoNode) return BookReject::kDuplicateId;
  if (size() >= max_orders_) return BookReject::kBookFull;
  if (Crosses(order.side, order.price)) return BookReject::kWouldCross;
  if (LevelWouldOverflow(order.price, order.open_quantity, 0)) return BookReject::kLevelOverflow;
  Admit(order);
  return BookReject::kNone;
}

void TickLadder::MoveBand(const PriceBand& band) {
  PriceLevels moved(tick_, band);
  for (const Side side : {Side::kBuy, Side::kSell}) {
    for (LevelIndex from = best_[Index(side)].level; from != kNoLevel; from = Worse(side, from)) {
      const LevelIndex to = moved.Open(levels_.PriceOf(from));
      moved[to] = levels_[from];
      moved.MarkOccupied(to);
      for (NodeIndex node = moved[to].head; node != kNoNode; node = pool_[node].next) pool_[node].level = to;
    }
  }
  for (Best& best : best_) {
    if (best.level != kNoLevel) best.level = moved.Find(best.price);
  }
  levels_ = std::move(moved);
  has_band_ = true;
}

// --- Queues --------------------------------------------------------------------------------------------------------------------------

void TickLadder::Admit(const RestingOrder& order) {
  if (!has_band_) MoveBand(PriceLevels::BandAround(order.price, tick_));
  const NodeIndex index = pool_.Allocate();
  OrderNode& node = pool_[index];
  node.id = order.id;
  node.open_quantity = order.open_quantity;
  node.side = order.side;
  node.post_only = order.post_only;
  pool_.owner(index) = order.owner;
  ids_.Insert(order.id, index);
  Enqueue(index, order.price);
}

void TickLadder::Enqueue(NodeIndex index, int64_t price) {
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
  level.open_quantity += node.open_quantity;
  ++level.orders;
}

void TickLadder::Dequeue(NodeIndex index) {
  const OrderNode& node = pool_[index];
  Level& level = levels_[node.level];
  level.open_quantity -= node.open_quantity;
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

void TickLadder::Forget(NodeIndex index) {
  ids_.Erase(pool_[index].id, index);
  pool_.Free(index);
}

void TickLadder::Vacate(Side side, LevelIndex level) {
  Best& best = best_[Index(side)];
  if (best.level == level) {
    best.level = Worse(side, level);
    if (best.level != kNoLevel) best.price = levels_.PriceOf(best.level);
  }
  levels_.MarkVacant(level);
}

// --- Queries -------------------------------------------------------------------------------------------------------------------------

std::optional<int64_t> TickLadder::BestPrice(Side side) const {
  const Best& best = best_[Index(side)];
  if (best.level == kNoLevel) return std::nullopt;
  return best.price;
}

LevelDepth TickLadder::DepthAt(Side side, int64_t price) const {
  LevelDepth depth{.price = price};
  const LevelIndex index = levels_.OnTick(price) ? levels_.Find(price) : kNoLevel;
  if (index == kNoLevel) return depth;
  const Level& level = levels_[index];
  if (level.head == kNoNode || pool_[level.head].side != side) return depth;
  depth.open_quantity = level.open_quantity;
  depth.orders = level.orders;
  return depth;
}

size_t TickLadder::Depth(Side side, std::span<LevelDepth> depth) const {
  size_t count = 0;
  for (LevelIndex index = best_[Index(side)].level; index != kNoLevel && count < depth.size(); index = Worse(side, index)) {
    const Level& level = levels_[index];
    depth[count++] = {.price = levels_.PriceOf(index), .open_quantity = level.open_quantity, .orders = level.orders};
  }
  return count;
}

std::optional<RestingOrder> TickLadder::Find(OrderId id) const {
  const NodeIndex index = ids_.Find(id, pool_);
  if (index == kNoNode) return std::nullopt;
  return Describe(index);
}

int64_t TickLadder::OpenQuantity(OrderId id) const {
  const NodeIndex index = ids_.Find(id, pool_);
  return index == kNoNode ? 0 : pool_[index].open_quantity;
}

RestingOrder TickLadder::Describe(NodeIndex index) const {
  const OrderNode& node = pool_[index];
  return {.id = node.id,
          .side = node.side,
          .price = levels_.PriceOf(node.level),
          .open_quantity = node.open_quantity,
          .post_only = node.post_only,
          .owner = pool_.owner(index)};
}

// --- Invariants ----------------------------------------------------------------------------------------------------------------------

void TickLadder::CheckLevel(Side side, LevelIndex index) const {
  const Level& level = levels_[index];
  SONGHUA_CHECK(level.head != kNoNode);
  int64_t open_quantity = 0;
  uint32_t orders = 0;
  NodeIndex previous = kNoNode;
  for (NodeIndex node_index = level.head; node_index != kNoNode; node_index = pool_[node_index].next) {
    const OrderNode& node = pool_[node_index];
    SONGHUA_CHECK(node.side == side && node.level == index && node.previous == previous && node.open_quantity > 0);
    SONGHUA_CHECK(ids_.Find(node.id, pool_) == node_index);
    SONGHUA_CHECK(!__builtin_add_overflow(open_quantity, node.open_quantity, &open_quantity));
    ++orders;
    previous = node_index;
  }
  SONGHUA_CHECK(previous == level.tail && open_quantity == level.open_quantity && orders == level.orders);
}

size_t TickLadder::CheckSide(Side side) const {
  size_t orders = 0;
  const Best& best = best_[Index(side)];
  if (best.level != kNoLevel) SONGHUA_CHECK(levels_.PriceOf(best.level) == best.price && levels_.Find(best.price) == best.level);
  for (LevelIndex level = best.level; level != kNoLevel;) {
    CheckLevel(side, level);
    orders += levels_[level].orders;
    const LevelIndex next = Worse(side, level);
    if (next != kNoLevel) SONGHUA_CHECK(!Accepts(Opposite(side), levels_.PriceOf(level), levels_.PriceOf(next)));
    level = next;
  }
  return orders;
}

void TickLadder::CheckInvariants() const {
  const size_t orders = CheckSide(Side::kBuy) + CheckSide(Side::kSell);
  SONGHUA_CHECK(orders == ids_.size() && orders == pool_.size());
  const Best& bid = best_[Index(Side::kBuy)];
  const Best& ask = best_[Index(Side::kSell)];
  if (bid.level != kNoLevel) SONGHUA_CHECK(levels_.Above(bid.level) == ask.level);
  if (ask.level != kNoLevel) SONGHUA_CHECK(levels_.Below(ask.level) == bid.level);
}

}  // namespace songhua::exchange
