// Certificates from anybody: whatever a file, a machine part or a file of keys holds, reading it ends in an answer; and what decodes encodes to the same bytes, and renders to a
// page that reads back.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/check.h"
#include "ledger/proofs/certificate.h"
#include "ledger/proofs/certificate_check.h"
#include "ledger/proofs/certificate_page.h"

namespace {

using namespace songhua::proofs;  // NOLINT

// Input of libFuzzer hardly ever has the right digest: it is made right.
void TryMachinePart(std::string bytes) {
  bytes.append(songhua::AsBytes(songhua::Sha256Of(bytes)));
  const absl::StatusOr<Certificate> certificate = DecodeCertificate(bytes);
  if (!certificate.ok()) return;
  SONGHUA_CHECK(EncodeCertificate(*certificate) == bytes);
  const absl::StatusOr<std::string> page = RenderCertificate(*certificate);
  SONGHUA_CHECK(page.ok() == OpenCertificate(*certificate).ok());
  if (!page.ok()) return;
  SONGHUA_CHECK(ReadCertificate(*page).ok());
  // Nobody trusted has signed it.
  Trust trust;
  trust.logs.push_back({{"songhua/fuzz", KeyType::kLog, songhua::Sha256Of("nobody's")}});
  const absl::Status refused = CheckCertificate(*page, trust, CheckOptions()).status();
  SONGHUA_CHECK(!refused.ok());
  SONGHUA_CHECK(!ExplainRefusal(refused, Language::kChinese).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)DecodeCertificate(bytes).ok();
  (void)ReadCertificate(bytes).ok();
  (void)CheckCertificate(bytes, Trust(), CheckOptions()).ok();
  (void)ParseTrust(bytes).ok();
  (void)ReadKnownCheckpoint(bytes, Trust()).ok();
  TryMachinePart(std::string(bytes));
  return 0;
}
