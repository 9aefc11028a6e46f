// Published auctions, and worked examples of their rules.
#include <boost/json/src.hpp>

#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "exchange/auctions/sealed_profiles.h"
#include "exchange/auctions/unsold.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/exchange/auctions/auction_lab.h"

namespace songhua::exchange {
namespace {

using ::testing::ElementsAre;

// --- TV-01: the ladder that KRX publishes ---------------------------------------------------------------------------------------------

// Ids 1 to 3 at 11,000, 4 and 5 at 10,500, 6 to 8 at 10,300, 9 and 10 at 10,000.
AuctionLab KrxLadder(SealedPolicy policy, int64_t supply) {
  AuctionLab lab(std::move(policy), supply);
  const std::vector<std::pair<int64_t, int64_t>> ladder = {{11'000, 1'000}, {11'000, 1'500}, {11'000, 2'500}, {10'500, 1'000},
                                                           {10'500, 2'000}, {10'300, 1'000}, {10'300, 1'000}, {10'300, 2'000},
                                                           {10'000, 1'000}, {10'000, 2'000}};
  uint32_t bidder = 0;
  for (const auto& [price, quantity] : ladder) lab.Bid(++bidder, price, quantity);
  return lab;
}
SealedPolicy InThousands(SealedPolicy policy) {
  policy.purchase_limits.clear();
  policy.lot = Quantity(500);
  policy.minimum_bid = Quantity(500);
  return policy;
}

TEST(SealedVectors, Tv01KrxServesTheEarlierOfEqualBids) {
  const SealedResult result = KrxLadder(KrxPolicy(Price(10'000)), 10'000).Cleared();
  EXPECT_EQ(Summary(result), "10000 @ 10300, unsold 0");
  EXPECT_THAT(Quantities(result, 10), ElementsAre(1'000, 1'500, 2'500, 1'000, 2'000, 1'000, 1'000, 0, 0, 0));
  EXPECT_EQ(result.amount, Money(103'000'000));
}

TEST(SealedVectors, Tv01WciSharesTheMarginProRata) {
  const SealedResult result = KrxLadder(InThousands(WciPolicy(Price(10'000))), 10'000).Cleared();
  EXPECT_EQ(Summary(result), "10000 @ 10300, unsold 0");
  EXPECT_THAT(Quantities(result, 10), ElementsAre(1'000, 1'500, 2'500, 1'000, 2'000, 500, 500, 1'000, 0, 0));
  EXPECT_TRUE(result.lots.empty());
}

TEST(SealedVectors, Tv01EuDrawsLotsAndCutsWhomTheRestReachesLast) {
  AuctionLab lab = KrxLadder(EuPolicy(2'000), 10'000);
  lab.offer.comparison = Price(10'300);
  lab.seed = SeedFor(lab, {8, 6, 7});
  EXPECT_THAT(Quantities(lab.Cleared(), 10), ElementsAre(1'000, 1'500, 2'500, 1'000, 2'000, 0, 0, 2'000, 0, 0));
  lab.seed = SeedFor(lab, {6, 8, 7});
  EXPECT_THAT(Quantities(lab.Cleared(), 10), ElementsAre(1'000, 1'500, 2'500, 1'000, 2'000, 1'000, 0, 1'000, 0, 0));
}

TEST(SealedVectors, Tv01AUnitTooFewBidCancelsInTheEuAndSellsAllInTheUkAndInRggi) {
  AuctionLab eu = KrxLadder(EuPolicy(2'000), 15'000);
  eu.offer.comparison = Price(10'300);
  EXPECT_EQ(Summary(eu.Cleared()), "15000 @ 10000, unsold 0");
  eu.offer.own = Quantity(15'001);
  EXPECT_EQ(Summary(eu.Cleared()), "cancelled");
  EXPECT_EQ(eu.Cleared().cancelled, AuctionCancelled::kShortfall);

  AuctionLab uk = KrxLadder(UkPolicy(Price(9'000), 2'000), 15'001);
  uk.offer.comparison = Price(10'300);
  EXPECT_EQ(Summary(uk.Cleared()), "15000 @ 10000, unsold 1");

  EXPECT_EQ(Summary(KrxLadder(InThousands(RggiPolicy(Price(9'900), {}, {})), 15'001).Cleared()), "15000 @ 9900, unsold 1");
}

// --- TV-02: EPA's auctions of 2023, from all their bids --------------------------------------------------------------------------------

TEST(SealedVectors, Tv02EpaAuctionsOf2023) {
  std::ifstream file(std::string(SONGHUA_TESTDATA) + "/auctions/epa_so2_2023.json");
  std::stringstream text;
  text << file.rdbuf();
  const boost::json::value record = boost::json::parse(text.str());
  const auto cents = [](const boost::json::value& value) { return *ParseDecimal(std::string(value.as_string()), 2); };
  Money proceeds;
  for (const boost::json::value& auction : record.at("auctions").as_array()) {
    SCOPED_TRACE(auction.at("name").as_string().c_str());
    AuctionLab lab(EpaPolicy(), auction.at("offered").as_int64());
    std::map<std::string, uint32_t> names;
    for (const boost::json::value& bid : auction.at("bids").as_array()) {
      const uint32_t number = names.try_emplace(std::string(bid.at(1).as_string()), static_cast<uint32_t>(names.size() + 1)).first->second;
      lab.Bid(number, cents(bid.at(0)), bid.at(2).as_int64());
    }
    const SealedResult result = lab.Cleared();
    const boost::json::value& expected = auction.at("expect");
    EXPECT_EQ(result.sold.value(), expected.at("sold").as_int64());
    EXPECT_EQ(result.unsold.value(), expected.at("unsold").as_int64());
    ASSERT_TRUE(result.clearing_price.has_value());
    EXPECT_EQ(result.clearing_price->value(), cents(expected.at("clearing")));
    EXPECT_EQ(result.amount.value(), cents(expected.at("total_paid")));
    EXPECT_EQ(result.awards.size(), expected.at("winners").as_array().size());
    for (const boost::json::value& winner : expected.at("winners").as_array()) {
      for (const SealedAward& award : result.awards) {
        if (award.bidder != names.at(std::string(winner.at(0).as_string()))) continue;
        EXPECT_EQ(award.quantity.value(), winner.at(1).as_int64());
        EXPECT_EQ(award.amount.value(), cents(winner.at(2)));
      }
    }
    EXPECT_EQ(result.cancelled, AuctionCancelled::kNo);
    proceeds += result.amount;
  }
  EXPECT_EQ(proceeds.value(), cents(record.at("total_proceeds")));
}

TEST(SealedVectors, Tv02SharesAndTheMeanPriceAreThoseThatEpaPrints) {
  const SealedResult result = AuctionLab(EpaPolicy(), 125'000).Bid(1, 7, 3'000).Bid(2, 4, 70'000).Cleared();
  EXPECT_EQ(*MultiplyDivide(result.awards[0].quantity.value(), 100'000, result.sold.value(), Rounding::kHalfUp), 4'110);   // 4.110 %
  EXPECT_EQ(*MultiplyDivide(result.awards[1].quantity.value(), 100'000, result.sold.value(), Rounding::kHalfUp), 95'890);  // 95.890 %
  EXPECT_EQ(*MultiplyDivide(result.amount.value(), 100, result.sold.value(), Rounding::kHalfUp), 412);                     // .0412
}

// --- TV-06: WCI's three steps ----------------------------------------------------------------------------------------------------------

TEST(SealedVectors, Tv06TheUnitThatIsLeftOverGoesToTheLowestLot) {
  AuctionLab lab = AuctionLab(InThousands(WciPolicy(Price(10))), 2'500).Bid(1, 20, 3'000).Bid(2, 20, 2'000).Bid(3, 20, 2'000);
  lab.seed = SeedFor(lab, {3});
  EXPECT_THAT(Quantities(lab.Cleared(), 3), ElementsAre(1'071, 714, 715));
  lab.seed = SeedFor(lab, {1});
  EXPECT_THAT(Quantities(lab.Cleared(), 3), ElementsAre(1'072, 714, 714));
}

TEST(SealedVectors, Tv06ThreeThatAreLeftOverGoToTheThreeLowestLots) {
  SealedPolicy policy = InThousands(WciPolicy(Price(10)));
  policy.lot = Quantity(1);
  policy.minimum_bid = Quantity(1);
  AuctionLab lab = AuctionLab(policy, 7).Bid(1, 20, 3).Bid(2, 20, 3).Bid(3, 20, 3).Bid(4, 20, 3);
  lab.seed = SeedFor(lab, {4, 2, 1, 3});
  EXPECT_THAT(Quantities(lab.Cleared(), 4), ElementsAre(2, 2, 1, 2));
}

TEST(SealedVectors, Tv06TheSharesAreThoseOfEntitiesAndNotOfTheirBids) {
  // Bidder 1 splits what it wants into three bids at one price, and gains no unit by it.
  SealedPolicy policy = InThousands(WciPolicy(Price(10)));
  policy.lot = Quantity(1);
  policy.minimum_bid = Quantity(1);
  AuctionLab lab = AuctionLab(policy, 5).Bid(1, 20, 1).Bid(1, 20, 1).Bid(1, 20, 1).Bid(2, 20, 3);
  lab.seed = SeedFor(lab, {2, 1});
  EXPECT_THAT(Quantities(lab.Cleared(), 4), ElementsAre(1, 1, 0, 3));
}

// --- TV-08: ties by lot in the EU and the UK, and what is not sold in the UK ------------------------------------------------------------

TEST(SealedVectors, Tv08ThePresetOrderDecidesAtTheMargin) {
  AuctionLab lab = AuctionLab(EuPolicy(2'000), 5'000).Bid(1, 8'000, 3'000).Bid(2, 7'950, 1'500).Bid(3, 7'950, 1'500).Bid(4, 7'950, 1'500);
  lab.offer.comparison = Price(8'000);
  lab.seed = SeedFor(lab, {3, 4, 2});  // C, D, B
  EXPECT_EQ(Summary(lab.Cleared()), "5000 @ 7950, unsold 0");
  EXPECT_THAT(Quantities(lab.Cleared(), 4), ElementsAre(3'000, 0, 1'500, 500));
  EXPECT_EQ(lab.Cleared().margin, Quantity(2'000));
  lab.seed = SeedFor(lab, {2, 3, 4});  // B, C, D
  EXPECT_THAT(Quantities(lab.Cleared(), 4), ElementsAre(3'000, 1'500, 500, 0));
}

TEST(SealedVectors, Tv08WhatTheUkDoesNotSellGoesInQuartersToTheNextFour) {
  AuctionLab lab = AuctionLab(UkPolicy(Price(2'200), 2'000), 5'000).Bid(1, 3'000, 3'000).Bid(2, 2'500, 1'000);
  lab.offer.comparison = Price(4'000);  // the price of a shortfall is not compared
  const SealedResult result = lab.Cleared();
  EXPECT_EQ(Summary(result), "4000 @ 2500, unsold 1000");
  EXPECT_TRUE(result.shortfall);
  const std::vector<ComingAuction> next(4, {Quantity(5'000), Quantity(5'000)});
  const absl::StatusOr<Spread> spread = SpreadUnsold(UkSpread(Quantity(1)), result.unsold, next);
  EXPECT_EQ(*spread, (Spread{std::vector<Quantity>(4, Quantity(250)), Quantity(0)}));
}

// --- RGGI ------------------------------------------------------------------------------------------------------------------------------

// Somebody bids for `quantity` at a price; nobody's limit is reached.
SealedPolicy Rggi(int64_t reserve, std::vector<PriceTier> containment) {
  SealedPolicy policy = RggiPolicy(Price(reserve), std::move(containment), {});
  policy.purchase_limits.clear();
  policy.award_step = Quantity(1);
  return policy;
}

TEST(SealedVectors, RggiAuction13SoldWhatWasBidForAtTheReserve) {
  const SealedResult result =
      AuctionLab(Rggi(189, {}), 42'189'685).Bid(1, 250, 3'000'000).Bid(2, 189, 4'487'000).Bid(3, 188, 9'000'000).Cleared();
  EXPECT_EQ(Summary(result), "7487000 @ 189, unsold 34702685");
  EXPECT_TRUE(result.shortfall);
  EXPECT_THAT(Cuts(result), ElementsAre("bid 3: 9000000 reserve"));
}

TEST(SealedVectors, RggiAuction54UsedAPartOfContainmentAtItsTrigger) {
  // 27,041,000 were bid for at 13.00 or above: more than the base of 23,121,518, less than with all 11,976,778 of containment.
  const SealedResult result = AuctionLab(Rggi(238, {{Price(1'300), Quantity(11'976'778)}}), 23'121'518)
                                  .Bid(1, 1'450, 15'000'000)
                                  .Bid(2, 1'310, 12'041'000)
                                  .Bid(3, 1'299, 20'000'000)
                                  .Cleared();
  EXPECT_EQ(result.interim_price, Price(1'310));
  EXPECT_EQ(Summary(result), "27041000 @ 1300, unsold 0");
  EXPECT_EQ(result.added, Quantity(3'919'482));
  EXPECT_THAT(Quantities(result, 3), ElementsAre(15'000'000, 12'041'000, 0));
}

TEST(SealedVectors, RggiAuction62SoldAtTheTriggerOf2023) {
  // Published: 27,656,000 at 14.88. The base and what containment had are this test's.
  const SealedResult result = AuctionLab(Rggi(250, {{Price(1'488), Quantity(11'250'000)}}), 22'100'000)
                                  .Bid(1, 1'500, 20'000'000)
                                  .Bid(2, 1'489, 7'656'000)
                                  .Bid(3, 1'400, 9'000'000)
                                  .Cleared();
  EXPECT_EQ(Summary(result), "27656000 @ 1488, unsold 0");
  EXPECT_EQ(result.added, Quantity(5'556'000));
}

// --- EU: the auction of 2018-09-19 -------------------------------------------------------------------------------------------------------

TEST(SealedVectors, TheEuAuctionOfSeptember2018WasCancelledForLackOfBids) {
  AuctionLab lab = AuctionLab(EuPolicy(2'000), 5'741'500).Bid(1, 2'100, 3'000'000).Bid(2, 1'900, 2'741'000);
  lab.offer.comparison = Price(2'000);
  const SealedResult result = lab.Cleared();
  EXPECT_EQ(result.cancelled, AuctionCancelled::kShortfall);
  EXPECT_EQ(result.unsold, Quantity(5'741'500));
  EXPECT_EQ(result.clearing_price, std::nullopt);
  // It was spread over the auctions that came after: here over four, in lots.
  const std::vector<ComingAuction> next(6, {Quantity(5'741'500), Quantity(5'741'500)});
  const absl::StatusOr<Spread> spread = SpreadUnsold(EuSpread(4, Quantity(500)), result.unsold, next);
  EXPECT_THAT(spread->added,
              ElementsAre(Quantity(1'435'500), Quantity(1'435'500), Quantity(1'435'500), Quantity(1'435'000), Quantity(0), Quantity(0)));
  EXPECT_EQ(spread->left, Quantity(0));
}

}  // namespace
}  // namespace songhua::exchange
