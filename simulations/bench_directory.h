// A directory for the stores of one bench; gone with everything in it when the bench ends.
#ifndef SONGHUA_SIMULATIONS_BENCH_DIRECTORY_H_
#define SONGHUA_SIMULATIONS_BENCH_DIRECTORY_H_

#include <stdlib.h>

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace songhua::simulations {

class BenchDirectory {
 public:
  // Made inside `parent`, which must be there. UNAVAILABLE says why it cannot be.
  static absl::StatusOr<std::unique_ptr<BenchDirectory>> Make(const std::string& parent) {
    std::string pattern = parent + "/songhua-bench-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) {
      return absl::UnavailableError("making a directory in " + parent + ": " + std::error_code(errno, std::generic_category()).message());
    }
    return std::unique_ptr<BenchDirectory>(new BenchDirectory(pattern));
  }
  ~BenchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  BenchDirectory(const BenchDirectory&) = delete;
  BenchDirectory& operator=(const BenchDirectory&) = delete;

  const std::string& path() const { return path_; }

 private:
  explicit BenchDirectory(std::string path) : path_(std::move(path)) {}
  const std::string path_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_BENCH_DIRECTORY_H_
