// Writes a permit as an officer expects to read it, in Chinese or in English: the main copy (正本), which says who may discharge, where and until when,
// and the duplicate copy (副本), which says under which conditions (PERMIT-20). Also the receipt of an application (PERMIT-35). Plain text in UTF-8;
// columns are aligned for a font in which a Chinese character is two places wide.
//
// Quantities stand as in GEN-06: tonnes a year with three decimals; kilograms a year for heavy metals. What is printed is never more than what is
// permitted.
//
// Every print carries a check code: 20 hexadecimal digits, in groups of four, of a SHA-256 over what the public may see of the version. The same
// version has the same code in both languages, today and later, whole or masked; a paper with another word on it has another.
//
// Pure functions; any thread.
#ifndef SONGHUA_PERMITS_PERMIT_PRINT_H_
#define SONGHUA_PERMITS_PERMIT_PRINT_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/legal_time.h"
#include "permits/applications.h"
#include "permits/explain.h"
#include "permits/permits.h"
#include "songhua/v1/public.pb.h"

namespace songhua::permits {

// "zh" or "en"; empty is "zh". INVALID_ARGUMENT.
absl::StatusOr<Language> ParseLanguage(std::string_view field, const std::string& text);

// ---- Check codes ----

std::string CheckCode(const PermitRow& row, const PermitContent& content);
// Of the receipt; `date` is its own (see ReceiptSheet).
std::string CheckCode(const ApplicationRow& row, Date date);

// ---- Prints ----

// What stands on a permit beside its own rows.
struct PermitSheet {
  const PermitRow* row = nullptr;
  const PermitContent* content = nullptr;  // whole, or masked: then a withheld field says that it is withheld
  std::string holder;
  std::string site;
  std::string issuer;
  Date today;
  std::vector<v1::Overlay> overlays = {};  // that lie on the site today (PERMIT-57)
};
// REQUIRES: a copy that is one, or both.
std::string PrintPermit(const PermitSheet& sheet, Language language, v1::RenderPermitRequest::Copy copy);

struct ReceiptSheet {
  const ApplicationRow* row = nullptr;
  Date date;           // of the acceptance; of its refusal, the day on which that was recorded
  std::string reason;  // of a refusal
  std::string applicant;
  std::string site;
  std::string authority;
};
// Whether there is something to be receipted: the application was accepted, or its acceptance refused.
bool HasReceipt(const ApplicationRow& row);
// REQUIRES: HasReceipt.
std::string PrintReceipt(const ReceiptSheet& sheet, Language language);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_PERMIT_PRINT_H_
