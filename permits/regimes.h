// Regimes: the law of permits as data, in versions (GEN-09). A regime governs the sites of its region from its day on; where several regions contain a
// site, the narrowest counts. Where none governs a site, nobody can apply there, and permits are only recorded as decided on paper.
//
// One thread (the state machine). Lookups are pure functions of rows and a day.
#ifndef SONGHUA_PERMITS_REGIMES_H_
#define SONGHUA_PERMITS_REGIMES_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/calendars.h"
#include "ledger/command.h"
#include "ledger/identifiers.h"
#include "ledger/tables.h"
#include "songhua/v1/regimes.pb.h"

namespace songhua::permits {

struct PeriodRow {
  v1::DeadlineKind kind = v1::DEADLINE_KIND_UNSPECIFIED;
  ledger::PeriodLength length;
  std::string rule;

  template <class Archive>
  void Fields(Archive& a) {
    a(kind, length, rule);
  }
};

struct CatalogueRuleRow {
  std::string item;
  std::string industry_prefix;
  std::string process;
  std::string fact;
  int64_t at_least = 0;
  v1::PermitTier tier = v1::PERMIT_TIER_UNSPECIFIED;

  template <class Archive>
  void Fields(Archive& a) {
    a(item, industry_prefix, process, fact, at_least, tier);
  }
};

struct FineRangeRow {
  std::string conduct;
  bool serious = false;
  Term violations;  // an open end is kFirstDate or kLastDate
  Money least;
  Money most;
  std::string legal_basis;
  bool may_revoke = false;
  bool bans = false;

  template <class Archive>
  void Fields(Archive& a) {
    a(conduct, serious, violations, least, most, legal_basis, may_revoke, bans);
  }
};

struct RequiredMaterialRow {
  std::string code;
  v1::PermitTier tier = v1::PERMIT_TIER_UNSPECIFIED;  // unspecified: of all
  std::string application_type;

  template <class Archive>
  void Fields(Archive& a) {
    a(code, tier, application_type);
  }
};

struct RegimeRow {
  static constexpr RowTable kTable = RowTable::kRegimes;
  std::string code;
  uint32_t version = 1;
  std::string display_name;
  Region region;        // none: it governs nothing
  Date effective_from;
  int32_t term_years = 5;
  int32_t ban_years = 3;
  int32_t commitment_ban_years = 3;
  int32_t registration_years = 5;
  v1::ExpiryRule expiry = v1::EXPIRY_RULE_UNSPECIFIED;
  std::vector<v1::PermitTier> publicity_tiers;
  std::vector<PeriodRow> periods;  // ascending by kind
  std::vector<CatalogueRuleRow> catalogue;
  std::string catalogue_edition;
  std::vector<FineRangeRow> fines;
  Date paper_cases_until;  // kFirstDate: never
  std::vector<RequiredMaterialRow> materials;

  std::tuple<std::string, uint32_t> Key() const { return {code, version}; }
  std::string Id() const { return code + "." + std::to_string(version); }
  // REQUIRES: the regime has it; LoadRegime sees to that for every kind that the code asks for.
  const PeriodRow& PeriodOf(v1::DeadlineKind kind) const;
  bool Publishes(v1::PermitTier tier) const;
  bool PaperCaseAllowed(Date today) const { return today <= paper_cases_until; }

  template <class Archive>
  void Fields(Archive& a) {
    a(code, version, display_name, region, effective_from, term_years, ban_years, commitment_ban_years, expiry, publicity_tiers, periods,
      catalogue, catalogue_edition, fines, paper_cases_until, materials, registration_years);
  }
};
v1::Regime ToProto(const RegimeRow& row);

// The longest term of a permit that is recorded, as it was decided on paper, where no regime governs its site (Order 736, article 14).
inline constexpr int32_t kTermYearsWithoutRegime = 5;

// What a plant does, for the catalogue: its industry codes, its general processes, what was measured of it.
struct PlantFacts {
  std::vector<std::string> industries;
  std::vector<std::string> processes;
  std::map<std::string, int64_t> facts;
};
// The strictest tier that a rule of the catalogue gives the plant (PERMIT-02); REGISTRATION where none does.
v1::PermitTier TierOf(const RegimeRow& regime, const PlantFacts& plant);

// The fine range for a conduct on the day of the violation; null: the law has none. The serious range only where `serious`.
const FineRangeRow* FineRangeFor(const RegimeRow& regime, std::string_view conduct, bool serious, Date violation);

class Regimes {
 public:
  static constexpr int32_t kTermYearsMax = 50;
  static constexpr size_t kListMax = 2'000;  // entries of each list

  explicit Regimes(TableSet* tables);
  ~Regimes();

  // Checks, in this order: form of every entry; each kind of period once and none missing, RENEWAL_LEAD in NATURAL days; fine ranges of one conduct do not
  // overlap in time; the version begins today or later, after the version before it and
  // for the same region; no other regime governs the very region.
  absl::StatusOr<v1::RegimeAnswer> LoadRegime(CommandContext& context, const v1::LoadRegimeRequest& request);

  // The version in force on the day. Null: there is none.
  const RegimeRow* InForce(const std::string& code, Date date) const;
  // The regime that governs a site of the region on the day: that of the narrowest region around it. Null: none.
  const RegimeRow* GoverningRegion(Region region, Date date) const;
  const RegimeRow* Find(const std::string& code, uint32_t version) const { return rows_.Find({code, version}); }

 private:
  void Index(const RegimeRow& row) { versions_[row.code].push_back(&row); }

  Table<RegimeRow> rows_;
  std::map<std::string, std::vector<const RegimeRow*>> versions_;  // by code, in the order of versions
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_REGIMES_H_
