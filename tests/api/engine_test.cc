// The pipeline from submission to durable answer: order, idempotency, time, recovery (DESIGN.md section 4; GEN-15).
#include "api/engine/engine.h"

#include <vector>

#include "api/verify.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/bounds.h"
#include "ledger/identifiers.h"
#include "ledger/refusal.h"
#include "simulations/simulated_disk.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/operations.pb.h"
#include "songhua/v1/participants.pb.h"
#include "tests/api/engine_harness.h"

namespace songhua::api {
namespace {

v1::CreateParticipantRequest NewOperator(const std::string& id, const std::string& display_name = "Registry") {
  v1::CreateParticipantRequest request;
  request.mutable_participant()->set_name("participants/" + id);
  request.mutable_participant()->set_kind(v1::OPERATOR);
  request.mutable_participant()->set_display_name(display_name);
  request.mutable_participant()->set_region("220000");
  return request;
}

std::string Reason(const absl::Status& status) {
  const auto refusal = GetRefusal(status);
  return refusal.has_value() ? refusal->reason : std::string(status.message());
}

// A person of a new operator participant, with a token equal to his id.
void AddPerson(EngineHarness& harness, const std::string& id, std::vector<v1::Role> roles) {
  ASSERT_TRUE(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator(id + "-house")).ok());
  v1::CreatePersonRequest person;
  person.mutable_person()->set_name("people/" + id);
  person.mutable_person()->set_participant("participants/" + id + "-house");
  person.mutable_person()->set_display_name(id);
  for (v1::Role role : roles) person.mutable_person()->add_roles()->set_role(role);
  const auto created = harness.Call<v1::PersonAnswer>("Participants/CreatePerson", person);
  ASSERT_TRUE(created.ok()) << created.status();
  v1::CreateTokenRequest token;
  token.set_person("people/" + id);
  token.set_token_sha256(std::string(AsBytes(Sha256Of(id))));
  token.mutable_expire_time()->set_seconds(kTestStart.value() / kMicrosPerSecond + 30 * 86400);
  const auto admitted = harness.Call<v1::TokenAnswer>("Participants/CreateToken", token);
  ASSERT_TRUE(admitted.ok()) << admitted.status();
}

v1::AdvanceClockRequest AdvanceTo(Timestamp time) {
  v1::AdvanceClockRequest request;
  request.mutable_to_time()->set_seconds(time.value() / kMicrosPerSecond);
  return request;
}

TEST(EngineTest, AnswersCarryIncreasingSequences) {
  EngineHarness harness;
  const auto first = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("a"));
  const auto second = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("b"));
  ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
  EXPECT_EQ(first->header().sequence(), 2u);  // the first record of the journal is its genesis
  EXPECT_EQ(second->header().sequence(), 3u);
}

TEST(EngineTest, ARepeatedRequestIdGetsTheFirstAnswerAndRunsOnce) {
  EngineHarness harness;
  auto request = NewOperator("a");
  request.set_request_id("20260105-once");
  const auto first = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request);
  const auto again = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request);
  ASSERT_TRUE(first.ok() && again.ok());
  EXPECT_TRUE(harness.last().repeated);
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
  EXPECT_EQ(harness.engine().store().durable_sequence(), 2u);
}

TEST(EngineTest, ARepeatedRequestIdIsKnownAfterARestart) {
  EngineHarness harness;
  auto request = NewOperator("a");
  request.set_request_id("20260105-once");
  const auto first = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request);
  harness.Reopen();
  const auto again = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(first->SerializeAsString(), again->SerializeAsString());
}

TEST(EngineTest, ARepeatedRefusalIsRefusedTheSameWay) {
  EngineHarness harness;
  ASSERT_TRUE(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("a")).ok());
  auto request = NewOperator("a");
  request.set_request_id("20260105-twice");
  const auto first = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request);
  const auto again = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request);
  EXPECT_EQ(first.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(first.status(), again.status());
  EXPECT_TRUE(harness.last().repeated);
}

