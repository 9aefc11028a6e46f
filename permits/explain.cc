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
  const char* from;
  const char* before;
  const char* paused;
  const char* since;
  const char* holiday;
  const char* workday;
  const char* rolled;
  const char* provisional;
  const char* separator;
};
constexpr Words kEnglishWords = {"due ",          "the clock stands",
                                 " working day",  " working days",
                                 " trading day",  " trading days",
                                 " calendar day", " calendar days",
                                 " from ",        " before ",
                                 ", paused ",     ", paused since ",
                                 "; holiday ",    "; workday ",
                                 "; moved on from ", "; PROVISIONAL: the holidays of % are not published, Monday to Friday counted", " for "};
constexpr Words kChineseWords = {"截止 ",   "期限中止",   "个工作日",   "个工作日", "个交易日",     "个交易日",     "日",     "日", "，自 ", "，早于 ",
                                 "，扣除 ", "，中止自 ", "；法定假日 ", "；调休上班 ", "；顺延自 ", "；暂定：%年放假安排尚未公布，按周一至周五计算", "，事由："};

std::string Unit(const Words& words, v1::DayCount count, int32_t days) {
  switch (count) {
    case v1::WORKDAY: return days == 1 ? words.working_day : words.working_days;
    case v1::TRADING_DAY: return days == 1 ? words.trading_day : words.trading_days;
    default: return days == 1 ? words.calendar_day : words.calendar_days;
  }
}

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
    text += pause.ended ? words.paused + std::to_string(calendars.CountBetween(pause.start, pause.end, deadline.count))
                        : words.since + FormatDate(pause.start);
    text += words.separator + pause.reason;
    if (!pause.notice.empty()) text += " (" + pause.notice + ")";
  }
  return text;
}

// Holidays and make-up days on the way from the event to the last day.
std::string SpecialDays(const DeadlineFields& deadline, const ledger::Calendars& calendars, const Words& words) {
  if (deadline.count == v1::NATURAL) return "";
  std::vector<Date> holidays;
  std::vector<Date> workdays;
  for (Date date = deadline.trigger; date < deadline.due;) {
    date = date + 1;
    if (calendars.IsHoliday(date)) holidays.push_back(date);
    if (deadline.count == v1::WORKDAY && DayOfWeek(date) > 5 && calendars.IsWorkday(date)) workdays.push_back(date);
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
  std::string text = words.provisional;
  return text.replace(text.find('%'), 1, years);
}

}  // namespace

std::string Explain(const DeadlineFields& deadline, const ledger::Calendars& calendars, Language language) {
  const Words& words = language == Language::kEnglish ? kEnglishWords : kChineseWords;
  const bool backward = deadline.kind == v1::RENEWAL_LEAD;
  std::string text = deadline.paused() ? words.paused_clock : words.due + FormatDate(deadline.due);
  text += language == Language::kEnglish ? ": " : "：";
  text += std::to_string(deadline.days) + Unit(words, deadline.count, deadline.days) + (backward ? words.before : words.from) +
          FormatDate(deadline.trigger);
  text += PausesText(deadline, calendars, words);
  text += SpecialDays(deadline, calendars, words);
  if (!backward && deadline.count == v1::NATURAL && deadline.days > 0 && deadline.pauses.empty() && deadline.due != deadline.trigger + deadline.days) {
    text += words.rolled + FormatDate(deadline.trigger + deadline.days);
  }
  if (deadline.provisional) text += ProvisionalText(deadline, calendars, words);
  return text;
}

}  // namespace songhua::permits
