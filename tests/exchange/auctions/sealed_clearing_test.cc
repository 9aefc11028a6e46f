// Each plug of the clearing by itself, and its bounds.
#include "exchange/auctions/sealed_clearing.h"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "exchange/auctions/sealed_profiles.h"
#include "exchange/auctions/standing_bids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/exchange/auctions/auction_lab.h"

namespace songhua::exchange {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();

// One price, ties by time, no reserve, single units.
SealedPolicy Plain() {
  SealedPolicy policy;
  policy.ties = TieRule::kTime;
  return policy;
}

// --- Bounds ---------------------------------------------------------------------------------------------------------------------------

TEST(SealedClearing, WithoutBidsNothingIsSold) {
  EXPECT_EQ(Summary(AuctionLab(Plain(), 10).Cleared()), "nothing");
  EXPECT_EQ(AuctionLab(Plain(), 10).Cleared().unsold, Quantity(10));
  EXPECT_EQ(AuctionLab(Plain(), 10).Cleared().interim_price, std::nullopt);
  SealedPolicy cancels = Plain();
  cancels.shortfall = ShortfallRule::kCancel;
  EXPECT_EQ(Summary(AuctionLab(cancels, 10).Cleared()), "cancelled");
}

TEST(SealedClearing, ASingleUnitGoesToTheBestBid) {
  EXPECT_THAT(Quantities(AuctionLab(Plain(), 1).Bid(1, 5, 3).Bid(2, 6, 1).Cleared(), 2), ElementsAre(0, 1));
}

TEST(SealedClearing, BidsForExactlyWhatIsOfferedAreNoShortfall) {
  SealedPolicy cancels = Plain();
  cancels.shortfall = ShortfallRule::kCancel;
  EXPECT_EQ(Summary(AuctionLab(cancels, 10).Bid(1, 5, 10).Cleared()), "10 @ 5, unsold 0");
  EXPECT_EQ(Summary(AuctionLab(cancels, 11).Bid(1, 5, 10).Cleared()), "cancelled");
}

TEST(SealedClearing, AnAmountThatDoesNotFitIsRefusedAndNotWrapped) {
  EXPECT_EQ(AuctionLab(Plain(), 10).Bid(1, kLargest / 2, 3).Clear().status().code(), absl::StatusCode::kOutOfRange);
  // Each fits, and together they do not.
  EXPECT_EQ(AuctionLab(Plain(), 2).Bid(1, kLargest, 1).Bid(2, kLargest, 1).Clear().status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Summary(AuctionLab(Plain(), 1).Bid(1, kLargest, 1).Cleared()), "1 @ " + std::to_string(kLargest) + ", unsold 0");
}

TEST(SealedClearing, QuantitiesThatDoNotFitTogetherAreRefused) {
  SealedPolicy policy = Plain();
  policy.terms.quoted_unit = 1'000'000'000;
  EXPECT_EQ(AuctionLab(policy, 10).Bid(1, 1, kLargest).Bid(2, 1, 1).Clear().status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Summary(AuctionLab(policy, kLargest).Bid(1, 1, kLargest).Cleared()), std::to_string(kLargest) + " @ 1, unsold 0");
}

TEST(SealedClearing, WhatMustNotHaveBeenTakenRefusesTheWhole) {
  AuctionLab lab = AuctionLab(Plain(), 10).Bid(1, 5, 3).Bid(2, 5, 3);
  lab.bids[1].id = 1;
  EXPECT_EQ(FieldOf(lab.Clear()), "bids.id=1");
  lab.bids[1].id = 0;
  EXPECT_EQ(FieldOf(lab.Clear()), "bids.id=0");
  lab.bids[1].id = 2;
  lab.bids[1].bidder = 7;
  EXPECT_EQ(FieldOf(lab.Clear()), "bids.bidder=7");
  lab.bids[1].bidder = 2;
  lab.bidders.push_back(lab.bidders[0]);
  EXPECT_EQ(FieldOf(lab.Clear()), "bidders.number=1");
}

TEST(SealedClearing, AnAmountIsRoundedOnceByTheRuleNamed) {
  SealedPolicy policy = Plain();
  policy.terms = {kGramsPerTonne, {184, 365}, Rounding::kHalfUp};  // DR-40's vector
  const SealedResult result = AuctionLab(policy, 8'074'000).Bid(1, 600'000, 8'074'000).Cleared();
  EXPECT_EQ(result.amount, Money(2'442'108));
}

// --- Ties -----------------------------------------------------------------------------------------------------------------------------

TEST(SealedClearing, EqualTimesGoByTheLowerNumber) {
  AuctionLab lab = AuctionLab(Plain(), 4).Bid(1, 5, 3).Bid(2, 5, 3);
  lab.bids[0].sequence = 9;
  lab.bids[1].sequence = 9;
  EXPECT_THAT(Quantities(lab.Cleared(), 2), ElementsAre(3, 1));
  lab.bids[0].sequence = 10;
  EXPECT_THAT(Quantities(lab.Cleared(), 2), ElementsAre(1, 3));
}

TEST(SealedClearing, WhoHasTheSeedDrawsTheSameLots) {
  SealedPolicy policy = Plain();
  policy.ties = TieRule::kSeeded;
  AuctionLab lab = AuctionLab(policy, 4).Bid(1, 5, 3).Bid(2, 5, 3).Bid(3, 5, 3);
  lab.seed.fill(0x5a);
  const SealedResult result = lab.Cleared();
  ASSERT_EQ(result.lots.size(), 3u);
  Digest last{};
  for (const DrawnLot& lot : result.lots) {
    const std::string number = {0, 0, 0, 0, 0, 0, 0, static_cast<char>(lot.number)};
    EXPECT_EQ(lot.lot, Sha256Of(AsBytes(lab.seed), number));
    EXPECT_LT(last, lot.lot);
    last = lot.lot;
  }
  EXPECT_EQ(AuctionLab(policy, 9).Bid(1, 5, 3).Bid(2, 5, 3).Bid(3, 5, 3).Cleared().lots.size(), 0u)
      << "drawn where nothing is to be decided";
}

TEST(SealedClearing, TheDigestIsThatOfTheBidsByNumber) {
  const std::vector<SealedBid> bids = {{1, 2, Price(3), Quantity(4), 5, true}, {6, 7, Price(8), Quantity(9), 10, false}};
  std::string bytes;
  for (const uint64_t part : {1, 2, 3, 4, 5}) bytes += std::string(7, '\0') + static_cast<char>(part);
  bytes += '\1';
  for (const uint64_t part : {6, 7, 8, 9, 10}) bytes += std::string(7, '\0') + static_cast<char>(part);
  bytes += '\0';
  EXPECT_EQ(DigestOfBids(bids), Sha256Of(bytes));
  EXPECT_EQ(DigestOfBids({}), Sha256Of(""));
}

// --- The margin (DR-46) ---------------------------------------------------------------------------------------------------------------

TEST(ReserveAuction, TheBidAtTheMarginTakesAPartOnlyIfItSaidSo) {
  AuctionLab lab = AuctionLab(ReserveAuctionPolicy(Price(10)), 10).Bid(1, 30, 6).Bid(2, 20, 6).Bid(3, 15, 2);
  SealedResult result = lab.Cleared();
  EXPECT_THAT(Quantities(result, 3), ElementsAre(6, 0, 0)) << "no lower bid overtakes";
  EXPECT_EQ(Summary(result), "6 @ 30, unsold 4");
  lab.bids[1].partial = true;
  result = lab.Cleared();
  EXPECT_THAT(Quantities(result, 3), ElementsAre(6, 4, 0));
  EXPECT_EQ(result.amount, Money(6 * 30 + 4 * 20)) << "each pays its own bid";
}

TEST(ReserveAuction, NorDoesOneOfTheSamePriceThatCameLater) {
  AuctionLab lab = AuctionLab(ReserveAuctionPolicy(Price(10)), 10).Bid(1, 30, 6).Bid(2, 20, 6).Bid(3, 20, 2, true);
  EXPECT_THAT(Quantities(lab.Cleared(), 3), ElementsAre(6, 0, 0));
}

TEST(ReserveAuction, ABidThatFitsWholeNeedNotTakeAPart) {
  EXPECT_THAT(Quantities(AuctionLab(ReserveAuctionPolicy(Price(10)), 10).Bid(1, 20, 6).Bid(2, 20, 4).Bid(3, 20, 4).Cleared(), 3),
              ElementsAre(6, 4, 0));
}

TEST(ReserveAuction, ABidThatTakesNoPartMakesNoPrice) {
  EXPECT_EQ(Summary(AuctionLab(ReserveAuctionPolicy(Price(10), SealedPricing::kUniform), 10).Bid(1, 30, 6).Bid(2, 20, 6).Cleared()),
            "6 @ 30, unsold 4");
  EXPECT_EQ(Summary(AuctionLab(ReserveAuctionPolicy(Price(10), SealedPricing::kUniform), 10).Bid(1, 30, 11).Cleared()), "nothing");
}

// --- Reserves -------------------------------------------------------------------------------------------------------------------------

TEST(Reserve, APublishedOneIsCheckedAtEntry) {
  AuctionLab lab = AuctionLab(UkPolicy(Price(2'200), 1'000), 500).Bid(1, 2'199, 500);
  lab.offer.comparison = Price(2'200);
  EXPECT_EQ(FieldOf(lab.Clear()), "bids.price=2199");
  lab.bids[0].price = Price(2'200);
  EXPECT_EQ(Summary(lab.Cleared()), "500 @ 2200, unsold 0");
}

TEST(Reserve, OneThatIsAppliedAtTheClearingLeavesLowerBidsUnserved) {
  SealedPolicy policy = Plain();
  policy.reserve_rule = ReserveRule::kApplied;
  policy.reserve = Price(20);
  EXPECT_EQ(Summary(AuctionLab(policy, 10).Bid(1, 20, 4).Bid(2, 19, 9).Cleared()), "4 @ 20, unsold 6");
  EXPECT_EQ(Summary(AuctionLab(policy, 10).Bid(1, 19, 10).Cleared()), "nothing");
  policy.shortfall = ShortfallRule::kCancel;
  EXPECT_EQ(Summary(AuctionLab(policy, 10).Bid(1, 20, 4).Bid(2, 19, 9).Cleared()), "cancelled") << "what does not count is missing";
}

// --- The secondary market's price
// ---------------------------------------------------------------------------------------------------------

AuctionLab Beside(SealedPolicy policy, int64_t comparison) {
  AuctionLab lab = AuctionLab(std::move(policy), 2'000).Bid(1, 100, 500).Bid(2, 95, 500).Bid(3, 80, 500).Bid(4, 70, 500).Bid(5, 60, 500);
  lab.offer.comparison = Price(comparison);
  return lab;
}

TEST(Secondary, AnEuPriceTooFarUnderItCancels) {
  EXPECT_EQ(Summary(Beside(EuPolicy(3'000), 100).Cleared()), "2000 @ 70, unsold 0") << "at the bound it stands";
  const SealedResult result = Beside(EuPolicy(2'999), 100).Cleared();
  EXPECT_EQ(result.cancelled, AuctionCancelled::kUnderSecondary);
  EXPECT_EQ(result.interim_price, Price(70));
  EXPECT_EQ(result.unsold, Quantity(2'000));
  EXPECT_TRUE(result.awards.empty());
}

TEST(Secondary, AUkPriceTooFarUnderItIsRaised) {
  EXPECT_EQ(Summary(Beside(UkPolicy(Price(50), 2'000), 90).Cleared()), "1000 @ 95, unsold 1000");
  EXPECT_TRUE(Beside(UkPolicy(Price(50), 2'000), 90).Cleared().repriced);
  EXPECT_EQ(Summary(Beside(UkPolicy(Price(50), 2'000), 95).Cleared()), "1000 @ 95, unsold 1000") << "a bid that matches it will do";
  EXPECT_EQ(Summary(Beside(UkPolicy(Price(50), 2'000), 101).Cleared()), "cancelled") << "nobody bids as much";
}

// --- Where sellers bid (CAR-20)
// --------------------------------------------------------------------------------------------------------------

TEST(OneWay, TheLowestAskIsServedFirstAndNobodyTakesLess) {
  AuctionLab lab = AuctionLab(CeaOneWayPolicy(Side::kSell, SealedPricing::kUniform, Price(100)), 10)
                       .Bid(1, 90, 6)
                       .Bid(2, 70, 3)
                       .Bid(3, 80, 3)
                       .Bid(4, 95, 9);
  EXPECT_EQ(Summary(lab.Cleared()), "10 @ 90, unsold 0");
  EXPECT_THAT(Quantities(lab.Cleared(), 4), ElementsAre(4, 3, 3, 0));
  lab.policy.pricing = SealedPricing::kPayAsBid;
  EXPECT_EQ(lab.Cleared().amount, Money(4 * 90 + 3 * 70 + 3 * 80));
}

TEST(OneWay, ItsReserveIsTheMostThatIsPaid) {
  AuctionLab lab = AuctionLab(CeaOneWayPolicy(Side::kSell, SealedPricing::kUniform, Price(100)), 10).Bid(1, 101, 6);
  EXPECT_EQ(FieldOf(lab.Clear()), "bids.price=101");
  lab.bids[0].price = Price(100);
  EXPECT_EQ(Summary(lab.Cleared()), "6 @ 100, unsold 4");
}

TEST(OneWay, BuyersAndSellersMirrorEachOther) {
  AuctionLab buyers = AuctionLab(CeaOneWayPolicy(Side::kBuy, SealedPricing::kUniform, Price(1)), 10);
  AuctionLab sellers = AuctionLab(CeaOneWayPolicy(Side::kSell, SealedPricing::kUniform, Price(99)), 10);
  for (const auto& [price, quantity] : std::vector<std::pair<int64_t, int64_t>>{{30, 4}, {20, 4}, {20, 4}, {10, 4}}) {
    buyers.Bid(1, price, quantity);
    sellers.Bid(1, 100 - price, quantity);
  }
  EXPECT_EQ(Quantities(buyers.Cleared(), 4), Quantities(sellers.Cleared(), 4));
  EXPECT_EQ(sellers.Cleared().clearing_price, Price(80));
}

TEST(OneWay, SellersFarOverTheSecondaryPriceCancel) {
  SealedPolicy policy = CeaOneWayPolicy(Side::kSell, SealedPricing::kUniform, Price(200));
  policy.secondary = SecondaryRule::kCancel;
  policy.secondary_bps = 1'000;
  AuctionLab lab = AuctionLab(policy, 10).Bid(1, 110, 10);
  lab.offer.comparison = Price(100);
  EXPECT_EQ(Summary(lab.Cleared()), "10 @ 110, unsold 0");
  lab.offer.comparison = Price(99);
  EXPECT_EQ(Summary(lab.Cleared()), "cancelled");
}

TEST(OneWay, InKrxAParticipantHasOneBid) {
  EXPECT_EQ(FieldOf(AuctionLab(KrxPolicy(Price(50)), 10'000).Bid(4, 100, 1'000).Bid(4, 150, 1'000).Clear()), "bids.bidder=4");
}

}  // namespace
}  // namespace songhua::exchange
