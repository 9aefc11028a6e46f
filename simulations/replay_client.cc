#include "simulations/replay_client.h"

#include <chrono>

#include "absl/status/status.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "ledger/refusal.h"

namespace songhua::simulations {
namespace {

// A call that takes longer has lost its service.
constexpr std::chrono::seconds kDeadline(120);

}  // namespace

std::string Described(const absl::Status& status) {
  const auto refusal = GetRefusal(status);
  const std::string message(status.message());
  if (!refusal.has_value() || message.find(refusal->reason) != std::string::npos) return message;
  return refusal->reason + ": " + message;
}

std::string ReasonOf(const absl::Status& status) {
  const auto refusal = GetRefusal(status);
  return refusal.has_value() ? refusal->reason : absl::StatusCodeToString(status.code());
}

ReplayClient::~ReplayClient() { Drain(); }

void ReplayClient::Prepare(grpc::ClientContext* context, const std::string& token) {
  context->AddMetadata("authorization", "Bearer " + token);
  context->set_deadline(std::chrono::system_clock::now() + kDeadline);
}

absl::Status ReplayClient::FromGrpc(const grpc::Status& status) {
  RefusalDetail detail;
  google::rpc::Status details;
  if (details.ParseFromString(status.error_details())) {
    for (const google::protobuf::Any& any : details.details()) {
      google::rpc::ErrorInfo info;
      if (!any.UnpackTo(&info)) continue;
      detail.reason = info.reason();
      const auto text = [&](const char* key) {
        const auto found = info.metadata().find(key);
        return found == info.metadata().end() ? std::string() : found->second;
      };
      detail.rule = text("rule");
      detail.field = text("field");
      detail.value = text("value");
      detail.accepted = text("accepted");
    }
  }
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  if (detail.reason.empty()) return absl::Status(code, status.error_message());
  return RestoreRefusal(code, status.error_message(), detail);
}

void ReplayClient::TakePlace() {
  while (in_flight_ >= kInFlightMax) HandOverOne();
  ++in_flight_;
  ++calls_;
}

void ReplayClient::Finish(std::function<void()> hand_over) {
  const std::lock_guard<std::mutex> lock(mutex_);
  done_.push_back(std::move(hand_over));
  finished_.notify_one();  // under the lock: whoever waits may destroy this as soon as it is released
}

void ReplayClient::HandOverOne() {
  std::function<void()> hand_over;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    finished_.wait(lock, [&] { return !done_.empty(); });
    hand_over = std::move(done_.front());
    done_.pop_front();
  }
  --in_flight_;
  hand_over();
}

void ReplayClient::Drain() {
  while (in_flight_ > 0) HandOverOne();
}

}  // namespace songhua::simulations
