#include "exchange/price_levels.h"

#include <algorithm>
#include <iterator>

#include "exchange/huge_pages.h"
#include "ledger/check.h"

namespace songhua::exchange {
namespace {

constexpr int64_t kDefaultTicksEachWay = 1 << 17;
constexpr size_t kMinimumSparseLevels = 16;

uint32_t CountLevels(int64_t tick, const std::optional<PriceBand>& band) {
  SONGHUA_CHECK(tick > 0);
  if (!band.has_value()) return 0;
  SONGHUA_CHECK(band->low <= band->high && band->low % tick == 0 && band->high % tick == 0);
  const uint64_t steps = (static_cast<uint64_t>(band->high) - static_cast<uint64_t>(band->low)) / static_cast<uint64_t>(tick);
  SONGHUA_CHECK(steps < PriceLevels::kMaximumBandLevels);
  return static_cast<uint32_t>(steps + 1);
}

}  // namespace

PriceLevels::PriceLevels(int64_t tick, const std::optional<PriceBand>& band)
    : tick_(tick),
      low_(band.has_value() ? band->low : 0),
      high_(band.has_value() ? band->high : 0),
      divider_(tick),
      ladder_levels_(CountLevels(tick, band)),
      levels_(GrowingTable<Level>::Zeroed(ladder_levels_)),
      occupied_(ladder_levels_) {
  if (levels_.size() > 0) WishForHugePages(&levels_[0], levels_.MemoryBytes());
}

PriceBand PriceLevels::BandAround(int64_t price, int64_t tick) {
  PriceBand band{price, price};
  int64_t reach;
  int64_t end;
  if (__builtin_mul_overflow(kDefaultTicksEachWay, tick, &reach)) return band;
  if (!__builtin_sub_overflow(price, reach, &end)) band.low = end;
  if (!__builtin_add_overflow(price, reach, &end)) band.high = end;
  return band;
}

LevelIndex PriceLevels::FindSparse(int64_t price) const {
  if (price % tick_ != 0) return kOffTick;
  const auto it = sparse_by_price_.find(price);
  return it == sparse_by_price_.end() ? kNoLevel : it->second;
}

LevelIndex PriceLevels::OpenSparse(int64_t price) {
  const auto [it, is_new] = sparse_by_price_.try_emplace(price, kNoLevel);
  if (!is_new) return it->second;
  if (!vacant_sparse_.empty()) {
    it->second = vacant_sparse_.back();
    vacant_sparse_.pop_back();
  } else {
    it->second = ladder_levels_ + static_cast<uint32_t>(sparse_prices_.size());
    sparse_prices_.emplace_back();
    if (levels_.size() == it->second) levels_.Grow(levels_.size() + std::max(kMinimumSparseLevels, sparse_prices_.size()));
  }
  levels_[it->second] = {};
  sparse_prices_[it->second - ladder_levels_] = price;
  return it->second;
}

void PriceLevels::CloseSparse(LevelIndex level) {
  const size_t erased = sparse_by_price_.erase(PriceOf(level));
  SONGHUA_CHECK(erased == 1);
  vacant_sparse_.push_back(level);
}

// On the way up: the map's prices below the band, the ladder, the map's prices above it.
LevelIndex PriceLevels::AboveSparse(int64_t price) const {
  const auto next = sparse_by_price_.upper_bound(price);
  const bool found = next != sparse_by_price_.end();
  if (price < low_ && (!found || next->first > low_)) {
    const LevelIndex in_ladder = occupied_.AtOrAbove(0);
    if (in_ladder != kNoLevel) return in_ladder;
  }
  return found ? next->second : kNoLevel;
}

LevelIndex PriceLevels::BelowSparse(int64_t price) const {
  const auto end = sparse_by_price_.lower_bound(price);
  const bool found = end != sparse_by_price_.begin();
  const auto next = found ? std::prev(end) : end;
  if (price > high_ && ladder_levels_ > 0 && (!found || next->first < high_)) {
    const LevelIndex in_ladder = occupied_.AtOrBelow(ladder_levels_ - 1);
    if (in_ladder != kNoLevel) return in_ladder;
  }
  return found ? next->second : kNoLevel;
}

size_t PriceLevels::MemoryBytes() const {
  constexpr size_t kMapEntryBytes = 64;  // a tree node and what malloc adds to it
  return levels_.MemoryBytes() + occupied_.MemoryBytes() + sparse_prices_.capacity() * sizeof(int64_t) +
         vacant_sparse_.capacity() * sizeof(LevelIndex) + sparse_by_price_.size() * kMapEntryBytes;
}

}  // namespace songhua::exchange
