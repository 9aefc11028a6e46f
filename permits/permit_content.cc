#include "permits/permit_content.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::permits {
namespace {

std::string Entry(std::string_view list, int i) { return std::string(list) + "[" + std::to_string(i) + "]"; }

const OutletRow* FindOutlet(const std::vector<OutletRow>& outlets, const std::string& code) {
  const auto it = std::find_if(outlets.begin(), outlets.end(), [&](const OutletRow& outlet) { return outlet.code == code; });
  return it == outlets.end() ? nullptr : &*it;
}

absl::StatusOr<OutletRow> ParseOutlet(const std::string& at, const v1::Outlet& outlet) {
  SONGHUA_ASSIGN_OR_RETURN(const PointCode code, ParseOutletCode(outlet.code(), at + ".code"));
  if (outlet.type() == v1::OUTLET_TYPE_UNSPECIFIED || !v1::OutletType_IsValid(outlet.type())) {
    return InvalidField(at + ".type", std::to_string(outlet.type()), "MAIN, GENERAL or OTHER_OUTLET").Rule("PERMIT-21");
  }
  if (code.medium == Medium::kWater) {
    SONGHUA_RETURN_IF_ERROR(ValidateBasin(outlet.basin(), at + ".basin"));
  } else if (!outlet.basin().empty()) {
    return InvalidField(at + ".basin", outlet.basin(), "empty: an outlet to air has no basin").Rule("GEN-12");
  }
  return OutletRow{outlet.code(), outlet.type(), outlet.basin()};
}

absl::Status CheckScope(const std::string& at, const std::string& scope, const std::vector<OutletRow>& outlets) {
  if (scope == kSiteScope || scope == kFugitiveScope) return absl::OkStatus();
  const OutletRow* outlet = FindOutlet(outlets, scope);
  if (outlet == nullptr)
    return InvalidField(at + ".scope", scope, "SITE, FUGITIVE or the code of an outlet of this permit").Rule("PERMIT-22");
  if (outlet->type != v1::MAIN) {
    return InvalidField(at + ".scope", scope, "a MAIN outlet: others carry no yearly quantity").Rule("PERMIT-22");
  }
  return absl::OkStatus();
}

// One entry for each calendar year of the term, none besides.
absl::Status CheckYears(const std::string& field, const YearQuantities& quantities, const Term& term) {
  const int32_t first = Year(term.first);
  const int32_t last = Year(term.last);
  const std::string accepted = "one entry for each year from " + std::to_string(first) + " to " + std::to_string(last);
  int32_t expected = first;
  for (const YearQuantity& entry : quantities) {
    if (entry.year != expected || expected > last) return InvalidField(field, std::to_string(entry.year), accepted).Rule("PERMIT-23");
    if (entry.quantity.value() > kAnnualLimitMax) {
      return InvalidField(field, std::to_string(entry.quantity.value()), "at most " + std::to_string(kAnnualLimitMax) + " g");
    }
    ++expected;
  }
  if (expected <= last) return InvalidField(field, "no entry for " + std::to_string(expected), accepted).Rule("PERMIT-23");
  return absl::OkStatus();
}

// PERMIT-23: for each pollutant and year, SITE = sum of MAIN outlets + FUGITIVE.
absl::Status CheckSiteTotals(const std::vector<LimitRow>& limits) {
  using PollutantYear = std::pair<std::string, int32_t>;
  std::map<PollutantYear, Quantity> parts;
  std::map<PollutantYear, Quantity> totals;
  for (const LimitRow& limit : limits) {
    const bool is_total = limit.scope == kSiteScope;
    for (const YearQuantity& entry : limit.annual_limits) {
      parts[{limit.pollutant, entry.year}] += is_total ? Quantity() : entry.quantity;
      if (is_total) totals[{limit.pollutant, entry.year}] = entry.quantity;
    }
  }
  for (const auto& [pollutant_year, sum] : parts) {
    const auto total = totals.find(pollutant_year);
    const std::string where = pollutant_year.first + " " + std::to_string(pollutant_year.second);
    if (total == totals.end() || total->second != sum) {
      return Refuse(absl::StatusCode::kInvalidArgument, "SITE_TOTAL_DIFFERS")
          .Rule("PERMIT-23")
          .Field("limits")
          .Value(where + (total == totals.end() ? ": no SITE row" : ": SITE " + std::to_string(total->second.value()) + " g"))
          .Accepted("SITE " + std::to_string(sum.value()) + " g, the sum of MAIN outlets and FUGITIVE");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Term> ParsePermitTerm(const std::string& valid_from, const std::string& valid_to, Date today) {
  Term term;
  SONGHUA_ASSIGN_OR_RETURN(term.first, ParseDate(valid_from, "valid_from"));
  SONGHUA_ASSIGN_OR_RETURN(term.last, ParseDate(valid_to, "valid_to"));
  SONGHUA_RETURN_IF_ERROR(ValidateTerm(term, "valid_to"));
  if (term.first < today) {
    return InvalidField("valid_from", valid_from, FormatDate(today) + ", the day of issue, or later").Rule("PERMIT-39");
  }
  SONGHUA_ASSIGN_OR_RETURN(const Date limit, AddYears(term.first, Permits::kTermYearsMax));
  if (term.last >= limit) {
    return InvalidField("valid_to", valid_to, "at most " + FormatDate(limit - 1) + ", five years").Rule("PERMIT-47");
  }
  return term;
}

absl::StatusOr<std::vector<OutletRow>> ParseOutlets(const google::protobuf::RepeatedPtrField<v1::Outlet>& outlets) {
  if (static_cast<size_t>(outlets.size()) > kOutletsMax) {
    return InvalidField("outlets", std::to_string(outlets.size()) + " outlets", "at most " + std::to_string(kOutletsMax));
  }
  std::vector<OutletRow> rows;
  rows.reserve(outlets.size());
  for (int i = 0; i < outlets.size(); ++i) {
    const std::string at = Entry("outlets", i);
    SONGHUA_ASSIGN_OR_RETURN(OutletRow row, ParseOutlet(at, outlets[i]));
    if (FindOutlet(rows, row.code) != nullptr) return InvalidField(at + ".code", row.code, "each code once").Rule("PERMIT-13");
    rows.push_back(std::move(row));
  }
  return rows;
}

absl::StatusOr<std::vector<LimitRow>> ParseLimits(const google::protobuf::RepeatedPtrField<v1::Limit>& limits,
                                                  const std::vector<OutletRow>& outlets, const Term& term) {
  if (static_cast<size_t>(limits.size()) > kLimitsMax) {
    return InvalidField("limits", std::to_string(limits.size()) + " limits", "at most " + std::to_string(kLimitsMax));
  }
  std::vector<LimitRow> rows;
  rows.reserve(limits.size());
  std::set<std::pair<std::string, std::string>> seen;
  for (int i = 0; i < limits.size(); ++i) {
    const v1::Limit& limit = limits[i];
    const std::string at = Entry("limits", i);
    SONGHUA_RETURN_IF_ERROR(CheckScope(at, limit.scope(), outlets));
    SONGHUA_RETURN_IF_ERROR(ledger::ValidatePollutant(at + ".pollutant", limit.pollutant()));
    if (!seen.emplace(limit.scope(), limit.pollutant()).second) {
      return InvalidField(at, limit.scope() + " " + limit.pollutant(), "each scope and pollutant once").Rule("PERMIT-22");
    }
    SONGHUA_ASSIGN_OR_RETURN(YearQuantities quantities, ledger::ParseYearQuantities(at + ".annual_limits", limit.annual_limits()));
    SONGHUA_RETURN_IF_ERROR(CheckYears(at + ".annual_limits", quantities, term));
    rows.push_back({limit.scope(), limit.pollutant(), std::move(quantities)});
  }
  SONGHUA_RETURN_IF_ERROR(CheckSiteTotals(rows));
  return rows;
}

}  // namespace songhua::permits
