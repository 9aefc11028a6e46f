#include "api/cli/text.h"

#include <algorithm>
#include <cctype>

namespace songhua::api::cli {
namespace {

bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }

// The distance of two words in insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
size_t Distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<size_t>> d(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t i = 0; i <= a.size(); ++i) d[i][0] = i;
  for (size_t j = 0; j <= b.size(); ++j) d[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    for (size_t j = 1; j <= b.size(); ++j) {
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
    }
  }
  return d[a.size()][b.size()];
}

// Reads one code point; malformed bytes count as one column each.
char32_t NextCodePoint(std::string_view text, size_t* at) {
  const auto lead = static_cast<unsigned char>(text[*at]);
  const size_t length = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
  char32_t point = length == 1 ? lead : lead & (0x7F >> length);
  size_t used = 1;
  while (used < length && *at + used < text.size() && (static_cast<unsigned char>(text[*at + used]) & 0xC0) == 0x80) {
    point = (point << 6) | (static_cast<unsigned char>(text[*at + used]) & 0x3F);
    ++used;
  }
  *at += used;
  return point;
}

bool IsWide(char32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) || (c >= 0xF900 && c <= 0xFAFF) ||
         (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) || (c >= 0xFFE0 && c <= 0xFFE6) || (c >= 0x20000 && c <= 0x3FFFD);
}

}  // namespace

std::string KebabCase(std::string_view camel) {
  std::string out;
  for (size_t i = 0; i < camel.size(); ++i) {
    const bool starts_word = i > 0 && IsUpper(camel[i]) && (!IsUpper(camel[i - 1]) || (i + 1 < camel.size() && !IsUpper(camel[i + 1])));
    if (starts_word) out += '-';
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(camel[i])));
  }
  return out;
}

std::string FlagCase(std::string_view snake) {
  std::string out(snake);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

std::string Words(std::string_view snake) {
  std::string out = LowerCase(snake);
  std::replace(out.begin(), out.end(), '_', ' ');
  return out;
}

std::string UpperCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

std::string LowerCase(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string Join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

std::vector<std::string> Split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  size_t start = 0;
  while (true) {
    const size_t end = text.find(separator, start);
    parts.emplace_back(text.substr(start, end == std::string_view::npos ? end : end - start));
    if (end == std::string_view::npos) return parts;
    start = end + 1;
  }
}

std::string Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(kBlanks) - first + 1));
}

std::string Thousands(int64_t value) {
  std::string digits = std::to_string(value);
  const size_t sign = value < 0 ? 1 : 0;
  for (size_t at = digits.size(); at > sign + 3;) {
    at -= 3;
    digits.insert(at, 1, ',');
  }
  return digits;
}

std::string Decimal(int64_t value, int decimals, int least) {
  uint64_t magnitude = value < 0 ? uint64_t{0} - static_cast<uint64_t>(value) : static_cast<uint64_t>(value);
  std::string fraction;
  for (int i = 0; i < decimals; ++i) {
    fraction.insert(fraction.begin(), static_cast<char>('0' + magnitude % 10));
    magnitude /= 10;
  }
  while (fraction.size() > static_cast<size_t>(least) && fraction.back() == '0') fraction.pop_back();
  std::string whole = std::to_string(magnitude);
  for (size_t at = whole.size(); at > 3;) {
    at -= 3;
    whole.insert(at, 1, ',');
  }
  return (value < 0 ? "-" : "") + whole + (fraction.empty() ? "" : "." + fraction);
}

size_t DisplayWidth(std::string_view utf8) {
  size_t width = 0;
  for (size_t at = 0; at < utf8.size();) width += IsWide(NextCodePoint(utf8, &at)) ? 2 : 1;
  return width;
}

std::string Wrap(std::string_view text, size_t width, size_t indent) {
  std::string out;
  size_t column = indent;
  for (const std::string& word : Split(text, ' ')) {
    if (word.empty()) continue;
    const size_t needed = DisplayWidth(word);
    if (column > indent && column + 1 + needed > width) {
      out += '\n' + std::string(indent, ' ');
      column = indent;
    } else if (column > indent) {
      out += ' ';
      ++column;
    }
    out += word;
    column += needed;
  }
  return out;
}

std::string FirstSentence(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && (i + 1 == text.size() || text[i + 1] == ' ')) return std::string(text.substr(0, i));
  }
  return std::string(text);
}

std::string WithoutAsides(std::string_view text) {
  std::string out;
  int depth = 0;
  for (const char c : text) {
    if (c == '(') {
      if (depth++ == 0 && !out.empty() && out.back() == ' ') out.pop_back();
    } else if (c == ')' && depth > 0) {
      --depth;
    } else if (depth == 0) {
      out += c;
    }
  }
  return out;
}

std::string NearestMatch(std::string_view word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;  // the first distance that is too far
  for (const std::string& candidate : candidates) {
    const size_t distance = Distance(word, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  if (!best.empty()) return best;
  // What was begun right and not finished.
  if (word.size() >= 3) {
    for (const std::string& candidate : candidates) {
      if (candidate.compare(0, word.size(), word) == 0) return candidate;
    }
  }
  return "";
}

}  // namespace songhua::api::cli
