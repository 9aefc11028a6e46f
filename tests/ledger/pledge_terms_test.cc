// What a bank does with a pledge in force: registration, balances, amendments, consents, default, proceeds; and what the days bring.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/lots.h"
#include "ledger/pledge_ranks.h"
#include "tests/ledger/pledge_world.h"

namespace songhua::ledger {
namespace {

// Every unit is worth as much.
class EachWorth : public UnitValuer {
 public:
  std::optional<Valuation> ValueOf(const LotRow&, Quantity quantity, Date) const override {
    if (price == Price()) return std::nullopt;
    return Valuation{price, Money(price.value() * quantity.value())};
  }
  Quantity ShortfallOf(const LotRow&, Date) const override { return shortfall; }
  Price price = Price(200'000);
  Quantity shortfall;
};

class PledgeTermsTest : public testing::Test {
 protected:
  void SetUp() override {
    world.FurnishLots();
    world.pledges.SetValuer(&valuer);
    EXPECT_EQ(Outcome(world.OpenAccount("kind: CASH participant: 'participants/$BANK'")), "OK");
    EXPECT_EQ(Outcome(world.Deposit("account: 'accounts/$STEEL.cash' amount_fen: 200000000 bank_reference: 'B-1'")), "OK");
  }
  bool Warns(uint64_t number, PledgeAlert alert) const { return (world.Row(number).alerts & AlertBit(alert)) != 0; }
  // Sells units of a pledge on offer, as the exchange does, and applies what they brought.
  void Sell(uint64_t number, LotNumber lot, int64_t quantity, int64_t fen) {
    world.LedgerWorld::Apply([&](CommandContext& context) {
      world.pledges.OfferUnits(number, lot, Quantity(quantity));
      world.ledger.lots().ConvertHold(world.Lot(lot), HoldKind::kOrder, HoldKind::kTrade, Quantity(quantity));
      world.ledger.lots().Release(world.Lot(lot), HoldKind::kTrade, Quantity(quantity));
      world.pledges.SoldUnits(context, number, lot, Quantity(quantity), world.LastLot());
      world.pledges.Distribute(context, number, world.Account("$STEEL.cash"), Money(fen), "trades/1");
    });
  }
  // Of those since the events were taken last.
  int AlertEvents() {
    int found = 0;
    EventReader reader(world.events.bytes());
    EventType type;
    std::string_view payload;
    while (reader.Next(&type, &payload)) found += type == EventType::kPledgeAlertsChanged;
    return found;
  }
  Money Cash(const std::string& id) const { return world.Cash(id).posted; }

