#include "api/cli/alias_table.h"

#include <algorithm>

#include "api/cli/call.h"
#include "ledger/check.h"

namespace songhua::api::cli {
namespace {

void AddAlias(Registry* registry, const std::string& group, const Alias& alias) {
  const Rpc& rpc = Schema::Get().Find(alias.method);
  Verb verb;
  verb.words = alias.words;
  verb.group = group;
  verb.summary = alias.summary;
  verb.description = rpc.comment + "\n\nShort for: songhua " + rpc.group + " " + rpc.name;
  for (const auto& [flag, value] : alias.fixed) verb.description += " --" + flag + " " + value;
  verb.flags = FlagSpecsOf(rpc);
  for (const Place& place : alias.places) {
    verb.arguments.push_back(place.argument);
    SONGHUA_CHECK(std::erase_if(verb.flags, [&](const FlagSpec& flag) { return flag.name == place.flag; }) == 1);
  }
  for (const auto& entry : alias.fixed) {
    SONGHUA_CHECK(std::erase_if(verb.flags, [&](const FlagSpec& flag) { return flag.name == entry.first; }) == 1);
  }
  for (const std::string& name : alias.required) {
    const auto flag = std::find_if(verb.flags.begin(), verb.flags.end(), [&](const FlagSpec& spec) { return spec.name == name; });
    SONGHUA_CHECK(flag != verb.flags.end());
    flag->required = true;
  }
  verb.examples = alias.examples;
  verb.client = true;
  verb.run = [&rpc, places = alias.places, fixed = alias.fixed, view = View{alias.columns}](const Invocation& invocation) {
    Invocation filled = invocation;
    for (size_t i = 0; i < places.size() && i < filled.arguments.positionals.size(); ++i) {
      filled.arguments.Set(places[i].flag, filled.arguments.positionals[i]);
    }
    for (const auto& [flag, value] : fixed) filled.arguments.Set(flag, value);
    return CallRpc(filled, rpc, view);
  };
  registry->Add(std::move(verb));
}

}  // namespace

void AddAliasesOf(Registry* registry, const std::string& group, const std::vector<Alias>& aliases) {
  for (const Alias& alias : aliases) AddAlias(registry, group, alias);
}

}  // namespace songhua::api::cli
