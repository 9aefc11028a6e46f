// Deadlines.WatchDeadlines over a socket: the list, then what changes of it, for those who may see it.
#include <fstream>
#include <future>
#include <map>
#include <sstream>

#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "ledger/bounds.h"
#include "songhua/v1/absences.pb.h"
#include "songhua/v1/deadlines.grpc.pb.h"
#include "songhua/v1/regimes.pb.h"
#include "tests/api/server_harness.h"

namespace songhua::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string Shipped(const std::string& path) {
  std::ifstream file(std::string(SONGHUA_TESTDATA) + "/../../" + path);
  EXPECT_TRUE(file.good()) << path;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// Keeps the list as the API says: a snapshot makes all before it void, closed and gone ones leave it.
class DeadlineClient {
 public:
  DeadlineClient(ServerHarness& harness, const std::string& token, const v1::WatchDeadlinesRequest& request)
      : stub_(v1::Deadlines::NewStub(harness.NewChannel())) {
    if (!token.empty()) ServerHarness::AddToken(&context_, token);
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));  // a watch that is told nothing fails its test
    stream_ = stub_->WatchDeadlines(&context_, request);
  }
  ~DeadlineClient() {
    if (stream_ == nullptr) return;
    context_.TryCancel();
    v1::DeadlineUpdate rest;
    while (stream_->Read(&rest)) continue;
    stream_->Finish();
  }
  // Takes one update in. False: the stream has ended.
  bool Next() {
    update_.Clear();
    if (!stream_->Read(&update_)) return false;
    if (update_.first()) list_.clear();
    for (const auto& deadline : update_.deadlines()) {
      const bool open = deadline.state() == v1::RUNNING || deadline.state() == v1::PAUSED || deadline.state() == v1::OVERDUE;
      if (open) {
        list_[deadline.name()] = deadline.subject();
      } else {
        list_.erase(deadline.name());
      }
    }
    for (const auto& name : update_.gone()) list_.erase(name);
    EXPECT_GE(update_.header().sequence(), sequence_) << "sequences never go back";
    sequence_ = update_.header().sequence();
    return true;
  }
  void FollowTo(uint64_t sequence) {
    while (sequence_ < sequence) ASSERT_TRUE(Next());
  }
  Reply Finish() {
    Reply reply = MakeReply(stream_->Finish(), "");
    stream_ = nullptr;
    return reply;
  }
  const v1::DeadlineUpdate& update() const { return update_; }
  const std::map<std::string, std::string>& list() const { return list_; }
  uint64_t sequence() const { return sequence_; }

 private:
  std::unique_ptr<v1::Deadlines::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::DeadlineUpdate>> stream_;
  v1::DeadlineUpdate update_;
  std::map<std::string, std::string> list_;  // name and subject
  uint64_t sequence_ = 0;
};

class DeadlineStreamTest : public testing::Test {
 protected:
  DeadlineStreamTest() {
    world_.Furnish();
    world_.Must<v1::RegimeAnswer>("Regimes/LoadRegime",
                                  "regime { " + Shipped("permits/regimes/cn-permits.txtpb") + " effective_from: '2026-01-05' }", "operator-token");
  }
  // A rectification notice begins a deadline of the enterprise; its overlay's name.
  v1::Overlay Notice(const std::string& site = "$A001", const std::string& officer = "changchun-officer") {
    return world_
        .Must<v1::OverlayAnswer>("Permits/PlaceOverlay", "site: 'sites/" + site + "' kind: RECTIFICATION_NOTICE ground: CONDITIONS_NOT_MET decision: 'd" +
                                                             std::to_string(++decisions_) + "' reason: 'leaks'", officer)
        .overlay();
  }
  // Which ends it.
  uint64_t Lift(const v1::Overlay& overlay, const std::string& officer = "changchun-officer") {
    return world_.Must<v1::OverlayAnswer>("Permits/LiftOverlay", "name: '" + overlay.name() + "' decision: 'done'", officer).header().sequence();
  }
  // What ListDeadlines says now.
  std::map<std::string, std::string> Listed(const std::string& text, const std::string& token, uint64_t* sequence) {
    const auto answer = world_.Must<v1::ListDeadlinesAnswer>("Deadlines/ListDeadlines", text + " page { page_size: 1000 }", token);
    *sequence = answer.header().sequence();
    std::map<std::string, std::string> list;
    for (const auto& deadline : answer.deadlines()) list[deadline.name()] = deadline.subject();
    return list;
  }
  static v1::WatchDeadlinesRequest Everything() { return {}; }
  v1::WatchDeadlinesRequest Asked(const std::string& text) {
    v1::WatchDeadlinesRequest request;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
    return request;
  }

