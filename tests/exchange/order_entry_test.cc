// Order entry: each rule, kept and broken, and what orders hold.
#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class OrderEntryTest : public testing::Test {
 protected:
  OrderEntryTest() {
    world.Furnish();
    for (const char* code : {"CEA25", "WCI25", "SO2", "COD"}) EXPECT_EQ(Outcome(world.Open(code)), "OK");
  }
  using Units = ExchangeWorld::Units;
  ExchangeWorld world;
};

TEST_F(OrderEntryTest, AnOrderHoldsWhatItCouldCostAndNothingElse) {
  const auto buy = world.Buy("$A", "CEA25", 7950, 10);
  ASSERT_EQ(Outcome(buy), "OK");
  EXPECT_EQ(buy->order().state(), "SUBMITTED");
  EXPECT_EQ(buy->order().open_quantity(), 10);
  EXPECT_EQ(buy->order().contract(), "contracts/CEA25");
  EXPECT_EQ(buy->order().account(), world.Named("accounts/$A.trading"));
  EXPECT_EQ(world.Cash("$A").held_orders.value(), 79'500);
  EXPECT_EQ(world.UnitsOf("$A", "CEA25"), (Units{.all = 500, .free = 500}));
  const auto sell = world.Sell("$B", "CEA25", 8050, 200);
  ASSERT_EQ(Outcome(sell), "OK");
  EXPECT_EQ(sell->order().lots_size(), 1);
  EXPECT_EQ(world.UnitsOf("$B", "CEA25"), (Units{.all = 500, .free = 300, .orders = 200}));
  EXPECT_EQ(world.Cash("$B").held_orders.value(), 0);
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "7950: 10 (1)");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8050: 200 (1)");
}

TEST_F(OrderEntryTest, ACancelledOrderGivesEverythingBack) {
  const auto buy = world.Buy("$A", "CEA25", 7950, 10);
  const auto sell = world.Sell("$B", "CEA25", 8050, 200);
  const auto cancelled = world.Cancel("$A", buy->order().name());
  ASSERT_EQ(Outcome(cancelled), "OK");
  EXPECT_EQ(cancelled->order().state(), "CANCELLED");
  EXPECT_EQ(cancelled->order().cancel_reason(), "BY_OWNER");
  ASSERT_EQ(Outcome(world.Cancel("$B", sell->order().name())), "OK");
  EXPECT_EQ(world.FreeMoney("$A"), world.Money("$A"));
  EXPECT_EQ(world.UnitsOf("$B", "CEA25"), (Units{.all = 500, .free = 500}));
  EXPECT_EQ(Outcome(world.Cancel("$A", buy->order().name())), "UNKNOWN_ORDER CAR-16 name");
}

// ---- Contract, session, terms ----

TEST_F(OrderEntryTest, UnknownContractsAreRefused) {
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 1, "contract: 'contracts/NONE'")), "NOT_FOUND - contract");
  OrderEntry entry{.contract = 99, .account = world.Account("$A.trading"), .price = Price(8000), .quantity = Quantity(1)};
  EXPECT_EQ(world.Execute("$A", entry).refusal, OrderRefusal::kUnknownContract);
  entry.contract = 0;
  EXPECT_EQ(world.Execute("$A", entry).refusal, OrderRefusal::kUnknownContract);
}

TEST_F(OrderEntryTest, CommandsThatAreNoneAreRefused) {
  OrderEntry entry{.contract = 1, .account = world.Account("$A.trading"), .price = Price(8000), .quantity = Quantity(1)};
  entry.kind = static_cast<OrderKind>(0);
  EXPECT_EQ(world.Execute("$A", entry).refusal, OrderRefusal::kInvalidCommand);
  entry.kind = OrderKind::kPlace;
  entry.side = static_cast<Side>(0);
  EXPECT_EQ(world.Execute("$A", entry).refusal, OrderRefusal::kInvalidCommand);
  entry.side = Side::kBuy;
  entry.time_in_force = static_cast<TimeInForce>(0);
  EXPECT_EQ(world.Execute("$A", entry).refusal, OrderRefusal::kInvalidCommand);
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 1, "side: SIDE_UNSPECIFIED")), "INVALID_FIELD - side");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 1, "lot: 'lots/1'")), "INVALID_FIELD - lot");
}

