// Whether what a certificate says in words is what the lots in it say. The rules are a table in FORMATS.md.
#ifndef SONGHUA_LEDGER_PROOFS_CERTIFICATE_FACTS_H_
#define SONGHUA_LEDGER_PROOFS_CERTIFICATE_FACTS_H_

#include "absl/status/status.h"
#include "ledger/proofs/certificate.h"

namespace songhua::proofs {

// INVALID_ARGUMENT with FACTS_CONTRADICT, naming the fact. OK for kinds without lots. REQUIRES: `content` is of `certificate`.
absl::Status CheckFactsOfLots(const Certificate& certificate, const CertificateContent& content);

}  // namespace songhua::proofs

#endif  // SONGHUA_LEDGER_PROOFS_CERTIFICATE_FACTS_H_
