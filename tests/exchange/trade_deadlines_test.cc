// What trades of rights wait for, and what becomes of those for which nobody did it in time (china.md 8.3, DR-18, DR-45, DR-50, DR-52).
#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "ledger/check_codes.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

constexpr int64_t kMoney = 100'000'000;
using Units = ExchangeWorld::Units;

// A contract SLOW of rights whose trades an officer verifies. 2026-01-05 is a Monday; the calendars of 2026 and 2027 have no holidays.
class TradeDeadlinesTest : public testing::Test {
 protected:
  TradeDeadlinesTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/slow' settlement: VERIFIED quantity_min: 1 quantity_max: 1000000 same_day_resale: true "
                                     "seller_fee_bps: 75 buyer_fee_bps: 50")),
              "OK");
    EXPECT_EQ(Outcome(world.Contract("SLOW",
                                     "program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'INDUSTRY' "
                                     "term_first: '2027-01-01' term_last: '2029-12-31' price_basis: PER_T_YEAR tick_fen: 100 lot_size: 10000 "
                                     "rulebook: 'rulebooks/slow'")),
              "OK");
    EXPECT_EQ(Outcome(world.Open("SLOW")), "OK");
  }
  void LoadCalendars() {
    EXPECT_EQ(Outcome(world.LoadCalendar(2026)), "OK");
    EXPECT_EQ(Outcome(world.LoadCalendar(2027)), "OK");
  }
  // $B buys 10 kg/a of $A at 5,000 yuan: 150.00 yuan for three years.
  std::string Match() {
    EXPECT_EQ(Outcome(world.Sell("$A", "SLOW", 500'000, 10'000)), "OK");
    EXPECT_EQ(Outcome(world.Buy("$B", "SLOW", 500'000, 10'000)), "OK");
    return world.LastTrade("SLOW");
  }
  std::string Settled() {
    const std::string trade = Match();
    EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "OK");
    EXPECT_EQ(Outcome(world.Act(&Exchange::RecordPayment, trade)), "OK");
    EXPECT_EQ(Outcome(world.Act(&Exchange::SettleTrade, trade)), "OK");
    return trade;
  }
  static uint64_t Number(const std::string& name) { return std::stoull(name.substr(name.find('/') + 1)); }
  const TradeDeadlineRow* Clock(const std::string& trade) const { return world.exchange.FindTradeClock(Number(trade)); }
  void GoTo(Date date) {
    world.today = date;
    world.PassClocks();
  }

  ExchangeWorld world;
};

TEST_F(TradeDeadlinesTest, AnAgreedTradeWaitsFiveWorkdaysAndIsThenRejected) {
  LoadCalendars();
  const std::string trade = Match();
  ASSERT_NE(Clock(trade), nullptr);
  EXPECT_EQ(Clock(trade)->due, MakeDate(2026, 1, 12)) << "Monday to Monday: the day of the match does not count";
  EXPECT_FALSE(Clock(trade)->provisional);
  ASSERT_FALSE(world.wakes.empty());
  EXPECT_EQ(world.wakes.back(), StartOfDay(MakeDate(2026, 1, 13)));
  GoTo(MakeDate(2026, 1, 12));
  EXPECT_NE(world.exchange.FindTrade(Number(trade)), nullptr) << "on its last day it may still be verified";
  GoTo(MakeDate(2026, 1, 13));
  EXPECT_EQ(world.exchange.FindTrade(Number(trade)), nullptr);
  EXPECT_EQ(Clock(trade), nullptr);
  const auto row = world.FinalTrade(Number(trade));
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->state, v1::REJECTED);
  EXPECT_EQ(row->decision, "VERIFICATION_TIMEOUT");
  EXPECT_EQ(world.UnitsOf("$A", "SLOW"), (Units{.all = 100'000, .free = 100'000}));
  EXPECT_EQ(world.FreeMoney("$B"), kMoney);
  EXPECT_EQ(Outcome(world.Open("SLOW")), "SESSION_NOT_ENDED CAR-23 contract");
  world.Apply([&](CommandContext& context) { world.exchange.CloseStaleSessions(context); });
  ASSERT_EQ(Outcome(world.Open("SLOW")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "SLOW", 500'000, 10'000)), "OK") << "it is no fault of the buyer's";
}

