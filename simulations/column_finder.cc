#include "simulations/column_finder.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <tuple>

#include "absl/strings/ascii.h"

namespace songhua::simulations {
namespace {

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
// Letters beyond ASCII are bytes above 0x7F; they are kept as they are.
bool IsLetter(char c) { return IsLower(c) || IsUpper(c) || static_cast<unsigned char>(c) >= 0x80; }

std::string Singular(std::string word) {
  const bool plural = word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is");
  if (plural) word.pop_back();
  return word;
}

bool Has(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::optional<int32_t> AsYear(const std::string& word) {
  if (word.size() != 4 || !std::all_of(word.begin(), word.end(), absl::ascii_isdigit)) return std::nullopt;
  int32_t year = 0;
  std::from_chars(word.data(), word.data() + word.size(), year);
  if (year < ColumnFinder::kFirstYear || year > ColumnFinder::kLastYear) return std::nullopt;
  return year;
}

std::string Described(const Meaning& meaning, bool by_year) {
  std::string text = meaning.name + " (a heading ";
  if (by_year) text += "that names a year and ";
  text += "with the words ";
  for (size_t i = 0; i < meaning.phrases.size(); ++i) {
    text += (i == 0 ? "\"" : i + 1 < meaning.phrases.size() ? ", \"" : " or \"") + meaning.phrases[i] + "\"";
  }
  return text + ")";
}

}  // namespace

std::vector<std::string> HeadingWords(std::string_view heading) {
  std::vector<std::string> words(1);
  for (size_t i = 0; i < heading.size(); ++i) {
    const char c = heading[i];
    const char before = i > 0 ? heading[i - 1] : ' ';
    const bool word_begins = (IsUpper(c) && IsLower(before)) || absl::ascii_isdigit(c) != absl::ascii_isdigit(before) || IsLetter(c) != IsLetter(before);
    if (word_begins && !words.back().empty()) words.emplace_back();
    if (IsLetter(c) || absl::ascii_isdigit(c)) words.back() += IsUpper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (words.back().empty()) words.pop_back();
  for (std::string& word : words) word = Singular(std::move(word));
  return words;
}

ColumnFinder::ColumnFinder(const CsvTable& table) : table_(table) {
  for (const std::string& text : table.header) {
    Heading& heading = headings_.emplace_back();
    for (std::string& word : HeadingWords(text)) {
      const std::optional<int32_t> year = AsYear(word);
      if (year.has_value() && !heading.year.has_value()) {
        heading.year = year;
      } else {
        heading.words.push_back(std::move(word));
      }
    }
  }
}

std::optional<size_t> ColumnFinder::Best(const Meaning& meaning, std::optional<int32_t> year) const {
  using Rank = std::tuple<size_t, size_t, size_t>;  // phrase, other words, column
  std::optional<Rank> best;
  for (size_t column = 0; column < headings_.size(); ++column) {
    const Heading& heading = headings_[column];
    const auto unwanted = [&](const std::string& word) { return Has(heading.words, word); };
    if (heading.year != year || std::any_of(meaning.excluded.begin(), meaning.excluded.end(), unwanted)) continue;
    for (size_t i = 0; i < meaning.phrases.size(); ++i) {
      const std::vector<std::string> phrase = HeadingWords(meaning.phrases[i]);
      if (!std::all_of(phrase.begin(), phrase.end(), [&](const std::string& word) { return Has(heading.words, word); })) continue;
      const Rank rank(i, heading.words.size() - std::min(heading.words.size(), phrase.size()), column);
      if (!best.has_value() || rank < *best) best = rank;
      break;
    }
  }
  if (!best.has_value()) return std::nullopt;
  return std::get<2>(*best);
}

std::optional<size_t> ColumnFinder::Find(const Meaning& meaning) const { return Best(meaning, std::nullopt); }

YearColumns ColumnFinder::FindYears(const Meaning& meaning) const {
  std::set<int32_t> years;
  for (const Heading& heading : headings_) {
    if (heading.year.has_value()) years.insert(*heading.year);
  }
  YearColumns columns;
  for (int32_t year : years) {
    if (const auto column = Best(meaning, year)) columns[year] = *column;
  }
  return columns;
}

size_t ColumnFinder::Require(const Meaning& meaning) {
  const auto column = Find(meaning);
  if (!column.has_value()) missing_.push_back(Described(meaning, false));
  return column.value_or(0);
}

YearColumns ColumnFinder::RequireYears(const Meaning& meaning) {
  YearColumns columns = FindYears(meaning);
  if (columns.empty()) missing_.push_back(Described(meaning, true));
  return columns;
}

void ColumnFinder::RequireOneOf(const std::vector<Meaning>& meanings) {
  std::string text;
  for (const Meaning& meaning : meanings) {
    if (Find(meaning).has_value()) return;
    text += (text.empty() ? "" : ", or ") + Described(meaning, false);
  }
  missing_.push_back(text);
}

absl::Status ColumnFinder::Finish() const {
  if (missing_.empty()) return absl::OkStatus();
  std::string text = table_.file + ": columns that the file needs and does not have:";
  for (const std::string& missing : missing_) text += "\n  " + missing;
  text += "\nit has: ";
  for (size_t i = 0; i < table_.header.size(); ++i) text += (i == 0 ? "" : ", ") + table_.header[i];
  return absl::InvalidArgumentError(text);
}

}  // namespace songhua::simulations
