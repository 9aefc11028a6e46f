// From which lots a sell order delivers: those that it names, in their order, or as the rulebook orders them.
#include <memory>
#include <string>
#include <vector>

#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class LotOrderTest : public testing::Test {
 protected:
  LotOrderTest() { world.Furnish(); }
  // $A001 has two lots of SO2 to the end of 2030, 60 and 40 kg/a; here comes a third one of 30 kg/a, to the end of 2029: enough for the contract, and no more.
  void AddShortLot() {
    ASSERT_EQ(Outcome(world.Issue("program: 'programs/rights' control_zone: '220100' pollutant: 'SO2' trading_group: 'INDUSTRY' quantity: 30000 "
                                  "to_account: 'accounts/rights.reserve.220100' valid_from: '2026-01-01' valid_to: '2029-12-31'")),
              "OK");
    ASSERT_EQ(Outcome(world.Allocate("from_lot: 'lots/" + std::to_string(world.ledger.lots().size()) +
                                     "' to_account: 'accounts/$A001.rights' quantity: 30000 valid_from: '2026-01-01' valid_to: '2029-12-31' source: 'INITIAL_FREE'")),
              "OK");
  }
  void OpenBy(const std::string& terms) {
    ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/immediate' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 1000000 same_day_resale: true " + terms)),
              "OK");
    ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  }
  // $A001's lots of SO2, the oldest first.
  std::vector<std::string> Lots() const {
    std::vector<std::string> names;
    for (const ledger::LotRow* lot : world.ledger.lots().OfAccount(world.Account("$A001.rights"))) {
      if (lot->instrument_class == world.Row("SO2").instrument_class) names.push_back(ledger::MakeName("lots", lot->number));
    }
    return names;
  }
  static std::vector<std::string> LotsOf(const absl::StatusOr<v1::OrderAnswer>& answer) { return {answer->order().lots().begin(), answer->order().lots().end()}; }
  auto Sell(int64_t quantity, const std::string& more = "") { return world.Sell("$A", "SO2", 500'000, quantity, more); }
  ExchangeWorld world;
};

TEST_F(LotOrderTest, OldestFirstWhereNothingIsSaid) {
  AddShortLot();
  OpenBy("");
  const auto lots = Lots();
  ASSERT_EQ(lots.size(), 3u);
  const auto order = Sell(70'000);
  ASSERT_EQ(Outcome(order), "OK");
  EXPECT_EQ(LotsOf(order), (std::vector<std::string>{lots[0], lots[1]}));
}

TEST_F(LotOrderTest, NewestFirst) {
  AddShortLot();
  OpenBy("lot_order: NEWEST_FIRST");
  const auto lots = Lots();
  const auto order = Sell(70'000);
  ASSERT_EQ(Outcome(order), "OK");
  EXPECT_EQ(LotsOf(order), (std::vector<std::string>{lots[2], lots[1]}));
  ASSERT_EQ(Outcome(world.Replace("$A", order->order().name(), 500'000, 80'000)), "OK");
  EXPECT_EQ(world.exchange.FindOrder(*ledger::ParseNumberedName("name", "orders", order->order().name()))->more_slices.size(), 2u) << "10 of the oldest";
}

TEST_F(LotOrderTest, ShortestTermFirstThenTheOldest) {
  AddShortLot();
  OpenBy("lot_order: SHORTEST_TERM_FIRST");
  const auto lots = Lots();
  const auto order = Sell(70'000);
  ASSERT_EQ(Outcome(order), "OK");
  EXPECT_EQ(LotsOf(order), (std::vector<std::string>{lots[2], lots[0]}));
}

TEST_F(LotOrderTest, ItDeliversInTheOrderInWhichItsLotsAreNamed) {
  OpenBy("");
  const auto lots = Lots();
  const auto order = Sell(70'000, "lots: '" + lots[1] + "' lots: '" + lots[0] + "'");
  ASSERT_EQ(Outcome(order), "OK");
  EXPECT_EQ(LotsOf(order), (std::vector<std::string>{lots[1], lots[0]}));
  ASSERT_EQ(Outcome(world.Buy("$B", "SO2", 500'000, 50'000)), "OK");
  EXPECT_EQ(world.UnitsOf("$A", "SO2").all, 50'000);
  const auto left = Lots();
  ASSERT_FALSE(left.empty());
  EXPECT_EQ(left.front(), lots[0]);
  EXPECT_EQ(world.ledger.lots().Find(*ledger::ParseNumberedName("lot", "lots", lots[0]))->quantity, Quantity(50'000)) << "10 of 60 were sold, after the 40";
}

TEST_F(LotOrderTest, AReplacementTakesMoreFromTheSameLotsEvenAfterARestart) {
  AddShortLot();
  OpenBy("");
  const auto lots = Lots();
  const auto order = Sell(20'000, "lots: '" + lots[2] + "' lots: '" + lots[1] + "'");
  ASSERT_EQ(Outcome(order), "OK");
  auto fresh = std::make_unique<ExchangeWorld>();
  world.RestartInto(fresh.get());
  fresh->exchange.CheckInvariants();
  EXPECT_EQ(Outcome(fresh->Replace("$A", order->order().name(), 500'000, 80'000)), "INSUFFICIENT_UNITS CAR-21 quantity") << "70 are in the two";
  const auto more = fresh->Replace("$A", order->order().name(), 500'000, 70'000);
  ASSERT_EQ(Outcome(more), "OK");
  EXPECT_EQ(LotsOf(more), (std::vector<std::string>{lots[2], lots[1]}));
}

TEST_F(LotOrderTest, LotsThatCannotBeNamedAreRefused) {
  OpenBy("");
  const auto lots = Lots();
  const std::string both = "lots: '" + lots[1] + "' lots: '" + lots[0] + "' ";
  EXPECT_EQ(Outcome(Sell(10'000, both + "lots: '" + lots[1] + "'")), "LOT_NAMED_TWICE DR-03 lots[2]");
  EXPECT_EQ(Outcome(Sell(10'000, both + "lots: 'lots/99999'")), "UNKNOWN_LOT DR-03 lots[2]");
  EXPECT_EQ(Outcome(Sell(10'000, both + "lot: '" + lots[0] + "'")), "INVALID_FIELD - lot");
  EXPECT_EQ(Outcome(Sell(10'000, both + "lots: 'orders/1'")), "INVALID_FIELD - lots[2]");
  EXPECT_EQ(Outcome(world.Buy("$B", "SO2", 500'000, 10'000, both)), "INVALID_FIELD - lots");
  EXPECT_EQ(Outcome(Sell(110'000, both)), "INSUFFICIENT_UNITS CAR-21 quantity");
  std::string many = both;
  for (size_t i = 0; i < Exchange::kLotsPerOrderMax; ++i) many += " lots: '" + lots[0] + "'";
  EXPECT_EQ(Outcome(Sell(10'000, many)), "TOO_MANY_LOTS DR-03 quantity");
  EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/x' settlement: IMMEDIATE quantity_min: 1 quantity_max: 9 lot_order: 7")), "INVALID_FIELD DR-03 rulebook.lot_order");
}

}  // namespace
}  // namespace songhua::exchange
