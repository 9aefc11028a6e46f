#include "simulations/order_stream_client.h"

#include <grpcpp/grpcpp.h>

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "ledger/refusal.h"
#include "simulations/latencies.h"
#include "songhua/v1/exchange.grpc.pb.h"

namespace songhua::simulations {
namespace {

constexpr int kStreamsPerConnection = 4;

// Counts down to zero.
class Countdown {
 public:
  explicit Countdown(size_t count) : count_(count) {}
  void Arrive() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--count_ == 0) zero_.notify_all();
  }
  void Wait() {
    std::unique_lock<std::mutex> lock(mutex_);
    zero_.wait(lock, [this] { return count_ == 0; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable zero_;
  size_t count_;
};

// gRPC calls OnReadDone and OnWriteDone, at most one of each at a time; both work under the mutex.
class Stream final : public grpc::ClientBidiReactor<v1::OrderBatch, v1::OrderBatchAnswer> {
 public:
  Stream(DayTrader* trader, size_t batches, size_t in_flight_max, Countdown* done)
      : trader_(trader), batches_(batches), in_flight_max_(in_flight_max), done_(done) {
    latencies_ns_.reserve(batches);
  }

  void Start(v1::Exchange::Stub* stub) {
    context_.AddMetadata("authorization", "Bearer " + DayTraderId(trader_->trader()));
    stub->async()->StreamOrders(&context_, this);
    const std::lock_guard<std::mutex> lock(mutex_);
    StartRead(&answer_);
    WriteNextLocked();
    StartCall();
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    writing_ = false;
    if (ok) WriteNextLocked();
  }

  void OnReadDone(bool ok) override {
    if (!ok) return;
    const int64_t now = SteadyNanos();
    const std::lock_guard<std::mutex> lock(mutex_);
    InFlight& oldest = in_flight_.front();
    if (answer_.error_code() != 0 || answer_.results_size() != oldest.batch->commands_size()) {
      failure_ = absl::InternalError("a batch of " + std::to_string(oldest.batch->commands_size()) + " commands was answered with " +
                                     std::to_string(answer_.results_size()) + " results " + answer_.error());
      context_.TryCancel();
      return;
    }
    latencies_ns_.push_back(now - oldest.sent_ns);
    commands_ += oldest.batch->commands_size();
    for (const v1::OrderResult& result : answer_.results()) refused_ += result.reason().empty() ? 0 : 1;
    trader_->OnAnswer(*oldest.batch, answer_);
    in_flight_.pop_front();
    StartRead(&answer_);
    if (!writing_) WriteNextLocked();
  }

  void OnDone(const grpc::Status& status) override {
    if (failure_.ok() && !status.ok()) {
      failure_ = absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
    }
    done_->Arrive();
  }

  absl::Status AddTo(StreamRunResult* result) const {
    if (!failure_.ok()) return failure_;
    if (latencies_ns_.size() != batches_) return absl::InternalError("a stream ended before all its batches were answered");
    result->commands += commands_;
    result->refused += refused_;
    result->latencies_ns.insert(result->latencies_ns.end(), latencies_ns_.begin(), latencies_ns_.end());
    return absl::OkStatus();
  }

 private:
  struct InFlight {
    std::unique_ptr<v1::OrderBatch> batch;
    int64_t sent_ns;
  };

  void WriteNextLocked() {
    if (sent_ == batches_) {
      if (!std::exchange(closed_, true)) StartWritesDone();
      return;
    }
    if (in_flight_.size() >= in_flight_max_) return;
    auto batch = std::make_unique<v1::OrderBatch>();
    trader_->MakeBatch(kDayBatchCommands, nullptr, batch.get());
    ++sent_;
    writing_ = true;
    in_flight_.push_back({std::move(batch), SteadyNanos()});
    StartWrite(in_flight_.back().batch.get());
  }

  DayTrader* const trader_;
  const size_t batches_;
  const size_t in_flight_max_;
  Countdown* const done_;
  grpc::ClientContext context_;

  std::mutex mutex_;
  v1::OrderBatchAnswer answer_;
  std::deque<InFlight> in_flight_;  // oldest first
  std::vector<int64_t> latencies_ns_;
  size_t sent_ = 0;
  uint64_t commands_ = 0;
  uint64_t refused_ = 0;
  bool writing_ = false;
  bool closed_ = false;
  absl::Status failure_;
};

}  // namespace

absl::StatusOr<StreamRunResult> RunOrderStreams(const std::string& address, const std::vector<DayTrader*>& traders, size_t batches,
                                                size_t batches_in_flight) {
  std::vector<std::unique_ptr<v1::Exchange::Stub>> stubs;
  for (size_t i = 0; i < traders.size(); i += kStreamsPerConnection) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a connection of its own
    arguments.SetMaxReceiveMessageSize(-1);
    stubs.push_back(v1::Exchange::NewStub(grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments)));
  }
  Countdown done(traders.size());
  std::vector<std::unique_ptr<Stream>> streams;
  for (DayTrader* trader : traders) streams.push_back(std::make_unique<Stream>(trader, batches, batches_in_flight, &done));
  const int64_t start = SteadyNanos();
  for (size_t i = 0; i < streams.size(); ++i) streams[i]->Start(stubs[i / kStreamsPerConnection].get());
  done.Wait();
  const int64_t elapsed = SteadyNanos() - start;
  StreamRunResult result;
  for (const auto& stream : streams) SONGHUA_RETURN_IF_ERROR(stream->AddTo(&result));
  result.commands_per_second = static_cast<double>(result.commands) * 1e9 / static_cast<double>(elapsed);
  return result;
}

}  // namespace songhua::simulations
