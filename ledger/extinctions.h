// Extinctions: units that leave the live accounts for the program's EXTINGUISHED account and never come back (china.md 8.3): a holder's or a reserve's
// retirement, and the replacement by new projects (DR-30).
//
// Replacement: a project of q a year in a zone whose water (for a water pollutant) or PM2.5 (for the province's list of air pollutants) failed last year
// needs q times the province's ratio, rounded up to a kilogram. It keeps q in its lots; the rest is extinguished. What is kept for one project is not
// counted for another.
//
// One thread (the state machine); ReplacementOf is pure.
#ifndef SONGHUA_LEDGER_EXTINCTIONS_H_
#define SONGHUA_LEDGER_EXTINCTIONS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/legal_time.h"
#include "ledger/lots.h"
#include "ledger/participants.h"
#include "ledger/programs.h"
#include "ledger/tables.h"
#include "songhua/v1/extinctions.pb.h"

namespace songhua::ledger {

struct LotPart {
  LotNumber lot = 0;
  Quantity quantity;
  template <class Archive>
  void Fields(Archive& a) {
    a(lot, quantity);
  }
};

struct ExtinctionRow {
  static constexpr RowTable kTable = RowTable::kExtinctions;
  uint64_t number = 0;
  v1::Extinction::Grounds grounds = v1::Extinction::GROUNDS_UNSPECIFIED;
  AccountNumber account = 0;
  std::string program;
  std::string pollutant;
  std::string control_zone;
  std::vector<LotPart> extinguished;
  std::string document_reference;
  std::string eia_reference;  // of replacements
  Quantity project_quantity;
  int32_t ratio_bps = 0;
  Quantity required;
  std::vector<LotPart> kept;
  std::string exception_document;
  std::string decided_by;  // person id
  Timestamp create_time;

  uint64_t Key() const { return number; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, grounds, account, program, pollutant, control_zone, extinguished, document_reference, eia_reference, project_quantity, ratio_bps, required,
      kept, exception_document, decided_by, create_time);
  }
};

struct AttainmentRow {
  static constexpr RowTable kTable = RowTable::kAttainments;
  std::string control_zone;
  int32_t year = 0;
  bool water_attained = false;
  bool pm25_attained = false;
  std::string document_reference;
  std::string recorded_by;  // person id
  uint32_t revision = 1;

  std::tuple<std::string, int32_t> Key() const { return {control_zone, year}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(control_zone, year, water_attained, pm25_attained, document_reference, recorded_by, revision);
  }
};

struct Replacement {
  int32_t ratio_bps = 0;
  Quantity required;  // in all, the project's own quantity in it
};
// Whether a pollutant's ratio depends on what the zone attained.
bool DependsOnAttainment(const ProgramRow& program, std::string_view pollutant);
// DR-30. `attainment` is that of the year before, null where none was recorded: then FAILED_PRECONDITION, NO_ATTAINMENT, where the ratio depends on it.
// OUT_OF_RANGE when the quantity does not fit. REQUIRES: a program of rights, quantity > 0.
absl::StatusOr<Replacement> ReplacementOf(const ProgramRow& program, std::string_view pollutant, const AttainmentRow* attainment, Quantity quantity,
                                          bool gas_turbine_level);

class Extinctions {
 public:
  static constexpr size_t kReferenceBytesMax = 200;
  static constexpr int kLotsMax = 50;
  static constexpr int32_t kFirstYear = 2000;

  Extinctions(TableSet* tables, Counters* counters, const Participants* participants, Ledger* ledger);
  ~Extinctions();

  absl::StatusOr<v1::ExtinctionAnswer> ExtinguishRight(CommandContext& context, const v1::ExtinguishRightRequest& request);
  absl::StatusOr<v1::ExtinctionAnswer> ExtinguishReserve(CommandContext& context, const v1::ExtinguishRightRequest& request);
  absl::StatusOr<v1::ExtinctionAnswer> ReplaceForProject(CommandContext& context, const v1::ReplaceForProjectRequest& request);
  absl::StatusOr<v1::AttainmentAnswer> RecordAttainment(CommandContext& context, const v1::RecordAttainmentRequest& request);

  const ExtinctionRow* Find(uint64_t number) const { return rows_.Find(number); }
  const AttainmentRow* FindAttainment(const std::string& zone, int32_t year) const { return attainments_.Find({zone, year}); }

 private:
  absl::StatusOr<v1::ExtinctionAnswer> Retire(CommandContext& context, const v1::ExtinguishRightRequest& request, v1::AccountKind kind);
  absl::StatusOr<ExtinctionRow> ParseProject(const v1::ReplaceForProjectRequest& request) const;
  absl::Status CheckProjectLot(const ExtinctionRow& row, const LotRow& lot, const std::string& name) const;
  // Divides what the project must have over the lots, in their order. Refuses when they have less.
  absl::Status Divide(CommandContext& context, const std::vector<const LotRow*>& lots, ExtinctionRow* row) const;
  Quantity KeptOf(LotNumber lot) const;
  // Carves out what the row extinguishes, records and tells it.
  v1::ExtinctionAnswer Conclude(CommandContext& context, ExtinctionRow row);
  void Index(const ExtinctionRow& row);
  static Term RemainingOf(const LotRow& lot, Date today) { return {std::max(today, lot.term.first), lot.term.last}; }

  Counters* counters_;
  const Participants* participants_;
  Ledger* ledger_;
  Table<ExtinctionRow> rows_;
  Table<AttainmentRow> attainments_;
  std::map<LotNumber, Quantity> kept_;                                                         // for projects
  std::set<std::tuple<AccountNumber, std::string, std::string>> projects_;  // account, approval, pollutant
};

// The reader resolves the account's name.
v1::Extinction ToProto(const ExtinctionRow& row, const std::string& account);
v1::Attainment ToProto(const AttainmentRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_EXTINCTIONS_H_
