#include "api/reads/deadline_feed.h"

#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "api/engine/state.h"
#include "ledger/bounds.h"
#include "ledger/check.h"

namespace songhua::api {

DeadlineFeed::DeadlineFeed(uint64_t sequence, const ChangeFeed::Bounds& bounds)
    : feed_({EventType::kDeadlineChanged}, sequence, Timestamp(), bounds) {}

DeadlineFeed::DeadlineFeed(Engine* engine)
    : feed_({EventType::kDeadlineChanged}, engine->state_at_start().engine().last_sequence, engine->state_at_start().engine().last_time,
            {bounds::kFeedBytesMax, bounds::kFeedGroupsMax, bounds::kPageSizeMax}) {
  engine->AddListener([this](const ReleasedGroup& group) { OnGroup(group); });
}

void DeadlineFeed::OnGroup(const ReleasedGroup& group) {
  EventReader reader(group.events);
  EventType type;
  std::string_view payload;
  while (reader.Next(&type, &payload)) {
    if (type != EventType::kRegistered) continue;
    std::string name;
    Decoder decoder(payload);
    decoder(name);
    if (name.starts_with("absences/")) absences_ = group.last_sequence;
  }
  feed_.OnGroup(group);
}

std::optional<DeadlineFeed::Changes> DeadlineFeed::After(uint64_t sequence, size_t changes_max) const {
  const auto events = feed_.After(sequence, changes_max);
  if (!events.has_value()) return std::nullopt;
  std::vector<permits::DeadlineFields> all;
  EventReader reader(events->encoded);
  EventType type;
  std::string_view payload;
  while (reader.Next(&type, &payload)) SONGHUA_CHECK(DecodeValue(payload, &all.emplace_back()).ok());
  std::unordered_map<uint64_t, size_t> last;  // looked up only
  for (size_t i = 0; i < all.size(); ++i) last[all[i].number] = i;
  Changes changes;
  changes.sequence = events->sequence;
  changes.time = events->time;
  for (size_t i = 0; i < all.size(); ++i) {
    if (last[all[i].number] == i) changes.deadlines.push_back(std::move(all[i]));
  }
  return changes;
}

}  // namespace songhua::api
