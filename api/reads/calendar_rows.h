// The published calendars in memory, for reads that count days. They are few: a row a year. One thread.
#ifndef SONGHUA_API_READS_CALENDAR_ROWS_H_
#define SONGHUA_API_READS_CALENDAR_ROWS_H_

#include <cstdint>

#include "absl/status/status.h"
#include "api/reads/read_context.h"
#include "ledger/calendars.h"
#include "ledger/tables.h"

namespace songhua::api {

class CalendarRows {
 public:
  // Once, one of the two.
  // Every year. REQUIRES: a snapshot.
  absl::Status LoadAll(ReadContext& context);
  // The years from `first` to `last`; needs no snapshot.
  absl::Status LoadYears(ReadContext& context, int32_t first, int32_t last);

  const ledger::Calendars& get() const { return calendars_; }

 private:
  absl::Status Add(const ledger::CalendarYearRow& row);

  TableSet tables_;
  ledger::Calendars calendars_{&tables_};
};

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_CALENDAR_ROWS_H_
