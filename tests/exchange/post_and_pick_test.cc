// Post-and-pick: what is placed waits, and only a take trades (CAR-15 to CAR-18).
#include <memory>

#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class PostAndPickTest : public testing::Test {
 protected:
  PostAndPickTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Rulebook(Terms())), "OK");
    EXPECT_EQ(Outcome(world.Open("CEA25")), "OK");
  }
  static std::string Terms(const std::string& more = "mechanism: POST_AND_PICK") {
    return "name: 'rulebooks/immediate' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 99999 same_day_resale: true " + more;
  }
  // The name of a post.
  std::string Post(const std::string& who, const std::string& side, int64_t price, int64_t quantity, const std::string& more = "") {
    const auto answer = world.Place(who, "CEA25", side, price, quantity, more);
    EXPECT_EQ(Outcome(answer), "OK");
    return answer.ok() ? answer->order().name() : "";
  }
  auto Take(const std::string& who, const std::string& side, int64_t price, int64_t quantity, const std::string& chosen = "") {
    return world.Take(who, "CEA25", side, price, quantity, chosen.empty() ? "" : "chosen_order: '" + chosen + "'");
  }
  std::string Sells() const { return world.Depth("CEA25", Side::kSell); }
  static OrderId Number(const std::string& name) { return *ledger::ParseNumberedName("name", "orders", name); }
  ExchangeWorld world;
};

TEST_F(PostAndPickTest, ARulebookThatContradictsItselfIsRefused) {
  const auto load = [&](const std::string& more) { return Outcome(world.Rulebook("name: 'rulebooks/x' settlement: IMMEDIATE quantity_min: 1 quantity_max: 9 " + more)); };
  EXPECT_EQ(load("mechanism: POST_AND_PICK stop_orders: true"), "INVALID_FIELD CAR-15 rulebook.stop_orders");
  EXPECT_EQ(load("mechanism: POST_AND_PICK display_percent_min: 10"), "INVALID_FIELD CAR-15 rulebook.display_percent_min");
  EXPECT_EQ(load("mechanism: POST_AND_PICK self_trade_policy: CANCEL_RESTING"), "INVALID_FIELD CAR-18 rulebook.self_trade_policy");
  EXPECT_EQ(load("mechanism: POST_AND_PICK take_levels_max: 101"), "INVALID_FIELD CAR-15 rulebook.take_levels_max");
  EXPECT_EQ(load("mechanism: POST_AND_PICK take_levels_max: -1"), "INVALID_FIELD CAR-15 rulebook.take_levels_max");
  EXPECT_EQ(load("take_levels_max: 5"), "INVALID_FIELD CAR-16 rulebook.take_levels_max");
  EXPECT_EQ(load("mechanism: 7"), "INVALID_FIELD CAR-15 rulebook.mechanism");
  const auto standard = world.Rulebook("name: 'rulebooks/x' settlement: IMMEDIATE quantity_min: 1 quantity_max: 9 mechanism: POST_AND_PICK self_trade_policy: REFUSE_ORDER");
  ASSERT_EQ(Outcome(standard), "OK");
  EXPECT_EQ(standard->rulebook().take_levels_max(), 5);
  EXPECT_EQ(standard->rulebook().mechanism(), v1::POST_AND_PICK);
}

TEST_F(PostAndPickTest, WhatIsPlacedIsAPostAndDoesNotTrade) {
  Post("$A", "SELL", 8000, 10);
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 5)), "CROSSES_BOOK CAR-17 price_fen");
  const auto refused = world.Buy("$B", "CEA25", 8100, 5);
  EXPECT_EQ(Outcome(refused), "CROSSES_BOOK CAR-17 price_fen");
  EXPECT_NE(refused.status().ToString().find("below 8000 fen, the best of the other side; or Take"), std::string::npos) << refused.status();
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 5)), "CROSSES_BOOK CAR-17 price_fen") << "before it is a self-trade";
  const std::string bid = Post("$B", "BUY", 7999, 5);
  EXPECT_EQ(Outcome(world.Replace("$B", bid, 8000, 5)), "CROSSES_BOOK CAR-17 price_fen");
  EXPECT_EQ(Outcome(world.Replace("$B", bid, 7990, 9)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 7000 + 500, 1, "time_in_force: IMMEDIATE_OR_CANCEL")), "DAY_ORDERS_ONLY CAR-23 time_in_force");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 1, "time_in_force: FILL_OR_KILL")), "DAY_ORDERS_ONLY CAR-23 time_in_force");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 0, 1, "type: MARKET")), "DAY_ORDERS_ONLY CAR-23 time_in_force");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 0, 1, "type: MARKET_TO_LIMIT")), "DAY_ORDERS_ONLY CAR-23 time_in_force");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8100, 1, "type: STOP_LIMIT trigger_price_fen: 8050")), "NO_STOP_ORDERS CAR-23 type");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 7900, 10, "display_quantity: 5")), "DISPLAY_NOT_ACCEPTED CAR-29 display_quantity");
  EXPECT_EQ(world.Row("CEA25").trades, 0u);
}

