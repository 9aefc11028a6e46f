// Market orders in a call auction: they rest without a price, go first, hold money to the band, and what is left of them ends; and the extension that gives
// others the time to meet them (international.md 7.2).
#include <string>

#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class CallMarketOrdersTest : public testing::Test {
 protected:
  // A contract that collects at 09:15 on Monday; the band is 72.00 to 88.00, the buyer's fee 0.2%.
  void Start(const std::string& rules = "") {
    world.Furnish();
    ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/call' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 99999 same_day_resale: true "
                                     "buyer_fee_bps: 20 phases { kind: CALL from: '09:15' to: '09:25' } "
                                     "phases { kind: CONTINUOUS from: '09:30' to: '11:30' } " +
                                     rules)),
              "OK");
    ASSERT_EQ(Outcome(world.Contract("CEA", "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 price_basis: "
                                            "PER_T_TERM tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/call' reference_price_fen: 8000")),
              "OK");
    world.GoTo(kMonday, 9, 15);
  }
  auto BuyAtMarket(const std::string& who, int64_t quantity) { return world.Buy(who, "CEA", 0, quantity, "type: MARKET"); }
  auto SellAtMarket(const std::string& who, int64_t quantity) { return world.Sell(who, "CEA", 0, quantity, "type: MARKET"); }
  static OrderId Number(const absl::StatusOr<v1::OrderAnswer>& order) { return std::stoull(order->order().name().substr(7)); }
  const CallRun& Call() { return world.Row("CEA").call; }

  static constexpr Date kMonday = Date(20458);
  ExchangeWorld world;
};

TEST_F(CallMarketOrdersTest, ItGoesBeforeEveryLimitAndHoldsMoneyToTheBand) {
  Start();
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7900, 60)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$C", "CEA", 8100, 50)), "OK");
  const auto buy = BuyAtMarket("$B", 40);
  ASSERT_EQ(Outcome(buy), "OK");
  EXPECT_EQ(buy->order().state(), "SUBMITTED");
  EXPECT_TRUE(buy->order().market());
  EXPECT_EQ(buy->order().price_fen(), 8800) << "the worst that it may trade at";
  EXPECT_EQ(world.Cash("$B").held_orders.value(), 40 * 8800 + 704);
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "0: 40 (1) 8100: 50 (1)") << "at no price";
  world.GoTo(kMonday, 9, 25);
  // 60 trade wherever between 7900 and 8100, with a surplus of buyers: at the highest.
  EXPECT_EQ(world.Row("CEA").last_price, Price(8100));
  EXPECT_EQ(world.UnitsOf("$B", "CEA").all, 540) << "first, though it came last";
  EXPECT_EQ(world.UnitsOf("$C", "CEA").all, 520);
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "8100: 30 (1)");
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B"));
}

TEST_F(CallMarketOrdersTest, WhatIsLeftOfItEndsWithTheAuction) {
  Start();
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7900, 10)), "OK");
  const auto buy = BuyAtMarket("$B", 40);
  const auto unmet = BuyAtMarket("$C", 5);
  world.GoTo(kMonday, 9, 25);
  EXPECT_EQ(world.Row("CEA").last_price, Price(8000)) << "a surplus of buyers at 7900 and at the reference";
  const auto ended = world.Ended("$B.trading", Number(buy));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->filled, Quantity(10));
  EXPECT_EQ(ended->reason, EndReason::kRestOfIoc);
  const auto whole = world.Ended("$C.trading", Number(unmet));
  ASSERT_TRUE(whole.has_value());
  EXPECT_EQ(whole->filled, Quantity(0));
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "");
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B"));
  EXPECT_EQ(world.FreeMoney("$C"), 100'000'000);
}

TEST_F(CallMarketOrdersTest, AloneTheyTradeAtTheReferencePrice) {
  Start();
  ASSERT_EQ(Outcome(BuyAtMarket("$B", 12)), "OK");
  const auto sell = SellAtMarket("$A", 20);
  ASSERT_EQ(Outcome(sell), "OK");
  EXPECT_EQ(world.UnitsOf("$A", "CEA").orders, 20);
  world.GoTo(kMonday, 9, 25);
  EXPECT_EQ(world.Row("CEA").last_price, Price(8000));
  EXPECT_EQ(world.Row("CEA").bar.volume, Quantity(12));
  EXPECT_EQ(world.UnitsOf("$A", "CEA").orders, 0);
}

