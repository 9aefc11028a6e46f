#include "ledger/pledge_policy.h"

#include <string>
#include <string_view>

#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

constexpr int32_t kWholeBps = 10'000;
constexpr int32_t kWorkdaysMax = 250;
constexpr int32_t kRightsBps = 8'000;     // PLG-14: Hunan, Zhejiang, Shanxi
constexpr int32_t kAllowanceBps = 7'000;  // PLG-14 [design]

}  // namespace

absl::StatusOr<PledgePolicyRow> ParsePledgePolicy(const v1::PledgePolicy& policy, v1::UnitForm form) {
  PledgePolicyRow row;
  const auto read = [](std::string_view name, int32_t given, int32_t high, int32_t standard, std::string_view rule, int32_t* value) -> absl::Status {
    if (given != 0) SONGHUA_RETURN_IF_ERROR(RequireInRange("program.pledge_policy." + std::string(name), given, 1, high, rule));
    *value = given == 0 ? standard : given;
    return absl::OkStatus();
  };
  const int32_t standard = form == v1::RIGHT ? kRightsBps : kAllowanceBps;
  SONGHUA_RETURN_IF_ERROR(read("loan_to_value_bps", policy.loan_to_value_bps(), kWholeBps, standard, "PLG-14", &row.loan_to_value_bps));
  SONGHUA_RETURN_IF_ERROR(read("verify_workdays", policy.verify_workdays(), kWorkdaysMax, 3, "PLG-20", &row.verify_workdays));
  SONGHUA_RETURN_IF_ERROR(read("hold_workdays", policy.hold_workdays(), kWorkdaysMax, 20, "PLG-20", &row.hold_workdays));
  SONGHUA_RETURN_IF_ERROR(read("confirm_workdays", policy.confirm_workdays(), kWorkdaysMax, 5, "PLG-20", &row.confirm_workdays));
  row.free_rights = policy.free_rights();
  return row;
}

v1::PledgePolicy ToProto(const PledgePolicyRow& row) {
  v1::PledgePolicy policy;
  policy.set_loan_to_value_bps(row.loan_to_value_bps);
  policy.set_verify_workdays(row.verify_workdays);
  policy.set_hold_workdays(row.hold_workdays);
  policy.set_confirm_workdays(row.confirm_workdays);
  policy.set_free_rights(row.free_rights);
  return policy;
}

Money MostLent(Money value, int32_t loan_to_value_bps) {
  return Money(static_cast<int64_t>(static_cast<__int128>(value.value()) * loan_to_value_bps / kWholeBps));
}

}  // namespace songhua::ledger