TEST_F(TradeDeadlinesTest, AVerifiedTradeThatIsNotPaidDefaultsAndBarsItsBuyer) {
  LoadCalendars();
  const std::string trade = Match();
  ASSERT_EQ(Outcome(world.Buy("$B", "SLOW", 400'000, 10'000)), "OK");
  const OrderId resting = world.sequence;
  const auto verified = world.Act(&Exchange::VerifyTrade, trade);
  ASSERT_EQ(Outcome(verified), "OK");
  EXPECT_EQ(verified->trade().pay_by(), "2026-01-12");
  EXPECT_EQ(verified->trade().verify_by(), "");
  GoTo(MakeDate(2026, 1, 13));
  const auto row = world.FinalTrade(Number(trade));
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->state, v1::DEFAULTED);
  EXPECT_EQ(row->decision, "PAYMENT_TIMEOUT");
  EXPECT_EQ(world.UnitsOf("$A", "SLOW"), (Units{.all = 100'000, .free = 100'000}));
  EXPECT_EQ(world.FreeMoney("$B"), kMoney) << "there is no deposit in continuous trading, so nothing is forfeited";
  EXPECT_EQ(world.Ended("$B001.rights", resting)->reason, EndReason::kTraderBarred);

  world.Apply([&](CommandContext& context) { world.exchange.CloseStaleSessions(context); });
  ASSERT_EQ(Outcome(world.Open("SLOW")), "OK");
  const auto barred = world.Buy("$B", "SLOW", 500'000, 10'000);
  EXPECT_EQ(Outcome(barred), "TRADER_BARRED DR-45 account");
  EXPECT_EQ(Detail(barred).accepted, "a participant that is not barred; this one is until 2027-01-13, for a trade that it did not pay for");
  EXPECT_EQ(Outcome(world.Sell("$B", "SLOW", 500'000, 10'000)), "OK") << "what it has it may sell";
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 1)), "OK") << "allowances are no rights";
}

TEST_F(TradeDeadlinesTest, ABarEndsOnItsLastDayOrByADecisionOnly) {
  LoadCalendars();
  const std::string trade = Match();
  ASSERT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "OK");
  GoTo(MakeDate(2026, 1, 13));
  world.Apply([&](CommandContext& context) { world.exchange.CloseStaleSessions(context); });
  const std::string bar = "traderBars/" + std::to_string(Number(trade));
  EXPECT_EQ(Outcome(world.LiftBar(bar, "")), "INVALID_FIELD - decision");
  EXPECT_EQ(Outcome(world.LiftBar("traderBars/7", "x")), "NOT_FOUND - name");
  world.validate_only = true;
  EXPECT_EQ(Outcome(world.LiftBar(bar, "the bank erred")), "OK");
  world.validate_only = false;
  ASSERT_EQ(Outcome(world.Open("SLOW")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "SLOW", 500'000, 10'000)), "TRADER_BARRED DR-45 account");
  const auto lifted = world.LiftBar(bar, "the bank erred");
  ASSERT_EQ(Outcome(lifted), "OK");
  EXPECT_TRUE(lifted->bar().lifted());
  EXPECT_EQ(lifted->bar().decision(), "the bank erred");
  EXPECT_EQ(Outcome(world.LiftBar(bar, "again")), "ILLEGAL_TRANSITION DR-45 name");
  EXPECT_EQ(Outcome(world.Buy("$B", "SLOW", 400'000, 10'000)), "OK");
}

TEST_F(TradeDeadlinesTest, ABarThatWasNotLiftedEndsAfterTwelveMonths) {
  LoadCalendars();
  const std::string trade = Match();
  ASSERT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "OK");
  GoTo(MakeDate(2026, 1, 13));
  world.Apply([&](CommandContext& context) { world.exchange.CloseStaleSessions(context); });
  world.today = MakeDate(2027, 1, 13);
  ASSERT_EQ(Outcome(world.Open("SLOW")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "SLOW", 500'000, 10'000)), "TRADER_BARRED DR-45 account") << "its last day";
  world.today = MakeDate(2027, 1, 14);
  world.Apply([&](CommandContext& context) { world.exchange.CloseStaleSessions(context); });
  ASSERT_EQ(Outcome(world.Open("SLOW")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "SLOW", 500'000, 10'000)), "OK");
  EXPECT_EQ(Outcome(world.LiftBar("traderBars/" + std::to_string(Number(trade)), "x")), "ILLEGAL_TRANSITION DR-45 name");
}

TEST_F(TradeDeadlinesTest, NothingIrreversibleHappensByAYearThatIsNotPublished) {
  const std::string trade = Match();
  EXPECT_TRUE(Clock(trade)->provisional);
  EXPECT_EQ(Clock(trade)->due, MakeDate(2026, 1, 12));
  GoTo(MakeDate(2026, 3, 1));
  EXPECT_NE(world.exchange.FindTrade(Number(trade)), nullptr);
  LoadCalendars();
  EXPECT_FALSE(Clock(trade)->provisional);
  EXPECT_EQ(world.wakes.back(), StartOfDay(MakeDate(2026, 1, 13))) << "what has passed is due at once";
  world.PassClocks();
  EXPECT_EQ(world.FinalTrade(Number(trade))->state, v1::REJECTED);
}

