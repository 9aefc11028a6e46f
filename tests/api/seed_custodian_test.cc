// The custodian of call auctions' seeds on a real engine: what he keeps, what the journal gets, and what becomes of an auction when he crashes or loses his file.
#include "api/seed_custodian.h"

#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "api/verify.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "songhua/v1/auctions.pb.h"
#include "tests/api/read_harness.h"

namespace songhua::api {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int64_t kSecond = kMicrosPerSecond;
constexpr int64_t kMinute = 60 * kSecond;

// The custodian's records, in the order of the journal.
class CustodianRecords : public JournalVisitor {
 public:
  absl::Status OnRecord(const JournalRecord& record, std::string_view, uint64_t) override {
    if (record.method != kSealCallMethod && record.method != kRevealSeedMethod) return absl::OkStatus();
    CustodianCommand command;
    EXPECT_TRUE(DecodeValue(record.request, &command).ok());
    methods.emplace_back(record.method.substr(record.method.find('/') + 1));
    digests.push_back(command.digest);
    times.emplace_back(record.time_us);
    return absl::OkStatus();
  }
  absl::Status OnGroupEnd(const GroupTrailer&) override { return absl::OkStatus(); }
  std::vector<std::string> methods;
  std::vector<Digest> digests;
  std::vector<Timestamp> times;
};

class SeedCustodianTest : public testing::TestWithParam<ClockMode> {
 protected:
  // 09:15, a call auction collects.
  SeedCustodianTest() {
    world_.Furnish();
    world_.Must<v1::RulebookAnswer>("Exchange/LoadRulebook",
                                    "rulebook { name: 'rulebooks/drawn' settlement: IMMEDIATE quantity_min: 1 quantity_max: 1000000 call_seed: true call_ties: "
                                    "BY_LOT random_end_seconds: 30 forms: SEALED_AUCTION phases { kind: CALL from: '09:15' to: '09:25' } "
                                    "phases { kind: CONTINUOUS from: '09:30' to: '11:30' } }",
                                    "exchange-op");
    world_.Must<v1::ContractAnswer>("Exchange/CreateContract",
                                    "contract { name: 'contracts/DRAWN' rulebook: 'rulebooks/drawn' program: 'programs/cea' control_zone: 'CN' pollutant: "
                                    "'CO2E' trading_group: 'ALL' vintage: 2025 price_basis: PER_T_TERM tick_fen: 1 lot_size: 1 reference_price_fen: 8000 }",
                                    "exchange-op");
    Pass(15 * kMinute);
  }
  // Moves the clock and has a command come, by which the engine has done what fell due.
  void Pass(int64_t micros) {
    now_ += micros;
    if (GetParam() == ClockMode::kSystem) {
      clock_.Pass(micros);
    } else {
      world_.Must<v1::StatusAnswer>("Operations/AdvanceClock", "to_time { seconds: " + std::to_string((kTestStart.value() + now_) / kSecond) + " }", "operator-token");
    }
    Nudge();
  }
  void Nudge() {
    for (int i = 0; i < 3; ++i) world_.Must<v1::ContractAnswer>("Exchange/SetReferencePrice", "contract: 'contracts/SO2' price_fen: 500000 announcement: 'n'", "exchange-op");
  }
  v1::Contract Contract() { return world_.Must<v1::ContractAnswer>("Exchange/GetContract", "name: 'contracts/DRAWN'", "a-trader").contract(); }
  // What the operator's status says of today.
  std::string VoidCalls() {
    std::string text;
    const auto status = world_.Must<v1::StatusAnswer>("Operations/GetStatus", "", "operator-token");
    for (const v1::VoidCall& call : status.void_calls()) text += call.contract() + " " + call.date() + " " + call.reason();
    return text;
  }
  v1::CallAuction::State State() { return Contract().call_auction().state(); }
  std::string Order(const std::string& name) {
    return world_.Must<v1::OrderAnswer>("Exchange/GetOrder", "name: '" + name + "'", name == sell_ ? "a-trader" : "b-trader").order().state();
  }
  void PlaceBoth() {
    sell_ = world_.Sell("a-trader", "DRAWN", 8000, 10);
    buy_ = world_.Buy("b-trader", "DRAWN", 8000, 10);
  }
  // A sealed auction of tomorrow from 10:00 to 11:00, with a bid, at 10:00.
  void OpenAuction() {
    const auto at = [](int minutes) { return "{ seconds: " + std::to_string(kTestStart.value() / kSecond + 24 * 3600 + minutes * 60) + " }"; };
    world_.Must<v1::AuctionAnswer>("Auctions/ApplyForAuction",
                                   "kind: SEALED contract: 'contracts/DRAWN' account: 'accounts/$A.trading' side: SELL quantity: 10 reserve_price_fen: 7000", "a-trader");
    world_.Must<v1::AuctionAnswer>("Auctions/AnnounceAuction",
                                   "name: 'auctions/1' announcement: 'n' notice_workdays: 1 register_until_time " + at(60) + " open_time " + at(60) + " close_time " +
                                       at(120) + " sealed { ties: SEEDED margin: FILL }",
                                   "exchange-op");
    Pass(24 * 60 * kMinute + 45 * kMinute);
    world_.Must<v1::BidderAnswer>("Auctions/RegisterBidder", "auction: 'auctions/1' account: 'accounts/$B.trading' guarantee_fen: 100000", "b-trader");
    world_.Must<v1::BidAnswer>("Auctions/PlaceBid", "auction: 'auctions/1' account: 'accounts/$B.trading' price_fen: 8000 quantity: 10", "b-trader");
  }
  v1::Auction Auction() { return world_.Must<v1::AuctionAnswer>("Auctions/GetAuction", "name: 'auctions/1'", "a-trader").auction(); }
  std::string File() { return harness_.engine().directory() + "/store/call_seeds"; }
  std::string Kept() {
    std::ifstream in(File());
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  // What the journal has, after it was replayed from its first record.
  CustodianRecords Journal() {
    harness_.Close();
    StoreOptions options;
    options.path = harness_.engine().Options().store.path;
    auto store = Store::Open(options);
    EXPECT_TRUE(store.ok()) << store.status();
    CustodianRecords records;
    EXPECT_TRUE((*store)->ScanJournal(1, &records).ok());
    const auto report = Verify({.store = store->get()}, nullptr);
    EXPECT_TRUE(report.ok()) << report.status();
    return records;
  }

  SettableClock clock_;
  ReadHarness harness_{GetParam(), GetParam() == ClockMode::kSystem ? &clock_ : nullptr};
  World world_{&harness_};
  int64_t now_ = 0;  // since kTestStart
  std::string sell_, buy_;
};

INSTANTIATE_TEST_SUITE_P(Clocks, SeedCustodianTest, testing::Values(ClockMode::kVirtual, ClockMode::kSystem),
                         [](const auto& mode) { return mode.param == ClockMode::kVirtual ? "Virtual" : "System"; });

TEST_P(SeedCustodianTest, SealsBeforeTheFirstOrderAndRevealsOnceTheCollectingHasEnded) {
  ASSERT_EQ(State(), v1::CallAuction::COLLECTING);
  struct stat file;
  ASSERT_EQ(::stat(File().c_str(), &file), 0);
  EXPECT_EQ(file.st_mode & 0777, 0600u);
  EXPECT_THAT(Kept(), HasSubstr(" DRAWN 2026-01-05\n"));
  PlaceBoth();
  Pass(9 * kMinute);
  EXPECT_EQ(Contract().call_auction().seed(), "");
  Pass(kMinute + 30 * kSecond);
  EXPECT_EQ(State(), v1::CallAuction::ENDED);
  EXPECT_EQ(Order(sell_), "FILLED");
  const std::string seed = Contract().call_auction().seed();
  const std::string seal = Contract().call_auction().seed_sha256();
  const CustodianRecords records = Journal();
  EXPECT_THAT(records.methods, ElementsAre("SealCall", "RevealSeed"));
  EXPECT_EQ(ToHex(records.digests[0]), seal);
  EXPECT_EQ(ToHex(records.digests[1]), seed);
  EXPECT_EQ(Sha256Of(AsBytes(records.digests[1])), records.digests[0]);
  if (GetParam() == ClockMode::kSystem) {
    const Timestamp end(kTestStart.value() + 25 * kMinute);
    EXPECT_EQ(records.times[1], exchange::DrawEnd(records.digests[1], "DRAWN", MakeDate(2026, 1, 5), end, 30)) << "dated at the drawn instant";
  }
  EXPECT_FALSE(std::filesystem::exists(File())) << "a seed that is known is not kept";
}

TEST_P(SeedCustodianTest, FindsItsSeedAfterARestart) {
  PlaceBoth();
  const std::string seal = Contract().call_auction().seed_sha256();
  harness_.Reopen();
  EXPECT_EQ(State(), v1::CallAuction::COLLECTING);
  EXPECT_EQ(Contract().call_auction().seed_sha256(), seal);
  Pass(10 * kMinute + 30 * kSecond);
  EXPECT_EQ(State(), v1::CallAuction::ENDED);
  EXPECT_EQ(Order(buy_), "FILLED");
  EXPECT_THAT(Journal().methods, ElementsAre("SealCall", "RevealSeed"));
}

TEST_P(SeedCustodianTest, AnAuctionWhoseSeedIsLostIsVoidAndTheJournalAloneSaysSo) {
  PlaceBoth();
  harness_.Close();
  std::ofstream(File(), std::ios::trunc) << "songhua call seeds 1\n" << std::string(64, '0') << " DRAWN 2026-01-05\nsha256 " << std::string(64, '0') << "\n";
  harness_.Reopen();
  Pass(10 * kMinute + 30 * kSecond);
  EXPECT_EQ(State(), v1::CallAuction::AWAITS_SEED);
  Pass(9 * kMinute + 59 * kSecond);
  EXPECT_EQ(VoidCalls(), "") << "ten minutes, not less";
  testing::internal::CaptureStderr();
  Pass(kSecond);
  EXPECT_EQ(State(), v1::CallAuction::VOID);
  EXPECT_EQ(VoidCalls(), "contracts/DRAWN 2026-01-05 NO_SEED");
  harness_.Reopen();
  EXPECT_EQ(VoidCalls(), "contracts/DRAWN 2026-01-05 NO_SEED");
  const std::string told = testing::internal::GetCapturedStderr();
  const std::string alert = "the call auction of contracts/DRAWN of 2026-01-05 is void since 2026-01-05T09:35:30";
  EXPECT_THAT(told, HasSubstr(alert));
  EXPECT_EQ(told.find(alert), told.rfind(alert)) << "once, and not when the service starts again";
  EXPECT_EQ(Order(sell_), "SYSTEM_CANCELLED");
  EXPECT_EQ(Order(buy_), "SYSTEM_CANCELLED");
  EXPECT_THAT(Journal().methods, ElementsAre("SealCall"));
}

TEST_P(SeedCustodianTest, WhatCannotBeKeptIsNotSealedAndNothingIsCollected) {
  std::filesystem::create_directories(File() + ".new/in the way");
  Pass(24 * 60 * kMinute);
  EXPECT_EQ(State(), v1::CallAuction::AWAITS_SEAL);
  const auto refused = world_.Ask<v1::OrderAnswer>(
      "Exchange/PlaceOrder", "contract: 'contracts/DRAWN' account: 'accounts/$A.trading' side: SELL price_fen: 8000 quantity: 10", "a-trader");
  EXPECT_EQ(Outcome(refused), "FAILED_PRECONDITION SESSION_CLOSED");
  std::filesystem::remove_all(File() + ".new");
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (State() != v1::CallAuction::COLLECTING && std::chrono::steady_clock::now() < patience) Nudge();  // he tries again every second
  EXPECT_EQ(State(), v1::CallAuction::COLLECTING);
  PlaceBoth();
  Pass(10 * kMinute + 30 * kSecond);
  EXPECT_EQ(Order(sell_), "FILLED");
}

TEST_P(SeedCustodianTest, ASealedAuctionFindsItsSeedAfterARestart) {
  OpenAuction();
  EXPECT_THAT(Kept(), HasSubstr(" auctions/1 2026-01-06\n"));
  const std::string seal = Auction().seed_sha256();
  EXPECT_EQ(seal.size(), 64u);
  harness_.Reopen();
  Pass(59 * kMinute);
  EXPECT_EQ(Auction().state(), v1::Auction::OPEN);
  EXPECT_EQ(Auction().seed(), "");
  Pass(kMinute);
  EXPECT_EQ(Auction().state(), v1::Auction::MATCHED);
  EXPECT_EQ(Auction().seed_sha256(), seal);
  EXPECT_EQ(Auction().sold_quantity(), 10);
  Journal();
  EXPECT_THAT(Kept(), testing::Not(HasSubstr("auctions/1"))) << "deleted at the latest when the service stops";
}

TEST_P(SeedCustodianTest, ASealedAuctionWhoseSeedIsLostIsVoid) {
  OpenAuction();
  harness_.Close();
  std::filesystem::remove(File());
  harness_.Reopen();
  Pass(61 * kMinute);
  EXPECT_EQ(Auction().state(), v1::Auction::CLOSED);
  Pass(10 * kMinute);
  EXPECT_EQ(Auction().state(), v1::Auction::VOID);
  EXPECT_EQ(Auction().reason(), "NO_SEED");
  const auto cash = world_.Must<v1::ListHoldingsAnswer>("Ledger/ListHoldings", "account: 'accounts/$B.cash'", "b-trader");
  ASSERT_EQ(cash.holdings_size(), 1);
  EXPECT_EQ(cash.holdings(0).held(), 0);
  Journal();
}

TEST_P(SeedCustodianTest, AServiceThatSleptOverTheEndTradesAsOfThen) {
  PlaceBoth();
  harness_.Close();
  // Its clock goes on while it is down, beyond the time in which a seed may come.
  if (GetParam() == ClockMode::kSystem) {
    clock_.Pass(40 * kMinute);
    harness_.Reopen();
    Nudge();
    EXPECT_EQ(State(), v1::CallAuction::ENDED);
    const CustodianRecords records = Journal();
    ASSERT_THAT(records.methods, ElementsAre("SealCall", "RevealSeed"));
    EXPECT_LT(records.times[1].value(), kTestStart.value() + 26 * kMinute);
  } else {
    harness_.Reopen();
    Pass(40 * kMinute);
    EXPECT_EQ(State(), v1::CallAuction::ENDED);
  }
}

}  // namespace
}  // namespace songhua::api
