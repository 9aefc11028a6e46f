#include "ledger/amounts.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <concepts>
#include <limits>
#include <optional>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/codec.h"
#include "ledger/legal_time.h"
#include "ledger/refusal.h"
#include "tests/ledger/seeded_values.h"

namespace songhua {
namespace {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr Rounding kRoundings[] = {Rounding::kFloor, Rounding::kCeiling, Rounding::kHalfUp, Rounding::kExact};

// ---- What must not compile ----

template <class A, class B>
concept Addable = requires(A a, B b) {
  a + b;
};
template <class A, class B>
concept Subtractable = requires(A a, B b) {
  a - b;
};
template <class A, class B>
concept Comparable = requires(A a, B b) {
  a < b;
};
template <class A, class B>
concept Equatable = requires(A a, B b) {
  a == b;
};
template <class A, class B>
concept Multipliable = requires(A a, B b) {
  a* b;
};
template <class A, class B>
concept Accumulates = requires(A a, B b) {
  a += b;
};
template <class A, class B>
concept CheckedAddable = requires(A a, B b) {
  CheckedAdd(a, b);
};
template <class P, class Q>
concept MakesAmount = requires(P p, Q q) {
  Amount(p, q, int64_t{1}, Rounding::kHalfUp);
};

static_assert(Addable<Quantity, Quantity> && Subtractable<Money, Money> && Comparable<Price, Price> && Accumulates<Money, Money>);
static_assert(!Addable<Price, Quantity> && !Addable<Quantity, Price> && !Addable<Money, Price> && !Addable<Money, Quantity>);
static_assert(!Addable<Quantity, int64_t> && !Addable<int64_t, Money> && !Accumulates<Money, Price> && !Accumulates<Quantity, int>);
static_assert(!Subtractable<Money, Price> && !Subtractable<Price, Quantity>);
static_assert(!Comparable<Price, Money> && !Comparable<Quantity, int64_t> && !Equatable<Price, Money> && !Equatable<Money, int>);
static_assert(!Multipliable<Price, Quantity> && !Multipliable<Quantity, int64_t> && !Multipliable<Quantity, Quantity>);
static_assert(!std::convertible_to<int64_t, Quantity> && !std::convertible_to<Quantity, int64_t>);
static_assert(!std::constructible_from<Money, Price> && !std::constructible_from<Quantity, Money>);
static_assert(CheckedAddable<Money, Money> && !CheckedAddable<Money, Price> && !CheckedAddable<Quantity, int64_t>);
static_assert(MakesAmount<Price, Quantity> && !MakesAmount<Quantity, Price> && !MakesAmount<Price, Money>);
static_assert(std::is_trivially_copyable_v<Quantity> && sizeof(Quantity) == sizeof(int64_t));
static_assert(Quantity(2) + Quantity(3) == Quantity(5) && -Money(4) == Money(-4) && Price() == Price(0));

// ---- The oracle: exact rationals ----

cpp_int FloorOf(const cpp_rational& x) {
  const cpp_int n = numerator(x);
  const cpp_int d = denominator(x);
  cpp_int quotient = n / d;
  if (quotient * d > n) --quotient;
  return quotient;
}

// What the documentation promises, or nullopt where it promises a refusal.
std::optional<int64_t> Expected(const cpp_rational& exact, Rounding rounding) {
  cpp_int rounded;
  switch (rounding) {
    case Rounding::kFloor:
      rounded = FloorOf(exact);
      break;
    case Rounding::kCeiling:
      rounded = -FloorOf(-exact);
      break;
    case Rounding::kHalfUp:
      rounded = FloorOf(exact + cpp_rational(1, 2));
      break;
    case Rounding::kExact:
      if (denominator(exact) != 1) return std::nullopt;
      rounded = numerator(exact);
      break;
  }
  if (rounded < kMin || rounded > kMax) return std::nullopt;
  return static_cast<int64_t>(rounded);
}

std::string Reason(const absl::Status& status) {
  const std::optional<RefusalDetail> detail = GetRefusal(status);
  return detail.has_value() ? detail->reason : "no refusal";
}

void ExpectMatches(const absl::StatusOr<int64_t>& actual, const cpp_rational& exact, Rounding rounding) {
  const std::optional<int64_t> expected = Expected(exact, rounding);
  if (expected.has_value()) {
    ASSERT_TRUE(actual.ok()) << actual.status() << " for " << exact;
    EXPECT_EQ(*actual, *expected) << "for " << exact << " rounding " << static_cast<int>(rounding);
  } else if (rounding == Rounding::kExact && denominator(exact) != 1) {
    EXPECT_EQ(actual.status().code(), absl::StatusCode::kInvalidArgument) << exact;
    EXPECT_EQ(Reason(actual.status()), "NOT_WHOLE");
  } else {
    EXPECT_EQ(actual.status().code(), absl::StatusCode::kOutOfRange) << exact;
  }
}

// ---- Sums ----

TEST(AmountsTest, SumsOfStateThatOverflowEndTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(Quantity(kMax) + Quantity(1), "CHECK failed");
  EXPECT_DEATH(Money(kMin) - Money(1), "CHECK failed");
  EXPECT_DEATH(-Money(kMin), "CHECK failed");
  EXPECT_DEATH(
      {
        Quantity sum(kMax);
        sum += Quantity(1);
      },
      "CHECK failed");
  EXPECT_DEATH(
      {
        Price difference(kMin);
        difference -= Price(1);
      },
      "CHECK failed");
  EXPECT_EQ(Quantity(kMax) - Quantity(kMax), Quantity(0));
  EXPECT_EQ(Quantity(kMin) + Quantity(kMax), Quantity(-1));
}

TEST(AmountsTest, CheckedSumsAgreeWithUnboundedIntegers) {
  SeededValues random(20260101);
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 20'000; ++i) {
    const int64_t a = random.Any();
    const int64_t b = random.Any();
    ExpectMatches(CheckedAdd(a, b), cpp_rational(cpp_int(a) + b), Rounding::kFloor);
    ExpectMatches(CheckedSubtract(a, b), cpp_rational(cpp_int(a) - b), Rounding::kFloor);
    const absl::StatusOr<Money> sum = CheckedAdd(Money(a), Money(b));
    ASSERT_EQ(sum.ok(), CheckedAdd(a, b).ok());
    if (sum.ok()) {
      ASSERT_EQ(sum->value(), *CheckedAdd(a, b));
    }
    const absl::StatusOr<Quantity> difference = CheckedSubtract(Quantity(a), Quantity(b));
    ASSERT_EQ(difference.ok(), CheckedSubtract(a, b).ok());
  }
}

TEST(AmountsTest, OnlyTheTotalOfASumMustFit) {
  const std::vector<Money> over_and_back = {Money(kMax), Money(kMax), Money(kMin), Money(kMin), Money(7)};
  EXPECT_EQ(*CheckedSum(over_and_back), Money(5));
  EXPECT_EQ(*CheckedSum(std::vector<Quantity>{}), Quantity(0));
  EXPECT_EQ(*CheckedSum(std::vector<Quantity>{Quantity(kMax)}), Quantity(kMax));
  EXPECT_EQ(CheckedSum(std::vector<Quantity>{Quantity(kMax), Quantity(1)}).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(CheckedSum(std::vector<Quantity>{Quantity(kMin), Quantity(-1)}).status().code(), absl::StatusCode::kOutOfRange);
}

TEST(AmountsTest, AnOverflowNamesTheNumbers) {
  const absl::StatusOr<Money> sum = CheckedAdd(Money(kMax), Money(1));
  ASSERT_EQ(sum.status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(GetRefusal(sum.status())->value, "9223372036854775807 + 1");
  const absl::StatusOr<int64_t> product = MultiplyDivide(kMax, 3, 2, Rounding::kFloor);
  EXPECT_EQ(GetRefusal(product.status())->value, "9223372036854775807 * 3 / 2");
}

// ---- Products and quotients ----

TEST(AmountsTest, HalfUpGoesTowardsPlusInfinityOnBothSidesOfZero) {
  const auto half_up = [](int64_t a, int64_t divisor) { return *MultiplyDivide(a, 1, divisor, Rounding::kHalfUp); };
  EXPECT_EQ(half_up(5, 2), 3);
  EXPECT_EQ(half_up(-5, 2), -2);
  EXPECT_EQ(half_up(-7, 2), -3);
  EXPECT_EQ(half_up(1, 2), 1);
  EXPECT_EQ(half_up(-1, 2), 0);
  EXPECT_EQ(half_up(49, 100), 0);
  EXPECT_EQ(half_up(-51, 100), -1);
  EXPECT_EQ(half_up(kMax, kMax), 1);
  EXPECT_EQ(half_up(kMax / 2 + 1, kMax), 1);
  EXPECT_EQ(half_up(kMax / 2, kMax), 0);
}

TEST(AmountsTest, MultiplyDivideAgreesWithExactRationals) {
  SeededValues random(20260102);
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 30'000; ++i) {
    const int64_t a = random.Any();
    const int64_t b = random.Any();
    const int64_t divisor = random.AnyPositive();
    const cpp_rational exact(cpp_int(a) * b, divisor);
    for (Rounding rounding : kRoundings) {
      ExpectMatches(MultiplyDivide(a, b, divisor, rounding), exact, rounding);
    }
    if (HasFailure()) FAIL() << a << " * " << b << " / " << divisor;
  }
}

TEST(AmountsTest, EvaluateAgreesWithExactRationalsBeyond128Bits) {
  SeededValues random(20260103);
  SCOPED_TRACE(random.Trace());
  int fitting = 0;
  for (int i = 0; i < 10'000; ++i) {
    std::vector<int64_t> factors(static_cast<size_t>(random.Between(0, 6)));
    std::vector<int64_t> divisors(static_cast<size_t>(random.Between(0, 6)));
    cpp_int dividend = 1;
    cpp_int divisor = 1;
    for (int64_t& factor : factors) dividend *= (factor = random.Any());
    for (int64_t& d : divisors) divisor *= (d = random.AnyPositive());
    const cpp_rational exact(dividend, divisor);
    fitting += Expected(exact, Rounding::kFloor).has_value() && dividend > (cpp_int(1) << 127);
    for (Rounding rounding : kRoundings) ExpectMatches(Evaluate(factors, divisors, rounding), exact, rounding);
    if (HasFailure()) FAIL() << "case " << i;
  }
  EXPECT_GT(fitting, 100) << "the wide path must be met with results that fit";
}

TEST(AmountsTest, TheEdgesOf128BitsRoundRight) {
  // 2^126 is the largest product of two; divided by 1 it must be refused, by 2^63-1 it is 2^63+2 and a bit, by itself it fits.
  EXPECT_EQ(MultiplyDivide(kMin, kMin, 1, Rounding::kFloor).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(MultiplyDivide(kMin, kMin, kMax, Rounding::kFloor).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(*MultiplyDivide(kMin, kMax, kMax, Rounding::kExact), kMin);
  EXPECT_EQ(*MultiplyDivide(kMax, kMax, kMax, Rounding::kExact), kMax);
  // A remainder of 2^126 against a divisor just below 2^127: twice the remainder would not fit in 128 bits.
  EXPECT_EQ(*Evaluate({kMin, kMin}, {kMax, kMax, 1}, Rounding::kFloor), 1);
  EXPECT_EQ(*Evaluate({kMin, kMin}, {kMax, kMax, 2}, Rounding::kHalfUp), 1);
  EXPECT_EQ(*Evaluate({-1, kMin, kMin}, {kMax, kMax, 2}, Rounding::kHalfUp), -1);
  EXPECT_EQ(*Evaluate({kMin, kMin, kMin, kMin}, {kMax, kMax, kMax, kMax}, Rounding::kCeiling), 2);
}

TEST(AmountsTest, ADivisorMustBePositive) {
  for (int64_t divisor : {int64_t{0}, int64_t{-1}, kMin}) {
    EXPECT_EQ(Reason(MultiplyDivide(1, 1, divisor, Rounding::kFloor).status()), "DIVISOR_NOT_POSITIVE");
    EXPECT_EQ(Reason(Evaluate({1}, {3, divisor}, Rounding::kFloor).status()), "DIVISOR_NOT_POSITIVE");
    EXPECT_EQ(Reason(ProductSum().Divide(divisor, Rounding::kFloor).status()), "DIVISOR_NOT_POSITIVE");
  }
}

TEST(AmountsTest, ProductSumsAgreeWithExactRationals) {
  SeededValues random(20260104);
  SCOPED_TRACE(random.Trace());
  const cpp_int limit = cpp_int(1) << 127;
  for (int i = 0; i < 3'000; ++i) {
    ProductSum sum;
    cpp_int exact = 0;
    for (int64_t terms = random.Between(0, 8); terms > 0; --terms) {
      const int64_t a = random.Any();
      const int64_t b = random.Any();
      const cpp_int next = exact + cpp_int(a) * b;
      const bool fits = next >= -limit && next < limit;
      ASSERT_EQ(sum.Add(a, b).ok(), fits);
      if (fits) exact = next;  // a refused term changes nothing
    }
    const int64_t divisor = random.AnyPositive();
    for (Rounding rounding : kRoundings) ExpectMatches(sum.Divide(divisor, rounding), cpp_rational(exact, divisor), rounding);
    if (HasFailure()) FAIL() << "case " << i;
  }
}

// ---- The rules' own numbers ----

TEST(AmountsTest, PricePerTonneAndYearForPartOfAYear) {  // DR-40
  const absl::StatusOr<Money> amount = Amount(Price(600'000), Quantity(8'074'000), kGramsPerTonne, Ratio{184, 365}, Rounding::kHalfUp);
  ASSERT_TRUE(amount.ok());
  EXPECT_EQ(FormatMoney(*amount), "24421.08");
}

TEST(AmountsTest, ATermIsRoundedOnceOnTheWholeAmount) {  // DR-40: rounding the yearly amount first would give another fen
  const Ratio three_years{3 * 365, 365};
  const Price price(100);
  const Quantity quantity(5'000);  // 0.005 t at 1.00 yuan: 0.5 fen a year
  EXPECT_EQ(*Amount(price, quantity, kGramsPerTonne, three_years, Rounding::kHalfUp), Money(2));
  EXPECT_EQ(*Amount(price, quantity, kGramsPerTonne, Rounding::kHalfUp), Money(1));
}

TEST(AmountsTest, PublishedTradeOfTwoPollutantsForFiveYears) {  // DR-41
  const Ratio years = TermRatio(MakeDate(2026, 7, 1), MakeDate(2031, 6, 30));
  const Money sulphur = *Amount(Price(600'000), Quantity(8'074'000), kGramsPerTonne, years, Rounding::kHalfUp);
  const Money nitrogen = *Amount(Price(450'000), Quantity(21'648'000), kGramsPerTonne, years, Rounding::kHalfUp);
  EXPECT_EQ(FormatMoney(sulphur), "242220.00");
  EXPECT_EQ(FormatMoney(nitrogen), "487080.00");
  EXPECT_EQ(FormatMoney(sulphur + nitrogen), "729300.00");
}

TEST(AmountsTest, PriceLimitsAreRoundedInward) {  // CAR-13
  struct Band {
    int64_t previous, listed_low, listed_high, block_low, block_high;
  };
  for (const Band& band : {Band{7900, 7110, 8690, 5530, 10270}, Band{7905, 7115, 8695, 5534, 10276}, Band{8197, 7378, 9016, 5738, 10656}}) {
    EXPECT_EQ(*MultiplyDivide(band.previous, 110, 100, Rounding::kFloor), band.listed_high);
    EXPECT_EQ(*MultiplyDivide(band.previous, 90, 100, Rounding::kCeiling), band.listed_low);
    EXPECT_EQ(*MultiplyDivide(band.previous, 130, 100, Rounding::kFloor), band.block_high);
    EXPECT_EQ(*MultiplyDivide(band.previous, 70, 100, Rounding::kCeiling), band.block_low);
  }
}

TEST(AmountsTest, CloseIsTheVolumeWeightedAverage) {  // CAR-14: 8,794,800.00 yuan / 107,290 t
  ProductSum turnover;
  ASSERT_TRUE(turnover.Add(8'200, 104'310).ok());
  ASSERT_TRUE(turnover.Add(8'100, 2'980).ok());
  EXPECT_EQ(*turnover.Divide(1, Rounding::kExact), 879'480'000);
  EXPECT_EQ(*turnover.Divide(107'290, Rounding::kHalfUp), 8'197);
}

TEST(AmountsTest, AnAmountThatDoesNotFitIsRefused) {
  EXPECT_EQ(Amount(Price(kMax), Quantity(kMax), 1, Rounding::kHalfUp).status().code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Amount(Price(kMax), Quantity(kMax), kGramsPerTonne, Ratio{kMax, 365}, Rounding::kHalfUp).status().code(),
            absl::StatusCode::kOutOfRange);
  EXPECT_EQ(*Amount(Price(kMax), Quantity(kMax), kMax, Ratio{kMax, kMax}, Rounding::kExact), Money(kMax));
}

// ---- Decimal text ----

TEST(AmountsTest, DecimalsAreWrittenWithAllTheirPlaces) {
  EXPECT_EQ(FormatDecimal(8074, 3), "8.074");
  EXPECT_EQ(FormatDecimal(0, 0), "0");
  EXPECT_EQ(FormatDecimal(0, 2), "0.00");
  EXPECT_EQ(FormatDecimal(-5, 2), "-0.05");
  EXPECT_EQ(FormatDecimal(-5, 0), "-5");
  EXPECT_EQ(FormatDecimal(kMin, 0), "-9223372036854775808");
  EXPECT_EQ(FormatDecimal(kMin, 18), "-9.223372036854775808");
  EXPECT_EQ(FormatDecimal(kMax, 2), "92233720368547758.07");
  EXPECT_EQ(FormatMoney(Money(2'442'108)), "24421.08");
  EXPECT_EQ(FormatMoney(Money(-7)), "-0.07");
}

TEST(AmountsTest, TonnesShowNeverMoreThanIsHeld) {  // GEN-06
  EXPECT_EQ(FormatTonnes(Quantity(8'074'000)), "8.074");
  EXPECT_EQ(FormatTonnes(Quantity(8'074'999)), "8.074");
  EXPECT_EQ(FormatTonnes(Quantity(-1)), "-0.001");
  EXPECT_EQ(FormatTonnes(Quantity(-1'000)), "-0.001");
  EXPECT_EQ(FormatTonnes(Quantity(kMin)), "-9223372036854.776");
}

TEST(AmountsTest, DecimalTextRoundTrips) {
  SeededValues random(20260105);
  SCOPED_TRACE(random.Trace());
  for (int i = 0; i < 20'000; ++i) {
    const int64_t value = random.Any();
    const int scale = static_cast<int>(random.Between(0, kMaxScale));
    const std::string text = FormatDecimal(value, scale);
    const absl::StatusOr<int64_t> parsed = ParseDecimal(text, scale);
    ASSERT_TRUE(parsed.ok()) << text << " " << parsed.status();
    ASSERT_EQ(*parsed, value) << text;
  }
}

TEST(AmountsTest, DecimalTextIsReadExactly) {
  EXPECT_EQ(*ParseDecimal("8.074", 3), 8'074);
  EXPECT_EQ(*ParseDecimal("8.074", 6), 8'074'000);
  EXPECT_EQ(*ParseDecimal("8", 6), 8'000'000);
  EXPECT_EQ(*ParseDecimal("0.1", 18), 100'000'000'000'000'000);
  EXPECT_EQ(*ParseDecimal("-0", 2), 0);
  EXPECT_EQ(*ParseDecimal("-0.01", 2), -1);
  EXPECT_EQ(*ParseDecimal("92233720368547758.07", 2), kMax);
  EXPECT_EQ(*ParseDecimal("-92233720368547758.08", 2), kMin);
}

TEST(AmountsTest, DecimalTextThatIsNotExactIsRefusedWithTheReason) {
  const auto refusal = [](std::string_view text, int scale) { return ParseDecimal(text, scale, "orders[3].quantity").status(); };
  for (std::string_view text : std::vector<std::string_view>{"", "-", ".", ".5", "5.", "-.5", "+5", " 5", "5 ", "1e3", "1,000", "1.2.3",
                                                             "0x10", "--1", "nan", "五", "1_000", std::string_view("5\0", 2)}) {
    const absl::Status status = refusal(text, 3);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << "'" << text << "'";
    EXPECT_EQ(GetRefusal(status)->field, "orders[3].quantity");
    EXPECT_EQ(GetRefusal(status)->value, text);
  }
  EXPECT_EQ(GetRefusal(refusal("1.2345", 3))->accepted, "at most 3 decimals");
  EXPECT_EQ(GetRefusal(refusal("1.2340", 3))->accepted, "at most 3 decimals");
  EXPECT_EQ(GetRefusal(refusal("1.0", 0))->accepted, "at most 0 decimals");
  EXPECT_EQ(GetRefusal(refusal("007", 3))->accepted, "a decimal number without leading zeros");
  EXPECT_EQ(refusal("92233720368547758.08", 2).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(refusal("-92233720368547758.09", 2).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(refusal(std::string(1'000'000, '9'), 2).code(), absl::StatusCode::kOutOfRange);
  EXPECT_LT(refusal(std::string(1'000'000, '9'), 2).message().size(), 300u) << "an error must not grow with the request";
}

TEST(AmountsTest, AmountsKeepTheirEncoding) {
  EXPECT_EQ(EncodeValue(Money(-2)), std::string("\xFE\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 8));
  Ratio decoded;
  ASSERT_TRUE(DecodeValue(EncodeValue(Ratio{184, 365}), &decoded).ok());
  EXPECT_EQ(decoded.numerator, 184);
  EXPECT_EQ(decoded.denominator, 365);
}

}  // namespace
}  // namespace songhua