TEST_F(CallMarketOrdersTest, WhereTheReferenceIsBelowTheBasePriceTheyTradeAtThat) {
  world.floors["CEA"] = Price(8300);
  Start("base_price_floor: true");
  ASSERT_EQ(Outcome(BuyAtMarket("$B", 10)), "OK");
  const auto sell = SellAtMarket("$A", 10);
  ASSERT_EQ(Outcome(sell), "OK");
  world.floors["CEA"] = Price(8400);
  world.Apply([&](CommandContext& context) { world.exchange.RefreshFloors(context); });
  EXPECT_NE(world.exchange.FindOrder(Number(sell)), nullptr) << "it takes any price, so no base price suspends it";
  EXPECT_EQ(Outcome(world.Replace("$A", sell->order().name(), 0, 9)), "OK");
  world.GoTo(kMonday, 9, 25);
  EXPECT_EQ(world.Row("CEA").last_price, Price(8400));
  EXPECT_EQ(world.Row("CEA").bar.volume, Quantity(9));
}

TEST_F(CallMarketOrdersTest, ABasePriceAboveTheBandEndsItsBuyers) {
  Start("base_price_floor: true");
  const auto buy = BuyAtMarket("$B", 10);
  ASSERT_EQ(Outcome(SellAtMarket("$A", 10)), "OK");
  world.floors["CEA"] = Price(8900);
  world.Apply([&](CommandContext& context) { world.exchange.RefreshFloors(context); });
  const auto ended = world.Ended("$B.trading", Number(buy));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->reason, EndReason::kBelowBasePrice);
  world.GoTo(kMonday, 9, 25);
  EXPECT_EQ(world.Row("CEA").trades, 0u);
  EXPECT_EQ(world.UnitsOf("$A", "CEA").orders, 0);
}

TEST_F(CallMarketOrdersTest, ItIsReplacedWithoutAPriceAndCancelled) {
  Start();
  const auto buy = BuyAtMarket("$B", 10);
  ASSERT_EQ(Outcome(buy), "OK");
  const std::string name = buy->order().name();
  EXPECT_EQ(Outcome(world.Replace("$B", name, 8000, 5)), "PRICE_GIVEN CAR-10 price_fen");
  world.validate_only = true;
  const auto asked = world.Replace("$B", name, 0, 5);
  ASSERT_EQ(Outcome(asked), "OK");
  EXPECT_EQ(asked->order().price_fen(), 8800);
  world.validate_only = false;
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "0: 10 (1)");
  ASSERT_EQ(Outcome(world.Replace("$B", name, 0, 12)), "OK");
  EXPECT_EQ(world.Cash("$B").held_orders.value(), 12 * 8800 + 211);
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "0: 12 (1)");
  ASSERT_EQ(Outcome(world.Cancel("$B", name)), "OK");
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "");
  EXPECT_EQ(world.FreeMoney("$B"), 100'000'000);
}

TEST_F(CallMarketOrdersTest, WhatACallCannotCollectIsRefused) {
  Start();
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA", 8000, 1, "type: MARKET")), "PRICE_GIVEN CAR-10 price_fen");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA", 0, 1, "type: MARKET time_in_force: IMMEDIATE_OR_CANCEL")), "DAY_ORDERS_ONLY CAR-23 time_in_force");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA", 0, 1, "type: MARKET_TO_LIMIT")), "DAY_ORDERS_ONLY CAR-23 time_in_force") << "no price is the best one yet";
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA", 0, 1, "type: MARKET time_in_force: GOOD_TILL_DATE good_till_date: '2026-01-06'")),
            "GOOD_TILL_NOT_ACCEPTED CAR-23 good_till_date");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA", 0, 10, "type: MARKET display_quantity: 5")), "DISPLAY_NOT_ACCEPTED CAR-29 display_quantity");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA", 0, 12000, "type: MARKET")), "INSUFFICIENT_FUNDS CAR-21 quantity");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 8800, 1)), "OK");
  EXPECT_EQ(Outcome(BuyAtMarket("$E", 1)), "SELF_TRADE CAR-18 price_fen") << "of the same entity group, at any price";
  world.validate_only = true;
  EXPECT_EQ(Outcome(BuyAtMarket("$E", 1)), "SELF_TRADE CAR-18 price_fen");
  const auto asked = BuyAtMarket("$B", 1);
  ASSERT_EQ(Outcome(asked), "OK");
  EXPECT_TRUE(asked->order().market());
  world.validate_only = false;
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "");
  EXPECT_EQ(world.FreeMoney("$B"), 100'000'000);
  ASSERT_EQ(Outcome(BuyAtMarket("$B", 1)), "OK");
  EXPECT_EQ(Outcome(world.Sell("$B", "CEA", 8800, 1)), "SELF_TRADE CAR-18 price_fen");
}

