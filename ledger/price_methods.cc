#include "ledger/price_methods.h"

#include <algorithm>
#include <set>
#include <utility>

#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

constexpr size_t kTextBytesMax = 200;
constexpr size_t kUnitBytesMax = 20;
constexpr size_t kCodeBytesMax = 40;
constexpr int kInputsMax = 20;
constexpr int kAllowedMax = 20;
constexpr int kOfficesMax = 6;
constexpr size_t kOfficeBytesMax = 20;
constexpr int64_t kRoundingFenMax = 100'000'000;
constexpr int32_t kConsultationDaysMax = 365;
constexpr int32_t kReviewYearsMax = 50;
constexpr int32_t kReviewChangeMax = 100'000;
// From a fen, of which a yuan has a hundred, to the steps of a formula's result in yuan.
constexpr int64_t kStepsPerFen = kFormulaOne / kFenPerYuan;

bool IsCode(std::string_view text) {
  return !text.empty() && text.size() <= kCodeBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}
bool IsOffice(std::string_view text) {
  return !text.empty() && text.size() <= kOfficeBytesMax && std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

absl::Status InRange(std::string_view field, int64_t value, int64_t least, int64_t most) {
  if (value >= least && value <= most) return absl::OkStatus();
  return InvalidField(field, std::to_string(value), std::to_string(least) + " to " + std::to_string(most)).Rule("DR-72");
}

absl::StatusOr<PriceInputRuleRow> ParseRule(const v1::PriceInputRule& rule) {
  const std::string field = "method.inputs." + rule.name();
  PriceInputRuleRow row;
  row.name = rule.name();
  SONGHUA_RETURN_IF_ERROR(ValidateName(rule.display_name(), kTextBytesMax, field + ".display_name"));
  row.display_name = rule.display_name();
  if (!rule.unit().empty()) SONGHUA_RETURN_IF_ERROR(ValidateName(rule.unit(), kUnitBytesMax, field + ".unit"));
  row.unit = rule.unit();
  SONGHUA_RETURN_IF_ERROR(InRange(field + ".decimals_max", rule.decimals_max(), 0, kFormulaScale));
  row.decimals_max = rule.decimals_max();
  row.has_min = !rule.min().empty();
  row.has_max = !rule.max().empty();
  if (row.has_min) {
    SONGHUA_ASSIGN_OR_RETURN(row.min, ParseDecimal(rule.min(), kFormulaScale, field + ".min"));
  }
  if (row.has_max) {
    SONGHUA_ASSIGN_OR_RETURN(row.max, ParseDecimal(rule.max(), kFormulaScale, field + ".max"));
  }
  if (row.has_min && row.has_max && row.min > row.max) {
    return InvalidField(field + ".max", rule.max(), "at least its min, " + rule.min()).Rule("DR-71");
  }
  if (rule.allowed_size() > kAllowedMax) {
    return InvalidField(field + ".allowed", std::to_string(rule.allowed_size()) + " values", "at most " + std::to_string(kAllowedMax)).Rule("DR-71");
  }
  for (const std::string& value : rule.allowed()) {
    SONGHUA_ASSIGN_OR_RETURN(const int64_t parsed, ParseDecimal(value, kFormulaScale, field + ".allowed"));
    row.allowed.push_back(parsed);
  }
  return row;
}

absl::Status ParseInputs(const v1::PriceMethod& method, PriceMethodRow* row) {
  SONGHUA_ASSIGN_OR_RETURN(const Formula formula, Formula::Parse(method.formula(), "method.formula"));
  row->formula = formula.text();
  if (method.inputs_size() > kInputsMax) {
    return InvalidField("method.inputs", std::to_string(method.inputs_size()) + " inputs", "at most " + std::to_string(kInputsMax)).Rule("DR-71");
  }
  for (const v1::PriceInputRule& rule : method.inputs()) {
    if (row->FindInput(rule.name()) != nullptr) return InvalidField("method.inputs.name", rule.name(), "each input once").Rule("DR-71");
    if (std::find(formula.names().begin(), formula.names().end(), rule.name()) == formula.names().end()) {
      return InvalidField("method.inputs.name", rule.name(), "an input that the formula names: " + formula.text()).Rule("DR-71");
    }
    SONGHUA_ASSIGN_OR_RETURN(PriceInputRuleRow parsed, ParseRule(rule));
    row->inputs.push_back(std::move(parsed));
  }
  for (const std::string& name : formula.names()) {
    if (row->FindInput(name) == nullptr) return InvalidField("method.inputs", name + " is missing", "a rule for each input of the formula").Rule("DR-71");
  }
  if (!method.index_input().empty() && row->FindInput(method.index_input()) == nullptr) {
    return InvalidField("method.index_input", method.index_input(), "one of the inputs, or nothing").Rule("DR-72");
  }
  row->index_input = method.index_input();
  return absl::OkStatus();
}

absl::Status ParseOffices(const v1::PriceMethod& method, PriceMethodRow* row) {
  if (method.offices().empty() || method.offices_size() > kOfficesMax) {
    return InvalidField("method.offices", std::to_string(method.offices_size()) + " offices", "1 to " + std::to_string(kOfficesMax)).Rule("DR-72");
  }
  std::set<std::string> seen;
  for (const std::string& office : method.offices()) {
    if (!IsOffice(office)) return InvalidField("method.offices", office.substr(0, kTextBytesMax), "1 to 20 of A-Z and _").Rule("DR-72");
    if (!seen.insert(office).second) return InvalidField("method.offices", office, "each office once").Rule("DR-72");
    row->offices.push_back(office);
  }
  return absl::OkStatus();
}

std::map<std::string, int64_t> Values(const std::vector<PriceInputRow>& inputs) {
  std::map<std::string, int64_t> values;
  for (const PriceInputRow& input : inputs) values[input.name] = input.value;
  return values;
}

absl::StatusOr<FormulaResult> Evaluate(const PriceMethodRow& method, const std::vector<PriceInputRow>& inputs) {
  const absl::StatusOr<Formula> formula = Formula::Parse(method.formula, "method.formula");
  SONGHUA_CHECK(formula.ok());  // it was when the method was loaded
  return formula->Evaluate(Values(inputs), method.rounding.value() * kStepsPerFen, Rounding::kHalfUp);
}

}  // namespace

