// A province's permits, in process: how fast they come in, what they take, and how the service lives with them. Each figure beside a limit or a reference of
// the same run.
#ifndef SONGHUA_SIMULATIONS_PERMITS_BENCH_H_
#define SONGHUA_SIMULATIONS_PERMITS_BENCH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "simulations/bench_result.h"

namespace songhua::simulations {

struct PermitsBenchOptions {
  std::string directory;  // where the store is made; it is removed afterwards
  int permits = 100'000;  // with 5 outlets and 4 pollutants each
  int cases = 10'000;     // open deadlines in one officer's queue
  int reads = 50'000;     // point reads
  int pages = 500;        // pages of 100 of the queue
  int orders = 10'000;    // one after the other, in the quiet minute
};

// In this order:
//   permits/load         permits a second by the import, every answer after its sync; the limit is RocksDB alone syncing the same journal
//   permits/memory       bytes a permit, by resident memory; beside the bytes of the row as it is stored (less is better)
//   permits/point-reads  GetPermit of any number, one thread; beside what the store gives of the same two rows
//   permits/queue-reads  the first 100 of an officer's queue; beside the store's 200 rows of it, one by one
//   permits/midnight     p99 of orders, one after the other, while on 1 January every permit expires; beside their p99 in the quiet minute before (less is better)
//   permits/restart      milliseconds from opening the store to the first answer; beside the 5 s of DESIGN.md section 9 (less is better)
absl::StatusOr<std::vector<BenchResult>> RunPermitsBench(const PermitsBenchOptions& options);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_PERMITS_BENCH_H_
