#include "exchange/tick_ladder.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"

namespace songhua::exchange {
TickLadder::TickLadder(const BookOptions& options)
    : tick_(options.tick),
      max_orders_(options.max_orders),
      shows_whole_(options.shows_whole),
      self_trade_(options.self_trade),
      has_band_(options.band.has_value()),
      levels_(options.tick, options.band) {
  SONGHUA_CHECK(options.max_orders <= 1u << 30);
  pool_.Reserve(options.expected_orders);
  ids_.Reserve(options.expected_orders);
}

// --- Checks --------------------------------------------------------------------------------------------------------------------------

BookReject TickLadder::CheckCrossing(const NewOrder& order) const {
  if (order.post_only) return BookReject::kWouldCross;
  const bool is_fill_or_kill = order.time_in_force == TimeInForce::kFillOrKill;
  if ((order.owner == 0 || self_trade_ != SelfTradePolicy::kRefuse) && !is_fill_or_kill) return BookReject::kNone;
  const Prospect prospect = Preview(order.side, order.price, order.quantity, order.owner);
  if (prospect.would_self_trade && self_trade_ == SelfTradePolicy::kRefuse) return BookReject::kSelfTrade;
  return is_fill_or_kill && prospect.fillable_quantity < order.quantity ? BookReject::kNotFillable : BookReject::kNone;
}

BookReject TickLadder::CheckReplace(NodeIndex index, int64_t new_price, int64_t new_open_quantity) const {
  if (new_open_quantity <= 0) return BookReject::kBadQuantity;
  const LevelIndex level = levels_.Find(new_price);
  if (level == kOffTick) return BookReject::kPriceOffTick;
  const OrderNode& node = pool_[index];
  if (Crosses(node.side, new_price)) {
    return CheckCrossing({.id = node.id,
                          .side = node.side,
                          .price = new_price,
                          .quantity = new_open_quantity,
                          .post_only = node.post_only,
                          .owner = pool_.OwnerOf(index)});
  }
  const int64_t leaving = level == node.level ? node.open_quantity + pool_.HiddenOf(index) : 0;
  return WouldOverflow(level, leaving, new_open_quantity) ? BookReject::kLevelOverflow : BookReject::kNone;
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
    // First what is shown, in its order; then, behind all of it, what is hidden.
    for (NodeIndex index = levels_[level].head; wanted > 0 && index != kNoNode; index = pool_[index].next) {
      ids_.Prefetch(pool_[index].id);  // a trade will ask for it
      if (!pool_.IsOwnedBy(index, owner)) {
        wanted -= std::min(wanted, pool_[index].open_quantity);
        continue;
      }
      prospect.would_self_trade = true;
      if (self_trade_ == SelfTradePolicy::kCancelResting) continue;
      prospect.fillable_quantity = quantity - wanted;
      return prospect;
    }
    if (levels_[level].hidden == 0) continue;
    for (NodeIndex index = levels_[level].head; wanted > 0 && index != kNoNode; index = pool_[index].next) {
      if (!pool_.IsOwnedBy(index, owner)) wanted -= std::min(wanted, pool_.HiddenOf(index));
    }
  }
  prospect.fillable_quantity = quantity - wanted;
  return prospect;
}

// First what is shown, the chosen order before the others; then, behind all of it, what is hidden.
void TickLadder::PassLevel(LevelIndex level, NodeIndex chosen, uint64_t owner, TakeProgress* progress) const {
  int64_t& wanted = progress->wanted;
  if (owner == 0) {
    wanted -= std::min(wanted, levels_[level].open_quantity);
    return;
  }
  if (chosen != kNoNode) wanted -= std::min(wanted, pool_[chosen].open_quantity);
  for (NodeIndex index = levels_[level].head; wanted > 0 && index != kNoNode; index = pool_[index].next) {
    if (index == chosen) continue;
    if (!pool_.IsOwnedBy(index, owner)) {
      wanted -= std::min(wanted, pool_[index].open_quantity);
      continue;
    }
    progress->met_own = true;
    if (self_trade_ != SelfTradePolicy::kCancelResting) return;
  }
  if (levels_[level].hidden == 0) return;
  for (NodeIndex index = levels_[level].head; wanted > 0 && index != kNoNode; index = pool_[index].next) {
    if (!pool_.IsOwnedBy(index, owner)) wanted -= std::min(wanted, pool_.HiddenOf(index));
  }
}

