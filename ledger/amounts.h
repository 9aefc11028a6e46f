// Quantities, prices and money: three kinds of int64 that do not mix, and the exact arithmetic between them.
//
//   Quantity  the unit's smallest step: grams a year for discharge rights, tonnes for carbon (GEN-06)
//   Price     the currency's smallest step per quoted unit: fen per tonne
//   Money     fen
//
// Adding a price to a quantity does not compile. The operators + - += -= check for overflow and end the process: they are for state
// whose bounds the code has already established. Whatever a caller can cause goes through the Checked... functions and MultiplyDivide,
// Evaluate and Amount, which answer OUT_OF_RANGE instead.
//
// Products and quotients are exact and rounded once, at the last line (GEN-07), with the rounding named by the caller:
//
//   // 8.074 t/a at 6,000.00 yuan per tonne and year, for 184 days: 24,421.08 yuan (DR-40)
//   Amount(Price(600'000), Quantity(8'074'000), kGramsPerTonne, Ratio{184, 365}, Rounding::kHalfUp);
//
// Everything here is a pure function or a plain value; any thread may use it.
#ifndef SONGHUA_LEDGER_AMOUNTS_H_
#define SONGHUA_LEDGER_AMOUNTS_H_

#include <compare>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ledger/check.h"

namespace songhua {

// An int64 that mixes only with its own kind. Use the aliases below.
template <class Tag>
class StrongInt64 {
 public:
  constexpr StrongInt64() = default;
  explicit constexpr StrongInt64(int64_t value) : value_(value) {}

  constexpr int64_t value() const { return value_; }

  friend constexpr auto operator<=>(StrongInt64, StrongInt64) = default;

  // REQUIRES of all operators: the exact result fits in 64 bits.
  friend constexpr StrongInt64 operator+(StrongInt64 a, StrongInt64 b) {
    int64_t sum = 0;
    SONGHUA_CHECK(!__builtin_add_overflow(a.value_, b.value_, &sum));
    return StrongInt64(sum);
  }
  friend constexpr StrongInt64 operator-(StrongInt64 a, StrongInt64 b) {
    int64_t difference = 0;
    SONGHUA_CHECK(!__builtin_sub_overflow(a.value_, b.value_, &difference));
    return StrongInt64(difference);
  }
  constexpr StrongInt64 operator-() const { return StrongInt64() - *this; }
  constexpr StrongInt64& operator+=(StrongInt64 other) { return *this = *this + other; }
  constexpr StrongInt64& operator-=(StrongInt64 other) { return *this = *this - other; }

 private:
  int64_t value_ = 0;
};

using Quantity = StrongInt64<struct QuantityTag>;
using Price = StrongInt64<struct PriceTag>;
using Money = StrongInt64<struct MoneyTag>;

inline constexpr int64_t kGramsPerTonne = 1'000'000;
inline constexpr int64_t kGramsPerKilogram = 1'000;
inline constexpr int64_t kFenPerYuan = 100;

// Sums for what a caller can cause: OUT_OF_RANGE when the exact result does not fit.
absl::StatusOr<int64_t> CheckedAdd(int64_t a, int64_t b);
absl::StatusOr<int64_t> CheckedSubtract(int64_t a, int64_t b);
template <class Tag>
absl::StatusOr<StrongInt64<Tag>> CheckedAdd(StrongInt64<Tag> a, StrongInt64<Tag> b) {
  const absl::StatusOr<int64_t> sum = CheckedAdd(a.value(), b.value());
  if (!sum.ok()) return sum.status();
  return StrongInt64<Tag>(*sum);
}
template <class Tag>
absl::StatusOr<StrongInt64<Tag>> CheckedSubtract(StrongInt64<Tag> a, StrongInt64<Tag> b) {
  const absl::StatusOr<int64_t> difference = CheckedSubtract(a.value(), b.value());
  if (!difference.ok()) return difference.status();
  return StrongInt64<Tag>(*difference);
}

// The exact total of a range of one kind. Only the total must fit, not the partial sums, so the order of the terms does not matter.
absl::StatusOr<int64_t> NarrowToInt64(__int128 value);
template <class Range, class Amount = typename Range::value_type>
absl::StatusOr<Amount> CheckedSum(const Range& range) {
  __int128 total = 0;  // holds 2^63 terms of any size
  for (const Amount& term : range) total += term.value();
  const absl::StatusOr<int64_t> narrow = NarrowToInt64(total);
  if (!narrow.ok()) return narrow.status();
  return Amount(*narrow);
}

// What happens to the part below one step.
enum class Rounding : uint8_t {
  kFloor = 0,    // towards minus infinity
  kCeiling = 1,  // towards plus infinity
  kHalfUp = 2,   // to the nearest; a half goes towards plus infinity: 2.5 -> 3, -2.5 -> -2 (floor(x + 1/2), for all x)
  kExact = 3,    // refused with INVALID_ARGUMENT, NOT_WHOLE, when there is such a part
};

// An exact fraction, not necessarily in lowest terms. REQUIRES where it is used: denominator > 0.
struct Ratio {
  int64_t numerator = 1;
  int64_t denominator = 1;

