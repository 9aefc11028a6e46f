// Short verbs for auctions. A table (alias_table.h); every method of the service has one.
#ifndef SONGHUA_API_CLI_AUCTION_ALIASES_H_
#define SONGHUA_API_CLI_AUCTION_ALIASES_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

void AddAuctionAliases(Registry* registry);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_AUCTION_ALIASES_H_
