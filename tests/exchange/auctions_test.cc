// Auctions on the exchange's own floor: what they hold and when it ends, what a seed may be, that awards are what the clearing says, and that a restart finds
// them as they were, between any two slices.
#include <iostream>
#include <random>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include "exchange/auction_replay.h"
#include "exchange/auctions.h"
#include "exchange/call_seeds.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

class AuctionWorld : public ExchangeWorld, private AuctionAlarm {
 public:
  auto SetTerms(const std::string& more) {
    return Rulebook("name: 'rulebooks/immediate' settlement: IMMEDIATE band_bps: 1000 quantity_min: 1 quantity_max: 1000000 same_day_resale: true forms: E_AUCTION "
                    "forms: SEALED_AUCTION offer_days_max: 10 " + more);
  }
  void FurnishForAuctions(const std::string& more = "fee_bps: 0") {
    Furnish();
    EXPECT_EQ(Outcome(SetTerms(more)), "OK");
    EXPECT_EQ(Outcome(LoadCalendar(2026)), "OK");
  }

  std::string Apply(const std::string& who, const std::string& kind, const std::string& side, int64_t price, int64_t quantity) {
    return Call<v1::ApplyForAuctionRequest>(who, "kind: " + kind + " contract: 'contracts/CEA25' account: 'accounts/" + AccountFor(who, "CEA25") + "' side: " + side +
                                                     " reserve_price_fen: " + std::to_string(price) + " quantity: " + std::to_string(quantity),
                                            &Auctions::ApplyForAuction);
  }
  // Registration until the 8th at 9:00, bids from 10:00 to 11:00.
  std::string Announce(const std::string& auction, const std::string& rules) {
    return Call<v1::AnnounceAuctionRequest>("operator", "name: '" + auction + "' announcement: 'n' notice_workdays: 1 register_until_time { seconds: " + Seconds(9) +
                                                            " } open_time { seconds: " + Seconds(10) + " } close_time { seconds: " + Seconds(11) + " } " + rules,
                                            &Auctions::AnnounceAuction);
  }
  std::string Register(const std::string& who, const std::string& auction, int64_t guarantee) {
    return Call<v1::RegisterBidderRequest>(who, Of(who, auction) + " guarantee_fen: " + std::to_string(guarantee), &Auctions::RegisterBidder);
  }
  std::string Leave(const std::string& who, const std::string& auction) { return Call<v1::WithdrawBidderRequest>(who, Of(who, auction), &Auctions::WithdrawBidder); }
  std::string Bid(const std::string& who, const std::string& auction, int64_t price, int64_t quantity, const std::string& more = "") {
    last_auction_ = auction.substr(9);
    return Call<v1::PlaceBidRequest>(who, Of(who, auction) + " price_fen: " + std::to_string(price) + " quantity: " + std::to_string(quantity) + " " + more,
                                     &Auctions::PlaceBid);
  }
  std::string LastBid() const { return "bids/" + last_auction_ + "-" + std::to_string(last_sequence_); }
  std::string Withdraw(const std::string& who, const std::string& bid) { return Call<v1::WithdrawBidRequest>(who, "name: '" + bid + "'", &Auctions::WithdrawBid); }
  std::string Consign(const std::string& who, const std::string& auction, int64_t quantity, int64_t ask = 0) {
    return Call<v1::ConsignRequest>(who, Of(who, auction) + " quantity: " + std::to_string(quantity) + " ask_price_fen: " + std::to_string(ask), &Auctions::Consign);
  }
  std::string Cancel(const std::string& auction) { return Call<v1::CancelAuctionRequest>("operator", "name: '" + auction + "' reason: 'r'", &Auctions::CancelAuction); }
  std::string Pay(const std::string& who, const std::string& auction) { return Call<v1::PayAuctionRequest>(who, "name: '" + auction + "'", &Auctions::PayAuction); }
  std::string Seal(AuctionNumber number, const Digest& seed) {
    return Outcome(Run("operator", [&](CommandContext& context) { return auctions.SealAuction(context, number, SealOf(seed)); }));
  }
  std::string Reveal(AuctionNumber number, const Digest& seed) {
    return Outcome(Run("operator", [&](CommandContext& context) { return auctions.RevealSeed(context, number, seed); }));
  }

