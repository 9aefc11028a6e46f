// `songhua bench pledges` at a small scale: that every figure is measured, that every pledge becomes active and is revalued each night, and that packs are whole.
// Not how fast anything is.
#include "simulations/pledges_bench.h"

#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "simulations/bench_directory.h"

namespace songhua::simulations {
namespace {

TEST(PledgesBenchTest, EveryFigureStandsBesideItsLimit) {
  const auto directory = BenchDirectory::Make(std::filesystem::temp_directory_path().string());
  ASSERT_TRUE(directory.ok()) << directory.status();
  const auto results = RunPledgesBench({.directory = (*directory)->path(), .pledges = 430, .packs = 50, .orders = 20});
  ASSERT_TRUE(results.ok()) << results.status();
  std::vector<std::string> names;
  for (const BenchResult& result : *results) {
    names.push_back(result.name);
    EXPECT_GT(result.value, 0) << result.name;
    EXPECT_GT(result.limit, 0) << result.name;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"pledges/revaluation", "pledges/packs", "pledges/order-lane"}));
  EXPECT_TRUE(std::filesystem::is_empty((*directory)->path())) << "the store is removed";
}

}  // namespace
}  // namespace songhua::simulations
