// Trades: fills, fees, replacements that trade, and the ways to settlement (china.md 8.3).
#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class TradesTest : public testing::Test {
 protected:
  TradesTest() { world.Furnish(); }

  // A carbon contract with the settlement and fee, opened.
  void OpenCarbon(const std::string& code, const std::string& settlement, int fee_bps) {
    ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/" + Lower(code) + "' settlement: " + settlement +
                                     " band_bps: 1000 quantity_min: 1 quantity_max: 1000000 same_day_resale: true fee_bps: " +
                                     std::to_string(fee_bps))),
              "OK");
    ASSERT_EQ(Outcome(world.Contract(code, "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 price_basis: "
                                           "PER_T_TERM tick_fen: 1 lot_size: 1 reference_price_fen: 8000 rulebook: 'rulebooks/" +
                                               Lower(code) + "'")),
              "OK");
    ASSERT_EQ(Outcome(world.Open(code)), "OK");
  }
  static std::string Lower(std::string text) {
    for (char& c : text) c = static_cast<char>(std::tolower(c));
    return text;
  }
  // $B buys `quantity` of $A at the price; returns the trade's name.
  std::string Match(const std::string& code, int64_t price, int64_t quantity) {
    EXPECT_EQ(Outcome(world.Sell("$A", code, price, quantity)), "OK");
    EXPECT_EQ(Outcome(world.Buy("$B", code, price, quantity)), "OK");
    return world.LastTrade(code);
  }
  static uint64_t Number(const std::string& name) { return std::stoull(name.substr(name.find('/') + 1)); }
  std::string StateOf(const std::string& trade) {
    if (const TradeRow* row = world.exchange.FindTrade(Number(trade))) return v1::TradeState_Name(row->state);
    const auto final = world.FinalTrade(Number(trade));
    return final.has_value() ? v1::TradeState_Name(final->state) : "none";
  }

  using Units = ExchangeWorld::Units;
  static constexpr int64_t kMoney = 100'000'000;
  ExchangeWorld world;
};

// ---- Matching ----

