// Halts of an instrument, a market and an account (CAR-27), and orders that their owner cancels all at once.
#include <memory>

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
  static std::string StateOf(const ExchangeWorld& in, const absl::StatusOr<v1::OrderAnswer>& placed) {
    const OrderRow* row = in.exchange.FindOrder(Number(placed));
    return row == nullptr ? "none" : ToProto(*row, "", "", in.exchange.FindContract(row->contract)->floor).state();
  }
  static OrderId Number(const absl::StatusOr<v1::OrderAnswer>& placed) { return *ledger::ParseNumberedName("name", "orders", placed->order().name()); }
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

// ---- What a halted account has in the books ----

TEST_F(HaltsTest, WhatAHaltedAccountOffersIsNotMatchedAndKeepsItsPlace) {
  const auto first = world.Sell("$A", "CEA25", 8000, 5);
  const auto bid = world.Buy("$A", "CEA25", 7900, 5);
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' side: SELL reason: 'inquiry'")), "OK");
  EXPECT_EQ(StateOf(world, first), "SUSPENDED_HALT");
  EXPECT_EQ(StateOf(world, bid), "SUBMITTED") << "the other side trades";
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "");
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, 5) << "it holds what it held";
  ASSERT_EQ(Outcome(world.Sell("$B", "CEA25", 8000, 5)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$C", "CEA25", 8000, 2)), "OK");
  EXPECT_EQ(world.UnitsOf("$B", "CEA25").orders, 3) << "the halted one was passed over";
  EXPECT_EQ(Outcome(world.Replace("$A", first->order().name(), 8000, 4)), "ACCOUNT_RESTRICTED CAR-27 account");
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(StateOf(world, first), "SUBMITTED");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 8 (2)");
  ASSERT_EQ(Outcome(world.Buy("$C", "CEA25", 8000, 5)), "OK");
  EXPECT_EQ(StateOf(world, first), "none") << "it stands before the one that came while it was away";
  EXPECT_EQ(world.UnitsOf("$B", "CEA25").orders, 3);
}

TEST_F(HaltsTest, AnOrderStaysOutForAsLongAsAHaltStopsItsAccount) {
  const auto sell = world.Sell("$A", "CEA25", 8000, 5);
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' reason: 'inquiry'")), "OK");
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' side: SELL reason: 'another'")), "OK");
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(StateOf(world, sell), "SUSPENDED_HALT");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7900, 5)), "OK");
  ASSERT_EQ(Outcome(world.Cancel("$A", sell->order().name())), "OK") << "by its owner";
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, 0);
  ASSERT_EQ(Outcome(world.Resume("halts/2")), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "");
}

TEST_F(HaltsTest, WhatComesBackMeetsWhatCameMeanwhile) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 5)), "OK");
  const auto own = world.Sell("$A", "CEA25", 8080, 5);
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' side: SELL reason: 'inquiry'")), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 8050, 3)), "OK");
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(world.Row("CEA25").last_price, Price(8050)) << "at the price of the one that rested";
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 2 (1) 8080: 5 (1)");
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' side: SELL reason: 'inquiry'")), "OK");
  ASSERT_EQ(Outcome(world.Buy("$E", "CEA25", 8080, 1)), "OK");
  ASSERT_EQ(Outcome(world.Resume("halts/2")), "OK");
  EXPECT_EQ(world.Ended("$A.trading", Number(own))->reason, EndReason::kMarketHalt) << "its own group stands there (CAR-18)";
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "");
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, 0);
}

// A halt of the account that ends under one of the contract: nothing may meet yet. The same after a restart.
TEST_F(HaltsTest, AnOrderComesBackWhenOrdersMayMeetAgainAlsoAfterARestart) {
  const auto sell = world.Sell("$A", "CEA25", 8000, 5);
  ASSERT_EQ(Outcome(world.Sell("$B", "CEA25", 8000, 5)), "OK");
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' reason: 'inquiry'")), "OK");
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25' reason: 'news'")), "OK");
  auto fresh = std::make_unique<ExchangeWorld>();
  world.RestartInto(fresh.get());
  fresh->exchange.CheckInvariants();
  EXPECT_EQ(fresh->Depth("CEA25", Side::kSell), "8000: 5 (1)");
  ASSERT_EQ(Outcome(fresh->Resume("halts/1")), "OK");
  EXPECT_EQ(StateOf(*fresh, sell), "SUSPENDED_HALT");
  auto later = std::make_unique<ExchangeWorld>();
  fresh->RestartInto(later.get());
  later->exchange.CheckInvariants();
  for (ExchangeWorld* each : {fresh.get(), later.get()}) {
    EXPECT_EQ(each->Depth("CEA25", Side::kSell), "8000: 5 (1)");
    ASSERT_EQ(Outcome(each->Resume("halts/2")), "OK");
    EXPECT_EQ(StateOf(*each, sell), "SUBMITTED");
    ASSERT_EQ(Outcome(each->Buy("$C", "CEA25", 8000, 5)), "OK");
    EXPECT_EQ(StateOf(*each, sell), "none") << "it stands first";
  }
}

