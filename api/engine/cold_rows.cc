#include "api/engine/cold_rows.h"

#include <algorithm>
#include <cstring>
#include <new>

#include "ledger/bounds.h"

namespace songhua::api {
namespace {

// RowKey, without memory of its own.
void AssignRowKey(uint16_t table, std::string_view key, std::string* row_key) {
  row_key->clear();
  row_key->push_back(static_cast<char>(table >> 8));
  row_key->push_back(static_cast<char>(table));
  row_key->append(key);
}

}  // namespace

size_t ColdRows::SizeInLog(size_t key_size, size_t value_size) {
  constexpr size_t kAlignment = alignof(Written);
  return (sizeof(Written) + key_size + value_size + kAlignment - 1) / kAlignment * kAlignment;
}

char* ColdRows::Allocate(size_t bytes) {
  if (log_.empty() || log_.back().size - log_.back().used < bytes) {
    if (spare_block_ != nullptr && bytes <= kBlockBytes) {
      log_.push_back({std::move(spare_block_), kBlockBytes});
    } else {
      const size_t size = std::max(bytes, kBlockBytes);
      log_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
    }
  }
  Block& block = log_.back();
  char* start = block.bytes.get() + block.used;
  block.used += bytes;
  return start;
}

void ColdRows::Wrote(uint64_t sequence, uint16_t table, std::string_view key, std::string_view value) {
  AssignRowKey(table, key, &row_key_);
  const size_t hash = std::hash<std::string_view>()(row_key_);
  char* start = Allocate(SizeInLog(row_key_.size(), value.size()));
  const Written* written =
      new (start) Written{sequence, hash, static_cast<uint32_t>(row_key_.size()), static_cast<uint32_t>(value.size())};
  char* bytes = start + sizeof(Written);
  std::memcpy(bytes, row_key_.data(), row_key_.size());
  if (!value.empty()) std::memcpy(bytes + row_key_.size(), value.data(), value.size());
  ++rows_;
  bytes_ += row_key_.size() + value.size();

  const Key new_key{written->key(), hash};
  const auto [it, inserted] = recent_.try_emplace(new_key, written);
  if (!inserted) {
    recent_.erase(it);  // its key lies in the older row, which goes first
    recent_.emplace(new_key, written);
  }
  EvictToBound();
}

void ColdRows::EvictToBound() {
  while (bytes_ > bounds::kColdRowBytesMax || rows_ > bounds::kColdRowsMax) {
    Block& block = log_.front();
    const auto* oldest = reinterpret_cast<const Written*>(block.bytes.get() + evicted_);
    const auto it = recent_.find(Key{oldest->key(), oldest->hash});
    if (it != recent_.end() && it->second == oldest) recent_.erase(it);
    floor_ = oldest->sequence;
    --rows_;
    bytes_ -= oldest->key_size + oldest->value_size;
    evicted_ += SizeInLog(oldest->key_size, oldest->value_size);
    if (evicted_ < block.used) continue;
    if (block.size == kBlockBytes) spare_block_ = std::move(block.bytes);
    log_.pop_front();
    evicted_ = 0;
  }
}

std::optional<std::string> ColdRows::Read(uint16_t table, std::string_view key) {
  AssignRowKey(table, key, &row_key_);
  const auto it = recent_.find(Key{row_key_, std::hash<std::string_view>()(row_key_)});
  if (it != recent_.end()) return std::string(it->second->value());
  if (prefetched_ != nullptr && prefetched_->as_of >= floor_) {
    for (const auto& [cold_key, value] : prefetched_->rows) {
      if (cold_key.table == table && cold_key.key == key) return value;
    }
  }
  if (fallback_) return fallback_(table, key);
  missed_.push_back({table, std::string(key)});
  return std::nullopt;
}

}  // namespace songhua::api
