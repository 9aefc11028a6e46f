// Business hours: the clock of a registry that runs from its opening to its closing on the days of a calendar, and stands still in between.
//
//   BusinessHours hours{10 * 60, 16 * 60, v1::WORKDAY};
//   ClockStart(calendars, hours, saturday_noon);                   // Monday 10:00
//   AfterWorkingDays(calendars, hours, saturday_noon, 4);          // Friday 10:00
//
// Pure functions of their arguments; times are Shanghai times.
#ifndef SONGHUA_LEDGER_BUSINESS_HOURS_H_
#define SONGHUA_LEDGER_BUSINESS_HOURS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ledger/calendars.h"
#include "ledger/legal_time.h"

namespace songhua::ledger {

// Open from `open_minute` of the day on, until before `close_minute`.
struct BusinessHours {
  int32_t open_minute = 0;
  int32_t close_minute = 24 * 60;
  v1::DayCount count = v1::WORKDAY;

  template <class Archive>
  void Fields(Archive& a) {
    a(open_minute, close_minute, count);
  }
};

bool IsBusinessDay(const Calendars& calendars, v1::DayCount count, Date date);
// The n-th day that counts after `date`. REQUIRES: 0 <= n <= Calendars::kPeriodDaysMax; for 0 the day itself.
Date BusinessDayAfter(const Calendars& calendars, v1::DayCount count, Date date, int32_t n);
// The instant itself where it lies in business hours, otherwise the next opening.
Timestamp ClockStart(const Calendars& calendars, const BusinessHours& hours, Timestamp at);
// Where a delay of `days` ends that starts at ClockStart(at): at the same time of the day, so many days later.
Timestamp AfterWorkingDays(const Calendars& calendars, const BusinessHours& hours, Timestamp at, int32_t days);
// When a transfer is executed that was ready at `at`: after `delay_days`, at the minute `cutoff` of the day, one day later where the clock had passed the
// cut-off when it was ready; without delay when business hours next are.
Timestamp ExecutionTime(const Calendars& calendars, const BusinessHours& hours, Timestamp at, int32_t delay_days, int32_t cutoff_minute);

// "10:00" in minutes, 0 to 1440. INVALID_ARGUMENT.
absl::StatusOr<int32_t> ParseMinute(std::string_view field, std::string_view text);
std::string FormatMinute(int32_t minute);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_BUSINESS_HOURS_H_
