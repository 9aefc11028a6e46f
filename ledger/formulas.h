// A formula as data: how a price follows from recorded inputs (DR-71), so that anybody can compute it again.
//
//   SONGHUA_ASSIGN_OR_RETURN(Formula formula, Formula::Parse("cost * economy * scarcity * cpi", "formula"));
//   formula.names();                                                     // {"cost", "economy", "scarcity", "cpi"}
//   SONGHUA_ASSIGN_OR_RETURN(FormulaResult r, formula.Evaluate({{"cost", ...}, ...}, /*step=*/10 * kFormulaOne, Rounding::kHalfUp));
//
//   expression := term { (+|-) term }        term := factor { (*|/) factor }
//   factor     := number | name | ( expression ) | min( expression, expression ... ) | max( ... )
//
// Numbers and inputs are decimals with at most nine places. All arithmetic is exact, on fractions; the result is rounded once, to a whole number of steps.
// A plain value; any thread may use it.
#ifndef SONGHUA_LEDGER_FORMULAS_H_
#define SONGHUA_LEDGER_FORMULAS_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/amounts.h"

namespace songhua {

// Decimals in a formula count steps of 10^-9: ParseDecimal(text, kFormulaScale).
inline constexpr int kFormulaScale = 9;
inline constexpr int64_t kFormulaOne = 1'000'000'000;

struct FormulaResult {
  int64_t rounded = 0;  // in steps of 10^-9; a whole number of the step asked for
  // What the formula gave before it was rounded: up to nine places, and "..." where the fraction does not end there. "4655.76", "0.333333333...".
  std::string exact;
};

class Formula {
 public:
  static constexpr size_t kBytesMax = 400;
  static constexpr size_t kOperationsMax = 60;
  static constexpr size_t kNameBytesMax = 30;

  // INVALID_ARGUMENT names `field`, the place, and what would be accepted there. Names are [a-z][a-z0-9_]*, not min or max.
  static absl::StatusOr<Formula> Parse(std::string_view text, std::string_view field);

  const std::string& text() const { return text_; }
  // The inputs, in the order in which they are first mentioned.
  const std::vector<std::string>& names() const { return names_; }

  // INVALID_ARGUMENT, FORMULA_INPUT_MISSING or DIVISION_BY_ZERO (DR-71), names the input or the divisor; OUT_OF_RANGE when the result is too large.
  // REQUIRES: step > 0.
  absl::StatusOr<FormulaResult> Evaluate(const std::map<std::string, int64_t>& inputs, int64_t step, Rounding rounding) const;
  // The formula with the inputs' values in place of their names: "4000 * 0.95 * 1.2 * 1.021".
  std::string WithValues(const std::map<std::string, int64_t>& inputs) const;

 private:
  enum class Kind : uint8_t { kNumber, kInput, kAdd, kSubtract, kMultiply, kDivide, kMin, kMax };
  // In postfix order.
  struct Operation {
    Kind kind;
    int64_t value = 0;       // kNumber: steps of 10^-9; kInput: its place in names_; kMin, kMax: how many
    size_t begin = 0, end = 0;  // of the part of the text that it computes
  };
  class Parser;

  std::string text_;
  std::vector<std::string> names_;
  std::vector<Operation> operations_;
};

// A decimal of nine places without the zeros at its end: "0.95".
std::string FormatFormulaDecimal(int64_t value);

}  // namespace songhua

#endif  // SONGHUA_LEDGER_FORMULAS_H_
