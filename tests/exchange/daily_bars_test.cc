// Daily bars: which trades make which figure, and the close against CAR-14's own numbers.
#include "exchange/daily_bars.h"

#include <string>

#include "gtest/gtest.h"
#include "ledger/codec.h"

namespace songhua::exchange {
namespace {

constexpr Price kFen{1};

// A trade of serial units: fen a tonne, tonnes.
void Trade(DailyBar& bar, TradeMode mode, int64_t price, int64_t quantity) {
  bar.Count(mode, Price(price), Quantity(quantity), songhua::Money(price * quantity));
}

BarPrices Prices(int64_t open, int64_t high, int64_t low, int64_t close) { return {Price(open), Price(high), Price(low), Price(close)}; }

TEST(DailyBarTest, ListedTradesMakeOpenHighLowAndTheWeightedClose) {
  DailyBar bar{.previous_close = Price(5000)};
  Trade(bar, TradeMode::kListed, 8010, 10);
  Trade(bar, TradeMode::kListed, 8090, 20);
  Trade(bar, TradeMode::kListed, 7990, 30);
  EXPECT_EQ(bar.Prices(kFen), Prices(8010, 8090, 7990, 8027));  // 481,600 / 60 = 8026.67
  EXPECT_EQ(bar.volume, Quantity(60));
  EXPECT_TRUE(bar.turnover.value() == 481'600);
  EXPECT_EQ(bar.trades, 3);
}

TEST(DailyBarTest, TheCloseIsThePublishedOne) {
  // CAR-14: 8,794,800.00 yuan over 107,290 t were published as 81.97 on 2026-06-03.
  EXPECT_EQ(VolumeWeightedAverage(879'480'000, Quantity(107'290), kFen), Price(8197));
}

TEST(DailyBarTest, TheCloseIsRoundedHalfUpToTheTick) {
  EXPECT_EQ(VolumeWeightedAverage(5, Quantity(2), kFen), Price(3));
  EXPECT_EQ(VolumeWeightedAverage(7, Quantity(3), kFen), Price(2));
  EXPECT_EQ(VolumeWeightedAverage(450, Quantity(3), Price(100)), Price(200));
  EXPECT_EQ(VolumeWeightedAverage(449, Quantity(3), Price(100)), Price(100));
  // The largest day: the product of two bounds.
  const __int128 products = static_cast<__int128>(kPriceMax) * INT64_MAX;
  EXPECT_EQ(VolumeWeightedAverage(products, Quantity(INT64_MAX), kFen), Price(kPriceMax));
  EXPECT_EQ(VolumeWeightedAverage(products, Quantity(INT64_MAX), Price(kPriceMax)), Price(kPriceMax));
}

TEST(DailyBarTest, BlockAndAuctionTradesEnterVolumeAndTurnoverAlone) {
  DailyBar bar{.previous_close = Price(8000)};
  Trade(bar, TradeMode::kBlock, 100, 100'000);  // before the first listed trade
  Trade(bar, TradeMode::kListed, 8010, 10);
  Trade(bar, TradeMode::kAuction, 20'000, 200'000);
  EXPECT_EQ(bar.Prices(kFen), Prices(8010, 8010, 8010, 8010));
  EXPECT_EQ(bar.volume, Quantity(300'010));
  EXPECT_TRUE(bar.turnover.value() == 100 * 100'000 + 8010 * 10 + int64_t{20'000} * 200'000);
  EXPECT_EQ(bar.trades, 3);
  EXPECT_EQ(bar.listed_trades, 1);
  EXPECT_EQ(bar.listed_volume, Quantity(10));
  EXPECT_TRUE(bar.listed_turnover.value() == 80'100);
}

TEST(DailyBarTest, ADayWithoutListedTradesCarriesThePreviousClose) {
  DailyBar bar{.previous_close = Price(7905)};
  EXPECT_EQ(bar.Prices(kFen), Prices(7905, 7905, 7905, 7905));
  Trade(bar, TradeMode::kBlock, 5600, 100'000);
  EXPECT_EQ(bar.Prices(kFen), Prices(7905, 7905, 7905, 7905));
  EXPECT_EQ(bar.volume, Quantity(100'000));
}

// A price of a tonne, a quantity in grams: the average is a price, the turnover is what the trades cost.
TEST(DailyBarTest, TurnoverIsTheMoneyAndTheCloseThePriceOfAUnit) {
  DailyBar bar;
  bar.Count(TradeMode::kListed, Price(600'000), Quantity(500'000), songhua::Money(300'000));
  bar.Count(TradeMode::kListed, Price(603'000), Quantity(1'000'000), songhua::Money(603'000));
  EXPECT_EQ(bar.Prices(kFen).close, Price(602'000));
  EXPECT_TRUE(bar.turnover.value() == 903'000);
}

TEST(DailyBarTest, SumsBeyond64BitsAreExact) {
  DailyBar bar;
  for (int i = 0; i < 4; ++i) bar.Count(TradeMode::kListed, Price(kPriceMax), Quantity(kOrderQuantityMax), songhua::Money(INT64_MAX));
  EXPECT_TRUE(bar.turnover.value() == 4 * static_cast<__int128>(INT64_MAX));
  EXPECT_TRUE(bar.listed_products.value() == 4 * static_cast<__int128>(kPriceMax) * kOrderQuantityMax);
  EXPECT_EQ(bar.Prices(kFen).close, Price(kPriceMax));
}

TEST(DailyBarTest, TheFinishedRowSaysTheDayAndComesBackFromStorage) {
  DailyBar bar{.previous_close = Price(8000)};
  Trade(bar, TradeMode::kListed, 8010, 10);
  Trade(bar, TradeMode::kListed, 8020, 5);
  Trade(bar, TradeMode::kBlock, 7000, 100'000);
  const DailyBarRow row = FinishDailyBar(7, Date(20'608), bar, kFen);
  EXPECT_EQ(row.Key(), std::make_tuple(ContractNumber{7}, 20'608));
  EXPECT_EQ(row.open, Price(8010));
  EXPECT_EQ(row.high, Price(8020));
  EXPECT_EQ(row.low, Price(8010));
  EXPECT_EQ(row.close, Price(8013));  // 120,200 / 15 = 8013.33
  EXPECT_EQ(row.listed_trades, 2);
  EXPECT_EQ(row.listed_volume, Quantity(15));
  EXPECT_EQ(row.trades, 3);
  EXPECT_EQ(row.volume, Quantity(100'015));
  EXPECT_TRUE(row.turnover.value() == 80'100 + 40'100 + int64_t{7000} * 100'000);

  DailyBarRow stored;
  ASSERT_TRUE(DecodeValue(EncodeValue(row), &stored).ok());
  EXPECT_EQ(stored, row);
  DailyBar running;
  ASSERT_TRUE(DecodeValue(EncodeValue(bar), &running).ok());
  EXPECT_EQ(FinishDailyBar(7, Date(20'608), running, kFen), row);
}

}  // namespace
}  // namespace songhua::exchange
