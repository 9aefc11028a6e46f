#include "ledger/business_hours.h"

#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

constexpr int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
constexpr int32_t kMinutesPerDay = 24 * 60;
// No calendar that a year's schedule can make has a longer gap; beyond it every day counts, so that the loops end.
constexpr int32_t kGapDaysMax = 400;

Timestamp AtMinute(Date date, int32_t minute) { return Timestamp(StartOfDay(date).value() + minute * kMicrosPerMinute); }

Date NextBusinessDay(const Calendars& calendars, v1::DayCount count, Date date) {
  for (int32_t gap = 1; gap < kGapDaysMax; ++gap) {
    if (IsBusinessDay(calendars, count, date + gap)) return date + gap;
  }
  return date + kGapDaysMax;
}

}  // namespace

bool IsBusinessDay(const Calendars& calendars, v1::DayCount count, Date date) {
  if (count == v1::WORKDAY) return calendars.IsWorkday(date);
  return count != v1::TRADING_DAY || calendars.IsTradingDay(date);
}

Date BusinessDayAfter(const Calendars& calendars, v1::DayCount count, Date date, int32_t n) {
  SONGHUA_CHECK(n >= 0 && n <= Calendars::kPeriodDaysMax);
  for (; n > 0; --n) date = NextBusinessDay(calendars, count, date);
  return date;
}

Timestamp ClockStart(const Calendars& calendars, const BusinessHours& hours, Timestamp at) {
  const Date day = LocalDate(at);
  if (IsBusinessDay(calendars, hours.count, day)) {
    if (at < AtMinute(day, hours.open_minute)) return AtMinute(day, hours.open_minute);
    if (at < AtMinute(day, hours.close_minute)) return at;
  }
  return AtMinute(NextBusinessDay(calendars, hours.count, day), hours.open_minute);
}

Timestamp AfterWorkingDays(const Calendars& calendars, const BusinessHours& hours, Timestamp at, int32_t days) {
  const Timestamp start = ClockStart(calendars, hours, at);
  const Date last = BusinessDayAfter(calendars, hours.count, LocalDate(start), days);
  return Timestamp(StartOfDay(last).value() + MicrosOfDay(start));
}

Timestamp ExecutionTime(const Calendars& calendars, const BusinessHours& hours, Timestamp at, int32_t delay_days, int32_t cutoff_minute) {
  const Timestamp start = ClockStart(calendars, hours, at);
  if (delay_days == 0) return start;
  const bool late = MicrosOfDay(start) >= cutoff_minute * kMicrosPerMinute;
  return AtMinute(BusinessDayAfter(calendars, hours.count, LocalDate(start), delay_days + (late ? 1 : 0)), cutoff_minute);
}

absl::StatusOr<int32_t> ParseMinute(std::string_view field, std::string_view text) {
  const auto digit = [&](size_t i) { return text[i] >= '0' && text[i] <= '9'; };
  if (text.size() == 5 && text[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
    const int32_t hour = (text[0] - '0') * 10 + (text[1] - '0'), minute = (text[3] - '0') * 10 + (text[4] - '0');
    if (minute < 60 && hour * 60 + minute <= kMinutesPerDay) return hour * 60 + minute;
  }
  return InvalidField(field, text.substr(0, 40), "a time of the day, 00:00 to 24:00");
}

std::string FormatMinute(int32_t minute) {
  const auto two = [](int32_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return two(minute / 60) + ":" + two(minute % 60);
}

}  // namespace songhua::ledger
