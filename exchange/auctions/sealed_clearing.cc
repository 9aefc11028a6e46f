#include "exchange/auctions/sealed_clearing.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "exchange/auctions/bid_demand.h"
#include "exchange/auctions/standing_bids.h"
#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

// What is served: all bids of the best levels, and a part of the next.
struct Serving {
  size_t levels = 0;
  int64_t rest = 0;  // for the level after them
  std::optional<Price> price = std::nullopt;
  AuctionCancelled cancelled = AuctionCancelled::kNo;
  bool shortfall = false;
  bool repriced = false;
};

// `price` is further under the secondary market's than the policy allows; where sellers bid, further over it.
bool IsFarFromSecondary(const SealedPolicy& policy, Price price, Price comparison) {
  const int64_t bound = policy.side == Side::kBuy ? kWholeBps - policy.secondary_bps : kWholeBps + policy.secondary_bps;
  const __int128 scaled = static_cast<__int128>(price.value()) * kWholeBps;
  const __int128 allowed = static_cast<__int128>(comparison.value()) * bound;
  return policy.side == Side::kBuy ? scaled < allowed : scaled > allowed;
}

// Step 5. REQUIRES: the policy compares.
void Compare(const SealedPolicy& policy, Price comparison, const BidDemand& demand, Serving* serving) {
  if (!IsFarFromSecondary(policy, *serving->price, comparison)) return;
  const int64_t wanted = demand.Through(demand.LevelsFrom(MeritOf(policy.side, comparison)));
  if (policy.secondary == SecondaryRule::kCancel || wanted == 0) {
    *serving = {.cancelled = AuctionCancelled::kUnderSecondary};
    return;
  }
  const size_t levels = *demand.LevelsFor(wanted);
  *serving = {.levels = levels, .price = PriceOfMerit(policy.side, demand.MeritAt(levels - 1)), .repriced = true};
}

// Steps 4 and 5. REQUIRES: quantity > 0.
Serving ServingOf(const SealedPolicy& policy, const Offer& offer, const BidDemand& demand, const AdjustedSupply& supply) {
  if (supply.price.has_value()) return {.levels = demand.LevelsFrom(MeritOf(policy.side, *supply.price)), .price = supply.price};
  const std::optional<size_t> levels = demand.LevelsFor(supply.quantity);
  if (!levels.has_value()) {
    if (policy.shortfall == ShortfallRule::kCancel) return {.cancelled = AuctionCancelled::kShortfall, .shortfall = true};
    Serving serving{.levels = demand.levels(), .shortfall = true};
    if (demand.total() > 0) serving.price = PriceFor(policy, demand, supply.quantity);
    return serving;
  }
  Serving serving{.levels = *levels - 1,
                  .rest = supply.quantity - demand.Through(*levels - 1),
                  .price = PriceOfMerit(policy.side, demand.MeritAt(*levels - 1))};
  if (supply.quantity == demand.Through(*levels)) {
    serving.levels = *levels;
    serving.rest = 0;
  }
  if (policy.secondary != SecondaryRule::kNone) Compare(policy, *offer.comparison, demand, &serving);
  return serving;
}

// Step 6: what each bid gets, by place.
std::vector<int64_t> Serve(const TieSources& sources, const Parties& parties, std::span<const StandingBid> best_first,
                           const BidDemand& demand, const Serving& serving, SealedResult* result) {
  std::vector<int64_t> awards(best_first.size());
  demand.ForEach(0, serving.levels, [&](uint32_t place, int64_t quantity) { awards[place] = quantity; });
  if (serving.rest == 0) return awards;
  std::vector<TieClaim> claims;
  demand.ForEach(serving.levels, serving.levels + 1,
                 [&](uint32_t place, int64_t quantity) { claims.push_back(ClaimOf(parties, best_first, place, quantity)); });
  result->margin = Quantity(serving.rest);
  result->lots = ShareOut(sources, serving.rest, claims);
  for (const TieClaim& claim : claims) awards[claim.place] += claim.award;
  return awards;
}

