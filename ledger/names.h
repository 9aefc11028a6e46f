// Resource names, "{collection}/{id}": how requests say what they mean (see common.proto).
//
//   SONGHUA_ASSIGN_OR_RETURN(std::string id, ParseName("site", "sites", request.site()));       // "sites/91...001" -> "91...001"
//   SONGHUA_ASSIGN_OR_RETURN(uint64_t number, ParseNumberedName("lot", "lots", request.lot()));  // "lots/12" -> 12
//   answer.set_name(MakeName("lots", 12));
//
// Parsing checks the form only; whether the thing exists is its owner's to say. One thing has one name: numbers have no leading zeros.
// Every refusal names the field, what was given and what would be accepted. All functions are pure; any thread may use them.
#ifndef SONGHUA_LEDGER_NAMES_H_
#define SONGHUA_LEDGER_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace songhua::ledger {

// The longest id in a name. Ids are letters, digits, dots, dashes and underscores.
inline constexpr size_t kNameIdBytesMax = 100;
// The longest code that a caller may choose: [a-z0-9-].
inline constexpr size_t kCodeBytesMax = 40;
// The longest code of a pollutant.
inline constexpr size_t kPollutantBytesMax = 20;

// The id of "{collection}/{id}". INVALID_ARGUMENT.
absl::StatusOr<std::string> ParseName(std::string_view field, std::string_view collection, std::string_view name);
// The number of "{collection}/{number}", from 1. INVALID_ARGUMENT.
absl::StatusOr<uint64_t> ParseNumberedName(std::string_view field, std::string_view collection, std::string_view name);

std::string MakeName(std::string_view collection, std::string_view id);
std::string MakeName(std::string_view collection, uint64_t number);

// INVALID_ARGUMENT unless [a-z0-9-]{1,40}, with a letter or digit at both ends: ids and groups that callers choose.
absl::Status ValidateCode(std::string_view field, std::string_view code);
// INVALID_ARGUMENT unless [A-Z0-9._-]{1,20} that begins with a letter: "SO2", "NH3-N", "PM2.5".
absl::Status ValidatePollutant(std::string_view field, std::string_view pollutant);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_NAMES_H_
