// Finds the columns of a public record by what their headings mean, because every registry spells them differently: "Credit Serial
// Numbers", "offset_credit_serial_numbers" and "Serial Number" are one column, and so are "emissions_2021" and "Recorded emissions 2021".
//
// A heading is a list of words: split at everything that is no letter or digit, between letters and digits and in camelCase; in lower case;
// without the plural's s. A meaning is a list of phrases. A phrase fits a heading when all of its words are there, in any order, and none
// of the words that the meaning excludes. Where several headings fit, the earlier phrase wins, then the heading with the fewest other
// words, then the one further left. So phrases are listed from the most particular to the most general.
//
//   const Meaning kQuantity = {"quantity", {"quantity issued", "quantity", "volume"}, {"total"}};
//   ColumnFinder finder(table);
//   const size_t quantity = finder.Require(kQuantity);
//   const YearColumns emissions = finder.RequireYears({"verified emissions of a year", {"emission"}, {"cumulative"}});
//   SONGHUA_RETURN_IF_ERROR(finder.Finish());     // lists everything that was looked for in vain, beside what the file has
//
// One thread.
#ifndef SONGHUA_SIMULATIONS_COLUMN_FINDER_H_
#define SONGHUA_SIMULATIONS_COLUMN_FINDER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "simulations/csv.h"

namespace songhua::simulations {

struct Meaning {
  std::string name;                   // for messages
  std::vector<std::string> phrases;   // words in lower case and singular, between blanks
  std::vector<std::string> excluded;  // words
};

// Columns by calendar year.
using YearColumns = std::map<int32_t, size_t>;

class ColumnFinder {
 public:
  // Calendar years in headings; other numbers there are words like any other.
  static constexpr int32_t kFirstYear = 1990;
  static constexpr int32_t kLastYear = 2200;

  // REQUIRES: the table outlives the finder.
  explicit ColumnFinder(const CsvTable& table);

  // The column of a meaning among the headings that name no year; nullopt: none.
  std::optional<size_t> Find(const Meaning& meaning) const;
  // The columns of a meaning by the year that the heading names.
  YearColumns FindYears(const Meaning& meaning) const;

  // The same for columns without which the file is of no use; what is missing is reported by Finish. Returns 0 or nothing then.
  size_t Require(const Meaning& meaning);
  YearColumns RequireYears(const Meaning& meaning);
  // At least one of several meanings; each is found with Find afterwards.
  void RequireOneOf(const std::vector<Meaning>& meanings);

  // OK, or INVALID_ARGUMENT with all that was looked for and the headings that were found.
  absl::Status Finish() const;

 private:
  struct Heading {
    std::vector<std::string> words;  // without the year
    std::optional<int32_t> year;
  };
  // The best heading among those of the year, or of no year.
  std::optional<size_t> Best(const Meaning& meaning, std::optional<int32_t> year) const;

  const CsvTable& table_;
  std::vector<Heading> headings_;
  std::vector<std::string> missing_;
};

// The words of a heading, as explained above: "Recorded emissions 2021" -> recorded, emission, 2021.
std::vector<std::string> HeadingWords(std::string_view heading);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_COLUMN_FINDER_H_
