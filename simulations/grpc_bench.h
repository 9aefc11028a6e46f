// The workload `day` through Exchange.StreamOrders on loopback: service and clients in one process, sharing its processors, beside an echo service of the
// same method, which answers each batch with an answer of the same shape and does nothing else.
#ifndef SONGHUA_SIMULATIONS_GRPC_BENCH_H_
#define SONGHUA_SIMULATIONS_GRPC_BENCH_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "simulations/bench_result.h"

namespace songhua::simulations {

struct GrpcBenchOptions {
  std::string directory;  // where the store is made, on the disk that is to be measured; it is removed afterwards
  int accounts = 100'000;
  int contracts = 50;
  size_t commands = 1'000'000;  // of one round
  int rounds = 3;               // the best counts
  int streams = 16;             // traders, each with a stream of his own
  size_t batches_in_flight = 4;  // of one stream
};

// "grpc": commands a second; latencies from a batch's sending to its answer; the limit is the echo service. INTERNAL where a batch was not answered
// command by command.
absl::StatusOr<BenchResult> RunGrpcBench(const GrpcBenchOptions& options);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_GRPC_BENCH_H_
