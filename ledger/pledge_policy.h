// What a program sets for pledges of its units: how much may be lent on them, and how long each step may take (PLG-11, PLG-14, china.md 5.3).
#ifndef SONGHUA_LEDGER_PLEDGE_POLICY_H_
#define SONGHUA_LEDGER_PLEDGE_POLICY_H_

#include <cstdint>

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

  template <class Archive>
  void Fields(Archive& a) {
    a(loan_to_value_bps, verify_workdays, hold_workdays, confirm_workdays, free_rights);
  }
};

// INVALID_ARGUMENT names the field and what may stand there.
absl::StatusOr<PledgePolicyRow> ParsePledgePolicy(const v1::PledgePolicy& policy, v1::UnitForm form);
v1::PledgePolicy ToProto(const PledgePolicyRow& row);

// The most that may be lent on units of that value, cut down to the fen: principal x 10,000 <= value x loan_to_value_bps (PLG-14).
Money MostLent(Money value, int32_t loan_to_value_bps);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_PLEDGE_POLICY_H_
