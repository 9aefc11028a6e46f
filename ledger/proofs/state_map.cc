#include "ledger/proofs/state_map.h"

#include <algorithm>
#include <span>
#include <string>

#include "ledger/check.h"
#include "ledger/merkle_log.h"

namespace songhua::proofs {
namespace {

constexpr Digest kEmptySubtree{};

bool KeyBit(const Digest& key, size_t depth) { return (key[depth / 8] >> (7 - depth % 8) & 1) != 0; }

// A subtree's hash, and how many leaves are in it: 0, 1, or 2 for more.
struct Subtree {
  Digest hash{};
  uint8_t leaves = 0;
};

Subtree Join(const Subtree& left, const Subtree& right) {
  if (right.leaves == 0 && left.leaves < 2) return left;
  if (left.leaves == 0 && right.leaves < 2) return right;
  return {NodeHash(left.hash, right.hash), 2};
}

uint64_t Prefix(const Digest& key) {
  uint64_t prefix = 0;
  for (size_t i = 0; i < 8; ++i) prefix = prefix << 8 | key[i];
  return prefix;
}

}  // namespace

Digest MapLeafHash(const Digest& key, const Digest& value) {
  return Sha256Of(std::string_view("\0", 1), AsBytes(key), AsBytes(value));
}

absl::Status VerifyMapPath(const Digest& key, const Digest& value, const MapPath& path, const Digest& root) {
  if (path.size() > kMapDepthMax) {
    return absl::InvalidArgumentError("the map's path has " + std::to_string(path.size()) + " hashes; at most " + std::to_string(kMapDepthMax) + " are accepted");
  }
  Digest hash = MapLeafHash(key, value);
  for (size_t i = 0; i < path.size(); ++i) {
    hash = KeyBit(key, path.size() - 1 - i) ? NodeHash(path[i], hash) : NodeHash(hash, path[i]);
  }
  if (hash == root) return absl::OkStatus();
  return absl::InvalidArgumentError("the map's path leads to the root " + ToHex(hash) + ", not to " + ToHex(root));
}

Digest MapRootOf(std::vector<std::pair<Digest, Digest>> entries) {
  std::sort(entries.begin(), entries.end());
  const auto root = [](auto& self, std::span<const std::pair<Digest, Digest>> range, size_t depth) -> Digest {
    if (range.empty()) return kEmptySubtree;
    if (range.size() == 1) return MapLeafHash(range.front().first, range.front().second);
    const auto middle = std::find_if(range.begin(), range.end(), [&](const auto& entry) { return KeyBit(entry.first, depth); });
    const size_t left = static_cast<size_t>(middle - range.begin());
    return NodeHash(self(self, range.first(left), depth + 1), self(self, range.subspan(left), depth + 1));
  };
  return root(root, entries, 0);
}

// The upper levels are a complete binary tree of 2^depth_ buckets, each holding the few leaves whose keys begin with its index. A leaf that changes costs the hashes
// of its bucket and of the way from there to the root, once however many changed below.
class StateMap::Tree {
 public:
  explicit Tree(KeyOf key_of) : key_of_(key_of) { Shape(kFirstDepth); }

  void Set(uint64_t number, const Digest& value) {
    const Digest key = key_of_(number);
    const Leaf leaf{Prefix(key), number, MapLeafHash(key, value)};
    std::vector<Leaf>& bucket = buckets_[BucketOf(leaf.prefix)];
    const auto at = std::lower_bound(bucket.begin(), bucket.end(), leaf, [this](const Leaf& a, const Leaf& b) { return Before(a, b); });
    if (at != bucket.end() && at->number == number) {
      at->hash = leaf.hash;
    } else {
      bucket.insert(at, leaf);
      ++size_;
    }
    Touch(BucketOf(leaf.prefix));
    if (size_ > buckets_.size() * kLeavesPerBucket) Split();
  }

  uint64_t size() const { return size_; }

  const Digest& Root() {
    for (const size_t bucket : touched_) {
      nodes_[buckets_.size() + bucket] = Hash(buckets_[bucket], depth_);
      is_touched_[bucket] = false;
    }
    // Level by level, each parent once.
    std::vector<size_t> level;
    level.reserve(touched_.size());
    for (const size_t bucket : touched_) level.push_back(buckets_.size() + bucket);
    touched_.clear();
    std::sort(level.begin(), level.end());
    while (!level.empty() && level.front() > 1) {
      size_t parents = 0;
      for (const size_t node : level) {
        const size_t parent = node / 2;
        if (parents > 0 && level[parents - 1] == parent) continue;
        level[parents++] = parent;
        nodes_[parent] = Join(nodes_[2 * parent], nodes_[2 * parent + 1]);
      }
      level.resize(parents);
    }
    return nodes_[1].hash;
  }

