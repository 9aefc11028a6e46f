// Archives: what leaves the journal stays provable, can be brought back, and is never half gone (DESIGN.md section 4, GEN-08).
#include "ledger/journal_archive.h"

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/store.h"
#include "simulations/simulated_disk.h"
#include "tests/ledger/store_testing.h"

namespace songhua {
namespace {

using simulations::SimulatedDisk;
using store_testing::Rows;
using store_testing::RowsIn;
using store_testing::Says;
using store_testing::ScratchDirectory;
using store_testing::ToyStore;

constexpr uint64_t kEverything = UINT64_MAX;

// The encodings of all records, in order.
class Collector : public JournalVisitor {
 public:
  absl::Status OnRecord(const JournalRecord&, std::string_view bytes, uint64_t index) override {
    EXPECT_EQ(index, records.size());
    records.emplace_back(bytes);
    return absl::OkStatus();
  }
  absl::Status OnGroupEnd(const GroupTrailer& trailer) override {
    ends.push_back(trailer.last_sequence);
    return absl::OkStatus();
  }
  std::vector<std::string> records;
  std::vector<uint64_t> ends;
};

class JournalArchiveTest : public testing::Test {
 protected:
  JournalArchiveTest() {
    options_.path = scratch_.path() + "/store";
    toy_ = std::make_unique<ToyStore>(options_);
    const absl::Status opened = toy_->Open();
    EXPECT_TRUE(opened.ok()) << opened;
    Grow(30);
  }
  void Grow(int groups) {
    for (int i = 0; i < groups; ++i) {
      const absl::Status step = toy_->Step(&random_, 8);
      ASSERT_TRUE(step.ok()) << step;
    }
  }
  std::string File(const std::string& name) const { return scratch_.path() + "/" + name; }
  Collector WholeJournal() {
    Collector all;
    const absl::Status scanned = toy_->store()->ScanJournal(1, &all);
    EXPECT_TRUE(scanned.ok()) << scanned;
    return all;
  }
  Store* store() { return toy_->store(); }

  ScratchDirectory scratch_;
  StoreOptions options_;
  std::unique_ptr<ToyStore> toy_;
  std::mt19937_64 random_{20261124};
};

TEST_F(JournalArchiveTest, ArchivesAndTheStoreAreTheWholeJournalAgain) {
  const Collector before = WholeJournal();
  const uint64_t first_end = before.ends[9], second_end = before.ends[19];
  const auto first = ArchiveJournal(store(), first_end, /*keep=*/false, File("a"));
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->first_sequence, 1u);
  EXPECT_EQ(first->last_sequence, first_end);
  EXPECT_EQ(first->groups, 10u);
  EXPECT_EQ(store()->archived_sequence(), first_end);
  // A sequence inside a group: the group stays whole, in the journal.
  const uint64_t inside = before.ends[20] > second_end + 1 ? second_end + 1 : second_end;
  const auto second = ArchiveJournal(store(), inside, /*keep=*/false, File("b"));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->first_sequence, first_end + 1);
  EXPECT_EQ(second->last_sequence, second_end);

  Collector after;
  MerkleFrontier frontier;
  for (const char* name : {"a", "b"}) {
    const auto read = ReadArchive(File(name), &frontier, &after);
    ASSERT_TRUE(read.ok()) << read.status();
  }
  SONGHUA_ASSERT_OK(store()->ScanJournal(second_end + 1, &after));
  EXPECT_EQ(after.records, before.records);
  EXPECT_EQ(after.ends, before.ends);
}

TEST_F(JournalArchiveTest, TheStoreGoesOnWithoutWhatWasArchived) {
  ASSERT_TRUE(ArchiveJournal(store(), kEverything, /*keep=*/false, File("a")).ok());
  const Rows rows = toy_->ledger().rows();
  const uint64_t archived = store()->archived_sequence();
  Grow(5);
  toy_->Close();
  SONGHUA_ASSERT_OK(toy_->Open());
  EXPECT_EQ(store()->archived_sequence(), archived);
  EXPECT_EQ(toy_->history().begin()->second == rows || store()->applied_sequence() > archived, true);
  Grow(5);
  EXPECT_EQ(RowsIn(**store()->OpenSnapshot()), toy_->ledger().rows());

  Collector ignored;
  const absl::Status scanned = store()->ScanJournal(1, &ignored);
  EXPECT_TRUE(absl::IsFailedPrecondition(scanned)) << scanned;
  EXPECT_TRUE(Says(scanned, "sequences up to " + std::to_string(archived))) << scanned;
  EXPECT_TRUE(absl::IsOutOfRange(store()->ReadRecord(archived).status()));
  EXPECT_TRUE(store()->ReadRecord(archived + 1).ok());
}

