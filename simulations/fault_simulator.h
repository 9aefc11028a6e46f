// `songhua simulate faults`: one process, one thread, one seed. The real state machine and the real store run on a simulated disk and a simulated
// clock, under clients that retry, send twice, overtake themselves and vanish; the disk fails, fills up, and loses power between any two writes. An
// independent model runs in lockstep. In the end everything heals: all requests are answered, all sessions closed and settled, and what is held
// must be what is claimed.
//
// The same seed and number of steps do the same again, to the byte.
#ifndef SONGHUA_SIMULATIONS_FAULT_SIMULATOR_H_
#define SONGHUA_SIMULATIONS_FAULT_SIMULATOR_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "ledger/sha256.h"
#include "simulations/permit_model.h"

namespace songhua::simulations {

struct FaultOptions {
  uint64_t seed = 1;
  uint64_t steps = 20'000;
  bool verbose = false;  // a line for each crash and restart
};

struct FaultReport {
  uint64_t requests = 0;     // that clients wanted
  uint64_t deliveries = 0;   // of them, over the network, copies included
  uint64_t commands = 0;     // recorded
  uint64_t refusals = 0;
  uint64_t repeats = 0;      // answered from memory
  uint64_t filled = 0;       // order commands after which the order was filled, at least in part
  uint64_t groups = 0;
  uint64_t crashes = 0;      // power failures, failed syncs, full disks
  uint64_t lost_groups = 0;  // not durable when the power failed
  uint64_t archives = 0;     // parts of the journal moved to files
  ModelTally permits;        // what came about of permits and their cases
  uint64_t pledged_units_sold = 0;  // in every form, and of them:
  uint64_t sold_by_ascending_bids = 0;
  uint64_t sold_by_sealed_bids = 0;
  uint64_t sold_by_agreement = 0;
  uint64_t deposits_forfeited = 0;  // by winners who did not pay
  Digest digest{};           // of the journal's tree: equal for equal runs
};

// INTERNAL describes what went wrong, with the step; the caller adds the command that reproduces it.
absl::StatusOr<FaultReport> SimulateFaults(const FaultOptions& options);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_FAULT_SIMULATOR_H_
