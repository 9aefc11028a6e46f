// The engine as a whole, in process: the workload `day` with full risk checks, ledger and settlement, each answer after its sync; and one durable command at a
// time. Each beside what the disk would allow, measured in the same run.
#ifndef SONGHUA_SIMULATIONS_ENGINE_BENCH_H_
#define SONGHUA_SIMULATIONS_ENGINE_BENCH_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "simulations/bench_result.h"

namespace songhua::simulations {

struct EngineBenchOptions {
  std::string directory;  // where the store is made, on the disk that is to be measured; it is removed afterwards
  int accounts = 100'000;
  int contracts = 50;
  size_t commands = 2'000'000;  // of one round
  int rounds = 3;               // the best counts: what the machine does when nobody disturbs it
  size_t batches_in_flight = 32;
  // Afterwards replays the whole journal and compares everything (api/verify.h).
  bool verify = false;
};

// "engine": commands a second; latencies from a batch's submission to its answer; the limit is RocksDB alone syncing the same journal (journal_limit.h).
// Every answer is compared with the workload's model, and the market's invariants are checked at the end. INTERNAL where an answer is another.
absl::StatusOr<BenchResult> RunEngineBench(const EngineBenchOptions& options);

// Commands a second over all rounds together, each of `commands`, about a second's worth. With `roots`, each round ends with a root of the state map and the proof of a
// certificate, durable.
absl::StatusOr<double> MeasureDayRounds(const EngineBenchOptions& options, bool roots);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_ENGINE_BENCH_H_
