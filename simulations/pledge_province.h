// A province whose rights are pledged, beside the day's market and by the engine's own commands: enterprises with a few sites each, a permit and a right of SO2 for
// each site, a base price, and a bank that lends on all of it.
//
//   auto engine = OpenDayEngine(path, day);
//   PledgeProvince province(engine->get(), {.pledges = 1'000, .day = day});
//   SONGHUA_RETURN_IF_ERROR(province.Build());
//   SONGHUA_RETURN_IF_ERROR(province.Pledge());
#ifndef SONGHUA_SIMULATIONS_PLEDGE_PROVINCE_H_
#define SONGHUA_SIMULATIONS_PLEDGE_PROVINCE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "api/engine/engine.h"
#include "ledger/legal_time.h"
#include "simulations/engine_requests.h"
#include "simulations/permit_province.h"

namespace songhua::simulations {

struct PledgeProvinceOptions {
  int pledges = 100'000;  // of a site each, all the site's rights
  int sites_of_enterprise = 4;
  Date day;  // the engine's; of 2026 to 2028
};

class PledgeProvince {
 public:
  // After BuildDayMarket of the same day: its operator and registrar build the rest.
  PledgeProvince(api::Engine* engine, const PledgeProvinceOptions& options);

  // Everything but the pledges. The error is the first refusal; so is that of Pledge.
  absl::Status Build();
  // Every pledge from its application to the pledgor's confirmation, each step of all of them before the next. REQUIRES: Build.
  absl::Status Pledge();

  EngineRequests& requests() { return permits_.requests(); }
  int enterprises() const { return (options_.pledges + options_.sites_of_enterprise - 1) / options_.sites_of_enterprise; }
  // "participants/{uscc}"; it has pledged the rights of all its sites.
  std::string Enterprise(int enterprise) const { return permits_.EnterpriseOf(enterprise * options_.sites_of_enterprise); }
  static std::string PledgeName(int pledge) { return "pledges/" + std::to_string(pledge + 1); }
  static int64_t PrincipalFen(int pledge) { return 60'000 + pledge % 6 * 10'000; }
  // BANK_OFFICER and BANK_APPROVER of the pledgee.
  static constexpr char kBanker[] = "banker";

 private:
  absl::Status AddProgram();
  absl::Status AddRights();

  const PledgeProvinceOptions options_;
  api::Engine* const engine_;
  PermitProvince permits_;
  uint64_t first_lot_ = 0;  // of the rights, which follow one another as their sites
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_PLEDGE_PROVINCE_H_
