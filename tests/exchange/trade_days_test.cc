// What the market paid, by day, and what units are worth by it (PLG-15, PLG-16, DR-40).
#include "exchange/trade_days.h"
#include "gtest/gtest.h"
#include "ledger/valuations.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class TradeDaysTest : public testing::Test {
 protected:
  TradeDaysTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Open("SO2")), "OK");
  }
  std::string Match(const std::string& code, int64_t price, int64_t quantity) {
    EXPECT_EQ(Outcome(world.Sell("$A", code, price, quantity)), "OK");
    EXPECT_EQ(Outcome(world.Buy("$B", code, price, quantity)), "OK");
    return world.LastTrade(code);
  }
  ledger::MarketAverage Average(const ExchangeWorld& of, Date first, Date last, v1::PriceBasis basis = v1::PER_T_YEAR) const {
    return of.exchange.trade_days().Between("rights", "SO2", "220100", basis, 0, first, last).Average();
  }

  ExchangeWorld world;
  const Date monday = MakeDate(2026, 1, 5);
};

TEST_F(TradeDaysTest, TheAverageIsWeighedByQuantityAndCutToTheFen) {
  Match("SO2", 500'000, 10'000);
  Match("SO2", 500'100, 20'000);
  EXPECT_EQ(Average(world, monday, monday), (ledger::MarketAverage{2, Quantity(30'000), Price(500'066)}));
  EXPECT_EQ(Average(world, monday + 1, monday + 9), ledger::MarketAverage()) << "of other days";
  EXPECT_EQ(Average(world, monday, monday, v1::PER_T_TERM), ledger::MarketAverage()) << "of another basis";
}

TEST_F(TradeDaysTest, ATradeCountsOnItsOwnDayOnceItIsSettledAndNoMoreOnceItIsReversed) {
  ASSERT_EQ(Outcome(world.Contract("SLOW", "program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'INDUSTRY' term_first: "
                                           "'2027-01-01' term_last: '2027-12-31' price_basis: PER_T_YEAR tick_fen: 100 lot_size: 10000 "
                                           "rulebook: 'rulebooks/verified' reference_price_fen: 500000")),
            "OK");
  ASSERT_EQ(Outcome(world.Open("SLOW")), "OK");
  const std::string trade = Match("SLOW", 510'000, 10'000);
  EXPECT_EQ(Average(world, monday, monday).trades, 0u);
  ASSERT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "OK");
  ASSERT_EQ(Outcome(world.Act(&Exchange::RecordPayment, trade)), "OK");
  world.today = monday + 3;
  ASSERT_EQ(Outcome(world.Act(&Exchange::SettleTrade, trade)), "OK");
  EXPECT_EQ(Average(world, monday, monday), (ledger::MarketAverage{1, Quantity(10'000), Price(510'000)})) << "with contracts of other terms";
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  ASSERT_EQ(Outcome(fresh.Act(&Exchange::ReverseTrade, trade, "judgment")), "OK");
  EXPECT_EQ(Average(fresh, monday, monday), ledger::MarketAverage());
}

// DR-31: what a group pays itself is no price, neither when it is settled nor when a court takes it back.
TEST_F(TradeDaysTest, ATradeWithinAGroupNeverCountsNorIsTakenOutAgain) {
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/agreed' settlement: VERIFIED band_bps: 1000 quantity_min: 1 quantity_max: 1000000 same_day_resale: true "
                                   "forms: AGREEMENT offer_days_max: 5")),
            "OK");
  for (const std::string code : {"ALONE", "BESIDE"}) {
    ASSERT_EQ(Outcome(world.Contract(code, "program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'INDUSTRY' term_first: "
                                           "'2027-01-01' term_last: '2027-12-31' price_basis: " +
                                               std::string(code == "ALONE" ? "PER_T_TERM" : "PER_T_YEAR") +
                                               " tick_fen: 100 lot_size: 10000 rulebook: 'rulebooks/agreed' reference_price_fen: 500000")),
              "OK");
  }
  int negotiation = 0;
  const auto agree = [&](const std::string& code) {
    const std::string name = "negotiations/" + std::to_string(++negotiation);
    EXPECT_EQ(Outcome(world.MakeOffer("$A", "$E", code, "SELL", 100'000, 20'000, "form: AGREEMENT contract_reference: 'N 1' related: true")), "OK");
    EXPECT_EQ(Outcome(world.Confirm("$E", name, 1, 100'000, 20'000)), "OK");
    const std::string trade = world.LastTrade(code);
    EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "OK");
    EXPECT_EQ(Outcome(world.Act(&Exchange::RecordPayment, trade)), "OK");
    EXPECT_EQ(Outcome(world.Act(&Exchange::SettleTrade, trade)), "OK");
    return trade;
  };
  const std::string alone = agree("ALONE");
  EXPECT_EQ(Average(world, monday, monday, v1::PER_T_TERM), ledger::MarketAverage());
  ASSERT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, alone, "judgment")), "OK");
  EXPECT_EQ(Average(world, monday, monday, v1::PER_T_TERM), ledger::MarketAverage());

  Match("SO2", 500'000, 10'000);
  const std::string beside = agree("BESIDE");
  const ledger::MarketAverage market{1, Quantity(10'000), Price(500'000)};
  EXPECT_EQ(Average(world, monday, monday), market);
  ASSERT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, beside, "judgment")), "OK");
  EXPECT_EQ(Average(world, monday, monday), market);
}

