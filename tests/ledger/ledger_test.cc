// Serial units: issue, transfer between a participant's own accounts, surrender, cancellation; and what holds for every command of the
// ledger.
#include "ledger/ledger.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {
namespace {

class LedgerTest : public testing::Test {
 protected:
  void SetUp() override { world.Furnish(); }

  std::string Issue(const std::string& account, int64_t quantity, const std::string& more = "") {
    return Outcome(world.Issue(kAllowances + "quantity: " + std::to_string(quantity) + " to_account: 'accounts/" + account + "' " + more));
  }
  const InstrumentRow& Allowances() const { return world.Instrument("cea", "CO2E", "CN", "ALL", 2025); }
  std::string BlocksOf(LotNumber lot) const {
    std::string text;
    for (const SerialBlock& block : world.Lot(lot).blocks.blocks()) text += (text.empty() ? "" : " ") + FormatSerialBlock(block);
    return text;
  }

  const std::string kAllowances = "program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 ";
  LedgerWorld world;
};

// CAR-07: each unit lies in one account's lot; buckets sum to the total.
TEST_F(LedgerTest, IssuedUnitsAreHeldAndNumberedFromOne) {
  ASSERT_EQ(Issue("$STEEL.registry", 100), "OK");
  EXPECT_EQ(world.Lot(1).quantity, Quantity(100));
  EXPECT_EQ(BlocksOf(1), "1:1-100");
  EXPECT_EQ(Allowances().issued, Quantity(100));
  EXPECT_EQ(Allowances().held, Quantity(100));
  // The next issue of the same vintage goes on where this one ended, in the same lot.
  ASSERT_EQ(Issue("$STEEL.registry", 50), "OK");
  EXPECT_EQ(BlocksOf(1), "1:1-150");
  EXPECT_EQ(world.LastLot(), 1u);
}

TEST_F(LedgerTest, ASerialNumberIsIssuedOnce) {
  ASSERT_EQ(Issue("$STEEL.registry", 100, "issuance_reference: 'ACR-1' serial_start: 500"), "OK");
  EXPECT_EQ(BlocksOf(1), "1:500-599");
  EXPECT_EQ(Issue("$POWER.registry", 10, "issuance_reference: 'ACR-1' serial_start: 590"), "SERIALS_ALREADY_HELD INV-02 serials");
  // Another source counts from one of its own.
  EXPECT_EQ(Issue("$POWER.registry", 10, "issuance_reference: 'ACR-2'"), "OK");
  EXPECT_EQ(BlocksOf(2), "2:1-10");
}

TEST_F(LedgerTest, ReversedIssueDoesNotGiveItsNumbersAgain) {
  ASSERT_EQ(Issue("$STEEL.registry", 100), "OK");
  const std::string issue = "transactions/" + std::to_string(world.sequence);
  ASSERT_EQ(Outcome(world.Reverse("transaction: '" + issue + "' reversal_type: 'ERROR_IN_ENTRY' reason: 'wrong account'")), "OK");
  EXPECT_EQ(Allowances().issued, Quantity());
  ASSERT_EQ(Issue("$STEEL.registry", 10), "OK");
  EXPECT_EQ(BlocksOf(1), "1:101-110");
}

// DR-04, INV-01: whatever creates quantity keeps the cap.
TEST_F(LedgerTest, IssueBeyondTheCapIsRefused) {
  EXPECT_EQ(Issue("$STEEL.registry", 10'001), "CAP_EXCEEDED DR-04 quantity");
  ASSERT_EQ(Issue("$STEEL.registry", 10'000), "OK");
  EXPECT_EQ(Issue("$POWER.registry", 1), "CAP_EXCEEDED DR-04 quantity");
}

// CAR-55: cancellation reduces the national total, so it makes no room for new units.
TEST_F(LedgerTest, CancelledUnitsMakeNoRoomUnderTheCap) {
  ASSERT_EQ(Issue("$STEEL.registry", 10'000), "OK");
  ASSERT_EQ(Outcome(world.Cancel("from_lot: 'lots/1' quantity: 4000")), "OK");
  EXPECT_EQ(Allowances().cancelled, Quantity(4'000));
  EXPECT_EQ(Issue("$STEEL.registry", 1), "CAP_EXCEEDED DR-04 quantity");
}

TEST_F(LedgerTest, IssueGoesToAReserveOrARegistryAccountOnly) {
  EXPECT_EQ(Issue("$STEEL.trading", 1), "INVALID_FIELD DR-60 to_account");
  EXPECT_EQ(Issue("$STEEL.cash", 1), "INVALID_FIELD DR-60 to_account");
  EXPECT_EQ(Issue("rights.reserve.220100", 1), "INVALID_FIELD DR-60 to_account");
  EXPECT_EQ(Issue("cea.surrendered", 1), "INVALID_FIELD DR-60 to_account");
  EXPECT_EQ(Issue("cea.reserve.CN", 1), "OK");
}

TEST_F(LedgerTest, IssueIsCheckedInTheOrderOfItsFields) {
  const auto issue = [&](const std::string& text) { return Outcome(world.Issue(text)); };
  EXPECT_EQ(issue("program: 'cea'"), "INVALID_FIELD - program");
  EXPECT_EQ(issue("program: 'programs/none'"), "NOT_FOUND - program");
  EXPECT_EQ(issue("program: 'programs/cea' pollutant: 'SO2'"), "INVALID_FIELD DR-02 pollutant");
  EXPECT_EQ(issue("program: 'programs/cea' pollutant: 'CO2E' control_zone: '220100'"), "INVALID_FIELD DR-04 control_zone");
  EXPECT_EQ(issue("program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'POWER'"),
            "INVALID_FIELD DR-25 trading_group");
  EXPECT_EQ(issue(kAllowances + "basin: 'SONGHUA'"), "INVALID_FIELD DR-21 basin");
  EXPECT_EQ(issue(kAllowances + "quantity: 0"), "INVALID_FIELD - quantity");
  EXPECT_EQ(issue(kAllowances + "quantity: 1 to_account: 'accounts/nobody.registry'"), "NOT_FOUND - to_account");
  EXPECT_EQ(Issue("$STEEL.registry", 1, "valid_from: '2026-01-01'"), "INVALID_FIELD - valid_from");
  EXPECT_EQ(Issue("$STEEL.registry", 1, "serial_start: -1"), "INVALID_FIELD - serial_start");
  EXPECT_EQ(Issue("$STEEL.registry", 1, "serial_start: 9223372036854775807"), "OUT_OF_RANGE - serial_start");
}

// CAR-08: units move between the registry and the trading account of one participant, from the tail of the lot.
TEST_F(LedgerTest, UnitsMoveBetweenOwnAccountsFromTheTail) {
  ASSERT_EQ(Issue("$STEEL.registry", 100), "OK");
  ASSERT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: 30")), "OK");
  EXPECT_EQ(BlocksOf(1), "1:1-70");
  EXPECT_EQ(BlocksOf(2), "1:71-100");
  ASSERT_EQ(Outcome(world.Transfer("from_lot: 'lots/2' to_account: 'accounts/$STEEL.registry' quantity: 5 "
                                   "block { issuance: 'issuances/1' start: 80 end: 84 }")),
            "OK");
  EXPECT_EQ(BlocksOf(1), "1:1-70 1:80-84");
  EXPECT_EQ(BlocksOf(2), "1:71-79 1:85-100");
  EXPECT_EQ(Allowances().held, Quantity(100));
}

TEST_F(LedgerTest, UnitsDoNotMoveToAnotherParticipantWithoutATrade) {
  ASSERT_EQ(Issue("$STEEL.registry", 100), "OK");
  const auto transfer = [&](const std::string& to) {
    return Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/" + to + "' quantity: 1"));
  };
  EXPECT_EQ(transfer("$POWER.trading"), "INVALID_FIELD CAR-08 to_account");
  EXPECT_EQ(transfer("$POWER.registry"), "INVALID_FIELD CAR-08 to_account");
  EXPECT_EQ(transfer("$STEEL.registry"), "INVALID_FIELD CAR-08 to_account");
  EXPECT_EQ(transfer("$STEEL.cash"), "INVALID_FIELD CAR-08 to_account");
  EXPECT_EQ(transfer("cea.reserve.CN"), "INVALID_FIELD CAR-08 to_account");
  EXPECT_EQ(transfer("cea.cancelled"), "INVALID_FIELD CAR-08 to_account");
}

TEST_F(LedgerTest, ReserveUnitsGoToRegistryAccountsOnly) {
  ASSERT_EQ(Issue("cea.reserve.CN", 100), "OK");
  EXPECT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$POWER.trading' quantity: 1")),
            "INVALID_FIELD CAR-08 to_account");
  EXPECT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$POWER.registry' quantity: 60")), "OK");
  EXPECT_EQ(world.Lot(2).quantity, Quantity(60));
}

// CAR-21: what is not available cannot be disposed of.
TEST_F(LedgerTest, HeldUnitsCannotBeMoved) {
  ASSERT_EQ(Issue("$STEEL.registry", 100), "OK");
  world.Hold(1, HoldKind::kOrder, 60);
  EXPECT_EQ(world.Available(1), Quantity(40));
  const auto answer = world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: 41");
  EXPECT_EQ(Outcome(answer), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Detail(answer).value, "41");
  EXPECT_EQ(Detail(answer).accepted, "at most 40, the free part of lots/1");
  EXPECT_EQ(Outcome(world.Surrender("from_lot: 'lots/1' quantity: 41 obligation_year: 2025")), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Outcome(world.Cancel("from_lot: 'lots/1' quantity: 41")), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: 40")), "OK");
  world.ReleaseHold(1, HoldKind::kOrder, 60);
  EXPECT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: 60")), "OK");
}

TEST_F(LedgerTest, ANamedRangeMustBeHeldAndOfTheQuantity) {
  ASSERT_EQ(Issue("$STEEL.registry", 100), "OK");
  const auto transfer = [&](int64_t quantity, const std::string& block) {
    return Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: " + std::to_string(quantity) +
                                  " block { " + block + " }"));
  };
  EXPECT_EQ(transfer(10, "issuance: 'issuances/1' start: 1 end: 11"), "INVALID_FIELD - block");
  EXPECT_EQ(transfer(10, "issuance: 'issuances/1' start: 0 end: 9"), "INVALID_FIELD - block");
  EXPECT_EQ(transfer(10, "issuance: 'issuances/1' start: 20 end: 11"), "INVALID_FIELD - block");
  EXPECT_EQ(transfer(10, "issuance: 'issuances/1' start: 95 end: 104"), "SERIALS_NOT_HELD INV-03 serials");
  EXPECT_EQ(transfer(10, "issuance: 'issuances/9' start: 1 end: 10"), "SERIALS_NOT_HELD INV-03 serials");
  EXPECT_EQ(transfer(10, "start: 1 end: 10"), "INVALID_FIELD - block.issuance");
  EXPECT_EQ(transfer(10, "issuance: 'issuances/1' start: 91 end: 100"), "OK");
}

// CAR-47: surrender counts against the obligation of one year; no unit is surrendered twice.
TEST_F(LedgerTest, SurrenderedUnitsCountForTheirYearAndAreGone) {
  ASSERT_EQ(Issue("$STEEL.registry", 100), "OK");
  ASSERT_EQ(Outcome(world.Surrender("from_lot: 'lots/1' quantity: 70 obligation_year: 2025")), "OK");
  ASSERT_EQ(Outcome(world.Surrender("from_lot: 'lots/1' quantity: 20 obligation_year: 2026")), "OK");
  const AccountNumber account = world.Account("$STEEL.registry");
  EXPECT_EQ(world.ledger.SurrenderedUpTo(account, "cea", 2024), Quantity());
  EXPECT_EQ(world.ledger.SurrenderedUpTo(account, "cea", 2025), Quantity(70));
  EXPECT_EQ(world.ledger.SurrenderedUpTo(account, "cea", 2026), Quantity(90));
  EXPECT_EQ(Allowances().surrendered, Quantity(90));
  EXPECT_EQ(Allowances().held, Quantity(10));
  EXPECT_EQ(Outcome(world.Surrender("from_lot: 'lots/1' quantity: 11 obligation_year: 2026")), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Outcome(world.Surrender("from_lot: 'lots/1' quantity: 1 obligation_year: 2031")), "INVALID_FIELD CAR-47 obligation_year");
}

// Found in review: units of any program that lay in the account counted against the obligation.
TEST_F(LedgerTest, UnitsOfAnotherProgramMeetNoObligation) {
  ASSERT_EQ(
      Outcome(world.Issue("program: 'programs/wci' pollutant: 'CO2E' control_zone: 'CA' trading_group: 'ALL' vintage: 2025 quantity: 10 "
                          "to_account: 'accounts/$STEEL.registry'")),
      "OK");
  ASSERT_EQ(Outcome(world.Surrender("from_lot: 'lots/1' quantity: 10 obligation_year: 2025")), "OK");
  EXPECT_EQ(world.ledger.SurrenderedUpTo(world.Account("$STEEL.registry"), "wci", 2025), Quantity(10));
  EXPECT_EQ(world.ledger.SurrenderedUpTo(world.Account("$STEEL.registry"), "cea", 2025), Quantity());
}

// CAR-08: only the registry bucket can be surrendered or cancelled, where the program keeps trading accounts apart.
TEST_F(LedgerTest, TradingAccountsSurrenderOnlyWhereTheProgramDoesNotSeparateThem) {
  ASSERT_EQ(Issue("$STEEL.registry", 100), "OK");
  ASSERT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: 100")), "OK");
  EXPECT_EQ(Outcome(world.Surrender("from_lot: 'lots/2' quantity: 1 obligation_year: 2025")), "INVALID_FIELD CAR-08 from_lot");
  EXPECT_EQ(Outcome(world.Cancel("from_lot: 'lots/2' quantity: 1")), "INVALID_FIELD CAR-08 from_lot");

  ASSERT_EQ(
      Outcome(world.Issue("program: 'programs/wci' pollutant: 'CO2E' control_zone: 'CA' trading_group: 'ALL' vintage: 2025 quantity: 10 "
                          "to_account: 'accounts/$STEEL.registry'")),
      "OK");
  ASSERT_EQ(Outcome(world.Transfer("from_lot: 'lots/3' to_account: 'accounts/$STEEL.trading' quantity: 10")), "OK");
  EXPECT_EQ(Outcome(world.Surrender("from_lot: 'lots/4' quantity: 4 obligation_year: 2025")), "OK");
}

TEST_F(LedgerTest, ReserveUnitsAreNotSurrendered) {
  ASSERT_EQ(Issue("cea.reserve.CN", 100), "OK");
  EXPECT_EQ(Outcome(world.Surrender("from_lot: 'lots/1' quantity: 1 obligation_year: 2025")), "INVALID_FIELD CAR-08 from_lot");
}

// CAR-55: for ever.
TEST_F(LedgerTest, CancellationIsForEverAndMeetsNoObligation) {
  ASSERT_EQ(Issue("$STEEL.registry", 100), "OK");
  EXPECT_EQ(Outcome(world.Cancel("from_lot: 'lots/1' quantity: 10 obligation_year: 2025")), "INVALID_FIELD CAR-55 obligation_year");
  ASSERT_EQ(Outcome(world.Cancel("from_lot: 'lots/1' quantity: 10 reason: 'neutral conference'")), "OK");
  const std::string cancellation = "transactions/" + std::to_string(world.sequence);
  EXPECT_EQ(world.ledger.SurrenderedUpTo(world.Account("$STEEL.registry"), "cea", 2030), Quantity());
  EXPECT_EQ(Outcome(world.Reverse("transaction: '" + cancellation + "' reversal_type: 'COURT_ORDER' reason: 'no'")),
            "CANCELLATION_IS_FINAL CAR-55 transaction");
  EXPECT_EQ(Allowances().cancelled, Quantity(10));
}

// INV-10: no regulator's or operator's account owns tradable quantity.
TEST_F(LedgerTest, AuthoritiesOpenNoTradingAccounts) {
  EXPECT_EQ(Outcome(world.OpenAccount("kind: TRADING participant: 'participants/bureau'")), "INVALID_FIELD INV-10 participant");
  EXPECT_EQ(Outcome(world.OpenAccount("kind: REGISTRY participant: 'participants/operator'")), "INVALID_FIELD INV-10 participant");
  EXPECT_EQ(Outcome(world.OpenAccount("kind: CASH participant: 'participants/bureau'")), "OK");
}

// CAR-05: one account of a kind.
TEST_F(LedgerTest, AParticipantHasOneAccountOfAKind) {
  EXPECT_EQ(Outcome(world.OpenAccount("kind: REGISTRY participant: 'participants/$STEEL'")), "ACCOUNT_EXISTS CAR-05 kind");
  EXPECT_EQ(Outcome(world.OpenAccount("kind: RIGHTS participant: 'participants/$STEEL'")), "INVALID_FIELD CAR-05 kind");
  EXPECT_EQ(Outcome(world.OpenAccount("kind: BANK_CASH participant: 'participants/$STEEL'")), "INVALID_FIELD CAR-05 kind");
  EXPECT_EQ(Outcome(world.OpenAccount("kind: ESCROW participant: 'participants/$STEEL' program: 'programs/cea'")),
            "INVALID_FIELD - program");
  EXPECT_EQ(Outcome(world.OpenAccount("kind: ESCROW participant: 'participants/nobody'")), "NOT_FOUND - participant");
}

// DR-60: a reserve is per program and zone, kept by an authority.
TEST_F(LedgerTest, ReservesAreAnAuthoritysOfOneZone) {
  const auto open = [&](const std::string& participant, const std::string& program, const std::string& zone) {
    return Outcome(world.OpenAccount("kind: RESERVE participant: 'participants/" + participant + "' program: 'programs/" + program +
                                     "' control_zone: '" + zone + "'"));
  };
  EXPECT_EQ(open("$STEEL", "wci", "CA"), "INVALID_FIELD DR-60 participant");
  EXPECT_EQ(open("bureau", "none", "CA"), "NOT_FOUND - program");
  EXPECT_EQ(open("bureau", "wci", "NY"), "INVALID_FIELD DR-60 control_zone");
  EXPECT_EQ(open("bureau", "rights", "220100"), "ACCOUNT_EXISTS CAR-05 kind");
  EXPECT_EQ(open("bureau", "wci", "CA"), "OK");
}

// CAR-22: units bought on the day are known as such, on that day.
TEST_F(LedgerTest, DeliveredUnitsAreRememberedAsBoughtThatDay) {
  ASSERT_EQ(Issue("$STEEL.registry", 100), "OK");
  ASSERT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: 100")), "OK");
  world.Hold(2, HoldKind::kTrade, 50);
  ASSERT_EQ(world.Deliver(2, 30, Term(), "$POWER.trading").to_lot, 3u);
  world.Deliver(2, 20, Term(), "$POWER.trading");
  EXPECT_EQ(BlocksOf(2), "1:1-50");
  EXPECT_EQ(BlocksOf(3), "1:51-100");
  EXPECT_EQ(world.Lot(3).BoughtOn(world.today), Quantity(50));
  world.today = world.today + 1;
  EXPECT_EQ(world.Lot(3).BoughtOn(world.today), Quantity());
}

// It is the day of the trade that counts, not that of its delivery, and an older trade that is delivered later hides none of today's.
TEST_F(LedgerTest, UnitsThatAreDeliveredLaterWereBoughtWhenTheTradeWasAgreed) {
  ASSERT_EQ(Issue("$STEEL.registry", 100), "OK");
  ASSERT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: 100")), "OK");
  world.Hold(2, HoldKind::kTrade, 60);
  world.Deliver(2, 30, Term(), "$POWER.trading", 0, 1);
  EXPECT_EQ(world.Lot(3).BoughtOn(world.today), Quantity());
  const LotMove today = world.Deliver(2, 20, Term(), "$POWER.trading");
  world.Deliver(2, 10, Term(), "$POWER.trading", 0, 1);
  EXPECT_EQ(world.Lot(3).BoughtOn(world.today), Quantity(20));
  world.Apply([&](CommandContext& context) { world.ledger.Return(context, today, 1, world.today); });
  EXPECT_EQ(world.Lot(3).BoughtOn(world.today), Quantity()) << "what was taken back was not bought";
}

TEST_F(LedgerTest, ValidateOnlyChecksEverythingAndChangesNothing) {
  ASSERT_EQ(Issue("$STEEL.registry", 100), "OK");
  const auto rows = world.stored.rows();
  world.validate_only = true;
  EXPECT_EQ(Issue("$STEEL.registry", 100), "OK");
  EXPECT_EQ(Issue("$STEEL.registry", 10'000), "CAP_EXCEEDED DR-04 quantity");
  EXPECT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: 30")), "OK");
  EXPECT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: 130")),
            "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Outcome(world.Surrender("from_lot: 'lots/1' quantity: 30 obligation_year: 2025")), "OK");
  EXPECT_EQ(Outcome(world.Cancel("from_lot: 'lots/1' quantity: 30")), "OK");
  EXPECT_EQ(Outcome(world.Deposit("account: 'accounts/$STEEL.cash' amount_fen: 5 bank_reference: 'b'")), "OK");
  EXPECT_EQ(
      Outcome(world.Reverse("transaction: 'transactions/" + std::to_string(world.sequence) + "' reversal_type: 'COURT_ORDER' reason: 'r'")),
      "NOT_FOUND - transaction");
  EXPECT_EQ(Outcome(world.OpenAccount("kind: ESCROW participant: 'participants/$STEEL'")), "OK");
  world.stored.Fold(&world.tables);
  EXPECT_EQ(world.stored.rows(), rows);
}

// The state comes back from rows alone, and goes on as if nothing had happened.
TEST_F(LedgerTest, ARestartedLedgerGoesOnIdentically) {
  ASSERT_EQ(Issue("$STEEL.registry", 100, "issuance_reference: 'A'"), "OK");
  ASSERT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: 40")), "OK");
  const std::string transfer = "transactions/" + std::to_string(world.sequence);
  ASSERT_EQ(Outcome(world.Deposit("account: 'accounts/$STEEL.cash' amount_fen: 500 bank_reference: 'b1'")), "OK");
  LedgerWorld restarted;
  world.RestartInto(&restarted);
  for (LedgerWorld* each : {&world, &restarted}) {
    each->events.Take();
    EXPECT_EQ(Outcome(each->Reverse("transaction: '" + transfer + "' reversal_type: 'ERROR_IN_ENTRY' reason: 'r'")), "OK");
    EXPECT_EQ(Outcome(each->Issue(kAllowances + "quantity: 7 to_account: 'accounts/$STEEL.registry' issuance_reference: 'A'")), "OK");
    EXPECT_EQ(Outcome(each->Issue(kAllowances + "quantity: 7 to_account: 'accounts/$POWER.registry' issuance_reference: 'B'")), "OK");
    EXPECT_EQ(Outcome(each->OpenAccount("kind: ESCROW participant: 'participants/$STEEL'")), "OK");
    EXPECT_EQ(Outcome(each->Surrender("from_lot: 'lots/1' quantity: 30 obligation_year: 2025")), "OK");
    EXPECT_EQ(Outcome(each->Withdraw("account: 'accounts/$STEEL.cash' amount_fen: 500 bank_reference: 'b2'")), "OK");
  }
  EXPECT_EQ(world.stored.rows(), restarted.stored.rows());
  EXPECT_EQ(world.events.bytes(), restarted.events.bytes());
}

}  // namespace
}  // namespace songhua::ledger
