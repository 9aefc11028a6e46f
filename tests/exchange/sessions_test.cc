// Sessions: when a contract trades, its close, what ends with it, and orders ended by acts of others.
#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class SessionsTest : public testing::Test {
 protected:
  SessionsTest() { world.Furnish(); }
  bool Sweep() {
    bool more = false;
    world.Apply([&](CommandContext& context) { more = world.exchange.CloseStaleSessions(context); });
    return more;
  }
  using Units = ExchangeWorld::Units;
  ExchangeWorld world;
};

TEST_F(SessionsTest, OrdersAreTakenInSessionOnly) {
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 1)), "SESSION_CLOSED CAR-11 contract");
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  EXPECT_EQ(Outcome(world.Open("CEA25")), "SESSION_OPEN CAR-11 contract");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 1)), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  EXPECT_EQ(Outcome(world.Close("CEA25")), "SESSION_CLOSED CAR-11 contract");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 1)), "SESSION_CLOSED CAR-11 contract");
}

TEST_F(SessionsTest, AFirstDayNeedsAReferencePrice) {
  const std::string terms =
      "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2026 price_basis: PER_T_TERM tick_fen: 100 lot_size: 1 ";
  ASSERT_EQ(Outcome(world.Contract("CEA26", terms + "rulebook: 'rulebooks/immediate'")), "OK");
  EXPECT_EQ(Outcome(world.Open("CEA26")), "NO_REFERENCE_PRICE CAR-27 contract");
  ASSERT_EQ(Outcome(world.Contract("TINY", terms + "rulebook: 'rulebooks/immediate' reference_price_fen: 50")), "OK");
  EXPECT_EQ(Outcome(world.Open("TINY")), "EMPTY_BAND CAR-13 contract");
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/free' settlement: IMMEDIATE quantity_min: 1 quantity_max: 100")), "OK");
  ASSERT_EQ(Outcome(world.Contract("FREE", terms + "rulebook: 'rulebooks/free'")), "OK");
  EXPECT_EQ(Outcome(world.Open("FREE")), "OK") << "without a band nothing is needed";
}

TEST_F(SessionsTest, AContractWhoseTermHasEndedDoesNotOpen) {
  world.today = MakeDate(2029, 12, 31);
  EXPECT_EQ(Outcome(world.Open("SO2")), "OK");
  ASSERT_EQ(Outcome(world.Close("SO2")), "OK");
  world.today = MakeDate(2030, 1, 1);
  EXPECT_EQ(Outcome(world.Open("SO2")), "TERM_ENDED DR-06 contract");
}

TEST_F(SessionsTest, TheCloseIsTheAverageByVolumeAndTheNextDaysReference) {
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  for (const auto& [price, quantity] : {std::pair{8010, 10}, {8000, 20}, {8030, 15}}) {
    ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", price, quantity)), "OK");
    ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", price, quantity)), "OK");
  }
  EXPECT_EQ(world.Row("CEA25").last_price, Price(8030));
  EXPECT_EQ(world.Row("CEA25").bar.volume, Quantity(45));
  const auto closed = world.Close("CEA25");
  ASSERT_EQ(Outcome(closed), "OK");
  EXPECT_EQ(closed->contract().reference_price_fen(), 8012);  // 360,550 / 45 = 8012.2
  EXPECT_EQ(closed->contract().session(), "CLOSED");
  world.today = world.today + 1;
  const auto opened = world.Open("CEA25");
  ASSERT_EQ(Outcome(opened), "OK");
  EXPECT_EQ(opened->contract().band_low_fen(), 7211);   // 7210.8 up
  EXPECT_EQ(opened->contract().band_high_fen(), 8813);  // 8813.2 down
  EXPECT_EQ(opened->contract().session_volume(), 0);
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  EXPECT_EQ(world.Row("CEA25").reference_price, Price(8012)) << "no trade, no new close";
}

