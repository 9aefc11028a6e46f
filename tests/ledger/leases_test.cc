// Leases (DR-65): who may lend what to whom, how the days move, and that nothing is lost or used twice (DR-11, DR-66).
#include "ledger/leases.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "tests/ledger/ledger_world.h"
#include "tests/ledger/seeded_values.h"

namespace songhua::ledger {
namespace {

constexpr LotNumber kPaidRightToLease = 2;  // 1,000 g a year to the end of 2030, of the steel works
constexpr LotNumber kFreeRightToLease = 3;  // the same, allocated for nothing

class LeasesTest : public testing::Test {
 protected:
  void SetUp() override { Furnish(&world); }

  // Steel, and a mill in Changchun that may borrow from it.
  static void Furnish(LedgerWorld* world) {
    world->Furnish();
    world->ids["$MILL"] = std::string("91220101MA0Y3T5KC") + *UsccCheckCharacter("91220101MA0Y3T5KC");
    EXPECT_EQ(Outcome(world->Run([&](CommandContext& context) {
                return world->participants.CreateParticipant(context, Text<v1::CreateParticipantRequest>(world->Named(
                    "participant { name: 'participants/$MILL' kind: ENTERPRISE display_name: 'Rolling mill' region: '220102' }")));
              })),
              "OK");
    EXPECT_EQ(Outcome(world->Run([&](CommandContext& context) {
                return world->participants.CreateSite(context, Text<v1::CreateSiteRequest>(world->Named(
                    "site { name: 'sites/$MILL001' participant: 'participants/$MILL' display_name: 'Mill' region: '220102' basin: 'LIAO' "
                    "sector_class: INDUSTRY }")), world->ledger.accounts());
              })),
              "OK");
    EXPECT_EQ(Outcome(world->OpenAccount("participant: 'participants/$MILL' kind: CASH")), "OK");
    EXPECT_EQ(Outcome(world->Deposit("account: 'accounts/$MILL.cash' amount_fen: 5000 bank_reference: 'B1'")), "OK");
    const std::string term = " valid_from: '2026-01-01' valid_to: '2030-12-31' ";
    EXPECT_EQ(Outcome(world->Issue("program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'INDUSTRY' quantity: 5000 "
                                   "to_account: 'accounts/rights.reserve.220100'" + term)),
              "OK");
    const std::string allocate = "from_lot: 'lots/1' to_account: 'accounts/$STEEL001.rights' quantity: 1000 " + term;
    EXPECT_EQ(Outcome(world->Allocate(allocate + "source: 'INITIAL_PAID' cost_fen: 10000")), "OK");
    EXPECT_EQ(Outcome(world->Allocate(allocate + "source: 'INITIAL_FREE'")), "OK");
  }

  std::string Propose(const std::string& fields = "", LotNumber lot = kPaidRightToLease, int64_t quantity = 400) {
    std::string text = "lot: 'lots/" + std::to_string(lot) + "' quantity: " + std::to_string(quantity) + " ";
    const auto otherwise = [&](const std::string& field, const std::string& value) {
      if (fields.find(field) == std::string::npos) text += field + ": " + value + " ";
    };
    otherwise("lessee_account", "'accounts/$MILL001.rights'");
    otherwise("first_day", "'2027-03-01'");
    otherwise("last_day", "'2027-08-31'");
    otherwise("rent_fen", "3000");
    return Outcome(world.ProposeLease(text + fields));
  }
  std::string Accept(uint64_t number = 1) { return Outcome(world.AcceptLease(Name(number))); }
  std::string Approve(uint64_t number = 1) { return Outcome(world.ApproveLease(Name(number))); }
  static std::string Name(uint64_t number) { return "name: 'leases/" + std::to_string(number) + "' "; }
  const LeaseRow& Row(uint64_t number = 1) const { return *world.leases.Find(number); }
  Quantity Rights(const std::string& site, int32_t year) const { return world.ledger.EffectiveRights(world.Named(site), "SO2", year); }
  Quantity RightsOfBoth(int32_t year) const { return Rights("$STEEL001", year) + Rights("$MILL001", year); }
  void MakeLease() {
    ASSERT_EQ(Propose(), "OK");
    ASSERT_EQ(Accept(), "OK");
    ASSERT_EQ(Approve(), "OK");
  }

