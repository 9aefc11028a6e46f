#include "api/services/document_upload.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <utility>

#include "api/engine/message.h"
#include "api/services/call.h"
#include "api/services/errors.h"
#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/refusal.h"
#include "songhua/v1/documents.pb.h"

namespace songhua::api {
namespace {

absl::Status OutOfOrder(const std::string& value, const std::string& accepted) {
  return Refuse(absl::StatusCode::kInvalidArgument, "UPLOAD_OUT_OF_ORDER").Rule("GEN-08").Field("part").Value(value).Accepted(accepted);
}

// One thing happens at a time: a message is read, or worked on in the pool, or the engine answers; so most of it needs no lock. Draining alone comes in
// between: it ends a stream that waits for its client, and leaves one that is worked on to end itself.
class DocumentUpload final : public grpc::ServerReadReactor<grpc::ByteBuffer>, private StreamRegistry::Stream {
 public:
  DocumentUpload(const ServiceParts& parts, const Method& method, grpc::CallbackServerContext* context, grpc::ByteBuffer* answer)
      : parts_(parts), method_(method), context_(context), answer_(answer) {}

  void Start() {
    const absl::Status status = TryStart();
    if (!status.ok()) return Finish(ToGrpcStatus(status));
    ReadNext();
  }

  void OnReadDone(bool ok) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      reading_ = false;
      if (ended_) return;
    }
    TaskPool::Task task;
    task.run = [this, ok](const absl::Status& status) { Work(status, ok); };
    const auto submitted = parts_.pool->Submit(std::move(task));
    if (!submitted.ok()) Finish(ToGrpcStatus(submitted.status()));
  }

  void OnCancel() override { gone_ = true; }

  void OnDone() override {
    writer_.reset();
    if (registered_) parts_.streams->Remove(this);
    if (entered_) parts_.documents->Leave();
    delete this;
  }

 private:
  absl::Status TryStart() {
    SONGHUA_ASSIGN_OR_RETURN(auto caller, Admit(*parts_.reads, method_, *context_));
    caller_ = *std::move(caller);
    entered_ = parts_.documents->Enter();
    if (!entered_) {
      return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_DOCUMENTS")
          .Value(std::to_string(bounds::kDocumentStreamsMax) + " documents are on their way")
          .Accepted("a later attempt");
    }
    registered_ = parts_.streams->Add(this);
    return registered_ ? absl::OkStatus() : ShuttingDown();
  }

