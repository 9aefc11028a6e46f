// What cannot be delivered: top-ups, the settlement reserve, and its recovery (CAR-34).
#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class DeliveryDefaultsTest : public testing::Test {
 protected:
  DeliveryDefaultsTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/charged' settlement: END_OF_DAY band_bps: 1000 quantity_min: 1 quantity_max: 1000000 "
                                     "same_day_resale: true fee_bps: 100")),
              "OK");
    EXPECT_EQ(Outcome(world.Contract("DAY", "program: 'programs/cea' control_zone: 'CN' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2025 "
                                            "price_basis: PER_T_TERM tick_fen: 1 lot_size: 1 reference_price_fen: 8000 rulebook: 'rulebooks/charged'")),
              "OK");
    EXPECT_EQ(Outcome(world.Open("DAY")), "OK");
  }
  // Three trades of $A with $B, which are sent: 100 t, then 1 t, then 2 t, at 80.00.
  void SendThree() {
    for (const int64_t quantity : {100, 1, 2}) {
      EXPECT_EQ(Outcome(world.Sell("$A", "DAY", 8000, quantity)), "OK");
      EXPECT_EQ(Outcome(world.Buy("$B", "DAY", 8000, quantity)), "OK");
    }
    trade = "trades/" + std::to_string(FirstTradeOf(world.Row("DAY").number) + 1);
    name = "deliveryDefaults/" + trade.substr(7);
    EXPECT_EQ(Outcome(world.Close("DAY")), "OK");
    world.person = "sender";
    EXPECT_EQ(Outcome(world.Send("DAY")), "OK");
    world.person = "settler";
  }
  void Confirm() { EXPECT_EQ(Outcome(world.Confirm("settlementBatches/1", 3, 824'000)), "OK"); }
  std::string StateOfBatch() { return v1::SettlementBatch::State_Name(world.exchange.settlement_batches().Find(1)->state()); }
  std::string StateOfDefault() { return v1::DeliveryDefault::State_Name(world.exchange.settlement_batches().FindDefault(Number())->state); }
  TradeNumber Number() { return std::stoull(trade.substr(7)); }
  std::string StateOfTrade() {
    if (const TradeRow* row = world.exchange.FindTrade(Number())) return v1::TradeState_Name(row->state);
    return v1::TradeState_Name(world.FinalTrade(Number())->state);
  }

  using Units = ExchangeWorld::Units;
  static constexpr int64_t kMoney = 100'000'000;
  ExchangeWorld world;
  std::string trade, name;
};

TEST_F(DeliveryDefaultsTest, ADefaultIsDeclaredOfATradeThatIsBeingSettled) {
  EXPECT_EQ(Outcome(world.Sell("$A", "DAY", 8000, 1)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "DAY", 8000, 1)), "OK");
  EXPECT_EQ(Outcome(world.DeclareDefault(world.LastTrade("DAY"), "SELLER", "2026-01-06")), "NOT_IN_SETTLEMENT CAR-34 trade");
}

TEST_F(DeliveryDefaultsTest, WhatIsSaidOfADefaultIsChecked) {
  SendThree();
  EXPECT_EQ(Outcome(world.DeclareDefault("trades/1", "SELLER", "2026-01-06")), "NOT_IN_SETTLEMENT CAR-34 trade");
  EXPECT_EQ(Outcome(world.DeclareDefault(trade, "PARTY_UNSPECIFIED", "2026-01-06")), "INVALID_FIELD CAR-34 party");
  EXPECT_EQ(Outcome(world.DeclareDefault(trade, "SELLER", "2026-01-06", "")), "INVALID_FIELD - reason");
  EXPECT_EQ(Outcome(world.DeclareDefault(trade, "SELLER", "tomorrow")), "INVALID_FIELD - top_up_by");
  EXPECT_EQ(Outcome(world.DeclareDefault(trade, "SELLER", "2026-01-04")), "INVALID_FIELD CAR-34 top_up_by");
  EXPECT_EQ(Outcome(world.DeclareDefault(trade, "SELLER", "2026-02-05")), "INVALID_FIELD CAR-34 top_up_by");
  EXPECT_EQ(Outcome(world.DeclareDefault(trade, "SELLER", "2026-02-04")), "OK");
  EXPECT_EQ(Outcome(world.DeclareDefault(trade, "BUYER", "2026-01-06")), "DEFAULT_EXISTS CAR-34 trade");
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::TopUpDefault, "deliveryDefaults/7")), "NOT_FOUND - name");
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::RecoverDefault, name)), "ILLEGAL_TRANSITION CAR-34 name");
}

