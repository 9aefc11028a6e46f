// The form of printed sheets: titles, labelled lines, tables, in columns that line up where a Chinese character is two places wide. Pure functions.
#ifndef SONGHUA_PERMITS_PRINT_LAYOUT_H_
#define SONGHUA_PERMITS_PRINT_LAYOUT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace songhua::permits {

inline constexpr size_t kSheetColumns = 96;

// Places that the text takes: two for each wide character (CJK and full-width forms), one for any other. REQUIRES: UTF-8.
size_t DisplayWidth(std::string_view text);

// A centred line.
std::string Centered(std::string_view text);
std::string Rule();

// "label    value" lines with the values below each other. Further lines of a value are indented to the first.
using Labelled = std::pair<std::string, std::string>;
std::string LabelledLines(const std::vector<Labelled>& lines);

// A table with a line under its head. Columns are as wide as their widest cell; line ends within a cell become blanks. Empty without rows.
std::string TableText(const std::vector<std::string>& head, const std::vector<std::vector<std::string>>& rows);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_PRINT_LAYOUT_H_
