// The store on a disk that crashes, fails and fills up: an acknowledged group is there after any crash, once; an unacknowledged one whole or not at all;
// the state is exactly that of the sequence it claims (DESIGN 8.7).
#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "ledger/room.h"
#include "ledger/store.h"
#include "simulations/simulated_disk.h"
#include "tests/ledger/store_testing.h"

namespace songhua {
namespace {

using simulations::SimulatedDisk;
using store_testing::Rows;
using store_testing::RowsIn;
using store_testing::ToyStore;

// Seeds of a test: `few` in every run, more at night.
uint64_t Seeds(uint64_t few) { return std::getenv("SONGHUA_NIGHTLY") != nullptr ? 5 * few : few; }

StoreOptions OptionsOn(SimulatedDisk& disk) {
  StoreOptions options;
  options.path = SimulatedDisk::kRoot + "/store";
  options.env = disk.env();
  options.manual_projector = true;
  options.steady_now_us = [] { return int64_t{0}; };
  return options;
}

// What a client outside remembers.
struct Expected {
  uint64_t acknowledged = 0;           // the last sequence of the last group that was acknowledged
  uint64_t in_flight = 0;              // the last sequence of a group that was not, or 0
  std::map<uint64_t, Rows> rows{{0, Rows()}};  // after each group
};

// Random work until something fails. `crashing`: the power may also go in the very write or sync of a group, where most is at stake.
void WorkUntilItFails(ToyStore& toy, SimulatedDisk& disk, std::mt19937_64* random, int steps, Expected* expected, bool crashing = false) {
  for (int step = 0; step < steps; ++step) {
    if (crashing && (*random)() % 8 == 0) disk.CrashAtOperation(disk.operations() + 1 + (*random)() % 2);
    const absl::Status appended = toy.Append(random, (*random)() % 4 == 0 ? 100 : 5);
    const uint64_t last = toy.group().journal.last_sequence();
    expected->rows[last] = toy.ledger().rows();
    expected->in_flight = last;
    if (!appended.ok()) return;
    expected->acknowledged = last;
    expected->in_flight = 0;
    if (!toy.Publish().ok()) return;
    const uint64_t draw = (*random)() % 10;
    if (draw < 3 && !toy->FoldOnce().ok()) return;
    if (draw == 3 && !toy->CheckpointState().ok()) return;
    if (draw == 4 && !toy->OpenSnapshot().ok()) return;
    disk.WaitUntilIdle();
  }
}

// What opening found must be what was promised.
void CheckRecovered(ToyStore& toy, Expected* expected) {
  const uint64_t durable = toy->durable_sequence();
  ASSERT_TRUE(durable == expected->acknowledged || (expected->in_flight != 0 && durable == expected->in_flight))
      << "found " << durable << ", acknowledged " << expected->acknowledged << ", in flight " << expected->in_flight;
  ASSERT_LE(toy->applied_sequence(), durable);
  // Loaded state, then every group replayed: each must be what it was when it was made.
  for (const auto& [sequence, rows] : toy.history()) {
    ASSERT_EQ(expected->rows.count(sequence), 1u) << sequence;
    ASSERT_EQ(rows, expected->rows[sequence]) << "after sequence " << sequence;
  }
  ASSERT_EQ(toy.ledger().rows(), expected->rows[durable]);
  // The whole journal, from the first record on.
  uint64_t groups = 0;
  class Counter : public JournalVisitor {
   public:
    explicit Counter(uint64_t* groups) : groups_(groups) {}
    absl::Status OnRecord(const JournalRecord&, std::string_view, uint64_t) override { return absl::OkStatus(); }
    absl::Status OnGroupEnd(const GroupTrailer&) override {
      ++*groups_;
      return absl::OkStatus();
    }
    uint64_t* groups_;
  } counter(&groups);
  SONGHUA_ASSERT_OK(toy->ScanJournal(1, &counter));
  expected->rows.erase(expected->rows.upper_bound(durable), expected->rows.end());
  ASSERT_EQ(groups, expected->rows.size() - 1);
  const absl::StatusOr<std::shared_ptr<const Snapshot>> snapshot = toy->OpenSnapshot();
  ASSERT_TRUE(snapshot.ok()) << snapshot.status();
  ASSERT_EQ((*snapshot)->sequence(), durable);
  ASSERT_EQ(RowsIn(**snapshot), expected->rows[durable]);
  expected->acknowledged = durable;
  expected->in_flight = 0;
}

// Lives through several crashes, some of them while opening.
void LiveThroughCrashes(uint64_t seed, int lives, uint64_t* trace) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  SimulatedDisk disk(seed);
  if (seed % 2 == 0) disk.LeaveHolesIn(".log");
  std::mt19937_64 random(seed);
  ToyStore toy(OptionsOn(disk));
  Expected expected;
  for (int life = 0; life < lives; ++life) {
    SCOPED_TRACE("life " + std::to_string(life));
    disk.CrashAtOperation(disk.operations() + 1 + random() % 300);
    const bool opened = toy.Open().ok();
    disk.WaitUntilIdle();  // what RocksDB tidies up after opening may be where the power fails
    if (opened && !disk.crashed()) {
      CheckRecovered(toy, &expected);
      if (testing::Test::HasFatalFailure()) return;
      WorkUntilItFails(toy, disk, &random, 60, &expected, /*crashing=*/true);
    }
    if (!disk.crashed()) disk.Crash();
    toy.Close();
    disk.Restart();
  }
  disk.CrashAtOperation(0);
  SONGHUA_ASSERT_OK(toy.Open());
  CheckRecovered(toy, &expected);
  toy.Close();
  disk.WaitUntilIdle();
  *trace = disk.trace();
}

TEST(StoreCrashTest, AcknowledgedGroupsSurviveACrashAtAnyOperation) {
  for (uint64_t seed = 1; seed <= Seeds(40); ++seed) {
    uint64_t trace = 0;
    LiveThroughCrashes(seed, 6, &trace);
    if (HasFatalFailure()) return;
  }
}

TEST(StoreCrashTest, OneSeedDoesTheSameTwice) {
  for (uint64_t seed = 1000; seed < 1000 + Seeds(5); ++seed) {
    uint64_t first = 1, second = 2;
    LiveThroughCrashes(seed, 6, &first);
    LiveThroughCrashes(seed, 6, &second);
    EXPECT_EQ(first, second) << "seed " << seed;
  }
}

// Every operation of one short life, one after another: nothing is left to luck.
TEST(StoreCrashTest, EveryOperationOfAShortLifeMayBeTheLast) {
  uint64_t operations = 0;
  for (uint64_t crash_at = 0; crash_at <= operations; ++crash_at) {
    SCOPED_TRACE("crash at operation " + std::to_string(crash_at));
    SimulatedDisk disk(crash_at);
    if (crash_at % 2 == 0) disk.LeaveHolesIn(".log");
    std::mt19937_64 random(7);
    ToyStore toy(OptionsOn(disk));
    Expected expected;
    disk.CrashAtOperation(crash_at);
    if (toy.Open().ok()) {
      for (int step = 0; step < 6 && !disk.crashed(); ++step) {
        WorkUntilItFails(toy, disk, &random, 1, &expected);
        if (step == 2 && !disk.crashed()) (void)toy->CheckpointState();
        disk.WaitUntilIdle();
      }
    }
    if (crash_at == 0) operations = disk.operations();
    if (!disk.crashed()) disk.Crash();
    toy.Close();
    disk.Restart();
    SONGHUA_ASSERT_OK(toy.Open());
    CheckRecovered(toy, &expected);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(operations, 60u);
}

TEST(StoreCrashTest, AFailedJournalSyncEndsAppendingForGood) {
  SimulatedDisk disk(1);
  std::mt19937_64 random(1);
  ToyStore toy(OptionsOn(disk));
  SONGHUA_ASSERT_OK(toy.Open());
  Expected expected;
  WorkUntilItFails(toy, disk, &random, 5, &expected);
  disk.FailSync(1);
  const absl::Status failed = toy.Append(&random);
  EXPECT_TRUE(absl::IsUnavailable(failed)) << failed;
  const std::string message(failed.message());
  EXPECT_NE(message.find("writing sequences " + std::to_string(toy->durable_sequence() + 1)), std::string::npos) << message;
  EXPECT_NE(message.find(SimulatedDisk::kRoot + "/store/journal"), std::string::npos) << message;
  expected.rows[toy.group().journal.last_sequence()] = toy.ledger().rows();
  expected.in_flight = toy.group().journal.last_sequence();
  EXPECT_EQ(toy->durable_sequence(), expected.acknowledged);
  // The disk works again; the store does not know what it kept, so it stays shut.
  EXPECT_TRUE(absl::IsFailedPrecondition(toy->AppendGroup(toy.group().journal)));
  disk.Crash();
  toy.Close();
  disk.Restart();
  SONGHUA_ASSERT_OK(toy.Open());
  CheckRecovered(toy, &expected);
}

TEST(StoreCrashTest, AFullDiskSaysSoAndLosesNothing) {
  for (uint64_t seed = 1; seed <= Seeds(10); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SimulatedDisk disk(seed);
    std::mt19937_64 random(seed);
    ToyStore toy(OptionsOn(disk));
    SONGHUA_ASSERT_OK(toy.Open());
    Expected expected;
    disk.SetCapacityBytes(disk.used_bytes() + 20'000 + random() % 5'000);
    absl::Status failure;
    while (failure.ok()) {
      failure = toy.Append(&random);
      const uint64_t last = toy.group().journal.last_sequence();
      expected.rows[last] = toy.ledger().rows();
      if (!failure.ok()) {
        expected.in_flight = last;
        break;
      }
      expected.acknowledged = last;
      failure = toy.Publish();
      if (failure.ok() && random() % 8 == 0) failure = toy->CheckpointState();
    }
    EXPECT_TRUE(absl::IsResourceExhausted(failure)) << failure;
    EXPECT_NE(std::string(failure.message()).find(SimulatedDisk::kRoot + "/store/"), std::string::npos) << failure;
    toy.Close();
    disk.SetCapacityBytes(UINT64_MAX);
    SONGHUA_ASSERT_OK(toy.Open());
    CheckRecovered(toy, &expected);
    if (HasFatalFailure()) return;
  }
}

// RocksDB would end the process by an assertion.
TEST(StoreCrashTest, AStoreOnAFullDiskIsNotOpenedAndLosesNothing) {
  SimulatedDisk disk(1);
  std::mt19937_64 random(1);
  ToyStore toy(OptionsOn(disk));
  disk.SetCapacityBytes(disk.used_bytes() + kRoomToOpenBytes - 1);
  EXPECT_TRUE(absl::IsResourceExhausted(toy.Open()));
  disk.SetCapacityBytes(UINT64_MAX);
  SONGHUA_ASSERT_OK(toy.Open());
  SONGHUA_ASSERT_OK(toy.Append(&random));
  const uint64_t last = toy.group().journal.last_sequence();
  toy.Close();

  disk.SetCapacityBytes(disk.used_bytes() + kRoomToOpenBytes - 1);
  const uint64_t before = disk.used_bytes();
  const absl::Status refused = toy.Open();
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_NE(std::string(refused.message()).find("is full: 4095 KiB are free; accepted: 4096 KiB or more"), std::string::npos) << refused;
  EXPECT_EQ(disk.used_bytes(), before);
  disk.SetCapacityBytes(disk.used_bytes() + kRoomToOpenBytes);
  SONGHUA_ASSERT_OK(toy.Open());
  EXPECT_EQ(toy->durable_sequence(), last);
}

// Any one write or sync fails with an I/O error, at any place, opening included: an error is reported, and nothing that was acknowledged is lost.
TEST(StoreCrashTest, AnIoErrorAnywhereLosesNothing) {
  for (uint64_t seed = 1; seed <= Seeds(40); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SimulatedDisk disk(seed);
    std::mt19937_64 random(seed);
    ToyStore toy(OptionsOn(disk));
    Expected expected;
    for (int life = 0; life < 3; ++life) {
      SCOPED_TRACE("life " + std::to_string(life));
      random() % 2 == 0 ? disk.FailWrite(1 + random() % 100) : disk.FailSync(1 + random() % 60);
      if (toy.Open().ok()) {
        CheckRecovered(toy, &expected);
        if (HasFatalFailure()) return;
        WorkUntilItFails(toy, disk, &random, 40, &expected);
      }
      if (random() % 2 == 0) disk.Crash();
      toy.Close();
      disk.FailWrite(0);
      disk.FailSync(0);
      if (disk.crashed()) disk.Restart();
      SONGHUA_ASSERT_OK(toy.Open());
      CheckRecovered(toy, &expected);
      if (HasFatalFailure()) return;
      toy.Close();
    }
  }
}

}  // namespace
}  // namespace songhua
