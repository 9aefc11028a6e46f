// Stop orders, icebergs and what becomes of orders of one group that meet, in the exchange (international.md 7.3).
#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class StopOrdersTest : public testing::Test {
 protected:
  StopOrdersTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Rulebook(Terms("REFUSE_ORDER"))), "OK");
    EXPECT_EQ(Outcome(world.Open("CEA25")), "OK");
  }
  static std::string Terms(const std::string& policy, const std::string& more = "") {
    return "name: 'rulebooks/immediate' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 99999 same_day_resale: true stop_orders: true "
           "display_percent_min: 10 self_trade_policy: " + policy + " " + more;
  }
  void OpenAgainBy(const std::string& terms) {
    ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
    ASSERT_EQ(Outcome(world.Rulebook(terms)), "OK");
    ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  }
  // A trade between $A and $B, so that the last price is `price`.
  void TradeAt(int64_t price) {
    ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", price, 1)), "OK");
    ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", price, 1)), "OK");
    ASSERT_EQ(world.Row("CEA25").last_price, Price(price));
  }
  static OrderId Number(const absl::StatusOr<v1::OrderAnswer>& answer) { return *ledger::ParseNumberedName("name", "orders", answer->order().name()); }
  ExchangeWorld world;
};

TEST_F(StopOrdersTest, AStopOrderWaitsHoldsAndTradesWhenItsPriceComes) {
  TradeAt(8000);
  const int64_t free = world.FreeMoney("$C");
  const auto stop = world.Buy("$C", "CEA25", 0, 10, "type: STOP trigger_price_fen: 8100");
  ASSERT_EQ(Outcome(stop), "OK");
  EXPECT_EQ(stop->order().state(), "WAITING_FOR_TRIGGER");
  EXPECT_EQ(stop->order().price_fen(), 8800) << "the upper limit of the band";
  EXPECT_EQ(world.FreeMoney("$C"), free - 10 * 8800);
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "") << "nobody sees it";
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8100, 4)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8150, 4)), "OK");
  const auto buy = world.Buy("$B", "CEA25", 8100, 1);
  ASSERT_EQ(Outcome(buy), "OK");
  EXPECT_EQ(buy->order().state(), "FILLED");
  const auto ended = world.Ended("$C.trading", Number(stop));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->filled, Quantity(7)) << "3 at 81.00, 4 at 81.50; nobody offers more";
  EXPECT_EQ(ended->reason, EndReason::kRestOfIoc);
  EXPECT_EQ(world.FreeMoney("$C"), free - 3 * 8100 - 4 * 8150);
  EXPECT_EQ(world.FreeMoney("$C"), world.Money("$C"));
}

TEST_F(StopOrdersTest, OneTriggersTheNextAndTheNearestComesFirst) {
  TradeAt(8000);
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 7900, 5)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 7800, 5)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 7700, 5)), "OK");
  const auto far = world.Sell("$C", "CEA25", 7700, 5, "type: STOP_LIMIT trigger_price_fen: 7800");
  const auto near = world.Sell("$C", "CEA25", 7800, 8, "type: STOP_LIMIT trigger_price_fen: 7900");
  ASSERT_EQ(Outcome(far), "OK");
  ASSERT_EQ(Outcome(near), "OK");
  const auto sell = world.Sell("$A", "CEA25", 7900, 2);
  EXPECT_EQ(sell->order().filled_quantity(), 2);
  // The near one takes 3 at 79.00 and 5 at 78.00, which triggers the far one: it takes what is left at 77.00.
  EXPECT_EQ(world.Ended("$C.trading", Number(near))->filled, Quantity(8));
  EXPECT_EQ(world.Ended("$C.trading", Number(far))->filled, Quantity(5));
  EXPECT_EQ(world.Row("CEA25").last_price, Price(7700));
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "");
}

TEST_F(StopOrdersTest, TheAnswerIsOfTheOrderThatWasPlacedEvenIfWhatItTriggersEndsIt) {
  TradeAt(8000);
  ASSERT_EQ(Outcome(world.Sell("$C", "CEA25", 7900, 6, "type: STOP_LIMIT trigger_price_fen: 7950")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 7950, 2)), "OK");
  const auto buy = world.Buy("$B", "CEA25", 7950, 6);
  ASSERT_EQ(Outcome(buy), "OK");
  EXPECT_EQ(buy->order().state(), "FILLED") << "2 by itself; its rest of 4 was taken by the order that it triggered";
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "7900: 2 (1)");
}

