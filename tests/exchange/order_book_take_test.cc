// Takes: level by level, the chosen order first at its price (CAR-15, CAR-16). Both books, event by event.
#include <string>
#include <vector>

#include "exchange/tick_ladder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/exchange/naive_book.h"
#include "tests/exchange/recording_sink.h"

namespace songhua::exchange {
namespace {

using testing::ElementsAre;

template <class Book>
class OrderBookTake : public testing::Test {
 protected:
  // Sells: 1 and 2 (owner 7) and 3 at 8000, 4 at 8010, 5 at 8020, 10 each.
  OrderBookTake() : book_(BookOptions{.tick = 10}) {
    for (const auto& [id, price, owner] : std::vector<std::tuple<OrderId, int64_t, uint64_t>>{{1, 8000, 0}, {2, 8000, 7}, {3, 8000, 0}, {4, 8010, 0}, {5, 8020, 0}}) {
      EXPECT_EQ(book_.Add({.id = id, .side = Side::kSell, .price = price, .quantity = 10, .owner = owner}, sink_), BookReject::kNone);
    }
    sink_.Take();
  }
  std::vector<std::string> Take(const TakeOrder& take) {
    book_.Take(take, sink_);
    book_.CheckInvariants();
    return sink_.Take();
  }
  std::vector<OrderId> Sells() const {
    std::vector<OrderId> ids;
    book_.ForEachOrder(Side::kSell, [&](const RestingOrder& order) { ids.push_back(order.id); });
    return ids;
  }
  Book book_;
  RecordingSink sink_;
};

using TakeBooks = testing::Types<TickLadder, NaiveBook>;
TYPED_TEST_SUITE(OrderBookTake, TakeBooks);

TYPED_TEST(OrderBookTake, TakesByTimeWithoutAChoiceAndNeverRests) {
  EXPECT_THAT(this->Take({.id = 9, .price = 8000, .quantity = 35}),
              ElementsAre("accepted 9 buy 35 @ 8000", "fill 1 by 9 buy 10 @ 8000 left 0 and 25", "fill 2 by 9 buy 10 @ 8000 left 0 and 15",
                          "fill 3 by 9 buy 10 @ 8000 left 0 and 5", "canceled rest of take 9 open 5"));
  EXPECT_EQ(this->book_.BestPrice(Side::kBuy), std::nullopt);
  EXPECT_THAT(this->Take({.id = 9, .price = 8000, .quantity = 1}), ElementsAre("accepted 9 buy 1 @ 8000", "canceled rest of take 9 open 1")) << "nobody is there";
}

TYPED_TEST(OrderBookTake, TheChosenOrderComesFirstAndKeepsItsPlace) {
  EXPECT_THAT(this->Take({.id = 9, .price = 8000, .quantity = 4, .chosen = 3}), ElementsAre("accepted 9 buy 4 @ 8000", "fill 3 by 9 buy 4 @ 8000 left 6 and 0"));
  EXPECT_THAT(this->Sells(), ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(this->Take({.id = 9, .price = 8000, .quantity = 13, .chosen = 2}),
              ElementsAre("accepted 9 buy 13 @ 8000", "fill 2 by 9 buy 10 @ 8000 left 0 and 3", "fill 1 by 9 buy 3 @ 8000 left 7 and 0"));
  EXPECT_THAT(this->Sells(), ElementsAre(1, 3, 4, 5));
  EXPECT_EQ(this->book_.DepthAt(Side::kSell, 8000), (LevelDepth{8000, 13, 2}));
}

TYPED_TEST(OrderBookTake, AChoiceAtAWorseLevelNeedsTheBetterOnesTakenUp) {
  EXPECT_THAT(this->Take({.id = 9, .price = 8010, .quantity = 30, .chosen = 4}), ElementsAre("rejected 9 choice behind better")) << "all of it goes at 8000";
  EXPECT_THAT(this->Take({.id = 9, .price = 8010, .quantity = 31, .chosen = 4}),
              ElementsAre("accepted 9 buy 31 @ 8010", "fill 1 by 9 buy 10 @ 8000 left 0 and 21", "fill 2 by 9 buy 10 @ 8000 left 0 and 11",
                          "fill 3 by 9 buy 10 @ 8000 left 0 and 1", "fill 4 by 9 buy 1 @ 8010 left 9 and 0"));
}

TYPED_TEST(OrderBookTake, StopsAtItsLastLevel) {
  EXPECT_THAT(this->Take({.id = 9, .price = 8020, .quantity = 60, .chosen = 5, .levels_max = 2}), ElementsAre("rejected 9 choice beyond levels"));
  const auto events = this->Take({.id = 9, .price = 8020, .quantity = 60, .levels_max = 2});
  ASSERT_EQ(events.size(), 6u);
  EXPECT_EQ(events[4], "fill 4 by 9 buy 10 @ 8010 left 0 and 20");
  EXPECT_EQ(events[5], "canceled rest of take 9 open 20");
  EXPECT_THAT(this->Sells(), ElementsAre(5));
}

TYPED_TEST(OrderBookTake, AChoiceThatCannotBeIsRefused) {
  ASSERT_EQ(this->book_.Add({.id = 6, .side = Side::kBuy, .price = 7000, .quantity = 10}, this->sink_), BookReject::kNone);
  this->sink_.Take();
  EXPECT_THAT(this->Take({.id = 9, .price = 8000, .quantity = 4, .chosen = 77}), ElementsAre("rejected 9 unknown choice"));
  EXPECT_THAT(this->Take({.id = 9, .price = 8000, .quantity = 4, .chosen = 6}), ElementsAre("rejected 9 choice on own side"));
  EXPECT_THAT(this->Take({.id = 9, .price = 8000, .quantity = 4, .chosen = 4}), ElementsAre("rejected 9 choice beyond limit"));
  EXPECT_THAT(this->Take({.id = 9, .price = 8000, .quantity = 4, .owner = 7, .chosen = 2}), ElementsAre("rejected 9 own choice"));
  EXPECT_THAT(this->Take({.id = 0, .price = 8000, .quantity = 4}), ElementsAre("rejected 0 bad id"));
  EXPECT_THAT(this->Take({.id = 9, .price = 8000, .quantity = 0}), ElementsAre("rejected 9 bad quantity"));
  EXPECT_THAT(this->Take({.id = 9, .price = 8001, .quantity = 4}), ElementsAre("rejected 9 price off tick"));
  EXPECT_THAT(this->Take({.id = 5, .price = 8000, .quantity = 4}), ElementsAre("rejected 5 duplicate id"));
}

TYPED_TEST(OrderBookTake, AnOwnOrderInItsWayRefusesItUnlessTheChoiceLeavesItAside) {
  EXPECT_THAT(this->Take({.id = 9, .price = 8000, .quantity = 11, .owner = 7}), ElementsAre("rejected 9 self trade"));
  EXPECT_THAT(this->Take({.id = 9, .price = 8010, .quantity = 31, .owner = 7, .chosen = 4}), ElementsAre("rejected 9 self trade"));
  EXPECT_THAT(this->Take({.id = 9, .price = 8000, .quantity = 20, .owner = 7, .chosen = 3}),
              ElementsAre("accepted 9 buy 20 @ 8000", "fill 3 by 9 buy 10 @ 8000 left 0 and 10", "fill 1 by 9 buy 10 @ 8000 left 0 and 0"));
}

TYPED_TEST(OrderBookTake, AChosenIcebergGivesWhatItShowsAndGoesToTheEnd) {
  ASSERT_EQ(this->book_.Add({.id = 6, .side = Side::kSell, .price = 7990, .quantity = 5}, this->sink_), BookReject::kNone);
  ASSERT_EQ(this->book_.Add({.id = 7, .side = Side::kSell, .price = 7990, .quantity = 9, .display = 4}, this->sink_), BookReject::kNone);
  this->sink_.Take();
  EXPECT_THAT(this->Take({.id = 9, .price = 7990, .quantity = 12, .chosen = 7}),
              ElementsAre("accepted 9 buy 12 @ 7990", "fill 7 by 9 buy 4 @ 7990 left 5 and 8", "replenished 7 sell 4 @ 7990 hidden 1", "fill 6 by 9 buy 5 @ 7990 left 0 and 3",
                          "fill 7 by 9 buy 3 @ 7990 left 2 and 0"));
}

TYPED_TEST(OrderBookTake, TheOtherSideIsTakenFromTheHighestPriceDown) {
  for (const OrderId id : {11, 12, 13}) {
    ASSERT_EQ(this->book_.Add({.id = id, .side = Side::kBuy, .price = id == 11 ? 7000 : 6990, .quantity = 5}, this->sink_), BookReject::kNone);
  }
  this->sink_.Take();
  EXPECT_THAT(this->Take({.id = 9, .side = Side::kSell, .price = 6990, .quantity = 5, .chosen = 13}), ElementsAre("rejected 9 choice behind better"));
  EXPECT_THAT(this->Take({.id = 9, .side = Side::kSell, .price = 6990, .quantity = 7, .chosen = 13}),
              ElementsAre("accepted 9 sell 7 @ 6990", "fill 11 by 9 sell 5 @ 7000 left 0 and 2", "fill 13 by 9 sell 2 @ 6990 left 3 and 0"));
}

}  // namespace
}  // namespace songhua::exchange
