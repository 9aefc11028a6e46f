// What prices do to the quantity of an auction: containment and withholding (RGGI, international.md 2.3 items 3 to 5), sales of reserves in
// tiers (WCI, 2.4 item 9), and private offers after the seller's own (EPA, 2.5).
//
//   interim price   the price at which what is offered would clear
//   containment     while the interim price is above a trigger, its tier is offered too. Bids at the trigger or above for less than that:
//                   all of them are served at the trigger, and no more of the tier is used than they need. Otherwise the next interim
//                   price is that of the larger quantity, and the next tier's trigger is looked at
//   withholding     while the interim price is below a trigger, or there is none, its tier is kept back. Bids at the trigger or above for
//                   more than remains: all of them are served at the trigger, and only the rest is kept back. Otherwise the next tier's
//                   trigger is looked at
//   reserve tiers   from the lowest price up, each at its own price to all who bid that much or more and still want some; a tier that is
//                   asked for more than it has is shared by the rule for ties, and what a bid did not get goes on to the next tier whose
//                   price it reaches
//
// At a trigger itself nothing is added and nothing kept back. Bids at the trigger or above for exactly what is on offer then clear by the
// common rule, which may give a price above it.
//
// Pure functions. Any thread.
#ifndef SONGHUA_EXCHANGE_AUCTIONS_PRICE_TIERS_H_
#define SONGHUA_EXCHANGE_AUCTIONS_PRICE_TIERS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "exchange/auctions/bid_demand.h"
#include "exchange/auctions/sealed_bids.h"
#include "exchange/auctions/sealed_policy.h"
#include "exchange/auctions/tie_shares.h"

namespace songhua::exchange {

// Numbers are on disk.
enum class TierKind : uint8_t { kContainment = 1, kWithholding = 2, kReserve = 3 };

// What was added, kept back or sold of a tier.
struct TierSale {
  TierKind kind = TierKind::kContainment;
  Price price;
  Quantity quantity;

  template <class Archive>
  void Fields(Archive& a) {
    a(kind, price, quantity);
  }
  bool operator==(const TierSale&) const = default;
};

// The price at which a quantity would clear: that of the bid at which the demand reaches it, or the one the shortfall rule gives. nullopt:
// nobody bids, and no reserve holds. REQUIRES: quantity > 0.
std::optional<Price> PriceFor(const SealedPolicy& policy, const BidDemand& demand, int64_t quantity);

struct AdjustedSupply {
  int64_t quantity = 0;                       // to be sold; where `price` is set, exactly what is bid for at it or better
  std::optional<Price> price = std::nullopt;  // of a trigger
  int64_t added = 0;
  int64_t withheld = 0;
  std::vector<TierSale> tiers = {};
};
// REQUIRES: CheckPolicy and CheckOffer accept; no reserve tiers.
AdjustedSupply AdjustSupply(const SealedPolicy& policy, const BidDemand& demand, int64_t offered);

// How much of the private offers finds a bid that reaches its ask, after `own`; by place in `consignments`. O(n log n).
std::vector<int64_t> MatchAsks(const BidDemand& demand, int64_t own, std::span<const Consignment> consignments);

// What a bid gets of a reserve tier.
struct TierAward {
  uint32_t place = 0;  // of the bid
  uint32_t tier = 0;
  int64_t quantity = 0;
};
struct ReserveSale {
  std::vector<TierAward> awards;
  std::vector<TierSale> tiers = {};
  std::vector<DrawnLot> lots;
};
// REQUIRES: best_first as CutBids leaves it. O(tiers x n log n).
ReserveSale SellReserves(const SealedPolicy& policy, const TieSources& sources, const Parties& parties,
                         std::span<const StandingBid> best_first);

// A claim of the bid at that place to so much.
TieClaim ClaimOf(const Parties& parties, std::span<const StandingBid> best_first, uint32_t place, int64_t quantity);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTIONS_PRICE_TIERS_H_
