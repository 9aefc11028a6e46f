// A stream that the server writes until its reader goes, the server drains, or what it tells of ends: what the streams of books and of deadlines share.
//
// A subclass keeps its own state under the same lock and changes it by Locked(), which then starts what has become possible and, when nothing is under
// way any more, ends the stream. Others may call in on any thread: gRPC's, the answer thread, the pool, the commit thread (which only leaves a note and
// calls PostLocked). The stream deletes itself.
#ifndef SONGHUA_API_SERVICES_WATCH_STREAM_H_
#define SONGHUA_API_SERVICES_WATCH_STREAM_H_

#include <mutex>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "api/services/call.h"
#include "api/services/errors.h"
#include "api/services/parts.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace songhua::api {

class WatchStream : public grpc::ServerWriteReactor<grpc::ByteBuffer>, private StreamRegistry::Stream {
 public:
  void OnWriteDone(bool ok) final {
    Locked([&] {
      writing_ = false;
      if (!ok) FailLocked(absl::CancelledError("the client has gone"));
      OnWrittenLocked();
    });
  }
  void OnCancel() final {
    Locked([&] { FailLocked(absl::CancelledError("the client has gone")); });
  }
  void OnDone() final {
    if (registered_) parts_.streams->Remove(this);
    delete this;
  }

 protected:
  explicit WatchStream(const ServiceParts& parts) : parts_(parts) {}

  // Begins to write, or ends at once with what went wrong. To be called once, after everything that Unwatch() undoes was done.
  void Begin(const absl::Status& prepared) {
    if (!prepared.ok()) return Finish(ToGrpcStatus(prepared));
    Locked([&] { started_ = true; });
  }
  // UNAVAILABLE while the server drains.
  absl::Status Register() {
    registered_ = parts_.streams->Add(this);
    return registered_ ? absl::OkStatus() : ShuttingDown();
  }

  // Changes something under the lock, then does what has become possible. The end comes last and outside the lock, because the stream may
  // be gone by the time Finish returns.
  template <class Change>
  void Locked(Change change) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      change();
      if (started_ && !writing_ && failure_.ok()) AdvanceLocked();
      // A write that the client does not take may never be done; it does not hold up the end.
      if (failure_.ok() || !started_ || posted_ || BusyLocked() || finished_) return;
      finished_ = true;
    }
    Unwatch();
    Finish(ToGrpcStatus(failure_));
  }

  // Has the answer thread look at the stream soon.
  void PostLocked() {
    if (posted_) return;
    posted_ = true;
    parts_.answers->Post([this] { Locked([&] { posted_ = false; }); });
  }
  void WriteLocked(const std::string& bytes) {
    writing_ = true;
    Assign(bytes, &buffer_);
    StartWrite(&buffer_);
  }
  // The first failure is what the stream ends with.
  void FailLocked(absl::Status status) {
    if (failure_.ok()) failure_ = std::move(status);
  }
  bool writing_locked() const { return writing_; }
  bool failed_locked() const { return !failure_.ok(); }

  // Starts the next write, or what leads to it. It has begun, nothing is being written, and nothing failed.
  virtual void AdvanceLocked() = 0;
  virtual void OnWrittenLocked() {}
  // Whether work of its own is under way, which ends by Locked().
  virtual bool BusyLocked() const { return false; }
  // Nobody calls in any more once it returns. Called outside the lock.
  virtual void Unwatch() = 0;

  const ServiceParts& parts_;
  std::mutex mutex_;

 private:
  void Drain() final {
    Locked([&] { FailLocked(ShuttingDown()); });
  }

  bool registered_ = false;
  grpc::ByteBuffer buffer_;
  absl::Status failure_;  // why it ends
  bool started_ = false;
  bool posted_ = false;   // the answer thread will look
  bool writing_ = false;
  bool finished_ = false;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_WATCH_STREAM_H_
