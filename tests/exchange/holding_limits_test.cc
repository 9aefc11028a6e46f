// Holding limits over entity groups (CAR-25, CAR-26): what counts, what is refused, what is reported.
#include "exchange/exchange.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ledger/holdings.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

using testing::HasSubstr;

class HoldingLimitsTest : public testing::Test {
 protected:
  HoldingLimitsTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Open("CEA25")), "OK");
    EXPECT_EQ(Outcome(world.Open("WCI25")), "OK");
  }
  // $A and $E are one group, with 500 t of `cea` each; $B is alone with as much.
  auto Limit(const std::string& limit) {
    return world.LoadProgram(
        "program { name: 'programs/cea' display_name: 'Carbon allowances' form: SERIAL unit: 't' quoted_unit_steps: 1 pollutants: 'CO2E' control_zones: 'CN' "
        "trading_groups { code: 'ALL' } floor_policy: NONE first_year: 2019 last_year: 2030 separate_trading_accounts: true holding_limit { " +
        limit + " } }");
  }
  void Emitted(const std::string& account, int32_t year, int64_t quantity) {
    world.Apply([&](CommandContext& context) {
      world.ledger.holdings().CountEmissions(&context, *world.ledger.accounts().Find(world.Account(account)), "cea", year, Quantity(quantity));
    });
  }
  // Of the group of `who`.
  ledger::GroupHolding HoldingOf(const std::string& who) {
    ledger::Holdings& holdings = world.ledger.holdings();
    return holdings.HoldingOf(*holdings.Of("cea"), holdings.GroupOf(world.Account(who + ".trading")));
  }
  int64_t Held(const std::string& who) { return static_cast<int64_t>(HoldingOf(who).held); }
  int64_t Buying(const std::string& who) { return static_cast<int64_t>(HoldingOf(who).buying); }

  ExchangeWorld world;
};

constexpr char kRefused[] = "HOLDING_LIMIT CAR-25 quantity";

TEST_F(HoldingLimitsTest, WhatAGroupHoldsAndIsBuyingCountsTogether) {
  ASSERT_EQ(Outcome(Limit("others: 1100")), "OK");
  const auto order = world.Buy("$A", "CEA25", 7900, 60);
  ASSERT_EQ(Outcome(order), "OK");
  const auto refused = world.Buy("$E", "CEA25", 7900, 41);
  EXPECT_EQ(Outcome(refused), kRefused);
  EXPECT_THAT(refused.status().message(), HasSubstr("at most 40"));
  EXPECT_THAT(refused.status().message(), HasSubstr("is 1100, of which it holds 1000 and is buying 60"));
  EXPECT_EQ(Outcome(world.Buy("$E", "CEA25", 7900, 40)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7900, 1)), kRefused);
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA25", 7900, 100)), "OK") << "another group";
  EXPECT_EQ(Outcome(world.Buy("$A", "WCI25", 7900, 100)), "OK") << "another program, without a limit";
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8100, 100)), "OK") << "what one sells is not limited";

  const auto more = world.Replace("$A", order->order().name(), 7900, 61);
  EXPECT_EQ(Outcome(more), kRefused);
  EXPECT_THAT(more.status().message(), HasSubstr("at most 60"));
  EXPECT_EQ(Outcome(world.Replace("$A", order->order().name(), 7950, 60)), "OK") << "not more than before";
  ASSERT_EQ(Outcome(world.Cancel("$A", order->order().name())), "OK");
  EXPECT_EQ(Outcome(world.Buy("$E", "CEA25", 7900, 60)), "OK");
  EXPECT_EQ(Buying("$A"), 100);
}