TEST_F(PostAndPickTest, ATakeWorksThroughTheLevelsAtTheirPricesAndNeverRests) {
  const std::string first = Post("$A", "SELL", 8000, 10);
  Post("$C", "SELL", 8000, 10);
  Post("$A", "SELL", 8050, 10);
  const auto take = Take("$B", "BUY", 8050, 25);
  ASSERT_EQ(Outcome(take), "OK");
  EXPECT_EQ(take->order().state(), "FILLED");
  EXPECT_EQ(take->order().filled_quantity(), 25);
  EXPECT_EQ(world.Money("$B"), 100'000'000 - 20 * 8000 - 5 * 8050);
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B"));
  EXPECT_EQ(world.Ended("$A.trading", Number(first))->filled, Quantity(10));
  EXPECT_EQ(Sells(), "8050: 5 (1)");

  const auto more = Take("$B", "BUY", 8050, 9);
  ASSERT_EQ(Outcome(more), "OK");
  EXPECT_EQ(more->order().state(), "CANCELLED");
  EXPECT_EQ(more->order().cancel_reason(), "REST_OF_TAKE");
  EXPECT_EQ(more->order().filled_quantity(), 5);
  const auto nothing = Take("$B", "BUY", 8050, 9);
  ASSERT_EQ(Outcome(nothing), "OK");
  EXPECT_EQ(nothing->order().filled_quantity(), 0);
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B"));
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "");
  EXPECT_EQ(world.exchange.RestingOrders(world.Row("CEA25").number), 0u);
}

TEST_F(PostAndPickTest, ASaleTakesTheBidsAndHoldsNoUnitsAfterwards) {
  Post("$B", "BUY", 7900, 5);
  const std::string wanted = Post("$C", "BUY", 7900, 5);
  const auto take = Take("$A", "SELL", 7900, 7, wanted);
  ASSERT_EQ(Outcome(take), "OK");
  EXPECT_EQ(take->order().state(), "FILLED");
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "7900: 3 (1)");
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, 0);
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").all, 493);
  EXPECT_EQ(world.UnitsOf("$C", "CEA25").all, 505);
}

TEST_F(PostAndPickTest, FiveLevelsAreTheEnd) {
  for (int64_t price = 8000; price < 8060; price += 10) Post("$A", "SELL", price, 1);
  const std::string sixth = Post("$C", "SELL", 8050, 1);
  EXPECT_EQ(Outcome(Take("$B", "BUY", 8050, 10, sixth)), "CHOICE_BEYOND_LEVELS CAR-15 chosen_order");
  const auto take = Take("$B", "BUY", 8050, 10);
  ASSERT_EQ(Outcome(take), "OK");
  EXPECT_EQ(take->order().filled_quantity(), 5);
  EXPECT_EQ(Sells(), "8050: 2 (2)") << "its limit would have reached them";
  EXPECT_EQ(Take("$B", "BUY", 8050, 10)->order().filled_quantity(), 2) << "they are the best level now";
}

