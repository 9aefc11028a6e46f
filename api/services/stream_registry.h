// The open streams, so that a server that drains can end them: a stream, unlike a call, may have no end of its own. Thread-safe.
#ifndef SONGHUA_API_SERVICES_STREAM_REGISTRY_H_
#define SONGHUA_API_SERVICES_STREAM_REGISTRY_H_

#include <cstddef>
#include <mutex>
#include <set>

namespace songhua::api {

class StreamRegistry {
 public:
  class Stream {
   public:
    virtual ~Stream() = default;
    // Takes in nothing more, finishes what was taken in, ends. Called at most once, under the registry's lock.
    virtual void Drain() = 0;
  };

  // False: the server drains, or as many streams as may be are open; the stream must end at once, and is not registered.
  bool Add(Stream* stream) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (draining_ || streams_.size() >= kStreamsMax) return false;
    streams_.insert(stream);
    return true;
  }
  // A stream that was added is removed before it goes.
  void Remove(Stream* stream) {
    const std::lock_guard<std::mutex> lock(mutex_);
    streams_.erase(stream);
  }
  void Drain() {
    const std::lock_guard<std::mutex> lock(mutex_);
    draining_ = true;
    for (Stream* stream : streams_) stream->Drain();
  }
  size_t size() const {
    const std::lock_guard<std::mutex> lock(mutex_);
    return streams_.size();
  }

 private:
  static constexpr size_t kStreamsMax = 4'096;
  mutable std::mutex mutex_;
  std::set<Stream*> streams_;
  bool draining_ = false;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_STREAM_REGISTRY_H_
