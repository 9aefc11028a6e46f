// The lanes in which messages wait for the state machine: bounded queues, served in weighted turns (bounds.h). A full lane refuses with
// RESOURCE_EXHAUSTED; it never takes memory without end, and a busy lane never starves another.
#ifndef SONGHUA_API_ENGINE_LANES_H_
#define SONGHUA_API_ENGINE_LANES_H_

#include <array>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "api/engine/state_machine.h"

namespace songhua::api {

// A message with the caller who waits for it.
struct Submission {
  Message message;
  std::string person;  // whose quota it counts against
  // Taken in however full its lane is: for the few that the service sends by itself to take risk away.
  bool always = false;
  // Not executed when this has passed while it waited.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  // True once the caller is gone; a message that waits then is dropped.
  std::function<bool()> cancelled;
  // Called exactly once, on the commit thread or on the thread that refused; must not block.
  std::function<void(Outcome)> done;
};

struct LaneCounts {
  size_t waiting = 0;
  uint64_t refused = 0;
};

// Thread-safe.
class Lanes {
 public:
  // Takes a message in, or says why not: RESOURCE_EXHAUSTED (the lane, or the person's share of it, is full; not `always`) or UNAVAILABLE (closed). A refused
  // submission is still the caller's.
  absl::Status Push(std::unique_ptr<Submission>& submission);
  // Puts a message back at the head of its lane; never refused.
  void PutBack(std::unique_ptr<Submission> submission);
  // The next message in turn; null: all lanes are empty.
  std::unique_ptr<Submission> Pop();
  // Waits until a message is there, `until` has come, or the lanes are closed.
  void WaitForWork(std::chrono::steady_clock::time_point until);
  // No message is taken in any more.
  void Close();
  bool closed() const;
  bool empty() const;
  LaneCounts Counts(Lane lane) const;

 private:
  struct Queue {
    std::deque<std::unique_ptr<Submission>> waiting;
    size_t bytes = 0;
    uint64_t refused = 0;
    absl::flat_hash_map<std::string, size_t> by_person;
  };

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::array<Queue, kLanes> queues_;
  size_t total_ = 0;
  size_t turn_lane_ = 0;
  int turns_left_ = 0;
  bool closed_ = false;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_LANES_H_
