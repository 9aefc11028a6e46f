// A day that opens and closes by call auction: orders are collected, hold what they hold, and trade at one price (international.md 7.2).
#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

constexpr char kCallDay[] =
    "name: 'rulebooks/call' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 99999 same_day_resale: true seller_fee_bps: 10 "
    "buyer_fee_bps: 20 phases { kind: CALL from: '09:15' to: '09:25' } phases { kind: CONTINUOUS from: '09:30' to: '11:30' } "
    "phases { kind: CALL from: '14:57' to: '15:00' } ";

class CallPhasesTest : public testing::Test {
 protected:
  CallPhasesTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Rulebook(kCallDay)), "OK");
    EXPECT_EQ(Outcome(world.Contract("CEA", "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 price_basis: "
                                            "PER_T_TERM tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/call' reference_price_fen: 8000")),
              "OK");
    world.GoTo(kMonday, 9, 15);
  }
  static constexpr Date kMonday = Date(20458);
  ExchangeWorld world;
};

TEST_F(CallPhasesTest, OrdersAreCollectedCrossedAndTradeAtOnePriceAtTheEnd) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7900, 100)), "OK");
  const auto buy = world.Buy("$B", "CEA", 8100, 60);
  ASSERT_EQ(Outcome(buy), "OK");
  ASSERT_EQ(Outcome(world.Buy("$C", "CEA", 8050, 60)), "OK");
  EXPECT_EQ(buy->order().state(), "SUBMITTED");
  EXPECT_TRUE(world.Row("CEA").collecting);
  EXPECT_EQ(world.Row("CEA").trades, 0u) << "nothing meets before the end";
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "8100: 60 (1) 8050: 60 (1)");
  EXPECT_EQ(world.Depth("CEA", Side::kSell), "7900: 100 (1)");
  world.GoTo(kMonday, 9, 25);
  // All 100 trade; at 8000 the surplus of buyers is 20 from 7901 to 8050, the highest of which is 8050.
  EXPECT_FALSE(world.Row("CEA").collecting);
  EXPECT_EQ(world.Row("CEA").trades, 2u);
  EXPECT_EQ(world.Row("CEA").last_price, Price(8050));
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "8050: 20 (1)");
  EXPECT_EQ(world.Depth("CEA", Side::kSell), "");
  // $B pays 60 t at 80.50 and 0.2% of it, though it would have paid more; nothing of the rest stays held.
  EXPECT_EQ(world.Money("$B"), 100'000'000 - 483'000 - 966);
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B"));
  EXPECT_EQ(world.Money("$A"), 100'000'000 + 805'000 - 805);
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA", 8050, 1)), "SESSION_CLOSED CAR-11 contract") << "until the continuous phase";
  world.GoTo(kMonday, 9, 30);
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 8050, 20)), "OK");
  EXPECT_EQ(world.Row("CEA").bar.volume, Quantity(120)) << "what was left goes on in the continuous book";
}

TEST_F(CallPhasesTest, OrdersInACallAreCancelledAndReplacedAsInABook) {
  const auto sell = world.Sell("$A", "CEA", 8000, 10);
  const auto buy = world.Buy("$B", "CEA", 8000, 10);
  ASSERT_EQ(Outcome(world.Replace("$B", buy->order().name(), 8010, 20)), "OK");
  EXPECT_EQ(world.Cash("$B").held_orders.value(), 160'200 + 320) << "20 t at 80.10 and 0.2%";
  ASSERT_EQ(Outcome(world.Cancel("$A", sell->order().name())), "OK");
  EXPECT_EQ(world.UnitsOf("$A", "CEA").orders, 0);
  world.GoTo(kMonday, 9, 25);
  EXPECT_EQ(world.Row("CEA").trades, 0u);
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "8010: 20 (1)");
}

TEST_F(CallPhasesTest, NothingIsDoneAtOnceInACallAndAGroupDoesNotMeetItself) {
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA", 8000, 1, "time_in_force: IMMEDIATE_OR_CANCEL")), "DAY_ORDERS_ONLY CAR-23 time_in_force");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA", 8000, 1, "time_in_force: FILL_OR_KILL")), "DAY_ORDERS_ONLY CAR-23 time_in_force");
  ASSERT_EQ(Outcome(world.Buy("$A", "CEA", 8000, 1)), "OK");
  EXPECT_EQ(Outcome(world.Sell("$E", "CEA", 8000, 1)), "SELF_TRADE CAR-18 price_fen") << "of the same entity group";
  world.validate_only = true;
  EXPECT_EQ(Outcome(world.Sell("$E", "CEA", 8000, 1)), "SELF_TRADE CAR-18 price_fen");
  EXPECT_EQ(Outcome(world.Sell("$B", "CEA", 8000, 1)), "OK");
  world.validate_only = false;
  EXPECT_EQ(Outcome(world.Sell("$E", "CEA", 8001, 1)), "OK");
}

TEST_F(CallPhasesTest, AClosingCallTradesBeforeTheCloseAndTheRestIsCancelled) {
  world.GoTo(kMonday, 11, 30);
  world.GoTo(kMonday, 14, 57);
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7990, 30)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8020, 50)), "OK");
  world.GoTo(kMonday, 15);
  EXPECT_EQ(world.Row("CEA").trades, 1u);
  EXPECT_EQ(world.Row("CEA").reference_price, Price(8020)) << "a surplus of buyers takes the highest, which is the close of the day (CAR-14)";
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B"));
  EXPECT_FALSE(world.Row("CEA").open);
}

