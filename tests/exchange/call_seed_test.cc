// Call auctions in which chance has a say: sealed seeds, random ends, ties by lot, auctions that become void; and those that price monitoring extends.
#include "exchange/call_seeds.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

constexpr Date kCallMonday = Date(20458);
constexpr char kDrawnDay[] =
    "settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 99999 same_day_resale: true phases { kind: CALL from: '09:15' to: '09:25' } "
    "phases { kind: CONTINUOUS from: '09:30' to: '11:30' } phases { kind: CALL from: '14:57' to: '15:00' } ";

Digest SeedOfNumber(uint8_t number) {
  Digest seed;
  seed.fill(number);
  return seed;
}

Timestamp TimeOfDay(int hour, int minute, int second = 0) {
  return Timestamp(StartOfDay(kCallMonday).value() + (hour * 3600 + minute * 60 + second) * kMicrosPerSecond);
}

class CallSeedTest : public testing::Test {
 protected:
  // A contract of a rulebook with the day above, 09:15 on Monday.
  void Start(const std::string& rules) {
    world.Furnish();
    ASSERT_EQ(Outcome(world.Rulebook("name: 'rulebooks/drawn' " + std::string(kDrawnDay) + rules)), "OK");
    ASSERT_EQ(Outcome(world.Contract("CEA", "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 price_basis: "
                                            "PER_T_TERM tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/drawn' reference_price_fen: 8000")),
              "OK");
    world.GoTo(kCallMonday, 9, 15);
  }
  ContractNumber Number(ExchangeWorld& of) { return of.Row("CEA").number; }
  std::string Seal(const Digest& seed) { return Seal(world, seed); }
  std::string Seal(ExchangeWorld& of, const Digest& seed) {
    return Outcome(of.Run("system", [&](CommandContext& context) { return of.exchange.SealCall(context, Number(of), SealOf(seed)); }));
  }
  std::string Reveal(const Digest& seed) { return Reveal(world, seed); }
  std::string Reveal(ExchangeWorld& of, const Digest& seed) {
    return Outcome(of.Run("system", [&](CommandContext& context) { return of.exchange.RevealSeed(context, Number(of), seed); }));
  }
  Timestamp DrawnEnd(const Digest& seed) { return DrawEnd(seed, "CEA", kCallMonday, TimeOfDay(9, 25), 30); }
  // A seed that ends the call so many seconds after 09:25.
  Digest SeedThatEndsWithin(int from_s, int to_s) {
    for (uint8_t number = 1; number < 255; ++number) {
      const Timestamp end = DrawnEnd(SeedOfNumber(number));
      if (end >= TimeOfDay(9, 25, from_s) && end < TimeOfDay(9, 25, to_s)) return SeedOfNumber(number);
    }
    ADD_FAILURE() << "no such seed";
    return Digest{};
  }
  v1::CallAuction Shown() { return ToProto(world.Row("CEA"), Timestamp(StartOfDay(world.today).value() + world.micros_of_day)).call_auction(); }
  std::string PhaseShown() { return ToProto(world.Row("CEA"), Timestamp(StartOfDay(world.today).value() + world.micros_of_day)).phase(); }
  OrderId NumberOf(const absl::StatusOr<v1::OrderAnswer>& order) { return std::stoull(order->order().name().substr(7)); }

  ExchangeWorld world;
};