  // The engine's timer, as far as it has fallen due by then; `between` after each slice.
  template <class Between>
  void PassTo(int day, int hour, int minute, size_t slice, Between between) {
    const Date date = MakeDate(2026, 1, day);
    const Timestamp goal(StartOfDay(date).value() + (hour * 3600 + minute * 60) * kMicrosPerSecond);
    while (!alarms.empty() && *alarms.begin() <= goal) {
      At(std::max(*alarms.begin(), Timestamp(StartOfDay(today).value() + micros_of_day)));
      alarms.erase(alarms.begin());
      bool more = true;
      while (more) {
        ExchangeWorld::Apply([&](CommandContext& context) { more = auctions.PassAuctions(context, slice); });
        between();
      }
    }
    At(goal);
  }
  void PassTo(int day, int hour, int minute = 0) { PassTo(day, hour, minute, 100, [] {}); }

  const AuctionRow& Auction(AuctionNumber number) const { return *auctions.Find(number); }
  // What everybody can read of it after its end; openings of all.
  v1::AuctionRecord Record(AuctionNumber number) const {
    v1::AuctionRecord record;
    *record.mutable_auction() = ToProto(Auction(number), "contracts/CEA25", "", Timestamp());
    for (const auto& row : Rows<AuctionBidderRow>(number)) {
      const std::string account = ledger::AccountName(*ledger.accounts().Find(row.account));
      v1::Bidder& bidder = *record.add_bidders() = ToProto(row, account);
      bidder.set_account(account);
      bidder.set_opening(row.opening);
    }
    for (const auto& row : Rows<AuctionBidRow>(number)) *record.add_bids() = ToProto(row);
    for (const auto& row : Rows<ConsignmentRow>(number)) *record.add_consignments() = ToProto(row);
    for (const auto& row : Rows<AuctionAwardRow>(number)) *record.add_awards() = ToProto(row);
    return record;
  }
  // Whose key begins with `first`.
  template <class Row, class First = AuctionNumber>
  std::vector<Row> Rows(std::type_identity_t<First> first) const {
    std::vector<Row> rows;
    const std::string prefix = RowKey(static_cast<TableId>(Row::kTable), EncodeKey(first));
    for (auto at = stored.rows().lower_bound(prefix); at != stored.rows().end() && at->first.compare(0, prefix.size(), prefix) == 0; ++at) {
      EXPECT_TRUE(DecodeValue(at->second, &rows.emplace_back()).ok());
    }
    return rows;
  }
  void ExpectNothingHeld() const {
    for (const std::string who : {"$A", "$B", "$C", "$D", "$E"}) {
      EXPECT_EQ(UnitsOf(who, "CEA25").orders, 0) << who;
      EXPECT_EQ(FreeMoney(who), Money(who)) << who;
    }
  }
  void RestartInto(AuctionWorld* fresh) const {
    ExchangeWorld::RestartInto(fresh);
    fresh->alarms = alarms;
  }

  Auctions auctions{&tables, {&exchange, &negotiations, &ledger, &participants, &counters, &calendars, this, &pledges}};
  std::set<Timestamp> alarms;

