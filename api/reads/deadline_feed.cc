#include "api/reads/deadline_feed.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "api/engine/state.h"
#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua::api {

DeadlineFeed::DeadlineFeed(uint64_t sequence, const Bounds& bounds) : bounds_(bounds), forgotten_(sequence), sequence_(sequence) {}

DeadlineFeed::DeadlineFeed(Engine* engine)
    : DeadlineFeed(engine->state_at_start().engine().last_sequence,
                   {bounds::kDeadlineFeedBytesMax, bounds::kDeadlineFeedGroupsMax, bounds::kPageSizeMax}) {
  time_ = engine->state_at_start().engine().last_time;
  engine->AddListener([this](const ReleasedGroup& group) { OnGroup(group); });
}

DeadlineFeed::Group DeadlineFeed::Extract(const ReleasedGroup& group) {
  Group taken;
  taken.sequence = group.last_sequence;
  taken.time = group.time;
  EventReader reader(group.events);
  EventType type;
  std::string_view payload;
  const char* start = group.events.data();
  while (reader.Next(&type, &payload)) {
    const char* end = payload.data() + payload.size();
    if (type == EventType::kDeadlineChanged) {
      taken.encoded.append(start, end);
      ++taken.changes;
    } else if (type == EventType::kRegistered) {
      std::string name;
      Decoder decoder(payload);
      decoder(name);
      if (name.starts_with("absences/")) absences_ = group.last_sequence;
    }
    start = end;
  }
  return taken;
}

void DeadlineFeed::ForgetLocked(uint64_t up_to) {
  while (!groups_.empty() && groups_.front().sequence <= up_to) {
    bytes_ -= groups_.front().encoded.size();
    groups_.pop_front();
  }
  forgotten_ = std::max(forgotten_, up_to);
}

void DeadlineFeed::OnGroup(const ReleasedGroup& released) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Group group = Extract(released);
  sequence_ = group.sequence;
  time_ = group.time;
  if (group.changes == 0) return;
  if (group.changes > bounds_.changes_max) {
    ForgetLocked(group.sequence);  // who watches reads the list again, which is as quick
  } else {
    bytes_ += group.encoded.size();
    groups_.push_back(std::move(group));
    while (bytes_ > bounds_.bytes_max || groups_.size() > bounds_.groups_max) ForgetLocked(groups_.front().sequence);
  }
  for (const auto& [id, poke] : watchers_) poke();
}

std::optional<DeadlineFeed::Changes> DeadlineFeed::After(uint64_t sequence, size_t changes_max) const {
  std::vector<permits::DeadlineFields> all;
  Changes changes;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (sequence < forgotten_) return std::nullopt;
    auto group = std::lower_bound(groups_.begin(), groups_.end(), sequence + 1, [](const Group& g, uint64_t s) { return g.sequence < s; });
    for (; group != groups_.end() && (all.empty() || all.size() + group->changes <= changes_max); ++group) {
      EventReader reader(group->encoded);
      EventType type;
      std::string_view payload;
      while (reader.Next(&type, &payload)) {
        SONGHUA_CHECK(DecodeValue(payload, &all.emplace_back()).ok());
      }
      changes.sequence = group->sequence;
      changes.time = group->time;
    }
    if (group == groups_.end()) {
      changes.sequence = std::max(sequence, sequence_);
      changes.time = time_;
    }
  }
  std::unordered_map<uint64_t, size_t> last;  // looked up only
  for (size_t i = 0; i < all.size(); ++i) last[all[i].number] = i;
  for (size_t i = 0; i < all.size(); ++i) {
    if (last[all[i].number] == i) changes.deadlines.push_back(std::move(all[i]));
  }
  return changes;
}

uint64_t DeadlineFeed::sequence() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return sequence_;
}

uint64_t DeadlineFeed::absences_sequence() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return absences_;
}

absl::StatusOr<DeadlineFeed::WatchId> DeadlineFeed::Watch(std::function<void()> poke) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (watchers_.size() >= bounds::kDeadlineWatchersMax) {
    return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_WATCHERS")
        .Value(std::to_string(watchers_.size()))
        .Accepted("a later attempt");
  }
  watchers_.emplace(++last_watch_, std::move(poke));
  return last_watch_;
}

void DeadlineFeed::Unwatch(WatchId id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  watchers_.erase(id);
}

}  // namespace songhua::api
