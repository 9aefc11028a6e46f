// Court freezes (PLG-29): covers that lie over free units first and over pledges then, make orders give way, wait for what an agreed trade
// has taken, and subtract nothing twice.
#include <string>

#include "gtest/gtest.h"
#include "ledger/ledger.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {
namespace {

class LedgerFreezeTest : public testing::Test {
 protected:
  // lots/1: 100 allowances in the steel works' registry account. lots/2: a right of 100 g a year of the power plant (lots/3), paid for.
  void SetUp() override {
    world.Furnish();
    ASSERT_EQ(
        Outcome(world.Issue("program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 quantity: 100 "
                            "to_account: 'accounts/$STEEL.registry'")),
        "OK");
    ASSERT_EQ(Outcome(world.Issue("program: 'programs/rights' pollutant: 'SO2' control_zone: '220100' trading_group: 'POWER' quantity: 100 "
                                  "to_account: 'accounts/rights.reserve.220100' valid_from: '2026-01-01' valid_to: '2030-12-31'")),
              "OK");
    ASSERT_EQ(Outcome(world.Allocate(
                  "from_lot: 'lots/2' to_account: 'accounts/$POWER001.rights' quantity: 100 source: 'INITIAL_PAID' cost_fen: 5 "
                  "valid_from: '2026-01-01' valid_to: '2030-12-31'")),
              "OK");
  }

  auto Freeze(LotNumber lot, int64_t quantity, const std::string& end = "2026-12-31") {
    return world.Freeze("lot: 'lots/" + std::to_string(lot) + "' quantity: " + std::to_string(quantity) +
                        " court: 'Changchun Intermediate Court' case_number: '(2026) 01-17' start_date: '" + FormatDate(world.today) +
                        "' end_date: '" + end + "'");
  }
  std::string Lift(int number) { return Outcome(world.LiftFreeze("name: 'freezes/" + std::to_string(number) + "' reason: 'debt paid'")); }
  std::string Transfer(int64_t quantity) {
    return Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: " + std::to_string(quantity)));
  }
  Quantity Available(LotNumber lot = 1) const { return world.Available(lot); }
  Quantity Frozen(LotNumber lot = 1) const { return world.Lot(lot).Frozen(world.today); }
  // A pledge over units of lots/1, made and active.
  void Pledge(int64_t quantity) {
    ASSERT_EQ(
        Outcome(world.ApplyPledge("lot: 'lots/1' quantity: " + std::to_string(quantity) + " pledgee: 'participants/$BANK' form: PLEDGE")),
        "OK");
    ASSERT_EQ(Outcome(world.VerifyPledge("name: 'pledges/1'")), "OK");
    ASSERT_EQ(Outcome(world.ApprovePledge(
                  "name: 'pledges/1' principal_fen: 1 term_start: '2026-01-05' term_end: '2026-12-31' contract_number: 'C'")),
              "OK");
    ASSERT_EQ(Outcome(world.ConfirmPledge("name: 'pledges/1'")), "OK");
  }

  LedgerWorld world;
};

TEST_F(LedgerFreezeTest, FrozenUnitsCannotBeDisposedOf) {
  const auto answer = Freeze(1, 60);
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->freeze().state(), "ACTIVE");
  EXPECT_EQ(Available(), Quantity(40));
  EXPECT_EQ(Transfer(41), "FROZEN_UNITS PLG-29 quantity");
  EXPECT_EQ(Outcome(world.Surrender("from_lot: 'lots/1' quantity: 41 obligation_year: 2025")), "FROZEN_UNITS PLG-29 quantity");
  EXPECT_EQ(Outcome(world.Cancel("from_lot: 'lots/1' quantity: 41")), "FROZEN_UNITS PLG-29 quantity");
  EXPECT_EQ(Outcome(world.ApplyPledge("lot: 'lots/1' quantity: 41 pledgee: 'participants/$BANK' form: PLEDGE")),
            "FROZEN_UNITS PLG-29 quantity");
  EXPECT_EQ(Transfer(101), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Transfer(40), "OK");
  EXPECT_EQ(Available(), Quantity());
}

