// The part of the fault simulator's world that has permits: sites, officers, a regime with short periods, rights and a contract in them; what its clients may
// ask for, each command with what it means to the model; and how the real state is held against the model.
#ifndef SONGHUA_SIMULATIONS_PERMIT_WORLD_H_
#define SONGHUA_SIMULATIONS_PERMIT_WORLD_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "api/engine/state.h"
#include "simulations/fault_world.h"
#include "simulations/permit_model.h"

namespace songhua::simulations {

// The commands that build it, in order, after those of BuildWorld; none of them concerns the model.
std::vector<SimulatedRequest> BuildPermitWorld();

// A random request of a random officer or enterprise, as the model lets them seem worth trying, now and then not.
SimulatedRequest RandomPermitRequest(std::mt19937_64& random, const PermitModel& model, int32_t today);

// What brings everything to its end: open cases are withdrawn, overlays lifted, the book is closed, the year announced.
std::vector<SimulatedRequest> PermitEnd(const PermitModel& model, int32_t today);

// Differences between the real state and the model, in words; empty when there are none. `time_passed`: no timer is due.
std::string ComparePermits(const api::State& state, const PermitModel& model, Date today, bool time_passed);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_PERMIT_WORLD_H_