TEST_F(HaltsTest, AnOrderBelowTheBasePriceIsHaltedAndIsBelowItStill) {
  const auto sell = world.Sell("$A", "SO2", 500'000, 10'000);
  world.floors["SO2"] = Price(510'000);
  world.Apply([&](CommandContext& context) { world.exchange.RefreshFloors(context); });
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A001.rights' reason: 'inquiry'")), "OK");
  EXPECT_EQ(StateOf(world, sell), "SUSPENDED_HALT");
  world.floors["SO2"] = Price(490'000);
  world.Apply([&](CommandContext& context) { world.exchange.RefreshFloors(context); });
  EXPECT_EQ(world.Depth("SO2", Side::kSell), "") << "the halt keeps it out";
  world.floors["SO2"] = Price(505'000);
  world.Apply([&](CommandContext& context) { world.exchange.RefreshFloors(context); });
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(StateOf(world, sell), "SUSPENDED_PRICE");
}

TEST_F(HaltsTest, AnOrderThatIsHaltedEndsWithItsSessionOrAPurge) {
  const auto sell = world.Sell("$A", "CEA25", 8000, 5);
  const auto other = world.Sell("$A", "WCI25", 8000, 5);
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' reason: 'inquiry'")), "OK");
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.registry' reason: 'inquiry'")), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  EXPECT_EQ(world.Ended("$A.trading", Number(sell))->reason, EndReason::kSessionClosed);
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.registry' purge: true reason: 'decision'")), "OK");
  EXPECT_EQ(world.Ended("$A.registry", Number(other))->reason, EndReason::kMarketHalt);
  EXPECT_EQ(world.UnitsOf("$A", "WCI25").orders, 0);
}

// ---- The kill switch ----

TEST_F(HaltsTest, AHaltOfAParticipantStopsAllAccountsOfItsGroupAlsoThoseToCome) {
  const auto sell = world.Sell("$A", "CEA25", 8000, 5);
  const auto other = world.Sell("$A", "WCI25", 8000, 5);
  const auto bid = world.Buy("$E", "CEA25", 7990, 5);
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 7900, 5)), "OK");
  const auto halt = world.Halt("participant: 'participants/$E' reason: 'runs wild'");
  ASSERT_EQ(Outcome(halt), "OK");
  EXPECT_EQ(halt->halt().participant(), world.Named("participants/$E"));
  for (const auto& each : {sell, other, bid}) EXPECT_EQ(StateOf(world, each), "SUSPENDED_HALT");
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "7900: 5 (1)") << "others trade on";
  EXPECT_EQ(Outcome(world.Buy("$E", "CEA25", 7990, 5)), "ACCOUNT_RESTRICTED CAR-27 account");
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 5)), "ACCOUNT_RESTRICTED CAR-27 account");
  const auto refused = world.Buy("$A", "WCI25", 7900, 5);
  EXPECT_NE(refused.status().ToString().find("halts/1: runs wild"), std::string::npos) << refused.status();

  world.ids["$F"] = std::string("91220101MA0Y3T5KC") + *UsccCheckCharacter("91220101MA0Y3T5KC");
  ASSERT_EQ(Outcome(world.Participant("name: 'participants/$F' kind: ENTERPRISE display_name: 'F' region: '220102' entity_group: 'group-a'")), "OK");
  for (const std::string kind : {"CASH", "TRADING"}) ASSERT_EQ(Outcome(world.OpenAccount("participant: 'participants/$F' kind: " + kind)), "OK");
  ASSERT_EQ(Outcome(world.Deposit("account: 'accounts/$F.cash' amount_fen: 100000000 bank_reference: 'opening'")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$F", "CEA25", 8000, 5)), "ACCOUNT_RESTRICTED CAR-27 account");

  // Another's order reaches the bid that comes back, which takes it; the sell order stands before the one at its price.
  ASSERT_EQ(Outcome(world.Sell("$C", "CEA25", 7990, 1)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$C", "CEA25", 8000, 5)), "OK");
  auto fresh = std::make_unique<ExchangeWorld>();
  world.RestartInto(fresh.get());
  fresh->exchange.CheckInvariants();
  for (ExchangeWorld* each : {&world, fresh.get()}) {
    ASSERT_EQ(Outcome(each->Resume("halts/1")), "OK");
    EXPECT_EQ(each->Depth("CEA25", Side::kBuy), "7990: 4 (1) 7900: 5 (1)");
    EXPECT_EQ(each->Depth("CEA25", Side::kSell), "8000: 10 (2)");
    EXPECT_EQ(each->Depth("WCI25", Side::kSell), "8000: 5 (1)");
    ASSERT_EQ(Outcome(each->Buy("$B", "CEA25", 8000, 5)), "OK");
    EXPECT_EQ(StateOf(*each, sell), "none");
  }
}

TEST_F(HaltsTest, AHaltOfAParticipantPurgesOneSideOrBoth) {
  const auto sell = world.Sell("$A", "CEA25", 8000, 5);
  const auto bid = world.Buy("$E", "CEA25", 7990, 5);
  ASSERT_EQ(Outcome(world.Halt("participant: 'participants/$A' side: SELL purge: true reason: 'runs wild'")), "OK");
  EXPECT_EQ(world.Ended("$A.trading", Number(sell))->reason, EndReason::kMarketHalt);
  EXPECT_EQ(StateOf(world, bid), "SUBMITTED");
  ASSERT_EQ(Outcome(world.Halt("participant: 'participants/$A' purge: true reason: 'runs wild'")), "OK");
  EXPECT_EQ(world.Ended("$E.trading", Number(bid))->reason, EndReason::kMarketHalt);
  EXPECT_EQ(world.FreeMoney("$E"), world.Money("$E"));
  EXPECT_EQ(Outcome(world.Halt("participant: 'participants/none' reason: 'x'")), "NOT_FOUND - halt.participant");
  EXPECT_EQ(Outcome(world.Halt("participant: 'participants/$A' account: 'accounts/$A.trading' reason: 'x'")), "INVALID_FIELD CAR-27 halt");
}

TEST_F(HaltsTest, AHaltStopsWithdrawalsWhereItSaysSo) {
  const auto withdraw = [&](const std::string& who) {
    return Outcome(world.Withdraw("account: 'accounts/" + who + ".cash' amount_fen: 100 bank_reference: 'w'"));
  };
  EXPECT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25' cash_out: true reason: 'x'")), "INVALID_FIELD CAR-27 halt.cash_out");
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' reason: 'inquiry'")), "OK");
  EXPECT_EQ(withdraw("$A"), "OK") << "a halt of trading alone";
  ASSERT_EQ(Outcome(world.Halt("account: 'accounts/$A.trading' cash_out: true reason: 'inquiry'")), "OK");
  EXPECT_EQ(withdraw("$A"), "CASH_HALTED CAR-27 account");
  EXPECT_EQ(withdraw("$E"), "OK") << "the owner's money, and nobody else's";
  ASSERT_EQ(Outcome(world.Resume("halts/2")), "OK");
  ASSERT_EQ(Outcome(world.Halt("participant: 'participants/$A' cash_out: true reason: 'runs wild'")), "OK");
  EXPECT_EQ(withdraw("$A"), "CASH_HALTED CAR-27 account");
  EXPECT_EQ(withdraw("$E"), "CASH_HALTED CAR-27 account");
  EXPECT_EQ(withdraw("$B"), "OK");
  EXPECT_EQ(Outcome(world.Deposit("account: 'accounts/$A.cash' amount_fen: 100 bank_reference: 'd'")), "OK");
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  EXPECT_EQ(Outcome(fresh.Withdraw("account: 'accounts/$E.cash' amount_fen: 100 bank_reference: 'w'")), "CASH_HALTED CAR-27 account");
  ASSERT_EQ(Outcome(fresh.Resume("halts/3")), "OK");
  EXPECT_EQ(Outcome(fresh.Withdraw("account: 'accounts/$E.cash' amount_fen: 100 bank_reference: 'w'")), "OK");
}

// ---- All orders of an owner ----

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
