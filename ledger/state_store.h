// The state's side of the store: the published delta, the database of rows behind it, the projector between them, and the snapshots. Internal to the
// store.
//
// The database holds rows by table and key, and in the store's own table the sequence that they are the state of and the id of the store that they
// belong to. It has no write-ahead log: each fold is one batch, which lands whole in one memtable, and memtables reach files in the order in which they
// were filled. So whatever a crash leaves is the state exactly as of the sequence that stands beside it, and the journal has the rest.
//
// Threads: Publish belongs to the commit thread; everything else is thread-safe.
#ifndef SONGHUA_LEDGER_STATE_STORE_H_
#define SONGHUA_LEDGER_STATE_STORE_H_

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/published_delta.h"
#include "ledger/rocks.h"
#include "ledger/store.h"

namespace songhua {

class StateStore {
 public:
  struct Options {
    std::string path;
    rocksdb::Env* env = nullptr;
    std::shared_ptr<rocksdb::Cache> cache;
    bool manual_projector = false;
    std::function<int64_t()> steady_now_us;
  };

  // Opens the rows of the store `store_id`. In mode kCreate, claims an empty database for it. FAILED_PRECONDITION when they belong to another store,
  // NOT_FOUND when they belong to none.
  static absl::StatusOr<std::unique_ptr<StateStore>> Open(const Options& options, rocks::Mode mode, const std::string& store_id);
  ~StateStore();

  uint64_t applied_sequence() const { return applied_.load(std::memory_order_acquire); }
  uint64_t published_sequence() const { return delta_.published_sequence(); }
  bool WaitForSequence(uint64_t at_least, std::chrono::steady_clock::time_point deadline);

  absl::Status Publish(const RowChanges& changes, uint64_t last_sequence);
  void DropBefore(TableId table, std::string_view key);
  // Counts journal bytes towards the next flush of the state.
  void NoteJournalBytes(uint64_t bytes) { journal_bytes_.fetch_add(bytes, std::memory_order_relaxed); }

  absl::StatusOr<ReadResult> Get(TableId table, std::string_view key);
  absl::StatusOr<std::shared_ptr<const Snapshot>> OpenSnapshot();
  absl::StatusOr<std::shared_ptr<const Snapshot>> FindSnapshot(uint64_t sequence);
  absl::Status Scan(const Store::TableFilter& wanted, const Store::RowVisitor& visit);

  absl::Status FoldOnce();
  absl::Status Checkpoint();

 private:
  struct Kept {
    std::shared_ptr<const Snapshot> snapshot;
    int64_t taken_us;
  };

  StateStore(const Options& options, std::shared_ptr<rocksdb::DB> database, uint64_t applied);
  static absl::Status Claim(rocksdb::DB* database, bool calm, const std::string& path, const std::string& store_id);

  void StartProjector();
  void ProjectorLoop();
  absl::Status FoldLocked();  // REQUIRES: fold_mutex_ held
  absl::Status FlushLocked(bool wait);
  absl::Status WriteFold(uint64_t sequence, const std::map<TableId, std::string>& drops);
  absl::Status GetFromState(const std::string& row_key, ReadResult* result);
  int64_t NowUs() const;
  void DropOldSnapshotsLocked();  // REQUIRES: snapshots_mutex_ held

  const Options options_;
  const std::shared_ptr<rocksdb::DB> database_;
  PublishedDelta delta_;
  std::atomic<uint64_t> applied_;
  std::atomic<uint64_t> journal_bytes_{0};  // since the last flush

  std::mutex fold_mutex_;  // one fold at a time; while it is held, the database's rows are those of applied_
  std::mutex snapshots_mutex_;
  std::list<Kept> snapshots_;  // oldest first; guarded by snapshots_mutex_

  std::mutex wake_mutex_;
  std::condition_variable wake_projector_, published_changed_, folded_;
  bool stopping_ = false;      // guarded by wake_mutex_
  absl::Status fold_failure_;  // the first; guarded by wake_mutex_
  std::map<TableId, std::string> drops_;  // of the next fold: rows of a table below a key; guarded by wake_mutex_
  int waiters_ = 0;            // in WaitForSequence; guarded by wake_mutex_
  std::thread projector_;
};

}  // namespace songhua

#endif  // SONGHUA_LEDGER_STATE_STORE_H_
