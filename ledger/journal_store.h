// The journal's database: records by sequence, group trailers, tree hashes, and the store's identity. Internal to the store.
//
// A database of its own, apart from the state's: a fold of many megabytes of rows then never stands in the way of a journal write, every write here is logged
// and synced, and no unlogged write can pin or outrun the log.
//
// Threads: Append belongs to the commit thread; everything else is thread-safe.
#ifndef SONGHUA_LEDGER_JOURNAL_STORE_H_
#define SONGHUA_LEDGER_JOURNAL_STORE_H_

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/rocks.h"
#include "ledger/store.h"

namespace songhua {

// How far the journal was archived: everything up to here stands elsewhere.
struct ArchivedMark {
  uint64_t sequence = 0;   // the last one archived, the end of a group; 0 is none
  uint64_t tree_size = 0;  // records up to it

  template <class Archive>
  void Fields(Archive& a) {
    a(sequence, tree_size);
  }
};

class JournalStore {
 public:
  // Opens the database in `path`. In mode kCreate, writes `identity` unless one is there.
  // DATA_LOSS names the last sequence that could still be read.
  static absl::StatusOr<std::unique_ptr<JournalStore>> Open(const std::string& path, rocksdb::Env* env, rocks::Mode mode, bool calm,
                                                            const std::shared_ptr<rocksdb::Cache>& cache, const StoreIdentity& identity);
  // True when the database in `path` was made but never got its identity: its creation was cut short, and it holds nothing.
  static bool CreationWasCutShort(const std::string& path, rocksdb::Env* env);

  ~JournalStore();

  const StoreIdentity& identity() const { return identity_; }
  uint64_t durable_sequence() const { return durable_.load(std::memory_order_acquire); }
  std::optional<GroupTrailer> LastTrailer() const;

  absl::Status Append(const JournalGroup& group);
  absl::Status Scan(uint64_t from_sequence, JournalVisitor* visitor) const;
  absl::StatusOr<JournalEntry> ReadRecord(uint64_t sequence) const;
  // True when a group ends, or ended before it was archived, at `sequence`; or it is 0.
  absl::StatusOr<bool> GroupEndsAt(uint64_t sequence) const;
  absl::StatusOr<MerkleFrontier> FrontierAt(uint64_t tree_size) const;
  absl::StatusOr<Digest> StoredNode(uint32_t level, uint64_t index) const;

  const ArchivedMark& archived() const { return archived_; }
  // Store::DropArchived.
  absl::Status DropThrough(uint64_t sequence);
  // Puts groups back that were archived last, in one synced write. REQUIRES: they follow one another and end at archived().sequence, and their
  // records are those whose leaves stand in the tree.
  struct ArchivedGroup {
    GroupTrailer trailer;
    std::vector<std::string> records;
  };
  absl::Status PutBack(const std::vector<ArchivedGroup>& groups);

  // Writes memtables to files, so that opening has no log to read.
  absl::Status Flush();

 private:
  enum Family { kIdentity, kRecords, kGroups, kTree, kFamilyCount };

  JournalStore(std::string path, bool calm, std::unique_ptr<rocksdb::DB> database, std::vector<rocksdb::ColumnFamilyHandle*> families);
  static rocksdb::Status OpenDatabase(const std::string& path, const rocksdb::DBOptions& options, rocks::Mode mode, bool calm,
                                      const std::shared_ptr<rocksdb::Cache>& cache, std::vector<rocksdb::ColumnFamilyHandle*>* families,
                                      std::unique_ptr<rocksdb::DB>* database);
  static absl::Status DescribeDamage(const std::string& path, rocksdb::Env* env, const std::string& damage);

  absl::Status LoadIdentity();
  absl::Status WriteIdentity(const StoreIdentity& identity);
  absl::Status LoadTail();
  absl::Status LoadArchived();
  absl::StatusOr<std::optional<GroupTrailer>> GroupAtOrBefore(uint64_t sequence, const rocksdb::Snapshot* snapshot) const;

  class Scanner;

  const std::string path_;
  const bool calm_;
  const std::unique_ptr<rocksdb::DB> database_;
  const std::vector<rocksdb::ColumnFamilyHandle*> families_;
  StoreIdentity identity_;
  ArchivedMark archived_;  // set while nobody else reads: an archiving store serves nobody

  absl::Status append_failure_;  // commit thread
  std::atomic<uint64_t> durable_{0};
  mutable std::mutex tail_mutex_;
  std::optional<GroupTrailer> tail_;  // guarded by tail_mutex_
};

}  // namespace songhua

#endif  // SONGHUA_LEDGER_JOURNAL_STORE_H_