 private:
  template <class Request, class Answer>
  std::string Call(const std::string& who, const std::string& text, absl::StatusOr<Answer> (Auctions::*method)(CommandContext&, const Request&)) {
    const std::string request_id = "of " + who;
    return Outcome(Run(who, [&](CommandContext& context) {
      last_sequence_ = context.sequence;
      context.request_id = request_id;
      return (auctions.*method)(context, Text<Request>(Named(text)));
    }));
  }
  std::string Of(const std::string& who, const std::string& auction) const {
    return "auction: '" + auction + "' account: 'accounts/" + AccountFor(who, "CEA25") + "'";
  }
  static std::string Seconds(int hour) { return std::to_string(StartOfDay(MakeDate(2026, 1, 8)).value() / kMicrosPerSecond + hour * 3600); }
  void At(Timestamp time) {
    today = LocalDate(time);
    micros_of_day = MicrosOfDay(time);
  }
  void WakeForAuctions(Timestamp at) override { alarms.insert(at); }

  uint64_t last_sequence_ = 0;
  std::string last_auction_ = "1";
};

Digest SeedOf(uint8_t first) {
  Digest seed{};
  seed[0] = first;
  return seed;
}

class AuctionsTest : public testing::Test {
 protected:
  AuctionsTest() { world.FurnishForAuctions(); }
  // A sealed sale of 400 by $A at 70.00, with $B and $C registered.
  void Offer(const std::string& rules, int64_t quantity = 400, int64_t guarantee = 4'000'000) {
    ASSERT_EQ(world.Apply("$A", "SEALED", "SELL", 7000, quantity), "OK");
    ASSERT_EQ(world.Announce("auctions/1", rules), "OK");
    for (const std::string who : {"$B", "$C"}) ASSERT_EQ(world.Register(who, "auctions/1", guarantee), "OK");
  }
  AuctionWorld world;
};

constexpr char kUk[] = "sealed { profile: UK quantity_step: 1 quantity_min: 1 secondary: NOT_COMPARED }";

TEST_F(AuctionsTest, WithoutItsSeedItIsVoidAndNothingIsHeldWhereverItIsInterrupted) {
  Offer(kUk);
  ASSERT_EQ(world.Seal(1, SeedOf(1)), "OK");
  world.PassTo(8, 10);
  for (int64_t bid = 0; bid < 5; ++bid) {
    ASSERT_EQ(world.Bid("$B", "auctions/1", 7000 + bid, 10), "OK");
    ASSERT_EQ(world.Bid("$C", "auctions/1", 7000 + bid, 10), "OK");
  }
  EXPECT_EQ(world.FreeMoney("$B"), world.Money("$B") - 4'000'000);
  world.PassTo(8, 11, 9);
  EXPECT_EQ(world.Auction(1).StateAt(StartOfDay(MakeDate(2026, 1, 9))), v1::Auction::CLOSED);
  // Each slice in a world that has just been started.
  std::vector<std::unique_ptr<AuctionWorld>> worlds;
  const AuctionWorld* last = &world;
  for (int slice = 0; slice < 40; ++slice) {
    AuctionWorld& next = *worlds.emplace_back(std::make_unique<AuctionWorld>());
    last->RestartInto(&next);
    EXPECT_EQ(next.auctions.in_custody().size(), next.Auction(1).state == v1::Auction::ANNOUNCED ? 1u : 0u);
    bool once = false;
    next.PassTo(8, 11, 10, 3, [&] { once = true; });
    if (!once) break;
    last = &next;
    if (testing::Test::HasFailure()) return;
  }
  EXPECT_EQ(last->Auction(1).state, v1::Auction::VOID);
  EXPECT_EQ(last->Auction(1).reason, "NO_SEED");
  last->ExpectNothingHeld();
}

