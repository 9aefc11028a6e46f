// The book of a call: what it refuses, what it says, and what goes on from it into continuous trading.
#include "exchange/call_book.h"

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "exchange/tick_ladder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/exchange/recording_sink.h"

namespace songhua::exchange {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CallBookTest : public ::testing::Test {
 protected:
  BookReject Enter(OrderId id, Side side, int64_t price, int64_t quantity, uint64_t owner = 0) {
    const BookReject reject = call_.Add({.id = id, .side = side, .price = price, .quantity = quantity, .owner = owner}, events_);
    call_.CheckInvariants();
    return reject;
  }
  BookReject EnterMarket(OrderId id, Side side, int64_t quantity, uint64_t owner = 0) {
    const BookReject reject = call_.Add({.id = id, .side = side, .quantity = quantity, .owner = owner, .market = true}, events_);
    call_.CheckInvariants();
    return reject;
  }
  std::vector<std::string> Orders(Side side) {
    std::vector<std::string> orders;
    call_.ForEachOrder(side,
                       [&](const RestingOrder& o) { orders.push_back(std::to_string(o.id) + ": " + std::to_string(o.open_quantity)); });
    return orders;
  }

  CallBook call_{BookOptions{.tick = 5, .max_orders = 6}};
  RecordingSink events_;
};

TEST_F(CallBookTest, OrdersThatCrossRestAndNothingTrades) {
  Enter(1, Side::kSell, 8000, 10);
  Enter(2, Side::kBuy, 8020, 14);
  Enter(3, Side::kSell, 8020, 1);  // at the price of a bid
  EXPECT_THAT(events_.Take(), ElementsAre("accepted 1 sell 10 @ 8000", "rested 1 sell 10 @ 8000", "accepted 2 buy 14 @ 8020",
                                          "rested 2 buy 14 @ 8020", "accepted 3 sell 1 @ 8020", "rested 3 sell 1 @ 8020"));
  EXPECT_EQ(call_.BestPrice(Side::kBuy), 8020);
  EXPECT_EQ(call_.BestPrice(Side::kSell), 8000);
  EXPECT_EQ(call_.DepthAt(Side::kBuy, 8020), (LevelDepth{8020, 14, 1}));
  EXPECT_EQ(call_.DepthAt(Side::kSell, 8020), (LevelDepth{8020, 1, 1}));
}

TEST_F(CallBookTest, TheUncrossTradesAtOnePriceAndTheRestGoesOnInTheContinuousBook) {
  Enter(1, Side::kSell, 8000, 10);
  Enter(2, Side::kBuy, 8020, 4);
  Enter(3, Side::kBuy, 8010, 5);
  Enter(4, Side::kBuy, 8010, 5);
  Enter(5, Side::kSell, 8030, 7);
  EXPECT_EQ(call_.Indicative(8000), (Clearing{.price = 8010, .volume = 10, .surplus = 4}));
  events_.Take();
  EXPECT_EQ(call_.Uncross(8000, events_), (Clearing{.price = 8010, .volume = 10, .surplus = 4}));
  EXPECT_THAT(events_.Take(), ElementsAre("fill 1 by 2 buy 4 @ 8010 left 6 and 0", "fill 1 by 3 buy 5 @ 8010 left 1 and 0",
                                          "fill 1 by 4 buy 1 @ 8010 left 0 and 4"));
  call_.CheckInvariants();
  EXPECT_THAT(Orders(Side::kBuy), ElementsAre("4: 4"));
  EXPECT_THAT(Orders(Side::kSell), ElementsAre("5: 7"));
  EXPECT_EQ(call_.Indicative(8000), std::nullopt);
  EXPECT_EQ(call_.Uncross(8000, events_), std::nullopt);

  TickLadder book({.tick = 5});
  call_.MoveTo(book);
  book.CheckInvariants();
  call_.CheckInvariants();
  EXPECT_TRUE(call_.empty());
  EXPECT_THAT(events_.Take(), IsEmpty());
  book.Add({.id = 6, .side = Side::kSell, .price = 8010, .quantity = 4}, events_);
  EXPECT_THAT(events_.Take(), ElementsAre("accepted 6 sell 4 @ 8010", "fill 4 by 6 sell 4 @ 8010 left 0 and 0"));

  book.Add({.id = 7, .side = Side::kBuy, .price = 8000, .quantity = 3, .post_only = true, .owner = 9}, events_);
  call_.TakeFrom(book);
  book.CheckInvariants();
  call_.CheckInvariants();
  EXPECT_TRUE(book.empty());
  EXPECT_EQ(call_.Find(7), (RestingOrder{7, Side::kBuy, 8000, 3, true, 9}));
  EXPECT_THAT(Orders(Side::kSell), ElementsAre("5: 7"));
}

TEST_F(CallBookTest, APartlyFilledOrderKeepsItsPlace) {
  Enter(1, Side::kBuy, 8000, 10);
  Enter(2, Side::kBuy, 8000, 10);
  Enter(3, Side::kSell, 8000, 4);
  call_.Uncross(std::nullopt, events_);
  EXPECT_THAT(Orders(Side::kBuy), ElementsAre("1: 6", "2: 10"));
}

TEST_F(CallBookTest, ADrawnOrderFillsTheDrawnAndLeavesTheRestInTime) {
  Enter(1, Side::kBuy, 8000, 5);
  Enter(2, Side::kBuy, 8000, 5);
  Enter(3, Side::kBuy, 8000, 5);
  Enter(4, Side::kSell, 8000, 7);
  events_.Take();
  call_.Uncross(std::nullopt, events_, [](const CallOrder& order) { return -static_cast<int64_t>(order.id); });
  EXPECT_THAT(events_.Take(), ElementsAre("fill 4 by 3 buy 5 @ 8000 left 2 and 0", "fill 4 by 2 buy 2 @ 8000 left 0 and 3"));
  EXPECT_THAT(Orders(Side::kBuy), ElementsAre("1: 5", "2: 3"));
}

TEST_F(CallBookTest, OrdersOfOneOwnerNeverCrossEachOther) {
  EXPECT_EQ(Enter(1, Side::kSell, 8010, 10, 7), BookReject::kNone);
  EXPECT_EQ(Enter(2, Side::kBuy, 8010, 10, 7), BookReject::kSelfTrade);
  EXPECT_EQ(Enter(3, Side::kBuy, 8005, 10, 7), BookReject::kNone);
  EXPECT_EQ(Enter(4, Side::kSell, 8005, 10, 7), BookReject::kSelfTrade);
  EXPECT_EQ(Enter(5, Side::kSell, 8005, 10, 8), BookReject::kNone);
  EXPECT_EQ(Enter(6, Side::kSell, 8000, 10), BookReject::kNone);
  EXPECT_EQ(Enter(7, Side::kBuy, 8000, 10), BookReject::kNone);  // 0 belongs to none
  events_.Take();
  EXPECT_EQ(call_.Replace(3, 8010, 5, events_), BookReject::kSelfTrade);
  EXPECT_EQ(call_.Replace(1, 8005, 5, events_), BookReject::kSelfTrade);
  EXPECT_THAT(events_.Take(), ElementsAre("rejected 3 self trade", "rejected 1 self trade"));
  // Once the sell is gone, the buy may go up.
  EXPECT_EQ(call_.Cancel(1, events_), BookReject::kNone);
  EXPECT_EQ(call_.Replace(3, 8010, 5, events_), BookReject::kNone);
  call_.CheckInvariants();
}

TEST_F(CallBookTest, WhatIsFilledNoLongerStandsAgainstItsOwner) {
  Enter(1, Side::kSell, 8000, 10, 7);
  Enter(2, Side::kBuy, 8000, 10, 8);
  call_.Uncross(std::nullopt, events_);
  EXPECT_EQ(Enter(3, Side::kBuy, 8000, 10, 7), BookReject::kNone);
}

TEST_F(CallBookTest, AReplaceKeepsThePlaceOnlyForLessAtTheSamePrice) {
  Enter(1, Side::kBuy, 8000, 10);
  Enter(2, Side::kBuy, 8000, 10);
  Enter(3, Side::kSell, 7990, 1);
  events_.Take();
  EXPECT_EQ(call_.Replace(1, 8000, 9, events_), BookReject::kNone);
  EXPECT_THAT(Orders(Side::kBuy), ElementsAre("1: 9", "2: 10"));
  EXPECT_EQ(call_.Replace(1, 8000, 10, events_), BookReject::kNone);
  EXPECT_THAT(Orders(Side::kBuy), ElementsAre("2: 10", "1: 10"));
  EXPECT_THAT(events_.Take(), ElementsAre("replaced 1 to 9 @ 8000 kept", "replaced 1 to 10 @ 8000 requeued", "rested 1 buy 10 @ 8000"));
}

TEST_F(CallBookTest, MarketOrdersGoFirstAndStandInNoLevel) {
  Enter(1, Side::kSell, 8000, 10);
  Enter(2, Side::kBuy, 8020, 8);
  EnterMarket(3, Side::kBuy, 4);
  EnterMarket(4, Side::kBuy, 2);
  EXPECT_EQ(call_.BestPrice(Side::kBuy), 8020);
  EXPECT_EQ(call_.DepthAt(Side::kBuy, 0), (LevelDepth{0, 0, 0}));
  EXPECT_EQ(call_.MarketQuantity(Side::kBuy), 6);
  EXPECT_EQ(call_.MarketQuantity(Side::kSell), 0);
  EXPECT_THAT(Orders(Side::kBuy), ElementsAre("3: 4", "4: 2", "2: 8"));
  EXPECT_FALSE(call_.LeavesMarketOrders(std::nullopt));
  events_.Take();
  EXPECT_EQ(call_.Uncross(std::nullopt, events_), (Clearing{.price = 8020, .volume = 10, .surplus = 4}));
  EXPECT_THAT(events_.Take(), ElementsAre("fill 1 by 3 buy 4 @ 8020 left 6 and 0", "fill 1 by 4 buy 2 @ 8020 left 4 and 0",
                                          "fill 1 by 2 buy 4 @ 8020 left 0 and 4"));
  call_.CheckInvariants();
}

TEST_F(CallBookTest, MarketOrdersTakeTheLevelsBeyondTheBestOne) {
  EnterMarket(1, Side::kSell, 10);
  Enter(2, Side::kBuy, 8000, 4);
  Enter(3, Side::kBuy, 7000, 6);
  Enter(4, Side::kSell, 8100, 5);  // no bid reaches it, and it changes nothing
  EXPECT_EQ(call_.Indicative(std::nullopt), (Clearing{.price = 7000, .volume = 10, .surplus = 0}));
}

TEST_F(CallBookTest, MarketOrdersAloneNeedAReferenceAndWhatIsLeftIsCancelledBeforeTheBookGoesOn) {
  EnterMarket(1, Side::kBuy, 10);
  EnterMarket(2, Side::kSell, 6);
  EXPECT_EQ(call_.Indicative(std::nullopt), std::nullopt);
  EXPECT_TRUE(call_.LeavesMarketOrders(std::nullopt));
  EXPECT_EQ(call_.Indicative(8000), (Clearing{.price = 8000, .volume = 6, .surplus = 4}));
  EXPECT_TRUE(call_.LeavesMarketOrders(8000));
  call_.Uncross(8000, events_);
  EXPECT_EQ(call_.Find(1), (RestingOrder{.id = 1, .side = Side::kBuy, .open_quantity = 4, .market = true}));
  EXPECT_EQ(call_.Cancel(1, events_), BookReject::kNone);
  TickLadder book({.tick = 5});
  call_.MoveTo(book);
  EXPECT_TRUE(book.empty());
}

TEST_F(CallBookTest, AMarketOrderIsReplacedWithoutAPriceAndRestored) {
  EnterMarket(1, Side::kBuy, 10);
  EnterMarket(2, Side::kBuy, 10);
  EXPECT_EQ(call_.Replace(1, 8000, 5, events_), BookReject::kPriceOffTick);
  EXPECT_EQ(call_.Add({.id = 3, .side = Side::kBuy, .price = 8000, .quantity = 1, .market = true}, events_), BookReject::kPriceOffTick);
  EXPECT_EQ(call_.Replace(1, 0, 9, events_), BookReject::kNone);
  EXPECT_THAT(Orders(Side::kBuy), ElementsAre("1: 9", "2: 10"));
  EXPECT_EQ(call_.Replace(1, 0, 12, events_), BookReject::kNone);
  EXPECT_THAT(Orders(Side::kBuy), ElementsAre("2: 10", "1: 12"));
  EXPECT_EQ(call_.Restore({.id = 4, .side = Side::kBuy, .open_quantity = 3, .owner = 9, .market = true}), BookReject::kNone);
  EXPECT_EQ(call_.MarketQuantity(Side::kBuy), 25);
  EXPECT_EQ(call_.size(), 3u);
  call_.CheckInvariants();
}

TEST_F(CallBookTest, AMarketOrderMeetsEveryOwnOrderOfTheOtherSide) {
  EXPECT_EQ(Enter(1, Side::kSell, 9000, 10, 7), BookReject::kNone);
  EXPECT_EQ(EnterMarket(2, Side::kBuy, 10, 7), BookReject::kSelfTrade);
  EXPECT_EQ(EnterMarket(2, Side::kBuy, 10, 8), BookReject::kNone);
  EXPECT_EQ(Enter(3, Side::kSell, 9500, 1, 8), BookReject::kSelfTrade);
  EXPECT_EQ(EnterMarket(3, Side::kSell, 1, 8), BookReject::kSelfTrade);
  EXPECT_EQ(call_.Cancel(2, events_), BookReject::kNone);
  EXPECT_EQ(Enter(3, Side::kSell, 9500, 1, 8), BookReject::kNone);
}

TEST_F(CallBookTest, ARefusedCallChangesNothing) {
  Enter(1, Side::kBuy, 8000, 10, 7);
  Enter(2, Side::kSell, 8005, INT64_MAX, 7);
  events_.Take();
  EXPECT_EQ(Enter(0, Side::kBuy, 8000, 10), BookReject::kBadId);
  EXPECT_EQ(Enter(3, Side::kBuy, 8000, 0), BookReject::kBadQuantity);
  EXPECT_EQ(Enter(3, Side::kBuy, 8001, 10), BookReject::kPriceOffTick);
  EXPECT_EQ(Enter(1, Side::kSell, 8020, 10), BookReject::kDuplicateId);  // it rests on the other side
  EXPECT_EQ(Enter(3, Side::kSell, 8005, 1), BookReject::kLevelOverflow);
  EXPECT_EQ(call_.Cancel(3, events_), BookReject::kUnknownId);
  EXPECT_EQ(call_.Replace(3, 8000, 1, events_), BookReject::kUnknownId);
  EXPECT_EQ(call_.Replace(1, 8000, -1, events_), BookReject::kBadQuantity);
  EXPECT_EQ(call_.Replace(1, 8001, 1, events_), BookReject::kPriceOffTick);
  EXPECT_EQ(events_.Take().size(), 9);
  for (OrderId id = 3; id <= 6; ++id) EXPECT_EQ(Enter(id, Side::kBuy, 7000, 1), BookReject::kNone);
  EXPECT_EQ(Enter(7, Side::kSell, 9000, 1), BookReject::kBookFull);  // both sides together
  EXPECT_THAT(Orders(Side::kBuy), ElementsAre("1: 10", "3: 1", "4: 1", "5: 1", "6: 1"));
}

}  // namespace
}  // namespace songhua::exchange
