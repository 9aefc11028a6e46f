// Halts of an instrument, a market and an account (CAR-27), and orders that their owner cancels all at once.
#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class HaltsTest : public testing::Test {
 protected:
  HaltsTest() {
    world.Furnish();
    for (const std::string code : {"CEA25", "WCI25", "SO2"}) EXPECT_EQ(Outcome(world.Open(code)), "OK");
  }
  void Sweep() {
    bool more = true;
    while (more) world.Apply([&](CommandContext& context) { more = world.exchange.CloseStaleSessions(context); });
  }
  ExchangeWorld world;
};

TEST_F(HaltsTest, AHaltOfAContractStopsItAndKeepsItsOrders) {
  const auto resting = world.Buy("$A", "CEA25", 8000, 5);
  const auto halt = world.Halt("contract: 'contracts/CEA25' reason: 'news'");
  ASSERT_EQ(Outcome(halt), "OK");
  EXPECT_EQ(halt->halt().name(), "halts/1");
  EXPECT_EQ(Outcome(world.Sell("$B", "CEA25", 8000, 5)), "MARKET_HALTED CAR-27 contract");
  EXPECT_EQ(Outcome(world.Replace("$A", resting->order().name(), 8001, 5)), "MARKET_HALTED CAR-27 contract");
  EXPECT_EQ(Outcome(world.Sell("$B", "WCI25", 8000, 5)), "OK") << "no other contract";
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "8000: 5 (1)");
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(Outcome(world.Sell("$B", "CEA25", 8000, 5)), "OK");
  EXPECT_EQ(world.Row("CEA25").bar.volume, Quantity(5));
  EXPECT_EQ(Outcome(world.Resume("halts/1")), "ILLEGAL_TRANSITION CAR-27 name");
  EXPECT_EQ(Outcome(world.Resume("halts/2")), "NOT_FOUND - name");
}

TEST_F(HaltsTest, WhatIsHaltedMayBeCancelled) {
  const auto resting = world.Buy("$A", "CEA25", 8000, 5);
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25' reason: 'news'")), "OK");
  EXPECT_EQ(Outcome(world.Cancel("$A", resting->order().name())), "OK");
}

TEST_F(HaltsTest, AHaltOfAProgramStopsAllItsContractsAlsoThoseToCome) {
  ASSERT_EQ(Outcome(world.Halt("program: 'programs/cea' reason: 'system fault'")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 5)), "MARKET_HALTED CAR-27 contract");
  EXPECT_EQ(Outcome(world.Buy("$A", "WCI25", 8000, 5)), "OK");
  ASSERT_EQ(Outcome(world.Contract("CEA24", "program: 'programs/cea' control_zone: 'CN' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2024 price_basis: "
                                            "PER_T_TERM tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/immediate' reference_price_fen: 8000")),
            "OK");
  ASSERT_EQ(Outcome(world.Open("CEA24")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA24", 8000, 5)), "MARKET_HALTED CAR-27 contract");
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25' reason: 'news'")), "OK");
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA24", 8000, 5)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 5)), "MARKET_HALTED CAR-27 contract") << "its own halt is still in force";
}

TEST_F(HaltsTest, AHaltOfAnAccountStopsOneSideOrBoth) {
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' side: SELL reason: 'inquiry'")), "OK");
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 5)), "ACCOUNT_RESTRICTED CAR-27 account");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 5)), "OK");
  EXPECT_EQ(Outcome(world.Sell("$A", "WCI25", 8000, 5)), "OK") << "another account";
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' reason: 'inquiry'")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 5)), "ACCOUNT_RESTRICTED CAR-27 account");
}

TEST_F(HaltsTest, APurgeEndsTheOrdersThatItStops) {
  const auto sell = world.Sell("$A", "CEA25", 8100, 5);
  const auto buy = world.Buy("$A", "CEA25", 8000, 5);
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' side: SELL purge: true reason: 'inquiry'")), "OK");
  EXPECT_EQ(world.Ended("$A.trading", static_cast<OrderId>(std::stoull(sell->order().name().substr(7))))->reason, EndReason::kMarketHalt);
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "8000: 5 (1)");
  world.check_invariants = false;  // once for all of these
  for (size_t i = 0; i < Exchange::kEndedOrdersPerCallMax; ++i) ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 7900, 1)), "OK");
  world.check_invariants = true;
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25' purge: true reason: 'system fault'")), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "7900: 1 (1)") << "one command ends so many, and no more";
  EXPECT_EQ(Outcome(world.Resume("halts/2")), "PURGE_NOT_ENDED CAR-27 name");
  EXPECT_TRUE(world.exchange.HasStaleSessions(world.today));
  Sweep();
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "");
  EXPECT_EQ(world.FreeMoney("$A"), world.Money("$A"));
  EXPECT_EQ(Outcome(world.Resume("halts/2")), "OK");
}

