// The life of rights beside the market: plans of allocation, fees, surpluses, years.
#include <algorithm>
#include <string>

#include "api/reads/lookup.h"
#include "api/reads/reads.h"
#include "exchange/contracts.h"
#include "exchange/trade_clocks.h"
#include "exchange/trades.h"
#include "ledger/allocations.h"
#include "ledger/names.h"
#include "ledger/paid_use_fees.h"
#include "ledger/refusal.h"
#include "ledger/rights_years.h"
#include "ledger/surpluses.h"

namespace songhua::api::reads {
namespace {

absl::StatusOr<Target> TargetOf(Lookup& lookup, const std::string& site) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* row, lookup.Site(site));
  return lookup.OfSite(*row);
}

// A numbered row that belongs to a site, where the caller may see it.
template <class Row>
absl::StatusOr<Row> GetOfSite(ReadContext& context, std::string_view collection, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", collection, name));
  SONGHUA_ASSIGN_OR_RETURN(auto row, context.Get<Row>(number));
  if (!row.has_value()) return NotFound("name", name);
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(lookup, row->site));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  return *std::move(row);
}

// The site that a list asks for; empty: all.
absl::StatusOr<std::string> SiteFilter(Lookup& lookup, const std::string& site) {
  if (site.empty()) return std::string();
  SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* row, lookup.FindSite("site", site));
  return row->id;
}

absl::StatusOr<ledger::AllocationPlanRow> FindPlan(ReadContext& context, const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "allocations", name));
  if (number > UINT32_MAX) return NotFound("name", name);
  SONGHUA_ASSIGN_OR_RETURN(auto plan, context.Get<ledger::AllocationPlanRow>(static_cast<uint32_t>(number)));
  if (!plan.has_value()) return NotFound("name", name);
  SONGHUA_RETURN_IF_ERROR(context.Authorize(Target{{}, plan->region}));
  return *std::move(plan);
}

// What the site's lots entitle it to in the year, by the rows that are published (Ledger::EffectiveRights). REQUIRES: a snapshot.
absl::StatusOr<Quantity> OpenEntitlement(ReadContext& context, Lookup& lookup, const std::string& site, const std::string& pollutant, int32_t year) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup.FindAccount("site", ledger::MakeName("accounts", site + ".rights")));
  Quantity sum;
  SONGHUA_RETURN_IF_ERROR(context.ForEach<ledger::LotIndexRow>(EncodeKey(account->number), [&](const ledger::LotIndexRow& index) -> absl::Status {
    SONGHUA_ASSIGN_OR_RETURN(const auto lot, context.Get<ledger::LotRow>(index.lot));
    if (!lot.has_value()) return absl::InternalError("the row of lot " + std::to_string(index.lot) + " is missing");
    SONGHUA_ASSIGN_OR_RETURN(const ledger::InstrumentClassRow* row, lookup.Class(lot->instrument_class));
    if (row->pollutant == pollutant) sum += QuantityOf(lot->entitlements, year);
    return absl::OkStatus();
  }));
  // Less what it bought and its permit does not show yet (Exchange::NotYetShown).
  Quantity bought;
  SONGHUA_RETURN_IF_ERROR(context.ForEach<exchange::TradeDeadlineRow>("", [&](const exchange::TradeDeadlineRow& clock) -> absl::Status {
    if (clock.stage != exchange::TradeStage::kPermits || clock.buyer != account->number) return absl::OkStatus();
    SONGHUA_ASSIGN_OR_RETURN(const auto contract, context.Get<exchange::ContractRow>(exchange::ContractOf(clock.trade)));
    if (!contract.has_value()) return absl::InternalError("the contract of " + ledger::MakeName("trades", clock.trade) + " is missing");
    if (contract->pollutant == pollutant && Year(contract->term.first) <= year && year <= Year(contract->term.last)) bought += clock.quantity;
    return absl::OkStatus();
  }));
  return std::max(Quantity(), sum - bought);
}

absl::StatusOr<v1::RightsYear> YearMessage(ReadContext& context, Lookup& lookup, const ledger::RightsYearRow& row) {
  SONGHUA_ASSIGN_OR_RETURN(const Quantity open, OpenEntitlement(context, lookup, row.site, row.pollutant, row.year));
  return ToProto(row, open + row.effective);
}

}  // namespace

// ---- Allocations ----

absl::StatusOr<v1::AllocationAnswer> GetAllocation(ReadContext& context, const v1::GetAllocationRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AllocationPlanRow plan, FindPlan(context, request.name()));
  v1::AllocationAnswer answer;
  *answer.mutable_allocation() = ToProto(plan);
  return answer;
}

