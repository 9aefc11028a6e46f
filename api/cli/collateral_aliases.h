// Short verbs for the bank's desk. A table (alias_table.h); `collateral inquire`, which writes a page, is in collateral_inquire_verb.h.
#ifndef SONGHUA_API_CLI_COLLATERAL_ALIASES_H_
#define SONGHUA_API_CLI_COLLATERAL_ALIASES_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

void AddCollateralAliases(Registry* registry);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_COLLATERAL_ALIASES_H_