TEST(CallSeedsTest, WhatIsDrawnIsWhatTheHeaderSays) {
  // Worked out with another program.
  Digest seed;
  for (size_t i = 0; i < seed.size(); ++i) seed[i] = static_cast<uint8_t>(i + 1);
  EXPECT_EQ(ToHex(SealOf(seed)), "ae216c2ef5247a3782c135efa279a3e4cdc61094270f5d2be58c6204b7a612c9");
  EXPECT_EQ(DrawEnd(seed, "CEA", kCallMonday, TimeOfDay(9, 25), 30).value() - TimeOfDay(9, 25).value(), int64_t{12'708} * 1'000);
  EXPECT_EQ(DrawEnd(seed, "CEA", kCallMonday, TimeOfDay(9, 25), 0), TimeOfDay(9, 25));
  const std::vector<CollectedOrder> orders = {{7, Side::kBuy, 8000, 10}, {9, Side::kSell, -5, 3}};
  EXPECT_EQ(ToHex(DigestOfOrders(orders)), "35dbbbcc25b91ad5aa27c808eed018a39eef3efa3f2f192ec8aff1af84fdca45");
  EXPECT_EQ(ToHex(LotOf(seed, DigestOfOrders(orders), 9)), "77760ae48af134c325cbd5c84c6403d18d4cde04bbdf6731392578c16e82b7ce");
}

TEST(CallSeedsTest, ThePriceIsMonitoredOnBothSidesAndTheLimitIsInside) {
  EXPECT_FALSE(LiesBeyond(8400, 8000, 500));
  EXPECT_TRUE(LiesBeyond(8401, 8000, 500));
  EXPECT_FALSE(LiesBeyond(7600, 8000, 500));
  EXPECT_TRUE(LiesBeyond(7599, 8000, 500));
  EXPECT_FALSE(LiesBeyond(1, 0, 500)) << "nothing to measure it by";
}

TEST_F(CallSeedTest, NoOrderIsTakenBeforeTheSealAndTheSealIsAllThatIsTold) {
  Start("call_seed: true call_ties: BY_LOT random_end_seconds: 30");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA", 8000, 10)), "SESSION_CLOSED CAR-11 contract");
  EXPECT_EQ(Shown().state(), v1::CallAuction::AWAITS_SEAL);
  ASSERT_EQ(Seal(SeedOfNumber(1)), "OK");
  EXPECT_EQ(Seal(SeedOfNumber(2)), "NO_CALL_AWAITS CAR-11 contract") << "a seal cannot be changed";
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA", 8000, 10)), "OK");
  EXPECT_EQ(Shown().state(), v1::CallAuction::COLLECTING);
  EXPECT_EQ(Shown().seed_sha256(), ToHex(SealOf(SeedOfNumber(1))));
  EXPECT_EQ(Shown().seed(), "");
  EXPECT_EQ(Shown().latest_end_time().seconds(), TimeOfDay(9, 25, 30).value() / kMicrosPerSecond);
}

TEST_F(CallSeedTest, AWindowThatNobodySealedIsOverWithItsPhase) {
  Start("call_seed: true call_ties: BY_LOT random_end_seconds: 30");
  world.GoTo(kCallMonday, 9, 30);
  EXPECT_EQ(Shown().state(), v1::CallAuction::VOID);
  EXPECT_EQ(Seal(SeedOfNumber(1)), "NO_CALL_AWAITS CAR-11 contract");
  EXPECT_EQ(Outcome(world.Buy("$B", "CEA", 8000, 10)), "OK") << "the session goes on";
}

TEST_F(CallSeedTest, ASeedIsTakenOnlyOnceItsTimeHasComeAndIfItIsTheSealedOne) {
  Start("call_seed: true call_ties: BY_LOT random_end_seconds: 30");
  EXPECT_EQ(Reveal(SeedOfNumber(1)), "NO_CALL_AWAITS CAR-11 contract");
  const Digest seed = SeedThatEndsWithin(5, 30);
  ASSERT_EQ(Seal(seed), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 8000, 10)), "OK");
  world.GoTo(kCallMonday, 9, 25, 4);
  EXPECT_EQ(Reveal(seed), "REVEALED_TOO_EARLY CAR-11 seed");
  world.GoTo(kCallMonday, 9, 25, 30);
  EXPECT_EQ(Reveal(SeedOfNumber(255)), "SEED_MISMATCH CAR-11 seed");
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA' reason: 'news'")), "OK");
  EXPECT_EQ(Reveal(seed), "MARKET_HALTED CAR-27 contract");
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(Reveal(seed), "OK");
  EXPECT_EQ(Reveal(seed), "NO_CALL_AWAITS CAR-11 contract") << "once";
  EXPECT_EQ(Shown().state(), v1::CallAuction::ENDED);
  EXPECT_EQ(Shown().seed(), ToHex(seed));
  EXPECT_EQ(world.Row("CEA").call.end, DrawnEnd(seed));
}