  ServerHarness harness_;
  World world_{&harness_};
  int decisions_ = 0;
};

TEST_F(DeadlineStreamTest, WhoWatchesHasWhatIsListed) {
  const v1::Overlay first = Notice();
  DeadlineClient client(harness_, "changchun-officer", Everything());
  ASSERT_TRUE(client.Next());
  EXPECT_TRUE(client.update().snapshot() && client.update().first() && client.update().complete());
  EXPECT_EQ(client.list().size(), 1u);
  const v1::Overlay second = Notice("$B001");
  Lift(first);
  Notice();
  uint64_t sequence = 0;
  const auto listed = Listed("", "changchun-officer", &sequence);
  client.FollowTo(sequence);
  EXPECT_EQ(client.list(), listed);
  EXPECT_EQ(listed.size(), 2u);
  EXPECT_FALSE(client.update().snapshot());
  EXPECT_TRUE(client.update().complete());
  Lift(second);
  ASSERT_TRUE(client.Next());
  ASSERT_EQ(client.update().deadlines_size(), 1);
  EXPECT_EQ(client.update().deadlines(0).state(), v1::MET);
  EXPECT_THAT(client.update().deadlines(0).explanation(), testing::HasSubstr("90 calendar days from 2026-01-05"));
}

TEST_F(DeadlineStreamTest, EachSeesHisOwnRegionAndHisOwnEnterprise) {
  DeadlineClient province(harness_, "province-officer", Everything()), jilin(harness_, "jilin-officer", Everything()),
      a(harness_, "a-trader", Everything());
  ASSERT_TRUE(province.Next() && jilin.Next() && a.Next());
  const v1::Overlay of_a = Notice();
  Notice("$B001");
  const v1::Overlay of_d = Notice("$D001", "jilin-officer");
  // All of them are told of the last change, or would be of one before it.
  Lift(of_a);
  const uint64_t last = Lift(of_d, "jilin-officer");
  province.FollowTo(last);
  jilin.FollowTo(last);
  EXPECT_EQ(province.list().size(), 1u);
  EXPECT_THAT(jilin.list(), IsEmpty());
  const v1::Overlay again = Notice();
  ASSERT_TRUE(a.Next());
  EXPECT_LT(a.sequence(), last);
  while (!a.list().contains("deadlines/4")) ASSERT_TRUE(a.Next());
  EXPECT_EQ(a.list(), (std::map<std::string, std::string>{{"deadlines/4", again.name()}}));
}

TEST_F(DeadlineStreamTest, WhoMayNotListMayNotWatch) {
  DeadlineClient bank(harness_, "k-officer", Everything()), nobody(harness_, "", Everything());
  EXPECT_FALSE(bank.Next());
  EXPECT_EQ(Outcome(bank.Finish().status), "PERMISSION_DENIED ROLE_MISSING");
  EXPECT_FALSE(nobody.Next());
  EXPECT_EQ(Outcome(nobody.Finish().status), "UNAUTHENTICATED TOKEN_MISSING");
}

TEST_F(DeadlineStreamTest, AWatchThatAsksNonsenseIsRefused) {
  for (const char* text : {"due_by: 'tomorrow'", "assignee: 'offices/7'", "after_sequence: 99999"}) {
    SCOPED_TRACE(text);
    DeadlineClient client(harness_, "changchun-officer", Asked(text));
    EXPECT_FALSE(client.Next());
    EXPECT_EQ(Outcome(client.Finish().status), "INVALID_ARGUMENT INVALID_FIELD");
  }
}

