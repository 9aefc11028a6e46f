#include "ledger/buy_back.h"

#include <algorithm>

#include "ledger/refusal.h"

namespace songhua::ledger {

absl::StatusOr<Money> BuyBackPrice(const BuyBackTerms& terms) {
  // Each of the two prices is an exact fraction of fen that is rounded down once; the lower of the two rounded is the lower one rounded.
  const bool per_year = terms.basis == v1::PER_T_YEAR;
  const Ratio years = TermRatio(terms.remaining.first, terms.remaining.last);
  const Ratio part = per_year ? years : Ratio{terms.remaining.Days(), terms.cost_term.Days()};
  SONGHUA_ASSIGN_OR_RETURN(const Money at_base, Amount(terms.base, terms.quantity, terms.quoted_unit, part, Rounding::kFloor));
  if (terms.cost == Money()) return at_base;
  Ratio of_term = part;
  if (per_year) {
    const Ratio whole = TermRatio(terms.cost_term.first, terms.cost_term.last);
    of_term = {years.numerator, whole.numerator};  // both count in 1/365
  }
  SONGHUA_ASSIGN_OR_RETURN(const int64_t at_cost,
                           Evaluate({terms.cost.value(), terms.quantity.value(), of_term.numerator},
                                    {terms.cost_quantity.value(), of_term.denominator}, Rounding::kFloor));
  return std::min(at_base, Money(at_cost));
}

}  // namespace songhua::ledger
