#include "exchange/auctions/sealed_profiles.h"

#include <utility>

namespace songhua::exchange {

SealedPolicy EuPolicy(int32_t secondary_bps) {
  SealedPolicy policy;
  policy.shortfall = ShortfallRule::kCancel;
  policy.secondary = SecondaryRule::kCancel;
  policy.secondary_bps = secondary_bps;
  policy.lot = Quantity(500);
  policy.minimum_bid = Quantity(500);
  return policy;
}

SealedPolicy UkPolicy(Price reserve, int32_t secondary_bps) {
  SealedPolicy policy = EuPolicy(secondary_bps);
  policy.shortfall = ShortfallRule::kLowestValidBid;
  policy.reserve_rule = ReserveRule::kPublished;
  policy.reserve = reserve;
  policy.secondary = SecondaryRule::kReprice;
  return policy;
}

SealedPolicy RggiPolicy(Price reserve, std::vector<PriceTier> containment, std::vector<PriceTier> withholding) {
  SealedPolicy policy;
  policy.shortfall = ShortfallRule::kReserve;
  policy.reserve_rule = ReserveRule::kApplied;
  policy.reserve = reserve;
  policy.containment = std::move(containment);
  policy.withholding = std::move(withholding);
  policy.purchase_limits = {{kCoveredEntity, 2'500}, {kVoluntaryParticipant, 2'500}};
  policy.guarantee = GuaranteeRule::kRejectBid;
  policy.lot = Quantity(1'000);
  policy.minimum_bid = Quantity(1'000);
  return policy;
}

SealedPolicy WciPolicy(Price floor) {
  SealedPolicy policy;
  policy.ties = TieRule::kProRata;
  policy.reserve_rule = ReserveRule::kApplied;
  policy.reserve = floor;
  policy.purchase_limits = {{kCoveredEntity, 2'500}, {kVoluntaryParticipant, 400}};
  policy.guarantee = GuaranteeRule::kCutAndRetest;
  policy.consignments = ConsignmentRule::kFirst;
  policy.lot = Quantity(1'000);
  policy.minimum_bid = Quantity(1'000);
  return policy;
}

SealedPolicy WciReservePolicy(std::vector<PriceTier> tiers) {
  SealedPolicy policy;
  policy.ties = TieRule::kProRata;
  policy.reserve_tiers = std::move(tiers);
  policy.guarantee = GuaranteeRule::kRejectBid;
  policy.lot = Quantity(1'000);
  policy.minimum_bid = Quantity(1'000);
  return policy;
}

SealedPolicy KrxPolicy(Price minimum) {
  SealedPolicy policy;
  policy.ties = TieRule::kTime;
  policy.reserve_rule = ReserveRule::kPublished;
  policy.reserve = minimum;
  policy.bid_count = BidCount::kOne;
  policy.lot = Quantity(100);
  policy.minimum_bid = Quantity(1'000);
  policy.tick = Price(50);
  return policy;
}

SealedPolicy EpaPolicy() {
  SealedPolicy policy;
  policy.pricing = SealedPricing::kPayAsBid;
  policy.consignments = ConsignmentRule::kAfterByAsk;
  return policy;
}

SealedPolicy CeaOneWayPolicy(Side bidders, SealedPricing pricing, Price reserve) {
  SealedPolicy policy;
  policy.side = bidders;
  policy.pricing = pricing;
  policy.ties = TieRule::kTime;
  policy.reserve_rule = ReserveRule::kPublished;
  policy.reserve = reserve;
  return policy;
}

SealedPolicy ReserveAuctionPolicy(Price floor, SealedPricing pricing) {
  SealedPolicy policy;
  policy.pricing = pricing;
  policy.ties = TieRule::kTime;
  policy.margin = MarginRule::kFillIfOpen;
  policy.reserve_rule = ReserveRule::kPublished;
  policy.reserve = floor;
  return policy;
}

}  // namespace songhua::exchange
