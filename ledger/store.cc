#include "ledger/store.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/journal_store.h"
#include "ledger/refusal.h"
#include "ledger/rocks.h"
#include "ledger/room.h"
#include "ledger/state_store.h"
#include "ledger/store_directory.h"

namespace songhua {
namespace {

using rocks::Mode;
using rocks::Presence;
using rocks::ToAbsl;

class StoreImpl : public Store {
 public:
  StoreImpl(std::unique_ptr<DirectoryLock> lock, std::unique_ptr<JournalStore> journal, std::unique_ptr<StateStore> state)
      : lock_(std::move(lock)), journal_(std::move(journal)), state_(std::move(state)) {}

  const StoreIdentity& identity() const override { return journal_->identity(); }

  absl::Status AppendGroup(const JournalGroup& group) override {
    SONGHUA_RETURN_IF_ERROR(journal_->Append(group));
    state_->NoteJournalBytes(group.bytes());
    return absl::OkStatus();
  }
  absl::Status Publish(const RowChanges& changes, uint64_t last_sequence) override {
    SONGHUA_CHECK(published_sequence() < last_sequence && last_sequence <= durable_sequence());
    return state_->Publish(changes, last_sequence);
  }

  void DropBefore(TableId table, std::string_view key) override { state_->DropBefore(table, key); }

  absl::StatusOr<ReadResult> Get(TableId table, std::string_view key) override { return state_->Get(table, key); }
  absl::StatusOr<std::shared_ptr<const Snapshot>> OpenSnapshot() override { return state_->OpenSnapshot(); }
  absl::StatusOr<std::shared_ptr<const Snapshot>> FindSnapshot(uint64_t sequence) override { return state_->FindSnapshot(sequence); }
  uint64_t durable_sequence() const override { return journal_->durable_sequence(); }
  uint64_t published_sequence() const override { return state_->published_sequence(); }
  uint64_t applied_sequence() const override { return state_->applied_sequence(); }
  bool WaitForSequence(uint64_t at_least, std::chrono::steady_clock::time_point deadline) override {
    return state_->WaitForSequence(at_least, deadline);
  }

  absl::Status FoldOnce() override { return state_->FoldOnce(); }
  absl::Status CheckpointState() override {
    SONGHUA_RETURN_IF_ERROR(state_->Checkpoint());
    return journal_->Flush();
  }

  absl::Status ScanState(const TableFilter& wanted, const RowVisitor& visit) override { return state_->Scan(wanted, visit); }
  absl::Status ScanJournal(uint64_t from_sequence, JournalVisitor* visitor) override { return journal_->Scan(from_sequence, visitor); }
  absl::StatusOr<JournalEntry> ReadRecord(uint64_t sequence) override { return journal_->ReadRecord(sequence); }
  std::optional<GroupTrailer> LastTrailer() const override { return journal_->LastTrailer(); }
  absl::StatusOr<MerkleFrontier> Frontier() override {
    const std::optional<GroupTrailer> trailer = LastTrailer();
    return journal_->FrontierAt(trailer.has_value() ? trailer->tree_size : 0);
  }
  NodeReader StoredNodes() override {
    return [this](uint32_t level, uint64_t index) { return journal_->StoredNode(level, index); };
  }
  uint64_t archived_sequence() const override { return journal_->archived().sequence; }
  absl::Status DropArchived(uint64_t sequence) override {
    SONGHUA_CHECK(sequence <= applied_sequence());
    return journal_->DropThrough(sequence);
  }

 private:
  // Let go in the reverse order: state, journal, lock.
  const std::unique_ptr<DirectoryLock> lock_;
  const std::unique_ptr<JournalStore> journal_;
  const std::unique_ptr<StateStore> state_;
};

// Everything that opening needs to know, gathered without changing a byte.
class Opener {
 public:
  explicit Opener(const StoreOptions& options)
      : options_(options),
        env_(options.env != nullptr ? options.env : rocksdb::Env::Default()),
        journal_path_(options.path + "/" + kJournalName),
        state_path_(options.path + "/" + kStateName),
        cache_(rocksdb::NewLRUCache(bounds::kBlockCacheBytes)) {}

  absl::StatusOr<std::unique_ptr<Store>> Open() {
    SONGHUA_ASSIGN_OR_RETURN(const Presence before_lock, rocks::FindDatabase(env_, journal_path_));
    if (before_lock == Presence::kAbsent && !options_.create_if_missing) return NoStore();
    SONGHUA_RETURN_IF_ERROR(CheckFreeSpace());
    if (before_lock == Presence::kAbsent) SONGHUA_RETURN_IF_ERROR(PrepareDirectory());
    absl::StatusOr<std::unique_ptr<DirectoryLock>> lock = DirectoryLock::Acquire(env_, options_.path);
    SONGHUA_RETURN_IF_ERROR(lock.status());
    SONGHUA_RETURN_IF_ERROR(Examine());
    absl::StatusOr<std::unique_ptr<JournalStore>> journal = OpenJournal(journal_mode_);
    SONGHUA_RETURN_IF_ERROR(journal.status());
    absl::StatusOr<std::unique_ptr<StateStore>> state = OpenState(state_mode_, (*journal)->identity());
    SONGHUA_RETURN_IF_ERROR(state.status());
    if (journal_mode_ == Mode::kCreate || state_mode_ == Mode::kCreate) SONGHUA_RETURN_IF_ERROR(SyncDirectory(env_, options_.path));
    return std::make_unique<StoreImpl>(*std::move(lock), *std::move(journal), *std::move(state));
  }

 private:
  absl::Status NoStore() const { return absl::NotFoundError("there is no store in " + options_.path); }

