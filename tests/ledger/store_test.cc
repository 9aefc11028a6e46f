// The store on a real disk: what is durable, what is visible, and what comes back.
#include "ledger/store.h"

#include <limits>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/bounds.h"
#include "ledger/codec.h"
#include "ledger/merkle_log.h"
#include "tests/ledger/store_testing.h"

namespace songhua {
namespace {

using store_testing::DrawChanges;
using store_testing::FilesIn;
using store_testing::Rows;
using store_testing::RowsIn;
using store_testing::ScratchDirectory;
using store_testing::ToyChange;
using store_testing::ToyStore;

class StoreTest : public ::testing::Test {
 protected:
  StoreTest() : random_(20260701) {
    options_.path = directory_.path() + "/store";
    options_.manual_projector = true;
    options_.steady_now_us = [this] { return now_us_; };
  }

  ScratchDirectory directory_;
  StoreOptions options_;
  int64_t now_us_ = 1;
  std::mt19937_64 random_;
};

ToyChange PutOf(TableId table, uint32_t key, std::string value) { return {table, EncodeKey(key), std::move(value), false}; }
ToyChange DeleteOf(TableId table, uint32_t key) { return {table, EncodeKey(key), "", true}; }

TEST_F(StoreTest, OpeningWhatIsNotThereIsRefusedAndMakesNothing) {
  const absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(options_);
  EXPECT_TRUE(absl::IsNotFound(store.status())) << store.status();
  EXPECT_FALSE(std::filesystem::exists(options_.path));
}

TEST_F(StoreTest, NoStoreIsMadeBesideForeignFiles) {
  std::filesystem::create_directory(options_.path);
  std::ofstream(options_.path + "/thesis.txt") << "unsaved work";
  options_.create_if_missing = true;
  options_.identity.store_id = "s";
  const absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(options_);
  EXPECT_TRUE(absl::IsFailedPrecondition(store.status())) << store.status();
  EXPECT_NE(std::string(store.status().message()).find("thesis.txt"), std::string::npos) << store.status();
  EXPECT_EQ(FilesIn(options_.path).size(), 1u);
}

TEST_F(StoreTest, IdentityIsChosenOnceForLife) {
  options_.create_if_missing = true;
  options_.identity.store_id = "jilin-1";
  options_.identity.clock_mode = ClockMode::kVirtual;
  options_.identity.created_us = 42;
  ASSERT_TRUE(Store::Open(options_).ok());
  options_.identity.store_id = "other";
  options_.identity.clock_mode = ClockMode::kSystem;
  const absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(options_);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_EQ((*store)->identity().store_id, "jilin-1");
  EXPECT_EQ((*store)->identity().clock_mode, ClockMode::kVirtual);
  EXPECT_EQ((*store)->identity().created_us, 42);
  EXPECT_EQ((*store)->durable_sequence(), 0u);
}

TEST_F(StoreTest, AppendedButUnpublishedRowsAreInvisible) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  SONGHUA_ASSERT_OK(toy.AppendAndPublish({PutOf(1, 7, "old")}));
  JournalGroup group;
  MerkleFrontier frontier = toy.frontier();
  group.Add(store_testing::ToyRecord(2, 1, {PutOf(1, 7, "new")}));
  RowChanges changes;
  changes.Put(1, EncodeKey(uint32_t{7}), "new");
  group.Seal(Digest{}, changes.ComputeDigest(), &frontier);
  SONGHUA_ASSERT_OK(toy->AppendGroup(group));
  EXPECT_EQ(toy->durable_sequence(), 2u);
  EXPECT_EQ(toy->published_sequence(), 1u);
  absl::StatusOr<ReadResult> row = toy->Get(1, EncodeKey(uint32_t{7}));
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->value, "old");
  EXPECT_EQ(row->sequence, 1u);
  SONGHUA_ASSERT_OK(toy->Publish(changes, 2));
  row = toy->Get(1, EncodeKey(uint32_t{7}));
  ASSERT_TRUE(row.ok());
  EXPECT_EQ(row->value, "new");
  EXPECT_EQ(row->sequence, 2u);
}