  template <class Archive>
  void Fields(Archive& a) {
    a(numerator, denominator);
  }
};

// a * b / divisor, exact, rounded once. OUT_OF_RANGE when the result does not fit in 64 bits, INVALID_ARGUMENT when divisor <= 0.
absl::StatusOr<int64_t> MultiplyDivide(int64_t a, int64_t b, int64_t divisor, Rounding rounding);

// (product of factors) / (product of divisors), exact, rounded once; errors as MultiplyDivide. An empty list is 1.
// REQUIRES: at most kMaxFactors entries in each list.
inline constexpr size_t kMaxFactors = 16;
absl::StatusOr<int64_t> Evaluate(std::span<const int64_t> factors, std::span<const int64_t> divisors, Rounding rounding);
absl::StatusOr<int64_t> Evaluate(std::initializer_list<int64_t> factors, std::initializer_list<int64_t> divisors, Rounding rounding);

// The sum of products a * b, exact: turnover, volume-weighted averages (CAR-14), instalments.
class ProductSum {
 public:
  // OUT_OF_RANGE, and the sum unchanged, when the sum would leave 128 bits.
  absl::Status Add(int64_t a, int64_t b);
  // The sum / divisor, rounded once; errors as MultiplyDivide.
  absl::StatusOr<int64_t> Divide(int64_t divisor, Rounding rounding) const;

 private:
  __int128 sum_ = 0;
};

// The amount of money for a quantity at a price. `quoted_unit` is the number of smallest steps of quantity in one quoted unit, for example
// kGramsPerTonne, or 1 for carbon. `term` is the number of years of a PER_T_YEAR price (TermRatio); leave it out for PER_T_TERM (DR-40).
absl::StatusOr<Money> Amount(Price price, Quantity quantity, int64_t quoted_unit, Rounding rounding);
absl::StatusOr<Money> Amount(Price price, Quantity quantity, int64_t quoted_unit, Ratio term, Rounding rounding);

// Decimal text of an integer that counts steps of 10^-scale: FormatDecimal(8074, 3) is "8.074", FormatDecimal(-5, 2) is "-0.05".
// REQUIRES: 0 <= scale <= kMaxScale.
inline constexpr int kMaxScale = 18;
std::string FormatDecimal(int64_t value, int scale);
// Reads [-]digits[.digits] exactly; fewer than `scale` decimals are fine, more are refused, even zeros. No sign +, spaces, exponents,
// separators or leading zeros. INVALID_ARGUMENT names `field`; OUT_OF_RANGE when the value does not fit.
absl::StatusOr<int64_t> ParseDecimal(std::string_view text, int scale, std::string_view field = "decimal");

// Yuan with two decimals: Money(2442108) is "24421.08".
std::string FormatMoney(Money fen);
// Tonnes with three decimals from grams (GEN-06): Quantity(8074000) is "8.074". A part below one kilogram is cut towards minus infinity, so
// what is shown is never more than what is held; FormatDecimal(grams, 6) shows every gram.
std::string FormatTonnes(Quantity grams);

}  // namespace songhua

#endif  // SONGHUA_LEDGER_AMOUNTS_H_
