// Random values for property tests: one fixed seed a test, printed when the test fails, and a mix that meets the edges often.
#ifndef SONGHUA_TESTS_LEDGER_SEEDED_VALUES_H_
#define SONGHUA_TESTS_LEDGER_SEEDED_VALUES_H_

#include <cstdint>
#include <iterator>
#include <limits>
#include <random>
#include <string>

namespace songhua {

class SeededValues {
 public:
  explicit SeededValues(uint64_t seed) : seed_(seed), engine_(seed) {}

  // For SCOPED_TRACE.
  std::string Trace() const { return "seed " + std::to_string(seed_); }

  // Uniform in [low, high]. std::uniform_int_distribution differs between libraries, so it is not used here.
  int64_t Between(int64_t low, int64_t high) {
    const uint64_t width = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
    const uint64_t offset = width == std::numeric_limits<uint64_t>::max() ? engine_() : engine_() % (width + 1);
    return static_cast<int64_t>(static_cast<uint64_t>(low) + offset);
  }
  bool OneIn(int64_t n) { return Between(1, n) == 1; }

  // Any int64: half the time an edge or a neighbour of one, else a number of random length.
  int64_t Any() {
    constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
    constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
    constexpr int64_t kEdges[] = {kMin,     kMin + 1, kMin / 2, -(int64_t{1} << 32), -1, 0, 1, 2, int64_t{1} << 31, int64_t{1} << 32,
                                  kMax / 2, kMax - 1, kMax};
    if (OneIn(2)) return kEdges[Between(0, static_cast<int64_t>(std::size(kEdges)) - 1)];
    return static_cast<int64_t>(engine_()) >> Between(0, 63);
  }
  // Any int64 from 1 on, with the same mix.
  int64_t AnyPositive() {
    const int64_t value = Any();
    if (value == std::numeric_limits<int64_t>::min()) return std::numeric_limits<int64_t>::max();
    return value == 0 ? 1 : value < 0 ? -value : value;
  }

 private:
  uint64_t seed_;
  std::mt19937_64 engine_;
};

}  // namespace songhua

#endif  // SONGHUA_TESTS_LEDGER_SEEDED_VALUES_H_
