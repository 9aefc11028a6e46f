// The price and the allocation of a call auction: the examples that venues publish, and each rule by itself.
#include "exchange/call_auction.h"

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace songhua::exchange {
namespace {

using ::testing::ElementsAre;

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kMin = std::numeric_limits<int64_t>::min();

// Orders as an example lists them, first come first. They are numbered from 1.
class Auction {
 public:
  Auction& Buy(int64_t quantity, std::optional<int64_t> limit) { return Enter(Side::kBuy, quantity, limit); }
  Auction& Sell(int64_t quantity, std::optional<int64_t> limit) { return Enter(Side::kSell, quantity, limit); }

  // "700 @ 198, surplus 100", or "none".
  std::string Price(std::optional<int64_t> reference = std::nullopt, int64_t tick = 1) {
    const std::optional<Clearing> clearing = Find(reference, tick);
    if (!clearing.has_value()) return "none";
    return std::to_string(static_cast<int64_t>(clearing->volume)) + " @ " + std::to_string(clearing->price) + ", surplus " +
           std::to_string(static_cast<int64_t>(clearing->surplus));
  }

  // "buyer < seller quantity" of each fill, by the numbers of the orders.
  template <class TieKey = ByTime>
  std::vector<std::string> Trades(std::optional<int64_t> reference = std::nullopt, const TieKey& tie_key = {}) {
    const std::optional<Clearing> clearing = Find(reference, 1);
    std::vector<CallOrder> buys = buys_;
    std::vector<CallOrder> sells = sells_;
    SortByPriority(std::span(buys), tie_key);
    SortByPriority(std::span(sells), tie_key);
    std::vector<std::string> trades;
    Allocate(buys, sells, clearing->price, [&](size_t buy, size_t sell, int64_t quantity) {
      trades.push_back(std::to_string(buys[buy].id) + " < " + std::to_string(sells[sell].id) + " " + std::to_string(quantity));
    });
    return trades;
  }

  std::optional<Clearing> Find(std::optional<int64_t> reference, int64_t tick) {
    CallInterest interest;
    std::map<int64_t, CallLevel> by_price;
    for (const std::vector<CallOrder>* orders : {&buys_, &sells_}) {
      for (const CallOrder& order : *orders) {
        const bool buys = order.side == Side::kBuy;
        if (order.market) {
          (buys ? interest.market_bid_quantity : interest.market_ask_quantity) += order.quantity;
          continue;
        }
        CallLevel& level = by_price[order.limit];
        level.price = order.limit;
        (buys ? level.bid_quantity : level.ask_quantity) += order.quantity;
      }
    }
    std::vector<CallLevel> levels;
    for (const auto& [price, level] : by_price) levels.push_back(level);
    interest.levels = levels;
    return FindClearing(interest, reference, tick);
  }

 private:
  Auction& Enter(Side side, int64_t quantity, std::optional<int64_t> limit) {
    (side == Side::kBuy ? buys_ : sells_)
        .push_back({.id = ++last_, .side = side, .market = !limit.has_value(), .limit = limit.value_or(0), .quantity = quantity});
    return *this;
  }

  OrderId last_ = 0;
  std::vector<CallOrder> buys_;
  std::vector<CallOrder> sells_;
};

constexpr std::nullopt_t kMarket = std::nullopt;

// --- Published examples --------------------------------------------------------------------------------------------------------------

// Xetra market model, price determination in auctions, examples 1 to 9, as the tests of github.com/hroptatyr/clob (mmod_auction_xetra_*)
// have them.
TEST(CallAuctionXetra, Example1OnePriceOfTheLargestVolume) {
  Auction auction;
  auction.Sell(100, 200).Sell(300, 198).Sell(400, 197).Buy(300, 200).Buy(100, 196).Buy(300, 198).Buy(200, 199);
  EXPECT_EQ(auction.Price(), "700 @ 198, surplus 100");
}

TEST(CallAuctionXetra, Example2ASurplusOfBuyersTakesTheHighestPrice) {
  Auction auction;
  auction.Sell(400, 201).Sell(100, 199).Sell(100, 198).Sell(300, 197).Buy(600, 200).Buy(200, 197);
  EXPECT_EQ(auction.Price(), "500 @ 200, surplus 100");
}

TEST(CallAuctionXetra, Example3ASurplusOfSellersTakesTheLowestPrice) {
  Auction auction;
  auction.Sell(200, 201).Sell(600, 198).Buy(400, 197).Buy(100, 199).Buy(100, 201).Buy(300, 202);
  EXPECT_EQ(auction.Price(), "500 @ 198, surplus -100");
}

TEST(CallAuctionXetra, Example4WithoutSurplusTheReferencePriceDecides) {
  Auction auction;
  auction.Sell(100, 203).Sell(300, 199).Sell(200, 198).Buy(100, 197).Buy(200, 201).Buy(300, 202);
  EXPECT_EQ(auction.Price(200), "500 @ 200, surplus 0");
  EXPECT_EQ(auction.Price(198), "500 @ 199, surplus 0");
  EXPECT_EQ(auction.Price(205), "500 @ 201, surplus 0");
}

TEST(CallAuctionXetra, Example5NothingThatCrossesHasNoPrice) {
  Auction auction;
  auction.Sell(300, 202).Sell(200, 201).Buy(100, 200).Buy(400, 199);
  EXPECT_EQ(auction.Price(), "none");
  EXPECT_EQ(auction.Price(200), "none");
}

// In examples 6 to 8 the limits 199 and 202 bound the price and have no part in the volume.
TEST(CallAuctionXetra, Examples6To8MarketOrdersTradeAtTheLimitThatTheirSurplusPressesAgainst) {
  Auction buyers, sellers, even;
  buyers.Sell(0, 202).Sell(100, kMarket).Buy(0, 199).Buy(200, kMarket);
  EXPECT_EQ(buyers.Price(201), "100 @ 202, surplus 100");
  sellers.Sell(0, 202).Sell(200, kMarket).Buy(0, 199).Buy(100, kMarket);
  EXPECT_EQ(sellers.Price(201), "100 @ 199, surplus -100");
  even.Sell(0, 202).Sell(100, kMarket).Buy(0, 199).Buy(100, kMarket);
  EXPECT_EQ(even.Price(201), "100 @ 201, surplus 0");
}

TEST(CallAuctionXetra, Example9ASurplusOnEitherSideLeavesItToTheReferencePrice) {
  Auction auction;
  auction.Sell(100, 198).Sell(100, 201).Sell(1000, 202).Buy(100, 202).Buy(100, 199).Buy(1000, 198);
  EXPECT_EQ(auction.Price(200), "100 @ 200, surplus 0");
  EXPECT_EQ(auction.Price(198), "100 @ 199, surplus 100");
  EXPECT_EQ(auction.Price(202), "100 @ 201, surplus -100");
}

// UNSW appendix on the ASX algorithm (TV-10).
TEST(CallAuctionAsx, PressureOfBuyersSetsTheHighestPriceAndTimeDecidesAtTheMargin) {
  Auction auction;
  auction.Buy(500, 640).Buy(500, 639).Buy(500, 639).Buy(1000, 634).Buy(500, 633);
  auction.Sell(1000, 610).Sell(500, 640).Sell(520, 641).Sell(550, 642).Sell(519, 643);
  EXPECT_EQ(auction.Price(), "1000 @ 639, surplus 500");
  EXPECT_THAT(auction.Trades(), ElementsAre("1 < 6 500", "2 < 6 500"));
}

// Euronext, "Pure market order", call phase, examples 1 to 5, as the features of github.com/mattdavey/EuronextClone have them. Prices in
// cents.
TEST(CallAuctionEuronext, Example1TheMarketOrdersAreFilledFirst) {
  Auction auction;
  auction.Buy(50, kMarket).Buy(90, 1010).Buy(10, 990).Sell(40, kMarket).Sell(100, 1008).Sell(60, 1015);
  EXPECT_EQ(auction.Price(1000), "140 @ 1008, surplus 0");
  auction.Buy(20, kMarket);
  EXPECT_EQ(auction.Price(1000), "140 @ 1010, surplus 20");
  EXPECT_THAT(auction.Trades(1000), ElementsAre("1 < 4 40", "1 < 5 10", "7 < 5 20", "2 < 5 70"));
}

TEST(CallAuctionEuronext, Example2MarketOrdersAloneTradeAtTheReferencePrice) {
  Auction auction;
  auction.Buy(40, kMarket).Sell(45, kMarket);
  EXPECT_EQ(auction.Price(1000), "40 @ 1000, surplus -5");
  auction.Buy(20, kMarket);
  EXPECT_EQ(auction.Price(1000), "45 @ 1000, surplus 15");
  EXPECT_THAT(auction.Trades(1000), ElementsAre("1 < 2 40", "3 < 2 5"));
}

TEST(CallAuctionEuronext, Examples3To5ThePriceNearestToTheReferenceThatTradesTheMost) {
  Auction even, more, dearer;
  even.Buy(40, kMarket).Sell(40, 998);
  EXPECT_EQ(even.Price(1000), "40 @ 1000, surplus 0");
  more.Buy(40, kMarket).Sell(41, 998);
  EXPECT_EQ(more.Price(1000), "40 @ 998, surplus -1");
  dearer.Buy(40, kMarket).Sell(40, 1002);
  EXPECT_EQ(dearer.Price(1000), "40 @ 1002, surplus 0");
}

// KRX 0606030103, the single-price auction with its full ladder (TV-01): one seller of 10,000 t at the reserve of 10,000.
Auction Krx() {
  Auction auction;
  auction.Buy(1000, 11000).Buy(1500, 11000).Buy(2500, 11000).Buy(1000, 10500).Buy(2000, 10500);
  auction.Buy(1000, 10300).Buy(1000, 10300).Buy(2000, 10300).Buy(1000, 10000).Buy(2000, 10000).Sell(10000, 10000);
  return auction;
}

TEST(CallAuctionKrx, TheFirstComersOfTheLastPriceAreFilled) {
  EXPECT_EQ(Krx().Price(), "10000 @ 10300, surplus 2000");
  EXPECT_THAT(Krx().Trades(),
              ElementsAre("1 < 11 1000", "2 < 11 1500", "3 < 11 2500", "4 < 11 1000", "5 < 11 2000", "6 < 11 1000", "7 < 11 1000"));
}

// The EU's draw by lot among the three of the last price (TV-01): a pre-set order takes the place of time.
TEST(CallAuctionTies, AnOrderThatIsDrawnTakesThePlaceOfTime) {
  const auto drawn = [](std::vector<OrderId> first_to_last) {
    return [first_to_last](const CallOrder& order) {
      return std::find(first_to_last.begin(), first_to_last.end(), order.id) - first_to_last.begin();
    };
  };
  std::vector<std::string> trades = Krx().Trades(std::nullopt, drawn({1, 2, 3, 4, 5, 8, 6, 7}));
  EXPECT_THAT(std::vector(trades.begin() + 5, trades.end()), ElementsAre("8 < 11 2000"));
  trades = Krx().Trades(std::nullopt, drawn({1, 2, 3, 4, 5, 6, 8, 7}));
  EXPECT_THAT(std::vector(trades.begin() + 5, trades.end()), ElementsAre("6 < 11 1000", "8 < 11 1000"));
}

// Regulation 1031/2010 art. 7 (TV-08): A alone at 80.00, three tied at 79.50.
TEST(CallAuctionTies, ALotNeverLiftsAnOrderAboveABetterPrice) {
  Auction auction;
  auction.Buy(3000, 8000).Buy(1500, 7950).Buy(1500, 7950).Buy(1500, 7950).Sell(5000, 7000);  // A, B, C, D
  EXPECT_EQ(auction.Price(), "5000 @ 7950, surplus 2500");
  EXPECT_THAT(auction.Trades(std::nullopt,
                             [](const CallOrder& order) {
                               return std::map<OrderId, int>{{3, 1}, {4, 2}, {2, 3}, {1, 4}, {5, 0}}.at(order.id);
                             }),
              ElementsAre("1 < 5 3000", "3 < 5 1500", "4 < 5 500"));
  EXPECT_THAT(auction.Trades(), ElementsAre("1 < 5 3000", "2 < 5 1500", "3 < 5 500"));
}

// --- Rules by themselves -------------------------------------------------------------------------------------------------------------

TEST(CallAuction, WithoutAReferenceTheMidpointIsRoundedUpToTheTick) {
  Auction even, odd, negative;
  even.Buy(10, 110).Sell(10, 90);
  EXPECT_EQ(even.Price(std::nullopt, 10), "10 @ 100, surplus 0");
  odd.Buy(10, 120).Sell(10, 90);
  EXPECT_EQ(odd.Price(std::nullopt, 10), "10 @ 110, surplus 0");
  negative.Buy(10, -90).Sell(10, -120);
  EXPECT_EQ(negative.Price(std::nullopt, 10), "10 @ -100, surplus 0");
}

TEST(CallAuction, MarketOrdersAloneHaveNoPriceWithoutAReference) {
  Auction auction;
  auction.Buy(40, kMarket).Sell(45, kMarket);
  EXPECT_EQ(auction.Price(), "none");
}

TEST(CallAuction, AReferenceWithLessSurplusThanEveryLimitIsThePrice) {
  // At 100 ten buyers too many, at 104 ten sellers too many; between them nobody is.
  Auction auction;
  auction.Buy(10, 104).Buy(10, 100).Sell(10, 100).Sell(10, 104);
  EXPECT_EQ(auction.Price(101), "10 @ 101, surplus 0");
  EXPECT_EQ(auction.Price(90), "10 @ 100, surplus 10");
}

TEST(CallAuction, SumsBeyond64BitsAreExact) {
  Auction auction;
  auction.Buy(kMax, 12).Buy(kMax, 11).Buy(kMax, 10).Sell(kMax, 7).Sell(kMax, 8);
  const std::optional<Clearing> clearing = auction.Find(std::nullopt, 1);
  ASSERT_TRUE(clearing.has_value());
  EXPECT_EQ(clearing->price, 11);
  EXPECT_TRUE(clearing->volume == 2 * static_cast<__int128>(kMax));
  EXPECT_TRUE(clearing->surplus == 0);
}

TEST(CallAuction, PricesReachOverTheWholeAxis) {
  Auction auction;
  auction.Buy(1, kMax).Sell(1, kMin);
  EXPECT_EQ(auction.Price(), "1 @ 0, surplus 0");
  EXPECT_EQ(auction.Price(kMin), "1 @ " + std::to_string(kMin) + ", surplus 0");
}

TEST(CallAuction, NoOrdersHaveNoPrice) {
  EXPECT_EQ(Auction().Price(100), "none");
  Auction one_side;
  one_side.Buy(10, 110).Buy(10, kMarket);
  EXPECT_EQ(one_side.Price(100), "none");
}

}  // namespace
}  // namespace songhua::exchange
