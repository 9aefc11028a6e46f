// Short verbs as data: a method of the API with some of its fields named by place, some fixed, some required, and the columns that matter.
#ifndef SONGHUA_API_CLI_ALIAS_TABLE_H_
#define SONGHUA_API_CLI_ALIAS_TABLE_H_

#include <string>
#include <utility>
#include <vector>

#include "api/cli/command.h"

namespace songhua::api::cli {

// A field that is named by its place on the line instead of by a flag.
struct Place {
  Argument argument;
  std::string flag;  // the field's flag, which it stands for
};

struct Alias {
  std::vector<std::string> words;
  std::string method;  // "Exchange/PlaceOrder"
  std::string summary;
  std::vector<Place> places{};
  std::vector<std::pair<std::string, std::string>> fixed{};  // flags with their values
  std::vector<std::string> required{};                       // flags that make no sense to leave out
  std::vector<std::string> columns{};
  std::vector<Example> examples{};
};

// REQUIRES: methods that exist, and of each only flags that it has.
void AddAliasesOf(Registry* registry, const std::string& group, const std::vector<Alias>& aliases);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_ALIAS_TABLE_H_
