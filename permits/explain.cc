#include "permits/explain.h"

#include <vector>

#include "permits/deadlines.h"

namespace songhua::permits {
namespace {

// The words of one language. "%" stands for what is filled in.
struct Words {
  const char* due;
  const char* paused_clock;
  const char* working_day;
  const char* working_days;
  const char* trading_day;
  const char* trading_days;
  const char* calendar_day;
  const char* calendar_days;
  const char* month;
  const char* months;
  const char* year;
  const char* years;
  const char* from;
  const char* before;
  const char* paused;
  const char* since;
  const char* holiday;
  const char* workday;
  const char* no_such_day;
  const char* rolled;
  const char* provisional;
  const char* separator;
};
constexpr Words kEnglishWords = {
    .due = "due ",
    .paused_clock = "the clock stands",
    .working_day = " working day",
    .working_days = " working days",
    .trading_day = " trading day",
    .trading_days = " trading days",
    .calendar_day = " calendar day",
    .calendar_days = " calendar days",
    .month = " month",
    .months = " months",
    .year = " year",
    .years = " years",
    .from = " from ",
    .before = " before ",
    .paused = ", paused ",
    .since = ", paused since ",
    .holiday = "; holiday ",
    .workday = "; workday ",
    .no_such_day = "; the month has no day %, its last day counts",
    .rolled = "; moved on from ",
    .provisional = "; PROVISIONAL: the holidays of % are not published, Monday to Friday counted",
    .separator = " for ",
};
constexpr Words kChineseWords = {
    .due = "截止 ",
    .paused_clock = "期限中止",
    .working_day = "个工作日",
    .working_days = "个工作日",
    .trading_day = "个交易日",
    .trading_days = "个交易日",
    .calendar_day = "日",
    .calendar_days = "日",
    .month = "个月",
    .months = "个月",
    .year = "年",
    .years = "年",
    .from = "，自 ",
    .before = "，早于 ",
    .paused = "，扣除 ",
    .since = "，中止自 ",
    .holiday = "；法定假日 ",
    .workday = "；调休上班 ",
    .no_such_day = "；到期月无 % 日，以月末日为准",
    .rolled = "；顺延自 ",
    .provisional = "；暂定：%年放假安排尚未公布，按周一至周五计算",
    .separator = "，事由：",
};

// "20 working days", "6 months".
std::string LengthText(const Words& words, const ledger::PeriodLength& length) {
  const auto counted = [](int32_t number, const char* one, const char* many) { return std::to_string(number) + (number == 1 ? one : many); };
  if (length.years != 0) return counted(length.years, words.year, words.years);
  if (length.months != 0) return counted(length.months, words.month, words.months);
  switch (length.count) {
    case v1::WORKDAY: return counted(length.days, words.working_day, words.working_days);
    case v1::TRADING_DAY: return counted(length.days, words.trading_day, words.trading_days);
    default: return counted(length.days, words.calendar_day, words.calendar_days);
  }
}

std::string Filled(std::string text, const std::string& what) { return text.replace(text.find('%'), 1, what); }

// "2026-10-01..2026-10-07, 2026-12-25": days side by side as one run. Weekend days that touch a run of holidays belong to it.
std::string Runs(const std::vector<Date>& days) {
  std::string text;
  for (size_t i = 0; i < days.size();) {
    size_t last = i;
    while (last + 1 < days.size() && days[last + 1] - days[last] == 1) ++last;
    if (!text.empty()) text += ", ";
    text += FormatDate(days[i]);
    if (last > i) text += ".." + FormatDate(days[last]);
    i = last + 1;
  }
  return text;
}

std::string PausesText(const DeadlineFields& deadline, const ledger::Calendars& calendars, const Words& words) {
  std::string text;
  for (const PauseRow& pause : deadline.pauses) {
    text += pause.ended ? words.paused + std::to_string(calendars.CountBetween(pause.start, pause.end, deadline.length.count))
                        : words.since + FormatDate(pause.start);
    text += words.separator + pause.reason;
    if (!pause.notice.empty()) text += " (" + pause.notice + ")";
  }
  return text;
}

// Holidays and make-up days on the way from the event to the last day.
std::string SpecialDays(const DeadlineFields& deadline, const ledger::Calendars& calendars, const Words& words) {
  if (deadline.length.count == v1::NATURAL) return "";
  std::vector<Date> holidays;
  std::vector<Date> workdays;
  for (Date date = deadline.trigger; date < deadline.due;) {
    date = date + 1;
    if (calendars.IsHoliday(date)) holidays.push_back(date);
    if (deadline.length.count == v1::WORKDAY && DayOfWeek(date) > 5 && calendars.IsWorkday(date)) workdays.push_back(date);
  }
  std::string text;
  if (!holidays.empty()) text += words.holiday + Runs(holidays);
  if (!workdays.empty()) text += words.workday + Runs(workdays);
  return text;
}

std::string ProvisionalText(const DeadlineFields& deadline, const ledger::Calendars& calendars, const Words& words) {
  std::string years;
  for (int32_t year = Year(deadline.trigger); year <= Year(deadline.due); ++year) {
    if (calendars.IsPublished(year)) continue;
    years += (years.empty() ? "" : ", ") + std::to_string(year);
  }
  return Filled(words.provisional, years);
}

// What became of the last day of a NATURAL period: a month without its number, a day off that it moved on from.
std::string NaturalEnd(const DeadlineFields& deadline, const Words& words) {
  const ledger::PeriodLength& length = deadline.length;
  if (deadline.kind == v1::RENEWAL_LEAD || length.count != v1::NATURAL) return "";
  if (length.in_days() && length.days == 0) return "";
  std::string text;
  const Date last = length.in_days() ? deadline.trigger + length.days : ledger::Calendars::LastDayOfMonths(deadline.trigger, length);
  if (!length.in_days() && Day(last) != Day(deadline.trigger)) text += Filled(words.no_such_day, std::to_string(Day(deadline.trigger)));
  if (deadline.pauses.empty() && deadline.due != last) text += words.rolled + FormatDate(last);
  return text;
}

}  // namespace

std::string LengthText(const ledger::PeriodLength& length, Language language) {
  return LengthText(language == Language::kEnglish ? kEnglishWords : kChineseWords, length);
}

std::string Explain(const DeadlineFields& deadline, const ledger::Calendars& calendars, Language language) {
  const Words& words = language == Language::kEnglish ? kEnglishWords : kChineseWords;
  const bool backward = deadline.kind == v1::RENEWAL_LEAD;
  std::string text = deadline.paused() ? words.paused_clock : words.due + FormatDate(deadline.due);
  text += language == Language::kEnglish ? ": " : "：";
  text += LengthText(words, deadline.length) + (backward ? words.before : words.from) + FormatDate(deadline.trigger);
  text += PausesText(deadline, calendars, words);
  text += SpecialDays(deadline, calendars, words);
  text += NaturalEnd(deadline, words);
  if (deadline.provisional) text += ProvisionalText(deadline, calendars, words);
  return text;
}

}  // namespace songhua::permits
