// Says in words how a period was counted, so that an officer, an applicant or a court can check it by hand:
//
//   due 2026-10-19: 20 working days from 2026-09-07, paused 5 for assessment (notices/12); holiday 2026-10-01..2026-10-07; workday 2026-09-20
//
// Pure functions.
#ifndef SONGHUA_PERMITS_EXPLAIN_H_
#define SONGHUA_PERMITS_EXPLAIN_H_

#include <string>

#include "ledger/calendars.h"

namespace songhua::permits {

struct DeadlineFields;

enum class Language : uint8_t { kEnglish = 0, kChinese = 1 };

// "20 working days", "6 months".
std::string LengthText(const ledger::PeriodLength& length, Language language);

std::string Explain(const DeadlineFields& deadline, const ledger::Calendars& calendars, Language language);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_EXPLAIN_H_
