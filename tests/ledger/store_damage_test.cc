// Stores that must not be opened: damaged, newer, locked, or put together from parts. Each is refused with where and what, and left as it was.
#include <rocksdb/db.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/codec.h"
#include "ledger/crc32c.h"
#include "ledger/store.h"
#include "simulations/simulated_disk.h"
#include "tests/ledger/store_testing.h"

namespace songhua {
namespace {

using simulations::SimulatedDisk;
using store_testing::FilesIn;
using store_testing::Rows;
using store_testing::Says;
using store_testing::ScratchDirectory;
using store_testing::ToyStore;

class StoreDamageTest : public ::testing::Test {
 protected:
  StoreDamageTest() : toy_(Options()) {}

  StoreOptions Options() {
    StoreOptions options;
    options.path = SimulatedDisk::kRoot + "/store";
    options.env = disk_.env();
    options.manual_projector = true;
    return options;
  }

  void MakeStore(int groups) {
    SONGHUA_ASSERT_OK(toy_.Open());
    for (int i = 0; i < groups; ++i) {
      first_sequences_.push_back(toy_->durable_sequence() + 1);
      SONGHUA_ASSERT_OK(toy_.Step(&random_));
    }
    durable_ = toy_->durable_sequence();
    rows_ = toy_.ledger().rows();
  }

  // The newest file below `directory` that ends so and is not empty.
  std::string FileOf(const std::string& directory, const std::string& suffix) {
    std::string found;
    for (const auto& [path, bytes] : disk_.Contents()) {
      const bool fits = path.find("/" + directory + "/") != std::string::npos && path.size() > suffix.size() &&
                        path.compare(path.size() - suffix.size(), suffix.size(), suffix) == 0;
      if (fits && !bytes.empty()) found = path;
    }
    EXPECT_FALSE(found.empty()) << directory << " " << suffix;
    return found;
  }

  // Opening is refused, and not one operation changed the disk.
  absl::Status Refused() {
    const uint64_t operations = disk_.operations();
    const absl::Status status = toy_.Open();
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(disk_.operations(), operations) << "a refused opening must change nothing";
    return status;
  }