  // Of the disk on which the directory is, or will be. One that does not say is tried.
  absl::Status CheckFreeSpace() const {
    const size_t slash = options_.path.find_last_of('/');
    const std::string parent = slash == std::string::npos ? "." : options_.path.substr(0, std::max<size_t>(slash, 1));
    for (const std::string& place : {options_.path, parent}) {
      uint64_t free_bytes = 0;
      if (env_->GetFreeSpace(place, &free_bytes).ok()) return CheckRoom(options_.path, free_bytes);
    }
    return absl::OkStatus();
  }

  // Before creating: the directory must be there, and hold nothing but what an earlier creation may have left.
  absl::Status PrepareDirectory() {
    SONGHUA_CHECK(options_.create_if_missing && !options_.identity.store_id.empty());
    SONGHUA_RETURN_IF_ERROR(ToAbsl(env_->CreateDirIfMissing(options_.path), "creating " + options_.path));
    std::vector<std::string> names;
    SONGHUA_RETURN_IF_ERROR(ToAbsl(env_->GetChildren(options_.path, &names), "listing " + options_.path));
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) {
      if (name == kLockName || name == kJournalName || name == kStateName) continue;
      return absl::FailedPreconditionError("no store can be made in " + options_.path + ": it holds " + name);
    }
    return SyncDirectory(env_, ParentDirectory(options_.path));
  }

  absl::StatusOr<std::unique_ptr<JournalStore>> OpenJournal(Mode mode) {
    return JournalStore::Open(journal_path_, env_, mode, options_.manual_projector, cache_, options_.identity);
  }
  absl::StatusOr<std::unique_ptr<StateStore>> OpenState(Mode mode, const StoreIdentity& identity) {
    StateStore::Options options;
    options.path = state_path_;
    options.env = env_;
    options.cache = cache_;
    options.manual_projector = options_.manual_projector;
    options.steady_now_us = options_.steady_now_us;
    return StateStore::Open(options, mode, identity.store_id);
  }

  // Decides how each database is to be opened, or why not.
  absl::Status Examine() {
    SONGHUA_ASSIGN_OR_RETURN(const Presence presence, rocks::FindDatabase(env_, journal_path_));
    if (presence == Presence::kHeadless) return Headless(journal_path_);
    if (presence == Presence::kAbsent) return ExamineAbsent();
    absl::StatusOr<std::unique_ptr<JournalStore>> journal = OpenJournal(Mode::kExamine);
    if (!journal.ok()) {
      if (JournalStore::CreationWasCutShort(journal_path_, env_)) return ExamineAbsent();
      if (absl::IsNotFound(journal.status())) return absl::DataLossError(std::string(journal.status().message()));
      return journal.status();
    }
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t applied, ExamineState((*journal)->identity()));
    return CompareStateWithJournal(applied, **journal);
  }

  absl::Status ExamineAbsent() {
    if (!options_.create_if_missing) return NoStore();
    journal_mode_ = state_mode_ = Mode::kCreate;
    return absl::OkStatus();
  }

  absl::Status Headless(const std::string& path) const {
    return absl::DataLossError("the database in " + path + " is damaged: its file CURRENT is missing");
  }

  // Returns the sequence that the state is of; 0 when there is none yet.
  absl::StatusOr<uint64_t> ExamineState(const StoreIdentity& identity) {
    SONGHUA_ASSIGN_OR_RETURN(const Presence presence, rocks::FindDatabase(env_, state_path_));
    if (presence == Presence::kHeadless) return Headless(state_path_);
    if (presence == Presence::kPresent) {
      absl::StatusOr<std::unique_ptr<StateStore>> state = OpenState(Mode::kExamine, identity);
      if (state.ok()) return (*state)->applied_sequence();
      if (!absl::IsNotFound(state.status())) return state.status();
    }
    state_mode_ = Mode::kCreate;
    return uint64_t{0};
  }

  absl::Status CompareStateWithJournal(uint64_t applied, const JournalStore& journal) {
    const uint64_t durable = journal.durable_sequence();
    if (applied > durable) {
      return absl::DataLossError("the state in " + state_path_ + " is as of sequence " + std::to_string(applied) + ", but the journal ends at " +
                                 std::to_string(durable) + ": sequences from " + std::to_string(durable + 1) + " on are lost");
    }
    if (applied < journal.archived().sequence) {
      return absl::FailedPreconditionError(
          "the state in " + state_path_ + (applied == 0 ? " is gone" : " is as of sequence " + std::to_string(applied)) + ", and sequences up to " +
          std::to_string(journal.archived().sequence) + " of its journal were archived: bring them back with `songhua restore --data " +
          options_.path + " --archive FILE`");
    }
    SONGHUA_ASSIGN_OR_RETURN(const bool at_group_end, journal.GroupEndsAt(applied));
    if (!at_group_end) {
      return absl::DataLossError("the state in " + state_path_ + " is as of sequence " + std::to_string(applied) +
                                 ", but no group of the journal ends there");
    }
    // What will be replayed, and at any rate the last group.
    const std::optional<GroupTrailer> tail = journal.LastTrailer();
    IgnoringVisitor ignore;
    return journal.Scan(std::min(applied + 1, tail.has_value() ? tail->first_sequence : 1), &ignore);
  }

  const StoreOptions& options_;
  rocksdb::Env* const env_;
  const std::string journal_path_, state_path_;
  const std::shared_ptr<rocksdb::Cache> cache_;
  Mode journal_mode_ = Mode::kOpen, state_mode_ = Mode::kOpen;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const StoreOptions& options) { return Opener(options).Open(); }

}  // namespace songhua
