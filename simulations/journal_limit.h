// What RocksDB alone can do with a journal that an engine has written: the same bytes, under keys as the journal's, in groups as they were committed, each
// group one synced write. No engine can be faster on this disk with this library; that is the limit the engine is measured against.
#ifndef SONGHUA_SIMULATIONS_JOURNAL_LIMIT_H_
#define SONGHUA_SIMULATIONS_JOURNAL_LIMIT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/store.h"

namespace songhua::simulations {

// The journal of some sequences, as it was written.
struct JournalSlice {
  struct Group {
    std::vector<std::pair<uint64_t, std::string>> records;  // by first sequence
    std::string rest;                                       // as many bytes as trailer and leaves take
    uint32_t commands = 0;
  };
  std::vector<Group> groups;
  uint64_t commands = 0;
  uint64_t bytes = 0;
};

// REQUIRES: a group begins at `from_sequence`.
absl::StatusOr<JournalSlice> ReadJournal(Store* store, uint64_t from_sequence);

// Writes the slice to a RocksDB of its own in `path`, opened as the store opens its journal, and returns commands a second.
absl::StatusOr<double> MeasureRocksDb(const JournalSlice& slice, const std::string& path);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_JOURNAL_LIMIT_H_
