#include "ledger/valuations.h"

#include <algorithm>

#include "ledger/check.h"

namespace songhua::ledger {
namespace {

std::optional<Valuation> Valued(Price unit, absl::StatusOr<Money> value) {
  if (!value.ok()) return std::nullopt;
  return Valuation{unit, *value};
}

}  // namespace

Term IndexWindow(Date last) {
  const auto year_before = AddYears(last, -1);
  return {year_before.ok() ? *year_before + 1 : kFirstDate, last};
}

Price RightUnitPrice(Price base, const MarketAverage& year) { return year.trades >= kIndexTradesMin ? std::min(base, year.price) : base; }

std::optional<Valuation> ValueRight(Price unit, v1::PriceBasis basis, Quantity quantity, int64_t quoted_unit, const Term& term, Date date) {
  SONGHUA_CHECK(basis == v1::PER_T_YEAR || basis == v1::PER_T_TERM);
  const Term rest{std::max(term.first, date), term.last};
  if (rest.last < rest.first) return Valuation{unit, Money()};
  const Ratio share = basis == v1::PER_T_YEAR ? TermRatio(rest.first, rest.last) : Ratio{rest.Days(), term.Days()};
  return Valued(unit, Amount(unit, quantity, quoted_unit, share, Rounding::kFloor));
}

std::optional<Valuation> ValueSerialUnits(Price close, const MarketAverage& days, Quantity quantity, int64_t quoted_unit) {
  const Price unit = days.trades == 0 ? close : std::min(close, days.price);
  return Valued(unit, Amount(unit, quantity, quoted_unit, Rounding::kFloor));
}

}  // namespace songhua::ledger
