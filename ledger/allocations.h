// Allocations: the initial verification and allocation of rights, and later reviews, as a plan of many rows (DR-05..08).
//
//   BeginAllocation -> AddAllocationRows ... -> FinishAllocation -> ApproveAllocation -> (rows are carried out) -> GRANTED
//       STAGING                                     BALANCED            APPROVED              or DiscardAllocation -> DISCARDED
//
// All or nothing: a plan with a bad row is never BALANCED, and approving it holds in the reserves everything that it grants (HoldKind::kAllocation), so that
// carrying it out, in slices by a timer, cannot fail. Each row is carved from one lot of the reserve of its site's zone: the first, by number, that covers the
// term and has enough left. The same walk in row order finds the same lots when the plan is balanced, approved and carried out.
//
// GEN-14: approved by another person than the one who began it, who also adds its rows and finishes it. One thread (the state machine).
#ifndef SONGHUA_LEDGER_ALLOCATIONS_H_
#define SONGHUA_LEDGER_ALLOCATIONS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/counters.h"
#include "ledger/ledger.h"
#include "ledger/paid_use_fees.h"
#include "ledger/participants.h"
#include "ledger/tables.h"
#include "songhua/v1/allocations.pb.h"

namespace songhua::ledger {

struct AllocationTotalRow {
  std::string pollutant;
  int64_t rows = 0;
  Quantity quantity;

  friend bool operator==(const AllocationTotalRow&, const AllocationTotalRow&) = default;
  template <class Archive>
  void Fields(Archive& a) {
    a(pollutant, rows, quantity);
  }
};

// What is held of a reserve's lot for an approved plan.
struct AllocationHoldRow {
  LotNumber lot = 0;
  Quantity quantity;
  template <class Archive>
  void Fields(Archive& a) {
    a(lot, quantity);
  }
};

struct AllocationPlanRow {
  static constexpr RowTable kTable = RowTable::kAllocationPlans;
  uint32_t number = 0;
  v1::Allocation::State state = v1::Allocation::STAGING;
  std::string program;
  Region region;
  std::string document;
  Term term{};
  Date period_end;
  Date first_payment = kFirstDate;  // kFirstDate: none
  std::vector<AllocationTotalRow> declared, staged;  // by pollutant
  int64_t rows = 0;
  int64_t bad_rows = 0;
  int64_t granted_rows = 0;  // of a discarded one: rows that are erased already
  Money fee;
  std::vector<AllocationHoldRow> holds;  // of an APPROVED one, by lot
  std::string begun_by;
  Timestamp begin_time;
  std::string decided_by;
  Timestamp decide_time;
  std::string discard_reason;

  uint32_t Key() const { return number; }
  std::string Name() const;
  bool open() const { return state == v1::Allocation::STAGING || state == v1::Allocation::BALANCED; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, state, program, region, document, term, period_end, first_payment, declared, staged, rows, bad_rows, granted_rows, fee, holds, begun_by,
      begin_time, decided_by, decide_time, discard_reason);
  }
};
v1::Allocation ToProto(const AllocationPlanRow& row);

// What is wrong with a row; empty reason: nothing.
struct AllocationFault {
  std::string reason, rule, field, accepted;
  template <class Archive>
  void Fields(Archive& a) {
    a(reason, rule, field, accepted);
  }
};

struct AllocationEntryRow {
  static constexpr RowTable kTable = RowTable::kAllocationRows;
  uint32_t plan = 0;
  uint32_t row = 0;  // from 1
  std::string site;
  std::string pollutant;
  Quantity quantity;
  LotSource source = LotSource::kInitialFree;
  Price rate;  // fen for each quoted unit and year; 0: free
  int32_t instalments = 1;
  int32_t first_bps = 10'000;
  bool new_project = false;
  AllocationFault fault;
  LotNumber lot = 0;  // granted
  uint64_t fee = 0;   // charged

  std::tuple<uint32_t, uint32_t> Key() const { return {plan, row}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(plan, row, site, pollutant, quantity, source, rate, instalments, first_bps, new_project, fault, lot, fee);
  }
};
v1::AllocationRow ToProto(const AllocationEntryRow& row);

// Who may receive rights by allocation. The engine connects it to the permits.
class AllocationScope {
 public:
  virtual ~AllocationScope() = default;
  // OK for a holder of a KEY or SIMPLIFIED permit, and for a registered unit that holds rights already; otherwise a refusal at "site" (DR-05).
  virtual absl::Status CheckMayReceive(const std::string& site, Date today) const = 0;
};

