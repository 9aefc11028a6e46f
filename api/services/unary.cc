#include "api/services/unary.h"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <utility>

#include "api/engine/message.h"
#include "api/reads/run_read.h"
#include "api/services/call.h"
#include "api/services/errors.h"
#include "ledger/bounds.h"

namespace songhua::api {
namespace {

// The sequence that a read wants to see; 0: whatever there is.
uint64_t AtLeastSequence(const google::protobuf::Message& request) {
  const auto* field = request.GetDescriptor()->FindFieldByName("options");
  if (field == nullptr || field->message_type() != v1::ReadOptions::descriptor()) return 0;
  return static_cast<const v1::ReadOptions&>(request.GetReflection()->GetMessage(request, field)).at_least_sequence();
}

class UnaryCall final : public grpc::ServerUnaryReactor {
 public:
  UnaryCall(const ServiceParts& parts, const Method& method, grpc::CallbackServerContext* context, grpc::ByteBuffer* answer)
      : parts_(parts), method_(method), context_(context), answer_(answer) {}

  void Start(const grpc::ByteBuffer& bytes) {
    const absl::Status status = TryStart(bytes);
    if (!status.ok()) Finish(ToGrpcStatus(status));
  }

  void OnCancel() override {
    cancelled_ = true;
    std::optional<TaskPool::Id> waiting;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      waiting = task_;
    }
    if (waiting.has_value()) parts_.pool->Cancel(*waiting);
  }
  void OnDone() override { delete this; }

 private:
  // When it returns OK, the call will be finished from another thread, or has been: `this` may be gone.
  absl::Status TryStart(const grpc::ByteBuffer& bytes) {
    SONGHUA_ASSIGN_OR_RETURN(caller_, Admit(*parts_.reads, method_, *context_));
    request_ = method_.new_request();
    SONGHUA_RETURN_IF_ERROR(Parse(bytes, request_.get()));
    return method_.write ? SubmitWrite() : SubmitRead();
  }

  absl::Status SubmitWrite() {
    SONGHUA_RETURN_IF_ERROR(parts_.order_rate->Take(caller_->person.participant, CountOrders(*request_)));
    if (method_.admit) SONGHUA_RETURN_IF_ERROR(method_.admit(*parts_.reads, *request_));
    auto submission = std::make_unique<Submission>();
    SONGHUA_ASSIGN_OR_RETURN(submission->message, MakeMessage(method_, std::move(request_), caller_->token_sha256));
    submission->person = caller_->person.id;
    submission->deadline = DeadlineOf(*context_);
    submission->cancelled = [this] { return cancelled_.load(std::memory_order_relaxed); };
    submission->done = [this](Outcome outcome) {
      parts_.answers->Post([this, outcome = std::move(outcome)] { Conclude(outcome.status, outcome.answer); });
    };
    parts_.engine->Submit(std::move(submission));
    return absl::OkStatus();
  }

  absl::Status SubmitRead() {
    TaskPool::Task task;
    task.at_least = AtLeastSequence(*request_);
    task.deadline = std::min(DeadlineOf(*context_), TaskPool::Clock::now() + std::chrono::microseconds(bounds::kReadWaitMaxUs));
    task.run = [this](const absl::Status& status) { Read(status); };
    // The lock keeps the call from being finished, and so from going, before its number is noted.
    const std::lock_guard<std::mutex> lock(mutex_);
    SONGHUA_ASSIGN_OR_RETURN(task_, parts_.pool->Submit(std::move(task)));
    return absl::OkStatus();
  }

  void Read(const absl::Status& status) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      task_.reset();
    }
    if (!status.ok()) return Conclude(status, "");
    const auto answer = RunRead(*parts_.reads, method_, caller_.has_value() ? &*caller_ : nullptr, *request_,
                                [this] { return cancelled_.load(std::memory_order_relaxed); });
    Conclude(answer.status(), answer.ok() ? *answer : "");
  }

  void Conclude(const absl::Status& status, const std::string& answer) {
    if (status.ok()) Assign(answer, answer_);
    Finish(ToGrpcStatus(status));
  }

  const ServiceParts& parts_;
  const Method& method_;
  grpc::CallbackServerContext* const context_;
  grpc::ByteBuffer* const answer_;
  std::optional<Caller> caller_;
  std::unique_ptr<google::protobuf::Message> request_;
  std::atomic<bool> cancelled_{false};
  std::mutex mutex_;
  std::optional<TaskPool::Id> task_;  // while it is in the pool
};

}  // namespace

grpc::ServerUnaryReactor* StartUnary(const ServiceParts& parts, const Method& method, grpc::CallbackServerContext* context,
                                     const grpc::ByteBuffer* request, grpc::ByteBuffer* answer) {
  auto* call = new UnaryCall(parts, method, context, answer);
  call->Start(*request);
  return call;
}

}  // namespace songhua::api