TEST(EngineTest, TheSameRequestIdWithAnotherBodyIsRefused) {
  EngineHarness harness;
  auto request = NewOperator("a");
  request.set_request_id("20260105-once");
  ASSERT_TRUE(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request).ok());
  request.mutable_participant()->set_display_name("Another");
  const auto other = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request);
  EXPECT_EQ(Reason(other.status()), "REQUEST_ID_REUSED");
  EXPECT_EQ(GetRefusal(other.status())->rule, "GEN-15");
}

// Seen in Formance (stack, 1633).
TEST(EngineTest, TwoRequestsWithOneIdInOneGroupRunOnce) {
  EngineHarness harness;
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 8; ++i) {
    auto request = std::make_unique<v1::CreateParticipantRequest>(NewOperator("a"));
    request->set_request_id("20260105-once");
    outcomes.push_back(harness.Start("songhua.v1.Participants/CreateParticipant", std::move(request), "operator-token"));
  }
  int recorded = 0;
  for (auto& future : outcomes) {
    const Outcome outcome = future.get();
    EXPECT_TRUE(outcome.status.ok()) << outcome.status;
    recorded += outcome.recorded;
  }
  EXPECT_EQ(recorded, 1);
}

TEST(EngineTest, ARequestIdOlderThanTenDaysOrOfTheFutureIsRefused) {
  EngineHarness harness;
  for (const char* id : {"20251225-old", "20260107-future"}) {
    auto request = NewOperator("a");
    request.set_request_id(id);
    EXPECT_FALSE(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request).ok()) << id;
    EXPECT_EQ(GetRefusal(harness.last().status)->field, "request_id");
  }
  for (const char* id : {"20251226-ten-days", "20260106-tomorrow"}) {
    auto request = NewOperator(std::string("p") + id[5]);
    request.set_request_id(id);
    EXPECT_TRUE(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request).ok()) << harness.last().status;
  }
}

TEST(EngineTest, MalformedRequestIdsAreRefusedBeforeAnythingIsQueued) {
  EngineHarness harness;
  for (const char* id : {"x", "2026-01-05-x", "20260105", "20260105-", "20261305-x", "20260105-a b", "20260105-\xc3\xa4"}) {
    auto request = NewOperator("a");
    request.set_request_id(id);
    EXPECT_EQ(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request).status().code(),
              absl::StatusCode::kInvalidArgument) << id;
  }
  EXPECT_EQ(harness.engine().store().durable_sequence(), 1u);
}

TEST(EngineTest, RefusalsAreRecordedAndUnauthenticatedRequestsAreNot) {
  EngineHarness harness;
  auto bad = NewOperator("a");
  bad.mutable_participant()->set_region("999999");
  EXPECT_FALSE(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", bad).ok());
  EXPECT_TRUE(harness.last().recorded);
  EXPECT_EQ(Reason(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("a"), "no such token").status()),
            "UNKNOWN_TOKEN");
  EXPECT_FALSE(harness.last().recorded);
}

TEST(EngineTest, ValidateOnlyRunsTheChecksAndChangesNothing) {
  EngineHarness harness;
  auto request = NewOperator("a");
  request.set_validate_only(true);
  EXPECT_TRUE(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request).ok());
  EXPECT_EQ(harness.engine().store().durable_sequence(), 1u);
  request.mutable_participant()->set_region("999999");
  EXPECT_FALSE(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request).ok());
}

TEST(EngineTest, UnknownFieldsAreRefusedAtAnyDepth) {
  EngineHarness harness;
  auto request = NewOperator("a");
  auto* participant = request.mutable_participant();
  participant->GetReflection()->MutableUnknownFields(participant)->AddVarint(99, 1);
  const auto answer = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request);
  EXPECT_EQ(Reason(answer.status()), "UNKNOWN_FIELD");
  EXPECT_EQ(GetRefusal(answer.status())->field, "participant");
  EXPECT_EQ(GetRefusal(answer.status())->value, "field number 99");
}

