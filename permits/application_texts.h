// What an authority writes in a case: notices and disclosures, in English and Chinese, and the rule that each act rests on. Pure functions.
#ifndef SONGHUA_PERMITS_APPLICATION_TEXTS_H_
#define SONGHUA_PERMITS_APPLICATION_TEXTS_H_

#include <string>
#include <string_view>
#include <vector>

#include "permits/applications.h"

namespace songhua::permits {

// INVALID_ARGUMENT unless it is words that a person may give as the reason of an act.
absl::Status CheckReason(const std::string& reason, std::string_view field = "reason");

// The rule of china.md 2.4 that governs the act: "PERMIT-32".
std::string_view RuleOf(ApplicationEvent event);

BothTexts PublicityText(const ApplicationRow& row);
BothTexts ReceiptText(const ApplicationRow& row);
BothTexts ClosedText(const ApplicationRow& row, ApplicationEvent event, const std::string& reason);
BothTexts CorrectionText(const ApplicationRow& row);
BothTexts AssessmentText(const ApplicationRow& row, int32_t expected_workdays);
BothTexts GrantedText(const ApplicationRow& row);
// With the remedies and the last days for them (PERMIT-41).
BothTexts DeniedText(const ApplicationRow& row, Date reconsideration_until, Date litigation_until);
BothTexts PostCheckText(const ApplicationRow& row, const std::string& finding);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_APPLICATION_TEXTS_H_
