// Exchange.WatchOrders over a socket: the open orders of accounts, then what becomes of their orders and trades.
#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "songhua/v1/exchange.grpc.pb.h"
#include "tests/api/server_harness.h"

namespace songhua::api {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class OrderWatchClient {
 public:
  OrderWatchClient(ServerHarness& harness, const std::string& token, const std::vector<std::string>& accounts, uint64_t after_sequence = 0)
      : stub_(v1::Exchange::NewStub(harness.NewChannel())) {
    v1::WatchOrdersRequest request;
    for (const std::string& account : accounts) request.add_accounts(account);
    request.set_after_sequence(after_sequence);
    if (!token.empty()) ServerHarness::AddToken(&context_, token);
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::minutes(1));  // a watch that is told nothing fails its test
    stream_ = stub_->WatchOrders(&context_, request);
  }
  ~OrderWatchClient() {
    if (stream_ == nullptr) return;
    context_.TryCancel();
    v1::OrdersUpdate rest;
    while (stream_->Read(&rest)) continue;
    stream_->Finish();
  }
  // One update: "1 SUBMITTED 5 of 5" for each order, by the order in which the test first heard of them, and "trade 3 at 8100 SETTLED".
  std::vector<std::string> Next() {
    v1::OrdersUpdate update;
    if (!stream_->Read(&update)) return {"the stream has ended"};
    EXPECT_GE(update.header().sequence(), sequence_);
    sequence_ = update.header().sequence();
    std::vector<std::string> texts;
    if (update.snapshot()) texts.push_back(std::string(update.complete() ? "snapshot" : "part") + (update.gap() ? " after a gap" : ""));
    for (const v1::Order& order : update.orders()) {
      const size_t number = numbers_.try_emplace(order.name(), numbers_.size() + 1).first->second;
      texts.push_back(std::to_string(number) + " " + order.state() + " " + std::to_string(order.open_quantity()) + " of " +
                      std::to_string(order.quantity()));
    }
    for (const v1::Trade& trade : update.trades()) {
      texts.push_back("trade " + std::to_string(trade.quantity()) + " at " + std::to_string(trade.price_fen()) + " " + v1::TradeState_Name(trade.state()));
    }
    return texts;
  }
  Reply Finish() {
    v1::OrdersUpdate rest;
    while (stream_->Read(&rest)) ADD_FAILURE() << rest.DebugString();
    Reply reply = MakeReply(stream_->Finish(), "");
    stream_ = nullptr;
    return reply;
  }
  uint64_t sequence() const { return sequence_; }

 private:
  std::unique_ptr<v1::Exchange::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<v1::OrdersUpdate>> stream_;
  std::map<std::string, size_t> numbers_;
  uint64_t sequence_ = 0;
};

class OrderWatchTest : public testing::Test {
 protected:
  OrderWatchTest() {
    world_.Furnish();
    a_ = world_.Must<v1::AccountAnswer>("Ledger/GetAccount", "name: 'accounts/$A.trading'", "a-trader").account().name();
    b_ = world_.Must<v1::AccountAnswer>("Ledger/GetAccount", "name: 'accounts/$B.trading'", "b-trader").account().name();
  }
  v1::OrderAnswer Sell(int64_t price, int64_t quantity) { return Place("a-trader", a_, "SELL", price, quantity); }
  v1::OrderAnswer Buy(int64_t price, int64_t quantity) { return Place("b-trader", b_, "BUY", price, quantity); }
  v1::OrderAnswer Place(const std::string& token, const std::string& account, const std::string& side, int64_t price, int64_t quantity) {
    return world_.Must<v1::OrderAnswer>("Exchange/PlaceOrder",
                                        "contract: 'contracts/CEA25' account: '" + account + "' side: " + side + " price_fen: " + std::to_string(price) +
                                            " quantity: " + std::to_string(quantity), token);
  }
  v1::OrderAnswer Act(const std::string& rpc, const v1::OrderAnswer& order, const std::string& more = "") {
    return world_.Must<v1::OrderAnswer>("Exchange/" + rpc, "name: '" + order.order().name() + "' " + more, "a-trader");
  }

  ServerHarness harness_;
  World world_{&harness_};
  std::string a_, b_;
};