  // Works on the database behind the store's back.
  template <class Work>
  void Tamper(const std::string& directory, const Work& work) {
    rocksdb::Options options;
    options.env = disk_.env();
    std::vector<std::string> names;
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(options, Options().path + "/" + directory, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const std::string& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
    std::vector<rocksdb::ColumnFamilyHandle*> families;
    rocksdb::DB* opened = nullptr;
    ASSERT_TRUE(rocksdb::DB::Open(options, Options().path + "/" + directory, descriptors, &families, &opened).ok());
    const std::unique_ptr<rocksdb::DB> database(opened);
    for (rocksdb::ColumnFamilyHandle* family : families) work(opened, family);
    for (rocksdb::ColumnFamilyHandle* family : families) database->DestroyColumnFamilyHandle(family);
  }

  SimulatedDisk disk_{1};
  std::mt19937_64 random_{99};
  ToyStore toy_;
  std::vector<uint64_t> first_sequences_;
  uint64_t durable_ = 0;
  Rows rows_;
};

TEST_F(StoreDamageTest, AnyDamagedByteOfTheLogIsRefusedAndNamed) {
  MakeStore(12);
  toy_.Close();
  const std::string log = FileOf("journal", ".log");
  const size_t size = disk_.Contents()[log].size();
  for (int round = 0; round < 200; ++round) {
    const size_t offset = random_() % size;
    const uint8_t bits = static_cast<uint8_t>(1 << random_() % 8);
    SCOPED_TRACE("byte " + std::to_string(offset) + " of " + log);
    disk_.Damage(log, offset, bits);
    const absl::Status status = Refused();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    // Where: just after the last group that still reads.
    bool named = false;
    for (uint64_t first : first_sequences_) {
      named |= Says(status, "good up to sequence " + std::to_string(first - 1) + ", and damaged where sequence " + std::to_string(first) + " ");
    }
    EXPECT_TRUE(named) << status;
    disk_.Damage(log, offset, bits);
  }
  SONGHUA_ASSERT_OK(toy_.Open());
  EXPECT_EQ(toy_.ledger().rows(), rows_);
}

TEST_F(StoreDamageTest, ALogCutAnywhereLosesOnlyWhatWasCut) {
  MakeStore(6);
  toy_.Close();
  const std::string log = FileOf("journal", ".log");
  const size_t size = disk_.Contents()[log].size();
  for (size_t cut = 1; cut < 120 && cut < size; cut += 7) {
    SCOPED_TRACE("cut " + std::to_string(cut));
    SimulatedDisk other(1);
    std::mt19937_64 random(99);
    StoreOptions options = Options();
    options.env = other.env();
    ToyStore toy(options);
    SONGHUA_ASSERT_OK(toy.Open());
    for (int i = 0; i < 6; ++i) SONGHUA_ASSERT_OK(toy.Step(&random));
    const auto history = toy.history();
    toy.Close();
    ASSERT_TRUE(other.env()->Truncate(log, size - cut).ok());
    SONGHUA_ASSERT_OK(toy.Open());
    EXPECT_LT(toy->durable_sequence(), durable_);
    EXPECT_EQ(toy.ledger().rows(), history.at(toy->durable_sequence()));
  }
}

TEST_F(StoreDamageTest, DamageInAFileIsRefusedOrFoundByTheScanNeverShown) {
  MakeStore(12);
  SONGHUA_ASSERT_OK(toy_->CheckpointState());
  toy_.Close();
  int refused = 0, found = 0, harmless = 0;
  std::vector<std::string> files;
  for (const auto& [path, bytes] : disk_.Contents()) {
    if (path.find(".sst") != std::string::npos) files.push_back(path);
  }
  ASSERT_GE(files.size(), 4u);
  const auto contents = disk_.Contents();
  for (int round = 0; round < 150; ++round) {
    const std::string& file = files[random_() % files.size()];
    const size_t offset = random_() % contents.at(file).size();
    SCOPED_TRACE("byte " + std::to_string(offset) + " of " + file);
    disk_.Damage(file, offset, 0x10);
    const absl::Status opened = toy_.Open();
    if (!opened.ok()) {
      ++refused;
      EXPECT_TRUE(absl::IsDataLoss(opened)) << opened;
    } else {
      IgnoringVisitor ignore;
      const absl::Status scanned = toy_->ScanJournal(1, &ignore);
      if (!scanned.ok()) {
        ++found;
        EXPECT_TRUE(absl::IsDataLoss(scanned)) << scanned;
        EXPECT_TRUE(Says(scanned, "at sequence ")) << scanned;
      } else {
        ++harmless;
        EXPECT_EQ(toy_->durable_sequence(), durable_);
        EXPECT_EQ(toy_.ledger().rows(), rows_);
      }
    }
    toy_.Close();
    disk_.Damage(file, offset, 0x10);
  }
  EXPECT_GT(refused, 0);
  RecordProperty("refused", refused);
  RecordProperty("found", found);
  RecordProperty("harmless", harmless);
}

TEST_F(StoreDamageTest, AForgedRecordIsRefusedByItsLeafAndNamed) {
  MakeStore(3);
  SONGHUA_ASSERT_OK(toy_->CheckpointState());
  toy_.Close();
  // Another principal in the last record, with a checksum that fits.
  std::string key;
  Tamper("journal", [&](rocksdb::DB* database, rocksdb::ColumnFamilyHandle* family) {
    if (family->GetName() != "records") return;
    const std::unique_ptr<rocksdb::Iterator> it(database->NewIterator(rocksdb::ReadOptions(), family));
    it->SeekToLast();
    JournalRecord record = *DecodeRecord(std::string_view(it->value().data(), it->value().size()));
    record.principal = "participants/somebody-else";
    key = std::to_string(record.first_sequence);
    ASSERT_TRUE(database->Put(rocksdb::WriteOptions(), family, it->key(), EncodeRecord(record)).ok());
  });
  const absl::Status status = Refused();
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(Says(status, "damaged at sequence " + key + ": the record is not the one whose leaf was written")) << status;
}

TEST_F(StoreDamageTest, AMissingOldRecordIsFoundByTheScanAndNamed) {
  MakeStore(3);
  SONGHUA_ASSERT_OK(toy_->CheckpointState());
  toy_.Close();
  Tamper("journal", [&](rocksdb::DB* database, rocksdb::ColumnFamilyHandle* family) {
    if (family->GetName() != "records") return;
    ASSERT_TRUE(database->Delete(rocksdb::WriteOptions(), family, EncodeKey(uint64_t{1})).ok());
  });
  SONGHUA_ASSERT_OK(toy_.Open());  // opening reads only what it replays, and the last group
  IgnoringVisitor ignore;
  const absl::Status status = toy_->ScanJournal(1, &ignore);
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(Says(status, "damaged at sequence 1: the record is missing")) << status;
}

TEST_F(StoreDamageTest, AMissingGroupIsFoundByTheScanAndNamed) {
  MakeStore(3);
  toy_.Close();
  Tamper("journal", [&](rocksdb::DB* database, rocksdb::ColumnFamilyHandle* family) {
    if (family->GetName() == "groups") {
      ASSERT_TRUE(database->Delete(rocksdb::WriteOptions(), family, EncodeKey(first_sequences_[1])).ok());
    }
  });
  const absl::Status status = Refused();
  EXPECT_TRUE(Says(status, "damaged at sequence " + std::to_string(first_sequences_[1]) + ": the next group starts at sequence " +
                               std::to_string(first_sequences_[2])))
      << status;
}

TEST_F(StoreDamageTest, ANewerFormatIsRefused) {
  MakeStore(2);
  toy_.Close();
  Tamper("journal", [&](rocksdb::DB* database, rocksdb::ColumnFamilyHandle* family) {
    if (family->GetName() != "default") return;
    std::string identity;
    ASSERT_TRUE(database->Get(rocksdb::ReadOptions(), family, "identity", &identity).ok());
    identity[std::string("songhua-store").size()] = 2;
    ASSERT_TRUE(database->Put(rocksdb::WriteOptions(), family, "identity", identity).ok());
  });
  const absl::Status status = Refused();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(Says(status, "has format 2, newer than 1")) << status;
}

TEST_F(StoreDamageTest, AMissingFileIsDamageNotAnEmptyStore) {
  MakeStore(4);
  SONGHUA_ASSERT_OK(toy_->CheckpointState());
  toy_.Close();
  for (const std::string& victim : {FileOf("journal", ".sst"), FileOf("journal", "CURRENT"), FileOf("state", ".sst"), FileOf("state", "CURRENT")}) {
    SCOPED_TRACE(victim);
    ASSERT_TRUE(disk_.env()->RenameFile(victim, victim + ".away").ok());
    const absl::Status status = Refused();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    ASSERT_TRUE(disk_.env()->RenameFile(victim + ".away", victim).ok());
  }
  SONGHUA_ASSERT_OK(toy_.Open());
  EXPECT_EQ(toy_.ledger().rows(), rows_);
}

class StorePartsTest : public ::testing::Test {
 protected:
  StoreOptions Options(const std::string& name) {
    StoreOptions options;
    options.path = directory_.path() + "/" + name;
    options.manual_projector = true;
    options.identity.store_id = name.substr(0, 1);
    return options;
  }
  void Copy(const std::string& from, const std::string& to) {
    std::filesystem::remove_all(directory_.path() + "/" + to);
    std::filesystem::copy(directory_.path() + "/" + from, directory_.path() + "/" + to, std::filesystem::copy_options::recursive);
  }
  // Opening is refused, and every byte is what it was.
  absl::Status Refused(const std::string& name) {
    const auto before = FilesIn(directory_.path() + "/" + name);
    const absl::Status status = Store::Open(Options(name)).status();
    EXPECT_FALSE(status.ok());
    EXPECT_EQ(FilesIn(directory_.path() + "/" + name), before);
    return status;
  }