TEST_F(DeadlineStreamTest, AWatchGoesOnWhereItWas) {
  Notice();
  uint64_t seen = 0;
  {
    DeadlineClient client(harness_, "changchun-officer", Everything());
    ASSERT_TRUE(client.Next());
    seen = client.sequence();
  }
  const v1::Overlay missed = Notice("$B001");
  v1::WatchDeadlinesRequest request;
  request.set_after_sequence(seen);
  DeadlineClient client(harness_, "changchun-officer", request);
  ASSERT_TRUE(client.Next());
  EXPECT_FALSE(client.update().snapshot());
  ASSERT_EQ(client.update().deadlines_size(), 1);
  EXPECT_EQ(client.update().deadlines(0).subject(), missed.name());
  // What happened before the server's memory begins comes as a list.
  request.set_after_sequence(1);
  harness_.Restart();
  DeadlineClient later(harness_, "changchun-officer", request);
  ASSERT_TRUE(later.Next());
  EXPECT_TRUE(later.update().snapshot());
  EXPECT_EQ(later.list().size(), 2u);
}

TEST_F(DeadlineStreamTest, AFilterLeavesOutWhatAListWouldLeaveOut) {
  const v1::Overlay overlay = Notice();
  DeadlineClient soon(harness_, "changchun-officer", Asked("due_by: '2026-02-01'")),
      of_case(harness_, "changchun-officer", Asked("subject: '" + overlay.name() + "'"));
  ASSERT_TRUE(soon.Next() && of_case.Next());
  EXPECT_THAT(soon.list(), IsEmpty());
  EXPECT_EQ(of_case.list().size(), 1u);
  Notice("$B001");
  ASSERT_TRUE(soon.Next());
  EXPECT_THAT(soon.update().deadlines(), IsEmpty());
  EXPECT_THAT(soon.update().gone(), ElementsAre("deadlines/2"));
  Lift(overlay);
  ASSERT_TRUE(of_case.Next());
  EXPECT_EQ(of_case.update().gone_size(), 0) << "another case's deadline is nothing to him";
  EXPECT_EQ(of_case.update().deadlines(0).state(), v1::MET);
}

TEST_F(DeadlineStreamTest, AWatchEndsWhenItsReaderMayNoLongerAsk) {
  DeadlineClient client(harness_, "changchun-officer", Everything());
  ASSERT_TRUE(client.Next());
  const auto tokens = world_.Must<v1::ListTokensAnswer>("Participants/ListTokens", "", "operator-token");
  for (const auto& token : tokens.tokens()) {
    if (token.person() != "people/changchun-officer") continue;
    world_.Must<v1::TokenAnswer>("Participants/RevokeToken", "name: '" + token.name() + "'", "operator-token");
  }
  Notice("$A001", "province-officer");
  EXPECT_FALSE(client.Next());
  EXPECT_EQ(Outcome(client.Finish().status), "UNAUTHENTICATED TOKEN_REVOKED");
}

TEST_F(DeadlineStreamTest, AQueueThatBecomesAnotherEndsItsWatch_PERMIT04) {
  DeadlineClient client(harness_, "changchun-officer", Asked("assignee: 'people/changchun-officer'"));
  ASSERT_TRUE(client.Next());
  world_.Must<v1::AbsenceAnswer>("Absences/SetAbsence",
                                 "person: 'people/changchun-reviewer' deputy: 'people/changchun-officer' first_date: '2026-01-05' last_date: '2026-01-09'",
                                 "changchun-officer");
  Notice();
  // What changed before the deputy's queue was seen to be another one may have been told.
  while (client.Next()) continue;
  EXPECT_EQ(Outcome(client.Finish().status), "ABORTED QUEUE_CHANGED");
}

TEST_F(DeadlineStreamTest, AWatchEndsWhenTheServerDrains) {
  DeadlineClient client(harness_, "changchun-officer", Everything());
  ASSERT_TRUE(client.Next());
  auto drained = std::async(std::launch::async, [this] { harness_.server().Drain(); });
  EXPECT_FALSE(client.Next());
  EXPECT_EQ(Outcome(client.Finish().status), "UNAVAILABLE SHUTTING_DOWN");
  drained.get();
}

TEST_F(DeadlineStreamTest, AReaderWhoNeverReadsHoldsNobodyUpAndHasTheListInTheEnd) {
  DeadlineClient idle(harness_, "changchun-officer", Everything());
  ASSERT_TRUE(idle.Next());
  uint64_t sequence = 0;
  for (int i = 0; i < 300; ++i) Lift(Notice());
  const v1::Overlay last = Notice();
  const auto listed = Listed("", "changchun-officer", &sequence);
  idle.FollowTo(sequence);
  EXPECT_EQ(idle.list(), listed);
  EXPECT_EQ(listed.begin()->second, last.name());
}

}  // namespace
}  // namespace songhua::api
