// What is kept for a repeated request, and for how long (GEN-15; DESIGN.md section 4: never executed twice, never kept for ever).
#include "api/engine/request_ids.h"

#include <string>
#include <vector>

#include "api/verify.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/refusal.h"
#include "simulations/simulated_disk.h"
#include "songhua/v1/operations.pb.h"
#include "songhua/v1/participants.pb.h"
#include "tests/api/engine_harness.h"

namespace songhua::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

absl::Status Create(EngineHarness& harness, const std::string& id, const std::string& request_id) {
  v1::CreateParticipantRequest request;
  request.set_request_id(request_id);
  request.mutable_participant()->set_name("participants/" + id);
  request.mutable_participant()->set_kind(v1::OPERATOR);
  request.mutable_participant()->set_display_name(id);
  request.mutable_participant()->set_region("220000");
  return harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request).status();
}

absl::Status AdvanceDays(EngineHarness& harness, int days, const std::string& request_id) {
  v1::AdvanceClockRequest request;
  request.set_request_id(request_id);
  request.mutable_to_time()->set_seconds(kTestStart.value() / kMicrosPerSecond + int64_t{86400} * days);
  return harness.Call<v1::StatusAnswer>("Operations/AdvanceClock", request).status();
}

bool TooOld(const absl::Status& status) {
  const auto refusal = GetRefusal(status);
  return refusal.has_value() && refusal->field == "request_id" && refusal->rule == "GEN-15" && status.code() == absl::StatusCode::kInvalidArgument;
}

// The ids that the store has an answer for, in its order. REQUIRES: no engine has it open.
std::vector<std::string> KeptIds(EngineHarness& harness) {
  StoreOptions options = harness.Options().store;
  options.create_if_missing = false;
  std::vector<std::string> ids;
  auto store = Store::Open(options);
  EXPECT_TRUE(store.ok()) << store.status();
  if (!store.ok()) return ids;
  const absl::Status scanned = (*store)->ScanState([](TableId table) { return table == static_cast<TableId>(RowTable::kIdempotency); },
                                                  [&](TableId, std::string_view, std::string_view value) -> absl::Status {
                                                    IdempotencyRow row;
                                                    SONGHUA_RETURN_IF_ERROR(DecodeValue(value, &row));
                                                    ids.push_back(row.request_id);
                                                    return absl::OkStatus();
                                                  });
  EXPECT_TRUE(scanned.ok()) << scanned;
  return ids;
}

absl::Status VerifyStore(EngineHarness& harness) {
  StoreOptions options = harness.Options().store;
  options.create_if_missing = false;
  auto store = Store::Open(options);
  if (!store.ok()) return store.status();
  return Verify({.store = store->get()}, nullptr).status();
}

TEST(RequestIdsTest, AnswersOfTheLastTenDaysAreKeptAndNoOlderOnes) {
  EngineHarness harness;
  ASSERT_TRUE(Create(harness, "a", "20260104-a").ok());
  ASSERT_TRUE(Create(harness, "b", "20260105-b").ok());
  ASSERT_TRUE(Create(harness, "c", "20260106-c").ok());
  ASSERT_TRUE(AdvanceDays(harness, 10, "20260105-clock").ok());
  EXPECT_TRUE(TooOld(Create(harness, "a", "20260104-a")));
  EXPECT_TRUE(Create(harness, "b", "20260105-b").ok());
  EXPECT_TRUE(harness.last().repeated);
  harness.Close();
  EXPECT_THAT(KeptIds(harness), ElementsAre("20260105-b", "20260105-clock", "20260106-c"));
  EXPECT_TRUE(VerifyStore(harness).ok()) << VerifyStore(harness);
  harness.Open();
  ASSERT_TRUE(AdvanceDays(harness, 11, "20260106-clock").ok());
  harness.Close();
  EXPECT_THAT(KeptIds(harness), ElementsAre("20260106-c", "20260106-clock"));
  EXPECT_TRUE(VerifyStore(harness).ok()) << VerifyStore(harness);
}

TEST(RequestIdsTest, AForgottenIdIsAnsweredAsOneThatWasNeverSeen) {
  EngineHarness harness;
  ASSERT_TRUE(Create(harness, "a", "20260105-seen").ok());
  ASSERT_TRUE(AdvanceDays(harness, 11, "20260105-clock").ok());
  const auto check = [&] {
    EXPECT_TRUE(TooOld(Create(harness, "a", "20260105-seen"))) << harness.last().status;
    EXPECT_FALSE(harness.last().repeated);
    const std::string seen(harness.last().status.message());
    EXPECT_TRUE(TooOld(Create(harness, "z", "20260105-nope"))) << harness.last().status;
    const std::string unseen(harness.last().status.message());
    EXPECT_EQ(unseen.size(), seen.size());
    EXPECT_FALSE(harness.last().recorded);
  };
  check();            // the row is still in memory, or on its way to disk
  harness.Reopen();
  check();            // the row is gone
  harness.Close();
  EXPECT_THAT(KeptIds(harness), IsEmpty());
}

TEST(RequestIdsTest, AStoreThatKeptTooMuchForgetsItWhenItIsOpened) {
  simulations::SimulatedDisk disk(3);
  EngineHarness harness(disk.env(), simulations::SimulatedDisk::kRoot);
  ASSERT_TRUE(Create(harness, "a", "20260105-a").ok());
  harness.Reopen();  // the row is in a file
  ASSERT_TRUE(AdvanceDays(harness, 11, "20260105-clock").ok());
  disk.Crash();  // the day has changed in the journal only
  harness.Close();
  disk.Restart();
  EXPECT_THAT(KeptIds(harness), ElementsAre("20260105-a"));
  EXPECT_TRUE(VerifyStore(harness).ok()) << VerifyStore(harness);
  harness.Open();
  harness.Close();
  EXPECT_THAT(KeptIds(harness), IsEmpty());
  EXPECT_TRUE(VerifyStore(harness).ok()) << VerifyStore(harness);
}

// The power fails at each operation of the fold that forgets.
TEST(RequestIdsTest, ACrashWhileForgettingLeavesNothingWrong) {
  for (uint64_t operation = 1, done = 0; done == 0; ++operation) {
    SCOPED_TRACE("operation " + std::to_string(operation));
    simulations::SimulatedDisk disk(operation);
    EngineHarness harness(disk.env(), simulations::SimulatedDisk::kRoot);
    ASSERT_TRUE(Create(harness, "a", "20260105-a").ok());
    harness.Reopen();
    ASSERT_TRUE(AdvanceDays(harness, 11, "20260105-clock").ok());
    ASSERT_TRUE(Create(harness, "b", "20260116-b").ok());
    disk.WaitUntilIdle();
    disk.CrashAtOperation(disk.operations() + operation);
    harness.Close();
    done = disk.crashed() ? 0 : 1;
    if (done == 1) disk.Crash();
    disk.Restart();
    ASSERT_TRUE(VerifyStore(harness).ok()) << VerifyStore(harness);
    harness.Open();
    EXPECT_TRUE(TooOld(Create(harness, "a", "20260105-a")));
    EXPECT_TRUE(Create(harness, "b", "20260116-b").ok());
    EXPECT_TRUE(harness.last().repeated);
    harness.Close();
    EXPECT_THAT(KeptIds(harness), UnorderedElementsAre("20260116-b"));
    ASSERT_TRUE(VerifyStore(harness).ok()) << VerifyStore(harness);
  }
}

}  // namespace
}  // namespace songhua::api