TEST_F(CallSeedTest, TiesGoByLotAsAnybodyCanDrawThemAgain) {
  std::set<size_t> winners;
  for (uint8_t number = 1; number <= 6; ++number) {
    ExchangeWorld of;
    of.Furnish();
    ASSERT_EQ(Outcome(of.Rulebook("name: 'rulebooks/drawn' call_seed: true call_ties: BY_LOT " + std::string(kDrawnDay))), "OK");
    ASSERT_EQ(Outcome(of.Contract("CEA", "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 price_basis: "
                                         "PER_T_TERM tick_fen: 1 lot_size: 1 rulebook: 'rulebooks/drawn' reference_price_fen: 8000")),
              "OK");
    of.GoTo(kCallMonday, 9, 15);
    const Digest seed = SeedOfNumber(number);
    ASSERT_EQ(Seal(of, seed), "OK");
    std::vector<CollectedOrder> orders;
    for (const std::string who : {"$B", "$C", "$D"}) orders.push_back({NumberOf(of.Buy(who, "CEA", 8000, 10)), Side::kBuy, 8000, 10});
    orders.push_back({NumberOf(of.Sell("$A", "CEA", 8000, 10)), Side::kSell, 8000, 10});
    of.GoTo(kCallMonday, 9, 25);
    ASSERT_EQ(Reveal(of, seed), "OK");
    const Digest digest = DigestOfOrders(orders);
    EXPECT_EQ(of.Row("CEA").call.orders, digest);
    size_t expected = 0;
    for (size_t i = 1; i < 3; ++i) {
      if (LotOf(seed, digest, orders[i].number) < LotOf(seed, digest, orders[expected].number)) expected = i;
    }
    for (size_t i = 0; i < 3; ++i) EXPECT_EQ(of.exchange.FindOrder(orders[i].number) == nullptr, i == expected) << "seed " << int{number} << ", buyer " << i;
    winners.insert(expected);
  }
  EXPECT_GT(winners.size(), 1u) << "by time the first would always win";
}

TEST_F(CallSeedTest, ByTimeTheFirstGoesFirstThoughTheEndIsDrawn) {
  Start("call_seed: true call_ties: BY_TIME random_end_seconds: 30");
  ASSERT_EQ(Seal(SeedOfNumber(1)), "OK");
  const OrderId first = NumberOf(world.Buy("$B", "CEA", 8000, 10));
  const OrderId second = NumberOf(world.Buy("$C", "CEA", 8000, 10));
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 8000, 10)), "OK");
  world.GoTo(kCallMonday, 9, 25, 30);
  ASSERT_EQ(Reveal(SeedOfNumber(1)), "OK");
  EXPECT_EQ(world.exchange.FindOrder(first), nullptr);
  EXPECT_NE(world.exchange.FindOrder(second), nullptr);
}

TEST_F(CallSeedTest, WhatCameAfterTheDrawnEndDoesNotCount) {
  Start("call_seed: true call_ties: BY_LOT random_end_seconds: 30");
  const Digest seed = SeedThatEndsWithin(5, 25);
  ASSERT_EQ(Seal(seed), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 8000, 20)), "OK");
  const auto early = world.Buy("$B", "CEA", 8000, 10);
  const auto moved = world.Buy("$D", "CEA", 8000, 10);
  world.GoTo(kCallMonday, 9, 25, 2);
  const auto within = world.Buy("$B", "CEA", 8010, 5);
  ASSERT_EQ(Outcome(within), "OK") << "the end is not known yet";
  // The service stood still at the drawn instant, and the custodian comes late.
  world.GoTo(kCallMonday, 9, 25, 28);
  const auto late = world.Buy("$C", "CEA", 8100, 10);
  ASSERT_EQ(Outcome(late), "OK");
  ASSERT_EQ(Outcome(world.Replace("$D", moved->order().name(), 8200, 10)), "OK");
  ASSERT_EQ(Reveal(seed), "OK");
  for (const auto& [account, order] : {std::pair("$C.trading", &late), std::pair("$D.trading", &moved)}) {
    const auto ended = world.Ended(account, NumberOf(*order));
    ASSERT_TRUE(ended.has_value());
    EXPECT_EQ(EndReasonName(ended->reason), "AFTER_CALL_END");
    EXPECT_EQ(ended->filled, Quantity());
  }
  EXPECT_EQ(world.FreeMoney("$C"), 100'000'000);
  EXPECT_EQ(world.FreeMoney("$D"), 100'000'000);
  EXPECT_EQ(world.exchange.FindOrder(NumberOf(early)), nullptr);
  EXPECT_EQ(world.exchange.FindOrder(NumberOf(within)), nullptr);
  EXPECT_EQ(world.Row("CEA").bar.volume, Quantity(15));
  EXPECT_EQ(world.Row("CEA").last_price, Price(8000)) << "sellers are left over: the lowest";
}

