// `songhua bench permits` at a small scale: that every figure is measured, that every permit comes in, and that all have expired after the night. Not how fast
// anything is.
#include "simulations/permits_bench.h"

#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "simulations/bench_directory.h"

namespace songhua::simulations {
namespace {

TEST(PermitsBenchTest, EveryFigureStandsBesideItsLimit) {
  const auto directory = BenchDirectory::Make(std::filesystem::temp_directory_path().string());
  ASSERT_TRUE(directory.ok()) << directory.status();
  const auto results =
      RunPermitsBench({.directory = (*directory)->path(), .permits = 730, .cases = 120, .reads = 100, .pages = 3, .orders = 20});
  ASSERT_TRUE(results.ok()) << results.status();
  std::vector<std::string> names;
  for (const BenchResult& result : *results) {
    names.push_back(result.name);
    EXPECT_GT(result.value, 0) << result.name;
    EXPECT_GT(result.limit, 0) << result.name;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"permits/load", "permits/memory", "permits/point-reads", "permits/queue-reads", "permits/midnight",
                                             "permits/restart"}));
  EXPECT_TRUE(std::filesystem::is_empty((*directory)->path())) << "the store is removed";
}

}  // namespace
}  // namespace songhua::simulations
