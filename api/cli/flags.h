// A small parser of the command line: `--flag value`, `--flag=value`, switches, and everything else in order. A word that looks like a flag
// and is none is refused with the nearest flag that exists; nothing is guessed.
//
//   SONGHUA_ASSIGN_OR_RETURN(Arguments arguments, ParseArguments(words, {{"data", "DIR", "Where the store lies"}, {"json", "", "..."}}));
//   arguments.Get("data");   // null: not given
#ifndef SONGHUA_API_CLI_FLAGS_H_
#define SONGHUA_API_CLI_FLAGS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace songhua::api::cli {

struct FlagSpec {
  std::string name;        // without its dashes
  std::string value_name;  // "DIR"; empty: a switch, which takes no value
  std::string help;        // a sentence or more, without the final full stop
  bool repeated = false;
  bool required = false;
};

class Arguments {
 public:
  std::vector<std::string> positionals;

  bool Has(std::string_view flag) const { return Get(flag) != nullptr; }
  // The flag's last value; null: not given. A switch that is set has the value "true".
  const std::string* Get(std::string_view flag) const;
  std::string GetOr(std::string_view flag, std::string_view otherwise) const;
  bool IsSet(std::string_view flag) const;  // of a switch
  // All values, in order.
  std::vector<std::string> All(std::string_view flag) const;
  // The flag's value as a whole number from `least` to `most`; `otherwise` where it was not given.
  absl::StatusOr<int64_t> Integer(std::string_view flag, int64_t otherwise, int64_t least, int64_t most) const;
  // Replaces the flag's value, or gives it one.
  void Set(std::string_view flag, std::string_view value);
  void Add(std::string_view flag, std::string_view value) { flags_.emplace_back(flag, value); }

 private:
  std::vector<std::pair<std::string, std::string>> flags_;
};

// Parses words that follow a verb. `--` ends the flags. INVALID_ARGUMENT says what was wrong and what would be accepted: an unknown flag,
// one without its value, one given twice that is not `repeated`, a switch with a value other than true or false.
absl::StatusOr<Arguments> ParseArguments(const std::vector<std::string>& words, const std::vector<FlagSpec>& flags);

// A whole number, with its sign or without, with "," or "_" between groups or without. INVALID_ARGUMENT, OUT_OF_RANGE.
absl::StatusOr<int64_t> ParseInteger(std::string_view text, std::string_view name);
// A decimal number in steps of 10^-decimals, exact: ("80.5", 2) -> 8050. INVALID_ARGUMENT for more decimals than that.
absl::StatusOr<int64_t> ParseDecimal(std::string_view text, int decimals, std::string_view name);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_FLAGS_H_