TEST_F(CallSeedTest, FromTheLatestEndToTheSeedNothingIsPlacedOrCancelled) {
  Start("call_seed: true call_ties: BY_LOT random_end_seconds: 30");
  ASSERT_EQ(Seal(SeedOfNumber(1)), "OK");
  const auto sell = world.Sell("$A", "CEA", 8000, 10);
  const auto buy = world.Buy("$B", "CEA", 8000, 4);
  world.GoTo(kCallMonday, 9, 25, 29);
  EXPECT_EQ(PhaseShown(), "CALL");
  const auto other = world.Buy("$C", "CEA", 7990, 1);
  ASSERT_EQ(Outcome(world.Cancel("$C", other->order().name())), "OK");
  world.GoTo(kCallMonday, 9, 25, 30);
  EXPECT_EQ(PhaseShown(), "BREAK");
  EXPECT_EQ(Shown().state(), v1::CallAuction::AWAITS_SEED);
  EXPECT_EQ(Outcome(world.Buy("$C", "CEA", 8100, 10)), "CALL_ENDED CAR-11 contract");
  EXPECT_EQ(Outcome(world.Replace("$B", buy->order().name(), 8000, 3)), "CALL_ENDED CAR-11 contract");
  EXPECT_EQ(Outcome(world.Cancel("$B", buy->order().name())), "CALL_ENDED CAR-11 contract");
  EXPECT_EQ(world.CancelOrders("$B")->cancelled(), 0);
  world.GoTo(kCallMonday, 9, 31);
  EXPECT_EQ(Outcome(world.Buy("$C", "CEA", 8100, 10)), "CALL_ENDED CAR-11 contract") << "though the next phase has begun by the clock";
  EXPECT_EQ(PhaseShown(), "BREAK");
  ASSERT_EQ(Reveal(SeedOfNumber(1)), "OK");
  EXPECT_EQ(world.Row("CEA").trades, 1u);
  EXPECT_EQ(PhaseShown(), "CONTINUOUS");
  EXPECT_EQ(Outcome(world.Cancel("$A", sell->order().name())), "OK");
}

TEST_F(CallSeedTest, WithoutItsSeedAnAuctionIsVoidAfterTenMinutesAndReleasesEverything) {
  Start("call_seed: true call_ties: BY_LOT random_end_seconds: 30");
  ASSERT_EQ(Seal(SeedOfNumber(1)), "OK");
  const auto sell = world.Sell("$A", "CEA", 8000, 10);
  const auto buy = world.Buy("$B", "CEA", 8000, 10);
  world.GoTo(kCallMonday, 9, 35, 29);
  EXPECT_TRUE(world.Row("CEA").collecting);
  EXPECT_EQ(world.UnitsOf("$A", "CEA").orders, 10);
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  for (ExchangeWorld* of : {&world, &fresh}) {
    of->GoTo(kCallMonday, 9, 35, 30);
    EXPECT_EQ(EndReasonName(of->Ended("$A.trading", NumberOf(sell))->reason), "CALL_VOID");
    EXPECT_EQ(EndReasonName(of->Ended("$B.trading", NumberOf(buy))->reason), "CALL_VOID");
    EXPECT_EQ(of->UnitsOf("$A", "CEA").orders, 0);
    EXPECT_EQ(of->FreeMoney("$B"), 100'000'000);
    EXPECT_FALSE(of->Row("CEA").collecting);
    EXPECT_EQ(of->Row("CEA").trades, 0u);
    EXPECT_EQ(of->Row("CEA").call.stage, CallStage::kVoid);
    EXPECT_EQ(of->Row("CEA").call_void.date, kCallMonday);
    EXPECT_EQ(of->Row("CEA").call_void.time.value() / kMicrosPerSecond, TimeOfDay(9, 35, 30).value() / kMicrosPerSecond);
    EXPECT_EQ(of->Row("CEA").call_void.reason, "NO_SEED");
    EXPECT_EQ(of->exchange.voided_calls(), std::vector<ContractNumber>{Number(*of)});
    EXPECT_EQ(Reveal(*of, SeedOfNumber(1)), "NO_CALL_AWAITS CAR-11 contract");
    ASSERT_EQ(Outcome(of->Sell("$A", "CEA", 8000, 10)), "OK");
    ASSERT_EQ(Outcome(of->Buy("$B", "CEA", 8000, 10)), "OK");
    EXPECT_EQ(of->Row("CEA").trades, 1u) << "the session goes on";
  }
}

