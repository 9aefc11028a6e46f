#include "api/services/task_pool.h"

#include "ledger/refusal.h"

namespace songhua::api {

TaskPool::TaskPool(size_t threads, size_t tasks_max, uint64_t released) : tasks_max_(tasks_max), released_(released) {
  for (size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { Loop(); });
}

TaskPool::~TaskPool() { Close(); }

absl::StatusOr<TaskPool::Id> TaskPool::Submit(Task task) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (closed_) return Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN").Accepted("a later attempt");
  if (ready_.size() + waiting_.size() >= tasks_max_) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_READS")
        .Value(std::to_string(tasks_max_) + " wait")
        .Accepted("a later attempt");
  }
  const Id id = ++last_id_;
  if (task.at_least <= released_) {
    ready_.push_back({absl::OkStatus(), std::move(task.run)});
  } else {
    deadlines_.emplace(task.deadline, id);
    waiting_sequence_[id] = task.at_least;
    waiting_.emplace(WaitingKey(task.at_least, id), std::move(task));
  }
  changed_.notify_one();  // a thread to run it, or to watch its deadline
  return id;
}

void TaskPool::EndWaitLocked(std::map<WaitingKey, Task>::iterator it, absl::Status status) {
  deadlines_.erase({it->second.deadline, it->first.second});
  waiting_sequence_.erase(it->first.second);
  ready_.push_back({std::move(status), std::move(it->second.run)});
  waiting_.erase(it);
}

void TaskPool::Cancel(Id id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto at = waiting_sequence_.find(id);
  if (at == waiting_sequence_.end()) return;
  EndWaitLocked(waiting_.find({at->second, id}), absl::CancelledError("the caller left before the sequence was reached"));
  changed_.notify_one();
}

void TaskPool::Release(uint64_t sequence) {
  const std::lock_guard<std::mutex> lock(mutex_);
  released_ = sequence;
  while (!waiting_.empty() && waiting_.begin()->first.first <= sequence) {
    EndWaitLocked(waiting_.begin(), absl::OkStatus());
    changed_.notify_one();
  }
}

void TaskPool::EndExpiredLocked(Clock::time_point now) {
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    const Id id = deadlines_.begin()->second;
    const auto it = waiting_.find({waiting_sequence_.at(id), id});
    EndWaitLocked(it, Refuse(absl::StatusCode::kDeadlineExceeded, "SEQUENCE_NOT_REACHED")
                          .Field("options.at_least_sequence")
                          .Value(std::to_string(it->first.first))
                          .Accepted("at most " + std::to_string(released_) + " so far"));
  }
}

void TaskPool::Loop() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    EndExpiredLocked(Clock::now());
    if (!ready_.empty()) {
      Ready task = std::move(ready_.front());
      ready_.pop_front();
      lock.unlock();
      task.run(task.status);
      task.run = nullptr;  // what it holds goes before the lock is taken again
      lock.lock();
      continue;
    }
    if (closed_) return;
    if (deadlines_.empty() || deadlines_.begin()->first == Clock::time_point::max()) {
      changed_.wait(lock);
    } else {
      const Clock::time_point next = deadlines_.begin()->first;  // a copy: the entry may go while this waits
      changed_.wait_until(lock, next);
    }
  }
}

void TaskPool::Close() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    closed_ = true;
    while (!waiting_.empty()) {
      EndWaitLocked(waiting_.begin(), Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN").Accepted("a later attempt"));
    }
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

}  // namespace songhua::api
