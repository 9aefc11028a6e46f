// Restarts: everything comes back from rows, and goes on as if nothing had happened.
#include <string>
#include <vector>

#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "ledger/sha256.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

// Every order of every book, in the order in which it would trade.
std::string Digest(const ExchangeWorld& world) {
  std::string bytes;
  Encoder encoder(&bytes);
  for (ContractNumber number = 1; number <= world.exchange.contract_count(); ++number) {
    for (const Side side : {Side::kBuy, Side::kSell}) {
      world.exchange.ForEachResting(number, side, [&](const RestingOrder& order) {
        encoder(number, order.id, order.side, order.price, order.open_quantity, order.post_only, order.owner);
      });
    }
  }
  return bytes;
}

class RestartTest : public testing::Test {
 protected:
  RestartTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/slow' settlement: VERIFIED band_bps: 1000 quantity_min: 1 quantity_max: 1000000 fee_bps: 75 "
                                     "same_day_resale: true")),
              "OK");
    EXPECT_EQ(Outcome(world.Contract("SLOW", "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 "
                                             "price_basis: PER_T_TERM tick_fen: 1 lot_size: 1 reference_price_fen: 8000 rulebook: 'rulebooks/slow'")),
              "OK");
    for (const char* code : {"CEA25", "WCI25", "SO2", "COD", "SLOW"}) EXPECT_EQ(Outcome(world.Open(code)), "OK");
  }

  // A book with orders that lost their place, partly filled ones and several lots.
  void Trade() {
    std::vector<std::string> orders;
    for (int i = 0; i < 12; ++i) {
      orders.push_back(world.Sell(i % 2 == 0 ? "$A" : "$C", i % 3 == 0 ? "SLOW" : "CEA25", 8000 + i % 4, 5 + i)->order().name());
    }
    EXPECT_EQ(Outcome(world.Replace("$A", orders[0], 8000, 50)), "OK");
    EXPECT_EQ(Outcome(world.Replace("$C", orders[1], 8002, 3)), "OK");
    EXPECT_EQ(Outcome(world.Replace("$A", orders[2], 8002, 1)), "OK");
    EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8001, 12)), "OK");
    EXPECT_EQ(Outcome(world.Buy("$B", "SLOW", 8003, 22)), "OK");
    EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 7950, 7, "post_only: true")), "OK");
    EXPECT_EQ(Outcome(world.Sell("$A", "SO2", 500'000, 70'000)), "OK");
    EXPECT_EQ(Outcome(world.Buy("$B", "SO2", 500'000, 20'000)), "OK");
  }

  // The same commands to either.
  static void GoOn(ExchangeWorld& world) {
    EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 8010, 60)), "OK");
    EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, world.LastTrade("SLOW"))), "OK");
    EXPECT_EQ(Outcome(world.Act(&Exchange::RecordPayment, world.LastTrade("SLOW"))), "OK");
    EXPECT_EQ(Outcome(world.Buy("$B", "SO2", 500'000, 50'000)), "OK");
    EXPECT_EQ(Outcome(world.Contract("NEXT", "program: 'programs/wci' pollutant: 'CO2E' control_zone: 'CA' trading_group: 'ALL' vintage: 2026 "
                                             "price_basis: PER_T_TERM tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/immediate'")),
              "OK");
    EXPECT_EQ(Outcome(world.Freeze("lot: 'lots/" + std::to_string(world.ledger.lots().OfAccount(world.Account("$A.trading")).front()->number) +
                                   "' quantity: 400 court: 'Court' case_number: '1' start_date: '2026-01-05' end_date: '2026-12-31'")),
              "OK");
    EXPECT_EQ(Outcome(world.Close("CEA25")), "OK");
    EXPECT_EQ(Outcome(world.Act(&Exchange::SettleTrade, world.LastTrade("SLOW"))), "OK");
  }

  ExchangeWorld world;
};

TEST_F(RestartTest, BooksComeBackInTheOrderOfTheirPriority) {
  Trade();
  const std::string before = Digest(world);
  EXPECT_GT(before.size(), 300u);
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  EXPECT_EQ(Digest(fresh), before);
  fresh.exchange.CheckInvariants();
  EXPECT_EQ(fresh.Depth("CEA25", Side::kSell), world.Depth("CEA25", Side::kSell));
}

TEST_F(RestartTest, TheSameCommandsGiveTheSameRowsAndEventsAfterwards) {
  Trade();
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  world.events.Take();
  GoOn(world);
  GoOn(fresh);
  EXPECT_EQ(fresh.events.bytes(), world.events.bytes());
  EXPECT_EQ(fresh.stored.rows(), world.stored.rows());
  EXPECT_EQ(Digest(fresh), Digest(world));
}

}  // namespace
}  // namespace songhua::exchange