TEST_F(CallSeedTest, AVoidAuctionOfManyOrdersEndsInSlicesAndTakesNoneMeanwhile) {
  Start("call_seed: true call_ties: BY_LOT reveal_seconds: 5");
  ASSERT_EQ(Seal(SeedOfNumber(1)), "OK");
  world.check_invariants = false;
  for (size_t i = 0; i <= Exchange::kEndedOrdersPerCallMax; ++i) ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8000, 1)), "OK");
  world.check_invariants = true;
  world.GoTo(kCallMonday, 9, 25, 4);
  world.voids.clear();
  world.GoTo(kCallMonday, 9, 31);
  world.Apply([&](CommandContext& context) { EXPECT_TRUE(world.exchange.PassVoidCalls(context)); });
  EXPECT_EQ(world.Depth("CEA", Side::kBuy), "8000: 1 (1)");
  EXPECT_EQ(Outcome(world.Buy("$C", "CEA", 8000, 1)), "CALL_ENDED CAR-11 contract");
  world.Apply([&](CommandContext& context) { EXPECT_FALSE(world.exchange.PassVoidCalls(context)); });
  EXPECT_EQ(world.FreeMoney("$B"), 100'000'000);
  EXPECT_EQ(Outcome(world.Buy("$C", "CEA", 8000, 1)), "OK");
}

TEST_F(CallSeedTest, UnderAHaltAnAuctionWaitsAndHasItsTimeAnew) {
  Start("call_seed: true call_ties: BY_LOT random_end_seconds: 30");
  ASSERT_EQ(Seal(SeedOfNumber(1)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 8000, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8000, 10)), "OK");
  const auto third = world.Buy("$C", "CEA", 7900, 10);
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA' reason: 'news'")), "OK");
  world.GoTo(kCallMonday, 9, 50);
  EXPECT_TRUE(world.Row("CEA").collecting) << "nobody could reveal";
  EXPECT_EQ(Outcome(world.Cancel("$C", third->order().name())), "OK") << "as under any halt (CAR-27)";
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  EXPECT_EQ(world.Row("CEA").trades, 0u) << "the seed is still to come";
  world.GoTo(kCallMonday, 9, 59);
  ASSERT_EQ(Reveal(SeedOfNumber(1)), "OK");
  EXPECT_EQ(world.Row("CEA").trades, 1u);
}

TEST_F(CallSeedTest, ACloseByHandMakesASealedAuctionVoid) {
  Start("call_seed: true call_ties: BY_LOT random_end_seconds: 30");
  ASSERT_EQ(Seal(SeedOfNumber(1)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8000, 10)), "OK");
  ASSERT_EQ(Outcome(world.Close("CEA")), "OK");
  EXPECT_EQ(Shown().state(), v1::CallAuction::VOID);
  EXPECT_EQ(world.Row("CEA").call_void.reason, "SESSION_CLOSED");
  EXPECT_EQ(world.FreeMoney("$B"), 100'000'000);
  world.GoTo(kCallMonday, 9, 26);
  EXPECT_EQ(Reveal(SeedOfNumber(1)), "NO_CALL_AWAITS CAR-11 contract");
}

