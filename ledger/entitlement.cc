#include "ledger/entitlement.h"

#include <algorithm>

#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua {
namespace {

bool AscendsByYear(const YearQuantities& quantities) {
  return std::adjacent_find(quantities.begin(), quantities.end(),
                            [](const YearQuantity& a, const YearQuantity& b) { return a.year >= b.year; }) == quantities.end();
}

}  // namespace

int32_t DaysLive(const Term& term, int32_t year) {
  const Date first = std::max(term.first, FirstDayOf(year));
  const Date last = std::min(term.last, LastDayOf(year));
  return std::max(last - first + 1, 0);
}

YearQuantities Entitlement(Quantity per_year, const Term& term) {
  SONGHUA_CHECK(per_year >= Quantity(0));
  SONGHUA_CHECK(ValidateTerm(term).ok());
  YearQuantities entitlement;
  for (int32_t year = Year(term.first); year <= Year(term.last); ++year) {
    const absl::StatusOr<int64_t> grams = MultiplyDivide(per_year.value(), DaysLive(term, year), DaysInYear(year), Rounding::kFloor);
    SONGHUA_CHECK(grams.ok());  // never more than per_year
    entitlement.push_back(YearQuantity{year, Quantity(*grams)});
  }
  return entitlement;
}

absl::StatusOr<Carved> Carve(const YearQuantities& held, Quantity per_year, const Term& term) {
  SONGHUA_CHECK(AscendsByYear(held));
  Carved carved{Entitlement(per_year, term), held};
  for (const YearQuantity& part : carved.buyer) {
    const auto entry = std::lower_bound(carved.seller.begin(), carved.seller.end(), part.year,
                                        [](const YearQuantity& q, int32_t year) { return q.year < year; });
    const bool present = entry != carved.seller.end() && entry->year == part.year;
    const Quantity available = present ? entry->quantity : Quantity(0);
    if (available < part.quantity) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_ENTITLEMENT")
          .Rule("DR-11")
          .Field("quantity")
          .Value(std::to_string(part.quantity.value()) + " g of " + std::to_string(part.year))
          .Accepted("at most " + std::to_string(available.value()) + " g of that year");
    }
    if (present) entry->quantity -= part.quantity;
  }
  return carved;
}

absl::StatusOr<YearQuantities> Merge(const YearQuantities& a, const YearQuantities& b) {
  SONGHUA_CHECK(AscendsByYear(a) && AscendsByYear(b));
  YearQuantities merged;
  auto left = a.begin();
  auto right = b.begin();
  while (left != a.end() || right != b.end()) {
    if (right == b.end() || (left != a.end() && left->year < right->year)) {
      merged.push_back(*left++);
    } else if (left == a.end() || right->year < left->year) {
      merged.push_back(*right++);
    } else {
      SONGHUA_ASSIGN_OR_RETURN(const Quantity total, CheckedAdd(left->quantity, right->quantity));
      merged.push_back(YearQuantity{left->year, total});
      ++left;
      ++right;
    }
  }
  return merged;
}

Quantity QuantityOf(const YearQuantities& quantities, int32_t year) {
  for (const YearQuantity& entry : quantities) {
    if (entry.year == year) return entry.quantity;
  }
  return Quantity(0);
}

}  // namespace songhua
