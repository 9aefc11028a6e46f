// The machine's clock as the engine reads it, with the watch that notices when it jumps.
#ifndef SONGHUA_API_ENGINE_CLOCK_H_
#define SONGHUA_API_ENGINE_CLOCK_H_

#include "ledger/legal_time.h"

namespace songhua::api {

// Two clocks: one tells the time and may be set by somebody, one only counts and cannot. A seam for tests and the simulator.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp Now() = 0;
  // Microseconds since some moment; never jumps.
  virtual int64_t SteadyMicros() = 0;
  // The machine's.
  static Clock* Real();
};

// Compares the two clocks at each reading. A difference of more than bounds::kClockJumpMaxUs since the reading before is a jump, forward or back; so is
// a start at which the clock stands that much before the journal's last time. Used by one thread.
class ClockWatch {
 public:
  ClockWatch(Clock* clock, Timestamp journal_time);

  // The time to stamp commands with. While stopped() it does not move.
  Timestamp Read();
  bool stopped() const { return stopped_; }
  // When stopped: what the clock said then, and what it would have said without the jump, or the journal's last time.
  Timestamp said() const { return said_; }
  Timestamp expected() const { return expected_; }
  // Accepts the clock as it stands now.
  void Confirm();

 private:
  Clock* clock_;
  Timestamp last_;
  int64_t last_steady_us_;
  bool stopped_ = false;
  Timestamp said_, expected_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_CLOCK_H_
