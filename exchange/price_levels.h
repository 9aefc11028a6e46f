// The price levels of one book, both sides on one axis: in an uncrossed book every bid lies below every ask, so a price never needs two
// queues.
//
// Prices inside the band are a ladder indexed by tick with a bitmap of the occupied levels; finding a level is a multiplication, finding
// the next occupied one a few shifts. Prices outside it are kept in an ordered map under the same interface: slower, equally correct.
#ifndef SONGHUA_EXCHANGE_PRICE_LEVELS_H_
#define SONGHUA_EXCHANGE_PRICE_LEVELS_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "exchange/growing_table.h"
#include "exchange/level_bitmap.h"
#include "exchange/order_book.h"
#include "exchange/order_pool.h"

namespace songhua::exchange {

using LevelIndex = uint32_t;
inline constexpr LevelIndex kNoLevel = UINT32_MAX;
inline constexpr LevelIndex kOffTick = UINT32_MAX - 1;  // what Find says of a price that is not a multiple of the tick

// The queue of the orders at one price, first come first. Zeroed memory is an empty level.
struct Level {
  int64_t open_quantity;  // of all its orders
  int64_t hidden;         // of open_quantity
  NodeIndex head;
  NodeIndex tail;
  uint32_t orders;
};

// Division by the tick of distances that are known, or suspected, to be multiples of it: a multiplication by the inverse modulo 2^64.
class TickDivider {
 public:
  // REQUIRES: tick > 0.
  explicit TickDivider(int64_t tick) : shift_(std::countr_zero(static_cast<uint64_t>(tick))) {
    const uint64_t odd = static_cast<uint64_t>(tick) >> shift_;
    inverse_ = odd;  // right in the lowest 3 bits; each step doubles them
    for (int i = 0; i < 5; ++i) inverse_ *= 2 - odd * inverse_;
  }

  // distance / tick if the tick divides the distance; otherwise more than UINT64_MAX / tick.
  uint64_t Quotient(uint64_t distance) const { return std::rotr(distance * inverse_, shift_); }

 private:
  uint64_t inverse_;
  int shift_;
};

class PriceLevels {
 public:
  static constexpr uint32_t kMaximumBandLevels = LevelBitmap::kMaximumSize;

  // Without a band every price goes to the map.
  // REQUIRES: tick > 0; low and high are multiples of the tick, in order, fewer than kMaximumBandLevels ticks apart.
  PriceLevels(int64_t tick, const std::optional<PriceBand>& band);

  // The band that a book chooses when it is given none: some hundred thousand ticks around `price`, clipped to int64.
  // REQUIRES: `price` is on tick.
  static PriceBand BandAround(int64_t price, int64_t tick);

  // The level of `price`; kNoLevel if it is vacant and outside the band; kOffTick if there cannot be one.
  LevelIndex Find(int64_t price) const {
    const uint64_t index = LadderIndex(price);
    return index < ladder_levels_ ? static_cast<LevelIndex>(index) : FindSparse(price);
  }

  // The level of `price`, made if there is none. References to levels are void.
  // REQUIRES: `price` is on tick; the caller puts an order into the level before the next call.
  LevelIndex Open(int64_t price) {
    const uint64_t index = LadderIndex(price);
    return index < ladder_levels_ ? static_cast<LevelIndex>(index) : OpenSparse(price);
  }

  // The first order came into the level.
  void MarkOccupied(LevelIndex level) {
    if (level < ladder_levels_) occupied_.Set(level);
  }

  // The last order left the level. Outside the band its index is void now.
  void MarkVacant(LevelIndex level) {
    if (level < ladder_levels_) {
      occupied_.Clear(level);
    } else {
      CloseSparse(level);
    }
  }

  // REQUIRES (here and below): `level` came from Find or Open and is not void.
  Level& operator[](LevelIndex level) { return levels_[level]; }
  const Level& operator[](LevelIndex level) const { return levels_[level]; }

  int64_t PriceOf(LevelIndex level) const {
    if (level >= ladder_levels_) return sparse_prices_[level - ladder_levels_];
    return static_cast<int64_t>(static_cast<uint64_t>(low_) + level * static_cast<uint64_t>(tick_));  // a band may be wider than int64
  }

  // The nearest occupied level at a higher price, or kNoLevel.
  LevelIndex Above(LevelIndex level) const {
    if (level >= ladder_levels_) return AboveSparse(PriceOf(level));
    const LevelIndex next = occupied_.AtOrAbove(level + 1);
    return next != kNoLevel || sparse_by_price_.empty() ? next : AboveSparse(high_);
  }

  // The nearest occupied level at a lower price, or kNoLevel.
  LevelIndex Below(LevelIndex level) const {
    if (level >= ladder_levels_) return BelowSparse(PriceOf(level));
    const LevelIndex next = level == 0 ? kNoLevel : occupied_.AtOrBelow(level - 1);
    return next != kNoLevel || sparse_by_price_.empty() ? next : BelowSparse(low_);
  }

  size_t MemoryBytes() const;

 private:
  static_assert(kNoLevel == LevelBitmap::kNone);

  // Below ladder_levels_ exactly when the price is in the band and on tick.
  uint64_t LadderIndex(int64_t price) const { return divider_.Quotient(static_cast<uint64_t>(price) - static_cast<uint64_t>(low_)); }

  LevelIndex FindSparse(int64_t price) const;
  LevelIndex OpenSparse(int64_t price);
  void CloseSparse(LevelIndex level);
  LevelIndex AboveSparse(int64_t price) const;  // REQUIRES: price < low_ or price >= high_
  LevelIndex BelowSparse(int64_t price) const;  // REQUIRES: price <= low_ or price > high_

  int64_t tick_;
  int64_t low_ = 0;
  int64_t high_ = 0;
  TickDivider divider_;
  uint32_t ladder_levels_ = 0;
  GrowingTable<Level> levels_;  // the ladder, then the levels outside the band
  LevelBitmap occupied_;
  std::vector<int64_t> sparse_prices_;  // of the levels from ladder_levels_ on
  std::vector<LevelIndex> vacant_sparse_;
  std::map<int64_t, LevelIndex> sparse_by_price_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_PRICE_LEVELS_H_
