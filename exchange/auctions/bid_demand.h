// The demand of an auction by price, after everything that is cut of bids: how much is bid for at a price or better, and by whom.
//
// Its levels are the prices at which something was bid, from the best down. "The first n levels" are bids at the n best prices; under
// kCutAndRetest lots that fell to a lower price (exchange/auctions/bid_limits.h) are bids there.
//
// Reads the standing bids it was made from, which must outlive it. An object remembers what it was asked, and belongs to one thread at a
// time.
#ifndef SONGHUA_EXCHANGE_AUCTIONS_BID_DEMAND_H_
#define SONGHUA_EXCHANGE_AUCTIONS_BID_DEMAND_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "exchange/auctions/bid_limits.h"
#include "exchange/auctions/sealed_policy.h"
#include "exchange/auctions/standing_bids.h"

namespace songhua::exchange {

class BidDemand {
 public:
  // REQUIRES: best_first in the order of StandsBefore, after CutBids; its quantities together fit in 64 bits. O(n).
  BidDemand(const SealedPolicy& policy, const Parties& parties, std::span<const StandingBid> best_first);

  size_t levels() const { return levels_.size(); }
  int64_t MeritAt(size_t level) const { return levels_[level].merit; }
  int64_t total() const { return Through(levels()); }

  // What the first n levels bid for. O(books that exceed their guarantee x log n) when it is asked for the first time.
  int64_t Through(size_t n) const;
  // The smallest n with Through(n) >= quantity; nullopt: all bid for less. REQUIRES: quantity > 0.
  std::optional<size_t> LevelsFor(int64_t quantity) const;
  // How many levels have that merit or a better one.
  size_t LevelsFrom(int64_t merit) const;

  // Calls visit(place, quantity), with places in best_first, for what bids have at the levels [from, to). One bid may be visited for parts
  // of it, but never twice in one call.
  template <class Visit>
  void ForEach(size_t from, size_t to, Visit&& visit) const {
    if (from >= to) return;
    const size_t end = to < levels_.size() ? levels_[to].first : bids_.size();
    for (size_t place = levels_[from].first; place < end; ++place) {
      if (bids_[place].quantity > 0 && !IsCapped(place)) visit(static_cast<uint32_t>(place), bids_[place].quantity);
    }
    for (const CappedBook& book : capped_) {
      book.Between(from == 0 ? 0 : book.StandsAt(MeritAt(from - 1)), book.StandsAt(MeritAt(to - 1)), visit);
    }
  }

  // What kCutAndRetest did to bids.
  void ReportCapped(std::vector<BidCut>* cuts, std::vector<LoweredBid>* lowered) const;

 private:
  struct Level {
    int64_t merit;
    size_t first;     // the place of its first bid
    int64_t through;  // of bids whose books are not capped: what is bid for here or better
  };

  bool IsCapped(size_t place) const { return !is_capped_.empty() && is_capped_[bids_[place].bidder]; }

  std::span<const StandingBid> bids_;
  std::vector<Level> levels_;
  std::vector<bool> is_capped_;  // by bidder; empty: nobody
  std::vector<CappedBook> capped_;
  mutable std::vector<int64_t> capped_through_;  // what capped books bid for at each level or better, where it was asked; else -1
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTIONS_BID_DEMAND_H_
