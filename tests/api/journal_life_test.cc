// What a journal must stand over the years: behaviour that changes under it, and parts of it that move to archives (DESIGN.md section 4, GEN-08, GEN-09).
#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/engine/recovery.h"
#include "api/verify.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/journal_archive.h"
#include "tests/api/read_harness.h"

namespace songhua::api {
namespace {

using testing::HasSubstr;

constexpr int64_t kHour = 3600 * kMicrosPerSecond;

// Where the journal lies on disk, with nobody in it.
std::unique_ptr<Store> OpenStore(ReadHarness& harness) {
  StoreOptions options;
  options.path = harness.engine().Options().store.path;
  auto store = Store::Open(options);
  EXPECT_TRUE(store.ok()) << store.status();
  return *std::move(store);
}

// The times of the records that timers made, by the logic version that decided them.
class TimerTimes : public JournalVisitor {
 public:
  absl::Status OnRecord(const JournalRecord& record, std::string_view, uint64_t) override {
    if (record.method == kTimerMethod) times[record.logic_version].push_back(Timestamp(record.time_us));
    return absl::OkStatus();
  }
  absl::Status OnGroupEnd(const GroupTrailer&) override { return absl::OkStatus(); }
  std::map<uint32_t, std::vector<Timestamp>> times;
};

class LogicVersionTest : public testing::Test {
 protected:
  SettableClock clock_;
  ReadHarness harness_{ClockMode::kSystem, &clock_, kOldestLogicVersion};
  World world_{&harness_};
  // The service sleeps over midnight: the session's timer is due at 00:00 and is come to at 09:00.
  void SleepOverMidnight() {
    clock_.Pass(24 * kHour);
    requests_ = "202601" + std::string(LocalDate(clock_.Now()) == MakeDate(2026, 1, 6) ? "06" : "07") + "-";
  }
  std::string RequestId() { return requests_ + std::to_string(++number_); }
  absl::StatusOr<v1::StatusAnswer> Switch(uint32_t version, bool validate_only = false) {
    return world_.Ask<v1::StatusAnswer>("Operations/SwitchLogicVersion",
                                        "request_id: '" + RequestId() + "' logic_version: " + std::to_string(version) +
                                            (validate_only ? " validate_only: true" : ""),
                                        "operator-token");
  }
  uint32_t VersionNow() { return world_.Must<v1::StatusAnswer>("Operations/GetStatus", "", "operator-token").logic_version(); }

 private:
  std::string requests_ = "20260105-";
  int number_ = 0;
};

TEST_F(LogicVersionTest, AnOldStoreDecidesAsItDidUntilAnOperatorSwitchesIt) {
  world_.Furnish();
  EXPECT_EQ(VersionNow(), 1u);
  SleepOverMidnight();
  EXPECT_EQ(Outcome(Switch(2, /*validate_only=*/true)), "OK");
  EXPECT_EQ(VersionNow(), 1u);
  world_.Must<v1::ContractAnswer>("Exchange/OpenSession", "request_id: '" + RequestId() + "' contract: 'contracts/CEA25'", "exchange-op");
  const auto switched = Switch(2);
  ASSERT_TRUE(switched.ok()) << switched.status();
  EXPECT_EQ(switched->logic_version(), 2u);
  EXPECT_EQ(VersionNow(), 2u);
  SleepOverMidnight();
  EXPECT_EQ(Outcome(Switch(2)), "FAILED_PRECONDITION LOGIC_VERSION_NEWEST");
  harness_.Reopen();
  EXPECT_EQ(VersionNow(), 2u);
  harness_.Close();

  const auto store = OpenStore(harness_);
  TimerTimes timers;
  ASSERT_TRUE(store->ScanJournal(1, &timers).ok());
  // One night each.
  const Timestamp morning(kTestStart.value() + 24 * kHour), midnight = StartOfDay(MakeDate(2026, 1, 7));
  EXPECT_THAT(timers.times, (testing::ElementsAre(testing::Pair(1, testing::Each(morning)), testing::Pair(2, testing::Each(midnight)))));
  // Both behaviours replay in one journal.
  const auto report = Verify({.store = store.get()}, nullptr);
  EXPECT_TRUE(report.ok()) << report.status();
}

TEST_F(LogicVersionTest, OnlyAKnownNewerVersionIsAccepted) {
  EXPECT_EQ(Outcome(Switch(0)), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(Switch(1)), "INVALID_ARGUMENT INVALID_FIELD");
  const auto beyond = Switch(kNewestLogicVersion + 1);
  EXPECT_EQ(Outcome(beyond), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_THAT(std::string(beyond.status().message()), HasSubstr("the store decides by version 1, and there is no way back"));
}

TEST(LogicVersionOpenTest, AStoreThatDecidesByAVersionWhichTheProgramLacksIsNotOpened) {
  ReadHarness harness;
  harness.Close();
  const auto options = harness.engine().Options();
  {
    // A newer program was here.
    auto store = Store::Open(options.store);
    ASSERT_TRUE(store.ok()) << store.status();
    StateMachine machine;
    ASSERT_TRUE(Recover(store->get(), &machine).ok());
    EngineRow row = machine.state().engine();
    row.logic_version = kNewestLogicVersion + 1;
    row.last_sequence += 1;
    JournalRecord record;
    record.first_sequence = row.last_sequence;
    record.count = 1;
    record.time_us = row.last_time.value();
    record.logic_version = kNewestLogicVersion;
    record.method = "songhua.v1.Operations/SwitchLogicVersion";
    RowChanges rows;
    rows.Put(static_cast<uint16_t>(RowTable::kEngine), EncodeRowKey(row.Key()), EncodeValue(row), true);
    JournalGroup group;
    group.Add(record);
    auto frontier = (*store)->Frontier();
    ASSERT_TRUE(frontier.ok());
    group.Seal(Digest{}, rows.ComputeDigest(), &*frontier);
    ASSERT_TRUE((*store)->AppendGroup(group).ok());
    ASSERT_TRUE((*store)->Publish(rows, record.first_sequence).ok());
    ASSERT_TRUE((*store)->CheckpointState().ok());
  }
  const auto opened = Engine::Open(options);
  EXPECT_EQ(opened.status().code(), absl::StatusCode::kFailedPrecondition) << opened.status();
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("by logic version " + std::to_string(kNewestLogicVersion + 1)));
  EXPECT_THAT(std::string(opened.status().message()), HasSubstr("a newer program is needed"));
}

class ArchivedStoreTest : public testing::Test {
 protected:
  ArchivedStoreTest() { world_.Furnish(); }
  std::string File(const std::string& name) { return harness_.engine().directory() + "/" + name; }
  // Moves the journal up to `through` to a file; the service is down meanwhile.
  ArchiveSummary Archive(uint64_t through, const std::string& name) {
    harness_.Close();
    const auto store = OpenStore(harness_);
    auto summary = ArchiveJournal(store.get(), through, /*keep=*/false, File(name));
    EXPECT_TRUE(summary.ok()) << summary.status();
    return summary.ok() ? *summary : ArchiveSummary();
  }
  void Serve() { harness_.Reopen(); }

