#include "simulations/ledger_bench.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/lots.h"
#include "ledger/postings.h"
#include "ledger/refusal.h"
#include "simulations/bench_directory.h"
#include "simulations/day_market.h"
#include "simulations/engine_reader.h"
#include "simulations/engine_requests.h"
#include "simulations/journal_limit.h"
#include "simulations/latencies.h"
#include "simulations/permit_province.h"
#include "simulations/random.h"
#include "songhua/v1/allocations.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/operations.pb.h"

namespace songhua::simulations {
namespace {

constexpr double kStartLimitMs = 5'000;  // DESIGN.md section 9
constexpr uint64_t kLedgerSeed = 20261231;
constexpr char kKeeper[] = "registrar";
constexpr char kManager[] = "reserve-manager";
constexpr int64_t kGrant = 1'000;  // grams a year, of each site
constexpr int kStatementAccounts = 1'000;
constexpr int kStatementRows = 100;

double InSeconds(int64_t ns) { return static_cast<double>(ns) / 1e9; }

class LedgerBench {
 public:
  explicit LedgerBench(const LedgerBenchOptions& options) : options_(options), day_(MakeDate(2026, 12, 31)) {}

  absl::StatusOr<std::vector<BenchResult>> Run() {
    SONGHUA_ASSIGN_OR_RETURN(directory_, BenchDirectory::Make(options_.directory));
    SONGHUA_RETURN_IF_ERROR(Open());
    SONGHUA_RETURN_IF_ERROR(Accounts());
    requests_ = std::make_unique<EngineRequests>(engine_.get(), day_, "l");
    SONGHUA_RETURN_IF_ERROR(Postings());
    SONGHUA_RETURN_IF_ERROR(Fragment());
    SONGHUA_RETURN_IF_ERROR(Reads());
    SONGHUA_RETURN_IF_ERROR(Allocation());
    SONGHUA_RETURN_IF_ERROR(Restart());
    return std::move(results_);
  }

 private:
  absl::Status Open() {
    auto engine = api::Engine::Open(DayEngineOptions((*directory_).path() + "/store", day_));
    SONGHUA_RETURN_IF_ERROR(engine.status());
    engine_ = *std::move(engine);
    return absl::OkStatus();
  }

  void Add(BenchResult result) {
    result.ratio = result.limit == 0 ? 0 : result.value / result.limit;
    results_.push_back(std::move(result));
  }

  // What RocksDB alone does a second of the commands that were journaled from `first` on.
  absl::StatusOr<std::pair<double, uint64_t>> CommandLimit(uint64_t first) {
    SONGHUA_RETURN_IF_ERROR(engine_->store().CheckpointState());
    SONGHUA_ASSIGN_OR_RETURN(const JournalSlice slice, ReadJournal(&engine_->store(), first));
    SONGHUA_ASSIGN_OR_RETURN(const double limit, MeasureRocksDb(slice, directory_->path() + "/limit"));
    return std::make_pair(limit, slice.commands);
  }

  absl::Status Accounts() {
    const uint64_t first = engine_->store().durable_sequence() + 1;
    const int64_t start = SteadyNanos();
    SONGHUA_RETURN_IF_ERROR(BuildDayMarket(engine_.get(), {.accounts = options_.enterprises, .contracts = 1, .day = day_}).status());
    const double seconds = InSeconds(SteadyNanos() - start);
    SONGHUA_ASSIGN_OR_RETURN(const auto limit, CommandLimit(first));
    BenchResult result{.name = "ledger/accounts", .unit = "accounts/s"};
    const double accounts = 3.0 * options_.enterprises;
    result.value = accounts / seconds;
    result.limit = limit.first * accounts / static_cast<double>(limit.second);
    result.note = std::to_string(3 * options_.enterprises) + " accounts in " + std::to_string(limit.second) +
                  " commands: the enterprise, its trader and his token, three accounts, an issue, a transfer, a deposit";
    Add(std::move(result));
    return absl::OkStatus();
  }

