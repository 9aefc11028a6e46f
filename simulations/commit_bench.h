// One durable command at a time through the engine, beside one fdatasync of as many bytes into a preallocated file of the same directory. The two take
// turns, so that both see the same machine.
#ifndef SONGHUA_SIMULATIONS_COMMIT_BENCH_H_
#define SONGHUA_SIMULATIONS_COMMIT_BENCH_H_

#include <string>

#include "absl/status/statusor.h"
#include "simulations/bench_result.h"

namespace songhua::simulations {

struct CommitBenchOptions {
  std::string directory;  // where the store is made, on the disk that is to be measured; it is removed afterwards
  int commands = 4'000;
};

// "commit": the value is the median time in ns from submission to answer, the limit the median fdatasync; both should be small, and so should the ratio.
absl::StatusOr<BenchResult> RunCommitBench(const CommitBenchOptions& options);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_COMMIT_BENCH_H_
