// Day one: the rights, reserves and balances that there were before the service.
//
//   BeginDayOne -> AddDayOneRows ... -> FinishDayOne -> ApproveDayOne
//     STAGING                            BALANCED         APPROVED         or DiscardDayOne -> DISCARDED
//
// All or nothing: a bad row is kept with all that is wrong with it (day_one_rows.h), and an import with a bad row never becomes BALANCED. Nothing of an import
// counts before it is approved; then one command posts all of it, units against ISSUED and money against BANK_CASH (Ledger::Import), so its rows are bounded.
// Caps (DR-04) are held when it is finished and again when it is approved. Its rows leave the disk with the decision; what they came to stays.
//
// A right that began in an earlier year is entered from this year on: what it entitled to before has been used, or has lapsed.
//
// Who: a REGISTRY_OP begins it, adds all rows and finishes it; another one approves it (GEN-14).
//
// One thread (the state machine). Each function lists its checks in their order.
#ifndef SONGHUA_LEDGER_DAY_ONE_H_
#define SONGHUA_LEDGER_DAY_ONE_H_

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
#include "ledger/bank_statements.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/participants.h"
#include "ledger/refusal.h"
#include "ledger/tables.h"
#include "songhua/v1/day_one.pb.h"

namespace songhua::ledger {

struct DayOneTotalRow {
  std::string pollutant, control_zone;
  YearQuantities quantities;
  template <class Archive>
  void Fields(Archive& a) {
    a(pollutant, control_zone, quantities);
  }
};

struct DayOneImportRow {
  static constexpr RowTable kTable = RowTable::kDayOneImports;
  uint32_t number = 0;
  v1::DayOneImport::State state = v1::DayOneImport::STAGING;
  std::string program, source;
  std::string file_sha256;
  std::vector<DayOneTotalRow> units;   // declared, by pollutant and zone
  Money cash;                          // declared
  std::vector<DayOneTotalRow> staged;  // of the good rows, sorted by pollutant and zone
  Money staged_cash;
  uint32_t rows = 0, bad_rows = 0;
  std::string begun_by;
  Timestamp begin_time;
  std::string decided_by, discard_reason;
  uint64_t transaction = 0;

  uint32_t Key() const { return number; }
  std::string Name() const;
  template <class Archive>
  void Fields(Archive& a) {
    a(number, state, program, source, file_sha256, units, cash, staged, staged_cash, rows, bad_rows, begun_by, begin_time, decided_by, discard_reason,
      transaction);
  }
};

// A row that was staged, good or bad.
struct DayOneStagedRow {
  static constexpr RowTable kTable = RowTable::kDayOneRows;
  uint32_t import_number = 0;
  uint32_t row = 0;
  // Bad: all that is wrong with it, at most DayOne::kErrorsMax; the account as it was given.
  std::vector<RefusalDetail> errors;
  std::string given_account;
  // Good.
  AccountNumber account = 0;
  std::string pollutant, control_zone, trading_group, basin, sector_class;
  Quantity quantity;
  Term term{};
  LotSource source = LotSource::kIssue;
  Money cost;
  Money amount;  // a balance

  std::tuple<uint32_t, uint32_t> Key() const { return {import_number, row}; }
  bool bad() const { return !errors.empty(); }
  template <class Archive>
  void Fields(Archive& a) {
    a(import_number, row, errors, given_account, account, pollutant, control_zone, trading_group, basin, sector_class, quantity, term, source, cost, amount);
  }
};

class DayOne {
 public:
  // Of one import: approving it enters them all in one command.
  static constexpr uint32_t kRowsMax = 5'000;
  static constexpr size_t kTotalsMax = 500;
  static constexpr size_t kOpenImportsMax = 16;
  static constexpr size_t kSourceBytesMax = 200;
  static constexpr size_t kReasonBytesMax = 500;
  static constexpr size_t kShownBytesMax = 200;
  // Of one row.
  static constexpr size_t kErrorsMax = 16;
  static constexpr int64_t kQuantityMax = 1'000'000'000'000'000;  // of one row, grams a year or fen

  DayOne(TableSet* tables, Counters* counters, const Participants* participants, Ledger* ledger, BankStatements* bank);
  ~DayOne();

  // Checks: a program of rights; form of source, hash and totals; the same file is neither open (IMPORT_OPEN) nor entered (FILE_ENTERED) in the
  // program; fewer than kOpenImportsMax are open.
  absl::StatusOr<v1::DayOneAnswer> BeginDayOne(CommandContext& context, const v1::BeginDayOneRequest& request);
  // Checks: 1 to bounds::kChunkRowsMax rows; exists, STAGING, begun by the caller; the next rows (CHUNK_OUT_OF_ORDER); at most kRowsMax in all.
  // Of each row: ReadDayOneRow.
  absl::StatusOr<v1::DayOneAnswer> AddDayOneRows(CommandContext& context, const v1::AddDayOneRowsRequest& request);
  // Checks: exists, STAGING, begun by the caller; no bad row; totals; caps. Of totals and caps a refusal names each that is wrong.
  absl::StatusOr<v1::DayOneAnswer> FinishDayOne(CommandContext& context, const v1::DayOneActRequest& request);
  // Checks: exists, BALANCED; not by who began it; begun this year; caps; sums that fit.
  absl::StatusOr<v1::DayOneAnswer> ApproveDayOne(CommandContext& context, const v1::DayOneActRequest& request);
  // Checks: exists; STAGING or BALANCED; the reason.
  absl::StatusOr<v1::DayOneAnswer> DiscardDayOne(CommandContext& context, const v1::DayOneActRequest& request);

  // Null: none.
  const DayOneImportRow* Find(uint32_t number) const { return imports_.Find(number); }
  const DayOneStagedRow* FindRow(uint32_t number, uint32_t row) const { return rows_.Find({number, row}); }

 private:
  absl::StatusOr<const DayOneImportRow*> FindIn(const std::string& name, v1::DayOneImport::State state) const;
  absl::Status CheckBeginner(const CommandContext& context, const DayOneImportRow& row) const;
  absl::Status CheckFileIsNew(const std::string& file_sha256, const std::string& program) const;
  absl::Status CheckTotals(const DayOneImportRow& row) const;
  absl::Status CheckCaps(const DayOneImportRow& row) const;
  // Nothing that it enters leaves 64 bits.
  absl::Status CheckRoom(const DayOneImportRow& row) const;
  void Enter(CommandContext& context, const DayOneImportRow& row);
  void EraseRows(const DayOneImportRow& row);
  v1::DayOneAnswer Replace(CommandContext& context, const DayOneImportRow& found, DayOneImportRow row);
  void Index(const DayOneImportRow& row);
  void Changed(CommandContext& context, const DayOneImportRow& row);

  Counters* counters_;
  const Participants* participants_;
  Ledger* ledger_;
  BankStatements* bank_;
  Table<DayOneImportRow> imports_;
  Table<DayOneStagedRow> rows_;
  std::set<uint32_t> open_;
  std::map<std::pair<std::string, std::string>, uint32_t> files_;  // hash and program of what is open or entered
};

v1::DayOneImport ToProto(const DayOneImportRow& row);
// What is wrong with a row, each thing by itself; nothing of a good one.
std::vector<v1::DayOneError> ErrorsOf(const DayOneStagedRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_DAY_ONE_H_
