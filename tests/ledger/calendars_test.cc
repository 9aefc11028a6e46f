#include "ledger/calendars.h"

#include <fstream>
#include <random>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "tests/table_fixture.h"

namespace songhua::ledger {
namespace {

// The State Council's schedule of a year, as the repository ships it.
std::string ShippedYear(int32_t year) {
  std::ifstream file(std::string(SONGHUA_TESTDATA) + "/../../ledger/calendars/china-" + std::to_string(year) + ".txtpb");
  EXPECT_TRUE(file.good());
  std::stringstream text;
  text << file.rdbuf();
  return "calendar_year { " + text.str() + " }";
}

class CalendarsTest : public TableFixture {
 protected:
  absl::StatusOr<v1::CalendarYearAnswer> Load(const std::string& text) {
    return Run([&](CommandContext& context) { return calendars_.LoadCalendarYear(context, Text<v1::LoadCalendarYearRequest>(text), nullptr); });
  }
  void LoadShipped() {
    for (const int32_t year : {2024, 2025, 2026}) ASSERT_EQ(Outcome(Load(ShippedYear(year))), "OK");
  }
  std::string Due(Date trigger, int32_t days, v1::DayCount count) const {
    const DueDay day = calendars_.Count(trigger, days, count);
    return FormatDate(day.due) + (day.provisional ? " provisional" : "");
  }

