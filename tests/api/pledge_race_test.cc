// Two banks race for the same units through two connections: exactly one wins, the other learns why.
#include <array>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "ledger/identifiers.h"
#include "ledger/sha256.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/participants.pb.h"
#include "songhua/v1/pledges.grpc.pb.h"
#include "tests/api/server_harness.h"

namespace songhua::api {
namespace {

using testing::SizeIs;

constexpr size_t kBanks = 2;
// The races go over many lots in turn: a lot's reader goes through all pledges that it ever had.
constexpr int kLots = 100;
constexpr int64_t kLotUnits = 1'000;

int RaceRounds() { return std::getenv("SONGHUA_NIGHTLY") != nullptr ? 10'000 : 500; }

// Two clerks of the registry, each on a connection and a thread of his own, who verify a pledge each at the same moment.
class Racers {
 public:
  explicit Racers(ServerHarness* harness) {
    for (size_t i = 0; i < kBanks; ++i) {
      racers_[i].pledges = v1::Pledges::NewStub(harness->NewChannel());
      racers_[i].thread = std::thread([this, i] { Run(i); });
    }
  }
  ~Racers() {
    over_ = true;
    start_.arrive_and_wait();
    for (Racer& racer : racers_) racer.thread.join();
  }

  // What each was answered. The i-th names the i-th pledge.
  std::array<Reply, kBanks> Race(const std::array<std::string, kBanks>& pledges) {
    ++round_;
    for (size_t i = 0; i < kBanks; ++i) racers_[i].pledge = pledges[i];
    start_.arrive_and_wait();
    finish_.arrive_and_wait();
    return {racers_[0].reply, racers_[1].reply};
  }

 private:
  struct Racer {
    std::unique_ptr<v1::Pledges::Stub> pledges;
    std::string pledge;
    Reply reply;
    std::thread thread;
  };

  void Run(size_t i) {
    Racer& racer = racers_[i];
    for (;;) {
      start_.arrive_and_wait();
      if (over_) return;
      v1::VerifyPledgeRequest request;
      request.set_request_id("20260105-race-" + std::to_string(i) + "-" + std::to_string(round_));
      request.set_name(racer.pledge);
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));
      ServerHarness::AddToken(&context, i == 0 ? "registry-op" : "second-registry-op");
      v1::PledgeAnswer answer;
      const grpc::Status status = racer.pledges->VerifyPledge(&context, request, &answer);
      racer.reply = MakeReply(status, answer.SerializeAsString());
      finish_.arrive_and_wait();
    }
  }

  // Of both racers and of who lets them start; what they share is written before one barrier and read after it.
  std::barrier<> start_{kBanks + 1};
  std::barrier<> finish_{kBanks + 1};
  bool over_ = false;
  int round_ = 0;
  std::array<Racer, kBanks> racers_;
};

class PledgeRaceTest : public testing::Test {
 protected:
  void SetUp() override {
    world_.Furnish();
    const std::string first17 = "91220101MA0Y3T5KE";
    banks_ = {world_.Named("participants/$K"), "participants/" + first17 + *UsccCheckCharacter(first17)};
    world_.Must<v1::ParticipantAnswer>("Participants/CreateParticipant",
                                       "participant { name: '" + banks_[1] + "' kind: BANK display_name: 'x' region: '220100' }", "operator-token");
    AddPerson("second-officer", banks_[1], v1::BANK_APPROVER);
    AddPerson("second-registry-op", "participants/house", v1::REGISTRY_OP);
    AddLots();
  }

  void AddLots() {
    const std::string term = " valid_from: '2026-01-01' valid_to: '2030-12-31'";
    const auto issued = world_.Must<v1::TransactionAnswer>(
        "Ledger/IssueUnits",
        "program: 'programs/rights' control_zone: '220100' pollutant: 'SO2' trading_group: 'INDUSTRY' to_account: 'accounts/rights.reserve.220100' quantity: " +
            std::to_string(kLots * kLotUnits) + term,
        "registry-op");
    for (int i = 0; i < kLots; ++i) {
      world_.Must<v1::TransactionAnswer>("Ledger/AllocateRight",
                                         "from_lot: '" + issued.lots(0).name() + "' to_account: 'accounts/$A001.rights' source: 'INITIAL_PAID' cost_fen: 1000" +
                                             " quantity: " + std::to_string(kLotUnits) + term,
                                         "changchun-officer");
    }
    const auto lots = world_.Must<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/$A001.rights' page { page_size: 1000 }", "a-trader");
    for (const v1::Lot& lot : lots.lots()) {
      if (lot.quantity() == kLotUnits) lots_.push_back(lot.name());
    }
    ASSERT_THAT(lots_, SizeIs(kLots));
  }

  // A person whose token is his id.
  void AddPerson(const std::string& id, const std::string& participant, v1::Role role) {
    v1::CreatePersonRequest request;
    request.set_request_id(world_.NewRequestId());
    request.mutable_person()->set_name("people/" + id);
    request.mutable_person()->set_participant(participant);
    request.mutable_person()->set_display_name("x");
    request.mutable_person()->add_roles()->set_role(role);
    Do("Participants/CreatePerson", request);
    v1::CreateTokenRequest token;
    token.set_request_id(world_.NewRequestId());
    token.set_person("people/" + id);
    token.set_token_sha256(std::string(AsBytes(Sha256Of(id))));
    token.mutable_expire_time()->set_seconds(StartOfDay(MakeDate(2026, 12, 31)).value() / kMicrosPerSecond);
    Do("Participants/CreateToken", token);
  }
  void Do(const std::string& rpc, const google::protobuf::Message& request) {
    const Reply reply = harness_.Call(rpc, request.SerializeAsString(), "operator-token");
    EXPECT_TRUE(reply.status.ok()) << rpc << ": " << reply.status;
  }

