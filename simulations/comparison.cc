#include "simulations/comparison.h"

#include <algorithm>
#include <charconv>

#include "simulations/cell_text.h"
#include "simulations/column_finder.h"

namespace songhua::simulations {
namespace {

// The digits of "12,345,678", where commas stand between groups of three, or of a text of digits alone; otherwise empty.
std::string Ungrouped(std::string_view text) {
  std::string digits;
  const bool grouped = text.find(',') != std::string_view::npos;
  for (bool first = true;; first = false) {
    const std::string_view group = text.substr(0, text.find(','));
    const bool fits = !grouped || (first ? group.size() <= 3 : group.size() == 3);
    if (group.empty() || !fits || !std::all_of(group.begin(), group.end(), absl::ascii_isdigit)) return "";
    digits += group;
    if (group.size() == text.size()) return digits;
    text.remove_prefix(group.size() + 1);
  }
}

}  // namespace

Figure ReadFigure(std::string_view cell) {
  Figure figure;
  std::string_view text = Trim(cell);
  figure.text = std::string(text);
  const std::string lower = Lower(text);
  if (lower.empty() || lower == "-" || lower == "n/a" || lower == "na" || lower == "null" || lower == "none") return figure;
  figure.kind = Figure::Kind::kWord;
  if (const size_t point = text.find('.');
      point != std::string_view::npos && point + 1 < text.size() && text.find_first_not_of('0', point + 1) == std::string_view::npos) {
    text = text.substr(0, point);
  }
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::string digits = (negative ? "-" : "") + Ungrouped(text);
  if (digits.empty() || digits == "-") return figure;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), figure.number);
  if (error == std::errc()) figure.kind = Figure::Kind::kNumber;
  return figure;
}

int32_t ReadYear(std::string_view cell) {
  for (size_t i = 0; i < cell.size();) {
    if (!absl::ascii_isdigit(cell[i])) {
      ++i;
      continue;
    }
    const size_t start = i;
    while (i < cell.size() && absl::ascii_isdigit(cell[i])) ++i;
    if (i - start != 4) continue;
    int32_t year = 0;
    std::from_chars(cell.data() + start, cell.data() + i, year);
    if (year >= ColumnFinder::kFirstYear && year <= ColumnFinder::kLastYear) return year;
  }
  return 0;
}

void Comparison::Add(const std::string& kind) {
  ++compared_;
  const auto known = std::find_if(kinds_.begin(), kinds_.end(), [&](const Count& count) { return count.kind == kind; });
  if (known == kinds_.end()) {
    kinds_.push_back({kind, 1});
  } else {
    ++known->figures;
  }
}

void Comparison::Compare(const std::string& kind, const std::string& place, const std::string& figure, const std::string& published,
                         const std::string& ours) {
  Add(kind);
  if (published != ours) differences_.push_back(place + ": " + figure + ": published " + published + ", ours " + ours);
}

void Comparison::Compare(const std::string& kind, const std::string& place, const std::string& figure, int64_t published, int64_t ours) {
  Compare(kind, place, figure, std::to_string(published), std::to_string(ours));
}

void Comparison::CompareRuns(const std::string& kind, const std::string& figure, const std::string& in_file_order,
                             const std::string& shuffled) {
  Add(kind);
  if (in_file_order != shuffled) differences_.push_back(figure + ": in file order " + in_file_order + ", shuffled " + shuffled);
}

void Comparison::Unreadable(const std::string& place, const std::string& figure, const std::string& cell, const std::string& accepted) {
  Add("cells that cannot be read");
  differences_.push_back(place + ": " + figure + ": published \"" + cell.substr(0, 200) + "\", ours none: not " + accepted);
}

void Comparison::Failed(const std::string& place, const std::string& figure, const std::string& why) {
  Add("steps that were refused");
  differences_.push_back(place + ": " + figure + ": " + why);
}

std::string Comparison::Kinds() const {
  std::string text;
  for (const Count& count : kinds_) text += (text.empty() ? "" : ", ") + std::to_string(count.figures) + " " + count.kind;
  return text;
}

void Comparison::Print(std::ostream& out) const {
  for (const std::string& difference : differences_) out << difference << "\n";
  out << "matched " << matched() << " of " << compared_ << "\n";
}

}  // namespace songhua::simulations
