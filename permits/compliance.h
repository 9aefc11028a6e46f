// Compliance: verified emissions by year, and what was surrendered against them.
//
// Obligations add up over the years: an account is compliant for a year when all it has surrendered for that and earlier years covers all
// it has emitted in them. The status of a year is the one that UK ETS publishes:
//
//   A  cumulative surrenders are at least cumulative emissions
//   B  they are less
//   C  the verified emissions of that year are missing, so nobody can tell
//
// A missing year counts as zero in the sums of later years, whose own status is what their sums say. What an account surrendered is the
// ledger's to say. One thread (the state machine); Assess and ToProto are pure.
#ifndef SONGHUA_PERMITS_COMPLIANCE_H_
#define SONGHUA_PERMITS_COMPLIANCE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/entitlement.h"
#include "ledger/tables.h"
#include "songhua/v1/compliance.pb.h"

namespace songhua::permits {

// The figure of one account and year. A later record replaces it; the journal keeps the earlier one.
struct VerifiedEmissionsRow {
  static constexpr RowTable kTable = RowTable::kVerifiedEmissions;
  std::string account;  // its id, without "accounts/"
  int32_t year = 0;
  std::string program;
  Quantity emissions;
  uint32_t revision = 1;  // how many times the figure was recorded
  std::string recorded_by;
  Timestamp record_time;

  std::tuple<std::string, int32_t> Key() const { return {account, year}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(account, year, program, emissions, revision, recorded_by, record_time);
  }
};

// What the ledger knows of obligations. The engine connects it.
class SurrenderReader {
 public:
  virtual ~SurrenderReader() = default;
  // OK when the account is a registry account and the program exists; otherwise a refusal that names "account" or "program".
  virtual absl::Status CheckObligation(const std::string& account, const std::string& program) const = 0;
  // Units that the account surrendered for obligation years up to and including this one.
  virtual Quantity SurrenderedUpTo(const std::string& account, int32_t obligation_year) const = 0;
};

enum class ComplianceStatus : uint8_t { kCovered = 0, kShort = 1, kMissing = 2 };  // A, B, C
char StatusLetter(ComplianceStatus status);

struct ComplianceYear {
  int32_t year = 0;
  bool recorded = false;
  Quantity emissions;  // 0 unless recorded
  Quantity cumulative_emissions;
  Quantity cumulative_surrenders;
  ComplianceStatus status = ComplianceStatus::kMissing;
};

struct ComplianceRecord {
  std::vector<ComplianceYear> years;  // first_year to last_year
  // As of the last year.
  Quantity cumulative_emissions;
  Quantity cumulative_surrenders;
};

// Gives the units surrendered for obligation years up to and including one.
using SurrenderedUpTo = std::function<Quantity(int32_t year)>;

// The record of an account for first_year to last_year. `emissions` holds the recorded figures by year, also those before first_year, which
// count in the sums. OUT_OF_RANGE when the emissions add up to more than fits. REQUIRES: first_year <= last_year.
absl::StatusOr<ComplianceRecord> Assess(int32_t first_year, int32_t last_year, const YearQuantities& emissions,
                                        const SurrenderedUpTo& surrendered_up_to);

// The same as a message, for years as GetCompliance asks for them: 0 stands for the first or last year recorded. An account without any
// record and years has a record without years. INVALID_ARGUMENT for years in the wrong order or more than kYearsMax of them.
inline constexpr int32_t kYearsMax = 100;
absl::StatusOr<v1::ComplianceRecord> MakeRecord(const std::string& account, int32_t first_year, int32_t last_year,
                                                const YearQuantities& emissions, const SurrenderedUpTo& surrendered_up_to);

// Units emitted for which nothing was surrendered yet; 0 when covered.
Quantity Shortfall(const ComplianceYear& year);

class Compliance {
 public:
  // No figure is recorded for a year before this one.
  static constexpr int32_t kFirstYear = 1990;

  explicit Compliance(TableSet* tables);

  // Checks, in this order: form, with a year from kFirstYear to this one; the account and the program exist; the account reports under one
  // program only; the sum of its emissions fits. The answer covers all recorded years of the account.
  absl::StatusOr<v1::ComplianceAnswer> RecordVerifiedEmissions(CommandContext& context, const v1::RecordVerifiedEmissionsRequest& request,
                                                               const SurrenderReader& ledger);

  const VerifiedEmissionsRow* Find(const std::string& account, int32_t year) const { return rows_.Find({account, year}); }
  // The recorded figures of an account, by year.
  YearQuantities EmissionsOf(const std::string& account) const;

 private:
  void Index(const VerifiedEmissionsRow& row) { years_of_[row.account][row.year] = &row; }

  Table<VerifiedEmissionsRow> rows_;
  std::map<std::string, std::map<int32_t, const VerifiedEmissionsRow*>> years_of_;  // by account; rebuilt when rows are loaded
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_COMPLIANCE_H_
