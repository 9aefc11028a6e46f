#include "permits/print_layout.h"

#include <algorithm>
#include <cstdint>

namespace songhua::permits {
namespace {

// Whether the character takes two places: the blocks of Unicode's East Asian Width that Chinese texts draw on.
bool IsWide(uint32_t c) {
  return (c >= 0x1100 && c <= 0x115F) || (c >= 0x2E80 && c <= 0x303E) || (c >= 0x3041 && c <= 0xA4CF) || (c >= 0xAC00 && c <= 0xD7A3) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0xFE30 && c <= 0xFE6F) || (c >= 0xFF00 && c <= 0xFF60) || (c >= 0xFFE0 && c <= 0xFFE6) ||
         (c >= 0x1F300 && c <= 0x1F64F) || (c >= 0x20000 && c <= 0x3FFFD);
}

std::string Padded(const std::string& text, size_t width) {
  const size_t own = DisplayWidth(text);
  return text + std::string(own < width ? width - own : 0, ' ');
}

std::string WithoutTrailingBlanks(std::string line) {
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

std::string OneLine(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::replace(text.begin(), text.end(), '\t', ' ');
  return text;
}

std::string Row(const std::vector<std::string>& cells, const std::vector<size_t>& widths) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) line += (i == 0 ? "" : "  ") + Padded(cells[i], widths[i]);
  return WithoutTrailingBlanks(std::move(line)) + "\n";
}

}  // namespace

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const size_t length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    uint32_t c = length == 1 ? first : first & (0x7F >> length);
    for (size_t k = 1; k < length && i + k < text.size(); ++k) c = c << 6 | (static_cast<unsigned char>(text[i + k]) & 0x3F);
    width += IsWide(c) ? 2 : 1;
    i += length;
  }
  return width;
}

std::string Centered(std::string_view text) {
  const size_t width = DisplayWidth(text);
  return std::string(width < kSheetColumns ? (kSheetColumns - width) / 2 : 0, ' ') + std::string(text) + "\n";
}

std::string Rule() { return std::string(kSheetColumns, '-') + "\n"; }

std::string LabelledLines(const std::vector<Labelled>& lines) {
  size_t width = 0;
  for (const auto& [label, value] : lines) width = std::max(width, DisplayWidth(label));
  std::string text;
  for (const auto& [label, value] : lines) {
    std::string indent = Padded(label, width) + "  ";
    for (size_t start = 0; start <= value.size();) {
      const size_t end = std::min(value.find('\n', start), value.size());
      text += WithoutTrailingBlanks(indent + value.substr(start, end - start)) + "\n";
      indent = std::string(width + 2, ' ');
      start = end + 1;
    }
  }
  return text;
}

std::string TableText(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows) {
  if (rows.empty()) return "";
  std::vector<size_t> widths;
  for (const std::string& cell : head) widths.push_back(DisplayWidth(cell));
  std::vector<std::vector<std::string>> lines = rows;
  for (std::vector<std::string>& row : lines) {
    for (size_t i = 0; i < row.size(); ++i) {
      row[i] = OneLine(std::move(row[i]));
      widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    }
  }
  std::vector<std::string> dashes;
  for (const size_t width : widths) dashes.emplace_back(width, '-');
  std::string text = Row(head, widths) + Row(dashes, widths);
  for (const std::vector<std::string>& row : lines) text += Row(row, widths);
  return text;
}

}  // namespace songhua::permits