TEST_F(OrderEntryTest, PricesOffTickAreRefused) {
  const auto refused = world.Sell("$A", "SO2", 500'050, 10'000);
  EXPECT_EQ(Outcome(refused), "PRICE_OFF_TICK CAR-10 price_fen");
  EXPECT_EQ(Detail(refused).value, "500050");
  EXPECT_EQ(Detail(refused).accepted, "a multiple of 100 fen, above 0");
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'100, 10'000)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 0, 1)), "PRICE_OFF_TICK CAR-10 price_fen");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", -8000, 1)), "PRICE_OFF_TICK CAR-10 price_fen");
}

TEST_F(OrderEntryTest, QuantitiesOffLotOrOutsideTheSizesAreRefused) {
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 10'001)), "QUANTITY_OFF_LOT CAR-10 quantity");
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 0)), "QUANTITY_OFF_LOT CAR-10 quantity");
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, -10'000)), "QUANTITY_OFF_LOT CAR-10 quantity");
  const auto refused = world.Sell("$A", "SO2", 500'000, 1'010'000);
  EXPECT_EQ(Outcome(refused), "QUANTITY_OUTSIDE_SIZES CAR-12 quantity");
  EXPECT_EQ(Detail(refused).accepted, "1 to 1000000");
}

TEST_F(OrderEntryTest, PricesOutsideTheBandAreRefusedAndItsLimitsAreInside) {
  const auto refused = world.Buy("$A", "CEA25", 8801, 1);
  EXPECT_EQ(Outcome(refused), "PRICE_OUTSIDE_BAND CAR-13 price_fen");
  EXPECT_EQ(Detail(refused).accepted, "7200 to 8800 fen, the band around 8000");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7199, 1)), "PRICE_OUTSIDE_BAND CAR-13 price_fen");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7200, 1)), "OK");
  EXPECT_EQ(Outcome(world.Sell("$B", "CEA25", 8800, 1)), "OK");
}

TEST_F(OrderEntryTest, PricesBelowTheBasePriceAreRefusedAndTheBasePriceItselfIsNot) {
  world.floors["SO2"] = Price(490'000);
  world.Apply([&](CommandContext& context) { world.exchange.RefreshFloors(context); });
  const auto refused = world.Sell("$A", "SO2", 489'900, 10'000);
  EXPECT_EQ(Outcome(refused), "BELOW_BASE_PRICE DR-73 price_fen");
  EXPECT_EQ(Detail(refused).accepted, "at least 490000, the base price of the day");
  EXPECT_EQ(Outcome(world.Buy("$B", "SO2", 489'900, 10'000)), "BELOW_BASE_PRICE DR-73 price_fen");
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 490'000, 10'000)), "OK");
}

TEST_F(OrderEntryTest, AmountsBeyond64BitsAreRefusedBeforeAnythingChanges) {
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/wild' settlement: IMMEDIATE quantity_min: 1 quantity_max: 1000000000000000")), "OK");
  ASSERT_EQ(Outcome(world.Contract("WILD", "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 "
                                           "price_basis: PER_T_TERM tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/wild'")),
            "OK");
  ASSERT_EQ(Outcome(world.Open("WILD")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "WILD", 10'000'000, 1'000'000'000'000)), "OUT_OF_RANGE GEN-06 quantity");
  EXPECT_EQ(Outcome(world.Sell("$A", "WILD", INT64_MAX, 2)), "OUT_OF_RANGE GEN-06 quantity");
  EXPECT_EQ(Outcome(world.Sell("$A", "WILD", INT64_MAX, 1)), "OK");
}

// ---- Account and ownership ----

