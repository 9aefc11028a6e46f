#include "ledger/amounts.h"

#include <algorithm>
#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <charconv>
#include <exception>
#include <limits>
#include <optional>

#include "ledger/refusal.h"

namespace songhua {
namespace {

using boost::multiprecision::cpp_int;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

constexpr char kFits[] = "a result within -9223372036854775808..9223372036854775807";

Refuse Overflow(const std::string& expression) { return OutOfRange("", expression, kFits); }

Refuse NotPositive(int64_t divisor) {
  return Refuse(absl::StatusCode::kInvalidArgument, "DIVISOR_NOT_POSITIVE").Rule("GEN-07").Value(divisor).Accepted("a divisor above zero");
}

Refuse NotWhole(const std::string& expression) {
  return Refuse(absl::StatusCode::kInvalidArgument, "NOT_WHOLE").Rule("GEN-07").Value(expression).Accepted("a result without remainder");
}

// Divides with the rounding named; nullopt where kExact finds a remainder. REQUIRES: divisor > 0.
template <class Wide>
std::optional<Wide> DivideRounded(const Wide& dividend, const Wide& divisor, Rounding rounding) {
  Wide quotient = dividend / divisor;              // towards zero
  Wide remainder = dividend - quotient * divisor;  // a second wide division would double the time
  if (remainder == 0) return quotient;
  if (remainder < 0) {  // make it the floor, so that 0 < remainder < divisor
    quotient -= 1;
    remainder += divisor;
  }
  switch (rounding) {
    case Rounding::kFloor:
      return quotient;
    case Rounding::kCeiling:
      return quotient + 1;
    case Rounding::kHalfUp:
      return remainder >= divisor - remainder ? quotient + 1 : quotient;
    case Rounding::kExact:
      return std::nullopt;
  }
  SONGHUA_CHECK(false);
}

std::string Expression(std::span<const int64_t> factors, std::span<const int64_t> divisors) {
  std::string text;
  for (int64_t factor : factors) text += (text.empty() ? "" : " * ") + std::to_string(factor);
  if (text.empty()) text = "1";
  for (int64_t divisor : divisors) text += " / " + std::to_string(divisor);
  return text;
}

// The product, or nullopt when it leaves 128 bits.
std::optional<__int128> NativeProduct(std::span<const int64_t> factors) {
  __int128 product = 1;
  for (int64_t factor : factors) {
    if (__builtin_mul_overflow(product, static_cast<__int128>(factor), &product)) return std::nullopt;
  }
  return product;
}

cpp_int WideProduct(std::span<const int64_t> factors) {
  cpp_int product = 1;
  for (int64_t factor : factors) product *= factor;
  return product;
}

absl::StatusOr<int64_t> EvaluateWide(std::span<const int64_t> factors, std::span<const int64_t> divisors, Rounding rounding) {
  try {
    const std::optional<cpp_int> quotient = DivideRounded(WideProduct(factors), WideProduct(divisors), rounding);
    if (!quotient.has_value()) return NotWhole(Expression(factors, divisors));
    if (*quotient < kMin || *quotient > kMax) return Overflow(Expression(factors, divisors));
    return static_cast<int64_t>(*quotient);
  } catch (const std::exception&) {
    return Overflow(Expression(factors, divisors));
  }
}

}  // namespace

absl::StatusOr<int64_t> NarrowToInt64(__int128 value) {
  if (value < kMin || value > kMax) return Overflow("the total");
  return static_cast<int64_t>(value);
}

absl::StatusOr<int64_t> CheckedAdd(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return Overflow(std::to_string(a) + " + " + std::to_string(b));
  return sum;
}

absl::StatusOr<int64_t> CheckedSubtract(int64_t a, int64_t b) {
  int64_t difference = 0;
  if (__builtin_sub_overflow(a, b, &difference)) return Overflow(std::to_string(a) + " - " + std::to_string(b));
  return difference;
}

absl::StatusOr<int64_t> MultiplyDivide(int64_t a, int64_t b, int64_t divisor, Rounding rounding) {
  if (divisor <= 0) return NotPositive(divisor);
  if (int64_t narrow = 0; rounding != Rounding::kExact && !__builtin_mul_overflow(a, b, &narrow)) {
    // Most amounts take this path: a 64-bit division costs a third of a 128-bit one. With kExact the refusal below is wanted. No quotient
    // here can overflow: rounding adds at most one to a magnitude that a divisor above one has halved.
    return *DivideRounded(narrow, divisor, rounding);
  }
  const __int128 product = static_cast<__int128>(a) * b;  // |a * b| <= 2^126
  const std::optional<__int128> quotient = DivideRounded(product, static_cast<__int128>(divisor), rounding);
  if (quotient.has_value() && *quotient >= kMin && *quotient <= kMax) return static_cast<int64_t>(*quotient);
  const std::array<int64_t, 2> factors = {a, b};
  const std::array<int64_t, 1> divisors = {divisor};
  return quotient.has_value() ? Overflow(Expression(factors, divisors)) : NotWhole(Expression(factors, divisors));
}

absl::StatusOr<int64_t> Evaluate(std::span<const int64_t> factors, std::span<const int64_t> divisors, Rounding rounding) {
  SONGHUA_CHECK(factors.size() <= kMaxFactors && divisors.size() <= kMaxFactors);
  for (int64_t divisor : divisors) {
    if (divisor <= 0) return NotPositive(divisor);
  }
  const std::optional<__int128> dividend = NativeProduct(factors);
  const std::optional<__int128> divisor = NativeProduct(divisors);
  if (!dividend.has_value() || !divisor.has_value()) return EvaluateWide(factors, divisors, rounding);
  const std::optional<__int128> quotient = DivideRounded(*dividend, *divisor, rounding);
  if (!quotient.has_value()) return NotWhole(Expression(factors, divisors));
  if (*quotient < kMin || *quotient > kMax) return Overflow(Expression(factors, divisors));
  return static_cast<int64_t>(*quotient);
}

absl::StatusOr<int64_t> Evaluate(std::initializer_list<int64_t> factors, std::initializer_list<int64_t> divisors, Rounding rounding) {
  return Evaluate(std::span(factors.begin(), factors.size()), std::span(divisors.begin(), divisors.size()), rounding);
}

absl::Status ProductSum::Add(int64_t a, int64_t b) {
  const __int128 product = static_cast<__int128>(a) * b;
  if (__int128 sum = 0; !__builtin_add_overflow(sum_, product, &sum)) {
    sum_ = sum;
    return absl::OkStatus();
  }
  return OutOfRange("", "a sum of products", "a sum within 128 bits");
}

absl::StatusOr<int64_t> ProductSum::Divide(int64_t divisor, Rounding rounding) const {
  if (divisor <= 0) return NotPositive(divisor);
  const std::optional<__int128> quotient = DivideRounded(sum_, static_cast<__int128>(divisor), rounding);
  if (!quotient.has_value()) return NotWhole("a sum of products / " + std::to_string(divisor));
  if (*quotient < kMin || *quotient > kMax) return Overflow("a sum of products / " + std::to_string(divisor));
  return static_cast<int64_t>(*quotient);
}

absl::StatusOr<Money> Amount(Price price, Quantity quantity, int64_t quoted_unit, Rounding rounding) {
  const absl::StatusOr<int64_t> fen = MultiplyDivide(price.value(), quantity.value(), quoted_unit, rounding);
  if (!fen.ok()) return fen.status();
  return Money(*fen);
}

absl::StatusOr<Money> Amount(Price price, Quantity quantity, int64_t quoted_unit, Ratio term, Rounding rounding) {
  const absl::StatusOr<int64_t> fen =
      Evaluate({price.value(), quantity.value(), term.numerator}, {quoted_unit, term.denominator}, rounding);
  if (!fen.ok()) return fen.status();
  return Money(*fen);
}

std::string FormatDecimal(int64_t value, int scale) {
  SONGHUA_CHECK(scale >= 0 && scale <= kMaxScale);
  const uint64_t magnitude = value < 0 ? 0 - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  std::string digits = std::to_string(magnitude);
  const size_t decimals = static_cast<size_t>(scale);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
  if (value < 0) digits.insert(0, 1, '-');
  return digits;
}

absl::StatusOr<int64_t> ParseDecimal(std::string_view text, int scale, std::string_view field) {
  SONGHUA_CHECK(scale >= 0 && scale <= kMaxScale);
  constexpr size_t kMaxShown = 40;  // of a refused text: the error must not grow with the request
  const std::string shown(text.substr(0, kMaxShown));
  const bool negative = !text.empty() && text.front() == '-';
  if (negative) text.remove_prefix(1);
  const size_t point = text.find('.');
  const std::string_view whole = text.substr(0, point);
  const std::string_view decimals = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
  const auto all_digits = [](std::string_view s) {
    return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!all_digits(whole) || (point != std::string_view::npos && !all_digits(decimals))) {
    return InvalidField(field, shown, "a decimal number such as " + FormatDecimal(-12345, scale) + ", digits and one point only");
  }
  if (whole.size() > 1 && whole.front() == '0') return InvalidField(field, shown, "a decimal number without leading zeros");
  if (decimals.size() > static_cast<size_t>(scale)) {
    return InvalidField(field, shown, "at most " + std::to_string(scale) + " decimals");
  }
  std::string steps(negative ? "-" : "");  // the value in steps of 10^-scale
  steps.append(whole).append(decimals).append(static_cast<size_t>(scale) - decimals.size(), '0');
  int64_t value = 0;
  if (std::from_chars(steps.data(), steps.data() + steps.size(), value).ec != std::errc()) {
    return OutOfRange(field, shown, FormatDecimal(kMin, scale) + " to " + FormatDecimal(kMax, scale));
  }
  return value;
}

std::string FormatMoney(Money fen) { return FormatDecimal(fen.value(), 2); }

std::string FormatTonnes(Quantity grams) {
  const int64_t value = grams.value();
  const int64_t kilograms = value / kGramsPerKilogram - (value % kGramsPerKilogram < 0 ? 1 : 0);
  return FormatDecimal(kilograms, 3);
}

}  // namespace songhua
