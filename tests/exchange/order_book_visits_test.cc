// How many orders a call looks at, counted, whatever the machine. Built with SONGHUA_COUNT_NODE_VISITS.
#include <cstdint>

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

}  // namespace
}  // namespace songhua::exchange