// INV-03: freezing never changes totals.
TEST_F(LedgerFreezeTest, AFreezeMovesNothing) {
  const InstrumentRow before = world.Instrument("cea", "CO2E", "CN", "ALL", 2025);
  ASSERT_EQ(Outcome(Freeze(1, 60)), "OK");
  const InstrumentRow& after = world.Instrument("cea", "CO2E", "CN", "ALL", 2025);
  EXPECT_EQ(EncodeValue(before), EncodeValue(after));
  EXPECT_EQ(world.Lot(1).Held(), Quantity());
}

// The second order waits behind the first; what both name is subtracted once.
TEST_F(LedgerFreezeTest, AFreezeQueuesBehindAnother) {
  ASSERT_EQ(Freeze(1, 70)->freeze().state(), "ACTIVE");
  EXPECT_EQ(Freeze(1, 70)->freeze().state(), "QUEUED");
  EXPECT_EQ(Frozen(), Quantity(100));
  EXPECT_EQ(Available(), Quantity());
  ASSERT_EQ(Lift(1), "OK");
  EXPECT_EQ(Frozen(), Quantity(70));
  EXPECT_EQ(Available(), Quantity(30));
  EXPECT_EQ(ToProto(*world.ledger.FindFreeze(2), world.Lot(1), world.today).state(), "ACTIVE");
}

// A cover lies over free units before it reaches pledged ones, and never counts a unit twice: available = posted - |holds and covers|.
TEST_F(LedgerFreezeTest, NothingIsSubtractedTwiceOverAPledge) {
  Pledge(60);
  ASSERT_EQ(Available(), Quantity(40));
  ASSERT_EQ(Outcome(Freeze(1, 30)), "OK");
  EXPECT_EQ(Available(), Quantity(10));
  ASSERT_EQ(Outcome(Freeze(1, 30)), "OK");  // 10 of it over free units, 20 over the pledge
  EXPECT_EQ(Available(), Quantity());
  EXPECT_EQ(Frozen(), Quantity(60));
  EXPECT_EQ(world.Lot(1).Held(HoldKind::kPledge), Quantity(60)) << "the pledge stays";
  // The pledge goes, the court stays.
  ASSERT_EQ(Outcome(world.ReleasePledge("name: 'pledges/1'")), "OK");
  EXPECT_EQ(Available(), Quantity(40));
}

TEST_F(LedgerFreezeTest, OrdersGiveWayToTheCourtAsFarAsNeeded) {
  world.Hold(1, HoldKind::kOrder, 70);
  ASSERT_EQ(Outcome(Freeze(1, 50)), "OK");  // 30 are free, 20 must come from orders
  ASSERT_EQ(world.orders_cancelled.size(), 1u);
  EXPECT_EQ(world.orders_cancelled[0], std::make_pair(LotNumber{1}, Quantity(20)));
  EXPECT_EQ(world.Lot(1).Held(HoldKind::kOrder), Quantity(50));
  EXPECT_EQ(Available(), Quantity());
  ASSERT_EQ(Outcome(Freeze(1, 100)), "OK");
  EXPECT_EQ(world.orders_cancelled[1].second, Quantity(50));
}

TEST_F(LedgerFreezeTest, OrdersBesideAFreezeAreLeftAlone) {
  world.Hold(1, HoldKind::kOrder, 70);
  ASSERT_EQ(Outcome(Freeze(1, 30)), "OK");
  EXPECT_TRUE(world.orders_cancelled.empty());
  EXPECT_EQ(world.Lot(1).Held(HoldKind::kOrder), Quantity(70));
}

// Free units, then orders, then the pledge: the pledge's part of the cover costs no order its units twice.
TEST_F(LedgerFreezeTest, OverOrdersAndAPledgeTheOrdersGiveWayFirst) {
  Pledge(50);
  world.Hold(1, HoldKind::kOrder, 40);
  ASSERT_EQ(Outcome(Freeze(1, 25)), "OK");
  EXPECT_EQ(world.orders_cancelled[0].second, Quantity(15));
  EXPECT_EQ(world.Lot(1).Held(HoldKind::kOrder), Quantity(25));
  EXPECT_EQ(Available(), Quantity());
}

