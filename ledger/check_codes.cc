#include "ledger/check_codes.h"

#include <cctype>

#include "ledger/sha256.h"

namespace songhua {
namespace {

constexpr size_t kCodeDigits = 20;
constexpr size_t kCodeGroup = 4;

std::string Normalised(std::string_view code) {
  std::string digits;
  for (const char c : code) {
    if (c != '-' && c != ' ') digits += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return digits;
}

}  // namespace

std::string CheckCodeOf(std::string_view encoded) {
  const std::string hex = ToHex(Sha256Of(encoded)).substr(0, kCodeDigits);
  std::string code;
  for (size_t i = 0; i < hex.size(); ++i) {
    if (i > 0 && i % kCodeGroup == 0) code += '-';
    code += static_cast<char>(std::toupper(static_cast<unsigned char>(hex[i])));
  }
  return code;
}

bool SameCheckCode(std::string_view typed, std::string_view code) { return Normalised(typed) == Normalised(code); }

}  // namespace songhua