TEST(Valuations, AWindowOfTwelveMonthsEndsWithItsDay) {
  EXPECT_EQ(ledger::IndexWindow(MakeDate(2026, 7, 1)), (Term{MakeDate(2025, 7, 2), MakeDate(2026, 7, 1)}));
}

TEST(Valuations, ARightIsWorthTheLesserOfBasePriceAndAverageOfThreeTrades) {
  const auto average = [](uint64_t trades, int64_t fen) { return ledger::MarketAverage{trades, Quantity(1), Price(fen)}; };
  EXPECT_EQ(ledger::RightUnitPrice(Price(500), average(3, 400)), Price(400));
  EXPECT_EQ(ledger::RightUnitPrice(Price(500), average(3, 600)), Price(500));
  EXPECT_EQ(ledger::RightUnitPrice(Price(500), average(2, 400)), Price(500)) << "two trades make no price";
  EXPECT_EQ(ledger::RightUnitPrice(Price(500), ledger::MarketAverage()), Price(500));
}

TEST(Valuations, ARightIsWorthItsRemainingYears) {
  const Term term{MakeDate(2026, 1, 1), MakeDate(2030, 12, 31)};
  const auto value = [&](v1::PriceBasis basis, Date date) {
    return ledger::ValueRight(Price(600'000), basis, Quantity(8'074'000), 1'000'000, term, date)->value;
  };
  EXPECT_EQ(value(v1::PER_T_YEAR, MakeDate(2026, 1, 1)), Money(24'222'000)) << "8.074 t at 6,000 yuan for five years";
  EXPECT_EQ(value(v1::PER_T_YEAR, MakeDate(2030, 7, 1)), Money(2'442'108)) << "184 days of 365";
  EXPECT_EQ(value(v1::PER_T_TERM, MakeDate(2026, 1, 1)), Money(4'844'400));
  EXPECT_EQ(value(v1::PER_T_TERM, MakeDate(2030, 12, 31)), Money(2'653)) << "one day of 1,826: 2,653.01, cut down";
  EXPECT_EQ(value(v1::PER_T_YEAR, MakeDate(2031, 1, 1)), Money(0));
  EXPECT_EQ(value(v1::PER_T_YEAR, MakeDate(2025, 1, 1)), Money(24'222'000)) << "before it begins it counts whole";
}

TEST(Valuations, AllowancesAreWorthTheLesserOfCloseAndAverage) {
  const auto value = [](int64_t close, uint64_t trades, int64_t average) {
    return ledger::ValueSerialUnits(Price(close), {trades, Quantity(1), Price(average)}, Quantity(1'000), 1);
  };
  EXPECT_EQ(value(8'000, 1, 7'900), (ledger::Valuation{Price(7'900), Money(7'900'000)}));
  EXPECT_EQ(value(8'000, 1, 8'100), (ledger::Valuation{Price(8'000), Money(8'000'000)}));
  EXPECT_EQ(value(8'000, 0, 0), (ledger::Valuation{Price(8'000), Money(8'000'000)}));
  EXPECT_EQ(ledger::ValueSerialUnits(Price(INT64_MAX), {}, Quantity(2), 1), std::nullopt);
}

}  // namespace
}  // namespace songhua::exchange
