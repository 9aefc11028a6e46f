#include "permits/import_rows.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::permits {
namespace {

using ledger::MakeName;
using ledger::ParseName;

constexpr uint32_t kVersionMax = 10'000;
constexpr int64_t kPermitsMax = 10'000'000;
constexpr int64_t kOutletsOfAllMax = 1'000'000'000;
constexpr int kPollutantsMax = 200;

Refuse TotalsDiffer(std::string_view field, std::string_view value, std::string_view accepted) {
  return Refuse(absl::StatusCode::kFailedPrecondition, "CONTROL_TOTALS_DIFFER").Rule("PERMIT-23").Field(field).Value(value).Accepted(accepted);
}

std::string Grams(const std::string& pollutant, int32_t year, Quantity quantity) {
  return pollutant + " " + std::to_string(year) + ": " + std::to_string(quantity.value()) + " g";
}

SiteTotalRow* FindPollutant(std::vector<SiteTotalRow>& rows, const std::string& pollutant) {
  const auto it = std::find_if(rows.begin(), rows.end(), [&](const SiteTotalRow& row) { return row.pollutant == pollutant; });
  return it == rows.end() ? nullptr : &*it;
}

Quantity* FindYear(SiteTotalRow& row, int32_t year) {
  const auto it = std::find_if(row.quantities.begin(), row.quantities.end(), [&](const YearQuantity& entry) { return entry.year == year; });
  return it == row.quantities.end() ? nullptr : &it->quantity;
}

// A number of the site: its own, one that was given while the enterprise had no credit code (PERMIT-11), or another of the enterprise's that names none of its
// other sites (PERMIT-12).
absl::Status CheckNumber(const std::string& text, const ledger::SiteRow& site, const ledger::Participants& participants) {
  SONGHUA_ASSIGN_OR_RETURN(const PermitNumber number, ParsePermitNumber(text, "number", NumberSource::kImported));
  if (number.letter != kPermitLetter) return InvalidField("number", text, "a permit's number, which ends in P").Rule("PERMIT-10");
  const std::string its_site = text.substr(0, text.size() - 1);
  const bool substitute = !ValidateUscc(number.uscc).ok();
  if (substitute || its_site == site.id) return absl::OkStatus();
  if (number.uscc != site.uscc() || participants.FindSite(its_site) != nullptr) {
    return InvalidField("number", text, site.id + "P, a number of " + site.uscc() + " that names none of its other sites, or an H9 substitute")
        .Rule("PERMIT-12");
  }
  return absl::OkStatus();
}

absl::StatusOr<Term> ParseImportTerm(const v1::ImportPermit& row, Date today, int32_t years_max) {
  SONGHUA_ASSIGN_OR_RETURN(const Term term, ParsePermitTerm(row.valid_from(), row.valid_to(), kFirstDate, years_max));
  if (term.last < today) {
    return InvalidField("valid_to", row.valid_to(), FormatDate(today) + " or later: a permit that has expired is not taken over").Rule("PERMIT-47");
  }
  return term;
}

absl::StatusOr<Timestamp> ParseIssueDate(const v1::ImportPermit& row, const Term& term, Date today) {
  if (row.issue_date().empty()) return StartOfDay(std::min(term.first, today));
  SONGHUA_ASSIGN_OR_RETURN(const Date date, ParseDate(row.issue_date(), "issue_date"));
  if (date > today) return InvalidField("issue_date", row.issue_date(), FormatDate(today) + " or earlier").Rule("PERMIT-39");
  return StartOfDay(date);
}

}  // namespace

// ---- Totals ----

ImportTotals ImportTotals::NothingYet() const {
  ImportTotals nothing;
  nothing.pollutants = pollutants;
  for (SiteTotalRow& row : nothing.pollutants) {
    for (YearQuantity& entry : row.quantities) entry.quantity = Quantity();
  }
  return nothing;
}

