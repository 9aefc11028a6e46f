// How much of a program one entity group may come to hold (CAR-25), as a program sets it.
#ifndef SONGHUA_LEDGER_HOLDING_LIMIT_H_
#define SONGHUA_LEDGER_HOLDING_LIMIT_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "songhua/v1/ledger.pb.h"

namespace songhua::ledger {

// The fields of v1::HoldingLimit, defaults filled in; all zero where the program has no limit.
struct HoldingLimitRow {
  int32_t key_unit_emissions_bps = 0;
  Quantity key_unit_allowance;
  Quantity others;
  int32_t report_bps = 0;

  bool in_force() const { return report_bps != 0; }
  template <class Archive>
  void Fields(Archive& a) {
    a(key_unit_emissions_bps, key_unit_allowance, others, report_bps);
  }
};

// INVALID_ARGUMENT names the field and what may stand there. REQUIRES: a program of serial units, quoted in so many smallest steps.
absl::StatusOr<HoldingLimitRow> ParseHoldingLimit(const v1::HoldingLimit& limit, int64_t quoted_unit_steps);
v1::HoldingLimit ToProto(const HoldingLimitRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_HOLDING_LIMIT_H_
