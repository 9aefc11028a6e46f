#include "ledger/identifiers.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua {
namespace {

constexpr size_t kNameShownMax = 64;  // of a refused text: the error must not grow with the request

std::string_view Shown(std::string_view text) { return text.substr(0, kNameShownMax); }

bool AllDigits(std::string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit); }

// REQUIRES: a few digits only, so that the number fits.
int32_t Number(std::string_view digits) {
  int32_t value = 0;
  for (char c : digits) value = value * 10 + (c - '0');
  return value;
}

std::string Padded(int32_t number, size_t width) {
  std::string digits = std::to_string(number);
  if (digits.size() < width) digits.insert(0, width - digits.size(), '0');
  return digits;
}

// PERMIT-11: H9, the authority's region, nine more characters, one lower-case letter.
bool IsSubstituteCode(std::string_view text) {
  return text.size() == kUsccLength && text.substr(0, 2) == "H9" && AllDigits(text.substr(2, 6)) &&
         std::all_of(text.begin() + 8, text.end() - 1, [](char c) { return absl::ascii_isdigit(c) || (c >= 'A' && c <= 'Z'); }) && text.back() >= 'a' &&
         text.back() <= 'z';
}

}  // namespace

absl::StatusOr<char> UsccCheckCharacter(std::string_view first17, std::string_view field) {
  if (first17.size() != kUsccLength - 1) {
    return InvalidField(field, Shown(first17), "17 characters before the check character").Rule("GEN-10");
  }
  int32_t weight = 1;  // 3^i mod 31
  int32_t sum = 0;
  for (size_t i = 0; i < first17.size(); ++i) {
    const size_t value = kUsccAlphabet.find(first17[i]);
    if (value == std::string_view::npos) {
      return InvalidField(field, Shown(first17),
                          "digits and capital letters without I, O, S, V, Z; position " + std::to_string(i + 1) + " is none")
          .Rule("GEN-10");
    }
    sum += static_cast<int32_t>(value) * weight;
    weight = weight * 3 % 31;
  }
  return kUsccAlphabet[static_cast<size_t>((31 - sum % 31) % 31)];
}

absl::Status ValidateUscc(std::string_view text, std::string_view field) {
  if (text.size() != kUsccLength) {
    return InvalidField(field, Shown(text), "a unified social credit code of 18 characters").Rule("GEN-10");
  }
  const absl::StatusOr<char> check = UsccCheckCharacter(text.substr(0, kUsccLength - 1), field);
  if (!check.ok()) return check.status();
  if (text.back() != *check) {
    return InvalidField(field, text, std::string("a code whose last character is the check character, here ") + *check).Rule("GEN-10");
  }
  return absl::OkStatus();
}

absl::StatusOr<PermitNumber> ParsePermitNumber(std::string_view text, std::string_view field, NumberSource source) {
  if (text.size() != kUsccLength + 4 || !AllDigits(text.substr(kUsccLength, 3)) || text.back() < 'A' || text.back() > 'Z') {
    return InvalidField(field, Shown(text), "a credit code of 18 characters, three digits of the site and one capital letter")
        .Rule("PERMIT-10");
  }
  PermitNumber number;
  number.uscc = std::string(text.substr(0, kUsccLength));
  number.site_sequence = Number(text.substr(kUsccLength, 3));
  number.letter = text.back();
  const bool substitute = source == NumberSource::kImported && IsSubstituteCode(number.uscc);
  if (!substitute) SONGHUA_RETURN_IF_ERROR(ValidateUscc(number.uscc, field));
  if (number.site_sequence == 0) return InvalidField(field, text, "a site sequence from 001 to 999").Rule("PERMIT-10");
  return number;
}

absl::StatusOr<std::string> FormatPermitNumber(std::string_view uscc, int64_t site_sequence, char letter) {
  SONGHUA_RETURN_IF_ERROR(ValidateUscc(uscc));
  if (site_sequence < 1 || site_sequence > 999) {
    return OutOfRange("site_sequence", std::to_string(site_sequence), "1 to 999").Rule("PERMIT-10");
  }
  if (letter != kPermitLetter && letter != kReceiptLetter) {
    return InvalidField("letter", std::string_view(&letter, 1), "P for a permit, W for a registration receipt").Rule("PERMIT-10");
  }
  return std::string(uscc) + Padded(static_cast<int32_t>(site_sequence), 3) + letter;
}

absl::StatusOr<PointCode> ParsePointCode(std::string_view text, std::string_view field) {
  const Refuse refusal =
      InvalidField(field, Shown(text), "DA001 or DW001 for an outlet, TA001 or TW001 for treatment, MF0001 for production")
          .Rule("PERMIT-13");
  if (text.size() < 5 || text.size() > 6 || !AllDigits(text.substr(2))) return refusal;
  PointCode code;
  code.number = Number(text.substr(2));
  if (code.number == 0) return refusal;
  if (text.substr(0, 2) == "MF") {
    if (text.size() != 6) return refusal;
    code.kind = PointKind::kProduction;
    return code;
  }
  if (text.size() != 5 || (text[0] != 'D' && text[0] != 'T') || (text[1] != 'A' && text[1] != 'W')) return refusal;
  code.kind = text[0] == 'D' ? PointKind::kOutlet : PointKind::kTreatment;
  code.medium = text[1] == 'A' ? Medium::kAir : Medium::kWater;
  return code;
}

absl::StatusOr<PointCode> ParseOutletCode(std::string_view text, std::string_view field) {
  const absl::StatusOr<PointCode> code = ParsePointCode(text, field);
  if (!code.ok() || code->kind != PointKind::kOutlet) {
    return InvalidField(field, Shown(text), "DA001 to DA999 for air, DW001 to DW999 for water").Rule("PERMIT-13");
  }
  return code;
}

std::string FormatPointCode(const PointCode& code) {
  const bool production = code.kind == PointKind::kProduction;
  SONGHUA_CHECK(code.number >= 1 && code.number <= (production ? 9999 : 999));
  if (production) return "MF" + Padded(code.number, 4);
  std::string text(code.kind == PointKind::kOutlet ? "D" : "T");
  text += code.medium == Medium::kAir ? 'A' : 'W';
  return text + Padded(code.number, 3);
}

}  // namespace songhua
