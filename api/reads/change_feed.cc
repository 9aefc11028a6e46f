#include "api/reads/change_feed.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "ledger/bounds.h"
#include "ledger/refusal.h"

namespace songhua::api {

ChangeFeed::ChangeFeed(std::vector<EventType> types, uint64_t sequence, Timestamp time, const Bounds& bounds)
    : types_(std::move(types)), bounds_(bounds), forgotten_(sequence), sequence_(sequence), time_(time) {}

ChangeFeed::Group ChangeFeed::Extract(const ReleasedGroup& group) const {
  Group taken;
  taken.sequence = group.last_sequence;
  taken.time = group.time;
  EventReader reader(group.events);
  EventType type;
  std::string_view payload;
  const char* start = group.events.data();
  while (reader.Next(&type, &payload)) {
    const char* end = payload.data() + payload.size();
    if (std::find(types_.begin(), types_.end(), type) != types_.end()) {
      taken.encoded.append(start, end);
      ++taken.count;
    }
    start = end;
  }
  return taken;
}

void ChangeFeed::ForgetLocked(uint64_t up_to) {
  while (!groups_.empty() && groups_.front().sequence <= up_to) {
    bytes_ -= groups_.front().encoded.size();
    groups_.pop_front();
  }
  forgotten_ = std::max(forgotten_, up_to);
}

void ChangeFeed::OnGroup(const ReleasedGroup& released) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Group group = Extract(released);
  sequence_ = group.sequence;
  time_ = group.time;
  if (group.count == 0) return;
  if (group.count > bounds_.changes_max) {
    ForgetLocked(group.sequence);  // who watches reads the list again, which is as quick
  } else {
    bytes_ += group.encoded.size();
    groups_.push_back(std::move(group));
    while (bytes_ > bounds_.bytes_max || groups_.size() > bounds_.groups_max) ForgetLocked(groups_.front().sequence);
  }
  for (const auto& [id, poke] : watchers_) poke();
}

std::optional<ChangeFeed::Events> ChangeFeed::After(uint64_t sequence, size_t count_max) const {
  Events events;
  const std::lock_guard<std::mutex> lock(mutex_);
  if (sequence < forgotten_) return std::nullopt;
  auto group = std::lower_bound(groups_.begin(), groups_.end(), sequence + 1, [](const Group& g, uint64_t s) { return g.sequence < s; });
  for (; group != groups_.end() && (events.count == 0 || events.count + group->count <= count_max); ++group) {
    events.encoded += group->encoded;
    events.count += group->count;
    events.sequence = group->sequence;
    events.time = group->time;
  }
  if (group == groups_.end()) {
    events.sequence = std::max(sequence, sequence_);
    events.time = time_;
  }
  return events;
}

uint64_t ChangeFeed::sequence() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return sequence_;
}

absl::StatusOr<ChangeFeed::WatchId> ChangeFeed::Watch(std::function<void()> poke) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (watchers_.size() >= bounds::kFeedWatchersMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_WATCHERS")
        .Value(std::to_string(watchers_.size()))
        .Accepted("a later attempt");
  }
  watchers_.emplace(++last_watch_, std::move(poke));
  return last_watch_;
}

void ChangeFeed::Unwatch(WatchId id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  watchers_.erase(id);
}

}  // namespace songhua::api
