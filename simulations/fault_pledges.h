// What firms and their bank ask for around pledges: applications, terms, consents, default and enforcement. Sales are in
// fault_pledge_sales.h.
#ifndef SONGHUA_SIMULATIONS_FAULT_PLEDGES_H_
#define SONGHUA_SIMULATIONS_FAULT_PLEDGES_H_

#include <cstdint>
#include <random>
#include <string>

#include "api/engine/state.h"
#include "simulations/fault_world.h"
#include "simulations/market_model.h"

namespace songhua::simulations {

// A random one, of a random pledge; as RandomRequest.
SimulatedRequest PledgeRequest(std::mt19937_64& random, const api::State& state, const MarketModel& model);

// ---- What fault_pledge_sales.cc aims at, too ----
std::string PledgeName(uint64_t pledge);
// 0, a firm that has nothing to do with it, where there is no such pledge.
int PledgorOf(const MarketModel& model, uint64_t pledge);
int64_t UnitsOf(const MarketModel& model, uint64_t pledge);
// Mostly one of which the state is right. REQUIRES: there are pledges.
uint64_t SomePledgeIn(std::mt19937_64& random, const MarketModel& model, int state);
// The one who may, or anybody.
int SomeFirm(std::mt19937_64& random, int right);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_FAULT_PLEDGES_H_