  // The registry lot of an enterprise is the odd one, its trading lot the even one (day_market.cc).
  static std::string RegistryLot(int enterprise) { return "lots/" + std::to_string(2 * enterprise + 1); }
  static std::string TradingLot(int enterprise) { return "lots/" + std::to_string(2 * enterprise + 2); }
  static std::string Account(int enterprise, const char* kind) { return "accounts/" + DayEnterprise(enterprise) + "." + kind; }

  std::unique_ptr<v1::TransferUnitsRequest> Transfer(const std::string& lot, const std::string& to, int64_t quantity) {
    auto request = std::make_unique<v1::TransferUnitsRequest>();
    request->set_from_lot(lot);
    request->set_to_account(to);
    request->set_quantity(quantity);
    return request;
  }

  // From trading accounts back to the registry and on, one tonne each; a thousand accounts get a tenth of it, so that statements are long.
  absl::Status Postings() {
    Random random(kLedgerSeed);
    const int busy = std::min(kStatementAccounts, options_.enterprises);
    const uint64_t first = engine_->store().durable_sequence() + 1;
    const int64_t start = SteadyNanos();
    for (int i = 0; i < options_.transfers; ++i) {
      const int n = static_cast<int>(i % 10 == 0 ? random.Below(busy) : random.Below(options_.enterprises));
      requests_->Submit("Ledger/TransferUnits", kKeeper, Transfer(TradingLot(n), Account(n, "registry"), 1));
    }
    SONGHUA_RETURN_IF_ERROR(requests_->Drained());
    const double seconds = InSeconds(SteadyNanos() - start);
    SONGHUA_ASSIGN_OR_RETURN(const auto limit, CommandLimit(first));
    BenchResult result{.name = "ledger/postings", .unit = "postings/s"};
    result.value = 2.0 * options_.transfers / seconds;
    result.limit = 2 * limit.first;
    result.note = std::to_string(2LL * options_.transfers) + " postings by transfers of one person, every answer after its sync; beside RocksDB alone syncing the same journal";
    Add(std::move(result));
    return absl::OkStatus();
  }

  // Every second unit of an enterprise's trading lot goes to the registry, so that both lots are of many blocks.
  absl::Status Fragment() {
    v1::GetLotRequest request;
    request.set_name(TradingLot(0));
    EngineReader reader(engine_.get());
    SONGHUA_RETURN_IF_ERROR(reader.SignIn(kKeeper));
    SONGHUA_RETURN_IF_ERROR(engine_->store().CheckpointState());
    SONGHUA_ASSIGN_OR_RETURN(const auto lot, reader.Read<v1::LotAnswer>("Ledger/GetLot", request));
    SONGHUA_CHECK(lot.lot().blocks_size() >= 1);
    v1::SerialBlock block = lot.lot().blocks(0);
    for (int i = 1; i < options_.blocks; ++i) {
      auto transfer = Transfer(TradingLot(0), Account(0, "registry"), 1);
      *transfer->mutable_block() = block;
      transfer->mutable_block()->set_start(block.start() + 2 * i);
      transfer->mutable_block()->set_end(block.start() + 2 * i);
      requests_->Submit("Ledger/TransferUnits", kKeeper, std::move(transfer));
    }
    SONGHUA_RETURN_IF_ERROR(requests_->Drained());
    return engine_->store().CheckpointState();
  }

  // One figure: `read` is timed `options_.reads` times, and `rows` gives the time of the same rows from the store alone.
  template <class Read, class Rows>
  absl::Status Measure(const std::string& name, const std::string& unit, const std::string& note, Read read, Rows rows) {
    std::vector<int64_t> latencies;
    latencies.reserve(options_.reads);
    Random random(kLedgerSeed);
    const int64_t start = SteadyNanos();
    for (int i = 0; i < options_.reads; ++i) {
      const int64_t began = SteadyNanos();
      SONGHUA_RETURN_IF_ERROR(read(random));
      latencies.push_back(SteadyNanos() - began);
    }
    const int64_t ended = SteadyNanos();
    Random again(kLedgerSeed);
    for (int i = 0; i < options_.reads; ++i) SONGHUA_RETURN_IF_ERROR(rows(again));
    BenchResult result{.name = name, .unit = unit};
    result.value = options_.reads / InSeconds(ended - start);
    result.limit = options_.reads / InSeconds(SteadyNanos() - ended);
    const Quantiles quantiles = QuantilesOf(std::move(latencies));
    result.p50_ns = quantiles.p50_ns;
    result.p99_ns = quantiles.p99_ns;
    result.p999_ns = quantiles.p999_ns;
    result.note = note;
    Add(std::move(result));
    return absl::OkStatus();
  }