TEST_F(OrderEntryTest, AccountsOfOthersAreRefusedAsIfTheyWereNotThere) {
  const std::string foreign = "account: '" + world.Named("accounts/$B.trading'");
  const auto refused = world.Buy("$A", "CEA25", 8000, 1, foreign);
  const auto none = world.Buy("$A", "CEA25", 8000, 1, "account: 'accounts/none.trading'");
  EXPECT_EQ(Outcome(refused), "FOREIGN_ACCOUNT CAR-07 account");
  EXPECT_EQ(Outcome(none), "FOREIGN_ACCOUNT CAR-07 account");
  EXPECT_EQ(Detail(refused).accepted, Detail(none).accepted);
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 1, "account: 'accounts/house.fees'")), "FOREIGN_ACCOUNT CAR-07 account");
  OrderEntry entry{.contract = 1, .account = 4'000'000'000, .price = Price(8000), .quantity = Quantity(1)};
  EXPECT_EQ(world.Execute("$A", entry).refusal, OrderRefusal::kForeignAccount);
  EXPECT_EQ(world.Execute("nobody", entry).refusal, OrderRefusal::kForeignAccount);
}

TEST_F(OrderEntryTest, OrdersOfOthersAreUnknown) {
  const std::string order = world.Sell("$B", "CEA25", 8050, 20)->order().name();
  EXPECT_EQ(Outcome(world.Cancel("$A", order)), "UNKNOWN_ORDER CAR-16 name");
  EXPECT_EQ(Outcome(world.Replace("$A", order, 8050, 10)), "UNKNOWN_ORDER CAR-16 name");
  EXPECT_EQ(Outcome(world.Cancel("$A", "orders/999")), "UNKNOWN_ORDER CAR-16 name");
  EXPECT_EQ(Outcome(world.Cancel("$E", order)), "UNKNOWN_ORDER CAR-16 name");
  EXPECT_EQ(Outcome(world.Cancel("$B", order)), "OK");
}

TEST_F(OrderEntryTest, OnlyTheRightKindOfAccountTrades) {
  const auto account = [&](const std::string& who, const std::string& kind) { return "account: '" + world.Named("accounts/" + who + kind) + "'"; };
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 1, account("$A", ".registry"))), "WRONG_ACCOUNT_KIND CAR-08 account");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 1, account("$A", "001.rights"))), "WRONG_ACCOUNT_KIND CAR-08 account");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 1, account("$A", ".cash"))), "WRONG_ACCOUNT_KIND CAR-08 account");
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 500'000, 10'000, account("$A", ".trading"))), "WRONG_ACCOUNT_KIND CAR-08 account");
  EXPECT_EQ(Outcome(world.Buy("$A", "WCI25", 8000, 1, account("$A", ".registry"))), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "WCI25", 8000, 1, account("$A", ".trading"))), "OK");
}