  PledgeWorld world;
  EachWorth valuer;
};

// PLG-43: revalued daily; below 125 % of what is owed to be watched, below 110 % called; it sells nothing.
TEST_F(PledgeTermsTest, CoverageIsLookedAtEveryDay) {
  world.MakeActive(kPaidRight, 600, 1);  // worth 1,200,000.00, lent 800,000.00
  EXPECT_FALSE(Warns(1, PledgeAlert::kCoverageWatch));
  valuer.price = Price(166'666);  // 124.99 %
  world.PassDay(world.today + 1);
  EXPECT_TRUE(Warns(1, PledgeAlert::kCoverageWatch));
  EXPECT_FALSE(Warns(1, PledgeAlert::kCoverageCall));
  EXPECT_EQ(CoverageBps(world.Row(1).valuation.value, world.Row(1).Owed()), 12'499);
  valuer.price = Price(146'666);  // 109.99 %
  world.PassDay(world.today + 1);
  EXPECT_TRUE(Warns(1, PledgeAlert::kCoverageCall));
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kPledge), Quantity(600));
  // Half is paid back.
  EXPECT_EQ(Outcome(world.ReportBalance("name: 'pledges/1' principal_fen: 40000000 balance_date: '2026-01-07'")), "OK");
  EXPECT_EQ(world.Row(1).alerts, 0u);
  valuer.price = Price();
  world.PassDay(world.today + 1);
  EXPECT_TRUE(Warns(1, PledgeAlert::kNotValued));
}

// PLG-44.
TEST_F(PledgeTermsTest, ALoanOfWhichNobodyReportsIsStale) {
  world.MakeActive(kPaidRight, 600, 1);
  world.PassDay(world.today + 45);
  EXPECT_FALSE(Warns(1, PledgeAlert::kStaleLoan));
  world.PassDay(world.today + 1);
  EXPECT_TRUE(Warns(1, PledgeAlert::kStaleLoan));
  EXPECT_EQ(Outcome(world.ReportBalance("name: 'pledges/1' principal_fen: 80000001 balance_date: '2026-02-20'")), "INVALID_FIELD PLG-26 principal_fen");
  EXPECT_EQ(Outcome(world.ReportBalance("name: 'pledges/1' principal_fen: 80000000 balance_date: '2026-02-21'")), "INVALID_FIELD PLG-44 balance_date");
  EXPECT_EQ(Outcome(world.ReportBalance("name: 'pledges/1' principal_fen: 80000000 balance_date: '2026-02-20'")), "OK");
  EXPECT_FALSE(Warns(1, PledgeAlert::kStaleLoan));
}

// PLG-03, PLG-04: from a month to thirty years; extended within 90 days of its end; said at T-90; lapsed after it.
TEST_F(PledgeTermsTest, ARegistrationRunsOutAndIsExtended) {
  EXPECT_EQ(world.Apply(kPaidRight, 600), "OK");
  world.SendAll({"verify"}, 1);
  EXPECT_EQ(world.Approve(1, "2029-12-31", ""), "OK");
  world.SendAll({"confirm"}, 1);
  const auto record = [&](const std::string& last) {
    return Outcome(world.RecordRegistration("name: 'pledges/1' unified_registry_number: 'ZD-9' registration_time { seconds: 1767571200 } registration_expire_date: '" +
                                            last + "'"));
  };
  EXPECT_FALSE(world.Row(1).PriorityEffective(world.today));
  EXPECT_EQ(record("2026-02-04"), "INVALID_FIELD PLG-04 registration_expire_date");
  EXPECT_EQ(record("2056-01-06"), "INVALID_FIELD PLG-04 registration_expire_date");
  EXPECT_EQ(record("2027-01-04"), "OK");
  EXPECT_TRUE(world.Row(1).PriorityEffective(world.today));
  world.PassDay(MakeDate(2026, 10, 5));
  EXPECT_FALSE(Warns(1, PledgeAlert::kRegistrationExpires));
  EXPECT_EQ(record("2029-01-04"), "NO_EXTENSION_YET PLG-04 registration_expire_date");
  world.PassDay(MakeDate(2026, 10, 6));
  EXPECT_TRUE(Warns(1, PledgeAlert::kRegistrationExpires));
  world.PassDay(MakeDate(2027, 1, 5));
  EXPECT_TRUE(Warns(1, PledgeAlert::kPriorityLapsed));
  EXPECT_FALSE(world.Row(1).PriorityEffective(world.today));
  EXPECT_TRUE(world.Row(1).ControlEffective());
  EXPECT_EQ(record("2029-01-04"), "OK") << "registered anew";
  EXPECT_TRUE(world.Row(1).PriorityEffective(world.today));
}

// PLG-04: at T-90, T-30 and T-7 one notice takes the place of the one before, and each is an event; a registration that has run out is told apart from them.
TEST_F(PledgeTermsTest, EachNoticeOfARegistrationThatRunsOutIsToldOnItsDay) {
  world.MakeActive(kPaidRight, 600, 1);
  EXPECT_EQ(Outcome(world.RecordRegistration("name: 'pledges/1' unified_registry_number: 'ZD-7' registration_time { seconds: 1767571200 } "
                                             "registration_expire_date: '2027-01-04'")),
            "OK");
  world.PassDay(MakeDate(2026, 10, 5));  // the balance is stale by then
  const std::vector<std::pair<Date, std::string>> days = {{MakeDate(2026, 10, 6), "REGISTRATION_EXPIRES_90"},  {MakeDate(2026, 12, 4), "REGISTRATION_EXPIRES_90"},
                                                          {MakeDate(2026, 12, 5), "REGISTRATION_EXPIRES_30"},  {MakeDate(2026, 12, 27), "REGISTRATION_EXPIRES_30"},
                                                          {MakeDate(2026, 12, 28), "REGISTRATION_EXPIRES_7"},  {MakeDate(2027, 1, 4), "REGISTRATION_EXPIRES_7"},
                                                          {MakeDate(2027, 1, 5), "PRIORITY_LAPSED"}};
  std::string before;
  for (const auto& [day, alert] : days) {
    SCOPED_TRACE(FormatDate(day));
    EXPECT_EQ(world.Row(1).check, world.today + 1) << "it is looked at every day";
    world.events.Take();
    world.PassDay(day);
    const v1::Pledge pledge = ToProto(world.Row(1), world.today);
    EXPECT_EQ(pledge.alerts(pledge.alerts().size() - 1), alert);
    EXPECT_EQ(pledge.alerts().size(), 2) << "beside STALE_LOAN";
    EXPECT_EQ(AlertEvents(), alert == before ? 0 : 1);
    before = alert;
  }
}

// PLG-04, PLG-30: ten workdays after its end; said when that is over; what runs out there by itself needs no cancelling.
TEST_F(PledgeTermsTest, TheRegistrationOfAPledgeThatHasEndedIsCancelled) {
  const auto cancel = [&](uint64_t number, const std::string& date) {
    return Outcome(world.CancelUnifiedRegistration(PledgeWorld::PledgeName(number) + "cancellation_date: '" + date + "'"));
  };
  world.MakeActive(kPaidRight, 600, 1);
  EXPECT_EQ(cancel(1, "2026-01-05"), "ILLEGAL_TRANSITION PLG-20 name");
  EXPECT_EQ(world.Send("release", 1), "OK");
  const Timestamp ended = world.Row(1).end_time;
  EXPECT_EQ(FormatDate(world.Row(1).cancellation_due), "2026-01-19") << "ten workdays from Monday the 5th";
  world.PassDay(MakeDate(2026, 1, 19));
  EXPECT_FALSE(Warns(1, PledgeAlert::kCancellationOverdue));
  world.PassDay(MakeDate(2026, 1, 20));
  EXPECT_TRUE(Warns(1, PledgeAlert::kCancellationOverdue));
  EXPECT_EQ(world.Row(1).end_time, ended);
  EXPECT_EQ(world.Row(1).check, Date{}) << "nothing more comes by itself";
  EXPECT_EQ(cancel(1, "2026-01-04"), "INVALID_FIELD PLG-04 cancellation_date");
  EXPECT_EQ(cancel(1, "2026-01-21"), "INVALID_FIELD PLG-04 cancellation_date");
  EXPECT_EQ(cancel(1, "2026-01-12"), "OK");
  EXPECT_EQ(world.Row(1).alerts, 0u);
  EXPECT_EQ(cancel(1, "2026-01-12"), "NOTHING_TO_CANCEL PLG-04 name");

  EXPECT_EQ(world.Apply(kPaidRight, 600), "OK");
  world.SendAll({"verify"}, 2);
  EXPECT_EQ(world.Approve(2, "2029-12-31", ""), "OK");
  world.SendAll({"confirm", "release"}, 2);
  EXPECT_EQ(world.Row(2).cancellation_due, Date{}) << "it never was registered";
  EXPECT_EQ(cancel(2, "2026-01-20"), "NOTHING_TO_CANCEL PLG-04 name");

  world.MakeActive(kPaidRight, 600, 3);
  EXPECT_EQ(Outcome(world.RecordRegistration("name: 'pledges/3' unified_registry_number: 'ZD-9' registration_time { seconds: 1767571200 } "
                                             "registration_expire_date: '2026-02-20'")),
            "OK");
  EXPECT_EQ(world.Send("release", 3), "OK");
  EXPECT_EQ(FormatDate(world.Row(3).cancellation_due), "2026-02-03");
  world.PassDay(MakeDate(2026, 2, 4));
  EXPECT_TRUE(Warns(3, PledgeAlert::kCancellationOverdue));
  EXPECT_EQ(world.Row(3).check, MakeDate(2026, 2, 21));
  world.PassDay(MakeDate(2026, 2, 21));
  EXPECT_EQ(world.Row(3).alerts, 0u);
}

// PLG-26: both sign; what is lent more ranks from then on, and is within the day's value.
TEST_F(PledgeTermsTest, AnAmendmentWantsBothAndRanksFromThen) {
  world.MakeActive(kPaidRight, 600, 1);
  EXPECT_EQ(Outcome(world.AgreeAmendment("name: 'pledges/1'")), "NOTHING_PROPOSED PLG-26 name");
  EXPECT_EQ(Outcome(world.ProposeAmendment("name: 'pledges/1'")), "INVALID_FIELD PLG-26 principal_fen");
  EXPECT_EQ(Outcome(world.ProposeAmendment("name: 'pledges/1' principal_fen: 96000001")), "BEYOND_LOAN_TO_VALUE PLG-14 principal_fen");
  EXPECT_EQ(Outcome(world.ProposeAmendment("name: 'pledges/1' term_end: '2031-01-01'")), "TERM_EXCEEDS_RIGHT PLG-13 term_end");
  EXPECT_EQ(Outcome(world.ProposeAmendment("name: 'pledges/1' principal_fen: 96000000 rate_bps: 400 term_end: '2030-12-31'")), "OK");
  EXPECT_EQ(world.Row(1).loan.principal, Money(80'000'000));
  EXPECT_EQ(Outcome(world.AgreeAmendment("name: 'pledges/1'")), "OK");
  const PledgeRow& row = world.Row(1);
  EXPECT_EQ(row.loan.principal, Money(96'000'000));
  EXPECT_EQ(row.loan.rate_bps, 400);
  EXPECT_EQ(row.loan.term.last, MakeDate(2030, 12, 31));
  ASSERT_EQ(row.raises.size(), 1u);
  EXPECT_EQ(row.raises[0].amount, Money(16'000'000));
  EXPECT_EQ(Outcome(world.AgreeAmendment("name: 'pledges/1'")), "NOTHING_PROPOSED PLG-26 name");
  // The price falls before he agrees to another one.
  EXPECT_EQ(Outcome(world.ReleasePledgedUnits("name: 'pledges/1' quantity: 1")), "BEYOND_LOAN_TO_VALUE PLG-14 quantity");
}

// Several lots secure one loan: one hold each, one value, one release.
TEST_F(PledgeTermsTest, SeveralLotsSecureOneLoan) {
  EXPECT_EQ(Outcome(world.Allocate("from_lot: 'lots/2' to_account: 'accounts/$STEEL001.rights' quantity: 500 valid_from: '2026-01-01' valid_to: '2028-12-31' "
                                   "source: 'INITIAL_PAID' cost_fen: 50")),
            "OK");
  const LotNumber second = world.LastLot();
  const std::string apply = "lot: 'lots/3' quantity: 300 form: PLEDGE pledgee: 'participants/$BANK' more_units { quantity: 200 lot: 'lots/";
  EXPECT_EQ(Outcome(world.ApplyPledge(apply + "3' }")), "INVALID_FIELD PLG-10 lot");
  EXPECT_EQ(Outcome(world.ApplyPledge(apply + "1' }")), "INVALID_FIELD PLG-10 more_units[0].lot") << "of another program";
  EXPECT_EQ(Outcome(world.ApplyPledge(apply + "4' }")), "RIGHT_NOT_PAID_FOR PLG-11 more_units[0].lot");
  EXPECT_EQ(Outcome(world.ApplyPledge(apply + std::to_string(second) + "' }")), "OK");
  world.SendAll({"verify"}, 1);
  EXPECT_EQ(world.Row(1).valuation.value, Money(100'000'000));
  EXPECT_EQ(world.Approve(1), "TERM_EXCEEDS_RIGHT PLG-13 term_end") << "the second right is shorter";
  EXPECT_EQ(world.Approve(1, "2028-12-31"), "OK");
  world.SendAll({"confirm"}, 1);
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kPledge), Quantity(300));
  EXPECT_EQ(world.Held(second, HoldKind::kPledge), Quantity(200));
  EXPECT_EQ(Outcome(world.ReleasePledgedUnits("name: 'pledges/1' quantity: 1")), "INVALID_FIELD - lot") << "which of them";
  EXPECT_EQ(Outcome(world.ReportBalance("name: 'pledges/1' principal_fen: 40000000 balance_date: '2026-01-05'")), "OK");
  EXPECT_EQ(Outcome(world.ReleasePledgedUnits("name: 'pledges/1' quantity: 200 lot: 'lots/" + std::to_string(second) + "'")), "OK");
  EXPECT_EQ(world.Row(1).parts.size(), 1u);
  EXPECT_EQ(Outcome(world.ReleasePledge("name: 'pledges/1'")), "OK");
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kPledge), Quantity());
}

