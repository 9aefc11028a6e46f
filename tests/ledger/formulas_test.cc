#include "ledger/formulas.h"

#include <map>
#include <random>
#include <string>

#include <boost/multiprecision/cpp_int.hpp>

#include "gtest/gtest.h"
#include "ledger/refusal.h"

namespace songhua {
namespace {

constexpr int64_t kYuan = kFormulaOne;

int64_t D(const std::string& text) { return *ParseDecimal(text, kFormulaScale); }

std::string Exact(const std::string& text, const std::map<std::string, int64_t>& inputs = {}) {
  const auto formula = Formula::Parse(text, "formula");
  if (!formula.ok()) return std::string(formula.status().message());
  const auto result = formula->Evaluate(inputs, 1, Rounding::kFloor);
  return result.ok() ? result->exact : GetRefusal(result.status())->reason;
}

TEST(FormulaTest, TheBasePriceOfTheRulesIsComputedToTheYuan_DR71) {
  const auto formula = Formula::Parse("cost * economy * scarcity * cpi", "formula");
  ASSERT_TRUE(formula.ok()) << formula.status();
  EXPECT_EQ(formula->names(), (std::vector<std::string>{"cost", "economy", "scarcity", "cpi"}));
  const std::map<std::string, int64_t> inputs = {{"cost", D("4000")}, {"economy", D("0.95")}, {"scarcity", D("1.20")}, {"cpi", D("1.0210")}};
  const auto result = formula->Evaluate(inputs, 10 * kYuan, Rounding::kHalfUp);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->exact, "4655.76");
  EXPECT_EQ(result->rounded, 4660 * kYuan);
  EXPECT_EQ(formula->WithValues(inputs), "4000 * 0.95 * 1.2 * 1.021");
}

TEST(FormulaTest, PrecedenceAndParentheses) {
  EXPECT_EQ(Exact("1 + 2 * 3"), "7");
  EXPECT_EQ(Exact("(1 + 2) * 3"), "9");
  EXPECT_EQ(Exact("10 - 2 - 3"), "5");
  EXPECT_EQ(Exact("12 / 2 / 3"), "2");
  EXPECT_EQ(Exact("2 - 3 * (4 - 1)"), "-7");
  EXPECT_EQ(Exact("min(3, 1, 2) + max(3, 1, 2)"), "4");
  EXPECT_EQ(Exact(" max( 1 , 2*2 ) "), "4");
}

TEST(FormulaTest, FractionsStayExactUntilTheLastLine_GEN07) {
  EXPECT_EQ(Exact("1 / 3"), "0.333333333...");
  EXPECT_EQ(Exact("1 / 3 * 3"), "1");
  EXPECT_EQ(Exact("0 - 1 / 8"), "-0.125");
  const auto third = Formula::Parse("x / 3", "formula");
  const auto rounded = [&](int64_t x, Rounding rounding) { return third->Evaluate({{"x", x}}, kYuan, rounding)->rounded / kYuan; };
  EXPECT_EQ(rounded(D("4.5"), Rounding::kHalfUp), 2);
  EXPECT_EQ(rounded(D("4.499999999"), Rounding::kHalfUp), 1);
  EXPECT_EQ(rounded(D("-4.5"), Rounding::kHalfUp), -1);
  EXPECT_EQ(rounded(D("4"), Rounding::kCeiling), 2);
  EXPECT_EQ(rounded(D("-4"), Rounding::kFloor), -2);
  EXPECT_EQ(GetRefusal(third->Evaluate({{"x", D("4")}}, kYuan, Rounding::kExact).status())->reason, "NOT_WHOLE");
}

TEST(FormulaTest, WhatCannotBeComputedIsNamed_DR71) {
  const auto formula = Formula::Parse("cost / (quota - used)", "formula");
  ASSERT_TRUE(formula.ok()) << formula.status();
  const auto zero = formula->Evaluate({{"cost", D("1")}, {"quota", D("5")}, {"used", D("5")}}, 1, Rounding::kFloor);
  ASSERT_FALSE(zero.ok());
  EXPECT_EQ(GetRefusal(zero.status())->reason, "DIVISION_BY_ZERO");
  EXPECT_EQ(GetRefusal(zero.status())->accepted, "inputs with which (quota - used) is not 0");
  const auto missing = formula->Evaluate({{"cost", D("1")}, {"quota", D("5")}}, 1, Rounding::kFloor);
  EXPECT_EQ(GetRefusal(missing.status())->reason, "FORMULA_INPUT_MISSING");
  EXPECT_EQ(GetRefusal(missing.status())->value, "used");
  EXPECT_EQ(Exact("9000000000 * 9000000000"), "OUT_OF_RANGE");
}

TEST(FormulaTest, WhatIsNoFormulaIsRefusedWithItsPlace_DR71) {
  const auto refused = [](const std::string& text) {
    const auto formula = Formula::Parse(text, "formula");
    return formula.ok() ? std::string("OK") : GetRefusal(formula.status())->value + " | " + GetRefusal(formula.status())->accepted;
  };
  EXPECT_EQ(refused("1 +"), "1 +: its end | a number, the name of an input, or '('");
  EXPECT_EQ(refused("(1"), "(1: its end | ')'");
  EXPECT_EQ(refused("1 2"), "1 2: '2' at place 3 | an operator + - * /, or the end");
  EXPECT_EQ(refused("a $ b"), "a $ b: '$' at place 3 | an operator + - * /, or the end");
  EXPECT_EQ(refused("min 1"), "min 1: '1' at place 5 | '(' after min or max");
  EXPECT_EQ(refused("A"), "A: 'A' at place 1 | a number, the name of an input, or '('");
  EXPECT_NE(refused(""), "OK");
  EXPECT_NE(refused(std::string(401, '1')), "OK");
  EXPECT_NE(refused("1.2.3"), "OK");
  EXPECT_NE(refused("0.1234567891"), "OK");
  EXPECT_NE(refused(std::string(31, 'a')), "OK");
  EXPECT_NE(refused(std::string(30, '(') + "1" + std::string(30, ')')), "OK") << "too deep";
  std::string many = "1";
  for (int i = 0; i < 40; ++i) many += "+1";
  EXPECT_NE(refused(many), "OK") << "too many operations";
}

// Against plain fractions, over formulas drawn at random.
TEST(FormulaTest, AgreesWithFractions) {
  using boost::multiprecision::cpp_rational;
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    std::string text = "1";
    cpp_rational value = 1;
    for (int i = 0; i < 8; ++i) {
      const int64_t number = 1 + static_cast<int64_t>(random() % 99);
      const cpp_rational operand(number, 10);
      const std::string written = FormatDecimal(number, 1);
      switch (random() % 4) {
        case 0: text = "(" + text + ") + " + written, value += operand; break;
        case 1: text = written + " - (" + text + ")", value = operand - value; break;
        case 2: text = "(" + text + ") * " + written, value *= operand; break;
        default: text = "(" + text + ") / " + written, value /= operand; break;
      }
    }
    const auto formula = Formula::Parse(text, "formula");
    ASSERT_TRUE(formula.ok()) << text << ": " << formula.status();
    const auto up = formula->Evaluate({}, kYuan, Rounding::kCeiling), down = formula->Evaluate({}, kYuan, Rounding::kFloor);
    ASSERT_TRUE(up.ok() && down.ok()) << text;
    EXPECT_LE(cpp_rational(down->rounded / kYuan), value) << text;
    EXPECT_GE(cpp_rational(up->rounded / kYuan), value) << text;
    EXPECT_LE(up->rounded - down->rounded, kYuan) << text;
  }
}

}  // namespace
}  // namespace songhua
