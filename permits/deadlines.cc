#include "permits/deadlines.h"

#include <utility>

#include "ledger/check.h"
#include "ledger/names.h"
#include "permits/explain.h"

namespace songhua::permits {

using ledger::DueDay;
using ledger::MakeName;

Deadlines::Deadlines(TableSet* tables, ledger::Counters* counters, const ledger::Calendars* calendars, Alarm* alarm)
    : calendars_(calendars), counters_(counters), alarm_(alarm), rows_(tables), history_(tables), queue_(tables), index_(tables) {
  rows_.OnLoaded([this](DeadlineRow& row) { Place(row); });
}
Deadlines::~Deadlines() = default;

// ---- Lookups ----

DueDay Deadlines::DueOf(const RegimeRow& regime, v1::DeadlineKind kind, Date trigger) const {
  const PeriodRow& period = regime.PeriodOf(kind);
  if (kind == v1::RENEWAL_LEAD) return {calendars_->CountBack(trigger, period.length), false};
  return calendars_->Count(trigger, period.length, 0);
}

const DeadlineRow* Deadlines::Open(const std::string& subject, v1::DeadlineKind kind) const {
  const auto it = by_subject_.find({subject, kind});
  return it == by_subject_.end() ? nullptr : it->second;
}

std::vector<const DeadlineRow*> Deadlines::OpenOf(const std::string& subject) const {
  std::vector<const DeadlineRow*> open;
  for (auto it = by_subject_.lower_bound({subject, v1::DEADLINE_KIND_UNSPECIFIED}); it != by_subject_.end() && it->first.subject == subject; ++it) {
    open.push_back(it->second);
  }
  return open;
}

DueDay Deadlines::DueNow(const DeadlineFields& deadline, Date today) const {
  if (deadline.kind == v1::RENEWAL_LEAD) return {calendars_->CountBack(deadline.trigger, deadline.length), false};
  int32_t paused = 0;
  for (const PauseRow& pause : deadline.pauses) {
    paused += calendars_->CountBetween(pause.start, pause.ended ? pause.end : today, deadline.length.count);
  }
  return calendars_->Count(deadline.trigger, deadline.length, paused);
}

// ---- Indexes ----

// One that has passed while it was provisional waits for nothing but its year.
void Deadlines::Place(const DeadlineRow& row) {
  SONGHUA_CHECK(by_subject_.emplace(BySubject{row.subject, row.kind}, &row).second);
  if (row.state == v1::RUNNING && !(row.provisional && row.escalated)) waiting_.emplace(row.due, row.number);
}

void Deadlines::Unplace(const DeadlineRow& row) {
  by_subject_.erase({row.subject, row.kind});
  waiting_.erase({row.due, row.number});
}

// ---- Changes ----

const DeadlineRow& Deadlines::Begin(CommandContext& context, const RegimeRow& regime, const Start& start) {
  SONGHUA_CHECK(Open(start.subject, start.kind) == nullptr);
  const PeriodRow& period = regime.PeriodOf(start.kind);
  DeadlineRow row;
  row.number = counters_->Next("deadlines");
  row.kind = start.kind;
  row.subject = start.subject;
  row.participant = start.participant;
  row.role = start.role;
  row.region = start.region;
  row.assignee = start.assignee;
  row.trigger = start.trigger;
  row.length = period.length;
  row.regime = regime.Id();
  const DueDay due = DueNow(row, context.today);
  row.due = due.due;
  row.provisional = due.provisional;
  const DeadlineRow& placed = rows_.Insert(std::move(row));
  Place(placed);
  queue_.Insert({placed.due, placed.number});
  index_.Append({placed.subject, placed.number});
  alarm_->WakeAt(StartOfDay(placed.due + 1));
  context.events->Emit(EventType::kDeadlineChanged, static_cast<const DeadlineFields&>(placed));
  return placed;
}

template <class Change>
void Deadlines::Edit(CommandContext& context, const DeadlineRow& deadline, Change change) {
  Unplace(deadline);
  DeadlineRow& row = rows_.Edit(deadline);
  change(row);
  const DueDay due = DueNow(row, context.today);
  if (due.due != row.due) {
    queue_.Erase(*queue_.Find({row.due.value(), row.number}));
    queue_.Insert({due.due, row.number});
  }
  row.due = due.due;
  row.provisional = due.provisional;
  Place(row);
  if (row.state == v1::RUNNING) alarm_->WakeAt(StartOfDay(row.due + 1));
  context.events->Emit(EventType::kDeadlineChanged, static_cast<const DeadlineFields&>(row));
}

void Deadlines::Pause(CommandContext& context, const DeadlineRow& deadline, std::string_view reason, std::string_view notice) {
  SONGHUA_CHECK(deadline.open() && !deadline.paused());
  Edit(context, deadline, [&](DeadlineRow& row) {
    row.pauses.push_back({context.today, false, Date(), std::string(reason), std::string(notice)});
    row.state = v1::PAUSED;
  });
}

void Deadlines::Resume(CommandContext& context, const DeadlineRow& deadline) {
  SONGHUA_CHECK(deadline.paused());
  Edit(context, deadline, [&](DeadlineRow& row) {
    row.pauses.back().ended = true;
    row.pauses.back().end = context.today;
    row.state = row.escalated && !row.provisional ? v1::OVERDUE : v1::RUNNING;
  });
}

void Deadlines::Extend(CommandContext& context, const DeadlineRow& deadline, const RegimeRow& regime, v1::DeadlineKind kind) {
  const PeriodRow& period = regime.PeriodOf(kind);
  SONGHUA_CHECK(kind == deadline.kind || Open(deadline.subject, kind) == nullptr);
  Edit(context, deadline, [&](DeadlineRow& row) {
    row.kind = kind;
    row.length = period.length;
    row.regime = regime.Id();
    if (row.state == v1::OVERDUE && DueNow(row, context.today).due >= context.today) {
      row.state = v1::RUNNING;
      row.escalated = false;
    }
  });
}

void Deadlines::Assign(CommandContext& context, const DeadlineRow& deadline, const std::string& person) {
  Edit(context, deadline, [&](DeadlineRow& row) { row.assignee = person; });
}

void Deadlines::Close(CommandContext& context, const DeadlineRow& deadline, v1::DeadlineState state) {
  DeadlineHistoryRow closed;
  static_cast<DeadlineFields&>(closed) = deadline;
  closed.state = state;
  closed.closed_on = context.today;
  if (closed.paused()) {
    closed.pauses.back().ended = true;
    closed.pauses.back().end = context.today;
  }
  Unplace(deadline);
  queue_.Erase(*queue_.Find({deadline.due.value(), deadline.number}));
  rows_.Erase(deadline);
  history_.Append(closed);
  context.events->Emit(EventType::kDeadlineChanged, static_cast<const DeadlineFields&>(closed));
}

void Deadlines::Meet(CommandContext& context, const DeadlineRow& deadline) {
  Close(context, deadline, !deadline.paused() && context.today > deadline.due ? v1::MET_LATE : v1::MET);
}
void Deadlines::Elapse(CommandContext& context, const DeadlineRow& deadline) { Close(context, deadline, v1::ELAPSED); }
void Deadlines::Drop(CommandContext& context, const DeadlineRow& deadline) { Close(context, deadline, v1::DROPPED); }

void Deadlines::DropAll(CommandContext& context, const std::string& subject) {
  for (const DeadlineRow* row : OpenOf(subject)) Drop(context, *row);
}

bool Deadlines::Pass(CommandContext& context, DeadlineHandler& handler, size_t max) {
  while (!waiting_.empty() && std::get<0>(*waiting_.begin()) < context.today) {
    if (max-- == 0) return true;
    const uint64_t number = std::get<1>(*waiting_.begin());
    const DeadlineRow* row = rows_.Find(number);
    SONGHUA_CHECK(row != nullptr);
    const bool passed = !row->provisional;
    if (passed) handler.OnPassed(context, *row);
    row = rows_.Find(number);  // the handler may have closed it
    if (row == nullptr || row->state != v1::RUNNING) continue;
    Edit(context, *row, [&](DeadlineRow& late) {
      late.escalated = true;
      if (passed) late.state = v1::OVERDUE;
    });
  }
  return false;
}

uint32_t Deadlines::Recount(CommandContext& context, int32_t year) {
  std::vector<const DeadlineRow*> concerned;
  for (const auto& [key, row] : by_subject_) {
    if (row->state != v1::OVERDUE && Year(row->trigger) <= year && year <= Year(row->due) + 1) concerned.push_back(row);
  }
  uint32_t moved = 0;
  for (const DeadlineRow* row : concerned) {
    const DueDay now = DueNow(*row, context.today);
    if (now == DueDay{row->due, row->provisional}) continue;
    ++moved;
    Edit(context, *row, [&](DeadlineRow& edited) { edited.escalated = false; });
  }
  return moved;
}

// ---- Messages ----

v1::Deadline ToProto(const DeadlineFields& deadline, const ledger::Calendars& calendars) {
  v1::Deadline message;
  message.set_name(MakeName("deadlines", deadline.number));
  message.set_kind(deadline.kind);
  message.set_state(deadline.state);
  message.set_subject(deadline.subject);
  if (!deadline.assignee.empty()) message.set_assignee(MakeName("people", deadline.assignee));
  message.set_role(deadline.role);
  if (deadline.region != Region()) message.set_region(FormatRegion(deadline.region));
  if (!deadline.participant.empty()) message.set_participant(MakeName("participants", deadline.participant));
  message.set_trigger_date(FormatDate(deadline.trigger));
  message.set_days(deadline.length.days);
  message.set_day_count(deadline.length.count);
  message.set_months(deadline.length.months);
  message.set_years(deadline.length.years);
  for (const PauseRow& pause : deadline.pauses) {
    v1::Pause* added = message.add_pauses();
    added->set_start_date(FormatDate(pause.start));
    if (pause.ended) added->set_end_date(FormatDate(pause.end));
    added->set_reason(pause.reason);
    added->set_notice(pause.notice);
  }
  if (!deadline.paused()) message.set_due_date(FormatDate(deadline.due));
  message.set_provisional(deadline.provisional);
  message.set_explanation(Explain(deadline, calendars, Language::kEnglish));
  message.set_explanation_zh(Explain(deadline, calendars, Language::kChinese));
  message.set_regime(MakeName("regimes", deadline.regime));
  if (!deadline.open()) message.set_close_date(FormatDate(deadline.closed_on));
  message.set_escalated(deadline.escalated);
  return message;
}

}  // namespace songhua::permits
