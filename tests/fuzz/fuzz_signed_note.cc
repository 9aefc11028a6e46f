// Any bytes are a note, a checkpoint, a key or a tile's path that formats to the same bytes again, or are refused; nothing crashes. A note that reads is also asked for the
// signatures of keys that it names.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/check.h"
#include "ledger/proofs/checkpoint.h"
#include "ledger/proofs/signed_note.h"
#include "ledger/proofs/tiles.h"

using namespace songhua::proofs;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto note = ParseNote(bytes); note.ok()) {
    SONGHUA_CHECK(FormatNote(*note) == bytes);
    SONGHUA_CHECK(!note->signatures.empty() && note->signatures.size() <= kNoteSignaturesMax);
    for (const KeyType type : {KeyType::kLog, KeyType::kWitness}) {
      // Nobody signs with this key by chance, and none of its signatures is found or none verifies.
      const VerifierKey key = SignerKey{note->signatures[0].name, type, songhua::Digest{}}.Verifier();
      SONGHUA_CHECK(!VerifySignature(*note, key).ok());
    }
  } else {
    SONGHUA_CHECK(!note.status().message().empty());
  }
  if (const auto checkpoint = ParseCheckpoint(bytes); checkpoint.ok()) {
    SONGHUA_CHECK(checkpoint->Text() == bytes);
    SONGHUA_CHECK(checkpoint->size <= INT64_MAX);
  }
  if (const auto key = ParseVerifierKey(bytes); key.ok()) SONGHUA_CHECK(key->Encode() == bytes);
  if (const auto key = ParseSignerKey(bytes); key.ok()) SONGHUA_CHECK(key->Encode() == bytes);
  if (const auto tile = ParseTilePath(bytes); tile.ok()) {
    SONGHUA_CHECK(TilePath(*tile) == bytes);
    (void)TreeHasTile(INT64_MAX, *tile);
  }
  return 0;
}