TEST_F(StopOrdersTest, ATriggerIsHeldAgainstTheLastPrice) {
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8100, 1, "type: STOP_LIMIT trigger_price_fen: 8000")), "TRIGGER_NOT_ACCEPTED CAR-13 trigger_price_fen")
      << "the reference price is there already";
  TradeAt(8050);
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8100, 1, "type: STOP_LIMIT trigger_price_fen: 8050")), "TRIGGER_NOT_ACCEPTED CAR-13 trigger_price_fen");
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 1, "type: STOP_LIMIT trigger_price_fen: 8051")), "TRIGGER_NOT_ACCEPTED CAR-13 trigger_price_fen");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8800, 1, "type: STOP_LIMIT trigger_price_fen: 8801")), "TRIGGER_NOT_ACCEPTED CAR-13 trigger_price_fen");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8100, 1, "trigger_price_fen: 8100")), "TRIGGER_NOT_ACCEPTED CAR-13 trigger_price_fen") << "a limit order has none";
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8100, 1, "type: STOP trigger_price_fen: 8100")), "PRICE_GIVEN CAR-10 price_fen");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8100, 1, "type: STOP_LIMIT trigger_price_fen: 8100 time_in_force: FILL_OR_KILL")), "INVALID_FIELD CAR-23 time_in_force");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8100, 99999, "type: STOP_LIMIT trigger_price_fen: 8100")), "INSUFFICIENT_FUNDS CAR-21 quantity");
  OpenAgainBy("name: 'rulebooks/immediate' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 99999 same_day_resale: true");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8300, 1, "type: STOP_LIMIT trigger_price_fen: 8200")), "NO_STOP_ORDERS CAR-23 type");
}

TEST_F(StopOrdersTest, AWaitingOrderIsReplacedCancelledAndEndsWithItsSession) {
  TradeAt(8000);
  const auto stop = world.Sell("$A", "CEA25", 7800, 10, "type: STOP_LIMIT trigger_price_fen: 7900");
  const int64_t held = world.UnitsOf("$A", "CEA25").orders;
  ASSERT_EQ(Outcome(world.Replace("$A", stop->order().name(), 7850, 25)), "OK");
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, held + 15);
  ASSERT_EQ(Outcome(world.Replace("$A", stop->order().name(), 7850, 5)), "OK");
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, held - 5);
  ASSERT_EQ(Outcome(world.Cancel("$A", stop->order().name())), "OK");
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, held - 10);
  const auto market = world.Buy("$B", "CEA25", 0, 10, "type: STOP trigger_price_fen: 8100");
  EXPECT_EQ(Outcome(world.Replace("$B", market->order().name(), 8200, 5)), "PRICE_GIVEN CAR-10 price_fen");
  EXPECT_EQ(Outcome(world.Replace("$B", market->order().name(), 0, 5)), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  EXPECT_EQ(world.Ended("$B.trading", Number(market))->reason, EndReason::kSessionClosed);
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B"));
}

TEST_F(StopOrdersTest, NoPriceTriggersTheOrderOfAHaltedAccount) {
  TradeAt(8000);
  const auto stop = world.Sell("$C", "CEA25", 7800, 5, "type: STOP_LIMIT trigger_price_fen: 7900");
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$C.trading' reason: 'inquiry'")), "OK");
  const auto state = [&] { return ToProto(*world.exchange.FindOrder(Number(stop)), "", "", Price()).state(); };
  EXPECT_EQ(state(), "SUSPENDED_HALT");
  TradeAt(7900);
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "");
  TradeAt(7950);
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(state(), "WAITING_FOR_TRIGGER") << "the last price of now decides, not one that came meanwhile";
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$C.trading' side: SELL reason: 'inquiry'")), "OK");
  TradeAt(7890);
  auto fresh = std::make_unique<ExchangeWorld>();
  world.RestartInto(fresh.get());
  for (ExchangeWorld* each : {&world, fresh.get()}) {
    each->exchange.CheckInvariants();
    ASSERT_EQ(Outcome(each->Resume("halts/2")), "OK");
    EXPECT_EQ(each->Depth("CEA25", Side::kSell), "7800: 5 (1)") << "triggered by the end of the halt";
  }
}

TEST_F(StopOrdersTest, AHaltHoldsTheTriggerBackAndARestartKeepsTheOrder) {
  TradeAt(8000);
  const auto stop = world.Sell("$C", "CEA25", 7800, 5, "type: STOP_LIMIT trigger_price_fen: 7900");
  ASSERT_EQ(Outcome(stop), "OK");
  auto fresh = std::make_unique<ExchangeWorld>();
  world.RestartInto(fresh.get());
  fresh->exchange.CheckInvariants();
  ASSERT_EQ(Outcome(fresh->Sell("$A", "CEA25", 7900, 1)), "OK");
  ASSERT_EQ(Outcome(fresh->Buy("$B", "CEA25", 7900, 1)), "OK");
  EXPECT_EQ(fresh->Depth("CEA25", Side::kSell), "7800: 5 (1)");
}

