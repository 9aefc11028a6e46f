// Legal time: instants in UTC microseconds, days by the law's calendar (GEN-01).
//
// All legal dates are Asia/Shanghai dates, at a fixed UTC+8 without daylight saving, so no time zone database is read. The days 1970-01-01
// to 9999-12-31 (local) exist; what lies outside is an error, never a wrap. A day ends at 24:00, which is the start of the next.
//
//   SONGHUA_ASSIGN_OR_RETURN(Date first, ParseDate("2026-07-01", "valid_from"));
//   SONGHUA_ASSIGN_OR_RETURN(Date next, AddYears(first, 5));
//   Term term{first, next - 1};                     // 2026-07-01 to 2031-06-30, both included
//   Ratio years = TermRatio(term.first, term.last);  // 5
//
// Everything here is a pure function or a plain value; nothing reads a clock.
#ifndef SONGHUA_LEDGER_LEGAL_TIME_H_
#define SONGHUA_LEDGER_LEGAL_TIME_H_

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"

namespace songhua {

inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kMicrosPerDay = 86'400 * kMicrosPerSecond;
inline constexpr int64_t kUtcOffsetMicros = 8 * 3600 * kMicrosPerSecond;

// An instant: microseconds since 1970-01-01T00:00:00Z.
class Timestamp {
 public:
  constexpr Timestamp() = default;
  explicit constexpr Timestamp(int64_t utc_micros) : value_(utc_micros) {}
  constexpr int64_t value() const { return value_; }
  friend constexpr auto operator<=>(Timestamp, Timestamp) = default;

 private:
  int64_t value_ = 0;
};

// A local day: days since 1970-01-01.
class Date {
 public:
  constexpr Date() = default;
  explicit constexpr Date(int32_t days) : value_(days) {}
  constexpr int32_t value() const { return value_; }
  friend constexpr auto operator<=>(Date, Date) = default;

 private:
  int32_t value_ = 0;
};

inline constexpr Date kFirstDate(0);                                                                       // 1970-01-01
inline constexpr Date kLastDate(2932896);                                                                  // 9999-12-31
inline constexpr Timestamp kFirstTimestamp(-kUtcOffsetMicros);                                             // the start of kFirstDate
inline constexpr Timestamp kLastTimestamp((int64_t{2932896} + 1) * kMicrosPerDay - kUtcOffsetMicros - 1);  // the end of kLastDate

constexpr bool IsValid(Date date) { return kFirstDate <= date && date <= kLastDate; }
constexpr bool IsValid(Timestamp at) { return kFirstTimestamp <= at && at <= kLastTimestamp; }

// All functions below REQUIRE valid dates and timestamps unless they return a status.

// The local date of an instant, and the microseconds since its local midnight.
Date LocalDate(Timestamp at);
int64_t MicrosOfDay(Timestamp at);
// 00:00 of the day, which is 24:00 of the day before.
Timestamp StartOfDay(Date date);
// The first instant after the day: 24:00. For kLastDate this is one past kLastTimestamp.
Timestamp EndOfDay(Date date);

struct CivilDate {
  int32_t year = 1970;
  int32_t month = 1;  // 1..12
  int32_t day = 1;    // 1..31
  friend constexpr auto operator<=>(const CivilDate&, const CivilDate&) = default;
};
CivilDate ToCivil(Date date);
int32_t Year(Date date);
int32_t Month(Date date);
int32_t Day(Date date);
// 1 Monday .. 7 Sunday.
int DayOfWeek(Date date);
// INVALID_ARGUMENT for a day that no calendar has, OUT_OF_RANGE outside the years 1970 to 9999.
absl::StatusOr<Date> FromCivil(int64_t year, int64_t month, int64_t day, std::string_view field = "date");
// The day of literals in code and tables. REQUIRES: it exists.
Date MakeDate(int32_t year, int32_t month, int32_t day);
// REQUIRES: 1970 <= year <= 9999 (FirstDayOf, LastDayOf).
Date FirstDayOf(int32_t year);
Date LastDayOf(int32_t year);

constexpr bool IsLeapYear(int32_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
constexpr int32_t DaysInYear(int32_t year) { return IsLeapYear(year) ? 366 : 365; }
// REQUIRES: 1 <= month <= 12.
int32_t DaysInMonth(int32_t year, int32_t month);

// Arithmetic for what a caller can cause: OUT_OF_RANGE when the day does not exist. A day that the target month lacks becomes that month's
// last: February 29 plus a year is February 28, January 31 plus a month is the end of February.
absl::StatusOr<Date> AddDays(Date date, int64_t days);
absl::StatusOr<Date> AddMonths(Date date, int64_t months);
absl::StatusOr<Date> AddYears(Date date, int64_t years);
absl::StatusOr<Timestamp> AddMicros(Timestamp at, int64_t micros);
// Arithmetic for state that the code has bounded. REQUIRES: the day exists.
Date operator+(Date date, int32_t days);
Date operator-(Date date, int32_t days);
// Days from b to a: negative when a is earlier.
constexpr int32_t operator-(Date a, Date b) { return a.value() - b.value(); }

// "2026-01-05".
std::string FormatDate(Date date);
absl::StatusOr<Date> ParseDate(std::string_view text, std::string_view field = "date");
// RFC 3339 in local time, "2026-01-05T09:30:00+08:00"; six decimals of seconds where there are any: "...:00.000001+08:00".
std::string FormatTimestamp(Timestamp at);
// RFC 3339 with any offset or Z and up to six decimals. Leap seconds (:60) are refused: UTC microseconds cannot tell them apart.
absl::StatusOr<Timestamp> ParseTimestamp(std::string_view text, std::string_view field = "time");

// A run of days, both ends included.
struct Term {
  Date first;
  Date last;

  bool Contains(Date date) const { return first <= date && date <= last; }
  bool Contains(const Term& other) const { return first <= other.first && other.last <= last; }
  bool Overlaps(const Term& other) const { return first <= other.last && other.first <= last; }
  // The number of days. REQUIRES: first <= last.
  int32_t Days() const { return last - first + 1; }

  friend constexpr auto operator<=>(const Term&, const Term&) = default;
  template <class Archive>
  void Fields(Archive& a) {
    a(first, last);
  }
};
// INVALID_ARGUMENT unless both ends are valid dates in order.
absl::Status ValidateTerm(const Term& term, std::string_view field = "term");

// The years of a PER_T_YEAR price (DR-40): whole anniversary years from the first day count 1 each, leap or not; the days that remain count
// 1/365 each. A right that starts on February 29 has its anniversaries on February 28 in common years. The denominator is 365. REQUIRES:
// first <= last.
Ratio TermRatio(Date first, Date last);

}  // namespace songhua

#endif  // SONGHUA_LEDGER_LEGAL_TIME_H_
