// How answers are shown to people.
#include <sstream>
#include <string>

#include "api/cli/render.h"
#include "api/cli/units.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "songhua/v1/market_data.pb.h"

namespace songhua::api::cli {
namespace {

template <class Message>
std::string Shown(const std::string& text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message)) << text;
  Units units(nullptr);
  std::ostringstream out;
  PrintAnswer(message, View{}, &units, out);
  return out.str();
}

TEST(CliRender, ABookThatCollectsSaysWhatWouldTradeAndWhichMarketOrdersWait) {
  const std::string collecting = Shown<v1::OrderBook>(
      "contract: 'contracts/X' bids { price_fen: 8100 quantity: 50 orders: 1 } indicative_price_fen: 8100 indicative_quantity: 60 market_bid_quantity: 40");
  EXPECT_THAT(collecting, testing::HasSubstr("would trade 60 at 81.00\nmarket orders 40 to buy, 0 to sell\n"));
  EXPECT_THAT(Shown<v1::OrderBook>("contract: 'contracts/X' market_ask_quantity: 4"), testing::Not(testing::HasSubstr("no orders")));
  EXPECT_EQ(Shown<v1::OrderBook>("contract: 'contracts/X'"), "contracts/X, last price none yet\nno orders\n");
}

TEST(CliRender, SumsOfSeveralKindsAreNamedAndZerosLeftOut) {
  EXPECT_THAT(Shown<v1::MarketTotalsAnswer>("date: '2026-01-05' pollutants { pollutant: 'CO2E' day_forms { form: BLOCK trades: 1 quantity: 110 turnover_fen: 902000 } }"),
              testing::HasSubstr("CO2E       BLOCK trades 1 quantity 110 turnover 9,020.00"));
}

}  // namespace
}  // namespace songhua::api::cli