TEST_F(JournalArchiveTest, TheTreeKeepsTheHashesOfWhatWasArchived) {
  const Collector before = WholeJournal();
  ASSERT_TRUE(ArchiveJournal(store(), kEverything, /*keep=*/false, File("a")).ok());
  const NodeReader nodes = NodesFromStored(store()->StoredNodes());
  EXPECT_EQ(*RootOfSize(before.records.size(), nodes), toy_->frontier().Root());
  EXPECT_TRUE(InclusionProof(0, before.records.size(), nodes).ok());
}

TEST_F(JournalArchiveTest, TheLastGroupStays) {
  const Collector before = WholeJournal();
  const auto archive = ArchiveJournal(store(), kEverything, /*keep=*/false, File("a"));
  ASSERT_TRUE(archive.ok()) << archive.status();
  EXPECT_EQ(archive->last_sequence, before.ends[before.ends.size() - 2]);
  EXPECT_EQ(store()->LastTrailer()->last_sequence, before.ends.back());
  const auto again = ArchiveJournal(store(), kEverything, /*keep=*/false, File("b"));
  EXPECT_TRUE(absl::IsInvalidArgument(again.status())) << again.status();
  EXPECT_TRUE(Says(again.status(), "nothing to archive"));
  EXPECT_FALSE(std::filesystem::exists(File("b")));
}

TEST_F(JournalArchiveTest, ACopyLeavesTheJournalAsItIs) {
  const Collector before = WholeJournal();
  ASSERT_TRUE(ArchiveJournal(store(), kEverything, /*keep=*/true, File("a")).ok());
  EXPECT_EQ(store()->archived_sequence(), 0u);
  EXPECT_EQ(WholeJournal().records, before.records);
  const auto over = ArchiveJournal(store(), kEverything, /*keep=*/true, File("a"));
  EXPECT_TRUE(absl::IsAlreadyExists(over.status())) << over.status();
}

TEST_F(JournalArchiveTest, ADayFindsItsLastSequence) {
  const Collector before = WholeJournal();
  const JournalRecord record = *DecodeRecord(before.records[before.records.size() / 2]);
  EXPECT_EQ(*LastSequenceBefore(store(), record.time_us), record.first_sequence - 1);
  EXPECT_EQ(*LastSequenceBefore(store(), 0), 0u);
  EXPECT_EQ(*LastSequenceBefore(store(), INT64_MAX), store()->durable_sequence());
}

TEST_F(JournalArchiveTest, AnyDamagedByteOfAnArchiveIsFoundAndNamed) {
  ASSERT_TRUE(ArchiveJournal(store(), WholeJournal().ends[4], /*keep=*/false, File("a")).ok());
  std::ifstream in(File("a"), std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto read = [&](const std::string& bytes) {
    std::ofstream(File("damaged"), std::ios::binary) << bytes;
    MerkleFrontier frontier;
    Collector ignored;
    return ReadArchive(File("damaged"), &frontier, &ignored).status();
  };
  SONGHUA_ASSERT_OK(read(good));
  for (size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] ^= 0x10;
    const absl::Status status = read(bad);
    ASSERT_FALSE(status.ok()) << "byte " << i;
    ASSERT_TRUE(Says(status, File("damaged"))) << "byte " << i << ": " << status;
  }
  for (size_t size = 0; size < good.size(); size += 13) ASSERT_FALSE(read(good.substr(0, size)).ok()) << size;
  ASSERT_FALSE(read(good + "x").ok());
}