// PLG-25, PLG-26: units of another lot rank from now on, and take nothing from the rank of those that were there.
TEST_F(PledgeTermsTest, WhatIsAddedTakesNothingFromTheRankOfWhatWasThere) {
  world.MakeActive(kPaidRight, 600, 1);
  const auto add = [&](const std::string& lot, int64_t quantity) {
    return Outcome(world.Do("name: 'pledges/1' lot: 'lots/" + lot + "' quantity: " + std::to_string(quantity), &Pledges::AddPledgedUnits, world.pledges));
  };
  EXPECT_EQ(add("3", 401), "PLEDGED_UNITS PLG-28 quantity");
  EXPECT_EQ(add("1", 10), "INVALID_FIELD PLG-10 lot") << "of another program";
  EXPECT_EQ(add("3", 100), "OK");
  EXPECT_EQ(world.Row(1).parts.at(0).since, Timestamp());
  ASSERT_EQ(world.Row(1).parts.at(0).later.size(), 1u);
  EXPECT_EQ(world.Row(1).parts.at(0).later.at(0).quantity, Quantity(100));
  EXPECT_GE(world.Row(1).parts.at(0).later.at(0).since, world.Row(1).create_time);
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kPledge), Quantity(700));
  EXPECT_EQ(Outcome(world.Allocate("from_lot: 'lots/2' to_account: 'accounts/$STEEL001.rights' quantity: 500 valid_from: '2026-01-01' valid_to: '2030-12-31' "
                                   "source: 'INITIAL_PAID' cost_fen: 50")),
            "OK");
  EXPECT_EQ(add(std::to_string(world.LastLot()), 50), "OK");
  EXPECT_NE(world.Row(1).parts.at(1).since, Timestamp());
  EXPECT_EQ(world.Held(world.LastLot(), HoldKind::kPledge), Quantity(50));
}

