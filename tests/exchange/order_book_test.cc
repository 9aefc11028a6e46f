// The rules of exchange/order_book.h, each said once and asked of both books.
#include <array>
#include <cstdint>
#include <limits>
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
using testing::IsEmpty;

constexpr int64_t kBookMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kBookMin = std::numeric_limits<int64_t>::min();

// A short way to say orders: Buy(1, 10, 8000).As(IOC) is read as one sentence in the tests below.
struct Order : NewOrder {
  Order Ioc() const { return With(TimeInForce::kImmediateOrCancel); }
  Order Fok() const { return With(TimeInForce::kFillOrKill); }
  Order PostOnly() const {
    Order order = *this;
    order.post_only = true;
    return order;
  }
  Order Of(uint64_t new_owner) const {
    Order order = *this;
    order.owner = new_owner;
    return order;
  }

 private:
  Order With(TimeInForce new_time_in_force) const {
    Order order = *this;
    order.time_in_force = new_time_in_force;
    return order;
  }
};

Order Make(OrderId id, Side side, int64_t quantity, int64_t price) {
  Order order;
  order.id = id;
  order.side = side;
  order.quantity = quantity;
  order.price = price;
  return order;
}
Order Buy(OrderId id, int64_t quantity, int64_t price) { return Make(id, Side::kBuy, quantity, price); }
Order Sell(OrderId id, int64_t quantity, int64_t price) { return Make(id, Side::kSell, quantity, price); }

template <class Book>
class OrderBookTest : public testing::Test {
 protected:
  using Lines = std::vector<std::string>;

  void Start(const BookOptions& options) { book_.emplace(options); }

  Lines Add(const Order& order) {
    book_->Add(order, sink_);
    return Take();
  }
  Lines Cancel(OrderId id) {
    book_->Cancel(id, sink_);
    return Take();
  }
  Lines Replace(OrderId id, int64_t open_quantity, int64_t price) {
    book_->Replace(id, price, open_quantity, sink_);
    return Take();
  }
  // Orders that are there when the story begins.
  void Given(const std::vector<Order>& orders) {
    for (const Order& order : orders) {
      ASSERT_EQ(book_->Add(order, sink_), BookReject::kNone);
    }
    Take();
  }
  // Ids of a side in priority order.
  std::vector<OrderId> Queue(Side side) const {
    std::vector<OrderId> ids;
    book_->ForEachOrder(side, [&](const RestingOrder& order) { ids.push_back(order.id); });
    return ids;
  }

  Book& book() { return *book_; }

 private:
  Lines Take() {
    book_->CheckInvariants();
    return sink_.Take();
  }

  std::optional<Book> book_{std::in_place, BookOptions{.band = PriceBand{7200, 8800}}};
  RecordingSink sink_;
};

using Books = testing::Types<TickLadder, NaiveBook>;
class BookNames {
 public:
  template <class Book>
  static std::string GetName(int) {
    return std::is_same_v<Book, NaiveBook> ? "NaiveBook" : "TickLadder";
  }
};
TYPED_TEST_SUITE(OrderBookTest, Books, BookNames);

// --- Matching ------------------------------------------------------------------------------------------------------------------------

TYPED_TEST(OrderBookTest, OrderThatMeetsNobodyRests) {
  EXPECT_THAT(this->Add(Buy(1, 10, 8000)), ElementsAre("accepted 1 buy 10 @ 8000", "rested 1 buy 10 @ 8000"));
  EXPECT_THAT(this->Add(Sell(2, 10, 8001)), ElementsAre("accepted 2 sell 10 @ 8001", "rested 2 sell 10 @ 8001"));
  EXPECT_EQ(this->book().BestPrice(Side::kBuy), 8000);
  EXPECT_EQ(this->book().BestPrice(Side::kSell), 8001);
}

TYPED_TEST(OrderBookTest, TradeIsAtTheRestingPrice) {
  this->Given({Sell(1, 10, 8000)});
  EXPECT_THAT(this->Add(Buy(2, 10, 8100)), ElementsAre("accepted 2 buy 10 @ 8100", "fill 1 by 2 buy 10 @ 8000 left 0 and 0"));
  EXPECT_TRUE(this->book().empty());
}

