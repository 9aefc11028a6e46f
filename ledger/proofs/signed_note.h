// Signed notes, as the log's checkpoints are: a text and the Ed25519 signatures of its log and of those who witness it (C2SP signed-note).
//
//   SONGHUA_ASSIGN_OR_RETURN(const VerifierKey key, ParseVerifierKey("songhua/3f21+530d903a+AekyeRrm..."));
//   SONGHUA_ASSIGN_OR_RETURN(const SignedNote note, ParseNote(bytes));
//   absl::Status signed_by_it = VerifySignature(note, key);      // NOT_FOUND: no signature of this key
//
// A note is a text that ends with a newline, an empty line, and lines of an em dash, a space, the key's name, a space, and base64 of the key's id (4 bytes)
// and the signature. Two kinds of key sign: that of a log signs the text (type 0x01); that of a witness signs when it saw it, too (type 0x04,
// C2SP tlog-cosignature).
//
// Everything here is a pure function or a plain value.
#ifndef SONGHUA_LEDGER_PROOFS_SIGNED_NOTE_H_
#define SONGHUA_LEDGER_PROOFS_SIGNED_NOTE_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/sha256.h"

namespace songhua::proofs {

using Ed25519Signature = std::array<uint8_t, 64>;

// Ed25519 (RFC 8032). The key pair is that of a 32-byte seed.
Digest Ed25519PublicKey(const Digest& seed);
Ed25519Signature Ed25519Sign(const Digest& seed, std::string_view message);
bool Ed25519Verify(const Digest& public_key, std::string_view message, std::string_view signature);

// Numbers stand in key ids and encoded keys.
enum class KeyType : uint8_t {
  kLog = 0x01,      // signs a note's text
  kWitness = 0x04,  // signs a time and a checkpoint
};

// The public half of a key, with the name it signs by.
struct VerifierKey {
  std::string name;
  KeyType type = KeyType::kLog;
  Digest public_key{};

  // The first four bytes of SHA-256(name | 0x0a | type | public key), big-endian.
  uint32_t Id() const;
  // "name+id in 8 hexadecimal digits+base64(type | public key)".
  std::string Encode() const;
  friend bool operator==(const VerifierKey&, const VerifierKey&) = default;
};
// INVALID_ARGUMENT: not three parts, a name with blanks (of any script) or pluses or other than printable UTF-8, an id that does not belong to the key, an unknown type, not
// canonical base64.
absl::StatusOr<VerifierKey> ParseVerifierKey(std::string_view encoded);
// The key as a message may show it: a private one, given by mistake where a public one belongs, is not shown.
std::string_view ShownKey(std::string_view encoded);

// The private half: "PRIVATE+KEY+name+id+base64(type | seed)". To be kept by its owner alone.
struct SignerKey {
  std::string name;
  KeyType type = KeyType::kLog;
  Digest seed{};

  VerifierKey Verifier() const;
  std::string Encode() const;
};
absl::StatusOr<SignerKey> ParseSignerKey(std::string_view encoded);

struct NoteSignature {
  std::string name;
  uint32_t key_id = 0;
  std::string bytes;  // what follows the id: 64 bytes of a log's key; 8 bytes of time and 64 of a witness's; any of a key of unknown type
  friend bool operator==(const NoteSignature&, const NoteSignature&) = default;
};

struct SignedNote {
  std::string text;  // with its last newline
  std::vector<NoteSignature> signatures;
};

// Bounds of what is read: a note is never larger than this, nor has more signatures.
inline constexpr size_t kNoteBytesMax = 64 * 1024;
inline constexpr size_t kNoteSignaturesMax = 100;

// INVALID_ARGUMENT that names the line: no text, no final newline, control characters other than newlines, not UTF-8, no signature, a line that is none, a
// signature that stands twice, too long, too many.
absl::StatusOr<SignedNote> ParseNote(std::string_view bytes);
// The note's bytes. REQUIRES: what ParseNote would accept.
std::string FormatNote(const SignedNote& note);

// Signs `text` and adds the signature. REQUIRES: key.type is kLog; the text ends with a newline.
void SignNote(const SignerKey& key, SignedNote* note);
// A witness's signature over the text as of `time_s`, seconds since 1970. REQUIRES: key.type is kWitness.
NoteSignature Cosign(const SignerKey& key, std::string_view text, uint64_t time_s);
// When a witness says that it signed. REQUIRES: a signature that verified with a kWitness key.
uint64_t CosignatureTime(const NoteSignature& signature);

// NOT_FOUND: the note has no signature by this key; INVALID_ARGUMENT: it has one, and that does not verify (a note with such a one is to be refused).
// With several of one key all must verify.
absl::Status VerifySignature(const SignedNote& note, const VerifierKey& key);
// The same of one signature. False where name or id are not the key's, too.
bool Verifies(std::string_view text, const NoteSignature& signature, const VerifierKey& key);

}  // namespace songhua::proofs

#endif  // SONGHUA_LEDGER_PROOFS_SIGNED_NOTE_H_
