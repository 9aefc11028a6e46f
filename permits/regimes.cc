#include "permits/regimes.h"

#include <algorithm>
#include <set>
#include <utility>

#include "ledger/calendars.h"
#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::permits {
namespace {

using ledger::MakeName;

constexpr size_t kTextBytesMax = 200;
constexpr int64_t kFenMax = 100'000'000'000;  // of one fine: 10^9 yuan
// Application types as RequiredMaterial names them.
constexpr std::string_view kApplicationTypes[] = {"FIRST", "REAPPLY", "RENEW", "CHANGE", "REISSUE"};

std::string RegimeEntry(std::string_view list, int i) { return "regime." + std::string(list) + "[" + std::to_string(i) + "]"; }

absl::Status CheckCount(std::string_view list, int size) {
  if (static_cast<size_t>(size) <= Regimes::kListMax) return absl::OkStatus();
  return InvalidField("regime." + std::string(list), std::to_string(size) + " entries", "at most " + std::to_string(Regimes::kListMax));
}

bool IsTier(v1::PermitTier tier) { return tier != v1::PERMIT_TIER_UNSPECIFIED && v1::PermitTier_IsValid(tier); }

absl::Status CheckYears(const std::string& field, int32_t years, std::string_view rule) {
  if (years >= 1 && years <= Regimes::kTermYearsMax) return absl::OkStatus();
  return InvalidField(field, std::to_string(years), "1 to " + std::to_string(Regimes::kTermYearsMax) + " years").Rule(rule);
}

absl::StatusOr<PeriodRow> ParsePeriod(const std::string& at, const v1::Period& period) {
  if (period.kind() == v1::DEADLINE_KIND_UNSPECIFIED || !v1::DeadlineKind_IsValid(period.kind())) {
    return InvalidField(at + ".kind", std::to_string(period.kind()), "a kind of deadline").Rule("GEN-09");
  }
  const ledger::PeriodLength length{period.days(), period.day_count(), period.months(), period.years()};
  SONGHUA_RETURN_IF_ERROR(CheckPeriodLength(length, at + "."));
  if (period.kind() == v1::RENEWAL_LEAD && period.day_count() != v1::NATURAL) {
    return InvalidField(at + ".day_count", v1::DayCount_Name(period.day_count()), "NATURAL: what is counted back never moves").Rule("GEN-04");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(period.rule(), kTextBytesMax, at + ".rule"));
  return PeriodRow{period.kind(), length, period.rule()};
}

// Every kind once.
absl::StatusOr<std::vector<PeriodRow>> ParsePeriods(const google::protobuf::RepeatedPtrField<v1::Period>& periods) {
  SONGHUA_RETURN_IF_ERROR(CheckCount("periods", periods.size()));
  std::vector<PeriodRow> rows;
  std::set<int> seen;
  for (int i = 0; i < periods.size(); ++i) {
    const std::string at = RegimeEntry("periods", i);
    SONGHUA_ASSIGN_OR_RETURN(PeriodRow row, ParsePeriod(at, periods[i]));
    if (!seen.insert(row.kind).second) return InvalidField(at + ".kind", v1::DeadlineKind_Name(row.kind), "each kind once").Rule("GEN-09");
    rows.push_back(std::move(row));
  }
  for (int kind = v1::DeadlineKind_MIN + 1; kind <= v1::DeadlineKind_MAX; ++kind) {
    if (!seen.contains(kind)) {
      return InvalidField("regime.periods", "no entry for " + v1::DeadlineKind_Name(static_cast<v1::DeadlineKind>(kind)),
                          "an entry for every kind of deadline")
          .Rule("GEN-09");
    }
  }
  std::sort(rows.begin(), rows.end(), [](const PeriodRow& a, const PeriodRow& b) { return a.kind < b.kind; });
  return rows;
}

absl::StatusOr<std::vector<CatalogueRuleRow>> ParseCatalogue(const google::protobuf::RepeatedPtrField<v1::CatalogueRule>& rules) {
  SONGHUA_RETURN_IF_ERROR(CheckCount("catalogue", rules.size()));
  std::vector<CatalogueRuleRow> rows;
  for (int i = 0; i < rules.size(); ++i) {
    const v1::CatalogueRule& rule = rules[i];
    const std::string at = RegimeEntry("catalogue", i);
    SONGHUA_RETURN_IF_ERROR(ValidateName(rule.item(), kTextBytesMax, at + ".item"));
    if (rule.industry_prefix().empty() == rule.process().empty()) {
      return InvalidField(at, "industry_prefix '" + rule.industry_prefix() + "', process '" + rule.process() + "'",
                          "an industry or a general process, one of the two")
          .Rule("PERMIT-02");
    }
    if (!IsTier(rule.tier())) return InvalidField(at + ".tier", std::to_string(rule.tier()), "KEY, SIMPLIFIED or REGISTRATION").Rule("PERMIT-01");
    if (rule.fact().empty() && rule.at_least() != 0) {
      return InvalidField(at + ".at_least", std::to_string(rule.at_least()), "0, or the fact that it measures").Rule("PERMIT-02");
    }
    rows.push_back({rule.item(), rule.industry_prefix(), rule.process(), rule.fact(), rule.at_least(), rule.tier()});
  }
  return rows;
}

absl::StatusOr<FineRangeRow> ParseFine(const std::string& at, const v1::FineRange& fine) {
  FineRangeRow row;
  SONGHUA_RETURN_IF_ERROR(ValidateName(fine.conduct(), kTextBytesMax, at + ".conduct"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(fine.legal_basis(), kTextBytesMax, at + ".legal_basis"));
  row.conduct = fine.conduct();
  row.serious = fine.serious();
  row.violations = {kFirstDate, kLastDate};
  if (!fine.violations_from().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(row.violations.first, ParseDate(fine.violations_from(), at + ".violations_from"));
  }
  if (!fine.violations_to().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(row.violations.last, ParseDate(fine.violations_to(), at + ".violations_to"));
  }
  SONGHUA_RETURN_IF_ERROR(ValidateTerm(row.violations, at + ".violations_to"));
  if (fine.least_fen() < 0 || fine.most_fen() < fine.least_fen() || fine.most_fen() > kFenMax) {
    return InvalidField(at + ".most_fen", std::to_string(fine.least_fen()) + " to " + std::to_string(fine.most_fen()),
                        "a range that rises, from 0 to " + std::to_string(kFenMax) + " fen")
        .Rule("PERMIT-89");
  }
  row.least = Money(fine.least_fen());
  row.most = Money(fine.most_fen());
  row.legal_basis = fine.legal_basis();
  row.may_revoke = fine.may_revoke();
  row.bans = fine.bans();
  return row;
}

absl::StatusOr<std::vector<FineRangeRow>> ParseFines(const google::protobuf::RepeatedPtrField<v1::FineRange>& fines) {
  SONGHUA_RETURN_IF_ERROR(CheckCount("fines", fines.size()));
  std::vector<FineRangeRow> rows;
  for (int i = 0; i < fines.size(); ++i) {
    const std::string at = RegimeEntry("fines", i);
    SONGHUA_ASSIGN_OR_RETURN(FineRangeRow row, ParseFine(at, fines[i]));
    for (const FineRangeRow& other : rows) {
      if (other.conduct == row.conduct && other.serious == row.serious && other.violations.Overlaps(row.violations)) {
        return InvalidField(at, row.conduct + " from " + FormatDate(row.violations.first),
                            "ranges of one conduct that do not overlap: a fine is chosen by the day of the violation")
            .Rule("PERMIT-89");
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

absl::StatusOr<std::vector<RequiredMaterialRow>> ParseMaterials(const google::protobuf::RepeatedPtrField<v1::RequiredMaterial>& materials) {
  SONGHUA_RETURN_IF_ERROR(CheckCount("materials", materials.size()));
  std::vector<RequiredMaterialRow> rows;
  for (int i = 0; i < materials.size(); ++i) {
    const v1::RequiredMaterial& material = materials[i];
    const std::string at = RegimeEntry("materials", i);
    SONGHUA_RETURN_IF_ERROR(ValidateName(material.code(), kTextBytesMax, at + ".code"));
    if (std::find(std::begin(kApplicationTypes), std::end(kApplicationTypes), material.application_type()) == std::end(kApplicationTypes)) {
      return InvalidField(at + ".application_type", material.application_type(), "FIRST, REAPPLY, RENEW, CHANGE or REISSUE").Rule("PERMIT-32");
    }
    rows.push_back({material.code(), material.tier(), material.application_type()});
  }
  return rows;
}

absl::StatusOr<RegimeRow> ParseRegime(const v1::Regime& regime, Date today) {
  RegimeRow row;
  SONGHUA_RETURN_IF_ERROR(ledger::ValidateCode("regime.code", regime.code()));
  row.code = regime.code();
  SONGHUA_RETURN_IF_ERROR(ValidateName(regime.display_name(), kTextBytesMax, "regime.display_name"));
  row.display_name = regime.display_name();
  if (!regime.region().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(row.region, ParseRegion(regime.region(), "regime.region"));
  }
  SONGHUA_ASSIGN_OR_RETURN(row.effective_from, ParseDate(regime.effective_from(), "regime.effective_from"));
  if (row.effective_from < today) {
    return InvalidField("regime.effective_from", regime.effective_from(), FormatDate(today) + " or later: what was decided stands").Rule("GEN-09");
  }
  row.term_years = regime.term_years();
  row.ban_years = regime.ban_years();
  row.commitment_ban_years = regime.commitment_ban_years();
  SONGHUA_RETURN_IF_ERROR(CheckYears("regime.term_years", row.term_years, "PERMIT-47"));
  SONGHUA_RETURN_IF_ERROR(CheckYears("regime.ban_years", row.ban_years, "PERMIT-88"));
  SONGHUA_RETURN_IF_ERROR(CheckYears("regime.commitment_ban_years", row.commitment_ban_years, "CREDIT-32"));
  row.registration_years = regime.registration_years();
  SONGHUA_RETURN_IF_ERROR(CheckYears("regime.registration_years", row.registration_years, "PERMIT-06"));
  row.expiry = regime.expiry();
  if (row.expiry == v1::EXPIRY_RULE_UNSPECIFIED || !v1::ExpiryRule_IsValid(row.expiry)) {
    return InvalidField("regime.expiry", std::to_string(row.expiry), "CONTINUES_WHILE_RENEWAL_IS_PENDING or EXPIRES").Rule("PERMIT-49");
  }
  SONGHUA_RETURN_IF_ERROR(CheckCount("publicity_tiers", regime.publicity_tiers_size()));
  for (int i = 0; i < regime.publicity_tiers_size(); ++i) {
    const v1::PermitTier tier = regime.publicity_tiers(i);
    if (!IsTier(tier)) return InvalidField(RegimeEntry("publicity_tiers", i), std::to_string(tier), "KEY or SIMPLIFIED").Rule("PERMIT-30");
    row.publicity_tiers.push_back(tier);
  }
  SONGHUA_ASSIGN_OR_RETURN(row.periods, ParsePeriods(regime.periods()));
  SONGHUA_ASSIGN_OR_RETURN(row.catalogue, ParseCatalogue(regime.catalogue()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(regime.catalogue_edition(), kTextBytesMax, "regime.catalogue_edition"));
  row.catalogue_edition = regime.catalogue_edition();
  SONGHUA_ASSIGN_OR_RETURN(row.fines, ParseFines(regime.fines()));
  row.paper_cases_until = kFirstDate;
  if (!regime.paper_cases_until().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(row.paper_cases_until, ParseDate(regime.paper_cases_until(), "regime.paper_cases_until"));
  }
  SONGHUA_ASSIGN_OR_RETURN(row.materials, ParseMaterials(regime.materials()));
  return row;
}

}  // namespace

const PeriodRow& RegimeRow::PeriodOf(v1::DeadlineKind kind) const {
  const auto it = std::lower_bound(periods.begin(), periods.end(), kind, [](const PeriodRow& row, v1::DeadlineKind k) { return row.kind < k; });
  SONGHUA_CHECK(it != periods.end() && it->kind == kind);
  return *it;
}

bool RegimeRow::Publishes(v1::PermitTier tier) const {
  return std::find(publicity_tiers.begin(), publicity_tiers.end(), tier) != publicity_tiers.end();
}

v1::PermitTier TierOf(const RegimeRow& regime, const PlantFacts& plant) {
  v1::PermitTier strictest = v1::REGISTRATION;
  for (const CatalogueRuleRow& rule : regime.catalogue) {
    const bool concerns = rule.process.empty()
                              ? std::any_of(plant.industries.begin(), plant.industries.end(),
                                            [&](const std::string& code) { return code.starts_with(rule.industry_prefix); })
                              : std::find(plant.processes.begin(), plant.processes.end(), rule.process) != plant.processes.end();
    if (!concerns) continue;
    if (!rule.fact.empty()) {
      const auto fact = plant.facts.find(rule.fact);
      if (fact == plant.facts.end() || fact->second < rule.at_least) continue;
    }
    strictest = std::min(strictest, rule.tier);
  }
  return strictest;
}

const FineRangeRow* FineRangeFor(const RegimeRow& regime, std::string_view conduct, bool serious, Date violation) {
  for (const FineRangeRow& fine : regime.fines) {
    if (fine.conduct == conduct && fine.serious == serious && fine.violations.Contains(violation)) return &fine;
  }
  return nullptr;
}

Regimes::Regimes(TableSet* tables) : rows_(tables) {
  rows_.OnLoaded([this](RegimeRow& row) { Index(row); });
}
Regimes::~Regimes() = default;

absl::StatusOr<v1::RegimeAnswer> Regimes::LoadRegime(CommandContext& context, const v1::LoadRegimeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(RegimeRow row, ParseRegime(request.regime(), context.today));
  const auto chain = versions_.find(row.code);
  if (chain != versions_.end()) {
    const RegimeRow& last = *chain->second.back();
    row.version = last.version + 1;
    if (row.effective_from <= last.effective_from) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "VERSION_NOT_LATER")
          .Rule("GEN-09")
          .Field("regime.effective_from")
          .Value(FormatDate(row.effective_from))
          .Accepted("later than " + FormatDate(last.effective_from) + ", that of version " + std::to_string(last.version));
    }
  }
  if (chain != versions_.end() && chain->second.back()->region != row.region) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "REGION_CHANGED")
        .Rule("GEN-09")
        .Field("regime.region")
        .Value(request.regime().region())
        .Accepted("the region of the versions before: cases that are open there go on under it");
  }
  for (const auto& [code, versions] : versions_) {
    if (code == row.code || row.region == Region() || versions.back()->region != row.region) continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "REGION_GOVERNED")
        .Rule("GEN-09")
        .Field("regime.region")
        .Value(FormatRegion(row.region))
        .Accepted("a region that regimes/" + code + " does not govern");
  }
  v1::RegimeAnswer answer;
  *answer.mutable_regime() = ToProto(row);
  if (context.validate_only) return answer;
  context.events->Emit(EventType::kRegistered, std::string("regimes"), row.Id(), row.version);
  Index(rows_.Insert(std::move(row)));
  return answer;
}

const RegimeRow* Regimes::InForce(const std::string& code, Date date) const {
  const auto chain = versions_.find(code);
  if (chain == versions_.end()) return nullptr;
  const RegimeRow* found = nullptr;
  for (const RegimeRow* row : chain->second) {
    if (row->effective_from <= date) found = row;
  }
  return found;
}

const RegimeRow* Regimes::GoverningRegion(Region region, Date date) const {
  const RegimeRow* found = nullptr;
  for (const auto& [code, versions] : versions_) {
    const RegimeRow* row = InForce(code, date);
    if (row == nullptr || !RegionContains(row->region, region)) continue;
    if (found == nullptr || RegionContains(found->region, row->region)) found = row;
  }
  return found;
}

v1::Regime ToProto(const RegimeRow& row) {
  v1::Regime message;
  message.set_name(MakeName("regimes", row.Id()));
  message.set_code(row.code);
  message.set_version(row.version);
  message.set_display_name(row.display_name);
  if (row.region != Region()) message.set_region(FormatRegion(row.region));
  message.set_effective_from(FormatDate(row.effective_from));
  message.set_term_years(row.term_years);
  message.set_ban_years(row.ban_years);
  message.set_commitment_ban_years(row.commitment_ban_years);
  message.set_registration_years(row.registration_years);
  message.set_expiry(row.expiry);
  for (const v1::PermitTier tier : row.publicity_tiers) message.add_publicity_tiers(tier);
  for (const PeriodRow& period : row.periods) {
    v1::Period* added = message.add_periods();
    added->set_kind(period.kind);
    added->set_days(period.length.days);
    added->set_day_count(period.length.count);
    added->set_months(period.length.months);
    added->set_years(period.length.years);
    added->set_rule(period.rule);
  }
  for (const CatalogueRuleRow& rule : row.catalogue) {
    v1::CatalogueRule* added = message.add_catalogue();
    added->set_item(rule.item);
    added->set_industry_prefix(rule.industry_prefix);
    added->set_process(rule.process);
    added->set_fact(rule.fact);
    added->set_at_least(rule.at_least);
    added->set_tier(rule.tier);
  }
  message.set_catalogue_edition(row.catalogue_edition);
  for (const FineRangeRow& fine : row.fines) {
    v1::FineRange* added = message.add_fines();
    added->set_conduct(fine.conduct);
    added->set_serious(fine.serious);
    if (fine.violations.first != kFirstDate) added->set_violations_from(FormatDate(fine.violations.first));
    if (fine.violations.last != kLastDate) added->set_violations_to(FormatDate(fine.violations.last));
    added->set_least_fen(fine.least.value());
    added->set_most_fen(fine.most.value());
    added->set_legal_basis(fine.legal_basis);
    added->set_may_revoke(fine.may_revoke);
    added->set_bans(fine.bans);
  }
  if (row.paper_cases_until != kFirstDate) message.set_paper_cases_until(FormatDate(row.paper_cases_until));
  for (const RequiredMaterialRow& material : row.materials) {
    v1::RequiredMaterial* added = message.add_materials();
    added->set_code(material.code);
    added->set_tier(material.tier);
    added->set_application_type(material.application_type);
  }
  return message;
}

}  // namespace songhua::permits
