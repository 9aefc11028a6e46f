// What firms and their bank ask for around pledges: applications, terms, consents, sales of what is pledged, default and enforcement.
#ifndef SONGHUA_SIMULATIONS_FAULT_PLEDGES_H_
#define SONGHUA_SIMULATIONS_FAULT_PLEDGES_H_

#include <random>

#include "api/engine/state.h"
#include "simulations/fault_world.h"
#include "simulations/market_model.h"

namespace songhua::simulations {

// A random one, of a random pledge; as RandomRequest.
SimulatedRequest PledgeRequest(std::mt19937_64& random, const api::State& state, const MarketModel& model);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_FAULT_PLEDGES_H_