const PriceInputRuleRow* PriceMethodRow::FindInput(const std::string& name) const {
  const auto it = std::find_if(inputs.begin(), inputs.end(), [&](const PriceInputRuleRow& rule) { return rule.name == name; });
  return it == inputs.end() ? nullptr : &*it;
}

PriceMethods::PriceMethods(TableSet* tables) : rows_(tables) {
  rows_.OnLoaded([this](PriceMethodRow& row) {
    uint32_t& newest = newest_[row.code];
    newest = std::max(newest, row.version);
  });
}

absl::StatusOr<v1::PriceMethodAnswer> PriceMethods::LoadPriceMethod(CommandContext& context, const v1::LoadPriceMethodRequest& request) {
  const v1::PriceMethod& method = request.method();
  PriceMethodRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.code, ParseName("method.name", "priceMethods", method.name()));
  if (!IsCode(row.code)) return InvalidField("method.name", method.name(), "priceMethods/ and 1 to 40 of a-z, 0-9 and -").Rule("GEN-09");
  SONGHUA_RETURN_IF_ERROR(ValidateName(method.display_name(), kTextBytesMax, "method.display_name"));
  row.display_name = method.display_name();
  SONGHUA_RETURN_IF_ERROR(ValidateName(method.legal_basis(), kTextBytesMax, "method.legal_basis"));
  row.legal_basis = method.legal_basis();
  SONGHUA_RETURN_IF_ERROR(ParseInputs(method, &row));
  SONGHUA_RETURN_IF_ERROR(InRange("method.rounding_fen", method.rounding_fen(), 1, kRoundingFenMax));
  row.rounding = Money(method.rounding_fen());
  SONGHUA_RETURN_IF_ERROR(InRange("method.consultation_days_min", method.consultation_days_min(), 0, kConsultationDaysMax));
  row.consultation_days_min = method.consultation_days_min();
  SONGHUA_RETURN_IF_ERROR(ParseOffices(method, &row));
  SONGHUA_RETURN_IF_ERROR(InRange("method.review_years", method.review_years(), 0, kReviewYearsMax));
  row.review_years = method.review_years();
  SONGHUA_RETURN_IF_ERROR(InRange("method.review_index_change", method.review_index_change(), row.index_input.empty() ? 0 : 1,
                                  row.index_input.empty() ? 0 : kReviewChangeMax));
  row.review_index_change = method.review_index_change();
  const auto newest = newest_.find(row.code);
  row.version = newest == newest_.end() ? 1 : newest->second + 1;

  v1::PriceMethodAnswer answer;
  *answer.mutable_method() = ToProto(row);
  if (context.validate_only) return answer;
  newest_[row.code] = row.version;
  context.events->Emit(EventType::kRegistered, MakeName("priceMethods", row.code), row);
  rows_.Insert(std::move(row));
  return answer;
}

const PriceMethodRow* PriceMethods::Newest(const std::string& code) const {
  const auto newest = newest_.find(code);
  return newest == newest_.end() ? nullptr : rows_.Find({code, newest->second});
}