TEST_F(OrderEntryTest, AParticipantWithoutACashAccountDoesNotTradeUntilItHasOne) {
  world.ids["$F"] = "91220101MA0Y3T5KC" + std::string(1, *UsccCheckCharacter("91220101MA0Y3T5KC"));
  ASSERT_EQ(Outcome(world.Participant("name: 'participants/$F' kind: ENTERPRISE display_name: 'F' region: '220102'")), "OK");
  ASSERT_EQ(Outcome(world.OpenAccount("participant: 'participants/$F' kind: TRADING")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$F", "CEA25", 8000, 1)), "NO_CASH_ACCOUNT CAR-21 account");
  ASSERT_EQ(Outcome(world.OpenAccount("participant: 'participants/$F' kind: CASH")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$F", "CEA25", 8000, 1)), "INSUFFICIENT_FUNDS CAR-21 quantity");
  ASSERT_EQ(Outcome(world.Deposit("account: 'accounts/$F.cash' amount_fen: 8000 bank_reference: 'x'")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$F", "CEA25", 8000, 1)), "OK");
}

// ---- DR-20..DR-29 ----

TEST_F(OrderEntryTest, ASellOrderDeliversFromItsOwnLotOfTheContractOnly) {
  ledger::LotNumber so2 = 0, cod = 0, other_group = 0, short_term = 0;
  for (ledger::LotNumber number = 1; number <= world.ledger.lots().size(); ++number) {
    const ledger::LotRow& lot = *world.ledger.lots().Find(number);
    const ledger::InstrumentClassRow& of = *world.ledger.programs().FindClass(lot.instrument_class);
    if (lot.account == world.Account("$A001.rights") && of.pollutant == "SO2" && so2 == 0) so2 = number;
    if (lot.account == world.Account("$A001.rights") && of.pollutant == "COD") cod = number;
    if (lot.account == world.Account("$C001.rights")) other_group = number;
  }
  const auto from = [&](ledger::LotNumber lot) { return "lot: 'lots/" + std::to_string(lot) + "'"; };
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 10'000, from(cod))), "OTHER_POLLUTANT DR-20 lot");
  EXPECT_EQ(Outcome(world.Sell("$A", "COD", 500'000, 10'000, from(so2))), "OTHER_POLLUTANT DR-20 lot");
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 10'000, from(other_group))), "UNKNOWN_LOT DR-03 lot");
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 10'000, from(9999))), "UNKNOWN_LOT DR-03 lot");
  EXPECT_EQ(Outcome(world.Sell("$C", "SO2", 500'000, 10'000, from(other_group))), "OTHER_TRADING_GROUP DR-25 lot");
  const auto sold = world.Sell("$A", "SO2", 500'000, 10'000, from(so2));
  ASSERT_EQ(Outcome(sold), "OK");
  EXPECT_EQ(sold->order().lots(0), ledger::MakeName("lots", so2));

  // A lot that ends before the contract's term does.
  ASSERT_EQ(Outcome(world.Issue("program: 'programs/rights' pollutant: 'SO2' trading_group: 'INDUSTRY' control_zone: '220100' quantity: 50000 to_account: "
                                "'accounts/rights.reserve.220100' valid_from: '2026-01-01' valid_to: '2028-12-31'")),
            "OK");
  const std::string reserve_lot = ledger::MakeName("lots", world.ledger.lots().size());
  ASSERT_EQ(Outcome(world.Allocate("from_lot: '" + reserve_lot + "' to_account: 'accounts/$A001.rights' quantity: 50000 valid_from: '2026-01-01' "
                                   "valid_to: '2028-12-31' source: 'INITIAL_FREE'")),
            "OK");
  short_term = world.ledger.lots().size();
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 10'000, from(short_term))), "TERM_NOT_COVERED DR-06 lot");
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 100'000)), "INSUFFICIENT_UNITS CAR-21 quantity") << "the short lot does not count";
}

TEST_F(OrderEntryTest, LotsOfOtherVintagesOrZonesAreRefused) {
  ASSERT_EQ(Outcome(world.Issue("program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2026 quantity: 5 "
                                "to_account: 'accounts/$A.registry'")),
            "OK");
  ASSERT_EQ(Outcome(world.Transfer("from_lot: 'lots/" + std::to_string(world.ledger.lots().size()) + "' to_account: 'accounts/$A.trading' quantity: 5")),
            "OK");
  const std::string lot = "lot: 'lots/" + std::to_string(world.ledger.lots().size()) + "'";
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 5, lot)), "OTHER_VINTAGE CAR-01 lot");
  ASSERT_EQ(Outcome(world.Contract("SO2-JL", "program: 'programs/rights' pollutant: 'SO2' control_zone: '220200' trading_group: 'INDUSTRY' "
                                             "term_first: '2027-01-01' term_last: '2029-12-31' price_basis: PER_T_YEAR tick_fen: 100 lot_size: 10000 "
                                             "rulebook: 'rulebooks/immediate' reference_price_fen: 500000")),
            "OK");
  ASSERT_EQ(Outcome(world.Open("SO2-JL")), "OK");
  const auto of_a = world.Sell("$A", "SO2", 500'000, 10'000);
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2-JL", 500'000, 10'000, "lot: '" + of_a->order().lots(0) + "'")), "OTHER_CONTROL_ZONE DR-22 lot");
}

TEST_F(OrderEntryTest, WaterRightsStayInTheirBasin) {
  const auto refused = world.Buy("$E", "COD", 500'000, 10'000);  // its outlet is on the Liao
  EXPECT_EQ(Outcome(refused), "OUTSIDE_BASIN DR-21 account");
  EXPECT_EQ(Detail(refused).accepted, "a site in basin SONGHUA; or one that buys with the approval of 220000");
  EXPECT_EQ(Outcome(world.Buy("$B", "COD", 500'000, 10'000)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$E", "SO2", 500'000, 10'000)), "OK") << "air has no basins";
}

TEST_F(OrderEntryTest, RightsStayInTheirControlZone) {
  const auto refused = world.Buy("$D", "SO2", 500'000, 10'000);  // Jilin city
  EXPECT_EQ(Outcome(refused), "OUTSIDE_CONTROL_ZONE DR-22 account");
  EXPECT_EQ(Detail(refused).accepted, "a site in control zone 220100; or one that buys with the approval of 220000");
  EXPECT_EQ(Outcome(world.Buy("$B", "SO2", 500'000, 10'000)), "OK");
}

TEST_F(OrderEntryTest, PowerPlantsDoNotTradeAirRightsWithOtherSectors) {
  const auto refused = world.Buy("$C", "SO2", 500'000, 10'000);
  EXPECT_EQ(Outcome(refused), "OUTSIDE_TRADING_GROUP DR-25 account");
  EXPECT_EQ(Detail(refused).accepted, "a site of trading group INDUSTRY");
  EXPECT_EQ(Outcome(world.Buy("$B", "SO2", 500'000, 10'000)), "OK") << "heat supply trades with industry";
}

TEST_F(OrderEntryTest, FarmsDoNotTradeWithIndustry) {
  world.AddOutsider("$F", "220102", "AGRI");
  const auto refused = world.Buy("$F", "SO2", 500'000, 10'000);
  EXPECT_EQ(Outcome(refused), "OUTSIDE_TRADING_GROUP DR-24 account");
  EXPECT_EQ(Detail(refused).accepted, "a site of trading group INDUSTRY");
}

TEST_F(OrderEntryTest, TheGateDecidesForBothSidesAndEveryReplacement) {
  const auto sell = world.Sell("$A", "SO2", 510'000, 20'000);
  world.gate[world.Named("$A001.rights")] = OrderRefusal::kPermitNotInForce;
  world.gate[world.Named("$B001.rights")] = OrderRefusal::kNoPermit;
  world.gate[world.Named("$C.trading")] = OrderRefusal::kAccountRestricted;
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 10'000)), "PERMIT_NOT_IN_FORCE DR-29 account");
  EXPECT_EQ(Outcome(world.Buy("$B", "SO2", 500'000, 10'000)), "NO_PERMIT DR-28 account");
  EXPECT_EQ(Outcome(world.Buy("$C", "CEA25", 8000, 1)), "ACCOUNT_RESTRICTED CAR-27 account");
  EXPECT_EQ(Outcome(world.Replace("$A", sell->order().name(), 510'000, 10'000)), "PERMIT_NOT_IN_FORCE DR-29 account");
  EXPECT_EQ(Outcome(world.Cancel("$A", sell->order().name())), "OK") << "who may not trade may still withdraw";
}

TEST_F(OrderEntryTest, AReplacementNeedsSurplusForWhatItAddsOnly) {
  world.surpluses[world.Named("$A001")] = Quantity(60'000);
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 70'000)), "NOT_SURPLUS DR-17 quantity");
  const auto sell = world.Sell("$A", "SO2", 500'000, 50'000);
  ASSERT_EQ(Outcome(sell), "OK");
  EXPECT_EQ(Outcome(world.Replace("$A", sell->order().name(), 510'000, 50'000)), "OK") << "another price for the same units";
  EXPECT_EQ(Outcome(world.Replace("$A", sell->order().name(), 510'000, 70'000)), "NOT_SURPLUS DR-17 quantity");
  EXPECT_EQ(Outcome(world.Replace("$A", sell->order().name(), 510'000, 60'000)), "OK");
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 10'000)), "NOT_SURPLUS DR-17 quantity");
  EXPECT_EQ(Outcome(world.Replace("$A", sell->order().name(), 510'000, 20'000)), "OK");
  EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 40'000)), "OK");
  world.surpluses[world.Named("$A001")] = Quantity();
  EXPECT_EQ(Outcome(world.Replace("$A", sell->order().name(), 505'000, 10'000)), "OK") << "what rests was counted when it was placed";
}

// ---- The book ----

TEST_F(OrderEntryTest, OrdersOfOneEntityGroupDoNotMeet) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 10)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 10)), "SELF_TRADE CAR-18 price_fen");
  EXPECT_EQ(Outcome(world.Buy("$E", "CEA25", 8010, 10)), "SELF_TRADE CAR-18 price_fen");
  EXPECT_EQ(Outcome(world.Buy("$E", "CEA25", 7990, 10)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 10)), "OK");
}

