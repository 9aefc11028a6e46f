// One line of `songhua bench`: a figure beside its limit from the same run, because on a shared machine only the ratio means something.
#ifndef SONGHUA_SIMULATIONS_BENCH_RESULT_H_
#define SONGHUA_SIMULATIONS_BENCH_RESULT_H_

#include <cstdint>
#include <string>

namespace songhua::simulations {

struct BenchResult {
  std::string name;    // "matcher/normal"
  double value = 0;    // in `unit`
  std::string unit;    // "msgs/s"
  int64_t p50_ns = 0;  // of one message or command; 0 where latency was not measured
  int64_t p99_ns = 0;
  int64_t p999_ns = 0;
  double limit = 0;  // what it is compared with, in `unit`, measured in the same run unless it is a fixed bound
  double ratio = 0;  // value / limit
  std::string note = {};  // for people: the circumstances of the figure
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_BENCH_RESULT_H_
