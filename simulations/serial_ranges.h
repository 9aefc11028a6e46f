// Serial numbers of offset credits as registries print them, taken apart into the issuance that numbered them and a range of numbers.
//
//   ACR-US-1185-2025-3078-1 to 85847                       issuance ACR-US-1185-2025-3078, 1 to 85847
//   CAR-1-US-1335-31-983-KS-2025-9205-1 to 5000            issuance CAR-1-US-1335-31-983-KS-2025-9205, 1 to 5000
//   PREFIX-00001 to PREFIX-00500, PREFIX-00001-PREFIX-00500  issuance PREFIX, 1 to 500
//   GS1-1-IN-GS447-12-2013-4113-8155-9704, 1550 credits    issuance GS1-1-IN-GS447-12-2013-4113, 8155 to 9704
//   9344-79214525-79214624-VCS-VCU-1488-VER-CN-1-1743-...  issuance 9344-VCS-VCU-1488-VER-CN-1-1743-..., 79214525 to 79214624
//   ACR-US-1185-2025-3078-7                                issuance ACR-US-1185-2025-3078, 7 alone
//
// A dash between two numbers at the end means a range only where the quantity says so: "...-8155-9704" is credit 9704 of "...-8155"
// otherwise. One cell may list several ranges between semicolons, commas or line ends. Pure functions; any thread.
#ifndef SONGHUA_SIMULATIONS_SERIAL_RANGES_H_
#define SONGHUA_SIMULATIONS_SERIAL_RANGES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace songhua::simulations {

struct SerialRange {
  std::string issuance;  // everything that its serial numbers have in common
  int64_t start = 0;     // 1 <= start <= end
  int64_t end = 0;
  // The registry counts through all of its issuances (Verra), so that an issuance does not begin at 1.
  bool counted_through = false;

  int64_t size() const { return end - start + 1; }
  friend bool operator==(const SerialRange&, const SerialRange&) = default;
};

// "ACR-US-1185-2025-3078-1 to 85847"
std::string FormatSerialRange(const SerialRange& range);

// The ranges of one cell, in its order. `quantity` is what the record says they hold in all. INVALID_ARGUMENT, with the text, for what is
// no serial number: no number at the end, a range that runs backwards or from 0, numbers beyond 63 bits, two ends of different issuances.
inline constexpr size_t kSerialRangesMax = 1'000;  // in one cell
absl::StatusOr<std::vector<SerialRange>> ParseSerialRanges(std::string_view text, std::optional<int64_t> quantity = std::nullopt);

// The registry that a serial number names: its leading letters in lower case, "acr", "car", "gs"; "vcs" for Verra's form; "other" where
// there are none.
std::string RegistryOf(std::string_view issuance);
// The parts of an issuance's reference between its dashes.
std::vector<std::string> SerialParts(std::string_view issuance);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_SERIAL_RANGES_H_
