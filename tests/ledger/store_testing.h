// A toy ledger for tests of the store: groups of records whose requests say which rows they change, so that the state after any sequence can be worked
// out from the journal alone, and compared.
#ifndef SONGHUA_TESTS_LEDGER_STORE_TESTING_H_
#define SONGHUA_TESTS_LEDGER_STORE_TESTING_H_

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"
#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/journal_group.h"
#include "ledger/refusal.h"
#include "ledger/row_changes.h"
#include "ledger/store.h"

namespace songhua::store_testing {

#define SONGHUA_ASSERT_OK(expr)                  \
  do {                                           \
    const absl::Status _status = (expr);         \
    ASSERT_TRUE(_status.ok()) << _status;        \
  } while (false)

// A directory of its own, gone at the end of the test.
class ScratchDirectory {
 public:
  ScratchDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "songhua_store_XXXXXX").string();
    SONGHUA_CHECK(mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~ScratchDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Every file below `path` and its bytes.
inline std::map<std::string, std::string> FilesIn(const std::string& path) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(path)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    files[entry.path().string()] = bytes.str();
  }
  return files;
}

struct ToyChange {
  TableId table = 1;
  std::string key, value;
  bool is_delete = false;
  template <class Archive>
  void Fields(Archive& a) {
    a(table, key, value, is_delete);
  }
};

using Rows = std::map<std::string, std::string>;  // by key on disk

// Holds the rows in memory, as the engine does; applies requests, in sequence order.
class ToyLedger {
 public:
  absl::Status Apply(std::string_view request, RowChanges* changes) {
    std::vector<ToyChange> wanted;
    SONGHUA_RETURN_IF_ERROR(DecodeValue(request, &wanted));
    for (const ToyChange& change : wanted) {
      const std::string row_key = RowKey(change.table, change.key);
      const bool existed = rows_.count(row_key) > 0;
      if (change.is_delete) {
        rows_.erase(row_key);
        changes->Delete(change.table, change.key, existed);
      } else {
        rows_[row_key] = change.value;
        changes->Put(change.table, change.key, change.value, existed);
      }
    }
    return absl::OkStatus();
  }
  Rows& rows() { return rows_; }

 private:
  Rows rows_;
};

inline Digest TestDigest(uint64_t n) { return Sha256Of("test", EncodeValue(n)); }

inline JournalRecord ToyRecord(uint64_t first_sequence, uint32_t count, const std::vector<ToyChange>& changes) {
  JournalRecord record;
  record.first_sequence = first_sequence;
  record.count = count;
  record.time_us = 1'700'000'000'000'000 + static_cast<int64_t>(first_sequence);
  record.logic_version = 1;
  record.principal = "participants/91220101MA0Y3T5K7X";
  record.token_id = "t1";
  record.method = "songhua.v1.Toy/Change";
  record.request_id = "request-" + std::to_string(first_sequence);
  record.request = EncodeValue(changes);
  record.outcome = TestDigest(first_sequence);
  return record;
}

// A group, applied to `ledger` and ready to append.
struct ToyGroup {
  JournalGroup journal;
  RowChanges rows;
};

// Draws changes over few keys, so that rows are overwritten, deleted and made again.
inline std::vector<ToyChange> DrawChanges(std::mt19937_64* random) {
  std::vector<ToyChange> changes((*random)() % 4);
  for (ToyChange& change : changes) {
    change.table = static_cast<TableId>(1 + (*random)() % 3);
    change.key = EncodeKey(static_cast<uint32_t>((*random)() % 40));
    change.is_delete = (*random)() % 4 == 0;
    if (!change.is_delete) change.value.assign((*random)() % 50, static_cast<char>('a' + (*random)() % 26));
  }
  return changes;
}

// Records of 1 to `records_max` messages with random changes, following `durable`.
inline void FillGroup(uint64_t durable, size_t records_max, std::mt19937_64* random, ToyLedger* ledger, MerkleFrontier* frontier, ToyGroup* group) {
  group->journal.Clear();
  group->rows.Clear();
  uint64_t next = durable + 1;
  const size_t records = 1 + (*random)() % records_max;
  for (size_t i = 0; i < records; ++i) {
    const uint32_t count = static_cast<uint32_t>(1 + (*random)() % 3);
    const JournalRecord record = ToyRecord(next, count, DrawChanges(random));
    SONGHUA_CHECK(ledger->Apply(record.request, &group->rows).ok());
    group->journal.Add(record);
    next += count;
  }
  group->journal.Seal(TestDigest((*random)()), group->rows.ComputeDigest(), frontier);
}