TEST_F(HoldingLimitsTest, WithoutALimitNothingIsRefusedAndTheSumsAreThereWhenItComes) {
  ASSERT_EQ(Outcome(world.Buy("$A", "CEA25", 7900, 200)), "OK");
  ASSERT_EQ(Outcome(Limit("others: 1200")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$E", "CEA25", 7900, 1)), kRefused);
  EXPECT_TRUE(HoldingOf("$A").report->large) << "as soon as there is a limit";
}

TEST_F(HoldingLimitsTest, AKeyUnitMayHoldByTheEmissionsOfTheLatestYearOfEachAccount) {
  ASSERT_EQ(Outcome(Limit("others: 1 key_unit_allowance: 500")), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7900, 1)), kRefused);
  Emitted("$A.registry", 2024, 100);
  Emitted("$A.registry", 2023, 9'000);  // an earlier year, told later
  Emitted("$E.registry", 2024, 200);
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7900, 101)), kRefused) << "twice 300 and 500 are 1100";
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7900, 100)), "OK");
  Emitted("$A.registry", 2024, 110);  // corrected
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7900, 21)), kRefused);
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7900, 20)), "OK");
  Emitted("$A.registry", 2025, 0);
  EXPECT_EQ(Outcome(world.Buy("$A", "CEA25", 7900, 1)), kRefused);
}

TEST_F(HoldingLimitsTest, ABreachByAllocationStandsButStopsWhatIsBought) {
  ASSERT_EQ(Outcome(Limit("others: 1100")), "OK");
  ASSERT_EQ(Outcome(world.Contract("CEAV", "program: 'programs/cea' control_zone: 'CN' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2025 price_basis: "
                                           "PER_T_TERM tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/verified' reference_price_fen: 8000")),
            "OK");
  ASSERT_EQ(Outcome(world.Open("CEAV")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$B", "CEAV", 8000, 50)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$A", "CEAV", 8000, 50)), "OK");
  EXPECT_EQ(Buying("$A"), 50) << "until it is delivered";
  ASSERT_EQ(Outcome(world.Issue("program: 'programs/cea' control_zone: 'CN' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2026 quantity: 51 to_account: "
                                "'accounts/$E.registry'")),
            "OK");
  EXPECT_EQ(Outcome(world.Buy("$E", "CEA25", 7900, 1)), kRefused);
  const std::string trade = world.LastTrade("CEAV");
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "HOLDING_LIMIT CAR-26 name");
  ASSERT_EQ(Outcome(world.Sell("$E", "CEA25", 8000, 1)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 1)), "OK");
  EXPECT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "OK") << "back within the limit";
  ASSERT_EQ(Outcome(world.Act(&Exchange::RecordPayment, trade)), "OK");
  ASSERT_EQ(Outcome(world.Act(&Exchange::SettleTrade, trade)), "OK");
  EXPECT_EQ(Held("$A"), 1100);
  EXPECT_EQ(Buying("$A"), 0);
}

// What a lower limit, an allocation, a transfer or lower emissions do to bids that rest.
class BidsOverLimitsTest : public HoldingLimitsTest {
 protected:
  std::string Bid(const std::string& who, int64_t price, int64_t quantity, const std::string& contract = "CEA25", const std::string& more = "") {
    const auto order = world.Buy(who, contract, price, quantity, more);
    EXPECT_EQ(Outcome(order), "OK");
    return order.ok() ? order->order().name() : "";
  }
  // "OPEN", or why it ended.
  std::string Now(const std::string& who, const std::string& order) {
    const OrderId id = *ledger::ParseNumberedName("name", "orders", order);
    const auto ended = world.Ended(who + ".trading", id);
    return ended.has_value() ? std::string(EndReasonName(ended->reason)) : world.exchange.FindOrder(id) == nullptr ? "NONE" : "OPEN";
  }
  auto Issue(const std::string& account, int64_t quantity) {
    return world.Issue("program: 'programs/cea' control_zone: 'CN' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2026 quantity: " + std::to_string(quantity) +
                       " to_account: 'accounts/" + account + "'");
  }
};

