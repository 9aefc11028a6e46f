#include "api/services/order_stream.h"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "api/engine/message.h"
#include "api/services/call.h"
#include "api/services/errors.h"
#include "ledger/bounds.h"
#include "ledger/refusal.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::api {
namespace {

// Threads: gRPC calls OnReadDone, OnWriteDone and OnCancel, at most one of each at a time; the engine's answers come on the answer thread.
// All of them work under the mutex. The stream ends once: when nothing more will be read and everything taken in has been answered and
// written.
class OrderStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>, private StreamRegistry::Stream {
 public:
  OrderStream(const ServiceParts& parts, const Method& method) : parts_(parts), method_(method) {}

  void Start(grpc::CallbackServerContext* context) {
    auto caller = Admit(*parts_.reads, method_, *context);
    if (!caller.ok()) return Finish(ToGrpcStatus(caller.status()));
    caller_ = **std::move(caller);
    registered_ = parts_.streams->Add(this);
    if (!registered_) return Finish(ToGrpcStatus(ShuttingDown()));
    Locked([] {});
  }

  void OnReadDone(bool ok) override {
    std::unique_ptr<Submission> submission;
    Locked([&] {
      reading_ = false;
      if (!ok) no_more_reads_ = true;
      // A read may complete after Finish; nothing is taken in then, for no answer could keep the stream alive.
      if (ok && !finished_ && !gone_) submission = TakeInLocked();
    });
    if (submission == nullptr) return;
    parts_.engine->Submit(std::move(submission));
    // The next batch is read only now, so that batches reach the lane in their order.
    Locked([&] { submitting_ = false; });
  }

  void OnWriteDone(bool ok) override {
    Locked([&] {
      writing_ = false;
      slots_.pop_front();
      if (!ok) gone_ = true;
    });
  }

  void OnCancel() override {
    Locked([&] { gone_ = true; });
  }

  void OnDone() override {
    if (registered_) parts_.streams->Remove(this);
    delete this;
  }

 private:
  // A batch that was taken in, until its answer is written.
  struct Slot {
    std::string stream;
    uint64_t number = 0;
    bool answered = false;
    grpc::ByteBuffer answer;
  };

  void Drain() override {
    Locked([&] { draining_ = true; });
  }

  // Changes something under the lock, then does what has become possible: write, read, end. The end comes last and outside the lock,
  // because the stream may be gone by the time Finish returns.
  template <class Change>
  void Locked(Change change) {
    std::optional<grpc::Status> end;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      change();
      WriteNextLocked();
      MaybeReadLocked();
      end = EndLocked();
    }
    if (end.has_value()) Finish(*std::move(end));
  }

  // Makes a slot of the message that was read. Null: it was refused, and its slot has the answer.
  std::unique_ptr<Submission> TakeInLocked() {
    Slot& slot = slots_.emplace_back();
    auto batch = std::make_unique<v1::OrderBatch>();
    if (const absl::Status status = Parse(read_, batch.get()); !status.ok()) return RefuseLocked(slot, status);
    slot.stream = batch->stream().substr(0, kStreamNameShownMax);
    slot.number = batch->number();
    auto message = MakeMessage(method_, std::move(batch), caller_.token_sha256);
    if (!message.ok()) return RefuseLocked(slot, message.status());
    auto submission = std::make_unique<Submission>();
    submission->message = *std::move(message);
    submission->person = caller_.person.id;
    submission->cancelled = [this] { return gone_.load(std::memory_order_relaxed); };
    submission->done = [this, &slot](Outcome outcome) {  // a deque's elements keep their place while others come and go at its ends
      parts_.answers->Post([this, &slot, outcome = std::move(outcome)] { Answer(slot, outcome); });
    };
    ++in_engine_;
    submitting_ = true;
    return submission;
  }

  std::unique_ptr<Submission> RefuseLocked(Slot& slot, const absl::Status& status) {
    SetRefusal(slot, status);
    return nullptr;
  }

  static void SetRefusal(Slot& slot, const absl::Status& status) {
    const google::rpc::Status detailed = ToRpcStatus(status);
    v1::OrderBatchAnswer answer;
    answer.set_stream(slot.stream);
    answer.set_number(slot.number);
    answer.set_error_code(detailed.code());
    answer.set_error(detailed.message());
    Assign(answer.SerializeAsString(), &slot.answer);
    slot.answered = true;
  }

  void Answer(Slot& slot, const Outcome& outcome) {
    Locked([&] {
      --in_engine_;
      if (!outcome.status.ok()) return SetRefusal(slot, outcome.status);
      Assign(outcome.answer, &slot.answer);
      slot.answered = true;
    });
  }

  void WriteNextLocked() {
    if (writing_ || finished_ || gone_ || slots_.empty() || !slots_.front().answered) return;
    writing_ = true;
    StartWrite(&slots_.front().answer);
  }

  void MaybeReadLocked() {
    if (reading_ || submitting_ || no_more_reads_ || finished_ || draining_ || gone_ || slots_.size() >= bounds::kStreamBatchesMax) return;
    reading_ = true;
    StartRead(&read_);
  }

  // The status to end with, once.
  std::optional<grpc::Status> EndLocked() {
    if (finished_ || in_engine_ > 0 || submitting_ || writing_) return std::nullopt;
    if (!gone_ && (!slots_.empty() || !(no_more_reads_ || draining_))) return std::nullopt;
    finished_ = true;
    if (gone_) return grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone");
    return no_more_reads_ ? grpc::Status::OK : ToGrpcStatus(ShuttingDown());
  }

  static constexpr size_t kStreamNameShownMax = 80;

  const ServiceParts& parts_;
  const Method& method_;
  Caller caller_;
  bool registered_ = false;
  std::atomic<bool> gone_{false};

  std::mutex mutex_;
  grpc::ByteBuffer read_;
  std::deque<Slot> slots_;  // in the order of their batches
  size_t in_engine_ = 0;
  bool reading_ = false;
  bool submitting_ = false;  // a batch is on its way into the engine
  bool writing_ = false;     // the answer of the first slot
  bool no_more_reads_ = false;
  bool draining_ = false;
  bool finished_ = false;
};

}  // namespace

grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StartOrderStream(const ServiceParts& parts, const Method& method,
                                                                              grpc::CallbackServerContext* context) {
  auto* stream = new OrderStream(parts, method);
  stream->Start(context);
  return stream;
}

}  // namespace songhua::api
