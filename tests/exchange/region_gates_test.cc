// What regions decide about rights that their sites buy (DR-21, DR-22, DR-23, DR-26, DR-27), at order entry and when an officer looks.
#include "exchange/exchange.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/region_statuses.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

using testing::HasSubstr;

// Contracts of the zone 220100; $A and $E lie in its district 220102, $B in 220104, $D in the city 220202, and $F in the next province.
class RegionGatesTest : public testing::Test {
 protected:
  RegionGatesTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Open("SO2")), "OK");
    EXPECT_EQ(Outcome(world.Contract("SO2V", "program: 'programs/rights' control_zone: '220100' trading_group: 'INDUSTRY' term_first: '2027-01-01' term_last: "
                                             "'2029-12-31' price_basis: PER_T_YEAR tick_fen: 100 lot_size: 10000 rulebook: 'rulebooks/verified' "
                                             "reference_price_fen: 500000 pollutant: 'SO2'")),
              "OK");
    EXPECT_EQ(Outcome(world.Open("SO2V")), "OK");
  }
  static std::string Status(const std::string& kind, const std::string& region, const std::string& first = "2026-01-05") {
    return "kind: " + kind + " region: '" + region + "' pollutant: 'SO2' first_day: '" + first + "' last_day: '2026-12-31' decision: 'D-1' ";
  }
  static std::string Approval(const std::string& site, const std::string& province) {
    return "site: 'sites/" + site + "' pollutant: 'SO2' control_zone: '220100' province: '" + province +
           "' first_day: '2026-01-05' last_day: '2026-12-31' decision: 'D-2'";
  }
  ExchangeWorld world;
};

constexpr char kNonAttainment[] = "NON_ATTAINMENT";
constexpr char kInflow[] = "NET_INFLOW DR-26 quantity";

TEST_F(RegionGatesTest, NothingComesIntoARegionThatHasNotAttainedItsStandard) {
  ASSERT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102"))), "OK");
  const auto refused = world.Buy("$A", "SO2", 500000, 10000);
  EXPECT_EQ(Outcome(refused), kInflow);
  EXPECT_THAT(refused.status().message(), HasSubstr("at most 0: by regionStatuses/1 220102 has not attained its standard for SO2"));
  EXPECT_EQ(Outcome(world.Buy("$B", "SO2", 490000, 10000)), "OK") << "of another district";
  ASSERT_EQ(Outcome(world.Open("COD")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "COD", 490000, 10000)), "OK") << "of another pollutant";
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 510000, 10000)), "OK") << "what goes out";
}

TEST_F(RegionGatesTest, AsMuchMayComeAsHasGone) {
  ASSERT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102"))), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "SO2", 500000, 30000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "SO2", 500000, 30000)), "OK");
  EXPECT_EQ(world.regions.Find(1)->outflow, Quantity(30000));
  const auto bid = world.Buy("$A", "SO2", 480000, 20000);
  ASSERT_EQ(Outcome(bid), "OK");
  const auto refused = world.Buy("$E", "SO2", 480000, 20000);
  EXPECT_EQ(Outcome(refused), kInflow) << "another site of the district bids for it already";
  EXPECT_THAT(refused.status().message(), HasSubstr("at most 10000"));
  EXPECT_EQ(Outcome(world.Replace("$A", bid->order().name(), 480000, 40000)), kInflow);
  EXPECT_EQ(Outcome(world.Replace("$A", bid->order().name(), 480000, 30000)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$B", "SO2", 480000, 30000)), "OK");
  EXPECT_EQ(world.regions.Find(1)->inflow, Quantity(30000));
  EXPECT_EQ(Outcome(world.Buy("$E", "SO2", 480000, 10000)), kInflow);
}

TEST_F(RegionGatesTest, WhatWaitsForItsTriggerIsBidForToo) {
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/immediate' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 100000000 "
                                   "same_day_resale: true stop_orders: true")),
            "OK");
  ASSERT_EQ(Outcome(world.Close("SO2")), "OK");
  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  ASSERT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102"))), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "SO2", 500000, 30000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "SO2", 500000, 30000)), "OK");
  const auto stop = world.Buy("$A", "SO2", 520000, 20000, "type: STOP_LIMIT trigger_price_fen: 510000");
  ASSERT_EQ(Outcome(stop), "OK");
  EXPECT_EQ(Outcome(world.Buy("$E", "SO2", 480000, 20000)), kInflow);
  EXPECT_EQ(Outcome(world.Buy("$E", "SO2", 480000, 10000)), "OK");
  ASSERT_EQ(Outcome(world.LiftStatus("name: 'regionStatuses/1' decision: 'D-3'")), "OK");
  ASSERT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102"))), "OK");
  const auto ended = world.Ended("$A001.rights", std::stoull(stop->order().name().substr(7)));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(EndReasonName(ended->reason), "REGION_STATUS");
}

