#include "simulations/pledges_bench.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "api/engine/timers.h"
#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/command.h"
#include "ledger/pledge_rows.h"
#include "ledger/refusal.h"
#include "ledger/snapshot.h"
#include "simulations/bench_directory.h"
#include "simulations/day_market.h"
#include "simulations/journal_limit.h"
#include "simulations/latencies.h"
#include "simulations/lone_trader.h"
#include "simulations/pledge_province.h"
#include "songhua/v1/collateral.pb.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/operations.pb.h"
#include "songhua/v1/pledges.pb.h"

namespace songhua::simulations {
namespace {

constexpr int kMarketTraders = 100;
constexpr std::chrono::seconds kNightMax(120);  // then the night is over, whatever is left to do

double PerSecond(double count, int64_t ns) { return count * 1e9 / static_cast<double>(ns); }

class PledgesBench {
 public:
  // On a Monday, so that sessions open after each night.
  explicit PledgesBench(const PledgesBenchOptions& options)
      : options_(options), slices_of_night_((options.pledges + kSlice - 1) / kSlice), day_(MakeDate(2026, 3, 2)) {}

  absl::StatusOr<std::vector<BenchResult>> Run() {
    SONGHUA_ASSIGN_OR_RETURN(directory_, BenchDirectory::Make(options_.directory));
    auto engine = api::Engine::Open(DayEngineOptions(directory_->path() + "/store", day_));
    SONGHUA_RETURN_IF_ERROR(engine.status());
    engine_ = *std::move(engine);
    engine_->AddListener([this](const api::ReleasedGroup& group) { CountSlices(group.events); });
    SONGHUA_RETURN_IF_ERROR(BuildDayMarket(engine_.get(), {.accounts = kMarketTraders, .contracts = 1, .day = day_}).status());
    province_ = std::make_unique<PledgeProvince>(
        engine_.get(), PledgeProvinceOptions{.pledges = options_.pledges, .sites_of_enterprise = options_.sites_of_enterprise, .day = day_});
    SONGHUA_RETURN_IF_ERROR(province_->Build());
    SONGHUA_RETURN_IF_ERROR(province_->Pledge());
    SONGHUA_RETURN_IF_ERROR(Revaluation());
    SONGHUA_RETURN_IF_ERROR(Packs());
    SONGHUA_RETURN_IF_ERROR(OrderLane());
    return std::move(results_);
  }

 private:
  static constexpr int kSlice = static_cast<int>(bounds::kSliceDeadlinesMax);

  // Slices of the nights' work on pledges. On the commit thread, of what is durable.
  void CountSlices(std::string_view events) {
    EventReader reader(events);
    EventType type;
    std::string_view payload;
    int slices = 0;
    while (reader.Next(&type, &payload)) {
      api::TimerRow timer;
      if (type == EventType::kTimerFired && DecodeValue(payload, &timer).ok() && timer.kind == api::TimerKind::kPassPledges) ++slices;
    }
    if (slices == 0) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    slices_ += slices;
    if (slices_ >= slices_awaited_) night_over_.notify_one();
  }
  bool NightIsOver() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return slices_ >= slices_awaited_;
  }

  void Add(BenchResult result) {
    result.ratio = result.limit == 0 ? 0 : result.value / result.limit;
    results_.push_back(std::move(result));
  }

