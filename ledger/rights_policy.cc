// What a province sets for its rights (RightsPolicy): defaults and limits, one line each.
#include <iterator>
#include <string>

#include "ledger/programs.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

struct Parameter {
  const char* name;
  int32_t (v1::RightsPolicy::*get)() const;
  void (v1::RightsPolicy::*set)(int32_t);
  int32_t RightsPolicyRow::*value;
  int32_t standard;  // for 0
  int32_t least, most;
  const char* rule;
};

#define PARAMETER(name, standard, least, most, rule) \
  {#name, &v1::RightsPolicy::name, &v1::RightsPolicy::set_##name, &RightsPolicyRow::name, standard, least, most, rule}
constexpr Parameter kParameters[] = {
    PARAMETER(first_instalment_bps, 4'000, 1, 10'000, "DR-08"),
    PARAMETER(instalment_years_max, 5, 1, 20, "DR-08"),
    PARAMETER(surplus_valid_days, 365, 1, 3'660, "DR-17"),
    PARAMETER(verify_workdays, 5, 1, 250, "DR-47"),
    PARAMETER(pay_workdays, 5, 1, 250, "DR-49"),
    PARAMETER(permit_workdays, 30, 1, 250, "DR-18"),
    PARAMETER(default_bar_months, 12, 1, 120, "DR-45"),
    PARAMETER(lease_months_min, 1, 1, 12, "DR-65"),
    PARAMETER(lease_months_max, 12, 1, 12, "DR-65"),
    PARAMETER(pledgee_notice_workdays, 15, 1, 250, "DR-64"),
    PARAMETER(undeclared_stop_months, 12, 1, 120, "DR-63"),
    PARAMETER(unbuilt_years, 2, 1, 5, "DR-19"),
    PARAMETER(replacement_bps, 10'000, 10'000, 100'000, "DR-30"),
    PARAMETER(replacement_water_bps, 20'000, 10'000, 100'000, "DR-30"),
    PARAMETER(replacement_air_bps, 20'000, 10'000, 100'000, "DR-30"),
};
#undef PARAMETER

}  // namespace

absl::StatusOr<RightsPolicyRow> ParseRightsPolicy(const v1::RightsPolicy& policy) {
  RightsPolicyRow row;
  for (const Parameter& parameter : kParameters) {
    const int32_t given = (policy.*parameter.get)();
    if (given != 0 && (given < parameter.least || given > parameter.most)) {
      return InvalidField(std::string("program.rights.") + parameter.name, std::to_string(given),
                          std::to_string(parameter.least) + " to " + std::to_string(parameter.most) + ", or 0 for " + std::to_string(parameter.standard))
          .Rule(parameter.rule);
    }
    row.*parameter.value = given == 0 ? parameter.standard : given;
  }
  if (row.lease_months_min > row.lease_months_max) {
    return InvalidField("program.rights.lease_months_min", std::to_string(row.lease_months_min),
                        "at most lease_months_max, " + std::to_string(row.lease_months_max))
        .Rule("DR-65");
  }
  SONGHUA_ASSIGN_OR_RETURN(row.credit_gates, CreditGates::Parse(policy.credit_gates(), "program.rights.credit_gates"));
  row.surplus_verified = policy.surplus_verified();
  row.replacement_air_pollutants.assign(policy.replacement_air_pollutants().begin(), policy.replacement_air_pollutants().end());
  if (row.replacement_air_pollutants.empty()) row.replacement_air_pollutants = {"SO2", "NOX", "PM", "VOCS"};
  return row;
}

v1::RightsPolicy ToProto(const RightsPolicyRow& row) {
  v1::RightsPolicy policy;
  for (const Parameter& parameter : kParameters) (policy.*parameter.set)(row.*parameter.value);
  policy.set_surplus_verified(row.surplus_verified);
  row.credit_gates.AddTo(policy.mutable_credit_gates());
  for (const std::string& pollutant : row.replacement_air_pollutants) policy.add_replacement_air_pollutants(pollutant);
  return policy;
}

}  // namespace songhua::ledger
