// Text of cells of published tables, whose letters are ASCII where they matter.
#ifndef SONGHUA_SIMULATIONS_CELL_TEXT_H_
#define SONGHUA_SIMULATIONS_CELL_TEXT_H_

#include <string>
#include <string_view>

#include "absl/strings/ascii.h"

namespace songhua::simulations {

inline std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

inline std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = absl::ascii_tolower(static_cast<unsigned char>(c));
  return lower;
}

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_CELL_TEXT_H_