// Wakes the engine soon: Allocations::Carry is then called.
class AllocationAlarm {
 public:
  virtual ~AllocationAlarm() = default;
  virtual void WakeForAllocations(Timestamp at) = 0;
};

class Allocations {
 public:
  static constexpr size_t kTextBytesMax = 1'000;
  static constexpr int64_t kRowsMax = 1'000'000;  // of one plan
  // Plans that are neither granted nor discarded.
  static constexpr size_t kOpenPlansMax = 16;

  struct Parts {
    Counters* counters;
    const Participants* participants;
    Ledger* ledger;
    PaidUseFees* fees;
    AllocationAlarm* alarm;
  };
  Allocations(TableSet* tables, const Parts& parts);
  ~Allocations();

  // Checks: form; the program is one of rights; the term (DR-06); the totals, one a pollutant that is switched on; fewer than kOpenPlansMax are open.
  absl::StatusOr<v1::AllocationAnswer> BeginAllocation(CommandContext& context, const v1::BeginAllocationRequest& request);
  // Checks: 1 to bounds::kChunkRowsMax rows; the plan exists, is STAGING and was begun by the caller; the rows are the next (CHUNK_OUT_OF_ORDER). Of each row,
  // kept with it: form, site, DR-02, DR-05, DR-07, DR-08, once a site and pollutant.
  absl::StatusOr<v1::AllocationAnswer> AddAllocationRows(CommandContext& context, const v1::AddAllocationRowsRequest& request, const AllocationScope& scope);
  // Checks: STAGING, begun by the caller; no bad row; the declared totals; the reserves have enough (RESERVE_SHORT names zone, pollutant and lot).
  absl::StatusOr<v1::AllocationAnswer> FinishAllocation(CommandContext& context, const v1::AllocationActRequest& request);
  // Checks: BALANCED; another person than the one who began it (GEN-14); first payments are not due before today; the reserves still have enough.
  absl::StatusOr<v1::AllocationAnswer> ApproveAllocation(CommandContext& context, const v1::AllocationActRequest& request);
  absl::StatusOr<v1::AllocationAnswer> DiscardAllocation(CommandContext& context, const v1::DiscardAllocationRequest& request);

  // Carries out approved plans and erases discarded rows, at most `max` rows. True: there are more.
  bool Carry(CommandContext& context, size_t max);

  const AllocationPlanRow* Find(uint32_t number) const { return plans_.Find(number); }

 private:
  // Lots of reserves that rows draw on, and what each still has; filled as rows ask.
  using Draws = std::map<InstrumentClassId, std::vector<std::pair<const LotRow*, Quantity>>>;

  absl::StatusOr<const AllocationPlanRow*> FindNamed(const std::string& name) const;
  absl::Status CheckState(const AllocationPlanRow& plan, v1::Allocation::State state) const;
  absl::Status CheckBeginner(const CommandContext& context, const AllocationPlanRow& plan) const;
  absl::StatusOr<AllocationEntryRow> ParseRow(const CommandContext& context, const AllocationPlanRow& plan, const v1::AllocationRow& given,
                                              const AllocationScope& scope) const;
  // The class of rights that the row grants; null: nothing was ever issued of it.
  const InstrumentClassRow* ClassOf(const AllocationPlanRow& plan, const AllocationEntryRow& row) const;
  absl::StatusOr<Money> FeeOf(const AllocationPlanRow& plan, const AllocationEntryRow& row) const;
  // The plan's draws on the reserves, by lot; RESERVE_SHORT.
  absl::StatusOr<std::vector<AllocationHoldRow>> DrawAll(const AllocationPlanRow& plan, Date today) const;
  void GrantRow(CommandContext& context, AllocationPlanRow& plan, AllocationEntryRow& row);
  void Move(CommandContext& context, AllocationPlanRow& plan, v1::Allocation::State state);
  void Index(const AllocationPlanRow& plan);

  const Parts parts_;
  Table<AllocationPlanRow> plans_;
  Table<AllocationEntryRow> rows_;
  std::set<uint32_t> open_;
  std::set<uint32_t> moving_;  // approved ones, and discarded ones that still have rows
  std::map<uint32_t, std::set<std::pair<std::string, std::string>>> taken_;  // sites and pollutants of the plans that are STAGING
};

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_ALLOCATIONS_H_
