// Orders that are good for longer than their session (CAR-23).
#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class GoodTillTest : public testing::Test {
 protected:
  GoodTillTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Rulebook(Terms())), "OK");
    EXPECT_EQ(Outcome(world.Open("CEA25")), "OK");
  }
  static std::string Terms(const std::string& more = "band_bps: 1000") {
    return "name: 'rulebooks/immediate' settlement: IMMEDIATE quantity_min: 1 quantity_max: 99999 same_day_resale: true stop_orders: true good_till_days_max: 30 "
           "display_percent_min: 10 " + more;
  }
  // The engine's timer at midnight, and the next day's session.
  void NextDay() {
    world.GoTo(world.today + 1, 9);
    world.Apply([&](CommandContext& context) {
      while (world.exchange.CloseStaleSessions(context)) {
      }
    });
  }
  static OrderId Number(const absl::StatusOr<v1::OrderAnswer>& answer) { return *ledger::ParseNumberedName("name", "orders", answer->order().name()); }
  static constexpr const char* kTill7 = "time_in_force: GOOD_TILL_DATE good_till_date: '2026-01-07'";
  ExchangeWorld world;  // 2026-01-05
};

TEST_F(GoodTillTest, ItOutlivesItsSessionAndKeepsItsPlace) {
  const auto first = world.Sell("$A", "CEA25", 8000, 10, kTill7);
  ASSERT_EQ(Outcome(first), "OK");
  EXPECT_EQ(first->order().good_till_date(), "2026-01-07");
  ASSERT_EQ(Outcome(world.Sell("$C", "CEA25", 8000, 10)), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 10 (1)");
  EXPECT_FALSE(world.exchange.HasStaleSessions(world.today));
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 1)), "SESSION_CLOSED CAR-11 contract");
  auto fresh = std::make_unique<ExchangeWorld>();
  world.RestartInto(fresh.get());
  fresh->exchange.CheckInvariants();
  EXPECT_EQ(fresh->Depth("CEA25", Side::kSell), "8000: 10 (1)");

  NextDay();
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$C", "CEA25", 8000, 10)), "OK");
  const auto buy = world.Buy("$B", "CEA25", 8000, 4);
  ASSERT_EQ(Outcome(buy), "OK");
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, 6) << "it stood first";
}

TEST_F(GoodTillTest, ItEndsWithItsLastDayWhetherOrNotThereIsASession) {
  const auto traded = world.Sell("$A", "CEA25", 8000, 10, kTill7);
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  NextDay();
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  EXPECT_FALSE(world.Ended("$A.trading", Number(traded)).has_value());
  NextDay();  // the 7th, without a session
  EXPECT_EQ(world.exchange.RestingOrders(1), 1u);
  NextDay();
  ASSERT_TRUE(world.Ended("$A.trading", Number(traded)).has_value());
  EXPECT_EQ(world.Ended("$A.trading", Number(traded))->reason, EndReason::kExpired);
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, 0);
}

TEST_F(GoodTillTest, ItsOwnerMayCancelItWhileItWaitsForTheNextSession) {
  const auto order = world.Buy("$B", "CEA25", 7900, 10, kTill7);
  const auto day = world.Buy("$B", "CEA25", 7800, 10);
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  EXPECT_EQ(Outcome(world.Cancel("$B", day->order().name())), "UNKNOWN_ORDER CAR-16 name");
  EXPECT_EQ(Outcome(world.Replace("$B", order->order().name(), 7900, 5)), "SESSION_CLOSED CAR-11 contract");
  ASSERT_EQ(Outcome(world.Cancel("$B", order->order().name())), "OK");
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B"));
}

TEST_F(GoodTillTest, TheNextSessionsBandAndFeeDecideWhatStays) {
  const auto high = world.Sell("$A", "CEA25", 8700, 10, kTill7);
  const auto near = world.Sell("$A", "CEA25", 8100, 10, kTill7);
  const auto buy = world.Buy("$B", "CEA25", 8000, 100, kTill7);
  const auto all_money = world.Buy("$C", "CEA25", 7900, 12658, kTill7);  // 99,998,200 of 100,000,000 fen
  ASSERT_EQ(Outcome(all_money), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  NextDay();
  ASSERT_EQ(Outcome(world.Rulebook(Terms("band_bps: 200 fee_bps: 10"))), "OK");
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  EXPECT_EQ(world.Ended("$A.trading", Number(high))->reason, EndReason::kTermsChanged) << "87.00 is beyond 81.60";
  EXPECT_EQ(world.Ended("$C.trading", Number(all_money))->reason, EndReason::kTermsChanged) << "there is no money for the fee";
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8100: 10 (1)");
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B") - 100 * 8000 - 800);
  EXPECT_EQ(world.FreeMoney("$C"), world.Money("$C"));
  ASSERT_EQ(Outcome(world.Buy("$C", "CEA25", 8100, 10)), "OK");
  EXPECT_EQ(world.Ended("$A.trading", Number(near))->filled, Quantity(10));
}

TEST_F(GoodTillTest, AFloorThatRoseOvernightSuspendsIt) {
  ASSERT_EQ(Outcome(world.Rulebook(Terms("band_bps: 1000 base_price_floor: true"))), "OK");
  const auto order = world.Sell("$A", "CEA25", 7900, 10, kTill7);
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  NextDay();
  world.floors["CEA25"] = Price(7950);
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "") << "79.00 is below the base price of the day";
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  NextDay();
  world.floors["CEA25"] = Price(7900);
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "7900: 10 (1)");
}

TEST_F(GoodTillTest, UnderAHaltOfItsAccountItWaitsOverNightAndComesBackWithTheHaltsEnd) {
  const auto order = world.Sell("$A", "CEA25", 8000, 10, kTill7);
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' reason: 'inquiry'")), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  NextDay();
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$C", "CEA25", 8000, 10)), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 10 (1)");
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 20 (2)");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' reason: 'inquiry'")), "OK");
  ASSERT_EQ(Outcome(world.Resume("halts/2")), "OK");
  EXPECT_TRUE(world.exchange.FindOrder(Number(order))->halted) << "nothing comes back to a closed book";
  auto fresh = std::make_unique<ExchangeWorld>();
  world.RestartInto(fresh.get());
  fresh->exchange.CheckInvariants();
  NextDay();
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 10 (1)");
}

TEST_F(GoodTillTest, AStopOrderWaitsOverNight) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 7700, 10, std::string(kTill7) + " type: STOP_LIMIT trigger_price_fen: 7800")), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  NextDay();
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$C", "CEA25", 7800, 1)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 7800, 1)), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "7700: 10 (1)");
}

TEST_F(GoodTillTest, TheRulebookSaysForHowLong) {
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 1, "time_in_force: GOOD_TILL_DATE")), "INVALID_FIELD CAR-23 good_till_date");
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 1, "good_till_date: '2026-01-07'")), "INVALID_FIELD CAR-23 good_till_date");
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 1, "time_in_force: GOOD_TILL_DATE good_till_date: '2026-01-04'")), "GOOD_TILL_NOT_ACCEPTED CAR-23 good_till_date");
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 1, "time_in_force: GOOD_TILL_DATE good_till_date: '2026-02-05'")), "GOOD_TILL_NOT_ACCEPTED CAR-23 good_till_date");
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 1, "time_in_force: GOOD_TILL_DATE good_till_date: '2026-02-04'")), "OK");
}

TEST_F(GoodTillTest, APurgeEndsItAsAllOthers) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 10, kTill7)), "OK");
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25' reason: 'notice 9' purge: true")), "OK");
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, 0);
}

}  // namespace
}  // namespace songhua::exchange
