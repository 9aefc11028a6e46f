// How many orders a call looks at, counted, whatever the machine. Built with SONGHUA_COUNT_NODE_VISITS.
#include <cstdint>
#include <string>
#include <vector>

#include "exchange/call_book.h"
#include "exchange/tick_ladder.h"
#include "gtest/gtest.h"
#include "tests/exchange/recording_sink.h"

namespace songhua::exchange {
namespace {

constexpr OrderId kDepths[] = {10, 1000, 100'000};

class OrderBookVisits : public testing::Test {
 protected:
  // A book with orders 1 ... depth at one price.
  static void Fill(TickLadder& book, OrderId depth) {
    RecordingSink sink;
    for (OrderId id = 1; id <= depth; ++id) {
      ASSERT_EQ(book.Add({.id = id, .side = Side::kBuy, .price = 8000, .quantity = 5}, sink), BookReject::kNone);
      sink.Take();
    }
  }

  template <class Call>
  static uint64_t VisitsOf(Call&& call) {
    const uint64_t before = OrderPool::visits;
    call();
    return OrderPool::visits - before;
  }
};

// Seen in liquibook.
TEST_F(OrderBookVisits, CancelLooksAtNoOtherOrdersOfItsPriceThanItsNeighbours) {
  for (const OrderId depth : kDepths) {
    TickLadder book;
    Fill(book, depth);
    RecordingSink sink;
    EXPECT_LE(VisitsOf([&] { book.Cancel(depth / 2, sink); }), 8u) << depth;
    EXPECT_LE(VisitsOf([&] { book.Cancel(depth, sink); }), 8u) << depth;
    EXPECT_LE(VisitsOf([&] { book.Cancel(1, sink); }), 8u) << depth;
  }
}

TEST_F(OrderBookVisits, AddLooksAtTheLastOrderOfItsPriceOnly) {
  for (const OrderId depth : kDepths) {
    TickLadder book;
    Fill(book, depth);
    RecordingSink sink;
    EXPECT_LE(VisitsOf([&] { book.Add({.id = depth + 1, .side = Side::kBuy, .price = 8000, .quantity = 5}, sink); }), 8u) << depth;
  }
}

TEST_F(OrderBookVisits, ReplaceLooksAtNeighboursOnly) {
  for (const OrderId depth : kDepths) {
    TickLadder book;
    Fill(book, depth);
    RecordingSink sink;
    EXPECT_LE(VisitsOf([&] { book.Replace(depth / 2, 8000, 4, sink); }), 8u) << depth;
    EXPECT_LE(VisitsOf([&] { book.Replace(depth / 2, 8000, 9, sink); }), 16u) << depth;
    EXPECT_LE(VisitsOf([&] { book.Replace(depth / 2, 7999, 9, sink); }), 16u) << depth;
  }
}

TEST_F(OrderBookVisits, TradeLooksAtWhatItFills) {
  for (const OrderId depth : kDepths) {
    TickLadder book;
    Fill(book, depth);
    RecordingSink sink;
    const NewOrder taker{.id = depth + 1, .side = Side::kSell, .price = 8000, .quantity = 15, .owner = 4};
    EXPECT_LE(VisitsOf([&] { book.Add(taker, sink); }), 48u) << depth;
  }
}

TEST_F(OrderBookVisits, FillOrKillSumsLevelsNotOrders) {
  TickLadder book;
  Fill(book, 100'000);
  RecordingSink sink;
  const NewOrder taker{.id = 200'000, .side = Side::kSell, .price = 8000, .quantity = 500'001, .time_in_force = TimeInForce::kFillOrKill};
  EXPECT_LE(VisitsOf([&] { EXPECT_EQ(book.Add(taker, sink), BookReject::kNotFillable); }), 8u);
}

// A call of `depth` bids at each of three prices above all asks, everybody an owner.
void FillCall(CallBook& call, OrderId depth) {
  RecordingSink sink;
  for (OrderId id = 1; id <= 3 * depth; ++id) {
    const int64_t price = 8000 + static_cast<int64_t>(id % 3);
    ASSERT_EQ(call.Add({.id = id, .side = Side::kBuy, .price = price, .quantity = 5, .owner = id}, sink), BookReject::kNone);
    sink.Take();
  }
  ASSERT_EQ(call.Add({.id = 3 * depth + 1, .side = Side::kSell, .price = 7990, .quantity = 8, .owner = 3 * depth + 1}, sink),
            BookReject::kNone);
}

TEST_F(OrderBookVisits, ACallLooksAtNoOrderThatTheNewOneCrosses) {
  for (const OrderId depth : kDepths) {
    CallBook call;
    FillCall(call, depth);
    RecordingSink sink;
    const NewOrder order{.id = 4 * depth, .side = Side::kSell, .price = 7990, .quantity = 5, .owner = 4 * depth};
    EXPECT_LE(VisitsOf([&] { EXPECT_EQ(call.Add(order, sink), BookReject::kNone); }), 16u) << depth;
    const NewOrder own{.id = 5 * depth, .side = Side::kSell, .price = 7990, .quantity = 5, .owner = depth};
    EXPECT_LE(VisitsOf([&] { EXPECT_EQ(call.Add(own, sink), BookReject::kSelfTrade); }), 16u) << depth;
    EXPECT_LE(VisitsOf([&] { call.Replace(depth, 7995, 9, sink); }), 32u) << depth;
    EXPECT_LE(VisitsOf([&] { call.Cancel(depth, sink); }), 16u) << depth;
  }
}

TEST_F(OrderBookVisits, AnIndicativePriceLooksAtNoOrder) {
  CallBook call;
  FillCall(call, 100'000);
  EXPECT_EQ(VisitsOf([&] { EXPECT_TRUE(call.Indicative(8000).has_value()); }), 0u);
}

TEST_F(OrderBookVisits, AnUncrossLooksAtTheLevelsThatTrade) {
  CallBook call;
  RecordingSink sink;
  OrderId id = 0;
  const auto enter = [&](Side side, int64_t price, int64_t quantity) {
    ASSERT_EQ(call.Add({.id = ++id, .side = side, .price = price, .quantity = quantity}, sink), BookReject::kNone);
  };
  // The price is 8000, where 100,000 buyers are too many: at 8001 and above a million sellers would be. The better bid takes all that is
  // sold.
  for (int i = 0; i < 100'000; ++i) enter(Side::kBuy, 8000, 1);
  enter(Side::kBuy, 8002, 8);
  enter(Side::kSell, 7990, 8);
  enter(Side::kSell, 8001, 1'000'000);
  sink.Take();
  EXPECT_LE(VisitsOf([&] { EXPECT_EQ(call.Uncross(8000, sink)->price, 8000); }), 64u);
  EXPECT_EQ(sink.Take(), std::vector<std::string>{"fill 100002 by 100001 buy 8 @ 8000 left 0 and 0"});
}

}  // namespace
}  // namespace songhua::exchange