TEST_F(AuctionsTest, AReleaseInSlicesGoesOnAfterARestart) {
  ASSERT_EQ(world.Apply("$A", "SEALED", "BUY", 8000, 400), "OK");
  ASSERT_EQ(world.Announce("auctions/1", "sealed { profile: CEA_ONE_WAY ties: SEEDED }"), "OK");
  for (const std::string who : {"$B", "$C", "$D"}) ASSERT_EQ(world.Register(who, "auctions/1", 0), "OK");
  ASSERT_EQ(world.Seal(1, SeedOf(1)), "OK");
  world.PassTo(8, 10);
  world.check_invariants = false;
  for (const std::string who : {"$B", "$C", "$D"}) {
    for (int bid = 0; bid < 400; ++bid) ASSERT_EQ(world.Bid(who, "auctions/1", 7900, 1), "OK");
  }
  world.check_invariants = true;
  // The command that voids it lets a thousand go; the last two hundred wait for the timer.
  ASSERT_EQ(world.Cancel("auctions/1"), "OK");
  EXPECT_EQ(world.UnitsOf("$D", "CEA25").orders, 200);
  EXPECT_NE(world.Auction(1).due, Timestamp());
  AuctionWorld again;
  world.RestartInto(&again);
  again.PassTo(8, 10, 1);
  again.ExpectNothingHeld();
  EXPECT_EQ(again.Auction(1).due, Timestamp());
}

TEST_F(AuctionsTest, WhoWinsTwoAtOneInstantHasAnOrderOfEach) {
  for (const std::string auction : {"auctions/1", "auctions/2"}) {
    ASSERT_EQ(world.Apply("$A", "SEALED", "SELL", 7000, 200), "OK");
    ASSERT_EQ(world.Announce(auction, "sealed { profile: CEA_ONE_WAY }"), "OK");
    ASSERT_EQ(world.Register("$B", auction, 2'000'000), "OK");
  }
  world.PassTo(8, 10);
  for (const std::string auction : {"auctions/1", "auctions/2"}) ASSERT_EQ(world.Bid("$B", auction, 7000, 200), "OK");
  world.PassTo(8, 11, 1);
  ASSERT_EQ(world.Auction(1).state, v1::Auction::MATCHED);
  ASSERT_EQ(world.Auction(2).state, v1::Auction::MATCHED);
  std::set<uint64_t> origins;
  const ledger::AccountNumber buyer = world.ledger.accounts().FindById(world.Named(world.AccountFor("$B", "CEA25")))->number;
  for (const auto& row : world.Rows<OrderHistoryRow, ledger::AccountNumber>(buyer)) {
    if (row.form == v1::Trade::SEALED_AUCTION) origins.insert(row.origin);
  }
  EXPECT_EQ(origins, (std::set<uint64_t>{1, 2}));
}

TEST_F(AuctionsTest, OnlyTheSealedSeedOpensItAndOnlyAfterTheClose) {
  Offer(kUk);
  EXPECT_EQ(world.Reveal(1, SeedOf(1)), "NO_AUCTION_AWAITS DR-46 auction");
  world.PassTo(8, 10);
  EXPECT_EQ(world.Bid("$B", "auctions/1", 7000, 10), "AUCTION_NOT_OPEN DR-45 auction") << "not before it is sealed";
  ASSERT_EQ(world.Seal(1, SeedOf(1)), "OK");
  EXPECT_EQ(world.Seal(1, SeedOf(2)), "NO_AUCTION_AWAITS DR-46 auction") << "once";
  ASSERT_EQ(world.Bid("$B", "auctions/1", 7000, 10), "OK");
  EXPECT_EQ(world.Reveal(1, SeedOf(1)), "REVEALED_TOO_EARLY DR-46 seed");
  world.PassTo(8, 11);
  EXPECT_EQ(world.Reveal(1, SeedOf(2)), "SEED_MISMATCH DR-46 seed");
  ASSERT_EQ(Outcome(world.Halt("contract: 'contracts/CEA25' reason: 'r'")), "OK");
  EXPECT_EQ(world.Reveal(1, SeedOf(1)), "MARKET_HALTED CAR-27 auction");
  world.PassTo(8, 11, 30);
  EXPECT_EQ(world.Auction(1).state, v1::Auction::ANNOUNCED) << "a halt voids nothing";
  ASSERT_EQ(Outcome(world.Resume("halts/1")), "OK");
  ASSERT_EQ(world.Reveal(1, SeedOf(1)), "OK");
  world.PassTo(8, 11, 31);
  EXPECT_EQ(world.Auction(1).state, v1::Auction::MATCHED);
  EXPECT_EQ(world.UnitsOf("$B", "CEA25").all, 510);
  world.ExpectNothingHeld();
  EXPECT_EQ(world.Reveal(1, SeedOf(1)), "NO_AUCTION_AWAITS DR-46 auction");
}