TEST_F(TradesTest, AnImmediateTradeIsSettledInTheCommandThatMatches) {
  OpenCarbon("NOW", "IMMEDIATE", 75);
  const auto sell = world.Sell("$A", "NOW", 8000, 100);
  world.events.Take();
  const auto buy = world.Buy("$B", "NOW", 8100, 30);
  ASSERT_EQ(Outcome(buy), "OK");
  EXPECT_EQ(buy->order().state(), "FILLED");
  // At the resting price: 240,000 fen, a fee of 1,800 each.
  EXPECT_EQ(world.FreeMoney("$B"), kMoney - 240'000 - 1'800);
  EXPECT_EQ(world.FreeMoney("$A"), kMoney + 240'000 - 1'800);
  EXPECT_EQ(world.ledger.accounts().FindCash(world.Account("house.fees"))->posted, songhua::Money(3'600));
  EXPECT_EQ(world.UnitsOf("$A", "NOW"), (Units{.all = 470, .free = 400, .orders = 70}));
  EXPECT_EQ(world.UnitsOf("$B", "NOW"), (Units{.all = 530, .free = 530}));
  EXPECT_EQ(world.exchange.FindOrder(Number(sell->order().name()))->filled, Quantity(30));

  const auto trade = world.FinalTrade(Number(world.LastTrade("NOW")));
  ASSERT_TRUE(trade.has_value());
  const v1::Trade shown = ToProto(*trade, "contracts/NOW", "accounts/a", "accounts/b", nullptr);
  EXPECT_EQ(shown.state(), v1::SETTLED);
  EXPECT_EQ(shown.amount_fen(), 240'000);
  EXPECT_EQ(shown.seller_fee_fen(), 1'800);
  EXPECT_EQ(shown.buyer_fee_fen(), 1'800);
  EXPECT_EQ(shown.sell_order(), sell->order().name());
  EXPECT_EQ(shown.buy_order(), buy->order().name());
  EXPECT_EQ(shown.trade_date(), "2026-01-05");
  EXPECT_EQ(shown.agree_time().seconds(), shown.settle_time().seconds());

  // Both accounts find it, in order of time.
  for (const char* account : {"$A.trading", "$B.trading"}) {
    const std::string key = EncodeRowKey(std::make_tuple(world.Account(account), world.sequence, trade->number));
    EXPECT_TRUE(world.stored.rows().contains(RowKey(static_cast<TableId>(RowTable::kTradeIndex), key)));
  }
}

TEST_F(TradesTest, AnOrderSweepsTheBookFromTheBestPriceOnAndRestsWithWhatIsLeft) {
  OpenCarbon("NOW", "IMMEDIATE", 0);
  ASSERT_EQ(Outcome(world.Sell("$A", "NOW", 8010, 10)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$C", "NOW", 8000, 10)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "NOW", 8000, 10)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "NOW", 8030, 10)), "OK");
  const auto buy = world.Buy("$B", "NOW", 8020, 50);
  ASSERT_EQ(Outcome(buy), "OK");
  EXPECT_EQ(buy->order().state(), "PARTLY_FILLED");
  EXPECT_EQ(buy->order().filled_quantity(), 30);
  EXPECT_EQ(world.Cash("$B").held_orders.value(), 20 * 8020) << "what the fills cost less than the limit is free at once";
  EXPECT_EQ(world.Money("$B"), kMoney - 20 * 8000 - 10 * 8010);
  EXPECT_EQ(world.Depth("NOW", Side::kBuy), "8020: 20 (1)");
  EXPECT_EQ(world.Depth("NOW", Side::kSell), "8030: 10 (1)");
  EXPECT_EQ(world.Row("NOW").trades, 3u);
}

TEST_F(TradesTest, FeesOfManyFillsAreThoseOfOne) {
  OpenCarbon("NOW", "IMMEDIATE", 7);
  ASSERT_EQ(Outcome(world.Sell("$A", "NOW", 7999, 100)), "OK");
  // Each tonne costs 5.5993 fen of fee; alone each would be rounded to 6.
  for (int i = 0; i < 100; ++i) ASSERT_EQ(Outcome(world.Buy(i % 2 == 0 ? "$B" : "$C", "NOW", 7999, 1)), "OK");
  EXPECT_EQ(world.Money("$A"), kMoney + 799'900 - 560);  // 559.93 half-up
  EXPECT_EQ(world.Money("$B"), kMoney - 50 * (7'999 + 6)) << "fifty orders of one fill each";
  ASSERT_EQ(Outcome(world.Buy("$B", "NOW", 7999, 100)), "OK");
  EXPECT_EQ(world.Cash("$B").held_orders.value(), 799'900 + 560);
  for (int i = 0; i < 100; ++i) ASSERT_EQ(Outcome(world.Sell("$C", "NOW", 7999, 1)), "OK");
  EXPECT_EQ(world.Cash("$B").held_orders.value(), 0);
  EXPECT_EQ(world.Money("$B"), kMoney - 50 * (7'999 + 6) - 799'900 - 560);
}

TEST_F(TradesTest, RightsAreDeliveredForTheContractsTermAndPaidByTheYear) {
  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 70'000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "SO2", 500'000, 70'000)), "OK");
  // 0.070 t/a x 5,000 yuan x 3 years = 1,050 yuan, split over the two lots by quantity.
  EXPECT_EQ(world.Money("$B"), kMoney - 105'000);
  EXPECT_EQ(world.Money("$A"), kMoney + 105'000);
  const auto trade = world.FinalTrade(Number(world.LastTrade("SO2")));
  ASSERT_TRUE(trade.has_value());
  ASSERT_EQ(trade->moves.size(), 2u);
  const ledger::LotRow& bought = *world.ledger.lots().Find(trade->moves[0].to_lot);
  EXPECT_EQ(bought.account, world.Account("$B001.rights"));
  EXPECT_EQ(bought.quantity, Quantity(60'000));
  EXPECT_EQ(bought.term, (Term{MakeDate(2027, 1, 1), MakeDate(2029, 12, 31)}));
  EXPECT_EQ(bought.cost, songhua::Money(90'000));
  EXPECT_TRUE(bought.paid);
  EXPECT_EQ(world.ledger.lots().Find(trade->moves[1].to_lot)->cost, songhua::Money(15'000));
  EXPECT_EQ(world.ledger.EffectiveRights(world.Named("$A001"), "SO2", 2026), Quantity(100'000)) << "2026 was not sold";
  EXPECT_EQ(world.ledger.EffectiveRights(world.Named("$A001"), "SO2", 2028), Quantity(30'000));
  EXPECT_EQ(world.ledger.EffectiveRights(world.Named("$B001"), "SO2", 2028), Quantity(150'000));
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 40'000)), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 30'000)), "OK");
}

// ---- Replacing ----

TEST_F(TradesTest, AReplacedOrderHoldsForItsNewTerms) {
  OpenCarbon("NOW", "IMMEDIATE", 75);
  const std::string buy = world.Buy("$A", "NOW", 8000, 10)->order().name();
  EXPECT_EQ(world.Cash("$A").held_orders.value(), 80'600);
  const auto up = world.Replace("$A", buy, 8100, 20);
  ASSERT_EQ(Outcome(up), "OK");
  EXPECT_EQ(up->order().quantity(), 20);
  EXPECT_EQ(world.Cash("$A").held_orders.value(), 162'000 + 1'215);
  ASSERT_EQ(Outcome(world.Replace("$A", buy, 8100, 5)), "OK");
  EXPECT_EQ(world.Cash("$A").held_orders.value(), 40'500 + 304);  // 303.75
  const std::string sell = world.Sell("$B", "NOW", 8200, 100)->order().name();
  ASSERT_EQ(Outcome(world.Replace("$B", sell, 8200, 500)), "OK");
  EXPECT_EQ(world.UnitsOf("$B", "NOW"), (Units{.all = 500, .orders = 500}));
  const auto refused = world.Replace("$B", sell, 8200, 501);
  EXPECT_EQ(Outcome(refused), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Detail(refused).accepted, "at most 500, what may be sold today");
  ASSERT_EQ(Outcome(world.Replace("$B", sell, 8200, 40)), "OK");
  EXPECT_EQ(world.UnitsOf("$B", "NOW"), (Units{.all = 500, .free = 460, .orders = 40}));
  EXPECT_EQ(Outcome(world.Replace("$A", buy, 8100, 20'000)), "INSUFFICIENT_FUNDS CAR-21 quantity");
  EXPECT_EQ(Outcome(world.Replace("$A", buy, 9000, 5)), "PRICE_OUTSIDE_BAND CAR-13 price_fen");
  EXPECT_EQ(Outcome(world.Replace("$A", buy, 8100, 0)), "QUANTITY_OFF_LOT CAR-10 quantity");
  EXPECT_EQ(world.Depth("NOW", Side::kBuy), "8100: 5 (1)") << "what was refused left the order as it was";
}

TEST_F(TradesTest, OnlyAShrinkingOrderKeepsItsPlace) {
  OpenCarbon("NOW", "IMMEDIATE", 0);
  const std::string first = world.Sell("$A", "NOW", 8000, 20)->order().name();
  const std::string second = world.Sell("$C", "NOW", 8000, 20)->order().name();
  ASSERT_EQ(Outcome(world.Replace("$A", first, 8000, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "NOW", 8000, 5)), "OK");
  EXPECT_EQ(world.exchange.FindOrder(Number(first))->open, Quantity(5));
  ASSERT_EQ(Outcome(world.Replace("$A", first, 8000, 6)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "NOW", 8000, 5)), "OK");
  EXPECT_EQ(world.exchange.FindOrder(Number(first))->open, Quantity(6));
  EXPECT_EQ(world.exchange.FindOrder(Number(second))->open, Quantity(15));
}

TEST_F(TradesTest, AReplacementCountsWhatIsOpenAndMayTrade) {
  OpenCarbon("NOW", "IMMEDIATE", 0);
  const std::string buy = world.Buy("$B", "NOW", 7900, 100)->order().name();
  ASSERT_EQ(Outcome(world.Sell("$A", "NOW", 7900, 60)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "NOW", 8000, 30)), "OK");
  const auto replaced = world.Replace("$B", buy, 8000, 50);
  ASSERT_EQ(Outcome(replaced), "OK");
  EXPECT_EQ(replaced->order().quantity(), 110) << "60 filled before, 50 open then";
  EXPECT_EQ(replaced->order().filled_quantity(), 90);
  EXPECT_EQ(replaced->order().open_quantity(), 20);
  EXPECT_EQ(world.Cash("$B").held_orders.value(), 20 * 8000);
  ASSERT_EQ(Outcome(world.Sell("$A", "NOW", 8010, 20)), "OK");
  const auto filled = world.Replace("$B", buy, 8010, 20);
  ASSERT_EQ(Outcome(filled), "OK");
  EXPECT_EQ(filled->order().state(), "FILLED");
  EXPECT_EQ(Outcome(world.Cancel("$B", buy)), "UNKNOWN_ORDER CAR-16 name") << "a replacement that fills entirely frees the number";
  EXPECT_EQ(world.Cash("$B").held_orders.value(), 0);
}

TEST_F(TradesTest, ASellOrderGivesBackItsYoungestLotsFirst) {
  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  const auto& lots = world.ledger.lots().OfAccount(world.Account("$A001.rights"));
  const ledger::LotRow& old_lot = *lots[0];
  const ledger::LotRow& young_lot = *lots[1];
  const std::string sell = world.Sell("$A", "SO2", 500'000, 90'000)->order().name();
  ASSERT_EQ(Outcome(world.Replace("$A", sell, 500'000, 70'000)), "OK");
  EXPECT_EQ(old_lot.Held(ledger::HoldKind::kOrder), Quantity(60'000));
  EXPECT_EQ(young_lot.Held(ledger::HoldKind::kOrder), Quantity(10'000));
  ASSERT_EQ(Outcome(world.Replace("$A", sell, 500'000, 50'000)), "OK");
  EXPECT_EQ(young_lot.Held(ledger::HoldKind::kOrder), Quantity(0));
  ASSERT_EQ(Outcome(world.Replace("$A", sell, 490'000, 100'000)), "OK");
  EXPECT_EQ(young_lot.Held(ledger::HoldKind::kOrder), Quantity(40'000));
  const std::string named = "lot: '" + ledger::MakeName("lots", young_lot.number) + "'";
  ASSERT_EQ(Outcome(world.Cancel("$A", sell)), "OK");
  const std::string from_young = world.Sell("$A", "SO2", 500'000, 10'000, named)->order().name();
  ASSERT_EQ(Outcome(world.Replace("$A", from_young, 500'000, 40'000)), "OK");
  EXPECT_EQ(Outcome(world.Replace("$A", from_young, 500'000, 50'000)), "INSUFFICIENT_UNITS CAR-21 quantity") << "only from the lot that was named";
  EXPECT_EQ(young_lot.Held(ledger::HoldKind::kOrder), Quantity(40'000));
}

// ---- VERIFIED ----

TEST_F(TradesTest, AVerifiedTradeMovesStepByStep) {
  OpenCarbon("SLOW", "VERIFIED", 75);
  const std::string trade = Match("SLOW", 8000, 100);
  EXPECT_EQ(StateOf(trade), "AGREED");
  EXPECT_EQ(world.UnitsOf("$A", "SLOW"), (Units{.all = 500, .free = 400, .trades = 100}));
  EXPECT_EQ(world.Cash("$B").held_trades.value(), 806'000);
  EXPECT_EQ(world.Money("$B"), kMoney);
  EXPECT_EQ(Outcome(world.Act(&Exchange::RecordPayment, trade)), "ILLEGAL_TRANSITION DR-47 name");
  EXPECT_EQ(Outcome(world.Act(&Exchange::SettleTrade, trade)), "ILLEGAL_TRANSITION DR-47 name");
  EXPECT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, trade, "x")), "ILLEGAL_TRANSITION GEN-08 name");

  ASSERT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "OK");
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "ILLEGAL_TRANSITION DR-47 name");
  EXPECT_EQ(Outcome(world.Act(&Exchange::RejectTrade, trade, "late")), "ILLEGAL_TRANSITION DR-47 name");
  ASSERT_EQ(Outcome(world.Act(&Exchange::RecordPayment, trade)), "OK");
  EXPECT_EQ(world.FreeMoney("$B"), kMoney - 806'000);
  EXPECT_EQ(world.Money("$A"), kMoney);
  EXPECT_EQ(world.ledger.accounts().FindCash(world.Account("house.escrow"))->posted, songhua::Money(806'000));

  const auto settled = world.Act(&Exchange::SettleTrade, trade);
  ASSERT_EQ(Outcome(settled), "OK");
  EXPECT_EQ(settled->trade().state(), v1::SETTLED);
  EXPECT_EQ(world.Money("$A"), kMoney + 800'000 - 6'000);
  EXPECT_EQ(world.ledger.accounts().FindCash(world.Account("house.escrow"))->posted, songhua::Money(0));
  EXPECT_EQ(world.UnitsOf("$B", "SLOW"), (Units{.all = 600, .free = 600}));
  EXPECT_EQ(world.exchange.FindTrade(Number(trade)), nullptr) << "final trades leave memory";
  EXPECT_EQ(Outcome(world.Act(&Exchange::SettleTrade, trade)), "ILLEGAL_TRANSITION DR-47 name");
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, "trades/77")), "NOT_FOUND - name");
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, "orders/1")), "INVALID_FIELD - name");
}

TEST_F(TradesTest, ARejectedTradeGivesBothSidesBackWhatWasHeld) {
  OpenCarbon("SLOW", "VERIFIED", 75);
  const std::string trade = Match("SLOW", 8000, 100);
  EXPECT_EQ(Outcome(world.Act(&Exchange::RejectTrade, trade)), "INVALID_FIELD - decision");
  const auto rejected = world.Act(&Exchange::RejectTrade, trade, "buyer not eligible");
  ASSERT_EQ(Outcome(rejected), "OK");
  EXPECT_EQ(rejected->trade().decision(), "buyer not eligible");
  EXPECT_EQ(StateOf(trade), "REJECTED");
  EXPECT_EQ(world.UnitsOf("$A", "SLOW"), (Units{.all = 500, .free = 500}));
  EXPECT_EQ(world.FreeMoney("$B"), kMoney);
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "ILLEGAL_TRANSITION DR-47 name");
}

// Seen in Blnk (issue 182): a reservation that had been rejected could be carried out, and overdrew its account.
TEST_F(TradesTest, ARejectedTradeIsNeitherPaidNorSettled) {
  OpenCarbon("SLOW", "VERIFIED", 75);
  const std::string trade = Match("SLOW", 8000, 100);
  ASSERT_EQ(Outcome(world.Act(&Exchange::RejectTrade, trade, "buyer not eligible")), "OK");
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "ILLEGAL_TRANSITION DR-47 name");
  EXPECT_EQ(Outcome(world.Act(&Exchange::RecordPayment, trade)), "ILLEGAL_TRANSITION DR-47 name");
  EXPECT_EQ(Outcome(world.Act(&Exchange::SettleTrade, trade)), "ILLEGAL_TRANSITION DR-47 name");
  EXPECT_EQ(StateOf(trade), "REJECTED");
  EXPECT_EQ(world.Money("$B"), kMoney);
  EXPECT_EQ(world.UnitsOf("$A", "SLOW"), (Units{.all = 500, .free = 500}));
}

TEST_F(TradesTest, ValidateOnlyLeavesTradesWhereTheyAre) {
  OpenCarbon("SLOW", "VERIFIED", 75);
  const std::string trade = Match("SLOW", 8000, 100);
  world.validate_only = true;
  EXPECT_EQ(world.Act(&Exchange::VerifyTrade, trade)->trade().state(), v1::TRADE_VERIFIED);
  EXPECT_EQ(Outcome(world.Act(&Exchange::RejectTrade, trade, "x")), "OK");
  EXPECT_EQ(StateOf(trade), "AGREED");
}

// ---- END_OF_DAY ----

TEST_F(TradesTest, ADaysTradesAreSettledAfterItsCloseEachGross) {
  OpenCarbon("DAILY", "END_OF_DAY", 0);
  for (int i = 0; i < 5; ++i) Match("DAILY", 8000, 10);
  EXPECT_EQ(Outcome(world.SettleDay("DAILY")), "SESSION_OPEN CAR-30 contract");
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, world.LastTrade("DAILY"))), "ILLEGAL_TRANSITION CAR-30 name");
  ASSERT_EQ(Outcome(world.Close("DAILY")), "OK");
  EXPECT_EQ(Outcome(world.SettleDay("DAILY", 1001)), "INVALID_FIELD - trades_max");
  const auto slice = world.SettleDay("DAILY", 2);
  ASSERT_EQ(Outcome(slice), "OK");
  EXPECT_EQ(slice->settled(), 2);
  EXPECT_EQ(slice->remaining(), 3);
  EXPECT_EQ(world.Money("$A"), kMoney + 2 * 80'000);
  EXPECT_EQ(world.UnitsOf("$A", "DAILY"), (Units{.all = 480, .free = 450, .trades = 30}));
  const std::string annulled = world.LastTrade("DAILY");
  ASSERT_EQ(Outcome(world.Act(&Exchange::RejectTrade, annulled, "system fault")), "OK") << "CAR-24: before settlement";
  const auto rest = world.SettleDay("DAILY");
  EXPECT_EQ(rest->settled(), 2);
  EXPECT_EQ(rest->remaining(), 0);
  EXPECT_EQ(world.SettleDay("DAILY")->settled(), 0);
  EXPECT_EQ(world.UnitsOf("$B", "DAILY"), (Units{.all = 540, .free = 540}));
}

TEST_F(TradesTest, YesterdaysTradesAreSettledWhileTodaysWait) {
  OpenCarbon("DAILY", "END_OF_DAY", 0);
  Match("DAILY", 8000, 10);
  world.today = world.today + 1;
  world.Apply([&](CommandContext& context) { world.exchange.CloseStaleSessions(context); });
  ASSERT_EQ(Outcome(world.Open("DAILY")), "OK");
  Match("DAILY", 8000, 20);
  const auto answer = world.SettleDay("DAILY");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->settled(), 1);
  EXPECT_EQ(answer->remaining(), 1);
  EXPECT_EQ(Outcome(world.SettleDay("DAILY")), "SESSION_OPEN CAR-30 contract");
}

// ---- After settlement ----

TEST_F(TradesTest, ATradeOfRightsIsCompleteWhenBothPermitsShowIt) {
  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  const std::string trade = Match("SO2", 500'000, 10'000);
  ASSERT_EQ(Outcome(world.Act(&Exchange::CompleteTrade, trade)), "OK");
  EXPECT_EQ(StateOf(trade), "COMPLETED");
  EXPECT_EQ(Outcome(world.Act(&Exchange::CompleteTrade, trade)), "ILLEGAL_TRANSITION DR-18 name");
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  EXPECT_EQ(Outcome(world.Act(&Exchange::CompleteTrade, Match("CEA25", 8000, 1))), "ILLEGAL_TRANSITION DR-18 name");
}

TEST_F(TradesTest, AReversedTradeReturnsUnitsMoneyAndFees) {
  OpenCarbon("NOW", "IMMEDIATE", 75);
  const ledger::LotRow& lot = *world.ledger.lots().OfAccount(world.Account("$A.trading")).front();
  const SerialBlocks before = lot.blocks;
  const std::string trade = Match("NOW", 8000, 100);
  EXPECT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, trade)), "INVALID_FIELD - decision");
  const auto reversed = world.Act(&Exchange::ReverseTrade, trade, "(2026) Ji 01 Min Chu 7");
  ASSERT_EQ(Outcome(reversed), "OK");
  EXPECT_EQ(reversed->trade().state(), v1::REVERSED);
  EXPECT_EQ(reversed->trade().decision(), "(2026) Ji 01 Min Chu 7");
  for (const char* who : {"$A", "$B"}) {
    EXPECT_EQ(world.FreeMoney(who), kMoney);
    EXPECT_EQ(world.UnitsOf(who, "NOW"), (Units{.all = 500, .free = 500}));
  }
  EXPECT_EQ(lot.blocks, before) << "the same serials";
  EXPECT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, trade, "again")), "ILLEGAL_TRANSITION GEN-08 name");
}

TEST_F(TradesTest, AReversedTradeOfRightsReturnsThemAsALotOfTheTerm) {
  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  const std::string trade = Match("SO2", 500'000, 70'000);
  ASSERT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, trade, "judgment")), "OK");
  EXPECT_EQ(world.Money("$A"), kMoney);
  for (int32_t year : {2026, 2027, 2029, 2030}) {
    EXPECT_EQ(world.ledger.EffectiveRights(world.Named("$A001"), "SO2", year), Quantity(100'000)) << year;
    EXPECT_EQ(world.ledger.EffectiveRights(world.Named("$B001"), "SO2", year), Quantity(80'000)) << year;
  }
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 100'000)), "OK");
}

TEST_F(TradesTest, ATradeWhoseUnitsOrMoneyAreGoneIsNotReversed) {
  OpenCarbon("NOW", "IMMEDIATE", 75);
  const std::string trade = Match("NOW", 8000, 100);
  const std::string held = world.Sell("$B", "NOW", 8500, 550)->order().name();
  EXPECT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, trade, "x")), "UNITS_IN_USE GEN-08 name");
  ASSERT_EQ(Outcome(world.Cancel("$B", held)), "OK");
  ASSERT_EQ(Outcome(world.Withdraw("account: 'accounts/$A.cash' amount_fen: 100000000 bank_reference: 'w'")), "OK");
  ASSERT_EQ(Outcome(world.Buy("$A", "NOW", 7900, 1)), "OK");
  const auto no_money = world.Act(&Exchange::ReverseTrade, trade, "x");
  EXPECT_EQ(Outcome(no_money), "INSUFFICIENT_FUNDS GEN-08 name");
  EXPECT_EQ(Detail(no_money).accepted, world.Named("794000 fen free in accounts/$A.cash, where 786041 are"));
  world.Apply([&](CommandContext& context) { world.exchange.CancelOrdersOfAccount(context, world.Account("$A.trading"), EndReason::kByOwner); });

  const auto transfer = world.Transfer("from_lot: 'lots/" + std::to_string(world.ledger.lots().OfAccount(world.Account("$B.trading")).front()->number) +
                                       "' to_account: 'accounts/$B.registry' quantity: 600");
  ASSERT_EQ(Outcome(transfer), "OK");
  EXPECT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, trade, "x")), "UNITS_MOVED_ON GEN-08 name");

  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  const std::string rights = Match("SO2", 500'000, 20'000);
  ASSERT_EQ(Outcome(world.Sell("$B", "SO2", 500'000, 90'000)), "OK");
  EXPECT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, rights, "x")), "UNITS_IN_USE GEN-08 name");
  ASSERT_EQ(Outcome(world.Buy("$E", "SO2", 500'000, 90'000)), "OK");
  EXPECT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, rights, "x")), "UNITS_MOVED_ON GEN-08 name");
}

}  // namespace
}  // namespace songhua::exchange