TEST_F(OrderEntryTest, SelfTradeIsAskedBeforeUnitsAndCash) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 10)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 900'000)), "SELF_TRADE CAR-18 price_fen");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7990, 900'000)), "INSUFFICIENT_FUNDS CAR-21 quantity");
}

TEST_F(OrderEntryTest, PostOnlyOrdersDoNotTrade) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 10)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 10, "post_only: true")), "CROSSES_BOOK CAR-17 price_fen");
  const auto posted = world.Buy("$B", "CEA25", 7999, 10, "post_only: true");
  ASSERT_EQ(Outcome(posted), "OK");
  EXPECT_EQ(Outcome(world.Replace("$B", posted->order().name(), 8000, 10)), "CROSSES_BOOK CAR-17 price_fen");
}

TEST_F(OrderEntryTest, TheRestOfAnImmediateOrderIsCancelledAndGivesBackItsHold) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 10)), "OK");
  const auto answer = world.Buy("$B", "CEA25", 8010, 25, "time_in_force: IMMEDIATE_OR_CANCEL");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->order().state(), "CANCELLED");
  EXPECT_EQ(answer->order().cancel_reason(), "REST_OF_IOC");
  EXPECT_EQ(answer->order().filled_quantity(), 10);
  EXPECT_EQ(answer->order().open_quantity(), 0);
  EXPECT_EQ(world.FreeMoney("$B"), 100'000'000 - 80'000);
  EXPECT_EQ(world.exchange.RestingOrders(1), 0u);
}