TEST(EngineTest, TokensEndWhenRevokedAndWhenExpired) {
  EngineHarness harness;
  AddPerson(harness, "wang", {v1::REGISTRY_OP});
  ASSERT_TRUE(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("x1"), "wang", "wang").ok());
  v1::RevokeTokenRequest revoke;
  revoke.set_name("tokens/" + TokenHash("wang").substr(0, 16));
  ASSERT_TRUE(harness.Call<v1::TokenAnswer>("Participants/RevokeToken", revoke).ok());
  EXPECT_EQ(Reason(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("x2"), "wang", "wang").status()),
            "TOKEN_REVOKED");
  AddPerson(harness, "li", {v1::REGISTRY_OP});
  ASSERT_TRUE(harness.Call<v1::StatusAnswer>("Operations/AdvanceClock", AdvanceTo(Timestamp(kTestStart.value() + 30 * kMicrosPerDay))).ok());
  auto late = NewOperator("x3");
  late.set_request_id("20260204-late");
  EXPECT_EQ(Reason(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", late, "li", "li").status()), "TOKEN_EXPIRED");
}

TEST(EngineTest, RolesDecideInTheStateMachine) {
  EngineHarness harness;
  AddPerson(harness, "wang", {v1::EXCHANGE_OP});
  const auto answer = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("x"), "wang", "wang");
  EXPECT_EQ(answer.status().code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(Reason(answer.status()), "ROLE_MISSING");
  EXPECT_EQ(GetRefusal(answer.status())->rule, "GEN-13");
  EXPECT_TRUE(harness.last().recorded);
}

TEST(EngineTest, AVirtualClockMovesByCommandOnlyAndNeverBack) {
  EngineHarness harness;
  const Timestamp later(kTestStart.value() + 2 * kMicrosPerDay);
  ASSERT_TRUE(harness.Call<v1::StatusAnswer>("Operations/AdvanceClock", AdvanceTo(later)).ok());
  auto back = AdvanceTo(kTestStart);
  back.set_request_id("20260107-back");
  EXPECT_EQ(harness.Call<v1::StatusAnswer>("Operations/AdvanceClock", back).status().code(), absl::StatusCode::kInvalidArgument);
  auto request = NewOperator("a");
  request.set_request_id("20260107-a");
  const auto answer = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", request);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->participant().create_time().seconds(), later.value() / kMicrosPerSecond);
}

TEST(EngineTest, AClockThatJumpsStopsWritesUntilAnOperatorConfirms) {
  for (const int64_t jump : {int64_t{120} * kMicrosPerSecond, int64_t{-120} * kMicrosPerSecond}) {
    SettableClock clock;
    EngineHarness harness(ClockMode::kSystem, &clock);
    clock.Pass(3600 * kMicrosPerSecond);  // an idle hour is no jump
    ASSERT_TRUE(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("a")).ok()) << harness.last().status;
    clock.now_us += jump;
    EXPECT_EQ(Reason(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("b")).status()), "CLOCK_STOPPED");
    const auto refusal = GetRefusal(harness.last().status);
    ASSERT_TRUE(refusal.has_value());
    const Timestamp now(clock.now_us);
    EXPECT_EQ(refusal->value, FormatTimestamp(now) + ", and was to say " + FormatTimestamp(Timestamp(now.value() - jump)));
    EXPECT_TRUE(harness.engine().clock_stopped());
    EXPECT_TRUE(harness.Call<v1::StatusAnswer>("Operations/ConfirmClock", v1::ConfirmClockRequest()).ok()) << harness.last().status;
    EXPECT_TRUE(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("c")).ok()) << harness.last().status;
  }
}

TEST(EngineTest, AMessageWhoseDeadlinePassedOrWhoseCallerLeftIsNotExecuted) {
  EngineHarness harness;
  for (const bool left : {false, true}) {
    auto request = std::make_unique<v1::CreateParticipantRequest>(NewOperator("a"));
    request->set_request_id(left ? "20260105-left" : "20260105-late");
    auto submission = std::make_unique<Submission>();
    submission->message = *MakeMessage(*FindMethod("songhua.v1.Participants/CreateParticipant"), std::move(request), TokenHash("operator-token"));
    submission->person = "operator";
    if (left) {
      submission->cancelled = [] { return true; };
    } else {
      submission->deadline = std::chrono::steady_clock::now() - std::chrono::seconds(1);
    }
    std::promise<Outcome> promise;
    submission->done = [&promise](Outcome outcome) { promise.set_value(std::move(outcome)); };
    harness.engine().Submit(std::move(submission));
    const Outcome outcome = promise.get_future().get();
    EXPECT_EQ(outcome.status.code(), left ? absl::StatusCode::kCancelled : absl::StatusCode::kDeadlineExceeded);
    EXPECT_FALSE(outcome.recorded);
  }
  EXPECT_EQ(harness.engine().store().durable_sequence(), 1u);
}