BookReject TickLadder::CheckTake(const TakeOrder& take) const {
  if (take.id == 0) return BookReject::kBadId;
  if (take.quantity <= 0) return BookReject::kBadQuantity;
  if (levels_.Find(take.price) == kOffTick) return BookReject::kPriceOffTick;
  if (ids_.Find(take.id) != kNoNode) return BookReject::kDuplicateId;
  const Side maker_side = Opposite(take.side);
  const LevelIndex best = best_[Index(maker_side)].level;
  LevelIndex goal = kNoLevel;  // where the chosen order rests
  NodeIndex chosen = kNoNode;
  if (take.chosen != 0) {
    chosen = ids_.Find(take.chosen);
    if (chosen == kNoNode) return BookReject::kUnknownChoice;
    if (pool_[chosen].side == take.side) return BookReject::kChoiceOnOwnSide;
    if (take.owner != 0 && pool_.IsOwnedBy(chosen, take.owner)) return BookReject::kOwnChoice;
    goal = pool_[chosen].level;
    if (!Accepts(take.side, take.price, levels_.PriceOf(goal))) return BookReject::kChoiceBeyondLimit;
    uint32_t better = 0;
    for (LevelIndex level = best; level != goal; level = Worse(maker_side, level)) {
      if (++better == take.levels_max) return BookReject::kChoiceBeyondLevels;
    }
  }
  TakeProgress progress{.wanted = take.quantity};
  const bool refuses_own = self_trade_ == SelfTradePolicy::kRefuse;
  const auto goes_on = [&] { return progress.wanted > 0 && (!progress.met_own || self_trade_ == SelfTradePolicy::kCancelResting); };
  uint32_t levels = 0;
  for (LevelIndex level = best; goes_on() && level != kNoLevel && Accepts(take.side, take.price, levels_.PriceOf(level)); level = Worse(maker_side, level)) {
    if (take.levels_max != 0 && levels++ == take.levels_max) break;
    PassLevel(level, level == goal ? chosen : kNoNode, take.owner, &progress);
    if (level == goal) goal = kNoLevel;
  }
  if (refuses_own && progress.met_own) return BookReject::kSelfTrade;
  return goal == kNoLevel ? BookReject::kNone : BookReject::kChoiceBehindBetter;
}

// --- Rebuilding ----------------------------------------------------------------------------------------------------------------------

BookReject TickLadder::Restore(const RestingOrder& order) {
  if (order.id == 0) return BookReject::kBadId;
  if (order.open_quantity <= 0 || order.display < 0 || order.hidden < 0 || order.hidden >= order.open_quantity) return BookReject::kBadQuantity;
  if (order.hidden > 0 && (order.display == 0 || shows_whole_)) return BookReject::kBadQuantity;
  const LevelIndex level = levels_.Find(order.price);
  if (level == kOffTick) return BookReject::kPriceOffTick;
  if (ids_.Find(order.id) != kNoNode) return BookReject::kDuplicateId;
  if (size() >= max_orders_) return BookReject::kBookFull;
  if (Crosses(order.side, order.price)) return BookReject::kWouldCross;
  if (WouldOverflow(level, 0, order.open_quantity)) return BookReject::kLevelOverflow;
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
  const LevelIndex index = levels_.Find(price);
  if (index == kNoLevel || index == kOffTick) return depth;
  const Level& level = levels_[index];
  if (level.head == kNoNode || pool_[level.head].side != side) return depth;
  depth.open_quantity = level.open_quantity - level.hidden;
  depth.orders = level.orders;
  return depth;
}

size_t TickLadder::Depth(Side side, std::span<LevelDepth> depth) const {
  size_t count = 0;
  for (LevelIndex index = best_[Index(side)].level; index != kNoLevel && count < depth.size(); index = Worse(side, index)) {
    depth[count++] = DescribeLevel(index);
  }
  return count;
}

LevelDepth TickLadder::DescribeLevel(LevelIndex index) const {
  const Level& level = levels_[index];
  return {.price = levels_.PriceOf(index), .open_quantity = level.open_quantity - level.hidden, .orders = level.orders};
}

std::optional<RestingOrder> TickLadder::Find(OrderId id) const {
  const NodeIndex index = ids_.Find(id);
  if (index == kNoNode) return std::nullopt;
  return Describe(index);
}

int64_t TickLadder::OpenQuantity(OrderId id) const {
  const NodeIndex index = ids_.Find(id);
  return index == kNoNode ? 0 : pool_[index].open_quantity + pool_.HiddenOf(index);
}

RestingOrder TickLadder::Describe(NodeIndex index) const {
  const OrderNode& node = pool_[index];
  const Iceberg iceberg = node.is_iceberg ? pool_.IcebergOf(index) : Iceberg{};
  return {.id = node.id,
          .side = node.side,
          .price = levels_.PriceOf(node.level),
          .open_quantity = node.open_quantity + iceberg.hidden,
          .post_only = node.post_only,
          .owner = pool_.OwnerOf(index),
          .display = iceberg.display,
          .hidden = iceberg.hidden};
}

// --- Invariants ----------------------------------------------------------------------------------------------------------------------

void TickLadder::CheckLevel(Side side, LevelIndex index) const {
  const Level& level = levels_[index];
  SONGHUA_CHECK(level.head != kNoNode);
  int64_t open_quantity = 0;
  int64_t hidden = 0;
  uint32_t orders = 0;
  NodeIndex previous = kNoNode;
  for (NodeIndex node_index = level.head; node_index != kNoNode; node_index = pool_[node_index].next) {
    const OrderNode& node = pool_[node_index];
    SONGHUA_CHECK(node.side == side && node.level == index && node.previous == previous && node.open_quantity > 0);
    SONGHUA_CHECK(ids_.Find(node.id) == node_index);
    const RestingOrder order = Describe(node_index);
    SONGHUA_CHECK(!node.is_iceberg || node.open_quantity <= order.display || shows_whole_);
    SONGHUA_CHECK(order.hidden >= 0 && !__builtin_add_overflow(open_quantity, order.open_quantity, &open_quantity));
    hidden += order.hidden;
    ++orders;
    previous = node_index;
  }
  SONGHUA_CHECK(previous == level.tail && open_quantity == level.open_quantity && hidden == level.hidden && orders == level.orders);
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