TEST_F(OrderEntryTest, FillOrKillIsAllOrNothing) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 10)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8010, 11, "time_in_force: FILL_OR_KILL")), "NOT_FILLABLE DR-48 quantity");
  const auto answer = world.Buy("$B", "CEA25", 8010, 10, "time_in_force: FILL_OR_KILL");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->order().state(), "FILLED");
}

// ---- Units and cash ----

TEST_F(OrderEntryTest, NobodySellsMoreThanIsFree) {
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 501)), "INSUFFICIENT_UNITS CAR-21 quantity");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 400)), "OK");
  const auto refused = world.Sell("$A", "CEA25", 8000, 101);
  EXPECT_EQ(Outcome(refused), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Detail(refused).accepted, "at most 100, what may be sold today");
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 100)), "OK");
}

TEST_F(OrderEntryTest, NobodyBuysForMoreThanIsFreeFeeIncluded) {
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/fee' settlement: IMMEDIATE quantity_min: 1 quantity_max: 1000000 fee_bps: 75 same_day_resale: true")),
            "OK");
  ASSERT_EQ(Outcome(world.Contract("FEE", "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 price_basis: "
                                          "PER_T_TERM tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/fee'")),
            "OK");
  ASSERT_EQ(Outcome(world.Open("FEE")), "OK");
  // 99,255,583 fen and a fee of 744,416.8725, that is 744,417, make exactly 100,000,000.
  EXPECT_EQ(Outcome(world.Buy("$A", "FEE", 99'255'584, 1)), "INSUFFICIENT_FUNDS CAR-21 quantity");
  EXPECT_EQ(Outcome(world.Buy("$A", "FEE", 99'255'583, 1)), "OK");
  EXPECT_EQ(world.FreeMoney("$A"), 0);
}