TEST_F(BidsOverLimitsTest, TheNewestOfAllAccountsOfTheGroupEndUntilTheRestFits) {
  ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/immediate' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 1000000 "
                                   "same_day_resale: true stop_orders: true")),
            "OK");
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  ASSERT_EQ(Outcome(world.Open("CEA25")), "OK");
  ASSERT_EQ(Outcome(Limit("others: 1100")), "OK");
  const std::string first = Bid("$A", 7900, 40);
  const std::string second = Bid("$E", 7950, 30);
  const std::string other_group = Bid("$B", 7900, 100);
  const std::string other_program = Bid("$A", 7900, 100, "WCI25");
  const std::string newest = Bid("$A", 8200, 30, "CEA25", "type: STOP_LIMIT trigger_price_fen: 8100");
  ASSERT_EQ(Outcome(Issue("$E.registry", 31)), "OK");
  EXPECT_EQ(Now("$A", newest), "OVER_HOLDING_LIMIT") << "it waited for its trigger, and the others go beyond by one";
  EXPECT_EQ(Now("$E", second), "OVER_HOLDING_LIMIT");
  EXPECT_EQ(Now("$A", first), "OPEN") << "1031 and 40 of 1100";
  EXPECT_EQ(Now("$B", other_group), "OPEN");
  EXPECT_EQ(Now("$A", other_program), "OPEN");
  EXPECT_EQ(Buying("$A"), 40);
  ASSERT_EQ(Outcome(world.Sell("$D", "CEA25", 7900, 40)), "OK");
  EXPECT_EQ(Held("$A"), 1071) << "what was left stands where it stood, and trades";
}

TEST_F(BidsOverLimitsTest, WithoutAnyBidLeftItStandsBeyondItsLimit) {
  ASSERT_EQ(Outcome(Limit("others: 1100")), "OK");
  const std::string bid = Bid("$A", 7900, 40);
  ASSERT_EQ(Outcome(Issue("$A.registry", 500)), "OK");
  EXPECT_EQ(Now("$A", bid), "OVER_HOLDING_LIMIT");
  EXPECT_EQ(Held("$A"), 1500);
  EXPECT_EQ(Buying("$A"), 0);
  EXPECT_EQ(world.FreeMoney("$A"), world.Money("$A"));
  EXPECT_EQ(Outcome(world.Sell("$A", "CEA25", 8100, 10)), "OK");
}

TEST_F(BidsOverLimitsTest, ALowerLimitDoesAsMuchAndAMoveWithinTheGroupNothing) {
  const std::string first = Bid("$A", 7900, 100);
  const std::string second = Bid("$E", 7900, 100);
  ASSERT_EQ(Outcome(Limit("others: 1100")), "OK");
  EXPECT_EQ(Now("$E", second), "OVER_HOLDING_LIMIT");
  EXPECT_EQ(Now("$A", first), "OPEN");
  const ledger::LotNumber lot = world.ledger.lots().OfAccount(world.Account("$A.trading")).front()->number;
  ASSERT_EQ(Outcome(world.Transfer("from_lot: 'lots/" + std::to_string(lot) + "' to_account: 'accounts/$A.registry' quantity: 1")), "OK");
  EXPECT_EQ(Now("$A", first), "OPEN");
  ASSERT_EQ(Outcome(Issue("$A.registry", 1)), "OK");
  EXPECT_EQ(Now("$A", first), "OVER_HOLDING_LIMIT");
}

TEST_F(BidsOverLimitsTest, AKeyUnitThatEmittedLessLosesItsBids) {
  ASSERT_EQ(Outcome(Limit("others: 1100 key_unit_allowance: 700")), "OK");
  const std::string bid = Bid("$A", 7900, 100);
  Emitted("$A.registry", 2024, 200);
  EXPECT_EQ(Now("$A", bid), "OPEN") << "twice 200 and 700 are 1100";
  Emitted("$A.registry", 2024, 199);
  EXPECT_EQ(Now("$A", bid), "OVER_HOLDING_LIMIT");
}

TEST_F(BidsOverLimitsTest, WhatOnlyValidatesEndsNothing) {
  ASSERT_EQ(Outcome(Limit("others: 1100")), "OK");
  const std::string bid = Bid("$A", 7900, 100);
  world.validate_only = true;
  ASSERT_EQ(Outcome(Issue("$A.registry", 1)), "OK");
  world.validate_only = false;
  EXPECT_EQ(Now("$A", bid), "OPEN");
}

