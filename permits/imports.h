// Imports: day one. A province's existing permits come in chunks, are staged and checked, and hold from one command on.
//
//   BeginImport -> AddImportRows ... -> FinishStaging -> ApproveImport
//      STAGING                            BALANCED         APPROVED          or DiscardImport -> DISCARDED
//
// All or nothing: a bad row is kept as an error and its permit is not staged, and an import with a bad row never becomes BALANCED. So that one command stays
// small, chunks are bounded in rows and bytes; the permits of an import lie among the others from the start and keep their sites and numbers taken, but
// Permits counts them only once the ImportRow says APPROVED. Discarding hands them to a timer that takes them out in slices.
//
// Who: an import is begun by a PERMIT_INTAKE of the region or a REGISTRY_OP (moving data is registry work and decides nothing); the same person adds all
// rows and finishes it, so that GEN-14 is one comparison: it is approved by another person, who is a PERMIT_APPROVER for the whole region.
//
// An imported permit is then like any other. Where the site's rights do not cover it, its rights are pending (DR-16, DR-18): the law of the old system
// did not ask for them.
//
// One thread (the state machine). Each function lists its checks in their order.
#ifndef SONGHUA_PERMITS_IMPORTS_H_
#define SONGHUA_PERMITS_IMPORTS_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <tuple>

#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "permits/case_file.h"
#include "permits/import_rows.h"
#include "permits/permits.h"
#include "permits/regimes.h"
#include "songhua/v1/imports.pb.h"

namespace songhua::permits {

struct ImportRow {
  static constexpr RowTable kTable = RowTable::kImports;
  uint32_t number = 0;
  v1::Import::State state = v1::Import::STAGING;
  Region region;
  std::string source;
  std::string file_sha256;
  ImportTotals declared;
  ImportTotals staged;
  uint32_t rows = 0;
  uint32_t bad_rows = 0;
  // The earliest last day of a staged permit.
  Date first_expiry = kLastDate;
  std::string begun_by;
  Timestamp begin_time;
  std::string decided_by;
  Timestamp decide_time;
  std::string discard_reason;

  uint32_t Key() const { return number; }
  std::string Name() const;
  bool open() const { return state == v1::Import::STAGING || state == v1::Import::BALANCED; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, state, region, source, file_sha256, declared, staged, rows, bad_rows, first_expiry, begun_by, begin_time, decided_by, decide_time,
      discard_reason);
  }
};
v1::Import ToProto(const ImportRow& row);

// A bad row. Cold.
struct ImportErrorRow {
  static constexpr RowTable kTable = RowTable::kImportErrors;
  uint32_t import_number = 0;
  uint32_t row = 0;
  std::string number;  // as the row gives it, cut to kShownBytesMax
  std::string reason;
  std::string rule;
  std::string field;
  std::string value;
  std::string accepted;

  static constexpr size_t kShownBytesMax = 200;

  std::tuple<uint32_t, uint32_t> Key() const { return {import_number, row}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(import_number, row, number, reason, rule, field, value, accepted);
  }
};
v1::ImportError ToProto(const ImportErrorRow& row);

// Wakes the engine soon: Imports::RemoveDiscarded is then called. The engine connects it.
class ImportAlarm {
 public:
  virtual ~ImportAlarm() = default;
  virtual void WakeForImports(Timestamp at) = 0;
};

class Imports {
 public:
  static constexpr size_t kSourceBytesMax = 200;
  static constexpr size_t kReasonBytesMax = 1'000;
  // Imports that are neither approved nor discarded.
  static constexpr size_t kOpenImportsMax = 16;

  struct Parts {
    ledger::Counters* counters;
    const ledger::Participants* participants;
    const Regimes* regimes;
    Permits* permits;
    CaseFile* file;
    ImportAlarm* alarm;
  };
  Imports(TableSet* tables, const Parts& parts);
  ~Imports();

  // Checks: form of region, source, hash, totals; no open import of the same file and region (IMPORT_OPEN); fewer than kOpenImportsMax are open.
  absl::StatusOr<v1::ImportAnswer> BeginImport(CommandContext& context, const v1::BeginImportRequest& request);
  // Checks: 1 to bounds::kChunkRowsMax rows of at most bounds::kImportChunkBytesMax; the import exists, is STAGING (ILLEGAL_TRANSITION), was begun by the caller;
  // the rows are the next (CHUNK_OUT_OF_ORDER says which is). Of each row: ParseImportPermit; number and site not taken; within the declared totals.
  absl::StatusOr<v1::ImportAnswer> AddImportRows(CommandContext& context, const v1::AddImportRowsRequest& request, const RightsReader& rights);
  // Checks: exists, STAGING, begun by the caller; no bad row (IMPORT_HAS_ERRORS); the totals are the declared ones (CONTROL_TOTALS_DIFFER).
  absl::StatusOr<v1::ImportAnswer> FinishStaging(CommandContext& context, const v1::ImportActRequest& request);
  // Checks: exists; the caller is a PERMIT_APPROVER for its region (PERMIT-04) and did not begin it (GEN-14); BALANCED; none of its permits has expired
  // meanwhile (IMPORT_TOO_OLD).
  absl::StatusOr<v1::ImportAnswer> ApproveImport(CommandContext& context, const v1::ImportActRequest& request);
  // Checks: form; exists; the caller began it or is a PERMIT_APPROVER for its region; STAGING or BALANCED.
  absl::StatusOr<v1::ImportAnswer> DiscardImport(CommandContext& context, const v1::DiscardImportRequest& request);

  // Takes out permits of discarded imports and their contents, at most `max`. True: there are more.
  bool RemoveDiscarded(size_t max);

  // Null: none.
  const ImportRow* Find(uint32_t number) const { return rows_.Find(number); }

 private:
  absl::StatusOr<const ImportRow*> FindNamed(const std::string& name) const;
  absl::Status CheckBeginner(const CommandContext& context, const ImportRow& row) const;
  absl::Status CheckState(const ImportRow& row, v1::Import::State state) const;
  bool IsApprover(const CommandContext& context, const ImportRow& row) const;
  void Move(CommandContext& context, ImportRow& row, std::string_view event, v1::Import::State state, const std::string& reason = "");
  void Index(const ImportRow& row);

  const Parts parts_;
  Table<ImportRow> rows_;
  ColdTable<ImportErrorRow> errors_;
  std::set<uint32_t> open_;
  std::set<uint32_t> discarded_;  // those that may still have permits
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_IMPORTS_H_
