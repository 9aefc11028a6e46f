// Containment, withholding, sales of reserves in tiers, and asks.
#include "exchange/auctions/price_tiers.h"

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

// RGGI in single units, reserve 2, without limits.
SealedPolicy Tiers(std::vector<PriceTier> containment, std::vector<PriceTier> withholding = {}) {
  SealedPolicy policy = RggiPolicy(Price(2), std::move(containment), std::move(withholding));
  policy.purchase_limits.clear();
  policy.lot = Quantity(1);
  policy.minimum_bid = Quantity(1);
  return policy;
}
PriceTier At(int64_t price, int64_t quantity) { return {Price(price), Quantity(quantity)}; }

// "interim 12: 25 @ 10, unsold 0, added 5, withheld 0"
std::string Told(const SealedResult& result) {
  return "interim " + (result.interim_price.has_value() ? std::to_string(result.interim_price->value()) : "none") + ": " + Summary(result) +
         ", added " + std::to_string(result.added.value()) + ", withheld " + std::to_string(result.withheld.value());
}

TEST(Containment, WaitsUntilTheInterimPriceIsAboveItsTrigger) {
  EXPECT_EQ(Told(AuctionLab(Tiers({At(10, 5)}), 20).Bid(1, 10, 30).Cleared()), "interim 10: 20 @ 10, unsold 0, added 0, withheld 0");
  EXPECT_EQ(Told(AuctionLab(Tiers({At(10, 5)}), 20).Bid(1, 11, 30).Cleared()), "interim 11: 25 @ 11, unsold 0, added 5, withheld 0");
}

TEST(Containment, OnlyWhatIsNeededIsUsedAndThePriceRestsAtTheTrigger) {
  EXPECT_EQ(Told(AuctionLab(Tiers({At(10, 5)}), 20).Bid(1, 12, 20).Bid(2, 10, 3).Bid(3, 9, 30).Cleared()),
            "interim 12: 23 @ 10, unsold 0, added 3, withheld 0");
  // Not one unit of it, and still the trigger's price.
  EXPECT_EQ(Told(AuctionLab(Tiers({At(10, 5)}), 20).Bid(1, 12, 20).Bid(3, 9, 30).Cleared()),
            "interim 12: 20 @ 10, unsold 0, added 0, withheld 0");
}

TEST(Containment, BidsForExactlyAllOfItClearByTheCommonRule) {
  EXPECT_EQ(Told(AuctionLab(Tiers({At(10, 5)}), 20).Bid(1, 12, 25).Bid(3, 9, 30).Cleared()),
            "interim 12: 25 @ 12, unsold 0, added 5, withheld 0");
}

TEST(Containment, TheSecondTierOpensOnceTheFirstIsUsedUp) {
  AuctionLab lab = AuctionLab(Tiers({At(10, 5), At(15, 10)}), 20).Bid(1, 20, 28).Bid(2, 14, 30);
  EXPECT_EQ(Told(lab.Cleared()), "interim 20: 28 @ 15, unsold 0, added 8, withheld 0");
  EXPECT_THAT(lab.Cleared().tiers, ElementsAre(TierSale{TierKind::kContainment, Price(10), Quantity(5)},
                                               TierSale{TierKind::kContainment, Price(15), Quantity(3)}));
  EXPECT_EQ(Told(AuctionLab(Tiers({At(10, 5), At(15, 10)}), 20).Bid(1, 20, 22).Bid(2, 14, 30).Cleared()),
            "interim 20: 25 @ 14, unsold 0, added 5, withheld 0");
}

TEST(Containment, IsForBidsThatExceedTheOfferNotForAShortfall) {
  EXPECT_EQ(Told(AuctionLab(Tiers({At(10, 5)}), 20).Bid(1, 99, 19).Cleared()), "interim 2: 19 @ 2, unsold 1, added 0, withheld 0");
}

TEST(Withholding, WaitsUntilTheInterimPriceIsBelowItsTrigger) {
  EXPECT_EQ(Told(AuctionLab(Tiers({}, {At(6, 5)}), 20).Bid(1, 6, 30).Cleared()), "interim 6: 20 @ 6, unsold 0, added 0, withheld 0");
  EXPECT_EQ(Told(AuctionLab(Tiers({}, {At(6, 5)}), 20).Bid(1, 5, 30).Cleared()), "interim 5: 15 @ 5, unsold 0, added 0, withheld 5");
}