TYPED_TEST(OrderBookTest, BetterPriceTradesBeforeEarlierTime) {
  this->Given({Buy(1, 10, 7990), Buy(2, 10, 8010), Buy(3, 10, 8000)});
  EXPECT_THAT(this->Add(Sell(4, 25, 7990)),
              ElementsAre("accepted 4 sell 25 @ 7990", "fill 2 by 4 sell 10 @ 8010 left 0 and 15",
                          "fill 3 by 4 sell 10 @ 8000 left 0 and 5", "fill 1 by 4 sell 5 @ 7990 left 5 and 0"));
}

TYPED_TEST(OrderBookTest, EarlierTimeTradesFirstAtOnePrice) {
  this->Given({Sell(3, 5, 8000), Sell(1, 5, 8000), Sell(2, 5, 8000)});
  EXPECT_THAT(this->Add(Buy(4, 12, 8000)), ElementsAre("accepted 4 buy 12 @ 8000", "fill 3 by 4 buy 5 @ 8000 left 0 and 7",
                                                       "fill 1 by 4 buy 5 @ 8000 left 0 and 2", "fill 2 by 4 buy 2 @ 8000 left 3 and 0"));
}

TYPED_TEST(OrderBookTest, PartlyFilledMakerKeepsItsPlace) {
  this->Given({Sell(1, 10, 8000), Sell(2, 10, 8000), Buy(3, 4, 8000)});
  EXPECT_THAT(this->Queue(Side::kSell), ElementsAre(1, 2));
  EXPECT_EQ(this->book().OpenQuantity(1), 6);
}

TYPED_TEST(OrderBookTest, RestOfADayOrderRestsAtItsLimit) {
  this->Given({Sell(1, 10, 8000)});
  EXPECT_THAT(this->Add(Buy(2, 15, 8005)),
              ElementsAre("accepted 2 buy 15 @ 8005", "fill 1 by 2 buy 10 @ 8000 left 0 and 5", "rested 2 buy 5 @ 8005"));
}

TYPED_TEST(OrderBookTest, OrderStopsAtItsLimit) {
  this->Given({Sell(1, 10, 8000), Sell(2, 10, 8001)});
  EXPECT_THAT(this->Add(Buy(3, 15, 8000)),
              ElementsAre("accepted 3 buy 15 @ 8000", "fill 1 by 3 buy 10 @ 8000 left 0 and 5", "rested 3 buy 5 @ 8000"));
  EXPECT_EQ(this->book().BestPrice(Side::kSell), 8001);
}

TYPED_TEST(OrderBookTest, LevelChangesSidesWhenItsOrdersAreGone) {
  this->Given({Sell(1, 10, 8000), Buy(2, 15, 8000)});
  EXPECT_EQ(this->book().DepthAt(Side::kBuy, 8000), (LevelDepth{8000, 5, 1}));
  EXPECT_EQ(this->book().DepthAt(Side::kSell, 8000), (LevelDepth{8000, 0, 0}));
  this->Given({Sell(3, 9, 8000)});
  EXPECT_EQ(this->book().DepthAt(Side::kSell, 8000), (LevelDepth{8000, 4, 1}));
}

// --- Immediate or cancel, fill or kill, post only --------------------------------------------------------------------------------------

// Seen in liquibook (issue 43).
TYPED_TEST(OrderBookTest, RestOfImmediateOrCancelDoesNotStayInTheBook) {
  this->Given({Sell(1, 10, 8000)});
  EXPECT_THAT(this->Add(Buy(2, 15, 8000).Ioc()),
              ElementsAre("accepted 2 buy 15 @ 8000", "fill 1 by 2 buy 10 @ 8000 left 0 and 5", "canceled rest of 2 open 5"));
  EXPECT_TRUE(this->book().empty());
  EXPECT_EQ(this->book().BestPrice(Side::kBuy), std::nullopt);
  EXPECT_THAT(this->Cancel(2), ElementsAre("rejected 2 unknown id"));
}

TYPED_TEST(OrderBookTest, ImmediateOrCancelThatMeetsNobodyIsCancelledWhole) {
  EXPECT_THAT(this->Add(Buy(1, 15, 8000).Ioc()), ElementsAre("accepted 1 buy 15 @ 8000", "canceled rest of 1 open 15"));
  EXPECT_TRUE(this->book().empty());
}

TYPED_TEST(OrderBookTest, FillOrKillIsFilledWhole) {
  this->Given({Sell(1, 10, 8000), Sell(2, 10, 8001)});
  EXPECT_THAT(this->Add(Buy(3, 15, 8001).Fok()),
              ElementsAre("accepted 3 buy 15 @ 8001", "fill 1 by 3 buy 10 @ 8000 left 0 and 5", "fill 2 by 3 buy 5 @ 8001 left 5 and 0"));
}

