#include "simulations/grpc_bench.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "api/server.h"
#include "ledger/check.h"
#include "ledger/refusal.h"
#include "simulations/bench_directory.h"
#include "simulations/day_market.h"
#include "simulations/day_workload.h"
#include "simulations/echo_exchange.h"
#include "simulations/engine_client.h"
#include "simulations/latencies.h"
#include "simulations/order_stream_client.h"

namespace songhua::simulations {
namespace {

constexpr size_t kOpeningInFlight = 32;

std::vector<DayTrader*> Pointers(const std::vector<std::unique_ptr<DayTrader>>& traders) {
  std::vector<DayTrader*> pointers;
  for (const auto& trader : traders) pointers.push_back(trader.get());
  return pointers;
}

// Everybody's orders at the opening, past the network.
absl::Status Open(api::Engine* engine, DayStream* stream) {
  absl::Status first_failure;
  {
    EngineClient client(engine, kOpeningInFlight);
    for (PreparedBatch& batch : stream->Opening()) {
      client.Submit(std::move(batch.message), std::move(batch.person), [&first_failure](api::Outcome outcome) {
        if (first_failure.ok()) first_failure = outcome.status;  // one commit thread calls
      });
    }
  }
  return first_failure;
}

}  // namespace

absl::StatusOr<BenchResult> RunGrpcBench(const GrpcBenchOptions& options) {
  auto directory = BenchDirectory::Make(options.directory);
  SONGHUA_RETURN_IF_ERROR(directory.status());
  api::ServerOptions server_options;
  server_options.engine = DayEngineOptions((*directory)->path() + "/store");
  server_options.listen = {"127.0.0.1:0"};
  auto server = api::Server::Start(std::move(server_options));
  SONGHUA_RETURN_IF_ERROR(server.status());
  api::Engine& engine = (*server)->engine();
  SONGHUA_ASSIGN_OR_RETURN(const DayMarket market, BuildDayMarket(&engine, {.accounts = options.accounts, .contracts = options.contracts}));
  DayStream stream(&market, engine.store().durable_sequence() + 1);
  SONGHUA_RETURN_IF_ERROR(Open(&engine, &stream));
  auto echo = EchoExchange::Start();
  SONGHUA_RETURN_IF_ERROR(echo.status());

  const std::vector<std::unique_ptr<DayTrader>> traders = stream.TakeActiveTraders(options.streams);
  std::vector<std::unique_ptr<DayTrader>> of_echo;
  for (const auto& trader : traders) of_echo.push_back(std::make_unique<DayTrader>(&market, trader->trader()));
  const std::string address = "127.0.0.1:" + std::to_string((*server)->port());
  const size_t batches = std::max<size_t>(1, options.commands / kDayBatchCommands / traders.size());
  BenchResult result{.name = "grpc", .unit = "commands/s"};
  uint64_t refused = 0, commands = 0;
  for (int i = 0; i < options.rounds; ++i) {
    SONGHUA_RETURN_IF_ERROR(engine.store().CheckpointState());  // what was done before is not to be paid by this round
    SONGHUA_ASSIGN_OR_RETURN(const StreamRunResult limit,
                             RunOrderStreams((*echo)->address(), Pointers(of_echo), batches, options.batches_in_flight));
    SONGHUA_ASSIGN_OR_RETURN(StreamRunResult run, RunOrderStreams(address, Pointers(traders), batches, options.batches_in_flight));
    result.limit = std::max(result.limit, limit.commands_per_second);
    refused += run.refused;
    commands += run.commands;
    if (run.commands_per_second <= result.value) continue;
    result.value = run.commands_per_second;
    const Quantiles quantiles = QuantilesOf(std::move(run.latencies_ns));
    result.p50_ns = quantiles.p50_ns;
    result.p99_ns = quantiles.p99_ns;
    result.p999_ns = quantiles.p999_ns;
  }
  result.ratio = result.value / result.limit;
  result.note = std::to_string(traders.size()) + " streams, " + std::to_string(refused * 100 / commands) + "% refused: orders that others had filled";
  (*server)->Drain();
  engine.state_at_start().exchange.CheckInvariants();
  return result;
}

}  // namespace songhua::simulations
