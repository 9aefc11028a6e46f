// Text checks of ledger/identifiers.h.

#include <optional>

#include "ledger/identifiers.h"
#include "ledger/refusal.h"

namespace songhua {
namespace {

// The code point at the front of `text` and its length in bytes; nullopt where the bytes are not well-formed UTF-8 (Unicode, table 3-7).
struct CodePoint {
  uint32_t value;
  size_t bytes;
};
std::optional<CodePoint> Decode(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t lead = byte(0);
  if (lead < 0x80) return CodePoint{lead, 1};
  const size_t bytes = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < bytes) return std::nullopt;
  uint32_t value = lead & (0x7F >> bytes);
  for (size_t i = 1; i < bytes; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return std::nullopt;
    value = value << 6 | (byte(i) & 0x3F);
  }
  const bool overlong = (bytes == 3 && value < 0x800) || (bytes == 4 && value < 0x10000);
  const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
  if (overlong || surrogate || value > 0x10FFFF) return std::nullopt;
  return CodePoint{value, bytes};
}

// Controls, separators of lines, and characters that hide or reorder what the reader sees.
bool IsControl(uint32_t c) {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xAD || (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF || (c >= 0xFFF9 && c <= 0xFFFB);
}

// A space or the ideographic space of Chinese keyboards.
bool IsBlank(uint32_t c) { return c == 0x20 || c == 0xA0 || c == 0x3000; }

std::string Hexadecimal(uint32_t value) {
  std::string digits;
  for (; value > 0 || digits.size() < 4; value >>= 4) digits.insert(digits.begin(), "0123456789ABCDEF"[value & 15]);
  return digits;
}

Refuse MalformedAt(std::string_view field, size_t position) {
  return InvalidField(field, "malformed at byte " + std::to_string(position), "well-formed UTF-8");
}

}  // namespace

absl::Status ValidateUtf8(std::string_view text, std::string_view field) {
  for (size_t at = 0; at < text.size();) {
    const std::optional<CodePoint> code_point = Decode(text.substr(at));
    if (!code_point.has_value()) return MalformedAt(field, at);
    at += code_point->bytes;
  }
  return absl::OkStatus();
}

absl::Status ValidateName(std::string_view text, size_t max_bytes, std::string_view field) {
  if (text.empty()) return InvalidField(field, "", "a text that is not empty");
  if (text.size() > max_bytes) {
    return InvalidField(field, std::to_string(text.size()) + " bytes", "at most " + std::to_string(max_bytes) + " bytes of UTF-8");
  }
  uint32_t last = 0;
  for (size_t at = 0; at < text.size();) {
    const std::optional<CodePoint> code_point = Decode(text.substr(at));
    if (!code_point.has_value()) return MalformedAt(field, at);
    last = code_point->value;
    if (IsControl(last)) {
      return InvalidField(field, "U+" + Hexadecimal(last) + " at byte " + std::to_string(at), "a text without control characters");
    }
    if (at == 0 && IsBlank(last)) return InvalidField(field, text, "a text that does not begin with a blank");
    at += code_point->bytes;
  }
  if (IsBlank(last)) return InvalidField(field, text, "a text that does not end with a blank");
  return absl::OkStatus();
}

}  // namespace songhua