TEST_F(OrderWatchTest, WhoWatchesIsToldOfEveryChange) {
  const auto first = Sell(8100, 5);
  OrderWatchClient watch(harness_, "a-trader", {a_});
  EXPECT_THAT(watch.Next(), ElementsAre("snapshot", "1 SUBMITTED 5 of 5"));
  const auto second = Sell(8200, 4);
  EXPECT_THAT(watch.Next(), ElementsAre("2 SUBMITTED 4 of 4"));
  Act("ReplaceOrder", second, "price_fen: 8200 quantity: 3");
  EXPECT_THAT(watch.Next(), ElementsAre("2 SUBMITTED 3 of 3"));
  Buy(8100, 2);
  EXPECT_THAT(watch.Next(), ElementsAre("1 PARTLY_FILLED 3 of 5", "trade 2 at 8100 SETTLED"));
  Buy(8100, 3);
  EXPECT_THAT(watch.Next(), ElementsAre("1 FILLED 0 of 5", "trade 3 at 8100 SETTLED"));
  Act("CancelOrder", second);
  EXPECT_THAT(watch.Next(), ElementsAre("2 CANCELLED 0 of 3"));
}

TEST_F(OrderWatchTest, OthersOrdersAreNotTold) {
  OrderWatchClient watch(harness_, "a-trader", {a_});
  EXPECT_THAT(watch.Next(), ElementsAre("snapshot"));
  Buy(8000, 7);
  Sell(8100, 1);
  EXPECT_THAT(watch.Next(), ElementsAre("1 SUBMITTED 1 of 1"));
}

TEST_F(OrderWatchTest, TheExchangeFollowsSeveralAccountsAndBothSidesOfATrade) {
  OrderWatchClient watch(harness_, "exchange-op", {a_, b_});
  EXPECT_THAT(watch.Next(), ElementsAre("snapshot"));
  Sell(8100, 1);
  EXPECT_THAT(watch.Next(), ElementsAre("1 SUBMITTED 1 of 1"));
  Buy(8100, 1);
  EXPECT_THAT(watch.Next(), UnorderedElementsAre("1 FILLED 0 of 1", "2 FILLED 0 of 1", "trade 1 at 8100 SETTLED"));
}

TEST_F(OrderWatchTest, WhoWasAwayGoesOnWhereHeWasOrIsToldOfTheGap) {
  uint64_t sequence = 0;
  {
    OrderWatchClient watch(harness_, "a-trader", {a_});
    EXPECT_THAT(watch.Next(), ElementsAre("snapshot"));
    sequence = watch.sequence();
  }
  const auto order = Sell(8100, 1);
  Sell(8200, 2);
  Act("CancelOrder", order);
  {
    OrderWatchClient watch(harness_, "a-trader", {a_}, sequence);
    std::vector<std::string> told = watch.Next();
    EXPECT_THAT(told, ElementsAre("1 SUBMITTED 2 of 2", "2 CANCELLED 0 of 1")) << "each once, as it is now";
  }
  harness_.Restart();
  OrderWatchClient watch(harness_, "a-trader", {a_}, sequence);
  EXPECT_THAT(watch.Next(), ElementsAre("snapshot after a gap", "1 SUBMITTED 2 of 2"));
  Sell(8300, 3);
  EXPECT_THAT(watch.Next(), ElementsAre("2 SUBMITTED 3 of 3"));
}

TEST_F(OrderWatchTest, NonsenseAndForeignAccountsAreRefused) {
  EXPECT_EQ(Outcome(OrderWatchClient(harness_, "a-trader", {}).Finish().status), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(OrderWatchClient(harness_, "a-trader", {a_, a_}).Finish().status), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(OrderWatchClient(harness_, "a-trader", std::vector<std::string>(33, a_)).Finish().status), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(Outcome(OrderWatchClient(harness_, "a-trader", {a_}, 1'000'000).Finish().status), "INVALID_ARGUMENT INVALID_FIELD");
  EXPECT_EQ(OrderWatchClient(harness_, "a-trader", {"accounts/none"}).Finish().status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(OrderWatchClient(harness_, "a-trader", {a_, b_}).Finish().status.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(OrderWatchClient(harness_, "", {a_}).Finish().status.code(), absl::StatusCode::kUnauthenticated);
}

}  // namespace
}  // namespace songhua::api