  void Drain() override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      draining_ = true;
      if (!reading_) return;
      ended_ = true;
    }
    Finish(ToGrpcStatus(ShuttingDown()));
  }

  // The last thing that its caller does: the stream may be gone when it returns.
  void ReadNext() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!draining_) {
        reading_ = true;
        StartRead(&read_);
        return;
      }
    }
    Finish(ToGrpcStatus(ShuttingDown()));
  }

  // In the pool.
  void Work(const absl::Status& status, bool ok) {
    const absl::Status worked = status.ok() ? TryWork(ok) : status;
    if (!worked.ok()) Finish(ToGrpcStatus(worked));
  }

  // When it returns OK, the stream goes on elsewhere: `this` may be gone.
  absl::Status TryWork(bool ok) {
    if (gone_) return absl::CancelledError("the client has gone");
    if (!ok) return Complete();
    v1::UploadDocumentRequest message;
    SONGHUA_RETURN_IF_ERROR(Parse(read_, &message));
    SONGHUA_RETURN_IF_ERROR(RefuseUnknownFields(message));
    switch (message.part_case()) {
      case v1::UploadDocumentRequest::kRegistration: return TakeRegistration(message.registration());
      case v1::UploadDocumentRequest::kChunk: return TakeChunk(message.chunk());
      case v1::UploadDocumentRequest::PART_NOT_SET: break;
    }
    return OutOfOrder("an empty message", "a registration, then chunks");
  }

  absl::Status TakeRegistration(const v1::RegisterDocumentRequest& registration) {
    if (registration_ != nullptr) return OutOfOrder("a second registration", "one registration, then chunks");
    registration_ = std::make_unique<v1::RegisterDocumentRequest>(registration);
    // A malformed request_id is told now and not after all the bytes.
    SONGHUA_RETURN_IF_ERROR(MakeMessage(method_, Copy(), caller_.token_sha256).status());
    std::unique_ptr<v1::RegisterDocumentRequest> trial = Copy();
    trial->set_validate_only(true);
    return Submit(std::move(trial), [this](const Outcome& outcome) { OnTried(outcome); });
  }

  void OnTried(const Outcome& outcome) {
    if (!outcome.status.ok() || registration_->validate_only()) return Conclude(outcome);
    ReadNext();
  }

  absl::Status TakeChunk(const std::string& chunk) {
    if (registration_ == nullptr) return OutOfOrder("a chunk", "the registration first");
    if (chunk.empty() || chunk.size() > bounds::kDocumentChunkBytesMax) {
      return InvalidField("chunk", std::to_string(chunk.size()) + " bytes", "1 to " + std::to_string(bounds::kDocumentChunkBytesMax) + " bytes")
          .Rule("GEN-08");
    }
    SONGHUA_RETURN_IF_ERROR(Begin());
    SONGHUA_RETURN_IF_ERROR(writer_->Append(chunk));
    ReadNext();
    return absl::OkStatus();
  }

  absl::Status Begin() {
    if (writer_ != nullptr) return absl::OkStatus();
    const auto sha256 = FromHex(registration_->document().sha256());
    SONGHUA_CHECK(sha256.ok());  // the registration was tried
    SONGHUA_ASSIGN_OR_RETURN(writer_, parts_.documents->Begin(*sha256, registration_->document().size_bytes()));
    return absl::OkStatus();
  }

  // The client has sent all.
  absl::Status Complete() {
    if (registration_ == nullptr) return OutOfOrder("no message", "a registration, then chunks");
    SONGHUA_RETURN_IF_ERROR(Begin());
    SONGHUA_RETURN_IF_ERROR(writer_->Commit());
    return Submit(Copy(), [this](const Outcome& outcome) { Conclude(outcome); });
  }

  std::unique_ptr<v1::RegisterDocumentRequest> Copy() const { return std::make_unique<v1::RegisterDocumentRequest>(*registration_); }

  // `then` is called on the answer thread.
  template <class Then>
  absl::Status Submit(std::unique_ptr<v1::RegisterDocumentRequest> request, Then then) {
    auto submission = std::make_unique<Submission>();
    SONGHUA_ASSIGN_OR_RETURN(submission->message, MakeMessage(method_, std::move(request), caller_.token_sha256));
    submission->person = caller_.person.id;
    submission->deadline = DeadlineOf(*context_);
    submission->cancelled = [this] { return gone_.load(std::memory_order_relaxed); };
    submission->done = [this, then](Outcome outcome) {
      parts_.answers->Post([then, outcome = std::move(outcome)] { then(outcome); });
    };
    parts_.engine->Submit(std::move(submission));
    return absl::OkStatus();
  }

  void Conclude(const Outcome& outcome) {
    if (outcome.status.ok()) Assign(outcome.answer, answer_);
    Finish(ToGrpcStatus(outcome.status));
  }

  const ServiceParts& parts_;
  const Method& method_;
  grpc::CallbackServerContext* const context_;
  grpc::ByteBuffer* const answer_;
  Caller caller_;
  bool entered_ = false;
  bool registered_ = false;
  std::atomic<bool> gone_{false};
  grpc::ByteBuffer read_;
  std::unique_ptr<v1::RegisterDocumentRequest> registration_;
  std::unique_ptr<DocumentFiles::Writer> writer_;

  std::mutex mutex_;
  bool reading_ = false;
  bool draining_ = false;
  bool ended_ = false;  // by Drain
};

}  // namespace

grpc::ServerReadReactor<grpc::ByteBuffer>* StartDocumentUpload(const ServiceParts& parts, const Method& method,
                                                               grpc::CallbackServerContext* context, grpc::ByteBuffer* answer) {
  auto* upload = new DocumentUpload(parts, method, context, answer);
  upload->Start();
  return upload;
}

}  // namespace songhua::api
