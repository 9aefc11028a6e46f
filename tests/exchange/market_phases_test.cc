// Contracts that open, change phase and close by the clock, and the versions of their rulebooks (CAR-11, CAR-23, CAR-27, GEN-02).
#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

constexpr char kDay[] =
    "name: 'rulebooks/day' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 99999 same_day_resale: true "
    "phases { kind: PRE_OPEN from: '09:15' to: '09:30' } phases { kind: CONTINUOUS from: '09:30' to: '11:30' } "
    "phases { kind: BREAK from: '11:30' to: '13:00' } phases { kind: CONTINUOUS from: '13:00' to: '15:00' } ";
constexpr char kTerms[] =
    "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 price_basis: PER_T_TERM tick_fen: 1 lot_size: 1 "
    "rulebook: 'rulebooks/day' ";

// 2026-01-05 is a Monday.
class MarketPhasesTest : public testing::Test {
 protected:
  MarketPhasesTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Rulebook(kDay)), "OK");
    world.GoTo(kMonday, 9, 1);
    EXPECT_EQ(Outcome(world.Contract("CEA", std::string(kTerms) + "reference_price_fen: 8000")), "OK");
  }
  std::string Phase() const {
    return ToProto(world.Row("CEA"), Timestamp(StartOfDay(world.today).value() + world.micros_of_day)).phase();
  }
  static constexpr Date kMonday = Date(20458);
  ExchangeWorld world;
};

TEST_F(MarketPhasesTest, ADayPassesByTheClockAlone) {
  ASSERT_EQ(FormatDate(kMonday), "2026-01-05");
  EXPECT_EQ(Phase(), "CLOSED");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA", 8000, 1)), "SESSION_CLOSED CAR-11 contract");
  world.GoTo(kMonday, 9, 15);
  EXPECT_EQ(Phase(), "PRE_OPEN");
  EXPECT_EQ(world.Row("CEA").band_high, Price(8800)) << "the band of the day stands before the first order";
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA", 8000, 1)), "SESSION_CLOSED CAR-11 contract");
  world.GoTo(kMonday, 9, 30);
  const auto order = world.Buy("$A", "CEA", 8000, 1);
  ASSERT_EQ(Outcome(order), "OK");
  world.GoTo(kMonday, 11, 30);
  EXPECT_EQ(Phase(), "BREAK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA", 8000, 1)), "SESSION_CLOSED CAR-11 contract");
  EXPECT_EQ(Outcome(world.Replace("$A", order->order().name(), 8001, 1)), "SESSION_CLOSED CAR-11 contract");
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "8000: 1 (1)") << "it rests over lunch";
  world.GoTo(kMonday, 13);
  EXPECT_EQ(Outcome(world.Sell("$B", "CEA", 8000, 1)), "OK");
  EXPECT_EQ(world.Row("CEA").bar.volume, Quantity(1));
  ASSERT_EQ(Outcome(world.Buy("$A", "CEA", 8100, 2)), "OK");
  world.GoTo(kMonday, 15);
  EXPECT_EQ(Phase(), "CLOSED");
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "") << "CAR-23";
  EXPECT_EQ(world.Row("CEA").reference_price, Price(8000)) << "CAR-14";
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA", 8000, 1)), "SESSION_CLOSED CAR-11 contract");
}

TEST_F(MarketPhasesTest, AnOrderMayBeCancelledOverLunch) {
  world.GoTo(kMonday, 9, 30);
  const auto order = world.Buy("$A", "CEA", 8000, 1);
  world.GoTo(kMonday, 12);
  EXPECT_EQ(Outcome(world.Cancel("$A", order->order().name())), "OK");
}

TEST_F(MarketPhasesTest, WeekendsHolidaysAndClosedDatesAreNoMarketDays) {
  ASSERT_EQ(Outcome(world.Rulebook(std::string(kDay) + "closed_dates: '2026-01-07' effective_date: '2026-01-06'")), "OK");
  world.GoTo(kMonday + 1, 10);
  EXPECT_EQ(Phase(), "CONTINUOUS");
  EXPECT_EQ(world.Row("CEA").terms.version, 2u) << "the session took the version of its day";
  world.GoTo(kMonday + 2, 10);
  EXPECT_EQ(Phase(), "CLOSED");
  EXPECT_EQ(Outcome(world.Open("CEA")), "NO_MARKET_DAY CAR-11 contract");
  world.GoTo(kMonday + 3, 10);
  EXPECT_EQ(Phase(), "CONTINUOUS");
  world.GoTo(kMonday + 5, 10);
  EXPECT_EQ(Phase(), "CLOSED") << "a Saturday";
  world.GoTo(kMonday + 7, 10);
  EXPECT_EQ(Phase(), "CONTINUOUS");
}

TEST_F(MarketPhasesTest, AVersionToComeHoldsFromItsDayOnAndNotBefore) {
  ASSERT_EQ(Outcome(world.Rulebook(std::string(kDay) + "band_bps: 500 effective_date: '2026-01-06'")), "OK");
  world.GoTo(kMonday, 10);
  EXPECT_EQ(world.Row("CEA").band_high, Price(8800));
  ASSERT_EQ(Outcome(world.Rulebook(std::string(kDay) + "band_bps: 200")), "OK");
  EXPECT_EQ(world.Row("CEA").band_high, Price(8800)) << "an open session goes on by what it opened with";
  world.GoTo(kMonday + 1, 10);
  EXPECT_EQ(world.Row("CEA").band_high, Price(8160)) << "of two that are effective the one that was loaded later";
  EXPECT_EQ(world.exchange.rulebooks().InForce("day", kMonday)->terms.version, 3u);
}