absl::Status Award(const SealedPolicy& policy, const Parties& parties, const StandingBid& bid, Price price, int64_t quantity,
                   SealedResult* result) {
  const AmountTerms& terms = policy.terms;
  SONGHUA_ASSIGN_OR_RETURN(const Money amount, Amount(price, Quantity(quantity), terms.quoted_unit, terms.term, terms.rounding));
  SONGHUA_ASSIGN_OR_RETURN(result->amount, CheckedAdd(result->amount, amount));
  result->sold += Quantity(quantity);
  result->awards.push_back({bid.id, parties.bidders[bid.bidder].number, price, Quantity(quantity), amount});
  return absl::OkStatus();
}

// Whose units were sold, of `sold` in all.
void DivideAmongOwners(const SealedPolicy& policy, const Offer& offer, const TieSources& sources, std::span<const int64_t> by_ask,
                       SealedResult* result) {
  int64_t consigned = 0;
  for (const Consignment& consignment : offer.consignments) {
    result->consignors.push_back({consignment.number, consignment.quantity});
    consigned += consignment.quantity.value();
  }
  const int64_t sold = result->sold.value();
  if (policy.consignments == ConsignmentRule::kAfterByAsk) {
    consigned = 0;
    for (size_t i = 0; i < by_ask.size(); ++i) {
      result->consignors[i].sold = Quantity(by_ask[i]);
      consigned += by_ask[i];
    }
    result->own_sold = Quantity(sold - consigned);
    return;
  }
  result->own_sold = Quantity(std::max<int64_t>(0, sold - consigned));
  if (sold >= consigned) return;
  std::vector<TieClaim> claims;
  for (uint32_t i = 0; i < offer.consignments.size(); ++i) {
    const Consignment& consignment = offer.consignments[i];
    claims.push_back(
        {.place = i, .id = consignment.number, .party = i, .party_number = consignment.number, .quantity = consignment.quantity.value()});
  }
  TieSources shared = sources;
  shared.ties = TieRule::kProRata;
  const std::vector<DrawnLot> lots = ShareOut(shared, sold, claims);
  result->lots.insert(result->lots.end(), lots.begin(), lots.end());
  for (const TieClaim& claim : claims) result->consignors[claim.place].sold = Quantity(claim.award);
}

absl::Status ClearByPrice(const SealedAuction& auction, const TieSources& sources, const Parties& parties,
                          std::span<const StandingBid> best_first, SealedResult* result) {
  const SealedPolicy& policy = auction.policy;
  const BidDemand demand(policy, parties, best_first);
  demand.ReportCapped(&result->cuts, &result->lowered);
  result->demand = Quantity(demand.total());

  std::vector<int64_t> by_ask;
  int64_t offered = result->offered.value();
  if (policy.consignments == ConsignmentRule::kAfterByAsk) {
    by_ask = MatchAsks(demand, auction.offer.own.value(), auction.offer.consignments);
    offered = auction.offer.own.value();
    for (const int64_t quantity : by_ask) offered += quantity;
  }
  if (offered == 0) {  // only private offers, and no bid reaches one
    DivideAmongOwners(policy, auction.offer, sources, by_ask, result);
    return absl::OkStatus();
  }
  result->interim_price = PriceFor(policy, demand, offered);
  AdjustedSupply supply = AdjustSupply(policy, demand, offered);
  result->added = Quantity(supply.added);
  result->withheld = Quantity(supply.withheld);
  result->tiers = std::move(supply.tiers);

  const Serving serving = ServingOf(policy, auction.offer, demand, supply);
  result->cancelled = serving.cancelled;
  result->shortfall = serving.shortfall;
  result->repriced = serving.repriced;
  if (serving.cancelled == AuctionCancelled::kNo) {
    const std::vector<int64_t> awards = Serve(sources, parties, best_first, demand, serving, result);
    std::optional<Price> worst;
    for (size_t i = 0; i < awards.size(); ++i) {
      if (awards[i] > 0) worst = PriceOfMerit(policy.side, best_first[i].merit);
    }
    result->clearing_price = policy.pricing == SealedPricing::kPayAsBid || policy.margin == MarginRule::kFillIfOpen || !worst.has_value()
                                 ? worst
                                 : serving.price;
    for (size_t i = 0; i < awards.size(); ++i) {
      if (awards[i] == 0) continue;
      const Price price =
          policy.pricing == SealedPricing::kUniform ? *result->clearing_price : PriceOfMerit(policy.side, best_first[i].merit);
      SONGHUA_RETURN_IF_ERROR(Award(policy, parties, best_first[i], price, awards[i], result));
    }
  }
  DivideAmongOwners(policy, auction.offer, sources, by_ask, result);
  return absl::OkStatus();
}

