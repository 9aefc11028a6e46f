// Collateral.WatchCollateral over a socket: a bank's pledges in force, then what touches them.
#include <chrono>
#include <memory>
#include <string>

#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "songhua/v1/collateral.grpc.pb.h"
#include "tests/api/server_harness.h"

namespace songhua::api {
namespace {

class CollateralClient {
 public:
  CollateralClient(ServerHarness& harness, const std::string& token, const std::string& bank = "") : stub_(v1::Collateral::NewStub(harness.NewChannel())) {
    v1::WatchCollateralRequest request;
    request.set_bank(bank);
    if (!token.empty()) ServerHarness::AddToken(&context_, token);
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));  // a watch that is told nothing fails its test
    stream_ = stub_->WatchCollateral(&context_, request);
  }
  ~CollateralClient() {
    if (stream_ == nullptr) return;
    context_.TryCancel();
    v1::CollateralEvent rest;
    while (stream_->Read(&rest)) continue;
    stream_->Finish();
  }
  // One event: "PLEDGE_CHANGED pledges/1 HELD", with its cause and detail where it has any, and with the alerts that began or ended.
  std::string Next() {
    v1::CollateralEvent event;
    if (!stream_->Read(&event)) return "the stream has ended";
    EXPECT_GE(event.sequence(), sequence_);
    sequence_ = event.sequence();
    std::string text = v1::CollateralEvent::Kind_Name(event.kind());
    if (event.has_pledge()) text += " " + event.pledge().name() + " " + v1::PledgeState_Name(event.pledge().state());
    if (!event.cause().empty()) text += ": " + event.cause() + " " + event.detail();
    for (const std::string& alert : event.raised_alerts()) text += " +" + alert;
    for (const std::string& alert : event.ended_alerts()) text += " -" + alert;
    return text;
  }
  Reply Finish() {
    v1::CollateralEvent rest;
    while (stream_->Read(&rest)) ADD_FAILURE() << rest.DebugString();
    Reply reply = MakeReply(stream_->Finish(), "");
    stream_ = nullptr;
    return reply;
  }

 private:
  std::unique_ptr<v1::Collateral::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::CollateralEvent>> stream_;
  uint64_t sequence_ = 0;
};

class CollateralWatchTest : public testing::Test {
 protected:
  CollateralWatchTest() {
    world_.Furnish();
    lot_ = world_.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/$A001.rights'", "a-trader").lots(0).name();
  }
  void Apply(const std::string& pledgee, int64_t quantity) {
    world_.Must<v1::PledgeAnswer>(
        "Pledges/ApplyPledge", "lot: '" + lot_ + "' quantity: " + std::to_string(quantity) + " pledgee: 'participants/" + pledgee + "' form: MORTGAGE", "a-trader");
  }
  void Verify(const std::string& pledge) { world_.Must<v1::PledgeAnswer>("Pledges/VerifyPledge", "name: '" + pledge + "'", "registry-op"); }

  ServerHarness harness_;
  World world_{&harness_};
  std::string lot_;
};

