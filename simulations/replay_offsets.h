// `songhua replay offsets`: issues the blocks that lists of serial ranges imply and retires or cancels them range by range, through the
// public API and nothing else: in file order, and again on a second, fresh store in an order shuffled by a seed.
//
// Each registry (ACR, CAR, Gold Standard, Verra, others by the leading letters of their serials) is a program of its own; each issuance has
// an account of its own. Retirements are surrenders with the year of the retirement, cancellations are cancellations. offset_plan.h says
// what an issuance is taken to have issued.
//
// Compared: quantity and length of each range, vintage and project in and beside the serial number, that each range could be retired (none
// of it was before: no overlap), that a second attempt was refused, in both orders; what is left of each issuance beside an independent
// calculation; and the final ledgers of both orders: totals of every instrument and remaining serial blocks of every issuance.
#ifndef SONGHUA_SIMULATIONS_REPLAY_OFFSETS_H_
#define SONGHUA_SIMULATIONS_REPLAY_OFFSETS_H_

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "simulations/comparison.h"

namespace songhua::simulations {

struct OffsetsReplayOptions {
  std::vector<std::string> paths;
  uint64_t seed = 1;
};

// Prints a summary, the differences, and the last line `matched N of M`. An error means that nothing could be compared: a file that cannot
// be read or lacks columns, or a service that does not start.
absl::StatusOr<Comparison> ReplayOffsets(const OffsetsReplayOptions& options, std::ostream& out);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_REPLAY_OFFSETS_H_
