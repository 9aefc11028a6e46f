#include "api/cli/table.h"

#include <algorithm>

#include "api/cli/text.h"
#include "ledger/check.h"

namespace songhua::api::cli {

void Table::Add(std::vector<std::string> cells) {
  SONGHUA_CHECK(cells.size() == columns_.size());
  rows_.push_back(std::move(cells));
}

void Table::Print(std::ostream& out, size_t indent) const { PrintLines(out, indent, true); }

void Table::PrintRows(std::ostream& out, size_t indent) const { PrintLines(out, indent, false); }

void Table::PrintLines(std::ostream& out, size_t indent, bool headings) const {
  std::vector<size_t> shown;
  std::vector<size_t> widths(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    for (const auto& row : rows_) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
    if (widths[i] == 0) continue;
    if (headings) widths[i] = std::max(widths[i], DisplayWidth(columns_[i].heading));
    shown.push_back(i);
  }
  const auto print = [&](auto cell_of) {
    std::string line(indent, ' ');
    for (const size_t i : shown) {
      const std::string& cell = cell_of(i);
      const std::string padding(widths[i] - DisplayWidth(cell), ' ');
      if (i != shown.front()) line += "  ";
      line += columns_[i].right ? padding + cell : cell + padding;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out << line << '\n';
  };
  if (shown.empty()) return;
  if (headings) print([&](size_t i) -> const std::string& { return columns_[i].heading; });
  for (const auto& row : rows_) print([&](size_t i) -> const std::string& { return row[i]; });
}

}  // namespace songhua::api::cli
