// What the demonstration shows of itself, as the service tells it: who holds what, what things last cost, the pledges, what was refused and by which rule,
// and what one may try next.
#ifndef SONGHUA_SIMULATIONS_DEMO_SUMMARY_H_
#define SONGHUA_SIMULATIONS_DEMO_SUMMARY_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "simulations/scenario/conversation.h"
#include "simulations/scenario/runner.h"

namespace songhua::simulations {

// REQUIRES: the conversation's reader may see everything.
absl::Status PrintSummary(Conversation* conversation, const std::vector<RefusedAttempt>& refused, std::ostream& out);

// Commands for another terminal. `program` is how this program was started, `server` what --server would say, empty where that is the default.
absl::Status PrintNextCommands(Conversation* conversation, const std::string& program, const std::string& server, const std::string& tokens,
                               std::ostream& out);

// The same after the year of rights.
absl::Status PrintYear(const std::string& program, const std::string& server, const std::string& tokens, std::ostream& out);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_DEMO_SUMMARY_H_
