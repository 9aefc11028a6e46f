// The two tables that the UK ETS Authority publishes, as records: what operators emitted and surrendered with the status of each year, and
// what installations are allocated for free. Columns are recognised by meaning (column_finder.h), so the published workbooks' own headings
// ("Recorded emissions 2021", "Static surrender status 2021") and shorter ones do alike, for any years.
//
// Cells that cannot be read are reported to the Comparison, once each, and the figures that hang on them are left out.
#ifndef SONGHUA_SIMULATIONS_UK_ETS_RECORDS_H_
#define SONGHUA_SIMULATIONS_UK_ETS_RECORDS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "simulations/comparison.h"
#include "simulations/csv.h"

namespace songhua::simulations {

// The largest quantity that the ledger moves at once; a published one above it is unreadable.
inline constexpr int64_t kPublishedQuantityMax = 1'000'000'000'000'000;

enum class EmissionEntry : uint8_t { kMissing = 0, kFigure = 1, kExcluded = 2 };

struct YearEmissions {
  EmissionEntry entry = EmissionEntry::kMissing;
  int64_t tonnes = 0;  // of a figure
};

struct ComplianceAccount {
  std::string place;        // "file.csv:12"
  std::string operator_id;  // at least one of the two is there
  std::string permit_id;
  std::string holder;                          // may be empty
  int32_t first_year = 0;                      // of its obligations; 0: not published
  int32_t last_year = 0;                       // 0: none yet
  std::map<int32_t, YearEmissions> emissions;  // of each year of the file
  bool emissions_readable = true;
  std::optional<int64_t> cumulative_emissions;
  std::optional<int64_t> cumulative_surrenders;
  std::map<int32_t, std::string> statuses;  // as published, without the blank ones

  // "UK-E-IN-12036", or the operator's id.
  const std::string& label() const { return permit_id.empty() ? operator_id : permit_id; }
  // Its first year; where that is not published, the first for which the file says anything.
  int32_t FirstObligation() const;
};

struct ComplianceReport {
  std::vector<int32_t> years;  // of emissions, ascending
  std::map<int32_t, std::string> status_headings, emission_headings;
  std::string cumulative_emissions_heading, cumulative_surrenders_heading;
  std::vector<ComplianceAccount> accounts;

  int32_t last_year() const { return years.back(); }
};

struct YearAllocation {
  // As published; nullopt: the file does not say.
  std::optional<int64_t> standard, new_entrant, total;
  bool readable = true;
};

struct AllocatedInstallation {
  std::string place;
  std::string installation_id;
  std::string permit_id;
  std::string holder;
  std::map<int32_t, YearAllocation> years;

  const std::string& label() const { return permit_id.empty() ? installation_id : permit_id; }
};

struct AllocationTable {
  std::vector<int32_t> years;
  std::map<int32_t, std::string> total_headings;
  std::vector<AllocatedInstallation> installations;
};

// INVALID_ARGUMENT lists the columns that are needed and missing: emissions of at least one year, cumulative surrenders, and a permit or
// operator.
absl::StatusOr<ComplianceReport> ReadComplianceReport(const CsvTable& table, Comparison* comparison);
// Needed: a permit or installation, and of at least one year the total or the standard allocation.
absl::StatusOr<AllocationTable> ReadAllocationTable(const CsvTable& table, Comparison* comparison);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_UK_ETS_RECORDS_H_
