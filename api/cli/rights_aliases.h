// Short verbs for the life of rights: allocation, fees, surplus, years, leases, recovery, extinction; and for the registry: bank statements, controls of accounts,
// proposed transfers, day one. A table (alias_table.h); every method of these services has one.
#ifndef SONGHUA_API_CLI_RIGHTS_ALIASES_H_
#define SONGHUA_API_CLI_RIGHTS_ALIASES_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

void AddRightsAliases(Registry* registry);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_RIGHTS_ALIASES_H_