TEST_F(DeliveryDefaultsTest, ASellersOtherUnitsTakeThePlaceOfThoseThatWereHeld) {
  SendThree();
  EXPECT_EQ(Outcome(world.DeclareDefault(trade, "SELLER", "2026-01-07")), "OK");
  EXPECT_EQ(StateOfBatch(), "DELIVERY_DEFAULT");
  Confirm();
  EXPECT_EQ(StateOfTrade(), "AGREED");
  EXPECT_EQ(world.UnitsOf("$B", "DAY").all, 503) << "the other trades are delivered";
  const std::string lot = "lots/" + std::to_string(world.ledger.lots().OfAccount(world.Account("$A.trading")).front()->number);
  EXPECT_EQ(Outcome(world.Freeze("lot: '" + lot + "' quantity: 350 court: 'Court' case_number: '1' start_date: '2026-01-05' end_date: '2026-12-31'")), "OK");
  const auto short_of = world.ActOnDefault(&Exchange::TopUpDefault, name);
  EXPECT_EQ(Outcome(short_of), "FROZEN_UNITS CAR-34 name");
  EXPECT_NE(Detail(short_of).accepted.find("100 units"), std::string::npos);
  EXPECT_EQ(Outcome(world.Transfer("from_lot: '" + lot + "' to_account: 'accounts/$A.registry' quantity: 1")), "OK") << "46 are free";
  EXPECT_EQ(Outcome(world.Issue("program: 'programs/cea' control_zone: 'CN' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2025 quantity: 60 "
                                "to_account: 'accounts/$A.registry'")),
            "OK");
  const auto come = world.ledger.lots().OfAccount(world.Account("$A.registry")).front()->number;
  EXPECT_EQ(Outcome(world.Transfer("from_lot: 'lots/" + std::to_string(come) + "' to_account: 'accounts/$A.trading' quantity: 60")), "OK");
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::TopUpDefault, name)), "OK");
  EXPECT_EQ(StateOfTrade(), "SETTLED");
  EXPECT_EQ(StateOfDefault(), "TOPPED_UP");
  EXPECT_EQ(StateOfBatch(), "STATEMENTS_SENT");
  EXPECT_EQ(world.UnitsOf("$A", "DAY").trades, 0);
}

TEST_F(DeliveryDefaultsTest, ABuyerTopsUpWithMoneyBesideWhatIsHeldAndInTime) {
  SendThree();
  EXPECT_EQ(Outcome(world.DeclareDefault(trade, "BUYER", "2026-01-07")), "OK");
  Confirm();
  const int64_t free = world.FreeMoney("$B");
  EXPECT_EQ(Outcome(world.Withdraw("account: 'accounts/$B.cash' bank_reference: 'W' amount_fen: " + std::to_string(free - 807'999))), "OK");
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::TopUpDefault, name)), "INSUFFICIENT_FUNDS CAR-34 name") << "100 t at 80.00 and a hundredth of it";
  EXPECT_EQ(Outcome(world.Deposit("account: 'accounts/$B.cash' bank_reference: 'D' amount_fen: 1")), "OK");
  world.today = MakeDate(2026, 1, 8);
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::TopUpDefault, name)), "TOP_UP_LATE CAR-34 name");
  world.today = MakeDate(2026, 1, 7);
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::TopUpDefault, name)), "OK");
  EXPECT_EQ(StateOfTrade(), "SETTLED");
  EXPECT_EQ(world.FreeMoney("$B"), 808'000);
}