TEST_F(SessionsTest, DayOrdersEndWithTheirSession) {
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  const auto buy = world.Buy("$A", "CEA25", 7990, 10);
  const auto sell = world.Sell("$B", "CEA25", 8010, 30);
  ASSERT_EQ(Outcome(world.Buy("$C", "CEA25", 8010, 5)), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  EXPECT_EQ(world.FreeMoney("$A"), world.Money("$A"));
  EXPECT_EQ(world.UnitsOf("$B", "CEA25"), (Units{.all = 495, .free = 495}));
  const auto ended = world.Ended("$B.trading", std::stoull(sell->order().name().substr(7)));
  ASSERT_TRUE(ended.has_value());
  const v1::Order shown = ToProto(*ended, "contracts/CEA25", "accounts/x");
  EXPECT_EQ(shown.state(), "SYSTEM_CANCELLED");
  EXPECT_EQ(shown.cancel_reason(), "SESSION_CLOSED");
  EXPECT_EQ(shown.filled_quantity(), 5);
  EXPECT_EQ(shown.quantity(), 30);
  EXPECT_EQ(world.exchange.FindOrder(std::stoull(buy->order().name().substr(7))), nullptr);
}

TEST_F(SessionsTest, ASessionIsOverAtMidnightWhetherOrNotItWasClosed) {
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  const auto order = world.Buy("$A", "CEA25", 7990, 10);
  EXPECT_FALSE(world.exchange.HasStaleSessions(world.today));
  world.today = world.today + 1;
  EXPECT_TRUE(world.exchange.HasStaleSessions(world.today));
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7990, 10)), "SESSION_CLOSED CAR-11 contract");
  EXPECT_EQ(Outcome(world.Cancel("$A", order->order().name())), "SESSION_CLOSED CAR-11 contract");
  EXPECT_EQ(Outcome(world.Replace("$A", order->order().name(), 7990, 5)), "SESSION_CLOSED CAR-11 contract");
  EXPECT_EQ(Outcome(world.Open("CEA25")), "SESSION_NOT_ENDED CAR-23 contract");
  EXPECT_EQ(ToProto(world.Row("CEA25"), StartOfDay(world.today)).session(), "CLOSED");
  EXPECT_FALSE(Sweep());
  EXPECT_FALSE(world.exchange.HasStaleSessions(world.today));
  EXPECT_EQ(world.FreeMoney("$A"), world.Money("$A"));
  EXPECT_EQ(Outcome(world.Open("CEA25")), "OK");
}