TEST_F(MarketPhasesTest, WhatCannotOpenSaysWhyAndOpensByHandOnceItCan) {
  ASSERT_EQ(Outcome(world.Contract("NEW", kTerms)), "OK");
  world.GoTo(kMonday, 10);
  EXPECT_EQ(world.Row("NEW").not_opened, "NO_REFERENCE_PRICE");
  EXPECT_EQ(Outcome(world.SetReference("CEA", 8100)), "SESSION_OPEN CAR-27 contract");
  EXPECT_EQ(Outcome(world.SetReference("NEW", 0)), "INVALID_FIELD CAR-10 price_fen");
  EXPECT_EQ(Outcome(world.SetReference("NEW", 8100, "")), "INVALID_FIELD CAR-27 announcement");
  ASSERT_EQ(Outcome(world.SetReference("NEW", 8100)), "OK");
  ASSERT_EQ(Outcome(world.Open("NEW")), "OK");
  EXPECT_EQ(world.Row("NEW").not_opened, "");
  EXPECT_EQ(world.Row("NEW").band_high, Price(8910));
  EXPECT_EQ(Outcome(world.Buy("$A", "NEW", 8100, 1)), "OK");
}

TEST_F(MarketPhasesTest, WhatAnOperatorClosedStaysClosedForTheDay) {
  world.GoTo(kMonday, 10);
  ASSERT_EQ(Outcome(world.Close("CEA")), "OK");
  world.GoTo(kMonday, 13, 30);
  EXPECT_EQ(Phase(), "CLOSED");
  ASSERT_EQ(Outcome(world.Open("CEA")), "OK") << "unless he opens it again";
  world.GoTo(kMonday, 16);
  EXPECT_EQ(Outcome(world.Open("CEA")), "OUTSIDE_HOURS CAR-11 contract");
  world.GoTo(kMonday + 1, 10);
  EXPECT_EQ(Phase(), "CONTINUOUS");
}

TEST_F(MarketPhasesTest, ACalendarThatIsLoadedMovesTheNextDay) {
  world.GoTo(kMonday, 16);
  ASSERT_EQ(Outcome(world.Run("operator",
                              [&](CommandContext& context) {
                                auto request = Text<v1::LoadCalendarYearRequest>("calendar_year { year: 2026 source: 'test' holidays: '2026-01-06' }");
                                auto answer = world.calendars.LoadCalendarYear(context, request, nullptr);
                                world.exchange.WakeForPhases(context.time);
                                return answer;
                              })),
            "OK");
  world.GoTo(kMonday + 1, 10);
  EXPECT_EQ(Phase(), "CLOSED");
  world.GoTo(kMonday + 2, 10);
  EXPECT_EQ(Phase(), "CONTINUOUS");
}

TEST_F(MarketPhasesTest, APhaseIsAMatterOfTheTimeAndNotOfATimer) {
  world.GoTo(kMonday, 10);
  world.phases.clear();
  world.GoTo(kMonday, 11, 30);
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA", 8000, 1)), "SESSION_CLOSED CAR-11 contract");
  world.GoTo(kMonday, 13);
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA", 8000, 1)), "OK");
  world.GoTo(kMonday, 15);
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA", 8000, 1)), "SESSION_CLOSED CAR-11 contract");
}

TEST_F(MarketPhasesTest, ARestartGoesOnInTheSamePhase) {
  world.GoTo(kMonday, 12);
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  EXPECT_EQ(Outcome(fresh.Buy("$A", "CEA", 8000, 1)), "SESSION_CLOSED CAR-11 contract");
  fresh.GoTo(kMonday, 13);
  EXPECT_EQ(Outcome(fresh.Buy("$A", "CEA", 8000, 1)), "OK");
  fresh.GoTo(kMonday + 1, 10);
  EXPECT_TRUE(fresh.Row("CEA").InSession(kMonday + 1));
}

TEST_F(MarketPhasesTest, RulebooksThatContradictThemselvesAreRefused) {
  const auto load = [&](const std::string& more) { return Outcome(world.Rulebook(std::string(kDay) + more)); };
  EXPECT_EQ(load("effective_date: '2026-01-04'"), "INVALID_FIELD CAR-11 rulebook.effective_date");
  EXPECT_EQ(load("closed_dates: '2026-01-09' closed_dates: '2026-01-08'"), "INVALID_FIELD CAR-11 rulebook.closed_dates[1]");
  EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/hand' settlement: IMMEDIATE quantity_min: 1 quantity_max: 9 closed_dates: '2026-01-09'")),
            "INVALID_FIELD CAR-11 rulebook.closed_dates");
  EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/new' settlement: IMMEDIATE quantity_min: 1 quantity_max: 9 effective_date: '2026-02-01'")),
            "INVALID_FIELD CAR-11 rulebook.effective_date")
      << "a contract could trade by no version until then";
  ASSERT_EQ(Outcome(world.Contract("LOTS", std::string(kTerms) + "lot_size: 50")), "OK");
  EXPECT_EQ(load("quantity_max: 49"), "STRANDS_CONTRACT CAR-12 rulebook.quantity_max");
}

}  // namespace
}  // namespace songhua::exchange