TEST_F(TradeDeadlinesTest, ASettledTradeThatNoPermitShowsIsMarkedAndGoesOnWaiting) {
  LoadCalendars();
  const std::string trade = Settled();
  EXPECT_EQ(Clock(trade)->due, MakeDate(2026, 2, 16)) << "30 workdays";
  EXPECT_EQ(world.exchange.NotYetShown(world.Account("$B001.rights"), "SO2", 2028), Quantity(10'000));
  EXPECT_EQ(world.exchange.NotYetShown(world.Account("$B001.rights"), "SO2", 2026), Quantity(0)) << "before the term";
  EXPECT_EQ(world.exchange.NotYetShown(world.Account("$B001.rights"), "NOX", 2028), Quantity(0));
  GoTo(MakeDate(2026, 2, 16));
  EXPECT_FALSE(Clock(trade)->overdue);
  GoTo(MakeDate(2026, 2, 17));
  EXPECT_TRUE(Clock(trade)->overdue);
  EXPECT_EQ(world.FinalTrade(Number(trade))->state, v1::SETTLED);

  world.unshown[world.Named("$B001")] = "came";
  const auto refused = world.Act(&Exchange::CompleteTrade, trade);
  EXPECT_EQ(Outcome(refused), "PERMIT_NOT_CHANGED DR-18 name");
  EXPECT_EQ(Detail(refused).accepted, world.Named("a trade that both permits show: the permit of sites/$B001 does not show what was bought"));
  world.unshown.clear();
  world.unshown[world.Named("$A001")] = "left";
  EXPECT_EQ(Outcome(world.Act(&Exchange::CompleteTrade, trade)), "PERMIT_NOT_CHANGED DR-18 name");
  world.unshown.clear();
  const auto completed = world.Act(&Exchange::CompleteTrade, trade);
  ASSERT_EQ(Outcome(completed), "OK");
  EXPECT_TRUE(completed->trade().counts_for_discharge());
  EXPECT_EQ(Clock(trade), nullptr);
  EXPECT_EQ(world.exchange.NotYetShown(world.Account("$B001.rights"), "SO2", 2028), Quantity(0));
}

TEST_F(TradeDeadlinesTest, ClocksGoOnAfterARestart) {
  LoadCalendars();
  const std::string settled = Settled();
  const std::string agreed = Match();
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  fresh.today = MakeDate(2026, 1, 13);
  fresh.PassClocks(1);
  EXPECT_EQ(fresh.FinalTrade(Number(agreed))->state, v1::REJECTED);
  EXPECT_EQ(fresh.exchange.NotYetShown(fresh.Account("$B001.rights"), "SO2", 2027), Quantity(10'000));
  fresh.today = MakeDate(2026, 2, 17);
  fresh.PassClocks();
  EXPECT_TRUE(fresh.exchange.FindTradeClock(Number(settled))->overdue);
}

TEST_F(TradeDeadlinesTest, EachSideIsChargedItsOwnFee) {
  const std::string trade = Match();
  const TradeRow& row = *world.exchange.FindTrade(Number(trade));
  EXPECT_EQ(row.amount, songhua::Money(15'000));
  EXPECT_EQ(row.seller_fee, songhua::Money(113)) << "112.5, half up";
  EXPECT_EQ(row.buyer_fee, songhua::Money(75));
  EXPECT_EQ(world.Cash("$B").held_trades, songhua::Money(15'075));
  EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/x' settlement: VERIFIED quantity_min: 1 quantity_max: 9 fee_bps: 5 buyer_fee_bps: 6")),
            "INVALID_FIELD DR-51 rulebook.fee_bps");
  EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/x' settlement: VERIFIED quantity_min: 1 quantity_max: 9 buyer_fee_bps: 1001")),
            "INVALID_FIELD DR-51 rulebook.buyer_fee_bps");
}

// ---- Certificates ----

TEST_F(TradeDeadlinesTest, ASettledTradeOfRightsGetsTheNextCertificateOfItsRegionAndDay) {
  const std::string first = Settled();
  EXPECT_EQ(world.FinalTrade(Number(first))->certificate, "22010020260105000001");
  EXPECT_EQ(world.FinalTrade(Number(Settled()))->certificate, "22010020260105000002");
  const auto reversed = world.Act(&Exchange::ReverseTrade, first, "(2026) Ji 01 Min Chu 7");
  ASSERT_EQ(Outcome(reversed), "OK");
  EXPECT_EQ(reversed->trade().certificate(), "tradeCertificates/22010020260105000001");
  EXPECT_EQ(Clock(first), nullptr);
}

TEST_F(TradeDeadlinesTest, ACheckCodeFollowsFromEverythingThatStandsInTheCertificate) {
  TradeFields trade = *world.FinalTrade(Number(Settled()));
  const ContractRow& contract = world.Row("SLOW");
  const TradeParties parties{"participants/a", "participants/b", "sites/a001", "sites/b001", "A", "B"};
  const v1::TradeCertificate certificate = CertificateOf(trade, contract, parties);
  EXPECT_EQ(certificate.check_code().size(), 24u);
  EXPECT_TRUE(SameCheckCode(" " + certificate.check_code(), certificate.check_code()));
  EXPECT_FALSE(SameCheckCode("", certificate.check_code()));
  TradeFields other = trade;
  other.quantity += Quantity(1);
  EXPECT_NE(CertificateOf(other, contract, parties).check_code(), certificate.check_code());
  trade.state = v1::REVERSED;
  const v1::TradeCertificate voided = CertificateOf(trade, contract, parties);
  EXPECT_EQ(voided.check_code(), certificate.check_code());
  EXPECT_TRUE(voided.voided());
  for (const auto language : {CertificateLanguage::kChinese, CertificateLanguage::kEnglish}) {
    const std::string text = PrintCertificate(certificate, parties, language);
    for (const char* part : {"22010020260105000001", "0.010", "150.00", "2027-01-01", "2029-12-31"}) {
      EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
    }
    EXPECT_NE(text.find(certificate.check_code()), std::string::npos);
    EXPECT_NE(PrintCertificate(voided, parties, language), text);
  }
  EXPECT_EQ(Outcome(ParseCertificateLanguage("language", "fr")), "INVALID_FIELD DR-50 language");
}

// ---- A reserve as seller ----

class ReserveSaleTest : public TradeDeadlinesTest {
 protected:
  ReserveSaleTest() {
    EXPECT_EQ(Outcome(world.Issue("program: 'programs/rights' control_zone: '220100' pollutant: 'SO2' trading_group: 'INDUSTRY' quantity: 20000 to_account: "
                                  "'accounts/rights.reserve.220100' valid_from: '2026-01-01' valid_to: '2030-12-31'")),
              "OK");
  }
  auto SellReserve(const std::string& contract, const std::string& side = "SELL", const std::string& who = "bureau") {
    return world.Run(who, [&](CommandContext& context) {
      return world.exchange.PlaceOrder(
          context, Text<v1::PlaceOrderRequest>("contract: 'contracts/" + contract + "' account: 'accounts/rights.reserve.220100' side: " + side +
                                               " price_fen: 500000 quantity: 10000"));
    });
  }
};

TEST_F(ReserveSaleTest, WhatAReserveSellsIsTheTreasurys) {
  ASSERT_EQ(Outcome(SellReserve("SLOW")), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "SLOW", 500'000, 10'000)), "OK");
  const std::string trade = world.LastTrade("SLOW");
  ASSERT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "OK");
  ASSERT_EQ(Outcome(world.Act(&Exchange::RecordPayment, trade)), "OK");
  const auto settled = world.Act(&Exchange::SettleTrade, trade);
  ASSERT_EQ(Outcome(settled), "OK");
  EXPECT_EQ(settled->trade().settlement_route(), v1::TREASURY_ROUTE);
  EXPECT_EQ(world.ledger.accounts().FindCash(world.Account("house.funds"))->posted, songhua::Money(15'000 - 113));
  world.unshown[world.Named("$B001")] = "left";
  ASSERT_EQ(Outcome(world.Act(&Exchange::CompleteTrade, trade)), "OK") << "a reserve has no permit to change";
  ASSERT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, trade, "judgment")), "OK") << "also of a completed trade";
  EXPECT_EQ(world.ledger.accounts().FindCash(world.Account("house.funds"))->posted, songhua::Money(0));
  EXPECT_EQ(world.FreeMoney("$B"), kMoney);
}

TEST_F(ReserveSaleTest, AReserveSellsOnlyWhereTradesAreVerifiedAndNeverBuys) {
  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  EXPECT_EQ(Outcome(SellReserve("SO2")), "WRONG_ACCOUNT_KIND CAR-08 account");
  EXPECT_EQ(Outcome(SellReserve("SLOW", "BUY")), "WRONG_ACCOUNT_KIND CAR-08 account");
  EXPECT_EQ(Outcome(SellReserve("SLOW", "SELL", "$A")), "FOREIGN_ACCOUNT CAR-07 account");
}

}  // namespace
}  // namespace songhua::exchange