// Seen in Blnk (issue 181): what was reserved and not yet paid did not count, so that six could reserve what five had used up.
TEST_F(OrderEntryTest, MoneyThatOrdersHoldIsNotHeldAgain) {
  for (int i = 0; i < 5; ++i) ASSERT_EQ(Outcome(world.Buy("$A", "CEA25", 8000, 2'500)), "OK");
  EXPECT_EQ(world.FreeMoney("$A"), 0);
  const auto sixth = world.Buy("$A", "CEA25", 8000, 2'500);
  EXPECT_EQ(Outcome(sixth), "INSUFFICIENT_FUNDS CAR-21 quantity");
  EXPECT_EQ(Detail(sixth).accepted, "an order that holds at most 0 fen, fee included");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7200, 1)), "INSUFFICIENT_FUNDS CAR-21 quantity");
  EXPECT_EQ(world.Cash("$A").held_orders, world.Cash("$A").posted);
}

TEST_F(OrderEntryTest, FrozenAndPledgedUnitsAreNotSold) {
  const ledger::LotNumber lot = world.ledger.lots().OfAccount(world.Account("$A.trading")).front()->number;
  ASSERT_EQ(Outcome(world.Freeze("lot: 'lots/" + std::to_string(lot) + "' quantity: 100 court: 'Court' case_number: '1' start_date: '2026-01-05' "
                                 "end_date: '2026-12-31'")),
            "OK");
  const auto frozen = world.Sell("$A", "CEA25", 8000, 401);
  EXPECT_EQ(Outcome(frozen), "FROZEN_UNITS PLG-29 quantity");
  EXPECT_EQ(Detail(frozen).accepted, "at most 400, what may be sold today");
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 400)), "OK");

  const ledger::LotRow& right = *world.ledger.lots().OfAccount(world.Account("$B001.rights")).front();
  world.check_invariants = false;  // no pledge stands behind this hold
  world.Apply([&](CommandContext&) { world.ledger.lots().Hold(right, ledger::HoldKind::kPledge, Quantity(50'000)); });
  EXPECT_EQ(Outcome(world.Sell("$B", "SO2", 500'000, 40'000)), "PLEDGED_UNITS PLG-21 quantity");
  EXPECT_EQ(Outcome(world.Sell("$B", "SO2", 500'000, 30'000)), "OK");
}

TEST_F(OrderEntryTest, UnitsBoughtTodayAreNotSoldTodayWhereTheRulebookForbidsIt) {
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/immediate' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 1000000")), "OK");
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 30)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 30)), "OK");
  EXPECT_EQ(world.UnitsOf("$B", "CEA25"), (Units{.all = 530, .free = 530}));
  const auto refused = world.Sell("$B", "CEA25", 8000, 501);
  EXPECT_EQ(Outcome(refused), "BOUGHT_TODAY CAR-22 quantity");
  EXPECT_EQ(Detail(refused).accepted, "at most 500, what may be sold today");
  EXPECT_EQ(Outcome(world.Sell("$B", "CEA25", 8000, 500)), "OK");
  world.today = world.today + 1;
  world.Apply([&](CommandContext& context) { world.exchange.CloseStaleSessions(context); });
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  EXPECT_EQ(Outcome(world.Sell("$B", "CEA25", 8000, 530)), "OK");
}

