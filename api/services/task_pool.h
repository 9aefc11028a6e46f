// A bounded pool of threads for reads, which may wait for the disk and must not hold up gRPC's own threads. A task may ask for a sequence:
// it then waits without a thread until the sequence is released.
//
//   pool.Submit({.at_least = 40, .deadline = deadline, .run = [](const absl::Status& status) { ... }});
//
// `run` is called exactly once with OK, or with why the task cannot run: DEADLINE_EXCEEDED, CANCELLED, UNAVAILABLE. Thread-safe.
#ifndef SONGHUA_API_SERVICES_TASK_POOL_H_
#define SONGHUA_API_SERVICES_TASK_POOL_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace songhua::api {

class TaskPool {
 public:
  using Clock = std::chrono::steady_clock;
  using Id = uint64_t;

  struct Task {
    uint64_t at_least = 0;                                  // runs when this sequence is released
    Clock::time_point deadline = Clock::time_point::max();  // for that
    std::function<void(const absl::Status& status)> run;
  };

  // At most `tasks_max` tasks are queued or waiting. `released` is the sequence that is released already.
  TaskPool(size_t threads, size_t tasks_max, uint64_t released);
  // Close()s.
  ~TaskPool();

  // RESOURCE_EXHAUSTED when full, UNAVAILABLE when closed; the task is then dropped without a call of `run`.
  absl::StatusOr<Id> Submit(Task task);
  // Ends a task that still waits for its sequence: it runs with CANCELLED. Does nothing for any other.
  void Cancel(Id id);
  // Everything up to this sequence may be seen. Called in order; wakes what waited for it.
  void Release(uint64_t sequence);
  // Lets queued tasks run, ends waiting ones with UNAVAILABLE, and joins the threads.
  void Close();

 private:
  struct Ready {
    absl::Status status;
    std::function<void(const absl::Status&)> run;
  };
  using WaitingKey = std::pair<uint64_t, Id>;  // sequence, id

  void Loop();
  // Moves a waiting task to the ready ones.
  void EndWaitLocked(std::map<WaitingKey, Task>::iterator it, absl::Status status);
  void EndExpiredLocked(Clock::time_point now);

  const size_t tasks_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Ready> ready_;
  std::map<WaitingKey, Task> waiting_;
  std::map<Id, uint64_t> waiting_sequence_;  // by id
  std::set<std::pair<Clock::time_point, Id>> deadlines_;
  uint64_t released_;
  Id last_id_ = 0;
  bool closed_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_TASK_POOL_H_
