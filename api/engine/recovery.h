// From a store to a state machine that stands where the journal ends.
#ifndef SONGHUA_API_ENGINE_RECOVERY_H_
#define SONGHUA_API_ENGINE_RECOVERY_H_

#include "absl/status/status.h"
#include "api/engine/state_machine.h"
#include "ledger/merkle_log.h"
#include "ledger/store.h"

namespace songhua::api {

// Loads the stored state, re-applies the journal's tail and publishes its rows. DATA_LOSS when a replayed outcome, or the rows of a replayed
// group, differ from what the journal says. REQUIRES: a fresh machine, and a store on which nothing was published yet.
absl::Status Recover(Store* store, StateMachine* machine);

// Writes the first record of an empty journal. REQUIRES: a machine that recovered from it; `frontier` is the tree's.
absl::Status WriteGenesis(const Genesis& genesis, const Digest& entropy, Store* store, StateMachine* machine, MerkleFrontier* frontier);

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_RECOVERY_H_
