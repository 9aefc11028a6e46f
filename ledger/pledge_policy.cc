#include "ledger/pledge_policy.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

constexpr int32_t kWholeBps = 10'000;
constexpr int32_t kWorkdaysMax = 250;
constexpr int32_t kDaysMax = 3'660;
constexpr int32_t kYearsMax = 20;
constexpr int32_t kCoverageBpsMax = 100'000;
constexpr size_t kNoticesMax = 10;
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
  SONGHUA_RETURN_IF_ERROR(read("cure_days", policy.cure_days(), kDaysMax, 10, "PLG-31", &row.cure_days));
  SONGHUA_RETURN_IF_ERROR(read("stale_days", policy.stale_days(), kDaysMax, 45, "PLG-44", &row.stale_days));
  SONGHUA_RETURN_IF_ERROR(read("coverage_watch_bps", policy.coverage_watch_bps(), kCoverageBpsMax, 12'500, "PLG-43", &row.coverage_watch_bps));
  SONGHUA_RETURN_IF_ERROR(read("coverage_call_bps", policy.coverage_call_bps(), kCoverageBpsMax, std::min(11'000, row.coverage_watch_bps), "PLG-43", &row.coverage_call_bps));
  if (row.coverage_call_bps > row.coverage_watch_bps) {
    return InvalidField("program.pledge_policy.coverage_call_bps", std::to_string(row.coverage_call_bps),
                        "at most coverage_watch_bps, " + std::to_string(row.coverage_watch_bps))
        .Rule("PLG-43");
  }
  SONGHUA_RETURN_IF_ERROR(read("extension_days", policy.extension_days(), kDaysMax, 90, "PLG-04", &row.extension_days));
  row.registration_notice_days.assign(policy.registration_notice_days().begin(), policy.registration_notice_days().end());
  if (row.registration_notice_days.empty()) row.registration_notice_days = {90, 30, 7};
  for (size_t i = 0; i < row.registration_notice_days.size(); ++i) {
    const int32_t days = row.registration_notice_days[i];
    const int32_t high = i == 0 ? kDaysMax : row.registration_notice_days[i - 1] - 1;
    if (i >= kNoticesMax || days < 1 || days > high) {
      return InvalidField("program.pledge_policy.registration_notice_days[" + std::to_string(i) + "]", std::to_string(days),
                          "at most " + std::to_string(kNoticesMax) + " falling numbers of days, 1 to " + std::to_string(kDaysMax))
          .Rule("PLG-04");
    }
  }
  row.snapshot_required = policy.snapshot_required();
  SONGHUA_RETURN_IF_ERROR(read("exclusion_years", policy.exclusion_years(), kYearsMax, 3, "PLG-12", &row.exclusion_years));
  SONGHUA_RETURN_IF_ERROR(read("cancellation_workdays", policy.cancellation_workdays(), kWorkdaysMax, 10, "PLG-04", &row.cancellation_workdays));
  return row;
}

v1::PledgePolicy ToProto(const PledgePolicyRow& row) {
  v1::PledgePolicy policy;
  policy.set_loan_to_value_bps(row.loan_to_value_bps);
  policy.set_verify_workdays(row.verify_workdays);
  policy.set_hold_workdays(row.hold_workdays);
  policy.set_confirm_workdays(row.confirm_workdays);
  policy.set_free_rights(row.free_rights);
  policy.set_cure_days(row.cure_days);
  policy.set_stale_days(row.stale_days);
  policy.set_coverage_watch_bps(row.coverage_watch_bps);
  policy.set_coverage_call_bps(row.coverage_call_bps);
  for (const int32_t days : row.registration_notice_days) policy.add_registration_notice_days(days);
  policy.set_extension_days(row.extension_days);
  policy.set_snapshot_required(row.snapshot_required);
  policy.set_exclusion_years(row.exclusion_years);
  policy.set_cancellation_workdays(row.cancellation_workdays);
  return policy;
}

Money MostLent(Money value, int32_t loan_to_value_bps) {
  return Money(static_cast<int64_t>(static_cast<__int128>(value.value()) * loan_to_value_bps / kWholeBps));
}

}  // namespace songhua::ledger
