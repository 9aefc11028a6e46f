#include "ledger/published_delta.h"

#include <algorithm>
#include <cstring>
#include <functional>

#include "ledger/check.h"

namespace songhua {
namespace {

// What a row costs beside its bytes, so that many small rows count too.
constexpr size_t kRowOverheadBytes = 64;
// Room given beyond a value's size, so that a value that grows a little still fits.
constexpr size_t kValueSlackBytes = 8;

// Rows by which the memory of a row's place in the map is asked for ahead: rows of a group lie far apart, and each would cost a cache miss.
constexpr size_t kPrefetchAhead = 8;

size_t HashOf(std::string_view key) { return std::hash<std::string_view>()(key); }

// Eight bytes of a key from `at` on as a number that orders as they do; bytes beyond its end count as zero.
uint64_t WordOf(std::string_view key, size_t at) {
  char bytes[sizeof(uint64_t)] = {};
  if (key.size() > at) std::memcpy(bytes, key.data() + at, std::min(sizeof(bytes), key.size() - at));
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return __builtin_bswap64(word);  // little-endian, as codec.h demands
}

}  // namespace

char* PublishedDelta::Generation::Allocate(size_t bytes, size_t* grown) {
  if (bytes > block_left) {
    const size_t size = std::max(bytes, kBlockBytes);
    blocks.push_back(std::make_unique_for_overwrite<char[]>(size));
    block_next = blocks.back().get();
    block_left = size;
    *grown += size;
  }
  char* start = block_next;
  block_next += bytes;
  block_left -= bytes;
  return start;
}

// Returns the memory by which the generation grew.
size_t PublishedDelta::Apply(const RowChange& change, size_t hash, Generation* generation) {
  size_t grown = 0;
  const Key lookup{change.row_key.data(), static_cast<uint32_t>(change.row_key.size()), hash};
  auto it = generation->rows.find(lookup);
  if (it == generation->rows.end()) {
    if (change.is_delete && !change.existed_before) return 0;
    char* key = generation->Allocate(change.row_key.size(), &grown);
    std::memcpy(key, change.row_key.data(), change.row_key.size());
    it = generation->rows.emplace(Key{key, lookup.size, hash}, Value()).first;
    it->second.existed_below = change.existed_before;
    grown += kRowOverheadBytes;
  }
  Value& value = it->second;
  if (change.is_delete) {
    if (!value.existed_below) {
      generation->rows.erase(it);  // it came and went between two folds
    } else {
      value.deleted = true;
    }
    return grown;
  }
  if (change.value.size() > value.capacity) {
    const size_t capacity = change.value.size() + kValueSlackBytes;
    value.data = generation->Allocate(capacity, &grown);
    value.capacity = static_cast<uint32_t>(capacity);
  }
  if (!change.value.empty()) std::memcpy(value.data, change.value.data(), change.value.size());
  value.size = static_cast<uint32_t>(change.value.size());
  value.deleted = false;
  return grown;
}

void PublishedDelta::Publish(const RowChanges& changes, uint64_t sequence) {
  const std::lock_guard<std::mutex> publish_lock(publish_mutex_);
  SONGHUA_CHECK(sequence > published_.load(std::memory_order_relaxed));
  SONGHUA_CHECK(changes.size() <= UINT32_MAX);
  for (std::vector<Pending>& pending : pending_) pending.clear();
  for (size_t i = 0; i < changes.size(); ++i) {
    const size_t hash = HashOf(changes[i].row_key);
    pending_[ShardOf(hash)].push_back({static_cast<uint32_t>(i), hash});
  }
  size_t grown = 0;
  for (size_t s = 0; s < kShards; ++s) {
    if (pending_[s].empty()) continue;
    Shard& shard = shards_[s];
    const std::lock_guard<std::mutex> lock(shard.mutex);
    const std::vector<Pending>& pending = pending_[s];
    for (size_t i = 0; i < pending.size(); ++i) {
      if (i + kPrefetchAhead < pending.size()) shard.active->rows.prefetch(Key{nullptr, 0, pending[i + kPrefetchAhead].hash});
      grown += Apply(changes[pending[i].change], pending[i].hash, shard.active.get());
    }
    shard.sequence = sequence;
  }
  active_bytes_.fetch_add(grown, std::memory_order_relaxed);
  published_.store(sequence, std::memory_order_release);
}

bool PublishedDelta::Look(const Generation* generation, const Key& key, Answer* answer, std::string* value) {
  if (generation == nullptr) return false;
  const auto it = generation->rows.find(key);
  if (it == generation->rows.end()) return false;
  *answer = it->second.deleted ? Answer::kDeleted : Answer::kValue;
  if (!it->second.deleted) value->assign(it->second.data, it->second.size);
  return true;
}

PublishedDelta::Answer PublishedDelta::Find(std::string_view row_key, std::string* value, uint64_t* sequence) const {
  const size_t hash = HashOf(row_key);
  const Key key{row_key.data(), static_cast<uint32_t>(row_key.size()), hash};
  // Read before the lookup: what changes the row after this moves the shard's own sequence, under the lock.
  const uint64_t published = published_sequence();
  const Shard& shard = shards_[ShardOf(hash)];
  const std::lock_guard<std::mutex> lock(shard.mutex);
  *sequence = std::max(published, shard.sequence);
  Answer answer = Answer::kUnknown;
  if (!Look(shard.active.get(), key, &answer, value)) Look(shard.folding.get(), key, &answer, value);
  return answer;
}

uint64_t PublishedDelta::BeginFold() {
  const std::lock_guard<std::mutex> publish_lock(publish_mutex_);
  SONGHUA_CHECK(!folding());
  rotations_.fetch_add(1, std::memory_order_acq_rel);
  for (Shard& shard : shards_) {
    auto fresh = std::make_unique<Generation>();
    const std::lock_guard<std::mutex> lock(shard.mutex);
    fresh->rows.reserve(shard.active->rows.size() / 2);  // the next generation will resemble this one
    shard.folding = std::move(shard.active);
    shard.active = std::move(fresh);
  }
  active_bytes_.store(0, std::memory_order_relaxed);
  rotated_at_ = published_.load(std::memory_order_relaxed);
  folding_.store(true, std::memory_order_release);
  return rotated_at_;
}

std::vector<RowChange> PublishedDelta::FoldingRows() const {
  // Without the locks: nothing writes to this generation any more, and readers only read.
  //
  // The keys lie all over the memory. Sorting by copies of their first bytes reads each once, and seldom again to tell two apart.
  struct Entry {
    uint64_t first, second;
    const std::pair<const Key, Value>* row;
    std::string_view key() const { return row->first.view(); }
    bool operator<(const Entry& other) const {
      if (first != other.first) return first < other.first;
      if (second != other.second) return second < other.second;
      return key() < other.key();
    }
  };
  size_t count = 0;
  for (const Shard& shard : shards_) count += shard.folding->rows.size();
  std::vector<Entry> entries;
  entries.reserve(count);
  for (const Shard& shard : shards_) {
    for (const auto& row : shard.folding->rows) {
      const std::string_view key = row.first.view();
      entries.push_back({WordOf(key, 0), WordOf(key, sizeof(uint64_t)), &row});
    }
  }
  std::sort(entries.begin(), entries.end());

  std::vector<RowChange> rows;
  rows.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    if (i + kPrefetchAhead < count) __builtin_prefetch(entries[i + kPrefetchAhead].row);
    const auto& [key, value] = *entries[i].row;
    rows.push_back({value.deleted, value.existed_below, key.view(), value.deleted ? std::string_view() : std::string_view(value.data, value.size)});
  }
  return rows;
}

void PublishedDelta::EndFold() {
  SONGHUA_CHECK(folding());
  for (Shard& shard : shards_) {
    std::unique_ptr<Generation> folded;  // freed after the lock
    const std::lock_guard<std::mutex> lock(shard.mutex);
    folded = std::move(shard.folding);
  }
  folding_.store(false, std::memory_order_release);
}

}  // namespace songhua