TEST_F(CollateralWatchTest, FirstThePledgesInForceThenEachChange) {
  Apply("branch", 20'000);
  Verify("pledges/1");
  CollateralClient watch(harness_, "k-officer");
  EXPECT_EQ(watch.Next(), "IN_FORCE pledges/1 HELD");
  EXPECT_EQ(watch.Next(), "COMPLETE");
  Apply("$K", 10'000);
  EXPECT_EQ(watch.Next(), "PLEDGE_CHANGED pledges/2 APPLIED");
  Verify("pledges/2");
  EXPECT_EQ(watch.Next(), "PLEDGE_CHANGED pledges/2 HELD");
  world_.Must<v1::PledgeAnswer>("Pledges/DeclinePledge", "name: 'pledges/1' decision: 'no'", "branch-officer");
  EXPECT_EQ(watch.Next(), "PLEDGE_CHANGED pledges/1 RELEASED");
}

TEST_F(CollateralWatchTest, CourtsAndPermitOfficesAreToldOfWhereTheyReachAPledge) {
  Apply("branch", 20'000);
  Verify("pledges/1");
  CollateralClient watch(harness_, "branch-officer");
  EXPECT_EQ(watch.Next(), "IN_FORCE pledges/1 HELD");
  EXPECT_EQ(watch.Next(), "COMPLETE");
  world_.Must<v1::FreezeAnswer>("Ledger/FreezeUnits",
                                "lot: '" + lot_ + "' quantity: 1000 court: 'c' case_number: '7' start_date: '2026-01-05' end_date: '2026-12-31'", "changchun-officer");
  EXPECT_EQ(watch.Next(), "FREEZE_CHANGED pledges/1 HELD: freezes/1 ordered over " + lot_);
  world_.Must<v1::OverlayAnswer>("Permits/PlaceOverlay", "site: 'sites/$A001' kind: SEIZED ground: VIOLATION decision: 'd' reason: 'r'", "changchun-officer");
  EXPECT_EQ(watch.Next(), world_.Named("PERMIT_CHANGED pledges/1 HELD: overlays/$A001.1 SEIZED from 2026-01-05"));
  world_.Must<v1::PermitAnswer>("Permits/RevokePermit", "name: 'permits/$A001P' decision: 'd' grounds: 'g'", "changchun-officer");
  EXPECT_EQ(watch.Next(), world_.Named("PERMIT_CHANGED pledges/1 HELD: permits/$A001P REVOKED to 2030-12-31"));
}

TEST_F(CollateralWatchTest, ReductionTasksOfASiteWithPledgedRightsAreTold_PLG12) {
  Apply("branch", 20'000);
  Verify("pledges/1");
  CollateralClient watch(harness_, "branch-officer");
  EXPECT_EQ(watch.Next(), "IN_FORCE pledges/1 HELD");
  EXPECT_EQ(watch.Next(), "COMPLETE");
  const auto assess = [&](const std::string& site, const std::string& more) {
    world_.Must<v1::ReductionTaskAnswer>(
        "Permits/RecordReductionTask",
        "site: 'sites/" + site + "' pollutant: 'SO2' year: 2025 required_quantity: 1000 decision_date: '2026-01-04' " + more, "changchun-officer");
  };
  assess("$B001", "achieved_quantity: 1 decision: '1'");  // of another enterprise
  assess("$A001", "achieved_quantity: 999 decision: '2'");
  EXPECT_EQ(watch.Next(), world_.Named("REDUCTION_TASK_ASSESSED pledges/1 HELD: reductionTasks/$A001.2 FAILED of SO2 for 2025"));
  assess("$A001", "achieved_quantity: 1000 decision: '3' correction_reason: 'measured anew'");
  EXPECT_EQ(watch.Next(),
            world_.Named("REDUCTION_TASK_ASSESSED pledges/1 HELD: reductionTasks/$A001.3 MET of SO2 for 2025, correcting reductionTasks/$A001.2"));
}

TEST_F(CollateralWatchTest, AlertsThatBeginAndEndAreTold) {
  Apply("$K", 20'000);  // worth 299.34
  Verify("pledges/1");
  world_.Must<v1::PledgeAnswer>(
      "Pledges/ApprovePledge", "name: 'pledges/1' principal_fen: 20000 rate_bps: 435 term_start: '2026-01-05' term_end: '2030-12-31' contract_number: 'C'", "k-officer");
  world_.Must<v1::PledgeAnswer>("Pledges/ConfirmPledge", "name: 'pledges/1'", "a-trader");
  CollateralClient watch(harness_, "k-officer");
  EXPECT_EQ(watch.Next(), "IN_FORCE pledges/1 ACTIVE");
  EXPECT_EQ(watch.Next(), "COMPLETE");
  const auto report = [&](const std::string& owed) {
    world_.Must<v1::PledgeAnswer>("Pledges/ReportBalance", "name: 'pledges/1' balance_date: '2026-01-05' " + owed, "k-officer");
    EXPECT_EQ(watch.Next(), "PLEDGE_CHANGED pledges/1 ACTIVE");
  };
  report("principal_fen: 20000 interest_fen: 6000");
  EXPECT_EQ(watch.Next(), "ALERTS_CHANGED pledges/1 ACTIVE +COVERAGE_WATCH");
  report("principal_fen: 20000 interest_fen: 10000");
  EXPECT_EQ(watch.Next(), "ALERTS_CHANGED pledges/1 ACTIVE +COVERAGE_CALL");
  report("principal_fen: 20000 interest_fen: 10001");
  report("principal_fen: 100");
  EXPECT_EQ(watch.Next(), "ALERTS_CHANGED pledges/1 ACTIVE -COVERAGE_WATCH -COVERAGE_CALL");
}

TEST_F(CollateralWatchTest, OthersPledgesAreNotTold) {
  CollateralClient watch(harness_, "branch-officer");
  EXPECT_EQ(watch.Next(), "COMPLETE");
  Apply("$K", 10'000);  // the head office's
  Apply("branch", 10'000);
  EXPECT_EQ(watch.Next(), "PLEDGE_CHANGED pledges/2 APPLIED");
}

TEST_F(CollateralWatchTest, OnlyTheBankAndWhoOverseesItMayWatch) {
  EXPECT_EQ(CollateralClient(harness_, "branch-officer", world_.Named("participants/$K")).Finish().status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(CollateralClient(harness_, "a-trader", world_.Named("participants/$K")).Finish().status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(CollateralClient(harness_, "", world_.Named("participants/$K")).Finish().status.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Outcome(CollateralClient(harness_, "registry-op").Finish().status), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(CollateralClient(harness_, "registry-op", "participants/none").Finish().status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(CollateralClient(harness_, "registry-op", world_.Named("participants/$K")).Next(), "COMPLETE");
  EXPECT_EQ(CollateralClient(harness_, "k-officer", "participants/branch").Next(), "COMPLETE");
}

}  // namespace
}  // namespace songhua::api
