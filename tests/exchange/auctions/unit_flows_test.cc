// Whose units go to which bid.
#include "exchange/auctions/unit_flows.h"

#include <string>
#include <vector>

#include "exchange/auctions/sealed_profiles.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "simulations/random.h"
#include "tests/exchange/auctions/auction_lab.h"

namespace songhua::exchange {
namespace {

using ::testing::ElementsAre;

// "1 < 2: 5 @ 30 = 150" of each flow: bid, consignment.
std::vector<std::string> Flows(const AuctionLab& lab) {
  std::vector<std::string> flows;
  const absl::StatusOr<std::vector<UnitFlow>> answer = FlowsOf(lab.policy, lab.offer, lab.Cleared());
  for (const UnitFlow& flow : *answer) {
    flows.push_back(std::to_string(flow.bid) + " < " + std::to_string(flow.consignment) + ": " + std::to_string(flow.quantity.value()) +
                    " @ " + std::to_string(flow.price.value()) + " = " + std::to_string(flow.amount.value()));
  }
  return flows;
}

TEST(UnitFlows, InEpaTheHighestBidsTakeTheSellersOwnUnits) {
  AuctionLab lab =
      AuctionLab(EpaPolicy(), 10).Consign(1, 5, 30).Consign(2, 5, 20).Consign(3, 5, 1).Bid(1, 25, 9).Bid(2, 50, 12).Bid(3, 19, 9);
  EXPECT_THAT(Flows(lab), ElementsAre("2 < 0: 10 @ 50 = 500", "2 < 3: 2 @ 50 = 100", "1 < 3: 3 @ 25 = 75", "1 < 2: 5 @ 25 = 125"));
}

TEST(UnitFlows, InWciConsignedUnitsGoFirst) {
  SealedPolicy policy = WciPolicy(Price(1));
  policy.purchase_limits.clear();
  AuctionLab lab = AuctionLab(policy, 10'000).Consign(1, 3'000).Consign(2, 2'000).Bid(1, 10, 4'000).Bid(2, 9, 4'000);
  EXPECT_THAT(Flows(lab),
              ElementsAre("1 < 1: 3000 @ 9 = 27000", "1 < 2: 1000 @ 9 = 9000", "2 < 2: 1000 @ 9 = 9000", "2 < 0: 3000 @ 9 = 27000"));
}

TEST(UnitFlows, ThirdsOfAFenAreNeitherLostNorPaidTwice) {
  SealedPolicy policy = WciPolicy(Price(1));
  policy.purchase_limits.clear();
  policy.lot = Quantity(1);
  policy.minimum_bid = Quantity(1);
  policy.terms.quoted_unit = 3;
  AuctionLab lab = AuctionLab(policy, 1).Consign(1, 1).Consign(2, 1).Bid(1, 1, 3);  // 1/3, 2/3 and 3/3, rounded half up: 0, 1, 1
  EXPECT_THAT(Flows(lab), ElementsAre("1 < 1: 1 @ 1 = 0", "1 < 2: 1 @ 1 = 1", "1 < 0: 1 @ 1 = 0"));
}

TEST(UnitFlows, AddUpToAwardsAndToWhatEachOwnerSold) {
  for (uint64_t seed = 1; seed <= 1'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    simulations::Random random(seed);
    AuctionLab lab(EpaPolicy(), random.Between(0, 20));
    lab.policy.terms.quoted_unit = random.Between(1, 5);
    for (uint64_t number = 1; number <= 4; ++number) lab.Consign(number, random.Between(1, 8), random.Between(0, 20));
    for (uint32_t bidder = 1; bidder <= random.Below(9); ++bidder) lab.Bid(bidder, random.Between(1, 20), random.Between(1, 9));
    const SealedResult result = lab.Cleared();
    std::vector<int64_t> sold(5);
    std::vector<int64_t> bought(lab.bids.size());
    Money amount;
    const absl::StatusOr<std::vector<UnitFlow>> flows = FlowsOf(lab.policy, lab.offer, result);
    for (const UnitFlow& flow : *flows) {
      sold[flow.consignment] += flow.quantity.value();
      bought[flow.bid - 1] += flow.quantity.value();
      amount += flow.amount;
      if (flow.consignment > 0) {
        EXPECT_GE(flow.price, lab.offer.consignments[flow.consignment - 1].ask);
      }
    }
    EXPECT_EQ(sold[0], result.own_sold.value());
    for (const ConsignorSale& sale : result.consignors) EXPECT_EQ(sold[sale.number], sale.sold.value());
    EXPECT_EQ(bought, Quantities(result, lab.bids.size()));
    EXPECT_EQ(amount, result.amount);
  }
}

}  // namespace
}  // namespace songhua::exchange
