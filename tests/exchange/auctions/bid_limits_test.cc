// What is cut of bids before they are cleared: limits of groups and what a guarantee covers.
#include "exchange/auctions/bid_limits.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "exchange/auctions/sealed_profiles.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/exchange/auctions/auction_lab.h"

namespace songhua::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

// WCI in single units without limits of purchase.
SealedPolicy WciUnits() {
  SealedPolicy policy = WciPolicy(Price(1));
  policy.purchase_limits.clear();
  policy.lot = Quantity(1);
  policy.minimum_bid = Quantity(1);
  return policy;
}

std::vector<std::string> Lowered(const SealedResult& result) {
  std::vector<std::string> lowered;
  for (const LoweredBid& bid : result.lowered)
    lowered.push_back("bid " + std::to_string(bid.bid) + ": " + std::to_string(bid.quantity.value()));
  return lowered;
}

TEST(BidLimits, ThePurchaseLimitCutsTheLowestPriceFirst) {
  // 25 % of 100,000 for an emitter.
  const SealedResult result = AuctionLab(WciPolicy(Price(1)), 100'000).Bid(1, 30, 10'000).Bid(1, 40, 10'000).Bid(1, 20, 10'000).Cleared();
  EXPECT_THAT(Cuts(result), ElementsAre("bid 3: 5000 purchase"));
  EXPECT_THAT(Quantities(result, 3), ElementsAre(10'000, 10'000, 5'000));
}

TEST(BidLimits, TheLimitOfAVoluntaryParticipantIsFourPercent) {
  AuctionLab lab(WciPolicy(Price(1)), 100'000);
  lab.Known(1).kind = kVoluntaryParticipant;
  EXPECT_THAT(Cuts(lab.Bid(1, 30, 10'000).Cleared()), ElementsAre("bid 1: 6000 purchase"));
}

TEST(BidLimits, RelatedBiddersShareOneLimitAndTheStrictestCounts) {
  AuctionLab lab(WciPolicy(Price(1)), 100'000);
  lab.Known(1).group = 9;
  lab.Known(2).group = 9;
  EXPECT_THAT(Cuts(lab.Bid(1, 30, 20'000).Bid(2, 40, 20'000).Cleared()), ElementsAre("bid 1: 15000 purchase"));
  lab.Known(2).kind = kVoluntaryParticipant;
  EXPECT_THAT(Cuts(lab.Cleared()), ElementsAre("bid 1: 20000 purchase", "bid 2: 16000 purchase"));
}

TEST(BidLimits, OfEqualPricesTheLatestIsCutFirst) {
  EXPECT_THAT(Cuts(AuctionLab(WciPolicy(Price(1)), 100'000).Bid(1, 30, 20'000).Bid(1, 30, 20'000).Cleared()),
              ElementsAre("bid 2: 15000 purchase"));
}

TEST(BidLimits, LotsAreCutWhole) {
  // 25 % of 10,010 is 2,502: two lots.
  const SealedResult result = AuctionLab(WciPolicy(Price(1)), 10'010).Bid(1, 30, 4'000).Cleared();
  EXPECT_THAT(Cuts(result), ElementsAre("bid 1: 2000 purchase"));
}

TEST(BidLimits, TheHoldingRoomCutsWhatThePurchaseLimitLeft) {
  AuctionLab lab = AuctionLab(WciPolicy(Price(1)), 100'000).Bid(1, 30, 20'000).Bid(1, 20, 20'000);
  lab.Known(1).holding_room = Quantity(12'500);
  EXPECT_THAT(Cuts(lab.Cleared()), ElementsAre("bid 1: 8000 holding", "bid 2: 15000 purchase", "bid 2: 5000 holding"));
  lab.Known(1).holding_room = Quantity(0);
  EXPECT_EQ(Summary(lab.Cleared()), "nothing");
}

TEST(BidLimits, WhatIsCutCountsForNoPriceAndNoDemand) {
  AuctionLab lab = AuctionLab(WciUnits(), 10).Bid(1, 30, 5).Bid(2, 2, 5);
  lab.Known(2).holding_room = Quantity(0);
  EXPECT_EQ(Summary(lab.Cleared()), "5 @ 30, unsold 5");
  EXPECT_EQ(lab.Cleared().demand, Quantity(5));
}

// --- The guarantee --------------------------------------------------------------------------------------------------------------------

TEST(Guarantee, ABookIsWorthTheGreatestOfItsPricesTimesWhatIsBidThere) {
  // 50 x 10 = 500, 30 x 20 = 600, 10 x 30 = 300: worth 600.
  AuctionLab lab = AuctionLab(WciUnits(), 100).Bid(1, 50, 10).Bid(1, 30, 10).Bid(1, 10, 10);
  lab.Known(1).guarantee = Money(600);
  EXPECT_THAT(Cuts(lab.Cleared()), IsEmpty());
  EXPECT_THAT(Lowered(lab.Cleared()), IsEmpty());
  lab.Known(1).guarantee = Money(599);
  EXPECT_THAT(Lowered(lab.Cleared()), ElementsAre("bid 2: 1"));
}

TEST(Guarantee, LotsInExcessFallToTheNextPriceThatAnybodyBid) {
  // 1,000 covers 10 at 100, 12 at 80 (another's price), 20 at 50 (another's).
  AuctionLab lab = AuctionLab(WciUnits(), 15).Bid(1, 100, 15).Bid(2, 80, 1).Bid(3, 50, 1);
  lab.Known(1).guarantee = Money(1'000);
  const SealedResult result = lab.Cleared();
  EXPECT_THAT(Lowered(result), ElementsAre("bid 1: 5"));
  EXPECT_THAT(Cuts(result), IsEmpty());
  // 10 at 100, 12 + 1 at 80, 15 + 2 at 50.
  EXPECT_EQ(Summary(result), "15 @ 50, unsold 0");
  lab.offer.own = Quantity(13);
  EXPECT_EQ(Summary(lab.Cleared()), "13 @ 80, unsold 0");
  EXPECT_THAT(Quantities(lab.Cleared(), 3), ElementsAre(12, 1, 0));
  lab.offer.own = Quantity(10);
  EXPECT_EQ(Summary(lab.Cleared()), "10 @ 100, unsold 0");
}

TEST(Guarantee, LotsThatFitAtNoPriceThatWasBidFallAway) {
  AuctionLab lab = AuctionLab(WciUnits(), 100).Bid(1, 100, 15).Bid(2, 80, 1);
  lab.Known(1).guarantee = Money(1'000);
  EXPECT_THAT(Cuts(lab.Cleared()), ElementsAre("bid 1: 3 guarantee"));
  EXPECT_EQ(Summary(lab.Cleared()), "13 @ 80, unsold 87");
}

TEST(Guarantee, LotsThatFellComeBeforeOnesOwnBidsAtThatPrice) {
  AuctionLab lab = AuctionLab(WciUnits(), 100).Bid(1, 100, 15).Bid(1, 80, 4);
  lab.Known(1).guarantee = Money(1'000);  // 10 at 100, 12 at 80
  EXPECT_THAT(Lowered(lab.Cleared()), ElementsAre("bid 1: 2"));
  EXPECT_THAT(Cuts(lab.Cleared()), ElementsAre("bid 1: 3 guarantee", "bid 2: 4 guarantee"));
}

TEST(Guarantee, NobodyPaysMoreThanItGuaranteed) {
  AuctionLab lab = AuctionLab(WciUnits(), 25).Bid(1, 97, 15).Bid(1, 61, 9).Bid(2, 83, 4).Bid(3, 41, 9).Bid(3, 59, 3);
  lab.Known(1).guarantee = Money(700);
  for (int64_t supply = 1; supply < 40; ++supply) {
    lab.offer.own = Quantity(supply);
    Money paid;
    for (const SealedAward& award : lab.Cleared().awards) paid += award.bidder == 1 ? award.amount : Money();
    EXPECT_LE(paid, Money(700)) << supply;
  }
}

TEST(Guarantee, ABidThatTakesItsBookOverTheGuaranteeFallsAwayWhole) {
  SealedPolicy policy = WciUnits();
  policy.guarantee = GuaranteeRule::kRejectBid;
  // In time: 50 x 10 = 500 stands; 40 x (10 + 6) = 640 does not; 30 x (10 + 10) = 600 does; 20 x 31 = 620 does not; 20 x 30 = 600 does.
  AuctionLab lab = AuctionLab(policy, 100).Bid(1, 50, 10).Bid(1, 40, 6).Bid(1, 30, 10).Bid(1, 20, 11).Bid(1, 20, 10);
  lab.Known(1).guarantee = Money(600);
  EXPECT_THAT(Cuts(lab.Cleared()), ElementsAre("bid 2: 6 guarantee", "bid 4: 11 guarantee"));
}

TEST(Guarantee, WhereEachPaysItsOwnBidTheBookIsTheSumOfItsBids) {
  SealedPolicy policy = WciUnits();
  policy.pricing = SealedPricing::kPayAsBid;
  policy.guarantee = GuaranteeRule::kRejectBid;
  AuctionLab lab = AuctionLab(policy, 100).Bid(1, 50, 10).Bid(1, 10, 11).Bid(1, 10, 10);
  lab.Known(1).guarantee = Money(600);
  EXPECT_THAT(Cuts(lab.Cleared()), ElementsAre("bid 2: 11 guarantee"));
}

// Found by random auctions: the greatest p x quantity is what is paid at most only where all pay one price.
TEST(Guarantee, InASaleOfReservesItCoversSeveralPrices) {
  SealedPolicy policy = WciReservePolicy({{Price(4), Quantity(8)}, {Price(10), Quantity(3)}});
  policy.lot = Quantity(1);
  policy.minimum_bid = Quantity(1);
  AuctionLab lab = AuctionLab(policy).Bid(1, 10, 3).Bid(1, 4, 8).Bid(1, 4, 3);
  lab.Known(1).guarantee = Money(44);  // 3 x 10 + 3 x 4 are 42
  EXPECT_THAT(Cuts(lab.Cleared()), ElementsAre("bid 2: 8 guarantee"));
}

TEST(Guarantee, WhatABookCanCostAtMostIsKnownWhenItsBidsAreTaken) {
  const auto bids = AuctionLab(WciUnits()).Bid(1, 10, 10).Bid(1, 50, 10).Bid(1, 30, 10).bids;
  EXPECT_EQ(*MostPayable(WciUnits(), bids), Money(600));  // 30 x 20
  EXPECT_EQ(*MostPayable(EpaPolicy(), bids), Money(900));
  EXPECT_EQ(*MostPayable(CeaOneWayPolicy(Side::kSell, SealedPricing::kUniform, Price(50)), bids), Money(0));
  EXPECT_EQ(*MostPayable(WciUnits(), {}), Money(0));
  SealedPolicy thirds = WciUnits();
  thirds.terms.quoted_unit = 3;  // 200 and at most 1 more for each of three awards but one
  EXPECT_EQ(*MostPayable(thirds, bids), Money(202));
  EXPECT_EQ(MostPayable(EpaPolicy(), AuctionLab(EpaPolicy()).Bid(1, kMost, 1).Bid(1, 1, 1).bids).status().code(),
            absl::StatusCode::kOutOfRange);
}

TEST(Guarantee, WhatItCoversIsExact) {
  EXPECT_EQ(CoveredBy(Money(1'000), Price(3), {}), Quantity(333));
  EXPECT_EQ(CoveredBy(Money(999), Price(3), {}), Quantity(333));
  EXPECT_EQ(CoveredBy(Money(0), Price(3), {}), Quantity(0));
  // 184 days of a yearly price per tonne, in grams: 1 fen x 10^6 x 365 / (600,000 x 184) = 3.3.
  EXPECT_EQ(CoveredBy(Money(1), Price(600'000), {kGramsPerTonne, {184, 365}, Rounding::kHalfUp}), Quantity(3));
  // More than there are units, and the largest numbers of all.
  EXPECT_EQ(CoveredBy(Money(kMost), Price(1), {1'000'000'000, {1, 1'000'000}, Rounding::kHalfUp}), Quantity(kMost));
  EXPECT_EQ(CoveredBy(Money(kMost), Price(kMost), {1'000'000'000, {1'000'000, 1}, Rounding::kHalfUp}), Quantity(1'000));
}

}  // namespace
}  // namespace songhua::exchange
