// Checks a certificate alone: with the file and the keys that its reader trusts, and nothing else. What songhua-check, the service's own check and the tests run.
//
// Everything here is a pure function or a plain value.
#ifndef SONGHUA_LEDGER_PROOFS_CERTIFICATE_CHECK_H_
#define SONGHUA_LEDGER_PROOFS_CERTIFICATE_CHECK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proofs/certificate.h"
#include "ledger/proofs/checkpoint.h"
#include "ledger/proofs/trust.h"

namespace songhua::proofs {

// A clock may be behind the log's by so much.
inline constexpr int64_t kClockSkewMax_s = 300;

struct CheckOptions {
  int64_t now_s = 0;                     // for what lies in the future; seconds since 1970
  int64_t cosignature_age_max_s = 0;     // how long before or after the map's (or issuing) record a cosignature may be to count; 0: any time
  std::optional<Checkpoint> known;       // a checkpoint that the reader holds of this log: one of the same size must have the same root
};

// Something that a witness said of the checkpoint.
struct WitnessedBy {
  std::string name;
  int64_t time_s = 0;
  bool auditor = false;
  friend bool operator==(const WitnessedBy&, const WitnessedBy&) = default;
};

// What was found to be so.
struct Verdict {
  Certificate certificate;
  Checkpoint checkpoint;
  std::vector<std::string> signed_by;       // names of the log's keys that verified
  std::vector<WitnessedBy> witnessed_by;    // each name once, the earliest that counts
  bool compared = false;       // with the checkpoint that the reader holds: the same size, and the same root
  uint64_t issue_sequence = 0;
  int64_t issue_time_us = 0;
  uint64_t map_sequence = 0;   // 0: no lots
  int64_t map_time_us = 0;
  std::vector<CertificateContent::Lot> lots;  // titles and details, as the certificate's lots

  bool Audited() const;  // an auditor is among the witnesses
};

// Steps, in this order; each refusal names its step by its reason, the value and what would be accepted: the page holds a machine part that decodes, its openings belong to its
// commitments, and the page follows from it byte for byte; the checkpoint is signed by a trusted log key, of the same origin, and no known signature fails; enough trusted
// witnesses cosigned; a known checkpoint of the same size has the same root; no time lies in the future; the issuing record is in the tree, and says these facts; the map
// record is in the tree, is a map root and younger than the issue; each lot's statement is in that map; holds and pledges do not exceed the lot; facts and openings say
// the same.
absl::StatusOr<Verdict> CheckCertificate(std::string_view file, const Trust& trust, const CheckOptions& options);

// A checkpoint that the reader holds: a note whose log signature verifies. INVALID_ARGUMENT.
absl::StatusOr<Checkpoint> ReadKnownCheckpoint(std::string_view note, const Trust& trust);

enum class Language : uint8_t { kEnglish, kChinese };
// In plain words: what is proved, as of when, by whom cosigned, and what is not proved.
std::string Explain(const Verdict& verdict, Language language);
// Why a certificate was refused, in plain words, with the refusal's own particulars.
std::string ExplainRefusal(const absl::Status& refusal, Language language);

}  // namespace songhua::proofs

#endif  // SONGHUA_LEDGER_PROOFS_CERTIFICATE_CHECK_H_
