// Row changes that readers already see but the state's files do not hold yet: the last value of each key, in memory. Internal to the store.
//
// Two generations. Publishing writes to the active one. A fold makes it the folding one, which no longer changes, writes it to the state, and drops it.
// Lookups see the active, then the folding generation.
//
// Keys are spread over shards, each under its own lock, and a group's changes to one shard are applied under one hold of it: a reader never sees half
// a group of any key, waits for no more than one shard's share, and is told the sequence as of which the answer is exact.
//
// Threads: Publish from one thread, BeginFold and EndFold from one thread at a time; everything else from any.
#ifndef SONGHUA_LEDGER_PUBLISHED_DELTA_H_
#define SONGHUA_LEDGER_PUBLISHED_DELTA_H_

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "ledger/row_changes.h"

namespace songhua {

class PublishedDelta {
 public:
  explicit PublishedDelta(uint64_t published_sequence) : published_(published_sequence), rotated_at_(published_sequence) {}

  // REQUIRES: sequence > published_sequence().
  void Publish(const RowChanges& changes, uint64_t sequence);
  uint64_t published_sequence() const { return published_.load(std::memory_order_acquire); }

  enum class Answer {
    kUnknown,  // ask the state: it is exact as of the sequence, provided that rotations() is still what it was before the lookup
    kDeleted,
    kValue,
  };
  Answer Find(std::string_view row_key, std::string* value, uint64_t* sequence) const;
  uint64_t rotations() const { return rotations_.load(std::memory_order_acquire); }

  // Memory of the active generation.
  size_t active_bytes() const { return active_bytes_.load(std::memory_order_relaxed); }

  // Starts a fold of all that is published; returns the sequence that the folding generation ends at. REQUIRES: no fold has begun.
  uint64_t BeginFold();
  bool folding() const { return folding_.load(std::memory_order_acquire); }
  uint64_t folding_sequence() const { return rotated_at_; }
  // The folding generation in key order. Valid until EndFold.
  std::vector<RowChange> FoldingRows() const;
  // Drops the folding generation: the state holds it now.
  void EndFold();

 private:
  static constexpr size_t kShards = 16;
  static constexpr size_t kBlockBytes = 64 * 1024;

  struct Key {
    const char* data;
    uint32_t size;
    size_t hash;
    std::string_view view() const { return std::string_view(data, size); }
    friend bool operator==(const Key& a, const Key& b) { return a.hash == b.hash && a.view() == b.view(); }
  };
  struct KeyHash {
    size_t operator()(const Key& key) const { return key.hash; }
  };
  struct Value {
    char* data = nullptr;
    uint32_t size = 0;
    uint32_t capacity = 0;
    bool deleted = false;
    bool existed_below = false;  // before this generation's first change of the row
  };
  // One shard's part of one generation. Values are overwritten in place while they fit.
  struct Generation {
    char* Allocate(size_t bytes, size_t* grown);
    absl::flat_hash_map<Key, Value, KeyHash> rows;
    std::vector<std::unique_ptr<char[]>> blocks;
    size_t block_left = 0;
    char* block_next = nullptr;
  };
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    std::unique_ptr<Generation> active = std::make_unique<Generation>();
    std::unique_ptr<Generation> folding;
    uint64_t sequence = 0;  // of the last group that changed this shard
  };
  struct Pending {
    uint32_t change;
    size_t hash;
  };

  static size_t Apply(const RowChange& change, size_t hash, Generation* generation);
  static bool Look(const Generation* generation, const Key& key, Answer* answer, std::string* value);
  static size_t ShardOf(size_t hash) { return hash >> 60; }

  std::array<Shard, kShards> shards_;
  std::array<std::vector<Pending>, kShards> pending_;  // Publish's scratch
  std::mutex publish_mutex_;                           // a fold begins between groups, never inside one
  std::atomic<uint64_t> published_;
  std::atomic<uint64_t> rotations_{0};
  std::atomic<size_t> active_bytes_{0};
  std::atomic<bool> folding_{false};
  uint64_t rotated_at_;
};

}  // namespace songhua

#endif  // SONGHUA_LEDGER_PUBLISHED_DELTA_H_
