// Whose units go to which bid, after a clearing: what settlement makes trades of.
//
//   ConsignmentRule::kFirst        consignments by number, then the seller's own        WCI, international.md 2.4 item 5
//   ConsignmentRule::kAfterByAsk   the seller's own, then from the lowest ask up        EPA, 2.5
//
// against the awards from the best price down, then by bid. So under kAfterByAsk the highest bids take the seller's own units, and each
// owner is paid no less than it asked. Pure functions. Any thread.
#ifndef SONGHUA_EXCHANGE_AUCTIONS_UNIT_FLOWS_H_
#define SONGHUA_EXCHANGE_AUCTIONS_UNIT_FLOWS_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "exchange/auctions/sealed_bids.h"
#include "exchange/auctions/sealed_clearing.h"
#include "exchange/auctions/sealed_policy.h"

namespace songhua::exchange {

struct UnitFlow {
  uint64_t bid = 0;
  uint64_t consignment = 0;  // 0: of who holds the auction
  Price price;
  Quantity quantity;  // above 0
  Money amount;

  bool operator==(const UnitFlow&) const = default;
};

// The quantities of a bid's flows at a price add up to its award, and so do the amounts to the fen: each is the difference that its
// quantity makes to the amount of those before it. O(n log n). REQUIRES: the result of that policy and offer.
absl::StatusOr<std::vector<UnitFlow>> FlowsOf(const SealedPolicy& policy, const Offer& offer, const SealedResult& result);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTIONS_UNIT_FLOWS_H_
