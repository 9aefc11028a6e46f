// Settlement days: a batch from the exchange's sending to the statements, objections, and what blocks the next opening (CAR-30 to CAR-33, CAR-37).
#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "ledger/sha256.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

using Batch = v1::SettlementBatch;

class SettlementDaysTest : public testing::Test {
 protected:
  SettlementDaysTest() {
    world.Furnish();
    Carbon("DAY", "daily", "cea' control_zone: 'CN");
    EXPECT_EQ(Outcome(world.Open("DAY")), "OK");
  }
  void Carbon(const std::string& code, const std::string& rulebook, const std::string& program, int vintage = 2025) {
    EXPECT_EQ(Outcome(world.Contract(code, "program: 'programs/" + program + "' pollutant: 'CO2E' trading_group: 'ALL' vintage: " + std::to_string(vintage) +
                                               " price_basis: PER_T_TERM tick_fen: 1 lot_size: 1 reference_price_fen: 8000 rulebook: 'rulebooks/" + rulebook + "'")),
              "OK");
  }
  // `buyer` buys so much of `seller`; returns the trade's name.
  std::string Match(const std::string& seller, const std::string& buyer, int64_t price, int64_t quantity, const std::string& code = "DAY") {
    EXPECT_EQ(Outcome(world.Sell(seller, code, price, quantity)), "OK");
    EXPECT_EQ(Outcome(world.Buy(buyer, code, price, quantity)), "OK");
    return world.LastTrade(code);
  }
  void CloseAndSend() {
    EXPECT_EQ(Outcome(world.Close("DAY")), "OK");
    world.person = "sender";
    EXPECT_EQ(Outcome(world.Send("DAY")), "OK");
    world.person = "registrar";
  }
  // Confirms what was cleared.
  void Confirm(uint32_t number) {
    EXPECT_EQ(Outcome(world.Confirm("settlementBatches/" + std::to_string(number), static_cast<int64_t>(Row(number).trades), Row(number).amount.value())), "OK");
  }
  const SettlementBatchRow& Row(uint32_t number) { return *world.exchange.settlement_batches().Find(number); }
  std::string StateOf(uint32_t number) { return Batch::State_Name(Row(number).state()); }
  std::string TradeStateOf(const std::string& trade) {
    const uint64_t number = std::stoull(trade.substr(trade.find('/') + 1));
    if (const TradeRow* row = world.exchange.FindTrade(number)) return v1::TradeState_Name(row->state);
    return v1::TradeState_Name(world.FinalTrade(number)->state);
  }

  using Units = ExchangeWorld::Units;
  static constexpr int64_t kMoney = 100'000'000;
  ExchangeWorld world;
};

