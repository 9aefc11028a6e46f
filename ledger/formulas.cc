#include "ledger/formulas.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include <boost/multiprecision/cpp_int.hpp>

#include "absl/strings/ascii.h"
#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua {
namespace {

using Integer = boost::multiprecision::cpp_int;
using Rational = boost::multiprecision::cpp_rational;

bool BeginsName(char c) { return c >= 'a' && c <= 'z'; }
bool ContinuesName(char c) { return BeginsName(c) || absl::ascii_isdigit(c) || c == '_'; }

Rational FromSteps(int64_t value) { return Rational(Integer(value), Integer(kFormulaOne)); }

// The greatest whole number that is not greater.
Integer Floor(const Rational& value) {
  const Integer n = numerator(value), d = denominator(value);  // d > 0
  Integer quotient = n / d;
  if (n < 0 && quotient * d != n) --quotient;
  return quotient;
}

absl::StatusOr<Integer> Round(const Rational& value, Rounding rounding) {
  const Integer floor = Floor(value);
  const bool whole = Rational(floor) == value;
  switch (rounding) {
    case Rounding::kFloor: return floor;
    case Rounding::kCeiling: return whole ? floor : Integer(floor + 1);
    case Rounding::kHalfUp: return Floor(value + Rational(1, 2));
    case Rounding::kExact: break;
  }
  if (!whole) return Refuse(absl::StatusCode::kInvalidArgument, "NOT_WHOLE").Rule("GEN-07").Field("formula").Accepted("a result without a part below one step");
  return floor;
}

// Up to nine places, cut, with "..." where something follows.
std::string Describe(const Rational& value) {
  const bool negative = value < 0;
  const Rational magnitude = negative ? Rational(-value) : value;
  const Integer steps = Floor(magnitude * kFormulaOne);
  const bool more = Rational(steps, Integer(kFormulaOne)) != magnitude;
  std::string digits = steps.str();
  if (digits.size() <= kFormulaScale) digits.insert(0, kFormulaScale + 1 - digits.size(), '0');
  std::string text = digits.substr(0, digits.size() - kFormulaScale) + "." + digits.substr(digits.size() - kFormulaScale);
  if (!more) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
  }
  return (negative ? "-" : "") + text + (more ? "..." : "");
}

}  // namespace

class Formula::Parser {
 public:
  Parser(std::string_view text, std::string_view field, Formula* formula) : text_(text), field_(field), formula_(formula) {}

  absl::Status Run() {
    SONGHUA_RETURN_IF_ERROR(Expression());
    SkipBlanks();
    if (at_ < text_.size()) return Expected("an operator + - * /, or the end");
    return absl::OkStatus();
  }

 private:
  static constexpr int kDepthMax = 20;

  void SkipBlanks() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool Eat(char c) {
    SkipBlanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  absl::Status Expected(const std::string& what) const {
    const std::string found = at_ < text_.size() ? "'" + std::string(1, text_[at_]) + "' at place " + std::to_string(at_ + 1) : "its end";
    return InvalidField(field_, std::string(text_) + ": " + found, what).Rule("DR-71");
  }
  absl::Status Push(Kind kind, int64_t value, size_t begin) {
    if (formula_->operations_.size() == kOperationsMax) {
      return InvalidField(field_, std::string(text_), "at most " + std::to_string(kOperationsMax) + " numbers, names and operators").Rule("DR-71");
    }
    formula_->operations_.push_back({kind, value, begin, at_});
    return absl::OkStatus();
  }

  absl::Status Expression() {
    if (++depth_ > kDepthMax) return InvalidField(field_, std::string(text_), "at most " + std::to_string(kDepthMax) + " parentheses inside one another").Rule("DR-71");
    SkipBlanks();
    const size_t begin = at_;
    SONGHUA_RETURN_IF_ERROR(Term());
    while (true) {
      const bool add = Eat('+');
      if (!add && !Eat('-')) break;
      SONGHUA_RETURN_IF_ERROR(Term());
      SONGHUA_RETURN_IF_ERROR(Push(add ? Kind::kAdd : Kind::kSubtract, 0, begin));
    }
    --depth_;
    return absl::OkStatus();
  }
  absl::Status Term() {
    SkipBlanks();
    const size_t begin = at_;
    SONGHUA_RETURN_IF_ERROR(Factor());
    while (true) {
      const bool multiply = Eat('*');
      if (!multiply && !Eat('/')) return absl::OkStatus();
      SkipBlanks();
      const size_t divisor = at_;
      SONGHUA_RETURN_IF_ERROR(Factor());
      // A division remembers its divisor, which is what it may have to name.
      SONGHUA_RETURN_IF_ERROR(Push(multiply ? Kind::kMultiply : Kind::kDivide, 0, multiply ? begin : divisor));
    }
  }
  absl::Status Factor() {
    SkipBlanks();
    if (Eat('(')) {
      SONGHUA_RETURN_IF_ERROR(Expression());
      return Eat(')') ? absl::OkStatus() : Expected("')'");
    }
    if (at_ < text_.size() && absl::ascii_isdigit(text_[at_])) return Number();
    if (at_ < text_.size() && BeginsName(text_[at_])) return NameOrCall();
    return Expected("a number, the name of an input, or '('");
  }
  absl::Status Number() {
    const size_t begin = at_;
    while (at_ < text_.size() && (absl::ascii_isdigit(text_[at_]) || text_[at_] == '.')) ++at_;
    SONGHUA_ASSIGN_OR_RETURN(const int64_t value, ParseDecimal(text_.substr(begin, at_ - begin), kFormulaScale, field_));
    return Push(Kind::kNumber, value, begin);
  }
  absl::Status NameOrCall() {
    const size_t begin = at_;
    while (at_ < text_.size() && ContinuesName(text_[at_])) ++at_;
    const std::string name(text_.substr(begin, at_ - begin));
    if (name == "min" || name == "max") return Call(name == "min" ? Kind::kMin : Kind::kMax, begin);
    if (name.size() > kNameBytesMax) return InvalidField(field_, name, "names of at most " + std::to_string(kNameBytesMax) + " characters").Rule("DR-71");
    auto& names = formula_->names_;
    auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) it = names.insert(names.end(), name);
    return Push(Kind::kInput, it - names.begin(), begin);
  }
  absl::Status Call(Kind kind, size_t begin) {
    if (!Eat('(')) return Expected("'(' after min or max");
    int64_t count = 0;
    do {
      SONGHUA_RETURN_IF_ERROR(Expression());
      ++count;
    } while (Eat(','));
    if (!Eat(')')) return Expected("',' or ')'");
    return Push(kind, count, begin);
  }