absl::Status ImportTotals::Add(const PermitRow& permit) {
  for (const SiteTotalRow& total : permit.site_totals) {
    SiteTotalRow* row = FindPollutant(pollutants, total.pollutant);
    for (const YearQuantity& entry : total.quantities) {
      const Quantity* sum = row == nullptr ? nullptr : FindYear(*row, entry.year);
      if (sum == nullptr) {
        return TotalsDiffer("limits", Grams(total.pollutant, entry.year, entry.quantity), "a pollutant and year of the declared control totals");
      }
      if (!CheckedAdd(*sum, entry.quantity).ok()) {
        return TotalsDiffer("limits", Grams(total.pollutant, entry.year, entry.quantity), "quantities whose total fits in 64 bits");
      }
    }
  }
  for (const SiteTotalRow& total : permit.site_totals) {
    SiteTotalRow* row = FindPollutant(pollutants, total.pollutant);
    for (const YearQuantity& entry : total.quantities) *FindYear(*row, entry.year) += entry.quantity;
  }
  ++permits;
  outlets += static_cast<int64_t>(permit.outlet_codes.size());
  return absl::OkStatus();
}

absl::StatusOr<ImportTotals> ParseTotals(const v1::ControlTotals& totals) {
  ImportTotals parsed;
  if (totals.permits() < 1 || totals.permits() > kPermitsMax) {
    return InvalidField("totals.permits", std::to_string(totals.permits()), "1 to " + std::to_string(kPermitsMax));
  }
  if (totals.outlets() < 0 || totals.outlets() > kOutletsOfAllMax) {
    return InvalidField("totals.outlets", std::to_string(totals.outlets()), "0 to " + std::to_string(kOutletsOfAllMax));
  }
  if (totals.pollutants_size() > kPollutantsMax) {
    return InvalidField("totals.pollutants", std::to_string(totals.pollutants_size()) + " entries", "at most " + std::to_string(kPollutantsMax));
  }
  parsed.permits = totals.permits();
  parsed.outlets = totals.outlets();
  for (int i = 0; i < totals.pollutants_size(); ++i) {
    const std::string at = "totals.pollutants[" + std::to_string(i) + "]";
    const v1::PollutantTotal& total = totals.pollutants(i);
    SONGHUA_RETURN_IF_ERROR(ledger::ValidatePollutant(at + ".pollutant", total.pollutant()));
    if (FindPollutant(parsed.pollutants, total.pollutant()) != nullptr) {
      return InvalidField(at + ".pollutant", total.pollutant(), "each pollutant once").Rule("PERMIT-23");
    }
    SONGHUA_ASSIGN_OR_RETURN(YearQuantities quantities, ledger::ParseYearQuantities(at + ".annual_limits", total.annual_limits()));
    if (quantities.size() > static_cast<size_t>(Regimes::kTermYearsMax) + 1) {
      return InvalidField(at + ".annual_limits", std::to_string(quantities.size()) + " years", "at most " + std::to_string(Regimes::kTermYearsMax + 1));
    }
    parsed.pollutants.push_back({total.pollutant(), std::move(quantities)});
  }
  std::sort(parsed.pollutants.begin(), parsed.pollutants.end(), [](const auto& a, const auto& b) { return a.pollutant < b.pollutant; });
  return parsed;
}

v1::ControlTotals ToProto(const ImportTotals& totals) {
  v1::ControlTotals message;
  message.set_permits(totals.permits);
  message.set_outlets(totals.outlets);
  for (const SiteTotalRow& row : totals.pollutants) {
    v1::PollutantTotal* total = message.add_pollutants();
    total->set_pollutant(row.pollutant);
    ledger::AppendProto(row.quantities, total->mutable_annual_limits());
  }
  return message;
}

