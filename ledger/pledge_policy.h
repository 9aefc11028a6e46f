// What a program sets for pledges of its units: how much may be lent on them, how long each step may take, and
// when a bank is warned (PLG-04, PLG-11, PLG-14, PLG-31, PLG-42 to PLG-44, china.md 5.3).
#ifndef SONGHUA_LEDGER_PLEDGE_POLICY_H_
#define SONGHUA_LEDGER_PLEDGE_POLICY_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "songhua/v1/ledger.pb.h"

namespace songhua::ledger {

// The fields of v1::PledgePolicy, defaults filled in.
struct PledgePolicyRow {
  int32_t loan_to_value_bps = 0;
  int32_t verify_workdays = 0;
  int32_t hold_workdays = 0;
  int32_t confirm_workdays = 0;
  bool free_rights = false;
  int32_t cure_days = 0;
  int32_t stale_days = 0;
  int32_t coverage_watch_bps = 0;
  int32_t coverage_call_bps = 0;  // at most coverage_watch_bps
  std::vector<int32_t> registration_notice_days;  // falling
  int32_t extension_days = 0;
  bool snapshot_required = false;
  int32_t exclusion_years = 0;
  int32_t cancellation_workdays = 0;

  template <class Archive>
  void Fields(Archive& a) {
    a(loan_to_value_bps, verify_workdays, hold_workdays, confirm_workdays, free_rights, cure_days, stale_days, coverage_watch_bps, coverage_call_bps,
      registration_notice_days, extension_days, snapshot_required, exclusion_years, cancellation_workdays);
  }
};

// INVALID_ARGUMENT names the field and what may stand there.
absl::StatusOr<PledgePolicyRow> ParsePledgePolicy(const v1::PledgePolicy& policy, v1::UnitForm form);
v1::PledgePolicy ToProto(const PledgePolicyRow& row);

// The most that may be lent on units of that value, cut down to the fen: principal x 10,000 <= value x loan_to_value_bps (PLG-14).
Money MostLent(Money value, int32_t loan_to_value_bps);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_PLEDGE_POLICY_H_