  ReadHarness harness_;
  World world_{&harness_};
};

TEST_F(ArchivedStoreTest, ArchivesAndTheStoreReplayFromTheFirstRecord) {
  const std::string old_order = world_.Sell("a-trader", "CEA25", 8000, 10);
  const ArchiveSummary first = Archive(30, "first");
  Serve();
  world_.Buy("b-trader", "CEA25", 8000, 4);
  Archive(UINT64_MAX, "second");
  Serve();
  const std::string new_order = world_.Buy("b-trader", "CEA25", 7990, 1);
  const auto status = world_.Must<v1::StatusAnswer>("Operations/GetStatus", "", "operator-token");
  EXPECT_GT(status.archived_sequence(), first.last_sequence);

  // The market goes on as before; only the number of an archived order no longer leads to it.
  EXPECT_EQ(Outcome(world_.Ask<v1::OrderAnswer>("Exchange/GetOrder", "name: '" + new_order + "'", "b-trader")), "OK");
  const auto archived = world_.Ask<v1::OrderAnswer>("Exchange/GetOrder", "name: '" + old_order + "'", "a-trader");
  EXPECT_EQ(Outcome(archived), "FAILED_PRECONDITION JOURNAL_ARCHIVED");
  const auto orders = world_.Must<v1::ListOrdersAnswer>("Exchange/ListOrders", "account: 'accounts/$A.trading'", "a-trader");
  EXPECT_TRUE(std::any_of(orders.orders().begin(), orders.orders().end(), [&](const v1::Order& order) { return order.name() == old_order; }));

  harness_.Close();
  const auto store = OpenStore(harness_);
  const auto alone = Verify({.store = store.get()}, nullptr);
  EXPECT_EQ(alone.status().code(), absl::StatusCode::kFailedPrecondition) << alone.status();
  const auto whole = Verify({.store = store.get(), .archives = {File("second"), File("first")}}, nullptr);
  ASSERT_TRUE(whole.ok()) << whole.status();
  EXPECT_EQ(whole->archives, 2u);
  EXPECT_EQ(whole->last_sequence, store->durable_sequence());
  EXPECT_GT(whole->rows_compared, 0u);
  EXPECT_EQ(whole->tree_root, store->LastTrailer()->tree_root);
}

TEST_F(ArchivedStoreTest, AnAuditorReplaysArchivesWithoutTheStore) {
  world_.Sell("a-trader", "CEA25", 8000, 10);
  const ArchiveSummary summary = Archive(UINT64_MAX, "all");
  const auto report = Verify({.archives = {File("all")}}, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->last_sequence, summary.last_sequence);
  EXPECT_EQ(report->tree_root, summary.tree_root);
  EXPECT_EQ(report->store_id, "test");
}

TEST_F(ArchivedStoreTest, AMissingOrForeignArchiveIsNamed) {
  Archive(20, "first");
  Archive(40, "second");
  const auto gap = Verify({.archives = {File("second")}}, nullptr);
  EXPECT_EQ(gap.status().code(), absl::StatusCode::kInvalidArgument) << gap.status();
  EXPECT_THAT(std::string(gap.status().message()), HasSubstr("an archive is missing, or given twice"));
  const auto twice = Verify({.archives = {File("first"), File("first"), File("second")}}, nullptr);
  EXPECT_EQ(twice.status().code(), absl::StatusCode::kInvalidArgument) << twice.status();
  const auto store = OpenStore(harness_);
  const auto short_by_one = Verify({.store = store.get(), .archives = {File("first")}}, nullptr);
  EXPECT_EQ(short_by_one.status().code(), absl::StatusCode::kFailedPrecondition) << short_by_one.status();

  // The same commands in another store: the same shape, another identity or other salts, so another tree.
  ReadHarness other;
  World(&other).Furnish();
  other.Close();
  const auto other_store = OpenStore(other);
  const auto foreign = Verify({.store = other_store.get(), .archives = {File("first"), File("second")}}, nullptr);
  EXPECT_FALSE(foreign.ok());
  EXPECT_THAT(std::string(foreign.status().message()), HasSubstr("store"));
  EXPECT_EQ(Verify({}, nullptr).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace songhua::api