TEST_F(OrderEntryTest, UnitsBoughtYesterdayAreSoldOnTheDayTheyAreDelivered) {
  for (const std::string settlement : {"END_OF_DAY", "VERIFIED"}) {
    SCOPED_TRACE(settlement);
    const bool daily = settlement == "END_OF_DAY";
    const std::string code = daily ? "DAY" : "SLOW";
    ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/" + std::string(daily ? "day" : "slow") + "' settlement: " + settlement +
                                     " band_bps: 1000 quantity_min: 1 quantity_max: 1000000")),
              "OK");
    ASSERT_EQ(Outcome(world.Contract(code, "program: 'programs/wci' control_zone: 'CA' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2025 price_basis: "
                                           "PER_T_TERM tick_fen: 1 lot_size: 1 reference_price_fen: 8000 rulebook: 'rulebooks/" +
                                               std::string(daily ? "day" : "slow") + "'")),
              "OK");
    ASSERT_EQ(Outcome(world.Open(code)), "OK");
    const int64_t before = world.UnitsOf("$B", code).all;
    // Two trades: one is delivered on its own day, one on the next.
    std::vector<std::string> trades;
    for (const int64_t quantity : {20, 30}) {
      ASSERT_EQ(Outcome(world.Sell("$A", code, 8000, quantity)), "OK");
      ASSERT_EQ(Outcome(world.Buy("$B", code, 8000, quantity)), "OK");
      trades.push_back(world.LastTrade(code));
    }
    ASSERT_EQ(Outcome(world.Close(code)), "OK");
    const auto settle = [&](const std::string& trade) {
      if (daily) return Outcome(world.SettleDay(code, 1));
      for (const auto act : {&Exchange::VerifyTrade, &Exchange::RecordPayment}) EXPECT_EQ(Outcome(world.Act(act, trade)), "OK");
      return Outcome(world.Act(&Exchange::SettleTrade, trade));
    };
    ASSERT_EQ(settle(trades[0]), "OK");
    ASSERT_EQ(Outcome(world.Open(code)), "OK");
    EXPECT_EQ(Outcome(world.Sell("$B", code, 8500, before + 20)), "BOUGHT_TODAY CAR-22 quantity") << "delivered on the day on which it was bought";
    EXPECT_EQ(Outcome(world.Sell("$B", code, 8500, before)), "OK");
    world.today = world.today + 1;
    world.Apply([&](CommandContext& context) { world.exchange.CloseStaleSessions(context); });
    ASSERT_EQ(settle(trades[1]), "OK");
    ASSERT_EQ(Outcome(world.Open(code)), "OK");
    ASSERT_EQ(Outcome(world.Sell("$B", code, 8500, before + 50)), "OK") << "delivered today, bought yesterday";
    ASSERT_EQ(Outcome(world.Close(code)), "OK");
  }
}

TEST_F(OrderEntryTest, UnitsThatACourtTakesBackWereNotBoughtToday) {
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/immediate' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 1000000")), "OK");
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 30)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 30)), "OK");
  ASSERT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, world.LastTrade("CEA25"), "judgment")), "OK");
  EXPECT_EQ(Outcome(world.Sell("$B", "CEA25", 8000, 500)), "OK");
}

TEST_F(OrderEntryTest, LotsAreSoldOldestFirst) {
  const auto& lots = world.ledger.lots().OfAccount(world.Account("$A001.rights"));
  const auto sell = world.Sell("$A", "SO2", 500'000, 70'000);
  ASSERT_EQ(Outcome(sell), "OK");
  EXPECT_EQ(sell->order().lots_size(), 2);
  EXPECT_EQ(lots[0]->Held(ledger::HoldKind::kOrder), Quantity(60'000));
  EXPECT_EQ(lots[1]->Held(ledger::HoldKind::kOrder), Quantity(10'000));
}

TEST_F(OrderEntryTest, ValidateOnlyAnswersWhatWouldHappenAndChangesNothing) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 10)), "OK");
  world.validate_only = true;
  const auto answer = world.Buy("$B", "CEA25", 7990, 10);
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->order().state(), "SUBMITTED");
  EXPECT_EQ(Outcome(world.Buy("$E", "CEA25", 8000, 10)), "SELF_TRADE CAR-18 price_fen");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 11, "time_in_force: FILL_OR_KILL")), "NOT_FILLABLE DR-48 quantity");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 10, "time_in_force: FILL_OR_KILL")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 10, "post_only: true")), "CROSSES_BOOK CAR-17 price_fen");
  const std::string resting = "orders/" + std::to_string(world.sequence - 5);
  const auto replaced = world.Replace("$A", resting, 8010, 20);
  ASSERT_EQ(Outcome(replaced), "OK");
  EXPECT_EQ(replaced->order().price_fen(), 8010);
  EXPECT_EQ(replaced->order().open_quantity(), 20);
  EXPECT_EQ(Outcome(world.Cancel("$A", resting)), "OK");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8000: 10 (1)");
}

}  // namespace
}  // namespace songhua::exchange
