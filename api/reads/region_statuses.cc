// What regions decided: statuses are public, an approval is its site's, and the authorities' of the site, the zone and the province.
#include "ledger/region_statuses.h"

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api::reads {

absl::StatusOr<v1::ListRegionStatusesAnswer> ListRegionStatuses(ReadContext& context, const v1::ListRegionStatusesRequest& request) {
  Region region;
  if (!request.region().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(region, ParseRegion(request.region(), "region"));
  }
  v1::ListRegionStatusesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::RegionStatusRow>(
      "",
      [&](const ledger::RegionStatusRow& row) -> ReadContext::Added {
        if (region != Region() && row.region != region) return 0;
        if (request.in_force_only() && !row.HoldsOn(context.today())) return 0;
        *answer.add_region_statuses() = ToProto(row);
        return answer.region_statuses().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListCrossingsAnswer> ListCrossings(ReadContext& context, const v1::ListCrossingsRequest& request) {
  Lookup lookup(&context);
  std::string site;
  if (!request.site().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(site, ledger::ParseName("site", "sites", request.site()));
  }
  v1::ListCrossingsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::CrossingRow>(
      "",
      [&](const ledger::CrossingRow& row) -> ReadContext::Added {
        if (!site.empty() && row.site != site) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const auto found, context.Get<ledger::SiteRow>(row.site));
        if (!found.has_value()) return 0;
        const auto zone = ParseRegion(row.control_zone);
        const bool of_zone = zone.ok() && context.MaySee({{}, *zone});
        if (!of_zone && !context.MaySee({{found->participant}, found->region}) && !context.MaySee({{}, row.province})) return 0;
        *answer.add_crossings() = ToProto(row);
        return answer.crossings().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