TEST(Withholding, WhereAPartSufficesThePriceRestsAtTheTrigger) {
  EXPECT_EQ(Told(AuctionLab(Tiers({}, {At(6, 5)}), 20).Bid(1, 9, 17).Bid(2, 4, 30).Cleared()),
            "interim 4: 17 @ 6, unsold 0, added 0, withheld 3");
}

TEST(Withholding, BidsForExactlyWhatRemainsClearByTheCommonRule) {
  EXPECT_EQ(Told(AuctionLab(Tiers({}, {At(6, 5)}), 20).Bid(1, 9, 15).Bid(2, 4, 30).Cleared()),
            "interim 4: 15 @ 9, unsold 0, added 0, withheld 5");
}

TEST(Withholding, AShortfallIsAPriceBelowTheTrigger) {
  EXPECT_EQ(Told(AuctionLab(Tiers({}, {At(6, 5)}), 20).Bid(1, 9, 10).Cleared()), "interim 2: 10 @ 2, unsold 5, added 0, withheld 5");
  EXPECT_EQ(Told(AuctionLab(Tiers({}, {At(6, 5)}), 20).Cleared()), "interim 2: nothing, added 0, withheld 5");
}

TEST(Withholding, TheSecondTierIsKeptBackOnceTheFirstIs) {
  EXPECT_EQ(Told(AuctionLab(Tiers({}, {At(6, 5), At(4, 5)}), 20).Bid(1, 9, 8).Bid(2, 3, 30).Cleared()),
            "interim 3: 10 @ 3, unsold 0, added 0, withheld 10");
  EXPECT_EQ(Told(AuctionLab(Tiers({}, {At(6, 5), At(4, 5)}), 20).Bid(1, 4, 12).Bid(2, 3, 30).Cleared()),
            "interim 3: 12 @ 4, unsold 0, added 0, withheld 8");
}

TEST(Withholding, BesideContainmentOnlyOneOfThemActs) {
  SealedPolicy both = Tiers({At(10, 5)}, {At(6, 5)});
  EXPECT_EQ(Told(AuctionLab(both, 20).Bid(1, 11, 30).Cleared()), "interim 11: 25 @ 11, unsold 0, added 5, withheld 0");
  EXPECT_EQ(Told(AuctionLab(both, 20).Bid(1, 5, 30).Cleared()), "interim 5: 15 @ 5, unsold 0, added 0, withheld 5");
  EXPECT_EQ(Told(AuctionLab(both, 20).Bid(1, 8, 30).Cleared()), "interim 8: 20 @ 8, unsold 0, added 0, withheld 0");
}

// --- Sales of reserves ----------------------------------------------------------------------------------------------------------------

SealedPolicy Categories() {
  SealedPolicy policy = WciReservePolicy({At(40, 10), At(45, 10), At(50, 10)});
  policy.lot = Quantity(1);
  policy.minimum_bid = Quantity(1);
  return policy;
}
std::vector<std::string> AwardsOf(const SealedResult& result) {
  std::vector<std::string> awards;
  for (const SealedAward& award : result.awards) {
    awards.push_back("bid " + std::to_string(award.bid) + ": " + std::to_string(award.quantity.value()) + " @ " +
                     std::to_string(award.price.value()));
  }
  return awards;
}

TEST(ReserveTiers, AreSoldInOrderEachAtItsPriceAndTheLastIsProrated) {
  // 10 at 40 to both by halves; what remains of each goes up: 10 at 45; then 4 are left to want 10 at 50.
  AuctionLab lab = AuctionLab(Categories()).Bid(1, 50, 12).Bid(2, 50, 12);
  EXPECT_THAT(AwardsOf(lab.Cleared()),
              ElementsAre("bid 1: 5 @ 40", "bid 1: 5 @ 45", "bid 1: 2 @ 50", "bid 2: 5 @ 40", "bid 2: 5 @ 45", "bid 2: 2 @ 50"));
  EXPECT_EQ(lab.Cleared().amount, Money(2 * (5 * 40 + 5 * 45 + 2 * 50)));
  EXPECT_EQ(Summary(lab.Cleared()), "24 @ tiers, unsold 6");
}