  absl::Status Scan(const Snapshot& snapshot, RowTable table, std::string prefix, size_t rows) {
    return snapshot.Scan({.table = static_cast<TableId>(table), .prefix = prefix, .start_after = {}},
                         [&](std::string_view, std::string_view) { return --rows > 0; });
  }

  absl::Status Reads() {
    EngineReader reader(engine_.get());
    SONGHUA_RETURN_IF_ERROR(reader.SignIn(kKeeper));
    const auto number = [&](const std::string& account) -> absl::StatusOr<uint32_t> {
      v1::GetAccountRequest request;
      request.set_name(account);
      SONGHUA_ASSIGN_OR_RETURN(const auto answer, reader.Read<v1::AccountAnswer>("Ledger/GetAccount", request));
      return answer.account().number();
    };
    const int busy = std::min(kStatementAccounts, options_.enterprises);
    std::vector<uint32_t> numbers;
    for (int n = 0; n < busy; ++n) {
      SONGHUA_ASSIGN_OR_RETURN(const uint32_t found, number(Account(n, "registry")));
      numbers.push_back(found);
    }
    SONGHUA_ASSIGN_OR_RETURN(const auto snapshot, engine_->store().OpenSnapshot());
    SONGHUA_RETURN_IF_ERROR(Measure(
        "ledger/statements", "pages/s", "the first 100 lines of statements, one thread; beside the same rows of a snapshot of the store",
        [&](Random& random) -> absl::Status {
          v1::ListPostingsRequest request;
          request.set_account(Account(static_cast<int>(random.Below(busy)), "registry"));
          request.mutable_page()->set_page_size(kStatementRows);
          SONGHUA_ASSIGN_OR_RETURN(const auto answer, reader.Read<v1::ListPostingsAnswer>("Ledger/ListPostings", request));
          SONGHUA_CHECK(answer.postings_size() > 0);
          return absl::OkStatus();
        },
        [&](Random& random) { return Scan(*snapshot, RowTable::kPostings, EncodeKey(numbers[random.Below(busy)]), kStatementRows); }));
    SONGHUA_RETURN_IF_ERROR(Measure(
        "ledger/holdings", "reads/s", "what an account holds of each instrument, one thread; beside its rows of a snapshot of the store",
        [&](Random& random) -> absl::Status {
          v1::ListHoldingsRequest request;
          request.set_account(Account(static_cast<int>(random.Below(busy)), "registry"));
          SONGHUA_ASSIGN_OR_RETURN(const auto answer, reader.Read<v1::ListHoldingsAnswer>("Ledger/ListHoldings", request));
          SONGHUA_CHECK(answer.holdings_size() > 0);
          return absl::OkStatus();
        },
        [&](Random& random) { return Scan(*snapshot, RowTable::kBalances, EncodeKey(numbers[random.Below(busy)]), kStatementRows); }));
    return Measure(
        "ledger/blocks", "reads/s", "a lot of " + std::to_string(options_.blocks) + " serial blocks, one thread; beside its row from the store",
        [&](Random&) -> absl::Status {
          v1::GetLotRequest request;
          request.set_name(TradingLot(0));
          SONGHUA_ASSIGN_OR_RETURN(const auto answer, reader.Read<v1::LotAnswer>("Ledger/GetLot", request));
          SONGHUA_CHECK(answer.lot().blocks_size() >= options_.blocks);
          return absl::OkStatus();
        },
        [&](Random&) { return engine_->store().Get(static_cast<TableId>(RowTable::kLots), EncodeRowKey(uint64_t{2})).status(); });
  }