TEST_F(StoreTest, PointReadsAgreeWithTheModelWhateverIsFolded) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  for (int step = 0; step < 300; ++step) {
    SONGHUA_ASSERT_OK(toy.Step(&random_));
    if (random_() % 3 == 0) SONGHUA_ASSERT_OK(toy->FoldOnce());
    for (TableId table = 1; table <= 3; ++table) {
      for (uint32_t key = 0; key < 40; ++key) {
        const absl::StatusOr<ReadResult> row = toy->Get(table, EncodeKey(key));
        ASSERT_TRUE(row.ok()) << row.status();
        const auto it = toy.ledger().rows().find(RowKey(table, EncodeKey(key)));
        ASSERT_EQ(row->found, it != toy.ledger().rows().end()) << "step " << step << " table " << table << " key " << key;
        if (row->found) {
          ASSERT_EQ(row->value, it->second);
        }
        ASSERT_EQ(row->sequence, toy->durable_sequence());
      }
    }
  }
}

// Seen in exchange-core: a restart refused to go on because the journal's next file was there already (issues 59, 118), and looked for the snapshot under
// another name than it had been written under (103). Here every round opens, goes on writing, and has read the checkpoint where there is one.
TEST_F(StoreTest, ReopeningGivesTheSameRowsWithAndWithoutACheckpoint) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  for (int round = 0; round < 6; ++round) {
    SCOPED_TRACE(round);
    for (int step = 0; step < 20; ++step) {
      SONGHUA_ASSERT_OK(toy.Step(&random_));
      if (step == 10) SONGHUA_ASSERT_OK(toy->FoldOnce());
    }
    if (round % 2 == 0) SONGHUA_ASSERT_OK(toy->CheckpointState());
    const uint64_t durable = toy->durable_sequence();
    const Rows rows = toy.ledger().rows();
    const MerkleFrontier frontier = toy.frontier();
    const std::optional<GroupTrailer> trailer = toy->LastTrailer();
    toy.Close();
    SONGHUA_ASSERT_OK(toy.Open());
    if (round % 2 == 0) {
      EXPECT_EQ(toy->applied_sequence(), durable);
    }
    EXPECT_EQ(toy->durable_sequence(), durable);
    EXPECT_EQ(toy.ledger().rows(), rows);
    EXPECT_EQ(toy.frontier(), frontier);
    EXPECT_EQ(toy->LastTrailer(), trailer);
  }
}

TEST_F(StoreTest, StateIsMadeAgainFromTheJournalWhenItsDirectoryIsGone) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  for (int step = 0; step < 20; ++step) SONGHUA_ASSERT_OK(toy.Step(&random_));
  SONGHUA_ASSERT_OK(toy->CheckpointState());
  const Rows rows = toy.ledger().rows();
  toy.Close();
  std::filesystem::remove_all(options_.path + "/state");
  SONGHUA_ASSERT_OK(toy.Open());
  EXPECT_EQ(toy->applied_sequence(), 0u);
  EXPECT_EQ(toy.ledger().rows(), rows);
}

TEST_F(StoreTest, ARowThatCameAndWentIsGoneBeforeAndAfterTheFold) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  SONGHUA_ASSERT_OK(toy.AppendAndPublish({PutOf(1, 1, "kept")}));
  SONGHUA_ASSERT_OK(toy->CheckpointState());
  SONGHUA_ASSERT_OK(toy.AppendAndPublish({PutOf(1, 2, "short-lived")}));
  SONGHUA_ASSERT_OK(toy.AppendAndPublish({DeleteOf(1, 2), DeleteOf(1, 1)}));
  for (uint32_t key : {1u, 2u}) {
    const absl::StatusOr<ReadResult> row = toy->Get(1, EncodeKey(key));
    ASSERT_TRUE(row.ok());
    EXPECT_FALSE(row->found);
    EXPECT_EQ(row->sequence, 3u);
  }
  SONGHUA_ASSERT_OK(toy->CheckpointState());
  SONGHUA_ASSERT_OK(toy.AppendAndPublish({PutOf(1, 3, "x")}));
  toy.Close();
  SONGHUA_ASSERT_OK(toy.Open());
  EXPECT_EQ(toy.ledger().rows().size(), 1u);
}