TYPED_TEST(OrderBookTest, FillOrKillThatCannotBeFilledWholeTradesNothing) {
  this->Given({Sell(1, 10, 8000), Sell(2, 10, 8002)});
  EXPECT_THAT(this->Add(Buy(3, 11, 8001).Fok()), ElementsAre("rejected 3 not fillable"));
  EXPECT_THAT(this->Add(Buy(4, 1, 7999).Fok()), ElementsAre("rejected 4 not fillable"));
  EXPECT_EQ(this->book().OpenQuantity(1), 10);
  EXPECT_EQ(this->book().size(), 2u);
}

TYPED_TEST(OrderBookTest, PostOnlyRestsOrIsRefused) {
  this->Given({Sell(1, 10, 8000)});
  EXPECT_THAT(this->Add(Buy(2, 10, 8000).PostOnly()), ElementsAre("rejected 2 would cross"));
  EXPECT_THAT(this->Add(Buy(2, 10, 7999).PostOnly()), ElementsAre("accepted 2 buy 10 @ 7999", "rested 2 buy 10 @ 7999"));
  EXPECT_EQ(this->book().OpenQuantity(1), 10);
}

TYPED_TEST(OrderBookTest, PostOnlyStaysPostOnlyInAReplace) {
  this->Given({Sell(1, 10, 8000), Buy(2, 10, 7990).PostOnly()});
  EXPECT_THAT(this->Replace(2, 10, 8000), ElementsAre("rejected 2 would cross"));
  EXPECT_EQ(this->book().Find(2), (RestingOrder{2, Side::kBuy, 7990, 10, true, 0}));
}

// --- Self-trades -----------------------------------------------------------------------------------------------------------------------

TYPED_TEST(OrderBookTest, OrderThatWouldMeetItsOwnerIsRefusedWholeBeforeAnyFill) {
  this->Given({Sell(1, 10, 8000).Of(7), Sell(2, 10, 8001).Of(8)});
  EXPECT_THAT(this->Add(Buy(3, 11, 8001).Of(8)), ElementsAre("rejected 3 self trade"));
  EXPECT_EQ(this->book().OpenQuantity(1), 10);
}

TYPED_TEST(OrderBookTest, OwnOrderBeyondTheQuantitysReachDoesNoHarm) {
  this->Given({Sell(1, 10, 8000).Of(7), Sell(2, 10, 8000).Of(8)});
  EXPECT_THAT(this->Add(Buy(3, 10, 8001).Of(8)), ElementsAre("accepted 3 buy 10 @ 8001", "fill 1 by 3 buy 10 @ 8000 left 0 and 0"));
}

TYPED_TEST(OrderBookTest, OwnOrderBeyondTheLimitDoesNoHarm) {
  this->Given({Sell(1, 10, 8000).Of(7), Sell(2, 10, 8001).Of(8)});
  EXPECT_THAT(this->Add(Buy(3, 15, 8000).Of(8)),
              ElementsAre("accepted 3 buy 15 @ 8000", "fill 1 by 3 buy 10 @ 8000 left 0 and 5", "rested 3 buy 5 @ 8000"));
}

TYPED_TEST(OrderBookTest, OrdersWithoutOwnerMayMeet) {
  this->Given({Sell(1, 10, 8000)});
  EXPECT_THAT(this->Add(Buy(2, 10, 8000)), ElementsAre("accepted 2 buy 10 @ 8000", "fill 1 by 2 buy 10 @ 8000 left 0 and 0"));
}

TYPED_TEST(OrderBookTest, ReplaceThatWouldMeetItsOwnerLeavesTheOrderAsItWas) {
  this->Given({Sell(1, 10, 8000).Of(7), Buy(2, 10, 7990).Of(7), Buy(3, 10, 7990)});
  EXPECT_THAT(this->Replace(2, 20, 8000), ElementsAre("rejected 2 self trade"));
  EXPECT_EQ(this->book().Find(2), (RestingOrder{2, Side::kBuy, 7990, 10, false, 7}));
  EXPECT_THAT(this->Queue(Side::kBuy), ElementsAre(2, 3));
}

// --- Cancel ----------------------------------------------------------------------------------------------------------------------------

TYPED_TEST(OrderBookTest, CancelTakesOutWhatIsOpen) {
  this->Given({Sell(1, 10, 8000), Buy(2, 4, 8000)});
  EXPECT_THAT(this->Cancel(1), ElementsAre("canceled 1 open 6"));
  EXPECT_TRUE(this->book().empty());
}