TEST_F(CallSeedTest, TheSessionStaysOpenForTheSeedOfItsLastAuction) {
  Start("call_seed: true call_ties: BY_LOT random_end_seconds: 30");
  world.GoTo(kCallMonday, 14, 57);
  ASSERT_EQ(Seal(SeedOfNumber(9)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7990, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8020, 15)), "OK");
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  world.GoTo(kCallMonday, 15, 0, 30);
  EXPECT_TRUE(world.Row("CEA").open);
  ASSERT_EQ(Reveal(SeedOfNumber(9)), "OK");
  world.GoTo(kCallMonday, 15, 0, 31);
  EXPECT_FALSE(world.Row("CEA").open);
  EXPECT_EQ(world.Row("CEA").reference_price, Price(8020)) << "it traded before the close (CAR-14)";
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B")) << "what was left is cancelled";
  // And without it, to the void.
  fresh.GoTo(kCallMonday, 15, 10, 29);
  EXPECT_TRUE(fresh.Row("CEA").open);
  fresh.GoTo(kCallMonday, 15, 10, 31);
  EXPECT_FALSE(fresh.Row("CEA").open);
  EXPECT_EQ(fresh.Row("CEA").trades, 0u);
  EXPECT_EQ(fresh.FreeMoney("$B"), 100'000'000);
}

TEST_F(CallSeedTest, APriceTooFarExtendsTheAuctionOnceWithASealOfItsOwn) {
  Start("call_seed: true call_ties: BY_LOT random_end_seconds: 30 price_monitoring_bps: 500 extension_seconds: 60");
  ASSERT_EQ(Seal(SeedOfNumber(1)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 8500, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8500, 10)), "OK");
  world.GoTo(kCallMonday, 9, 25, 30);
  ASSERT_EQ(Reveal(SeedOfNumber(1)), "OK");
  EXPECT_EQ(world.Row("CEA").trades, 0u);
  EXPECT_EQ(Shown().state(), v1::CallAuction::AWAITS_SEAL);
  EXPECT_EQ(Shown().extended_until_time().seconds(), TimeOfDay(9, 26, 30).value() / kMicrosPerSecond);
  EXPECT_EQ(Outcome(world.Buy("$C", "CEA", 8000, 1)), "CALL_ENDED CAR-11 contract") << "the first seed is known: the rest needs another";
  ASSERT_EQ(Seal(SeedOfNumber(2)), "OK");
  const auto answer = world.Sell("$D", "CEA", 8450, 2);
  ASSERT_EQ(Outcome(answer), "OK");
  world.GoTo(kCallMonday, 9, 26, 29);
  EXPECT_EQ(Reveal(SeedOfNumber(1)), "SEED_MISMATCH CAR-11 seed");
  EXPECT_EQ(Reveal(SeedOfNumber(2)), "REVEALED_TOO_EARLY CAR-11 seed");
  world.GoTo(kCallMonday, 9, 27, 1);
  ASSERT_EQ(Reveal(SeedOfNumber(2)), "OK");
  EXPECT_EQ(world.Row("CEA").bar.volume, Quantity(10)) << "once: now it trades at whatever comes";
  EXPECT_EQ(world.Row("CEA").last_price, Price(8500));
  EXPECT_EQ(world.exchange.FindOrder(NumberOf(answer)), nullptr);
}

TEST_F(CallSeedTest, MarketOrdersThatNobodyMeetsExtendTheAuctionOnceWithASealOfItsOwn) {
  Start("call_seed: true call_ties: BY_LOT random_end_seconds: 30 market_order_extension_seconds: 60");
  ASSERT_EQ(Seal(SeedOfNumber(1)), "OK");
  const auto buy = world.Buy("$B", "CEA", 0, 10, "type: MARKET");
  ASSERT_EQ(Outcome(buy), "OK");
  world.GoTo(kCallMonday, 9, 25, 30);
  ASSERT_EQ(Reveal(SeedOfNumber(1)), "OK");
  EXPECT_EQ(Shown().state(), v1::CallAuction::AWAITS_SEAL);
  EXPECT_TRUE(Shown().extended_for_market_orders());
  EXPECT_FALSE(Shown().extended_for_price());
  EXPECT_EQ(Shown().extended_until_time().seconds(), TimeOfDay(9, 26, 30).value() / kMicrosPerSecond);
  ASSERT_EQ(Seal(SeedOfNumber(2)), "OK");
  EXPECT_EQ(Shown().latest_end_time().seconds(), TimeOfDay(9, 27).value() / kMicrosPerSecond) << "with a random end of its own";
  const auto sell = world.Sell("$A", "CEA", 7900, 4);
  ASSERT_EQ(Outcome(sell), "OK");
  world.GoTo(kCallMonday, 9, 27);
  ASSERT_EQ(Reveal(SeedOfNumber(2)), "OK");
  EXPECT_EQ(Shown().state(), v1::CallAuction::ENDED) << "once: 6 t find nobody";
  EXPECT_EQ(world.Row("CEA").bar.volume, Quantity(4));
  const std::vector<CollectedOrder> collected = {{NumberOf(buy), Side::kBuy, 0, 10}, {NumberOf(sell), Side::kSell, 7900, 4}};
  EXPECT_EQ(world.Row("CEA").call.orders, DigestOfOrders(collected)) << "a market order has the price 0 in it";
}