TEST_F(SettlementDaysTest, ABatchGoesFromTheExchangeToTheStatements) {
  const std::string trade = Match("$A", "$B", 8000, 100);
  Match("$C", "$B", 8100, 10);
  EXPECT_EQ(Outcome(world.Send("DAY")), "SESSION_OPEN CAR-30 contract");
  EXPECT_EQ(Outcome(world.Send("NONE")), "NOT_FOUND - contract");
  EXPECT_EQ(Outcome(world.Send("CEA25")), "NOT_END_OF_DAY CAR-30 contract");
  EXPECT_EQ(Outcome(world.Close("DAY")), "OK");

  world.person = "sender";
  world.validate_only = true;
  EXPECT_EQ(world.Send("DAY")->batch().name(), "settlementBatches/1");
  world.validate_only = false;
  world.pass_settlements = false;
  const auto sent = world.Send("DAY");
  ASSERT_EQ(Outcome(sent), "OK");
  EXPECT_EQ(sent->batch().state(), Batch::RECEIVED);
  EXPECT_EQ(sent->batch().trade_date(), "2026-01-05");
  EXPECT_EQ(Outcome(world.Confirm("settlementBatches/1", 0, 0)), "ILLEGAL_TRANSITION CAR-31 name");
  EXPECT_FALSE(world.PassSettlementSlice());
  EXPECT_EQ(StateOf(1), "CLEARED");
  EXPECT_EQ(Row(1).trades, 2u);
  EXPECT_EQ(Row(1).quantity, Quantity(110));
  EXPECT_EQ(Row(1).amount, Money(881'000));

  // What the registry confirms is what was cleared, and the one who sent it is not the one who confirms it.
  EXPECT_EQ(Outcome(world.Confirm("settlementBatches/2", 2, 881'000)), "NOT_FOUND - name");
  EXPECT_EQ(Outcome(world.Confirm("settlementBatches/1", 2, 881'000)), "SEPARATION_OF_DUTIES GEN-14 name");
  world.person = "registrar";
  EXPECT_EQ(Outcome(world.Confirm("settlementBatches/1", 1, 881'000)), "RESULT_DIFFERS CAR-31 trades");
  EXPECT_EQ(Outcome(world.Confirm("settlementBatches/1", 2, 880'999)), "RESULT_DIFFERS CAR-31 amount_fen");
  const auto confirmed = world.Confirm("settlementBatches/1", 2, 881'000);
  ASSERT_EQ(Outcome(confirmed), "OK");
  EXPECT_EQ(confirmed->batch().state(), Batch::CONFIRMED);
  EXPECT_EQ(TradeStateOf(trade), "AGREED");
  EXPECT_TRUE(world.PassSettlementSlice());
  EXPECT_EQ(StateOf(1), "DELIVERED");
  EXPECT_EQ(TradeStateOf(trade), "SETTLED");
  EXPECT_FALSE(world.PassSettlementSlice());
  EXPECT_EQ(StateOf(1), "STATEMENTS_SENT");
  EXPECT_EQ(Row(1).delivered, 2u);
  EXPECT_EQ(world.UnitsOf("$B", "DAY"), (Units{.all = 610, .free = 610}));
  EXPECT_EQ(world.FreeMoney("$A"), kMoney + 800'000);
  EXPECT_EQ(world.FreeMoney("$B"), kMoney - 881'000);
  EXPECT_EQ(Outcome(world.Confirm("settlementBatches/1", 2, 881'000)), "ILLEGAL_TRANSITION CAR-31 name");
  EXPECT_FALSE(world.PassSettlementSlice());
}

TEST_F(SettlementDaysTest, TradesThatWouldCancelOutAreEachSettledGross) {
  Match("$A", "$B", 8000, 100);
  Match("$B", "$A", 8000, 100);
  EXPECT_EQ(world.FreeMoney("$A"), kMoney - 800'000) << "nothing is set off against what comes in";
  CloseAndSend();
  EXPECT_EQ(Row(1).amount, Money(1'600'000));
  world.events.Take();
  Confirm(1);
  int payments = 0, deliveries = 0;
  EventType type;
  std::string_view payload;
  for (EventReader reader(world.events.bytes()); reader.Next(&type, &payload);) {
    if (type != EventType::kPosting) continue;
    payments += payload[0] == static_cast<char>(ledger::PostingType::kPayment);
    deliveries += payload[0] == static_cast<char>(ledger::PostingType::kSettlement);
  }
  EXPECT_EQ(payments, 2);
  EXPECT_EQ(deliveries, 2);
  EXPECT_EQ(world.Money("$A"), kMoney);
  EXPECT_EQ(world.UnitsOf("$A", "DAY"), (Units{.all = 500, .free = 500}));
}

// CAR-33: what is sold today is not there to be taken out before it is settled.
TEST_F(SettlementDaysTest, ProceedsAreNotWithdrawnBeforeTheyAreSettled) {
  Match("$A", "$B", 8000, 100);
  const std::string all = "account: 'accounts/$A.cash' bank_reference: 'W-1' amount_fen: " + std::to_string(kMoney + 800'000);
  EXPECT_EQ(Outcome(world.Withdraw(all)), "INSUFFICIENT_FUNDS CAR-21 amount_fen");
  CloseAndSend();
  EXPECT_EQ(Outcome(world.Withdraw(all)), "INSUFFICIENT_FUNDS CAR-21 amount_fen");
  Confirm(1);
  EXPECT_EQ(Outcome(world.Withdraw(all)), "OK");
}

TEST_F(SettlementDaysTest, EachDayIsABatchAndTheEarliestIsSentFirst) {
  for (int i = 0; i < 5; ++i) Match("$A", "$B", 8000, 1 + i);
  EXPECT_EQ(Outcome(world.Close("DAY")), "OK");
  world.today = MakeDate(2026, 1, 6);
  EXPECT_EQ(Outcome(world.Open("DAY")), "OK");
  for (int i = 0; i < 3; ++i) Match("$A", "$B", 8000, 10 + i);
  // Yesterday's may be sent while today's session runs.
  EXPECT_EQ(world.Send("DAY")->batch().trade_date(), "2026-01-05");
  EXPECT_EQ(Row(1).trades, 5u);
  EXPECT_EQ(Outcome(world.Send("DAY")), "SESSION_OPEN CAR-30 contract");
  EXPECT_EQ(Outcome(world.Close("DAY")), "OK");
  EXPECT_EQ(world.Send("DAY")->batch().trade_date(), "2026-01-06");
  EXPECT_EQ(Row(2).trades, 3u);
  EXPECT_EQ(Outcome(world.Send("DAY")), "ALREADY_SENT CAR-31 contract");
  // They are settled independently of each other.
  world.person = "registrar";
  Confirm(2);
  EXPECT_EQ(StateOf(2), "STATEMENTS_SENT");
  EXPECT_EQ(StateOf(1), "CLEARED");
}

TEST_F(SettlementDaysTest, ADayWithoutTradesIsSentToBeReconciled) {
  CloseAndSend();
  EXPECT_EQ(StateOf(1), "CLEARED");
  Confirm(1);
  EXPECT_EQ(StateOf(1), "STATEMENTS_SENT");
  Carbon("NEW", "daily", "cea' control_zone: 'CN");
  EXPECT_EQ(Outcome(world.Send("NEW")), "NOTHING_TRADED CAR-31 contract");
}

TEST_F(SettlementDaysTest, ADayThatWasSentDoesNotOpenAgainAndSettlesByItsBatchAlone) {
  Match("$A", "$B", 8000, 100);
  CloseAndSend();
  EXPECT_EQ(Outcome(world.Open("DAY")), "SETTLEMENT_SENT CAR-31 contract");
  EXPECT_EQ(Outcome(world.SettleDay("DAY")), "SETTLED_BY_BATCH CAR-31 contract");
  world.today = MakeDate(2026, 1, 6);
  EXPECT_EQ(Outcome(world.Open("DAY")), "OK");
}

TEST_F(SettlementDaysTest, ManyTradesAreClearedAndDeliveredInSlices) {
  world.check_invariants = false;
  for (int i = 0; i < 300; ++i) Match("$A", "$B", 8000, 1);
  world.check_invariants = true;
  EXPECT_EQ(Outcome(world.Close("DAY")), "OK");
  world.pass_settlements = false;
  EXPECT_EQ(Outcome(world.Send("DAY")), "OK");
  EXPECT_TRUE(world.PassSettlementSlice());
  EXPECT_EQ(StateOf(1), "RECEIVED");
  EXPECT_EQ(Row(1).trades, 250u);
  EXPECT_FALSE(world.PassSettlementSlice());
  EXPECT_EQ(Row(1).trades, 300u);
  world.person = "registrar";
  Confirm(1);
  EXPECT_TRUE(world.PassSettlementSlice());
  EXPECT_EQ(Row(1).delivered, 250u);
  EXPECT_EQ(StateOf(1), "CONFIRMED");
  EXPECT_TRUE(world.PassSettlementSlice());
  EXPECT_EQ(StateOf(1), "DELIVERED");
  EXPECT_EQ(Row(1).delivered, 300u);
}

// ---- Fees ----

// CAR-35: two fields on each deal. Fills of any size cost together what one would, of either fee, and a bid holds both.
TEST_F(SettlementDaysTest, ADealBearsATradingFeeAndASettlementFee) {
  const std::string terms = "name: 'rulebooks/both' settlement: END_OF_DAY quantity_min: 1 quantity_max: 1000 same_day_resale: true buyer_fee_bps: 75 seller_fee_bps: 33 ";
  EXPECT_EQ(Outcome(world.Rulebook(terms + "settlement_fee_bps: 926")), "INVALID_FIELD CAR-35 rulebook.settlement_fee_bps");
  EXPECT_EQ(Outcome(world.Rulebook(terms + "settlement_fee_bps: -1")), "INVALID_FIELD CAR-35 rulebook.settlement_fee_bps");
  const auto loaded = world.Rulebook(terms + "settlement_fee_bps: 7");
  ASSERT_EQ(Outcome(loaded), "OK");
  EXPECT_EQ(loaded->rulebook().settlement_fee_bps(), 7);
  Carbon("BOTH", "both", "cea' control_zone: 'CN");
  ASSERT_EQ(Outcome(world.Open("BOTH")), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "BOTH", 777, 10)), "OK");
  EXPECT_EQ(kMoney - world.FreeMoney("$B"), 7'770 + 58 + 5) << "58.275 and 5.439, each to the fen";
  Money trading, settling;
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(Outcome(world.Sell("$A", "BOTH", 777, 1)), "OK");
    const TradeRow& trade = *world.exchange.FindTrade(FirstTradeOf(world.Row("BOTH").number) + i + 1);
    EXPECT_EQ(trade.seller_settlement_fee, Money(1)) << "0.5439";
    EXPECT_EQ(trade.seller_fee, Money(3 + 1)) << "2.5641";
    settling += trade.buyer_settlement_fee;
    trading += trade.buyer_fee - trade.buyer_settlement_fee;
    EXPECT_EQ(kMoney - world.FreeMoney("$B"), 7'833);
  }
  EXPECT_EQ(trading, Money(58));
  EXPECT_EQ(settling, Money(5));
  EXPECT_EQ(Outcome(world.Close("BOTH")), "OK");
  EXPECT_EQ(Outcome(world.Send("BOTH")), "OK");
  EXPECT_EQ(Row(1).buyer_fees, Money(63));
  EXPECT_EQ(Row(1).seller_fees, Money(40));
  world.person = "registrar";
  Confirm(1);
  EXPECT_EQ(world.ledger.accounts().FindCash(world.Account("house.fees"))->posted, Money(103));
  EXPECT_EQ(world.FreeMoney("$A"), kMoney + 7'770 - 40);
}

// ---- Objections ----

TEST_F(SettlementDaysTest, AnObjectionHoldsBackItsTradeAndNoOther) {
  const std::string disputed = Match("$A", "$B", 8000, 100);
  const std::string other = Match("$C", "$B", 8000, 10);
  EXPECT_EQ(Outcome(world.Object("$B", disputed)), "NOT_SENT CAR-31 trade");
  CloseAndSend();
  EXPECT_EQ(Outcome(world.Object("$D", disputed)), "FOREIGN_TRADE GEN-13 trade");
  EXPECT_EQ(Outcome(world.Object("$B", "trades/4000000000009")), "NOT_FOUND - trade");
  EXPECT_EQ(Outcome(world.Object("$B", "lots/1")), "INVALID_FIELD - trade");
  EXPECT_EQ(Outcome(world.Object("$B", disputed, "")), "INVALID_FIELD - text");
  const auto filed = world.Object("$B", disputed, "I bid for 10");
  ASSERT_EQ(Outcome(filed), "OK");
  EXPECT_EQ(filed->objection().name(), "settlementObjections/1");
  EXPECT_EQ(Outcome(world.Object("$B", disputed)), "OBJECTION_OPEN CAR-32 trade");
  EXPECT_EQ(StateOf(1), "DISPUTED");
  Confirm(1);
  EXPECT_EQ(TradeStateOf(other), "SETTLED");
  EXPECT_EQ(TradeStateOf(disputed), "AGREED");
  EXPECT_EQ(StateOf(1), "DISPUTED");

  EXPECT_EQ(Outcome(world.Decide("settlementObjections/2", "DISMISSED")), "NOT_FOUND - name");
  EXPECT_EQ(Outcome(world.Decide("settlementObjections/1", "FILED")), "INVALID_FIELD CAR-32 verdict");
  EXPECT_EQ(Outcome(world.Decide("settlementObjections/1", "DISMISSED", "")), "INVALID_FIELD - reason");
  world.person = "sender";
  EXPECT_EQ(Outcome(world.Decide("settlementObjections/1", "DISMISSED")), "SEPARATION_OF_DUTIES GEN-14 name");
  world.person = "registrar";
  EXPECT_EQ(Outcome(world.Decide("settlementObjections/1", "DISMISSED")), "OK");
  EXPECT_EQ(TradeStateOf(disputed), "SETTLED");
  EXPECT_EQ(StateOf(1), "STATEMENTS_SENT");
  EXPECT_EQ(Outcome(world.Decide("settlementObjections/1", "UPHELD")), "ILLEGAL_TRANSITION CAR-32 name");
}

TEST_F(SettlementDaysTest, AnUpheldObjectionEndsATradeThatIsNotDelivered) {
  const std::string disputed = Match("$A", "$B", 8000, 100);
  CloseAndSend();
  EXPECT_EQ(Outcome(world.Object("$A", disputed)), "OK");
  EXPECT_EQ(Outcome(world.Object("$B", disputed)), "OK");
  Confirm(1);
  EXPECT_EQ(Outcome(world.Decide("settlementObjections/1", "DISMISSED")), "OK");
  EXPECT_EQ(TradeStateOf(disputed), "AGREED") << "the other party's objection is still open";
  EXPECT_EQ(Outcome(world.Decide("settlementObjections/2", "UPHELD", "a system fault")), "OK");
  EXPECT_EQ(TradeStateOf(disputed), "REJECTED");
  EXPECT_EQ(StateOf(1), "STATEMENTS_SENT");
  EXPECT_EQ(Row(1).ended, 1u);
  EXPECT_EQ(world.FreeMoney("$B"), kMoney);
  EXPECT_EQ(world.UnitsOf("$A", "DAY"), (Units{.all = 500, .free = 500}));
  EXPECT_EQ(Outcome(world.Object("$B", disputed)), "ILLEGAL_TRANSITION CAR-32 trade");
}

TEST_F(SettlementDaysTest, ADeliveredTradeMayBeObjectedToUntilTheNextTradingDayOpens) {
  world.today = MakeDate(2026, 1, 5);
  const std::string first = Match("$A", "$B", 8000, 100);
  const std::string second = Match("$A", "$B", 8000, 1);
  CloseAndSend();
  Confirm(1);
  world.micros_of_day = 23 * 3600 * kMicrosPerSecond;
  EXPECT_EQ(Outcome(world.Object("$B", first)), "OK");
  EXPECT_EQ(StateOf(1), "DISPUTED");
  EXPECT_EQ(Row(1).progress, Batch::STATEMENTS_SENT);
  EXPECT_EQ(Outcome(world.Decide("settlementObjections/1", "UPHELD")), "OK");
  EXPECT_EQ(TradeStateOf(first), "SETTLED") << "what is delivered is reversed by a court or authority alone";
  world.today = MakeDate(2026, 1, 6);
  world.micros_of_day = 0;
  EXPECT_EQ(Outcome(world.Object("$B", second)), "OBJECTION_LATE CAR-32 trade");
}

TEST_F(SettlementDaysTest, TheTimeForObjectionsRunsToTheFirstPhaseOfTheNextMarketDay) {
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/phased' settlement: END_OF_DAY band_bps: 1000 quantity_min: 1 quantity_max: 1000 same_day_resale: true "
                                   "closed_dates: '2026-01-12' phases { kind: CONTINUOUS from: '09:30' to: '11:30' }")),
            "OK");
  Carbon("PHASED", "phased", "cea' control_zone: 'CN");
  world.GoTo(MakeDate(2026, 1, 9), 10);  // a Friday
  const std::string trade = Match("$A", "$B", 8000, 1, "PHASED");
  world.GoTo(MakeDate(2026, 1, 9), 12);
  const auto sent = world.Send("PHASED");
  ASSERT_EQ(Outcome(sent), "OK");
  // Monday is closed by the rulebook.
  EXPECT_EQ(Row(1).object_until, Timestamp(StartOfDay(MakeDate(2026, 1, 13)).value() + (9 * 3600 + 1800) * kMicrosPerSecond));
  world.GoTo(MakeDate(2026, 1, 13), 9, 29);
  EXPECT_EQ(Outcome(world.Object("$B", trade)), "OK");
  world.GoTo(MakeDate(2026, 1, 13), 9, 31);
  EXPECT_EQ(Outcome(world.Object("$A", trade)), "OBJECTION_LATE CAR-32 trade");
}

TEST_F(SettlementDaysTest, ATradeThatAnOfficerRejectsCountsAsEnded) {
  const std::string rejected = Match("$A", "$B", 8000, 100);
  Match("$C", "$B", 8000, 10);
  CloseAndSend();
  EXPECT_EQ(Outcome(world.Act(&Exchange::RejectTrade, rejected, "manipulation")), "OK");
  Confirm(1);
  EXPECT_EQ(StateOf(1), "STATEMENTS_SENT");
  EXPECT_EQ(Row(1).ended, 1u);
  EXPECT_EQ(Row(1).delivered, 1u);
}

// ---- What blocks the next opening ----

TEST_F(SettlementDaysTest, ADifferenceBlocksTheInstrumentUntilItIsResolved) {
  Match("$A", "$B", 8000, 100);
  CloseAndSend();
  // A lot that says more than the registry has recorded.
  world.check_invariants = false;
  world.ledger.lots().Edit(*world.ledger.lots().OfAccount(world.Account("$C.trading")).front()).entitlements.front().quantity += Quantity(1);
  Confirm(1);
  EXPECT_EQ(StateOf(1), "DELIVERED");
  EXPECT_EQ(Row(1).difference, world.Named("the lots of accounts/$C.trading come to 501, but its balance is 500"));
  EXPECT_EQ(Outcome(world.ResolveDifference("settlementBatches/2", "x")), "NOT_FOUND - name");
  EXPECT_EQ(Outcome(world.ResolveDifference("settlementBatches/1", "")), "INVALID_FIELD - resolution");

  world.today = MakeDate(2026, 1, 6);
  const auto blocked = world.Open("DAY");
  EXPECT_EQ(Outcome(blocked), "LEDGER_DIFFERS CAR-37 contract");
  EXPECT_NE(Detail(blocked).accepted.find("501"), std::string::npos) << Detail(blocked).accepted;
  EXPECT_EQ(Outcome(world.Open("CEA25")), "LEDGER_DIFFERS CAR-37 contract") << "another contract in the same instrument";
  EXPECT_EQ(Outcome(world.Open("WCI25")), "OK") << "another instrument";
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  EXPECT_EQ(Outcome(fresh.Open("DAY")), "LEDGER_DIFFERS CAR-37 contract");

  EXPECT_EQ(Outcome(world.ResolveDifference("settlementBatches/1", "posting 7 was entered twice, see minute 12")), "OK");
  EXPECT_EQ(StateOf(1), "STATEMENTS_SENT");
  EXPECT_EQ(Outcome(world.Open("DAY")), "OK");
  EXPECT_EQ(Outcome(world.ResolveDifference("settlementBatches/1", "again")), "ILLEGAL_TRANSITION CAR-37 name");
}

TEST_F(SettlementDaysTest, WhatWouldOpenByItselfSaysThatTheLedgerDiffers) {
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/phased' settlement: END_OF_DAY band_bps: 1000 quantity_min: 1 quantity_max: 1000 same_day_resale: true "
                                   "phases { kind: CONTINUOUS from: '09:30' to: '11:30' }")),
            "OK");
  Carbon("PHASED", "phased", "cea' control_zone: 'CN");
  world.GoTo(MakeDate(2026, 1, 6), 12);
  ASSERT_EQ(Outcome(world.Send("PHASED")), "OK");
  world.check_invariants = false;
  const ContractRow& contract = world.Row("PHASED");
  world.ledger.programs().Edit(*world.ledger.programs().FindInstrument(contract.instrument_class, 2025)).issued += Quantity(1);
  world.person = "registrar";
  Confirm(1);
  world.GoTo(MakeDate(2026, 1, 7), 10);
  EXPECT_FALSE(contract.open);
  EXPECT_EQ(contract.not_opened, "LEDGER_DIFFERS");
  EXPECT_EQ(Outcome(world.ResolveDifference("settlementBatches/1", "found")), "OK");
  EXPECT_EQ(Outcome(world.Open("PHASED")), "OK");
  EXPECT_EQ(contract.not_opened, "");
}

// ---- Restarts ----

TEST_F(SettlementDaysTest, ABatchGoesOnAfterARestartAsIfNothingHadHappened) {
  const std::string disputed = Match("$A", "$B", 8000, 100);
  Match("$C", "$B", 8000, 10);
  CloseAndSend();
  EXPECT_EQ(Outcome(world.Object("$B", disputed)), "OK");
  EXPECT_EQ(Outcome(world.DeclareDefault(disputed, "SELLER", "2026-01-08")), "OK");
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  fresh.person = world.person;
  world.events.Take();
  for (ExchangeWorld* each : {&world, &fresh}) {
    EXPECT_EQ(Outcome(each->Confirm("settlementBatches/1", 2, 880'000)), "OK");
    EXPECT_EQ(Outcome(each->Decide("settlementObjections/1", "DISMISSED")), "OK");
    EXPECT_EQ(Outcome(each->ActOnDefault(&Exchange::TopUpDefault, "deliveryDefaults/" + disputed.substr(7))), "OK");
  }
  EXPECT_EQ(fresh.events.bytes(), world.events.bytes());
  EXPECT_EQ(fresh.stored.rows(), world.stored.rows());
  EXPECT_EQ(StateOf(1), "STATEMENTS_SENT");
}

}  // namespace
}  // namespace songhua::exchange
