// Calendars, regimes and deadlines. How days count, which version is in force and how a deadline is explained, the domain's own functions say:
// here they are given rows.
#include <algorithm>
#include <set>

#include "api/reads/read_context.h"
#include "api/reads/reads.h"
#include "ledger/calendars.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "permits/absences.h"
#include "permits/deadlines.h"
#include "permits/explain.h"
#include "permits/regimes.h"

namespace songhua::api::reads {
namespace {

// The published calendars, in memory. They are few: a row a year.
class CalendarRows {
 public:
  absl::Status Load(ReadContext& context) {
    SONGHUA_RETURN_IF_ERROR(context.ForEach<ledger::CalendarYearRow>("", [&](const ledger::CalendarYearRow& row) {
      return tables_.Load(static_cast<TableId>(ledger::CalendarYearRow::kTable), EncodeValue(row));
    }));
    tables_.FinishLoad();
    return absl::OkStatus();
  }
  const ledger::Calendars& get() const { return calendars_; }

 private:
  TableSet tables_;
  ledger::Calendars calendars_{&tables_};
};

// "calendarYears/2026".
absl::StatusOr<int32_t> ParseYearName(const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t year, ledger::ParseNumberedName("name", "calendarYears", name));
  if (year > 9999) return InvalidField("name", name, "a year up to 9999").Rule("GEN-02");
  return static_cast<int32_t>(year);
}

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
absl::Status ListOfCase(ReadContext& context, const std::string& subject, const ledger::Calendars& calendars, v1::ListDeadlinesAnswer* answer) {
  return context.List<permits::DeadlineIndexRow>(
      EncodeKey(subject),
      [&](const permits::DeadlineIndexRow& entry) -> ReadContext::Added {
        SONGHUA_ASSIGN_OR_RETURN(const auto deadline, FindDeadline(context, entry.number));
        if (!deadline.has_value() || !context.MaySee(TargetOf(*deadline))) return 0;
        *answer->add_deadlines() = ToProto(*deadline, calendars);
        return answer->deadlines().rbegin()->ByteSizeLong();
      },
      answer->mutable_next_page_token());
}

}  // namespace

absl::StatusOr<v1::CalendarYearAnswer> GetCalendarYear(ReadContext& context, const v1::GetCalendarYearRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const int32_t year, ParseYearName(request.name()));
  SONGHUA_ASSIGN_OR_RETURN(const auto row, context.Get<ledger::CalendarYearRow>(year));
  if (!row.has_value()) return NotFound("name", request.name());
  v1::CalendarYearAnswer answer;
  *answer.mutable_calendar_year() = ToProto(*row);
  return answer;
}

