#include "ledger/legal_time.h"

#include <algorithm>
#include <chrono>

#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua {
namespace {

constexpr int32_t kFirstYear = 1970;
constexpr int32_t kLastYear = 9999;
constexpr char kYears[] = "a day from 1970-01-01 to 9999-12-31";
constexpr size_t kTimeShownMax = 40;  // of a refused text: the error must not grow with the request

// std::chrono's calendar is pure arithmetic: it reads no clock and no time zone.
std::chrono::year_month_day Calendar(int32_t days) { return std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(days))); }

int32_t DaysSinceEpoch(int32_t year, int32_t month, int32_t day) {
  const std::chrono::year_month_day civil(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                          std::chrono::day(static_cast<unsigned>(day)));
  return static_cast<int32_t>(std::chrono::sys_days(civil).time_since_epoch().count());
}

// The same day `months` later, or the last day of that month. The caller has bounded the year.
Date MonthsLater(const CivilDate& from, int64_t months) {
  const int64_t month_index = int64_t{from.year} * 12 + (from.month - 1) + months;
  const int32_t year = static_cast<int32_t>(month_index / 12);
  const int32_t month = static_cast<int32_t>(month_index % 12) + 1;
  return Date(DaysSinceEpoch(year, month, std::min(from.day, DaysInMonth(year, month))));
}

// Reads fixed-width text from the front; once something does not match, ok() stays false.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  int32_t Digits(int count) {
    int32_t value = 0;
    for (int i = 0; i < count; ++i) value = value * 10 + OneDigit();
    return value;
  }
  void Literal(char c) { ok_ = Accept(c) && ok_; }
  bool Accept(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  // One to six decimals of a second, as microseconds.
  int64_t Fraction() {
    int64_t micros = 0;
    int digits = 0;
    for (; digits < 6 && AtDigit(); ++digits) micros = micros * 10 + OneDigit();
    ok_ = ok_ && digits > 0;
    for (; digits < 6; ++digits) micros *= 10;
    return micros;
  }
  bool AtDigit() const { return !text_.empty() && text_.front() >= '0' && text_.front() <= '9'; }
  bool ok() const { return ok_; }
  bool done() const { return ok_ && text_.empty(); }

 private:
  int32_t OneDigit() {
    if (!AtDigit()) {
      ok_ = false;
      return 0;
    }
    const int32_t digit = text_.front() - '0';
    text_.remove_prefix(1);
    return digit;
  }

  std::string_view text_;
  bool ok_ = true;
};

std::string Padded(int64_t value, size_t width) {
  std::string digits = std::to_string(value);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

CivilDate ScanDate(Scanner& scanner) {
  CivilDate civil;
  civil.year = scanner.Digits(4);
  scanner.Literal('-');
  civil.month = scanner.Digits(2);
  scanner.Literal('-');
  civil.day = scanner.Digits(2);
  return civil;
}

// Offset from UTC in microseconds: Z, +hh:mm or -hh:mm.
int64_t ScanOffset(Scanner& scanner, bool* in_range) {
  if (scanner.Accept('Z')) return 0;
  const bool west = scanner.Accept('-');
  if (!west) scanner.Literal('+');
  const int64_t hours = scanner.Digits(2);
  scanner.Literal(':');
  const int64_t minutes = scanner.Digits(2);
  *in_range = hours <= 23 && minutes <= 59;
  const int64_t micros = (hours * 60 + minutes) * 60 * kMicrosPerSecond;
  return west ? -micros : micros;
}

}  // namespace

Date LocalDate(Timestamp at) {
  SONGHUA_CHECK(IsValid(at));
  return Date(static_cast<int32_t>((at.value() + kUtcOffsetMicros) / kMicrosPerDay));
}

int64_t MicrosOfDay(Timestamp at) {
  SONGHUA_CHECK(IsValid(at));
  return (at.value() + kUtcOffsetMicros) % kMicrosPerDay;
}

Timestamp StartOfDay(Date date) {
  SONGHUA_CHECK(IsValid(date));
  return Timestamp(date.value() * kMicrosPerDay - kUtcOffsetMicros);
}

Timestamp EndOfDay(Date date) { return Timestamp(StartOfDay(date).value() + kMicrosPerDay); }