// PLG-26: what leaves a pledge is what was added last, and what a sale carves out of it ranks as it did.
TEST_F(PledgeTermsTest, WhatWasAddedLastLeavesFirst) {
  const auto at = [](int64_t seconds) { return Timestamp(seconds); };
  PledgedPart part{.lot = 3, .quantity = Quantity(600), .offered = {}, .since = {}, .later = {}};
  part.Add(Quantity(100), at(1));
  part.Add(Quantity(50), at(2));
  EXPECT_EQ(part.quantity, Quantity(750));
  PledgedPart taken = part.Take(Quantity(30));
  EXPECT_EQ(taken.since, at(2));
  EXPECT_TRUE(taken.later.empty());
  ASSERT_EQ(part.later.size(), 2u);
  EXPECT_EQ(part.later[1].quantity, Quantity(20));
  taken = part.Take(Quantity(60));
  EXPECT_EQ(taken.quantity, Quantity(60));
  EXPECT_EQ(taken.since, at(1)) << "40 of the first addition,";
  ASSERT_EQ(taken.later.size(), 1u);
  EXPECT_EQ(taken.later[0].quantity, Quantity(20)) << "and what was left of the second";
  EXPECT_EQ(taken.later[0].since, at(2));
  taken = part.Take(Quantity(100));
  EXPECT_EQ(taken.since, Timestamp()) << "40 of the first ones, which rank as the pledge does";
  ASSERT_EQ(taken.later.size(), 1u);
  EXPECT_EQ(taken.later[0].quantity, Quantity(60));
  EXPECT_EQ(part.quantity, Quantity(560));
  EXPECT_TRUE(part.later.empty());
  part.Take(Quantity(560));
  part.Add(Quantity(10), at(3));
  EXPECT_EQ(part.since, at(3)) << "it was empty";
  EXPECT_TRUE(part.later.empty());

  world.MakeActive(kPaidRight, 600, 1);
  EXPECT_EQ(Outcome(world.Do("name: 'pledges/1' lot: 'lots/3' quantity: 100", &Pledges::AddPledgedUnits, world.pledges)), "OK");
  EXPECT_EQ(Outcome(world.ReleasePledgedUnits("name: 'pledges/1' quantity: 60")), "OK");
  const v1::Pledge pledge = ToProto(world.Row(1), world.today);
  EXPECT_EQ(pledge.quantity(), 640);
  ASSERT_EQ(pledge.additions().size(), 1);
  EXPECT_EQ(pledge.additions(0).quantity(), 40);
  PledgeWorld restarted;
  world.RestartInto(&restarted);
  EXPECT_EQ(ToProto(restarted.Row(1), restarted.today).SerializeAsString(), pledge.SerializeAsString());
}

