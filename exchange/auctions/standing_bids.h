// The collected bids of an auction, checked, hashed and brought into their order: the common ground of the steps that clear it.
//
// Nothing here depends on the order in which bids or bidders are listed. Pure functions. Any thread.
#ifndef SONGHUA_EXCHANGE_AUCTIONS_STANDING_BIDS_H_
#define SONGHUA_EXCHANGE_AUCTIONS_STANDING_BIDS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "exchange/auctions/sealed_bids.h"
#include "exchange/auctions/sealed_policy.h"
#include "ledger/sha256.h"

namespace songhua::exchange {

// What still stands of a bid.
struct StandingBid {
  uint64_t id = 0;
  int64_t merit = 0;     // MeritOf its price
  int64_t quantity = 0;  // that stands; 0: all of it was cut
  uint64_t sequence = 0;
  uint32_t bidder = 0;  // place in Parties::bidders
  bool partial = false;
};

// The best price first; among equals the earlier; then the lower id.
inline bool StandsBefore(const StandingBid& a, const StandingBid& b) {
  if (a.merit != b.merit) return a.merit > b.merit;
  if (a.sequence != b.sequence) return a.sequence < b.sequence;
  return a.id < b.id;
}

// The bidders by number, and the groups they belong to, numbered from 0.
struct Parties {
  std::vector<Bidder> bidders;
  std::vector<uint32_t> group_of;  // by place in `bidders`
  uint32_t groups = 0;
};
// Refuses a number that is there twice, and what CheckBidder refuses.
absl::StatusOr<Parties> CollectParties(const SealedPolicy& policy, std::span<const Bidder> bidders);

struct CollectedBids {
  std::vector<StandingBid> best_first;
  Digest digest{};  // DigestOfBids
};
// Refuses what CheckBid refuses, an id that is there twice, a bidder that is not among the parties, a second bid where one is allowed, and
// bids whose quantities together leave 64 bits.
absl::StatusOr<CollectedBids> CollectBids(const SealedPolicy& policy, const Parties& parties, std::span<const SealedBid> bids);

// SHA-256 of id, bidder, price, quantity and sequence of each bid, by id; 8 bytes each, big-endian, and one that is 1 where the bid takes a
// part, else 0: what was cleared, in the manner of DigestOfOrders (exchange/call_seeds.h). REQUIRES: ascending by id.
Digest DigestOfBids(std::span<const SealedBid> bids);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTIONS_STANDING_BIDS_H_