absl::StatusOr<int64_t> ParsePriceInput(const PriceInputRuleRow& rule, const std::string& value, std::string_view field) {
  SONGHUA_ASSIGN_OR_RETURN(const int64_t parsed, ParseDecimal(value, kFormulaScale, field));
  const size_t point = value.find('.');
  if (point != std::string::npos && value.size() - point - 1 > static_cast<size_t>(rule.decimals_max)) {
    return InvalidField(field, value, "at most " + std::to_string(rule.decimals_max) + " places after the point").Rule("DR-71");
  }
  if (!rule.allowed.empty() && std::find(rule.allowed.begin(), rule.allowed.end(), parsed) == rule.allowed.end()) {
    std::string accepted;
    for (const int64_t one : rule.allowed) accepted += (accepted.empty() ? "" : ", ") + FormatFormulaDecimal(one);
    return InvalidField(field, value, "one of " + accepted).Rule("DR-71");
  }
  if ((rule.has_min && parsed < rule.min) || (rule.has_max && parsed > rule.max)) {
    return InvalidField(field, value, (rule.has_min ? "at least " + FormatFormulaDecimal(rule.min) : std::string()) +
                                          (rule.has_min && rule.has_max ? ", " : "") +
                                          (rule.has_max ? "at most " + FormatFormulaDecimal(rule.max) : std::string()))
        .Rule("DR-71");
  }
  return parsed;
}

absl::StatusOr<std::vector<PriceInputRow>> ParsePriceInputs(const PriceMethodRow& method,
                                                            const google::protobuf::RepeatedPtrField<v1::PriceInput>& inputs) {
  std::map<std::string, PriceInputRow> given;
  for (const v1::PriceInput& input : inputs) {
    const PriceInputRuleRow* rule = method.FindInput(input.name());
    if (rule == nullptr) {
      return InvalidField("inputs.name", input.name().substr(0, kTextBytesMax), "an input of " + method.formula).Rule("DR-71");
    }
    SONGHUA_ASSIGN_OR_RETURN(const int64_t value, ParsePriceInput(*rule, input.value(), "inputs." + input.name()));
    SONGHUA_RETURN_IF_ERROR(ValidateName(input.source(), kTextBytesMax, "inputs." + input.name() + ".source"));
    if (!given.emplace(input.name(), PriceInputRow{input.name(), value, input.source()}).second) {
      return InvalidField("inputs.name", input.name(), "each input once").Rule("DR-71");
    }
  }
  std::vector<PriceInputRow> rows;
  for (const PriceInputRuleRow& rule : method.inputs) {
    const auto it = given.find(rule.name);
    if (it == given.end()) return InvalidField("inputs", rule.name + " is missing", "a value for each input of " + method.formula).Rule("DR-71");
    rows.push_back(std::move(it->second));
  }
  return rows;
}

absl::StatusOr<ComputedPrice> ComputePrice(const PriceMethodRow& method, const std::vector<PriceInputRow>& inputs) {
  SONGHUA_ASSIGN_OR_RETURN(const FormulaResult result, Evaluate(method, inputs));
  if (result.rounded <= 0) {
    return InvalidField("inputs", result.exact + " yuan", "inputs whose price is above 0 when it is rounded to " + FormatMoney(method.rounding) + " yuan")
        .Rule("DR-71");
  }
  return ComputedPrice{Price(result.rounded / kStepsPerFen), result.exact};
}

std::string ExplainPrice(const PriceMethodRow& method, const std::vector<PriceInputRow>& inputs) {
  const absl::StatusOr<Formula> formula = Formula::Parse(method.formula, "method.formula");
  const absl::StatusOr<ComputedPrice> computed = ComputePrice(method, inputs);
  SONGHUA_CHECK(formula.ok() && computed.ok());
  return formula->text() + " = " + formula->WithValues(Values(inputs)) + " = " + computed->exact_yuan + " yuan; rounded half up to " +
         FormatMoney(method.rounding) + " yuan: " + FormatMoney(Money(computed->price.value())) + " yuan";
}

v1::PriceMethod ToProto(const PriceMethodRow& row) {
  v1::PriceMethod message;
  message.set_name(MakeName("priceMethods", row.code));
  message.set_version(row.version);
  message.set_display_name(row.display_name);
  message.set_legal_basis(row.legal_basis);
  message.set_formula(row.formula);
  for (const PriceInputRuleRow& input : row.inputs) {
    v1::PriceInputRule* rule = message.add_inputs();
    rule->set_name(input.name);
    rule->set_display_name(input.display_name);
    rule->set_unit(input.unit);
    if (input.has_min) rule->set_min(FormatFormulaDecimal(input.min));
    if (input.has_max) rule->set_max(FormatFormulaDecimal(input.max));
    rule->set_decimals_max(input.decimals_max);
    for (const int64_t value : input.allowed) rule->add_allowed(FormatFormulaDecimal(value));
  }
  message.set_rounding_fen(row.rounding.value());
  message.set_consultation_days_min(row.consultation_days_min);
  for (const std::string& office : row.offices) message.add_offices(office);
  message.set_review_years(row.review_years);
  message.set_index_input(row.index_input);
  message.set_review_index_change(row.review_index_change);
  return message;
}

PriceMethods::~PriceMethods() = default;

}  // namespace songhua::ledger
