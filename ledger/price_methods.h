// Methods of base prices: formulas and the rules of their use, as data, by version (DR-70, DR-71, GEN-09).
//
// A method is loaded whole; each loading is a version, and what was computed by an older one keeps it. One thread (the state machine).
#ifndef SONGHUA_LEDGER_PRICE_METHODS_H_
#define SONGHUA_LEDGER_PRICE_METHODS_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "ledger/amounts.h"
#include "ledger/command.h"
#include "ledger/formulas.h"
#include "ledger/tables.h"
#include "songhua/v1/price_proposals.pb.h"

namespace songhua::ledger {

// All decimals count steps of 10^-9 (formulas.h).
struct PriceInputRuleRow {
  std::string name, display_name, unit;
  bool has_min = false, has_max = false;
  int64_t min = 0, max = 0;
  int32_t decimals_max = 0;
  std::vector<int64_t> allowed;  // empty: any between the bounds

  template <class Archive>
  void Fields(Archive& a) {
    a(name, display_name, unit, has_min, has_max, min, max, decimals_max, allowed);
  }
};

struct PriceMethodRow {
  static constexpr RowTable kTable = RowTable::kPriceMethods;
  std::string code;
  uint32_t version = 0;
  std::string display_name, legal_basis;
  std::string formula;
  std::vector<PriceInputRuleRow> inputs;
  Money rounding;
  int32_t consultation_days_min = 0;
  std::vector<std::string> offices;
  int32_t review_years = 0;
  std::string index_input;
  int32_t review_index_change = 0;

  std::tuple<std::string, uint32_t> Key() const { return {code, version}; }
  const PriceInputRuleRow* FindInput(const std::string& name) const;
  template <class Archive>
  void Fields(Archive& a) {
    a(code, version, display_name, legal_basis, formula, inputs, rounding, consultation_days_min, offices, review_years, index_input,
      review_index_change);
  }
};

struct PriceInputRow {
  std::string name;
  int64_t value = 0;
  std::string source;
  template <class Archive>
  void Fields(Archive& a) {
    a(name, value, source);
  }
};

// What a method makes of inputs.
struct ComputedPrice {
  Price price;
  std::string exact_yuan;
};

class PriceMethods {
 public:
  explicit PriceMethods(TableSet* tables);
  ~PriceMethods();

  // Checks the form of each field, that the formula names the inputs and no others, and that the bounds of an input leave something between them.
  absl::StatusOr<v1::PriceMethodAnswer> LoadPriceMethod(CommandContext& context, const v1::LoadPriceMethodRequest& request);

  // The newest version; null: there is no such method.
  const PriceMethodRow* Newest(const std::string& code) const;
  const PriceMethodRow* Find(const std::string& code, uint32_t version) const { return rows_.Find({code, version}); }

 private:
  Table<PriceMethodRow> rows_;
  std::map<std::string, uint32_t> newest_;
};

// The inputs of a request, in the method's order. INVALID_ARGUMENT names an input that is unknown, missing, given twice, without its source, or outside
// its bounds (DR-71).
absl::StatusOr<std::vector<PriceInputRow>> ParsePriceInputs(const PriceMethodRow& method,
                                                            const google::protobuf::RepeatedPtrField<v1::PriceInput>& inputs);
// One value, by the rule of its input.
absl::StatusOr<int64_t> ParsePriceInput(const PriceInputRuleRow& rule, const std::string& value, std::string_view field);

// The price by the method's formula, rounded half up once (DR-71). INVALID_ARGUMENT: DIVISION_BY_ZERO, or a price that is not above 0.
absl::StatusOr<ComputedPrice> ComputePrice(const PriceMethodRow& method, const std::vector<PriceInputRow>& inputs);
// "cost * economy = 4000 * 0.95 = 3800 yuan; rounded half up to 10 yuan: 3800 yuan". REQUIRES: ComputePrice accepts them.
std::string ExplainPrice(const PriceMethodRow& method, const std::vector<PriceInputRow>& inputs);

v1::PriceMethod ToProto(const PriceMethodRow& row);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_PRICE_METHODS_H_
