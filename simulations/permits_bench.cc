#include "simulations/permits_bench.h"

#include <malloc.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <memory>
#include <utility>

#include "api/engine/timers.h"
#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/refusal.h"
#include "ledger/snapshot.h"
#include "permits/deadlines.h"
#include "permits/permits.h"
#include "simulations/bench_directory.h"
#include "simulations/day_market.h"
#include "simulations/engine_reader.h"
#include "simulations/journal_limit.h"
#include "simulations/latencies.h"
#include "simulations/lone_trader.h"
#include "simulations/permit_province.h"
#include "simulations/random.h"
#include "songhua/v1/deadlines.pb.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/operations.pb.h"
#include "songhua/v1/permits.pb.h"

namespace songhua::simulations {
namespace {

constexpr int kPageRows = 100;
constexpr int kTraders = 100;
constexpr double kRestartLimitMs = 5'000;         // DESIGN.md section 9
constexpr int64_t kNightNsMax = 120'000'000'000;  // then the night is over, whatever is left to do
constexpr uint64_t kSeed = 20270101;

double Seconds(int64_t ns) { return static_cast<double>(ns) / 1e9; }

int64_t ResidentBytes() {
  malloc_trim(0);
  std::ifstream file("/proc/self/statm");
  int64_t total = 0, resident = 0;
  file >> total >> resident;
  return resident * sysconf(_SC_PAGESIZE);
}

class PermitsBench {
 public:
  explicit PermitsBench(const PermitsBenchOptions& options) : options_(options), day_(MakeDate(2026, 12, 31)) {}

  absl::StatusOr<std::vector<BenchResult>> Run() {
    SONGHUA_ASSIGN_OR_RETURN(directory_, BenchDirectory::Make(options_.directory));
    SONGHUA_RETURN_IF_ERROR(Open());
    SONGHUA_RETURN_IF_ERROR(BuildDayMarket(engine_.get(), {.accounts = kTraders, .contracts = 1, .day = day_}).status());
    province_ = std::make_unique<PermitProvince>(engine_.get(), PermitProvinceOptions{.permits = options_.permits, .cases = options_.cases, .day = day_});
    SONGHUA_RETURN_IF_ERROR(province_->Build());
    SONGHUA_RETURN_IF_ERROR(Load());
    SONGHUA_RETURN_IF_ERROR(Memory());
    SONGHUA_RETURN_IF_ERROR(PointReads());
    SONGHUA_RETURN_IF_ERROR(QueueReads());
    SONGHUA_RETURN_IF_ERROR(Midnight());
    SONGHUA_RETURN_IF_ERROR(Restart());
    return std::move(results_);
  }

 private:
  absl::Status Open() {
    auto engine = api::Engine::Open(DayEngineOptions((*directory_).path() + "/store", day_));
    SONGHUA_RETURN_IF_ERROR(engine.status());
    engine_ = *std::move(engine);
    engine_->AddListener([this](const api::ReleasedGroup& group) { CountSlices(group.events); });
    return absl::OkStatus();
  }

  // Slices of the night's work on permits.
  void CountSlices(std::string_view events) {
    EventReader reader(events);
    EventType type;
    std::string_view payload;
    while (reader.Next(&type, &payload)) {
      api::TimerRow timer;
      if (type == EventType::kTimerFired && DecodeValue(payload, &timer).ok() && timer.kind == api::TimerKind::kExpirePermits) ++slices_;
    }
  }

  void Add(BenchResult result) {
    result.ratio = result.limit == 0 ? 0 : result.value / result.limit;
    results_.push_back(std::move(result));
  }