absl::StatusOr<v1::ListCalendarYearsAnswer> ListCalendarYears(ReadContext& context, const v1::ListCalendarYearsRequest&) {
  v1::ListCalendarYearsAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<ledger::CalendarYearRow>(
      "",
      [&](const ledger::CalendarYearRow& row) -> ReadContext::Added {
        *answer.add_calendar_years() = ToProto(row);
        return answer.calendar_years().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::CountPeriodAnswer> CountPeriod(ReadContext& context, const v1::CountPeriodRequest& request) {
  permits::DeadlineFields period;
  SONGHUA_ASSIGN_OR_RETURN(period.trigger, ParseDate(request.trigger_date(), "trigger_date"));
  if (Year(period.trigger) > 9900) return InvalidField("trigger_date", request.trigger_date(), "a day up to the year 9900").Rule("GEN-04");
  if (request.days() < 0 || request.days() > ledger::Calendars::kPeriodDaysMax) {
    return InvalidField("days", std::to_string(request.days()), "0 to " + std::to_string(ledger::Calendars::kPeriodDaysMax)).Rule("GEN-04");
  }
  period.days = request.days();
  period.count = request.day_count();
  if (period.count == v1::DAY_COUNT_UNSPECIFIED || !v1::DayCount_IsValid(period.count)) {
    return InvalidField("day_count", std::to_string(period.count), "NATURAL, WORKDAY or TRADING_DAY").Rule("GEN-02");
  }
  if (request.backward() && (period.count != v1::NATURAL || period.trigger - kFirstDate < period.days)) {
    return InvalidField("backward", v1::DayCount_Name(period.count), "NATURAL days back to 1970 at most").Rule("GEN-04");
  }
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  CalendarRows calendars;
  SONGHUA_RETURN_IF_ERROR(calendars.Load(context));
  if (request.backward()) {
    period.kind = v1::RENEWAL_LEAD;
    period.due = calendars.get().CountBack(period.trigger, period.days);
  } else {
    const ledger::DueDay due = calendars.get().Count(period.trigger, period.days, period.count);
    period.due = due.due;
    period.provisional = due.provisional;
  }
  v1::CountPeriodAnswer answer;
  answer.set_due_date(FormatDate(period.due));
  answer.set_provisional(period.provisional);
  answer.set_explanation(Explain(period, calendars.get(), permits::Language::kEnglish));
  return answer;
}

absl::StatusOr<v1::RegimeAnswer> GetRegime(ReadContext& context, const v1::GetRegimeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string id, ledger::ParseName("name", "regimes", request.name()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  TableSet tables;
  permits::Regimes regimes(&tables);
  const size_t dot = id.find('.');
  const std::string code = id.substr(0, dot);
  SONGHUA_RETURN_IF_ERROR(context.ForEach<permits::RegimeRow>(EncodeKey(code), [&](const permits::RegimeRow& row) {
    return tables.Load(static_cast<TableId>(permits::RegimeRow::kTable), EncodeValue(row));
  }));
  tables.FinishLoad();
  const permits::RegimeRow* row = nullptr;
  if (dot == std::string::npos) {
    row = regimes.InForce(code, context.today());
  } else {
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t version, ledger::ParseNumberedName("name", "regimes", "regimes/" + id.substr(dot + 1)));
    row = regimes.Find(code, static_cast<uint32_t>(std::min<uint64_t>(version, UINT32_MAX)));
  }
  if (row == nullptr) return NotFound("name", request.name());
  v1::RegimeAnswer answer;
  *answer.mutable_regime() = ToProto(*row);
  return answer;
}

absl::StatusOr<v1::ListRegimesAnswer> ListRegimes(ReadContext& context, const v1::ListRegimesRequest&) {
  v1::ListRegimesAnswer answer;
  SONGHUA_RETURN_IF_ERROR(context.List<permits::RegimeRow>(
      "",
      [&](const permits::RegimeRow& row) -> ReadContext::Added {
        *answer.add_regimes() = ToProto(row);
        return answer.regimes().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

absl::StatusOr<v1::DeadlineAnswer> GetDeadline(ReadContext& context, const v1::GetDeadlineRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("name", "deadlines", request.name()));
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  SONGHUA_ASSIGN_OR_RETURN(const auto deadline, FindDeadline(context, number));
  if (!deadline.has_value()) return NotFound("name", request.name());
  SONGHUA_RETURN_IF_ERROR(context.Authorize(TargetOf(*deadline)));
  CalendarRows calendars;
  SONGHUA_RETURN_IF_ERROR(calendars.Load(context));
  v1::DeadlineAnswer answer;
  *answer.mutable_deadline() = ToProto(*deadline, calendars.get());
  return answer;
}

absl::StatusOr<v1::ListDeadlinesAnswer> ListDeadlines(ReadContext& context, const v1::ListDeadlinesRequest& request) {
  std::set<std::string> assignees;
  if (!request.assignee().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const std::string person, ledger::ParseName("assignee", "people", request.assignee()));
    SONGHUA_ASSIGN_OR_RETURN(assignees, QueuesOf(context, person));
  }
  Date due_by = kLastDate;
  if (!request.due_by().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(due_by, ParseDate(request.due_by(), "due_by"));
  }
  CalendarRows calendars;
  SONGHUA_RETURN_IF_ERROR(calendars.Load(context));
  v1::ListDeadlinesAnswer answer;
  if (!request.subject().empty()) {
    SONGHUA_RETURN_IF_ERROR(ListOfCase(context, request.subject(), calendars.get(), &answer));
    return answer;
  }
  SONGHUA_RETURN_IF_ERROR(context.List<permits::DeadlineQueueRow>(
      "",
      [&](const permits::DeadlineQueueRow& entry) -> ReadContext::Added {
        if (entry.due > due_by) return 0;
        SONGHUA_ASSIGN_OR_RETURN(const auto deadline, context.Get<permits::DeadlineRow>(entry.number));
        if (!deadline.has_value() || (!assignees.empty() && !assignees.contains(deadline->assignee))) return 0;
        if (!context.MaySee(TargetOf(*deadline))) return 0;
        *answer.add_deadlines() = ToProto(*deadline, calendars.get());
        return answer.deadlines().rbegin()->ByteSizeLong();
      },
      answer.mutable_next_page_token()));
  return answer;
}

}  // namespace songhua::api::reads