TEST_F(StoreTest, ATableThatIsNotWantedIsPassedOverWhole) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  constexpr TableId kLast = std::numeric_limits<TableId>::max();
  SONGHUA_ASSERT_OK(toy.AppendAndPublish({PutOf(1, 1, "a"), PutOf(2, 1, "b"), PutOf(2, 2, "c"), PutOf(4, 1, "d"), PutOf(4, 2, "e"), PutOf(kLast, 1, "f")}));
  SONGHUA_ASSERT_OK(toy->CheckpointState());
  for (const std::set<TableId>& wanted : {std::set<TableId>{1, 4}, {2}, {2, kLast}, {1, 2, 4, kLast}, {}}) {
    Rows expected, seen;
    for (const auto& [key, value] : toy.ledger().rows()) {
      if (wanted.contains(RowKeyTable(key))) expected[key] = value;
    }
    std::vector<TableId> asked;
    SONGHUA_ASSERT_OK(toy->ScanState(
        [&](TableId table) {
          asked.push_back(table);
          return wanted.contains(table);
        },
        [&](TableId table, std::string_view key, std::string_view value) {
          seen[RowKey(table, key)] = std::string(value);
          return absl::OkStatus();
        }));
    EXPECT_EQ(seen, expected);
    EXPECT_EQ(asked, (std::vector<TableId>{1, 2, 4, kLast})) << "each table once";
  }
}

TEST_F(StoreTest, DroppedRowsAreGoneFromDiskAndNoOthersAre) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  SONGHUA_ASSERT_OK(toy.AppendAndPublish(
      {PutOf(1, 9, "another table"), PutOf(2, 1, "old"), PutOf(2, 2, "old"), PutOf(2, 3, "young"), PutOf(3, 1, "another table")}));
  SONGHUA_ASSERT_OK(toy->CheckpointState());
  auto before = toy->OpenSnapshot();
  ASSERT_TRUE(before.ok()) << before.status();
  SONGHUA_ASSERT_OK(toy.AppendAndPublish({PutOf(2, 0, "old when it is folded"), PutOf(2, 4, "young")}));
  toy->DropBefore(2, EncodeKey(uint32_t{3}));
  SONGHUA_ASSERT_OK(toy->CheckpointState());
  EXPECT_EQ(RowsIn(**before).size(), 5u) << "a snapshot shows what it showed";
  const Rows left = {{RowKey(1, EncodeKey(uint32_t{9})), "another table"},
                     {RowKey(2, EncodeKey(uint32_t{3})), "young"},
                     {RowKey(2, EncodeKey(uint32_t{4})), "young"},
                     {RowKey(3, EncodeKey(uint32_t{1})), "another table"}};
  auto after = toy->OpenSnapshot();
  ASSERT_TRUE(after.ok()) << after.status();
  EXPECT_EQ(RowsIn(**after), left);
  before->reset();
  after->reset();
  toy.Close();
  SONGHUA_ASSERT_OK(toy.Open());
  EXPECT_EQ(toy.ledger().rows(), left);
}

TEST_F(StoreTest, RowsAreDroppedAlthoughNothingWasPublishedSince) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  SONGHUA_ASSERT_OK(toy.AppendAndPublish({PutOf(2, 1, "old"), PutOf(2, 3, "young")}));
  SONGHUA_ASSERT_OK(toy->CheckpointState());
  toy->DropBefore(2, EncodeKey(uint32_t{3}));
  SONGHUA_ASSERT_OK(toy->FoldOnce());
  const absl::StatusOr<ReadResult> old = toy->Get(2, EncodeKey(uint32_t{1}));
  ASSERT_TRUE(old.ok()) << old.status();
  EXPECT_FALSE(old->found);
  EXPECT_EQ(old->sequence, toy->durable_sequence());
  EXPECT_TRUE(toy->Get(2, EncodeKey(uint32_t{3}))->found);
}

