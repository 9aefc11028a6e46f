#include "api/engine/clock.h"

#include <chrono>
#include <cstdlib>

#include "ledger/bounds.h"

namespace songhua::api {
namespace {

class RealClock : public Clock {
 public:
  Timestamp Now() override {
    return Timestamp(std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch()).count());
  }
  int64_t SteadyMicros() override {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
};

}  // namespace

Clock* Clock::Real() {
  static RealClock* clock = new RealClock;
  return clock;
}

ClockWatch::ClockWatch(Clock* clock, Timestamp journal_time)
    : clock_(clock), last_(clock->Now()), last_steady_us_(clock->SteadyMicros()), said_(last_), expected_(journal_time) {
  stopped_ = journal_time.value() - last_.value() > bounds::kClockJumpMaxUs;
}

Timestamp ClockWatch::Read() {
  if (stopped_) return last_;
  const Timestamp now = clock_->Now();
  const int64_t steady_us = clock_->SteadyMicros();
  const int64_t jump = (now.value() - last_.value()) - (steady_us - last_steady_us_);
  if (std::llabs(jump) > bounds::kClockJumpMaxUs) {
    stopped_ = true;
    said_ = now;
    expected_ = Timestamp(now.value() - jump);
    return last_;
  }
  last_ = now;
  last_steady_us_ = steady_us;
  return now;
}

void ClockWatch::Confirm() {
  last_ = clock_->Now();
  last_steady_us_ = clock_->SteadyMicros();
  stopped_ = false;
}

}  // namespace songhua::api