  LedgerWorld world;
};

TEST_F(LeasesTest, ALeaseMovesItsDaysAndEndsByItself) {
  ASSERT_EQ(Propose(), "OK");
  EXPECT_EQ(world.Available(kPaidRightToLease), Quantity(600)) << "held from the proposal on";
  ASSERT_EQ(Accept(), "OK");
  EXPECT_EQ(world.Cash("$MILL.cash").available(), Money(2000)) << "the rent is set apart";
  EXPECT_EQ(world.Cash("$STEEL.cash").posted, Money());
  ASSERT_EQ(Approve(), "OK");
  EXPECT_EQ(world.Cash("$STEEL.cash").posted, Money(3000));
  EXPECT_EQ(world.Cash("$MILL.cash").posted, Money(2000));
  EXPECT_EQ(world.Cash("$MILL.cash").held_orders, Money());

  const LotRow& leased = world.Lot(Row().leased_lot);
  EXPECT_EQ(leased.source, LotSource::kLeaseIn);
  EXPECT_EQ(leased.term, (Term{MakeDate(2027, 3, 1), MakeDate(2027, 8, 31)}));
  EXPECT_EQ(leased.Available(world.today), Quantity()) << "it can be used, and nothing else";
  const LotRow& later = world.Lot(Row().later_lot);
  EXPECT_EQ(later.term.first, MakeDate(2027, 9, 1));
  EXPECT_EQ(later.Available(world.today), Quantity());
  EXPECT_EQ(world.Available(kPaidRightToLease), Quantity(600));

  // 184 of 365 days of 400 g go over in 2027, rounded down; nothing else moves, and nothing is lost (DR-11).
  EXPECT_EQ(Rights("$MILL001", 2027), Quantity(201));
  EXPECT_EQ(Rights("$STEEL001", 2027), Quantity(1799));
  EXPECT_EQ(Rights("$MILL001", 2028), Quantity());
  EXPECT_EQ(Rights("$STEEL001", 2028), Quantity(2000));

  world.today = MakeDate(2027, 8, 31);
  EXPECT_FALSE(world.PassLeases());
  EXPECT_EQ(Row().state, v1::Lease::IN_FORCE) << "on its last day";
  world.today = MakeDate(2027, 9, 1);
  EXPECT_FALSE(world.PassLeases());
  EXPECT_EQ(Row().state, v1::Lease::ENDED);
  EXPECT_EQ(world.Available(Row().later_lot), Quantity(400)) << "the lessor has his later days free again";
  EXPECT_EQ(world.Available(Row().leased_lot), Quantity());
}

TEST_F(LeasesTest, EachRuleOfDr65HasItsRefusal) {
  EXPECT_EQ(Propose("first_day: '2026-01-04' last_day: '2026-02-03'"), "INVALID_FIELD DR-65 first_day") << "a day that is over";
  EXPECT_EQ(Propose("last_day: '2027-08-30'"), "INVALID_FIELD DR-65 last_day") << "no whole months";
  EXPECT_EQ(Propose("first_day: '2027-03-15' last_day: '2027-04-13'"), "INVALID_FIELD DR-65 last_day") << "a day short of a month";
  EXPECT_EQ(Propose("last_day: '2028-03-31'"), "INVALID_FIELD DR-65 last_day") << "thirteen months";
  EXPECT_EQ(Propose("first_day: '2030-07-01' last_day: '2031-06-30'"), "INVALID_FIELD DR-65 last_day") << "beyond the right's validity";
  EXPECT_EQ(Propose("lessee_account: 'accounts/$STEEL001.rights'"), "INVALID_FIELD DR-65 lessee_account") << "to itself";
  EXPECT_EQ(Propose("lessee_account: 'accounts/$PAPER001.rights'"), "INVALID_FIELD DR-04 lessee_account") << "another zone";
  EXPECT_EQ(Propose("lessee_account: 'accounts/$POWER001.rights'"), "INVALID_FIELD DR-25 lessee_account") << "another group";
  EXPECT_EQ(Propose("lessee_account: 'accounts/$MILL.cash'"), "INVALID_FIELD DR-65 lessee_account");
  EXPECT_EQ(Propose("", 1), "INVALID_FIELD DR-65 lot") << "a reserve lends nothing";
  EXPECT_EQ(Propose("", kPaidRightToLease, 1001), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Propose("", kPaidRightToLease, 0), "INVALID_FIELD DR-65 quantity");
  EXPECT_EQ(Propose("rent_fen: -1"), "INVALID_FIELD DR-65 rent_fen");
  EXPECT_EQ(Propose("first_day: '2026-01-05' last_day: '2026-02-04'"), "OK") << "today is allowed, and so is a single month";
  EXPECT_EQ(Propose("", kFreeRightToLease), "OK") << "what was granted for nothing may be leased";
}

TEST_F(LeasesTest, LeasedUnitsAreNotLentSoldOrPledgedByEitherSide) {
  MakeLease();
  const LotNumber leased = Row().leased_lot;
  EXPECT_EQ(Propose("lessee_account: 'accounts/$STEEL001.rights'", leased), "SUBLEASE_FORBIDDEN DR-65 lot");
  for (const LotNumber lot : {leased, Row().later_lot}) {
    EXPECT_EQ(Outcome(world.ExtinguishRight("lot: 'lots/" + std::to_string(lot) + "' quantity: 1 document_reference: 'D'")),
              "LEASED_UNITS DR-65 quantity");
  }
  EXPECT_EQ(Outcome(world.ApplyPledge("lot: 'lots/" + std::to_string(leased) + "' quantity: 1 form: PLEDGE pledgee: 'participants/$BANK'")),
            "RIGHT_NOT_PAID_FOR PLG-11 lot");
  EXPECT_EQ(Outcome(world.ApplyPledge("lot: 'lots/" + std::to_string(Row().later_lot) + "' quantity: 1 form: PLEDGE pledgee: 'participants/$BANK'")),
            "LEASED_UNITS DR-65 quantity");
}

TEST_F(LeasesTest, WhoStepsBackGivesAllBack) {
  ASSERT_EQ(Propose(), "OK");
  ASSERT_EQ(Propose(), "OK");
  EXPECT_EQ(Propose(), "LEASED_UNITS DR-65 quantity") << "200 g are left";
  ASSERT_EQ(Accept(1), "OK");
  ASSERT_EQ(Accept(2), "INSUFFICIENT_FUNDS DR-65 name") << "2,000 fen are left";
  EXPECT_EQ(Outcome(world.RejectLease(Name(1))), "INVALID_FIELD - reason");
  ASSERT_EQ(Outcome(world.RejectLease(Name(1) + "reason: 'no need'")), "OK");
  ASSERT_EQ(Outcome(world.WithdrawLease(Name(2))), "OK");
  EXPECT_EQ(world.Available(kPaidRightToLease), Quantity(1000));
  EXPECT_EQ(world.Cash("$MILL.cash").available(), Money(5000));
  for (uint64_t number : {1, 2}) {
    EXPECT_EQ(Accept(number), "ILLEGAL_TRANSITION DR-65 name");
    EXPECT_EQ(Approve(number), "ILLEGAL_TRANSITION DR-65 name");
    EXPECT_EQ(Outcome(world.WithdrawLease(Name(number))), "ILLEGAL_TRANSITION DR-65 name");
  }
}

TEST_F(LeasesTest, WhatNobodyApprovedLapsesAfterItsFirstDay) {
  ASSERT_EQ(Propose(), "OK");
  ASSERT_EQ(Accept(), "OK");
  ASSERT_EQ(Propose("first_day: '2027-03-02' last_day: '2027-04-01'"), "OK");
  world.today = MakeDate(2027, 3, 2);
  EXPECT_EQ(Approve(), "LEASE_HAS_BEGUN DR-65 name");
  EXPECT_FALSE(world.PassLeases());
  EXPECT_EQ(Row(1).state, v1::Lease::LAPSED);
  EXPECT_EQ(Row(2).state, v1::Lease::PROPOSED);
  EXPECT_EQ(world.Cash("$MILL.cash").available(), Money(5000));
  EXPECT_EQ(world.Available(kPaidRightToLease), Quantity(600));
}

TEST_F(LeasesTest, AFreezeThatReachesTheUnitsStopsTheApproval) {
  ASSERT_EQ(Propose(), "OK");
  ASSERT_EQ(Accept(), "OK");
  const std::string freeze = "lot: 'lots/2' court: 'C' case_number: 'N' start_date: '2026-01-05' end_date: '2026-12-31' quantity: ";
  ASSERT_EQ(Outcome(world.Freeze(freeze + "600")), "OK");
  world.validate_only = true;
  EXPECT_EQ(Approve(), "OK") << "the cover lies over the free units";
  world.validate_only = false;
  ASSERT_EQ(Outcome(world.Freeze(freeze + "1")), "OK");
  EXPECT_EQ(Approve(), "FROZEN_UNITS PLG-29 name");
}

// DR-06, DR-11, DR-66 over random leases, pledges, trades and nights: the invariants are recomputed after every command (ledger_invariants.h), the
// two sites together have at all times what was allocated, and a restart goes on with the same rows.
TEST_F(LeasesTest, NothingIsLostOverRandomLeasesTradesAndPledges) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    SeededValues random(seed);
    SCOPED_TRACE(random.Trace());
    LedgerWorld here;
    Furnish(&here);
    EXPECT_EQ(Outcome(here.Deposit("account: 'accounts/$STEEL.cash' amount_fen: 5000 bank_reference: 'B2'")), "OK");
    int approved = 0, traded = 0, pledged = 0;
    int64_t proposed = 0;
    std::vector<Quantity> before;
    const auto both = [&](int32_t year) {
      return here.ledger.EffectiveRights(here.Named("$STEEL001"), "SO2", year) + here.ledger.EffectiveRights(here.Named("$MILL001"), "SO2", year);
    };
    for (int32_t year = 2026; year <= 2030; ++year) before.push_back(both(year));
    for (int step = 0; step < 250; ++step) {
      const LotNumber lot = static_cast<LotNumber>(random.Between(2, static_cast<int64_t>(here.LastLot())));
      const std::string lot_name = "'lots/" + std::to_string(lot) + "'";
      // Mostly the last one, so that many come into force.
      const std::string lease_name = Name(static_cast<uint64_t>(random.Between(std::max<int64_t>(1, proposed - random.Between(0, 3)), proposed + 1)));
      const int64_t quantity = random.Between(1, 300);
      switch (random.Between(1, 7)) {
        case 1: {
          const Date first = here.today + static_cast<int32_t>(random.Between(0, 700));
          const Date last = *AddMonths(first, random.Between(1, 12)) - 1;
          const bool to_mill = here.Lot(lot).account == here.Account("$STEEL001.rights");
          const auto proposal = here.ProposeLease("lot: " + lot_name + " quantity: " + std::to_string(quantity) + " lessee_account: 'accounts/" +
                                  (to_mill ? "$MILL001" : "$STEEL001") + ".rights' first_day: '" + FormatDate(first) + "' last_day: '" +
                                  FormatDate(last) + "' rent_fen: " + std::to_string(random.Between(0, 20)));
          proposed += proposal.ok() ? 1 : 0;
          break;
        }
        case 2: (void)here.AcceptLease(lease_name); break;
        case 3: approved += here.ApproveLease(lease_name).ok() ? 1 : 0; break;
        case 4:
          if (random.OneIn(4)) (void)here.WithdrawLease(lease_name);
          break;
        case 5: {
          const LotRow& row = here.Lot(lot);
          if (here.Available(lot) < Quantity(quantity) || row.term.first > row.term.last) break;
          Term term = row.term;
          if (random.OneIn(2)) term.first = term.first + static_cast<int32_t>(random.Between(0, term.Days() - 1));
          if (random.OneIn(2)) term.last = term.last - static_cast<int32_t>(random.Between(0, term.Days() - 1));
          const std::string buyer = row.account == here.Account("$STEEL001.rights") ? "$MILL001.rights" : "$STEEL001.rights";
          here.Hold(lot, HoldKind::kTrade, quantity);
          here.Deliver(lot, quantity, term, buyer, random.Between(0, 1000));
          ++traded;
          break;
        }
        case 6:
          if (here.ApplyPledge("lot: " + lot_name + " quantity: " + std::to_string(quantity) + " form: PLEDGE pledgee: 'participants/$BANK'").ok()) {
            (void)here.VerifyPledge("name: 'pledges/" + std::to_string(++pledged) + "'");
          }
          break;
        case 7:
          here.today = here.today + static_cast<int32_t>(random.Between(0, 25));
          while (here.PassLeases(1)) {
          }
          break;
      }
      for (int32_t year = 2026; year <= 2030; ++year) ASSERT_EQ(both(year), before[static_cast<size_t>(year - 2026)]) << year;
      if (HasFailure()) return;
    }
    EXPECT_GT(approved, 0);
    EXPECT_GT(traded, 0);
    EXPECT_GT(pledged, 0);
    LedgerWorld again;
    here.RestartInto(&again);
    here.today = again.today = MakeDate(2031, 1, 1);
    while (here.PassLeases(1)) {
    }
    while (again.PassLeases(1)) {
    }
    EXPECT_EQ(here.stored.rows(), again.stored.rows());
  }
}

}  // namespace
}  // namespace songhua::ledger
