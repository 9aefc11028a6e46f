#include "exchange/call_auction.h"

#include "ledger/check.h"

namespace songhua::exchange {
namespace {

__int128 Magnitude(__int128 value) { return value < 0 ? -value : value; }

// The best candidates so far, told one after the other from the lowest price up (rules 1 and 2).
class Candidates {
 public:
  void Consider(int64_t price, __int128 demand, __int128 supply) {
    const __int128 volume = std::min(demand, supply);
    const __int128 surplus = demand - supply;
    const bool ties = volume == volume_ && Magnitude(surplus) == least_;
    const bool wins = volume > volume_ || (volume == volume_ && volume > 0 && Magnitude(surplus) < least_);
    if (wins) {
      *this = Candidates();
      volume_ = volume;
      least_ = Magnitude(surplus);
      lowest_ = price;
    }
    if (!wins && !(ties && volume > 0)) return;
    highest_ = price;
    all_bought_ = all_bought_ && surplus > 0;
    all_sold_ = all_sold_ && surplus < 0;
  }

  // Rules 3 and 4. REQUIRES: found().
  int64_t Choose(std::optional<int64_t> reference, int64_t tick) const {
    if (all_bought_) return highest_;
    if (all_sold_) return lowest_;
    if (reference.has_value()) return std::clamp(*reference, lowest_, highest_);
    const uint64_t ticks = (static_cast<uint64_t>(highest_) - static_cast<uint64_t>(lowest_)) / static_cast<uint64_t>(tick);
    return static_cast<int64_t>(static_cast<uint64_t>(lowest_) + (ticks / 2 + ticks % 2) * static_cast<uint64_t>(tick));
  }

  bool found() const { return volume_ > 0; }

 private:
  __int128 volume_ = 0;
  __int128 least_ = 0;
  int64_t lowest_ = 0;
  int64_t highest_ = 0;
  bool all_bought_ = true;
  bool all_sold_ = true;
};

}  // namespace

std::optional<Clearing> FindClearing(const CallInterest& interest, std::optional<int64_t> reference, int64_t tick) {
  SONGHUA_CHECK(tick > 0);
  __int128 limit_bids = 0;
  for (const CallLevel& level : interest.levels) limit_bids += level.bid_quantity;

  Candidates candidates;
  __int128 demand = interest.market_bid_quantity + limit_bids;  // at the price in turn
  __int128 supply = interest.market_ask_quantity;
  bool reference_waits = reference.has_value();
  for (const CallLevel& level : interest.levels) {
    if (reference_waits && *reference <= level.price) {
      if (*reference < level.price) candidates.Consider(*reference, demand, supply);
      reference_waits = false;
    }
    supply += level.ask_quantity;
    candidates.Consider(level.price, demand, supply);
    demand -= level.bid_quantity;
  }
  if (reference_waits) candidates.Consider(*reference, demand, supply);
  if (!candidates.found()) return std::nullopt;

  Clearing clearing{.price = candidates.Choose(reference, tick)};
  demand = interest.market_bid_quantity;
  supply = interest.market_ask_quantity;
  for (const CallLevel& level : interest.levels) {
    if (level.price >= clearing.price) demand += level.bid_quantity;
    if (level.price <= clearing.price) supply += level.ask_quantity;
  }
  clearing.volume = std::min(demand, supply);
  clearing.surplus = demand - supply;
  return clearing;
}

}  // namespace songhua::exchange
