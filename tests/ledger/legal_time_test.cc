#include "ledger/legal_time.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <concepts>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/codec.h"
#include "ledger/refusal.h"
#include "tests/ledger/seeded_values.h"

namespace songhua {
namespace {

template <class A, class B>
concept TimesComparable = requires(A a, B b) {
  a < b;
};
template <class A, class B>
concept TimesAddable = requires(A a, B b) {
  a + b;
};

static_assert(!TimesComparable<Timestamp, Date> && !TimesComparable<Date, int32_t> && !TimesComparable<Timestamp, int64_t>);
static_assert(!TimesAddable<Timestamp, int64_t> && !TimesAddable<Date, Date> && !TimesAddable<Timestamp, Timestamp>);
static_assert(!std::convertible_to<int32_t, Date> && !std::convertible_to<int64_t, Timestamp> && !std::constructible_from<Date, Timestamp>);
static_assert(sizeof(Date) == 4 && sizeof(Timestamp) == 8);

// ---- Days ----

// The calendar as one would write it on paper: a day after the other.
TEST(LegalTimeTest, EveryDayFrom1970To9999FollowsTheOneBefore) {
  int32_t year = 1970;
  int32_t month = 1;
  int32_t day = 1;
  int weekday = 4;  // 1970-01-01 was a Thursday
  for (int32_t days = kFirstDate.value(); days <= kLastDate.value(); ++days) {
    const CivilDate civil = ToCivil(Date(days));
    ASSERT_TRUE(civil == (CivilDate{year, month, day})) << days;
    ASSERT_EQ(FromCivil(year, month, day)->value(), days);
    ASSERT_EQ(DayOfWeek(Date(days)), weekday);
    weekday = weekday % 7 + 1;
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    const int32_t length = month == 2 ? (leap ? 29 : 28) : (month == 4 || month == 6 || month == 9 || month == 11) ? 30 : 31;
    if (++day > length) {
      day = 1;
      if (++month > 12) {
        month = 1;
        ASSERT_EQ(DaysInYear(year), leap ? 366 : 365);
        ASSERT_EQ(LastDayOf(year).value(), days);
        ++year;
      }
    }
  }
  EXPECT_EQ(year, 10'000);
}

TEST(LegalTimeTest, DaysThatNoCalendarHasAreRefused) {
  EXPECT_EQ(GetRefusal(FromCivil(2026, 2, 29, "valid_from").status())->accepted, "a day from 1 to 28 in that month");
  EXPECT_EQ(GetRefusal(FromCivil(2026, 2, 29, "valid_from").status())->field, "valid_from");
  EXPECT_TRUE(FromCivil(2028, 2, 29).ok());
  EXPECT_EQ(FromCivil(2100, 2, 29).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FromCivil(2026, 13, 1).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FromCivil(2026, 0, 1).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FromCivil(2026, 4, 31).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FromCivil(2026, 4, 0).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FromCivil(1969, 12, 31).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(FromCivil(10'000, 1, 1).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(FromCivil(std::numeric_limits<int64_t>::max(), 1, 1).status().code(), absl::StatusCode::kOutOfRange);
}

// ---- The local day of an instant (GEN-01) ----

TEST(LegalTimeTest, TheDayChangesAtSixteenHoursUtc) {
  const Timestamp before = *ParseTimestamp("2026-01-04T15:59:59.999999Z");
  const Timestamp after = *ParseTimestamp("2026-01-04T16:00:00Z");
  EXPECT_EQ(FormatDate(LocalDate(before)), "2026-01-04");
  EXPECT_EQ(FormatDate(LocalDate(after)), "2026-01-05");
  EXPECT_EQ(StartOfDay(MakeDate(2026, 1, 5)), after);
  EXPECT_EQ(EndOfDay(MakeDate(2026, 1, 4)), after) << "24:00 is the start of the next day";
  EXPECT_EQ(MicrosOfDay(after), 0);
  EXPECT_EQ(MicrosOfDay(before), kMicrosPerDay - 1);
}

TEST(LegalTimeTest, NoDaylightSavingWasEverKept) {  // Shanghai's clocks moved in 1986 to 1991; the law's days here do not
  EXPECT_EQ(*ParseTimestamp("1988-07-01T00:00:00+08:00"), StartOfDay(MakeDate(1988, 7, 1)));
  EXPECT_EQ(StartOfDay(MakeDate(1988, 7, 2)).value() - StartOfDay(MakeDate(1988, 7, 1)).value(), kMicrosPerDay);
}

TEST(LegalTimeTest, StartOfDayAndLocalDateAreInverse) {
  SeededValues random(20260201);
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 20'000; ++i) {
    const Timestamp at(random.Between(kFirstTimestamp.value(), kLastTimestamp.value()));
    const Date date = LocalDate(at);
    ASSERT_LE(StartOfDay(date), at);
    ASSERT_LT(at, EndOfDay(date));
    ASSERT_EQ(at.value() - StartOfDay(date).value(), MicrosOfDay(at));
  }
  EXPECT_EQ(LocalDate(kFirstTimestamp), kFirstDate);
  EXPECT_EQ(LocalDate(kLastTimestamp), kLastDate);
  EXPECT_EQ(LocalDate(Timestamp(-1)), kFirstDate);
  EXPECT_EQ(LocalDate(Timestamp(0)), kFirstDate);
}

TEST(LegalTimeTest, TimesOutsideTheCalendarEndTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(LocalDate(Timestamp(kLastTimestamp.value() + 1)), "CHECK failed");
  EXPECT_DEATH(LocalDate(Timestamp(kFirstTimestamp.value() - 1)), "CHECK failed");
  EXPECT_DEATH(ToCivil(Date(-1)), "CHECK failed");
  EXPECT_DEATH(kLastDate + 1, "CHECK failed");
  EXPECT_DEATH(MakeDate(2026, 2, 29), "CHECK failed");
}

// ---- Arithmetic ----

TEST(LegalTimeTest, BackwardPeriodsCountNaturalDays) {  // GEN-04
  EXPECT_EQ(MakeDate(2027, 3, 31) - 60, MakeDate(2027, 1, 30));
  EXPECT_EQ(MakeDate(2031, 2, 28) - 60, MakeDate(2030, 12, 30));
  EXPECT_EQ(*AddDays(MakeDate(2027, 3, 31), -60), MakeDate(2027, 1, 30));
  EXPECT_EQ(MakeDate(2027, 3, 31) - MakeDate(2027, 1, 30), 60);
}

TEST(LegalTimeTest, ADayThatTheTargetMonthLacksBecomesItsLast) {
  EXPECT_EQ(*AddYears(MakeDate(2024, 2, 29), 1), MakeDate(2025, 2, 28));
  EXPECT_EQ(*AddYears(MakeDate(2024, 2, 29), 4), MakeDate(2028, 2, 29));
  EXPECT_EQ(*AddYears(MakeDate(2024, 2, 29), -1), MakeDate(2023, 2, 28));
  EXPECT_EQ(*AddYears(MakeDate(2025, 2, 28), 3), MakeDate(2028, 2, 28));
  EXPECT_EQ(*AddMonths(MakeDate(2026, 1, 31), 1), MakeDate(2026, 2, 28));
  EXPECT_EQ(*AddMonths(MakeDate(2026, 1, 31), 13), MakeDate(2027, 2, 28));
  EXPECT_EQ(*AddMonths(MakeDate(2026, 1, 31), -2), MakeDate(2025, 11, 30));
  EXPECT_EQ(*AddMonths(MakeDate(2026, 12, 15), 1), MakeDate(2027, 1, 15));
}

TEST(LegalTimeTest, ArithmeticBeyondTheCalendarIsRefused) {
  constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  for (int64_t count : {kMin, kMin + 1, int64_t{-3'000'000}, int64_t{3'000'000}, kMax}) {
    for (Date date : {kFirstDate, MakeDate(2026, 1, 5), kLastDate}) {
      EXPECT_EQ(AddDays(date, count).status().code(), absl::StatusCode::kOutOfRange);
      EXPECT_EQ(AddMonths(date, count).status().code(), absl::StatusCode::kOutOfRange);
      EXPECT_EQ(AddYears(date, count).status().code(), absl::StatusCode::kOutOfRange);
    }
  }
  EXPECT_TRUE(AddDays(kFirstDate, kLastDate.value()).ok());
  EXPECT_FALSE(AddDays(kLastDate, 1).ok());
  EXPECT_FALSE(AddDays(kFirstDate, -1).ok());
  EXPECT_EQ(*AddMonths(kFirstDate, 8030 * 12 - 1), MakeDate(9999, 12, 1));
  EXPECT_FALSE(AddMonths(kFirstDate, 8030 * 12).ok());
  EXPECT_FALSE(AddMonths(kFirstDate, -1).ok());
  EXPECT_EQ(*AddYears(kFirstDate, 8029), MakeDate(9999, 1, 1));
  EXPECT_FALSE(AddYears(kFirstDate, 8030).ok());
  EXPECT_EQ(*AddMicros(kFirstTimestamp, kLastTimestamp.value() - kFirstTimestamp.value()), kLastTimestamp);
  EXPECT_FALSE(AddMicros(kLastTimestamp, 1).ok());
  EXPECT_FALSE(AddMicros(kFirstTimestamp, -1).ok());
  EXPECT_EQ(AddMicros(Timestamp(1), kMax).status().code(), absl::StatusCode::kOutOfRange);
}

// ---- Text ----

TEST(LegalTimeTest, DatesRoundTrip) {
  EXPECT_EQ(FormatDate(*ParseDate("2026-01-05")), "2026-01-05");
  EXPECT_EQ(FormatDate(kFirstDate), "1970-01-01");
  EXPECT_EQ(FormatDate(kLastDate), "9999-12-31");
  SeededValues random(20260202);
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 5'000; ++i) {
    const Date date(static_cast<int32_t>(random.Between(kFirstDate.value(), kLastDate.value())));
    ASSERT_EQ(*ParseDate(FormatDate(date)), date);
  }
}

TEST(LegalTimeTest, MalformedDatesAreRefused) {
  for (std::string_view text :
       {"", "2026", "2026-1-5", "2026-01-5", "26-01-05", "2026/01/05", "2026-01-05 ", " 2026-01-05", "2026-01-05T00:00:00Z", "20260105",
        "+2026-01-05", "-026-01-05", "2026-01-+5", "2026年1月5日", "2026-02-29", "2026-00-10", "2026-13-10"}) {
    const absl::Status status = ParseDate(text, "valid_to").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(GetRefusal(status)->field, "valid_to");
  }
  EXPECT_EQ(ParseDate("1969-12-31").status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ParseDate("0000-01-01").status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_LT(ParseDate(std::string(100'000, '2')).status().message().size(), 300u);
}

TEST(LegalTimeTest, TimestampsKeepTheirMicroseconds) {
  EXPECT_EQ(FormatTimestamp(*ParseTimestamp("2026-01-05T09:30:00+08:00")), "2026-01-05T09:30:00+08:00");
  EXPECT_EQ(FormatTimestamp(*ParseTimestamp("2026-01-05T01:30:00Z")), "2026-01-05T09:30:00+08:00");
  EXPECT_EQ(FormatTimestamp(*ParseTimestamp("2026-01-05T09:30:00.000001+08:00")), "2026-01-05T09:30:00.000001+08:00");
  EXPECT_EQ(FormatTimestamp(*ParseTimestamp("2026-01-05T09:30:00.5+08:00")), "2026-01-05T09:30:00.500000+08:00");
  EXPECT_EQ(FormatTimestamp(*ParseTimestamp("2026-01-04T20:00:00-05:30")), "2026-01-05T09:30:00+08:00");
  EXPECT_EQ(ParseTimestamp("1970-01-01T00:00:00Z")->value(), 0);
  EXPECT_EQ(ParseTimestamp("2026-01-05T01:30:00Z")->value(), 1'767'576'600'000'000);  // date -u +%s
  SeededValues random(20260203);
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 5'000; ++i) {
    const Timestamp at(random.Between(kFirstTimestamp.value(), kLastTimestamp.value()));
    ASSERT_EQ(*ParseTimestamp(FormatTimestamp(at)), at);
  }
}

TEST(LegalTimeTest, TheRangeIsJudgedByTheInstantNotByTheWrittenDay) {
  EXPECT_EQ(*ParseTimestamp("1969-12-31T16:00:00Z"), kFirstTimestamp);
  EXPECT_EQ(ParseTimestamp("1969-12-31T15:59:59.999999Z").status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(*ParseTimestamp("9999-12-31T15:59:59.999999Z"), kLastTimestamp);
  EXPECT_EQ(ParseTimestamp("9999-12-31T16:00:00Z").status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ParseTimestamp("0000-01-01T00:00:00Z").status().code(), absl::StatusCode::kOutOfRange);
}

TEST(LegalTimeTest, MalformedTimestampsAreRefused) {
  for (std::string_view text : {"",
                                "2026-01-05",
                                "2026-01-05T09:30:00",
                                "2026-01-05 09:30:00Z",
                                "2026-01-05t09:30:00z",
                                "2026-01-05T09:30Z",
                                "2026-01-05T9:30:00Z",
                                "2026-01-05T09:30:00.Z",
                                "2026-01-05T09:30:00.1234567Z",
                                "2026-01-05T09:30:00,5Z",
                                "2026-01-05T09:30:00+0800",
                                "2026-01-05T09:30:00+08",
                                "2026-01-05T09:30:00+08:00 ",
                                "2026-01-05T09:30:00ZZ",
                                "2026-01-05T24:00:00Z",
                                "2026-01-05T23:60:00Z",
                                "2026-01-05T23:59:60Z",
                                "2026-01-05T09:30:00+24:00",
                                "2026-01-05T09:30:00+08:60",
                                "2026-02-30T09:30:00Z",
                                "2026-00-01T09:30:00Z",
                                "2026-01-00T09:30:00Z",
                                "2026-01-05T09:30:00.-5Z",
                                "2026-01-05T09:30:0 Z",
                                "2026-13-01T00:00:00Z"}) {
    const absl::Status status = ParseTimestamp(text, "as_of").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    EXPECT_EQ(GetRefusal(status)->field, "as_of");
  }
}

// ---- Terms ----

TEST(LegalTimeTest, TermsIncludeBothEnds) {
  const Term term{MakeDate(2026, 7, 1), MakeDate(2026, 12, 31)};
  EXPECT_EQ(term.Days(), 184);
  EXPECT_TRUE(term.Contains(MakeDate(2026, 7, 1)));
  EXPECT_TRUE(term.Contains(MakeDate(2026, 12, 31)));
  EXPECT_FALSE(term.Contains(MakeDate(2026, 6, 30)));
  EXPECT_FALSE(term.Contains(MakeDate(2027, 1, 1)));
  EXPECT_TRUE(term.Overlaps(Term{MakeDate(2026, 12, 31), MakeDate(2027, 1, 1)}));
  EXPECT_FALSE(term.Overlaps(Term{MakeDate(2027, 1, 1), MakeDate(2027, 1, 1)}));
  EXPECT_TRUE(term.Contains(term));
  EXPECT_FALSE(term.Contains(Term{MakeDate(2026, 6, 30), MakeDate(2026, 12, 31)}));
  EXPECT_TRUE(ValidateTerm(term).ok());
  EXPECT_EQ(GetRefusal(ValidateTerm(Term{term.last, term.first}, "lease"))->field, "lease");
  EXPECT_EQ(ValidateTerm(Term{term.last, term.first}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ValidateTerm(Term{Date(-1), term.last}).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(ValidateTerm(Term{term.first, Date(kLastDate.value() + 1)}).code(), absl::StatusCode::kOutOfRange);
  Term decoded;
  ASSERT_TRUE(DecodeValue(EncodeValue(term), &decoded).ok());
  EXPECT_TRUE(decoded == term);
}

// numerator and denominator of the years from `first` to `last`.
std::pair<int64_t, int64_t> Years(const char* first, const char* last) {
  const Ratio ratio = TermRatio(*ParseDate(first), *ParseDate(last));
  return {ratio.numerator, ratio.denominator};
}

TEST(LegalTimeTest, WholeAnniversaryYearsCountOneLeapOrNot) {  // DR-40
  using Fraction = std::pair<int64_t, int64_t>;
  EXPECT_EQ(Years("2026-01-01", "2026-12-31"), Fraction(365, 365));
  EXPECT_EQ(Years("2028-01-01", "2028-12-31"), Fraction(365, 365)) << "366 days, one year";
  EXPECT_EQ(Years("2026-07-01", "2026-12-31"), Fraction(184, 365));
  EXPECT_EQ(Years("2026-07-01", "2031-06-30"), Fraction(5 * 365, 365));
  EXPECT_EQ(Years("2026-07-01", "2031-07-01"), Fraction(5 * 365 + 1, 365));
  EXPECT_EQ(Years("2026-07-01", "2031-06-29"), Fraction(4 * 365 + 364, 365)) << "one day short of five years: 2031-07-01 less 2";
  EXPECT_EQ(Years("2026-01-01", "2026-01-01"), Fraction(1, 365));
  EXPECT_EQ(Years("2028-01-01", "2028-12-30"), Fraction(365, 365)) << "365 days of a leap year are 365/365";
}

TEST(LegalTimeTest, ARightFromFebruary29HasItsAnniversariesOnFebruary28) {
  using Fraction = std::pair<int64_t, int64_t>;
  EXPECT_EQ(Years("2024-02-29", "2025-02-27"), Fraction(365, 365));
  EXPECT_EQ(Years("2024-02-29", "2025-02-28"), Fraction(366, 365));
  EXPECT_EQ(Years("2024-02-29", "2028-02-28"), Fraction(4 * 365, 365));
  EXPECT_EQ(Years("2024-02-29", "2028-02-27"), Fraction(3 * 365 + 365, 365)) << "from 2027-02-28 to 2028-02-27: 365 days";
}

TEST(LegalTimeTest, TermRatioReachesTheEndOfTheCalendar) {
  EXPECT_EQ(TermRatio(kFirstDate, kLastDate).numerator, 8030 * 365);
  EXPECT_EQ(TermRatio(kLastDate, kLastDate).numerator, 1);
}

TEST(LegalTimeTest, TermRatioAgreesWithCountingAnniversaries) {
  SeededValues random(20260204);
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 20'000; ++i) {
    const Date first(static_cast<int32_t>(random.Between(0, 40'000)));
    const Date last = first + static_cast<int32_t>(random.Between(0, random.OneIn(2) ? 800 : 8'000));
    // Walk from anniversary to anniversary, as one would with a calendar on the wall.
    const CivilDate start = ToCivil(first);
    const auto anniversary = [&](int32_t years) {
      const int32_t year = start.year + years;
      return MakeDate(year, start.month, start.month == 2 && start.day == 29 && !IsLeapYear(year) ? 28 : start.day);
    };
    int32_t years = 0;
    while (anniversary(years + 1) <= last + 1) ++years;
    const int64_t expected = int64_t{years} * 365 + (last + 1 - anniversary(years));
    ASSERT_EQ(TermRatio(first, last).numerator, expected) << FormatDate(first) << " " << FormatDate(last);
    ASSERT_EQ(TermRatio(first, last).denominator, 365);
  }
}

}  // namespace
}  // namespace songhua