TEST_F(RegionGatesTest, WhereAllOffersAreInsideTheRegionThereIsNoInflow) {
  ASSERT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220100"))), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 500000, 10000)), "OK");
}

TEST_F(RegionGatesTest, AStatusEndsTheOrdersThatItStopsAndHoldsFromItsFirstDay) {
  const auto bid = world.Buy("$A", "SO2", 480000, 20000);
  const auto other = world.Buy("$B", "SO2", 470000, 20000);
  ASSERT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102", "2026-01-06"))), "OK");
  EXPECT_NE(world.exchange.FindOrder(std::stoull(bid->order().name().substr(7))), nullptr) << "tomorrow";
  ASSERT_EQ(Outcome(world.LiftStatus("name: 'regionStatuses/1' decision: 'D-3'")), "OK");
  ASSERT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102"))), "OK");
  const auto ended = world.Ended("$A001.rights", std::stoull(bid->order().name().substr(7)));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(EndReasonName(ended->reason), "REGION_STATUS");
  EXPECT_NE(world.exchange.FindOrder(std::stoull(other->order().name().substr(7))), nullptr);
  ASSERT_EQ(Outcome(world.LiftStatus("name: 'regionStatuses/2' decision: 'D-4'")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 480000, 20000)), "OK");
}

TEST_F(RegionGatesTest, AnOfficerLooksAgainAtWhatWasAgreedBeforeTheStatus) {
  ASSERT_EQ(Outcome(world.Sell("$B", "SO2V", 500000, 20000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$A", "SO2V", 500000, 20000)), "OK");
  const std::string trade = world.LastTrade("SO2V");
  ASSERT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102"))), "OK");
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "NET_INFLOW DR-26 name");
  EXPECT_EQ(Outcome(world.Act(&Exchange::RejectTrade, trade, "the district has not attained its standard")), "OK");
  EXPECT_EQ(world.regions.Find(1)->inflow, Quantity()) << "it was never counted";
}

TEST_F(RegionGatesTest, ARejectedTradeGivesItsRoomBack) {
  ASSERT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102"))), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "SO2", 500000, 20000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "SO2", 500000, 20000)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$B", "SO2V", 500000, 20000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$A", "SO2V", 500000, 20000)), "OK");
  EXPECT_EQ(world.regions.Find(1)->inflow, Quantity(20000));
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 480000, 10000)), kInflow);
  ASSERT_EQ(Outcome(world.Act(&Exchange::RejectTrade, world.LastTrade("SO2V"), "a reason")), "OK");
  EXPECT_EQ(world.regions.Find(1)->inflow, Quantity());
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 480000, 20000)), "OK");
  ExchangeWorld again;
  world.RestartInto(&again);
  EXPECT_EQ(Outcome(again.Buy("$E", "SO2", 480000, 10000)), kInflow) << "after a restart as before";
}

TEST_F(RegionGatesTest, OverItsIndicatorARegionBuysForDeficitsOnly) {
  ASSERT_EQ(Outcome(world.SetStatus(Status("OVER_INDICATOR", "220100"))), "OK");
  const auto refused = world.Buy("$A", "SO2", 480000, 10000);
  EXPECT_EQ(Outcome(refused), "REGION_OVER_INDICATOR DR-27 quantity");
  EXPECT_THAT(refused.status().message(), HasSubstr("at most 0, the deficit of the site: by regionStatuses/1 220100 exceeds"));
  world.deficits[world.Named("$A001")] = Quantity(30000);
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 480000, 40000)), "REGION_OVER_INDICATOR DR-27 quantity");
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 480000, 10000)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$B", "SO2V", 500000, 20000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$A", "SO2V", 500000, 20000)), "OK");
  world.deficits.clear();
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, world.LastTrade("SO2V"))), "REGION_OVER_INDICATOR DR-27 name");
}

