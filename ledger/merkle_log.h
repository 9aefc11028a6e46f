// The Merkle tree of RFC 6962 (section 2.1) over an append-only log: hashing, the compact range that appends in O(log n) memory, and inclusion
// and consistency proofs.
//
//   MerkleFrontier frontier;
//   frontier.Append(LeafHash(bytes));
//   Digest root = frontier.Root();
//   SONGHUA_ASSIGN_OR_RETURN(std::vector<Digest> proof, InclusionProof(index, frontier.size(), reader));
//   absl::Status in_the_tree = VerifyInclusion(index, size, leaf, proof, root);
//
// A frontier belongs to one thread at a time; the functions may be called from any thread.
#ifndef SONGHUA_LEDGER_MERKLE_LOG_H_
#define SONGHUA_LEDGER_MERKLE_LOG_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/sha256.h"

namespace songhua {

Digest LeafHash(std::string_view leaf);                       // SHA-256(0x00 | leaf)
Digest NodeHash(const Digest& left, const Digest& right);     // SHA-256(0x01 | left | right)
const Digest& EmptyTreeRoot();                                // SHA-256("")

// The perfect subtree of 2^level leaves that starts at leaf index * 2^level.
struct MerkleNode {
  uint32_t level;
  uint64_t index;
  Digest hash;
};

// Stores keep the leaves (level 0) and every eighth level above, as tlog tiles do: any node is then at most 255 hashes away, for 1/255 more space.
inline constexpr uint32_t kStoredLevelStep = 8;

// The right edge of a growing tree: one hash for each perfect subtree, largest first. What is kept to append and to compute the root.
class MerkleFrontier {
 public:
  MerkleFrontier() = default;
  // The frontier of `size` leaves. INVALID_ARGUMENT unless `hashes` holds one hash for each bit set in `size`.
  static absl::StatusOr<MerkleFrontier> FromParts(uint64_t size, std::vector<Digest> hashes);

  // Appends a leaf hash. The perfect subtrees that it completes at the stored levels above 0 are added to `completed`, unless that is null.
  void Append(const Digest& leaf_hash, std::vector<MerkleNode>* completed = nullptr);

  uint64_t size() const { return size_; }
  Digest Root() const;
  const std::vector<Digest>& hashes() const { return hashes_; }
  // False for what no sequence of Append could have made; to be asked after decoding.
  bool Valid() const;

  template <class Archive>
  void Fields(Archive& a) {
    a(size_, hashes_);
  }
  friend bool operator==(const MerkleFrontier&, const MerkleFrontier&) = default;

 private:
  uint64_t size_ = 0;
  std::vector<Digest> hashes_;
};

// The root over these leaf hashes.
Digest MerkleRoot(const std::vector<Digest>& leaf_hashes);

// Hash of the perfect subtree (level, index). Called only for subtrees that lie wholly inside the tree that is asked about.
using NodeReader = std::function<absl::StatusOr<Digest>(uint32_t level, uint64_t index)>;
using LeafReader = std::function<absl::StatusOr<Digest>(uint64_t index)>;
// A node reader that hashes its way up from the leaves: O(2^level) reads a node.
NodeReader NodesFromLeaves(LeafReader leaves);
// A node reader that hashes its way up from the nearest stored level: at most 255 reads of `stored` a node, which is called with levels that are
// multiples of kStoredLevelStep only.
NodeReader NodesFromStored(NodeReader stored);

absl::StatusOr<Digest> RootOfSize(uint64_t size, const NodeReader& reader);
absl::StatusOr<MerkleFrontier> FrontierOfSize(uint64_t size, const NodeReader& reader);
// OUT_OF_RANGE unless index < size.
absl::StatusOr<std::vector<Digest>> InclusionProof(uint64_t index, uint64_t size, const NodeReader& reader);
// OUT_OF_RANGE unless old_size <= new_size. Empty when they are equal or old_size is 0.
absl::StatusOr<std::vector<Digest>> ConsistencyProof(uint64_t old_size, uint64_t new_size, const NodeReader& reader);

// OK when the proof holds; INVALID_ARGUMENT that says why not.
absl::Status VerifyInclusion(uint64_t index, uint64_t size, const Digest& leaf_hash, const std::vector<Digest>& proof, const Digest& root);
absl::Status VerifyConsistency(uint64_t old_size, uint64_t new_size, const Digest& old_root, const Digest& new_root,
                               const std::vector<Digest>& proof);

}  // namespace songhua

#endif  // SONGHUA_LEDGER_MERKLE_LOG_H_