TEST_F(PostAndPickTest, TheChosenPostComesFirstAtItsPriceAndKeepsItsPlace) {
  Post("$A", "SELL", 8000, 10);
  const std::string middle = Post("$D", "SELL", 8000, 10);
  const std::string last = Post("$C", "SELL", 8000, 10);
  const std::string dear = Post("$C", "SELL", 8010, 10);
  EXPECT_EQ(Take("$B", "BUY", 8000, 4, last)->order().filled_quantity(), 4);
  EXPECT_EQ(world.exchange.FindOrder(Number(last))->open, Quantity(6));
  const auto behind = Take("$B", "BUY", 8010, 26, dear);
  EXPECT_EQ(Outcome(behind), "CHOICE_BEHIND_BETTER CAR-16 chosen_order");
  EXPECT_NE(behind.status().ToString().find("above 26, what is posted at better prices"), std::string::npos) << behind.status();
  EXPECT_EQ(Outcome(Take("$B", "BUY", 8000, 99, dear)), "CHOICE_BEYOND_LIMIT CAR-16 chosen_order");
  EXPECT_EQ(Take("$B", "BUY", 8000, 12, middle)->order().filled_quantity(), 12) << "the chosen one, then the earliest";
  EXPECT_EQ(world.exchange.FindOrder(Number(middle)), nullptr);
  EXPECT_EQ(Sells(), "8000: 14 (2) 8010: 10 (1)");
  EXPECT_EQ(Take("$B", "BUY", 8010, 15, dear)->order().filled_quantity(), 15);
  EXPECT_EQ(world.exchange.FindOrder(Number(dear))->open, Quantity(9));
}

TEST_F(PostAndPickTest, AChoiceThatCannotBeIsRefusedPrecisely) {
  const std::string offer = Post("$A", "SELL", 8000, 10);
  const std::string bid = Post("$B", "BUY", 7900, 10);
  ASSERT_EQ(Outcome(world.Open("WCI25")), "OK");
  const auto other = world.Sell("$A", "WCI25", 8000, 5);
  ASSERT_EQ(Outcome(other), "OK");
  EXPECT_EQ(Outcome(Take("$C", "BUY", 8000, 1, other->order().name())), "CHOICE_OF_OTHER_CONTRACT CAR-16 chosen_order");
  EXPECT_EQ(Outcome(Take("$C", "BUY", 8000, 1, "orders/999999")), "UNKNOWN_CHOICE CAR-16 chosen_order");
  EXPECT_EQ(Outcome(Take("$C", "BUY", 8000, 1, bid)), "CHOICE_ON_OWN_SIDE CAR-16 chosen_order");
  EXPECT_EQ(Outcome(Take("$E", "BUY", 8000, 1, offer)), "SELF_TRADE CAR-18 chosen_order") << "$E is of $A's group";
  EXPECT_EQ(Outcome(Take("$E", "BUY", 8000, 1)), "SELF_TRADE CAR-18 price_fen");
  EXPECT_EQ(Outcome(Take("$C", "BUY", 8000, 1, "lots/3")), "INVALID_FIELD - chosen_order");
  ASSERT_EQ(Outcome(world.Cancel("$A", offer)), "OK");
  EXPECT_EQ(Outcome(Take("$C", "BUY", 8000, 1, offer)), "UNKNOWN_CHOICE CAR-16 chosen_order");
  EXPECT_EQ(world.Row("CEA25").trades, 0u);
}

