// The file of `songhua import rights`, whole: lines of JSON with the field names of DayOneRow, or a table of comma separated values (*.csv) with a row for each
// right, lot of a reserve or balance. A table's columns are known by their names, in English or Chinese (RightsColumnsHelp).
#ifndef SONGHUA_API_CLI_RIGHTS_FILE_H_
#define SONGHUA_API_CLI_RIGHTS_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "songhua/v1/day_one.pb.h"

namespace songhua::api::cli {

struct RightsFileRow {
  uint32_t line = 0;  // on which it begins, from 1
  v1::DayOneRow row;  // what cannot be read of it stands in `unreadable`
};

// INVALID_ARGUMENT where the file cannot be read, holds no row or more than one import may have, or where the head of a table names no rights: a column that
// nobody knows, twice, or missing.
absl::StatusOr<std::vector<RightsFileRow>> ReadRightsFile(const std::string& path);

// What the columns are called, a line each.
std::string RightsColumnsHelp();

// "220100/SO2/2026-2027=1200t" into the declared totals. INVALID_ARGUMENT says what would be accepted.
absl::Status AddDeclaredTotal(const std::string& text, v1::DayOneTotals* totals);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_RIGHTS_FILE_H_
