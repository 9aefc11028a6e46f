// Clients of Exchange.StreamOrders as a trader's program would be one: each keeps some batches of its own stream in flight and learns from the answers.
#ifndef SONGHUA_SIMULATIONS_ORDER_STREAM_CLIENT_H_
#define SONGHUA_SIMULATIONS_ORDER_STREAM_CLIENT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "simulations/day_workload.h"

namespace songhua::simulations {

struct StreamRunResult {
  uint64_t commands = 0;
  uint64_t refused = 0;  // of them
  double commands_per_second = 0;
  std::vector<int64_t> latencies_ns;  // of each batch, from its sending to its answer
};

// Lets every trader send `batches` batches on a stream of his own to the service at `address`, and waits for all answers. The error is the first stream's
// that ended otherwise than well, or INTERNAL where an answer was not one of each command.
absl::StatusOr<StreamRunResult> RunOrderStreams(const std::string& address, const std::vector<DayTrader*>& traders, size_t batches,
                                                size_t batches_in_flight);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_ORDER_STREAM_CLIENT_H_
