// Who gets what, where equal claims want more than there is (international.md 2.7 step 7). The same rule serves ties at the margin, reserve
// tiers that are asked for too much, and consignments that are sold in part (2.4 item 7, ss. 54.1 and 61.5).
//
//   kSeeded    the lowest lot first, whole; the last reached gets what remains
//   kTime      the earliest first, likewise
//   kProRata   each bidder floor(its claims x rest / all claims), in award steps; then one step each, the lowest lot first, until nothing
//              is left. What a bidder gets goes to its claims from the earliest on
//
// A lot is SHA-256(seed, number as 8 bytes, big-endian): a bid's number for kSeeded, a bidder's for kProRata (2.7 step 5:
// H(seed || bid_id)). Unlike the lots of a call auction (exchange/call_seeds.h) it does not depend on what was collected:
//
//   - the seed was sealed before the first bid was taken, so nobody but its custodian can choose a number for its lot. And if that one told
//     it, a lot that hashed all bids would be easier to choose: by trying quantities of one bid that matters to nobody, unseen. Numbers
//     are the journal's
//   - who bids better for the same quantity leaves all lots as they were. So it gets no less even in a sale of reserves, where all bids
//     compete by lot; and where lots are drawn bid by bid and no limit cuts, its group's other bids lose no more than the better one wins
//
// Pure functions. Any thread.
#ifndef SONGHUA_EXCHANGE_AUCTIONS_TIE_SHARES_H_
#define SONGHUA_EXCHANGE_AUCTIONS_TIE_SHARES_H_

#include <cstdint>
#include <span>
#include <vector>

#include "exchange/auctions/sealed_policy.h"
#include "ledger/sha256.h"

namespace songhua::exchange {

struct TieClaim {
  uint32_t place = 0;  // the caller's
  uint64_t id = 0;     // of the bid or consignment
  uint32_t party = 0;  // whose claims are shared as one, for kProRata
  uint64_t party_number = 0;
  uint64_t sequence = 0;
  bool partial = false;
  int64_t quantity = 0;
  int64_t award = 0;  // the answer
};

// What was drawn, for who wants to follow it.
struct DrawnLot {
  uint64_t number = 0;  // of a bid, bidder or consignment
  Digest lot{};

  template <class Archive>
  void Fields(Archive& a) {
    a(number, lot);
  }
  bool operator==(const DrawnLot&) const = default;
};

struct TieSources {
  TieRule ties = TieRule::kSeeded;
  MarginRule margin = MarginRule::kFill;
  int64_t step = 1;
  Digest seed{};
};

Digest LotOfNumber(const Digest& seed, uint64_t number);

// Sets `award` of the claims; they add up to `rest`, or to less where a claim that takes no part was at the margin. Returns the lots drawn,
// lowest first. O(n log n). REQUIRES: 0 <= rest < all claims together; all are multiples of the step. Their order does not matter, and is
// not kept.
std::vector<DrawnLot> ShareOut(const TieSources& sources, int64_t rest, std::span<TieClaim> claims);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTIONS_TIE_SHARES_H_