TEST(ReserveTiers, WhoBidsLessThanATierTakesNoPartInIt) {
  AuctionLab lab = AuctionLab(Categories()).Bid(1, 44, 20).Bid(2, 49, 20).Bid(3, 39, 20);
  EXPECT_THAT(AwardsOf(lab.Cleared()), ElementsAre("bid 1: 5 @ 40", "bid 2: 5 @ 40", "bid 2: 10 @ 45"));
}

TEST(ReserveTiers, ATierThatSufficesLeavesTheNextUntouched) {
  AuctionLab lab = AuctionLab(Categories()).Bid(1, 50, 6).Bid(2, 40, 4);
  EXPECT_THAT(AwardsOf(lab.Cleared()), ElementsAre("bid 1: 6 @ 40", "bid 2: 4 @ 40"));
  EXPECT_TRUE(lab.Cleared().lots.empty());
}

TEST(ReserveTiers, WhatIsLeftOverOfSharesIsDrawn) {
  AuctionLab lab = AuctionLab(Categories()).Bid(1, 40, 10).Bid(2, 40, 10).Bid(3, 40, 10);
  lab.seed = SeedFor(lab, {2});
  EXPECT_THAT(AwardsOf(lab.Cleared()), ElementsAre("bid 1: 3 @ 40", "bid 2: 4 @ 40", "bid 3: 3 @ 40"));
}

// --- Consignments -----------------------------------------------------------------------------------------------------------------------

std::vector<int64_t> Consigned(const SealedResult& result) {
  std::vector<int64_t> sold;
  for (const ConsignorSale& sale : result.consignors) sold.push_back(sale.sold.value());
  sold.push_back(result.own_sold.value());
  return sold;
}

TEST(Consignments, AreSoldBeforeTheSellersOwnInWci) {
  SealedPolicy policy = WciPolicy(Price(1));
  policy.purchase_limits.clear();
  AuctionLab lab = AuctionLab(policy, 10'000).Consign(1, 3'000).Consign(2, 2'000).Bid(1, 10, 8'000);
  EXPECT_THAT(Consigned(lab.Cleared()), ElementsAre(3'000, 2'000, 3'000));
  EXPECT_EQ(lab.Cleared().unsold, Quantity(7'000));
}

TEST(Consignments, ThatAreSoldInPartAreSharedAsATieIs) {
  SealedPolicy policy = WciPolicy(Price(1));
  policy.purchase_limits.clear();
  AuctionLab lab = AuctionLab(policy, 10'000).Consign(1, 3'000).Consign(2, 2'000).Consign(3, 2'000).Bid(1, 10, 5'000);
  lab.seed = SeedFor(lab, {3});
  // 5,000 of 7,000: 2,142, 1,428, 1,428 and two left over.
  const std::vector<int64_t> sold = Consigned(lab.Cleared());
  EXPECT_EQ(sold[2], 1'429);
  EXPECT_EQ(sold[0] + sold[1] + sold[2], 5'000);
  EXPECT_EQ(sold[3], 0);
}

TEST(Consignments, FollowInEpaFromTheLowestAskUpWhileABidReachesIt) {
  AuctionLab lab =
      AuctionLab(EpaPolicy(), 10).Consign(1, 5, 30).Consign(2, 5, 20).Consign(3, 5, 1).Bid(1, 50, 12).Bid(2, 25, 9).Bid(3, 19, 9);
  // 10 own and 5 of ask 1, 5 of ask 20 beside bids of 25, one of which is left: it does not reach 30.
  const SealedResult result = lab.Cleared();
  EXPECT_THAT(Consigned(result), ElementsAre(0, 5, 5, 10));
  EXPECT_THAT(Quantities(result, 3), ElementsAre(12, 8, 0));
  EXPECT_EQ(result.amount, Money(12 * 50 + 8 * 25));
  EXPECT_EQ(result.clearing_price, Price(25));
}

TEST(Consignments, WithoutABidThatReachesAnAskNothingOfOthersIsSold) {
  EXPECT_EQ(Summary(AuctionLab(EpaPolicy(), 0).Consign(1, 5, 30).Bid(1, 29, 5).Cleared()), "nothing");
  EXPECT_THAT(Consigned(AuctionLab(EpaPolicy(), 6).Consign(1, 5, 1).Bid(1, 29, 5).Cleared()), ElementsAre(0, 5));
}

}  // namespace
}  // namespace songhua::exchange
