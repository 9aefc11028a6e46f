#include "api/engine/cold_rows.h"

#include "ledger/bounds.h"
#include "ledger/row_changes.h"

namespace songhua::api {

void ColdRows::Wrote(uint64_t sequence, uint16_t table, std::string_view key, std::string value) {
  std::string row_key = RowKey(table, key);
  bytes_ += row_key.size() + value.size();
  auto [it, inserted] = recent_.try_emplace(row_key);
  if (!inserted) bytes_ -= row_key.size() + it->second.value.size();
  it->second = {sequence, std::move(value)};
  order_.emplace_back(sequence, std::move(row_key));
  EvictToBound();
}

void ColdRows::EvictToBound() {
  while (bytes_ > bounds::kColdRowBytesMax || order_.size() > bounds::kColdRowsMax) {
    auto& [sequence, row_key] = order_.front();
    auto it = recent_.find(row_key);
    if (it != recent_.end() && it->second.sequence == sequence) {
      bytes_ -= row_key.size() + it->second.value.size();
      recent_.erase(it);
    }
    floor_ = sequence;
    order_.pop_front();
  }
}

std::optional<std::string> ColdRows::Read(uint16_t table, std::string_view key) {
  const std::string row_key = RowKey(table, key);
  if (auto it = recent_.find(row_key); it != recent_.end()) return it->second.value;
  if (prefetched_ != nullptr && prefetched_->as_of >= floor_) {
    for (const auto& [cold_key, value] : prefetched_->rows) {
      if (cold_key.table == table && cold_key.key == key) return value;
    }
  }
  if (fallback_) return fallback_(table, key);
  missed_ = true;
  return std::nullopt;
}

}  // namespace songhua::api