  const std::string_view text_;
  const std::string_view field_;
  Formula* const formula_;
  size_t at_ = 0;
  int depth_ = 0;
};

absl::StatusOr<Formula> Formula::Parse(std::string_view text, std::string_view field) {
  if (text.empty() || text.size() > kBytesMax) {
    return InvalidField(field, std::to_string(text.size()) + " bytes", "a formula of 1 to " + std::to_string(kBytesMax) + " characters").Rule("DR-71");
  }
  Formula formula;
  formula.text_ = std::string(text);
  SONGHUA_RETURN_IF_ERROR(Parser(text, field, &formula).Run());
  return formula;
}

absl::StatusOr<FormulaResult> Formula::Evaluate(const std::map<std::string, int64_t>& inputs, int64_t step, Rounding rounding) const {
  SONGHUA_CHECK(step > 0);
  std::vector<Rational> stack;
  const auto pop = [&stack] {
    Rational top = std::move(stack.back());
    stack.pop_back();
    return top;
  };
  for (const Operation& operation : operations_) {
    switch (operation.kind) {
      case Kind::kNumber: stack.push_back(FromSteps(operation.value)); break;
      case Kind::kInput: {
        const std::string& name = names_[static_cast<size_t>(operation.value)];
        const auto input = inputs.find(name);
        if (input == inputs.end()) {
          return Refuse(absl::StatusCode::kInvalidArgument, "FORMULA_INPUT_MISSING").Rule("DR-71").Field("inputs").Value(name).Accepted(
              "a value for each input of " + text_);
        }
        stack.push_back(FromSteps(input->second));
        break;
      }
      case Kind::kMin:
      case Kind::kMax: {
        Rational best = pop();
        for (int64_t i = 1; i < operation.value; ++i) {
          Rational other = pop();
          if (operation.kind == Kind::kMin ? other < best : other > best) best = std::move(other);
        }
        stack.push_back(std::move(best));
        break;
      }
      default: {
        const Rational right = pop();
        Rational left = pop();
        if (operation.kind == Kind::kAdd) left += right;
        if (operation.kind == Kind::kSubtract) left -= right;
        if (operation.kind == Kind::kMultiply) left *= right;
        if (operation.kind == Kind::kDivide) {
          if (right == 0) {
            return Refuse(absl::StatusCode::kInvalidArgument, "DIVISION_BY_ZERO").Rule("DR-71").Field("formula").Value(text_).Accepted(
                "inputs with which " + text_.substr(operation.begin, operation.end - operation.begin) + " is not 0");
          }
          left /= right;
        }
        stack.push_back(std::move(left));
      }
    }
  }
  SONGHUA_CHECK(stack.size() == 1);
  const Rational& value = stack.back();
  SONGHUA_ASSIGN_OR_RETURN(const Integer steps, Round(value * kFormulaOne / step, rounding));
  const Integer rounded = steps * step;
  if (rounded > std::numeric_limits<int64_t>::max() || rounded < std::numeric_limits<int64_t>::min()) {
    return OutOfRange("formula", Describe(value), "a result below 9223372036").Rule("DR-71");
  }
  return FormulaResult{static_cast<int64_t>(rounded), Describe(value)};
}

std::string Formula::WithValues(const std::map<std::string, int64_t>& inputs) const {
  std::string out;
  size_t at = 0;
  for (const Operation& operation : operations_) {
    if (operation.kind != Kind::kInput) continue;
    const auto input = inputs.find(names_[static_cast<size_t>(operation.value)]);
    if (input == inputs.end()) continue;
    out.append(text_, at, operation.begin - at);
    out += FormatFormulaDecimal(input->second);
    at = operation.end;
  }
  return out + text_.substr(at);
}

std::string FormatFormulaDecimal(int64_t value) {
  std::string text = FormatDecimal(value, kFormulaScale);
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text;
}

}  // namespace songhua
