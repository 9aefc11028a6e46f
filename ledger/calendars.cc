#include "ledger/calendars.h"

#include <algorithm>
#include <utility>

#include "ledger/check.h"
#include "ledger/identifiers.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::ledger {
namespace {

constexpr int kSaturday = 6;

bool IsWeekend(Date date) { return DayOfWeek(date) >= kSaturday; }
bool Has(const std::vector<Date>& days, Date date) { return std::binary_search(days.begin(), days.end(), date); }

// One list of a year: each day once, in the year, ascending afterwards.
absl::StatusOr<std::vector<Date>> ParseDays(const std::string& field, const google::protobuf::RepeatedPtrField<std::string>& texts, int32_t year) {
  std::vector<Date> days;
  if (texts.size() > DaysInYear(year)) {
    return InvalidField(field, std::to_string(texts.size()) + " days", "the days of one year").Rule("GEN-02");
  }
  for (int i = 0; i < texts.size(); ++i) {
    const std::string at = field + "[" + std::to_string(i) + "]";
    SONGHUA_ASSIGN_OR_RETURN(const Date day, ParseDate(texts[i], at));
    if (Year(day) != year) return InvalidField(at, texts[i], "a day of " + std::to_string(year)).Rule("GEN-02");
    days.push_back(day);
  }
  std::sort(days.begin(), days.end());
  const auto twice = std::adjacent_find(days.begin(), days.end());
  if (twice != days.end()) return InvalidField(field, FormatDate(*twice), "each day once").Rule("GEN-02");
  return days;
}

absl::Status CheckLists(const CalendarYearRow& row) {
  for (const Date day : row.makeup_workdays) {
    if (!IsWeekend(day)) {
      return InvalidField("calendar_year.makeup_workdays", FormatDate(day), "a Saturday or Sunday that is a workday").Rule("GEN-02");
    }
    if (Has(row.holidays, day)) {
      return InvalidField("calendar_year.makeup_workdays", FormatDate(day), "a day that is not among the holidays too").Rule("GEN-02");
    }
  }
  for (const Date day : row.market_closures) {
    if (IsWeekend(day) || Has(row.holidays, day)) {
      return InvalidField("calendar_year.market_closures", FormatDate(day), "a day on which markets would be open otherwise").Rule("GEN-02");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<CalendarYearRow> ParseYear(const v1::CalendarYear& message) {
  CalendarYearRow row;
  row.year = message.year();
  if (row.year < Year(kFirstDate) || row.year > Year(kLastDate)) {
    return InvalidField("calendar_year.year", std::to_string(row.year), "a year from 1970 to 9999").Rule("GEN-02");
  }
  SONGHUA_ASSIGN_OR_RETURN(row.holidays, ParseDays("calendar_year.holidays", message.holidays(), row.year));
  SONGHUA_ASSIGN_OR_RETURN(row.makeup_workdays, ParseDays("calendar_year.makeup_workdays", message.makeup_workdays(), row.year));
  SONGHUA_ASSIGN_OR_RETURN(row.market_closures, ParseDays("calendar_year.market_closures", message.market_closures(), row.year));
  SONGHUA_RETURN_IF_ERROR(ValidateName(message.source(), Calendars::kSourceBytesMax, "calendar_year.source"));
  row.source = message.source();
  SONGHUA_RETURN_IF_ERROR(CheckLists(row));
  return row;
}

}  // namespace

v1::CalendarYear ToProto(const CalendarYearRow& row) {
  v1::CalendarYear message;
  message.set_name(MakeName("calendarYears", static_cast<uint64_t>(row.year)));
  message.set_year(row.year);
  for (const Date day : row.holidays) message.add_holidays(FormatDate(day));
  for (const Date day : row.makeup_workdays) message.add_makeup_workdays(FormatDate(day));
  for (const Date day : row.market_closures) message.add_market_closures(FormatDate(day));
  message.set_source(row.source);
  message.set_revision(row.revision);
  return message;
}

absl::Status CheckPeriodLength(const PeriodLength& length, const std::string& field) {
  const auto check = [&](std::string_view unit, int32_t value, int32_t most) {
    if (value >= 0 && value <= most) return absl::OkStatus();
    return absl::Status(InvalidField(field + std::string(unit), std::to_string(value), "0 to " + std::to_string(most)).Rule("GEN-03"));
  };
  SONGHUA_RETURN_IF_ERROR(check("days", length.days, Calendars::kPeriodDaysMax));
  SONGHUA_RETURN_IF_ERROR(check("months", length.months, Calendars::kPeriodMonthsMax));
  SONGHUA_RETURN_IF_ERROR(check("years", length.years, Calendars::kPeriodYearsMax));
  if ((length.days != 0) + (length.months != 0) + (length.years != 0) > 1) {
    return InvalidField(field + "days",
                        std::to_string(length.days) + " days, " + std::to_string(length.months) + " months, " + std::to_string(length.years) + " years",
                        "days, months or years: one of them")
        .Rule("GEN-03");
  }
  if (length.count == v1::DAY_COUNT_UNSPECIFIED || !v1::DayCount_IsValid(length.count)) {
    return InvalidField(field + "day_count", std::to_string(length.count), "NATURAL, WORKDAY or TRADING_DAY").Rule("GEN-02");
  }
  if (!length.in_days() && length.count != v1::NATURAL) {
    return InvalidField(field + "day_count", v1::DayCount_Name(length.count), "NATURAL: months and years count every day").Rule("GEN-02");
  }
  return absl::OkStatus();
}

Calendars::Calendars(TableSet* tables) : rows_(tables) {}
Calendars::~Calendars() = default;

absl::StatusOr<v1::CalendarYearAnswer> Calendars::LoadCalendarYear(CommandContext& context, const v1::LoadCalendarYearRequest& request,
                                                                   CalendarListener* listener) {
  SONGHUA_ASSIGN_OR_RETURN(CalendarYearRow row, ParseYear(request.calendar_year()));
  const CalendarYearRow* before = rows_.Find(row.year);
  if (before != nullptr) {
    row.revision = before->revision;
    if (EncodeValue(row) == EncodeValue(*before)) {
      return Refuse(absl::StatusCode::kAlreadyExists, "CALENDAR_YEAR_UNCHANGED")
          .Rule("GEN-02")
          .Field("calendar_year.year")
          .Value(row.year)
          .Accepted("a year that was not loaded before, or other days");
    }
    ++row.revision;
  }
  v1::CalendarYearAnswer answer;
  *answer.mutable_calendar_year() = ToProto(row);
  if (context.validate_only) return answer;
  if (before == nullptr) {
    rows_.Insert(row);
  } else {
    rows_.Edit(*before) = row;
  }
  context.events->Emit(EventType::kRegistered, std::string("calendarYears"), std::to_string(row.year), row.revision);
  if (listener != nullptr) answer.set_moved_deadlines(listener->OnCalendarYear(context, row.year));
  return answer;
}

bool Calendars::IsHoliday(Date date) const {
  const CalendarYearRow* row = rows_.Find(Year(date));
  return row != nullptr && Has(row->holidays, date);
}

bool Calendars::IsWorkday(Date date) const {
  const CalendarYearRow* row = rows_.Find(Year(date));
  if (row == nullptr) return !IsWeekend(date);
  return IsWeekend(date) ? Has(row->makeup_workdays, date) : !Has(row->holidays, date);
}

bool Calendars::IsTradingDay(Date date) const {
  if (IsWeekend(date)) return false;
  const CalendarYearRow* row = rows_.Find(Year(date));
  return row == nullptr || (!Has(row->holidays, date) && !Has(row->market_closures, date));
}

bool Calendars::Counts(Date date, v1::DayCount count) const {
  switch (count) {
    case v1::WORKDAY: return IsWorkday(date);
    case v1::TRADING_DAY: return IsTradingDay(date);
    default: return true;
  }
}

DueDay Calendars::NextWorkday(Date date) const {
  DueDay day{date, !IsPublished(Year(date))};
  while (!IsWorkday(day.due)) {
    day.due = day.due + 1;
    day.provisional |= !IsPublished(Year(day.due));
  }
  return day;
}

DueDay Calendars::Count(Date trigger, int32_t days, v1::DayCount count) const {
  SONGHUA_CHECK(days >= 0 && days <= kPeriodDaysMax);
  if (days == 0) return {trigger, false};
  if (count == v1::NATURAL) return NextWorkday(trigger + days);
  DueDay day{trigger, false};
  while (days > 0) {
    day.due = day.due + 1;
    day.provisional |= !IsPublished(Year(day.due));
    if (Counts(day.due, count)) --days;
  }
  return day;
}

Date Calendars::LastDayOfMonths(Date trigger, const PeriodLength& length) {
  const auto last = AddMonths(trigger, int64_t{length.months} + int64_t{length.years} * 12);
  SONGHUA_CHECK(last.ok());
  return *last;
}

DueDay Calendars::Count(Date trigger, const PeriodLength& length, int32_t paused) const {
  if (length.in_days()) return Count(trigger, length.days + paused, length.count);
  return NextWorkday(LastDayOfMonths(trigger, length) + paused);
}

Date Calendars::CountBack(Date anchor, const PeriodLength& length) const {
  if (length.in_days()) return anchor - length.days;
  const auto last = AddMonths(anchor, -(int64_t{length.months} + int64_t{length.years} * 12));
  SONGHUA_CHECK(last.ok());
  return *last;
}

int32_t Calendars::CountBetween(Date from, Date to, v1::DayCount count) const {
  if (count == v1::NATURAL) return std::max(0, to - from);
  int32_t days = 0;
  for (Date date = from; date < to;) {
    date = date + 1;
    days += Counts(date, count) ? 1 : 0;
  }
  return days;
}

}  // namespace songhua::ledger
