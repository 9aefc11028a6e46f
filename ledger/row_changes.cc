#include "ledger/row_changes.h"

#include "ledger/check.h"

namespace songhua {

std::string RowKey(TableId table, std::string_view key) {
  std::string row_key;
  row_key.reserve(sizeof(table) + key.size());
  row_key.push_back(static_cast<char>(table >> 8));
  row_key.push_back(static_cast<char>(table));
  row_key.append(key);
  return row_key;
}

TableId RowKeyTable(std::string_view row_key) {
  SONGHUA_CHECK(row_key.size() >= sizeof(TableId));
  return static_cast<TableId>(static_cast<uint8_t>(row_key[0]) << 8 | static_cast<uint8_t>(row_key[1]));
}

void RowChanges::BeginChange(TableId table, std::string_view key, bool existed_before) {
  SONGHUA_CHECK(table != kStoreTable);
  SONGHUA_CHECK(key.size() < kDeleteLength - sizeof(table));
  entries_.push_back({arena_.size(), existed_before});
  Encoder encoder(&arena_);
  encoder(static_cast<uint32_t>(sizeof(table) + key.size()));
  arena_.push_back(static_cast<char>(table >> 8));
  arena_.push_back(static_cast<char>(table));
  arena_.append(key);
}

size_t RowChanges::BeginValue(TableId table, std::string_view key, bool existed_before) {
  BeginChange(table, key, existed_before);
  arena_.append(sizeof(uint32_t), '\0');  // the length, known only when the value stands
  return arena_.size();
}

void RowChanges::EndValue(size_t start) {
  const size_t length = arena_.size() - start;
  SONGHUA_CHECK(length < kDeleteLength);
  const uint32_t field = static_cast<uint32_t>(length);
  std::memcpy(arena_.data() + start - sizeof(field), &field, sizeof(field));
}

void RowChanges::Put(TableId table, std::string_view key, std::string_view value, bool existed_before) {
  const size_t start = BeginValue(table, key, existed_before);
  arena_.append(value);
  EndValue(start);
}

void RowChanges::Delete(TableId table, std::string_view key, bool existed_before) {
  BeginChange(table, key, existed_before);
  Encoder encoder(&arena_);
  encoder(kDeleteLength);
}

RowChange RowChanges::operator[](size_t i) const {
  const char* p = arena_.data() + entries_[i].offset;
  uint32_t length;
  std::memcpy(&length, p, sizeof(length));
  p += sizeof(length);
  const std::string_view row_key(p, length);
  p += length;
  std::memcpy(&length, p, sizeof(length));
  p += sizeof(length);
  if (length == kDeleteLength) return {true, entries_[i].existed_before, row_key, std::string_view()};
  return {false, entries_[i].existed_before, row_key, std::string_view(p, length)};
}

void RowChanges::Clear() {
  arena_.clear();
  entries_.clear();
}

}  // namespace songhua