  // A program of rights, its reserve, and permits for all sites.
  absl::Status Furnish() {
    province_ = std::make_unique<PermitProvince>(engine_.get(), PermitProvinceOptions{.permits = options_.sites, .cases = 0, .day = day_});
    SONGHUA_RETURN_IF_ERROR(province_->Build());
    SONGHUA_RETURN_IF_ERROR(province_->AddPlanner(kManager));
    auto program = std::make_unique<v1::LoadProgramRequest>();
    v1::Program& rights = *program->mutable_program();
    rights.set_name("programs/rights");
    rights.set_display_name("Discharge rights");
    rights.set_form(v1::RIGHT);
    rights.set_unit("g/a");
    rights.set_quoted_unit_steps(1'000'000);
    rights.add_pollutants("SO2");
    rights.add_control_zones("220100");
    v1::TradingGroup* group = rights.add_trading_groups();
    group->set_code("INDUSTRY");
    group->add_sector_classes("INDUSTRY");
    rights.set_floor_policy(v1::NONE);
    rights.set_first_year(2026);
    rights.set_last_year(2035);
    rights.set_term_years_max(5);
    SONGHUA_RETURN_IF_ERROR(requests_->Call("Ledger/LoadProgram", kKeeper, std::move(program)));
    auto reserve = std::make_unique<v1::OpenAccountRequest>();
    reserve->set_kind(v1::RESERVE);
    reserve->set_participant("participants/jilin-ecology");
    reserve->set_program("programs/rights");
    reserve->set_control_zone("220100");
    SONGHUA_RETURN_IF_ERROR(requests_->Call("Ledger/OpenAccount", kKeeper, std::move(reserve)));
    auto issue = std::make_unique<v1::IssueUnitsRequest>();
    issue->set_program("programs/rights");
    issue->set_pollutant("SO2");
    issue->set_control_zone("220100");
    issue->set_trading_group("INDUSTRY");
    issue->set_quantity(4 * kGrant * options_.sites);
    issue->set_to_account("accounts/rights.reserve.220100");
    issue->set_valid_from("2026-01-01");
    issue->set_valid_to("2030-12-31");
    SONGHUA_RETURN_IF_ERROR(requests_->Call("Ledger/IssueUnits", kKeeper, std::move(issue)));
    SONGHUA_RETURN_IF_ERROR(province_->StageImport());
    return province_->ApproveImport();
  }

  absl::Status WaitGranted(const std::string& name) {
    EngineReader reader(engine_.get());
    SONGHUA_RETURN_IF_ERROR(reader.SignIn(kManager));
    for (;;) {
      v1::GetAllocationRequest request;
      request.set_name(name);
      SONGHUA_ASSIGN_OR_RETURN(const auto answer, reader.Read<v1::AllocationAnswer>("Allocations/GetAllocation", request));
      if (answer.allocation().state() == v1::Allocation::GRANTED) return absl::OkStatus();
      // Any command lets the virtual clock's timers go on.
      auto status = std::make_unique<v1::ConfirmClockRequest>();
      SONGHUA_RETURN_IF_ERROR(requests_->Call("Operations/ConfirmClock", "operator", std::move(status)));
    }
  }

