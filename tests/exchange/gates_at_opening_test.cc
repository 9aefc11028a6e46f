// Gates at the opening of a session: orders that stayed are asked again for what began or ended with a date, without a command (DR-09, DR-21 to DR-29,
// PERMIT-57).
#include <string>
#include <utility>
#include <vector>

#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

// Contract SO2 of the zone 220100; $A and $E lie in its district 220102, $B in 220104, $D in the city 220202.
class GatesAtOpeningTest : public testing::Test {
 protected:
  GatesAtOpeningTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/immediate' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 100000000 "
                                     "same_day_resale: true base_price_floor: true stop_orders: true good_till_days_max: 30")),
              "OK");
    EXPECT_EQ(Outcome(world.Open("SO2")), "OK");
  }
  // Good until the 9th.
  OrderId Sell(const std::string& who, int64_t price, int64_t quantity, const std::string& more = "") {
    return Number(world.Sell(who, "SO2", price, quantity, kGood + more));
  }
  OrderId Buy(const std::string& who, int64_t price, int64_t quantity, const std::string& more = "") {
    return Number(world.Buy(who, "SO2", price, quantity, kGood + more));
  }
  void NextDay() {
    EXPECT_EQ(Outcome(world.Close("SO2")), "OK");
    world.GoTo(world.today + 1, 9);
    world.Apply([&](CommandContext& context) {
      while (world.exchange.CloseStaleSessions(context)) {
      }
    });
  }
  void OpenNextDay() {
    NextDay();
    EXPECT_EQ(Outcome(world.Open("SO2")), "OK");
  }
  // "OPEN", or why it ended.
  std::string Now(const std::string& who, OrderId id) {
    const auto ended = world.Ended(who + "001.rights", id);
    return ended.has_value() ? std::string(EndReasonName(ended->reason)) : world.exchange.FindOrder(id) == nullptr ? "NONE" : "OPEN";
  }
  static std::string Status(const std::string& kind, const std::string& region, const std::string& first) {
    return "kind: " + kind + " region: '" + region + "' pollutant: 'SO2' first_day: '" + first + "' last_day: '2026-12-31' decision: 'D-1' ";
  }
  static OrderId Number(const absl::StatusOr<v1::OrderAnswer>& answer) {
    EXPECT_EQ(Outcome(answer), "OK");
    return answer.ok() ? *ledger::ParseNumberedName("name", "orders", answer->order().name()) : 0;
  }
  static inline const std::string kGood = "time_in_force: GOOD_TILL_DATE good_till_date: '2026-01-09' ";
  ExchangeWorld world;  // 2026-01-05
};

