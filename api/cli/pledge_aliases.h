// Short verbs for pledges: of the enterprise, the registry, the bank and the court. A table (alias_table.h); every method of the service has one.
#ifndef SONGHUA_API_CLI_PLEDGE_ALIASES_H_
#define SONGHUA_API_CLI_PLEDGE_ALIASES_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

void AddPledgeAliases(Registry* registry);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_PLEDGE_ALIASES_H_