  absl::Status Allocation() {
    SONGHUA_RETURN_IF_ERROR(Furnish());
    const std::string name = "allocations/1";
    const int64_t start = SteadyNanos();
    auto begin = std::make_unique<v1::BeginAllocationRequest>();
    v1::Allocation& plan = *begin->mutable_allocation();
    plan.set_program("programs/rights");
    plan.set_region("220000");
    plan.set_document_reference("bench");
    plan.set_valid_from("2026-01-01");
    plan.set_period_end("2030-12-31");
    plan.set_first_payment_date("2027-06-30");
    v1::AllocationTotal* total = plan.add_totals();
    total->set_pollutant("SO2");
    total->set_rows(options_.sites);
    total->set_quantity(kGrant * options_.sites);
    SONGHUA_RETURN_IF_ERROR(requests_->Call("Allocations/BeginAllocation", kManager, std::move(begin)));
    for (int site = 0; site < options_.sites;) {
      auto chunk = std::make_unique<v1::AddAllocationRowsRequest>();
      chunk->set_name(name);
      chunk->set_first_row(site + 1);
      for (; site < options_.sites && chunk->rows_size() < static_cast<int>(bounds::kChunkRowsMax); ++site) {
        v1::AllocationRow* row = chunk->add_rows();
        row->set_site("sites/" + province_->SiteId(site));
        row->set_pollutant("SO2");
        row->set_quantity(kGrant);
        row->set_source(site % 2 == 0 ? "INITIAL_PAID" : "INITIAL_FREE");
        if (site % 2 == 0) {
          row->set_rate_fen(500'000);
          row->set_instalments(5);
        }
      }
      requests_->Submit("Allocations/AddAllocationRows", kManager, std::move(chunk));
    }
    SONGHUA_RETURN_IF_ERROR(requests_->Drained());
    const auto act = [&] {
      auto request = std::make_unique<v1::AllocationActRequest>();
      request->set_name(name);
      return request;
    };
    SONGHUA_RETURN_IF_ERROR(requests_->Call("Allocations/FinishAllocation", kManager, act()));
    SONGHUA_RETURN_IF_ERROR(requests_->Call("Allocations/ApproveAllocation", PermitProvince::kApprover, act()));
    SONGHUA_RETURN_IF_ERROR(WaitGranted(name));
    const int64_t granted = SteadyNanos();

    EngineReader reader(engine_.get());
    SONGHUA_RETURN_IF_ERROR(reader.SignIn(kKeeper));
    v1::ListLotsRequest list;
    list.set_account("accounts/rights.reserve.220100");
    SONGHUA_ASSIGN_OR_RETURN(const auto lots, reader.Read<v1::ListLotsAnswer>("Ledger/ListLots", list));
    SONGHUA_CHECK(lots.lots_size() == 1);
    const int64_t began = SteadyNanos();
    for (int site = 0; site < options_.sites; ++site) {
      auto grant = std::make_unique<v1::AllocateRightRequest>();
      grant->set_from_lot(lots.lots(0).name());
      grant->set_to_account("accounts/" + province_->SiteId(site) + ".rights");
      grant->set_quantity(kGrant);
      grant->set_valid_from("2026-01-01");
      grant->set_valid_to("2030-12-31");
      grant->set_source("INITIAL_FREE");
      requests_->Submit("Ledger/AllocateRight", kManager, std::move(grant));
    }
    SONGHUA_RETURN_IF_ERROR(requests_->Drained());
    BenchResult result{.name = "ledger/allocation", .unit = "rows/s"};
    result.value = options_.sites / InSeconds(granted - start);
    result.limit = options_.sites / InSeconds(SteadyNanos() - began);
    result.note = "a plan of " + std::to_string(options_.sites) +
                  " sites, half of them with fees in five instalments, from its first row to its last grant; beside single grants by AllocateRight, 900 in flight";
    Add(std::move(result));
    return absl::OkStatus();
  }

  absl::Status Restart() {
    requests_.reset();
    province_.reset();
    engine_->Stop();
    engine_.reset();
    const int64_t start = SteadyNanos();
    SONGHUA_RETURN_IF_ERROR(Open());
    EngineReader reader(engine_.get());
    SONGHUA_RETURN_IF_ERROR(reader.SignIn(kKeeper));
    v1::ListHoldingsRequest request;
    request.set_account(Account(0, "registry"));
    SONGHUA_RETURN_IF_ERROR(reader.Read<v1::ListHoldingsAnswer>("Ledger/ListHoldings", request).status());
    BenchResult result{.name = "ledger/restart", .unit = "ms"};
    result.value = InSeconds(SteadyNanos() - start) * 1e3;
    result.limit = kStartLimitMs;
    result.note = "from opening the store with all that to the first answer; less is better";
    Add(std::move(result));
    return absl::OkStatus();
  }

  const LedgerBenchOptions options_;
  const Date day_;
  std::unique_ptr<BenchDirectory> directory_;
  std::unique_ptr<api::Engine> engine_;
  std::unique_ptr<EngineRequests> requests_;
  std::unique_ptr<PermitProvince> province_;
  std::vector<BenchResult> results_;
};

}  // namespace

absl::StatusOr<std::vector<BenchResult>> RunLedgerBench(const LedgerBenchOptions& options) { return LedgerBench(options).Run(); }

}  // namespace songhua::simulations
