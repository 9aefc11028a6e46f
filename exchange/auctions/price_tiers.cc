#include "exchange/auctions/price_tiers.h"

#include <algorithm>
#include <cstddef>

namespace songhua::exchange {
namespace {

int64_t BidAtOrBetter(const BidDemand& demand, int64_t merit) { return demand.Through(demand.LevelsFrom(merit)); }

void Contain(const SealedPolicy& policy, const BidDemand& demand, AdjustedSupply* supply) {
  for (const PriceTier& tier : policy.containment) {
    const std::optional<size_t> levels = demand.LevelsFor(supply->quantity);
    if (!levels.has_value() || demand.MeritAt(*levels - 1) <= MeritOf(policy.side, tier.price)) return;
    const int64_t wanted = BidAtOrBetter(demand, MeritOf(policy.side, tier.price)) - supply->quantity;  // of the tier; not below 0
    const int64_t used = std::min(wanted, tier.quantity.value());
    supply->quantity += used;
    supply->added += used;
    supply->tiers.push_back({TierKind::kContainment, tier.price, Quantity(used)});
    if (wanted < tier.quantity.value()) {
      supply->price = tier.price;
      return;
    }
  }
}

void Withhold(const SealedPolicy& policy, const BidDemand& demand, AdjustedSupply* supply) {
  for (const PriceTier& tier : policy.withholding) {
    const std::optional<Price> interim = PriceFor(policy, demand, supply->quantity);
    if (interim.has_value() && *interim >= tier.price) return;
    const int64_t unwanted = supply->quantity - BidAtOrBetter(demand, MeritOf(policy.side, tier.price));  // at the trigger; above 0
    const int64_t kept = std::min(unwanted, tier.quantity.value());
    supply->quantity -= kept;
    supply->withheld += kept;
    supply->tiers.push_back({TierKind::kWithholding, tier.price, Quantity(kept)});
    if (unwanted < tier.quantity.value()) {
      supply->price = tier.price;
      return;
    }
  }
}

}  // namespace

std::optional<Price> PriceFor(const SealedPolicy& policy, const BidDemand& demand, int64_t quantity) {
  if (const std::optional<size_t> levels = demand.LevelsFor(quantity)) return PriceOfMerit(policy.side, demand.MeritAt(*levels - 1));
  if (policy.shortfall == ShortfallRule::kReserve) return policy.reserve;
  if (demand.total() == 0) return std::nullopt;
  return PriceOfMerit(policy.side, demand.MeritAt(*demand.LevelsFor(demand.total()) - 1));
}

AdjustedSupply AdjustSupply(const SealedPolicy& policy, const BidDemand& demand, int64_t offered) {
  AdjustedSupply supply{.quantity = offered};
  Contain(policy, demand, &supply);
  if (supply.tiers.empty()) Withhold(policy, demand, &supply);
  return supply;
}

std::vector<int64_t> MatchAsks(const BidDemand& demand, int64_t own, std::span<const Consignment> consignments) {
  std::vector<size_t> by_ask(consignments.size());
  for (size_t i = 0; i < by_ask.size(); ++i) by_ask[i] = i;
  std::sort(by_ask.begin(), by_ask.end(), [&](size_t a, size_t b) {
    return consignments[a].ask != consignments[b].ask ? consignments[a].ask < consignments[b].ask
                                                      : consignments[a].number < consignments[b].number;
  });
  std::vector<int64_t> sold(consignments.size());
  int64_t supplied = own;
  for (const size_t i : by_ask) {
    const int64_t wanted = BidAtOrBetter(demand, consignments[i].ask.value()) - supplied;
    if (wanted <= 0) break;  // a higher ask is wanted by fewer
    sold[i] = std::min(wanted, consignments[i].quantity.value());
    supplied += sold[i];
  }
  return sold;
}

TieClaim ClaimOf(const Parties& parties, std::span<const StandingBid> best_first, uint32_t place, int64_t quantity) {
  const StandingBid& bid = best_first[place];
  return {.place = place,
          .id = bid.id,
          .party = bid.bidder,
          .party_number = parties.bidders[bid.bidder].number,
          .sequence = bid.sequence,
          .partial = bid.partial,
          .quantity = quantity};
}

ReserveSale SellReserves(const SealedPolicy& policy, const TieSources& sources, const Parties& parties,
                         std::span<const StandingBid> best_first) {
  ReserveSale sale;
  std::vector<TieClaim> wanting;  // what bids did not get yet
  for (uint32_t place = 0; place < best_first.size(); ++place) {
    if (best_first[place].quantity > 0) wanting.push_back(ClaimOf(parties, best_first, place, best_first[place].quantity));
  }
  for (uint32_t tier = 0; tier < policy.reserve_tiers.size(); ++tier) {
    const PriceTier& offered = policy.reserve_tiers[tier];
    std::erase_if(wanting, [&](const TieClaim& claim) { return best_first[claim.place].merit < offered.price.value(); });
    int64_t wanted = 0;  // of bids whose quantities together fit in 64 bits
    for (const TieClaim& claim : wanting) wanted += claim.quantity;
    const int64_t sold = std::min(wanted, offered.quantity.value());
    sale.tiers.push_back({TierKind::kReserve, offered.price, Quantity(sold)});
    if (sold < wanted) {
      const std::vector<DrawnLot> lots = ShareOut(sources, sold, wanting);
      sale.lots.insert(sale.lots.end(), lots.begin(), lots.end());
    } else {
      for (TieClaim& claim : wanting) claim.award = claim.quantity;
    }
    for (TieClaim& claim : wanting) {
      if (claim.award > 0) sale.awards.push_back({claim.place, tier, claim.award});
      claim.quantity -= claim.award;
    }
    std::erase_if(wanting, [](const TieClaim& claim) { return claim.quantity == 0; });
  }
  return sale;
}

}  // namespace songhua::exchange
