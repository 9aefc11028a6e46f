// Every verb of the program, in one list. A folder that brings a verb declares its maker here, names it in verbs.cc, and adds its library
// to songhua_verbs in CMakeLists.txt; nothing else has to know of it. This list stands above all floors: it only names functions, and
// includes nothing from where they live.
#ifndef SONGHUA_API_CLI_VERBS_H_
#define SONGHUA_API_CLI_VERBS_H_

#include "api/cli/command.h"

namespace songhua::simulations {
api::cli::Verb DemoVerb();  // simulations/demo/demo.cc
}  // namespace songhua::simulations

namespace songhua::api::cli {

// The verbs of other folders.
Verb BenchVerb();           // simulations/bench_verb.cc
Verb SimulateFaultsVerb();  // simulations/simulate_verb.cc
Verb SimulateMarketVerb();  // simulations/simulate_market_verb.cc
Verb ReplayUkEtsVerb();     // simulations/replay_verbs.cc
Verb ReplayOffsetsVerb();
Verb ReplayBarsVerb();

// The whole program: `MakeRegistry().Run(words, io)`.
Registry MakeRegistry();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_VERBS_H_
