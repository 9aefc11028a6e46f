// The life of rights beside the market: plans of allocation, fees, surpluses, years.
#include <algorithm>
#include <map>
#include <optional>
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

// What sites may hold against their discharge, by the rows that are published (RightsYears::Countable). REQUIRES: a snapshot.
class Entitlements {
 public:
  explicit Entitlements(ReadContext* context) : context_(*context), lookup_(context) {}

  absl::StatusOr<v1::RightsYear> YearMessage(const ledger::RightsYearRow& row) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, lookup_.FindAccount("site", ledger::MakeName("accounts", row.site + ".rights")));
    SONGHUA_ASSIGN_OR_RETURN(const Quantity open, OfLots(*account, row));
    SONGHUA_ASSIGN_OR_RETURN(const Quantity bought, NotShown(*account, row));
    return ToProto(row, std::max(Quantity(), open + row.effective - bought));
  }

 private:
  absl::StatusOr<Quantity> OfLots(const ledger::AccountRow& account, const ledger::RightsYearRow& row) {
    Quantity sum;
    SONGHUA_RETURN_IF_ERROR(context_.ForEach<ledger::LotIndexRow>(EncodeKey(account.number), [&](const ledger::LotIndexRow& index) -> absl::Status {
      SONGHUA_ASSIGN_OR_RETURN(const auto lot, context_.Get<ledger::LotRow>(index.lot));
      if (!lot.has_value()) return absl::InternalError("the row of lot " + std::to_string(index.lot) + " is missing");
      SONGHUA_ASSIGN_OR_RETURN(const ledger::InstrumentClassRow* kind, lookup_.Class(lot->instrument_class));
      if (kind->pollutant == row.pollutant) sum += QuantityOf(lot->entitlements, row.year);
      return absl::OkStatus();
    }));
    return sum;
  }

  // What was bought and stands in no permit yet (Exchange::NotYetShown). The clocks are read once for all rows of a page.
  absl::StatusOr<Quantity> NotShown(const ledger::AccountRow& account, const ledger::RightsYearRow& row) {
    if (!clocks_.has_value()) {
      clocks_.emplace();
      SONGHUA_RETURN_IF_ERROR(context_.ForEach<exchange::TradeDeadlineRow>("", [&](const exchange::TradeDeadlineRow& clock) -> absl::Status {
        if (clock.stage == exchange::TradeStage::kPermits) clocks_->emplace(clock.buyer, clock);
        return absl::OkStatus();
      }));
    }
    Quantity sum;
    const auto [first, last] = clocks_->equal_range(account.number);
    for (auto it = first; it != last; ++it) {
      SONGHUA_ASSIGN_OR_RETURN(const auto contract, context_.Get<exchange::ContractRow>(exchange::ContractOf(it->second.trade)));
      if (!contract.has_value()) return absl::InternalError("the contract of " + ledger::MakeName("trades", it->second.trade) + " is missing");
      if (contract->pollutant == row.pollutant && Year(contract->term.first) <= row.year && row.year <= Year(contract->term.last)) {
        sum += it->second.quantity;
      }
    }
    return sum;
  }

  ReadContext& context_;
  Lookup lookup_;
  std::optional<std::multimap<ledger::AccountNumber, exchange::TradeDeadlineRow>> clocks_;  // by buyer
};

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
  SONGHUA_ASSIGN_OR_RETURN(*answer.mutable_rights_year(), Entitlements(&context).YearMessage(*row));
  return answer;
}

absl::StatusOr<v1::ListRightsYearsAnswer> ListRightsYears(ReadContext& context, const v1::ListRightsYearsRequest& request) {
  Lookup lookup(&context);
  SONGHUA_ASSIGN_OR_RETURN(const std::string site, SiteFilter(lookup, request.site()));
  Entitlements entitlements(&context);
  v1::ListRightsYearsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::RightsYearRow>(
      site.empty() ? "" : EncodeKey(site),
      [&](const ledger::RightsYearRow& row) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const Target target, TargetOf(lookup, row.site));
        if (!context.MaySee(target)) return 0;
        SONGHUA_ASSIGN_OR_RETURN(v1::RightsYear year, entitlements.YearMessage(row));
        if (request.deficits_only() && year.deficit_quantity() == 0) return 0;
        *answer.add_rights_years() = std::move(year);
        return answer.rights_years().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