TEST(EngineTest, EverythingAcceptedBeforeStopIsAnsweredAndNothingAfter) {
  EngineHarness harness;
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 200; ++i) {
    auto request = std::make_unique<v1::CreateParticipantRequest>(NewOperator("p" + std::to_string(i)));
    request->set_request_id("20260105-p" + std::to_string(i));
    outcomes.push_back(harness.Start("songhua.v1.Participants/CreateParticipant", std::move(request), "operator-token"));
  }
  harness.engine().Stop();
  for (auto& outcome : outcomes) EXPECT_TRUE(outcome.get().status.ok());
  const auto after = harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("after"));
  EXPECT_EQ(after.status().code(), absl::StatusCode::kUnavailable);
}

TEST(EngineTest, AFullLaneRefusesAndForgetsNothing) {
  Lanes lanes;
  const Method* method = FindMethod("songhua.v1.Participants/CreateParticipant");
  const auto submission = [&](const std::string& person) {
    auto made = std::make_unique<Submission>();
    made->message.method = method;
    made->person = person;
    return made;
  };
  for (size_t i = 0; i < bounds::kLanePersonRequestsMax; ++i) {
    auto made = submission("wang");
    ASSERT_TRUE(lanes.Push(made).ok());
  }
  auto one_more = submission("wang");
  EXPECT_EQ(Reason(lanes.Push(one_more)), "QUOTA_EXCEEDED");
  EXPECT_NE(one_more, nullptr);
  for (size_t i = bounds::kLanePersonRequestsMax; i < bounds::kLaneRequestsMax; ++i) {
    auto made = submission("p" + std::to_string(i));
    ASSERT_TRUE(lanes.Push(made).ok());
  }
  auto beyond = submission("li");
  EXPECT_EQ(Reason(lanes.Push(beyond)), "LANE_FULL");
  EXPECT_EQ(lanes.Counts(Lane::kRegistry).refused, 2u);
  size_t popped = 0;
  while (lanes.Pop() != nullptr) ++popped;
  EXPECT_EQ(popped, bounds::kLaneRequestsMax);
}

TEST(EngineTest, ABusyLaneDoesNotStarveAnother) {
  Lanes lanes;
  for (int i = 0; i < 500; ++i) {
    for (const char* name : {"songhua.v1.Exchange/PlaceOrder", "songhua.v1.Operations/AdvanceClock"}) {
      auto made = std::make_unique<Submission>();
      made->message.method = FindMethod(name);
      made->person = name;
      ASSERT_TRUE(lanes.Push(made).ok());
    }
  }
  int operations = 0;
  for (int i = 0; i < 200; ++i) operations += lanes.Pop()->message.method->lane == Lane::kOperations;
  EXPECT_GE(operations, 10);
  EXPECT_LE(operations, 100);
}

