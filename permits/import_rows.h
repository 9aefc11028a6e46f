// The rows of an import: what a row of the file says, checked as far as it can be checked without the other rows, and the totals that they come to.
//
// Pure functions of a row and of what is registered. Every refusal names field, value, rule and what would be accepted.
#ifndef SONGHUA_PERMITS_IMPORT_ROWS_H_
#define SONGHUA_PERMITS_IMPORT_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/participants.h"
#include "permits/permits.h"
#include "permits/regimes.h"
#include "songhua/v1/imports.pb.h"

namespace songhua::permits {

// What permits come to.
struct ImportTotals {
  int64_t permits = 0;
  int64_t outlets = 0;
  std::vector<SiteTotalRow> pollutants;  // by code

  // Zero of each of these pollutants and years.
  ImportTotals NothingYet() const;
  // Adds one permit. CONTROL_TOTALS_DIFFER, and nothing added, where it has a pollutant or year that is not among these.
  absl::Status Add(const PermitRow& permit);
  template <class Archive>
  void Fields(Archive& a) {
    a(permits, outlets, pollutants);
  }
};
// INVALID_ARGUMENT names the entry: a pollutant or year twice, a number below zero, more than is possible.
absl::StatusOr<ImportTotals> ParseTotals(const v1::ControlTotals& totals);
v1::ControlTotals ToProto(const ImportTotals& totals);
// OK, or CONTROL_TOTALS_DIFFER with the first difference. REQUIRES: `staged` began as declared.NothingYet().
absl::Status CompareTotals(const ImportTotals& declared, const ImportTotals& staged);

struct ImportedPermit {
  PermitRow row;
  PermitContent content;
};
// Checks, in this order: that the sender could read the row; number (PERMIT-10, PERMIT-11, P); site: its name, registered, inside `region` (PERMIT-04), and
// the number's, or an H9 substitute, or another sequence of the same enterprise that is no site of its own (PERMIT-12); tier (PERMIT-01); term: not over, not
// longer than the regime allows; issue date; version; content, as of a permit that is issued here.
absl::StatusOr<ImportedPermit> ParseImportPermit(const v1::ImportPermit& row, Region region, Date today, const ledger::Participants& participants,
                                                 const Regimes& regimes);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_IMPORT_ROWS_H_
