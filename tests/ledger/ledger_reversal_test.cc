// Reversals (GEN-08): corrections are new postings that name what they undo, whole or not at all, while the units are still free and in
// place.
#include <string>

#include "gtest/gtest.h"
#include "ledger/ledger.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {
namespace {

class LedgerReversalTest : public testing::Test {
 protected:
  void SetUp() override { world.Furnish(); }

  // Each returns the name of its transaction.
  std::string Issue(int64_t quantity, const std::string& account = "$STEEL.registry") {
    return Done(world.Issue("program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 quantity: " +
                            std::to_string(quantity) + " to_account: 'accounts/" + account + "'"));
  }
  std::string IssueRight(int64_t quantity) {
    return Done(world.Issue("program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'INDUSTRY' quantity: " +
                            std::to_string(quantity) +
                            " to_account: 'accounts/rights.reserve.220100' valid_from: '2026-01-01' valid_to: '2030-12-31'"));
  }
  std::string Allocate(LotNumber lot, int64_t quantity, const std::string& first = "2026-01-01", const std::string& last = "2030-12-31") {
    return Done(world.Allocate("from_lot: 'lots/" + std::to_string(lot) + "' to_account: 'accounts/$STEEL001.rights' quantity: " +
                               std::to_string(quantity) + " valid_from: '" + first + "' valid_to: '" + last + "' source: 'INITIAL_FREE'"));
  }
  std::string ToTrading(int64_t quantity, const std::string& block = "") {
    return Done(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: " + std::to_string(quantity) + block));
  }
  template <class Answer>
  std::string Done(const Answer& answer) {
    EXPECT_EQ(Outcome(answer), "OK");
    return answer.ok() ? answer->transaction() : "";
  }
  std::string Reverse(const std::string& transaction, const std::string& type = "ERROR_IN_ENTRY") {
    return Outcome(world.Reverse("transaction: '" + transaction + "' reversal_type: '" + type + "' reason: 'entered twice'"));
  }

  LedgerWorld world;
};

TEST_F(LedgerReversalTest, ATransferGoesBackSerialForSerial) {
  Issue(100);
  const std::string transfer = ToTrading(10, " block { issuance: 'issuances/1' start: 41 end: 50 }");
  ToTrading(20);
  EXPECT_EQ(Reverse(transfer), "OK");
  EXPECT_EQ(world.Lot(1).blocks.blocks(), (std::vector<SerialBlock>{{1, 1, 80}}));
  EXPECT_EQ(world.Lot(2).blocks.blocks(), (std::vector<SerialBlock>{{1, 81, 100}}));
}

TEST_F(LedgerReversalTest, AnActIsReversedOnceAndAReversalNever) {
  Issue(100);
  const std::string transfer = ToTrading(10);
  ASSERT_EQ(Reverse(transfer), "OK");
  const std::string reversal = "transactions/" + std::to_string(world.sequence);
  EXPECT_EQ(Reverse(transfer), "ALREADY_REVERSED GEN-08 transaction");
  EXPECT_EQ(Reverse(reversal), "REVERSAL_IS_FINAL GEN-08 transaction");
}

TEST_F(LedgerReversalTest, AReversalSaysOfWhatKindAndWhy) {
  const std::string issue = Issue(100);
  EXPECT_EQ(Reverse(issue, "WHIM"), "INVALID_FIELD GEN-08 reversal_type");
  EXPECT_EQ(Outcome(world.Reverse("transaction: '" + issue + "' reversal_type: 'COURT_ORDER'")), "INVALID_FIELD - reason");
  EXPECT_EQ(Reverse("transactions/999"), "NOT_FOUND - transaction");
  EXPECT_EQ(Reverse("999"), "INVALID_FIELD - transaction");
  EXPECT_EQ(Reverse(issue, "COURT_ORDER"), "OK");
}

TEST_F(LedgerReversalTest, UnitsThatMovedOnStayWhereTheyAre) {
  const std::string issue = Issue(100);
  ToTrading(30);
  EXPECT_EQ(Reverse(issue), "UNITS_IN_USE GEN-08 transaction");
  Issue(30);  // as many as before, but others
  EXPECT_EQ(Reverse(issue), "UNITS_MOVED_ON GEN-08 transaction");
}

TEST_F(LedgerReversalTest, HeldPledgedAndFrozenUnitsAreNotTakenBack) {
  const std::string issue = Issue(100);
  world.Hold(1, HoldKind::kOrder, 1);
  EXPECT_EQ(Reverse(issue), "UNITS_IN_USE GEN-08 transaction");
  world.ReleaseHold(1, HoldKind::kOrder, 1);
  ASSERT_EQ(Outcome(world.Freeze("lot: 'lots/1' quantity: 1 court: 'C' case_number: 'N' start_date: '2026-01-05' end_date: '2026-01-05'")),
            "OK");
  EXPECT_EQ(Reverse(issue, "COURT_ORDER"), "UNITS_IN_USE GEN-08 transaction");
  world.today = world.today + 1;
  EXPECT_EQ(Reverse(issue), "OK");
}

// CAR-47: a surrender that was an error comes back to the lot and off the obligation.
TEST_F(LedgerReversalTest, AReversedSurrenderNoLongerCounts) {
  Issue(100);
  const std::string surrender = Done(world.Surrender("from_lot: 'lots/1' quantity: 60 obligation_year: 2025"));
  ASSERT_EQ(Reverse(surrender, "AUTHORITY_DECISION"), "OK");
  EXPECT_EQ(world.ledger.SurrenderedUpTo(world.Account("$STEEL.registry"), "cea", 2025), Quantity());
  EXPECT_EQ(world.Available(1), Quantity(100));
  EXPECT_EQ(world.Instrument("cea", "CO2E", "CN", "ALL", 2025).surrendered, Quantity());
}

TEST_F(LedgerReversalTest, AnIssueIsTakenBackFromTheReserve) {
  const std::string issue = IssueRight(1000);
  EXPECT_EQ(Reverse(issue), "OK");
  EXPECT_EQ(world.Lot(1).quantity, Quantity());
  EXPECT_EQ(world.Instrument("rights", "SO2", "220100", "INDUSTRY", 2028).issued, Quantity());
}

TEST_F(LedgerReversalTest, AnAllocationReturnsToItsLot) {
  IssueRight(1000);
  const std::string allocation = Allocate(1, 300);
  ASSERT_EQ(Reverse(allocation), "OK");
  EXPECT_EQ(world.Lot(1).quantity, Quantity(1000));
  EXPECT_EQ(world.Lot(2).quantity, Quantity());
  EXPECT_EQ(world.ledger.EffectiveRights(world.Named("$STEEL001"), "SO2", 2027), Quantity());
  Allocate(1, 1000);
}

TEST_F(LedgerReversalTest, ACarvedRightCannotBePutTogetherAgain) {
  const std::string issue = IssueRight(1000);
  const std::string allocation = Allocate(1, 300);
  EXPECT_EQ(Reverse(issue), "UNITS_MOVED_ON GEN-08 transaction");
  world.Hold(2, HoldKind::kTrade, 100);
  EXPECT_EQ(Reverse(allocation), "UNITS_IN_USE GEN-08 transaction");
  world.Deliver(2, 100, world.Lot(2).term, "$POWER001.rights");
  EXPECT_EQ(Reverse(allocation), "UNITS_MOVED_ON GEN-08 transaction");
}

// Found in review: an allocation for part of the reserve's term left the rest of the term as other lots; its reversal added the quantity to
// the reserve's lot for the whole term, with units for a part of it only, and the next full allocation ended the process.
TEST_F(LedgerReversalTest, ARightReversedFromPartOfATermKeepsThatTerm) {
  IssueRight(1000);
  const std::string allocation = Allocate(1, 400, "2027-07-01", "2028-06-30");
  ASSERT_EQ(world.LastLot(), 4u);  // 2 and 3: what the term left before and after
  ASSERT_EQ(Reverse(allocation), "OK");
  EXPECT_EQ(world.Lot(1).quantity, Quantity(600));
  const LotRow& back = world.Lot(5);
  EXPECT_EQ(back.account, world.Account("rights.reserve.220100"));
  EXPECT_EQ(back.quantity, Quantity(400));
  EXPECT_EQ(back.term, (Term{MakeDate(2027, 7, 1), MakeDate(2028, 6, 30)}));
  EXPECT_EQ(back.sector_class, "");
  Allocate(1, 600);
  Allocate(5, 400, "2027-07-01", "2028-06-30");
}

// Found in review: giving serials back to a lot that holds as many blocks as a lot may hold ended the process.
TEST_F(LedgerReversalTest, AReversalThatWouldMakeTooManyBlocksIsRefused) {
  world.check_invariants = false;  // of many commands the last state is enough
  // Every second unit goes to trading, until the registry's lot can take no further hole.
  constexpr int64_t kBlocks = static_cast<int64_t>(SerialBlocks::kMaxBlocks);
  ASSERT_EQ(
      Outcome(world.Issue("program: 'programs/wci' pollutant: 'CO2E' control_zone: 'CA' trading_group: 'ALL' vintage: 2025 quantity: " +
                          std::to_string(2 * kBlocks + 10) + " to_account: 'accounts/$STEEL.registry'")),
      "OK");
  // A block in the middle of nowhere: it goes, and its place closes behind it.
  const std::string surrender =
      Done(world.Surrender("from_lot: 'lots/1' quantity: 3 obligation_year: 2025 block { issuance: 'issuances/1' start: 1 end: 3 }"));
  world.Apply([&](CommandContext&) {
    LotRow& lot = world.ledger.lots().Edit(world.Lot(1));
    SerialBlocks holes;
    for (int64_t i = 0; i < kBlocks; ++i) SONGHUA_CHECK(holes.Add(SerialBlock{1, 5 + 2 * i, 5 + 2 * i}).ok());
    lot.blocks = holes;
    lot.quantity = holes.total();
  });
  ASSERT_EQ(world.Lot(1).blocks.blocks().size(), SerialBlocks::kMaxBlocks);
  EXPECT_EQ(Reverse(surrender), "TOO_MANY_SERIAL_BLOCKS DR-03 serials");
}

TEST_F(LedgerReversalTest, ValidateOnlyReversesNothing) {
  Issue(100);
  const std::string transfer = ToTrading(10);
  world.validate_only = true;
  EXPECT_EQ(Reverse(transfer), "OK");
  EXPECT_EQ(Reverse(transfer), "OK");
  EXPECT_EQ(world.Available(2), Quantity(10));
}

// What was reversed stays reversed after a restart, and what was not can still be.
TEST_F(LedgerReversalTest, ReversalsComeBackAfterARestart) {
  Issue(100);
  const std::string first = ToTrading(10);
  const std::string second = ToTrading(20);
  ASSERT_EQ(Reverse(first), "OK");
  LedgerWorld restarted;
  world.RestartInto(&restarted);
  for (LedgerWorld* each : {&world, &restarted}) {
    each->events.Take();
    const auto reverse = [&](const std::string& transaction) {
      return Outcome(each->Reverse("transaction: '" + transaction + "' reversal_type: 'ERROR_IN_ENTRY' reason: 'r'"));
    };
    EXPECT_EQ(reverse(first), "ALREADY_REVERSED GEN-08 transaction");
    EXPECT_EQ(reverse(second), "OK");
  }
  EXPECT_EQ(world.stored.rows(), restarted.stored.rows());
  EXPECT_EQ(world.events.bytes(), restarted.events.bytes());
}

// A trade that a court undoes (china.md 8.3): what was delivered comes back, whole, free, or not at all.
TEST_F(LedgerReversalTest, ATradeIsTakenBackWhileWhatItDeliveredIsWholeAndFree) {
  IssueRight(1000);
  Allocate(1, 500);
  world.Hold(2, HoldKind::kTrade, 200);
  const LotMove delivered = world.Deliver(2, 200, Term{MakeDate(2027, 1, 1), MakeDate(2030, 12, 31)}, "$POWER001.rights", 700);
  const auto check = [&] {
    return Outcome(world.Run([&](CommandContext& context) -> absl::StatusOr<int> {
      SONGHUA_RETURN_IF_ERROR(world.ledger.CheckReturnable(context, {delivered}));
      return 0;
    }));
  };
  world.Hold(delivered.to_lot, HoldKind::kOrder, 1);
  EXPECT_EQ(check(), "UNITS_IN_USE GEN-08 name");
  world.ReleaseHold(delivered.to_lot, HoldKind::kOrder, 1);
  ASSERT_EQ(check(), "OK");
  LotMove back;
  world.Apply([&](CommandContext& context) { back = world.ledger.Return(context, delivered, 1, world.today); });
  EXPECT_EQ(world.Lot(back.to_lot).account, world.Account("$STEEL001.rights"));
  EXPECT_EQ(world.Lot(back.to_lot).quantity, Quantity(200));
  EXPECT_EQ(world.Lot(back.to_lot).source, LotSource::kInitialFree);
  EXPECT_FALSE(world.Lot(back.to_lot).paid);
  EXPECT_EQ(world.ledger.EffectiveRights(world.Named("$STEEL001"), "SO2", 2028), Quantity(500));
}

}  // namespace
}  // namespace songhua::ledger
