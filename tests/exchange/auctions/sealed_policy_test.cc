// Policies that contradict themselves, offers that cannot be sold, and bids that must not be taken: each refusal names the field and its
// value.
#include "exchange/auctions/sealed_policy.h"

#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "exchange/auctions/sealed_profiles.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/codec.h"
#include "tests/exchange/auctions/auction_lab.h"

namespace songhua::exchange {
namespace {

const std::vector<PriceTier> kTwoTiers = {{Price(10), Quantity(5)}, {Price(20), Quantity(5)}};

std::vector<SealedPolicy> Profiles() {
  return {EuPolicy(2'000),
          UkPolicy(Price(2'200), 2'000),
          RggiPolicy(Price(238), {{Price(1'300), Quantity(11'976'778)}}, {{Price(600), Quantity(11'000'000)}}),
          WciPolicy(Price(2'400)),
          WciReservePolicy(kTwoTiers),
          KrxPolicy(Price(10'000)),
          EpaPolicy(),
          CeaOneWayPolicy(Side::kBuy, SealedPricing::kPayAsBid, Price(8'000)),
          CeaOneWayPolicy(Side::kSell, SealedPricing::kUniform, Price(8'000)),
          ReserveAuctionPolicy(Price(400'000)),
          ReserveAuctionPolicy(Price(400'000), SealedPricing::kUniform)};
}

TEST(SealedPolicies, NoProfileContradictsItself) {
  for (const SealedPolicy& policy : Profiles()) EXPECT_TRUE(CheckPolicy(policy).ok()) << CheckPolicy(policy);
}

TEST(SealedPolicies, ARowGivesThePolicyBack) {
  for (const SealedPolicy& policy : Profiles()) {
    const std::string bytes = EncodeValue(policy);
    SealedPolicy read;
    ASSERT_TRUE(DecodeValue(bytes, &read).ok());
    EXPECT_EQ(EncodeValue(read), bytes);
    EXPECT_EQ(read.lot, policy.lot);
    EXPECT_EQ(read.containment, policy.containment);
    EXPECT_EQ(read.purchase_limits, policy.purchase_limits);
  }
}

TEST(SealedPolicies, ContradictionsAreRefusedByName) {
  const auto refused = [](SealedPolicy policy, const std::function<void(SealedPolicy&)>& change) {
    change(policy);
    return FieldOf(CheckPolicy(policy));
  };
  const SealedPolicy plain;
  const SealedPolicy rggi = RggiPolicy(Price(5), kTwoTiers, {});
  const SealedPolicy wci = WciPolicy(Price(5));
  const SealedPolicy sells = CeaOneWayPolicy(Side::kSell, SealedPricing::kUniform, Price(5));
  using P = SealedPolicy;
  // Values out of range.
  EXPECT_EQ(refused(plain, [](P& p) { p.side = static_cast<Side>(3); }), "side=3");
  EXPECT_EQ(refused(plain, [](P& p) { p.ties = static_cast<TieRule>(0); }), "ties=0");
  EXPECT_EQ(refused(plain, [](P& p) { p.tick = Price(0); }), "tick=0");
  EXPECT_EQ(refused(plain, [](P& p) { p.lot = Quantity(0); }), "lot=0");
  EXPECT_EQ(refused(plain, [](P& p) { p.terms.quoted_unit = 0; }), "terms.quoted_unit=0");
  EXPECT_EQ(refused(plain, [](P& p) { p.terms.term.denominator = 0; }), "terms.term.denominator=0");
  EXPECT_EQ(refused(plain, [](P& p) { p.terms.rounding = Rounding::kExact; }), "terms.rounding=3");
  // Steps and reserves.
  EXPECT_EQ(refused(plain, [](P& p) { p.award_step = Quantity(2); }), "lot=1");
  EXPECT_EQ(refused(plain, [](P& p) { p.reserve = Price(1); }), "reserve=1");
  EXPECT_EQ(refused(plain, [](P& p) { p.reserve_rule = ReserveRule::kPublished; }), "reserve=0");
  EXPECT_EQ(refused(plain, [](P& p) { p.shortfall = ShortfallRule::kReserve; }), "shortfall=3");
  EXPECT_EQ(refused(wci, [](P& p) { p.tick = Price(3); }), "reserve=5");
  // Tiers.
  EXPECT_EQ(refused(rggi, [](P& p) { p.containment[1].price = Price(10); }), "containment.price=10");
  EXPECT_EQ(refused(rggi, [](P& p) { p.containment[0].price = Price(4); }), "containment.price=4");
  EXPECT_EQ(refused(rggi, [](P& p) { p.containment[0].quantity = Quantity(0); }), "containment.quantity=0");
  EXPECT_EQ(refused(rggi, [](P& p) { p.withholding = kTwoTiers; }), "withholding.price=20");
  EXPECT_EQ(refused(rggi, [](P& p) { p.withholding = {{Price(11), Quantity(1)}}; }), "withholding.price=11");
  EXPECT_EQ(refused(rggi, [](P& p) { p.pricing = SealedPricing::kPayAsBid; }), "pricing=2");
  EXPECT_EQ(refused(rggi, [](P& p) { p.margin = MarginRule::kFillIfOpen; }), "margin=2");
  EXPECT_EQ(refused(rggi, [](P& p) { p.shortfall = ShortfallRule::kCancel; }), "shortfall=1");
  EXPECT_EQ(refused(rggi, [](P& p) { p.reserve_tiers = kTwoTiers; }), "reserve_tiers=2");
  EXPECT_EQ(refused(rggi, [](P& p) { p.consignments = ConsignmentRule::kAfterByAsk; }), "consignments=2");
  EXPECT_EQ(refused(sells, [](P& p) { p.containment = kTwoTiers; }), "side=2");
  EXPECT_EQ(refused(plain,
                    [](P& p) {
                      p.reserve_tiers = kTwoTiers;
                      p.guarantee = GuaranteeRule::kCutAndRetest;
                    }),
            "guarantee=2");
  EXPECT_EQ(refused(plain,
                    [](P& p) {
                      p.reserve_tiers = kTwoTiers;
                      p.consignments = ConsignmentRule::kFirst;
                    }),
            "consignments=1");
  EXPECT_EQ(refused(plain, [](P& p) { p.containment.assign(kMaxTiers + 1, {Price(1), Quantity(1)}); }), "containment=17");
  // The secondary market.
  EXPECT_EQ(refused(plain, [](P& p) { p.secondary_bps = 1; }), "secondary_bps=1");
  EXPECT_EQ(refused(plain,
                    [](P& p) {
                      p.secondary = SecondaryRule::kCancel;
                      p.secondary_bps = 10'000;
                    }),
            "secondary_bps=10000");
  EXPECT_EQ(refused(plain,
                    [](P& p) {
                      p.secondary = SecondaryRule::kCancel;
                      p.pricing = SealedPricing::kPayAsBid;
                    }),
            "secondary=1");
  // Limits, guarantees, margins, consignments.
  EXPECT_EQ(refused(wci, [](P& p) { p.purchase_limits[0].bps = 0; }), "purchase_limits.bps=0");
  EXPECT_EQ(refused(wci, [](P& p) { p.purchase_limits[1].kind = 1; }), "purchase_limits.kind=1");
  EXPECT_EQ(refused(plain,
                    [](P& p) {
                      p.margin = MarginRule::kFillIfOpen;
                      p.ties = TieRule::kProRata;
                    }),
            "ties=3");
  EXPECT_EQ(refused(plain,
                    [](P& p) {
                      p.margin = MarginRule::kFillIfOpen;
                      p.guarantee = GuaranteeRule::kCutAndRetest;
                    }),
            "guarantee=2");
  EXPECT_EQ(refused(sells, [](P& p) { p.guarantee = GuaranteeRule::kRejectBid; }), "guarantee=1");
  EXPECT_EQ(refused(sells, [](P& p) { p.consignments = ConsignmentRule::kFirst; }), "consignments=1");
  EXPECT_EQ(refused(plain,
                    [](P& p) {
                      p.pricing = SealedPricing::kPayAsBid;
                      p.guarantee = GuaranteeRule::kCutAndRetest;
                    }),
            "guarantee=2");
  EXPECT_EQ(refused(plain, [](P& p) { p.consignments = ConsignmentRule::kAfterByAsk; }), "consignments=2");
}

TEST(SealedPolicies, OffersThatCannotBeSoldAreRefused) {
  const auto refused = [](const SealedPolicy& policy, const Offer& offer) { return FieldOf(CheckOffer(policy, offer)); };
  const SealedPolicy plain;
  const SealedPolicy wci = WciPolicy(Price(5));
  EXPECT_EQ(refused(plain, {Quantity(0), {}, {}}), "own=0");
  EXPECT_EQ(refused(plain, {Quantity(-1), {}, {}}), "own=-1");
  EXPECT_EQ(refused(plain, {Quantity(1), {{1, Quantity(1), Price()}}, {}}), "consignments=1");
  EXPECT_EQ(refused(plain, {Quantity(1), {}, Price(5)}), "comparison=5");
  EXPECT_EQ(refused(EuPolicy(1), {Quantity(500), {}, {}}), "comparison=");
  EXPECT_EQ(refused(wci, {Quantity(0), {{2, Quantity(1), Price()}, {2, Quantity(1), Price()}}, {}}), "consignments.number=2");
  EXPECT_EQ(refused(wci, {Quantity(0), {{1, Quantity(0), Price()}}, {}}), "consignments.quantity=0");
  EXPECT_EQ(refused(wci, {Quantity(0), {{1, Quantity(1), Price(3)}}, {}}), "consignments.ask=3");
  EXPECT_EQ(refused(wci, {Quantity(0), {{1, Quantity(1), Price()}}, {}}), "") << "consigned units alone are an offer";
  EXPECT_EQ(refused(WciReservePolicy(kTwoTiers), {Quantity(1), {}, {}}), "own=1");
  EXPECT_EQ(refused(WciReservePolicy(kTwoTiers), {}), "");
  EXPECT_EQ(refused(RggiPolicy(Price(1), {}, {{Price(5), Quantity(10)}}), {Quantity(10), {}, {}}), "withholding.quantity=10");
  SealedPolicy steps;
  steps.award_step = Quantity(5);
  steps.lot = Quantity(10);
  EXPECT_EQ(refused(steps, {Quantity(7), {}, {}}), "own=7");
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(CheckOffer(wci, {Quantity(most), {{1, Quantity(1), Price()}}, {}}).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(CheckOffer(RggiPolicy(Price(1), {{Price(5), Quantity(1)}}, {}), {Quantity(most), {}, {}}).code(),
            absl::StatusCode::kOutOfRange);
}

TEST(SealedPolicies, BidsAndBiddersThatMustNotBeTakenAreRefused) {
  const SealedPolicy krx = KrxPolicy(Price(10'000));
  const auto refused = [&](int64_t price, int64_t quantity) {
    return FieldOf(CheckBid(krx, {1, 1, Price(price), Quantity(quantity), 1, false}));
  };
  EXPECT_EQ(refused(10'050, 1'100), "");
  EXPECT_EQ(refused(10'025, 1'100), "bids.price=10025");
  EXPECT_EQ(refused(9'950, 1'100), "bids.price=9950");
  EXPECT_EQ(refused(0, 1'100), "bids.price=0");
  EXPECT_EQ(refused(10'050, 900), "bids.quantity=900");
  EXPECT_EQ(refused(10'050, 1'150), "bids.quantity=1150");
  EXPECT_EQ(refused(10'050, -1'000), "bids.quantity=-1000");
  EXPECT_EQ(FieldOf(CheckBidder(krx, {1, 1, 1, Money(5), {}})), "bidders.guarantee=5");
  EXPECT_EQ(FieldOf(CheckBidder(WciPolicy(Price(1)), {1, 1, 1, Money(-5), {}})), "bidders.guarantee=-5");
  EXPECT_EQ(FieldOf(CheckBidder(krx, {1, 1, 1, {}, Quantity(-5)})), "bidders.holding_room=-5");
  EXPECT_EQ(FieldOf(CheckBidder(CeaOneWayPolicy(Side::kSell, SealedPricing::kUniform, Price(5)), {1, 1, 1, {}, Quantity(5)})),
            "bidders.holding_room=5");
}

}  // namespace
}  // namespace songhua::exchange
