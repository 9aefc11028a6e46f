// TickLadder: the order book of one contract (rules, events and an example in exchange/order_book.h).
//
// Add, Cancel and Replace cost the same however many orders rest at a price and however many prices are occupied; a trade costs one step
// per filled order. Inside the price band nothing is allocated once the book has been as large as it gets. Outcomes depend on the calls
// alone: the same calls give the same events, whatever the band.
//
// Not thread-safe: one thread at a time, for queries as well.
#ifndef SONGHUA_EXCHANGE_TICK_LADDER_H_
#define SONGHUA_EXCHANGE_TICK_LADDER_H_

#include <cstddef>
#include <cstdint>
#include <limits>
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

  // Adds, matches, and lets rest or cancels what is left. Returns kNone, or why it was refused, which the sink hears too.
  // REQUIRES: side and time_in_force are values of their enumerations.
  BookReject Add(const NewOrder& order, EventSink& sink);

  BookReject Cancel(OrderId id, EventSink& sink);

  // Gives a resting order a new price and a new open quantity.
  BookReject Replace(OrderId id, int64_t new_price, int64_t new_open_quantity, EventSink& sink);

  // What such an order would meet now; changes nothing. An order of this owner and quantity would be refused as kSelfTrade exactly when
  // would_self_trade, and a fill-or-kill as kNotFillable when fillable_quantity is below its quantity.
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
  // REQUIRES: `visit` does not change the book.
  template <class Visitor>
  void ForEachOrder(Side side, Visitor&& visit) const {
    for (LevelIndex level = best_[Index(side)].level; level != kNoLevel; level = Worse(side, level)) {
      for (NodeIndex node = levels_[level].head; node != kNoNode; node = pool_[node].next) visit(Describe(node));
    }
  }

  // Walks the whole book and CHECKs that its parts agree: totals, links, ids, occupied levels, best prices, no crossing. For tests.
  void CheckInvariants() const;

 private:
  // The best occupied level of a side; `price` is meaningful only if there is one.
  struct Best {
    LevelIndex level = kNoLevel;
    int64_t price = 0;
  };

  static size_t Index(Side side) { return side == Side::kBuy ? 0 : 1; }
  static Side Opposite(Side side) { return side == Side::kBuy ? Side::kSell : Side::kBuy; }
  // A limit of `side` accepts `price`.
  static bool Accepts(Side side, int64_t limit, int64_t price) { return side == Side::kBuy ? price <= limit : price >= limit; }

  // The next occupied level behind `level` on its side, seen from the best.
  LevelIndex Worse(Side side, LevelIndex level) const { return side == Side::kBuy ? levels_.Below(level) : levels_.Above(level); }

  bool Crosses(Side side, int64_t limit) const {
    const Best& best = best_[Index(Opposite(side))];
    return best.level != kNoLevel && Accepts(side, limit, best.price);
  }

  BookReject CheckNew(const NewOrder& order) const;
  BookReject CheckReplace(NodeIndex index, int64_t new_price, int64_t new_open_quantity) const;
  // Adding `quantity` at `price` to what rests there, less `leaving`, exceeds int64.
  bool LevelWouldOverflow(int64_t price, int64_t quantity, int64_t leaving) const;

  // Fills the order that came in as far as its limit allows; returns what is left open.
  int64_t Match(OrderId taker, Side side, int64_t limit, int64_t quantity, EventSink& sink);

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
  // CHECKs one side; returns how many orders rest on it.
  size_t CheckSide(Side side) const;
  void CheckLevel(Side side, LevelIndex level) const;

  const int64_t tick_;
  const uint32_t max_orders_;
  bool has_band_;
  Best best_[2];  // by Index(side)
  PriceLevels levels_;
  OrderPool pool_;
  OrderIdMap ids_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_TICK_LADDER_H_
