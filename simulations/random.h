// Random numbers from a seed, the same on every machine: for workloads that must be the same everywhere. Not for anything secret.
#ifndef SONGHUA_SIMULATIONS_RANDOM_H_
#define SONGHUA_SIMULATIONS_RANDOM_H_

#include <cstdint>

namespace songhua::simulations {

// Sebastiano Vigna's splitmix64.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  // In [0, below). REQUIRES: below > 0.
  uint64_t Below(uint64_t below) { return Next() % below; }
  // In [low, high].
  int64_t Between(int64_t low, int64_t high) { return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low) + 1)); }

 private:
  uint64_t state_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_RANDOM_H_
