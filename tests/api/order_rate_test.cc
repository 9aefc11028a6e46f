// How many orders a participant may send: the bucket alone, and at a server.
#include "api/services/order_rate.h"

#include "gtest/gtest.h"
#include "ledger/refusal.h"
#include "songhua/v1/exchange.pb.h"
#include "tests/api/server_harness.h"

namespace songhua::api {
namespace {

using std::chrono::milliseconds;

class OrderRateTest : public testing::Test {
 protected:
  bool Takes(int64_t orders, const std::string& who = "a") { return rate_.Take(who, orders, now_).ok(); }

  OrderRate rate_{10};
  OrderRate::Time now_ = OrderRate::Time(std::chrono::hours(1));
};

TEST_F(OrderRateTest, ASecondsWorthGoesAtOnceAndTheRestAsItFills) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Takes(1)) << i;
  EXPECT_FALSE(Takes(1));
  now_ += milliseconds(99);
  EXPECT_TRUE(Takes(1)) << "nearly the next is there, and what is short is owed";
  EXPECT_FALSE(Takes(1));
  now_ += milliseconds(1);
  EXPECT_FALSE(Takes(1));
  now_ += milliseconds(1);
  EXPECT_TRUE(Takes(1));
}

TEST_F(OrderRateTest, OverAnHourTheRateHolds) {
  int64_t taken = 0;
  for (int i = 0; i < 3'600'000; i += 7, now_ += milliseconds(7)) taken += Takes(1) ? 1 : 0;
  EXPECT_GE(taken, 36'000);
  EXPECT_LE(taken, 36'011);
}

TEST_F(OrderRateTest, NoTimeBringsMoreThanASecondsWorth) {
  EXPECT_TRUE(Takes(10));
  now_ += std::chrono::hours(24 * 365);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(Takes(1)) << i;
  EXPECT_FALSE(Takes(1));
}

TEST_F(OrderRateTest, ABatchMayBeLargerThanTheBucketAndIsPaidForAfterwards) {
  EXPECT_TRUE(Takes(35));
  const absl::Status refused = rate_.Take("a", 1, now_);
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(GetRefusal(refused)->reason, "ORDER_RATE");
  EXPECT_EQ(GetRefusal(refused)->accepted, "at most 10 orders a second of one participant; the next in 2501 ms");
  now_ += milliseconds(2'500);
  EXPECT_FALSE(Takes(1));
  now_ += milliseconds(1);
  EXPECT_TRUE(Takes(1));
}

TEST_F(OrderRateTest, EachParticipantHasABucketOfItsOwn) {
  EXPECT_TRUE(Takes(10));
  EXPECT_FALSE(Takes(1));
  EXPECT_TRUE(Takes(10, "b"));
  EXPECT_TRUE(Takes(0)) << "cancellations";
}

TEST_F(OrderRateTest, WithoutALimitNothingIsHeldBack) {
  OrderRate unlimited(0);
  for (int i = 0; i < 1'000; ++i) EXPECT_TRUE(unlimited.Take("a", 1'000, now_).ok());
}

TEST(CountOrdersTest, WhatTakesRiskAwayIsNotCounted) {
  v1::OrderBatch batch;
  for (const auto kind : {v1::OrderCommand::PLACE, v1::OrderCommand::CANCEL, v1::OrderCommand::REPLACE, v1::OrderCommand::CANCEL}) {
    batch.add_commands()->set_kind(kind);
  }
  EXPECT_EQ(CountOrders(batch), 2);
  EXPECT_EQ(CountOrders(v1::PlaceOrderRequest()), 1);
  EXPECT_EQ(CountOrders(v1::ReplaceOrderRequest()), 1);
  EXPECT_EQ(CountOrders(v1::CancelOrderRequest()), 0);
  EXPECT_EQ(CountOrders(v1::CancelOrdersRequest()), 0);
}

// One order in a bucket, and a batch that takes a quarter of an hour's worth: whatever the machine is busy with, the next is refused.
TEST(OrderRateAtAServerTest, WhoSendsTooManyIsToldAndMayStillCancel) {
  ServerHarness harness(ClockMode::kVirtual, 1);
  World world(&harness);
  world.Furnish();
  v1::OrderBatch batch;
  batch.set_stream("s");
  batch.set_number(1);
  const uint32_t account = world.Must<v1::AccountAnswer>("Ledger/GetAccount", "name: 'accounts/$A.trading'", "a-trader").account().number();
  for (int i = 0; i < 900; ++i) {
    v1::OrderCommand* command = batch.add_commands();
    command->set_kind(v1::OrderCommand::PLACE);
    command->set_contract(1);
    command->set_account(account);
    command->set_side(v1::SELL);
    command->set_price_fen(8100);
    command->set_quantity(1);
  }
  const auto send = [&](const std::string& rpc, const google::protobuf::Message& request) {
    return harness.Call(rpc, request.SerializeAsString(), "a-trader");
  };
  const Reply first = send("Exchange/SubmitOrders", batch);
  ASSERT_TRUE(first.status.ok()) << first.status;
  v1::OrderBatchAnswer placed;
  ASSERT_TRUE(placed.ParseFromString(first.answer));

  v1::PlaceOrderRequest order;
  order.set_request_id("20260105-one-more");
  EXPECT_EQ(Outcome(send("Exchange/PlaceOrder", order).status), "RESOURCE_EXHAUSTED ORDER_RATE");
  batch.set_number(2);
  EXPECT_EQ(Outcome(send("Exchange/SubmitOrders", batch).status), "RESOURCE_EXHAUSTED ORDER_RATE");
  batch.clear_commands();
  v1::OrderCommand* cancel = batch.add_commands();
  cancel->set_kind(v1::OrderCommand::CANCEL);
  cancel->set_order(placed.results(0).order());
  const Reply cancelled = send("Exchange/SubmitOrders", batch);
  EXPECT_TRUE(cancelled.status.ok()) << cancelled.status << ": the number that was refused is still free";
  ASSERT_TRUE(placed.ParseFromString(cancelled.answer));
  EXPECT_EQ(placed.results(0).reason(), "");
}

}  // namespace
}  // namespace songhua::api
