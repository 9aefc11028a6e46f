// The gRPC bench at a small scale: every command of every stream is answered, by the service and by the echo. Not how fast.
#include "simulations/grpc_bench.h"

#include <filesystem>

#include "gtest/gtest.h"
#include "simulations/bench_directory.h"
#include "simulations/day_market.h"
#include "simulations/echo_exchange.h"
#include "simulations/order_stream_client.h"

namespace songhua::simulations {
namespace {

TEST(GrpcBenchTest, TheServiceAnswersEveryCommandOfEveryStream) {
  auto directory = BenchDirectory::Make(std::filesystem::temp_directory_path().string());
  ASSERT_TRUE(directory.ok()) << directory.status();
  const auto result =
      RunGrpcBench({.directory = (*directory)->path(), .accounts = 60, .contracts = 4, .commands = 8'000, .rounds = 1, .streams = 4});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->name, "grpc");
  EXPECT_GT(result->value, 0);
  EXPECT_GT(result->limit, 0);
  EXPECT_LE(result->p50_ns, result->p99_ns);
}

TEST(GrpcBenchTest, TheEchoAnswersEachCommandWithOneResult) {
  auto echo = EchoExchange::Start();
  ASSERT_TRUE(echo.ok()) << echo.status();
  DayMarket market;
  market.contracts = 4;
  market.accounts = {1, 2};
  DayTrader first(&market, 0), second(&market, 1);
  const auto run = RunOrderStreams((*echo)->address(), {&first, &second}, 30, 4);
  ASSERT_TRUE(run.ok()) << run.status();
  EXPECT_EQ(run->commands, 2u * 30 * kDayBatchCommands);
  EXPECT_EQ(run->latencies_ns.size(), 60u);
  EXPECT_EQ(run->refused, 0u);
}

TEST(GrpcBenchTest, AServiceThatIsNotThereIsAnError) {
  std::string address;
  {
    auto echo = EchoExchange::Start();
    ASSERT_TRUE(echo.ok()) << echo.status();
    address = (*echo)->address();
  }
  DayMarket market;
  market.contracts = 4;
  market.accounts = {1};
  DayTrader trader(&market, 0);
  EXPECT_EQ(RunOrderStreams(address, {&trader}, 1, 1).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace songhua::simulations
