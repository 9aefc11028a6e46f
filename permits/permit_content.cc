#include "permits/permit_content.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>
#include <utility>

#include "ledger/check.h"
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

// Text that may be empty.
absl::Status CheckText(const std::string& text, size_t max_bytes, const std::string& field) {
  return text.empty() ? absl::OkStatus() : ValidateName(text, max_bytes, field);
}

absl::Status CheckRange(const std::string& field, int64_t value, int64_t least, int64_t most, std::string_view rule) {
  if (least <= value && value <= most) return absl::OkStatus();
  return InvalidField(field, std::to_string(value), std::to_string(least) + " to " + std::to_string(most)).Rule(rule);
}

absl::Status CheckCount(std::string_view field, int size, size_t max) {
  if (static_cast<size_t>(size) <= max) return absl::OkStatus();
  return InvalidField(field, std::to_string(size) + " entries", "at most " + std::to_string(max));
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
  SONGHUA_RETURN_IF_ERROR(CheckText(outlet.display_name(), kNameBytesMax, at + ".display_name"));
  SONGHUA_RETURN_IF_ERROR(CheckRange(at + ".longitude_microdegrees", outlet.longitude_microdegrees(), -180'000'000, 180'000'000, "PERMIT-21"));
  SONGHUA_RETURN_IF_ERROR(CheckRange(at + ".latitude_microdegrees", outlet.latitude_microdegrees(), -90'000'000, 90'000'000, "PERMIT-21"));
  SONGHUA_RETURN_IF_ERROR(CheckRange(at + ".height_mm", outlet.height_mm(), 0, 1'000'000, "PERMIT-21"));
  SONGHUA_RETURN_IF_ERROR(CheckRange(at + ".inner_diameter_mm", outlet.inner_diameter_mm(), 0, 100'000, "PERMIT-21"));
  SONGHUA_RETURN_IF_ERROR(CheckRange(at + ".temperature_celsius", outlet.temperature_celsius(), -100, 3'000, "PERMIT-21"));
  if (!v1::OutletMode_IsValid(outlet.mode())) {
    return InvalidField(at + ".mode", std::to_string(outlet.mode()), "CONTINUOUS or INTERMITTENT").Rule("PERMIT-21");
  }
  SONGHUA_RETURN_IF_ERROR(CheckText(outlet.destination(), kNameBytesMax, at + ".destination"));
  SONGHUA_RETURN_IF_ERROR(CheckText(outlet.function_class(), kNameBytesMax, at + ".function_class"));
  return OutletRow{outlet.code(),
                   outlet.type(),
                   outlet.basin(),
                   outlet.display_name(),
                   outlet.longitude_microdegrees(),
                   outlet.latitude_microdegrees(),
                   outlet.height_mm(),
                   outlet.inner_diameter_mm(),
                   outlet.temperature_celsius(),
                   outlet.mode(),
                   outlet.destination(),
                   outlet.function_class()};
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
  const auto accepted = [&] { return "one entry for each year from " + std::to_string(first) + " to " + std::to_string(last); };
  int32_t expected = first;
  for (const YearQuantity& entry : quantities) {
    if (entry.year != expected || expected > last) return InvalidField(field, std::to_string(entry.year), accepted()).Rule("PERMIT-23");
    ++expected;
  }
  if (expected <= last) return InvalidField(field, "no entry for " + std::to_string(expected), accepted()).Rule("PERMIT-23");
  return absl::OkStatus();
}

absl::Status CheckQuantities(const std::string& field, const YearQuantities& quantities) {
  for (const YearQuantity& entry : quantities) {
    if (entry.quantity.value() <= kAnnualLimitMax) continue;
    return InvalidField(field, std::to_string(entry.quantity.value()), "at most " + std::to_string(kAnnualLimitMax) + " g").Rule("PERMIT-23");
  }
  return absl::OkStatus();
}

// PERMIT-23: for each pollutant and year, SITE = sum of MAIN outlets + FUGITIVE. Sorted instead of in maps: an import checks millions of entries.
absl::Status CheckSiteTotals(const std::vector<LimitRow>& limits) {
  struct Entry {
    std::string_view pollutant;
    int32_t year = 0;
    bool is_total = false;
    Quantity quantity;
  };
  std::vector<Entry> entries;
  size_t count = 0;
  for (const LimitRow& limit : limits) count += limit.annual_limits.size();
  entries.reserve(count);
  for (const LimitRow& limit : limits) {
    for (const YearQuantity& entry : limit.annual_limits) {
      entries.push_back({limit.pollutant, entry.year, limit.scope == kSiteScope, entry.quantity});
    }
  }
  const auto place = [](const Entry& entry) { return std::tie(entry.pollutant, entry.year); };
  std::sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) { return place(a) < place(b); });
  for (size_t first = 0, next = 0; first < entries.size(); first = next) {
    Quantity sum;
    const Entry* total = nullptr;
    for (next = first; next < entries.size() && place(entries[next]) == place(entries[first]); ++next) {
      if (entries[next].is_total) {
        total = &entries[next];
      } else {
        sum += entries[next].quantity;
      }
    }
    if (total != nullptr && total->quantity == sum) continue;
    return Refuse(absl::StatusCode::kInvalidArgument, "SITE_TOTAL_DIFFERS")
        .Rule("PERMIT-23")
        .Field("limits")
        .Value(std::string(entries[first].pollutant) + " " + std::to_string(entries[first].year) +
               (total == nullptr ? ": no SITE row" : ": SITE " + std::to_string(total->quantity.value()) + " g"))
        .Accepted("SITE " + std::to_string(sum.value()) + " g, the sum of MAIN outlets and FUGITIVE");
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<OutletRow>> ParseOutlets(const google::protobuf::RepeatedPtrField<v1::Outlet>& outlets) {
  SONGHUA_RETURN_IF_ERROR(CheckCount("outlets", outlets.size(), kOutletsMax));
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
                                                  const std::vector<OutletRow>& outlets, const Term* term) {
  SONGHUA_RETURN_IF_ERROR(CheckCount("limits", limits.size(), kLimitsMax));
  std::vector<LimitRow> rows;
  rows.reserve(limits.size());
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (int i = 0; i < limits.size(); ++i) {
    const v1::Limit& limit = limits[i];
    const std::string at = Entry("limits", i);
    const std::string years = at + ".annual_limits";
    SONGHUA_RETURN_IF_ERROR(CheckScope(at, limit.scope(), outlets));
    SONGHUA_RETURN_IF_ERROR(ledger::ValidatePollutant(at + ".pollutant", limit.pollutant()));
    if (!seen.emplace(limit.scope(), limit.pollutant()).second) {
      return InvalidField(at, limit.scope() + " " + limit.pollutant(), "each scope and pollutant once").Rule("PERMIT-22");
    }
    SONGHUA_ASSIGN_OR_RETURN(YearQuantities quantities, ledger::ParseYearQuantities(years, limit.annual_limits()));
    if (term != nullptr) SONGHUA_RETURN_IF_ERROR(CheckYears(years, quantities, *term));
    SONGHUA_RETURN_IF_ERROR(CheckQuantities(years, quantities));
    rows.push_back({limit.scope(), limit.pollutant(), std::move(quantities)});
  }
  SONGHUA_RETURN_IF_ERROR(CheckSiteTotals(rows));
  return rows;
}

// "11-01"; empty is {0, 0}.
absl::StatusOr<DayOfYear> ParseDayOfYear(const std::string& field, const std::string& text) {
  DayOfYear day;
  if (text.empty()) return day;
  const auto number = [&](size_t at, int32_t* value) {
    const auto parsed = std::from_chars(text.data() + at, text.data() + at + 2, *value);
    return parsed.ec == std::errc() && parsed.ptr == text.data() + at + 2;
  };
  constexpr int32_t kLeapYear = 2024;  // February 29 is a day of a season
  if (text.size() != 5 || text[2] != '-' || !number(0, &day.month) || !number(3, &day.day) || day.month < 1 || day.month > 12 || day.day < 1 ||
      day.day > DaysInMonth(kLeapYear, day.month)) {
    return InvalidField(field, text, "month and day, as 11-01").Rule("PERMIT-24");
  }
  return day;
}

absl::StatusOr<StandardRow> ParseStandard(const std::string& at, const v1::Standard& standard, const std::vector<OutletRow>& outlets) {
  StandardRow row;
  row.scope = standard.scope();
  if (row.scope != kSiteScope && row.scope != kFugitiveScope && FindOutlet(outlets, row.scope) == nullptr) {
    return InvalidField(at + ".scope", row.scope, "SITE, FUGITIVE or the code of an outlet of this permit").Rule("PERMIT-22");
  }
  SONGHUA_RETURN_IF_ERROR(ledger::ValidatePollutant(at + ".pollutant", standard.pollutant()));
  row.pollutant = standard.pollutant();
  row.measure = standard.measure();
  row.statistic = standard.statistic();
  row.bound = standard.bound();
  if (row.measure == v1::MEASURE_UNSPECIFIED || !v1::Measure_IsValid(row.measure)) {
    return InvalidField(at + ".measure", std::to_string(row.measure), "CONCENTRATION, RATE, AMOUNT, REMOVAL or PLAIN_NUMBER").Rule("PERMIT-22");
  }
  if (row.statistic == v1::STATISTIC_UNSPECIFIED || !v1::Statistic_IsValid(row.statistic)) {
    return InvalidField(at + ".statistic", std::to_string(row.statistic), "what it is judged over, such as DAILY_AVERAGE").Rule("PERMIT-22");
  }
  const bool is_total = row.statistic == v1::DAILY_TOTAL || row.statistic == v1::MONTHLY_TOTAL;
  if (is_total != (row.measure == v1::AMOUNT)) {
    return InvalidField(at + ".statistic", v1::Statistic_Name(row.statistic), "a total for an AMOUNT, and for nothing else").Rule("PERMIT-24");
  }
  if (row.bound == v1::BOUND_UNSPECIFIED || !v1::Bound_IsValid(row.bound)) {
    return InvalidField(at + ".bound", std::to_string(row.bound), "AT_MOST or AT_LEAST").Rule("PERMIT-22");
  }
  SONGHUA_RETURN_IF_ERROR(CheckRange(at + ".value", standard.value(), 0, kAnnualLimitMax, "PERMIT-22"));
  row.value = standard.value();
  SONGHUA_ASSIGN_OR_RETURN(row.season_from, ParseDayOfYear(at + ".season_from", standard.season_from()));
  SONGHUA_ASSIGN_OR_RETURN(row.season_to, ParseDayOfYear(at + ".season_to", standard.season_to()));
  if (standard.season_from().empty() != standard.season_to().empty()) {
    return InvalidField(at + ".season_to", standard.season_to(), "both ends of a season, or none").Rule("PERMIT-24");
  }
  if (!v1::SpecialPeriod_IsValid(standard.special_period())) {
    return InvalidField(at + ".special_period", std::to_string(standard.special_period()), "an alert level or STAGGERED_PRODUCTION").Rule("PERMIT-24");
  }
  row.special_period = standard.special_period();
  SONGHUA_RETURN_IF_ERROR(CheckText(standard.source(), kNameBytesMax, at + ".source"));
  row.source = standard.source();
  return row;
}

// Two standards for the same thing at the same time.
bool SameStandard(const StandardRow& a, const StandardRow& b) {
  return a.scope == b.scope && a.pollutant == b.pollutant && a.measure == b.measure && a.statistic == b.statistic && a.bound == b.bound &&
         a.season_from == b.season_from && a.season_to == b.season_to && a.special_period == b.special_period;
}

absl::Status ParseStandards(const google::protobuf::RepeatedPtrField<v1::Standard>& standards, PermitContent* content) {
  SONGHUA_RETURN_IF_ERROR(CheckCount("details.standards", standards.size(), kStandardsMax));
  for (int i = 0; i < standards.size(); ++i) {
    const std::string at = Entry("details.standards", i);
    SONGHUA_ASSIGN_OR_RETURN(StandardRow row, ParseStandard(at, standards[i], content->outlets));
    for (const StandardRow& other : content->standards) {
      if (SameStandard(row, other)) return InvalidField(at, row.scope + " " + row.pollutant, "each standard once").Rule("PERMIT-22");
    }
    content->standards.push_back(std::move(row));
  }
  return absl::OkStatus();
}

absl::Status ParseFacilities(const google::protobuf::RepeatedPtrField<v1::Facility>& facilities, PermitContent* content) {
  SONGHUA_RETURN_IF_ERROR(CheckCount("details.facilities", facilities.size(), kDetailsMax));
  std::set<std::string> seen;
  for (int i = 0; i < facilities.size(); ++i) {
    const std::string at = Entry("details.facilities", i);
    SONGHUA_ASSIGN_OR_RETURN(const PointCode code, ParsePointCode(facilities[i].code(), at + ".code"));
    if (code.kind == PointKind::kOutlet) {
      return InvalidField(at + ".code", facilities[i].code(), "a facility, MF0001 or TA001: outlets stand among the outlets").Rule("PERMIT-13");
    }
    if (!seen.insert(facilities[i].code()).second) return InvalidField(at + ".code", facilities[i].code(), "each code once").Rule("PERMIT-13");
    SONGHUA_RETURN_IF_ERROR(CheckText(facilities[i].display_name(), kNameBytesMax, at + ".display_name"));
    SONGHUA_RETURN_IF_ERROR(CheckText(facilities[i].description(), kTextBytesMax, at + ".description"));
    content->facilities.push_back({facilities[i].code(), facilities[i].display_name(), facilities[i].description()});
  }
  return absl::OkStatus();
}

absl::Status ParseRequirements(const google::protobuf::RepeatedPtrField<v1::Requirement>& requirements, PermitContent* content) {
  SONGHUA_RETURN_IF_ERROR(CheckCount("details.requirements", requirements.size(), kDetailsMax));
  for (int i = 0; i < requirements.size(); ++i) {
    const std::string at = Entry("details.requirements", i);
    if (requirements[i].kind() == v1::REQUIREMENT_KIND_UNSPECIFIED || !v1::RequirementKind_IsValid(requirements[i].kind())) {
      return InvalidField(at + ".kind", std::to_string(requirements[i].kind()), "a kind of requirement, such as MONITORING").Rule("PERMIT-20");
    }
    SONGHUA_RETURN_IF_ERROR(ValidateName(requirements[i].text(), kTextBytesMax, at + ".text"));
    content->requirements.push_back({requirements[i].kind(), requirements[i].text()});
  }
  return absl::OkStatus();
}

// PERMIT-25: in each year the SITE limit is at most the least of the three.
absl::Status ParseCeilings(const google::protobuf::RepeatedPtrField<v1::Ceiling>& ceilings, PermitContent* content) {
  SONGHUA_RETURN_IF_ERROR(CheckCount("details.ceilings", ceilings.size(), kDetailsMax));
  std::set<std::string> seen;
  for (int i = 0; i < ceilings.size(); ++i) {
    const v1::Ceiling& ceiling = ceilings[i];
    const std::string at = Entry("details.ceilings", i);
    SONGHUA_RETURN_IF_ERROR(ledger::ValidatePollutant(at + ".pollutant", ceiling.pollutant()));
    if (!seen.insert(ceiling.pollutant()).second) return InvalidField(at + ".pollutant", ceiling.pollutant(), "each pollutant once").Rule("PERMIT-25");
    const int64_t least = std::min({ceiling.technical_grams(), ceiling.eia_grams(), ceiling.total_control_grams()});
    if (least < 0) return InvalidField(at, std::to_string(least), "quantities from 0").Rule("PERMIT-25");
    for (const LimitRow& limit : content->limits) {
      if (limit.scope != kSiteScope || limit.pollutant != ceiling.pollutant()) continue;
      for (const YearQuantity& entry : limit.annual_limits) {
        if (entry.quantity.value() <= least) continue;
        return Refuse(absl::StatusCode::kInvalidArgument, "ABOVE_CEILING")
            .Rule("PERMIT-25")
            .Field("limits")
            .Value(limit.pollutant + " " + std::to_string(entry.year) + ": SITE " + std::to_string(entry.quantity.value()) + " g")
            .Accepted("at most " + std::to_string(least) + " g, the least of technical specification, EIA approval and total-control indicator");
      }
    }
    content->ceilings.push_back({ceiling.pollutant(), Quantity(ceiling.technical_grams()), Quantity(ceiling.eia_grams()),
                                 Quantity(ceiling.total_control_grams())});
  }
  return absl::OkStatus();
}

// ---- Confidential fields ----

// The text at a path, where it may be masked; null: there is no such field, or it is one that never can be.
std::string* MaskableText(PermitContent* content, std::string_view path) {
  if (path == "holder_address") return &content->holder_address;
  if (path == "legal_representative") return &content->legal_representative;
  const size_t open = path.find('[');
  const size_t close = path.find("].");
  if (open == std::string_view::npos || close == std::string_view::npos || close < open) return nullptr;
  const std::string_view list = path.substr(0, open);
  const std::string_view code = path.substr(open + 1, close - open - 1);
  const std::string_view field = path.substr(close + 2);
  if (list != "facilities") return nullptr;
  for (FacilityRow& facility : content->facilities) {
    if (facility.code != code) continue;
    if (field == "display_name") return &facility.display_name;
    if (field == "description") return &facility.description;
  }
  return nullptr;
}

absl::Status ParseConfidential(const google::protobuf::RepeatedPtrField<v1::ConfidentialField>& fields, PermitContent* content) {
  SONGHUA_RETURN_IF_ERROR(CheckCount("details.confidential_fields", fields.size(), kDetailsMax));
  for (int i = 0; i < fields.size(); ++i) {
    const std::string at = Entry("details.confidential_fields", i);
    if (MaskableText(content, fields[i].path()) == nullptr) {
      return InvalidField(at + ".path", fields[i].path(),
                          "holder_address, legal_representative, or facilities[CODE].display_name or .description; outlets, limits and standards can never be masked")
          .Rule("PERMIT-27");
    }
    const absl::Status justified = ValidateName(fields[i].justification(), kTextBytesMax, at + ".justification");
    if (!justified.ok()) return InvalidField(at + ".justification", fields[i].justification(), "why it is a secret").Rule("PERMIT-27");
    content->confidential_fields.push_back({fields[i].path(), fields[i].justification()});
  }
  return absl::OkStatus();
}

absl::Status ParsePlant(const v1::PermitDetails& details, PermitContent* content) {
  SONGHUA_RETURN_IF_ERROR(CheckCount("details.industries", details.industries_size(), kDetailsMax));
  SONGHUA_RETURN_IF_ERROR(CheckCount("details.processes", details.processes_size(), kDetailsMax));
  SONGHUA_RETURN_IF_ERROR(CheckCount("details.facts", details.facts_size(), kDetailsMax));
  for (int i = 0; i < details.industries_size(); ++i) {
    const std::string& code = details.industries(i);
    const bool digits = !code.empty() && code.size() <= 4 && std::all_of(code.begin(), code.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits) return InvalidField(Entry("details.industries", i), code, "a GB/T 4754 code of up to four digits").Rule("PERMIT-02");
    content->industries.push_back(code);
  }
  for (int i = 0; i < details.processes_size(); ++i) {
    SONGHUA_RETURN_IF_ERROR(ValidateName(details.processes(i), kNameBytesMax, Entry("details.processes", i)));
    content->processes.push_back(details.processes(i));
  }
  std::set<std::string> seen;
  for (int i = 0; i < details.facts_size(); ++i) {
    const std::string at = Entry("details.facts", i);
    SONGHUA_RETURN_IF_ERROR(ValidateName(details.facts(i).name(), kNameBytesMax, at + ".name"));
    if (!seen.insert(details.facts(i).name()).second) return InvalidField(at + ".name", details.facts(i).name(), "each fact once").Rule("PERMIT-02");
    content->facts.push_back({details.facts(i).name(), details.facts(i).value()});
  }
  return absl::OkStatus();
}

// The limit of an outlet or scope; null: none.
const LimitRow* FindLimit(const PermitContent& content, const std::string& scope, const std::string& pollutant) {
  for (const LimitRow& limit : content.limits) {
    if (limit.scope == scope && limit.pollutant == pollutant) return &limit;
  }
  return nullptr;
}

std::string OutletIncrease(const PermitContent& before, const PermitContent& after) {
  for (const OutletRow& outlet : after.outlets) {
    const OutletRow* old = FindOutlet(before.outlets, outlet.code);
    if (old == nullptr) return "outlet " + outlet.code + " is new";
    if (old->longitude != outlet.longitude || old->latitude != outlet.latitude) return "outlet " + outlet.code + " stands elsewhere";
    if (old->mode != outlet.mode) return "outlet " + outlet.code + " runs in another mode";
    if (old->destination != outlet.destination || old->basin != outlet.basin) return "outlet " + outlet.code + " leads elsewhere";
  }
  return "";
}

// What the limit was: in a year that it did not name, the most of those that it did.
Quantity Before(const LimitRow& limit, int32_t year) {
  Quantity most;
  for (const YearQuantity& entry : limit.annual_limits) {
    if (entry.year == year) return entry.quantity;
    most = std::max(most, entry.quantity);
  }
  return most;
}

std::string LimitIncrease(const PermitContent& before, const PermitContent& after) {
  for (const LimitRow& limit : after.limits) {
    const LimitRow* old = FindLimit(before, limit.scope, limit.pollutant);
    if (old == nullptr) return limit.pollutant + " at " + limit.scope + " is new";
    for (const YearQuantity& entry : limit.annual_limits) {
      if (entry.quantity <= Before(*old, entry.year)) continue;
      return limit.pollutant + " at " + limit.scope + " in " + std::to_string(entry.year) + " rises to " + std::to_string(entry.quantity.value()) + " g";
    }
  }
  return "";
}

std::string StandardIncrease(const PermitContent& before, const PermitContent& after) {
  for (const StandardRow& old : before.standards) {
    const auto now = std::find_if(after.standards.begin(), after.standards.end(), [&](const StandardRow& s) { return SameStandard(s, old); });
    const bool outlet_gone = FindOutlet(before.outlets, old.scope) != nullptr && FindOutlet(after.outlets, old.scope) == nullptr;
    if (outlet_gone) continue;
    if (now == after.standards.end()) return "the standard for " + old.pollutant + " at " + old.scope + " is gone";
    const bool laxer = old.bound == v1::AT_MOST ? now->value > old.value : now->value < old.value;
    if (laxer) return "the standard for " + old.pollutant + " at " + old.scope + " is laxer";
  }
  return "";
}

}  // namespace

bool StandardRow::HoldsOn(Date date) const {
  if (season_from.month == 0) return true;
  const DayOfYear day{Month(date), Day(date)};
  return season_from <= season_to ? season_from <= day && day <= season_to : season_from <= day || day <= season_to;
}

absl::StatusOr<Term> ParsePermitTerm(const std::string& valid_from, const std::string& valid_to, Date earliest, int32_t years_max) {
  Term term;
  SONGHUA_ASSIGN_OR_RETURN(term.first, ParseDate(valid_from, "valid_from"));
  SONGHUA_ASSIGN_OR_RETURN(term.last, ParseDate(valid_to, "valid_to"));
  SONGHUA_RETURN_IF_ERROR(ValidateTerm(term, "valid_to"));
  if (term.first < earliest) {
    return InvalidField("valid_from", valid_from, FormatDate(earliest) + ", the day of issue, or later").Rule("PERMIT-39");
  }
  SONGHUA_ASSIGN_OR_RETURN(const Date limit, AddYears(term.first, years_max));
  if (term.last >= limit) {
    return InvalidField("valid_to", valid_to, "at most " + FormatDate(limit - 1) + ", " + std::to_string(years_max) + " years").Rule("PERMIT-47");
  }
  return term;
}

absl::StatusOr<PermitContent> ParseContent(const google::protobuf::RepeatedPtrField<v1::Outlet>& outlets,
                                           const google::protobuf::RepeatedPtrField<v1::Limit>& limits, const v1::PermitDetails& details,
                                           const Term* term) {
  PermitContent content;
  SONGHUA_ASSIGN_OR_RETURN(content.outlets, ParseOutlets(outlets));
  SONGHUA_ASSIGN_OR_RETURN(content.limits, ParseLimits(limits, content.outlets, term));
  SONGHUA_RETURN_IF_ERROR(CheckText(details.holder_address(), kNameBytesMax, "details.holder_address"));
  SONGHUA_RETURN_IF_ERROR(CheckText(details.legal_representative(), kNameBytesMax, "details.legal_representative"));
  SONGHUA_RETURN_IF_ERROR(CheckText(details.site_address(), kNameBytesMax, "details.site_address"));
  content.holder_address = details.holder_address();
  content.legal_representative = details.legal_representative();
  content.site_address = details.site_address();
  SONGHUA_RETURN_IF_ERROR(ParsePlant(details, &content));
  SONGHUA_RETURN_IF_ERROR(ParseStandards(details.standards(), &content));
  SONGHUA_RETURN_IF_ERROR(ParseFacilities(details.facilities(), &content));
  SONGHUA_RETURN_IF_ERROR(ParseRequirements(details.requirements(), &content));
  SONGHUA_RETURN_IF_ERROR(ParseCeilings(details.ceilings(), &content));
  SONGHUA_RETURN_IF_ERROR(ParseConfidential(details.confidential_fields(), &content));
  return content;
}

absl::StatusOr<PermitContent> ForTerm(const PermitContent& asked, const Term& term) {
  PermitContent content = asked;
  for (LimitRow& limit : content.limits) {
    std::erase_if(limit.annual_limits, [&](const YearQuantity& entry) { return entry.year < Year(term.first) || entry.year > Year(term.last); });
    SONGHUA_RETURN_IF_ERROR(CheckYears("limits " + limit.scope + " " + limit.pollutant, limit.annual_limits, term));
  }
  return content;
}

PlantFacts FactsOf(const PermitContent& content) {
  PlantFacts plant{content.industries, content.processes, {}};
  for (const PlantFactRow& fact : content.facts) plant.facts[fact.name] = fact.value;
  return plant;
}

std::string FirstIncrease(const PermitContent& before, const PermitContent& after) {
  for (const auto& increase : {OutletIncrease(before, after), LimitIncrease(before, after), StandardIncrease(before, after)}) {
    if (!increase.empty()) return increase;
  }
  return "";
}

bool OnlyBasicsDiffer(const PermitContent& before, const PermitContent& after) {
  PermitContent same = after;
  same.holder_address = before.holder_address;
  same.legal_representative = before.legal_representative;
  same.site_address = before.site_address;
  same.confidential_fields = before.confidential_fields;
  return EncodeValue(same) == EncodeValue(before);
}

PermitContent Masked(const PermitContent& content) {
  PermitContent masked = content;
  for (ConfidentialFieldRow& field : masked.confidential_fields) {
    std::string* text = MaskableText(&masked, field.path);
    SONGHUA_CHECK(text != nullptr);
    text->clear();
    field.justification.clear();
  }
  return masked;
}

}  // namespace songhua::permits