TEST_F(RegionGatesTest, WhatASiteBidsForAndBoughtCountsAgainstItsDeficit) {
  ASSERT_EQ(Outcome(world.Contract("SO230", "program: 'programs/rights' control_zone: '220100' trading_group: 'INDUSTRY' term_first: '2030-01-01' term_last: "
                                            "'2030-12-31' price_basis: PER_T_YEAR tick_fen: 100 lot_size: 10000 rulebook: 'rulebooks/immediate' "
                                            "reference_price_fen: 500000 pollutant: 'SO2'")),
            "OK");
  ASSERT_EQ(Outcome(world.Open("SO230")), "OK");
  ASSERT_EQ(Outcome(world.SetStatus(Status("OVER_INDICATOR", "220100"))), "OK");
  world.deficits[world.Named("$A001")] = Quantity(30000);
  constexpr char kOver[] = "REGION_OVER_INDICATOR DR-27 quantity";
  const auto bid = world.Buy("$A", "SO2", 480000, 20000);
  ASSERT_EQ(Outcome(bid), "OK");
  const auto refused = world.Buy("$A", "SO2", 480000, 20000);
  EXPECT_EQ(Outcome(refused), kOver);
  EXPECT_THAT(refused.status().message(), HasSubstr("at most 10000, what its other bids and undelivered trades leave of 30000, the deficit of the site: by "));
  EXPECT_EQ(Outcome(world.Replace("$A", bid->order().name(), 480000, 40000)), kOver);
  EXPECT_EQ(Outcome(world.Replace("$A", bid->order().name(), 480000, 30000)), "OK") << "it is not in its own way";
  EXPECT_EQ(Outcome(world.Replace("$A", bid->order().name(), 480000, 10000)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$B", "SO2V", 500000, 10000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$A", "SO2V", 500000, 10000)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 470000, 20000)), kOver) << "10 kg are bid for, 10 kg are bought";
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 470000, 10000)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "SO230", 480000, 30000)), "OK") << "of another year";
  EXPECT_EQ(Outcome(world.Buy("$A", "SO230", 480000, 10000)), kOver);
  ExchangeWorld again;
  world.RestartInto(&again);
  again.deficits = world.deficits;
  EXPECT_EQ(Outcome(again.Buy("$A", "SO2", 470000, 10000)), kOver) << "after a restart as before";
  ASSERT_EQ(Outcome(world.Act(&Exchange::RejectTrade, world.LastTrade("SO2V"), "a reason")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 470000, 10000)), "OK") << "what was rejected does not come";
}

TEST_F(RegionGatesTest, WhoseCreditIsRedBuysItsDeficitOnce) {
  world.gate[world.Named("$A001.rights")] = OrderRefusal::kCreditGate;
  world.deficits[world.Named("$A001")] = Quantity(30000);
  ASSERT_EQ(Outcome(world.Buy("$A", "SO2", 480000, 20000)), "OK");
  const auto refused = world.Buy("$A", "SO2", 480000, 20000);
  EXPECT_EQ(Outcome(refused), "CREDIT_GATE DR-29 account");
  EXPECT_THAT(refused.status().message(), HasSubstr("at most 10000, what its other bids and undelivered trades leave of 30000"));
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 480000, 10000)), "OK");
}

TEST_F(RegionGatesTest, OfBidsBeyondTheDeficitTheNewestEnd) {
  const auto number = [](const auto& answer) { return std::stoull(answer->order().name().substr(7)); };
  const auto first = world.Buy("$A", "SO2", 470000, 10000), second = world.Buy("$A", "SO2V", 480000, 10000), third = world.Buy("$A", "SO2", 480000, 20000);
  world.deficits[world.Named("$A001")] = Quantity(20000);
  ASSERT_EQ(Outcome(world.SetStatus(Status("OVER_INDICATOR", "220100"))), "OK");
  EXPECT_EQ(world.exchange.FindOrder(number(third)), nullptr);
  EXPECT_NE(world.exchange.FindOrder(number(second)), nullptr);
  EXPECT_NE(world.exchange.FindOrder(number(first)), nullptr);
  world.deficits[world.Named("$A001")] = Quantity(10000);
  world.gate[world.Named("$A001.rights")] = OrderRefusal::kCreditGate;
  world.Apply([&](CommandContext& context) { world.exchange.RestrainOrdersOfParticipant(context, world.Named("$A"), EndReason::kCreditLost); });
  EXPECT_EQ(world.exchange.FindOrder(number(second)), nullptr);
  EXPECT_NE(world.exchange.FindOrder(number(first)), nullptr);
}

TEST_F(RegionGatesTest, AnOfficerLetsThroughTradesUpToTheDeficit) {
  ASSERT_EQ(Outcome(world.Sell("$B", "SO2V", 500000, 20000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$A", "SO2V", 500000, 10000)), "OK");
  const std::string first = world.LastTrade("SO2V");
  ASSERT_EQ(Outcome(world.Buy("$A", "SO2V", 500000, 10000)), "OK");
  const std::string second = world.LastTrade("SO2V");
  world.deficits[world.Named("$A001")] = Quantity(10000);
  ASSERT_EQ(Outcome(world.SetStatus(Status("OVER_INDICATOR", "220100"))), "OK");
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, second)), "OK");
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, first)), "REGION_OVER_INDICATOR DR-27 name");
}

