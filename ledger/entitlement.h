// What a lot entitles its holder to in each calendar year (DR-11, DESIGN section 2).
//
// A right of q grams a year that lives d of the D days of year y gives floor(q x d / D) grams of vintage y: a five-year right that starts
// in July has six entries. When part of a lot is transferred, the buyer gets the floor for its quantity and term, and the seller keeps
// every other unit of each year: nothing is lost, and no buyer ever gets more than the floor. The seller may therefore hold more grams of a
// year than the floor of what it has left.
//
// Money never comes from these grams but from the lot's terms (DR-40). All functions are pure; any thread may use them.
#ifndef SONGHUA_LEDGER_ENTITLEMENT_H_
#define SONGHUA_LEDGER_ENTITLEMENT_H_

#include <compare>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/amounts.h"
#include "ledger/legal_time.h"

namespace songhua {

// Grams of one calendar year's vintage.
struct YearQuantity {
  int32_t year = 0;
  Quantity quantity;

  friend auto operator<=>(const YearQuantity&, const YearQuantity&) = default;
  template <class Archive>
  void Fields(Archive& a) {
    a(year, quantity);
  }
};

// Entries by year, ascending, each year once. A year whose quantity is zero may be present.
using YearQuantities = std::vector<YearQuantity>;

// The days of the term that lie in the year; 0 when none do. REQUIRES: a valid term.
int32_t DaysLive(const Term& term, int32_t year);

// One entry for every calendar year that the term touches. REQUIRES: per_year >= 0, a valid term.
YearQuantities Entitlement(Quantity per_year, const Term& term);

struct Carved {
  YearQuantities buyer;   // Entitlement(per_year, term)
  YearQuantities seller;  // what is left, with the years of `held`
};
// Carves a part out of what is held. FAILED_PRECONDITION (INSUFFICIENT_ENTITLEMENT) names the first year in which less is held than the
// part needs. A whole lot is not carved: it changes hands as it is, with all its units. REQUIRES: per_year >= 0, a valid term.
absl::StatusOr<Carved> Carve(const YearQuantities& held, Quantity per_year, const Term& term);

// The two together, year by year. OUT_OF_RANGE when a year's total does not fit.
absl::StatusOr<YearQuantities> Merge(const YearQuantities& a, const YearQuantities& b);

// The quantity of one year, 0 where there is no entry.
Quantity QuantityOf(const YearQuantities& quantities, int32_t year);

}  // namespace songhua

#endif  // SONGHUA_LEDGER_ENTITLEMENT_H_
