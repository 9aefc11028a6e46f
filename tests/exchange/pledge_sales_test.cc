// Pledged units sold through the exchange: who sells, what the sale holds, and where units and money go when it ends.
#include <optional>
#include <set>
#include <string>

#include "exchange/auctions.h"
#include "exchange/pledge_sales.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"

namespace songhua::exchange {
namespace {

// $K is a bank, $F another enterprise of Changchun. 60 kg/a of a lot of 100 in $A001.rights are pledged for 500 yuan: 60 kg/a of the years 2027 to 2029 cost
// 900 yuan at the reference price of SO2.
class PledgeSaleWorld : public ExchangeWorld, private AuctionAlarm, private ledger::UnitValuer {
 public:
  PledgeSaleWorld() { pledges.SetValuer(this); }

  void FurnishPledge(const std::string& settlement, int offer_days_max = 10) {
    Furnish();
    AddOutsider("$F", "220104");
    ids["$K"] = "91220000MA0Y3T5KA" + std::string(1, *UsccCheckCharacter("91220000MA0Y3T5KA"));
    ExpectOk(LoadCalendar(2026));
    ExpectOk(Participant("name: 'participants/$K' kind: BANK display_name: 'K' region: '220000'"));
    ExpectOk(OpenAccount("participant: 'participants/$K' kind: CASH"));
    ExpectOk(Rulebook("name: 'rulebooks/immediate' settlement: " + settlement + " band_bps: 1000 quantity_min: 1 quantity_max: 1000000 same_day_resale: true "
                      "forms: E_AUCTION forms: LISTING fee_bps: 0 offer_days_max: " + std::to_string(offer_days_max) + (settlement == "VERIFIED" ? " forms: AGREEMENT" : "")));
    const std::string term = " valid_from: '2026-01-01' valid_to: '2030-12-31' ";
    ExpectOk(Issue("program: 'programs/rights' control_zone: '220100' pollutant: 'SO2' trading_group: 'INDUSTRY' quantity: 100000 to_account: "
                   "'accounts/rights.reserve.220100'" + term));
    ExpectOk(Allocate("from_lot: 'lots/" + std::to_string(ledger.lots().size()) + "' to_account: 'accounts/$A001.rights' quantity: 100000 source: 'INITIAL_PAID' "
                      "cost_fen: 100" + term));
    lot = ledger.lots().size();
    ExpectOk(Call<v1::ApplyPledgeRequest>("$A", "lot: 'lots/" + std::to_string(lot) + "' quantity: 60000 form: PLEDGE pledgee: 'participants/$K'",
                                          &ledger::Pledges::ApplyPledge));
    ExpectOk(Call<v1::VerifyPledgeRequest>("operator", "name: 'pledges/1' decision: 'd'", &ledger::Pledges::VerifyPledge));
    ExpectOk(Call<v1::ApprovePledgeRequest>("$K", "name: 'pledges/1' principal_fen: 50000 rate_bps: 435 term_start: '2026-01-05' term_end: '2029-12-31' "
                                                  "contract_number: 'HT-1'", &ledger::Pledges::ApprovePledge));
    ExpectOk(Call<v1::PledgeActRequest>("$A", "name: 'pledges/1'", &ledger::Pledges::ConfirmPledge));
    ASSERT_EQ(Held(ledger::HoldKind::kPledge), 60'000);
  }
  // After the time to cure: on the 19th, of a notice on the first day.
  void Enforce(const std::string& mode, int day = 19) {
    ExpectOk(Call<v1::DefaultNoticeRequest>("$K", "name: 'pledges/1' decision: 'not paid'", &ledger::Pledges::GiveDefaultNotice));
    At(day, 9);
    ExpectOk(Call<v1::EnforcePledgeRequest>("$K", "name: 'pledges/1' enforcement { mode: " + mode + " ground: AGREEMENT reference: 'XY-1' }",
                                            &ledger::Pledges::EnforcePledge));
  }
  void Abandon() {
    ExpectOk(Call<v1::AbandonEnforcementRequest>("$K", "name: 'pledges/1' decision: 'paid after all'", &ledger::Pledges::AbandonEnforcement));
  }
  std::string Grant(int64_t quantity, int64_t price_min) {
    return Outcome(Call<v1::GrantConsentRequest>("$K", "name: 'pledges/1' act: SELL quantity: " + std::to_string(quantity) + " price_min_fen: " +
                                                           std::to_string(price_min) + " expire_date: '2026-01-08'", &ledger::Pledges::GrantConsent));
  }
  std::string Offer(const std::string& who, const std::string& form, int64_t price, int64_t quantity, const std::string& more = "") {
    const std::string text = "name: 'pledges/1' contract: 'contracts/SO2' form: '" + form + "' price_fen: " + std::to_string(price) +
                             " quantity: " + std::to_string(quantity) + " " + more;
    return Outcome(Run(who, [&](CommandContext& context) { return sales.OfferPledgedUnits(context, Text<v1::OfferPledgedUnitsRequest>(Named(text))); }));
  }
  // Registration until the 20th at 9:00, bids from 10:00 to 11:00.
  std::string Announce(const std::string& rules) {
    return CallAuction<v1::AnnounceAuctionRequest>("operator", "name: 'auctions/1' announcement: 'n' notice_workdays: 1 register_until_time { seconds: " + Seconds(9) +
                                                                   " } open_time { seconds: " + Seconds(10) + " } close_time { seconds: " + Seconds(11) + " } " + rules,
                                                   &Auctions::AnnounceAuction);
  }
  std::string Register(const std::string& who) {
    return CallAuction<v1::RegisterBidderRequest>(who, "auction: 'auctions/1' account: 'accounts/" + who + "001.rights'", &Auctions::RegisterBidder);
  }
  std::string Bid(const std::string& who, int64_t price) {
    return CallAuction<v1::PlaceBidRequest>(who, "auction: 'auctions/1' account: 'accounts/" + who + "001.rights' price_fen: " + std::to_string(price),
                                            &Auctions::PlaceBid);
  }
  std::string Pay(const std::string& who) { return CallAuction<v1::PayAuctionRequest>(who, "name: 'auctions/1'", &Auctions::PayAuction); }
  std::string Cancel(const std::string& who) { return CallAuction<v1::CancelAuctionRequest>(who, "name: 'auctions/1' reason: 'r'", &Auctions::CancelAuction); }
  void PassAuctions(int day, int hour) {
    At(day, hour);
    for (bool more = true; more;) Apply([&](CommandContext& context) { more = auctions.PassAuctions(context, 100); });
  }
  void At(int day, int hour) {
    today = MakeDate(2026, 1, day);
    micros_of_day = hour * 3600 * kMicrosPerSecond;
  }

  int64_t Held(ledger::HoldKind kind) const { return ledger.lots().Find(lot)->Held(kind).value(); }
  const ledger::PledgeRow& Pledge() const { return *pledges.FindPledge(1); }

  Auctions auctions{&tables, {&exchange, &negotiations, &ledger, &participants, &counters, &calendars, this, &pledges}};
  PledgeSales sales{{&ledger, &pledges, &exchange, &listings, &negotiations, &auctions}};
  ledger::LotNumber lot = 0;

 private:
  template <class Answer>
  static void ExpectOk(const Answer& answer) {
    EXPECT_EQ(Outcome(answer), "OK");
  }
  template <class Request, class Answer>
  absl::StatusOr<Answer> Call(const std::string& who, const std::string& text,
                              absl::StatusOr<Answer> (ledger::Pledges::*method)(CommandContext&, const Request&)) {
    return Run(who, [&](CommandContext& context) { return (pledges.*method)(context, Text<Request>(Named(text))); });
  }
  template <class Request, class Answer>
  std::string CallAuction(const std::string& who, const std::string& text, absl::StatusOr<Answer> (Auctions::*method)(CommandContext&, const Request&)) {
    return Outcome(Run(who, [&](CommandContext& context) { return (auctions.*method)(context, Text<Request>(Named(text))); }));
  }
  static std::string Seconds(int hour) { return std::to_string(StartOfDay(MakeDate(2026, 1, 20)).value() / kMicrosPerSecond + hour * 3600); }
  void WakeForAuctions(Timestamp) override {}
  std::optional<ledger::Valuation> ValueOf(const ledger::LotRow&, Quantity, Date) const override {
    return ledger::Valuation{.unit = Price(500'000), .value = ::songhua::Money(90'000)};
  }
};

class PledgeSalesTest : public testing::Test {
 protected:
  // What nobody sold, or what was given back, is pledged as before.
  void ExpectAllPledged() const {
    EXPECT_EQ(world.Held(ledger::HoldKind::kPledge), 60'000);
    EXPECT_EQ(world.Held(ledger::HoldKind::kOrder), 0);
    EXPECT_EQ(world.Held(ledger::HoldKind::kTrade), 0);
    EXPECT_FALSE(world.Pledge().OnOffer());
  }
  PledgeSaleWorld world;
};

TEST_F(PledgeSalesTest, TheBankAuctionsAndWhatItBringsPaysTheLoan) {
  world.FurnishPledge("IMMEDIATE");
  world.Enforce("AUCTION");
  EXPECT_EQ(world.Offer("$K", "LISTING", 500'000, 40'000), "FORM_NOT_AGREED PLG-31 form");
  EXPECT_EQ(world.Offer("$K", "BLOCK", 500'000, 40'000), "INVALID_FIELD DR-42 form");
  // How the pledgor stands is not the bank's fault.
  world.gate[world.Named("$A001.rights")] = OrderRefusal::kPermitNotInForce;
  world.validate_only = true;
  EXPECT_EQ(world.Offer("$K", "E_AUCTION", 500'000, 40'000), "OK");
  world.validate_only = false;
  ExpectAllPledged();
  ASSERT_EQ(world.Offer("$K", "E_AUCTION", 500'000, 40'000), "OK");
  EXPECT_EQ(world.Pledge().sale, "auctions/1");
  EXPECT_EQ(world.Held(ledger::HoldKind::kPledge), 20'000);
  EXPECT_EQ(world.Held(ledger::HoldKind::kOrder), 40'000);
  world.Apply([&](CommandContext& context) {
    world.exchange.RestrainOrdersOfSite(context, world.Named("$A001"), EndReason::kPermitSuspended);
    world.exchange.CancelOrdersOfSite(context, world.Named("$A001"), EndReason::kPermitRevoked);
  });
  EXPECT_EQ(world.Held(ledger::HoldKind::kOrder), 40'000);
  EXPECT_EQ(world.Cancel("$A"), "SOLD_BY_PLEDGEE PLG-31 name");
  ASSERT_EQ(world.Announce(""), "OK");
  for (const std::string who : {"$B", "$F"}) ASSERT_EQ(world.Register(who), "OK");
  world.PassAuctions(20, 10);
  ASSERT_EQ(world.Bid("$F", 500'000), "OK");
  ASSERT_EQ(world.Bid("$B", 505'000), "OK");
  PledgeSaleWorld again;
  world.RestartInto(&again);
  again.exchange.CheckInvariants();
  EXPECT_EQ(again.auctions.Find(1)->pledge.number, 1u);
  world.PassAuctions(20, 11);
  const int64_t buyer = world.Money("$B"), pledgor = world.Money("$A");
  ASSERT_EQ(world.Pay("$B"), "OK");
  // 4 lots of 10 kg/a for three years, at 5,050.00 per tonne and year.
  EXPECT_EQ(world.Money("$B"), buyer - 60'600);
  EXPECT_EQ(world.Money("$K"), 50'000);
  EXPECT_EQ(world.Money("$A"), pledgor + 10'600);
  EXPECT_EQ(world.UnitsOf("$B", "SO2").all, 120'000);
  EXPECT_EQ(world.Held(ledger::HoldKind::kPledge), 20'000);
  EXPECT_EQ(world.Held(ledger::HoldKind::kOrder), 0);
  EXPECT_EQ(world.Pledge().PartOf(world.lot)->quantity, Quantity(20'000));
  EXPECT_EQ(world.FinalTrade(FirstTradeOf(world.Row("SO2").number) + 1)->pledge.number, 1u);
  EXPECT_EQ(Outcome(world.Act(&Exchange::ReverseTrade, world.LastTrade("SO2"), "judgment 1")), "PROCEEDS_APPLIED PLG-33 name");
}

TEST_F(PledgeSalesTest, OneBidderAloneIsOfferedAnAgreementOverTheSameUnits) {
  world.FurnishPledge("VERIFIED");
  world.Enforce("AUCTION");
  ASSERT_EQ(world.Offer("$K", "E_AUCTION", 500'000, 40'000), "OK");
  ASSERT_EQ(world.Announce("ascending { converts: true }"), "OK");
  ASSERT_EQ(world.Register("$B"), "OK");
  world.PassAuctions(20, 9);
  ASSERT_EQ(world.auctions.Find(1)->reason, "CONVERTED");
  EXPECT_EQ(world.Held(ledger::HoldKind::kOrder), 40'000);
  EXPECT_EQ(Outcome(world.EndNegotiation("$A", "negotiations/1")), "FOREIGN_PARTICIPANT GEN-13 name");
  ASSERT_EQ(Outcome(world.EndNegotiation("$K", "negotiations/1")), "OK");
  ExpectAllPledged();
}

TEST_F(PledgeSalesTest, ATradeThatFailsGivesTheUnitsBackToThePledge) {
  world.FurnishPledge("VERIFIED");
  world.Enforce("SALE");
  ASSERT_EQ(world.Offer("$K", "LISTING", 500'000, 40'000), "OK");
  EXPECT_EQ(Outcome(world.WithdrawListing("$A", "listings/1")), "SOLD_BY_PLEDGEE PLG-31 name");
  ASSERT_EQ(Outcome(world.TakeListing("$B", "SO2", "listing: 'listings/1'", 30'000)), "OK");
  EXPECT_EQ(world.Held(ledger::HoldKind::kTrade), 30'000);
  EXPECT_EQ(world.Held(ledger::HoldKind::kOrder), 10'000);
  ASSERT_EQ(Outcome(world.WithdrawListing("$K", "listings/1")), "OK");
  EXPECT_EQ(world.Held(ledger::HoldKind::kPledge), 30'000);
  const std::string trade = world.LastTrade("SO2");
  ASSERT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "OK");
  // Nobody pays.
  world.today = world.today + 60;
  world.PassClocks();
  EXPECT_EQ(world.FinalTrade(FirstTradeOf(world.Row("SO2").number) + 1)->state, v1::DEFAULTED);
  ExpectAllPledged();
  EXPECT_EQ(world.Money("$K"), 0);
}

TEST_F(PledgeSalesTest, ThePledgorSellsWithinTheConsentAndWithItsOwnGates) {
  world.FurnishPledge("IMMEDIATE");
  ASSERT_EQ(world.Grant(20'000, 510'000), "OK");
  EXPECT_EQ(world.Offer("$A", "LISTING", 500'000, 20'000, "consent: 'consents/1'"), "CONSENT_EXCEEDED PLG-21 price_fen");
  EXPECT_EQ(world.Offer("$A", "LISTING", 510'000, 20'000, "consent: 'consents/1' last_date: '2026-01-09'"), "INVALID_FIELD DR-48 last_date");
  world.gate[world.Named("$A001.rights")] = OrderRefusal::kPermitNotInForce;
  EXPECT_NE(world.Offer("$A", "LISTING", 510'000, 20'000, "consent: 'consents/1'"), "OK");
  world.gate.clear();
  ASSERT_EQ(world.Offer("$A", "LISTING", 510'000, 20'000, "consent: 'consents/1'"), "OK");
  EXPECT_EQ(world.listings.Find(1)->last, MakeDate(2026, 1, 8));
  EXPECT_EQ(world.Held(ledger::HoldKind::kOrder), 20'000);
  ASSERT_EQ(Outcome(world.TakeListing("$B", "SO2", "listing: 'listings/1'", 10'000)), "OK");
  EXPECT_EQ(world.Money("$K"), 15'300);
  // The rest is not sold, and the consent is used.
  world.At(9, 9);
  world.PassOffers();
  EXPECT_EQ(world.Held(ledger::HoldKind::kPledge), 50'000);
  EXPECT_NE(world.Offer("$A", "LISTING", 510'000, 10'000, "consent: 'consents/1'"), "OK");
}

TEST_F(PledgeSalesTest, AnAgreementIsTheBanksToTheEnd) {
  world.FurnishPledge("VERIFIED");
  world.Enforce("AGREED_VALUE");
  EXPECT_EQ(world.Offer("$K", "AGREEMENT", 500'000, 40'000, "buyer_account: 'accounts/$B001.rights'"), "INVALID_FIELD DR-47 contract_number");
  ASSERT_EQ(world.Offer("$K", "AGREEMENT", 500'000, 40'000, "buyer_account: 'accounts/$B001.rights' contract_number: 'HT-2'"), "OK");
  ASSERT_EQ(Outcome(world.Counter("$B", "negotiations/1", 490'000, 60'000)), "OK");
  ExpectAllPledged();
  EXPECT_EQ(Outcome(world.Confirm("$A", "negotiations/1", 2, 490'000, 60'000)), "FOREIGN_PARTICIPANT GEN-13 name");
  ASSERT_EQ(Outcome(world.Counter("$K", "negotiations/1", 495'000, 60'000)), "OK");
  EXPECT_EQ(world.Held(ledger::HoldKind::kOrder), 60'000);
  ASSERT_EQ(Outcome(world.Confirm("$B", "negotiations/1", 3, 495'000, 60'000)), "OK");
  const std::string trade = world.LastTrade("SO2");
  ASSERT_EQ(Outcome(world.Act(&Exchange::VerifyTrade, trade)), "OK");
  ASSERT_EQ(Outcome(world.Act(&Exchange::RecordPayment, trade)), "OK");
  EXPECT_EQ(world.Money("$K"), 0);
  ASSERT_EQ(Outcome(world.Act(&Exchange::SettleTrade, trade)), "OK");
  EXPECT_EQ(world.Money("$K"), 50'000);
  EXPECT_EQ(world.UnitsOf("$B", "SO2").all, 140'000);
  EXPECT_EQ(world.Held(ledger::HoldKind::kPledge), 0);
}

TEST_F(PledgeSalesTest, AnAgreementOfAnEarlierEnforcementDoesNotOutliveHowItWasToSell) {
  world.FurnishPledge("VERIFIED", /*offer_days_max=*/30);
  world.Enforce("AGREED_VALUE");
  ASSERT_EQ(world.Offer("$K", "AGREEMENT", 500'000, 40'000, "buyer_account: 'accounts/$B001.rights' contract_number: 'HT-2'"), "OK");
  ASSERT_EQ(Outcome(world.Counter("$B", "negotiations/1", 490'000, 40'000)), "OK");  // the buyer's own, so it stands when the enforcement ends
  world.Abandon();
  EXPECT_EQ(Outcome(world.Confirm("$K", "negotiations/1", 2, 490'000, 40'000)), "ILLEGAL_TRANSITION PLG-31 name");
  world.Enforce("SALE", /*day=*/31);
  EXPECT_EQ(Outcome(world.Confirm("$K", "negotiations/1", 2, 490'000, 40'000)), "FORM_NOT_AGREED PLG-31 name");
  ASSERT_EQ(world.Offer("$K", "LISTING", 500'000, 40'000), "OK");
  EXPECT_EQ(Outcome(world.Confirm("$K", "negotiations/1", 2, 490'000, 40'000)), "ILLEGAL_TRANSITION PLG-21 name");
}

TEST_F(PledgeSalesTest, ACourtsOrderEndsTheSaleAndTheUnitsStayPledged) {
  world.FurnishPledge("IMMEDIATE");
  world.Enforce("SALE");
  ASSERT_EQ(world.Offer("$K", "LISTING", 500'000, 40'000), "OK");
  ASSERT_EQ(Outcome(world.Freeze("lot: 'lots/" + std::to_string(world.lot) + "' quantity: 100000 court: 'court' case_number: '1' start_date: '2026-01-19' "
                                 "end_date: '2027-01-18'")),
            "OK");
  EXPECT_EQ(world.listings.Find(1)->state, v1::Listing::SYSTEM_CANCELLED);
  ExpectAllPledged();
  EXPECT_EQ(world.Offer("$K", "LISTING", 500'000, 40'000), "FROZEN_UNITS PLG-29 name");
}

}  // namespace
}  // namespace songhua::exchange
