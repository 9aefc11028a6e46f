#include "simulations/engine_bench.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "api/verify.h"
#include "ledger/check.h"
#include "ledger/lot_commitments.h"
#include "ledger/refusal.h"
#include "simulations/bench_directory.h"
#include "simulations/day_market.h"
#include "simulations/day_workload.h"
#include "simulations/engine_client.h"
#include "simulations/engine_requests.h"
#include "simulations/journal_limit.h"
#include "simulations/latencies.h"
#include "songhua/v1/certificates.pb.h"

namespace songhua::simulations {
namespace {

struct Round {
  double commands_per_second = 0;
  Quantiles latencies;
};

// Submits the batches, waits for their answers, and compares these afterwards.
absl::StatusOr<Round> RunRound(api::Engine* engine, std::vector<PreparedBatch> batches, size_t batches_in_flight) {
  struct Answered {
    int64_t submitted_ns = 0;
    int64_t answered_ns = 0;
    api::Outcome outcome;
  };
  std::vector<Answered> answered(batches.size());
  size_t commands = 0;
  for (const PreparedBatch& batch : batches) commands += api::CommandCount(batch.message);

  const int64_t start = SteadyNanos();
  {
    EngineClient client(engine, batches_in_flight);
    for (size_t i = 0; i < batches.size(); ++i) {
      Answered* answer = &answered[i];
      client.Submit(std::move(batches[i].message), std::move(batches[i].person), [answer](api::Outcome outcome) {
        answer->answered_ns = SteadyNanos();
        answer->outcome = std::move(outcome);
      }, &answer->submitted_ns);
    }
    client.Drain();
  }
  Round round;
  round.commands_per_second = static_cast<double>(commands) * 1e9 / static_cast<double>(SteadyNanos() - start);

  std::vector<int64_t> latencies;
  latencies.reserve(batches.size());
  for (size_t i = 0; i < batches.size(); ++i) {
    SONGHUA_RETURN_IF_ERROR(answered[i].outcome.status);
    if (WithoutHeader(answered[i].outcome.answer) != batches[i].expected) {
      return absl::InternalError("batch " + std::to_string(i) + " was answered otherwise than its model says");
    }
    latencies.push_back(answered[i].answered_ns - answered[i].submitted_ns);
  }
  round.latencies = QuantilesOf(std::move(latencies));
  return round;
}

absl::Status VerifyStore(const std::string& path) {
  StoreOptions options;
  options.path = path;
  auto store = Store::Open(options);
  SONGHUA_RETURN_IF_ERROR(store.status());
  return api::Verify({.store = store->get()}, nullptr).status();
}

}  // namespace

absl::StatusOr<BenchResult> RunEngineBench(const EngineBenchOptions& options) {
  auto directory = BenchDirectory::Make(options.directory);
  SONGHUA_RETURN_IF_ERROR(directory.status());
  const std::string path = (*directory)->path() + "/store";
  auto engine = OpenDayEngine(path);
  SONGHUA_RETURN_IF_ERROR(engine.status());
  SONGHUA_ASSIGN_OR_RETURN(const DayMarket market, BuildDayMarket(engine->get(), {.accounts = options.accounts, .contracts = options.contracts}));
  Store& store = (*engine)->store();
  DayStream stream(&market, store.durable_sequence() + 1);
  SONGHUA_RETURN_IF_ERROR(RunRound(engine->get(), stream.Opening(), options.batches_in_flight).status());

  BenchResult result{.name = "engine", .unit = "commands/s"};
  uint64_t groups = 0, bytes = 0, commands = 0;
  for (int i = 0; i < options.rounds; ++i) {
    // What the rounds before have left for the background is not to be paid by this one.
    SONGHUA_RETURN_IF_ERROR(store.CheckpointState());
    const uint64_t first = store.durable_sequence() + 1;
    SONGHUA_ASSIGN_OR_RETURN(const Round round, RunRound(engine->get(), stream.Next(options.commands / kDayBatchCommands), options.batches_in_flight));
    if (round.commands_per_second > result.value) {
      result.value = round.commands_per_second;
      result.p50_ns = round.latencies.p50_ns;
      result.p99_ns = round.latencies.p99_ns;
      result.p999_ns = round.latencies.p999_ns;
    }
    SONGHUA_RETURN_IF_ERROR(store.CheckpointState());
    SONGHUA_ASSIGN_OR_RETURN(const JournalSlice slice, ReadJournal(&store, first));
    SONGHUA_ASSIGN_OR_RETURN(const double limit, MeasureRocksDb(slice, (*directory)->path() + "/limit-" + std::to_string(i)));
    result.limit = std::max(result.limit, limit);
    groups += slice.groups.size();
    bytes += slice.bytes;
    commands += slice.commands;
  }
  result.ratio = result.value / result.limit;
  result.note = std::to_string(options.accounts) + " accounts, " + std::to_string(stream.resting()) + " orders at rest, " +
                std::to_string(commands / std::max<uint64_t>(groups, 1)) + " commands a sync, " +
                std::to_string(bytes / std::max<uint64_t>(commands, 1)) + " journal bytes a command";
  (*engine)->Stop();
  (*engine)->state_at_start().exchange.CheckInvariants();
  engine->reset();
  if (options.verify) SONGHUA_RETURN_IF_ERROR(VerifyStore(path));
  return result;
}

namespace {

// Has a lot certified, and waits until the root that proves it is durable. How many sequences that took.
absl::StatusOr<uint64_t> PutRoot(api::Engine* engine, EngineRequests* requests) {
  const uint64_t before = engine->store().durable_sequence();
  auto request = std::make_unique<v1::IssueCertificateRequest>();
  request->set_subject("lots/1");
  SONGHUA_RETURN_IF_ERROR(requests->Call("Certificates/IssueCertificate", "registrar", std::move(request)));
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (std::chrono::steady_clock::now() < until) {
    SONGHUA_ASSIGN_OR_RETURN(const auto read, engine->store().Get(static_cast<TableId>(RowTable::kMapState), EncodeRowKey(uint32_t{0})));
    ledger::MapStateRow map;
    if (read.found) SONGHUA_RETURN_IF_ERROR(DecodeValue(read.value, &map));
    if (map.sequence > before) return map.sequence - before;
    std::this_thread::sleep_for(std::chrono::microseconds(200));
  }
  return absl::DeadlineExceededError("no root came in a minute");
}

}  // namespace

absl::StatusOr<double> MeasureDayRounds(const EngineBenchOptions& options, bool roots) {
  auto directory = BenchDirectory::Make(options.directory);
  SONGHUA_RETURN_IF_ERROR(directory.status());
  auto engine = OpenDayEngine((*directory)->path() + "/store");
  SONGHUA_RETURN_IF_ERROR(engine.status());
  SONGHUA_ASSIGN_OR_RETURN(const DayMarket market, BuildDayMarket(engine->get(), {.accounts = options.accounts, .contracts = options.contracts}));
  DayStream stream(&market, (*engine)->store().durable_sequence() + 1);
  SONGHUA_RETURN_IF_ERROR(RunRound(engine->get(), stream.Opening(), options.batches_in_flight).status());
  EngineRequests requests(engine->get(), kDayOfMarket, "roots");
  const auto put_root = [&]() -> absl::Status {
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t sequences, PutRoot(engine->get(), &requests));
    stream.Skip(sequences);
    return absl::OkStatus();
  };
  if (roots) SONGHUA_RETURN_IF_ERROR(put_root());  // the first fills the map
  double seconds = 0;
  for (int i = 0; i < options.rounds; ++i) {
    std::vector<PreparedBatch> batches = stream.Next(options.commands / kDayBatchCommands);
    const int64_t start = SteadyNanos();
    SONGHUA_RETURN_IF_ERROR(RunRound(engine->get(), std::move(batches), options.batches_in_flight).status());
    if (roots) SONGHUA_RETURN_IF_ERROR(put_root());
    seconds += static_cast<double>(SteadyNanos() - start) / 1e9;
  }
  return static_cast<double>(options.commands) * options.rounds / seconds;
}

}  // namespace songhua::simulations
