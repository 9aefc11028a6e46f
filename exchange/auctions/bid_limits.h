// What is cut of bids before an auction is cleared, in the order in which WCI evaluates them (international.md 2.4 items 3 to 5; 2.7
// steps 1 to 3):
//
//   1. reserve     under ReserveRule::kApplied, bids beyond the reserve fall away
//   2. limits      of each group, lots above the purchase limit, then above the holding room: the worst price first; of equal prices
//                  the latest first
//   3. guarantee   of each bidder, by the value of its book:
//                    one price for all   the greatest p x (quantity bid at p or better)       WCI 2.4 item 4
//                    pay as bid          the sum of p x quantity; so too in a sale of reserves, where a bidder may pay several prices
//                  and by the rule:
//                    kRejectBid          bids are looked at in the order of time, each beside those that stand already; one that takes
//                                        the book over the guarantee falls away
//                    kCutAndRetest       bids are looked at from the best price down. What does not fit at its own price is tested again
//                                        at each next lower price that any bid of the auction has after steps 1 and 2, before the
//                                        bidder's own bids there; what fits is a bid at that price
//
// A value is exact and never rounded, and fits while it is not above the guarantee. (Each award is rounded by itself, so where the terms
// leave fractions several awards together may be above it by half a step each.) Lots are cut whole, so less than a lot of room is none.
//
// After kCutAndRetest the book of a bidder holds at price p, in all, min(what it bid at p or better, floor to lots of guarantee / p). Both
// grow as p falls; so what stands at p or better is the first so many units of its bids in their order, and nobody has to move lots price
// by price: CappedBook tells it for any price.
//
// Pure functions. Any thread.
#ifndef SONGHUA_EXCHANGE_AUCTIONS_BID_LIMITS_H_
#define SONGHUA_EXCHANGE_AUCTIONS_BID_LIMITS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "exchange/auctions/sealed_bids.h"
#include "exchange/auctions/sealed_policy.h"
#include "exchange/auctions/standing_bids.h"

namespace songhua::exchange {

// Why a part of a bid does not stand. Numbers are on disk.
enum class CutReason : uint8_t {
  kBelowReserve = 1,
  kPurchaseLimit = 2,
  kHoldingLimit = 3,
  kGuarantee = 4,  // kCutAndRetest: it fits at no price that was bid
};

struct BidCut {
  uint64_t bid = 0;
  CutReason reason = CutReason::kBelowReserve;
  Quantity quantity;

  template <class Archive>
  void Fields(Archive& a) {
    a(bid, reason, quantity);
  }
  bool operator==(const BidCut&) const = default;
};

// A part of a bid that stands at lower prices than its own, after kCutAndRetest.
struct LoweredBid {
  uint64_t bid = 0;
  Quantity quantity;

  template <class Archive>
  void Fields(Archive& a) {
    a(bid, quantity);
  }
  bool operator==(const LoweredBid&) const = default;
};

// Steps 1 and 2, and step 3 under kRejectBid. `best_first` is in the order of StandsBefore and keeps it. O(n log n).
void CutBids(const SealedPolicy& policy, Quantity offered, const Parties& parties, std::span<StandingBid> best_first,
             std::vector<BidCut>* cuts);

// The most that a guarantee covers at a price; the greatest Quantity where it covers more. REQUIRES: price >= 1, guarantee >= 0, terms of
// CheckPolicy.
Quantity CoveredBy(Money guarantee, Price price, const AmountTerms& terms);

// What the bids of one bidder can cost at most, whatever others bid: what to hold when they are taken (CAR-21), and the value of a book of
// WCI 2.4 item 4. Where each pays its own bid, the sum of their amounts. Otherwise the value of the book as above; where the terms leave
// fractions it is rounded up, with one more for each award but one, as each is rounded by itself. 0 where sellers bid. OUT_OF_RANGE where
// it does not fit. O(n log n).
absl::StatusOr<Money> MostPayable(const SealedPolicy& policy, std::span<const SealedBid> of_one_bidder);

// The bids of one bidder whose book is worth more than its guarantee. Prices are merits of buyers, which are prices.
class CappedBook {
 public:
  // REQUIRES: bids of one bidder in the order of StandsBefore; places are theirs in the caller's list.
  CappedBook(Money guarantee, const AmountTerms& terms, Quantity lot);
  void Add(const StandingBid& bid, uint32_t place);
  // Whether its value exceeds the guarantee: only then is there anything to cap.
  bool Exceeds() const;

  // What stands at that price or better: the first so many units of its bids. REQUIRES: `merit` is that of a bid of the auction.
  int64_t StandsAt(int64_t merit) const;
  // Calls visit(place, quantity) for each bid with a part among the units [from, to) of the book.
  template <class Visit>
  void Between(int64_t from, int64_t to, Visit&& visit) const {
    if (from >= to) return;
    const auto first = std::partition_point(bids_.begin(), bids_.end(), [from](const Entry& bid) { return bid.end <= from; });
    for (auto bid = first; bid != bids_.end() && bid->begin < to; ++bid) {
      visit(bid->place, std::min(to, bid->end) - std::max(from, bid->begin));
    }
  }
  // What fits at no price down to `lowest_merit`, and what stands below its own.
  void Report(std::span<const StandingBid> bids, int64_t lowest_merit, std::vector<BidCut>* cuts, std::vector<LoweredBid>* lowered) const;

 private:
  struct Entry {
    int64_t merit;
    int64_t begin;  // its units among those of the book
    int64_t end;
    uint32_t place;
  };

  Money guarantee_;
  AmountTerms terms_;
  int64_t lot_;
  std::vector<Entry> bids_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTIONS_BID_LIMITS_H_