TYPED_TEST(OrderBookTest, CancelOfFirstMiddleAndLastKeepsTheOthersInOrder) {
  this->Given({Buy(1, 1, 8000), Buy(2, 1, 8000), Buy(3, 1, 8000), Buy(4, 1, 8000), Buy(5, 1, 8000)});
  this->Cancel(3);
  EXPECT_THAT(this->Queue(Side::kBuy), ElementsAre(1, 2, 4, 5));
  this->Cancel(1);
  this->Cancel(5);
  EXPECT_THAT(this->Queue(Side::kBuy), ElementsAre(2, 4));
}

TYPED_TEST(OrderBookTest, CancelOfTheBestPriceUncoversTheNext) {
  this->Given({Buy(1, 1, 8000), Buy(2, 1, 7300), Sell(3, 1, 8100), Sell(4, 1, 8700)});
  this->Cancel(1);
  this->Cancel(3);
  EXPECT_EQ(this->book().BestPrice(Side::kBuy), 7300);
  EXPECT_EQ(this->book().BestPrice(Side::kSell), 8700);
}

TYPED_TEST(OrderBookTest, DeadIdIsRefused) {
  this->Given({Sell(1, 10, 8000), Buy(2, 10, 8000)});
  EXPECT_THAT(this->Cancel(1), ElementsAre("rejected 1 unknown id"));
  EXPECT_THAT(this->Replace(1, 5, 8000), ElementsAre("rejected 1 unknown id"));
  EXPECT_THAT(this->Cancel(99), ElementsAre("rejected 99 unknown id"));
  EXPECT_THAT(this->Cancel(0), ElementsAre("rejected 0 unknown id"));
}

// --- Replace ---------------------------------------------------------------------------------------------------------------------------

// Seen in liquibook (issue 32).
TYPED_TEST(OrderBookTest, ReplaceWorksFromTheOpenQuantityNotTheOriginal) {
  this->Given({Sell(1, 10, 8000), Buy(2, 4, 8000)});  // 6 of 10 open
  EXPECT_THAT(this->Replace(1, 5, 8000), ElementsAre("replaced 1 to 5 @ 8000 kept"));
  EXPECT_EQ(this->book().OpenQuantity(1), 5);
  EXPECT_EQ(this->book().DepthAt(Side::kSell, 8000), (LevelDepth{8000, 5, 1}));
  // 8 is below the original 10 but above the open 5: it grows, and goes to the end.
  EXPECT_THAT(this->Replace(1, 8, 8000), ElementsAre("replaced 1 to 8 @ 8000 requeued", "rested 1 sell 8 @ 8000"));
  EXPECT_EQ(this->book().OpenQuantity(1), 8);
}

TYPED_TEST(OrderBookTest, ReplaceToLessAtTheSamePriceKeepsItsPlace) {
  this->Given({Sell(1, 10, 8000), Sell(2, 10, 8000)});
  EXPECT_THAT(this->Replace(1, 3, 8000), ElementsAre("replaced 1 to 3 @ 8000 kept"));
  EXPECT_THAT(this->Replace(1, 3, 8000), ElementsAre("replaced 1 to 3 @ 8000 kept"));
  EXPECT_THAT(this->Queue(Side::kSell), ElementsAre(1, 2));
}

TYPED_TEST(OrderBookTest, ReplaceToMoreOrToAnotherPriceLosesItsPlace) {
  this->Given({Sell(1, 10, 8000), Sell(2, 10, 8000), Sell(3, 10, 8001)});
  EXPECT_THAT(this->Replace(1, 11, 8000), ElementsAre("replaced 1 to 11 @ 8000 requeued", "rested 1 sell 11 @ 8000"));
  EXPECT_THAT(this->Queue(Side::kSell), ElementsAre(2, 1, 3));
  EXPECT_THAT(this->Replace(2, 5, 8001), ElementsAre("replaced 2 to 5 @ 8001 requeued", "rested 2 sell 5 @ 8001"));
  EXPECT_THAT(this->Queue(Side::kSell), ElementsAre(1, 3, 2));
}