TEST_F(PostAndPickTest, TheGatesOfOrdersHoldForTakes) {
  Post("$A", "SELL", 8000, 10);
  Post("$B", "BUY", 7900, 10);
  EXPECT_EQ(Outcome(Take("$C", "BUY", 8801, 1)), "PRICE_OUTSIDE_BAND CAR-13 price_fen");
  EXPECT_EQ(Outcome(Take("$C", "BUY", 8000, 100'000)), "QUANTITY_OUTSIDE_SIZES CAR-12 quantity");
  EXPECT_EQ(Outcome(Take("$C", "BUY", 8000, 12'501)), "INSUFFICIENT_FUNDS CAR-21 quantity") << "12,500 t would do";
  EXPECT_EQ(Outcome(Take("$C", "SELL", 7900, 501)), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Outcome(Take("$C", "SELL", 7900, 501, "orders/999999")), "UNKNOWN_CHOICE CAR-16 chosen_order") << "the book comes before the units";
  EXPECT_EQ(Outcome(world.Take("$C", "CEA25", "BUY", 8000, 1, "account: 'accounts/$B.trading'")), "FOREIGN_ACCOUNT CAR-07 account");
  EXPECT_EQ(Outcome(world.Take("$C", "CEA25", "BUY", 8000, 1, "lot: 'lots/1'")), "INVALID_FIELD - lot");
  EXPECT_EQ(Outcome(world.Take("$C", "CEA25", "SELL", 7900, 1, "lot: 'lots/99999'")), "UNKNOWN_LOT DR-03 lot");
  world.gate[world.Named("$C.trading")] = OrderRefusal::kSiteSuspended;
  EXPECT_EQ(Outcome(Take("$C", "BUY", 8000, 1)), "SITE_SUSPENDED PERMIT-57 account");
  world.gate.clear();
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25' reason: 'inquiry'")), "OK");
  EXPECT_EQ(Outcome(Take("$C", "BUY", 8000, 1)), "MARKET_HALTED CAR-27 contract");
  EXPECT_EQ(world.Row("CEA25").trades, 0u);
}

TEST_F(PostAndPickTest, ACollarBoundsATake) {
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Rulebook(Terms("mechanism: POST_AND_PICK collar_bps: 100"))), "OK");
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  Post("$A", "SELL", 8000, 10);
  EXPECT_EQ(Outcome(Take("$B", "BUY", 8081, 1)), "PRICE_OUTSIDE_COLLAR CAR-13 price_fen");
  EXPECT_EQ(Outcome(Take("$B", "BUY", 8080, 1)), "OK");
}

TEST_F(PostAndPickTest, WhereOrdersAreMatchedNobodyTakes) {
  ASSERT_EQ(Outcome(world.Rulebook(Terms(""))), "OK");
  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  EXPECT_EQ(Outcome(world.Take("$A", "SO2", "BUY", 500'000, 10'000)), "NO_TAKES CAR-15 contract");
  EXPECT_EQ(Outcome(Take("$A", "BUY", 8000, 1)), "OK") << "an open session goes on by its rulebook";
}

TEST_F(PostAndPickTest, WhileItCollectsForAnAuctionNobodyTakes) {
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Rulebook(Terms("mechanism: POST_AND_PICK phases { kind: CALL from: '09:15' to: '09:25' } phases { kind: CONTINUOUS from: '09:30' to: '15:00' }"))),
            "OK");
  world.GoTo(world.today + 1, 9, 16);
  Post("$A", "SELL", 8000, 10);
  Post("$B", "BUY", 8100, 4);
  EXPECT_EQ(Outcome(Take("$C", "BUY", 8000, 1)), "NO_TAKES CAR-15 contract");
  world.GoTo(world.today, 9, 30);
  EXPECT_EQ(world.Row("CEA25").trades, 1u) << "the call trades at one price";
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 5)), "CROSSES_BOOK CAR-17 price_fen");
  EXPECT_EQ(Take("$C", "BUY", 8000, 6)->order().filled_quantity(), 6);
}

TEST_F(PostAndPickTest, AValidatedTakeChangesNothing) {
  const std::string offer = Post("$A", "SELL", 8000, 10);
  world.validate_only = true;
  const auto take = Take("$B", "BUY", 8000, 4, offer);
  ASSERT_EQ(Outcome(take), "OK");
  EXPECT_EQ(take->order().name(), "");
  EXPECT_EQ(Outcome(Take("$E", "BUY", 8000, 4)), "SELF_TRADE CAR-18 price_fen");
  world.validate_only = false;
  EXPECT_EQ(Sells(), "8000: 10 (1)");
}

TEST_F(PostAndPickTest, ABatchTakesAsWell) {
  const std::string offer = Post("$A", "SELL", 8000, 10);
  OrderEntry entry{.kind = OrderKind::kTake,
                   .side = Side::kBuy,
                   .contract = world.Row("CEA25").number,
                   .account = world.Account("$B.trading"),
                   .order = Number(offer),
                   .price = Price(8000),
                   .quantity = Quantity(4)};
  const OrderOutcome outcome = world.Execute("$B", entry);
  EXPECT_EQ(outcome.refusal, OrderRefusal::kNone);
  EXPECT_EQ(outcome.filled, Quantity(4));
  EXPECT_EQ(outcome.open, Quantity());
  entry.post_only = true;
  EXPECT_EQ(world.Execute("$B", entry).refusal, OrderRefusal::kInvalidCommand);
  entry.post_only = false;
  entry.side = static_cast<Side>(0);
  EXPECT_EQ(world.Execute("$B", entry).refusal, OrderRefusal::kInvalidCommand);
}

