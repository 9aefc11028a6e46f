// The rows of day one (day_one.h): what a row of the file says, and all that is wrong with it.
//
// Pure functions of a row and of what is registered. Every error names field, value, rule and what would be accepted.
#ifndef SONGHUA_LEDGER_DAY_ONE_ROWS_H_
#define SONGHUA_LEDGER_DAY_ONE_ROWS_H_

#include <string>

#include "ledger/day_one.h"
#include "ledger/ledger.h"
#include "ledger/legal_time.h"
#include "ledger/participants.h"
#include "ledger/programs.h"
#include "songhua/v1/day_one.pb.h"

namespace songhua::ledger {

// What the row says, as of `today`; or, where anything is wrong with it, the first DayOne::kErrorsMax of its mistakes and nothing else. Import and row number
// are left to the caller.
//
// Checks: what the sender could not read (ROW_UNREADABLE); the account, which says what the row is: a balance, a right or a lot of a reserve. Where there is
// no such account its name says it, so that the rest is checked all the same. A balance: its amount (GEN-06), and nothing of a right (INV-04). The others: no
// amount (INV-04); pollutant (DR-02); zone (DR-04), group (DR-25) and basin (DR-21), which a site's right takes from its site; quantity (GEN-06); term (DR-03,
// DR-06, DR-10); source (DR-03) and cost (DR-08), neither in a reserve (DR-60).
//
// A mistake is told once: what follows from it, and a field that the sender could not read, is not checked.
DayOneStagedRow ReadDayOneRow(const v1::DayOneRow& row, const ProgramRow& program, Date today, const Ledger& ledger, const Participants& participants);

// At most DayOne::kShownBytesMax of a text that was given, cut between characters.
std::string ShownOnDayOne(const std::string& text);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_DAY_ONE_ROWS_H_