TEST_F(HoldingLimitsTest, ARejectedTradeIsNotBeingBoughtAnyMore) {
  ASSERT_EQ(Outcome(world.Contract("CEAV", "program: 'programs/cea' control_zone: 'CN' pollutant: 'CO2E' trading_group: 'ALL' vintage: 2025 price_basis: "
                                           "PER_T_TERM tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/verified' reference_price_fen: 8000")),
            "OK");
  ASSERT_EQ(Outcome(world.Open("CEAV")), "OK");
  ASSERT_EQ(Outcome(world.Sell("$B", "CEAV", 8000, 50)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$A", "CEAV", 8000, 50)), "OK");
  ASSERT_EQ(Outcome(world.Act(&Exchange::RejectTrade, world.LastTrade("CEAV"), "a reason")), "OK");
  EXPECT_EQ(Buying("$A"), 0);
}

TEST_F(HoldingLimitsTest, WhoReachesTheShareIsReportedUntilHeFallsBelow) {
  ASSERT_EQ(Outcome(Limit("others: 1500 report_bps: 8000")), "OK");
  EXPECT_EQ(HoldingOf("$A").report, nullptr);
  const auto order = world.Buy("$A", "CEA25", 7900, 199);
  ASSERT_EQ(Outcome(order), "OK");
  EXPECT_EQ(HoldingOf("$A").report, nullptr) << "1199 of 1500";
  ASSERT_EQ(Outcome(world.Buy("$E", "CEA25", 7900, 1)), "OK");
  ASSERT_NE(HoldingOf("$A").report, nullptr);
  const ledger::LargeHolderRow& row = *HoldingOf("$A").report;
  EXPECT_TRUE(row.large);
  EXPECT_EQ(row.participant, world.Named("$A"));
  EXPECT_EQ(row.held, Quantity(1000));
  EXPECT_EQ(row.buying, Quantity(200));
  EXPECT_EQ(row.limit, Quantity(1500));
  // What is bought and delivered at once neither falls nor is counted twice on the way.
  ASSERT_EQ(Outcome(world.Sell("$B", "CEA25", 7900, 200)), "OK");
  EXPECT_TRUE(row.large);
  EXPECT_EQ(row.times, 1u);
  EXPECT_EQ(row.held, Quantity(1200));
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 1)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 1)), "OK");
  EXPECT_FALSE(row.large);
  EXPECT_EQ(row.held, Quantity(1200)) << "as it was while he was one";
  ASSERT_EQ(Outcome(world.Buy("$A", "CEA25", 7900, 1)), "OK");
  EXPECT_TRUE(row.large);
  EXPECT_EQ(row.times, 2u);
}

TEST_F(HoldingLimitsTest, ARestartedExchangeHasTheSameSums) {
  ASSERT_EQ(Outcome(Limit("others: 1200")), "OK");
  ASSERT_EQ(Outcome(world.Buy("$A", "CEA25", 7900, 150)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$B", "CEA25", 7900, 20)), "OK");
  ExchangeWorld again;
  world.RestartInto(&again);
  again.exchange.CheckInvariants();
  EXPECT_EQ(Outcome(again.Buy("$E", "CEA25", 7900, 51)), kRefused);
  EXPECT_EQ(Outcome(again.Buy("$E", "CEA25", 7900, 50)), "OK");
}

TEST_F(HoldingLimitsTest, ALimitIsOfOneKindOfSerialUnits) {
  EXPECT_EQ(Outcome(Limit("report_bps: 10001")), "INVALID_FIELD CAR-25 program.holding_limit.report_bps");
  EXPECT_EQ(Outcome(Limit("key_unit_emissions_bps: -1")), "INVALID_FIELD CAR-25 program.holding_limit.key_unit_emissions_bps");
  EXPECT_EQ(Outcome(Limit("others: -1")), "INVALID_FIELD CAR-25 program.holding_limit.others");
  EXPECT_EQ(Outcome(world.LoadProgram("program { name: 'programs/new-rights' display_name: 'Rights' form: RIGHT unit: 'g/a' quoted_unit_steps: 1000000 "
                                      "pollutants: 'SO2' control_zones: '220100' trading_groups { code: 'ALL' } floor_policy: NONE first_year: 2020 last_year: 2040 "
                                      "term_years_max: 5 holding_limit {} }")),
            "INVALID_FIELD CAR-25 program.holding_limit");
  const auto loaded = Limit("");
  ASSERT_EQ(Outcome(loaded), "OK");
  EXPECT_EQ(loaded->program().holding_limit().others(), 1'000'000);
  EXPECT_EQ(loaded->program().holding_limit().key_unit_emissions_bps(), 20'000);
  EXPECT_EQ(loaded->program().holding_limit().report_bps(), 8'000);
}

}  // namespace
}  // namespace songhua::exchange
