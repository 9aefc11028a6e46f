// The benches of the engine at a small scale: that they count what was answered, that the answers are the model's, and that the stores they leave replay. Not how
// fast anything is.
#include "simulations/engine_bench.h"

#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "simulations/bench_directory.h"
#include "simulations/commit_bench.h"
#include "simulations/day_market.h"
#include "simulations/day_workload.h"
#include "simulations/engine_client.h"
#include "simulations/journal_limit.h"
#include "simulations/latencies.h"

namespace songhua::simulations {
namespace {

class EngineBenchTest : public testing::Test {
 protected:
  void SetUp() override {
    auto made = BenchDirectory::Make(std::filesystem::temp_directory_path().string());
    ASSERT_TRUE(made.ok()) << made.status();
    directory_ = *std::move(made);
  }
  const std::string& path() const { return directory_->path(); }
  bool IsEmpty() const { return std::filesystem::is_empty(path()); }

 private:
  std::unique_ptr<BenchDirectory> directory_;
};

TEST_F(EngineBenchTest, TheEngineAnswersTheDayAsTheModelDoesAndItsJournalReplays) {
  const auto result = RunEngineBench({.directory = path(), .accounts = 200, .contracts = 6, .commands = 20'000, .rounds = 2, .verify = true});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->name, "engine");
  EXPECT_EQ(result->unit, "commands/s");
  EXPECT_GT(result->value, 0);
  EXPECT_GT(result->limit, 0);
  EXPECT_DOUBLE_EQ(result->ratio, result->value / result->limit);
  EXPECT_GT(result->p50_ns, 0);
  EXPECT_LE(result->p50_ns, result->p99_ns);
  EXPECT_LE(result->p99_ns, result->p999_ns);
  EXPECT_TRUE(IsEmpty()) << "a bench leaves nothing behind";
}

TEST_F(EngineBenchTest, OneCommandAtATimeIsMeasuredBesideOneSync) {
  const auto result = RunCommitBench({.directory = path(), .commands = 50});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->name, "commit");
  EXPECT_EQ(result->unit, "ns");
  EXPECT_EQ(result->value, static_cast<double>(result->p50_ns));
  EXPECT_GT(result->limit, 0);
  EXPECT_TRUE(IsEmpty());
}

TEST_F(EngineBenchTest, ADirectoryThatIsNotThereIsRefused) {
  EXPECT_EQ(RunEngineBench({.directory = path() + "/missing", .accounts = 10, .contracts = 2}).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(RunCommitBench({.directory = path() + "/missing"}).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(EngineBenchTest, AnAnswerOtherThanTheModelsIsNoticed) {
  auto engine = OpenDayEngine(path() + "/store");
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto market = BuildDayMarket(engine->get(), {.accounts = 20, .contracts = 2});
  ASSERT_TRUE(market.ok()) << market.status();
  // A model that is one command ahead expects other order numbers.
  DayStream stream(&*market, (*engine)->store().durable_sequence() + 2);
  std::vector<PreparedBatch> batches = stream.Opening();
  api::Outcome outcome;
  EngineClient client(engine->get(), 1);
  client.Submit(std::move(batches[0].message), batches[0].person, [&](api::Outcome answered) { outcome = std::move(answered); });
  client.Drain();
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_NE(WithoutHeader(outcome.answer), batches[0].expected);
}

TEST_F(EngineBenchTest, TheLimitIsMeasuredOnTheWholeJournal) {
  auto engine = OpenDayEngine(path() + "/store");
  ASSERT_TRUE(engine.ok()) << engine.status();
  ASSERT_TRUE(BuildDayMarket(engine->get(), {.accounts = 20, .contracts = 2}).ok());
  Store& store = (*engine)->store();
  const auto slice = ReadJournal(&store, 1);
  ASSERT_TRUE(slice.ok()) << slice.status();
  EXPECT_EQ(slice->commands, store.durable_sequence());
  EXPECT_EQ(slice->groups.size(), (*engine)->counts().groups + 1);  // the genesis is a group that the engine's counts leave out
  const auto rate = MeasureRocksDb(*slice, path() + "/limit");
  ASSERT_TRUE(rate.ok()) << rate.status();
  EXPECT_GT(*rate, 0);
}

// The shares of the commands as they come out, refusals included.
TEST_F(EngineBenchTest, TheDayIsMixedAsItsNameSays) {
  DayMarket market;
  market.contracts = 50;
  for (uint32_t account = 1; account <= 1'000; ++account) market.accounts.push_back(account);
  DayStream stream(&market, 1);
  (void)stream.Opening();
  size_t kinds[4] = {}, all = 0, crossing = 0;
  for (const PreparedBatch& batch : stream.Next(500)) {
    const auto& commands = static_cast<const v1::OrderBatch&>(*batch.message.request).commands();
    ASSERT_EQ(commands.size(), kDayBatchCommands);
    for (const v1::OrderCommand& command : commands) {
      ++all;
      ++kinds[command.kind()];
      const int64_t distance = command.price_fen() - DayMarket::kReferencePriceFen;
      crossing += command.kind() == v1::OrderCommand::PLACE && (command.side() == v1::BUY) == (distance > 0);
    }
  }
  const auto percent = [all](size_t count) { return static_cast<double>(count) * 100 / static_cast<double>(all); };
  EXPECT_NEAR(percent(crossing), 10, 1);
  EXPECT_NEAR(percent(kinds[v1::OrderCommand::PLACE] - crossing), 40, 5);
  EXPECT_NEAR(percent(kinds[v1::OrderCommand::CANCEL]), 40, 5);
  EXPECT_NEAR(percent(kinds[v1::OrderCommand::REPLACE]), 10, 1);
}

TEST_F(EngineBenchTest, TheDayIsTheSameEveryTime) {
  DayMarket market;
  market.contracts = 4;
  for (uint32_t account = 1; account <= 50; ++account) market.accounts.push_back(account);
  std::string runs[2];
  for (std::string& run : runs) {
    DayStream stream(&market, 1);
    for (const PreparedBatch& batch : stream.Opening()) run += batch.message.canonical + batch.expected;
    for (const PreparedBatch& batch : stream.Next(50)) run += batch.message.canonical + batch.expected;
  }
  EXPECT_EQ(runs[0], runs[1]);
}

TEST(LatenciesTest, QuantilesAreValuesThatWereMeasured) {
  std::vector<int64_t> latencies;
  for (int64_t i = 1'000; i >= 1; --i) latencies.push_back(i);
  const Quantiles quantiles = QuantilesOf(latencies);
  EXPECT_EQ(quantiles.p50_ns, 500);
  EXPECT_EQ(quantiles.p99_ns, 990);
  EXPECT_EQ(quantiles.p999_ns, 999);
  EXPECT_EQ(QuantilesOf({}).p99_ns, 0);
  EXPECT_EQ(QuantilesOf({7}).p999_ns, 7);
}

}  // namespace
}  // namespace songhua::simulations
