#include "api/services/book_stream.h"

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "api/engine/message.h"
#include "api/reads/reads.h"
#include "api/services/call.h"
#include "api/services/watch_stream.h"
#include "ledger/bounds.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

// Updates come on the commit thread, which only puts them into the queue; the answer thread and gRPC's threads write them. Locks: the
// publisher's before this stream's.
class BookStream final : public WatchStream {
 public:
  explicit BookStream(const ServiceParts& parts) : WatchStream(parts) {}

  void Start(const Method& method, const grpc::CallbackServerContext& context, const grpc::ByteBuffer& bytes) {
    Begin(Prepare(method, context, bytes));
  }

 private:
  absl::Status Prepare(const Method& method, const grpc::CallbackServerContext& context, const grpc::ByteBuffer& bytes) {
    SONGHUA_RETURN_IF_ERROR(Admit(*parts_.reads, method, context).status());
    v1::WatchOrderBookRequest request;
    SONGHUA_RETURN_IF_ERROR(Parse(bytes, &request));
    SONGHUA_ASSIGN_OR_RETURN(const std::string code, ledger::ParseName("contract", "contracts", request.contract()));
    SONGHUA_ASSIGN_OR_RETURN(const exchange::ContractNumber contract, parts_.reads->FindContract(code));
    if (contract == 0) return NotFound("contract", request.contract());
    SONGHUA_ASSIGN_OR_RETURN(const size_t depth, reads::ParseDepth(request.depth()));
    SONGHUA_RETURN_IF_ERROR(Register());
    SONGHUA_ASSIGN_OR_RETURN(watch_, parts_.books->Watch(contract, request.contract(), depth, request.after_update_number(),
                                                         [this](const auto& book) { Take(book); }));
    return absl::OkStatus();
  }

  // On the commit thread.
  void Take(const std::shared_ptr<const std::string>& book) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (failed_locked()) return;
    queue_.push_back(book);
    queued_bytes_ += book->size();
    if (queue_.size() > bounds::kWatcherUpdatesMax || queued_bytes_ > bounds::kWatcherBytesMax) {
      queue_.clear();
      FailLocked(Refuse(absl::StatusCode::kResourceExhausted, "READER_TOO_SLOW")
                     .Value(std::to_string(bounds::kWatcherUpdatesMax) + " updates were waiting")
                     .Accepted("a new watch, from the last update that was taken or with a snapshot"));
    }
    PostLocked();
  }

  void AdvanceLocked() override {
    if (queue_.empty()) return;
    queued_bytes_ -= queue_.front()->size();
    WriteLocked(*queue_.front());
    queue_.pop_front();
  }
  void Unwatch() override { parts_.books->Unwatch(watch_); }

  BookPublisher::WatchId watch_ = 0;
  std::deque<std::shared_ptr<const std::string>> queue_;
  size_t queued_bytes_ = 0;
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartBookStream(const ServiceParts& parts, const Method& method,
                                                            grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  auto* stream = new BookStream(parts);
  stream->Start(method, *context, *request);
  return stream;
}

}  // namespace songhua::api