TEST_F(StopOrdersTest, AnIcebergShowsAPartAndStandsBehindOthersWhenItShowsMore) {
  const auto iceberg = world.Sell("$A", "CEA25", 8000, 30, "display_quantity: 10");
  ASSERT_EQ(Outcome(iceberg), "OK");
  ASSERT_EQ(Outcome(world.Sell("$C", "CEA25", 8000, 5)), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 15 (2)");
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, 30) << "all of it is held";
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 12)), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 13 (2)") << "3 of the other, then 10 shown anew";
  auto fresh = std::make_unique<ExchangeWorld>();
  world.RestartInto(fresh.get());
  fresh->exchange.CheckInvariants();
  EXPECT_EQ(fresh->Depth("CEA25", Side::kSell), "8000: 13 (2)");
  ASSERT_EQ(Outcome(fresh->Buy("$B", "CEA25", 8000, 3)), "OK");
  EXPECT_EQ(fresh->UnitsOf("$C", "CEA25").orders, 0) << "the other stood before it";
  ASSERT_EQ(Outcome(fresh->Buy("$B", "CEA25", 8000, 20, "time_in_force: FILL_OR_KILL")), "OK") << "what is hidden can be had";
}

TEST_F(StopOrdersTest, AnIcebergShowsAtLeastWhatTheRulebookAsksFor) {
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 101, "display_quantity: 10")), "DISPLAY_NOT_ACCEPTED CAR-29 display_quantity") << "a tenth, rounded up, is 11";
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 100, "display_quantity: 101")), "DISPLAY_NOT_ACCEPTED CAR-29 display_quantity");
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 100, "display_quantity: 50 time_in_force: IMMEDIATE_OR_CANCEL")), "DISPLAY_NOT_ACCEPTED CAR-29 display_quantity");
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 101, "display_quantity: 11")), "OK");
}

TEST_F(StopOrdersTest, AnIcebergDoesNotGrowBeyondWhatItMayHide) {
  const auto iceberg = world.Sell("$A", "CEA25", 8000, 20, "display_quantity: 10");
  const auto stop = world.Sell("$C", "CEA25", 7800, 20, "type: STOP_LIMIT trigger_price_fen: 7900 display_quantity: 10");
  ASSERT_EQ(Outcome(iceberg), "OK");
  ASSERT_EQ(Outcome(stop), "OK");
  const auto refused = world.Replace("$A", iceberg->order().name(), 8000, 101);
  EXPECT_EQ(Outcome(refused), "DISPLAY_NOT_ACCEPTED CAR-29 display_quantity");
  EXPECT_EQ(Detail(refused).value, "10");
  EXPECT_EQ(Detail(refused).accepted, "a quantity of at most 100, of which the order shows at least 10%; or another order in its place");
  EXPECT_EQ(Outcome(world.Replace("$C", stop->order().name(), 7800, 101)), "DISPLAY_NOT_ACCEPTED CAR-29 display_quantity");
  EXPECT_EQ(Outcome(world.Replace("$C", stop->order().name(), 7800, 100)), "OK");
  EXPECT_EQ(Outcome(world.Replace("$A", iceberg->order().name(), 8000, 100)), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 10 (1)");
  EXPECT_EQ(Outcome(world.Replace("$A", iceberg->order().name(), 8000, 5)), "OK") << "it shows all of itself";
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 5 (1)");
}

// $A and $E are of one group.
TEST_F(StopOrdersTest, OrdersOfOneGroupThatMeetFollowTheRulebooksPolicy) {
  struct Case {
    const char* policy;
    const char* outcome;
    int64_t filled, resting_of_e;
    const char* bids;
  };
  for (const Case& c : {Case{"REFUSE_ORDER", "SELF_TRADE CAR-18 price_fen", 0, 10, ""}, Case{"CANCEL_AGGRESSOR", "OK", 5, 10, ""}, Case{"CANCEL_RESTING", "OK", 5, 0, "8000: 15 (1)"},
                        Case{"CANCEL_BOTH", "OK", 5, 0, ""}, Case{"DECREMENT", "OK", 5, 0, "8000: 5 (1)"}}) {
    SCOPED_TRACE(c.policy);
    OpenAgainBy(Terms(c.policy));
    ASSERT_EQ(Outcome(world.Sell("$B", "CEA25", 7990, 5)), "OK");
    ASSERT_EQ(Outcome(world.Sell("$E", "CEA25", 8000, 10)), "OK");
    const auto buy = world.Buy("$A", "CEA25", 8000, 20);
    EXPECT_EQ(Outcome(buy), c.outcome);
    if (buy.ok()) EXPECT_EQ(buy->order().filled_quantity(), c.filled);
    if (buy.ok() && std::string(c.bids).empty()) EXPECT_EQ(buy->order().cancel_reason(), "SELF_TRADE");
    EXPECT_EQ(world.UnitsOf("$E", "CEA25").orders, c.resting_of_e);
    EXPECT_EQ(world.Depth("CEA25", Side::kBuy), c.bids);
  }
}

}  // namespace
}  // namespace songhua::exchange
