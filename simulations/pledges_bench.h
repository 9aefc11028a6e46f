// A province's pledges, in process: how fast a night revalues them, what it leaves of the order lane, and how fast a bank is told what an enterprise has. Each
// figure beside a limit or a reference of the same run.
#ifndef SONGHUA_SIMULATIONS_PLEDGES_BENCH_H_
#define SONGHUA_SIMULATIONS_PLEDGES_BENCH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "simulations/bench_result.h"

namespace songhua::simulations {

struct PledgesBenchOptions {
  std::string directory;         // where the store is made; it is removed afterwards
  int pledges = 100'000;         // ACTIVE, of a site each
  int sites_of_enterprise = 4;   // 1 to 999
  int packs = 20'000;
  int orders = 5'000;            // one after the other, before each night
  int nights = 2;                // of each kind, 1 or 2; the best counts, and orders are counted together
};

// In this order:
//   pledges/revaluation  pledges a second when the day turns and all are due, durable and published; beside RocksDB alone syncing the same rows in as many writes
//   pledges/packs        due-diligence packs a second, each a journaled command; beside as many balances that the same person reports
//   pledges/order-lane   p99 of orders, one after the other, while a night revalues every pledge; beside their p99 in the quiet minute before (less is better)
// INTERNAL where a night has left a pledge as it was.
absl::StatusOr<std::vector<BenchResult>> RunPledgesBench(const PledgesBenchOptions& options);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_PLEDGES_BENCH_H_