  MapPath PathOf(uint64_t number) const {
    SONGHUA_CHECK(touched_.empty());
    const Leaf leaf{Prefix(key_of_(number)), number, {}};
    const size_t bucket = BucketOf(leaf.prefix);
    MapPath path;  // from the bucket's root down, turned round below
    std::span<const Leaf> range(buckets_[bucket]);
    for (size_t depth = depth_; range.size() > 1; ++depth) {
      const auto [left, right] = Halves(range, depth);
      const bool goes_right = Bit(leaf, depth);
      path.push_back(Hash(goes_right ? left : right, depth + 1).hash);
      range = goes_right ? right : left;
    }
    SONGHUA_CHECK(range.size() == 1 && range.front().number == number);
    std::reverse(path.begin(), path.end());
    // A subtree of one leaf is that leaf: no step leads out of it.
    for (size_t node = buckets_.size() + bucket; node > 1; node /= 2) {
      if (nodes_[node / 2].leaves > 1) path.push_back(nodes_[node ^ 1].hash);
    }
    return path;
  }

 private:
  static constexpr size_t kFirstDepth = 4;
  static constexpr size_t kLeavesPerBucket = 8;

  struct Leaf {
    uint64_t prefix;  // of the key, by which leaves are sorted
    uint64_t number;
    Digest hash;
  };

  bool Before(const Leaf& a, const Leaf& b) const {
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return a.number != b.number && key_of_(a.number) < key_of_(b.number);
  }
  bool Bit(const Leaf& leaf, size_t depth) const {
    return depth < 64 ? (leaf.prefix >> (63 - depth) & 1) != 0 : KeyBit(key_of_(leaf.number), depth);
  }
  size_t BucketOf(uint64_t prefix) const { return static_cast<size_t>(prefix >> (64 - depth_)); }

  std::pair<std::span<const Leaf>, std::span<const Leaf>> Halves(std::span<const Leaf> range, size_t depth) const {
    const auto middle = std::find_if(range.begin(), range.end(), [&](const Leaf& leaf) { return Bit(leaf, depth); });
    const size_t left = static_cast<size_t>(middle - range.begin());
    return {range.first(left), range.subspan(left)};
  }

  // Of leaves that are alike in their first `depth` bits.
  Subtree Hash(std::span<const Leaf> range, size_t depth) const {
    if (range.empty()) return {};
    if (range.size() == 1) return {range.front().hash, 1};
    const auto [left, right] = Halves(range, depth);
    return {NodeHash(Hash(left, depth + 1).hash, Hash(right, depth + 1).hash), 2};
  }

  void Touch(size_t bucket) {
    if (is_touched_[bucket]) return;
    is_touched_[bucket] = true;
    touched_.push_back(bucket);
  }

  void Shape(size_t depth) {
    depth_ = depth;
    const size_t buckets = size_t{1} << depth;
    buckets_.assign(buckets, {});
    nodes_.assign(2 * buckets, {});
    is_touched_.assign(buckets, false);
    touched_.clear();
  }

  // Twice as many buckets. All are hashed anew at the next Root(); that happens each time the map has doubled.
  void Split() {
    std::vector<std::vector<Leaf>> old = std::move(buckets_);
    Shape(depth_ + 1);
    for (const std::vector<Leaf>& bucket : old) {
      for (const Leaf& leaf : bucket) buckets_[BucketOf(leaf.prefix)].push_back(leaf);
    }
    for (size_t bucket = 0; bucket < buckets_.size(); ++bucket) Touch(bucket);
  }

  const KeyOf key_of_;
  size_t depth_ = 0;
  uint64_t size_ = 0;
  std::vector<std::vector<Leaf>> buckets_;
  std::vector<Subtree> nodes_;  // 1 is the root, 2n and 2n + 1 are below n, the last buckets_.size() are the buckets'
  std::vector<bool> is_touched_;
  std::vector<size_t> touched_;
};

StateMap::StateMap(KeyOf key_of) : tree_(std::make_unique<Tree>(key_of)) {}
StateMap::~StateMap() = default;
void StateMap::Set(uint64_t number, const Digest& value) { tree_->Set(number, value); }
uint64_t StateMap::size() const { return tree_->size(); }
const Digest& StateMap::Root() { return tree_->Root(); }
MapPath StateMap::PathOf(uint64_t number) const { return tree_->PathOf(number); }

}  // namespace songhua::proofs
