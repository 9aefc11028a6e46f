// Formulas of base prices: any text is a formula or is refused, and any formula computes or says why not.
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "ledger/check.h"
#include "ledger/formulas.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < sizeof(int64_t)) return 0;
  int64_t seed = 0;
  for (size_t i = 0; i < sizeof(seed); ++i) seed = static_cast<int64_t>(static_cast<uint64_t>(seed) << 8 | data[i]);
  const std::string_view text(reinterpret_cast<const char*>(data) + sizeof(seed), size - sizeof(seed));
  const auto formula = songhua::Formula::Parse(text, "formula");
  if (!formula.ok()) return 0;
  std::map<std::string, int64_t> inputs;
  for (const std::string& name : formula->names()) inputs[name] = seed = seed / 3 - 7;
  formula->WithValues(inputs).size();
  const auto down = formula->Evaluate(inputs, songhua::kFormulaOne, songhua::Rounding::kFloor);
  const auto up = formula->Evaluate(inputs, songhua::kFormulaOne, songhua::Rounding::kCeiling);
  if (down.ok() && up.ok()) SONGHUA_CHECK(up->rounded == down->rounded || up->rounded == down->rounded + songhua::kFormulaOne);
  return 0;
}