TEST_F(AuctionsTest, FeesAreWithinTheGuarantee) {
  ASSERT_EQ(Outcome(world.SetTerms("fee_bps: 123")), "OK");
  // 100 at 80.00 are 8,000.00, and 98.40 of fees.
  Offer("sealed { profile: RESERVE_SALE }", 400, 809'840);
  world.PassTo(8, 10);
  EXPECT_EQ(world.Bid("$B", "auctions/1", 8000, 100), "BEYOND_GUARANTEE DR-44 quantity") << "a fen for how the fee is rounded";
  ASSERT_EQ(world.Register("$B", "auctions/1", 809'841), "OK");
  ASSERT_EQ(world.Bid("$B", "auctions/1", 8000, 100), "OK");
  EXPECT_EQ(world.Bid("$B", "auctions/1", 7000, 1), "BEYOND_GUARANTEE DR-44 quantity");
  const int64_t before = world.Money("$B");
  world.PassTo(8, 11, 1);
  EXPECT_EQ(world.Money("$B"), before - 809'840);
  world.ExpectNothingHeld();
}

TEST_F(AuctionsTest, WhatIsCutToTheGuaranteeLeavesRoomForTheFees) {
  ASSERT_EQ(Outcome(world.SetTerms("fee_bps: 500")), "OK");
  Offer("sealed { profile: WCI quantity_step: 1 quantity_min: 1 purchase_limits { kind: COVERED bps: 10000 } }", 400, 400'000);
  ASSERT_EQ(world.Seal(1, SeedOf(1)), "OK");
  world.PassTo(8, 10);
  ASSERT_EQ(world.Bid("$B", "auctions/1", 8000, 300), "OK");
  ASSERT_EQ(world.Bid("$C", "auctions/1", 7100, 50), "OK");
  world.PassTo(8, 11);
  ASSERT_EQ(world.Reveal(1, SeedOf(1)), "OK");
  world.PassTo(8, 11, 1);
  EXPECT_EQ(world.Auction(1).clearing_price, Price(7100));
  EXPECT_EQ(world.UnitsOf("$B", "CEA25").all, 553) << "53 at 71.00 are 3,763.00, with fees 3,951.15; one more would be 4,025.70";
  world.ExpectNothingHeld();
}

TEST_F(AuctionsTest, EverybodyCanClearItAgainAndNobodyCanChangeIt) {
  Offer("sealed { profile: WCI quantity_step: 1 quantity_min: 1 }", 100);
  ASSERT_EQ(world.Consign("$D", "auctions/1", 30), "OK");
  ASSERT_EQ(world.Seal(1, SeedOf(9)), "OK");
  world.PassTo(8, 10);
  ASSERT_EQ(world.Register("$E", "auctions/1", 100'000), "SELF_TRADE CAR-18 account") << "of the applicant's group";
  ASSERT_EQ(world.Bid("$B", "auctions/1", 7500, 60), "OK");
  ASSERT_EQ(world.Bid("$C", "auctions/1", 7500, 60), "OK");
  ASSERT_EQ(world.Bid("$C", "auctions/1", 7200, 60), "OK");
  world.PassTo(8, 11);
  ASSERT_EQ(world.Reveal(1, SeedOf(9)), "OK");
  world.PassTo(8, 11, 1);
  const v1::AuctionRecord good = world.Record(1);
  EXPECT_EQ(good.auction().sold_quantity(), 64) << "a quarter of 130 each";
  EXPECT_EQ(world.UnitsOf("$D", "CEA25").all, 470);
  const auto replayed = ReplayAuction(good);
  ASSERT_TRUE(replayed.ok()) << replayed.status();
  EXPECT_EQ(replayed->opened.size(), 2u);
  const auto spoiled = [&](const auto& spoil) {
    v1::AuctionRecord record = good;
    spoil(record);
    return std::string(ReplayAuction(record).status().message());
  };
  const std::vector<std::pair<std::string, std::string>> told = {
      {spoiled([](auto& r) { r.mutable_bids(0)->set_price_fen(7600); }), "the digest of the bids"},
      {spoiled([](auto& r) { r.mutable_bids()->RemoveLast(); }), "the digest of the bids"},
      {spoiled([](auto& r) { r.mutable_auction()->set_seed(ToHex(SeedOf(8))); }), "the seed's SHA-256"},
      {spoiled([](auto& r) { r.mutable_auction()->set_clearing_price_fen(7499); }), "the clearing price"},
      {spoiled([](auto& r) { r.mutable_auction()->set_sold_quantity(65); }), "the quantity sold"},
      {spoiled([](auto& r) { r.mutable_awards(0)->set_quantity(r.awards(0).quantity() + 1); }), "the quantity of award 1"},
      {spoiled([](auto& r) { r.mutable_awards(0)->set_price_fen(1); }), "the price of award 1"},
      {spoiled([](auto& r) { r.mutable_awards(0)->set_consignment(""); }), "the owner of award 1"},
      {spoiled([](auto& r) { r.mutable_awards()->RemoveLast(); }), "the number of awards"},
      {spoiled([](auto& r) { r.mutable_bidders(0)->set_account("accounts/somebody"); }), "the commitment of bidder 1"},
      {spoiled([](auto& r) { r.mutable_bidders(0)->set_opening("guessed"); }), "the commitment of bidder 1"},
      {spoiled([](auto& r) { r.mutable_auction()->mutable_sealed()->mutable_purchase_limits(0)->set_bps(5000); }), "the clearing price"},
  };
  for (const auto& [message, begin] : told) EXPECT_EQ(message.substr(0, begin.size()), begin);
}

TEST_F(AuctionsTest, ARulebookThatChangesMeanwhileChangesNothing) {
  ASSERT_EQ(world.Apply("$A", "SEALED", "BUY", 8000, 100), "OK");
  ASSERT_EQ(world.Announce("auctions/1", "sealed { profile: CEA_ONE_WAY }"), "OK");
  ASSERT_EQ(world.Register("$B", "auctions/1", 0), "OK");
  world.PassTo(8, 10);
  ASSERT_EQ(world.Bid("$B", "auctions/1", 7800, 50), "OK");
  ASSERT_EQ(Outcome(world.SetTerms("fee_bps: 100")), "OK");
  ASSERT_EQ(world.Bid("$B", "auctions/1", 7700, 60, "replaced_bid: '" + world.LastBid() + "'"), "OK");
  EXPECT_EQ(world.UnitsOf("$B", "CEA25").orders, 60);
  const int64_t before = world.Money("$A");
  world.PassTo(8, 11, 1);
  EXPECT_EQ(world.Money("$A"), before - 60 * 7700);
  world.ExpectNothingHeld();
}

TEST_F(AuctionsTest, WhatEndsItsOrdersEndsItsPlace) {
  Offer("sealed { profile: WCI quantity_step: 1 quantity_min: 1 purchase_limits { kind: COVERED bps: 10000 } }");
  ASSERT_EQ(world.Consign("$D", "auctions/1", 30), "OK");
  EXPECT_EQ(world.Auction(1).consigned, Quantity(30));
  const auto freeze = [&](OrderId order) {
    const ledger::LotNumber lot = world.exchange.FindOrder(order)->first_slice.lot;
    return Outcome(world.Freeze("lot: 'lots/" + std::to_string(lot) + "' quantity: 500 court: 'C' case_number: '7' start_date: '2026-01-05' end_date: '2026-12-31'"));
  };
  ASSERT_EQ(freeze(world.Rows<ConsignmentRow>(1).at(0).number), "OK");
  EXPECT_TRUE(world.Rows<ConsignmentRow>(1).at(0).withdrawn);
  EXPECT_EQ(world.Auction(1).consigned, Quantity());
  ASSERT_EQ(freeze(world.Auction(1).order), "OK");
  EXPECT_EQ(world.Auction(1).state, v1::Auction::CANCELLED);
  EXPECT_EQ(world.Auction(1).reason, "COURT_FREEZE");
  EXPECT_TRUE(world.auctions.in_custody().empty());
  world.ExpectNothingHeld();
}

TEST_F(AuctionsTest, WhoMayNotTradeAtTheCloseGetsNothing) {
  Offer("sealed { profile: RESERVE_SALE }");
  world.PassTo(8, 10);
  ASSERT_EQ(world.Bid("$B", "auctions/1", 8000, 100), "OK");
  ASSERT_EQ(world.Bid("$C", "auctions/1", 7000, 100), "OK");
  world.gate[world.Named("$B.trading")] = OrderRefusal::kCreditGate;
  world.PassTo(8, 11, 1);
  EXPECT_EQ(world.Auction(1).state, v1::Auction::MATCHED);
  EXPECT_EQ(world.Auction(1).sold, Quantity(100));
  EXPECT_EQ(world.UnitsOf("$B", "CEA25").all, 500);
  EXPECT_EQ(world.UnitsOf("$C", "CEA25").all, 600);
  EXPECT_NE(world.Rows<AuctionAwardRow>(1).at(0).refused, "");
  world.ExpectNothingHeld();
  EXPECT_TRUE(ReplayAuction(world.Record(1)).ok());
}

// Whatever comes, holds and orders agree (the world checks after each command), a restart finds the same, everything ends, and what was cleared clears again.
TEST_F(AuctionsTest, RandomAuctionsEndWithoutAHold) {
  const uint64_t seed = std::random_device()();
  std::cout << "seed " << seed << std::endl;
  std::mt19937_64 random(seed);
  const auto pick = [&](uint64_t below) { return random() % below; };
  const std::vector<std::string> traders = {"$A", "$B", "$C", "$D", "$E"};
  const std::vector<std::string> rules = {
      "sealed { profile: RESERVE_SALE }", "sealed { profile: RESERVE_SALE pricing: UNIFORM ties: SEEDED reserve: SECRET }",
      "sealed { profile: UK quantity_step: 1 quantity_min: 1 }", "sealed { profile: EU quantity_step: 5 quantity_min: 5 shortfall: LOWEST_VALID_BID }",
      "sealed { profile: RGGI quantity_step: 1 quantity_min: 1 containment { price_fen: 7600 quantity: 10 } withholding { price_fen: 7200 quantity: 5 } }",
      "sealed { profile: WCI quantity_step: 1 quantity_min: 1 purchase_limits { kind: COVERED bps: 6000 } }",
      "sealed { profile: KRX quantity_step: 1 quantity_min: 1 }", "sealed { profile: EPA }", "sealed { profile: CEA_ONE_WAY ties: SEEDED pricing: UNIFORM }"};
  ASSERT_EQ(Outcome(world.SetTerms("fee_bps: 37")), "OK");
  int announced = 0, bid = 0, replayed = 0;
  for (int round = 0; round < 40; ++round) {
    AuctionWorld here;
    world.RestartInto(&here);
    const uint64_t many = 1 + pick(3);
    for (AuctionNumber number = 1; number <= many; ++number) {
      const std::string name = "auctions/" + std::to_string(number);
      const bool ascending = pick(4) == 0;
      const bool buys = !ascending && pick(4) == 0;
      ASSERT_EQ(here.Apply(traders[pick(5)], ascending ? "ASCENDING" : "SEALED", buys ? "BUY" : "SELL", 7000, static_cast<int64_t>(20 + pick(60))), "OK");
      announced += here.Announce(name, ascending ? "ascending { converts: true }" : buys ? "sealed { profile: CEA_ONE_WAY }" : rules[pick(rules.size())]) == "OK";
      here.Seal(number, SeedOf(static_cast<uint8_t>(number)));
    }
    for (int step = 0; step < 120; ++step) {
      const AuctionNumber number = 1 + pick(many);
      const std::string name = "auctions/" + std::to_string(number);
      const std::string& who = traders[pick(5)];
      const AuctionRow& row = here.Auction(number);
      if (step == 20) here.PassTo(8, 10);
      const auto quantity = static_cast<int64_t>(1 + pick(40));
      const auto price = static_cast<int64_t>(6900 + 10 * pick(120));
      switch (pick(step < 20 ? 4 : 16)) {
        case 0:
        case 1: here.Register(who, name, row.kind == v1::Auction::ASCENDING || row.side == Side::kBuy ? 0 : static_cast<int64_t>(1 + pick(900'000))); break;
        case 2: here.Consign(who, name, quantity, row.policy().consignments == ConsignmentRule::kAfterByAsk ? price : 0); break;
        case 3: here.Leave(who, name); break;
        case 4: here.Withdraw(who, here.LastBid()); break;
        case 5:
          if (pick(20) == 0) here.Cancel(name);
          break;
        default: bid += here.Bid(who, name, price, row.kind == v1::Auction::ASCENDING ? 0 : quantity, pick(2) == 0 ? "partial: true" : "") == "OK"; break;
      }
      if (HasFailure()) return;
    }
    here.PassTo(8, 11, 5);
    for (AuctionNumber number = 1; number <= many; ++number) {
      if (pick(8) != 0) here.Reveal(number, SeedOf(static_cast<uint8_t>(number)));
    }
    AuctionWorld again;
    here.RestartInto(&again);
    for (AuctionWorld* each : {&here, &again}) {
      each->PassTo(8, 13, 0, 1, [] {});
      for (const std::string& who : traders) each->Pay(who, "auctions/1");
      each->PassTo(30, 9);
      each->PassOffers();
      for (AuctionNumber number = 1; number <= many; ++number) {
        if (each->Auction(number).state == v1::Auction::DRAFT) each->Cancel("auctions/" + std::to_string(number));
        EXPECT_TRUE(each->Auction(number).Ended()) << number;
        if (each->Auction(number).collected == Digest{}) continue;
        const v1::AuctionRecord record = each->Record(number);
        const auto cleared = ReplayAuction(record);
        EXPECT_TRUE(cleared.ok()) << cleared.status() << "\n" << record.DebugString();
        ++replayed;
        int64_t awarded = 0;
        for (const v1::Award& award : record.awards()) {
          awarded += award.refused().empty() ? award.quantity() : 0;
          for (const v1::Bid& one : record.bids()) {
            if (one.name() != award.bid()) continue;
            EXPECT_LE(each->Auction(number).side == Side::kSell ? award.price_fen() : one.price_fen(), each->Auction(number).side == Side::kSell ? one.price_fen() : award.price_fen());
          }
        }
        EXPECT_LE(awarded, record.auction().quantity() + record.auction().consigned_quantity());
      }
      each->ExpectNothingHeld();
    }
    EXPECT_EQ(here.stored.rows(), again.stored.rows());
    if (HasFailure()) return;
  }
  EXPECT_GT(announced, 40);
  EXPECT_GT(bid, 80);
  EXPECT_GT(replayed, 10);
}

}  // namespace
}  // namespace songhua::exchange
