// The page of a certificate: HTML that reads on paper and on a screen, in Chinese with English beside it, with the machine part inside and its digest as a QR code.
//
// A page follows from the machine part byte for byte, so that its reader sees nothing that is not proved: CheckCertificate renders it again and compares. The layout of
// a version never changes.
#ifndef SONGHUA_LEDGER_PROOFS_CERTIFICATE_PAGE_H_
#define SONGHUA_LEDGER_PROOFS_CERTIFICATE_PAGE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ledger/proofs/certificate.h"

namespace songhua::proofs {

inline constexpr size_t kPageBytesMax = 64 << 20;

// The file that is given out. INVALID_ARGUMENT: what OpenCertificate refuses.
absl::StatusOr<std::string> RenderCertificate(const Certificate& certificate);

// The certificate in such a file. INVALID_ARGUMENT: no machine part, or two, or what DecodeCertificate or OpenCertificate refuses, or a page that does not follow from it (the first line that
// differs is named).
absl::StatusOr<Certificate> ReadCertificate(std::string_view file);

}  // namespace songhua::proofs

#endif  // SONGHUA_LEDGER_PROOFS_CERTIFICATE_PAGE_H_