TEST_F(JournalArchiveTest, AStoreThatLostItsStateComesBackFromItsArchives) {
  const Collector before = WholeJournal();
  ASSERT_TRUE(ArchiveJournal(store(), before.ends[9], /*keep=*/false, File("a")).ok());
  ASSERT_TRUE(ArchiveJournal(store(), before.ends[19], /*keep=*/false, File("b")).ok());
  const Rows rows = toy_->ledger().rows();
  toy_->Close();
  std::filesystem::remove_all(options_.path + "/state");

  const absl::Status lost = toy_->Open();
  EXPECT_TRUE(absl::IsFailedPrecondition(lost)) << lost;
  EXPECT_TRUE(Says(lost, "songhua restore --data " + options_.path)) << lost;
  const auto too_early = RestoreArchive(options_, File("a"));
  EXPECT_TRUE(absl::IsInvalidArgument(too_early.status())) << too_early.status();
  EXPECT_TRUE(Says(too_early.status(), "the one that holds " + std::to_string(before.ends[19]))) << too_early.status();
  for (const char* name : {"b", "a"}) {
    const auto restored = RestoreArchive(options_, File(name));
    ASSERT_TRUE(restored.ok()) << restored.status();
  }
  SONGHUA_ASSERT_OK(toy_->Open());
  EXPECT_EQ(toy_->ledger().rows(), rows);
  EXPECT_EQ(WholeJournal().records, before.records);
}

TEST_F(JournalArchiveTest, AnotherStoresArchiveIsNotBroughtBack) {
  ASSERT_TRUE(ArchiveJournal(store(), kEverything, /*keep=*/false, File("a")).ok());
  StoreOptions other = options_;
  other.path = File("other");
  other.identity.store_id = "store-2";
  ToyStore second(other);
  SONGHUA_ASSERT_OK(second.Open());
  second.Close();
  const auto restored = RestoreArchive(other, File("a"));
  EXPECT_TRUE(absl::IsInvalidArgument(restored.status())) << restored.status();
  EXPECT_TRUE(Says(restored.status(), "store-1")) << restored.status();
  const auto nowhere = RestoreArchive(StoreOptions{.path = File("nowhere")}, File("a"));
  EXPECT_TRUE(absl::IsNotFound(nowhere.status())) << nowhere.status();
  toy_->Close();
  const auto missing = RestoreArchive(options_, File("missing"));
  EXPECT_TRUE(absl::IsNotFound(missing.status())) << missing.status();
  SONGHUA_ASSERT_OK(toy_->Open());
}

// The power goes in every operation of an archiving: afterwards either the journal has its records, or the file is whole and has them.
TEST(JournalArchiveCrashTest, NoOperationOfAnArchivingLosesARecord) {
  const std::string file = SimulatedDisk::kRoot + "/a";
  for (uint64_t operation = 1;; ++operation) {
    SCOPED_TRACE("power lost in operation " + std::to_string(operation));
    SimulatedDisk disk(operation);
    StoreOptions options;
    options.path = SimulatedDisk::kRoot + "/store";
    options.env = disk.env();
    options.manual_projector = true;
    options.steady_now_us = [] { return int64_t{0}; };
    ToyStore toy(options);
    std::mt19937_64 random(7);
    SONGHUA_ASSERT_OK(toy.Open());
    for (int i = 0; i < 6; ++i) SONGHUA_ASSERT_OK(toy.Step(&random));
    Collector before;
    SONGHUA_ASSERT_OK(toy->ScanJournal(1, &before));

    disk.CrashAtOperation(disk.operations() + operation);
    const auto archived = ArchiveJournal(toy.store(), kEverything, /*keep=*/false, file, disk.env());
    const bool finished = !disk.crashed();
    if (finished) ASSERT_TRUE(archived.ok()) << archived.status();
    disk.Crash();
    const Rows rows = toy.ledger().rows();
    toy.Close();
    disk.Restart();
    SONGHUA_ASSERT_OK(toy.Open());
    EXPECT_EQ(toy.ledger().rows(), rows);
    Collector after;
    MerkleFrontier frontier;
    const uint64_t gone = toy->archived_sequence();
    if (gone > 0) {
      const auto read = ReadArchive(file, &frontier, &after, disk.env());
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(read->last_sequence, gone);
    } else {
      EXPECT_FALSE(archived.ok());
    }
    SONGHUA_ASSERT_OK(toy->ScanJournal(gone + 1, &after));
    EXPECT_EQ(after.records, before.records);
    if (finished) break;
  }
}

}  // namespace
}  // namespace songhua
