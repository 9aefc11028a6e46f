// The durable floor: the journal of every message and its outcome, and the rows of state that follow from it.
//
// The journal is the truth. A commit group is written to it in one synced write; only then are the group's row changes published, first to a
// delta in memory, which the projector folds into the state's files now and then. The state on disk may lag behind the journal but is always
// exactly the state after `applied_sequence`; opening loads it and replays the rest. FORMATS.md draws what lies on disk.
//
//   StoreOptions options;
//   options.path = "/var/lib/songhua";
//   SONGHUA_ASSIGN_OR_RETURN(std::unique_ptr<Store> store, Store::Open(options));
//   store->ScanState(is_loaded, load_row);                           // the state as of applied_sequence()
//   store->ScanJournal(store->applied_sequence() + 1, &replayer);    // re-applies; calls Publish for each group replayed
//   ...
//   store->AppendGroup(group);                                       // durable when it returns OK
//   store->Publish(row_changes, group.last_sequence());              // visible
//   ...
//   store->CheckpointState();                                        // before a clean close: the next opening replays nothing
//
// Threads: AppendGroup and Publish belong to one thread, the commit thread (at opening, the thread that replays). Everything else is thread-safe.
#ifndef SONGHUA_LEDGER_STORE_H_
#define SONGHUA_LEDGER_STORE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/journal_group.h"
#include "ledger/journal_record.h"
#include "ledger/journal_walk.h"
#include "ledger/merkle_log.h"
#include "ledger/row_changes.h"
#include "ledger/snapshot.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace songhua {

// How a store's time moves, for the whole of its life.
enum class ClockMode : uint8_t {
  kSystem = 1,   // follows the machine's clock
  kVirtual = 2,  // moved only by commands
};

// What a store is; written before anything else, never changed.
struct StoreIdentity {
  uint32_t format_version = 0;
  std::string store_id;  // chosen by the creator, unique in the world; names the log in checkpoints
  ClockMode clock_mode = ClockMode::kSystem;
  int64_t created_us = 0;  // UTC microseconds

  template <class Archive>
  void Fields(Archive& a) {
    a(store_id, clock_mode, created_us);  // the version stands before the fields, see FORMATS.md
  }
  friend bool operator==(const StoreIdentity&, const StoreIdentity&) = default;
};

struct StoreOptions {
  std::string path;             // the store's directory; nothing else may live in it
  rocksdb::Env* env = nullptr;  // the disk; null is the machine's own. Must outlive the store.

  bool create_if_missing = false;
  StoreIdentity identity;  // of a store that is created; its format_version is ignored. REQUIRES: store_id not empty when creating.

  // True: no thread is started, and FoldOnce() is the only projector. For the simulator, which drives every step from one thread.
  bool manual_projector = false;
  // Monotonic microseconds, for the age of snapshots; null is the steady clock.
  std::function<int64_t()> steady_now_us;
};

struct ReadResult {
  bool found = false;
  std::string value;
  uint64_t sequence = 0;  // the answer is exact as of this durable sequence
};

// One record with all that is needed to show that it is in the tree.
struct JournalEntry {
  std::string bytes;  // DecodeRecord
  uint64_t index = 0;
  Digest salt{};
  GroupTrailer trailer;
};

class Store {
 public:
  // Opens, or creates, the store at options.path. Changes nothing unless it succeeds:
  //   NOT_FOUND            no store there, and create_if_missing is false
  //   FAILED_PRECONDITION  locked by another process; the directory holds something else; written by a newer format; the state is another store's
  //   DATA_LOSS            damaged; the message says where: the last good sequence, and what is wrong after it
  //   RESOURCE_EXHAUSTED, UNAVAILABLE   the disk refuses
  // A torn last write, as a crash leaves it, is no damage: the group was never acknowledged, and is dropped whole. Nor is a missing state directory:
  // the journal has it all, and replaying from the first sequence makes it again.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const StoreOptions& options);

  // Closes without a checkpoint: what was not folded is replayed at the next opening. No call may be in progress.
  virtual ~Store() = default;

  virtual const StoreIdentity& identity() const = 0;

  // ---- The commit thread ----

  // Writes the group and syncs. OK means that it survives any crash. After any failure the store appends nothing more (FAILED_PRECONDITION), since it
  // cannot know what reached the disk: the process must end, and opening again finds the group whole or not at all.
  // REQUIRES: group.sealed(), and it follows durable_sequence() and the tree without a gap.
  virtual absl::Status AppendGroup(const JournalGroup& group) = 0;