  ScratchDirectory directory_;
  std::mt19937_64 random_{5};
};

TEST_F(StorePartsTest, AStateThatIsAheadOfItsJournalIsRefused) {
  ToyStore toy(Options("a"));
  SONGHUA_ASSERT_OK(toy.Open());
  SONGHUA_ASSERT_OK(toy.Step(&random_));
  const uint64_t early = toy->durable_sequence();
  toy.Close();
  Copy("a", "copy");
  SONGHUA_ASSERT_OK(toy.Open());
  SONGHUA_ASSERT_OK(toy.Step(&random_));
  SONGHUA_ASSERT_OK(toy->CheckpointState());
  const uint64_t late = toy->durable_sequence();
  toy.Close();
  Copy("copy/journal", "a/journal");
  const absl::Status status = Refused("a");
  EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  EXPECT_TRUE(Says(status, "is as of sequence " + std::to_string(late) + ", but the journal ends at " + std::to_string(early))) << status;
}

TEST_F(StorePartsTest, TheStateOfAnotherStoreIsRefused) {
  for (const char* name : {"a", "b"}) {
    ToyStore toy(Options(name));
    SONGHUA_ASSERT_OK(toy.Open());
    SONGHUA_ASSERT_OK(toy.Step(&random_));
    SONGHUA_ASSERT_OK(toy->CheckpointState());
  }
  Copy("b/state", "a/state");
  const absl::Status status = Refused("a");
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(Says(status, "belongs to store b, not to a")) << status;
}

// Run by the next test in a process of its own: holds the store until its standard input ends.
TEST(StoreLockHelper, DISABLED_HoldsTheStoreUntilInputEnds) {
  StoreOptions options;
  options.path = std::getenv("SONGHUA_TEST_STORE");
  const absl::StatusOr<std::unique_ptr<Store>> store = Store::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  ASSERT_EQ(write(STDERR_FILENO, "!", 1), 1);
  char byte;
  while (read(STDIN_FILENO, &byte, 1) > 0) {
  }
}

TEST_F(StorePartsTest, AStoreThatAnotherProcessHoldsIsRefused) {
  ToyStore toy(Options("a"));
  SONGHUA_ASSERT_OK(toy.Open());
  SONGHUA_ASSERT_OK(toy.Step(&random_));
  toy.Close();

  int to_child[2], from_child[2];
  ASSERT_EQ(pipe(to_child), 0);
  ASSERT_EQ(pipe(from_child), 0);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, to_child[0], STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, from_child[1], STDERR_FILENO);
  for (int end : {to_child[0], to_child[1], from_child[0], from_child[1]}) posix_spawn_file_actions_addclose(&actions, end);
  setenv("SONGHUA_TEST_STORE", Options("a").path.c_str(), 1);
  std::string self = std::filesystem::read_symlink("/proc/self/exe").string(), filter = "--gtest_filter=StoreLockHelper.*",
              disabled = "--gtest_also_run_disabled_tests", output = "--gtest_output=";
  char* arguments[] = {self.data(), filter.data(), disabled.data(), output.data(), nullptr};
  pid_t child = 0;
  ASSERT_EQ(posix_spawn(&child, self.c_str(), &actions, nullptr, arguments, environ), 0);
  posix_spawn_file_actions_destroy(&actions);
  close(to_child[0]);
  close(from_child[1]);
  char byte = 0;
  ASSERT_EQ(read(from_child[0], &byte, 1), 1);
  EXPECT_EQ(byte, '!');

  const absl::Status status = Refused("a");
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_TRUE(Says(status, "is locked: another process has it open")) << status;

  close(to_child[1]);
  int exit_status = 0;
  ASSERT_EQ(waitpid(child, &exit_status, 0), child);
  EXPECT_EQ(exit_status, 0);
  close(from_child[0]);
  SONGHUA_ASSERT_OK(toy.Open());
}

TEST_F(StorePartsTest, AStoreThatThisProcessHoldsIsRefused) {
  ToyStore toy(Options("a"));
  SONGHUA_ASSERT_OK(toy.Open());
  const absl::Status status = Store::Open(Options("a")).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
}

}  // namespace
}  // namespace songhua