  absl::Status Load() {
    Store& store = engine_->store();
    SONGHUA_RETURN_IF_ERROR(store.CheckpointState());
    const uint64_t first = store.durable_sequence() + 1;
    const int64_t start = SteadyNanos();
    SONGHUA_RETURN_IF_ERROR(province_->StageImport());
    const int64_t staged = SteadyNanos();
    SONGHUA_RETURN_IF_ERROR(province_->ApproveImport());
    const int64_t approved = SteadyNanos();
    SONGHUA_RETURN_IF_ERROR(store.CheckpointState());
    SONGHUA_ASSIGN_OR_RETURN(const JournalSlice slice, ReadJournal(&store, first));
    SONGHUA_ASSIGN_OR_RETURN(const double limit, MeasureRocksDb(slice, directory_->path() + "/limit"));
    BenchResult result{.name = "permits/load", .unit = "permits/s"};
    result.value = options_.permits / Seconds(staged - start);
    result.limit = limit * options_.permits / static_cast<double>(slice.commands);
    result.note = std::to_string(options_.permits) + " permits in " + std::to_string(province_->chunks()) + " chunks, " +
                  std::to_string(slice.bytes / options_.permits) + " journal bytes a permit; approved in " +
                  std::to_string((approved - staged) / 1'000) + " us";
    Add(std::move(result));
    return absl::OkStatus();
  }

  // The rows in tables of their own, as a start loads them: nothing else of the engine moves meanwhile.
  absl::Status Memory() {
    SONGHUA_ASSIGN_OR_RETURN(const auto snapshot, engine_->store().OpenSnapshot());
    std::vector<std::string> rows;
    size_t bytes = 0;
    SONGHUA_RETURN_IF_ERROR(snapshot->Scan({.table = static_cast<TableId>(RowTable::kPermits), .prefix = {}, .start_after = {}}, [&](std::string_view, std::string_view value) {
      rows.emplace_back(value);
      bytes += value.size();
      return true;
    }));
    SONGHUA_CHECK(rows.size() == static_cast<size_t>(options_.permits));
    const int64_t before = ResidentBytes();
    TableSet tables;
    permits::Permits permits(&tables, nullptr, nullptr, nullptr, nullptr);
    for (const std::string& row : rows) SONGHUA_RETURN_IF_ERROR(tables.Load(static_cast<TableId>(RowTable::kPermits), row));
    tables.FinishLoad();
    const int64_t after = ResidentBytes();
    BenchResult result{.name = "permits/memory", .unit = "bytes"};
    result.value = static_cast<double>(after - before) / options_.permits;
    result.limit = static_cast<double>(bytes) / static_cast<double>(rows.size());
    result.note = "of a permit with its places in all indexes; beside its row as stored; less is better";
    Add(std::move(result));
    return absl::OkStatus();
  }

  absl::Status PointReads() {
    EngineReader reader(engine_.get());
    SONGHUA_RETURN_IF_ERROR(engine_->store().CheckpointState());
    std::vector<int64_t> latencies;
    latencies.reserve(options_.reads);
    Random random(kSeed);
    const int64_t start = SteadyNanos();
    for (int i = 0; i < options_.reads; ++i) {
      v1::GetPermitRequest request;
      request.set_name(province_->PermitName(static_cast<int>(random.Below(options_.permits))));
      const int64_t began = SteadyNanos();
      const auto answer = reader.Read<v1::PermitAnswer>("Permits/GetPermit", request);
      SONGHUA_RETURN_IF_ERROR(answer.status());
      SONGHUA_CHECK(answer->permit().name() == request.name());
      latencies.push_back(SteadyNanos() - began);
    }
    const int64_t ended = SteadyNanos();
    BenchResult result{.name = "permits/point-reads", .unit = "reads/s"};
    result.value = options_.reads / Seconds(ended - start);
    Random again(kSeed);
    for (int i = 0; i < options_.reads; ++i) {
      permits::PermitRow row;
      row.number = province_->PermitName(static_cast<int>(again.Below(options_.permits))).substr(sizeof("permits/") - 1);
      row.import_number = 1;
      SONGHUA_RETURN_IF_ERROR(engine_->store().Get(static_cast<TableId>(RowTable::kPermits), EncodeRowKey(row.Key())).status());
      SONGHUA_RETURN_IF_ERROR(engine_->store().Get(static_cast<TableId>(RowTable::kPermitContents), EncodeRowKey(row.ContentKey())).status());
    }
    result.limit = options_.reads / Seconds(SteadyNanos() - ended);
    const Quantiles quantiles = QuantilesOf(std::move(latencies));
    result.p50_ns = quantiles.p50_ns;
    result.p99_ns = quantiles.p99_ns;
    result.p999_ns = quantiles.p999_ns;
    result.note = "GetPermit, one thread; beside the two rows from the store alone";
    Add(std::move(result));
    return absl::OkStatus();
  }

  absl::Status QueueReads() {
    EngineReader reader(engine_.get());
    SONGHUA_RETURN_IF_ERROR(reader.SignIn(PermitProvince::kIntake));
    v1::ListDeadlinesRequest request;
    request.mutable_page()->set_page_size(kPageRows);
    std::vector<int64_t> latencies;
    std::vector<permits::DeadlineQueueRow> page;
    const int64_t start = SteadyNanos();
    for (int i = 0; i < options_.pages; ++i) {
      const int64_t began = SteadyNanos();
      const auto answer = reader.Read<v1::ListDeadlinesAnswer>("Deadlines/ListDeadlines", request);
      SONGHUA_RETURN_IF_ERROR(answer.status());
      latencies.push_back(SteadyNanos() - began);
      if (answer->deadlines_size() != std::min(kPageRows, options_.cases)) return absl::InternalError("the queue's first page is not full");
      if (!page.empty()) continue;
      for (const v1::Deadline& deadline : answer->deadlines()) {
        SONGHUA_ASSIGN_OR_RETURN(const Date due, ParseDate(deadline.due_date(), "due_date"));
        page.push_back({due, std::stoull(deadline.name().substr(sizeof("deadlines/") - 1))});
      }
    }
    const int64_t ended = SteadyNanos();
    BenchResult result{.name = "permits/queue-reads", .unit = "pages/s"};
    result.value = options_.pages / Seconds(ended - start);
    for (int i = 0; i < options_.pages; ++i) {
      for (const permits::DeadlineQueueRow& row : page) {
        SONGHUA_RETURN_IF_ERROR(engine_->store().Get(static_cast<TableId>(RowTable::kDeadlineQueue), EncodeRowKey(row.Key())).status());
        SONGHUA_RETURN_IF_ERROR(engine_->store().Get(static_cast<TableId>(RowTable::kDeadlines), EncodeRowKey(row.number)).status());
      }
    }
    result.limit = options_.pages / Seconds(SteadyNanos() - ended);
    const Quantiles quantiles = QuantilesOf(std::move(latencies));
    result.p50_ns = quantiles.p50_ns;
    result.p99_ns = quantiles.p99_ns;
    result.p999_ns = quantiles.p999_ns;
    result.note = "pages of 100 of " + std::to_string(options_.cases) + " open deadlines, each explained; beside their 200 rows from the store one by one";
    Add(std::move(result));
    return absl::OkStatus();
  }

  // Into the new year, with the session open again.
  absl::Status EnterTheNewYear() {
    const Date today = day_ + 1;
    auto clock = std::make_unique<v1::AdvanceClockRequest>();
    clock->mutable_to_time()->set_seconds(StartOfDay(today).value() / kMicrosPerSecond);
    SONGHUA_RETURN_IF_ERROR(province_->requests().Call("Operations/AdvanceClock", "operator", std::move(clock)));
    province_->requests().set_day(today);
    auto session = std::make_unique<v1::SessionRequest>();
    session->set_contract("contracts/CEA-1");
    return province_->requests().Call("Exchange/OpenSession", "registrar", std::move(session));
  }

  absl::Status Midnight() {
    LoneTrader trader(engine_.get(), day_);
    std::vector<int64_t> quiet, night;
    for (int i = 0; i < options_.orders / 2 * 2; ++i) {
      SONGHUA_ASSIGN_OR_RETURN(const int64_t latency, trader.RunOne());
      quiet.push_back(latency);
    }
    const int64_t expected = (options_.permits + static_cast<int>(bounds::kSlicePermitsMax) - 1) / static_cast<int>(bounds::kSlicePermitsMax);
    const int64_t start = SteadyNanos();
    SONGHUA_RETURN_IF_ERROR(EnterTheNewYear());
    trader.set_day(day_ + 1);
    while (slices_ < expected && SteadyNanos() - start < kNightNsMax) {
      SONGHUA_ASSIGN_OR_RETURN(const int64_t latency, trader.RunOne());
      night.push_back(latency);
    }
    const int64_t lasted = SteadyNanos() - start;
    if (slices_ < expected) return absl::InternalError("the night has not ended: " + std::to_string(slices_) + " of " + std::to_string(expected) + " slices");
    const size_t orders = night.size();
    const Quantiles of_night = QuantilesOf(std::move(night));
    BenchResult result{.name = "permits/midnight", .unit = "ns"};
    result.value = static_cast<double>(of_night.p99_ns);
    result.limit = static_cast<double>(QuantilesOf(std::move(quiet)).p99_ns);
    result.p50_ns = of_night.p50_ns;
    result.p99_ns = of_night.p99_ns;
    result.p999_ns = of_night.p999_ns;
    result.note = std::to_string(options_.permits) + " permits expired in " + std::to_string(lasted / 1'000'000) + " ms, in slices, while " +
                  std::to_string(orders) + " orders were answered one after the other; p99 beside the quiet minute before; less is better";
    Add(std::move(result));
    return absl::OkStatus();
  }

  absl::Status Restart() {
    const std::string name = province_->PermitName(options_.permits / 2);
    province_.reset();
    engine_->Stop();
    engine_.reset();
    const int64_t start = SteadyNanos();
    SONGHUA_RETURN_IF_ERROR(Open());
    EngineReader reader(engine_.get());
    v1::GetPermitRequest request;
    request.set_name(name);
    const auto answer = reader.Read<v1::PermitAnswer>("Permits/GetPermit", request);
    SONGHUA_RETURN_IF_ERROR(answer.status());
    const int64_t ended = SteadyNanos();
    if (answer->permit().state() != v1::EXPIRED) return absl::InternalError(name + " has not expired with its last day");
    BenchResult result{.name = "permits/restart", .unit = "ms"};
    result.value = Seconds(ended - start) * 1e3;
    result.limit = kRestartLimitMs;
    result.note = "from opening the store to the first answer; beside the bound of a whole market; less is better";
    Add(std::move(result));
    return absl::OkStatus();
  }

  const PermitsBenchOptions options_;
  const Date day_;
  std::unique_ptr<BenchDirectory> directory_;
  std::atomic<int64_t> slices_{0};
  std::unique_ptr<api::Engine> engine_;
  std::unique_ptr<PermitProvince> province_;
  std::vector<BenchResult> results_;
};

}  // namespace

absl::StatusOr<std::vector<BenchResult>> RunPermitsBench(const PermitsBenchOptions& options) { return PermitsBench(options).Run(); }

}  // namespace songhua::simulations
