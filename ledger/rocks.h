// What the store's files share when they speak to RocksDB: how it is tuned and why, and how its errors become ours. Internal to the store.
#ifndef SONGHUA_LEDGER_ROCKS_H_
#define SONGHUA_LEDGER_ROCKS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <rocksdb/db.h>
#include <rocksdb/options.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace songhua::rocks {

// How a database is opened.
enum class Mode {
  kExamine,  // read-only: changes no byte on disk, takes no lock
  kOpen,     // must exist
  kCreate,   // made, or finished if its making was cut short
};

// Tuning that both databases share. `calm`: no work that RocksDB starts on its own (the simulator's wish).
rocksdb::DBOptions DatabaseOptions(rocksdb::Env* env, Mode mode, bool calm);

// Journal records, trailers, tree hashes: sequential keys, written once, read in order. Files do not overlap, so compaction moves them without
// rewriting a byte.
rocksdb::ColumnFamilyOptions SequentialFamilyOptions(size_t memtable_bytes, bool compress, bool calm, const std::shared_ptr<rocksdb::Cache>& cache);
// Rows of state: random keys, overwritten often, read one at a time.
rocksdb::ColumnFamilyOptions StateFamilyOptions(bool calm, const std::shared_ptr<rocksdb::Cache>& cache);

// Flushes column families one after another. `calm`: returns only when the flush thread has also tidied up behind it, so that the next operation on
// the disk does not race with it.
rocksdb::Status Flush(rocksdb::DB* database, const std::vector<rocksdb::ColumnFamilyHandle*>& families, bool wait, bool calm);

inline rocksdb::Slice ToSlice(std::string_view view) { return rocksdb::Slice(view.data(), view.size()); }
inline std::string_view ToView(const rocksdb::Slice& slice) { return std::string_view(slice.data(), slice.size()); }

// "<doing>: <RocksDB's words>" with the code that fits: DATA_LOSS for corruption, RESOURCE_EXHAUSTED for a full disk, FAILED_PRECONDITION for a lock
// that another holds, UNAVAILABLE for other I/O errors. `doing` says what was being done and where.
absl::Status ToAbsl(const rocksdb::Status& status, const std::string& doing);

// What stands in a database's directory.
enum class Presence {
  kAbsent,      // no directory, an empty one, or one in which RocksDB was cut short before it kept anything
  kPresent,     // a database
  kHeadless,    // data files, but nothing that says which of them count: damaged
};
absl::StatusOr<Presence> FindDatabase(rocksdb::Env* env, const std::string& path);

}  // namespace songhua::rocks

#endif  // SONGHUA_LEDGER_ROCKS_H_
