// Recoveries and buy-back (DR-19, DR-60..64): grounds, holds, notice, price, and what becomes of pledges.
#include "ledger/recoveries.h"

#include <string>

#include "gtest/gtest.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {
namespace {

constexpr LotNumber kPaidRightToRecover = 2;  // 1 t a year, 2026 to 2030, for which 25,000.00 yuan were paid: 5,000 yuan a tonne and year
constexpr LotNumber kFreeRightToRecover = 3;  // the same, allocated for nothing

class RecoveriesTest : public testing::Test {
 protected:
  void SetUp() override {
    world.Furnish();
    for (const std::string owner : {"bureau", "$BANK"}) EXPECT_EQ(Outcome(world.OpenAccount("participant: 'participants/" + owner + "' kind: CASH")), "OK");
    EXPECT_EQ(Outcome(world.Run([&](CommandContext& context) {
                return world.calendars.LoadCalendarYear(
                    context, Text<v1::LoadCalendarYearRequest>("calendar_year { year: 2026 source: 'Notice' holidays: '2026-01-01' }"), nullptr);
              })),
              "OK");
    const std::string term = " valid_from: '2026-01-01' valid_to: '2030-12-31' ";
    EXPECT_EQ(Outcome(world.Issue("program: 'programs/rights' pollutant: 'COD' basin: 'SONGHUA' control_zone: '220100' trading_group: 'INDUSTRY' "
                                  "quantity: 3000000 to_account: 'accounts/rights.reserve.220100'" + term)),
              "OK");
    const std::string allocate = "from_lot: 'lots/1' to_account: 'accounts/$STEEL001.rights' quantity: 1000000 " + term;
    EXPECT_EQ(Outcome(world.Allocate(allocate + "source: 'INITIAL_PAID' cost_fen: 2500000")), "OK");
    EXPECT_EQ(Outcome(world.Allocate(allocate + "source: 'INITIAL_FREE'")), "OK");
  }

  void PublishBase(int64_t fen) {
    EXPECT_EQ(Outcome(world.Run([&](CommandContext& context) {
                BasePriceRow row;
                row.program = "rights";
                row.pollutant = "COD";
                row.control_zone = "220100";
                row.basis = v1::PER_T_YEAR;
                row.price = Price(fen);
                row.effective_from = context.today;
                return world.base_prices.Publish(context, row, "effective_from").status();
              })),
              "OK");
  }
  void Fund(int64_t fen) {
    EXPECT_EQ(Outcome(world.Deposit("account: 'accounts/bureau.cash' amount_fen: " + std::to_string(fen) + " bank_reference: 'B'")), "OK");
  }
  std::string Announce(const std::string& kind, LotNumber lot, int64_t quantity, const std::string& more = "") {
    return Outcome(world.AnnounceRecovery("kind: " + kind + " lot: 'lots/" + std::to_string(lot) + "' quantity: " + std::to_string(quantity) +
                                          " grounds: 'G' document_reference: 'D' " + more));
  }
  std::string Approve(uint64_t number = 1) {
    world.person = "chief";
    const std::string outcome = Outcome(world.ApproveRecovery(Name(number)));
    world.person = "operator";
    return outcome;
  }
  std::string Execute(uint64_t number = 1) { return Outcome(world.ExecuteRecovery(Name(number))); }
  static std::string Name(uint64_t number) { return "name: 'recoveries/" + std::to_string(number) + "' reason: 'because'"; }
  const RecoveryRow& Row(uint64_t number = 1) const { return *world.recoveries.Find(number); }
  void Pledge(int64_t quantity, int64_t principal_fen) {
    const std::string name = "name: 'pledges/1' ";
    ASSERT_EQ(Outcome(world.ApplyPledge("lot: 'lots/2' quantity: " + std::to_string(quantity) + " form: PLEDGE pledgee: 'participants/branch'")), "OK");
    ASSERT_EQ(Outcome(world.VerifyPledge(name)), "OK");
    ASSERT_EQ(Outcome(world.ApprovePledge(name + "principal_fen: " + std::to_string(principal_fen) +
                                          " rate_bps: 435 term_start: '2026-01-05' term_end: '2029-12-31' contract_number: 'HT-1'")),
              "OK");
    ASSERT_EQ(Outcome(world.ConfirmPledge(name)), "OK");
  }

