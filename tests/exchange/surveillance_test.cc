// Surveillance of a contract's day (CAR-28): what raises a flag at the close, what does not, and what becomes of it.
#include "exchange/exchange.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SurveillanceTest : public testing::Test {
 protected:
  SurveillanceTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(Rulebook("")), "OK");
    EXPECT_EQ(Outcome(world.Contract("W", "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 price_basis: "
                                          "PER_T_TERM tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/watched' reference_price_fen: 8000")),
              "OK");
    EXPECT_EQ(Outcome(world.Open("W")), "OK");
  }
  absl::StatusOr<v1::RulebookAnswer> Rulebook(const std::string& rule) {
    return world.Rulebook("name: 'rulebooks/watched' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 1000000 same_day_resale: true surveillance { " +
                          rule + " }");
  }
  void Trade(const std::string& seller, const std::string& buyer, int64_t quantity) {
    ASSERT_EQ(Outcome(world.Sell(seller, "W", 8000, quantity)), "OK");
    ASSERT_EQ(Outcome(world.Buy(buyer, "W", 8000, quantity)), "OK");
  }
  // "WASH_TRADES $A $B 4 of 10 (3)", by number.
  std::vector<std::string> Flags() const {
    std::vector<std::string> texts;
    for (const SurveillanceFlagRow& row : world.Flags()) {
      std::string text = v1::SurveillanceFlag::Kind_Name(row.kind);
      for (const std::string& id : row.participants) {
        for (const auto& [name, known] : world.ids) {
          if (known == id) text += " " + name;
        }
      }
      texts.push_back(text + " " + std::to_string(row.quantity.value()) + " of " + std::to_string(row.of_quantity.value()) + " (" + std::to_string(row.count) +
                      ")");
    }
    return texts;
  }
  auto Acknowledge(const std::string& text) {
    return world.Run("operator", [&](CommandContext& context) {
      return world.exchange.AcknowledgeSurveillanceFlag(context, Text<v1::AcknowledgeSurveillanceFlagRequest>(text));
    });
  }
  ExchangeWorld world;
};

TEST_F(SurveillanceTest, TwoWhoSellToEachOtherInTurnsAreFlagged) {
  Trade("$C", "$D", 300);
  Trade("$A", "$B", 10);
  Trade("$B", "$E", 10);  // of the group of $A
  Trade("$A", "$B", 10);
  ASSERT_EQ(Outcome(world.Close("W")), "OK");
  EXPECT_THAT(Flags(), ElementsAre("PAIR_SHARE $C $D 300 of 330 (1)")) << "two turns are no pattern";
  ASSERT_EQ(Outcome(world.Open("W")), "OK");
  Trade("$B", "$A", 10);
  ASSERT_EQ(Outcome(world.Close("W")), "OK");
  EXPECT_THAT(Flags(), ElementsAre("PAIR_SHARE $C $D 300 of 340 (1)", "WASH_TRADES $A $B 40 of 340 (3)")) << "the day goes on, and no flag is raised twice";
}

TEST_F(SurveillanceTest, APairWithMoreThanThreeTenthsOfTheDayIsFlagged) {
  Trade("$A", "$B", 30);
  Trade("$A", "$C", 30);
  Trade("$D", "$C", 40);
  ASSERT_EQ(Outcome(world.Close("W")), "OK");
  EXPECT_THAT(Flags(), ElementsAre("PAIR_SHARE $C $D 40 of 100 (1)"));
}

TEST_F(SurveillanceTest, OrdersAtTheLimitsThatAreTakenBackAreFlagged) {
  std::vector<std::string> orders;
  for (int i = 0; i < 4; ++i) orders.push_back(world.Sell("$A", "W", 8800, 10)->order().name());
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Outcome(world.Cancel("$A", orders[i])), "OK");
  ASSERT_EQ(Outcome(world.Cancel("$B", world.Buy("$B", "W", 7200, 10)->order().name())), "OK");  // one order alone
  const std::string away = world.Sell("$C", "W", 8799, 10)->order().name();                     // no limit
  ASSERT_EQ(Outcome(world.Cancel("$C", away)), "OK");
  ASSERT_EQ(Outcome(world.Close("W")), "OK");
  EXPECT_THAT(Flags(), IsEmpty()) << "three quarters of four";
  ASSERT_EQ(Outcome(world.Open("W")), "OK");
  for (int i = 0; i < 2; ++i) {
    const std::string order = world.Buy("$A", "W", 7200, 10)->order().name();
    ASSERT_EQ(Outcome(world.Replace("$A", order, 7300, 10)), "OK") << "a replacement takes back as well";
  }
  ASSERT_EQ(Outcome(world.Close("W")), "OK");
  EXPECT_THAT(Flags(), ElementsAre("LIMIT_CANCELLATIONS $A 50 of 60 (6)"));
}

TEST_F(SurveillanceTest, AnotherDayBeginsAnewAndARestartGoesOn) {
  Trade("$A", "$B", 10);
  Trade("$B", "$A", 10);
  ExchangeWorld again;
  world.RestartInto(&again);
  again.exchange.CheckInvariants();
  ASSERT_EQ(Outcome(world.Close("W")), "OK");
  const size_t flags = Flags().size();
  world.today = world.today + 1;
  ASSERT_EQ(Outcome(world.Open("W")), "OK");
  Trade("$A", "$B", 10);
  Trade("$B", "$A", 10);
  ASSERT_EQ(Outcome(world.Close("W")), "OK");
  EXPECT_EQ(Flags().size(), flags + 1) << "two turns in two days, and the pair's share of the second";
}

TEST_F(SurveillanceTest, ThresholdsAreTheRulebooks) {
  EXPECT_EQ(Outcome(Rulebook("pair_share_bps: 10001")), "INVALID_FIELD CAR-28 rulebook.surveillance.pair_share_bps");
  EXPECT_EQ(Outcome(Rulebook("wash_turns: -1")), "INVALID_FIELD CAR-28 rulebook.surveillance.wash_turns");
  const auto loaded = Rulebook("wash_turns: 1 pair_share_bps: 10000");
  ASSERT_EQ(Outcome(loaded), "OK");
  EXPECT_EQ(loaded->rulebook().surveillance().cancellation_bps(), 8'000);
  ASSERT_EQ(Outcome(world.Close("W")), "OK");
  ASSERT_EQ(Outcome(world.Open("W")), "OK");
  Trade("$A", "$B", 10);
  Trade("$B", "$A", 10);
  ASSERT_EQ(Outcome(world.Close("W")), "OK");
  EXPECT_THAT(Flags(), ElementsAre("WASH_TRADES $A $B 20 of 20 (1)"));
}

TEST_F(SurveillanceTest, AFlagIsAcknowledgedOnceWithANote) {
  Trade("$A", "$B", 30);
  ASSERT_EQ(Outcome(world.Close("W")), "OK");
  EXPECT_EQ(Outcome(Acknowledge("name: 'surveillanceFlags/1'")), "INVALID_FIELD - note");
  EXPECT_EQ(Outcome(Acknowledge("name: 'surveillanceFlags/2' note: 'x'")), "NOT_FOUND - name");
  const auto answer = Acknowledge("name: 'surveillanceFlags/1' note: 'the first trade of a thin day'");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->flag().contract(), "contracts/W");
  EXPECT_EQ(answer->flag().note(), "the first trade of a thin day");
  EXPECT_EQ(Outcome(Acknowledge("name: 'surveillanceFlags/1' note: 'again'")), "ILLEGAL_TRANSITION CAR-28 name");
}

}  // namespace
}  // namespace songhua::exchange