// PLG-27: by their time in the unified registry, the unregistered last and together; what was added later by its own time.
TEST_F(PledgeTermsTest, PledgesOverOneLotRankByTheirRegistration) {
  std::vector<PledgeRow> rows(5);
  for (size_t i = 0; i < rows.size(); ++i) {
    rows[i].number = i + 1;
    rows[i].state = v1::ACTIVE;
    rows[i].parts = {{.lot = kPaidRight, .quantity = Quantity(100), .offered = {}, .since = {}, .later = {}}};
  }
  const auto enter = [&](size_t i, int64_t time, Date last = Date{}) {
    rows[i].loan.unified_registry_number = "ZD";
    rows[i].loan.registered = Timestamp(time);
    rows[i].loan.registration_last = last;
  };
  enter(1, 200);
  enter(2, 100);
  enter(3, 200);
  enter(4, 50, world.today - 1);  // it has run out
  rows[2].parts[0].Add(Quantity(30), Timestamp(300));
  rows[2].parts[0].Add(Quantity(7), Timestamp(90));  // before it was registered
  std::vector<const PledgeRow*> pledges;
  for (const PledgeRow& row : rows) pledges.push_back(&row);
  std::string told;
  const auto tell = [&] {
    told.clear();
    for (const LotRank& rank : RankPledges(kPaidRight, pledges, world.today)) {
      told += std::to_string(rank.rank) + ": " + std::to_string(rank.quantity.value()) + " of " + std::to_string(rank.pledge) + "; ";
    }
    return told;
  };
  EXPECT_EQ(tell(), "1: 107 of 3; 2: 100 of 2; 2: 100 of 4; 3: 30 of 3; 4: 100 of 1; 4: 100 of 5; ");
  rows[2].state = v1::RELEASED;
  rows[0].state = v1::HELD;
  EXPECT_EQ(tell(), "1: 100 of 2; 1: 100 of 4; 2: 100 of 5; ") << "of pledges in force";
  EXPECT_TRUE(RankPledges(kAllowances, pledges, world.today).empty());
}