TEST_F(CallSeedTest, AnExtensionThatNobodySealsIsVoid) {
  Start("call_seed: true call_ties: BY_LOT random_end_seconds: 30 price_monitoring_bps: 500 extension_seconds: 60");
  ASSERT_EQ(Seal(SeedOfNumber(1)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 8500, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8500, 10)), "OK");
  world.GoTo(kCallMonday, 9, 25, 30);
  ASSERT_EQ(Reveal(SeedOfNumber(1)), "OK");
  world.GoTo(kCallMonday, 9, 37, 2);
  EXPECT_EQ(Shown().state(), v1::CallAuction::VOID);
  EXPECT_EQ(world.FreeMoney("$B"), 100'000'000);
  EXPECT_EQ(world.UnitsOf("$A", "CEA").orders, 0);
}

TEST_F(CallSeedTest, WithoutASeedTheClockExtendsOnceAndOnlyWhatLiesTooFar) {
  Start("price_monitoring_bps: 500 extension_seconds: 60");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 7599, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 7599, 10)), "OK");
  world.GoTo(kCallMonday, 9, 25);
  EXPECT_EQ(world.Row("CEA").trades, 0u);
  EXPECT_EQ(PhaseShown(), "CALL");
  EXPECT_TRUE(world.Row("CEA").call.extended);
  ASSERT_EQ(Outcome(world.Buy("$C", "CEA", 7600, 1)), "OK") << "collected further";
  ExchangeWorld fresh;
  world.RestartInto(&fresh);
  for (ExchangeWorld* of : {&world, &fresh}) {
    of->GoTo(kCallMonday, 9, 26, 1);
    EXPECT_EQ(of->Row("CEA").bar.volume, Quantity(10));
    EXPECT_FALSE(of->Row("CEA").collecting);
  }
  // The call of the afternoon may be extended anew; a price within the limit is not.
  world.GoTo(kCallMonday, 14, 57);
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA", 8400, 10)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA", 8400, 10)), "OK");
  world.GoTo(kCallMonday, 15);
  EXPECT_FALSE(world.Row("CEA").call.extended);
  EXPECT_EQ(world.Row("CEA").bar.volume, Quantity(20));
  EXPECT_FALSE(world.Row("CEA").open);
  fresh.GoTo(kCallMonday, 14, 57);
  ASSERT_EQ(Outcome(fresh.Sell("$A", "CEA", 8401, 10)), "OK");
  ASSERT_EQ(Outcome(fresh.Buy("$B", "CEA", 8401, 10)), "OK");
  fresh.GoTo(kCallMonday, 15);
  EXPECT_TRUE(fresh.Row("CEA").open) << "the session stays open for it";
  fresh.GoTo(kCallMonday, 15, 1, 1);
  EXPECT_EQ(fresh.Row("CEA").bar.volume, Quantity(20));
  EXPECT_FALSE(fresh.Row("CEA").open);
}

