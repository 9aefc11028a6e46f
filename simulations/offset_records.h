// Lists of offset registries as records: credits that were issued, retired or cancelled, by ranges of serial numbers. Registries' columns
// differ and are recognised by meaning (column_finder.h): serial numbers, quantity and vintage are needed.
//
// What a row says happened is told, in this order, by a status or transaction column ("Retired"); by the date of a retirement or
// cancellation, where a row without one is an issuance; by headings such as "retirement_reason" or "cancellation_type"; by the file's name.
// A file that says nothing is refused.
#ifndef SONGHUA_SIMULATIONS_OFFSET_RECORDS_H_
#define SONGHUA_SIMULATIONS_OFFSET_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "simulations/comparison.h"
#include "simulations/csv.h"
#include "simulations/serial_ranges.h"

namespace songhua::simulations {

enum class OffsetAct : uint8_t { kIssue = 0, kRetire = 1, kCancel = 2 };
// "issued", "retired", "cancelled".
std::string_view OffsetActName(OffsetAct act);

struct OffsetRecord {
  std::string place;  // "file.csv:12"
  OffsetAct act = OffsetAct::kRetire;
  std::vector<SerialRange> ranges;  // at least one
  std::optional<int64_t> quantity;  // as published; nullopt: blank or unreadable
  int32_t vintage = 0;              // 0: blank or unreadable
  int32_t year = 0;                 // of the act; 0: not published
  std::string project_id;           // may be empty
  std::string reason;               // may be empty
  std::string quantity_heading, vintage_heading, project_heading;

  int64_t size() const;  // units of all ranges
};

// The rows of a list; cells that cannot be read are reported, and a row without readable serial numbers is left out. INVALID_ARGUMENT lists
// the columns that are needed and missing, or says that the list's act cannot be told.
absl::StatusOr<std::vector<OffsetRecord>> ReadOffsetRecords(const CsvTable& table, Comparison* comparison);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_OFFSET_RECORDS_H_