// PLG-34, PLG-10.
TEST_F(PledgeTermsTest, AThirdPartyPledgesForItsDebtor) {
  const std::string apply = "lot: 'lots/3' quantity: 300 form: PLEDGE pledgee: 'participants/$BANK' ";
  const std::string digest(64, 'a');
  EXPECT_EQ(Outcome(world.ApplyPledge(apply + "debtor: 'participants/$POWER'")), "INVALID_FIELD - board_resolution_sha256");
  EXPECT_EQ(Outcome(world.ApplyPledge(apply + "board_resolution_sha256: '" + digest + "'")), "INVALID_FIELD PLG-34 board_resolution_sha256");
  EXPECT_EQ(Outcome(world.ApplyPledge(apply + "debtor: 'participants/$STEEL' board_resolution_sha256: '" + digest + "'")), "INVALID_FIELD PLG-34 debtor");
  EXPECT_EQ(Outcome(world.ApplyPledge(apply + "debtor: 'participants/$POWER' board_resolution_sha256: '" + digest + "'")), "OK");
  EXPECT_FALSE(world.Row(1).debtor.empty());
}

// PLG-42.
TEST_F(PledgeTermsTest, AStaleSnapshotIsRefused) {
  const std::string etag = LotEtag(world.Lot(kPaidRight));
  const std::string apply = "lot: 'lots/3' quantity: 300 form: PLEDGE pledgee: 'participants/$BANK' etags: '" + etag + "'";
  EXPECT_EQ(Outcome(world.ApplyPledge(apply)), "OK");
  const std::string verify = "name: 'pledges/1' etags: '" + etag + "'";
  world.Hold(kPaidRight, HoldKind::kOrder, 10);
  EXPECT_EQ(Outcome(world.VerifyPledge(verify)), "STALE_SNAPSHOT PLG-42 etags[0]");
  EXPECT_EQ(Outcome(world.ApplyPledge(apply)), "STALE_SNAPSHOT PLG-42 etags[0]");
  world.ReleaseHold(kPaidRight, HoldKind::kOrder, 10);
  EXPECT_EQ(Outcome(world.VerifyPledge(verify)), "OK") << "it is as it was";
}

// PLG-18.
TEST_F(PledgeTermsTest, WhatHasToBeSurrenderedIsNotPledgedUnseen) {
  EXPECT_EQ(world.Apply(kAllowances, 60), "OK");
  world.SendAll({"verify"}, 1);
  valuer.price = Price(10'000'000);
  valuer.shortfall = Quantity(20);
  EXPECT_EQ(world.Approve(1), "BEYOND_LOAN_TO_VALUE PLG-14 principal_fen") << "valued when it was verified: 12,000,000 x 70 %";
  const std::string approve = "name: 'pledges/1' principal_fen: 8400000 term_start: '2026-01-05' term_end: '2026-12-31' contract_number: 'C' ";
  EXPECT_EQ(Outcome(world.ApprovePledge(approve)), "SHORTFALL_NOT_ACKNOWLEDGED PLG-18 acknowledge_shortfall");
  EXPECT_EQ(Outcome(world.ApprovePledge(approve + "acknowledge_shortfall: true")), "OK");
}

