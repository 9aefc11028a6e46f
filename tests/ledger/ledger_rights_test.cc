// Rights: lots with a yearly quantity and a term, their entitlements by year, their allocation and their carving.
#include <string>

#include "gtest/gtest.h"
#include "ledger/ledger.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {
namespace {

class LedgerRightsTest : public testing::Test {
 protected:
  void SetUp() override { world.Furnish(); }

  std::string Issue(const std::string& quantity_and_term, const std::string& kind = "pollutant: 'SO2' trading_group: 'INDUSTRY'") {
    return Outcome(world.Issue("program: 'programs/rights' control_zone: '220100' to_account: 'accounts/rights.reserve.220100' " + kind +
                               " quantity: " + quantity_and_term));
  }
  auto Allocate(const std::string& text) { return world.Allocate("from_lot: 'lots/1' " + text); }
  std::string EntitlementsOf(LotNumber lot) const {
    std::string text;
    for (const YearQuantity& entry : world.Lot(lot).entitlements) {
      text += (text.empty() ? "" : " ") + std::to_string(entry.year) + ":" + std::to_string(entry.quantity.value());
    }
    return text;
  }
  Quantity Rights(const std::string& site, int32_t year, const std::string& pollutant = "SO2") const {
    return world.ledger.EffectiveRights(world.Named(site), pollutant, year);
  }