TYPED_TEST(OrderBookTest, ReplaceMayTradeAndItsRestKeepsTheId) {
  this->Given({Sell(1, 10, 8000), Buy(2, 10, 7990)});
  EXPECT_THAT(this->Replace(2, 14, 8000),
              ElementsAre("replaced 2 to 14 @ 8000 requeued", "fill 1 by 2 buy 10 @ 8000 left 0 and 4", "rested 2 buy 4 @ 8000"));
  EXPECT_THAT(this->Cancel(2), ElementsAre("canceled 2 open 4"));
}

// Seen in CppTrader (issue 42).
TYPED_TEST(OrderBookTest, ReplaceThatFillsEntirelyLeavesNoIdBehind) {
  this->Given({Sell(1, 10, 8000), Buy(2, 10, 7990)});
  EXPECT_THAT(this->Replace(2, 6, 8000), ElementsAre("replaced 2 to 6 @ 8000 requeued", "fill 1 by 2 buy 6 @ 8000 left 4 and 0"));
  EXPECT_EQ(this->book().Find(2), std::nullopt);
  EXPECT_EQ(this->book().size(), 1u);
  EXPECT_THAT(this->Cancel(2), ElementsAre("rejected 2 unknown id"));
  EXPECT_THAT(this->Add(Buy(2, 1, 7990)), ElementsAre("accepted 2 buy 1 @ 7990", "rested 2 buy 1 @ 7990"));
}

TYPED_TEST(OrderBookTest, ReplaceOfTheOnlyOrderMovesTheBestPrice) {
  this->Given({Sell(1, 10, 8000)});
  this->Replace(1, 10, 8100);
  EXPECT_EQ(this->book().BestPrice(Side::kSell), 8100);
  this->Replace(1, 10, 7900);
  EXPECT_EQ(this->book().BestPrice(Side::kSell), 7900);
}

TYPED_TEST(OrderBookTest, RefusedReplaceLeavesTheOrderAsItWas) {
  this->Start({.tick = 5});
  this->Given({Sell(1, 10, 8000), Sell(2, 10, 8000)});
  EXPECT_THAT(this->Replace(1, 0, 8000), ElementsAre("rejected 1 bad quantity"));
  EXPECT_THAT(this->Replace(1, -1, 8000), ElementsAre("rejected 1 bad quantity"));
  EXPECT_THAT(this->Replace(1, 10, 8001), ElementsAre("rejected 1 price off tick"));
  EXPECT_EQ(this->book().OpenQuantity(1), 10);
  EXPECT_THAT(this->Queue(Side::kSell), ElementsAre(1, 2));
}

// --- Refusals and limits -----------------------------------------------------------------------------------------------------------------

TYPED_TEST(OrderBookTest, BadOrdersAreRefusedInTheDocumentedOrder) {
  this->Start({.tick = 5});
  this->Given({Sell(1, 10, 8000)});
  EXPECT_THAT(this->Add(Buy(0, 0, 8001)), ElementsAre("rejected 0 bad id"));
  EXPECT_THAT(this->Add(Buy(1, 0, 8001)), ElementsAre("rejected 1 bad quantity"));
  EXPECT_THAT(this->Add(Buy(1, -5, 8001)), ElementsAre("rejected 1 bad quantity"));
  EXPECT_THAT(this->Add(Buy(1, 5, 8001)), ElementsAre("rejected 1 price off tick"));
  EXPECT_THAT(this->Add(Buy(1, 5, 8000).PostOnly()), ElementsAre("rejected 1 duplicate id"));
  EXPECT_EQ(this->book().size(), 1u);
}

TYPED_TEST(OrderBookTest, IdMayBeUsedAgainOnceItsOrderHasEnded) {
  this->Given({Sell(1, 10, 8000), Buy(2, 10, 8000)});
  EXPECT_THAT(this->Add(Sell(1, 5, 8000)), ElementsAre("accepted 1 sell 5 @ 8000", "rested 1 sell 5 @ 8000"));
  this->Cancel(1);
  EXPECT_THAT(this->Add(Buy(1, 5, 8000)), ElementsAre("accepted 1 buy 5 @ 8000", "rested 1 buy 5 @ 8000"));
}

TYPED_TEST(OrderBookTest, FullBookRefusesDayOrdersOnly) {
  this->Start({.max_orders = 2});
  this->Given({Sell(1, 10, 8000), Sell(2, 10, 8000)});
  EXPECT_THAT(this->Add(Buy(3, 1, 7000)), ElementsAre("rejected 3 book full"));
  EXPECT_THAT(this->Add(Buy(3, 10, 8000).Ioc()), ElementsAre("accepted 3 buy 10 @ 8000", "fill 1 by 3 buy 10 @ 8000 left 0 and 0"));
  EXPECT_THAT(this->Add(Buy(3, 1, 7000)), ElementsAre("accepted 3 buy 1 @ 7000", "rested 3 buy 1 @ 7000"));
}