// An agreed trade is settled; the order waits for what is left of the lot, or for the trade to fall through.
TEST_F(LedgerFreezeTest, AFreezeWaitsForWhatATradeHasTaken) {
  world.Hold(1, HoldKind::kTrade, 60);
  EXPECT_EQ(Freeze(1, 100)->freeze().state(), "QUEUED");
  EXPECT_EQ(Frozen(), Quantity(40));
  EXPECT_EQ(Available(), Quantity());
  world.ReleaseHold(1, HoldKind::kTrade, 60);
  EXPECT_EQ(Frozen(), Quantity(100));
}

TEST_F(LedgerFreezeTest, UnitsSoldBeforeAFreezeAreDelivered) {
  ASSERT_EQ(Transfer(100), "OK");
  world.Hold(2 + 2, HoldKind::kTrade, 60);
  ASSERT_EQ(Outcome(Freeze(4, 100)), "OK");
  world.Deliver(4, 60, Term(), "$POWER.trading");
  EXPECT_EQ(world.Lot(4).quantity, Quantity(40));
  EXPECT_EQ(Frozen(4), Quantity(40));
  EXPECT_EQ(Available(5), Quantity(60)) << "the buyer's are free";
}

// The order lapses at 24:00 of its last day without a sweep.
TEST_F(LedgerFreezeTest, AFreezeLapsesByItself) {
  ASSERT_EQ(Outcome(Freeze(1, 60, "2026-03-31")), "OK");
  world.today = MakeDate(2026, 3, 31);
  EXPECT_EQ(Available(), Quantity(40));
  world.today = MakeDate(2026, 4, 1);
  EXPECT_EQ(Available(), Quantity(100));
  EXPECT_EQ(ToProto(*world.ledger.FindFreeze(1), world.Lot(1), world.today).state(), "LAPSED");
  EXPECT_EQ(Lift(1), "ILLEGAL_TRANSITION PLG-29 name");
}

TEST_F(LedgerFreezeTest, AFreezeIsLiftedOnce) {
  ASSERT_EQ(Outcome(Freeze(1, 60)), "OK");
  ASSERT_EQ(Lift(1), "OK");
  EXPECT_EQ(Available(), Quantity(100));
  EXPECT_EQ(Lift(1), "ILLEGAL_TRANSITION PLG-29 name");
  EXPECT_EQ(Lift(2), "NOT_FOUND - name");
}

// PLG-29: from its receipt, for at most three years.
TEST_F(LedgerFreezeTest, AnOrderBindsFromTodayForThreeYearsAtMost) {
  const auto freeze = [&](const std::string& start, const std::string& end, int64_t quantity = 1) {
    return Outcome(world.Freeze("lot: 'lots/1' court: 'C' case_number: 'N' start_date: '" + start + "' end_date: '" + end +
                                "' quantity: " + std::to_string(quantity)));
  };
  EXPECT_EQ(freeze("2026-01-04", "2026-12-31"), "INVALID_FIELD PLG-29 start_date");
  EXPECT_EQ(freeze("2026-01-06", "2026-12-31"), "INVALID_FIELD PLG-29 start_date");
  EXPECT_EQ(freeze("2026-01-05", "2026-01-04"), "INVALID_FIELD PLG-29 end_date");
  EXPECT_EQ(freeze("2026-01-05", "2029-01-05"), "INVALID_FIELD PLG-29 end_date");
  EXPECT_EQ(freeze("2026-01-05", "2029-01-04", 0), "INVALID_FIELD PLG-29 quantity");
  EXPECT_EQ(freeze("2026-01-05", "2029-01-04", 101), "INVALID_FIELD PLG-29 quantity");
  EXPECT_EQ(freeze("2026-01-05", "2029-01-04", 100), "OK");
  EXPECT_EQ(Outcome(world.Freeze("lot: 'lots/99' quantity: 1")), "NOT_FOUND - lot");
  EXPECT_EQ(Outcome(world.Freeze("lot: 'lots/1' quantity: 1")), "INVALID_FIELD - court");
}

