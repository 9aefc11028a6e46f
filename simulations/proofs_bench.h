// What proofs cost and how large they are, in process: the engine with checkpoints every second beside the engine without them, and certificates from a log and a state map of
// ten million leaves.
#ifndef SONGHUA_SIMULATIONS_PROOFS_BENCH_H_
#define SONGHUA_SIMULATIONS_PROOFS_BENCH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "simulations/bench_result.h"

namespace songhua::simulations {

struct ProofsBenchOptions {
  std::string directory;  // where stores are made; they are removed afterwards
  int accounts = 100'000;
  int contracts = 50;
  size_t commands = 2'000'000;  // of one round
  int rounds = 2;               // with and without in turns
  uint64_t leaves = 10'000'000;
  int certificates = 5'000;
};

// In this order:
//   proofs/engine    commands a second, workload `day`, with the state map's root and a checkpoint every second; beside the same without, both over all rounds
//   proofs/map       lots a second that are hashed anew when every hundredth lot of the map has changed; beside hashing as many leaves alone
//   proofs/make      certificates a second: the paths in tree and map, the log's and a witness's signature, the page; beside as many pairs of signatures
//   proofs/check     certificates checked a second; beside as many pairs of signatures verified
//   proofs/size      bytes of one certificate's file; beside its machine part
// INTERNAL where a certificate does not verify.
absl::StatusOr<std::vector<BenchResult>> RunProofsBench(const ProofsBenchOptions& options);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_PROOFS_BENCH_H_
