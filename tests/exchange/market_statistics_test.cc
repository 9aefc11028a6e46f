// What was traded each day by the forms of trading, as everybody may read it after the close (CAR-29).
#include "exchange/market_statistics.h"

#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class MarketStatisticsTest : public testing::Test {
 protected:
  MarketStatisticsTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/immediate' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 1000000 "
                                     "same_day_resale: true forms: LISTING forms: BLOCK offer_days_max: 10 "
                                     "block { quantity_min: 100 quantity_max: 1000 band_bps: 3000 from: '09:00' to: '15:00' }")),
              "OK");
  }
  void Match(ExchangeWorld& in, int64_t price, int64_t quantity) {
    ASSERT_EQ(Outcome(in.Sell("$A", "CEA25", price, quantity)), "OK");
    ASSERT_EQ(Outcome(in.Buy("$B", "CEA25", price, quantity)), "OK");
  }
  const ContractDayRow* Day(const ExchangeWorld& in, Date date) const { return in.exchange.statistics().Find(in.Row("CEA25"), date); }

  ExchangeWorld world;
  const Date monday = MakeDate(2026, 1, 5);
};

TEST_F(MarketStatisticsTest, EachFormHasItsOwnSumsAndThePricesAreThoseOfTheBook) {
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  Match(world, 8100, 10);
  ASSERT_EQ(Outcome(world.MakeOffer("$A", "$B", "CEA25", "SELL", 7000, 100)), "OK");
  ASSERT_EQ(Outcome(world.Confirm("$B", "negotiations/1", 1, 7000, 100)), "OK");
  Match(world, 8200, 30);
  EXPECT_FALSE(Day(world, monday)->Published(monday)) << "the session runs";
  EXPECT_FALSE(Day(world, monday)->Published(monday + 1)) << "nobody has closed it";
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");

  const ContractDayRow& day = *Day(world, monday);
  EXPECT_TRUE(day.Published(monday));
  EXPECT_EQ(day.previous_close, Price(8000));
  EXPECT_EQ(day.open, Price(8100));
  EXPECT_EQ(day.low, Price(8100)) << "the block moves no price";
  EXPECT_EQ(day.high, Price(8200));
  EXPECT_EQ(day.close, Price(8175));
  EXPECT_EQ(day.ChangeBps(), 219) << "218.75";
  ASSERT_EQ(day.forms.size(), 2u);
  EXPECT_EQ(day.forms[0].form, v1::Trade::LISTED);
  EXPECT_EQ(day.forms[0].trades, 2u);
  EXPECT_EQ(day.forms[0].quantity, Quantity(40));
  EXPECT_EQ(day.forms[0].turnover.value(), 327'000);
  EXPECT_EQ(day.forms[1].form, v1::Trade::BLOCK);
  EXPECT_EQ(day.forms[1].quantity, Quantity(100));
  EXPECT_EQ(day.forms[1].Average(), Price(7000));
  EXPECT_EQ(day.All().Average(), Price(7336)) << "1,027,000 / 140 is 7,335.71";
}

TEST_F(MarketStatisticsTest, ADayThatIsOpenedAgainGoesOnAndIsNotToldMeanwhile) {
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  Match(world, 8100, 10);
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  ExchangeWorld again;
  world.RestartInto(&again);
  ASSERT_EQ(Outcome(again.Open("CEA25")), "OK");
  EXPECT_FALSE(Day(again, monday)->Published(monday));
  Match(again, 8100, 5);
  ASSERT_EQ(Outcome(again.Close("CEA25")), "OK");
  EXPECT_TRUE(Day(again, monday)->Published(monday));
  EXPECT_EQ(Day(again, monday)->All().quantity, Quantity(15));
}

TEST_F(MarketStatisticsTest, WhatIsTradedWithoutASessionCountsAndIsToldWhenTheDayIsOver) {
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.PostListing("$A", "CEA25", 7500, 20)), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  world.today = monday + 1;
  ASSERT_EQ(Outcome(world.TakeListing("$B", "CEA25", "listing: 'listings/1'", 20)), "OK");
  EXPECT_TRUE(Day(world, monday)->forms.empty());
  const ContractDayRow& day = *Day(world, monday + 1);
  EXPECT_EQ(day.session, DaySession::kNone);
  EXPECT_FALSE(day.Published(monday + 1));
  EXPECT_TRUE(day.Published(monday + 2));
  EXPECT_EQ(day.ChangeBps(), 0);
  ASSERT_EQ(day.forms.size(), 1u);
  EXPECT_EQ(day.forms[0].form, v1::Trade::LISTING);
  EXPECT_EQ(day.forms[0].turnover.value(), 150'000);
}

TEST_F(MarketStatisticsTest, WhatCameToNothingStaysAndIsCountedAsUndone) {
  ASSERT_EQ(Outcome(world.Contract("SLOW", "program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'INDUSTRY' term_first: "
                                           "'2027-01-01' term_last: '2027-12-31' price_basis: PER_T_YEAR tick_fen: 100 lot_size: 10000 "
                                           "rulebook: 'rulebooks/verified' reference_price_fen: 500000")),
            "OK");
  ASSERT_EQ(Outcome(world.Open("SLOW")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "SLOW", 510'000, 20'000)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "SLOW", 510'000, 10'000)), "OK");
  const std::string rejected = world.LastTrade("SLOW");
  ASSERT_EQ(Outcome(world.Buy("$B", "SLOW", 510'000, 10'000)), "OK");
  const std::string reversed = world.LastTrade("SLOW");
  ASSERT_EQ(Outcome(world.Close("SLOW")), "OK");
  const auto sums = [&] { return world.exchange.statistics().Find(world.Row("SLOW"), monday)->All(); };
  EXPECT_EQ(sums().undone_trades, 0u);
  ASSERT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, reversed)), "OK");
  ASSERT_EQ(Outcome(world.Act(&Exchange::RecordPayment, reversed)), "OK");
  ASSERT_EQ(Outcome(world.Act(&Exchange::SettleTrade, reversed)), "OK");
  world.today = monday + 1;
  ASSERT_EQ(Outcome(world.Act(&Exchange::RejectTrade, rejected, "not in order")), "OK");
  EXPECT_EQ(sums().undone_trades, 1u);
  ASSERT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, reversed, "judgment")), "OK");
  EXPECT_EQ(sums().undone_trades, 2u);
  EXPECT_EQ(sums().undone_quantity, Quantity(20'000));
  EXPECT_EQ(sums().trades, 2u) << "what was published stays";
  EXPECT_EQ(sums().undone_turnover.value(), sums().turnover.value());
  EXPECT_EQ(world.exchange.statistics().Find(world.Row("SLOW"), monday + 1), nullptr) << "on the day of the trade";
}

TEST(ContractDay, TheChangeIsRoundedHalfAwayFromZero) {
  const auto change = [](int64_t previous, int64_t close) {
    ContractDayRow day;
    day.session = DaySession::kClosed;
    day.previous_close = Price(previous);
    day.close = Price(close);
    return day.ChangeBps();
  };
  EXPECT_EQ(change(20'000, 20'001), 1) << "half a point";
  EXPECT_EQ(change(20'000, 19'999), -1);
  EXPECT_EQ(change(30'000, 30'001), 0);
  EXPECT_EQ(change(8'000, 7'200), -1'000);
  EXPECT_EQ(change(0, 8'000), 0) << "there was none";
}

}  // namespace
}  // namespace songhua::exchange