  // To midnight, from where the engine goes on by itself.
  absl::Status TurnTheDay() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      slices_awaited_ = slices_ + slices_of_night_;
    }
    auto clock = std::make_unique<v1::AdvanceClockRequest>();
    clock->mutable_to_time()->set_seconds(StartOfDay(day_ + 1).value() / kMicrosPerSecond);
    SONGHUA_RETURN_IF_ERROR(province_->requests().Call("Operations/AdvanceClock", "operator", std::move(clock)));
    day_ = day_ + 1;
    province_->requests().set_day(day_);
    return absl::OkStatus();
  }
  absl::Status OpenSession() {
    auto session = std::make_unique<v1::SessionRequest>();
    session->set_contract("contracts/CEA-1");
    return province_->requests().Call("Exchange/OpenSession", "registrar", std::move(session));
  }
  absl::Status NotOver() { return absl::InternalError("the night has not ended after " + std::to_string(kNightMax.count()) + " s"); }

  // The rows of all pledges, which must be as a night leaves them.
  absl::StatusOr<std::vector<std::string>> RevaluedRows() {
    SONGHUA_ASSIGN_OR_RETURN(const auto snapshot, engine_->store().OpenSnapshot());
    std::vector<std::string> rows;
    absl::Status status;
    SONGHUA_RETURN_IF_ERROR(snapshot->Scan({.table = static_cast<TableId>(RowTable::kPledges), .prefix = {}, .start_after = {}},
                                           [&](std::string_view, std::string_view value) {
                                             ledger::PledgeRow row;
                                             status = DecodeValue(value, &row);
                                             if (status.ok() && (row.state != v1::ACTIVE || row.value_date != day_ || row.valuation.value <= row.loan.principal)) {
                                               status = absl::InternalError(PledgeProvince::PledgeName(static_cast<int>(row.number) - 1) + " was not revalued");
                                             }
                                             rows.emplace_back(value);
                                             return status.ok();
                                           }));
    SONGHUA_RETURN_IF_ERROR(status);
    if (rows.size() != static_cast<size_t>(options_.pledges)) return absl::InternalError("there are " + std::to_string(rows.size()) + " pledges");
    return rows;
  }

  // Rows a second, by RocksDB alone, which writes and syncs them in so many groups.
  absl::StatusOr<double> RowLimit(std::vector<std::string> rows, uint64_t groups, const std::string& path) {
    const size_t of_group = (rows.size() + groups - 1) / groups;
    JournalSlice slice;
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i % of_group == 0) slice.groups.emplace_back();
      JournalSlice::Group& group = slice.groups.back();
      slice.bytes += rows[i].size();
      group.records.emplace_back(i + 1, std::move(rows[i]));
      ++group.commands;
      ++slice.commands;
    }
    return MeasureRocksDb(slice, path);
  }

  absl::Status Revaluation() {
    BenchResult result{.name = "pledges/revaluation", .unit = "pledges/s"};
    uint64_t groups = 0;
    for (int night = 0; night < options_.nights; ++night) {
      SONGHUA_RETURN_IF_ERROR(engine_->store().CheckpointState());
      const uint64_t groups_before = engine_->counts().groups;
      const int64_t start = SteadyNanos();
      SONGHUA_RETURN_IF_ERROR(TurnTheDay());
      {
        std::unique_lock<std::mutex> lock(mutex_);
        if (!night_over_.wait_for(lock, kNightMax, [this] { return slices_ >= slices_awaited_; })) return NotOver();
      }
      const int64_t ended = SteadyNanos();
      groups = std::max<uint64_t>(engine_->counts().groups - groups_before, 1);
      result.value = std::max(result.value, PerSecond(options_.pledges, ended - start));
      SONGHUA_ASSIGN_OR_RETURN(std::vector<std::string> rows, RevaluedRows());
      SONGHUA_ASSIGN_OR_RETURN(const double limit, RowLimit(std::move(rows), groups, directory_->path() + "/limit-" + std::to_string(night)));
      result.limit = std::max(result.limit, limit);
    }
    result.note = std::to_string(options_.pledges) + " pledges in slices of " + std::to_string(kSlice) + " and " + std::to_string(groups) +
                  " syncs, each valued, looked at for warnings and told; beside RocksDB alone syncing the same rows in as many writes";
    Add(std::move(result));
    return absl::OkStatus();
  }

  std::unique_ptr<v1::InquireCollateralRequest> Inquiry(int enterprise) const {
    auto request = std::make_unique<v1::InquireCollateralRequest>();
    request->set_enterprise(province_->Enterprise(enterprise));
    return request;
  }

  absl::Status Packs() {
    constexpr char kInquire[] = "Collateral/InquireCollateral";
    EngineRequests& requests = province_->requests();
    SONGHUA_ASSIGN_OR_RETURN(const std::string bytes, requests.Ask(kInquire, PledgeProvince::kBanker, Inquiry(0)));
    v1::InquireCollateralAnswer answer;
    SONGHUA_CHECK(answer.ParseFromString(bytes));
    const int sites = std::min(options_.pledges, options_.sites_of_enterprise);
    if (answer.pack().lots_size() != sites || answer.pack().pledges_size() != sites || answer.pack().permits_size() != sites) {
      return absl::InternalError("a pack of " + std::to_string(sites) + " sites has " + std::to_string(answer.pack().lots_size()) + " lots, " +
                                 std::to_string(answer.pack().pledges_size()) + " pledges and " + std::to_string(answer.pack().permits_size()) + " permits");
    }
    SONGHUA_RETURN_IF_ERROR(engine_->store().CheckpointState());
    const int64_t start = SteadyNanos();
    for (int i = 0; i < options_.packs; ++i) requests.Submit(kInquire, PledgeProvince::kBanker, Inquiry(i % province_->enterprises()));
    SONGHUA_RETURN_IF_ERROR(requests.Drained());
    const int64_t ended = SteadyNanos();
    SONGHUA_RETURN_IF_ERROR(engine_->store().CheckpointState());
    const int64_t began = SteadyNanos();
    for (int i = 0; i < options_.packs; ++i) {
      const int pledge = i % options_.pledges;
      auto report = std::make_unique<v1::ReportBalanceRequest>();
      report->set_name(PledgeProvince::PledgeName(pledge));
      report->set_principal_fen(PledgeProvince::PrincipalFen(pledge));
      report->set_balance_date(FormatDate(day_));
      requests.Submit("Pledges/ReportBalance", PledgeProvince::kBanker, std::move(report));
    }
    SONGHUA_RETURN_IF_ERROR(requests.Drained());
    BenchResult result{.name = "pledges/packs", .unit = "packs/s"};
    result.value = PerSecond(options_.packs, ended - start);
    result.limit = PerSecond(options_.packs, SteadyNanos() - began);
    result.note = "due-diligence packs of " + std::to_string(sites) + " sites with permits, rights and pledges, " + std::to_string(bytes.size()) +
                  " bytes each, journaled with their digest, asked for by one bank; beside as many reports of a balance by the same person, a small command";
    Add(std::move(result));
    return absl::OkStatus();
  }

  absl::Status OrderLane() {
    SONGHUA_RETURN_IF_ERROR(OpenSession());
    LoneTrader trader(engine_.get(), day_);
    std::vector<int64_t> quiet, night;
    int64_t lasted = 0;
    for (int i = 0; i < options_.nights; ++i) {
      SONGHUA_RETURN_IF_ERROR(engine_->store().CheckpointState());
      for (int order = 0; order < options_.orders; ++order) {
        SONGHUA_ASSIGN_OR_RETURN(const int64_t latency, trader.RunOne());
        quiet.push_back(latency);
      }
      const int64_t start = SteadyNanos();
      SONGHUA_RETURN_IF_ERROR(TurnTheDay());
      SONGHUA_RETURN_IF_ERROR(OpenSession());
      trader.set_day(day_);
      do {
        SONGHUA_ASSIGN_OR_RETURN(const int64_t latency, trader.RunOne());
        night.push_back(latency);
        if (SteadyNanos() - start > std::chrono::nanoseconds(kNightMax).count()) return NotOver();
      } while (!NightIsOver());
      lasted += SteadyNanos() - start;
      SONGHUA_RETURN_IF_ERROR(RevaluedRows().status());
    }
    const size_t orders = night.size();
    const Quantiles of_night = QuantilesOf(std::move(night));
    const Quantiles of_quiet = QuantilesOf(std::move(quiet));
    BenchResult result{.name = "pledges/order-lane", .unit = "ns"};
    result.value = static_cast<double>(of_night.p99_ns);
    result.limit = static_cast<double>(of_quiet.p99_ns);
    result.p50_ns = of_night.p50_ns;
    result.p99_ns = of_night.p99_ns;
    result.p999_ns = of_night.p999_ns;
    result.note = std::to_string(options_.pledges) + " pledges revalued in " + std::to_string(lasted / options_.nights / 1'000'000) + " ms, in slices, while " +
                  std::to_string(orders / static_cast<size_t>(options_.nights)) + " orders were answered one after the other; p99 beside the quiet minute before (p50 there: " +
                  std::to_string(of_quiet.p50_ns / 1'000) + " us); less is better";
    Add(std::move(result));
    return absl::OkStatus();
  }

  const PledgesBenchOptions options_;
  const int64_t slices_of_night_;
  Date day_;
  std::unique_ptr<BenchDirectory> directory_;
  std::mutex mutex_;
  std::condition_variable night_over_;
  int64_t slices_ = 0;          // guarded by mutex_
  int64_t slices_awaited_ = 0;  // guarded by mutex_
  std::unique_ptr<api::Engine> engine_;
  std::unique_ptr<PledgeProvince> province_;
  std::vector<BenchResult> results_;
};

}  // namespace

absl::StatusOr<std::vector<BenchResult>> RunPledgesBench(const PledgesBenchOptions& options) { return PledgesBench(options).Run(); }

}  // namespace songhua::simulations
