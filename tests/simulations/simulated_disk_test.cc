// The simulated disk keeps what was synced, forgets the rest as the seed decides, and fails when told to.
#include "simulations/simulated_disk.h"

#include <rocksdb/env.h>

#include <memory>
#include <set>
#include <string>

#include "gtest/gtest.h"

namespace songhua::simulations {
namespace {

std::string PathOf(const std::string& name) { return SimulatedDisk::kRoot + "/" + name; }

std::unique_ptr<rocksdb::WritableFile> NewFile(SimulatedDisk& disk, const std::string& name) {
  std::unique_ptr<rocksdb::WritableFile> file;
  EXPECT_TRUE(disk.env()->NewWritableFile(PathOf(name), &file, rocksdb::EnvOptions()).ok());
  return file;
}

void SyncRoot(SimulatedDisk& disk) {
  std::unique_ptr<rocksdb::Directory> directory;
  ASSERT_TRUE(disk.env()->NewDirectory(SimulatedDisk::kRoot, &directory).ok());
  ASSERT_TRUE(directory->Fsync().ok());
}

TEST(SimulatedDiskTest, SyncedBytesSurviveAndUnsyncedOnesMayTear) {
  std::set<size_t> sizes;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedDisk disk(seed);
    auto file = NewFile(disk, "a");
    ASSERT_TRUE(file->Append("synced").ok());
    ASSERT_TRUE(file->Sync().ok());
    SyncRoot(disk);
    ASSERT_TRUE(file->Append("-lost").ok());
    disk.Crash();
    EXPECT_FALSE(file->Append("x").ok());
    file.reset();
    disk.Restart();
    const std::string bytes = disk.Contents().at(PathOf("a"));
    EXPECT_EQ(bytes, std::string("synced-lost").substr(0, bytes.size()));
    EXPECT_GE(bytes.size(), 6u);
    sizes.insert(bytes.size());
  }
  EXPECT_EQ(sizes.size(), 6u) << "every tear should come up in a hundred seeds";
}

TEST(SimulatedDiskTest, EntriesNotSyncedMayVanishInTheOrderOfTheirMaking) {
  std::set<size_t> kept;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedDisk disk(seed);
    for (const char* name : {"a", "b", "c"}) ASSERT_TRUE(NewFile(disk, name)->Sync().ok());
    ASSERT_TRUE(disk.env()->RenameFile(PathOf("a"), PathOf("d")).ok());
    disk.Crash();
    disk.Restart();
    const auto contents = disk.Contents();
    kept.insert(contents.size());
    EXPECT_FALSE(contents.count(PathOf("c")) > 0 && contents.count(PathOf("b")) == 0);
    EXPECT_FALSE(contents.count(PathOf("a")) > 0 && contents.count(PathOf("d")) > 0);
    if (contents.count(PathOf("d")) > 0) {
      EXPECT_EQ(contents.size(), 3u);
    }
  }
  EXPECT_EQ(kept, (std::set<size_t>{0, 1, 2, 3}));
}

TEST(SimulatedDiskTest, ARemovedFileMayComeBackUntilTheDirectoryIsSynced) {
  std::set<bool> back;
  for (uint64_t seed = 0; seed < 50; ++seed) {
    SimulatedDisk disk(seed);
    ASSERT_TRUE(NewFile(disk, "a")->Sync().ok());
    SyncRoot(disk);
    ASSERT_TRUE(disk.env()->DeleteFile(PathOf("a")).ok());
    EXPECT_TRUE(disk.env()->FileExists(PathOf("a")).IsNotFound());
    disk.Crash();
    disk.Restart();
    back.insert(disk.Contents().count(PathOf("a")) > 0);
  }
  EXPECT_EQ(back.size(), 2u);
}

TEST(SimulatedDiskTest, AfterAFailedSyncLaterSyncsSaveNothing) {
  SimulatedDisk disk(1);
  auto file = NewFile(disk, "a");
  SyncRoot(disk);
  ASSERT_TRUE(file->Append(std::string(1000, 'x')).ok());
  disk.FailSync(1);
  EXPECT_TRUE(file->Sync().IsIOError());
  EXPECT_TRUE(file->Sync().ok());
  disk.Crash();
  disk.Restart();
  EXPECT_LT(disk.Contents().at(PathOf("a")).size(), 1000u);
}

TEST(SimulatedDiskTest, FaultsHitTheOperationTheyNameAndNoOther) {
  SimulatedDisk disk(1);
  auto file = NewFile(disk, "a");
  disk.FailWrite(2);
  EXPECT_TRUE(file->Append("1").ok());
  EXPECT_TRUE(file->Append("2").IsIOError());
  EXPECT_TRUE(file->Append("3").ok());
  disk.SetCapacityBytes(4);
  EXPECT_TRUE(file->Append("456").IsNoSpace());
  EXPECT_TRUE(file->Append("45").ok());
  EXPECT_EQ(disk.Contents().at(PathOf("a")), "1345");
  EXPECT_EQ(disk.used_bytes(), 4u);
}

TEST(SimulatedDiskTest, ALockIsHeldOnceAndEndsWithThePower) {
  SimulatedDisk disk(1);
  rocksdb::FileLock *lock = nullptr, *second = nullptr;
  ASSERT_TRUE(disk.env()->LockFile(PathOf("LOCK"), &lock).ok());
  EXPECT_FALSE(disk.env()->LockFile(PathOf("LOCK"), &second).ok());
  ASSERT_TRUE(disk.env()->UnlockFile(lock).ok());
  ASSERT_TRUE(disk.env()->LockFile(PathOf("LOCK"), &lock).ok());
  disk.Crash();
  ASSERT_TRUE(disk.env()->UnlockFile(lock).ok());
  disk.Restart();
  ASSERT_TRUE(disk.env()->LockFile(PathOf("LOCK"), &lock).ok());
  ASSERT_TRUE(disk.env()->UnlockFile(lock).ok());
}

}  // namespace
}  // namespace songhua::simulations
