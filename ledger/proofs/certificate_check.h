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
#include "ledger/proofs/signed_note.h"

namespace songhua::proofs {

// What the reader trusts, from a text file of lines; '#' begins a comment:
//
//   log VERIFIER-KEY                  a key of the log
//   witness VERIFIER-KEY              a key of a witness
//   revoked VERIFIER-KEY [DATE]       not trusted any more: at all, or for what it signed from DATE (UTC) on
//   require N                         that many of the witnesses must have cosigned (0 where the line is missing)
struct TrustedKey {
  VerifierKey key;
  bool revoked = false;
  int64_t revoked_from_s = 0;  // seconds since 1970; 0: at all
};
struct Trust {
  std::vector<TrustedKey> logs, witnesses;
  uint32_t required = 0;
};
// INVALID_ARGUMENT names the line.
absl::StatusOr<Trust> ParseTrust(std::string_view text);

struct CheckOptions {
  int64_t now_s = 0;                     // for what lies in the future; seconds since 1970
  int64_t cosignature_age_max_s = 0;     // how long before or after the map's (or issuing) record the cosignature may be; 0: any time
  std::optional<Checkpoint> known;       // a checkpoint that the reader holds of this log: one of the same size must have the same root
};

// Something that a witness said of the checkpoint.
struct WitnessedBy {
  std::string name;
  int64_t time_s = 0;
};

// What was found to be so.
struct Verdict {
  Certificate certificate;
  Checkpoint checkpoint;
  std::vector<std::string> signed_by;       // names of the log's keys that verified
  std::vector<WitnessedBy> witnessed_by;
  uint64_t issue_sequence = 0;
  int64_t issue_time_us = 0;
  uint64_t map_sequence = 0;   // 0: no lots
  int64_t map_time_us = 0;
  std::vector<Title> titles;   // one a lot
  std::vector<std::vector<PledgeDetail>> pledges;  // that were opened, per lot
  std::vector<std::vector<FreezeDetail>> freezes;
};

// Steps, in this order; each refusal names its step, the value and what would be accepted: the page and the machine part agree byte for byte; the machine part decodes; the
// checkpoint parses and is signed by a trusted log key, of the same origin; no known signature fails; enough trusted witnesses cosigned; no time lies in the future; the
// issuing record is in the tree, and says these facts; the map record is in the tree, is a map root and not older than the issue; each lot's statement is in that map;
// every opening belongs to a commitment; holds and pledges do not exceed the lot; facts and openings say the same.
absl::StatusOr<Verdict> CheckCertificate(std::string_view file, const Trust& trust, const CheckOptions& options);

enum class Language : uint8_t { kEnglish, kChinese };
// In plain words: what is proved, as of when, by whom cosigned, and what is not proved.
std::string Explain(const Verdict& verdict, Language language);

}  // namespace songhua::proofs

#endif  // SONGHUA_LEDGER_PROOFS_CERTIFICATE_CHECK_H_