TEST_F(CallPhasesTest, AHaltHoldsTheAuctionUntilTradingIsResumed) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7900, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8100, 10)), "OK");
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA' reason: 'news'")), "OK");
  world.GoTo(kMonday, 9, 40);
  EXPECT_EQ(world.Row("CEA").trades, 0u);
  EXPECT_TRUE(world.Row("CEA").collecting);
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(world.Row("CEA").last_price, Price(8000)) << "no surplus anywhere between: the reference";
  EXPECT_FALSE(world.Row("CEA").collecting);
}

TEST_F(CallPhasesTest, AnAuctionTradesWithoutTheOrdersOfAHaltedAccount) {
  const auto first = world.Sell("$A", "CEA", 7950, 10);
  ASSERT_EQ(Outcome(world.Sell("$C", "CEA", 7950, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8100, 10)), "OK");
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' reason: 'inquiry'")), "OK");
  EXPECT_EQ(world.Depth("CEA", Side::kSell), "7950: 10 (1)");
  world.GoTo(kMonday, 9, 25);
  EXPECT_EQ(world.UnitsOf("$C", "CEA").all, 490) << "the other one traded";
  EXPECT_EQ(world.UnitsOf("$A", "CEA").orders, 10);
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(world.Depth("CEA", Side::kSell), "") << "orders do not meet in a break";
  EXPECT_EQ(Outcome(world.Replace("$A", first->order().name(), 7950, 5)), "SESSION_CLOSED CAR-11 contract");
  world.GoTo(kMonday, 9, 30);
  EXPECT_EQ(world.Depth("CEA", Side::kSell), "7950: 10 (1)");
}

TEST_F(CallPhasesTest, WhatComesBackBeforeTheEndOfTheAuctionTakesPartInItsPlace) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7950, 10)), "OK");
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' reason: 'inquiry'")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$C", "CEA", 7950, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8100, 10)), "OK");
  world.GoTo(kMonday, 9, 20);
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(world.Row("CEA").trades, 0u);
  EXPECT_EQ(world.Depth("CEA", Side::kSell), "7950: 20 (2)");
  world.GoTo(kMonday, 9, 25);
  EXPECT_EQ(world.UnitsOf("$A", "CEA").all, 490) << "it came first";
  EXPECT_EQ(world.UnitsOf("$C", "CEA").orders, 10);
}

TEST_F(CallPhasesTest, ACloseUnderAHaltCancelsWhatWasCollected) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7900, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8100, 10)), "OK");
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA' reason: 'news'")), "OK");
  world.GoTo(kMonday, 15);
  EXPECT_EQ(world.Row("CEA").trades, 0u);
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B"));
  EXPECT_EQ(world.UnitsOf("$A", "CEA").orders, 0);
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  world.GoTo(kMonday + 1, 9, 15);
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8100, 10)), "OK");
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "8100: 10 (1)");
}

TEST_F(CallPhasesTest, ACallThatAnOperatorClosesEndsAndOneThatHeOpensCollects) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7900, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8100, 10)), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA")), "OK");
  EXPECT_EQ(world.Row("CEA").trades, 0u) << "what he closes does not trade";
  EXPECT_FALSE(world.Row("CEA").collecting);
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B"));
  ASSERT_EQ(Outcome(world.Open("CEA")), "OK");
  EXPECT_TRUE(world.Row("CEA").collecting);
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7900, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8100, 10)), "OK");
  world.GoTo(kMonday, 9, 25);
  EXPECT_EQ(world.Row("CEA").trades, 1u);
}

TEST_F(CallPhasesTest, ARestartCollectsOnInTheSameOrder) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7900, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8100, 6)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$C", "CEA", 8100, 6)), "OK");
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  fresh.GoTo(kMonday, 9, 25);
  EXPECT_EQ(fresh.Depth("CEA", Side::kBuy), "8100: 2 (1)");
  EXPECT_EQ(fresh.UnitsOf("$B", "CEA").all, 506);
  EXPECT_EQ(fresh.UnitsOf("$C", "CEA").all, 504);
}

TEST_F(CallPhasesTest, ADayThatIsOverLeavesItsBar) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7900, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 7950, 10)), "OK");
  world.GoTo(kMonday, 9, 30);
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 8010, 30)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8010, 30)), "OK");
  world.GoTo(kMonday, 15);
  const auto row = world.StoredBar("CEA", kMonday);
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->open, Price(7950));
  EXPECT_EQ(row->high, Price(8010));
  EXPECT_EQ(row->low, Price(7950));
  EXPECT_EQ(row->close, Price(7995));
  EXPECT_EQ(row->volume, Quantity(40));
  EXPECT_EQ(row->turnover.value(), 7950 * 10 + 8010 * 30);
  world.GoTo(kMonday + 1, 15);
  const auto quiet = world.StoredBar("CEA", kMonday + 1);
  ASSERT_TRUE(quiet.has_value());
  EXPECT_EQ(quiet->close, Price(7995)) << "CAR-14: without a trade the previous close";
  EXPECT_EQ(quiet->volume, Quantity(0));
}

}  // namespace
}  // namespace songhua::exchange