CivilDate ToCivil(Date date) {
  SONGHUA_CHECK(IsValid(date));
  const std::chrono::year_month_day civil = Calendar(date.value());
  return CivilDate{static_cast<int32_t>(civil.year()), static_cast<int32_t>(static_cast<unsigned>(civil.month())),
                   static_cast<int32_t>(static_cast<unsigned>(civil.day()))};
}

int32_t Year(Date date) { return ToCivil(date).year; }
int32_t Month(Date date) { return ToCivil(date).month; }
int32_t Day(Date date) { return ToCivil(date).day; }

int DayOfWeek(Date date) {
  SONGHUA_CHECK(IsValid(date));
  return (date.value() + 3) % 7 + 1;  // 1970-01-01 was a Thursday
}

absl::StatusOr<Date> FromCivil(int64_t year, int64_t month, int64_t day, std::string_view field) {
  const auto shown = [&] { return std::to_string(year) + "-" + std::to_string(month) + "-" + std::to_string(day); };
  if (year < kFirstYear || year > kLastYear) return OutOfRange(field, shown(), kYears).Rule("GEN-01");
  if (month < 1 || month > 12) return InvalidField(field, shown(), "a month from 1 to 12");
  const int32_t last = DaysInMonth(static_cast<int32_t>(year), static_cast<int32_t>(month));
  if (day < 1 || day > last) return InvalidField(field, shown(), "a day from 1 to " + std::to_string(last) + " in that month");
  return Date(DaysSinceEpoch(static_cast<int32_t>(year), static_cast<int32_t>(month), static_cast<int32_t>(day)));
}

Date MakeDate(int32_t year, int32_t month, int32_t day) {
  const absl::StatusOr<Date> date = FromCivil(year, month, day);
  SONGHUA_CHECK(date.ok());
  return *date;
}

Date FirstDayOf(int32_t year) { return MakeDate(year, 1, 1); }
Date LastDayOf(int32_t year) { return MakeDate(year, 12, 31); }

int32_t DaysInMonth(int32_t year, int32_t month) {
  SONGHUA_CHECK(month >= 1 && month <= 12);
  constexpr int32_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month == 2 && IsLeapYear(year) ? 29 : kDays[month - 1];
}

absl::StatusOr<Date> AddDays(Date date, int64_t days) {
  SONGHUA_CHECK(IsValid(date));
  int64_t sum = 0;
  if (__builtin_add_overflow(int64_t{date.value()}, days, &sum) || sum < kFirstDate.value() || sum > kLastDate.value()) {
    return OutOfRange("", FormatDate(date) + " plus " + std::to_string(days) + " days", kYears).Rule("GEN-01");
  }
  return Date(static_cast<int32_t>(sum));
}

absl::StatusOr<Date> AddMonths(Date date, int64_t months) {
  const CivilDate civil = ToCivil(date);
  const int64_t from_first = int64_t{civil.year - kFirstYear} * 12 + (civil.month - 1);
  constexpr int64_t kMonths = int64_t{kLastYear - kFirstYear + 1} * 12;
  if (months < -from_first || months >= kMonths - from_first) {
    return OutOfRange("", FormatDate(date) + " plus " + std::to_string(months) + " months", kYears).Rule("GEN-01");
  }
  return MonthsLater(civil, months);
}

absl::StatusOr<Date> AddYears(Date date, int64_t years) {
  const CivilDate civil = ToCivil(date);
  if (years < kFirstYear - civil.year || years > kLastYear - civil.year) {
    return OutOfRange("", FormatDate(date) + " plus " + std::to_string(years) + " years", kYears).Rule("GEN-01");
  }
  return MonthsLater(civil, years * 12);
}

absl::StatusOr<Timestamp> AddMicros(Timestamp at, int64_t micros) {
  SONGHUA_CHECK(IsValid(at));
  int64_t sum = 0;
  if (__builtin_add_overflow(at.value(), micros, &sum) || !IsValid(Timestamp(sum))) {
    return OutOfRange("", FormatTimestamp(at) + " plus " + std::to_string(micros) + " microseconds", kYears).Rule("GEN-01");
  }
  return Timestamp(sum);
}

Date operator+(Date date, int32_t days) {
  const absl::StatusOr<Date> sum = AddDays(date, days);
  SONGHUA_CHECK(sum.ok());
  return *sum;
}

