// Deadlines: one, the queue, those of a case, and what changed of them. How a deadline is explained, permits/ says.
#include <algorithm>
#include <set>
#include <vector>

#include "api/reads/calendar_rows.h"
#include "api/reads/deadline_watch.h"
#include "api/reads/read_context.h"
#include "api/reads/reads.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"
#include "permits/absences.h"
#include "permits/deadlines.h"

namespace songhua::api::reads {
namespace {

Target TargetOf(const permits::DeadlineFields& deadline) {
  Target target;
  if (!deadline.participant.empty()) target.participants.push_back(deadline.participant);
  target.region = deadline.region;
  return target;
}

absl::StatusOr<std::optional<permits::DeadlineFields>> FindDeadline(ReadContext& context, uint64_t number) {
  SONGHUA_ASSIGN_OR_RETURN(const auto open, context.Get<permits::DeadlineRow>(number));
  if (open.has_value()) return std::optional<permits::DeadlineFields>(*open);
  SONGHUA_ASSIGN_OR_RETURN(const auto closed, context.Get<permits::DeadlineHistoryRow>(number));
  if (closed.has_value()) return std::optional<permits::DeadlineFields>(*closed);
  return std::optional<permits::DeadlineFields>();
}

// Whose queue a person works on today: his own, and that of each officer for whom he is deputy (PERMIT-04). REQUIRES: a snapshot.
absl::StatusOr<std::set<std::string>> QueuesOf(ReadContext& context, const std::string& person) {
  std::set<std::string> people = {person};
  SONGHUA_RETURN_IF_ERROR(context.ForEach<permits::AbsenceRow>("", [&](const permits::AbsenceRow& row) {
    if (row.deputy == person && row.LastsOn(context.today())) people.insert(row.person);
    return absl::OkStatus();
  }));
  return people;
}

// Every deadline of one case, open and closed, oldest first.
absl::Status ListOfCase(ReadContext& context, const DeadlineFilter& filter, const ledger::Calendars& calendars, v1::ListDeadlinesAnswer* answer) {
  return context.List<permits::DeadlineIndexRow>(
      EncodeKey(filter.subject),
      [&](const permits::DeadlineIndexRow& entry) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const auto deadline, FindDeadline(context, entry.number));
        if (!deadline.has_value() || !filter.Has(*deadline) || !context.MaySee(TargetOf(*deadline))) return 0;
        *answer->add_deadlines() = ToProto(*deadline, calendars);
        return answer->deadlines().rbegin()->ByteSizeLong();
      },
      answer->mutable_next_page_token());
}

// The open ones, soonest first.
absl::Status ListOfQueue(ReadContext& context, const DeadlineFilter& filter, const ledger::Calendars& calendars, v1::ListDeadlinesAnswer* answer) {
  return context.List<permits::DeadlineQueueRow>(
      "",
      [&](const permits::DeadlineQueueRow& entry) -> ReadContext::Added {
        if (entry.due > filter.due_by) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const auto deadline, context.Get<permits::DeadlineRow>(entry.number));
        if (!deadline.has_value() || !filter.Has(*deadline) || !context.MaySee(TargetOf(*deadline))) return 0;
        *answer->add_deadlines() = ToProto(*deadline, calendars);
        return answer->deadlines().rbegin()->ByteSizeLong();
      },
      answer->mutable_next_page_token());
}

}  // namespace

bool DeadlineFilter::Has(const permits::DeadlineFields& deadline) const {
  return deadline.due <= due_by && (!people.has_value() || people->contains(deadline.assignee)) &&
         (subject.empty() || subject == deadline.subject);
}

absl::StatusOr<DeadlineFilter> ParseDeadlineFilter(ReadContext& context, const v1::ListDeadlinesRequest& request) {
  DeadlineFilter filter;
  if (!request.assignee().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const std::string person, ledger::ParseName("assignee", "people", request.assignee()));
    SONGHUA_ASSIGN_OR_RETURN(filter.people, QueuesOf(context, person));
  }
  filter.due_by = kLastDate;
  if (!request.due_by().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(filter.due_by, ParseDate(request.due_by(), "due_by"));
  }
  filter.subject = request.subject();
  return filter;
}

absl::StatusOr<v1::DeadlineAnswer> GetDeadline(ReadContext& context, const v1::GetDeadlineRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "deadlines", request.name()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const auto deadline, FindDeadline(context, number));
  if (!deadline.has_value()) return NotFound("name", request.name());
  SONGHUA_RETURN_IF_ERROR(context.Authorize(TargetOf(*deadline)));
  CalendarRows calendars;
  SONGHUA_RETURN_IF_ERROR(calendars.LoadAll(context));
  v1::DeadlineAnswer answer;
  *answer.mutable_deadline() = ToProto(*deadline, calendars.get());
  return answer;
}

absl::StatusOr<v1::ListDeadlinesAnswer> ListDeadlines(ReadContext& context, const v1::ListDeadlinesRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const DeadlineFilter filter, ParseDeadlineFilter(context, request));
  return ListDeadlinePage(context, filter);
}

absl::StatusOr<v1::ListDeadlinesAnswer> ListDeadlinePage(ReadContext& context, const DeadlineFilter& filter) {
  CalendarRows calendars;
  SONGHUA_RETURN_IF_ERROR(calendars.LoadAll(context));
  v1::ListDeadlinesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(filter.subject.empty() ? ListOfQueue(context, filter, calendars.get(), &answer)
                                                 : ListOfCase(context, filter, calendars.get(), &answer));
  return answer;
}

absl::StatusOr<v1::DeadlineUpdate> DescribeChanges(ReadContext& context, const DeadlineFilter& filter, const DeadlineFeed::Changes& changes) {
  v1::DeadlineUpdate update;
  update.mutable_header()->set_sequence(changes.sequence);
  *update.mutable_header()->mutable_time() = ledger::ToProto(changes.time);
  update.set_complete(true);
  std::vector<const permits::DeadlineFields*> told;
  int32_t first = Year(kLastDate);
  int32_t last = Year(kFirstDate);
  for (const permits::DeadlineFields& deadline : changes.deadlines) {
    // Region and participant of a deadline never change: what he may not see he never saw.
    if (!context.MaySee(TargetOf(deadline))) continue;
    if (!filter.Has(deadline)) {
      if (filter.subject.empty() || filter.subject == deadline.subject) update.add_gone(ledger::MakeName("deadlines", deadline.number));
      continue;
    }
    told.push_back(&deadline);
    first = std::min(first, Year(deadline.trigger));
    last = std::max({last, Year(deadline.trigger), Year(deadline.due)});
  }
  CalendarRows calendars;
  SONGHUA_RETURN_IF_ERROR(calendars.LoadYears(context, first, last));
  for (const permits::DeadlineFields* deadline : told) *update.add_deadlines() = ToProto(*deadline, calendars.get());
  return update;
}

}  // namespace songhua::api::reads
