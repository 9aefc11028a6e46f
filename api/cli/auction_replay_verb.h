// `songhua auction replay`: see exchange/auction_replay.h.
#ifndef SONGHUA_API_CLI_AUCTION_REPLAY_VERB_H_
#define SONGHUA_API_CLI_AUCTION_REPLAY_VERB_H_

#include "api/cli/command.h"

namespace songhua::api::cli {

Verb AuctionReplayVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_AUCTION_REPLAY_VERB_H_