TEST_F(DeliveryDefaultsTest, TheReservePaysForABuyerAndRecoversFromWhatIsHeld) {
  SendThree();
  EXPECT_EQ(Outcome(world.FundReserve(0)), "INVALID_FIELD CAR-34 amount_fen");
  EXPECT_EQ(Outcome(world.FundReserve(1)), "INSUFFICIENT_FUNDS CAR-34 amount_fen");
  EXPECT_EQ(Outcome(world.DeclareDefault(trade, "BUYER", "2026-01-06")), "OK");
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::CoverDefault, name)), "TOP_UP_NOT_OVER CAR-34 name");
  world.today = MakeDate(2026, 1, 7);
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::CoverDefault, name)), "NOT_CONFIRMED CAR-34 name");
  Confirm();
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::CoverDefault, name)), "INSUFFICIENT_FUNDS CAR-34 name");
  // Fees that fill the reserve.
  const int64_t charged = 2'000'000'000 / 100;
  EXPECT_EQ(Outcome(world.Deposit("account: 'accounts/$D.cash' bank_reference: 'D' amount_fen: 2020000000")), "OK");
  EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/dear' settlement: IMMEDIATE quantity_min: 1 quantity_max: 1000000 same_day_resale: true fee_bps: 100")), "OK");
  EXPECT_EQ(Outcome(world.Contract("DEAR", "program: 'programs/wci' control_zone: 'CA' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2025 price_basis: PER_T_TERM "
                                           "tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/dear'")),
            "OK");
  EXPECT_EQ(Outcome(world.Open("DEAR")), "OK");
  EXPECT_EQ(Outcome(world.Sell("$C", "DEAR", 20'000'000, 100)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$D", "DEAR", 20'000'000, 100)), "OK");
  const auto funded = world.FundReserve(charged);
  ASSERT_EQ(Outcome(funded), "OK");
  EXPECT_EQ(funded->balance_fen(), charged);

  const int64_t money_of_b = world.Money("$B"), free_of_b = world.FreeMoney("$B"), money_of_a = world.Money("$A");
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::CoverDefault, name)), "OK");
  EXPECT_EQ(StateOfDefault(), "COVERED");
  EXPECT_EQ(StateOfTrade(), "SETTLED");
  EXPECT_EQ(StateOfBatch(), "STATEMENTS_SENT");
  EXPECT_EQ(world.Money("$A"), money_of_a + 800'000 - 8'000);
  EXPECT_EQ(world.Money("$B"), money_of_b) << "nothing was taken of it";
  EXPECT_EQ(world.FreeMoney("$B"), free_of_b) << "and what was held stays held";
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  fresh.exchange.CheckInvariants();

  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::RecoverDefault, name)), "OK");
  EXPECT_EQ(StateOfDefault(), "RECOVERED");
  EXPECT_EQ(world.Money("$B"), money_of_b - 808'000);
  EXPECT_EQ(world.FreeMoney("$B"), free_of_b);
  EXPECT_EQ(world.ledger.accounts().FindCash(world.Account("house.settlement-reserve"))->posted, songhua::Money(charged));
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::RecoverDefault, name)), "ILLEGAL_TRANSITION CAR-34 name");
}

TEST_F(DeliveryDefaultsTest, ATradeWhoseUnitsAreMissingEndsAndBothGetBackWhatWasHeld) {
  SendThree();
  EXPECT_EQ(Outcome(world.DeclareDefault(trade, "SELLER", "2026-01-06")), "OK");
  Confirm();
  EXPECT_EQ(Outcome(world.Object("$B", trade)), "OK");
  EXPECT_EQ(StateOfBatch(), "DELIVERY_DEFAULT") << "before DISPUTED";
  world.today = MakeDate(2026, 1, 7);
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::CoverDefault, name)), "OBJECTION_OPEN CAR-34 name");
  EXPECT_EQ(Outcome(world.Decide("settlementObjections/1", "DISMISSED")), "OK");
  EXPECT_EQ(Outcome(world.ActOnDefault(&Exchange::CoverDefault, name)), "OK");
  EXPECT_EQ(StateOfDefault(), "ENDED");
  EXPECT_EQ(StateOfTrade(), "DEFAULTED");
  EXPECT_EQ(StateOfBatch(), "STATEMENTS_SENT");
  EXPECT_EQ(world.FreeMoney("$B"), kMoney - 24'240);
  EXPECT_EQ(world.UnitsOf("$A", "DAY"), (Units{.all = 497, .free = 497}));
}

TEST_F(DeliveryDefaultsTest, ATradeThatIsRejectedTakesItsDefaultWithIt) {
  SendThree();
  EXPECT_EQ(Outcome(world.DeclareDefault(trade, "SELLER", "2026-01-06")), "OK");
  EXPECT_EQ(Outcome(world.Act(&Exchange::RejectTrade, trade, "error")), "OK");
  EXPECT_EQ(StateOfDefault(), "ENDED");
  Confirm();
  EXPECT_EQ(StateOfBatch(), "STATEMENTS_SENT");
}

}  // namespace
}  // namespace songhua::exchange