Date operator-(Date date, int32_t days) {
  const absl::StatusOr<Date> difference = AddDays(date, -int64_t{days});
  SONGHUA_CHECK(difference.ok());
  return *difference;
}

std::string FormatDate(Date date) {
  const CivilDate civil = ToCivil(date);
  return Padded(civil.year, 4) + "-" + Padded(civil.month, 2) + "-" + Padded(civil.day, 2);
}

absl::StatusOr<Date> ParseDate(std::string_view text, std::string_view field) {
  Scanner scanner(text);
  const CivilDate civil = ScanDate(scanner);
  if (!scanner.done()) return InvalidField(field, text.substr(0, kTimeShownMax), "a date such as 2026-01-05");
  return FromCivil(civil.year, civil.month, civil.day, field);
}

std::string FormatTimestamp(Timestamp at) {
  const int64_t micros = MicrosOfDay(at);
  const int64_t seconds = micros / kMicrosPerSecond;
  const int64_t fraction = micros % kMicrosPerSecond;
  std::string text =
      FormatDate(LocalDate(at)) + "T" + Padded(seconds / 3600, 2) + ":" + Padded(seconds / 60 % 60, 2) + ":" + Padded(seconds % 60, 2);
  if (fraction != 0) text += "." + Padded(fraction, 6);
  return text + "+08:00";
}

absl::StatusOr<Timestamp> ParseTimestamp(std::string_view text, std::string_view field) {
  Scanner scanner(text);
  const CivilDate civil = ScanDate(scanner);
  scanner.Literal('T');
  const int64_t hour = scanner.Digits(2);
  scanner.Literal(':');
  const int64_t minute = scanner.Digits(2);
  scanner.Literal(':');
  const int64_t second = scanner.Digits(2);
  const int64_t fraction = scanner.Accept('.') ? scanner.Fraction() : 0;
  bool offset_in_range = true;
  const int64_t offset = ScanOffset(scanner, &offset_in_range);
  const std::string_view shown = text.substr(0, kTimeShownMax);
  if (!scanner.done()) {
    return InvalidField(field, shown, "RFC 3339 with at most six decimals of a second, such as 2026-01-05T09:30:00+08:00");
  }
  if (hour > 23 || minute > 59 || second > 59 || !offset_in_range) {
    return InvalidField(field, shown, "hours to 23, minutes and seconds to 59, in the time and in its offset");
  }
  // The written date may lie a day outside the years that exist while the instant does not, so the day is judged here and the range below.
  if (civil.month < 1 || civil.month > 12 || civil.day < 1 || civil.day > DaysInMonth(civil.year, civil.month)) {
    return InvalidField(field, shown, "a day that the calendar has");
  }
  const int64_t midnight = DaysSinceEpoch(civil.year, civil.month, civil.day) * kMicrosPerDay;
  const Timestamp at(midnight + ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond + fraction - offset);
  if (!IsValid(at)) return OutOfRange(field, shown, kYears).Rule("GEN-01");
  return at;
}

absl::Status ValidateTerm(const Term& term, std::string_view field) {
  if (!IsValid(term.first) || !IsValid(term.last)) {
    return OutOfRange(field, std::to_string(term.first.value()) + " to " + std::to_string(term.last.value()),
                      "days from 1970-01-01 to 9999-12-31")
        .Rule("GEN-01");
  }
  if (term.first > term.last) {
    return InvalidField(field, FormatDate(term.first) + " to " + FormatDate(term.last), "a last day that is not before the first");
  }
  return absl::OkStatus();
}

Ratio TermRatio(Date first, Date last) {
  SONGHUA_CHECK(IsValid(first) && IsValid(last) && first <= last);
  const CivilDate start = ToCivil(first);
  const int32_t end = last.value() + 1;  // the first day after the term; may be 10000-01-01
  // The last anniversary that is not after the end is in the year of `last` or in the one before, or is the end itself.
  int64_t years = Year(last) + 1 - start.year;
  while (MonthsLater(start, years * 12).value() > end) --years;
  const int64_t days = end - MonthsLater(start, years * 12).value();
  return Ratio{years * 365 + days, 365};
}

}  // namespace songhua
