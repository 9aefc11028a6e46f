// Every bound of Songhua in one place. A queue, a cache, a batch or a list that can grow has a constant here; what is full refuses or waits,
// and never takes memory without end. Bounds that a regulator sets (limits, bands, deadlines) are data, not constants, and do not belong here.
#ifndef SONGHUA_LEDGER_BOUNDS_H_
#define SONGHUA_LEDGER_BOUNDS_H_

#include <cstddef>
#include <cstdint>

namespace songhua::bounds {

inline constexpr size_t kKiB = size_t{1} << 10;
inline constexpr size_t kMiB = size_t{1} << 20;
inline constexpr int64_t kSecondUs = 1'000'000;

// ---- Requests ----

// Largest request message, in canonical bytes; larger ones are refused before they are parsed.
inline constexpr size_t kRequestBytesMax = 4 * kMiB;
// Rows in one page of a list answer.
inline constexpr uint32_t kPageSizeMax = 1'000;
inline constexpr uint32_t kPageSizeDefault = 100;
// Bytes of rows in one page, after which it ends early: with one more row of any size the answer stays below gRPC's usual 4 MiB.
inline constexpr size_t kPageBytesMax = 3 * kMiB;
// Rows looked at for one page, seen by the caller or not.
inline constexpr size_t kPageLookedAtMax = 50'000;
inline constexpr size_t kPageTokenBytesMax = 1'024;
// Reads that are queued or wait for a sequence, and how long one waits at most, whatever its deadline.
inline constexpr size_t kReadsMax = 4'096;
inline constexpr int64_t kReadWaitMaxUs = 60 * kSecondUs;

// ---- Streams ----

// Batches of one order stream that are taken in and not answered yet; beyond it the stream is not read.
inline constexpr size_t kStreamBatchesMax = 8;
// Updates, and bytes of them, that wait for one watcher of a book; one that falls further behind is closed.
inline constexpr size_t kWatcherUpdatesMax = 1'024;
inline constexpr size_t kWatcherBytesMax = 1 * kMiB;
// Updates of a book at one depth, and bytes of them, that are remembered for watchers who come back: what is told at once, so well below what may wait.
inline constexpr size_t kBookRememberedUpdatesMax = kWatcherUpdatesMax / 2;
inline constexpr size_t kBookRememberedBytesMax = kWatcherBytesMax / 2;
// The same of all books together.
inline constexpr size_t kBooksRememberedUpdatesMax = 65'536;
inline constexpr size_t kBooksRememberedBytesMax = 16 * kMiB;
// Watchers of all books together.
inline constexpr size_t kBookWatchersMax = 4'096;
// Changes that are remembered for those who watch deadlines, or orders, or collateral, and how many may watch.
inline constexpr size_t kFeedBytesMax = 4 * kMiB;
inline constexpr size_t kFeedGroupsMax = 16'384;
inline constexpr size_t kFeedWatchersMax = 1'024;
// Changes of orders and trades in one group; beyond that they are not remembered.
inline constexpr size_t kOrderFeedChangesMax = 16'384;
// The same of what may touch collateral, such as a night's valuations.
inline constexpr size_t kCollateralFeedChangesMax = 4'096;
// Commands in one batch message of an order stream.
inline constexpr uint32_t kBatchCommandsMax = 1'000;
// Rows in one chunk of a file or of samples that is being staged.
inline constexpr uint32_t kChunkRowsMax = 1'000;
// Bytes of one chunk of permits that are being imported, some twenty: what is read, checked and staged in about a millisecond.
inline constexpr size_t kImportChunkBytesMax = 32 * kKiB;
// One document, one chunk of it as it travels, and documents that are on their way in or out at once.
inline constexpr size_t kDocumentBytesMax = 64 * kMiB;
inline constexpr size_t kDocumentChunkBytesMax = 1 * kMiB;
inline constexpr size_t kDocumentStreamsMax = 64;
// How long a request_id is remembered, in days of journal time; a repeat after that is refused as too old.
inline constexpr int64_t kRequestIdDays = 10;
// A forward step of the clock above this stops writes until an operator confirms it.
inline constexpr int64_t kClockJumpMaxUs = 60 * kSecondUs;

// ---- Lanes and groups ----

// Requests waiting in one lane; a full lane answers RESOURCE_EXHAUSTED.
inline constexpr size_t kLaneRequestsMax = 4'096;
// Bytes of requests waiting in one lane.
inline constexpr size_t kLaneBytesMax = 64 * kMiB;
// Records in one commit group.
inline constexpr size_t kGroupRecordsMax = 1'000;
// Records after which the state map's root goes into the journal, whatever the time; and lots that are put into the map at a time, beside the commands, after a start.
inline constexpr uint64_t kMapRootRecords = 100'000;
inline constexpr size_t kMapFillSlice = 500;
// Bytes of journal that one answer carries to an auditor.
inline constexpr size_t kJournalPageBytesMax = 4 * kMiB;
// Encoded record bytes at which a commit group is closed. The record that crosses it still belongs to the group, so a group holds at most this
// plus one record.
inline constexpr size_t kGroupBytesMax = 4 * kMiB;
// Applied groups that may wait for, or be in, their synced write before the state machine pauses.
inline constexpr size_t kGroupsInFlightMax = 4;

// Requests of one person waiting in one lane.
inline constexpr size_t kLanePersonRequestsMax = 1'024;
// Turns of each lane in one round of the scheduler: orders, registry, operations, bulk.
inline constexpr int kLaneWeights[] = {64, 16, 8, 4};
// Recent cold rows kept at hand for the state machine: answers by request_id, transactions.
inline constexpr size_t kColdRowsMax = 262'144;
inline constexpr size_t kColdRowBytesMax = 64 * kMiB;
// Orders that one slice of closing a session cancels, and trades that one slice settles.
inline constexpr size_t kSliceRowsMax = 1'000;
// Deadlines that one slice of a night passes.
inline constexpr size_t kSliceDeadlinesMax = 100;
// Permits of which one slice of a night makes what their last day makes of them.
inline constexpr size_t kSlicePermitsMax = 100;
// The farthest that one AdvanceClock moves a VIRTUAL store.
inline constexpr int64_t kClockAdvanceMaxUs = 31 * 86'400 * kSecondUs;

// ---- The published delta and the projector ----

// The projector folds at least this often while there is something to fold,
inline constexpr int64_t kProjectorIntervalUs = 1 * kSecondUs;
// or as soon as the delta holds this much.
inline constexpr size_t kDeltaFoldBytes = 64 * kMiB;
// Publishing waits for the projector once the delta holds this much, so a slow disk slows commands instead of filling memory.
inline constexpr size_t kDeltaBytesMax = 192 * kMiB;
// The state is flushed to its files after this many bytes of journal, so that opening replays at most about this much.
inline constexpr uint64_t kStateFlushJournalBytes = 64 * kMiB;

// ---- Snapshots for paging ----

// Snapshots kept for page tokens; beyond it the oldest goes and its tokens answer ABORTED.
inline constexpr size_t kSnapshotsMax = 64;
// A snapshot is let go after this long, because it keeps RocksDB from dropping old versions of rows.
inline constexpr int64_t kSnapshotAgeMaxUs = 300 * kSecondUs;

// ---- The store's files and memory ----

// Cache of uncompressed blocks, shared by journal and state.
inline constexpr size_t kBlockCacheBytes = 256 * kMiB;
// One memtable of the journal's records. A handful of megabytes of sequential keys a file keeps files few and opening quick.
inline constexpr size_t kJournalMemtableBytes = 32 * kMiB;
// One memtable of a small column family (group trailers, tree hashes, identity).
inline constexpr size_t kSmallMemtableBytes = 8 * kMiB;
// Write-ahead log beyond which the column families that hold it back are flushed; also what opening after a crash reads again.
inline constexpr uint64_t kJournalWalBytesMax = 96 * kMiB;
// One memtable of the state.
inline constexpr size_t kStateMemtableBytes = 64 * kMiB;
// Files that RocksDB keeps open.
inline constexpr int kOpenFilesMax = 1'000;

}  // namespace songhua::bounds

#endif  // SONGHUA_LEDGER_BOUNDS_H_