// PLG-21, PLG-24: a consent is for one act, once.
TEST_F(PledgeTermsTest, AConsentIsForOneActOnce) {
  EXPECT_EQ(world.Apply(kAllowances, 60), "OK");
  world.SendAll({"verify"}, 1);
  const std::string approve = "name: 'pledges/1' principal_fen: 100000 term_start: '2026-01-05' term_end: '2026-12-31' contract_number: 'C'";
  EXPECT_EQ(Outcome(world.ApprovePledge(approve)), "OK");
  world.SendAll({"confirm"}, 1);
  const auto surrender = [&](int64_t quantity, const std::string& consent) {
    return Outcome(world.Surrender("from_lot: 'lots/1' obligation_year: 2025 quantity: " + std::to_string(quantity) + consent));
  };
  EXPECT_EQ(surrender(50, ""), "PLEDGED_UNITS PLG-21 quantity");
  EXPECT_EQ(surrender(50, " consent: 'consents/1'"), "NOT_FOUND - consent");
  const std::string consent = "name: 'pledges/1' quantity: 20 expire_date: '2026-01-06' act: ";
  EXPECT_EQ(Outcome(world.GrantConsent(consent + "SURRENDER price_min_fen: 1")), "INVALID_FIELD PLG-22 price_min_fen");
  EXPECT_EQ(Outcome(world.GrantConsent("name: 'pledges/1' quantity: 61 expire_date: '2026-01-06' act: CANCEL")), "INVALID_FIELD PLG-21 quantity");
  EXPECT_EQ(Outcome(world.GrantConsent(consent + "CANCEL")), "OK");
  EXPECT_EQ(Outcome(world.GrantConsent(consent + "SURRENDER")), "OK");
  EXPECT_EQ(Outcome(world.GrantConsent(consent + "SURRENDER")), "OK");
  EXPECT_EQ(surrender(20, " consent: 'consents/1'"), "CONSENT_FOR_OTHER_ACT PLG-21 consent");
  EXPECT_EQ(surrender(21, " consent: 'consents/2'"), "CONSENT_EXCEEDED PLG-21 quantity");
  EXPECT_EQ(surrender(20, " consent: 'consents/2'"), "OK");
  EXPECT_EQ(world.Row(1).Total(), Quantity(40));
  EXPECT_EQ(world.Held(kAllowances, HoldKind::kPledge), Quantity(40));
  EXPECT_EQ(world.Available(kAllowances), Quantity(40));
  EXPECT_EQ(surrender(1, " consent: 'consents/2'"), "CONSENT_USED PLG-21 consent");
  EXPECT_EQ(Outcome(world.RevokeConsent("name: 'consents/2'")), "ILLEGAL_TRANSITION PLG-21 name");
  EXPECT_EQ(Outcome(world.RevokeConsent("name: 'consents/1'")), "OK");
  EXPECT_EQ(Outcome(world.Cancel("from_lot: 'lots/1' quantity: 1 consent: 'consents/1'")), "CONSENT_REVOKED PLG-21 consent");
  world.today = world.today + 2;
  EXPECT_EQ(surrender(1, " consent: 'consents/3'"), "CONSENT_EXPIRED PLG-21 consent");
}

// PLG-31, PLG-33: notice, ten days to cure, enforcement; costs, interest, principal, the rest is the pledgor's.
TEST_F(PledgeTermsTest, ADefaultIsEnforcedAndItsProceedsAppliedInOrder) {
  world.MakeActive(kPaidRight, 600, 1);
  EXPECT_EQ(Outcome(world.GiveDefaultNotice("name: 'pledges/1'")), "INVALID_FIELD - decision");
  EXPECT_EQ(world.Send("notice", 1), "OK");
  EXPECT_EQ(world.Row(1).cure_last, MakeDate(2026, 1, 15));
  world.today = MakeDate(2026, 1, 15);
  EXPECT_EQ(world.Send("enforce", 1), "CURE_PERIOD_RUNS PLG-31 name");
  world.today = MakeDate(2026, 1, 16);
  EXPECT_EQ(world.Send("enforce", 1), "OK");
  EXPECT_EQ(Outcome(world.ReportBalance("name: 'pledges/1' principal_fen: 80000000 interest_fen: 2000000 costs_fen: 500000 balance_date: '2026-01-16'")), "OK");
  Sell(1, kPaidRight, 100, 1'500'000);  // costs and a part of the interest
  EXPECT_EQ(world.Row(1).balance.costs, Money());
  EXPECT_EQ(world.Row(1).balance.interest, Money(1'000'000));
  EXPECT_EQ(world.Send("dispose", 1), "NOT_DISPOSED PLG-33 name");
  Sell(1, kPaidRight, 500, 90'000'000);
  EXPECT_EQ(world.Row(1).Owed(), Money());
  EXPECT_EQ(Cash("$BANK.cash"), Money(82'500'000));
  EXPECT_EQ(Cash("$STEEL.cash"), Money(117'500'000)) << "the exchange had paid the proceeds in";
  EXPECT_EQ(world.Send("dispose", 1), "OK");
  EXPECT_EQ(world.Row(1).state, v1::REALISED);
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kPledge), Quantity());
}