TEST_F(PostAndPickTest, ARestartBringsThePostsBackAsTheyWere) {
  Post("$A", "SELL", 8000, 10);
  const std::string last = Post("$C", "SELL", 8000, 10);
  ASSERT_EQ(Outcome(Take("$B", "BUY", 8000, 4, last)), "OK");
  auto fresh = std::make_unique<ExchangeWorld>();
  world.RestartInto(fresh.get());
  fresh->exchange.CheckInvariants();
  EXPECT_EQ(fresh->Depth("CEA25", Side::kSell), "8000: 16 (2)");
  EXPECT_EQ(Outcome(fresh->Buy("$B", "CEA25", 8000, 1)), "CROSSES_BOOK CAR-17 price_fen");
  for (ExchangeWorld* each : {&world, fresh.get()}) {
    each->events.Take();
    EXPECT_EQ(each->Take("$B", "CEA25", "BUY", 8000, 5)->order().filled_quantity(), 5);
  }
  EXPECT_EQ(fresh->exchange.FindOrder(Number(last))->open, Quantity(6)) << "the earlier one came first";
}

TEST_F(PostAndPickTest, APostOfAHaltedAccountIsNotToBeHadAndComesBackToItsPlace) {
  const std::string first = Post("$A", "SELL", 8000, 10);
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' reason: 'inquiry'")), "OK");
  const std::string second = Post("$C", "SELL", 8000, 10);
  EXPECT_EQ(Outcome(Take("$B", "BUY", 8000, 1, first)), "UNKNOWN_CHOICE CAR-16 chosen_order");
  ASSERT_EQ(Outcome(Take("$B", "BUY", 8000, 1)), "OK");
  EXPECT_EQ(world.exchange.FindOrder(Number(second))->open, Quantity(9));
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(Sells(), "8000: 19 (2)");
  ASSERT_EQ(Outcome(Take("$B", "BUY", 8000, 1)), "OK");
  EXPECT_EQ(world.exchange.FindOrder(Number(first))->open, Quantity(9)) << "it stands first";
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$C.trading' reason: 'inquiry'")), "OK");
  Post("$B", "BUY", 7990, 1);
  ASSERT_EQ(Outcome(world.Resume("halts/2")), "OK");
  EXPECT_EQ(Sells(), "8000: 18 (2)");
}

TEST_F(PostAndPickTest, APostThatComesBackFromUnderTheBasePriceTradesWithNobody) {
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Rulebook(Terms("mechanism: POST_AND_PICK base_price_floor: true"))), "OK");
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  const std::string cheap = Post("$A", "SELL", 7500, 10);
  const auto refresh = [&](int64_t floor) {
    world.floors["CEA25"] = Price(floor);
    world.Apply([&](CommandContext& context) { world.exchange.RefreshFloors(context); });
  };
  refresh(7600);
  EXPECT_EQ(Outcome(Take("$B", "BUY", 7700, 1, cheap)), "UNKNOWN_CHOICE CAR-16 chosen_order") << "it is suspended";
  Post("$B", "BUY", 7700, 10);
  refresh(7400);
  EXPECT_EQ(world.Row("CEA25").trades, 0u);
  EXPECT_EQ(EndReasonName(world.Ended("$A.trading", Number(cheap))->reason), "BELOW_BASE_PRICE") << "it would have crossed";
}

TEST_F(PostAndPickTest, OrdersThatOutlivedAMatchedSessionGoOnOnlyAsPosts) {
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Rulebook(Terms("good_till_days_max: 30"))), "OK");
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  const std::string till = "time_in_force: GOOD_TILL_DATE good_till_date: '2026-01-09' ";
  const std::string plain = Post("$A", "SELL", 8000, 10, till);
  const std::string post = Post("$A", "SELL", 8000, 10, till + "post_only: true");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Rulebook(Terms("mechanism: POST_AND_PICK good_till_days_max: 30"))), "OK");
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  EXPECT_EQ(EndReasonName(world.Ended("$A.trading", Number(plain))->reason), "TERMS_CHANGED");
  EXPECT_EQ(Sells(), "8000: 10 (1)");
  EXPECT_EQ(Take("$B", "BUY", 8000, 3, post)->order().filled_quantity(), 3);
}

}  // namespace
}  // namespace songhua::exchange
