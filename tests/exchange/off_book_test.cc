// Listings and negotiations on the exchange's own floor: what they hold, what ends them, and that a restart finds them as they were.
#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "exchange/exchange.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class OffBookTest : public testing::Test {
 protected:
  OffBookTest() {
    world.Furnish();
    EXPECT_EQ(Outcome(world.Rulebook(Terms("fee_bps: 0"))), "OK");
    EXPECT_EQ(Outcome(world.Open("CEA25")), "OK");
  }
  static std::string Terms(const std::string& more) {
    return "name: 'rulebooks/immediate' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 1000000 same_day_resale: true stop_orders: true forms: LISTING "
           "forms: BLOCK block { quantity_min: 100 quantity_max: 1000 band_bps: 3000 from: '09:00' to: '15:00' } offer_days_max: 10 " +
           more;
  }
  ExchangeWorld world;
};

TEST_F(OffBookTest, WhatIsLeftOfAListingIsOnOfferAfterARestart) {
  ASSERT_EQ(Outcome(world.PostListing("$A", "CEA25", 7500, 200)), "OK");
  ASSERT_EQ(Outcome(world.TakeListing("$B", "CEA25", "listing: 'listings/1'", 50)), "OK");
  ExchangeWorld again;
  world.RestartInto(&again);
  EXPECT_EQ(again.UnitsOf("$A", "CEA25"), (ExchangeWorld::Units{450, 300, 150, 0}));
  EXPECT_EQ(Outcome(again.TakeListing("$B", "CEA25", "listing: 'listings/1'", 151)), "NOT_ON_OFFER DR-48 quantity");
  ASSERT_EQ(Outcome(again.TakeListing("$B", "CEA25", "contract: 'contracts/CEA25' price_fen: 8000", 150)), "OK");
  EXPECT_EQ(again.listings.Find(1)->state, v1::Listing::TAKEN);
  EXPECT_EQ(again.UnitsOf("$B", "CEA25").all, 700);
}

TEST_F(OffBookTest, WhatIsPartOfAListingIsNoOrderOfABook) {
  ASSERT_EQ(Outcome(world.PostListing("$A", "CEA25", 7500, 200)), "OK");
  const std::string order = ledger::MakeName("orders", world.listings.Find(1)->order);
  const auto own = world.Cancel("$A", order);
  EXPECT_EQ(Outcome(own), "UNKNOWN_ORDER CAR-16 name");
  EXPECT_EQ(Detail(own).accepted, "an order of a book; this one is part of listings/1 and changes or ends with it");
  const auto foreign = world.Cancel("$B", order);
  EXPECT_EQ(Outcome(foreign), "UNKNOWN_ORDER CAR-16 name");
  EXPECT_EQ(Detail(foreign).accepted.find("listings"), std::string::npos) << "none of its business";
}

TEST_F(OffBookTest, AListingIsNoPriceOfTheBook) {
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 1)), "OK");
  ASSERT_EQ(Outcome(world.Buy("$B", "CEA25", 8000, 1)), "OK");
  const auto stop = world.Sell("$A", "CEA25", 7300, 5, "type: STOP_LIMIT trigger_price_fen: 7600");
  ASSERT_EQ(Outcome(stop), "OK");
  ASSERT_EQ(Outcome(world.PostListing("$A", "CEA25", 7500, 10)), "OK") << "below the trigger";
  ASSERT_EQ(Outcome(world.TakeListing("$B", "CEA25", "listing: 'listings/1'", 10)), "OK");
  EXPECT_EQ(world.Row("CEA25").last_price, Price(8000));
  EXPECT_EQ(world.Depth("CEA25", Side::kSell), "");
  EXPECT_EQ(world.Row("CEA25").bar.Prices(Price(1)).close, Price(8000)) << "CAR-14: listed trades alone make the close";
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  EXPECT_EQ(world.StoredBar("CEA25", world.today)->volume, Quantity(11));
}

