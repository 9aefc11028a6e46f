// Calendars: which days count in a period of the law (GEN-02 to GEN-05).
//
// A period starts on the day after its event. WORKDAY counts the State Council's working days, make-up weekend days among them; TRADING counts
// Mondays to Fridays that are neither holidays nor announced closures; NATURAL counts every day, and a NATURAL period that would end on a day
// that is no WORKDAY ends on the next one. A period of months or years is NATURAL: it ends on the day of the same number as its event, or on the
// last of the month where that has none (Civil Code, article 202). A period counted back ("60 days before expiry") never moves.
//
// A year whose schedule was not loaded yet counts Monday to Friday. What was counted with such a year is provisional: when the year is loaded it
// is counted again, and until then nothing irreversible may happen by it.
//
// One thread (the state machine); the counting functions are const and pure.
#ifndef SONGHUA_LEDGER_CALENDARS_H_
#define SONGHUA_LEDGER_CALENDARS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/legal_time.h"
#include "ledger/tables.h"
#include "songhua/v1/calendars.pb.h"

namespace songhua::ledger {

struct CalendarYearRow {
  static constexpr RowTable kTable = RowTable::kCalendarYears;
  int32_t year = 0;
  std::vector<Date> holidays;         // ascending; days off by the schedule
  std::vector<Date> makeup_workdays;  // ascending; Saturdays and Sundays that are workdays
  std::vector<Date> market_closures;  // ascending; workdays without a market
  std::string source;
  uint32_t revision = 1;

  int32_t Key() const { return year; }
  template <class Archive>
  void Fields(Archive& a) {
    a(year, holidays, makeup_workdays, market_closures, source, revision);
  }
};
v1::CalendarYear ToProto(const CalendarYearRow& row);

// Told of a year that was loaded, in the same command. It cannot fail.
class CalendarListener {
 public:
  virtual ~CalendarListener() = default;
  // Returns how many deadlines moved.
  virtual uint32_t OnCalendarYear(CommandContext& context, int32_t year) = 0;
};

// How long a period is: days of one calendar, or months, or years. At most one of the three is not 0.
struct PeriodLength {
  int32_t days = 0;
  v1::DayCount count = v1::NATURAL;  // of months and years NATURAL
  int32_t months = 0;
  int32_t years = 0;

  bool in_days() const { return months == 0 && years == 0; }
  friend bool operator==(const PeriodLength&, const PeriodLength&) = default;
  template <class Archive>
  void Fields(Archive& a) {
    a(days, count, months, years);
  }
};
// INVALID_ARGUMENT naming `field`.days, .months, .years or .day_count for what is no length.
absl::Status CheckPeriodLength(const PeriodLength& length, const std::string& field);

// Where a period ends.
struct DueDay {
  Date due;
  bool provisional = false;  // a year that it runs through is not published

  friend bool operator==(const DueDay&, const DueDay&) = default;
};

class Calendars {
 public:
  static constexpr int32_t kPeriodDaysMax = 10'000;
  static constexpr int32_t kPeriodMonthsMax = 120;
  static constexpr int32_t kPeriodYearsMax = 50;
  static constexpr int32_t kLastEventYear = 9'900;  // of events from which a period is counted, so that it ends before time does
  static constexpr size_t kSourceBytesMax = 200;

  explicit Calendars(TableSet* tables);
  ~Calendars();

  // Checks, in this order: form; every day lies in the year and stands in one list once; make-up workdays are Saturdays or Sundays; closures are
  // workdays; the year is new or different (ALREADY_EXISTS). `listener` may be null.
  absl::StatusOr<v1::CalendarYearAnswer> LoadCalendarYear(CommandContext& context, const v1::LoadCalendarYearRequest& request,
                                                          CalendarListener* listener);

  bool IsPublished(int32_t year) const { return rows_.Find(year) != nullptr; }
  const CalendarYearRow* Find(int32_t year) const { return rows_.Find(year); }
  bool IsHoliday(Date date) const;
  bool IsWorkday(Date date) const;
  bool IsTradingDay(Date date) const;
  // The day itself, or the next WORKDAY after it.
  DueDay NextWorkday(Date date) const;

  // The last day of a period of `days` that starts on the day after `trigger`. A period of 0 days ends on the day of its event. REQUIRES: 0 <= days
  // <= kPeriodDaysMax.
  DueDay Count(Date trigger, int32_t days, v1::DayCount count) const;
  // The same of any length, with `paused` more days of its calendar (GEN-05). REQUIRES: CheckPeriodLength; the event lies in kLastEventYear or
  // before.
  DueDay Count(Date trigger, const PeriodLength& length, int32_t paused) const;
  // The last day of months or years from `trigger`, before it moves on to a WORKDAY. REQUIRES: as above; not in days.
  static Date LastDayOfMonths(Date trigger, const PeriodLength& length);
  // The last timely day of a period counted back from `anchor`. Never moves (GEN-04). REQUIRES: the day exists.
  Date CountBack(Date anchor, const PeriodLength& length) const;
  // Days after `from` up to and including `to` that count; 0 where to <= from.
  int32_t CountBetween(Date from, Date to, v1::DayCount count) const;

 private:
  bool Counts(Date date, v1::DayCount count) const;

  Table<CalendarYearRow> rows_;
};

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_CALENDARS_H_