  // Makes the group's rows visible. Waits for the projector when the delta is full; fails only when the projector has failed.
  // REQUIRES: published_sequence() < last_sequence <= durable_sequence(), and a group ends at last_sequence.
  virtual absl::Status Publish(const RowChanges& changes, uint64_t last_sequence) = 0;

  // Has the next fold drop the rows of `table` whose keys are below `key`. For rows that nobody asks for any more: when they go is not a matter of
  // the sequence, and readers may see them until then. REQUIRES: no group that is published later puts such a row.
  virtual void DropBefore(TableId table, std::string_view key) = 0;

  // ---- Reads ----

  // One row, as of the newest published sequence.
  virtual absl::StatusOr<ReadResult> Get(TableId table, std::string_view key) = 0;

  // All rows as of the newest published sequence: folds the delta, then takes a snapshot, or shares the last one if nothing was published since. The
  // snapshot can be found again by its sequence until it is too old or crowded out.
  virtual absl::StatusOr<std::shared_ptr<const Snapshot>> OpenSnapshot() = 0;
  // The snapshot of exactly that sequence; ABORTED when it is no longer (or never was) kept.
  virtual absl::StatusOr<std::shared_ptr<const Snapshot>> FindSnapshot(uint64_t sequence) = 0;

  virtual uint64_t durable_sequence() const = 0;    // the last one that survives a crash; 0 is none
  virtual uint64_t published_sequence() const = 0;  // the last one that readers see
  virtual uint64_t applied_sequence() const = 0;    // the last one folded into the state
  // Waits until published_sequence() >= at_least; false when the deadline came first or the store is closing.
  virtual bool WaitForSequence(uint64_t at_least, std::chrono::steady_clock::time_point deadline) = 0;

  // ---- The projector ----

  // Folds what is published so far into the state; returns when it is written (to memory that is flushed later, never to the journal's log).
  virtual absl::Status FoldOnce() = 0;
  // Folds, and flushes the state to its files.
  virtual absl::Status CheckpointState() = 0;

  // ---- Recovery and audit ----

  // Every row as of applied_sequence() of the tables that are wanted, by table and key. `wanted` is asked once a table, on
  // another thread, which reads ahead of the visits; what is not wanted is not read.
  using TableFilter = std::function<bool(TableId table)>;
  using RowVisitor = std::function<absl::Status(TableId table, std::string_view key, std::string_view value)>;
  virtual absl::Status ScanState(const TableFilter& wanted, const RowVisitor& visit) = 0;
  // The journal from the group that holds `from_sequence` to the end as of the call; FAILED_PRECONDITION when that was archived. Verifies as it goes: checksums, gapless sequences, the stored
  // leaves, and each group's tree root. DATA_LOSS names the sequence at which it stops being right. `from_sequence` beyond the end visits nothing.
  virtual absl::Status ScanJournal(uint64_t from_sequence, JournalVisitor* visitor) = 0;
  // The record that holds `sequence`; NOT_FOUND when there is none, OUT_OF_RANGE when it was archived.
  virtual absl::StatusOr<JournalEntry> ReadRecord(uint64_t sequence) = 0;
  // The trailer of the newest durable group; nullopt for an empty journal.
  virtual std::optional<GroupTrailer> LastTrailer() const = 0;
  // The tree's frontier over all durable records.
  virtual absl::StatusOr<MerkleFrontier> Frontier() = 0;
  // Hashes of the tree at the stored levels; give it to NodesFromStored for proofs. Must not outlive the store. Archiving takes none of them away.
  virtual NodeReader StoredNodes() = 0;

  // ---- Archiving; journal_archive.h is what an operator calls ----

  // Sequences up to this one stand in archives, no longer here; 0 is none.
  virtual uint64_t archived_sequence() const = 0;
  // Takes the records up to `sequence` and their groups out of the journal, in one synced write. The state keeps all that follows from them, the tree
  // its hashes. REQUIRES: archived_sequence() < sequence <= applied_sequence() as checkpointed, a group ends there, and it is not the last group.
  virtual absl::Status DropArchived(uint64_t sequence) = 0;
};

}  // namespace songhua

#endif  // SONGHUA_LEDGER_STORE_H_
