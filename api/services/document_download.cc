#include "api/services/document_download.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "api/reads/run_read.h"
#include "api/services/call.h"
#include "api/services/errors.h"
#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/refusal.h"
#include "songhua/v1/documents.pb.h"

namespace songhua::api {
namespace {

// One thing happens at a time: the pool reads the next chunk, or gRPC writes it.
class DocumentDownload final : public grpc::ServerWriteReactor<grpc::ByteBuffer>, private StreamRegistry::Stream {
 public:
  DocumentDownload(const ServiceParts& parts, const Method& method, grpc::CallbackServerContext* context)
      : parts_(parts), method_(method), context_(context) {}

  void Start(const grpc::ByteBuffer& bytes) {
    const absl::Status status = TryStart(bytes);
    if (!status.ok()) Finish(ToGrpcStatus(status));
  }

  void OnWriteDone(bool ok) override {
    if (!ok) gone_ = true;
    const absl::Status status = GoOn({});
    if (!status.ok()) Finish(ToGrpcStatus(status));
  }
  void OnCancel() override { gone_ = true; }
  void OnDone() override {
    reader_.reset();
    if (registered_) parts_.streams->Remove(this);
    if (entered_) parts_.documents->Leave();
    delete this;
  }

 private:
  // When it returns OK, the pool goes on: `this` may be gone.
  absl::Status TryStart(const grpc::ByteBuffer& bytes) {
    SONGHUA_ASSIGN_OR_RETURN(caller_, Admit(*parts_.reads, method_, *context_));
    SONGHUA_RETURN_IF_ERROR(Parse(bytes, &request_));
    entered_ = parts_.documents->Enter();
    if (!entered_) {
      return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_DOCUMENTS")
          .Value(std::to_string(bounds::kDocumentStreamsMax) + " documents are on their way")
          .Accepted("a later attempt");
    }
    registered_ = parts_.streams->Add(this);
    if (!registered_) return ShuttingDown();
    TaskPool::Task first;
    first.at_least = request_.options().at_least_sequence();
    first.deadline = std::min(DeadlineOf(*context_), TaskPool::Clock::now() + std::chrono::microseconds(bounds::kReadWaitMaxUs));
    return GoOn(std::move(first));
  }

  void Drain() override { draining_ = true; }

  absl::Status GoOn(TaskPool::Task task) {
    task.run = [this](const absl::Status& status) {
      const absl::Status sent = status.ok() ? SendNext() : status;
      if (!sent.ok()) Finish(ToGrpcStatus(sent));
    };
    return parts_.pool->Submit(std::move(task)).status();
  }

  // In the pool. When it returns OK, a write is under way, or the stream has ended.
  absl::Status SendNext() {
    if (draining_) return ShuttingDown();
    if (gone_) return absl::CancelledError("the client has gone");
    if (reader_ == nullptr) SONGHUA_RETURN_IF_ERROR(Open());
    v1::DocumentChunk chunk;
    SONGHUA_ASSIGN_OR_RETURN(*chunk.mutable_data(), reader_->Next(bounds::kDocumentChunkBytesMax));
    if (chunk.data().empty()) {
      Finish(grpc::Status::OK);
      return absl::OkStatus();
    }
    Assign(chunk.SerializeAsString(), &buffer_);
    StartWrite(&buffer_);
    return absl::OkStatus();
  }

  // Finds the document, as GetDocument does for this caller.
  absl::Status Open() {
    SONGHUA_ASSIGN_OR_RETURN(const std::string bytes, RunRead(*parts_.reads, method_, caller_.has_value() ? &*caller_ : nullptr, request_,
                                                              [this] { return gone_.load(std::memory_order_relaxed); }));
    v1::DocumentAnswer answer;
    SONGHUA_CHECK(answer.ParseFromString(bytes));
    SONGHUA_ASSIGN_OR_RETURN(const Digest sha256, FromHex(answer.document().sha256()));
    SONGHUA_ASSIGN_OR_RETURN(reader_, parts_.documents->Read(sha256, answer.document().size_bytes()));
    return absl::OkStatus();
  }

  const ServiceParts& parts_;
  const Method& method_;
  grpc::CallbackServerContext* const context_;
  std::optional<Caller> caller_;
  v1::GetDocumentRequest request_;
  bool entered_ = false;
  bool registered_ = false;
  std::atomic<bool> gone_{false};
  std::atomic<bool> draining_{false};
  std::unique_ptr<DocumentFiles::Reader> reader_;
  grpc::ByteBuffer buffer_;
};

}  // namespace

grpc::ServerWriteReactor<grpc::ByteBuffer>* StartDocumentDownload(const ServiceParts& parts, const Method& method,
                                                                  grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  auto* download = new DocumentDownload(parts, method, context);
  download->Start(*request);
  return download;
}

}  // namespace songhua::api
