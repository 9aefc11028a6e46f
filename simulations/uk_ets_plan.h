// From the published tables to what has to be entered: whose account is whose, what is allocated and what must have been bought, and when
// units were surrendered. Pure functions over records; the ledger and the service are not asked.
//
// Accounts. Each row of the compliance report is an account. An allocated installation shares the account of the same permit or, where
// permits were renumbered, of the same installation id; the others get accounts of their own. British operators have no USCC: each
// account's participant gets one that is valid by its check digit and made from the operator's id, and keeps its name as display name.
//
// Surrenders. The report gives units surrendered in all, not when. They are dated so that the statuses of earlier years come out where that
// is possible: as a rule each year's emissions are covered by that year's deadline; a published B says that part of it came later; what is
// left goes into the last year. So a status of an earlier year is a test of the file only where no dating could give another one; see
// StatusIsForced.
//
// Purchases. What an account surrendered beyond its allocation so far was bought at auction: units of the obligation's year, issued to its
// account.
#ifndef SONGHUA_SIMULATIONS_UK_ETS_PLAN_H_
#define SONGHUA_SIMULATIONS_UK_ETS_PLAN_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "simulations/uk_ets_records.h"

namespace songhua::simulations {

struct PlannedSurrender {
  int32_t obligation_year = 0;
  int32_t vintage = 0;
  int64_t quantity = 0;
  friend bool operator==(const PlannedSurrender&, const PlannedSurrender&) = default;
};

struct PlannedAccount {
  std::string uscc;
  std::string display_name;
  const ComplianceAccount* compliance = nullptr;      // null: an installation that the report does not list
  const AllocatedInstallation* allocation = nullptr;  // null: nothing is allocated
  std::map<int32_t, int64_t> purchases;               // by vintage
  std::vector<PlannedSurrender> surrenders;           // oldest obligation first
};

struct UkEtsPlan {
  std::vector<PlannedAccount> accounts;
  int32_t first_year = 0, last_year = 0;  // vintages and obligations
  int64_t joined_by_permit = 0, joined_by_installation = 0;
};

// REQUIRES: both outlive the plan.
UkEtsPlan MakeUkEtsPlan(const ComplianceReport& report, const AllocationTable& allocation);

// What an installation gets in a year: the standard allocation and the new entrants'; the total where the table has no parts.
int64_t Granted(const YearAllocation& year);

// Units that an account had surrendered by each year's deadline, dated as explained above; the last year's is what it surrendered in all.
std::map<int32_t, int64_t> DateSurrenders(const ComplianceReport& report, const ComplianceAccount& account);

// Whether the figures in the file leave no other status of a year than the one that follows from them. Always so for the last year, whose
// deadline the totals were published for. For an earlier year a total does not say whether units came in time, nor whether a figure was
// there in time (a C), nor whether an exclusion was decided later; but emissions above all units ever surrendered are a B, none at all are
// an A, years before the first are NOT_APPLICABLE, and a figure that is missing still was missing then.
bool StatusIsForced(const ComplianceReport& report, const ComplianceAccount& account, int32_t year);

// A USCC that is valid by its check digit, the same for the same id.
std::string UsccFor(std::string_view id);
// The text as a display name: no control characters, no blanks at its ends, at most 200 bytes.
std::string DisplayName(std::string_view text);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_UK_ETS_PLAN_H_
