#include "ledger/names.h"

#include <algorithm>
#include <charconv>

#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

constexpr size_t kShownBytesMax = 64;  // of a refused text: the error must not grow with the request

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsIdCharacter(char c) { return IsDigit(c) || IsLower(c) || IsUpper(c) || c == '.' || c == '-' || c == '_'; }
bool IsCodeCharacter(char c) { return IsDigit(c) || IsLower(c) || c == '-'; }
bool IsPollutantCharacter(char c) { return IsDigit(c) || IsUpper(c) || c == '.' || c == '-' || c == '_'; }

Refuse Malformed(std::string_view field, std::string_view text, std::string_view accepted) {
  return InvalidField(field, text.substr(0, kShownBytesMax), accepted);
}

// What follows "{collection}/"; empty when the name is of another collection.
std::string_view IdPart(std::string_view collection, std::string_view name) {
  if (name.size() <= collection.size() || name.substr(0, collection.size()) != collection || name[collection.size()] != '/') return "";
  return name.substr(collection.size() + 1);
}

}  // namespace

absl::StatusOr<std::string> ParseName(std::string_view field, std::string_view collection, std::string_view name) {
  const std::string_view id = IdPart(collection, name);
  if (id.empty() || id.size() > kNameIdBytesMax || !std::all_of(id.begin(), id.end(), IsIdCharacter)) {
    return Malformed(field, name, std::string(collection) + "/{id}, the id 1 to 100 of [A-Za-z0-9._-]");
  }
  return std::string(id);
}

absl::StatusOr<uint64_t> ParseNumberedName(std::string_view field, std::string_view collection, std::string_view name) {
  const std::string_view digits = IdPart(collection, name);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (digits.empty() || digits.front() == '0' || error != std::errc() || end != digits.data() + digits.size()) {
    return Malformed(field, name, std::string(collection) + "/{number}, from 1 and without leading zeros");
  }
  return number;
}

std::string MakeName(std::string_view collection, std::string_view id) {
  std::string name;
  name.reserve(collection.size() + 1 + id.size());
  name.append(collection).append("/").append(id);
  return name;
}

std::string MakeName(std::string_view collection, uint64_t number) { return MakeName(collection, std::to_string(number)); }

absl::Status ValidateCode(std::string_view field, std::string_view code) {
  if (code.empty() || code.size() > kCodeBytesMax || !std::all_of(code.begin(), code.end(), IsCodeCharacter) || code.front() == '-' ||
      code.back() == '-') {
    return Malformed(field, code, "1 to 40 of [a-z0-9-], with a letter or digit at both ends");
  }
  return absl::OkStatus();
}

absl::Status ValidatePollutant(std::string_view field, std::string_view pollutant) {
  if (pollutant.empty() || pollutant.size() > kPollutantBytesMax ||
      !std::all_of(pollutant.begin(), pollutant.end(), IsPollutantCharacter) || !IsUpper(pollutant.front())) {
    return Malformed(field, pollutant, "1 to 20 of [A-Z0-9._-] that begin with a letter, such as SO2 or NH3-N");
  }
  return absl::OkStatus();
}

}  // namespace songhua::ledger