TYPED_TEST(OrderBookTest, LevelTotalNeverWraps) {
  this->Given({Buy(1, kBookMax - 5, 8000)});
  EXPECT_THAT(this->Add(Buy(2, 6, 8000)), ElementsAre("rejected 2 level overflow"));
  EXPECT_THAT(this->Add(Buy(2, 5, 8000)), ElementsAre("accepted 2 buy 5 @ 8000", "rested 2 buy 5 @ 8000"));
  EXPECT_THAT(this->Replace(2, 6, 8000), ElementsAre("rejected 2 level overflow"));
  this->Given({Buy(3, kBookMax, 7999)});
  EXPECT_THAT(this->Replace(2, 1, 7999), ElementsAre("rejected 2 level overflow"));
  EXPECT_EQ(this->book().Preview(Side::kSell, 7000, kBookMax, 0).fillable_quantity, kBookMax);
}

TYPED_TEST(OrderBookTest, LargestQuantityTradesAgainstTheWholeSide) {
  this->Given({Buy(1, kBookMax, 8000), Buy(2, kBookMax, 7999)});
  EXPECT_THAT(this->Add(Sell(3, kBookMax, 7000)),
              ElementsAre("accepted 3 sell 9223372036854775807 @ 7000", "fill 1 by 3 sell 9223372036854775807 @ 8000 left 0 and 0"));
}

// --- Prices inside and outside the band --------------------------------------------------------------------------------------------------

TYPED_TEST(OrderBookTest, PricesOutsideTheBandTradeInTheSameOrder) {
  this->Start({.tick = 10, .band = PriceBand{7990, 8010}});
  this->Given({Sell(1, 5, 8020), Sell(2, 5, 8010), Sell(3, 5, 9000), Sell(4, 5, 7980), Sell(5, 5, 7000), Sell(6, 5, 8020)});
  EXPECT_THAT(this->Queue(Side::kSell), ElementsAre(5, 4, 2, 1, 6, 3));
  EXPECT_THAT(this->Add(Buy(7, 22, 8020)), ElementsAre("accepted 7 buy 22 @ 8020", "fill 5 by 7 buy 5 @ 7000 left 0 and 17",
                                                       "fill 4 by 7 buy 5 @ 7980 left 0 and 12", "fill 2 by 7 buy 5 @ 8010 left 0 and 7",
                                                       "fill 1 by 7 buy 5 @ 8020 left 0 and 2", "fill 6 by 7 buy 2 @ 8020 left 3 and 0"));
}

TYPED_TEST(OrderBookTest, WholePriceAxisIsAllowed) {
  this->Given({Buy(1, 5, kBookMin), Sell(2, 5, kBookMax)});
  EXPECT_EQ(this->book().BestPrice(Side::kBuy), kBookMin);
  EXPECT_EQ(this->book().BestPrice(Side::kSell), kBookMax);
  EXPECT_THAT(this->Add(Sell(3, 2, kBookMin).Ioc()),
              ElementsAre("accepted 3 sell 2 @ " + std::to_string(kBookMin), "fill 1 by 3 sell 2 @ " + std::to_string(kBookMin) + " left 3 and 0"));
  EXPECT_THAT(this->Add(Buy(4, 2, kBookMax)),
              ElementsAre("accepted 4 buy 2 @ " + std::to_string(kBookMax), "fill 2 by 4 buy 2 @ " + std::to_string(kBookMax) + " left 3 and 0"));
}

TYPED_TEST(OrderBookTest, MovingTheBandChangesNothingThatIsSeen) {
  this->Given({Buy(1, 5, 7300), Buy(2, 5, 7900), Sell(3, 5, 8100), Sell(4, 5, 8100), Sell(5, 5, 8700)});
  for (const PriceBand& band : {PriceBand{7850, 8150}, PriceBand{0, 10}, PriceBand{8100, 8100}, PriceBand{7200, 8800}}) {
    this->book().MoveBand(band);
    this->book().CheckInvariants();
    EXPECT_THAT(this->Queue(Side::kBuy), ElementsAre(2, 1));
    EXPECT_THAT(this->Queue(Side::kSell), ElementsAre(3, 4, 5));
  }
  EXPECT_THAT(this->Add(Buy(6, 8, 8100)),
              ElementsAre("accepted 6 buy 8 @ 8100", "fill 3 by 6 buy 5 @ 8100 left 0 and 3", "fill 4 by 6 buy 3 @ 8100 left 2 and 0"));
}

