// The demonstration's certificate of a pledge: fetched while the service runs, and checked when it is gone.
#ifndef SONGHUA_SIMULATIONS_DEMO_PROOF_H_
#define SONGHUA_SIMULATIONS_DEMO_PROOF_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "simulations/scenario/conversation.h"

namespace songhua::simulations {

// Writes the certificate and the keys of the log into the directory, and says how to check them with another program. `program` is how this one was started.
absl::Status WriteProof(Conversation* conversation, const std::string& directory, const std::string& program, std::ostream& out);

// Checks what was written there, with the files alone, and prints what they prove. Nothing where nothing was written.
absl::Status CheckProof(const std::string& directory, std::ostream& out);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_DEMO_PROOF_H_
