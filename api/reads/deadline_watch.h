// What a watch of deadlines tells (services/deadline_stream.h): the list as ListDeadlines gives it, and then what changed, with the same filter
// and the same rights. Any thread; one ReadContext a call.
#ifndef SONGHUA_API_READS_DEADLINE_WATCH_H_
#define SONGHUA_API_READS_DEADLINE_WATCH_H_

#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/reads/deadline_feed.h"
#include "api/reads/read_context.h"
#include "ledger/legal_time.h"
#include "songhua/v1/deadlines.pb.h"

namespace songhua::api::reads {

// Which deadlines are asked for.
struct DeadlineFilter {
  std::optional<std::set<std::string>> people;  // whose queues, with those for whom they stand in today; nullopt: of nobody in particular
  Date due_by;
  std::string subject;  // empty: every case

  bool Has(const permits::DeadlineFields& deadline) const;
};
// INVALID_ARGUMENT for what is no filter. REQUIRES: a snapshot, where `assignee` is set.
absl::StatusOr<DeadlineFilter> ParseDeadlineFilter(ReadContext& context, const v1::ListDeadlinesRequest& request);

// One page of the list. REQUIRES: Begin of a ListDeadlinesRequest.
absl::StatusOr<v1::ListDeadlinesAnswer> ListDeadlinePage(ReadContext& context, const DeadlineFilter& filter);

// What the changes mean for one who watches. An update without deadlines and names tells him nothing. Needs no snapshot.
absl::StatusOr<v1::DeadlineUpdate> DescribeChanges(ReadContext& context, const DeadlineFilter& filter, const DeadlineFeed::Changes& changes);

}  // namespace songhua::api::reads

#endif  // SONGHUA_API_READS_DEADLINE_WATCH_H_
