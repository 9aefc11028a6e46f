// Every single bit of a certificate, turned.

#include <gtest/gtest.h>

#include <string>

#include "ledger/proofs/certificate_page.h"
#include "tests/ledger/certificate_testing.h"

namespace songhua::proofs {
namespace {

// Whatever one bit of the file is turned, it is refused.
TEST(CertificateBitsTest, EveryBitOfTheFileCounts) {
  const std::string page = FileOf(ReceiptStory());
  ASSERT_EQ(ReasonOfCheck(page), "");
  std::string flipped = page;
  for (size_t bit = 0; bit < 8 * page.size(); ++bit) {
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    ASSERT_NE(ReasonOfCheck(flipped), "") << "bit " << bit;
    flipped[bit / 8] = page[bit / 8];
  }
}

// And whatever one bit of the proof is turned by somebody who takes the digest again and renders the page anew.
TEST(CertificateBitsTest, EveryBitOfTheProofCounts) {
  const Trust trust = TestTrust();
  const std::string bytes = EncodeCertificate(Tell(PledgeStory()));
  for (size_t bit = 0; bit < 8 * (bytes.size() - sizeof(Digest)); ++bit) {
    std::string flipped = bytes;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
    const absl::StatusOr<Certificate> decoded = DecodeCertificate(WithDigest(flipped));
    if (!decoded.ok()) continue;
    const absl::StatusOr<std::string> file = RenderCertificate(*decoded);
    if (file.ok()) {
      ASSERT_NE(ReasonOfCheck(*file, trust), "") << "bit " << bit;
    }
  }
}

}  // namespace
}  // namespace songhua::proofs
