// The state map: a sparse Merkle map from keys to values, both 32 bytes. One proof of a few hashes shows what the map says of a key (international.md 6.2, 6.3).
//
//   leaf hash = SHA-256(0x00 | key | value)
//   node hash = SHA-256(0x01 | left | right), left holding the keys whose bit at this depth is 0; bit 0 is the highest of the key's first byte
//
// An empty subtree hashes to 32 zero bytes; a subtree with one leaf hashes to that leaf, at whatever depth it begins. So a map of n random keys is about log2(n)
// deep, its root says nothing of the order in which keys came, and each set of entries has one root.
//
// A StateMap belongs to one thread at a time; the functions may be called from any thread.
#ifndef SONGHUA_LEDGER_PROOFS_STATE_MAP_H_
#define SONGHUA_LEDGER_PROOFS_STATE_MAP_H_

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "ledger/sha256.h"

namespace songhua::proofs {

// The siblings on the way from a leaf up to the root; the first is the deepest. Zero bytes: an empty subtree.
using MapPath = std::vector<Digest>;
inline constexpr size_t kMapDepthMax = 256;

Digest MapLeafHash(const Digest& key, const Digest& value);

// OK when the map with this root says `value` of `key`; INVALID_ARGUMENT that says why not.
absl::Status VerifyMapPath(const Digest& key, const Digest& value, const MapPath& path, const Digest& root);

// The root of exactly these entries, computed the slow and obvious way. Keys differ.
Digest MapRootOf(std::vector<std::pair<Digest, Digest>> entries);

// The map of numbered things: the key of number n is KeyOf(n), which is computed, not kept.
class StateMap {
 public:
  using KeyOf = Digest (*)(uint64_t number);
  explicit StateMap(KeyOf key_of);
  ~StateMap();

  // Puts what the map says of a number in the place of what it said before. The root follows at the next Root().
  void Set(uint64_t number, const Digest& value);
  uint64_t size() const;

  // Hashes again what changed since the last call, and no more.
  const Digest& Root();
  // REQUIRES: Root() was called since the last Set; Set was called for `number` once.
  MapPath PathOf(uint64_t number) const;

 private:
  class Tree;
  std::unique_ptr<Tree> tree_;
};

}  // namespace songhua::proofs

#endif  // SONGHUA_LEDGER_PROOFS_STATE_MAP_H_