  const std::string kFiveYears = " valid_from: '2026-01-01' valid_to: '2030-12-31' ";
  const std::string kToSteel = "to_account: 'accounts/$STEEL001.rights' ";
  const std::string kFree = "source: 'INITIAL_FREE' ";
  LedgerWorld world;
};

// DR-06: five years that begin in July touch six calendar years; DR-11: pro rata by days, floor.
TEST_F(LedgerRightsTest, AFiveYearRightFromJulyHasSixEntitlements) {
  ASSERT_EQ(Issue("1000 valid_from: '2026-07-01' valid_to: '2031-06-30'"), "OK");
  // 184 of 365 days, and 181 of 365.
  EXPECT_EQ(EntitlementsOf(1), "2026:504 2027:1000 2028:1000 2029:1000 2030:1000 2031:495");
  EXPECT_EQ(world.Lot(1).quantity, Quantity(1000));
}

TEST_F(LedgerRightsTest, ATermBeyondFiveYearsIsRefused) {
  EXPECT_EQ(Issue("1000 valid_from: '2026-07-01' valid_to: '2031-07-01'"), "INVALID_FIELD DR-06 valid_to");
  EXPECT_EQ(Issue("1000 valid_from: '2026-07-01' valid_to: '2026-06-30'"), "INVALID_FIELD DR-03 valid_to");
  EXPECT_EQ(Issue("1000 valid_from: '2019-07-01' valid_to: '2020-06-30'"), "INVALID_FIELD DR-06 valid_to");
  EXPECT_EQ(Issue("1000 valid_from: '2028-02-29' valid_to: '2033-02-27'"), "OK");
  EXPECT_EQ(Issue("1000 valid_from: '2028-02-29' valid_to: '2033-02-28'"), "INVALID_FIELD DR-06 valid_to");
  EXPECT_EQ(Issue("1000 vintage: 2026" + kFiveYears), "INVALID_FIELD - serial_start");
}

// DR-04: the cap holds for each year of the term, over all groups of the zone.
TEST_F(LedgerRightsTest, TheCapHoldsForEveryYearAndOverAllGroups) {
  EXPECT_EQ(Issue("1000001" + kFiveYears), "CAP_EXCEEDED DR-04 quantity");
  ASSERT_EQ(Issue("600000 valid_from: '2028-01-01' valid_to: '2028-12-31'"), "OK");
  const std::string power = "pollutant: 'SO2' trading_group: 'POWER'";
  EXPECT_EQ(Issue("400001" + kFiveYears, power), "CAP_EXCEEDED DR-04 quantity");
  EXPECT_EQ(Issue("400000" + kFiveYears, power), "OK");
  EXPECT_EQ(Issue("600000 valid_from: '2026-01-01' valid_to: '2027-12-31'"), "OK");
  // A reversed issue makes room again: it never was.
  ASSERT_EQ(Outcome(world.Reverse("transaction: 'transactions/" + std::to_string(world.sequence) +
                                  "' reversal_type: 'ERROR_IN_ENTRY' reason: 'r'")),
            "OK");
  EXPECT_EQ(Issue("600000 valid_from: '2026-01-01' valid_to: '2027-12-31'"), "OK");
}

// DR-21: rights to discharge to water belong to a basin, others do not.
TEST_F(LedgerRightsTest, OnlyWaterRightsBelongToABasin) {
  EXPECT_EQ(Issue("10" + kFiveYears, "pollutant: 'COD' trading_group: 'INDUSTRY'"), "INVALID_FIELD GEN-12 basin");
  EXPECT_EQ(Issue("10" + kFiveYears, "pollutant: 'COD' trading_group: 'INDUSTRY' basin: 'SONGHUA'"), "OK");
  EXPECT_EQ(Issue("10" + kFiveYears, "pollutant: 'SO2' trading_group: 'INDUSTRY' basin: 'SONGHUA'"), "INVALID_FIELD DR-21 basin");
}

TEST_F(LedgerRightsTest, RightsAreIssuedIntoTheReserveOfTheirZoneOnly) {
  const auto issue = [&](const std::string& zone, const std::string& account) {
    return Outcome(world.Issue("program: 'programs/rights' pollutant: 'SO2' trading_group: 'INDUSTRY' quantity: 10 control_zone: '" + zone +
                               "' to_account: 'accounts/" + account + "'" + kFiveYears));
  };
  EXPECT_EQ(issue("220100", "rights.reserve.220200"), "INVALID_FIELD DR-60 to_account");
  EXPECT_EQ(issue("220100", "$STEEL001.rights"), "INVALID_FIELD DR-60 to_account");
  EXPECT_EQ(issue("220100", "$STEEL.registry"), "INVALID_FIELD DR-60 to_account");
  EXPECT_EQ(issue("220200", "rights.reserve.220200"), "OK");
}

// DR-03: an allocated right is a lot with its source and what was paid; the site's sector stays on it.
TEST_F(LedgerRightsTest, AnAllocationIsALotOfTheSite) {
  ASSERT_EQ(Issue("1000" + kFiveYears), "OK");
  const auto answer = Allocate(kToSteel + "quantity: 300 source: 'INITIAL_PAID' cost_fen: 90000" + kFiveYears);
  ASSERT_EQ(Outcome(answer), "OK");
  const LotRow& lot = world.Lot(2);
  EXPECT_EQ(lot.source, LotSource::kInitialPaid);
  EXPECT_TRUE(lot.paid);
  EXPECT_EQ(lot.cost, Money(90'000));
  EXPECT_EQ(lot.sector_class, "INDUSTRY");
  EXPECT_EQ(lot.parent, 1u);
  EXPECT_EQ(EntitlementsOf(2), "2026:300 2027:300 2028:300 2029:300 2030:300");
  EXPECT_EQ(EntitlementsOf(1), "2026:700 2027:700 2028:700 2029:700 2030:700");
  EXPECT_EQ(world.Lot(1).quantity, Quantity(700));
  EXPECT_EQ(Rights("$STEEL001", 2027), Quantity(300));
  EXPECT_EQ(answer->lots_size(), 2);
}

// DR-04, DR-21, DR-25: a right goes to a site of its zone, its group and its basin.
TEST_F(LedgerRightsTest, ARightGoesOnlyToASiteOfItsZoneGroupAndBasin) {
  ASSERT_EQ(Issue("1000" + kFiveYears), "OK");
  const std::string rest = " quantity: 1 " + kFree + kFiveYears;
  EXPECT_EQ(Outcome(Allocate("to_account: 'accounts/$PAPER001.rights'" + rest)), "INVALID_FIELD DR-04 to_account");
  EXPECT_EQ(Outcome(Allocate("to_account: 'accounts/$POWER001.rights'" + rest)), "INVALID_FIELD DR-25 to_account");
  EXPECT_EQ(Outcome(Allocate("to_account: 'accounts/$STEEL.registry'" + rest)), "INVALID_FIELD DR-11 to_account");
  ASSERT_EQ(Issue("1000" + kFiveYears, "pollutant: 'COD' trading_group: 'INDUSTRY' basin: 'LIAO'"), "OK");
  EXPECT_EQ(Outcome(world.Allocate("from_lot: 'lots/2' " + kToSteel + rest)), "INVALID_FIELD DR-21 to_account");
  ASSERT_EQ(Issue("1000" + kFiveYears, "pollutant: 'COD' trading_group: 'INDUSTRY' basin: 'SONGHUA'"), "OK");
  EXPECT_EQ(Outcome(world.Allocate("from_lot: 'lots/3' " + kToSteel + rest)), "OK");
}

// DR-08: what was free cost nothing, what was paid for cost something.
TEST_F(LedgerRightsTest, CostAndSourceAgree) {
  ASSERT_EQ(Issue("1000" + kFiveYears), "OK");
  const auto allocate = [&](const std::string& how) { return Outcome(Allocate(kToSteel + "quantity: 1 " + how + kFiveYears)); };
  EXPECT_EQ(allocate("source: 'INITIAL_FREE' cost_fen: 1"), "INVALID_FIELD DR-08 cost_fen");
  EXPECT_EQ(allocate("source: 'INITIAL_PAID'"), "INVALID_FIELD DR-08 cost_fen");
  EXPECT_EQ(allocate("source: 'RESERVE_SALE' cost_fen: -1"), "INVALID_FIELD DR-08 cost_fen");
  EXPECT_EQ(allocate("source: 'PURCHASE' cost_fen: 1"), "INVALID_FIELD DR-03 source");
  EXPECT_EQ(allocate("source: 'RESERVE_SALE' cost_fen: 1"), "OK");
}

TEST_F(LedgerRightsTest, TheReserveNeverGoesBelowZero) {
  ASSERT_EQ(Issue("1000" + kFiveYears), "OK");
  ASSERT_EQ(Outcome(Allocate(kToSteel + "quantity: 900 " + kFree + kFiveYears)), "OK");
  EXPECT_EQ(Outcome(Allocate(kToSteel + "quantity: 101 " + kFree + kFiveYears)), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Outcome(Allocate(kToSteel + "quantity: 100 " + kFree + kFiveYears)), "OK");
  EXPECT_EQ(world.Lot(1).quantity, Quantity());
  EXPECT_EQ(Outcome(Allocate(kToSteel + "quantity: 1 " + kFree + kFiveYears)), "INSUFFICIENT_UNITS CAR-21 quantity");
}

// Nothing is lost: the buyer gets the floor, the seller every other gram. 1,000 g over 184 days of 2026 are 504; halves are 252 each,
// thirds 168.
TEST_F(LedgerRightsTest, CarvingGivesTheBuyerTheFloorAndTheSellerTheRest) {
  ASSERT_EQ(Issue("1001 valid_from: '2026-07-01' valid_to: '2027-06-30'"), "OK");
  EXPECT_EQ(EntitlementsOf(1), "2026:504 2027:496");  // 1001 x 184/365 = 504.6; 1001 x 181/365 = 496.4
  const std::string term = " valid_from: '2026-07-01' valid_to: '2027-06-30'";
  ASSERT_EQ(Outcome(Allocate(kToSteel + kFree + "quantity: 333" + term)), "OK");
  EXPECT_EQ(EntitlementsOf(2), "2026:167 2027:165");  // 167.9, 165.1
  EXPECT_EQ(EntitlementsOf(1), "2026:337 2027:331");
  ASSERT_EQ(Outcome(Allocate(kToSteel + kFree + "quantity: 333" + term)), "OK");
  EXPECT_EQ(EntitlementsOf(1), "2026:170 2027:166");
  // The last part takes the lot as it is, with the grams that the floors left.
  ASSERT_EQ(Outcome(Allocate(kToSteel + kFree + "quantity: 335" + term)), "OK");
  EXPECT_EQ(EntitlementsOf(4), "2026:170 2027:166");
  EXPECT_EQ(Rights("$STEEL001", 2026), Quantity(504));
}

// What a term leaves before and after it stays with the giver, as lots of their own.
TEST_F(LedgerRightsTest, ATermInTheMiddleLeavesBothEndsWithTheGiver) {
  ASSERT_EQ(Issue("1000" + kFiveYears), "OK");
  const auto answer = Allocate(kToSteel + kFree + "quantity: 400 valid_from: '2027-07-01' valid_to: '2028-06-30'");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->lots_size(), 4) << "the answer shows every lot that was created or changed";
  EXPECT_EQ(world.Lot(1).quantity, Quantity(600));
  EXPECT_EQ(EntitlementsOf(1), "2026:600 2027:601 2028:601 2029:600 2030:600");  // floors left a gram in each of the split years
  EXPECT_EQ(EntitlementsOf(2), "2026:400 2027:198");                             // to 30 June 2027: 181 of 365 days
  EXPECT_EQ(EntitlementsOf(3), "2028:201 2029:400 2030:400");                    // from 1 July 2028: 184 of 366 days
  EXPECT_EQ(EntitlementsOf(4), "2027:201 2028:198");
  EXPECT_EQ(world.Lot(2).account, world.Account("rights.reserve.220100"));
  EXPECT_EQ(world.Lot(4).account, world.Account("$STEEL001.rights"));
}

// Serial units are surrendered; rights are compared with use (DR-11) and move by trade or legal act only (DR-42).
TEST_F(LedgerRightsTest, RightsAreNeitherTransferredNorSurrendered) {
  ASSERT_EQ(Issue("1000" + kFiveYears), "OK");
  ASSERT_EQ(Outcome(Allocate(kToSteel + kFree + "quantity: 400" + kFiveYears)), "OK");
  EXPECT_EQ(Outcome(world.Transfer("from_lot: 'lots/2' to_account: 'accounts/$STEEL.registry' quantity: 1")),
            "TRANSFER_ONLY_BY_TRADE DR-42 from_lot");
  EXPECT_EQ(Outcome(world.Surrender("from_lot: 'lots/2' quantity: 1 obligation_year: 2026")), "RIGHTS_ARE_COMPARED DR-11 from_lot");
  EXPECT_EQ(Outcome(world.Cancel("from_lot: 'lots/2' quantity: 1")), "RIGHTS_ARE_COMPARED DR-11 from_lot");
}

// DR-10: a lot is live to 24:00 of its last day, and nothing of it can be disposed of afterwards.
TEST_F(LedgerRightsTest, AnExpiredRightHasNothingAvailable) {
  ASSERT_EQ(Issue("1000 valid_from: '2026-01-01' valid_to: '2026-06-30'"), "OK");
  const std::string term = " valid_from: '2026-01-01' valid_to: '2026-06-30'";
  world.today = MakeDate(2026, 6, 30);
  EXPECT_EQ(world.Available(1), Quantity(1000));
  EXPECT_EQ(Outcome(Allocate(kToSteel + kFree + "quantity: 400" + term)), "OK");
  world.today = MakeDate(2026, 7, 1);
  EXPECT_EQ(world.Available(1), Quantity());
  EXPECT_EQ(Outcome(Allocate(kToSteel + kFree + "quantity: 400" + term)), "LOT_EXPIRED DR-10 quantity");
  // It still was what the site was entitled to in its year.
  EXPECT_EQ(Rights("$STEEL001", 2026), Quantity(198));
  EXPECT_EQ(Rights("$STEEL001", 2027), Quantity());
}

// DR-06: a lot's own last day, not the end of a vintage, is what ends it.
TEST_F(LedgerRightsTest, AnAllocationStaysWithinTheTermOfItsLot) {
  ASSERT_EQ(Issue("1000 valid_from: '2026-02-01' valid_to: '2026-06-30'"), "OK");
  const auto allocate = [&](const std::string& first, const std::string& last) {
    return Outcome(Allocate(kToSteel + kFree + "quantity: 1 valid_from: '" + first + "' valid_to: '" + last + "'"));
  };
  EXPECT_EQ(allocate("2026-02-01", "2026-07-01"), "INVALID_FIELD DR-06 valid_to");
  EXPECT_EQ(allocate("2026-01-31", "2026-06-30"), "INVALID_FIELD DR-06 valid_to");
  EXPECT_EQ(allocate("2026-06-30", "2026-06-29"), "INVALID_FIELD DR-03 valid_to");
  EXPECT_EQ(allocate("2026-06-30", "2026-06-30"), "OK");
}

// A trade in a right: the buyer's lot has the trade's term, the seller keeps the rest, and the market's hold is gone with it.
TEST_F(LedgerRightsTest, ADeliveredRightIsABoughtLotOfTheBuyer) {
  ASSERT_EQ(Issue("1000" + kFiveYears, "pollutant: 'SO2' trading_group: 'POWER'"), "OK");
  ASSERT_EQ(Outcome(Allocate("to_account: 'accounts/$POWER001.rights' quantity: 500 " + kFree + kFiveYears)), "OK");
  world.Hold(2, HoldKind::kTrade, 200);
  const Term from_july{MakeDate(2026, 7, 1), MakeDate(2030, 12, 31)};
  const LotMove move = world.Deliver(2, 200, from_july, "$STEEL001.rights", 7'000);
  const LotRow& bought = world.Lot(move.to_lot);
  EXPECT_EQ(bought.source, LotSource::kPurchase);
  EXPECT_TRUE(bought.paid);
  EXPECT_EQ(bought.cost, Money(7'000));
  EXPECT_EQ(bought.term, from_july);
  EXPECT_EQ(world.Lot(2).Held(), Quantity());
  EXPECT_EQ(world.Lot(2).quantity, Quantity(300));
  EXPECT_EQ(Rights("$POWER001", 2026) + Rights("$STEEL001", 2026), Quantity(500));
  EXPECT_EQ(Rights("$STEEL001", 2026), Quantity(100));  // 200 x 184/365 = 100.8
}

TEST_F(LedgerRightsTest, ARestartedLedgerCarvesIdentically) {
  ASSERT_EQ(Issue("1001 valid_from: '2026-07-01' valid_to: '2031-06-30'"), "OK");
  ASSERT_EQ(Outcome(Allocate(kToSteel + kFree + "quantity: 333 valid_from: '2027-07-01' valid_to: '2028-06-30'")), "OK");
  LedgerWorld restarted;
  world.RestartInto(&restarted);
  for (LedgerWorld* each : {&world, &restarted}) {
    each->events.Take();
    EXPECT_EQ(
        Outcome(each->Allocate("from_lot: 'lots/2' " + kToSteel + kFree + "quantity: 100 valid_from: '2026-08-01' valid_to: '2027-01-31'")),
        "OK");
    EXPECT_EQ(
        Outcome(each->Allocate("from_lot: 'lots/1' " + kToSteel + kFree + "quantity: 668 valid_from: '2026-07-01' valid_to: '2031-06-30'")),
        "OK");
    each->Hold(4, HoldKind::kTrade, 10);
    each->Deliver(4, 10, each->Lot(4).term, "$POWER001.rights", 5);
  }
  EXPECT_EQ(world.stored.rows(), restarted.stored.rows());
  EXPECT_EQ(world.events.bytes(), restarted.events.bytes());
}

}  // namespace
}  // namespace songhua::ledger
