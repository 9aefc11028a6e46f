// What the reader of a proof trusts, from a text file of lines; '#' begins a comment:
//
//   log VERIFIER-KEY                  a key of the log
//   witness VERIFIER-KEY              a key of a witness
//   auditor VERIFIER-KEY              a key of a witness that replays the journal, and cosigns only what it computed itself
//   revoked VERIFIER-KEY [DATE]       not trusted any more: at all, or for what it signed from DATE (UTC) on
//   require N                         that many of the witnesses must have cosigned (0 where the line is missing)
//
// Everything here is a pure function or a plain value.
#ifndef SONGHUA_LEDGER_PROOFS_TRUST_H_
#define SONGHUA_LEDGER_PROOFS_TRUST_H_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/proofs/signed_note.h"

namespace songhua::proofs {

struct TrustedKey {
  VerifierKey key;
  bool auditor = false;
  bool revoked = false;
  int64_t revoked_from_s = 0;  // seconds since 1970; 0: at all

  bool RevokedAltogether() const { return revoked && revoked_from_s == 0; }
  // Whether what it signed at `time_s` counts.
  bool TrustedAt(int64_t time_s) const { return !revoked || time_s < revoked_from_s; }
};

struct Trust {
  std::vector<TrustedKey> logs, witnesses;  // with those that are revoked
  uint32_t required = 0;
};

inline constexpr size_t kTrustBytesMax = 1 << 20;
inline constexpr size_t kTrustedKeysMax = 1000;

// INVALID_ARGUMENT names the line: an unknown word, a key that is none or of another type, a line that stands twice, a date that is none; more witnesses required than there
// are; no log.
absl::StatusOr<Trust> ParseTrust(std::string_view text);

}  // namespace songhua::proofs

#endif  // SONGHUA_LEDGER_PROOFS_TRUST_H_