absl::StatusOr<v1::ListAllocationsAnswer> ListAllocations(ReadContext& context, const v1::ListAllocationsRequest&) {
  v1::ListAllocationsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::AllocationPlanRow>(
      "",
      [&](const ledger::AllocationPlanRow& row) -> ReadContext::Added {
        if (!context.MaySee(Target{{}, row.region})) return 0;
        *answer.add_allocations() = ToProto(row);
        return answer.allocations().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::ListAllocationRowsAnswer> ListAllocationRows(ReadContext& context, const v1::ListAllocationRowsRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ledger::AllocationPlanRow plan, FindPlan(context, request.name()));
  v1::ListAllocationRowsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::AllocationEntryRow>(
      EncodeKey(plan.number),
      [&](const ledger::AllocationEntryRow& row) -> ReadContext::Added {
        if (request.bad_only() && row.fault.reason.empty()) return 0;
        *answer.add_rows() = ToProto(row);
        return answer.rows().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

// ---- Fees ----

absl::StatusOr<v1::PaidUseFeeAnswer> GetPaidUseFee(ReadContext& context, const v1::GetPaidUseFeeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const auto row, GetOfSite<ledger::PaidUseFeeRow>(context, "paidUseFees", request.name()));
  v1::PaidUseFeeAnswer answer;
  *answer.mutable_paid_use_fee() = ToProto(row, context.today());
  return answer;
}

absl::StatusOr<v1::ListPaidUseFeesAnswer> ListPaidUseFees(ReadContext& context, const v1::ListPaidUseFeesRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const std::string site, SiteFilter(lookup, request.site()));
  v1::ListPaidUseFeesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::PaidUseFeeRow>(
      "",
      [&](const ledger::PaidUseFeeRow& row) -> ReadContext::Added {
        if ((!site.empty() && row.site != site) || (request.arrears_only() && !row.InArrears(context.today()))) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(lookup, row.site));
        if (!context.MaySee(target)) return 0;
        *answer.add_paid_use_fees() = ToProto(row, context.today());
        return answer.paid_use_fees().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

// ---- Surpluses ----

absl::StatusOr<v1::SurplusAnswer> GetSurplus(ReadContext& context, const v1::GetSurplusRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const auto row, GetOfSite<ledger::SurplusRow>(context, "surpluses", request.name()));
  v1::SurplusAnswer answer;
  *answer.mutable_surplus() = ToProto(row, context.today());
  return answer;
}

absl::StatusOr<v1::ListSurplusesAnswer> ListSurpluses(ReadContext& context, const v1::ListSurplusesRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const std::string site, SiteFilter(lookup, request.site()));
  v1::ListSurplusesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::SurplusRow>(
      "",
      [&](const ledger::SurplusRow& row) -> ReadContext::Added {
        if (!site.empty() && row.site != site) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(lookup, row.site));
        if (!context.MaySee(target)) return 0;
        *answer.add_surpluses() = ToProto(row, context.today());
        return answer.surpluses().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

// ---- Years ----

absl::StatusOr<v1::RightsYearAnswer> GetRightsYear(ReadContext& context, const v1::GetRightsYearRequest& request) {
  SONGHUA_RETURN_IF_ERROR(ledger::ValidatePollutant("pollutant", request.pollutant()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const ledger::SiteRow* site, lookup.FindSite("site", request.site()));
  SONGHUA_ASSIGN_OR_RETURN(const Target target, lookup.OfSite(*site));
  SONGHUA_RETURN_IF_ERROR(context.Authorize(target));
  const std::tuple<std::string, std::string, int32_t> key(site->id, request.pollutant(), request.year());
  SONGHUA_ASSIGN_OR_RETURN(auto row, context.Get<ledger::RightsYearRow>(key));
  if (!row.has_value()) {
    // Nothing is recorded yet: what it is entitled to is known all the same.
    row.emplace();
    row->site = site->id;
    row->pollutant = request.pollutant();
    row->year = request.year();
  }
  v1::RightsYearAnswer answer;
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_rights_year(), YearMessage(context, lookup, *row));
  return answer;
}

absl::StatusOr<v1::ListRightsYearsAnswer> ListRightsYears(ReadContext& context, const v1::ListRightsYearsRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const std::string site, SiteFilter(lookup, request.site()));
  v1::ListRightsYearsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::RightsYearRow>(
      site.empty() ? "" : EncodeKey(site),
      [&](const ledger::RightsYearRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(lookup, row.site));
        if (!context.MaySee(target)) return 0;
        SONGHUA_ASSIGN_OR_RETURN(v1::RightsYear year, YearMessage(context, lookup, row));
        if (request.deficits_only() && year.deficit_quantity() == 0) return 0;
        *answer.add_rights_years() = std::move(year);
        return answer.rights_years().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