  // Both are on their way before either is awaited.
  std::future<Reply> Start(const std::string& rpc, const std::string& text, const std::string& token) {
    return harness_.Start(rpc, world_.Request(rpc, text)->SerializeAsString(), token);
  }
  static v1::Pledge PledgeOf(const Reply& reply) {
    v1::PledgeAnswer answer;
    EXPECT_TRUE(reply.status.ok()) << reply.status;
    EXPECT_TRUE(answer.ParseFromString(reply.answer));
    return answer.pledge();
  }
  std::array<std::string, kBanks> ApplyToBoth(const std::string& lot) {
    std::array<std::future<Reply>, kBanks> replies;
    for (size_t i = 0; i < kBanks; ++i) {
      replies[i] = Start("Pledges/ApplyPledge",
                         "lot: '" + lot + "' quantity: " + std::to_string(kLotUnits) + " pledgee: '" + banks_[i] + "' form: MORTGAGE", "a-trader");
    }
    std::array<std::string, kBanks> names;
    for (size_t i = 0; i < kBanks; ++i) {
      const v1::Pledge pledge = PledgeOf(replies[i].get());
      EXPECT_EQ(pledge.state(), v1::APPLIED);
      EXPECT_EQ(pledge.pledgee(), banks_[i]);
      names[i] = pledge.name();
    }
    return names;
  }
  v1::Lot Read(const std::string& lot) { return world_.Must<v1::LotAnswer>("Ledger/GetLot", "name: '" + lot + "'", "a-trader").lot(); }
  // The bank that has the units declines, the registry refuses the other's application: the lot is free again.
  void FreeTheLot(const std::array<std::string, kBanks>& pledges, size_t winner) {
    const std::string decided = "decision: 'the next round' ";
    auto declined = Start("Pledges/DeclinePledge", decided + "name: '" + pledges[winner] + "'", winner == 0 ? "k-officer" : "second-officer");
    auto rejected = Start("Pledges/RejectPledge", decided + "name: '" + pledges[1 - winner] + "'", "registry-op");
    EXPECT_EQ(PledgeOf(declined.get()).state(), v1::RELEASED);
    EXPECT_EQ(PledgeOf(rejected.get()).state(), v1::PLEDGE_REJECTED);
  }

  ServerHarness harness_;
  World world_{&harness_};
  std::array<std::string, kBanks> banks_;
  std::vector<std::string> lots_;
};

TEST_F(PledgeRaceTest, OneBankGetsTheUnitsAndTheOtherLearnsWhy) {
  const int rounds = RaceRounds();
  Racers racers(&harness_);
  std::array<int, kBanks> wins{};
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    const std::string& lot = lots_[static_cast<size_t>(round) % lots_.size()];
    const std::array<std::string, kBanks> pledges = ApplyToBoth(lot);
    if (HasFailure()) return;
    const std::array<Reply, kBanks> replies = racers.Race(pledges);
    ASSERT_NE(replies[0].status.ok(), replies[1].status.ok()) << replies[0].status << " and " << replies[1].status;
    const size_t winner = replies[0].status.ok() ? 0 : 1;
    ++wins[winner];
    const v1::Pledge won = PledgeOf(replies[winner]);
    EXPECT_EQ(won.name(), pledges[winner]);
    EXPECT_EQ(won.pledgee(), banks_[winner]);
    EXPECT_EQ(won.state(), v1::HELD);

    const absl::Status& lost = replies[1 - winner].status;
    EXPECT_EQ(Outcome(lost), "FAILED_PRECONDITION PLEDGED_UNITS");
    const auto refusal = GetRefusal(lost);
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->rule, "PLG-28");
    EXPECT_EQ(refusal->field, "quantity");
    EXPECT_EQ(refusal->value, std::to_string(kLotUnits));
    EXPECT_EQ(refusal->accepted, "at most 0, the free part of " + lot);

    const v1::Lot held = Read(lot);
    EXPECT_EQ(held.available(), 0);
    ASSERT_THAT(held.encumbrances(), SizeIs(1));
    EXPECT_EQ(held.encumbrances(0).kind(), "PROVISIONAL_PLEDGE");
    EXPECT_EQ(held.encumbrances(0).quantity(), kLotUnits);
    EXPECT_EQ(held.encumbrances(0).cause(), pledges[winner]);
    FreeTheLot(pledges, winner);
  }
  for (const std::string& lot : lots_) {
    const v1::Lot free = Read(lot);
    EXPECT_EQ(free.available(), kLotUnits) << lot;
    EXPECT_THAT(free.encumbrances(), SizeIs(0)) << lot;
  }
  EXPECT_EQ(wins[0] + wins[1], rounds);
  // Where the same always wins, nothing raced.
  EXPECT_GT(wins[0], 0);
  EXPECT_GT(wins[1], 0);
}

}  // namespace
}  // namespace songhua::api
