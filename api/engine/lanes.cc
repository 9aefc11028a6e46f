#include "api/engine/lanes.h"

#include "ledger/bounds.h"
#include "ledger/refusal.h"

namespace songhua::api {

std::string_view LaneName(Lane lane) {
  switch (lane) {
    case Lane::kOrders: return "orders";
    case Lane::kRegistry: return "registry";
    case Lane::kOperations: return "operations";
    case Lane::kBulk: return "bulk";
  }
  return "";
}

absl::Status Lanes::Push(std::unique_ptr<Submission>& submission) {
  const auto lane = static_cast<size_t>(submission->message.method->lane);
  const size_t bytes = submission->message.canonical.size();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (closed_) return Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN").Accepted("a later attempt with the same request_id");
    Queue& queue = queues_[lane];
    size_t& of_person = queue.by_person[submission->person];
    const bool full = queue.waiting.size() >= bounds::kLaneRequestsMax || queue.bytes + bytes > bounds::kLaneBytesMax;
    if (!submission->always && (full || of_person >= bounds::kLanePersonRequestsMax)) {
      if (of_person == 0) queue.by_person.erase(submission->person);
      ++queue.refused;
      return Refuse(absl::StatusCode::kResourceExhausted, full ? "LANE_FULL" : "QUOTA_EXCEEDED")
          .Field("lane")
          .Value(LaneName(submission->message.method->lane))
          .Accepted(full ? "a later attempt: the lane holds as much as it may"
                         : "at most " + std::to_string(bounds::kLanePersonRequestsMax) + " requests of one person waiting in a lane");
    }
    ++of_person;
    queue.bytes += bytes;
    queue.waiting.push_back(std::move(submission));
    ++total_;
  }
  work_.notify_one();
  return absl::OkStatus();
}

void Lanes::PutBack(std::unique_ptr<Submission> submission) {
  std::lock_guard<std::mutex> lock(mutex_);
  Queue& queue = queues_[static_cast<size_t>(submission->message.method->lane)];
  ++queue.by_person[submission->person];
  queue.bytes += submission->message.canonical.size();
  queue.waiting.push_front(std::move(submission));
  ++total_;
}

std::unique_ptr<Submission> Lanes::Pop() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (total_ == 0) return nullptr;
  while (turns_left_ <= 0 || queues_[turn_lane_].waiting.empty()) {
    turn_lane_ = (turn_lane_ + 1) % kLanes;
    turns_left_ = bounds::kLaneWeights[turn_lane_];
  }
  --turns_left_;
  Queue& queue = queues_[turn_lane_];
  std::unique_ptr<Submission> submission = std::move(queue.waiting.front());
  queue.waiting.pop_front();
  --total_;
  queue.bytes -= submission->message.canonical.size();
  auto it = queue.by_person.find(submission->person);
  if (--it->second == 0) queue.by_person.erase(it);
  return submission;
}

void Lanes::WaitForWork(std::chrono::steady_clock::time_point until) {
  std::unique_lock<std::mutex> lock(mutex_);
  work_.wait_until(lock, until, [this] { return total_ > 0 || closed_; });
}

void Lanes::Close() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
  }
  work_.notify_all();
}

bool Lanes::closed() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return closed_;
}

bool Lanes::empty() const {
  std::lock_guard<std::mutex> lock(mutex_);
  return total_ == 0;
}

LaneCounts Lanes::Counts(Lane lane) const {
  std::lock_guard<std::mutex> lock(mutex_);
  const Queue& queue = queues_[static_cast<size_t>(lane)];
  return {queue.waiting.size(), queue.refused};
}

}  // namespace songhua::api