TEST_F(RegionGatesTest, AcrossABorderASiteBuysWithApproval) {
  const auto refused = world.Buy("$D", "SO2", 480000, 10000);
  EXPECT_EQ(Outcome(refused), "OUTSIDE_CONTROL_ZONE DR-22 account");
  EXPECT_THAT(refused.status().message(), HasSubstr("or one that buys with the approval of 220000"));
  ASSERT_EQ(Outcome(world.ApproveCrossing(Approval("$D001", "220000"))), "OK");
  const auto bid = world.Buy("$D", "SO2", 500000, 10000);
  ASSERT_EQ(Outcome(bid), "OK");
  EXPECT_EQ(Outcome(world.Sell("$D", "SO2", 500000, 10000)), "OUTSIDE_CONTROL_ZONE DR-22 account") << "it may buy, not sell";
  ASSERT_EQ(Outcome(world.Sell("$B", "SO2", 500000, 10000)), "OK");
  EXPECT_EQ(world.UnitsOf("$D", "SO2").all, 10000);
  const auto resting = world.Buy("$D", "SO2", 480000, 10000);
  ASSERT_EQ(Outcome(world.WithdrawCrossing("name: 'crossings/1' decision: 'D-5'", "$D001")), "OK");
  EXPECT_EQ(world.exchange.FindOrder(std::stoull(resting->order().name().substr(7))), nullptr);
  EXPECT_EQ(Outcome(world.Buy("$D", "SO2", 480000, 10000)), "OUTSIDE_CONTROL_ZONE DR-22 account");
}

TEST_F(RegionGatesTest, FromAnotherProvinceBothProvincesApprove) {
  world.AddOutsider("$F", "230102");
  EXPECT_EQ(Outcome(world.Buy("$F", "SO2", 480000, 10000)), "OUTSIDE_PROVINCE DR-23 account");
  EXPECT_EQ(Outcome(world.ApproveCrossing(Approval("$F001", "210000"))), "INVALID_FIELD DR-23 province");
  ASSERT_EQ(Outcome(world.ApproveCrossing(Approval("$F001", "220000"))), "OK");
  const auto refused = world.Buy("$F", "SO2", 480000, 10000);
  EXPECT_EQ(Outcome(refused), "OUTSIDE_PROVINCE DR-23 account");
  EXPECT_THAT(refused.status().message(), HasSubstr("with the approval of 220000 and of 230000, of which that of 230000 is missing"));
  ASSERT_EQ(Outcome(world.ApproveCrossing(Approval("$F001", "230000"))), "OK");
  EXPECT_EQ(Outcome(world.Buy("$F", "SO2", 480000, 10000)), "OK");
}

TEST_F(RegionGatesTest, AStatusSaysWhatIsWrongWithIt) {
  EXPECT_EQ(Outcome(world.SetStatus(Status("KIND_UNSPECIFIED", "220102"))), "INVALID_FIELD DR-26 kind");
  EXPECT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "990000"))), "INVALID_FIELD GEN-11 region");
  EXPECT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102") + "pollutant: 'XYZ'")), "INVALID_FIELD DR-02 pollutant");
  EXPECT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102") + "first_day: '2026-01-04'")), "INVALID_FIELD GEN-08 first_day");
  EXPECT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102") + "last_day: '2026-01-04'")), "INVALID_FIELD GEN-08 last_day");
  ASSERT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102"))), "OK");
  EXPECT_EQ(Outcome(world.SetStatus(Status(kNonAttainment, "220102", "2026-12-31"))), "STATUS_STANDS DR-26 first_day");
  EXPECT_EQ(Outcome(world.SetStatus(Status("OVER_INDICATOR", "220102"))), "OK") << "the other kind stands beside it";
  ASSERT_EQ(Outcome(world.LiftStatus("name: 'regionStatuses/1' decision: 'D-3'")), "OK");
  EXPECT_EQ(Outcome(world.LiftStatus("name: 'regionStatuses/1' decision: 'D-3'")), "ILLEGAL_TRANSITION DR-26 name");
  EXPECT_EQ(Outcome(world.LiftStatus("name: 'regionStatuses/9' decision: 'D-3'")), "NOT_FOUND - name");
}

}  // namespace
}  // namespace songhua::exchange
