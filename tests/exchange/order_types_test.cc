// Orders without a price, and the collar around what the other side shows (international.md 7.3, CAR-13).
#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class OrderTypesTest : public testing::Test {
 protected:
  OrderTypesTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/collar' settlement: IMMEDIATE band_bps: 1000 collar_bps: 100 quantity_min: 1 quantity_max: 99999 "
                                     "same_day_resale: true")),
              "OK");
    EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/free' settlement: IMMEDIATE quantity_min: 1 quantity_max: 99999 same_day_resale: true")), "OK");
    for (const std::string rulebook : {"collar", "free"}) {
      EXPECT_EQ(Outcome(world.Contract(rulebook == "collar" ? "COLLAR" : "FREE",
                                       "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 price_basis: "
                                       "PER_T_TERM tick_fen: 1 lot_size: 1 reference_price_fen: 8000 rulebook: 'rulebooks/" + rulebook + "'")),
                "OK");
    }
    for (const std::string code : {"CEA25", "COLLAR", "FREE"}) EXPECT_EQ(Outcome(world.Open(code)), "OK");
  }
  // Sells 5 at 80.00, 5 at 80.50 and 5 at 81.50.
  void OfferThree(const std::string& code) {
    for (const int64_t price : {8000, 8050, 8150}) ASSERT_EQ(Outcome(world.Sell("$A", code, price, 5)), "OK");
  }
  ExchangeWorld world;
};

TEST_F(OrderTypesTest, AMarketOrderTakesWhatIsThereAndLeavesNothing) {
  OfferThree("CEA25");
  const auto order = world.Buy("$B", "CEA25", 0, 20, "type: MARKET");
  ASSERT_EQ(Outcome(order), "OK");
  EXPECT_EQ(order->order().filled_quantity(), 15);
  EXPECT_EQ(order->order().state(), "CANCELLED") << "what nobody offered";
  EXPECT_EQ(order->order().cancel_reason(), "REST_OF_IOC");
  EXPECT_EQ(world.Money("$B"), 100'000'000 - (8000 + 8050 + 8150) * 5);
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B"));
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 0, 1, "type: MARKET")), "NOT_FILLABLE DR-48 quantity") << "nobody is left";
}

TEST_F(OrderTypesTest, AMarketOrderReachesAsFarAsTheCollar) {
  for (const int64_t price : {8000, 8050, 8080}) ASSERT_EQ(Outcome(world.Sell("$A", "COLLAR", price, 5)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "COLLAR", 8081, 5)), "OK");
  const auto order = world.Buy("$B", "COLLAR", 0, 20, "type: MARKET");
  EXPECT_EQ(order->order().filled_quantity(), 15) << "1% beyond 80.00 is 80.80";
  EXPECT_EQ(world.Depth("COLLAR", Side::kSell), "8081: 5 (1)");
  ASSERT_EQ(Outcome(world.Buy("$B", "COLLAR", 8000, 2)), "OK");
  const auto sell = world.Sell("$C", "COLLAR", 0, 5, "type: MARKET time_in_force: FILL_OR_KILL");
  EXPECT_EQ(Outcome(sell), "NOT_FILLABLE DR-48 quantity");
}

TEST_F(OrderTypesTest, AMarketToLimitOrderWaitsAtThePriceThatItTook) {
  OfferThree("CEA25");
  const auto order = world.Buy("$B", "CEA25", 0, 12, "type: MARKET_TO_LIMIT");
  ASSERT_EQ(Outcome(order), "OK");
  EXPECT_EQ(order->order().filled_quantity(), 5);
  EXPECT_EQ(order->order().price_fen(), 8000);
  EXPECT_EQ(world.Depth("CEA25", Side::kBuy), "8000: 7 (1)");
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "8050: 5 (1) 8150: 5 (1)");
}

TEST_F(OrderTypesTest, AnOrderWithoutAPriceNamesNoneAndIsBounded) {
  OfferThree("FREE");
  EXPECT_EQ(Outcome(world.Buy("$B", "FREE", 8000, 1, "type: MARKET")), "PRICE_GIVEN CAR-10 price_fen");
  EXPECT_EQ(Outcome(world.Buy("$B", "FREE", 0, 1, "type: MARKET")), "NO_PRICE_BOUND CAR-13 type");
  EXPECT_EQ(Outcome(world.Buy("$B", "FREE", 0, 1, "type: MARKET_TO_LIMIT")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 0, 1, "type: MARKET post_only: true")), "INVALID_FIELD CAR-10 post_only");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 0, 1)), "PRICE_OFF_TICK CAR-10 price_fen") << "a limit order has a price";
}

TEST_F(OrderTypesTest, ALimitBeyondTheCollarIsASlipOfTheHand) {
  ASSERT_EQ(Outcome(world.Sell("$A", "COLLAR", 8000, 5)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$B", "COLLAR", 8081, 1)), "PRICE_OUTSIDE_COLLAR CAR-13 price_fen");
  const auto order = world.Buy("$B", "COLLAR", 7400, 1);
  EXPECT_EQ(Outcome(order), "OK") << "a low bid harms nobody";
  EXPECT_EQ(Outcome(world.Replace("$B", order->order().name(), 8081, 1)), "PRICE_OUTSIDE_COLLAR CAR-13 price_fen");
  EXPECT_EQ(Outcome(world.Buy("$B", "COLLAR", 8080, 5)), "OK");
  EXPECT_EQ(world.Row("COLLAR").last_price, Price(8000));
  EXPECT_EQ(Outcome(world.Sell("$A", "COLLAR", 7325, 1)), "PRICE_OUTSIDE_COLLAR CAR-13 price_fen") << "1% below the best bid, 74.00, is 73.26";
}

TEST_F(OrderTypesTest, ABatchTakesTypesAsWell) {
  OfferThree("CEA25");
  OrderEntry entry{.side = Side::kBuy, .type = OrderType::kMarket, .contract = world.Row("CEA25").number, .account = world.Account("$B.trading"), .quantity = Quantity(6)};
  const OrderOutcome outcome = world.Execute("$B", entry);
  EXPECT_EQ(outcome.refusal, OrderRefusal::kNone);
  EXPECT_EQ(outcome.filled, Quantity(6));
  entry.type = static_cast<OrderType>(9);
  EXPECT_EQ(world.Execute("$B", entry).refusal, OrderRefusal::kInvalidCommand);
}

}  // namespace
}  // namespace songhua::exchange
