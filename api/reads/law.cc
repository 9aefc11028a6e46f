// Calendars and regimes. How days count and which version is in force, the domain's own functions say: here they are given rows.
#include <algorithm>

#include "api/reads/calendar_rows.h"
#include "api/reads/read_context.h"
#include "api/reads/reads.h"
#include "ledger/calendars.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "permits/deadlines.h"
#include "permits/explain.h"
#include "permits/regimes.h"

namespace songhua::api::reads {
namespace {

// "calendarYears/2026".
absl::StatusOr<int32_t> ParseYearName(const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t year, ledger::ParseNumberedName("name", "calendarYears", name));
  if (year > 9999) return InvalidField("name", name, "a year up to 9999").Rule("GEN-02");
  return static_cast<int32_t>(year);
}

// Whether a period that is counted back ends in the time of the calendar.
bool BeginsIn1970OrLater(const permits::DeadlineFields& period) {
  if (period.length.in_days()) return period.trigger - kFirstDate >= period.length.days;
  return AddMonths(period.trigger, -(int64_t{period.length.months} + int64_t{period.length.years} * 12)).ok();
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
  if (Year(period.trigger) > ledger::Calendars::kLastEventYear) {
    return InvalidField("trigger_date", request.trigger_date(), "a day up to the year " + std::to_string(ledger::Calendars::kLastEventYear))
        .Rule("GEN-04");
  }
  period.length = {request.days(), request.day_count(), request.months(), request.years()};
  SONGHUA_RETURN_IF_ERROR(ledger::CheckPeriodLength(period.length, ""));
  if (request.backward() && (period.length.count != v1::NATURAL || !BeginsIn1970OrLater(period))) {
    return InvalidField("backward", v1::DayCount_Name(period.length.count), "a NATURAL period back to 1970 at most").Rule("GEN-04");
  }
  SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
  CalendarRows calendars;
  SONGHUA_RETURN_IF_ERROR(calendars.LoadAll(context));
  if (request.backward()) {
    period.kind = v1::RENEWAL_LEAD;
    period.due = calendars.get().CountBack(period.trigger, period.length);
  } else {
    const ledger::DueDay due = calendars.get().Count(period.trigger, period.length, 0);
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

}  // namespace songhua::api::reads
