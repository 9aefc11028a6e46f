#include "ledger/holding_limit.h"

#include <string>

#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

constexpr int32_t kEmissionsBpsStandard = 20'000;  // twice the emissions of a year
constexpr int32_t kEmissionsBpsMax = 1'000'000;
constexpr int64_t kUnitsStandard = 1'000'000;  // quoted units
constexpr int32_t kReportBpsStandard = 8'000;

}  // namespace

absl::StatusOr<HoldingLimitRow> ParseHoldingLimit(const v1::HoldingLimit& limit, int64_t quoted_unit_steps) {
  const auto bps = [](std::string_view name, int32_t given, int32_t most, int32_t standard) -> absl::StatusOr<int32_t> {
    if (given >= 0 && given <= most) return given == 0 ? standard : given;
    return InvalidField("program.holding_limit." + std::string(name), std::to_string(given),
                        "1 to " + std::to_string(most) + ", or 0 for " + std::to_string(standard))
        .Rule("CAR-25");
  };
  const auto units = [&](std::string_view name, int64_t given) -> absl::StatusOr<Quantity> {
    const int64_t standard = kUnitsStandard * quoted_unit_steps;
    if (given >= 0) return Quantity(given == 0 ? standard : given);
    return InvalidField("program.holding_limit." + std::string(name), std::to_string(given), "1 or more, or 0 for " + std::to_string(standard)).Rule("CAR-25");
  };
  HoldingLimitRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.key_unit_emissions_bps,
                           bps("key_unit_emissions_bps", limit.key_unit_emissions_bps(), kEmissionsBpsMax, kEmissionsBpsStandard));
  SONGHUA_ASSIGN_OR_RETURN(row.key_unit_allowance, units("key_unit_allowance", limit.key_unit_allowance()));
  SONGHUA_ASSIGN_OR_RETURN(row.others, units("others", limit.others()));
  SONGHUA_ASSIGN_OR_RETURN(row.report_bps, bps("report_bps", limit.report_bps(), 10'000, kReportBpsStandard));
  return row;
}

v1::HoldingLimit ToProto(const HoldingLimitRow& row) {
  v1::HoldingLimit limit;
  limit.set_key_unit_emissions_bps(row.key_unit_emissions_bps);
  limit.set_key_unit_allowance(row.key_unit_allowance.value());
  limit.set_others(row.others.value());
  limit.set_report_bps(row.report_bps);
  return limit;
}

}  // namespace songhua::ledger
