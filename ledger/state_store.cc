#include "ledger/state_store.h"

#include <rocksdb/write_batch.h>

#include <utility>
#include <vector>

#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/refusal.h"
#include "ledger/row_reader.h"

namespace songhua {
namespace {

using rocks::Mode;
using rocks::ToAbsl;
using rocks::ToSlice;
using rocks::ToView;

std::string AppliedKey() { return RowKey(kStoreTable, "applied_sequence"); }
std::string StoreIdKey() { return RowKey(kStoreTable, "store_id"); }

rocksdb::WriteOptions Unlogged() {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  return options;
}

// Attempts at a point read that a fold overtakes, before the read holds folds off.
constexpr int kUnhinderedAttempts = 4;

// What a batch needs for the rows: their bytes, and for each a tag and two lengths.
size_t BatchBytes(const std::vector<RowChange>& rows) {
  constexpr size_t kPutOverheadBytes = 8, kBatchOverheadBytes = 1024;
  size_t bytes = kBatchOverheadBytes;
  for (const RowChange& row : rows) bytes += row.row_key.size() + row.value.size() + kPutOverheadBytes;
  return bytes;
}

}  // namespace

absl::StatusOr<std::unique_ptr<StateStore>> StateStore::Open(const Options& options, Mode mode, const std::string& store_id) {
  const std::vector<rocksdb::ColumnFamilyDescriptor> descriptors = {
      {rocksdb::kDefaultColumnFamilyName, rocks::StateFamilyOptions(options.manual_projector, options.cache)}};
  const rocksdb::DBOptions database_options = rocks::DatabaseOptions(options.env, mode, options.manual_projector);
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status =
      mode == Mode::kExamine ? rocksdb::DB::OpenForReadOnly(database_options, options.path, descriptors, &families, &opened)
                             : rocksdb::DB::Open(database_options, options.path, descriptors, &families, &opened);
  if (!status.ok()) return ToAbsl(status, "opening the state in " + options.path);
  std::shared_ptr<rocksdb::DB> database(opened);
  database->DestroyColumnFamilyHandle(families[0]);  // the database has its own of the default family

  std::string found_id, applied_bytes;
  rocksdb::Status read = database->Get(rocksdb::ReadOptions(), StoreIdKey(), &found_id);
  if (read.IsNotFound() && mode == Mode::kCreate) {
    SONGHUA_RETURN_IF_ERROR(Claim(database.get(), options.manual_projector, options.path, store_id));
    read = database->Get(rocksdb::ReadOptions(), StoreIdKey(), &found_id);
  }
  if (read.IsNotFound()) return absl::NotFoundError("the state in " + options.path + " belongs to no store");
  if (!read.ok()) return ToAbsl(read, "reading the store's id in " + options.path);
  if (found_id != store_id) {
    return absl::FailedPreconditionError("the state in " + options.path + " belongs to store " + found_id + ", not to " + store_id);
  }
  uint64_t applied = 0;
  read = database->Get(rocksdb::ReadOptions(), AppliedKey(), &applied_bytes);
  if (!read.ok()) return ToAbsl(read, "reading applied_sequence in " + options.path);
  if (!DecodeValue(applied_bytes, &applied).ok()) return absl::DataLossError("applied_sequence in " + options.path + " is malformed");
  std::unique_ptr<StateStore> store(new StateStore(options, std::move(database), applied));
  if (mode != Mode::kExamine && !options.manual_projector) store->StartProjector();
  return store;
}

absl::Status StateStore::Claim(rocksdb::DB* database, bool calm, const std::string& path, const std::string& store_id) {
  const std::unique_ptr<rocksdb::Iterator> it(database->NewIterator(rocksdb::ReadOptions()));
  it->SeekToFirst();
  if (it->Valid()) return absl::DataLossError("the state in " + path + " has rows, but not the id of the store that they belong to");
  rocksdb::WriteBatch batch;
  batch.Put(StoreIdKey(), store_id);
  batch.Put(AppliedKey(), EncodeValue(uint64_t{0}));
  SONGHUA_RETURN_IF_ERROR(ToAbsl(database->Write(Unlogged(), &batch), "claiming the state in " + path));
  return ToAbsl(rocks::Flush(database, {database->DefaultColumnFamily()}, /*wait=*/true, calm), "claiming the state in " + path);
}

StateStore::StateStore(const Options& options, std::shared_ptr<rocksdb::DB> database, uint64_t applied)
    : options_(options), database_(std::move(database)), delta_(applied), applied_(applied) {}

StateStore::~StateStore() {
  {
    const std::lock_guard<std::mutex> lock(wake_mutex_);
    stopping_ = true;
  }
  wake_projector_.notify_all();
  published_changed_.notify_all();
  if (projector_.joinable()) projector_.join();
}

void StateStore::StartProjector() {
  projector_ = std::thread([this] { ProjectorLoop(); });
}

void StateStore::ProjectorLoop() {
  std::unique_lock<std::mutex> lock(wake_mutex_);
  while (!stopping_) {
    wake_projector_.wait_for(lock, std::chrono::microseconds(bounds::kProjectorIntervalUs),
                             [this] { return stopping_ || delta_.active_bytes() >= bounds::kDeltaFoldBytes; });
    if (stopping_) return;
    lock.unlock();
    (void)FoldOnce();  // a failure is kept in fold_failure_ and stops the commit thread
    {
      const std::lock_guard<std::mutex> snapshots_lock(snapshots_mutex_);
      DropOldSnapshotsLocked();
    }
    lock.lock();
    if (!fold_failure_.ok()) return;
  }
}

bool StateStore::WaitForSequence(uint64_t at_least, std::chrono::steady_clock::time_point deadline) {
  if (published_sequence() >= at_least) return true;
  std::unique_lock<std::mutex> lock(wake_mutex_);
  ++waiters_;
  published_changed_.wait_until(lock, deadline, [&] { return stopping_ || published_sequence() >= at_least; });
  --waiters_;
  return published_sequence() >= at_least;
}

absl::Status StateStore::Publish(const RowChanges& changes, uint64_t last_sequence) {
  delta_.Publish(changes, last_sequence);
  std::unique_lock<std::mutex> lock(wake_mutex_);
  if (waiters_ > 0) published_changed_.notify_all();
  if (!fold_failure_.ok()) return fold_failure_;
  if (delta_.active_bytes() < bounds::kDeltaFoldBytes) return absl::OkStatus();
  if (options_.manual_projector) {
    lock.unlock();
    return FoldOnce();
  }
  wake_projector_.notify_one();
  folded_.wait(lock, [this] { return delta_.active_bytes() < bounds::kDeltaBytesMax || !fold_failure_.ok(); });
  return fold_failure_;
}

void StateStore::DropBefore(TableId table, std::string_view key) {
  SONGHUA_CHECK(table != kStoreTable);
  const std::lock_guard<std::mutex> lock(wake_mutex_);
  drops_[table] = std::string(key);
}

absl::Status StateStore::FoldOnce() {
  const std::lock_guard<std::mutex> lock(fold_mutex_);
  SONGHUA_RETURN_IF_ERROR(FoldLocked());
  if (journal_bytes_.load(std::memory_order_relaxed) < bounds::kStateFlushJournalBytes) return absl::OkStatus();
  return FlushLocked(/*wait=*/false);
}

absl::Status StateStore::Checkpoint() {
  const std::lock_guard<std::mutex> lock(fold_mutex_);
  SONGHUA_RETURN_IF_ERROR(FoldLocked());
  return FlushLocked(/*wait=*/true);
}

absl::Status StateStore::FlushLocked(bool wait) {
  journal_bytes_.store(0, std::memory_order_relaxed);
  return ToAbsl(rocks::Flush(database_.get(), {database_->DefaultColumnFamily()}, wait, options_.manual_projector), "flushing the state in " + options_.path);
}

absl::Status StateStore::FoldLocked() {
  std::map<TableId, std::string> drops;
  {
    const std::lock_guard<std::mutex> lock(wake_mutex_);
    if (!fold_failure_.ok()) return fold_failure_;
    // Taken before the fold begins, so that it reaches at least the sequence at which they were asked for.
    drops.swap(drops_);
  }
  if (published_sequence() == applied_sequence() && drops.empty()) return absl::OkStatus();
  const uint64_t sequence = delta_.BeginFold();
  const absl::Status written = WriteFold(sequence, drops);
  if (written.ok()) {
    applied_.store(sequence, std::memory_order_release);
    delta_.EndFold();
  }
  // A failed fold leaves its generation in place, so that readers still see its rows.
  const std::lock_guard<std::mutex> lock(wake_mutex_);
  if (!written.ok()) fold_failure_ = written;
  folded_.notify_all();
  return written;
}

absl::Status StateStore::WriteFold(uint64_t sequence, const std::map<TableId, std::string>& drops) {
  const std::vector<RowChange> rows = delta_.FoldingRows();
  rocksdb::WriteBatch batch(BatchBytes(rows));
  for (const RowChange& row : rows) {
    if (row.is_delete) {
      batch.Delete(ToSlice(row.row_key));
    } else {
      batch.Put(ToSlice(row.row_key), ToSlice(row.value));
    }
  }
  // After the rows: a group may both put a row and move the clock past it.
  for (const auto& [table, key] : drops) batch.DeleteRange(RowKey(table, ""), RowKey(table, key));
  batch.Put(AppliedKey(), EncodeValue(sequence));
  return ToAbsl(database_->Write(Unlogged(), &batch), "folding sequences up to " + std::to_string(sequence) + " into the state in " + options_.path);
}

absl::Status StateStore::GetFromState(const std::string& row_key, ReadResult* result) {
  const rocksdb::Status status = database_->Get(rocksdb::ReadOptions(), row_key, &result->value);
  result->found = status.ok();
  if (status.ok() || status.IsNotFound()) return absl::OkStatus();
  return ToAbsl(status, "reading a row of table " + std::to_string(RowKeyTable(row_key)) + " in " + options_.path);
}

absl::StatusOr<ReadResult> StateStore::Get(TableId table, std::string_view key) {
  const std::string row_key = RowKey(table, key);
  ReadResult result;
  std::unique_lock<std::mutex> hold_folds_off(fold_mutex_, std::defer_lock);
  for (int attempt = 0;; ++attempt) {
    if (attempt == kUnhinderedAttempts) hold_folds_off.lock();
    const uint64_t rotations = delta_.rotations();
    const PublishedDelta::Answer answer = delta_.Find(row_key, &result.value, &result.sequence);
    if (answer != PublishedDelta::Answer::kUnknown) {
      result.found = answer == PublishedDelta::Answer::kValue;
      return result;
    }
    SONGHUA_RETURN_IF_ERROR(GetFromState(row_key, &result));
    // Another fold may have begun since the lookup, and brought a version of the row that is newer than result.sequence.
    if (delta_.rotations() == rotations) return result;
  }
}

absl::StatusOr<std::shared_ptr<const Snapshot>> StateStore::OpenSnapshot() {
  const uint64_t wanted = published_sequence();
  const std::lock_guard<std::mutex> fold_lock(fold_mutex_);
  {
    // Callers who queued behind a fold share what it made.
    const std::lock_guard<std::mutex> lock(snapshots_mutex_);
    DropOldSnapshotsLocked();
    if (!snapshots_.empty() && snapshots_.back().snapshot->sequence() >= wanted) {
      snapshots_.back().taken_us = NowUs();
      return snapshots_.back().snapshot;
    }
  }
  SONGHUA_RETURN_IF_ERROR(FoldLocked());
  auto snapshot = std::make_shared<const Snapshot>(database_, applied_sequence());
  const std::lock_guard<std::mutex> lock(snapshots_mutex_);
  snapshots_.push_back({snapshot, NowUs()});
  DropOldSnapshotsLocked();
  return snapshot;
}

absl::StatusOr<std::shared_ptr<const Snapshot>> StateStore::FindSnapshot(uint64_t sequence) {
  const std::lock_guard<std::mutex> lock(snapshots_mutex_);
  DropOldSnapshotsLocked();
  for (const Kept& kept : snapshots_) {
    if (kept.snapshot->sequence() == sequence) return kept.snapshot;
  }
  return absl::AbortedError("the snapshot of sequence " + std::to_string(sequence) + " is no longer kept: start the list again");
}

int64_t StateStore::NowUs() const {
  if (options_.steady_now_us) return options_.steady_now_us();
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void StateStore::DropOldSnapshotsLocked() {
  const int64_t now_us = NowUs();
  while (!snapshots_.empty() && (snapshots_.size() > bounds::kSnapshotsMax || now_us - snapshots_.front().taken_us > bounds::kSnapshotAgeMaxUs)) {
    snapshots_.pop_front();
  }
}

absl::Status StateStore::Scan(const Store::TableFilter& wanted, const Store::RowVisitor& visit) {
  return RowReader(database_.get(), options_.path, kStoreTable + 1, wanted).VisitAll(visit);
}

}  // namespace songhua
