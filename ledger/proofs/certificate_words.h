// The words of certificates in Chinese and English, and how their numbers, times and texts are shown. What stands on the page of a version never changes, so that old pages go
// on to follow from their machine parts: a new word is a new entry, a better word is a new version.
//
// Everything here is a pure function.
#ifndef SONGHUA_LEDGER_PROOFS_CERTIFICATE_WORDS_H_
#define SONGHUA_LEDGER_PROOFS_CERTIFICATE_WORDS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/proofs/certificate.h"
#include "ledger/proofs/lot_statement.h"

namespace songhua::proofs {

struct Words {
  std::string_view chinese, english;
};

// "Pledgee 质权人". Both are empty where the name is none of the list: it is shown as it is.
Words FactWords(std::string_view name);
Words KindWords(CertificateKind kind);
Words EncumbranceWords(EncumbranceKind kind);
// Of a reason of a refusal; empty where it is none of a proof's.
Words RefusalWords(std::string_view reason);

// What of a text may be shown: control characters, those that hide or reorder what is read, and bytes that are no UTF-8 are spelled out ("[U+202E]", "[0xFF]").
std::string Visible(std::string_view text);
// The same, of at most about `max` bytes.
std::string Clipped(std::string_view text, size_t max);
// Visible, and safe between HTML's tags and in its attributes.
std::string Html(std::string_view text);
// 1234567 -> "1,234,567".
std::string Grouped(int64_t value);
std::string Grouped(uint64_t value);
// 100000000 -> "CNY 1,000,000.00".
std::string YuanOfFen(int64_t fen);
// "2026-01-05 09:30:00 +08:00", with six decimals of seconds where there are any; of no time that exists, the number.
std::string TimeOfMicros(int64_t micros);
std::string TimeOfSeconds(int64_t seconds);

}  // namespace songhua::proofs

#endif  // SONGHUA_LEDGER_PROOFS_CERTIFICATE_WORDS_H_
