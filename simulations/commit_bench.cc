#include "simulations/commit_bench.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "api/engine/message.h"
#include "ledger/check.h"
#include "ledger/refusal.h"
#include "simulations/bench_directory.h"
#include "simulations/day_market.h"
#include "simulations/engine_client.h"
#include "simulations/latencies.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::simulations {
namespace {

constexpr size_t kFileBytes = size_t{16} << 20;
// What RocksDB puts around a group of one record in its log: a header, and key and lengths of the puts of record, trailer and leaf.
constexpr size_t kFramingBytes = 64;

absl::Status FromErrno(const std::string& what) {
  return absl::UnavailableError(what + ": " + std::error_code(errno, std::generic_category()).message());
}

// A file whose blocks are all there and written, so that a write into it changes nothing but its data.
class PreallocatedFile {
 public:
  static absl::StatusOr<std::unique_ptr<PreallocatedFile>> Make(const std::string& path) {
    const int descriptor = open(path.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor < 0) return FromErrno("making " + path);
    std::unique_ptr<PreallocatedFile> file(new PreallocatedFile(descriptor));
    const std::string zeros(size_t{1} << 20, '\0');
    for (size_t at = 0; at < kFileBytes; at += zeros.size()) {
      if (pwrite(descriptor, zeros.data(), zeros.size(), static_cast<off_t>(at)) != static_cast<ssize_t>(zeros.size())) {
        return FromErrno("writing " + path);
      }
    }
    if (fsync(descriptor) != 0) return FromErrno("syncing " + path);
    return file;
  }
  ~PreallocatedFile() { close(descriptor_); }
  PreallocatedFile(const PreallocatedFile&) = delete;
  PreallocatedFile& operator=(const PreallocatedFile&) = delete;

  absl::Status Append(const std::string& bytes) {
    if (at_ + bytes.size() > kFileBytes) at_ = 0;
    if (pwrite(descriptor_, bytes.data(), bytes.size(), static_cast<off_t>(at_)) != static_cast<ssize_t>(bytes.size())) return FromErrno("writing");
    if (fdatasync(descriptor_) != 0) return FromErrno("syncing");
    at_ += bytes.size();
    return absl::OkStatus();
  }

 private:
  explicit PreallocatedFile(int descriptor) : descriptor_(descriptor) {}
  const int descriptor_;
  size_t at_ = 0;
};

// Orders that rest and are cancelled again, one command at a time.
class Trader {
 public:
  explicit Trader(api::Engine* engine) : client_(engine, 1) {}

  // The time from submission to answer.
  absl::StatusOr<int64_t> RunOne() {
    if (resting_.empty()) {
      v1::PlaceOrderRequest request;
      request.set_contract("contracts/CEA-1");
      request.set_account("accounts/" + DayEnterprise(0) + ".trading");
      request.set_side(v1::BUY);
      request.set_price_fen(DayMarket::kReferencePriceFen);
      request.set_quantity(10);
      return Call("PlaceOrder", std::move(request));
    }
    v1::CancelOrderRequest request;
    request.set_name(resting_);
    return Call("CancelOrder", std::move(request));
  }

 private:
  template <class Request>
  absl::StatusOr<int64_t> Call(const std::string& method, Request request) {
    request.set_request_id("20260105-commit-" + std::to_string(++requests_));
    auto message = api::MakeMessage(*api::FindMethod("songhua.v1.Exchange/" + method), std::make_unique<Request>(std::move(request)),
                                    DayTraderTokenSha256(0));
    SONGHUA_RETURN_IF_ERROR(message.status());
    api::Outcome outcome;
    const int64_t start = SteadyNanos();
    client_.Submit(*std::move(message), DayTraderId(0), [&outcome](api::Outcome answered) { outcome = std::move(answered); });
    client_.Drain();
    const int64_t latency = SteadyNanos() - start;
    SONGHUA_RETURN_IF_ERROR(outcome.status);
    v1::OrderAnswer answer;
    SONGHUA_CHECK(answer.ParseFromString(outcome.answer));
    resting_ = resting_.empty() ? answer.order().name() : "";
    return latency;
  }

  EngineClient client_;
  std::string resting_;  // name of the order at rest; empty: none
  uint64_t requests_ = 0;
};

// The bytes that the last command cost in the journal's log.
absl::StatusOr<size_t> BytesOfLastGroup(Store* store) {
  SONGHUA_ASSIGN_OR_RETURN(const JournalEntry entry, store->ReadRecord(store->durable_sequence()));
  return entry.bytes.size() + EncodeTrailer(entry.trailer).size() + sizeof(uint64_t) + sizeof(Digest) + kFramingBytes;
}

}  // namespace

absl::StatusOr<BenchResult> RunCommitBench(const CommitBenchOptions& options) {
  auto directory = BenchDirectory::Make(options.directory);
  SONGHUA_RETURN_IF_ERROR(directory.status());
  auto engine = OpenDayEngine((*directory)->path() + "/store");
  SONGHUA_RETURN_IF_ERROR(engine.status());
  SONGHUA_RETURN_IF_ERROR(BuildDayMarket(engine->get(), {.accounts = 1, .contracts = 1}).status());
  auto file = PreallocatedFile::Make((*directory)->path() + "/preallocated");
  SONGHUA_RETURN_IF_ERROR(file.status());

  Trader trader(engine->get());
  SONGHUA_RETURN_IF_ERROR(trader.RunOne().status());
  SONGHUA_ASSIGN_OR_RETURN(const size_t bytes, BytesOfLastGroup(&(*engine)->store()));
  const std::string payload(bytes, 'j');
  std::vector<int64_t> commands, syncs;
  for (int i = 0; i < options.commands; ++i) {
    SONGHUA_ASSIGN_OR_RETURN(const int64_t latency, trader.RunOne());
    commands.push_back(latency);
    const int64_t start = SteadyNanos();
    SONGHUA_RETURN_IF_ERROR((*file)->Append(payload));
    syncs.push_back(SteadyNanos() - start);
  }
  const Quantiles of_commands = QuantilesOf(std::move(commands));
  const Quantiles of_syncs = QuantilesOf(std::move(syncs));
  BenchResult result{.name = "commit", .unit = "ns"};
  result.value = static_cast<double>(of_commands.p50_ns);
  result.p50_ns = of_commands.p50_ns;
  result.p99_ns = of_commands.p99_ns;
  result.p999_ns = of_commands.p999_ns;
  result.limit = static_cast<double>(of_syncs.p50_ns);
  result.ratio = result.limit > 0 ? result.value / result.limit : 0;
  result.note = std::to_string(bytes) + " bytes a command; fdatasync p99 " + std::to_string(of_syncs.p99_ns / 1000) + " us";
  return result;
}

}  // namespace songhua::simulations