TEST_F(CallMarketOrdersTest, WithoutABandNothingBoundsIt) {
  Start();
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/free' settlement: IMMEDIATE collar_bps: 500 quantity_min: 1 quantity_max: 99999 same_day_resale: true "
                                   "phases { kind: CALL from: '09:15' to: '09:25' } phases { kind: CONTINUOUS from: '09:30' to: '11:30' }")),
            "OK");
  ASSERT_EQ(Outcome(world.Contract("FREE", "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 price_basis: "
                                           "PER_T_TERM tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/free' reference_price_fen: 8000")),
            "OK");
  world.GoTo(kMonday, 9, 15);
  if (!world.Row("FREE").open) {
    ASSERT_EQ(Outcome(world.Open("FREE")), "OK");
  }
  EXPECT_EQ(Outcome(world.Buy("$B", "FREE", 0, 1, "type: MARKET")), "NO_PRICE_BOUND CAR-13 type") << "a collar lies around what a book shows";
}

TEST_F(CallMarketOrdersTest, MarketOrdersThatNobodyMeetsExtendItBeforeThePriceDoesAndEachOnce) {
  Start("market_order_extension_seconds: 60 price_monitoring_bps: 500 extension_seconds: 30");
  ASSERT_EQ(Outcome(BuyAtMarket("$B", 30)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 8500, 10)), "OK");
  world.GoTo(kMonday, 9, 25);
  EXPECT_TRUE(Call().extended_for_market);
  EXPECT_FALSE(Call().extended) << "85.00 lies too far as well; it has its turn";
  EXPECT_EQ(world.Row("CEA").trades, 0u);
  ASSERT_EQ(Outcome(world.Sell("$D", "CEA", 8600, 10)), "OK") << "collected further";
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  for (ExchangeWorld* of : {&world, &fresh}) {
    of->GoTo(kMonday, 9, 26, 1);
    EXPECT_TRUE(of->Row("CEA").call.extended) << "10 t are still unfilled, but that was once";
    EXPECT_EQ(of->Row("CEA").trades, 0u);
    of->GoTo(kMonday, 9, 26, 29);
    EXPECT_TRUE(of->Row("CEA").collecting);
    of->GoTo(kMonday, 9, 26, 31);
    EXPECT_FALSE(of->Row("CEA").collecting);
    EXPECT_EQ(of->Row("CEA").last_price, Price(8600));
    EXPECT_EQ(of->Row("CEA").bar.volume, Quantity(20));
    EXPECT_EQ(of->Depth("CEA", Side::kBuy), "");
  }
}

TEST_F(CallMarketOrdersTest, MarketOrdersThatAreAllFilledExtendNothing) {
  Start("market_order_extension_seconds: 60");
  ASSERT_EQ(Outcome(BuyAtMarket("$B", 10)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 8500, 20)), "OK");
  world.GoTo(kMonday, 9, 25);
  EXPECT_FALSE(Call().extended_for_market);
  EXPECT_EQ(world.Row("CEA").bar.volume, Quantity(10));
}

TEST_F(CallMarketOrdersTest, ARestartCollectsOnInTheSameOrder) {
  Start();
  ASSERT_EQ(Outcome(world.Buy("$D", "CEA", 8800, 4)), "OK");
  ASSERT_EQ(Outcome(BuyAtMarket("$B", 6)), "OK");
  ASSERT_EQ(Outcome(BuyAtMarket("$C", 6)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7900, 8)), "OK");
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  fresh.exchange.CheckInvariants();
  EXPECT_EQ(fresh.Depth("CEA", Side::kBuy), "0: 12 (2) 8800: 4 (1)");
  fresh.GoTo(kMonday, 9, 25);
  EXPECT_EQ(fresh.UnitsOf("$B", "CEA").all, 506);
  EXPECT_EQ(fresh.UnitsOf("$C", "CEA").all, 502);
  EXPECT_EQ(fresh.Depth("CEA", Side::kBuy), "8800: 4 (1)");
}

TEST_F(CallMarketOrdersTest, AHaltOverTheCloseCancelsItLikeAnother) {
  Start();
  const auto buy = BuyAtMarket("$B", 10);
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA' reason: 'news'")), "OK");
  world.GoTo(kMonday, 11, 30);
  const auto ended = world.Ended("$B.trading", Number(buy));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->reason, EndReason::kSessionClosed);
  EXPECT_EQ(world.FreeMoney("$B"), 100'000'000);
}

}  // namespace
}  // namespace songhua::exchange