TEST_F(OffBookTest, NeitherTheCloseNorAMassCancelEndsAListing) {
  ASSERT_EQ(Outcome(world.PostListing("$A", "CEA25", 7500, 200)), "OK");
  ASSERT_EQ(Outcome(world.Sell("$A", "CEA25", 8000, 5)), "OK");
  const auto cancelled = world.CancelOrders("$A");
  ASSERT_EQ(Outcome(cancelled), "OK");
  EXPECT_EQ(cancelled->cancelled(), 1);
  ASSERT_EQ(Outcome(world.Close("CEA25")), "OK");
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, 200);
  EXPECT_EQ(Outcome(world.TakeListing("$B", "CEA25", "listing: 'listings/1'", 20)), "OK");
}

TEST_F(OffBookTest, AListingTradesByTheRulebookUnderWhichItWasPosted) {
  ASSERT_EQ(Outcome(world.PostListing("$A", "CEA25", 8000, 10)), "OK");
  ASSERT_EQ(Outcome(world.Rulebook(Terms("fee_bps: 100"))), "OK");
  ASSERT_EQ(Outcome(world.PostListing("$A", "CEA25", 8000, 10)), "OK");
  const int64_t before = world.Money("$B");
  const auto taken = world.TakeListing("$B", "CEA25", "contract: 'contracts/CEA25' price_fen: 8000", 20);
  ASSERT_EQ(Outcome(taken), "OK");
  ASSERT_EQ(taken->trades_size(), 2);
  EXPECT_EQ(taken->trades(0).buyer_fee_fen(), 0);
  EXPECT_EQ(taken->trades(1).buyer_fee_fen(), 800);
  EXPECT_EQ(world.Money("$B"), before - 160'800);
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B"));
}

TEST_F(OffBookTest, ItsLastDayIsItsLast) {
  ASSERT_EQ(Outcome(world.PostListing("$A", "CEA25", 7500, 200, "last_date: '2026-01-06'")), "OK");
  world.today = MakeDate(2026, 1, 7);
  EXPECT_EQ(Outcome(world.TakeListing("$B", "CEA25", "listing: 'listings/1'", 20)), "ILLEGAL_TRANSITION DR-48 listing") << "whether or not the timer has come";
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, 200);
  world.PassOffers();
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, 0);
  EXPECT_EQ(world.listings.Find(1)->state, v1::Listing::EXPIRED);
}

