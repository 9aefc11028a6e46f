#include "api/services/order_stream.h"

#include <openssl/rand.h>

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "api/engine/message.h"
#include "api/reads/lookup.h"
#include "api/services/call.h"
#include "api/services/errors.h"
#include "ledger/bounds.h"
#include "ledger/legal_time.h"
#include "ledger/refusal.h"
#include "ledger/sha256.h"
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
    const auto cancels = MetadataFlag(*context, kCancelOnDisconnect);
    if (!cancels.ok()) return Finish(ToGrpcStatus(cancels.status()));
    cancels_ = *cancels;
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
    std::optional<ledger::AccountNumber> leaving;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      change();
      WriteNextLocked();
      MaybeReadLocked();
      leaving = LeaveLocked();
      end = EndLocked();
    }
    if (leaving.has_value()) CancelOrdersOf(*leaving);
    if (end.has_value()) Finish(*std::move(end));
  }

  // Makes a slot of the message that was read. Null: it was refused, and its slot has the answer.
  std::unique_ptr<Submission> TakeInLocked() {
    Slot& slot = slots_.emplace_back();
    auto batch = std::make_unique<v1::OrderBatch>();
    if (const absl::Status status = Parse(read_, batch.get()); !status.ok()) return RefuseLocked(slot, status);
    slot.stream = batch->stream().substr(0, kStreamNameShownMax);
    slot.number = batch->number();
    if (const absl::Status status = parts_.order_rate->Take(caller_.person.participant, CountOrders(*batch)); !status.ok()) return RefuseLocked(slot, status);
    std::set<ledger::AccountNumber> accounts;
    if (cancels_) {
      for (const v1::OrderCommand& command : batch->commands()) {
        if (command.kind() == v1::OrderCommand::PLACE) accounts.insert(command.account());
      }
    }
    auto message = MakeMessage(method_, std::move(batch), caller_.token_sha256);
    if (!message.ok()) return RefuseLocked(slot, message.status());
    auto submission = std::make_unique<Submission>();
    submission->message = *std::move(message);
    submission->person = caller_.person.id;
    submission->cancelled = [this] { return gone_.load(std::memory_order_relaxed); };
    submission->done = [this, &slot](Outcome outcome) {  // a deque's elements keep their place while others come and go at its ends
      parts_.answers->Post([this, &slot, outcome = std::move(outcome)] { Answer(slot, outcome); });
    };
    accounts_.merge(accounts);
    ++in_engine_;
    submitting_ = true;
    return submission;
  }

  // The next account whose orders end with the connection; nullopt: none, or not now.
  std::optional<ledger::AccountNumber> LeaveLocked() {
    if (accounts_.empty() || finished_ || in_engine_ > 0 || submitting_) return std::nullopt;
    if (!gone_ && !(no_more_reads_ && slots_.empty())) return std::nullopt;
    ++in_engine_;
    return *accounts_.begin();
  }

  // What is refused ends nothing, and is not tried again: the account is foreign, or the person may not trade any more.
  void CancelOrdersOf(ledger::AccountNumber account) {
    auto message = CancelMessage(account);
    if (!message.ok()) return Locked([&] { CancelledLocked(account); });
    auto submission = std::make_unique<Submission>();
    submission->message = *std::move(message);
    submission->person = caller_.person.id;
    submission->always = true;
    submission->done = [this, account](Outcome outcome) {
      parts_.answers->Post([this, account, outcome = std::move(outcome)] {
        v1::CancelOrdersAnswer answer;
        const bool more = outcome.status.ok() && answer.ParseFromString(outcome.answer) && answer.more();
        Locked([&] {
          if (more) {
            --in_engine_;
          } else {
            CancelledLocked(account);
          }
        });
      });
    };
    parts_.engine->Submit(std::move(submission));
  }
  void CancelledLocked(ledger::AccountNumber account) {
    --in_engine_;
    accounts_.erase(account);
  }

  absl::StatusOr<Message> CancelMessage(ledger::AccountNumber account) {
    const Method* method = FindMethod("songhua.v1.Exchange/CancelOrders");
    ReadContext context(parts_.reads, method, &caller_);
    auto request = std::make_unique<v1::CancelOrdersRequest>();
    SONGHUA_RETURN_IF_ERROR(context.Begin(*request));
    Lookup lookup(&context);
    SONGHUA_ASSIGN_OR_RETURN(*request->mutable_account(), lookup.AccountName(account));
    Digest random;
    SONGHUA_CHECK(RAND_bytes(random.data(), static_cast<int>(random.size())) == 1);
    std::string day = FormatDate(context.today());
    day.erase(std::remove(day.begin(), day.end(), '-'), day.end());
    request->set_request_id(day + "-disconnect-" + ToHex(random).substr(0, 16));
    return MakeMessage(*method, std::move(request), caller_.token_sha256);
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
    if (finished_ || in_engine_ > 0 || submitting_ || writing_) return std::nullopt;  // in_engine_: LeaveLocked has begun, if there is anything to end
    if (!gone_ && (!slots_.empty() || !(no_more_reads_ || draining_))) return std::nullopt;
    finished_ = true;
    if (gone_) return grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone");
    return no_more_reads_ ? grpc::Status::OK : ToGrpcStatus(ShuttingDown());
  }

  static constexpr size_t kStreamNameShownMax = 80;
  static constexpr char kCancelOnDisconnect[] = "cancel-on-disconnect";

  const ServiceParts& parts_;
  const Method& method_;
  Caller caller_;
  bool cancels_ = false;  // open orders when the connection ends
  bool registered_ = false;
  std::atomic<bool> gone_{false};

  std::mutex mutex_;
  grpc::ByteBuffer read_;
  std::deque<Slot> slots_;  // in the order of their batches
  std::set<ledger::AccountNumber> accounts_;  // where it placed orders that are to end with it
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
