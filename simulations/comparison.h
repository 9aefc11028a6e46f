// What a replay compares: figures that others published, and ours. It collects the differences with their places and prints them at the
// end, so that the last line always is `matched N of M`:
//
//   uk.csv:12: status_2024 of UK-E-IN-12036: published A, ours B
//   matched 4003 of 4004
//
// A cell that cannot be read, and a step that the service refuses, count as one figure that does not match: what the record says there
// could not be confirmed. One thread.
#ifndef SONGHUA_SIMULATIONS_COMPARISON_H_
#define SONGHUA_SIMULATIONS_COMPARISON_H_

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace songhua::simulations {

// A cell of a public record: nothing, a whole number, or a word such as EXCLUDED.
struct Figure {
  enum class Kind { kBlank, kNumber, kWord };
  Kind kind = Kind::kBlank;
  int64_t number = 0;
  std::string text;  // without blanks at its ends

  bool blank() const { return kind == Kind::kBlank; }
  bool is_number() const { return kind == Kind::kNumber; }
};

// Reads "85847", "85,847", "85847.00", "-3"; "", "-", "n/a" and "null" are blank. A number that is not whole or does not fit is a word.
Figure ReadFigure(std::string_view cell);
// The first number from 1990 to 2200 in a text such as "2021", "01/31/2021 10:15" or "2021-01-31"; 0: none.
int32_t ReadYear(std::string_view cell);

class Comparison {
 public:
  // Counts a figure of the kind, and keeps it where the two differ.
  void Compare(const std::string& kind, const std::string& place, const std::string& figure, const std::string& published,
               const std::string& ours);
  void Compare(const std::string& kind, const std::string& place, const std::string& figure, int64_t published, int64_t ours);
  // The same for a figure that two of our own runs give.
  void CompareRuns(const std::string& kind, const std::string& figure, const std::string& in_file_order, const std::string& shuffled);
  // A cell that cannot be read; `accepted` says what could be.
  void Unreadable(const std::string& place, const std::string& figure, const std::string& cell, const std::string& accepted);
  // What the record says and could not be done.
  void Failed(const std::string& place, const std::string& figure, const std::string& why);

  int64_t matched() const { return compared_ - static_cast<int64_t>(differences_.size()); }
  int64_t compared() const { return compared_; }
  bool all_match() const { return differences_.empty(); }
  const std::vector<std::string>& differences() const { return differences_; }

  // "336 cumulative emissions, 2892 allocation totals": how many of each kind were compared, in the order in which kinds were first seen.
  std::string Kinds() const;
  // The differences, one a line in the order in which they were found, then `matched N of M`.
  void Print(std::ostream& out) const;

 private:
  struct Count {
    std::string kind;
    int64_t figures = 0;
  };
  void Add(const std::string& kind);

  int64_t compared_ = 0;
  std::vector<std::string> differences_;
  std::vector<Count> kinds_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_COMPARISON_H_