  const std::string kPerYear = "price_basis: 'PER_T_YEAR' ";
  const std::string kClosed = "closure_date: '2026-01-02' ";
  LedgerWorld world;
};

TEST_F(RecoveriesTest, FreeRightsOfAClosedUnitGoBackWithoutCompensation) {
  ASSERT_EQ(Announce("UNCOMPENSATED", kFreeRightToRecover, 400'000, kClosed), "OK");
  EXPECT_EQ(world.Available(kFreeRightToRecover), Quantity(600'000)) << "held from the announcement on";
  EXPECT_EQ(Outcome(world.ApproveRecovery(Name(1))), "SEPARATION_OF_DUTIES GEN-14 name");
  EXPECT_EQ(Execute(), "ILLEGAL_TRANSITION DR-60 name");
  ASSERT_EQ(Approve(), "OK");
  world.today = MakeDate(2027, 1, 1);
  ASSERT_EQ(Execute(), "OK");
  const LotRow& recovered = world.Lot(Row().recovered_lot);
  EXPECT_EQ(recovered.account, world.Account("rights.reserve.220100"));
  EXPECT_EQ(recovered.source, LotSource::kRecovered);
  EXPECT_EQ(recovered.sector_class, "");
  EXPECT_EQ(recovered.term, (Term{MakeDate(2027, 1, 1), MakeDate(2030, 12, 31)})) << "what was used until then is not taken back";
  EXPECT_EQ(world.ledger.EffectiveRights(world.Named("$STEEL001"), "COD", 2026), Quantity(2'000'000));
  EXPECT_EQ(world.ledger.EffectiveRights(world.Named("$STEEL001"), "COD", 2027), Quantity(1'600'000));
  EXPECT_EQ(Row().price, Money());
  EXPECT_EQ(world.Instrument("rights", "COD", "220100", "INDUSTRY", 2027, "SONGHUA").held, Quantity(3'000'000)) << "nothing left the live accounts";
  // And the reserve can grant it anew.
  EXPECT_EQ(Outcome(world.Allocate("from_lot: 'lots/" + std::to_string(Row().recovered_lot) +
                                   "' to_account: 'accounts/$STEEL001.rights' quantity: 400000 valid_from: '2027-01-01' valid_to: '2030-12-31' "
                                   "source: 'INITIAL_FREE'")),
            "OK");
}

TEST_F(RecoveriesTest, EachKindAsksForItsGrounds) {
  PublishBase(600'000);
  EXPECT_EQ(Announce("KIND_UNSPECIFIED", kFreeRightToRecover, 1), "INVALID_FIELD DR-61 kind");
  EXPECT_EQ(Announce("UNCOMPENSATED", kPaidRightToRecover, 1, kClosed), "RIGHT_WAS_PAID_FOR DR-61 lot");
  EXPECT_EQ(Announce("UNCOMPENSATED", kFreeRightToRecover, 1), "INVALID_FIELD DR-61 closure_date");
  EXPECT_EQ(Announce("UNCOMPENSATED", kFreeRightToRecover, 1, "closure_date: '2026-01-06'"), "INVALID_FIELD DR-61 closure_date") << "tomorrow";
  EXPECT_EQ(Announce("UNCOMPENSATED", kFreeRightToRecover, 1, kClosed + kPerYear), "INVALID_FIELD DR-61 price_basis");
  EXPECT_EQ(Announce("UNCOMPENSATED", 1, 1, kClosed), "INVALID_FIELD DR-60 lot") << "the reserve's own";
  EXPECT_EQ(Announce("UNCOMPENSATED", kFreeRightToRecover, 1'000'001, kClosed), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Announce("PAID", kPaidRightToRecover, 1), "INVALID_FIELD DR-40 price_basis");
  EXPECT_EQ(Announce("PAID", kPaidRightToRecover, 1, kPerYear + kClosed), "INVALID_FIELD DR-61 closure_date");
  EXPECT_EQ(Announce("PAID", kPaidRightToRecover, 1, "price_basis: 'PER_T_TERM'"), "NO_BASE_PRICE DR-62 price_basis");
  EXPECT_EQ(Announce("COMPULSORY", kPaidRightToRecover, 1, kClosed), "OK") << "of a unit shut for violations, paid for or not";
}

TEST_F(RecoveriesTest, ABoughtRightIsBoughtBackWhenItsProjectWasNotBuilt) {
  PublishBase(600'000);
  EXPECT_EQ(Announce("UNBUILT_PROJECT", kFreeRightToRecover, 1, kPerYear), "RIGHT_NOT_PAID_FOR DR-19 lot");
  world.today = MakeDate(2027, 12, 31);
  EXPECT_EQ(Announce("UNBUILT_PROJECT", kPaidRightToRecover, 1, kPerYear), "PROJECT_MAY_STILL_BE_BUILT DR-19 lot") << "two years are not over";
  world.today = MakeDate(2028, 1, 1);
  EXPECT_EQ(Announce("UNBUILT_PROJECT", kPaidRightToRecover, 1, kPerYear), "OK");
}

TEST_F(RecoveriesTest, AStopThatNobodyDeclaredLetsTheOfficerBegin) {
  const std::string stopped = "closure_date: '2026-01-02' ";
  EXPECT_EQ(Announce("UNDECLARED_STOP", kFreeRightToRecover, 1, stopped), "STOP_TOO_RECENT DR-63 closure_date");
  world.today = MakeDate(2027, 1, 2);
  EXPECT_EQ(Announce("UNDECLARED_STOP", kFreeRightToRecover, 1, stopped), "STOP_TOO_RECENT DR-63 closure_date") << "the twelfth month ends today";
  world.today = MakeDate(2027, 1, 3);
  EXPECT_EQ(Announce("UNDECLARED_STOP", kFreeRightToRecover, 1, stopped), "OK");
  EXPECT_EQ(Announce("UNDECLARED_STOP", kPaidRightToRecover, 1, stopped), "INVALID_FIELD DR-40 price_basis") << "DR-61: what was paid for is bought back";
  ASSERT_EQ(Outcome(world.DeclareClosure("site: 'sites/$STEEL001' closure_date: '2026-01-02' document_reference: 'D'")), "OK");
  EXPECT_EQ(Announce("UNDECLARED_STOP", kFreeRightToRecover, 1, stopped), "CLOSURE_DECLARED DR-63 kind");
}

TEST_F(RecoveriesTest, AClosureIsDeclaredOnceAndSaysWhetherInTime) {
  const std::string closure = "site: 'sites/$STEEL001' document_reference: 'D' closure_date: ";
  EXPECT_EQ(Outcome(world.DeclareClosure(closure + "'2026-01-06'")), "INVALID_FIELD DR-63 closure_date");
  world.today = MakeDate(2026, 2, 2);  // 30 NATURAL days after January 2 end on February 1, a Sunday, and so on the Monday
  world.validate_only = true;
  EXPECT_FALSE(world.DeclareClosure(closure + "'2026-01-02'")->closure().late());
  world.validate_only = false;
  world.today = MakeDate(2026, 2, 3);
  EXPECT_TRUE(world.DeclareClosure(closure + "'2026-01-02'")->closure().late());
  EXPECT_EQ(Outcome(world.DeclareClosure(closure + "'2026-01-02'")), "CLOSURE_DECLARED DR-63 site");
}

TEST_F(RecoveriesTest, AnOfferIsPaidOnceItIsAccepted) {
  PublishBase(600'000);
  ASSERT_EQ(Announce("PAID", kPaidRightToRecover, 500'000, kPerYear), "OK");
  EXPECT_EQ(Approve(), "OFFER_NOT_ACCEPTED DR-61 name");
  ASSERT_EQ(Outcome(world.AcceptRecovery(Name(1))), "OK");
  ASSERT_EQ(Approve(), "OK");
  world.today = MakeDate(2029, 1, 1);
  EXPECT_EQ(Execute(), "INSUFFICIENT_FUNDS DR-62 name");
  Fund(500'000);
  ASSERT_EQ(Execute(), "OK");
  // Half a tonne for two years at what it cost, 5,000 yuan.
  EXPECT_EQ(Row().price, Money(500'000));
  EXPECT_EQ(world.Cash("$STEEL.cash").posted, Money(500'000));
  EXPECT_EQ(world.Cash("bureau.cash").posted, Money());
  EXPECT_EQ(Execute(), "ILLEGAL_TRANSITION DR-60 name");
}

TEST_F(RecoveriesTest, APartHasItsPartOfWhatTheWholeCost) {
  PublishBase(6'000'000);
  Fund(10'000'000);
  for (uint64_t number : {1, 2}) {
    ASSERT_EQ(Announce("PAID", kPaidRightToRecover, 500'000, kPerYear), "OK");
    ASSERT_EQ(Outcome(world.AcceptRecovery(Name(number))), "OK");
    ASSERT_EQ(Approve(number), "OK");
  }
  world.today = MakeDate(2026, 1, 6);
  ASSERT_EQ(Execute(1), "OK");
  ASSERT_EQ(Execute(2), "OK");
  // 1,821 of the 1,825 days that DR-40 counts: 1,820 (2026-01-06 to 2030-01-05 are 4 years, then 360 days). 2,500,000 x 1/2 x 1,820 / 1,825.
  EXPECT_EQ(Row(1).price, Money(1'246'575));
  EXPECT_EQ(Row(2).price, Money(1'246'575)) << "what is left of a lot costs a unit what it did before";
}

TEST_F(RecoveriesTest, AnOfferThatIsTurnedDownOrWithdrawnGivesAllBack) {
  PublishBase(600'000);
  ASSERT_EQ(Announce("PAID", kPaidRightToRecover, 500'000, kPerYear), "OK");
  ASSERT_EQ(Announce("COMPULSORY", kFreeRightToRecover, 500'000, kClosed), "OK");
  EXPECT_EQ(Outcome(world.AcceptRecovery(Name(2))), "NO_OFFER DR-61 name");
  EXPECT_EQ(Outcome(world.DeclineRecovery(Name(2))), "NO_OFFER DR-61 name");
  EXPECT_EQ(Outcome(world.WithdrawRecovery("name: 'recoveries/1'")), "INVALID_FIELD - reason");
  ASSERT_EQ(Outcome(world.DeclineRecovery(Name(1))), "OK");
  ASSERT_EQ(Outcome(world.WithdrawRecovery(Name(2))), "OK");
  EXPECT_EQ(world.Available(kPaidRightToRecover), Quantity(1'000'000));
  EXPECT_EQ(world.Available(kFreeRightToRecover), Quantity(1'000'000));
  EXPECT_EQ(Approve(1), "ILLEGAL_TRANSITION DR-60 name");
}

TEST_F(RecoveriesTest, APledgeeHasNoticeAndIsPaidFirst) {
  PublishBase(600'000);
  Pledge(400'000, 300'000);
  EXPECT_EQ(Announce("PAID", kPaidRightToRecover, 700'000, kPerYear), "PLEDGED_UNITS PLG-21 quantity");
  EXPECT_EQ(Announce("PAID", kPaidRightToRecover, 300'000, kPerYear + "pledges: 'pledges/1'"), "INVALID_FIELD DR-64 quantity");
  EXPECT_EQ(Announce("PAID", kPaidRightToRecover, 700'000, kPerYear + "pledges: 'pledges/2'"), "NOT_FOUND - pledges");
  EXPECT_EQ(Announce("PAID", kPaidRightToRecover, 900'000, kPerYear + "pledges: 'pledges/1' pledges: 'pledges/1'"), "INVALID_FIELD DR-64 pledges");
  ASSERT_EQ(Announce("PAID", kPaidRightToRecover, 700'000, kPerYear + "pledges: 'pledges/1'"), "OK");
  EXPECT_EQ(world.Lot(kPaidRightToRecover).Held(HoldKind::kRecovery), Quantity(300'000));
  EXPECT_EQ(world.Lot(kPaidRightToRecover).Held(HoldKind::kPledge), Quantity(400'000));
  ASSERT_EQ(Outcome(world.AcceptRecovery(Name(1))), "OK");
  ASSERT_EQ(Approve(), "OK");
  Fund(2'000'000);
  world.today = MakeDate(2026, 1, 26);  // the fifteenth workday after Monday, January 5
  EXPECT_EQ(Execute(), "NOTICE_RUNNING DR-64 name");
  world.today = MakeDate(2026, 1, 27);
  ASSERT_EQ(Execute(), "OK");
  // 0.7 t at 25,000.00 for 1,825 days, of which 1,799 remain (four years and 339 days): 2,500,000 x 0.7 x 1,799 / 1,825.
  EXPECT_EQ(Row().price, Money(1'725'068));
  EXPECT_EQ(Row().paid_to_pledgees, Money(300'000)) << "up to what was lent";
  EXPECT_EQ(world.Cash("$BANK.cash").posted, Money(300'000)) << "the branch's bank has the account";
  EXPECT_EQ(world.Cash("$STEEL.cash").posted, Money(1'425'068));
  EXPECT_EQ(world.pledges.FindPledge(1)->state, v1::REALISED);
  EXPECT_EQ(world.pledges.FindPledge(1)->decision, "recoveries/1");
}

TEST_F(RecoveriesTest, WhatIsTakenWithoutPayLeavesThePledgeeItsClaimOnly) {
  Pledge(400'000, 300'000);
  ASSERT_EQ(Announce("COMPULSORY", kPaidRightToRecover, 400'000, kClosed + "pledges: 'pledges/1'"), "OK");
  ASSERT_EQ(Approve(), "OK");
  world.today = MakeDate(2026, 3, 2);
  ASSERT_EQ(Execute(), "OK");
  EXPECT_EQ(world.pledges.FindPledge(1)->state, v1::COLLATERAL_LOST);
  EXPECT_EQ(world.Lot(kPaidRightToRecover).quantity, Quantity(600'000));
}

TEST_F(RecoveriesTest, ANoticeThroughAYearWithoutACalendarDecidesNothing) {
  world.today = MakeDate(2026, 12, 21);
  Pledge(400'000, 300'000);
  ASSERT_EQ(Announce("COMPULSORY", kPaidRightToRecover, 400'000, kClosed + "pledges: 'pledges/1'"), "OK");
  ASSERT_EQ(Approve(), "OK");
  world.today = MakeDate(2027, 3, 1);
  EXPECT_EQ(Execute(), "CALENDAR_NOT_PUBLISHED GEN-02 name");
}

TEST_F(RecoveriesTest, WhatABankReleasedMeanwhileMustBeFreeStill) {
  Pledge(400'000, 300'000);
  ASSERT_EQ(Announce("COMPULSORY", kPaidRightToRecover, 400'000, kClosed + "pledges: 'pledges/1'"), "OK");
  ASSERT_EQ(Approve(), "OK");
  ASSERT_EQ(Outcome(world.ReleasePledge("name: 'pledges/1'")), "OK");
  world.today = MakeDate(2026, 3, 2);
  world.Hold(kPaidRightToRecover, HoldKind::kTrade, 700'000);
  EXPECT_EQ(Execute(), "INSUFFICIENT_UNITS CAR-21 name");
  world.ReleaseHold(kPaidRightToRecover, HoldKind::kTrade, 700'000);
  EXPECT_EQ(Execute(), "OK");
}

TEST_F(RecoveriesTest, FrozenUnitsAreNotRecovered) {
  ASSERT_EQ(Announce("COMPULSORY", kPaidRightToRecover, 400'000, kClosed), "OK");
  ASSERT_EQ(Approve(), "OK");
  ASSERT_EQ(Outcome(world.Freeze("lot: 'lots/2' court: 'C' case_number: 'N' start_date: '2026-01-05' end_date: '2026-12-31' quantity: 600001")), "OK");
  EXPECT_EQ(Execute(), "FROZEN_UNITS PLG-29 name");
}

TEST_F(RecoveriesTest, ARestartGoesOnWithTheSameRecoveries) {
  ASSERT_EQ(Announce("COMPULSORY", kPaidRightToRecover, 400'000, kClosed), "OK");
  ASSERT_EQ(Approve(), "OK");
  LedgerWorld again;
  world.RestartInto(&again);
  ASSERT_EQ(Execute(), "OK");
  ASSERT_EQ(Outcome(again.ExecuteRecovery(Name(1))), "OK");
  EXPECT_EQ(world.stored.rows(), again.stored.rows());
}

}  // namespace
}  // namespace songhua::ledger
