// `songhua bench ledger` at a small scale: that every figure is measured and the plan is granted whole. Not how fast anything is.
#include "simulations/ledger_bench.h"

#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "simulations/bench_directory.h"

namespace songhua::simulations {
namespace {

TEST(LedgerBenchTest, EveryFigureStandsBesideItsLimit) {
  const auto directory = BenchDirectory::Make(std::filesystem::temp_directory_path().string());
  ASSERT_TRUE(directory.ok()) << directory.status();
  const auto results =
      RunLedgerBench({.directory = (*directory)->path(), .enterprises = 40, .sites = 1'200, .transfers = 300, .blocks = 20, .reads = 50});
  ASSERT_TRUE(results.ok()) << results.status();
  std::vector<std::string> names;
  for (const BenchResult& result : *results) {
    names.push_back(result.name);
    EXPECT_GT(result.value, 0) << result.name;
    EXPECT_GT(result.limit, 0) << result.name;
  }
  EXPECT_EQ(names, (std::vector<std::string>{"ledger/accounts", "ledger/postings", "ledger/statements", "ledger/holdings", "ledger/blocks",
                                             "ledger/allocation", "ledger/restart"}));
  EXPECT_TRUE(std::filesystem::is_empty((*directory)->path())) << "the store is removed";
}

}  // namespace
}  // namespace songhua::simulations