// PLG-22: what a sale with consent brings may be kept until the debt falls due; a release gives it back, enforcement pays with it.
TEST_F(PledgeTermsTest, WhatAConsentedSaleBringsIsKeptInEscrow) {
  valuer.price = Price(250'000);
  for (const bool defaults : {false, true}) {
    SCOPED_TRACE(defaults);
    const uint64_t number = defaults ? 2 : 1;
    const LotNumber lot = kPaidRight;
    const Money bank = world.Account("$BANK.cash") != 0 ? Cash("$BANK.cash") : Money();
    world.MakeActive(lot, 450, number);
    EXPECT_EQ(Outcome(world.GrantConsent(PledgeWorld::PledgeName(number) + "act: SELL quantity: 100 price_min_fen: 5 expire_date: '2026-12-31' deposit: true")), "OK");
    world.participant = world.Row(number).pledgor;
    const std::string consent = "consents/" + std::to_string(number);
    const auto offer = [&](int64_t price) {
      return world.Run([&](CommandContext& context) -> absl::StatusOr<v1::PledgeAnswer> {
        v1::OfferPledgedUnitsRequest request;
        request.set_name("pledges/" + std::to_string(number));
        request.set_consent(consent);
        request.set_quantity(100);
        request.set_price_fen(price);
        auto checked = world.pledges.CheckOffer(context, request);
        if (!checked.ok()) return checked.status();
        return world.pledges.NoteOffer(context, *checked, "listings/1");
      });
    };
    EXPECT_EQ(Outcome(offer(4)), "CONSENT_EXCEEDED PLG-21 price_fen");
    EXPECT_EQ(Outcome(offer(5)), "OK");
    EXPECT_EQ(Outcome(offer(5)), "CONSENT_USED PLG-21 consent");
    Sell(number, lot, 100, 1'000'000);
    EXPECT_EQ(world.Row(number).deposited, Money(1'000'000));
    EXPECT_EQ(Cash("$BANK.cash"), bank);
    const Money before = Cash("$STEEL.cash");
    if (defaults) {
      EXPECT_EQ(world.Send("notice", number), "OK");
      world.today = world.today + 20;
      EXPECT_EQ(world.Send("enforce", number), "OK");
      EXPECT_EQ(Cash("$BANK.cash"), bank + Money(1'000'000));
      EXPECT_EQ(world.Row(number).Owed(), Money(79'000'000));
    } else {
      EXPECT_EQ(world.Send("release", number), "OK");
      EXPECT_EQ(Cash("$STEEL.cash"), before + Money(1'000'000));
    }
    EXPECT_EQ(world.Row(number).deposited, Money());
  }
}

// PLG-35.
TEST_F(PledgeTermsTest, OfAnInsolventPledgorOnlyACourtHasPledgesEnforced) {
  world.MakeActive(kPaidRight, 600, 1);
  EXPECT_EQ(world.Send("notice", 1), "OK");
  const std::string flag = "participant: 'participants/$STEEL' court: 'Changchun Intermediate' case_number: '(2026) Po 3'";
  EXPECT_EQ(Outcome(world.FlagInsolvency(flag + " ended: true")), "ILLEGAL_TRANSITION PLG-35 ended");
  EXPECT_EQ(Outcome(world.FlagInsolvency(flag)), "OK");
  EXPECT_TRUE(Warns(1, PledgeAlert::kInsolvent));
  world.today = MakeDate(2026, 1, 16);
  EXPECT_EQ(world.Send("enforce", 1), "PLEDGOR_INSOLVENT PLG-35 enforcement.ground");
  EXPECT_EQ(Outcome(world.EnforcePledge("name: 'pledges/1' enforcement { mode: SALE ground: COURT_ORDER reference: '(2026) Po 3-1' }")), "OK");
}

// The right behind a pledge ends: the claim survives, the security does not.
TEST_F(PledgeTermsTest, APledgeEndsWithTheLastOfItsRights) {
  world.MakeActive(kPaidRight, 600, 1);
  world.PassDay(MakeDate(2030, 12, 31));
  EXPECT_EQ(world.Row(1).state, v1::ACTIVE);
  EXPECT_TRUE(Warns(1, PledgeAlert::kLoanDue));
  world.PassDay(MakeDate(2031, 1, 1));
  EXPECT_EQ(world.Row(1).state, v1::COLLATERAL_LOST);
  EXPECT_EQ(world.Row(1).decision, "RIGHTS_EXPIRED");
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kPledge), Quantity());
}

// PLG-29: a court's order stops a sale, and what was offered comes back.
TEST_F(PledgeTermsTest, WhatAnOfferHeldComesBackToThePledge) {
  world.MakeActive(kPaidRight, 600, 1);
  world.LedgerWorld::Apply([&](CommandContext&) { world.pledges.OfferUnits(1, kPaidRight, Quantity(200)); });
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kPledge), Quantity(400));
  EXPECT_EQ(world.Send("release", 1), "UNITS_ON_OFFER PLG-30 name");
  EXPECT_EQ(world.Send("notice", 1), "UNITS_ON_OFFER PLG-30 name");
  world.LedgerWorld::Apply([&](CommandContext& context) { world.pledges.TakeBackUnits(context, 1, kPaidRight, Quantity(200), HoldKind::kOrder); });
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kPledge), Quantity(600));
  EXPECT_EQ(world.Send("release", 1), "OK");
}

}  // namespace
}  // namespace songhua::ledger
