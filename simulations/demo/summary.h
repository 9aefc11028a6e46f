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

// What commands for another terminal begin with.
struct NextCommands {
  std::string program;  // how this program was started
  std::string server;   // what --server would say; empty where that is the default
  std::string tokens;   // where they lie
};
absl::Status PrintNextCommands(Conversation* conversation, const NextCommands& next, std::ostream& out);
// The same after the year of rights.
absl::Status PrintYear(const NextCommands& next, std::ostream& out);
// The pledge of the story of lending, how its proceeds were applied, and commands.
absl::Status PrintLending(Conversation* conversation, const NextCommands& next, std::ostream& out);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_DEMO_SUMMARY_H_
