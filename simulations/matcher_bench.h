// The matcher alone: one thread, in memory, each workload of simulations/matcher_workloads.h through exchange/tick_ladder.h.
#ifndef SONGHUA_SIMULATIONS_MATCHER_BENCH_H_
#define SONGHUA_SIMULATIONS_MATCHER_BENCH_H_

#include <cstddef>
#include <vector>

#include "simulations/bench_result.h"

namespace songhua::simulations {

struct MatcherBenchOptions {
  size_t messages = 2'000'000;  // a workload
  int repeats = 7;              // each figure is the best of so many passes: what the machine does when nobody disturbs it
};

// For each workload "matcher/<workload>": messages a second in a pass without clocks, latencies from a pass with a clock read after each
// message (less what reading the clock costs), and as the limit the rate of a plain multimap book on the same messages. The two books'
// events are compared. The note says what one load took from as much memory as the deepest book has, at best and at worst between the passes: how much of
// the machine's caches others used meanwhile. Then "matcher/memory": bytes per resting order with a million at rest, against the bound of 96.
std::vector<BenchResult> RunMatcherBench(const MatcherBenchOptions& options = {});

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_MATCHER_BENCH_H_