// --- Queries and rebuilding
// ----------------------------------------------------------------------------------------------------------------

TYPED_TEST(OrderBookTest, PreviewSaysWhatAnOrderWouldMeetAndChangesNothing) {
  this->Given({Sell(1, 10, 8000).Of(7), Sell(2, 10, 8001).Of(8), Sell(3, 10, 8002).Of(9)});
  const Prospect whole = this->book().Preview(Side::kBuy, 8001, 15, 9);
  EXPECT_TRUE(whole.would_cross);
  EXPECT_EQ(whole.fillable_quantity, 15);
  EXPECT_FALSE(whole.would_self_trade);
  EXPECT_EQ(this->book().Preview(Side::kBuy, 8001, 50, 0).fillable_quantity, 20);
  const Prospect own = this->book().Preview(Side::kBuy, 8002, 50, 8);
  EXPECT_TRUE(own.would_self_trade);
  EXPECT_EQ(own.fillable_quantity, 10);
  const Prospect nothing = this->book().Preview(Side::kBuy, 7999, 50, 7);
  EXPECT_FALSE(nothing.would_cross);
  EXPECT_FALSE(nothing.would_self_trade);
  EXPECT_EQ(nothing.fillable_quantity, 0);
  EXPECT_THAT(this->Queue(Side::kSell), ElementsAre(1, 2, 3));
}

TYPED_TEST(OrderBookTest, DepthListsTheBestLevelsFirst) {
  this->Given({Buy(1, 5, 8000), Buy(2, 6, 8000), Buy(3, 7, 7990), Buy(4, 8, 7000)});
  std::array<LevelDepth, 5> depth{};
  ASSERT_EQ(this->book().Depth(Side::kBuy, depth), 3u);
  EXPECT_EQ(depth[0], (LevelDepth{8000, 11, 2}));
  EXPECT_EQ(depth[1], (LevelDepth{7990, 7, 1}));
  EXPECT_EQ(depth[2], (LevelDepth{7000, 8, 1}));
  EXPECT_EQ(this->book().Depth(Side::kBuy, std::span(depth).first(2)), 2u);
  EXPECT_EQ(this->book().Depth(Side::kSell, depth), 0u);
}

TYPED_TEST(OrderBookTest, RestoredBookIsTheSameBook) {
  this->Given({Buy(1, 5, 8000).Of(3), Buy(2, 6, 8000).PostOnly(), Buy(9, 7, 7990), Sell(4, 8, 8010), Sell(5, 1, 9990), Buy(6, 2, 8000)});
  TypeParam restored(BookOptions{.band = PriceBand{7900, 8100}});
  for (const Side side : {Side::kBuy, Side::kSell}) {
    this->book().ForEachOrder(side, [&](const RestingOrder& order) { EXPECT_EQ(restored.Restore(order), BookReject::kNone); });
  }
  restored.CheckInvariants();
  for (const Side side : {Side::kBuy, Side::kSell}) {
    std::vector<RestingOrder> expected, orders;
    this->book().ForEachOrder(side, [&](const RestingOrder& order) { expected.push_back(order); });
    restored.ForEachOrder(side, [&](const RestingOrder& order) { orders.push_back(order); });
    EXPECT_EQ(orders, expected);
  }
}

TYPED_TEST(OrderBookTest, RestoreRefusesWhatCouldNotRest) {
  this->Start({.tick = 5, .max_orders = 2});
  EXPECT_EQ(this->book().Restore({1, Side::kSell, 8000, 10, false, 0}), BookReject::kNone);
  EXPECT_EQ(this->book().Restore({0, Side::kBuy, 7000, 10, false, 0}), BookReject::kBadId);
  EXPECT_EQ(this->book().Restore({2, Side::kBuy, 7000, 0, false, 0}), BookReject::kBadQuantity);
  EXPECT_EQ(this->book().Restore({2, Side::kBuy, 7001, 10, false, 0}), BookReject::kPriceOffTick);
  EXPECT_EQ(this->book().Restore({1, Side::kBuy, 7000, 10, false, 0}), BookReject::kDuplicateId);
  EXPECT_EQ(this->book().Restore({2, Side::kBuy, 8000, 10, false, 0}), BookReject::kWouldCross);
  EXPECT_EQ(this->book().Restore({2, Side::kSell, 8000, kBookMax, false, 0}), BookReject::kLevelOverflow);
  EXPECT_EQ(this->book().Restore({2, Side::kBuy, 7000, 10, false, 0}), BookReject::kNone);
  EXPECT_EQ(this->book().Restore({3, Side::kBuy, 7000, 10, false, 0}), BookReject::kBookFull);
}

