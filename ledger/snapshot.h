// One consistent, durable version of every row, for answers of many rows and for paging.
//
// Thread-safe. A snapshot may be kept as long as wished, also past the store's own life; the store's registry, which page tokens look in, lets it
// go sooner (bounds.h). While it lives, RocksDB keeps the versions that it shows.
#ifndef SONGHUA_LEDGER_SNAPSHOT_H_
#define SONGHUA_LEDGER_SNAPSHOT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/row_changes.h"

namespace rocksdb {
class DB;
class Snapshot;
}  // namespace rocksdb

namespace songhua {

// Which rows of a table a scan visits.
struct ScanRange {
  TableId table = 0;
  std::string_view prefix;       // only keys that start with it
  std::string_view start_after;  // only keys beyond this one in the direction of the scan; empty: from the beginning
  bool reverse = false;          // from the last key to the first
};

class Snapshot {
 public:
  // For the store. `database` stays open while the snapshot lives.
  Snapshot(std::shared_ptr<rocksdb::DB> database, uint64_t sequence);
  ~Snapshot();
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

  // The last sequence whose effects it shows; all before it are shown too.
  uint64_t sequence() const { return sequence_; }

  // The row's value, nullopt when there is no such row.
  absl::StatusOr<std::optional<std::string>> Get(TableId table, std::string_view key) const;

  // Visits rows in key order until visit(key, value) returns false. The views live until it returns.
  absl::Status Scan(const ScanRange& range, const std::function<bool(std::string_view key, std::string_view value)>& visit) const;

 private:
  const std::shared_ptr<rocksdb::DB> database_;
  const rocksdb::Snapshot* const snapshot_;
  const uint64_t sequence_;
};

}  // namespace songhua

#endif  // SONGHUA_LEDGER_SNAPSHOT_H_