TEST(EngineTest, AFailedJournalWriteAnswersOutcomeUnknownAndTakesNothingMore) {
  simulations::SimulatedDisk disk(7);
  EngineHarness harness;
  EngineOptions options = harness.Options();
  options.store.env = disk.env();
  options.store.path = simulations::SimulatedDisk::kRoot + "/store";
  options.store.manual_projector = true;  // RocksDB keeps no diary on this disk
  std::promise<absl::Status> fatal;
  std::atomic<int> fatal_calls{0};
  options.on_fatal = [&](const absl::Status& status) {
    if (++fatal_calls == 1) fatal.set_value(status);
  };
  auto engine = Engine::Open(options);
  ASSERT_TRUE(engine.ok()) << engine.status();
  const auto submit = [&](const std::string& id) {
    auto request = std::make_unique<v1::CreateParticipantRequest>(NewOperator(id));
    request->set_request_id("20260105-" + id);
    auto promise = std::make_shared<std::promise<Outcome>>();
    auto submission = std::make_unique<Submission>();
    submission->message = *MakeMessage(*FindMethod("songhua.v1.Participants/CreateParticipant"), std::move(request), TokenHash("operator-token"));
    submission->person = "operator";
    submission->done = [promise](Outcome outcome) { promise->set_value(std::move(outcome)); };
    (*engine)->Submit(std::move(submission));
    return promise->get_future().get();
  };
  EXPECT_TRUE(submit("a").status.ok());
  disk.SetCapacityBytes(disk.used_bytes());  // the disk is full
  const Outcome unknown = submit("b");
  EXPECT_EQ(unknown.status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(unknown.status.message()), testing::HasSubstr("same request_id"));
  EXPECT_FALSE(fatal.get_future().get().ok());
  EXPECT_EQ(submit("c").status.code(), absl::StatusCode::kUnavailable);
  engine->reset();
}

TEST(EngineTest, StateComesBackFromFilesAndFromTheJournalAlike) {
  EngineHarness harness;
  AddPerson(harness, "wang", {v1::REGISTRY_OP});
  harness.Reopen();  // a checkpointed state
  ASSERT_TRUE(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("x1"), "wang", "wang").ok());
  const uint64_t durable = harness.engine().store().durable_sequence();
  harness.Reopen();
  EXPECT_EQ(harness.engine().store().durable_sequence(), durable);
  EXPECT_NE(harness.engine().state_at_start().participants.FindParticipant("x1"), nullptr);
  EXPECT_EQ(Reason(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("x1"), "wang", "wang").status()),
            Reason(harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("x1"), "wang", "wang").status()));
}

TEST(VerifyTest, AReplayArrivesAtTheStoredState) {
  EngineHarness harness;
  AddPerson(harness, "wang", {v1::REGISTRY_OP});
  for (int i = 0; i < 20; ++i) {
    (void)harness.Call<v1::ParticipantAnswer>("Participants/CreateParticipant", NewOperator("p" + std::to_string(i % 15)), "wang", "wang");
  }
  harness.Close();
  StoreOptions options;
  options.path = harness.Options().store.path;
  auto store = Store::Open(options);
  ASSERT_TRUE(store.ok()) << store.status();
  const auto report = Verify({.store = store->get()}, nullptr);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->records, 24u);
  EXPECT_EQ(report->refusals, 5u);
  EXPECT_EQ(report->applied_sequence, report->last_sequence);
  EXPECT_GT(report->rows_compared, 20u);
}

TEST(VerifyTest, AStoredRowThatNoCommandWroteIsFound) {
  EngineHarness harness;
  AddPerson(harness, "wang", {v1::REGISTRY_OP});
  harness.Close();
  StoreOptions options;
  options.path = harness.Options().store.path;
  auto store = Store::Open(options);
  ASSERT_TRUE(store.ok());
  // A dishonest operator writes past the journal: a group with rows of its own.
  JournalGroup group;
  JournalRecord record;
  record.first_sequence = (*store)->durable_sequence() + 1;
  record.count = 1;
  record.time_us = kTestStart.value();
  record.logic_version = kNewestLogicVersion;
  record.principal = "operator";
  record.method = "songhua.v1.Participants/CreateParticipant";
  group.Add(record);
  RowChanges rows;
  rows.Put(static_cast<uint16_t>(RowTable::kParticipants), EncodeKey(std::string("forged")), "forged", false);
  auto frontier = (*store)->Frontier();
  ASSERT_TRUE(frontier.ok());
  group.Seal(Digest{}, rows.ComputeDigest(), &*frontier);
  ASSERT_TRUE((*store)->AppendGroup(group).ok());
  ASSERT_TRUE((*store)->Publish(rows, record.first_sequence).ok());
  const auto report = Verify({.store = store->get()}, nullptr);
  EXPECT_EQ(report.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(report.status().message()), testing::HasSubstr("sequence " + std::to_string(record.first_sequence)));
}

}  // namespace
}  // namespace songhua::api