TEST_F(GatesAtOpeningTest, WhoMayNotTradeTodayLosesWhatStayed) {
  const OrderId rests = Sell("$A", 510'000, 10'000);
  const OrderId waits = Sell("$A", 480'000, 10'000, "type: STOP_LIMIT trigger_price_fen: 490000");
  const OrderId suspended = Sell("$A", 505'000, 10'000);
  const OrderId bid = Buy("$A", 470'000, 10'000);
  const OrderId other = Sell("$B", 520'000, 10'000);
  world.floors["SO2"] = Price(506'000);
  world.Apply([&](CommandContext& context) { world.exchange.RefreshFloors(context); });
  EXPECT_EQ(world.Depth("SO2", Side::kSell), "510000: 10000 (1) 520000: 10000 (1)");
  world.gate[world.Named("$A001.rights")] = OrderRefusal::kRightsInArrears;
  NextDay();
  EXPECT_EQ(Now("$A", rests), "OPEN") << "nothing may meet while the book is closed";
  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  for (const OrderId id : {rests, waits, suspended, bid}) EXPECT_EQ(Now("$A", id), "RIGHTS_IN_ARREARS") << id;
  EXPECT_EQ(Now("$B", other), "OPEN");
  EXPECT_EQ(world.UnitsOf("$A", "SO2").orders, 0);
  EXPECT_EQ(world.FreeMoney("$A"), world.Money("$A"));
}

TEST_F(GatesAtOpeningTest, WhatTheGateSaysIsWhyItEnds) {
  const std::vector<std::pair<OrderRefusal, std::string>> reasons = {{OrderRefusal::kPermitNotInForce, "PERMIT_ENDED"},
                                                                     {OrderRefusal::kSiteSuspended, "SITE_SUSPENDED"},
                                                                     {OrderRefusal::kCreditGate, "CREDIT_LOST"},
                                                                     {OrderRefusal::kAccountRestricted, "ACCOUNT_RESTRICTED"}};
  for (const auto& [refusal, reason] : reasons) {
    world.gate.clear();
    const OrderId order = Sell("$B", 510'000, 10'000);
    world.gate[world.Named("$B001.rights")] = refusal;
    OpenNextDay();
    EXPECT_EQ(Now("$B", order), reason);
  }
  EXPECT_EQ(EndReasonOf(OrderRefusal::kNone), EndReason::kNone);
  EXPECT_EQ(EndReasonOf(OrderRefusal::kNoPermit), EndReason::kPermitEnded);
  EXPECT_EQ(EndReasonOf(OrderRefusal::kHoldingLimit), EndReason::kOverHoldingLimit);
  EXPECT_EQ(EndReasonOf(OrderRefusal::kOutsideTradingGroup), EndReason::kTermsChanged);
}

TEST_F(GatesAtOpeningTest, AStatusWhoseFirstDayCameEndsTheBidsThatItFinds) {
  const OrderId bid = Buy("$A", 480'000, 20'000);
  const OrderId waits = Buy("$E", 520'000, 10'000, "type: STOP_LIMIT trigger_price_fen: 510000");
  const OrderId offer = Sell("$A", 510'000, 10'000);
  const OrderId other = Buy("$B", 470'000, 20'000);
  ASSERT_EQ(Outcome(world.SetStatus(Status("NON_ATTAINMENT", "220102", "2026-01-07"))), "OK");
  OpenNextDay();
  EXPECT_EQ(Now("$A", bid), "OPEN") << "tomorrow";
  OpenNextDay();
  EXPECT_EQ(Now("$A", bid), "REGION_STATUS");
  EXPECT_EQ(Now("$E", waits), "REGION_STATUS");
  EXPECT_EQ(Now("$A", offer), "OPEN") << "what goes out";
  EXPECT_EQ(Now("$B", other), "OPEN") << "of another district";
}

TEST_F(GatesAtOpeningTest, ABidThatAStatusCountedStays) {
  ASSERT_EQ(Outcome(world.SetStatus(Status("NON_ATTAINMENT", "220102", "2026-01-05"))), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 30'000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "SO2", 500'000, 30'000)), "OK");
  const OrderId bid = Buy("$A", 480'000, 30'000);
  OpenNextDay();
  EXPECT_EQ(Now("$A", bid), "OPEN") << "so much has gone out since the status began";
}

TEST_F(GatesAtOpeningTest, InsideTheRegionNothingComesFromOutside) {
  const OrderId bid = Buy("$A", 480'000, 20'000);
  ASSERT_EQ(Outcome(world.SetStatus(Status("NON_ATTAINMENT", "220100", "2026-01-06"))), "OK");
  OpenNextDay();
  EXPECT_EQ(Now("$A", bid), "OPEN");
}

TEST_F(GatesAtOpeningTest, OverItsIndicatorARegionKeepsTheBidsForDeficits) {
  const OrderId within = Buy("$A", 480'000, 10'000);
  const OrderId beyond = Buy("$A", 470'000, 20'000);
  world.deficits[world.Named("$A001")] = Quantity(10'000);
  ASSERT_EQ(Outcome(world.SetStatus(Status("OVER_INDICATOR", "220100", "2026-01-06"))), "OK");
  OpenNextDay();
  EXPECT_EQ(Now("$A", within), "OPEN");
  EXPECT_EQ(Now("$A", beyond), "REGION_STATUS");
}

TEST_F(GatesAtOpeningTest, AnApprovalWhoseLastDayIsOverLetsNothingAcross) {
  ASSERT_EQ(Outcome(world.ApproveCrossing(world.Named("site: 'sites/$D001' pollutant: 'SO2' control_zone: '220100' province: '220000' first_day: "
                                                      "'2026-01-05' last_day: '2026-01-06' decision: 'D-2'"))),
            "OK");
  const OrderId bid = Buy("$D", 480'000, 10'000);
  OpenNextDay();
  EXPECT_EQ(Now("$D", bid), "OPEN") << "its last day";
  OpenNextDay();
  EXPECT_EQ(Now("$D", bid), "REGION_STATUS");
  EXPECT_EQ(world.FreeMoney("$D"), world.Money("$D"));
}

}  // namespace
}  // namespace songhua::exchange
