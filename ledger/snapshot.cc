#include "ledger/snapshot.h"

#include <rocksdb/db.h>

#include <utility>

#include "ledger/check.h"
#include "ledger/rocks.h"

namespace songhua {
namespace {

// The first key after all that start with `prefix`; empty when there is none.
std::string AfterPrefix(std::string prefix) {
  while (!prefix.empty() && static_cast<uint8_t>(prefix.back()) == 0xff) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<uint8_t>(prefix.back()) + 1);
  return prefix;
}

}  // namespace

Snapshot::Snapshot(std::shared_ptr<rocksdb::DB> database, uint64_t sequence)
    : database_(std::move(database)), snapshot_(database_->GetSnapshot()), sequence_(sequence) {}

Snapshot::~Snapshot() { database_->ReleaseSnapshot(snapshot_); }

absl::StatusOr<std::optional<std::string>> Snapshot::Get(TableId table, std::string_view key) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  std::string value;
  const rocksdb::Status status = database_->Get(options, RowKey(table, key), &value);
  if (status.IsNotFound()) return std::optional<std::string>();
  if (!status.ok()) return rocks::ToAbsl(status, "reading a row of table " + std::to_string(table));
  return std::optional<std::string>(std::move(value));
}

absl::Status Snapshot::Scan(const ScanRange& range, const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  SONGHUA_CHECK(range.table != kStoreTable);
  const std::string first = RowKey(range.table, range.prefix);
  const std::string end = AfterPrefix(first);
  const rocksdb::Slice lower(first), upper(end);
  rocksdb::ReadOptions options;
  options.snapshot = snapshot_;
  options.iterate_lower_bound = &lower;
  if (!end.empty()) options.iterate_upper_bound = &upper;
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(options));
  const std::string after = RowKey(range.table, range.start_after);
  if (range.start_after.empty()) {
    range.reverse ? it->SeekToLast() : it->SeekToFirst();
  } else {
    range.reverse ? it->SeekForPrev(after) : it->Seek(after);
    if (it->Valid() && it->key() == after) range.reverse ? it->Prev() : it->Next();
  }
  for (; it->Valid(); range.reverse ? it->Prev() : it->Next()) {
    if (!visit(RowKeySuffix(rocks::ToView(it->key())), rocks::ToView(it->value()))) return absl::OkStatus();
  }
  return rocks::ToAbsl(it->status(), "reading rows of table " + std::to_string(range.table));
}

}  // namespace songhua
