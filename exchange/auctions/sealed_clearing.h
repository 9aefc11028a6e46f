// Clears a sealed auction: from what was bid to who gets what at which price, and everything that an auditor needs to follow it
// (international.md 2.7).
//
//   SealedAuction auction{.policy = UkPolicy(Price(2'200), 1'000), .offer = offer, .bidders = bidders, .bids = bids, .seed = seed};
//   const absl::StatusOr<SealedResult> result = ClearSealed(auction);
//
//   1. what must not be there refuses the whole: CheckPolicy, CheckOffer, CheckBidder, CheckBid. The caller asked at entry
//   2. cuts: reserve, purchase limits, holding room, guarantee                               exchange/auctions/bid_limits.h
//   3. the quantity that is sold: asks, containment, withholding                              exchange/auctions/price_tiers.h
//   4. the price: the bid at which the demand reaches that quantity; bids for less: the shortfall rule
//   5. the price beside the secondary market's: nothing is sold, or at a better price
//   6. bids above the margin are served whole, those at it by the rule for ties               exchange/auctions/tie_shares.h
//   7. amounts, and whose units were sold
//
// Edges that the published rules leave open, and how they are closed here:
//
//   - bids for exactly what is offered are no shortfall
//   - under kFillIfOpen the price is the worst that was served: a bid that took no part makes no price (DR-46)
//   - further under the secondary price than so many bps means more: at the bound the price stands. Reprice takes the worst bid that is
//     not under the secondary price itself
//   - an auction without a bid is not cancelled unless a shortfall cancels: it sold nothing
//   - a purchase limit is a part of what is offered before containment or withholding
//   - whose units were sold is told in quantities; which of them go to whom: exchange/auctions/unit_flows.h
//
// Always: awards together are what is sold, no more than what is offered with containment; nobody pays above its bid (asks: takes less);
// nothing beyond the reserve is served; a cancelled auction awards nothing. Bidding better for the same quantity never lowers what a bid
// gets, unless its bidder's guarantee cuts (exchange/auctions/tie_shares.h says how the lots see to it).
//
// A pure function: the same bids, bidders, offer, policy and seed give the same result in whatever order they are listed. No I/O, no clock,
// no chance. Any thread. O(n log n) of n bids; where guarantees cut and test again, O(n log^2 n).
#ifndef SONGHUA_EXCHANGE_AUCTIONS_SEALED_CLEARING_H_
#define SONGHUA_EXCHANGE_AUCTIONS_SEALED_CLEARING_H_

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "exchange/auctions/bid_limits.h"
#include "exchange/auctions/price_tiers.h"
#include "exchange/auctions/sealed_bids.h"
#include "exchange/auctions/sealed_policy.h"
#include "exchange/auctions/tie_shares.h"
#include "ledger/sha256.h"

namespace songhua::exchange {

struct SealedAuction {
  SealedPolicy policy;
  Offer offer;
  std::span<const Bidder> bidders;
  std::span<const SealedBid> bids;
  Digest seed{};  // sealed before the first bid was taken (SealOf in exchange/call_seeds.h); without meaning where nothing is drawn
};

// Why nothing was sold although something was bid. Numbers are on disk.
enum class AuctionCancelled : uint8_t { kNo = 0, kShortfall = 1, kUnderSecondary = 2 };

struct SealedAward {
  uint64_t bid = 0;
  uint32_t bidder = 0;
  Price price;
  Quantity quantity;  // above 0
  Money amount;

  template <class Archive>
  void Fields(Archive& a) {
    a(bid, bidder, price, quantity, amount);
  }
  bool operator==(const SealedAward&) const = default;
};

struct ConsignorSale {
  uint64_t number = 0;
  Quantity sold;

  template <class Archive>
  void Fields(Archive& a) {
    a(number, sold);
  }
  bool operator==(const ConsignorSale&) const = default;
};

struct SealedResult {
  AuctionCancelled cancelled = AuctionCancelled::kNo;
  bool shortfall = false;  // less was bid for than was to be sold
  bool repriced = false;   // by the secondary market's price

  std::optional<Price> interim_price;   // at which what is offered would have cleared (EPA: with the private offers that found a bid)
  std::optional<Price> clearing_price;  // all pay it; kPayAsBid: the worst served. None: nothing was sold, or it is a sale of reserves

  Quantity offered;   // OfferedOf
  Quantity added;     // by containment
  Quantity withheld;  // by withholding
  Quantity sold;
  Quantity unsold;  // offered + added - withheld - sold
  Quantity demand;  // that stood after all cuts
  Money amount;     // of all awards

  std::vector<SealedAward> awards;        // by bid; in a sale of reserves one for each tier from which it got some, the cheapest first
  std::vector<BidCut> cuts;               // by bid, then reason
  std::vector<LoweredBid> lowered;        // by bid
  std::vector<TierSale> tiers;            // in the order in which they were looked at
  Quantity own_sold;                      // of the offer's own, with what containment added
  std::vector<ConsignorSale> consignors;  // by number, all of them

  Digest collected{};          // DigestOfBids
  Quantity margin;             // what was left for those at the margin, where they wanted more
  std::vector<DrawnLot> lots;  // what was drawn, lowest first: of bids (kSeeded) or bidders (kProRata); then of consignments

  bool operator==(const SealedResult&) const = default;
};

// OUT_OF_RANGE where an amount, or quantities together, leave 64 bits.
absl::StatusOr<SealedResult> ClearSealed(const SealedAuction& auction);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_AUCTIONS_SEALED_CLEARING_H_
