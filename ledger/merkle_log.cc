#include "ledger/merkle_log.h"

#include <bit>
#include <string>
#include <utility>

#include "ledger/refusal.h"

namespace songhua {
namespace {

// The largest power of two smaller than n. REQUIRES: n > 1.
uint64_t SplitPoint(uint64_t n) { return std::bit_floor(n - 1); }

// The root over leaves [begin, end). REQUIRES: begin < end, and begin is a multiple of bit_ceil(end - begin): so split, all left parts are perfect
// subtrees.
absl::StatusOr<Digest> RangeRoot(uint64_t begin, uint64_t end, const NodeReader& reader) {
  const uint64_t n = end - begin;
  if (std::has_single_bit(n)) {
    const uint32_t level = std::countr_zero(n);
    return reader(level, begin >> level);
  }
  const uint64_t middle = begin + SplitPoint(n);
  SONGHUA_ASSIGN_OR_RETURN(const Digest left, RangeRoot(begin, middle, reader));
  SONGHUA_ASSIGN_OR_RETURN(const Digest right, RangeRoot(middle, end, reader));
  return NodeHash(left, right);
}

absl::Status Invalid(const std::string& message) { return absl::InvalidArgumentError(message); }

// Hashes a perfect subtree from the nodes `height` levels below it.
absl::StatusOr<Digest> HashUp(uint32_t level, uint64_t index, uint32_t height, const NodeReader& below) {
  if (height == 0) return below(level, index);
  SONGHUA_ASSIGN_OR_RETURN(const Digest left, HashUp(level - 1, 2 * index, height - 1, below));
  SONGHUA_ASSIGN_OR_RETURN(const Digest right, HashUp(level - 1, 2 * index + 1, height - 1, below));
  return NodeHash(left, right);
}

}  // namespace

Digest LeafHash(std::string_view leaf) { return Sha256Of(std::string_view("\x00", 1), leaf); }

Digest NodeHash(const Digest& left, const Digest& right) {
  return Sha256Of(std::string_view("\x01", 1), AsBytes(left), AsBytes(right));
}

const Digest& EmptyTreeRoot() {
  static const Digest root = Sha256Of("");
  return root;
}

absl::StatusOr<MerkleFrontier> MerkleFrontier::FromParts(uint64_t size, std::vector<Digest> hashes) {
  MerkleFrontier frontier;
  frontier.size_ = size;
  frontier.hashes_ = std::move(hashes);
  if (!frontier.Valid()) {
    return Invalid("a tree of " + std::to_string(size) + " leaves has " + std::to_string(std::popcount(size)) + " perfect subtrees, not " +
                   std::to_string(frontier.hashes_.size()));
  }
  return frontier;
}

bool MerkleFrontier::Valid() const { return hashes_.size() == static_cast<size_t>(std::popcount(size_)); }

void MerkleFrontier::Append(const Digest& leaf_hash, std::vector<MerkleNode>* completed) {
  Digest hash = leaf_hash;
  // Each trailing one bit of the size is a perfect subtree of that level, which the new leaf completes to one of the next level.
  uint32_t level = 0;
  for (uint64_t rest = size_; rest & 1; rest >>= 1) {
    hash = NodeHash(hashes_.back(), hash);
    hashes_.pop_back();
    ++level;
    if (completed != nullptr && level % kStoredLevelStep == 0) completed->push_back({level, size_ >> level, hash});
  }
  hashes_.push_back(hash);
  ++size_;
}

Digest MerkleFrontier::Root() const {
  if (hashes_.empty()) return EmptyTreeRoot();
  Digest root = hashes_.back();
  for (size_t i = hashes_.size() - 1; i-- > 0;) root = NodeHash(hashes_[i], root);
  return root;
}

Digest MerkleRoot(const std::vector<Digest>& leaf_hashes) {
  MerkleFrontier frontier;
  for (const Digest& leaf : leaf_hashes) frontier.Append(leaf);
  return frontier.Root();
}

NodeReader NodesFromLeaves(LeafReader leaves) {
  return [leaves = std::move(leaves)](uint32_t level, uint64_t index) -> absl::StatusOr<Digest> {
    return HashUp(level, index, level, [&leaves](uint32_t, uint64_t leaf) { return leaves(leaf); });
  };
}

NodeReader NodesFromStored(NodeReader stored) {
  return [stored = std::move(stored)](uint32_t level, uint64_t index) -> absl::StatusOr<Digest> {
    return HashUp(level, index, level % kStoredLevelStep, stored);
  };
}

absl::StatusOr<Digest> RootOfSize(uint64_t size, const NodeReader& reader) {
  if (size == 0) return EmptyTreeRoot();
  return RangeRoot(0, size, reader);
}

absl::StatusOr<MerkleFrontier> FrontierOfSize(uint64_t size, const NodeReader& reader) {
  std::vector<Digest> hashes;
  uint64_t begin = 0;
  while (begin < size) {
    const uint32_t level = 63 - std::countl_zero(size - begin);
    SONGHUA_ASSIGN_OR_RETURN(hashes.emplace_back(), reader(level, begin >> level));
    begin += uint64_t{1} << level;
  }
  return MerkleFrontier::FromParts(size, std::move(hashes));
}

absl::StatusOr<std::vector<Digest>> InclusionProof(uint64_t index, uint64_t size, const NodeReader& reader) {
  if (index >= size) return OutOfRange("index", std::to_string(index), "less than the tree's size, " + std::to_string(size));
  // From the root down (PATH of RFC 6962, 2.1.1); the proof lists the siblings from the leaf up.
  std::vector<Digest> from_root;
  uint64_t begin = 0, end = size;
  while (end - begin > 1) {
    const uint64_t middle = begin + SplitPoint(end - begin);
    if (index < middle) {
      SONGHUA_ASSIGN_OR_RETURN(from_root.emplace_back(), RangeRoot(middle, end, reader));
      end = middle;
    } else {
      SONGHUA_ASSIGN_OR_RETURN(from_root.emplace_back(), RangeRoot(begin, middle, reader));
      begin = middle;
    }
  }
  return std::vector<Digest>(from_root.rbegin(), from_root.rend());
}

absl::StatusOr<std::vector<Digest>> ConsistencyProof(uint64_t old_size, uint64_t new_size, const NodeReader& reader) {
  if (old_size > new_size) {
    return OutOfRange("old_size", std::to_string(old_size), "at most the tree's size, " + std::to_string(new_size));
  }
  if (old_size == 0 || old_size == new_size) return std::vector<Digest>();
  // From the root down (SUBPROOF of RFC 6962, 2.1.2): siblings off the path to the old tree's edge, then, unless the old tree is itself a perfect
  // subtree that the verifier knows as its root, the subtree at that edge.
  std::vector<Digest> from_root;
  uint64_t begin = 0, end = new_size;
  while (end != old_size) {
    const uint64_t middle = begin + SplitPoint(end - begin);
    if (old_size <= middle) {
      SONGHUA_ASSIGN_OR_RETURN(from_root.emplace_back(), RangeRoot(middle, end, reader));
      end = middle;
    } else {
      SONGHUA_ASSIGN_OR_RETURN(from_root.emplace_back(), RangeRoot(begin, middle, reader));
      begin = middle;
    }
  }
  if (begin != 0) {
    SONGHUA_ASSIGN_OR_RETURN(from_root.emplace_back(), RangeRoot(begin, end, reader));
  }
  return std::vector<Digest>(from_root.rbegin(), from_root.rend());
}

absl::Status VerifyInclusion(uint64_t index, uint64_t size, const Digest& leaf_hash, const std::vector<Digest>& proof, const Digest& root) {
  if (index >= size) return Invalid("leaf " + std::to_string(index) + " is outside a tree of " + std::to_string(size));
  // RFC 9162, 2.1.3.2.
  uint64_t fn = index, sn = size - 1;
  Digest hash = leaf_hash;
  for (const Digest& sibling : proof) {
    if (sn == 0) return Invalid("the proof is too long");
    if ((fn & 1) || fn == sn) {
      hash = NodeHash(sibling, hash);
      while (!(fn & 1) && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return Invalid("the proof is too short");
  if (hash != root) return Invalid("the proof leads to root " + ToHex(hash) + ", not to " + ToHex(root));
  return absl::OkStatus();
}

absl::Status VerifyConsistency(uint64_t old_size, uint64_t new_size, const Digest& old_root, const Digest& new_root,
                               const std::vector<Digest>& proof) {
  if (old_size > new_size) return Invalid("a tree of " + std::to_string(new_size) + " cannot extend one of " + std::to_string(old_size));
  if (old_size == 0) return Invalid("every tree extends the empty one: there is nothing to verify");
  if (old_size == new_size) {
    if (!proof.empty()) return Invalid("the proof is too long");
    if (old_root != new_root) return Invalid("trees of the same size have different roots");
    return absl::OkStatus();
  }
  if (proof.empty()) return Invalid("the proof is too short");
  // RFC 9162, 2.1.4.2. A power of two is a perfect subtree of the new tree, whose hash the proof leaves out.
  uint64_t fn = old_size - 1, sn = new_size - 1;
  while (fn & 1) {
    fn >>= 1;
    sn >>= 1;
  }
  const bool perfect = std::has_single_bit(old_size);
  Digest old_hash = perfect ? old_root : proof[0];
  Digest new_hash = old_hash;
  for (size_t i = perfect ? 0 : 1; i < proof.size(); ++i) {
    if (sn == 0) return Invalid("the proof is too long");
    if ((fn & 1) || fn == sn) {
      old_hash = NodeHash(proof[i], old_hash);
      new_hash = NodeHash(proof[i], new_hash);
      while (!(fn & 1) && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      new_hash = NodeHash(new_hash, proof[i]);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0) return Invalid("the proof is too short");
  if (old_hash != old_root) return Invalid("the proof leads to old root " + ToHex(old_hash) + ", not to " + ToHex(old_root));
  if (new_hash != new_root) return Invalid("the proof leads to new root " + ToHex(new_hash) + ", not to " + ToHex(new_root));
  return absl::OkStatus();
}

}  // namespace songhua