// A store with a toy ledger above it.
class ToyStore {
 public:
  explicit ToyStore(StoreOptions options) : options_(std::move(options)) {
    options_.create_if_missing = true;
    if (options_.identity.store_id.empty()) options_.identity.store_id = "store-1";
    options_.identity.created_us = 1'700'000'000'000'000;
  }

  // Opens, loads, replays and publishes the rest, as the engine does.
  absl::Status Open() {
    ledger_ = ToyLedger();
    history_.clear();
    absl::StatusOr<std::unique_ptr<Store>> opened = Store::Open(options_);
    if (!opened.ok()) return opened.status();
    store_ = *std::move(opened);
    SONGHUA_RETURN_IF_ERROR(store_->ScanState([](TableId) { return true; }, [this](TableId table, std::string_view key, std::string_view value) {
      ledger_.rows()[RowKey(table, key)] = std::string(value);
      return absl::OkStatus();
    }));
    history_[store_->applied_sequence()] = ledger_.rows();
    Replayer replayer(this);
    SONGHUA_RETURN_IF_ERROR(store_->ScanJournal(store_->applied_sequence() + 1, &replayer));
    absl::StatusOr<MerkleFrontier> frontier = store_->Frontier();
    if (!frontier.ok()) return frontier.status();
    frontier_ = *std::move(frontier);
    return absl::OkStatus();
  }
  void Close() { store_.reset(); }

  // One random group, durable and published.
  absl::Status Step(std::mt19937_64* random, size_t records_max = 5) {
    SONGHUA_RETURN_IF_ERROR(Append(random, records_max));
    return Publish();
  }
  absl::Status Append(std::mt19937_64* random, size_t records_max = 5) {
    FillGroup(store_->durable_sequence(), records_max, random, &ledger_, &frontier_, &group_);
    return store_->AppendGroup(group_.journal);
  }
  absl::Status Publish() {
    history_[group_.journal.last_sequence()] = ledger_.rows();
    return store_->Publish(group_.rows, group_.journal.last_sequence());
  }
  absl::Status AppendAndPublish(const std::vector<ToyChange>& changes) {
    group_.journal.Clear();
    group_.rows.Clear();
    const JournalRecord record = ToyRecord(store_->durable_sequence() + 1, 1, changes);
    SONGHUA_RETURN_IF_ERROR(ledger_.Apply(record.request, &group_.rows));
    group_.journal.Add(record);
    group_.journal.Seal(TestDigest(record.first_sequence), group_.rows.ComputeDigest(), &frontier_);
    SONGHUA_RETURN_IF_ERROR(store_->AppendGroup(group_.journal));
    return Publish();
  }

  Store* operator->() { return store_.get(); }
  Store* store() { return store_.get(); }
  ToyLedger& ledger() { return ledger_; }
  const ToyGroup& group() const { return group_; }
  const MerkleFrontier& frontier() const { return frontier_; }
  StoreOptions& options() { return options_; }
  // Rows after each group since the last Open.
  const std::map<uint64_t, Rows>& history() const { return history_; }

 private:
  class Replayer : public JournalVisitor {
   public:
    explicit Replayer(ToyStore* toy) : toy_(toy) {}
    absl::Status OnRecord(const JournalRecord& record, std::string_view, uint64_t) override {
      return toy_->ledger_.Apply(record.request, &changes_);
    }
    absl::Status OnGroupEnd(const GroupTrailer& trailer) override {
      if (changes_.ComputeDigest() != trailer.rows) return absl::DataLossError("replay gives other rows");
      toy_->history_[trailer.last_sequence] = toy_->ledger_.rows();
      SONGHUA_RETURN_IF_ERROR(toy_->store_->Publish(changes_, trailer.last_sequence));
      changes_.Clear();
      return absl::OkStatus();
    }

   private:
    ToyStore* toy_;
    RowChanges changes_;
  };

  StoreOptions options_;
  std::unique_ptr<Store> store_;
  ToyLedger ledger_;
  MerkleFrontier frontier_;
  ToyGroup group_;
  std::map<uint64_t, Rows> history_;
};

// All rows that a snapshot shows.
inline Rows RowsIn(const Snapshot& snapshot) {
  Rows rows;
  for (TableId table = 1; table <= 4; ++table) {
    ScanRange range;
    range.table = table;
    const absl::Status status = snapshot.Scan(range, [&](std::string_view key, std::string_view value) {
      rows[RowKey(table, key)] = std::string(value);
      return true;
    });
    EXPECT_TRUE(status.ok()) << status;
  }
  return rows;
}

inline bool Says(const absl::Status& status, const std::string& text) { return std::string(status.message()).find(text) != std::string::npos; }

}  // namespace songhua::store_testing

#endif  // SONGHUA_TESTS_LEDGER_STORE_TESTING_H_
