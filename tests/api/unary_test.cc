// One call at a time, over a socket: what is refused and how the refusal reads, repeats, waiting, deadlines.
#include <algorithm>
#include <future>
#include <thread>

#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "ledger/bounds.h"
#include "songhua/v1/exchange.pb.h"
#include "tests/api/server_harness.h"

namespace songhua::api {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class UnaryTest : public testing::Test {
 protected:
  v1::CreateParticipantRequest NewOperator(const std::string& id) {
    v1::CreateParticipantRequest request;
    request.set_request_id(world_.NewRequestId());
    request.mutable_participant()->set_name("participants/" + id);
    request.mutable_participant()->set_kind(v1::OPERATOR);
    request.mutable_participant()->set_display_name("x");
    request.mutable_participant()->set_region("220000");
    return request;
  }
  Reply Create(const std::string& bytes, const std::string& token = "operator-token") {
    return harness_.Call("Participants/CreateParticipant", bytes, token);
  }
  uint64_t durable() { return harness_.server().engine().store().durable_sequence(); }

  ServerHarness harness_;
  World world_{&harness_};
};

// A field of number 1999 with value 1.
constexpr char kUnknownField[] = "\xf8\x7c\x01";

TEST_F(UnaryTest, AnswersTravelWhole) {
  const Reply reply = Create(NewOperator("a").SerializeAsString());
  ASSERT_TRUE(reply.status.ok()) << reply.status;
  v1::ParticipantAnswer answer;
  ASSERT_TRUE(answer.ParseFromString(reply.answer));
  EXPECT_EQ(answer.participant().name(), "participants/a");
  EXPECT_EQ(answer.header().sequence(), durable());
}

// ---- Malformed ----

TEST_F(UnaryTest, AnUnknownFieldOfAWriteIsRefusedAtAnyDepth) {
  const Reply top = Create(NewOperator("a").SerializeAsString() + kUnknownField);
  EXPECT_EQ(Outcome(top.status), "INVALID_ARGUMENT UNKNOWN_FIELD");
  EXPECT_EQ(top.info.metadata().at("value"), "field number 1999");
  v1::CreateParticipantRequest request = NewOperator("a");
  request.mutable_participant()->GetReflection()->MutableUnknownFields(request.mutable_participant())->AddVarint(1999, 1);
  const Reply deep = Create(request.SerializeAsString());
  EXPECT_EQ(Outcome(deep.status), "INVALID_ARGUMENT UNKNOWN_FIELD");
  EXPECT_EQ(deep.info.metadata().at("field"), "participant");
  EXPECT_EQ(durable(), 1u);  // nothing was recorded
}

TEST_F(UnaryTest, AnUnknownFieldOfABatchNamesTheCommand) {
  world_.Furnish();
  v1::OrderBatch batch;
  batch.set_stream("s");
  batch.set_number(1);
  batch.add_commands();
  v1::OrderCommand* command = batch.add_commands();
  command->GetReflection()->MutableUnknownFields(command)->AddVarint(1999, 1);
  const Reply reply = harness_.Call("Exchange/SubmitOrders", batch.SerializeAsString(), "a-trader");
  EXPECT_EQ(Outcome(reply.status), "INVALID_ARGUMENT UNKNOWN_FIELD");
  EXPECT_EQ(reply.info.metadata().at("field"), "commands[1]");
}

TEST_F(UnaryTest, AnUnknownFieldOfAReadIsIgnored) {
  EXPECT_EQ(Outcome(harness_.Call("Operations/GetStatus", kUnknownField, "operator-token").status), "OK");
}

TEST_F(UnaryTest, TextThatIsNotUtf8IsRefused) {
  std::string bytes = NewOperator("a").SerializeAsString();
  bytes.replace(bytes.find("participants/a"), 14, "participants/\xff");
  EXPECT_EQ(Outcome(Create(bytes).status), "INVALID_ARGUMENT MALFORMED_REQUEST");
}

TEST_F(UnaryTest, BytesThatAreNoMessageAreRefused) {
  EXPECT_EQ(Outcome(Create("\xff\xff\xff\xff").status), "INVALID_ARGUMENT MALFORMED_REQUEST");
  EXPECT_EQ(Outcome(harness_.Call("Ledger/GetProgram", "\x0a", "").status), "INVALID_ARGUMENT MALFORMED_REQUEST");
}

TEST_F(UnaryTest, ARequestBeyondTheSizeLimitIsRefused) {
  v1::CreateParticipantRequest request = NewOperator("a");
  request.mutable_participant()->set_display_name(std::string(bounds::kRequestBytesMax, 'x'));
  EXPECT_EQ(Create(request.SerializeAsString()).status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(Outcome(Create(NewOperator("b").SerializeAsString()).status), "OK");
}

TEST_F(UnaryTest, AMethodThatDoesNotExistIsUnimplemented) {
  EXPECT_EQ(harness_.Call("Participants/DropEverything", "", "operator-token").status.code(), absl::StatusCode::kUnimplemented);
}

// ---- Errors ----

TEST_F(UnaryTest, ARefusalSaysReasonRuleFieldValueAndWhatIsAccepted) {
  v1::CreateParticipantRequest request = NewOperator("a");
  request.mutable_participant()->set_region("999999");
  const Reply reply = Create(request.SerializeAsString());
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(reply.details.code(), static_cast<int>(absl::StatusCode::kInvalidArgument));
  EXPECT_EQ(reply.details.message(), reply.status.message());
  EXPECT_EQ(reply.info.domain(), "songhua");
  EXPECT_FALSE(reply.info.reason().empty());
  EXPECT_EQ(reply.info.metadata().at("field"), "participant.region");
  EXPECT_EQ(reply.info.metadata().at("value"), "999999");
  EXPECT_FALSE(reply.info.metadata().at("accepted").empty());
  ASSERT_THAT(reply.bad_request.field_violations(), SizeIs(1));
  EXPECT_EQ(reply.bad_request.field_violations(0).field(), "participant.region");
  EXPECT_EQ(reply.bad_request.field_violations(0).description(), reply.details.message());
}

TEST_F(UnaryTest, AnOrderThatIsGoneIsToldByItsRuleAndAForeignOneTellsNothing) {
  world_.Furnish();
  const std::string sold = world_.Sell("a-trader", "CEA25", 8000, 5);
  const std::string open = world_.Sell("a-trader", "CEA25", 8100, 5);
  world_.Buy("b-trader", "CEA25", 8000, 5);
  const auto ask = [&](const std::string& rpc, const std::string& name, const std::string& token) {
    const std::string more = rpc == "ReplaceOrder" ? "price_fen: 8000 quantity: 1" : "";
    return harness_.Call("Exchange/" + rpc, world_.Request("Exchange/" + rpc, "name: '" + name + "' " + more)->SerializeAsString(), token);
  };
  for (const std::string rpc : {"CancelOrder", "ReplaceOrder"}) {
    const Reply own = ask(rpc, sold, "a-trader");
    EXPECT_EQ(Outcome(own.status), "NOT_FOUND UNKNOWN_ORDER");
    EXPECT_EQ(own.info.metadata().at("rule"), "CAR-16");
    EXPECT_EQ(own.info.metadata().at("field"), "name");
    EXPECT_EQ(own.info.metadata().at("value"), sold);
    EXPECT_THAT(own.info.metadata().at("accepted"), HasSubstr("an open order of the caller's own"));
    for (const std::string& name : {sold, std::string("orders/999999")}) {
      const Reply foreign = ask(rpc, name, "b-trader");
      EXPECT_EQ(Outcome(foreign.status), "NOT_FOUND UNKNOWN_ORDER");
      EXPECT_EQ(foreign.info.metadata().at("accepted"), own.info.metadata().at("accepted"));
    }
    EXPECT_EQ(Outcome(ask(rpc, open, "b-trader").status), "PERMISSION_DENIED FOREIGN_PARTICIPANT");
    EXPECT_EQ(Outcome(ask(rpc, sold, "exchange-op").status), "PERMISSION_DENIED ROLE_MISSING");
  }
}

TEST_F(UnaryTest, AnErrorDoesNotGrowWithTheRequest) {
  v1::CreateParticipantRequest request = NewOperator("a");
  request.set_request_id(std::string(1'000'000, 'x'));
  const Reply reply = Create(request.SerializeAsString());
  EXPECT_EQ(Outcome(reply.status), "INVALID_ARGUMENT INVALID_FIELD");
  request = NewOperator("a");
  request.mutable_participant()->set_region(std::string(1'000'000, 'x'));
  EXPECT_EQ(Create(request.SerializeAsString()).status.code(), absl::StatusCode::kInvalidArgument);
}

// ---- Who ----

TEST_F(UnaryTest, ATokenIsNeededKnownAndHolds) {
  const std::string bytes = NewOperator("a").SerializeAsString();
  EXPECT_EQ(Outcome(Create(bytes, "").status), "UNAUTHENTICATED TOKEN_MISSING");
  EXPECT_EQ(Outcome(Create(bytes, "other-token").status), "UNAUTHENTICATED UNKNOWN_TOKEN");
  EXPECT_EQ(Outcome(harness_.Call("Ledger/ListPrograms", "", "").status), "OK");  // open to anybody,
  EXPECT_EQ(Outcome(harness_.Call("Ledger/ListPrograms", "", "other-token").status),
            "UNAUTHENTICATED UNKNOWN_TOKEN");  // but not to a wrong token
  EXPECT_EQ(durable(), 1u);
}

TEST_F(UnaryTest, ARevokedTokenIsRefusedForReadsAndWrites) {
  world_.Populate();
  const auto tokens = world_.Must<v1::ListTokensAnswer>("Participants/ListTokens", "page { page_size: 1000 }", "operator-token");
  for (const auto& token : tokens.tokens()) {
    if (token.person() == "people/registry-op")
      world_.Must<v1::TokenAnswer>("Participants/RevokeToken", "name: '" + token.name() + "'", "operator-token");
  }
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/WhoAmI", "", "registry-op")), "UNAUTHENTICATED TOKEN_REVOKED");
  EXPECT_EQ(Outcome(world_.AskBytes("Ledger/OpenAccount", "kind: CASH participant: 'participants/$A'", "registry-op")),
            "UNAUTHENTICATED TOKEN_REVOKED");
}

TEST_F(UnaryTest, ATokenThatHasExpiredIsRefused) {
  world_.Populate();
  // The world's tokens end on 2026-12-31.
  for (int i = 1; i <= 12; ++i) {
    const Date today = MakeDate(2026, 1, 5) + 30 * (i - 1);
    std::string id = FormatDate(today);
    id.erase(std::remove(id.begin(), id.end(), '-'), id.end());
    world_.Must<v1::StatusAnswer>("Operations/AdvanceClock",
                                  "request_id: '" + id + "-clock' to_time { seconds: " +
                                      std::to_string(StartOfDay(MakeDate(2026, 1, 5) + 30 * i).value() / kMicrosPerSecond) + " }",
                                  "operator-token");
  }
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/WhoAmI", "", "registry-op")), "UNAUTHENTICATED TOKEN_EXPIRED");
}

TEST_F(UnaryTest, WhoLacksEveryRoleIsRefusedBeforeAnythingIsQueued) {
  world_.Populate();
  const uint64_t before = durable();
  EXPECT_EQ(Outcome(world_.AskBytes("Operations/AdvanceClock", "to_time { seconds: 1 }", "a-trader")), "PERMISSION_DENIED ROLE_MISSING");
  EXPECT_EQ(durable(), before);
}

// ---- Repeats ----

TEST_F(UnaryTest, ARepeatGetsTheFirstAnswerAndAnotherBodyIsRefused) {
  v1::CreateParticipantRequest request = NewOperator("a");
  const Reply first = Create(request.SerializeAsString());
  const Reply again = Create(request.SerializeAsString());
  EXPECT_EQ(first.answer, again.answer);
  EXPECT_EQ(durable(), 2u);
  request.mutable_participant()->set_display_name("y");
  EXPECT_EQ(Outcome(Create(request.SerializeAsString()).status), "ALREADY_EXISTS REQUEST_ID_REUSED");
}

TEST_F(UnaryTest, TheOrderOfFieldsOnTheWireDoesNotMakeAnotherBody) {
  const v1::CreateParticipantRequest request = NewOperator("a");
  v1::CreateParticipantRequest id_only, rest = request;
  id_only.set_request_id(request.request_id());
  rest.clear_request_id();
  const Reply first = Create(id_only.SerializeAsString() + rest.SerializeAsString());
  const Reply again = Create(rest.SerializeAsString() + id_only.SerializeAsString());
  EXPECT_EQ(Outcome(again.status), "OK");
  EXPECT_EQ(first.answer, again.answer);
}

TEST_F(UnaryTest, ValidateOnlyChangesNothing) {
  v1::CreateParticipantRequest request = NewOperator("a");
  request.set_validate_only(true);
  EXPECT_EQ(Outcome(Create(request.SerializeAsString()).status), "OK");
  EXPECT_EQ(durable(), 1u);
  EXPECT_EQ(Outcome(world_.AskBytes("Participants/GetParticipant", "name: 'participants/a'", "operator-token")), "NOT_FOUND NOT_FOUND");
}

// ---- Waiting ----

TEST_F(UnaryTest, AReadWaitsForTheSequenceThatItAsksFor) {
  auto read = std::async(std::launch::async, [this] {
    return world_.Ask<v1::ParticipantAnswer>("Participants/GetParticipant", "name: 'participants/a' options { at_least_sequence: 3 }",
                                             "operator-token");
  });
  EXPECT_EQ(Outcome(Create(NewOperator("other").SerializeAsString()).status), "OK");
  EXPECT_EQ(Outcome(Create(NewOperator("a").SerializeAsString()).status), "OK");
  const auto answer = read.get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_GE(answer->header().sequence(), 3u);
}

TEST_F(UnaryTest, AReadThatWaitsInVainEndsWithItsDeadline) {
  v1::GetStatusRequest request;
  request.mutable_options()->set_at_least_sequence(1'000'000);
  const Reply reply = harness_.Call("Operations/GetStatus", request.SerializeAsString(), "operator-token", std::chrono::milliseconds(30));
  EXPECT_EQ(reply.status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_EQ(Outcome(harness_.Call("Operations/GetStatus", "", "operator-token").status), "OK");
}

TEST_F(UnaryTest, AWriteWhoseCallerGaveUpWhileItWaitedDoesNotRun) {
  constexpr std::chrono::milliseconds kTimeout(50);
  harness_.clock().Hold();
  harness_.clock().WaitUntilSomebodyStands();
  std::vector<v1::CreateParticipantRequest> requests;
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 4; ++i) requests.push_back(NewOperator("p" + std::to_string(i)));
  const uint64_t before = durable();
  for (const auto& request : requests) {
    replies.push_back(harness_.Start("Participants/CreateParticipant", request.SerializeAsString(), "operator-token", kTimeout));
  }
  for (auto& reply : replies) EXPECT_EQ(reply.get().status.code(), absl::StatusCode::kDeadlineExceeded);
  // The server counts from when a call reached it, so there the same deadlines are over a little later; by then at the latest.
  const auto over = std::chrono::steady_clock::now() + 2 * kTimeout;
  while (std::chrono::steady_clock::now() < over) std::this_thread::yield();
  harness_.clock().Go();
  // A later command comes behind them in their lane.
  EXPECT_EQ(Outcome(Create(NewOperator("later").SerializeAsString()).status), "OK");
  EXPECT_EQ(durable() - before, 1u);
  // Nothing ran, so the same request may be sent again.
  EXPECT_EQ(Outcome(Create(requests.back().SerializeAsString()).status), "OK");
}

// ---- Lists ----

TEST_F(UnaryTest, ALongListComesInPagesThatFitAMessage) {
  world_.Populate();
  size_t seen = 0;
  std::string token;
  do {
    const auto page =
        world_.Must<v1::ListPeopleAnswer>("Participants/ListPeople", "page { page_size: 3 page_token: '" + token + "' }", "operator-token");
    EXPECT_LE(page.people_size(), 3);
    seen += page.people_size();
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(seen, 15u);
}

// ---- Serving and draining ----

// A grpc.health.v1.HealthCheckRequest for a service, and the answers of its statuses.
std::string HealthOf(const std::string& service) {
  std::string request = "\x0a";
  request += static_cast<char>(service.size());
  return request + service;
}
constexpr char kServing[] = "\x08\x01";

TEST_F(UnaryTest, TheServerAndEachServiceSayThatTheyServe) {
  for (const std::string service : {"", "songhua.v1.Ledger", "songhua.v1.Exchange", "songhua.v1.Operations"}) {
    const Reply reply = harness_.Call("/grpc.health.v1.Health/Check", HealthOf(service), "");
    EXPECT_TRUE(reply.status.ok()) << reply.status;
    EXPECT_EQ(reply.answer, kServing) << service;
  }
  EXPECT_EQ(harness_.Call("/grpc.health.v1.Health/Check", HealthOf("songhua.v1.None"), "").status.code(), absl::StatusCode::kNotFound);
}

TEST_F(UnaryTest, AReadThatWaitsDoesNotHoldUpTheDrain) {
  v1::GetStatusRequest request;
  request.mutable_options()->set_at_least_sequence(1'000'000);
  auto waiting = harness_.Start("Operations/GetStatus", request.SerializeAsString(), "operator-token");
  // What is answered now came after it on the same connection, so the server has it.
  EXPECT_EQ(Outcome(harness_.Call("Operations/GetStatus", "", "operator-token").status), "OK");
  harness_.server().Drain();
  EXPECT_EQ(waiting.get().status.code(), absl::StatusCode::kUnavailable);
}

TEST_F(UnaryTest, AServerThatDrainsAnswersWhatItTookIn) {
  harness_.clock().Hold();
  std::vector<std::future<Reply>> replies;
  for (int i = 0; i < 8; ++i) {
    replies.push_back(
        std::async(std::launch::async, [this, bytes = NewOperator("p" + std::to_string(i)).SerializeAsString()] { return Create(bytes); }));
  }
  // All are in the lane, or were applied before the clock was held.
  const auto in_engine = [&] {
    return harness_.server().engine().Lane(Lane::kRegistry).waiting + harness_.server().engine().counts().commands;
  };
  while (in_engine() < 7) std::this_thread::yield();
  auto drained = std::async(std::launch::async, [this] { harness_.server().Drain(); });
  harness_.clock().Go();
  size_t answered = 0;
  for (auto& reply : replies) answered += reply.get().status.ok();
  drained.get();
  EXPECT_GE(answered, 7u);
  // Nobody listens any more. (A call would say so too, but one that ends just before the process does makes gRPC 1.51's callback threads outlive it.)
  EXPECT_FALSE(harness_.NewChannel()->WaitForConnected(std::chrono::system_clock::now() + std::chrono::milliseconds(200)));
}

}  // namespace
}  // namespace songhua::api
