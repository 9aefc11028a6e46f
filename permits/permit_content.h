// What stands in a permit: its term, outlets and yearly limits, read from a request and checked as far as they can be checked on their own.
// Pure functions. Every refusal is INVALID_ARGUMENT and names the entry.
#ifndef SONGHUA_PERMITS_PERMIT_CONTENT_H_
#define SONGHUA_PERMITS_PERMIT_CONTENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "ledger/legal_time.h"
#include "permits/permits.h"
#include "songhua/v1/permits.pb.h"

namespace songhua::permits {

inline constexpr size_t kOutletsMax = 500;
inline constexpr size_t kLimitsMax = 2'000;
// Largest quantity of a year: 10^9 tonnes, in grams. Sums over all outlets and versions then fit in 64 bits.
inline constexpr int64_t kAnnualLimitMax = 1'000'000'000'000'000;

// A term that begins on `today` or later and lasts at most five years (8.2).
absl::StatusOr<Term> ParsePermitTerm(const std::string& valid_from, const std::string& valid_to, Date today);
// Outlets with distinct codes (PERMIT-13); those to water, and only those, name their basin (GEN-12).
absl::StatusOr<std::vector<OutletRow>> ParseOutlets(const google::protobuf::RepeatedPtrField<v1::Outlet>& outlets);
// Limits of MAIN outlets, FUGITIVE and SITE (PERMIT-22), each scope and pollutant once, each calendar year of the term once, with the SITE
// row of each pollutant the sum of the others (PERMIT-23).
absl::StatusOr<std::vector<LimitRow>> ParseLimits(const google::protobuf::RepeatedPtrField<v1::Limit>& limits,
                                                  const std::vector<OutletRow>& outlets, const Term& term);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_PERMIT_CONTENT_H_
