// Short verbs for what officers, traders and banks do every day: `songhua buy CONTRACT`, `songhua pledge apply LOT`. Each is a method of
// the API with some of its fields named by place, some fixed, and a table that shows what matters (alias_table.h); it holds no rule of its own.
#ifndef SONGHUA_API_CLI_ALIASES_H_
#define SONGHUA_API_CLI_ALIASES_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

// Headings under which the aliases are listed.
inline constexpr char kLookGroup[] = "look";
inline constexpr char kTradeGroup[] = "trade";
inline constexpr char kPermitGroup[] = "permit";
inline constexpr char kPledgeGroup[] = "pledge";
inline constexpr char kRightsGroup[] = "rights";
inline constexpr char kAccessGroup[] = "access";

void AddAliases(Registry* registry);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_ALIASES_H_