TEST_F(StoreTest, PagesOfOneSnapshotDoNotSeeLaterWrites) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  for (int step = 0; step < 50; ++step) SONGHUA_ASSERT_OK(toy.Step(&random_));
  const absl::StatusOr<std::shared_ptr<const Snapshot>> first = toy->OpenSnapshot();
  ASSERT_TRUE(first.ok()) << first.status();
  const uint64_t sequence = (*first)->sequence();
  EXPECT_EQ(sequence, toy->published_sequence());
  const Rows expected = toy.ledger().rows();
  Rows pages;
  for (TableId table = 1; table <= 3; ++table) {
    std::string last;
    for (size_t got = 3; got == 3;) {
      // A stranger's write between every two pages; the page is found again by its sequence.
      SONGHUA_ASSERT_OK(toy.Step(&random_));
      if (random_() % 2 == 0) SONGHUA_ASSERT_OK(toy->CheckpointState());
      const absl::StatusOr<std::shared_ptr<const Snapshot>> again = toy->FindSnapshot(sequence);
      ASSERT_TRUE(again.ok()) << again.status();
      got = 0;
      ScanRange range;
      range.table = table;
      const std::string start_after = last;
      range.start_after = start_after;
      SONGHUA_ASSERT_OK((*again)->Scan(range, [&](std::string_view key, std::string_view value) {
        last = key;
        pages[RowKey(table, key)] = std::string(value);
        return ++got < 3;
      }));
    }
  }
  EXPECT_EQ(pages, expected);
}

TEST_F(StoreTest, AForgottenSnapshotIsAbortedNeverAnotherVersion) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  SONGHUA_ASSERT_OK(toy.Step(&random_));
  const uint64_t sequence = (*toy->OpenSnapshot())->sequence();
  EXPECT_TRUE(absl::IsAborted(toy->FindSnapshot(sequence + 1).status()));
  EXPECT_TRUE(toy->FindSnapshot(sequence).ok());
  now_us_ += bounds::kSnapshotAgeMaxUs;
  EXPECT_TRUE(toy->FindSnapshot(sequence).ok());
  now_us_ += 1;
  EXPECT_TRUE(absl::IsAborted(toy->FindSnapshot(sequence).status()));

  SONGHUA_ASSERT_OK(toy.Step(&random_));
  const uint64_t crowded_out = (*toy->OpenSnapshot())->sequence();
  for (size_t i = 0; i < bounds::kSnapshotsMax; ++i) {
    EXPECT_TRUE(toy->FindSnapshot(crowded_out).ok()) << i;
    SONGHUA_ASSERT_OK(toy.Step(&random_));
    ASSERT_TRUE(toy->OpenSnapshot().ok());
  }
  EXPECT_TRUE(absl::IsAborted(toy->FindSnapshot(crowded_out).status()));
}

TEST_F(StoreTest, OneSnapshotServesAllWhoAskBeforeTheNextWrite) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  SONGHUA_ASSERT_OK(toy.Step(&random_));
  const std::shared_ptr<const Snapshot> one = *toy->OpenSnapshot();
  EXPECT_EQ(one, *toy->OpenSnapshot());
  SONGHUA_ASSERT_OK(toy.Step(&random_));
  EXPECT_NE(one, *toy->OpenSnapshot());
}

TEST_F(StoreTest, ScansGoBothWaysWithinAPrefix) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  std::vector<ToyChange> changes;
  for (const char* key : {"a", "b1", "b2", "b3", "c"}) changes.push_back({2, key, std::string("=") + key, false});
  changes.push_back({2, "\xff\xff", "last", false});
  changes.push_back({1, "b1", "other table", false});
  changes.push_back({3, "b9", "other table", false});
  SONGHUA_ASSERT_OK(toy.AppendAndPublish(changes));
  const std::shared_ptr<const Snapshot> snapshot = *toy->OpenSnapshot();
  const auto keys = [&](std::string_view prefix, std::string_view start_after, bool reverse) {
    std::string text;
    ScanRange range{2, prefix, start_after, reverse};
    EXPECT_TRUE(snapshot->Scan(range, [&](std::string_view key, std::string_view) {
      text += std::string(key) + " ";
      return true;
    }).ok());
    return text;
  };
  EXPECT_EQ(keys("b", "", false), "b1 b2 b3 ");
  EXPECT_EQ(keys("b", "", true), "b3 b2 b1 ");
  EXPECT_EQ(keys("b", "b1", false), "b2 b3 ");
  EXPECT_EQ(keys("b", "b2", true), "b1 ");
  EXPECT_EQ(keys("b", "b25", true), "b2 b1 ");
  EXPECT_EQ(keys("b", "b9", false), "");
  EXPECT_EQ(keys("", "", false), "a b1 b2 b3 c \xff\xff ");
  EXPECT_EQ(keys("\xff", "", true), "\xff\xff ");
  EXPECT_EQ(keys("d", "", true), "");
  EXPECT_EQ(**snapshot->Get(2, "c"), "=c");
  EXPECT_FALSE(snapshot->Get(2, "d")->has_value());
}