// Found in review: lapsed orders stayed on the lot and counted, so that after sixty-four of them a court could freeze it no more.
TEST_F(LedgerFreezeTest, LapsedFreezesDoNotUseUpALotsFreezes) {
  for (int i = 0; i < 64; ++i) ASSERT_EQ(Outcome(Freeze(1, 1, "2026-01-31")), "OK");
  EXPECT_EQ(Outcome(Freeze(1, 1, "2026-01-31")), "TOO_MANY_FREEZES PLG-29 lot");
  world.today = MakeDate(2026, 2, 1);
  EXPECT_EQ(Outcome(Freeze(1, 10)), "OK");
  EXPECT_EQ(world.Lot(1).freezes.size(), 1u);
  EXPECT_EQ(Available(), Quantity(90));
}

// Found in review: a trade took 60 g from July on, a court froze the lot meanwhile, and the months before July, which the trade left with
// the seller as a lot of its own, came out free of the court's order.
TEST_F(LedgerFreezeTest, AFreezeFollowsWhatATradeLeavesWithTheSeller) {
  world.Hold(3, HoldKind::kTrade, 60);
  ASSERT_EQ(Outcome(Freeze(3, 90)), "OK");
  EXPECT_EQ(Frozen(3), Quantity(40));
  const LotMove move = world.Deliver(3, 60, Term{MakeDate(2026, 7, 1), MakeDate(2030, 12, 31)}, "$STEEL001.rights");
  const LotNumber left = move.to_lot - 1;
  ASSERT_EQ(world.Lot(left).account, world.Account("$POWER001.rights"));
  ASSERT_EQ(world.Lot(left).quantity, Quantity(60));
  EXPECT_EQ(Frozen(3), Quantity(40));
  EXPECT_EQ(Frozen(left), Quantity(50)) << "90 ordered, 40 of them on what was never sold";
  EXPECT_EQ(Available(left), Quantity(10));
  EXPECT_EQ(Available(move.to_lot), Quantity(60)) << "the buyer's part is free";
  ASSERT_EQ(Lift(1), "OK");
  EXPECT_EQ(Available(left), Quantity(60));
  EXPECT_EQ(Available(3), Quantity(40));
}

TEST_F(LedgerFreezeTest, ValidateOnlyFreezesNothing) {
  ASSERT_EQ(Outcome(Freeze(1, 10)), "OK");
  world.Hold(1, HoldKind::kOrder, 90);
  world.validate_only = true;
  EXPECT_EQ(Freeze(1, 50)->freeze().name(), "freezes/2");
  EXPECT_EQ(Lift(1), "OK");
  EXPECT_EQ(Available(), Quantity());
  EXPECT_EQ(world.Lot(1).Held(HoldKind::kOrder), Quantity(90));
  EXPECT_TRUE(world.orders_cancelled.empty());
}

TEST_F(LedgerFreezeTest, FreezesComeBackAfterARestart) {
  Pledge(20);
  ASSERT_EQ(Outcome(Freeze(1, 60)), "OK");
  ASSERT_EQ(Outcome(Freeze(1, 60)), "OK");
  ASSERT_EQ(Lift(1), "OK");
  LedgerWorld restarted;
  world.RestartInto(&restarted);
  EXPECT_EQ(restarted.Available(1), Quantity(20));
  for (LedgerWorld* each : {&world, &restarted}) {
    each->events.Take();
    EXPECT_EQ(Outcome(each->LiftFreeze("name: 'freezes/1' reason: 'again'")), "ILLEGAL_TRANSITION PLG-29 name");
    EXPECT_EQ(
        Outcome(each->Freeze("lot: 'lots/1' quantity: 50 court: 'C' case_number: 'N' start_date: '2026-01-05' end_date: '2026-02-05'")),
        "OK");
    EXPECT_EQ(Outcome(each->LiftFreeze("name: 'freezes/2' reason: 'paid'")), "OK");
  }
  EXPECT_EQ(world.stored.rows(), restarted.stored.rows());
  EXPECT_EQ(world.events.bytes(), restarted.events.bytes());
}

}  // namespace
}  // namespace songhua::ledger
