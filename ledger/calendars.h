// Calendars: which days count in a period of the law (GEN-02 to GEN-05).
//
// A period starts on the day after its event. WORKDAY counts the State Council's working days, make-up weekend days among them; TRADING counts
// Mondays to Fridays that are neither holidays nor announced closures; NATURAL counts every day, and a NATURAL period that would end on a day
// that is no WORKDAY ends on the next one. A period counted back ("60 days before expiry") never moves.
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

// Where a period ends.
struct DueDay {
  Date due;
  bool provisional = false;  // a year that it runs through is not published

  friend bool operator==(const DueDay&, const DueDay&) = default;
};

class Calendars {
 public:
  static constexpr int32_t kPeriodDaysMax = 10'000;
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
  // The last timely day of a period counted back from `anchor`. Never moves (GEN-04).
  Date CountBack(Date anchor, int32_t days) const { return anchor - days; }
  // Days after `from` up to and including `to` that count; 0 where to <= from.
  int32_t CountBetween(Date from, Date to, v1::DayCount count) const;

 private:
  bool Counts(Date date, v1::DayCount count) const;

  Table<CalendarYearRow> rows_;
};

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_CALENDARS_H_
