// Quantiles of measured times.
#ifndef SONGHUA_SIMULATIONS_LATENCIES_H_
#define SONGHUA_SIMULATIONS_LATENCIES_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace songhua::simulations {

inline int64_t SteadyNanos() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Quantiles {
  int64_t p50_ns = 0;
  int64_t p99_ns = 0;
  int64_t p999_ns = 0;
};

// Zeros where nothing was measured.
inline Quantiles QuantilesOf(std::vector<int64_t> latencies_ns) {
  if (latencies_ns.empty()) return {};
  std::sort(latencies_ns.begin(), latencies_ns.end());
  const auto quantile = [&](size_t per_mille) { return latencies_ns[(latencies_ns.size() - 1) * per_mille / 1000]; };
  return {quantile(500), quantile(990), quantile(999)};
}

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_LATENCIES_H_