TEST_F(StoreTest, EveryRecordCanBeProvedFromTheStoredTree) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  while (toy.frontier().size() < 700) SONGHUA_ASSERT_OK(toy.Step(&random_, 40));
  const NodeReader nodes = NodesFromStored(toy->StoredNodes());
  const uint64_t size = toy.frontier().size();
  const Digest root = toy.frontier().Root();
  EXPECT_EQ(toy->LastTrailer()->tree_root, root);
  EXPECT_EQ(*RootOfSize(size, nodes), root);
  uint64_t index = 0;
  for (uint64_t sequence = 1; sequence <= toy->durable_sequence();) {
    const absl::StatusOr<JournalEntry> entry = toy->ReadRecord(sequence);
    ASSERT_TRUE(entry.ok()) << entry.status();
    EXPECT_EQ(entry->index, index++);
    const absl::StatusOr<std::vector<Digest>> proof = InclusionProof(entry->index, size, nodes);
    ASSERT_TRUE(proof.ok()) << proof.status();
    SONGHUA_ASSERT_OK(VerifyInclusion(entry->index, size, RecordLeaf(entry->salt, entry->bytes), *proof, root));
    sequence = DecodeRecord(entry->bytes)->last_sequence() + 1;
  }
  EXPECT_EQ(index, size);
  EXPECT_TRUE(absl::IsNotFound(toy->ReadRecord(0).status()));
  EXPECT_TRUE(absl::IsNotFound(toy->ReadRecord(toy->durable_sequence() + 1).status()));
}

TEST_F(StoreTest, AWaiterIsToldWhenItsSequenceIsVisible) {
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  using Clock = std::chrono::steady_clock;
  EXPECT_TRUE(toy->WaitForSequence(0, Clock::time_point::min()));
  EXPECT_FALSE(toy->WaitForSequence(1, Clock::time_point::min()));
  bool told = false;
  std::thread waiter([&] { told = toy->WaitForSequence(1, Clock::time_point::max()); });
  SONGHUA_ASSERT_OK(toy.Step(&random_));
  waiter.join();
  EXPECT_TRUE(told);
}

TEST_F(StoreTest, ReadersBesideTheProjectorSeeOneOrderOfVersions) {
  options_.manual_projector = false;
  ToyStore toy(options_);
  SONGHUA_ASSERT_OK(toy.Open());
  constexpr uint32_t kKeys = 8;
  constexpr uint64_t kGroups = 400;
  std::atomic<bool> done{false};
  // Every group writes its own sequence to all keys, twice over; a row must say the sequence of its answer, exactly.
  std::vector<std::thread> readers;
  for (int reader = 0; reader < 3; ++reader) {
    readers.emplace_back([&, reader] {
      std::mt19937_64 random(static_cast<uint64_t>(reader));
      while (!done.load()) {
        if (reader == 2) {
          const absl::StatusOr<std::shared_ptr<const Snapshot>> snapshot = toy->OpenSnapshot();
          ASSERT_TRUE(snapshot.ok()) << snapshot.status();
          for (uint32_t key = 0; key < kKeys; ++key) {
            const std::optional<std::string> value = *(*snapshot)->Get(1, EncodeKey(key));
            ASSERT_EQ(value.value_or("0"), std::to_string((*snapshot)->sequence()));
          }
          continue;
        }
        const absl::StatusOr<ReadResult> row = toy->Get(1, EncodeKey(static_cast<uint32_t>(random() % kKeys)));
        ASSERT_TRUE(row.ok()) << row.status();
        ASSERT_EQ(row->found ? row->value : "0", std::to_string(row->sequence));
      }
    });
  }
  for (uint64_t group = 1; group <= kGroups; ++group) {
    std::vector<ToyChange> changes;
    for (uint32_t key = 0; key < kKeys; ++key) changes.push_back(PutOf(1, key, "half done"));
    for (uint32_t key = 0; key < kKeys; ++key) changes.push_back(PutOf(1, key, std::to_string(group)));
    const absl::Status status = toy.AppendAndPublish(changes);
    EXPECT_TRUE(status.ok()) << status;
    if (group % 7 == 0) {
      EXPECT_TRUE(toy->FoldOnce().ok());
    }
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace songhua
