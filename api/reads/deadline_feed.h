// What became of deadlines lately (change_feed.h), and when somebody last began or ceased to stand in for another.
//
// Thread-safe.
#ifndef SONGHUA_API_READS_DEADLINE_FEED_H_
#define SONGHUA_API_READS_DEADLINE_FEED_H_

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

#include "api/engine/engine.h"
#include "api/reads/change_feed.h"
#include "ledger/legal_time.h"
#include "permits/deadlines.h"

namespace songhua::api {

class DeadlineFeed {
 public:
  // What happened after a sequence, up to and including another.
  struct Changes {
    uint64_t sequence = 0;
    Timestamp time;                                  // of that sequence
    std::vector<permits::DeadlineFields> deadlines;  // each once, as it was then, in the order of its last change
  };

  // Remembers from the state at start on. REQUIRES: nothing was submitted to the engine yet.
  explicit DeadlineFeed(Engine* engine);
  // One that is told of groups by hand, for tests. `sequence` is the last before the first group.
  DeadlineFeed(uint64_t sequence, const ChangeFeed::Bounds& bounds);

  void OnGroup(const ReleasedGroup& group);

  // As ChangeFeed::After, whose errors it has.
  std::optional<Changes> After(uint64_t sequence, size_t changes_max) const;
  // The last one that changed who stands in for whom, as far as is known.
  uint64_t absences_sequence() const { return absences_; }
  ChangeFeed& feed() { return feed_; }

 private:
  ChangeFeed feed_;
  std::atomic<uint64_t> absences_{0};
};

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_DEADLINE_FEED_H_
