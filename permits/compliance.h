// Compliance: verified emissions by year, and what was surrendered against them.
//
// Obligations add up over the years: an account is compliant for a year when all it has surrendered for that and earlier years covers all
// it has emitted in them. The status of a year is the one that UK ETS publishes:
//
//   C         the verified emissions of that year are missing, or those of an earlier year since the account's first: nobody can tell
//   EXCLUDED  the account was excluded in that year and in all years before it
//   B         cumulative surrenders are less than cumulative emissions
//   A         they are not
//
// An excluded year has no obligation and adds nothing. What an account surrendered is the ledger's to say. One thread (the state machine);
// Assess and MakeRecord are pure.
#ifndef SONGHUA_PERMITS_COMPLIANCE_H_
#define SONGHUA_PERMITS_COMPLIANCE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
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
  bool excluded = false;  // no obligation in that year; emissions are 0 then
  uint32_t revision = 1;  // how many times the figure was recorded
  std::string recorded_by;
  Timestamp record_time;

  std::tuple<std::string, int32_t> Key() const { return {account, year}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(account, year, program, emissions, excluded, revision, recorded_by, record_time);
  }
};

// What the ledger knows of obligations. The engine connects it.
class SurrenderReader {
 public:
  virtual ~SurrenderReader() = default;
  // OK when the account is a registry account and the program exists; otherwise a refusal that names "account" or "program".
  virtual absl::Status CheckObligation(const std::string& account, const std::string& program) const = 0;
  // Units of the program that the account surrendered for obligation years up to and including this one.
  virtual Quantity SurrenderedUpTo(const std::string& account, const std::string& program, int32_t obligation_year) const = 0;
};

// Told of each figure in the command that records it, and without a context as it is read back; later years of an account may come first. It cannot fail.
class EmissionsListener {
 public:
  virtual ~EmissionsListener() = default;
  virtual void OnVerifiedEmissions(CommandContext* context, const VerifiedEmissionsRow& row) = 0;
};

enum class ComplianceStatus : uint8_t { kCovered = 0, kShort = 1, kMissing = 2, kExcluded = 3 };
// "A", "B", "C", "EXCLUDED".
std::string_view StatusName(ComplianceStatus status);

// What was recorded for one year.
struct EmissionFigure {
  int32_t year = 0;
  Quantity emissions;
  bool excluded = false;

  friend bool operator==(const EmissionFigure&, const EmissionFigure&) = default;
};
using EmissionFigures = std::vector<EmissionFigure>;  // ascending by year

struct ComplianceYear {
  int32_t year = 0;
  bool recorded = false;
  bool excluded = false;
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

// The record of an account for first_year to last_year. `figures` are those recorded, also those before first_year, which count in the sums
// and in the statuses. OUT_OF_RANGE when the emissions add up to more than fits. REQUIRES: first_year <= last_year.
absl::StatusOr<ComplianceRecord> Assess(int32_t first_year, int32_t last_year, const EmissionFigures& figures,
                                        const SurrenderedUpTo& surrendered_up_to);

// The same as a message, for years as GetCompliance asks for them: 0 stands for the first or last year recorded. An account without any
// record and years has a record without years. INVALID_ARGUMENT for years in the wrong order or more than kYearsMax of them.
inline constexpr int32_t kYearsMax = 100;
absl::StatusOr<v1::ComplianceRecord> MakeRecord(const std::string& account, int32_t first_year, int32_t last_year,
                                                const EmissionFigures& figures, const SurrenderedUpTo& surrendered_up_to);

// Units emitted for which nothing was surrendered yet; 0 when covered.
Quantity Shortfall(const ComplianceYear& year);

class Compliance {
 public:
  // No figure is recorded for a year before this one.
  static constexpr int32_t kFirstYear = 1990;

  // `listener` may be null.
  explicit Compliance(TableSet* tables, EmissionsListener* listener = nullptr);
  ~Compliance();

  // Checks, in this order: form, with a year from kFirstYear to this one and no emissions of an excluded one; the account and the program
  // exist; the account reports under one program only; the sum of its emissions fits. The answer covers all recorded years of the account.
  absl::StatusOr<v1::ComplianceAnswer> RecordVerifiedEmissions(CommandContext& context, const v1::RecordVerifiedEmissionsRequest& request,
                                                               const SurrenderReader& ledger);

  const VerifiedEmissionsRow* Find(const std::string& account, int32_t year) const { return rows_.Find({account, year}); }
  // What the account has to surrender for the years up to this one, as far as that is known: verified emissions, and for each year after the latest of them as much
  // as for that one.
  Quantity EstimatedDue(const std::string& account, int32_t year) const;
  // What was recorded for an account.
  EmissionFigures FiguresOf(const std::string& account) const;

 private:
  void Index(const VerifiedEmissionsRow& row) { years_of_[row.account][row.year] = &row; }

  EmissionsListener* listener_;
  Table<VerifiedEmissionsRow> rows_;
  std::map<std::string, std::map<int32_t, const VerifiedEmissionsRow*>> years_of_;  // by account; rebuilt when rows are loaded
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_COMPLIANCE_H_