// --- Of the fast book alone
// ----------------------------------------------------------------------------------------------------------------

TEST(TickLadderTest, ExampleOfTheHeaderHolds) {
  RecordingSink tape;
  TickLadder book(BookOptions{.tick = 1});
  book.Add({.id = 1, .side = Side::kSell, .price = 8000, .quantity = 10}, tape);
  book.Add({.id = 2, .side = Side::kBuy, .price = 8010, .quantity = 4, .time_in_force = TimeInForce::kImmediateOrCancel}, tape);
  book.Replace(1, 8000, 5, tape);
  book.Cancel(1, tape);
  book.Cancel(1, tape);
  EXPECT_THAT(tape.Take(), ElementsAre("accepted 1 sell 10 @ 8000", "rested 1 sell 10 @ 8000", "accepted 2 buy 4 @ 8010",
                                       "fill 1 by 2 buy 4 @ 8000 left 6 and 0", "replaced 1 to 5 @ 8000 kept", "canceled 1 open 5",
                                       "rejected 1 unknown id"));
}

// A harness that knows EventSink only, and the same calls through a sink compiled in.
TEST(TickLadderTest, AnyEventSinkHearsTheSame) {
  RecordingSink known, unknown;
  EventSink& interface = unknown;
  TickLadder one, other;
  for (OrderId id = 1; id <= 3; ++id) {
    one.Add(Sell(id, 10, 8000), known);
    other.Add(Sell(id, 10, 8000), interface);
  }
  one.Replace(2, 8001, 4, known);
  other.Replace(2, 8001, 4, interface);
  EXPECT_EQ(known.Take(), unknown.Take());
}

TEST(TickLadderTest, RestingOrderCostsAtMost96Bytes) {
  TickLadder book({.band = PriceBand{7200, 8800}});
  RecordingSink sink;
  for (OrderId id = 1; id <= 300'000; ++id) {
    const int64_t distance = static_cast<int64_t>(1 + id / 2 % 800);
    book.Add(id % 2 == 0 ? Buy(id, 1, 8000 - distance) : Sell(id, 1, 8000 + distance), sink);
    if (id % 1000 == 0) sink.Take();
    if (id < 5000) continue;  // where the empty ladder still counts
    ASSERT_LE(book.MemoryBytes(), 96 * book.size()) << id;
  }
}

TEST(TickLadderTest, MemoryStopsGrowingWhenTheBookDoes) {
  TickLadder book({.band = PriceBand{7200, 8800}});
  RecordingSink sink;
  for (OrderId id = 1; id <= 1000; ++id) book.Add(Buy(id, 1, 8000), sink);
  const size_t memory = book.MemoryBytes();
  for (OrderId id = 1001; id <= 50'000; ++id) {
    book.Cancel(id - 1000, sink);
    book.Add(Buy(id, 1, static_cast<int64_t>(7300 + id % 1000)), sink);
    sink.Take();
  }
  EXPECT_EQ(book.MemoryBytes(), memory);
}

TEST(TickLadderTest, MemoryStopsGrowingOutsideTheBandToo) {
  TickLadder book({.band = PriceBand{0, 0}});
  RecordingSink sink;
  book.Add(Buy(1, 1, 7000), sink);
  const size_t memory = book.MemoryBytes();
  for (OrderId id = 2; id <= 10'000; ++id) {
    book.Cancel(id - 1, sink);
    book.Add(Buy(id, 1, static_cast<int64_t>(7000 + id)), sink);
    sink.Take();
  }
  EXPECT_LE(book.MemoryBytes(), memory + 64);
}

TEST(TickLadderTest, SetAsideMemoryHoldsTheExpectedOrders) {
  TickLadder book({.band = PriceBand{7200, 8800}, .expected_orders = 10'000});
  RecordingSink sink;
  const size_t memory = book.MemoryBytes();
  for (OrderId id = 1; id <= 10'000; ++id) book.Add(Buy(id, 1, 8000), sink);
  EXPECT_EQ(book.MemoryBytes(), memory);
}

}  // namespace
}  // namespace songhua::exchange