TEST_F(SessionsTest, ManyOrdersEndInSlicesOfAThousand) {
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  world.check_invariants = false;
  for (int i = 0; i < 2500; ++i) ASSERT_EQ(Outcome(world.Buy("$A", "CEA25", 7200 + i % 100, 1)), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  EXPECT_EQ(world.exchange.RestingOrders(1), 1500u);
  EXPECT_EQ(Outcome(world.Open("CEA25")), "SESSION_NOT_ENDED CAR-23 contract");
  EXPECT_TRUE(world.exchange.HasStaleSessions(world.today));
  ExchangeWorld fresh;  // a restart in between ends the same orders in the same order
  world.RestartInto(&fresh);
  EXPECT_TRUE(Sweep());
  bool more = false;
  fresh.check_invariants = false;
  fresh.sequence = world.sequence - 1;
  fresh.Apply([&](CommandContext& context) { more = fresh.exchange.CloseStaleSessions(context); });
  EXPECT_TRUE(more);
  EXPECT_EQ(fresh.stored.rows(), world.stored.rows());
  EXPECT_FALSE(Sweep());
  EXPECT_EQ(world.exchange.RestingOrders(1), 0u);
  world.exchange.CheckInvariants();
  EXPECT_EQ(world.FreeMoney("$A"), world.Money("$A"));
}

TEST_F(SessionsTest, RulesDoNotChangeUnderAnOpenSession) {
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/immediate' settlement: VERIFIED quantity_min: 50 quantity_max: 100000 fee_bps: 10")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 1)), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 1)), "QUANTITY_OUTSIDE_SIZES CAR-12 quantity");
  EXPECT_EQ(world.Row("CEA25").terms.version, 2u);
}

TEST_F(SessionsTest, SessionsAnnounceThemselves) {
  world.events.Take();
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  EventReader reader(world.events.bytes());
  EventType type;
  std::string_view payload;
  ASSERT_TRUE(reader.Next(&type, &payload));
  EXPECT_EQ(type, EventType::kSessionChanged);
}

// ---- Floors ----

// A floor of SO2 changes while its session is open.
class FloorsTest : public SessionsTest {
 protected:
  FloorsTest() { EXPECT_EQ(Outcome(world.Open("SO2")), "OK"); }
  void SetFloor(int64_t fen) {
    world.floors["SO2"] = Price(fen);
    world.Apply([&](CommandContext& context) { world.exchange.RefreshFloors(context); });
  }
  std::string StateOf(const std::string& order) {
    const OrderRow& row = *world.exchange.FindOrder(std::stoull(order.substr(7)));
    return ToProto(row, "", "", world.Row("SO2").floor).state();
  }
};

TEST_F(FloorsTest, ABasePriceThatComesInSessionSuspendsTheOrdersBelowItAndNobodyTakesThem) {
  const std::string below = world.Sell("$A", "SO2", 480'000, 10'000)->order().name();
  const std::string at = world.Sell("$A", "SO2", 490'000, 10'000)->order().name();
  const std::string bid = world.Buy("$B", "SO2", 470'000, 10'000)->order().name();
  SetFloor(490'000);
  EXPECT_EQ(world.Depth("SO2", Side::kSell), "490000: 10000 (1)") << "an equal price passes";
  EXPECT_EQ(world.Depth("SO2", Side::kBuy), "");
  EXPECT_EQ(StateOf(below), "SUSPENDED_PRICE");
  EXPECT_EQ(StateOf(bid), "SUSPENDED_PRICE");
  EXPECT_EQ(StateOf(at), "SUBMITTED");
  EXPECT_EQ(world.UnitsOf("$A", "SO2"), (Units{.all = 100'000, .free = 80'000, .orders = 20'000})) << "it holds what it held";
  ASSERT_EQ(Outcome(world.Buy("$B", "SO2", 500'000, 20'000)), "OK");
  EXPECT_EQ(world.exchange.FindTrade(1), nullptr);
  EXPECT_EQ(world.FinalTrade(FirstTradeOf(world.Row("SO2").number) + 1)->price, Price(490'000));
  EXPECT_EQ(world.Row("SO2").trades, 1u) << "the cheaper one was passed over";
  EXPECT_EQ(world.Depth("SO2", Side::kBuy), "500000: 10000 (1)");
}

TEST_F(FloorsTest, WhenTheBasePriceFallsSuspendedOrdersComeBackAndTrade) {
  const std::string first = world.Sell("$A", "SO2", 480'000, 10'000)->order().name();
  const std::string second = world.Sell("$A", "SO2", 480'000, 20'000)->order().name();
  const std::string low = world.Sell("$A", "SO2", 460'000, 10'000)->order().name();
  SetFloor(490'000);
  ASSERT_EQ(Outcome(world.Buy("$B", "SO2", 495'000, 15'000 - 5'000)), "OK");
  SetFloor(470'000);
  EXPECT_EQ(StateOf(low), "SUSPENDED_PRICE");
  EXPECT_EQ(world.exchange.FindOrder(std::stoull(first.substr(7))), nullptr) << "it met the bid that came meanwhile";
  EXPECT_EQ(world.FinalTrade(FirstTradeOf(world.Row("SO2").number) + 1)->price, Price(495'000)) << "at the price of the one that rested";
  EXPECT_EQ(world.Depth("SO2", Side::kSell), "480000: 20000 (1)");
  EXPECT_EQ(StateOf(second), "SUBMITTED");
  SetFloor(0);
  EXPECT_EQ(world.Depth("SO2", Side::kSell), "460000: 10000 (1) 480000: 20000 (1)");
}

TEST_F(FloorsTest, ASuspendedOrderThatWouldMeetItsOwnGroupIsEnded) {
  const std::string sell = world.Sell("$A", "SO2", 480'000, 10'000)->order().name();
  SetFloor(490'000);
  ASSERT_EQ(Outcome(world.Buy("$E", "SO2", 495'000, 10'000)), "OK");
  SetFloor(0);
  const auto ended = world.Ended("$A001.rights", std::stoull(sell.substr(7)));
  ASSERT_TRUE(ended.has_value());
  EXPECT_EQ(ended->reason, EndReason::kBelowBasePrice);
  EXPECT_EQ(world.UnitsOf("$A", "SO2"), (Units{.all = 100'000, .free = 100'000}));
}

TEST_F(FloorsTest, ASuspendedOrderIsCancelledOrReplacedByItsOwner) {
  const std::string cancelled = world.Sell("$A", "SO2", 480'000, 10'000)->order().name();
  const std::string replaced = world.Sell("$A", "SO2", 480'000, 20'000)->order().name();
  const std::string bid = world.Buy("$B", "SO2", 470'000, 10'000)->order().name();
  SetFloor(490'000);
  EXPECT_EQ(Outcome(world.Cancel("$A", cancelled)), "OK");
  EXPECT_EQ(Outcome(world.Replace("$A", replaced, 480'000, 10'000)), "BELOW_BASE_PRICE DR-73 price_fen") << "also with less of it";
  ASSERT_EQ(Outcome(world.Replace("$A", replaced, 490'000, 30'000)), "OK");
  EXPECT_EQ(world.Depth("SO2", Side::kSell), "490000: 30000 (1)");
  const auto traded = world.Replace("$B", bid, 490'000, 40'000);
  ASSERT_EQ(Outcome(traded), "OK");
  EXPECT_EQ(traded->order().filled_quantity(), 30'000);
  EXPECT_EQ(world.Depth("SO2", Side::kBuy), "490000: 10000 (1)");
}

TEST_F(FloorsTest, SuspendedOrdersOutliveARestartAndEndWithTheSession) {
  const std::string sell = world.Sell("$A", "SO2", 480'000, 10'000)->order().name();
  SetFloor(490'000);
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  fresh.exchange.CheckInvariants();
  EXPECT_EQ(fresh.Depth("SO2", Side::kSell), "");
  ASSERT_EQ(Outcome(fresh.Close("SO2")), "OK");
  EXPECT_EQ(fresh.Ended("$A001.rights", std::stoull(sell.substr(7)))->reason, EndReason::kSessionClosed);
  EXPECT_EQ(fresh.UnitsOf("$A", "SO2"), (Units{.all = 100'000, .free = 100'000}));
  ASSERT_EQ(Outcome(world.Close("SO2")), "OK");
  EXPECT_EQ(Outcome(world.Open("SO2")), "OK");
}

// ---- Ended by others ----

TEST_F(SessionsTest, ARevokedPermitEndsEveryOrderOfItsSite) {
  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  ASSERT_EQ(Outcome(world.Open("COD")), "OK");
  const auto sell = world.Sell("$A", "SO2", 500'000, 20'000);
  ASSERT_EQ(Outcome(world.Sell("$A", "COD", 500'000, 20'000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$A", "SO2", 480'000, 20'000)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$B", "SO2", 510'000, 20'000)), "OK");
  world.Apply([&](CommandContext& context) { world.exchange.CancelOrdersOfSite(context, world.Named("$A001"), EndReason::kPermitRevoked); });
  EXPECT_EQ(world.Depth("SO2", Side::kSell), "510000: 20000 (1)");
  EXPECT_EQ(world.Depth("SO2", Side::kBuy), "");
  EXPECT_EQ(world.Depth("COD", Side::kSell), "");
  EXPECT_EQ(world.FreeMoney("$A"), world.Money("$A"));
  EXPECT_EQ(world.UnitsOf("$A", "SO2"), (Units{.all = 100'000, .free = 100'000}));
  const auto ended = world.Ended("$A001.rights", std::stoull(sell->order().name().substr(7)));
  EXPECT_EQ(ToProto(*ended, "", "").cancel_reason(), "PERMIT_REVOKED");
  EXPECT_EQ(ToProto(*ended, "", "").state(), "SYSTEM_CANCELLED");
  world.Apply([&](CommandContext& context) { world.exchange.CancelOrdersOfSite(context, "nowhere", EndReason::kPermitRevoked); });
}

TEST_F(SessionsTest, ACourtTakesTheNewestOrdersOverALotAndNoMoreThanItNeeds) {
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  for (int64_t price : {8000, 8010, 8020}) ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", price, 150)), "OK");
  const ledger::LotNumber lot = world.ledger.lots().OfAccount(world.Account("$A.trading")).front()->number;
  const auto freeze = [&](int64_t quantity) {
    return Outcome(world.Freeze("lot: 'lots/" + std::to_string(lot) + "' quantity: " + std::to_string(quantity) +
                                " court: 'Court' case_number: '1' start_date: '2026-01-05' end_date: '2026-12-31'"));
  };
  ASSERT_EQ(freeze(50), "OK");  // what was free
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 150 (1) 8010: 150 (1) 8020: 150 (1)");
  ASSERT_EQ(freeze(100), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 150 (1) 8010: 150 (1)");
  ASSERT_EQ(freeze(51), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 150 (1)");
  EXPECT_EQ(world.UnitsOf("$A", "CEA25"), (Units{.all = 500, .free = 149, .orders = 150}));
}

TEST_F(SessionsTest, ACourtDoesNotReachUnitsThatAreSold) {
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/immediate' settlement: VERIFIED band_bps: 1000 quantity_min: 1 quantity_max: 1000000 same_day_resale: "
                                   "true")),
            "OK");
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 300)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 200)), "OK");
  const ledger::LotNumber lot = world.ledger.lots().OfAccount(world.Account("$A.trading")).front()->number;
  ASSERT_EQ(Outcome(world.Freeze("lot: 'lots/" + std::to_string(lot) + "' quantity: 500 court: 'Court' case_number: '1' start_date: '2026-01-05' "
                                 "end_date: '2026-12-31'")),
            "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "");
  const std::string trade = world.LastTrade("CEA25");
  ASSERT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "OK");
  ASSERT_EQ(Outcome(world.Act(&Exchange::RecordPayment, trade)), "OK");
  ASSERT_EQ(Outcome(world.Act(&Exchange::SettleTrade, trade)), "OK");
  EXPECT_EQ(world.UnitsOf("$A", "CEA25"), (Units{.all = 300, .free = 0}));
}

TEST_F(SessionsTest, WhoLosesHisStandingLosesTheOrdersThatHeMayNotHaveAndNoOthers) {
  for (const std::string code : {"CEA25", "SO2"}) ASSERT_EQ(Outcome(world.Open(code)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$A", "CEA25", 7900, 5)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "SO2", 510'000, 10'000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "SO2", 500'000, 10'000)), "OK");
  world.gate[world.Named("$A001.rights")] = OrderRefusal::kCreditGate;
  world.Apply([&](CommandContext& context) {
    world.exchange.RestrainOrdersOfParticipant(context, world.Named("$A"), EndReason::kCreditLost);
    world.exchange.RestrainOrdersOfSite(context, world.Named("$B001"), EndReason::kSiteSuspended);
  });
  EXPECT_EQ(world.Depth("SO2", Side::kSell), "");
  EXPECT_EQ(world.UnitsOf("$A", "SO2").orders, 0);
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "7900: 5 (1)") << "another account, which may";
  EXPECT_EQ(world.Depth("SO2", Side::kBuy), "500000: 10000 (1)") << "its site may";
}

TEST_F(SessionsTest, AnOfficerVerifiesNoTradeOfPartiesThatMayNotTradeAnyMore) {
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/immediate' settlement: VERIFIED band_bps: 1000 quantity_min: 1 quantity_max: 1000000 same_day_resale: "
                                   "true")),
            "OK");
  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 10'000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "SO2", 500'000, 10'000)), "OK");
  const std::string trade = world.LastTrade("SO2");
  for (const std::string party : {"$A001.rights", "$B001.rights"}) {
    world.gate = {{world.Named(party), OrderRefusal::kPermitNotInForce}};
    EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "PERMIT_NOT_IN_FORCE DR-29 name");
  }
  world.gate.clear();
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "OK");
}

}  // namespace
}  // namespace songhua::exchange
