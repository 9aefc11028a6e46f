// One thread that hands answers to gRPC, so that the commit thread, which must get on with the next sync, does not. Work is done in the
// order in which it was posted; whoever posts has bounded what he has in flight. Thread-safe.
#ifndef SONGHUA_API_SERVICES_ANSWER_THREAD_H_
#define SONGHUA_API_SERVICES_ANSWER_THREAD_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace songhua::api {

class AnswerThread {
 public:
  AnswerThread() : thread_([this] { Loop(); }) {}
  ~AnswerThread() { Close(); }

  void Post(std::function<void()> work) {
    bool was_empty;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      was_empty = work_.empty();
      work_.push_back(std::move(work));
    }
    if (was_empty) changed_.notify_one();
  }

  // Does what was posted and joins the thread. Nothing may be posted any more.
  void Close() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      closed_ = true;
    }
    changed_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void Loop() {
    std::vector<std::function<void()>> batch;
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return !work_.empty() || closed_; });
      if (work_.empty()) return;
      batch.swap(work_);
      lock.unlock();
      for (std::function<void()>& work : batch) work();
      batch.clear();
      lock.lock();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> work_;
  bool closed_ = false;
  std::thread thread_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_ANSWER_THREAD_H_