absl::Status CompareTotals(const ImportTotals& declared, const ImportTotals& staged) {
  SONGHUA_CHECK(declared.pollutants.size() == staged.pollutants.size());
  const auto compare = [](std::string_view field, int64_t said, int64_t found) -> absl::Status {
    if (said == found) return absl::OkStatus();
    return TotalsDiffer(field, std::to_string(found) + " in the file", std::to_string(said) + ", as declared");
  };
  SONGHUA_RETURN_IF_ERROR(compare("totals.permits", declared.permits, staged.permits));
  SONGHUA_RETURN_IF_ERROR(compare("totals.outlets", declared.outlets, staged.outlets));
  for (size_t i = 0; i < declared.pollutants.size(); ++i) {
    const SiteTotalRow& said = declared.pollutants[i];
    for (size_t j = 0; j < said.quantities.size(); ++j) {
      const Quantity found = staged.pollutants[i].quantities[j].quantity;
      const YearQuantity& entry = said.quantities[j];
      if (found == entry.quantity) continue;
      return TotalsDiffer("totals.pollutants", Grams(said.pollutant, entry.year, found) + " in the file",
                          std::to_string(entry.quantity.value()) + " g, as declared");
    }
  }
  return absl::OkStatus();
}

// ---- Rows ----

absl::StatusOr<ImportedPermit> ParseImportPermit(const v1::ImportPermit& row, Region region, Date today, const ledger::Participants& participants,
                                                 const Regimes& regimes) {
  if (!row.unreadable().empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "ROW_UNREADABLE").Rule("PERMIT-20").Field("row").Value(row.unreadable()).Accepted("a whole permit");
  }
  SONGHUA_RETURN_IF_ERROR(ParsePermitNumber(row.number(), "number", NumberSource::kImported).status());
  SONGHUA_ASSIGN_OR_RETURN(const std::string site_id, ParseName("site", "sites", row.site()));
  const ledger::SiteRow* site = participants.FindSite(site_id);
  if (site == nullptr) return NotFound("site", row.site()).Rule("PERMIT-10").Accepted("a site that is registered");
  if (!RegionContains(region, site->region)) {
    return InvalidField("site", row.site() + " in " + FormatRegion(site->region), "a site in " + FormatRegion(region) + ", the import's region")
        .Rule("PERMIT-04");
  }
  SONGHUA_RETURN_IF_ERROR(CheckNumber(row.number(), *site, participants));
  if (row.tier() != v1::KEY && row.tier() != v1::SIMPLIFIED) {
    return InvalidField("tier", std::to_string(row.tier()), "KEY or SIMPLIFIED: a registration needs no permit").Rule("PERMIT-01");
  }
  const RegimeRow* regime = regimes.GoverningRegion(site->region, today);
  ImportedPermit permit;
  SONGHUA_ASSIGN_OR_RETURN(permit.row.term, ParseImportTerm(row, today, regime == nullptr ? kTermYearsWithoutRegime : regime->term_years));
  SONGHUA_ASSIGN_OR_RETURN(permit.row.issue_time, ParseIssueDate(row, permit.row.term, today));
  if (row.version() < 1 || row.version() > kVersionMax) {
    return InvalidField("version", std::to_string(row.version()), "1 to " + std::to_string(kVersionMax)).Rule("INV-06");
  }
  SONGHUA_ASSIGN_OR_RETURN(permit.content, ParseContent(row.outlets(), row.limits(), row.details(), &permit.row.term));
  permit.row.number = row.number();
  permit.row.version = 1;  // the first of its chain here: what came before is history, and stays in the old system
  permit.row.import_version = row.version();
  permit.row.site = site_id;
  permit.row.region = site->region;
  permit.row.tier = row.tier();
  if (regime != nullptr) permit.row.regime = regime->Id();
  for (const OutletRow& outlet : permit.content.outlets) permit.row.outlet_codes.push_back(outlet.code);
  for (const LimitRow& limit : permit.content.limits) {
    if (limit.scope == kSiteScope) permit.row.site_totals.push_back({limit.pollutant, limit.annual_limits});
  }
  return permit;
}

}  // namespace songhua::permits