TEST_F(HaltsTest, WhatAPurgeLeftAndItsOwnerCancelledIsForgotten) {
  world.check_invariants = false;  // once for all of these
  for (size_t i = 0; i < Exchange::kEndedOrdersPerCallMax + 2; ++i) ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 7900, 1)), "OK");
  world.check_invariants = true;
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25' purge: true reason: 'system fault'")), "OK");
  EXPECT_EQ(world.CancelOrders("$B")->cancelled(), 2);
  Sweep();
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  for (int64_t price : {7900, 7901, 7902}) ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", price, 1)), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "") << "a list of orders that had ended stood in the way of these";
}

TEST_F(HaltsTest, AHaltNamesOneThingThatExistsAndAReason) {
  EXPECT_EQ(Outcome(world.Halt("reason: 'x'")), "INVALID_FIELD CAR-27 halt");
  EXPECT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25' program: 'programs/cea' reason: 'x'")), "INVALID_FIELD CAR-27 halt");
  EXPECT_EQ(Outcome(world.Halt("contract: 'contracts/NONE' reason: 'x'")), "NOT_FOUND - halt.contract");
  EXPECT_EQ(Outcome(world.Halt("program: 'programs/none' reason: 'x'")), "NOT_FOUND - halt.program");
  EXPECT_EQ(Outcome(world.Halt("account: 'accounts/none' reason: 'x'")), "NOT_FOUND - halt.account");
  EXPECT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25'")), "INVALID_FIELD CAR-27 halt.reason");
  EXPECT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25' side: BUY reason: 'x'")), "INVALID_FIELD CAR-27 halt.side");
}

// DR-75: what comes back under a lower base price may trade; under a halt nothing does.
TEST_F(HaltsTest, ABasePriceThatFallsUnderAHaltBringsOrdersBackWhenItEnds) {
  ASSERT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 10'000)), "OK");
  const auto refresh = [&](int64_t floor) {
    world.floors["SO2"] = Price(floor);
    world.Apply([&](CommandContext& context) { world.exchange.RefreshFloors(context); });
  };
  refresh(510'000);
  ASSERT_EQ(world.Depth("SO2", Side::kSell), "");
  ASSERT_EQ(Outcome(world.Buy("$B", "SO2", 520'000, 10'000)), "OK");
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/SO2' reason: 'news'")), "OK");
  refresh(490'000);
  EXPECT_EQ(world.Row("SO2").trades, 0u) << "nothing is matched under a halt";
  EXPECT_EQ(world.Row("SO2").floor, Price(510'000));
  refresh(515'000);
  EXPECT_EQ(world.Row("SO2").floor, Price(515'000)) << "what rises holds at once";
  refresh(490'000);
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(world.Row("SO2").trades, 1u);
  EXPECT_EQ(world.Row("SO2").floor, Price(490'000));
}

TEST_F(HaltsTest, HaltsOutliveARestart) {
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25' reason: 'news'")), "OK");
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.registry' reason: 'inquiry'")), "OK");
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  EXPECT_EQ(Outcome(fresh.Buy("$B", "CEA25", 8000, 5)), "MARKET_HALTED CAR-27 contract");
  EXPECT_EQ(Outcome(fresh.Buy("$A", "WCI25", 8000, 5)), "ACCOUNT_RESTRICTED CAR-27 account");
  ASSERT_EQ(Outcome(fresh.Resume("halts/1")), "OK");
  EXPECT_EQ(Outcome(fresh.Buy("$B", "CEA25", 8000, 5)), "OK");
}

TEST_F(HaltsTest, AParticipantCancelsAllItsOrdersOrSomeOfThem) {
  for (const std::string code : {"CEA25", "WCI25"}) {
    ASSERT_EQ(Outcome(world.Buy("$A", code, 7900, 1)), "OK");
    ASSERT_EQ(Outcome(world.Sell("$A", code, 8100, 1)), "OK");
  }
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 7900, 1)), "OK");
  EXPECT_EQ(Outcome(world.CancelOrders("$A", "account: 'accounts/$B.trading'")), "FOREIGN_ACCOUNT CAR-07 account");
  EXPECT_EQ(Outcome(world.CancelOrders("$A", "contract: 'contracts/NONE'")), "NOT_FOUND - contract");
  EXPECT_EQ(world.CancelOrders("$A", "contract: 'contracts/WCI25' side: SELL")->cancelled(), 1);
  EXPECT_EQ(world.CancelOrders("$A", "account: 'accounts/$A.registry'")->cancelled(), 1);
  world.validate_only = true;
  EXPECT_EQ(world.CancelOrders("$A")->cancelled(), 2);
  world.validate_only = false;
  const auto all = world.CancelOrders("$A");
  EXPECT_EQ(all->cancelled(), 2);
  EXPECT_FALSE(all->more());
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "7900: 1 (1)") << "another's stays";
  EXPECT_EQ(world.CancelOrders("$A")->cancelled(), 0);
}

}  // namespace
}  // namespace songhua::exchange
