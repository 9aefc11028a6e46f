#include "simulations/serial_ranges.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "ledger/refusal.h"
#include "simulations/cell_text.h"

namespace songhua::simulations {
namespace {

using std::string_view;

constexpr size_t kSerialBytesMax = 200;

bool AllDigits(string_view text) { return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit); }

absl::Status NoSerial(string_view text, string_view why) {
  return absl::InvalidArgumentError("\"" + std::string(text.substr(0, kSerialBytesMax)) +
                                    "\" is no range of serial numbers: " + std::string(why));
}

// Dashes of every length as '-', no-break spaces as blanks: what word processors make of them.
std::string PlainText(string_view text) {
  constexpr std::array<std::pair<string_view, string_view>, 6> kPlain = {{{"\xE2\x80\x90", "-"},
                                                                          {"\xE2\x80\x91", "-"},
                                                                          {"\xE2\x80\x93", "-"},
                                                                          {"\xE2\x80\x94", "-"},
                                                                          {"\xE2\x88\x92", "-"},
                                                                          {"\xC2\xA0", " "}}};
  std::string plain;
  while (!text.empty()) {
    const auto match = std::find_if(kPlain.begin(), kPlain.end(), [&](const auto& entry) { return text.starts_with(entry.first); });
    if (match != kPlain.end()) {
      plain += match->second;
      text.remove_prefix(match->first.size());
    } else {
      plain += text.front();
      text.remove_prefix(1);
    }
  }
  return plain;
}

std::optional<int64_t> Number(string_view digits) {
  if (!AllDigits(digits)) return std::nullopt;
  int64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

bool HasEmptyPart(const std::vector<std::string>& parts) {
  return std::any_of(parts.begin(), parts.end(), [](const std::string& part) { return part.empty(); });
}

std::string Joined(const std::vector<std::string>& parts, size_t first, size_t last) {
  std::string text;
  for (size_t i = first; i < last; ++i) text += (i == first ? "" : "-") + parts[i];
  return text;
}

absl::StatusOr<SerialRange> Checked(string_view text, std::string issuance, string_view start, string_view end,
                                    bool counted_through = false) {
  if (issuance.empty()) return NoSerial(text, "nothing names the issuance");
  const auto first = Number(start), last = Number(end);
  if (!first.has_value() || !last.has_value()) return NoSerial(text, "it does not end in a number of at most 63 bits");
  if (*first < 1) return NoSerial(text, "serial numbers begin at 1");
  if (*first > *last) return NoSerial(text, "it runs backwards");
  return SerialRange{std::move(issuance), *first, *last, counted_through};
}

// The two ends around a word or sign that says "to"; nullopt where there is none.
std::optional<std::pair<string_view, string_view>> SplitAtTo(string_view text) {
  constexpr std::array<string_view, 5> kSigns = {" to ", " through ", " thru ", "..", " - "};
  const std::string lower = Lower(text);
  for (string_view sign : kSigns) {
    if (const size_t at = lower.find(sign); at != std::string::npos) {
      return std::pair(Trim(text.substr(0, at)), Trim(text.substr(at + sign.size())));
    }
  }
  return std::nullopt;
}

// "PREFIX-1" and "500" or "PREFIX-500".
absl::StatusOr<SerialRange> ParseEnds(string_view text, string_view first, string_view last) {
  const std::vector<std::string> parts = SerialParts(first);
  if (HasEmptyPart(parts)) return NoSerial(text, "a part between its dashes is empty");
  const std::string issuance = Joined(parts, 0, parts.size() - 1);
  if (const size_t dash = last.rfind('-'); dash != string_view::npos) {
    if (last.substr(0, dash) != issuance) return NoSerial(text, "its two ends belong to different issuances");
    last.remove_prefix(dash + 1);
  }
  return Checked(text, issuance, parts.back(), last);
}

// "batch-start-end-VCS-VCU-..." and its like: three numbers, then letters.
bool IsVerraForm(const std::vector<std::string>& parts) {
  return parts.size() >= 5 && AllDigits(parts[0]) && AllDigits(parts[1]) && AllDigits(parts[2]) && absl::ascii_isalpha(parts[3].front());
}

absl::StatusOr<SerialRange> ParseOne(string_view text, std::optional<int64_t> quantity) {
  if (text.size() > kSerialBytesMax) return NoSerial(text, "it is longer than " + std::to_string(kSerialBytesMax) + " bytes");
  if (const auto ends = SplitAtTo(text)) return ParseEnds(text, ends->first, ends->second);
  const std::vector<std::string> parts = SerialParts(text);
  if (HasEmptyPart(parts)) return NoSerial(text, "a part between its dashes is empty");
  const size_t count = parts.size();
  if (IsVerraForm(parts)) return Checked(text, parts[0] + "-" + Joined(parts, 3, count), parts[1], parts[2], true);
  // PREFIX-1-PREFIX-500
  if (count >= 4 && count % 2 == 0 && std::equal(parts.begin(), parts.begin() + count / 2 - 1, parts.begin() + count / 2)) {
    return Checked(text, Joined(parts, 0, count / 2 - 1), parts[count / 2 - 1], parts[count - 1]);
  }
  if (quantity.has_value() && count >= 3) {
    const auto range = Checked(text, Joined(parts, 0, count - 2), parts[count - 2], parts[count - 1]);
    if (range.ok() && range->size() == *quantity && (*quantity > 1 || parts[count - 2] == parts[count - 1])) return range;
  }
  return Checked(text, Joined(parts, 0, count - 1), parts[count - 1], parts[count - 1]);
}

}  // namespace

std::string FormatSerialRange(const SerialRange& range) {
  return range.issuance + "-" + std::to_string(range.start) + (range.start == range.end ? "" : " to " + std::to_string(range.end));
}

absl::StatusOr<std::vector<SerialRange>> ParseSerialRanges(std::string_view text, std::optional<int64_t> quantity) {
  const std::string plain = PlainText(text);
  std::vector<string_view> pieces;
  for (string_view rest = plain; !rest.empty();) {
    const size_t end = std::min(rest.find_first_of(";,\n"), rest.size());
    if (const string_view piece = Trim(rest.substr(0, end)); !piece.empty()) pieces.push_back(piece);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  if (pieces.empty()) return NoSerial(text, "it is empty");
  if (pieces.size() > kSerialRangesMax) return NoSerial(text, "it lists more than " + std::to_string(kSerialRangesMax) + " ranges");
  std::vector<SerialRange> ranges;
  for (string_view piece : pieces) {
    SONGHUA_ASSIGN_OR_RETURN(SerialRange range, ParseOne(piece, pieces.size() == 1 ? quantity : std::nullopt));
    ranges.push_back(std::move(range));
  }
  return ranges;
}

std::string RegistryOf(std::string_view issuance) {
  const std::vector<std::string> parts = SerialParts(issuance);
  const auto named =
      std::find_if(parts.begin(), parts.end(), [](const std::string& part) { return !part.empty() && absl::ascii_isalpha(part.front()); });
  if (named == parts.end()) return "other";
  std::string registry;
  for (char c : *named) {
    if (!absl::ascii_isalpha(c) || registry.size() == 20) break;
    registry += absl::ascii_tolower(c);
  }
  return registry;
}

std::vector<std::string> SerialParts(std::string_view issuance) {
  std::vector<std::string> parts;
  while (true) {
    const size_t dash = issuance.find('-');
    parts.emplace_back(issuance.substr(0, dash));
    if (dash == std::string_view::npos) return parts;
    issuance.remove_prefix(dash + 1);
  }
}

}  // namespace songhua::simulations