  Calendars calendars_{&tables_};
};

constexpr char kGood[] = "calendar_year { year: 2026 source: 'n' holidays: '2026-05-01' makeup_workdays: '2026-05-09' market_closures: '2026-05-04' } ";

TEST_F(CalendarsTest, ThreeCalendarsDiffer_GEN02) {
  LoadShipped();
  const Date makeup_saturday = MakeDate(2026, 2, 14);
  EXPECT_TRUE(calendars_.IsWorkday(makeup_saturday));
  EXPECT_FALSE(calendars_.IsTradingDay(makeup_saturday)) << "a make-up Saturday is never a trading day";
  const Date holiday_thursday = MakeDate(2026, 10, 1);
  EXPECT_FALSE(calendars_.IsWorkday(holiday_thursday));
  EXPECT_FALSE(calendars_.IsTradingDay(holiday_thursday));
  EXPECT_TRUE(calendars_.IsWorkday(MakeDate(2026, 10, 8)));
  EXPECT_FALSE(calendars_.IsWorkday(MakeDate(2026, 10, 11)));  // an ordinary Sunday
  EXPECT_TRUE(calendars_.IsWorkday(MakeDate(2026, 10, 10)));   // made up
}

TEST_F(CalendarsTest, AClosureIsAWorkdayWithoutAMarket_GEN02) {
  ASSERT_EQ(Outcome(Load(kGood)), "OK");
  EXPECT_TRUE(calendars_.IsWorkday(MakeDate(2026, 5, 4)));
  EXPECT_FALSE(calendars_.IsTradingDay(MakeDate(2026, 5, 4)));
}

TEST_F(CalendarsTest, TheDayOfTheEventIsNotCounted_GEN04) {
  LoadShipped();
  EXPECT_EQ(Due(MakeDate(2026, 9, 7), 1, v1::WORKDAY), "2026-09-08");
  EXPECT_EQ(Due(MakeDate(2026, 9, 7), 0, v1::WORKDAY), "2026-09-07");
  // 20 working days from Monday 2026-09-07: Sunday 09-20 is made up, 09-25 to 09-27 and 10-01 to 10-07 are off, Saturday 10-10 is made up.
  EXPECT_EQ(Due(MakeDate(2026, 9, 7), 20, v1::WORKDAY), "2026-10-10");
  EXPECT_EQ(Due(MakeDate(2026, 9, 7), 20, v1::TRADING_DAY), "2026-10-13");
}

// china.md section 9: the 3-WORKDAY correction window across a make-up Saturday.
TEST_F(CalendarsTest, ThreeWorkdaysAcrossAMakeUpSaturday_PERMIT32) {
  LoadShipped();
  EXPECT_EQ(Due(MakeDate(2026, 2, 26), 3, v1::WORKDAY), "2026-03-02");  // Fri 27, Sat 28 made up, Mon 2
  EXPECT_EQ(Due(MakeDate(2026, 3, 5), 3, v1::WORKDAY), "2026-03-10");   // the same a week later: Fri 6, Mon 9, Tue 10
}

TEST_F(CalendarsTest, ANaturalPeriodRollsForwardToAWorkday_GEN04) {
  LoadShipped();
  EXPECT_EQ(Due(MakeDate(2026, 9, 1), 30, v1::NATURAL), "2026-10-08");  // 10-01 is a holiday
  EXPECT_EQ(Due(MakeDate(2026, 9, 8), 12, v1::NATURAL), "2026-09-20");  // a made-up Sunday stays
  EXPECT_EQ(Due(MakeDate(2026, 9, 1), 12, v1::NATURAL), "2026-09-14");  // an ordinary Sunday does not
}

TEST_F(CalendarsTest, ABackwardPeriodNeverRolls_GEN04) {
  LoadShipped();
  EXPECT_EQ(FormatDate(calendars_.CountBack(MakeDate(2027, 3, 31), {.days = 60})), "2027-01-30");  // a Saturday
  EXPECT_EQ(FormatDate(calendars_.CountBack(MakeDate(2031, 2, 28), {.days = 60})), "2030-12-30");
}

TEST_F(CalendarsTest, AYearThatIsNotPublishedCountsMondayToFriday) {
  LoadShipped();
  EXPECT_EQ(Due(MakeDate(2026, 12, 28), 3, v1::WORKDAY), "2026-12-31");
  EXPECT_EQ(Due(MakeDate(2026, 12, 28), 4, v1::WORKDAY), "2027-01-01 provisional");
  ASSERT_EQ(Outcome(Load("calendar_year { year: 2027 source: 'n' holidays: '2027-01-01' }")), "OK");
  EXPECT_EQ(Due(MakeDate(2026, 12, 28), 4, v1::WORKDAY), "2027-01-04");
}

TEST_F(CalendarsTest, BadYearsAreRefusedWithTheDay) {
  ASSERT_EQ(Outcome(Load(kGood)), "OK");
  EXPECT_EQ(Outcome(Load(std::string("calendar_year { year: 1969 source: 'n' }"))), "INVALID_FIELD GEN-02 calendar_year.year");
  EXPECT_EQ(Outcome(Load("calendar_year { year: 2027 source: '' }")), "INVALID_FIELD - calendar_year.source");
  EXPECT_EQ(Outcome(Load("calendar_year { year: 2027 source: 'n' holidays: '2026-05-01' }")), "INVALID_FIELD GEN-02 calendar_year.holidays[0]");
  EXPECT_EQ(Outcome(Load("calendar_year { year: 2027 source: 'n' holidays: 'x' }")).substr(0, 13), "INVALID_FIELD");
  EXPECT_EQ(Outcome(Load("calendar_year { year: 2027 source: 'n' holidays: ['2027-05-03', '2027-05-03'] }")),
            "INVALID_FIELD GEN-02 calendar_year.holidays");
  EXPECT_EQ(Outcome(Load("calendar_year { year: 2027 source: 'n' makeup_workdays: '2027-05-03' }")),
            "INVALID_FIELD GEN-02 calendar_year.makeup_workdays");
  EXPECT_EQ(Outcome(Load("calendar_year { year: 2027 source: 'n' holidays: '2027-05-08' makeup_workdays: '2027-05-08' }")),
            "INVALID_FIELD GEN-02 calendar_year.makeup_workdays");
  EXPECT_EQ(Outcome(Load("calendar_year { year: 2027 source: 'n' market_closures: '2027-05-08' }")),
            "INVALID_FIELD GEN-02 calendar_year.market_closures");
  EXPECT_EQ(Outcome(Load(kGood)), "CALENDAR_YEAR_UNCHANGED GEN-02 calendar_year.year");
  const auto corrected = Load("calendar_year { year: 2026 source: 'n' holidays: '2026-05-01' }");
  ASSERT_EQ(Outcome(corrected), "OK");
  EXPECT_EQ(corrected->calendar_year().revision(), 2u);
}

// Count and CountBetween are each other's inverse, and each day counts once, whatever the year looks like.
TEST_F(CalendarsTest, CountingIsConsistent) {
  const uint32_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  LoadShipped();
  for (int i = 0; i < 2'000; ++i) {
    const Date trigger = MakeDate(2024, 1, 1) + static_cast<int32_t>(random() % 1'000);
    const int32_t days = 1 + static_cast<int32_t>(random() % 60);
    for (const v1::DayCount count : {v1::WORKDAY, v1::TRADING_DAY}) {
      const Date due = calendars_.Count(trigger, days, count).due;
      ASSERT_EQ(calendars_.CountBetween(trigger, due, count), days) << FormatDate(trigger) << " + " << days;
      ASSERT_EQ(calendars_.CountBetween(trigger, due - 1, count), days - 1) << "the last day counts itself";
      ASSERT_LT(due, calendars_.Count(trigger, days + 1, count).due);
    }
    const Date natural = calendars_.Count(trigger, days, v1::NATURAL).due;
    ASSERT_TRUE(calendars_.IsWorkday(natural));
    for (Date date = trigger + days; date < natural; date = date + 1) ASSERT_FALSE(calendars_.IsWorkday(date));
  }
}

}  // namespace
}  // namespace songhua::ledger
