// What stands in a permit: its outlets, limits, standards, facilities, requirements. Read from a request and checked as far as it can be
// checked on its own; compared with what a permit said before; written back into messages, whole or as the public may see it.
//
// Pure functions. Every refusal of the Parse functions is INVALID_ARGUMENT and names the entry.
#ifndef SONGHUA_PERMITS_PERMIT_CONTENT_H_
#define SONGHUA_PERMITS_PERMIT_CONTENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "ledger/entitlement.h"
#include "ledger/identifiers.h"
#include "ledger/legal_time.h"
#include "permits/regimes.h"
#include "songhua/v1/permits.pb.h"

namespace songhua::permits {

// Scopes of a limit or standard that are not an outlet's code.
inline constexpr std::string_view kSiteScope = "SITE";
inline constexpr std::string_view kFugitiveScope = "FUGITIVE";

inline constexpr size_t kOutletsMax = 500;
inline constexpr size_t kLimitsMax = 2'000;
inline constexpr size_t kStandardsMax = 4'000;
inline constexpr size_t kDetailsMax = 1'000;  // entries of each other list
inline constexpr size_t kTextBytesMax = 4'000;
inline constexpr size_t kNameBytesMax = 200;
// Largest quantity of a year: 10^9 tonnes, in grams. Sums over all outlets and versions then fit in 64 bits.
inline constexpr int64_t kAnnualLimitMax = 1'000'000'000'000'000;

struct OutletRow {
  std::string code;  // PERMIT-13
  v1::OutletType type = v1::OUTLET_TYPE_UNSPECIFIED;
  std::string basin;  // of outlets to water (GEN-12)
  std::string display_name;
  int32_t longitude = 0;  // degrees x 1,000,000
  int32_t latitude = 0;
  int32_t height_mm = 0;
  int32_t inner_diameter_mm = 0;
  int32_t temperature_celsius = 0;
  v1::OutletMode mode = v1::OUTLET_MODE_UNSPECIFIED;
  std::string destination;
  std::string function_class;

  template <class Archive>
  void Fields(Archive& a) {
    a(code, type, basin, display_name, longitude, latitude, height_mm, inner_diameter_mm, temperature_celsius, mode, destination, function_class);
  }
};

struct LimitRow {
  std::string scope;
  std::string pollutant;
  YearQuantities annual_limits;

  template <class Archive>
  void Fields(Archive& a) {
    a(scope, pollutant, annual_limits);
  }
};

// "11-01" is {11, 1}.
struct DayOfYear {
  int32_t month = 0;
  int32_t day = 0;

  friend auto operator<=>(const DayOfYear&, const DayOfYear&) = default;
  template <class Archive>
  void Fields(Archive& a) {
    a(month, day);
  }
};

struct StandardRow {
  std::string scope;
  std::string pollutant;
  v1::Measure measure = v1::MEASURE_UNSPECIFIED;
  v1::Statistic statistic = v1::STATISTIC_UNSPECIFIED;
  v1::Bound bound = v1::BOUND_UNSPECIFIED;
  int64_t value = 0;
  DayOfYear season_from;  // {0, 0}: all year
  DayOfYear season_to;
  v1::SpecialPeriod special_period = v1::SPECIAL_PERIOD_UNSPECIFIED;
  std::string source;

  // Whether it is in season on the day.
  bool HoldsOn(Date date) const;
  template <class Archive>
  void Fields(Archive& a) {
    a(scope, pollutant, measure, statistic, bound, value, season_from, season_to, special_period, source);
  }
};

struct FacilityRow {
  std::string code;
  std::string display_name;
  std::string description;

  template <class Archive>
  void Fields(Archive& a) {
    a(code, display_name, description);
  }
};

struct RequirementRow {
  v1::RequirementKind kind = v1::REQUIREMENT_KIND_UNSPECIFIED;
  std::string text;

  template <class Archive>
  void Fields(Archive& a) {
    a(kind, text);
  }
};

struct CeilingRow {
  std::string pollutant;
  Quantity technical;
  Quantity eia;
  Quantity total_control;

  template <class Archive>
  void Fields(Archive& a) {
    a(pollutant, technical, eia, total_control);
  }
};

struct ConfidentialFieldRow {
  std::string path;
  std::string justification;

  template <class Archive>
  void Fields(Archive& a) {
    a(path, justification);
  }
};

struct PlantFactRow {
  std::string name;
  int64_t value = 0;

  template <class Archive>
  void Fields(Archive& a) {
    a(name, value);
  }
};

struct PermitContent {
  std::vector<OutletRow> outlets;
  std::vector<LimitRow> limits;
  std::string holder_address;
  std::string legal_representative;
  std::string site_address;
  std::vector<std::string> industries;
  std::vector<std::string> processes;
  std::vector<PlantFactRow> facts;
  std::vector<StandardRow> standards;
  std::vector<FacilityRow> facilities;
  std::vector<RequirementRow> requirements;
  std::vector<CeilingRow> ceilings;
  std::vector<ConfidentialFieldRow> confidential_fields;

  template <class Archive>
  void Fields(Archive& a) {
    a(outlets, limits, holder_address, legal_representative, site_address, industries, processes, facts, standards, facilities, requirements,
      ceilings, confidential_fields);
  }
};

// ---- Reading and checking ----

// A term that lasts at most `years_max` years and begins on `earliest` or later. A refusal names valid_from or valid_to.
absl::StatusOr<Term> ParsePermitTerm(const std::string& valid_from, const std::string& valid_to, Date earliest, int32_t years_max);

// The whole content: outlets with distinct codes (PERMIT-13), those to water and only those with a basin (GEN-12); limits of MAIN outlets, FUGITIVE and
// SITE (PERMIT-22), each scope and pollutant once, each calendar year of the term once, with the SITE row of each pollutant the sum of the others
// (PERMIT-23); standards with a bound, a statistic and a season (PERMIT-24); SITE limits not above any ceiling (PERMIT-25); confidential fields that exist
// and may be masked, with a justification (PERMIT-27). Where `term` is null, limits may name any years, ascending: what is asked for before the
// term is known.
absl::StatusOr<PermitContent> ParseContent(const google::protobuf::RepeatedPtrField<v1::Outlet>& outlets,
                                           const google::protobuf::RepeatedPtrField<v1::Limit>& limits, const v1::PermitDetails& details,
                                           const Term* term);
// What was asked for, with the limits of the term's years only. A refusal names the limit that lacks one (PERMIT-23).
absl::StatusOr<PermitContent> ForTerm(const PermitContent& asked, const Term& term);
PlantFacts FactsOf(const PermitContent& content);

// ---- Comparing (PERMIT-45, PERMIT-46) ----

// What in `after` makes a re-application necessary: another outlet, place, mode or destination, a new pollutant, more quantity in a year or at an
// outlet, a laxer standard or one gone. Empty: the change takes away only, or leaves all that as it is.
std::string FirstIncrease(const PermitContent& before, const PermitContent& after);
// Whether the two differ in nothing but names, addresses and persons (PERMIT-43).
bool OnlyBasicsDiffer(const PermitContent& before, const PermitContent& after);

// ---- Writing ----

// Fills outlets, limits and details.
void WriteContent(const PermitContent& content, v1::Permit* permit);
void WriteContent(const PermitContent& content, google::protobuf::RepeatedPtrField<v1::Outlet>* outlets,
                  google::protobuf::RepeatedPtrField<v1::Limit>* limits, v1::PermitDetails* details);
// What the public may see (PERMIT-27): confidential fields are empty, and their justifications too.
PermitContent Masked(const PermitContent& content);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_PERMIT_CONTENT_H_
