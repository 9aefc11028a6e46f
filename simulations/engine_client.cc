#include "simulations/engine_client.h"

#include <memory>
#include <utility>

#include "simulations/latencies.h"

namespace songhua::simulations {

void EngineClient::Submit(api::Message message, std::string person, std::function<void(api::Outcome)> done, int64_t* submitted_ns) {
  {
    std::unique_lock<std::mutex> lock(mutex_);
    // Once it is full, it waits until half is answered: one wake-up for many answers.
    if (in_flight_ >= in_flight_max_) {
      wake_at_ = in_flight_max_ / 2;
      waiting_ = true;
      fewer_.wait(lock, [this] { return in_flight_ <= wake_at_; });
      waiting_ = false;
    }
    ++in_flight_;
  }
  auto submission = std::make_unique<api::Submission>();
  submission->message = std::move(message);
  submission->person = std::move(person);
  submission->done = [this, done = std::move(done)](api::Outcome outcome) {
    done(std::move(outcome));
    const std::lock_guard<std::mutex> lock(mutex_);
    --in_flight_;
    if (waiting_ && in_flight_ <= wake_at_) fewer_.notify_one();
  };
  if (submitted_ns != nullptr) *submitted_ns = SteadyNanos();
  engine_->Submit(std::move(submission));
}

void EngineClient::Drain() {
  std::unique_lock<std::mutex> lock(mutex_);
  wake_at_ = 0;
  waiting_ = true;
  fewer_.wait(lock, [this] { return in_flight_ == 0; });
  waiting_ = false;
}

}  // namespace songhua::simulations
