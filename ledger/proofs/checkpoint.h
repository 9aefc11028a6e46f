// Checkpoints: what the log commits to when it has so many leaves (C2SP tlog-checkpoint), as the text of a signed note.
//
//   songhua/3f21...                                  the log's name, its origin
//   20852163                                         how many leaves it has
//   CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=     the root over them
//
// Everything here is a pure function or a plain value.
#ifndef SONGHUA_LEDGER_PROOFS_CHECKPOINT_H_
#define SONGHUA_LEDGER_PROOFS_CHECKPOINT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "ledger/proofs/signed_note.h"
#include "ledger/sha256.h"

namespace songhua::proofs {

struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  Digest root{};
  std::string extensions;  // further lines, each with its newline; ours have none

  std::string Text() const;  // the note's text
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// Reads a note's text. INVALID_ARGUMENT names the line: an empty origin, a size that is no decimal number or has a leading zero or exceeds 63 bits, a root that is not
// 32 bytes in canonical base64, an empty extension line, no final newline.
absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text);

// The name of the log of a store in its checkpoints, and of its keys.
std::string LogOrigin(std::string_view store_id);

}  // namespace songhua::proofs

#endif  // SONGHUA_LEDGER_PROOFS_CHECKPOINT_H_
