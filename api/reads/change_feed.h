// What happened lately of some kinds of events, by released groups, oldest first: so that those who watch are told of durable changes only, and one who
// was away a moment can go on where he was.
//
// It remembers so many bytes and groups (bounds.h) and forgets the oldest; a reader keeps nothing but the sequence up to which it has read, so
// a slow one costs no memory. One that asks for what is forgotten must read the list again.
//
// Thread-safe. The listener belongs to the commit thread and never waits for a reader.
#ifndef SONGHUA_API_READS_CHANGE_FEED_H_
#define SONGHUA_API_READS_CHANGE_FEED_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/engine/engine.h"
#include "ledger/command.h"
#include "ledger/legal_time.h"

namespace songhua::api {

class ChangeFeed {
 public:
  using WatchId = uint64_t;
  struct Bounds {
    size_t bytes_max;
    size_t groups_max;
    size_t changes_max;  // of one group
  };
  // What happened after a sequence, up to and including another.
  struct Events {
    uint64_t sequence = 0;
    Timestamp time;       // of that sequence
    size_t count = 0;
    std::string encoded;  // EventReader
  };

  // Remembers events of the types from a moment on: of the state at start, where there is an engine. `sequence` is the last before the first group.
  ChangeFeed(std::vector<EventType> types, uint64_t sequence, Timestamp time, const Bounds& bounds);

  void OnGroup(const ReleasedGroup& group);

  // Events of the groups after `sequence`, of as many whole groups as hold at most `count_max` of them, and one at least. nullopt: something
  // of that is no longer remembered.
  std::optional<Events> After(uint64_t sequence, size_t count_max) const;
  // The last group that was released.
  uint64_t sequence() const;

  // `poke` is called after each group with such events, on the commit thread under the feed's lock: it must not block nor call back.
  // RESOURCE_EXHAUSTED when too many watch.
  absl::StatusOr<WatchId> Watch(std::function<void()> poke);
  // After it returns `poke` is not called any more.
  void Unwatch(WatchId id);

 private:
  struct Group {
    uint64_t sequence = 0;
    Timestamp time;
    size_t count = 0;
    std::string encoded;
  };
  Group Extract(const ReleasedGroup& group) const;
  void ForgetLocked(uint64_t up_to);

  const std::vector<EventType> types_;
  const Bounds bounds_;
  mutable std::mutex mutex_;
  std::deque<Group> groups_;  // of those with such events
  size_t bytes_ = 0;          // of them
  uint64_t forgotten_ = 0;    // everything after it is remembered
  uint64_t sequence_ = 0;
  Timestamp time_;
  std::map<WatchId, std::function<void()>> watchers_;
  WatchId last_watch_ = 0;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_CHANGE_FEED_H_
