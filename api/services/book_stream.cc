#include "api/services/book_stream.h"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "api/engine/message.h"
#include "api/reads/reads.h"
#include "api/services/call.h"
#include "api/services/errors.h"
#include "ledger/bounds.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

// Updates come on the commit thread, which only puts them into the queue; the answer thread and gRPC's threads write them. Locks: the
// publisher's before this stream's.
class BookStream final : public grpc::ServerWriteReactor<grpc::ByteBuffer>, private StreamRegistry::Stream {
 public:
  explicit BookStream(const ServiceParts& parts) : parts_(parts) {}

  void Start(const Method& method, const grpc::CallbackServerContext& context, const grpc::ByteBuffer& bytes) {
    const absl::Status status = TryStart(method, context, bytes);
    if (!status.ok()) return Finish(ToGrpcStatus(status));
    Locked([&] { started_ = true; });
  }

  void OnWriteDone(bool ok) override {
    Locked([&] {
      writing_ = false;
      if (!ok) Fail(absl::CancelledError("the client has gone"));
    });
  }
  void OnCancel() override {
    Locked([&] { Fail(absl::CancelledError("the client has gone")); });
  }
  void OnDone() override {
    if (registered_) parts_.streams->Remove(this);
    delete this;
  }

 private:
  absl::Status TryStart(const Method& method, const grpc::CallbackServerContext& context, const grpc::ByteBuffer& bytes) {
    SONGHUA_RETURN_IF_ERROR(Admit(*parts_.reads, method, context).status());
    v1::WatchOrderBookRequest request;
    SONGHUA_RETURN_IF_ERROR(Parse(bytes, &request));
    SONGHUA_ASSIGN_OR_RETURN(const std::string code, ledger::ParseName("contract", "contracts", request.contract()));
    SONGHUA_ASSIGN_OR_RETURN(const exchange::ContractNumber contract, parts_.reads->FindContract(code));
    if (contract == 0) return NotFound("contract", request.contract());
    SONGHUA_ASSIGN_OR_RETURN(const size_t depth, reads::ParseDepth(request.depth()));
    registered_ = parts_.streams->Add(this);
    if (!registered_) return ShuttingDown();
    SONGHUA_ASSIGN_OR_RETURN(watch_, parts_.books->Watch(contract, request.contract(), depth, [this](const auto& book) { Take(book); }));
    return absl::OkStatus();
  }

  static absl::Status ShuttingDown() { return Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN").Accepted("a later attempt"); }

  void Drain() override {
    Locked([&] { Fail(ShuttingDown()); });
  }

  void Fail(absl::Status status) {
    if (failure_.ok()) failure_ = std::move(status);
  }

  // On the commit thread.
  void Take(const std::shared_ptr<const std::string>& book) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (!failure_.ok()) return;
    queue_.push_back(book);
    queued_bytes_ += book->size();
    if (queue_.size() > bounds::kWatcherUpdatesMax || queued_bytes_ > bounds::kWatcherBytesMax) {
      queue_.clear();
      Fail(Refuse(absl::StatusCode::kResourceExhausted, "READER_TOO_SLOW")
               .Value(std::to_string(bounds::kWatcherUpdatesMax) + " updates were waiting")
               .Accepted("a new watch, which begins with a snapshot"));
    }
    if (posted_) return;
    posted_ = true;
    parts_.answers->Post([this] { Locked([&] { posted_ = false; }); });
  }

  // Changes something under the lock, then does what has become possible. The end comes last and outside the lock, because the stream may
  // be gone by the time Finish returns.
  template <class Change>
  void Locked(Change change) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      change();
      WriteNextLocked();
      // A write that the client does not take may never be done; it does not hold up the end.
      if (failure_.ok() || !started_ || posted_ || finished_) return;
      finished_ = true;
    }
    parts_.books->Unwatch(watch_);
    Finish(ToGrpcStatus(failure_));
  }

  void WriteNextLocked() {
    if (writing_ || queue_.empty() || !failure_.ok()) return;
    writing_ = true;
    queued_bytes_ -= queue_.front()->size();
    Assign(*queue_.front(), &buffer_);
    queue_.pop_front();
    StartWrite(&buffer_);
  }

  const ServiceParts& parts_;
  BookPublisher::WatchId watch_ = 0;
  bool registered_ = false;

  std::mutex mutex_;
  std::deque<std::shared_ptr<const std::string>> queue_;
  size_t queued_bytes_ = 0;
  grpc::ByteBuffer buffer_;
  absl::Status failure_;  // why it ends
  bool started_ = false;  // watch_ is known
  bool posted_ = false;   // the answer thread will look at the queue
  bool writing_ = false;
  bool finished_ = false;
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartBookStream(const ServiceParts& parts, const Method& method,
                                                            grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  auto* stream = new BookStream(parts);
  stream->Start(method, *context, *request);
  return stream;
}

}  // namespace songhua::api
