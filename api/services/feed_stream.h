// A stream of updates that are made of what a ChangeFeed remembers: what watches of deadlines and of orders share.
//
// Nothing waits here for a slow reader but the one update that is being written: when he has taken it, the next is made of what is remembered by then, or
// of the list anew. Whether he may still ask is looked at before each update.
//
// A Watch has a type Request; Start(request), which says whether it is asked for something sensible; and Next(), on one thread at a time: the next update, or
// nullopt where nothing changed that concerns him.
#ifndef SONGHUA_API_SERVICES_FEED_STREAM_H_
#define SONGHUA_API_SERVICES_FEED_STREAM_H_

#include <mutex>
#include <utility>

#include "absl/status/statusor.h"
#include "api/engine/message.h"
#include "api/reads/change_feed.h"
#include "api/services/call.h"
#include "api/services/watch_stream.h"

namespace songhua::api {

// The feed pokes on the commit thread, which only leaves a note; the pool makes updates, gRPC's threads write them. Locks: the feed's before
// this stream's. It deletes itself.
template <class Watch>
class FeedStream final : public WatchStream {
 public:
  FeedStream(const ServiceParts& parts, ChangeFeed* feed, const Method& method, const grpc::CallbackServerContext& context)
      : WatchStream(parts), feed_(feed), method_(method), context_(context), watch_(parts, method, context) {}

  void Start(const grpc::ByteBuffer& bytes) { Begin(Prepare(bytes)); }

 private:
  absl::Status Prepare(const grpc::ByteBuffer& bytes) {
    SONGHUA_RETURN_IF_ERROR(Admit(*parts_.reads, method_, context_).status());
    typename Watch::Request request;
    SONGHUA_RETURN_IF_ERROR(Parse(bytes, &request));
    SONGHUA_RETURN_IF_ERROR(RefuseUnknownFields(request));
    SONGHUA_RETURN_IF_ERROR(watch_.Start(request));
    SONGHUA_RETURN_IF_ERROR(Register());
    SONGHUA_ASSIGN_OR_RETURN(watch_id_, feed_->Watch([this] { Poke(); }));
    return absl::OkStatus();
  }

  // On the commit thread, under the feed's lock.
  void Poke() {
    const std::lock_guard<std::mutex> lock(mutex_);
    look_ = true;
    if (!looking_ && !writing_locked() && !failed_locked()) PostLocked();
  }

  // In the pool.
  void Look(const absl::Status& status) {
    decltype(watch_.Next()) update = status.ok() ? watch_.Next() : status;
    Locked([&] {
      looking_ = false;
      if (!update.ok()) return FailLocked(update.status());
      if (update->has_value() && !failed_locked()) WriteLocked((*update)->SerializeAsString());
    });
  }

  void OnWrittenLocked() override { look_ = true; }
  bool BusyLocked() const override { return looking_; }
  void AdvanceLocked() override {
    if (!look_ || looking_) return;
    look_ = false;
    looking_ = true;
    TaskPool::Task task;
    task.run = [this](const absl::Status& status) { Look(status); };
    const auto submitted = parts_.pool->Submit(std::move(task));
    if (submitted.ok()) return;
    looking_ = false;
    FailLocked(submitted.status());
  }
  void Unwatch() override { feed_->Unwatch(watch_id_); }

  ChangeFeed* const feed_;
  const Method& method_;
  const grpc::CallbackServerContext& context_;
  Watch watch_;
  ChangeFeed::WatchId watch_id_ = 0;
  bool look_ = true;      // there may be something new
  bool looking_ = false;  // the pool does
};

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_FEED_STREAM_H_