TEST_F(OffBookTest, WhoBettersHisOwnOfferNeedsSurplusForWhatItAddsOnly) {
  ASSERT_EQ(Outcome(world.Rulebook(Terms("fee_bps: 0 block { quantity_min: 10000 quantity_max: 1000000 }"))), "OK");
  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  world.surpluses[world.Named("$A001")] = Quantity(60'000);
  EXPECT_EQ(Outcome(world.MakeOffer("$A", "$B", "SO2", "SELL", 500'000, 70'000)), "NOT_SURPLUS DR-17 quantity");
  ASSERT_EQ(Outcome(world.MakeOffer("$A", "$B", "SO2", "SELL", 500'000, 50'000)), "OK");
  EXPECT_EQ(Outcome(world.Counter("$A", "negotiations/1", 490'000, 50'000)), "OK") << "another price for the same units";
  EXPECT_EQ(Outcome(world.Counter("$A", "negotiations/1", 490'000, 70'000)), "NOT_SURPLUS DR-17 quantity");
  EXPECT_EQ(Outcome(world.Counter("$A", "negotiations/1", 490'000, 60'000)), "OK");
}

TEST_F(OffBookTest, AnOfferToBuyCountsAgainstTheDeficit) {
  ASSERT_EQ(Outcome(world.Rulebook(Terms("fee_bps: 0 block { quantity_min: 10000 quantity_max: 1000000 }"))), "OK");
  ASSERT_EQ(Outcome(world.Open("SO2")), "OK");
  ASSERT_EQ(Outcome(world.SetStatus("kind: OVER_INDICATOR region: '220100' pollutant: 'SO2' first_day: '2026-01-05' last_day: '2026-12-31' "
                                    "decision: 'D-1'")),
            "OK");
  world.deficits[world.Named("$A001")] = Quantity(30'000);
  ASSERT_EQ(Outcome(world.MakeOffer("$A", "$B", "SO2", "BUY", 500'000, 20'000)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 480'000, 20'000)), "REGION_OVER_INDICATOR DR-27 quantity");
  const auto refused = world.Counter("$A", "negotiations/1", 500'000, 40'000);
  EXPECT_EQ(Outcome(refused), "REGION_OVER_INDICATOR DR-27 quantity");
  EXPECT_NE(Detail(refused).accepted.find("at most 30000, the deficit of the site"), std::string::npos) << "its own offer is not in its way";
  EXPECT_EQ(Outcome(world.Counter("$A", "negotiations/1", 490'000, 20'000)), "OK");
  EXPECT_EQ(Outcome(world.Buy("$A", "SO2", 480'000, 10'000)), "OK");
}

TEST_F(OffBookTest, WhoBettersHisOwnOfferNeedsOnlyTheDifference) {
  ASSERT_EQ(Outcome(world.Withdraw("account: 'accounts/$B.cash' amount_fen: 97000000 bank_reference: 'W-1'")), "OK");  // 30,000.00 yuan are left
  const auto first = world.MakeOffer("$B", "$A", "CEA25", "BUY", 8000, 300);  // 24,000.00
  ASSERT_EQ(Outcome(first), "OK");
  EXPECT_EQ(world.FreeMoney("$B"), 600'000);
  EXPECT_EQ(Outcome(world.Counter("$B", "negotiations/1", 8000, 376)), "INSUFFICIENT_FUNDS CAR-21 quantity");
  ASSERT_EQ(Outcome(world.Counter("$B", "negotiations/1", 8000, 375)), "OK");
  EXPECT_EQ(world.FreeMoney("$B"), 0);
  ASSERT_EQ(Outcome(world.Counter("$B", "negotiations/1", 7900, 100)), "OK");
  EXPECT_EQ(world.FreeMoney("$B"), 2'210'000);
  ASSERT_EQ(Outcome(world.Counter("$A", "negotiations/1", 8100, 200)), "OK");
  EXPECT_EQ(world.FreeMoney("$B"), 3'000'000);
  EXPECT_EQ(world.UnitsOf("$A", "CEA25").orders, 200);
  EXPECT_EQ(Outcome(world.Counter("$A", "negotiations/1", 8100, 501)), "INSUFFICIENT_UNITS CAR-21 quantity");
  ASSERT_EQ(Outcome(world.Counter("$A", "negotiations/1", 8100, 500)), "OK");
  EXPECT_EQ(Outcome(world.Confirm("$B", "negotiations/1", 5, 8100, 500)), "INSUFFICIENT_FUNDS CAR-21 quantity");
  ASSERT_EQ(Outcome(world.Counter("$A", "negotiations/1", 8100, 100)), "OK");
  ASSERT_EQ(Outcome(world.Confirm("$B", "negotiations/1", 6, 8100, 100)), "OK");
  EXPECT_EQ(world.negotiations.Find(1)->state, v1::Negotiation::CONFIRMED);
  EXPECT_EQ(world.UnitsOf("$A", "CEA25"), (ExchangeWorld::Units{400, 400, 0, 0}));
}

TEST_F(OffBookTest, ACourtsFreezeEndsWhatItCovers) {
  ASSERT_EQ(Outcome(world.MakeOffer("$A", "$B", "CEA25", "SELL", 8000, 300)), "OK");
  ASSERT_EQ(Outcome(world.PostListing("$A", "CEA25", 7500, 150)), "OK");
  world.exchange.CheckInvariants();
  const ledger::LotNumber lot = world.exchange.FindOrder(world.listings.Find(1)->order)->first_slice.lot;
  ASSERT_EQ(Outcome(world.Freeze("lot: 'lots/" + std::to_string(lot) + "' quantity: 100 court: 'C' case_number: '7' start_date: '2026-01-05' end_date: '2026-12-31'")),
            "OK");
  EXPECT_EQ(world.listings.Find(1)->state, v1::Listing::SYSTEM_CANCELLED) << "the newest first";
  EXPECT_EQ(world.negotiations.Find(1)->state, v1::Negotiation::OPEN);
  ASSERT_EQ(Outcome(world.Freeze("lot: 'lots/" + std::to_string(lot) + "' quantity: 400 court: 'C' case_number: '8' start_date: '2026-01-05' end_date: '2026-12-31'")),
            "OK");
  EXPECT_EQ(world.negotiations.Find(1)->state, v1::Negotiation::SYSTEM_CANCELLED);
  EXPECT_EQ(Outcome(world.Confirm("$B", "negotiations/1", 1, 8000, 300)), "ILLEGAL_TRANSITION CAR-19 name");
}

TEST_F(OffBookTest, NobodyTakesARightWhoseTermHasEnded) {
  ASSERT_EQ(Outcome(world.Contract("SO2-OLD", "program: 'programs/rights' control_zone: '220100' trading_group: 'INDUSTRY' term_first: '2026-01-01' term_last: "
                                              "'2026-01-08' price_basis: PER_T_TERM tick_fen: 100 lot_size: 10000 rulebook: 'rulebooks/immediate' pollutant: 'SO2'")),
            "OK");
  ASSERT_EQ(Outcome(world.PostListing("$A", "SO2-OLD", 500000, 10000)), "OK");
  world.today = MakeDate(2026, 1, 9);
  EXPECT_EQ(Outcome(world.TakeListing("$B", "SO2-OLD", "listing: 'listings/1'", 10000)), "TERM_ENDED DR-06 contract");
}

TEST_F(OffBookTest, WhoMayNotSellTodayIsNotTakenFrom) {
  ASSERT_EQ(Outcome(world.PostListing("$A", "CEA25", 7500, 150)), "OK");
  world.gate["$A.trading"] = OrderRefusal::kCreditGate;
  world.gate[world.Named("$A.trading")] = OrderRefusal::kCreditGate;
  EXPECT_EQ(Outcome(world.TakeListing("$B", "CEA25", "listing: 'listings/1'", 20)), "CREDIT_GATE DR-29 listing");
}

// Whatever comes, orders and holds agree (the world checks after each command), a restart finds the same, and when all have ended nothing is held.
TEST_F(OffBookTest, RandomCommandsLeaveNoHold) {
  const uint64_t seed = std::random_device()();
  std::cout << "seed " << seed << std::endl;
  std::mt19937_64 random(seed);
  const auto pick = [&](uint64_t below) { return random() % below; };
  const std::vector<std::string> traders = {"$A", "$B", "$C", "$D"};
  int applied = 0;
  for (int step = 0; step < 400; ++step) {
    const std::string& who = traders[pick(4)];
    const std::string& other = traders[pick(4)];
    const std::string listing = "listings/" + std::to_string(1 + pick(12 + applied / 4));
    const std::string negotiation = "negotiations/" + std::to_string(1 + pick(12 + applied / 8));
    const int64_t price = 7000 + static_cast<int64_t>(pick(2000));
    const auto quantity = static_cast<int64_t>(1 + pick(150));
    std::string outcome;
    switch (pick(8)) {
      case 0: outcome = Outcome(world.PostListing(who, "CEA25", price, quantity, pick(3) == 0 ? "all_or_none: true" : "")); break;
      case 1: outcome = Outcome(world.TakeListing(who, "CEA25", "listing: '" + listing + "'", quantity)); break;
      case 2: outcome = Outcome(world.TakeListing(who, "CEA25", "contract: 'contracts/CEA25' price_fen: " + std::to_string(price), quantity)); break;
      case 3: outcome = Outcome(world.WithdrawListing(who, listing)); break;
      case 4: outcome = Outcome(world.MakeOffer(who, other, "CEA25", pick(2) == 0 ? "BUY" : "SELL", price, 100 + quantity)); break;
      case 5: outcome = Outcome(world.Counter(who, negotiation, price, 100 + quantity)); break;
      case 6: {
        const uint64_t number = 1 + pick(12 + applied / 8);
        const NegotiationRow* row = world.negotiations.Find(number);
        if (row == nullptr) break;
        outcome = Outcome(world.Confirm(who, "negotiations/" + std::to_string(number), row->offer, row->price.value(), row->quantity.value()));
        break;
      }
      default: outcome = Outcome(world.EndNegotiation(who, negotiation)); break;
    }
    applied += outcome == "OK";
    if (HasFailure()) return;
  }
  EXPECT_GT(applied, 60);
  ExchangeWorld again;
  world.RestartInto(&again);
  again.exchange.CheckInvariants();
  again.today = MakeDate(2026, 2, 1);
  again.PassOffers();
  for (const std::string& who : traders) {
    EXPECT_EQ(again.UnitsOf(who, "CEA25").orders, 0);
    EXPECT_EQ(again.FreeMoney(who), again.Money(who));
  }
}

}  // namespace
}  // namespace songhua::exchange