TEST_F(CallSeedTest, ARulebookThatContradictsItselfIsRefused) {
  world.Furnish();
  const auto load = [&](const std::string& rules) { return Outcome(world.Rulebook("name: 'rulebooks/odd' " + std::string(kDrawnDay) + rules)); };
  EXPECT_EQ(load("call_ties: BY_LOT"), "INVALID_FIELD CAR-11 rulebook.call_ties");
  EXPECT_EQ(load("random_end_seconds: 30"), "INVALID_FIELD CAR-11 rulebook.random_end_seconds");
  EXPECT_EQ(load("call_seed: true random_end_seconds: 61"), "INVALID_FIELD CAR-11 rulebook.random_end_seconds");
  EXPECT_EQ(load("reveal_seconds: 60"), "INVALID_FIELD CAR-11 rulebook.reveal_seconds");
  EXPECT_EQ(load("call_seed: true"), "INVALID_FIELD CAR-11 rulebook.call_seed") << "nothing is left to chance";
  EXPECT_EQ(load("price_monitoring_bps: 500"), "INVALID_FIELD CAR-11 rulebook.extension_seconds");
  EXPECT_EQ(load("extension_seconds: 60"), "INVALID_FIELD CAR-11 rulebook.extension_seconds");
  EXPECT_EQ(load("price_monitoring_bps: 500 extension_seconds: 301"), "INVALID_FIELD CAR-11 rulebook.extension_seconds") << "into the morning";
  EXPECT_EQ(load("price_monitoring_bps: 500 extension_seconds: 300"), "OK");
  EXPECT_EQ(load("call_seed: true random_end_seconds: 1 price_monitoring_bps: 500 extension_seconds: 299"), "INVALID_FIELD CAR-11 rulebook.extension_seconds");
  EXPECT_EQ(load("call_seed: true random_end_seconds: 1 price_monitoring_bps: 500 extension_seconds: 298"), "OK");
  EXPECT_EQ(load("call_seed: true random_end_seconds: 30 phases { kind: CALL from: '23:50' to: '23:59:45' }"), "INVALID_FIELD CAR-11 rulebook.random_end_seconds");
  EXPECT_EQ(load("market_order_extension_seconds: 3601"), "INVALID_FIELD CAR-11 rulebook.market_order_extension_seconds");
  EXPECT_EQ(load("market_order_extension_seconds: 301"), "INVALID_FIELD CAR-11 rulebook.market_order_extension_seconds") << "into the morning";
  EXPECT_EQ(load("market_order_extension_seconds: 300"), "OK");
  const std::string both = "price_monitoring_bps: 500 extension_seconds: 100 market_order_extension_seconds: ";
  EXPECT_EQ(load(both + "201"), "INVALID_FIELD CAR-11 rulebook.market_order_extension_seconds") << "one may follow the other";
  EXPECT_EQ(load(both + "200"), "OK");
  EXPECT_EQ(Outcome(world.Rulebook("name: 'rulebooks/odd' settlement: IMMEDIATE quantity_min: 1 quantity_max: 9 market_order_extension_seconds: 60 "
                                   "phases { kind: CALL from: '09:15' to: '09:25' }")),
            "INVALID_FIELD CAR-11 rulebook.market_order_extension_seconds")
      << "without a band no call takes a market order";
  const std::string no_call = "name: 'rulebooks/odd' settlement: IMMEDIATE quantity_min: 1 quantity_max: 9 phases { kind: CONTINUOUS from: '09:30' to: '11:30' } ";
  EXPECT_EQ(Outcome(world.Rulebook(no_call + "call_seed: true call_ties: BY_LOT")), "INVALID_FIELD CAR-11 rulebook.call_seed");
  EXPECT_EQ(Outcome(world.Rulebook(no_call + "price_monitoring_bps: 500 extension_seconds: 60")), "INVALID_FIELD CAR-11 rulebook.extension_seconds");
  EXPECT_EQ(Outcome(world.Rulebook(no_call + "band_bps: 1000 market_order_extension_seconds: 60")),
            "INVALID_FIELD CAR-11 rulebook.market_order_extension_seconds");
  const auto loaded = world.Rulebook("name: 'rulebooks/odd' " + std::string(kDrawnDay) + "call_seed: true call_ties: BY_LOT random_end_seconds: 30");
  ASSERT_EQ(Outcome(loaded), "OK");
  EXPECT_EQ(loaded->rulebook().reveal_seconds(), 600);
  EXPECT_EQ(loaded->rulebook().call_ties(), v1::BY_LOT);
}

}  // namespace
}  // namespace songhua::exchange