absl::Status ClearReserves(const SealedAuction& auction, const TieSources& sources, const Parties& parties,
                           std::span<const StandingBid> best_first, SealedResult* result) {
  for (const StandingBid& bid : best_first) result->demand += Quantity(bid.quantity);
  result->shortfall = result->demand < result->offered;
  ReserveSale sale = SellReserves(auction.policy, sources, parties, best_first);
  for (const TierAward& award : sale.awards) {
    SONGHUA_RETURN_IF_ERROR(
        Award(auction.policy, parties, best_first[award.place], auction.policy.reserve_tiers[award.tier].price, award.quantity, result));
  }
  result->tiers = std::move(sale.tiers);
  result->lots = std::move(sale.lots);
  result->own_sold = result->sold;
  return absl::OkStatus();
}

// What holds of every result, whatever the policy.
void CheckResult(const SealedPolicy& policy, const SealedResult& result) {
  SONGHUA_CHECK(result.sold <= result.offered + result.added - result.withheld);
  SONGHUA_CHECK(result.cancelled == AuctionCancelled::kNo || result.awards.empty());
  Quantity of_owners = result.own_sold;
  for (const ConsignorSale& sale : result.consignors) of_owners += sale.sold;
  SONGHUA_CHECK(of_owners == result.sold);
  for (const SealedAward& award : result.awards) {
    SONGHUA_CHECK(award.quantity > Quantity() && award.quantity.value() % policy.award_step.value() == 0);
    SONGHUA_CHECK(policy.reserve_rule == ReserveRule::kNone || MeritOf(policy.side, award.price) >= MeritOf(policy.side, policy.reserve));
  }
}

}  // namespace

absl::StatusOr<SealedResult> ClearSealed(const SealedAuction& auction) {
  const SealedPolicy& policy = auction.policy;
  SONGHUA_RETURN_IF_ERROR(CheckPolicy(policy));
  SONGHUA_RETURN_IF_ERROR(CheckOffer(policy, auction.offer));
  SONGHUA_ASSIGN_OR_RETURN(const Parties parties, CollectParties(policy, auction.bidders));
  SONGHUA_ASSIGN_OR_RETURN(CollectedBids collected, CollectBids(policy, parties, auction.bids));

  SealedResult result;
  result.offered = OfferedOf(policy, auction.offer);
  result.collected = collected.digest;
  CutBids(policy, result.offered, parties, collected.best_first, &result.cuts);
  const TieSources sources{policy.ties, policy.margin, policy.award_step.value(), auction.seed};
  SONGHUA_RETURN_IF_ERROR(policy.reserve_tiers.empty() ? ClearByPrice(auction, sources, parties, collected.best_first, &result)
                                                       : ClearReserves(auction, sources, parties, collected.best_first, &result));
  result.unsold = result.offered + result.added - result.withheld - result.sold;
  std::sort(result.awards.begin(), result.awards.end(),
            [](const SealedAward& a, const SealedAward& b) { return std::tie(a.bid, a.price) < std::tie(b.bid, b.price); });
  std::sort(result.cuts.begin(), result.cuts.end(),
            [](const BidCut& a, const BidCut& b) { return std::tie(a.bid, a.reason) < std::tie(b.bid, b.reason); });
  std::sort(result.lowered.begin(), result.lowered.end(), [](const LoweredBid& a, const LoweredBid& b) { return a.bid < b.bid; });
  CheckResult(policy, result);
  return result;
}

}  // namespace songhua::exchange
