// Pledges: the state machine of china.md 8.5, what may be pledged, and what a pledge holds.
#include "ledger/pledges.h"

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/ledger/pledge_world.h"

namespace songhua::ledger {
namespace {

class PledgesTest : public testing::Test {
 protected:
  void SetUp() override { world.FurnishLots(); }
  PledgeWorld world;
};

TEST_F(PledgesTest, APledgeGoesFromApplicationToRelease) {
  ASSERT_EQ(world.Apply(kPaidRight, 600), "OK");
  EXPECT_EQ(world.Row(1).pledgor, world.Named("$STEEL"));
  EXPECT_EQ(world.Available(kPaidRight), Quantity(1000)) << "an application holds nothing";
  ASSERT_EQ(world.Send("verify", 1), "OK");
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kProvisionalPledge), Quantity(600));
  EXPECT_EQ(world.Available(kPaidRight), Quantity(400)) << "PLG-20: a provisional hold blocks like a pledge";
  ASSERT_EQ(world.Send("bank_approve", 1), "OK");
  EXPECT_EQ(world.Row(1).loan.principal, Money(80'000'000));
  ASSERT_EQ(world.Send("confirm", 1), "OK");
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kProvisionalPledge), Quantity());
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kPledge), Quantity(600));
  ASSERT_EQ(world.Send("release", 1), "OK");
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kPledge), Quantity()) << "PLG-30, INV-12: lifted in the same commit";
  EXPECT_EQ(world.Available(kPaidRight), Quantity(1000));
  EXPECT_NE(world.Row(1).end_time, Timestamp());
  EXPECT_EQ(world.Row(1).decision, "because");
}

// Each unit of a lot is worth a thousand fen.
class ThousandEach : public UnitValuer {
 public:
  std::optional<Valuation> ValueOf(const LotRow&, Quantity quantity, Date) const override {
    if (!in_force) return std::nullopt;
    Valuation valuation;
    valuation.unit = Price(1'000);
    valuation.value = Money(quantity.value() * 1'000);
    return valuation;
  }
  bool in_force = true;
};

TEST_F(PledgesTest, WhatIsLentIsWithinThePartOfTheValueToTheFen) {
  ThousandEach valuer;
  world.pledges.SetValuer(&valuer);
  ASSERT_EQ(world.Apply(kPaidRight, 600), "OK");
  ASSERT_EQ(world.Send("verify", 1), "OK");
  EXPECT_EQ(world.Row(1).valuation.value, Money(600'000));
  EXPECT_EQ(world.Row(1).principal_max, Money(480'000));
  const auto approve = [&](int64_t principal) {
    return Outcome(world.ApprovePledge("name: 'pledges/1' contract_number: 'C' term_start: '2026-01-05' term_end: '2026-12-31' principal_fen: " + std::to_string(principal)));
  };
  EXPECT_EQ(approve(480'001), "BEYOND_LOAN_TO_VALUE PLG-14 principal_fen");
  ASSERT_EQ(approve(480'000), "OK");
  ASSERT_EQ(world.Send("confirm", 1), "OK");
  const auto reduce = [&](int64_t quantity) { return Outcome(world.ReleasePledgedUnits("name: 'pledges/1' quantity: " + std::to_string(quantity))); };
  EXPECT_EQ(reduce(1), "BEYOND_LOAN_TO_VALUE PLG-14 quantity");
  EXPECT_EQ(reduce(0), "INVALID_FIELD PLG-30 quantity");
  EXPECT_EQ(reduce(600), "INVALID_FIELD PLG-30 quantity");
}

TEST_F(PledgesTest, APartIsReleasedAndTheRestStaysPledged) {
  world.MakeActive(kPaidRight, 600, 1);
  EXPECT_EQ(Outcome(world.ReleasePledgedUnits("name: 'pledges/1' quantity: 200 decision: 'a third is repaid'")), "OK");
  EXPECT_EQ(world.Row(1).Total(), Quantity(400));
  EXPECT_EQ(world.Row(1).state, v1::ACTIVE);
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kPledge), Quantity(400));
  ASSERT_EQ(world.Send("release", 1), "OK");
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kPledge), Quantity());
}

TEST_F(PledgesTest, UnitsWithoutAPriceAreNotLentOn) {
  ThousandEach valuer;
  valuer.in_force = false;
  world.pledges.SetValuer(&valuer);
  ASSERT_EQ(world.Apply(kPaidRight, 600), "OK");
  ASSERT_EQ(world.Send("verify", 1), "OK");
  EXPECT_EQ(Outcome(world.ApprovePledge("name: 'pledges/1' contract_number: 'C' term_start: '2026-01-05' term_end: '2026-12-31' principal_fen: 1")),
            "NOT_VALUED PLG-14 principal_fen");
}

TEST_F(PledgesTest, AHoldAndAnApprovalLapseOnTheDayAfterTheirLast) {
  ASSERT_EQ(world.Apply(kPaidRight, 300), "OK");
  ASSERT_EQ(world.Apply(kPaidRight, 200), "OK");
  EXPECT_EQ(FormatDate(world.Row(1).due), "2026-01-08") << "three workdays from Monday the 5th";
  ASSERT_EQ(world.Send("verify", 1), "OK");
  ASSERT_EQ(world.Send("verify", 2), "OK");
  EXPECT_EQ(FormatDate(world.Row(1).due), "2026-02-02") << "twenty";
  ASSERT_EQ(world.Send("bank_approve", 2), "OK");
  EXPECT_EQ(FormatDate(world.Row(2).due), "2026-01-12") << "five";
  const auto pass = [](PledgeWorld* in) {
    EXPECT_TRUE(in->Run([&](CommandContext& context) {
                    while (in->pledges.PassPledges(context, 1)) {
                    }
                    return absl::OkStatus();
                  }).ok());
  };
  world.today = MakeDate(2026, 1, 12);
  pass(&world);
  EXPECT_EQ(world.Row(2).state, v1::BANK_APPROVED) << "its last day is its last";
  world.today = MakeDate(2026, 1, 13);
  EXPECT_EQ(world.Send("confirm", 2), "ILLEGAL_TRANSITION PLG-20 name") << "whether or not the timer has come";
  PledgeWorld again;
  world.RestartInto(&again);
  pass(&again);
  EXPECT_EQ(again.Row(2).state, v1::RELEASED);
  EXPECT_EQ(again.Row(2).decision, "CONFIRMATION_LAPSED");
  EXPECT_EQ(again.Row(1).state, v1::HELD);
  EXPECT_EQ(again.Held(kPaidRight, HoldKind::kProvisionalPledge), Quantity(300));
  again.today = MakeDate(2026, 2, 3);
  pass(&again);
  EXPECT_EQ(again.Row(1).decision, "HOLD_LAPSED");
  EXPECT_EQ(again.Available(kPaidRight), Quantity(1000));
}

// The table of china.md 8.5, written here once more, and every event tried in every state: what the table does not list is refused and
// changes nothing; in every state the lot holds what that state says.
TEST(PledgeStatesTest, EveryEventInEveryStateIsWhatTheTableSays) {
  const std::map<std::pair<v1::PledgeState, std::string>, v1::PledgeState> table = {
      {{v1::APPLIED, "verify"}, v1::HELD},
      {{v1::APPLIED, "reject"}, v1::PLEDGE_REJECTED},
      {{v1::HELD, "bank_approve"}, v1::BANK_APPROVED},
      {{v1::HELD, "bank_decline"}, v1::RELEASED},
      {{v1::BANK_APPROVED, "bank_decline"}, v1::RELEASED},  // pledges.proto; in the table this is confirm_timeout
      {{v1::BANK_APPROVED, "confirm"}, v1::ACTIVE},
      {{v1::ACTIVE, "release"}, v1::RELEASED},
      {{v1::ACTIVE, "propose"}, v1::ACTIVE},
      {{v1::ACTIVE, "agree"}, v1::ACTIVE},
      {{v1::ACTIVE, "end_proposal"}, v1::ACTIVE},
      {{v1::ACTIVE, "consent"}, v1::ACTIVE},
      {{v1::ACTIVE, "notice"}, v1::DEFAULT_NOTICE},
      {{v1::DEFAULT_NOTICE, "cure"}, v1::ACTIVE},
      {{v1::DEFAULT_NOTICE, "enforce"}, v1::ENFORCING},
      {{v1::ENFORCING, "abandon"}, v1::ACTIVE},
      {{v1::ENFORCING, "drop"}, v1::RELEASED},
      {{v1::ENFORCING, "dispose"}, v1::REALISED},
      // What is said of a pledge in force moves it nowhere.
      {{v1::ACTIVE, "register"}, v1::ACTIVE},
      {{v1::DEFAULT_NOTICE, "register"}, v1::DEFAULT_NOTICE},
      {{v1::ENFORCING, "register"}, v1::ENFORCING},
      {{v1::ACTIVE, "report"}, v1::ACTIVE},
      {{v1::DEFAULT_NOTICE, "report"}, v1::DEFAULT_NOTICE},
      {{v1::ENFORCING, "report"}, v1::ENFORCING},
      // PLG-04: nor what is said of one that has ended.
      {{v1::RELEASED, "cancel_registration"}, v1::RELEASED},
      {{v1::REALISED, "cancel_registration"}, v1::REALISED},
      {{v1::COLLATERAL_LOST, "cancel_registration"}, v1::COLLATERAL_LOST},
  };
  const std::vector<std::string> events = {"verify",  "reject",  "bank_approve", "bank_decline", "confirm", "release", "propose", "agree", "end_proposal", "consent",
                                           "register", "report", "notice",       "cure",         "enforce", "abandon", "drop",    "dispose",
                                           "cancel_registration"};
  const std::map<v1::PledgeState, HoldKind> holds = {{v1::HELD, HoldKind::kProvisionalPledge},
                                                     {v1::BANK_APPROVED, HoldKind::kProvisionalPledge},
                                                     {v1::ACTIVE, HoldKind::kPledge},
                                                     {v1::DEFAULT_NOTICE, HoldKind::kPledge},
                                                     {v1::ENFORCING, HoldKind::kPledge}};
  // The way to each state by commands, or to one that holds as much: those beyond today's commands are written into the row.
  const std::vector<std::string> to_active = {"verify", "bank_approve", "confirm"};
  const std::vector<std::string> to_the_end = {"verify", "bank_approve", "confirm", "release"};
  const std::map<v1::PledgeState, std::vector<std::string>> ways = {{v1::APPLIED, {}},
                                                                    {v1::HELD, {"verify"}},
                                                                    {v1::PLEDGE_REJECTED, {"reject"}},
                                                                    {v1::BANK_APPROVED, {"verify", "bank_approve"}},
                                                                    {v1::ACTIVE, to_active},
                                                                    {v1::RELEASED, to_the_end},
                                                                    {v1::DEFAULT_NOTICE, to_active},
                                                                    {v1::ENFORCING, to_active},
                                                                    {v1::REALISED, to_the_end},
                                                                    {v1::COLLATERAL_LOST, to_the_end}};
  ASSERT_EQ(ways.size() + 1, static_cast<size_t>(v1::PledgeState_descriptor()->value_count())) << "every state but UNSPECIFIED";

  PledgeWorld origin;
  origin.FurnishLots();
  for (const auto& [state, way] : ways) {
    PledgeWorld prepared;
    origin.RestartInto(&prepared);
    ASSERT_EQ(prepared.Apply(kPaidRight, 10), "OK");
    prepared.SendAll(way, 1);
    for (const std::string& event : events) {
      SCOPED_TRACE(v1::PledgeState_Name(state) + " " + event);
      PledgeWorld world;
      world.ids = prepared.ids;
      world.check_invariants = false;  // this world has not all rows of its past
      for (const auto& [key, value] : prepared.stored.rows()) {
        PledgeRow row;
        if (!world.tables.IsLoaded(RowKeyTable(key))) continue;
        const bool is_pledge = RowKeyTable(key) == static_cast<TableId>(RowTable::kPledges);
        ASSERT_TRUE(!is_pledge || DecodeValue(value, &row).ok());
        row.state = state;
        row.proposal = {Money(), 500, Date{}, Timestamp(1)};  // what the events of an amendment need,
        row.balance.date = MakeDate(2026, 1, 1);              // and that nothing is owed, which the end of an enforcement needs
        ASSERT_TRUE(world.tables.Load(RowKeyTable(key), is_pledge ? EncodeValue(row) : value).ok());
      }
      world.tables.FinishLoad();

      const auto expected = table.find({state, event});
      EXPECT_EQ(world.Send(event, 1), expected == table.end() ? "ILLEGAL_TRANSITION PLG-20 name" : "OK");
      const v1::PledgeState after = expected == table.end() ? state : expected->second;
      EXPECT_EQ(world.Row(1).state, after);
      for (HoldKind kind : {HoldKind::kProvisionalPledge, HoldKind::kPledge}) {
        const auto hold = holds.find(after);
        EXPECT_EQ(world.Held(kPaidRight, kind), hold != holds.end() && hold->second == kind ? Quantity(10) : Quantity())
            << HoldKindName(kind);
      }
    }
  }
}

TEST_F(PledgesTest, AnIllegalTransitionSaysWhatWouldBeLegal) {
  ASSERT_EQ(world.Apply(kPaidRight, 10), "OK");
  const auto answer = world.DeclinePledge("name: 'pledges/1' decision: 'no'");
  EXPECT_EQ(Detail(answer).accepted, "a pledge that is HELD or BANK_APPROVED; this one is APPLIED");
}

// PLG-11: only what was paid for; serial units count as paid for.
TEST_F(PledgesTest, ARightAllocatedForNothingIsNotPledged) {
  EXPECT_EQ(world.Apply(kFreeRight, 10), "RIGHT_NOT_PAID_FOR PLG-11 lot");
  EXPECT_EQ(world.Apply(kPaidRight, 10), "OK");
  EXPECT_EQ(world.Apply(kAllowances, 10), "OK");
}

// PLG-17: rights in a site's account, allowances in a registry account where trading is kept apart.
TEST_F(PledgesTest, OnlyUnitsInTheRightPlaceArePledged) {
  EXPECT_EQ(world.Apply(kReserve, 10), "NOT_PLEDGEABLE PLG-17 lot");
  ASSERT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: 50")), "OK");
  const LotNumber trading = world.LastLot();
  EXPECT_EQ(world.Apply(trading, 10), "NOT_PLEDGEABLE PLG-17 lot");
  ASSERT_EQ(
      Outcome(world.Issue("program: 'programs/wci' pollutant: 'CO2E' control_zone: 'CA' trading_group: 'ALL' vintage: 2025 quantity: 100 "
                          "to_account: 'accounts/$STEEL.registry'")),
      "OK");
  ASSERT_EQ(Outcome(world.Transfer("from_lot: 'lots/" + std::to_string(world.LastLot()) +
                                   "' to_account: 'accounts/$STEEL.trading' quantity: 50")),
            "OK");
  EXPECT_EQ(world.Apply(world.LastLot(), 10), "OK") << "programs without separate trading accounts pledge from either";
}

// PLG-17, PLG-28: only from what is free; the same units secure one loan.
TEST_F(PledgesTest, OnlyFreeUnitsArePledged) {
  world.Hold(kAllowances, HoldKind::kOrder, 30);
  EXPECT_EQ(world.Apply(kAllowances, 71), "INSUFFICIENT_UNITS PLG-17 quantity");
  world.MakeActive(kAllowances, 50, 1);
  EXPECT_EQ(world.Apply(kAllowances, 21), "PLEDGED_UNITS PLG-28 quantity");
  EXPECT_EQ(world.Apply(kAllowances, 101), "INSUFFICIENT_UNITS PLG-17 quantity");
  EXPECT_EQ(world.Apply(kAllowances, 20), "OK");
}

// Two applications over the same units: the registry verifies one.
TEST_F(PledgesTest, UnitsThatWentSinceTheApplicationAreNotHeld) {
  ASSERT_EQ(world.Apply(kPaidRight, 600), "OK");
  ASSERT_EQ(world.Apply(kPaidRight, 600), "OK");
  ASSERT_EQ(world.Send("verify", 2), "OK");
  EXPECT_EQ(world.Send("verify", 1), "PLEDGED_UNITS PLG-28 quantity");
  ASSERT_EQ(world.Send("bank_decline", 2), "OK");
  EXPECT_EQ(world.Send("verify", 1), "OK");
}

// PLG-21: while pledged, no transfer, surrender, cancellation or sale.
TEST_F(PledgesTest, PledgedUnitsCannotBeDisposedOf) {
  world.MakeActive(kAllowances, 60, 1);
  EXPECT_EQ(Outcome(world.Transfer("from_lot: 'lots/1' to_account: 'accounts/$STEEL.trading' quantity: 41")),
            "PLEDGED_UNITS PLG-21 quantity");
  EXPECT_EQ(Outcome(world.Surrender("from_lot: 'lots/1' quantity: 41 obligation_year: 2025")), "PLEDGED_UNITS PLG-21 quantity");
  EXPECT_EQ(Outcome(world.Cancel("from_lot: 'lots/1' quantity: 41")), "PLEDGED_UNITS PLG-21 quantity");
  EXPECT_EQ(Outcome(world.Surrender("from_lot: 'lots/1' quantity: 40 obligation_year: 2025")), "OK");
  EXPECT_DEATH(world.ledger.lots().Hold(world.Lot(kAllowances), HoldKind::kOrder, Quantity(1)), "CHECK failed") << "INV-05";
}

// PLG-23: a pledge restricts disposal, not use.
TEST_F(PledgesTest, APledgedRightIsStillARightToDischarge) {
  world.MakeActive(kPaidRight, 1000, 1);
  EXPECT_EQ(world.ledger.EffectiveRights(world.Named("$STEEL001"), "SO2", 2027), Quantity(2000));
}

TEST_F(PledgesTest, ThePledgeeIsABankOrItsBranch) {
  EXPECT_EQ(world.Apply(kPaidRight, 10, "$POWER"), "INVALID_FIELD PLG-10 pledgee");
  EXPECT_EQ(world.Apply(kPaidRight, 10, "bureau"), "INVALID_FIELD PLG-10 pledgee");
  EXPECT_EQ(world.Apply(kPaidRight, 10, "nobody"), "NOT_FOUND - pledgee");
  EXPECT_EQ(world.Apply(kPaidRight, 10, "branch"), "OK");
}

TEST_F(PledgesTest, ABankDoesNotPledgeToItself) {
  ASSERT_EQ(Outcome(world.OpenAccount("kind: REGISTRY participant: 'participants/$BANK'")), "OK");
  ASSERT_EQ(
      Outcome(world.Issue("program: 'programs/cea' pollutant: 'CO2E' control_zone: 'CN' trading_group: 'ALL' vintage: 2025 quantity: 100 "
                          "to_account: 'accounts/$BANK.registry'")),
      "OK");
  EXPECT_EQ(world.Apply(world.LastLot(), 10), "INVALID_FIELD PLG-10 pledgee");
  EXPECT_EQ(world.Apply(world.LastLot(), 10, "branch"), "INVALID_FIELD PLG-10 pledgee");
}

TEST_F(PledgesTest, AnApplicationIsCheckedInTheOrderOfItsFields) {
  const auto apply = [&](const std::string& text) { return Outcome(world.ApplyPledge(text)); };
  EXPECT_EQ(apply("lot: '3'"), "INVALID_FIELD - lot");
  EXPECT_EQ(apply("lot: 'lots/99'"), "INVALID_FIELD PLG-17 quantity");
  EXPECT_EQ(apply("lot: 'lots/99' quantity: -1"), "INVALID_FIELD PLG-17 quantity");
  EXPECT_EQ(apply("lot: 'lots/99' quantity: 1"), "INVALID_FIELD - pledgee");
  EXPECT_EQ(apply("lot: 'lots/99' quantity: 1 pledgee: 'participants/$BANK'"), "INVALID_FIELD PLG-05 form");
  EXPECT_EQ(apply("lot: 'lots/99' quantity: 1 pledgee: 'participants/$BANK' form: MORTGAGE"), "NOT_FOUND - lot");
  EXPECT_EQ(world.Send("verify", 9), "NOT_FOUND - name");
}

// PLG-13: the boundary is the right's last day; the day after is too late.
TEST_F(PledgesTest, TheLoanEndsNoLaterThanTheRight) {
  ASSERT_EQ(world.Apply(kPaidRight, 600), "OK");
  ASSERT_EQ(world.Send("verify", 1), "OK");
  EXPECT_EQ(world.Approve(1, "2031-01-01"), "TERM_EXCEEDS_RIGHT PLG-13 term_end");
  EXPECT_EQ(world.Approve(1, "2030-12-31"), "OK");
  // Allowances do not expire.
  ASSERT_EQ(world.Apply(kAllowances, 60), "OK");
  ASSERT_EQ(world.Send("verify", 2), "OK");
  EXPECT_EQ(world.Approve(2, "2040-12-31"), "OK");
}

TEST_F(PledgesTest, TermsThatNoLoanHasAreRefused) {
  ASSERT_EQ(world.Apply(kPaidRight, 600), "OK");
  ASSERT_EQ(world.Send("verify", 1), "OK");
  const std::string valid =
      "name: 'pledges/1' principal_fen: 1 rate_bps: 0 term_start: '2026-01-05' term_end: '2026-01-05' contract_number: 'C'";
  const auto approve = [&](const std::string& from, const std::string& to) {
    std::string text = valid;
    text.replace(text.find(from), from.size(), to);
    return Outcome(world.ApprovePledge(text));
  };
  EXPECT_EQ(approve("principal_fen: 1", ""), "INVALID_FIELD PLG-10 principal_fen");
  EXPECT_EQ(approve("principal_fen: 1", "principal_fen: 1000000000000001"), "INVALID_FIELD PLG-10 principal_fen");
  EXPECT_EQ(approve("rate_bps: 0", "rate_bps: -1"), "INVALID_FIELD PLG-10 rate_bps");
  EXPECT_EQ(approve("rate_bps: 0", "rate_bps: 10001"), "INVALID_FIELD PLG-10 rate_bps");
  EXPECT_EQ(approve("term_start: '2026-01-05'", ""), "INVALID_FIELD - term_start");
  EXPECT_EQ(approve("term_start: '2026-01-05'", "term_start: '2026-01-06'"), "INVALID_FIELD PLG-10 term_end");
  EXPECT_EQ(approve("contract_number: 'C'", ""), "INVALID_FIELD - contract_number");
  EXPECT_EQ(approve("term_start: '2026-01-05' term_end: '2026-01-05'", "term_start: '2026-01-04' term_end: '2026-01-04'"),
            "TERM_HAS_ENDED PLG-13 term_end");
  EXPECT_EQ(approve("", ""), "OK");
}

// PLG-03: control with the commit, priority with the unified registry's number; both end with the pledge.
TEST_F(PledgesTest, ControlAndPriorityAreShownApart) {
  world.MakeActive(kPaidRight, 100, 1);
  ASSERT_EQ(world.Apply(kPaidRight, 100), "OK");
  ASSERT_EQ(world.Send("verify", 2), "OK");
  ASSERT_EQ(world.Approve(2, "2029-12-31", ""), "OK");
  EXPECT_FALSE(ToProto(world.Row(2), world.today).control_effective());
  ASSERT_EQ(world.Send("confirm", 2), "OK");
  EXPECT_TRUE(ToProto(world.Row(1), world.today).control_effective());
  EXPECT_TRUE(ToProto(world.Row(1), world.today).priority_effective());
  EXPECT_TRUE(ToProto(world.Row(2), world.today).control_effective());
  EXPECT_FALSE(ToProto(world.Row(2), world.today).priority_effective());
  ASSERT_EQ(world.Send("release", 1), "OK");
  EXPECT_FALSE(ToProto(world.Row(1), world.today).control_effective());
  EXPECT_FALSE(ToProto(world.Row(1), world.today).priority_effective());
}

// PLG-29: a court's freeze lies over a pledge and does not remove it, but frozen property is not given as security anew.
TEST_F(PledgesTest, AFreezeStopsAPledgeThatIsNotYetMade) {
  const std::string freeze = "lot: 'lots/1' court: 'C' case_number: 'N' start_date: '2026-01-05' end_date: '2026-12-31' quantity: ";
  ASSERT_EQ(world.Apply(kAllowances, 60), "OK");
  world.SendAll({"verify", "bank_approve"}, 1);
  ASSERT_EQ(Outcome(world.Freeze(freeze + "40")), "OK");
  world.validate_only = true;
  EXPECT_EQ(world.Send("confirm", 1), "OK") << "the order lies over the 40 that are free";
  world.validate_only = false;
  ASSERT_EQ(Outcome(world.Freeze(freeze + "1")), "OK");
  EXPECT_EQ(world.Send("confirm", 1), "FROZEN_UNITS PLG-29 name");
  ASSERT_EQ(Outcome(world.LiftFreeze("name: 'freezes/2' reason: 'paid'")), "OK");
  ASSERT_EQ(world.Send("confirm", 1), "OK");
  ASSERT_EQ(Outcome(world.Freeze(freeze + "100")), "OK");
  EXPECT_EQ(world.Held(kAllowances, HoldKind::kPledge), Quantity(60));
  EXPECT_EQ(world.Send("release", 1), "OK");
  EXPECT_EQ(world.Available(kAllowances), Quantity());
}

// DR-10: an expired right secures nothing.
TEST_F(PledgesTest, AnExpiredRightIsNotPledged) {
  ASSERT_EQ(world.Apply(kPaidRight, 600), "OK");
  ASSERT_EQ(world.Apply(kPaidRight, 300), "OK");
  world.SendAll({"verify", "bank_approve"}, 1);
  world.today = MakeDate(2031, 1, 1);
  EXPECT_EQ(world.Apply(kPaidRight, 1), "LOT_EXPIRED DR-10 lot");
  EXPECT_EQ(world.Send("verify", 2), "LOT_EXPIRED DR-10 lot");
  EXPECT_EQ(world.Send("confirm", 1), "ILLEGAL_TRANSITION PLG-20 name") << "it has lapsed";
}

TEST_F(PledgesTest, ALoanThatHasEndedIsNotConfirmed) {
  ASSERT_EQ(world.Apply(kPaidRight, 600), "OK");
  ASSERT_EQ(world.Send("verify", 1), "OK");
  ASSERT_EQ(Outcome(world.ApprovePledge("name: 'pledges/1' principal_fen: 1 contract_number: 'C' term_start: '2026-01-05' term_end: '2026-01-06'")), "OK");
  world.today = MakeDate(2026, 1, 7);
  EXPECT_EQ(world.Send("confirm", 1), "TERM_HAS_ENDED PLG-13 term_end");
  EXPECT_EQ(world.Send("bank_decline", 1), "OK");
}

TEST_F(PledgesTest, ARejectionAndARefusalHaveAReason) {
  ASSERT_EQ(world.Apply(kPaidRight, 600), "OK");
  EXPECT_EQ(Outcome(world.RejectPledge("name: 'pledges/1'")), "INVALID_FIELD - decision");
  ASSERT_EQ(Outcome(world.VerifyPledge("name: 'pledges/1'")), "OK");
  EXPECT_EQ(Outcome(world.DeclinePledge("name: 'pledges/1'")), "INVALID_FIELD - decision");
  ASSERT_EQ(world.Send("bank_approve", 1), "OK");
  ASSERT_EQ(Outcome(world.ConfirmPledge("name: 'pledges/1'")), "OK");
  ASSERT_EQ(Outcome(world.ReleasePledge("name: 'pledges/1'")), "OK");
}

TEST_F(PledgesTest, ValidateOnlyAnswersAsTheCommandWouldAndChangesNothing) {
  world.validate_only = true;
  const std::string application = "lot: 'lots/3' quantity: 10 form: PLEDGE pledgee: 'participants/$BANK'";
  EXPECT_EQ(world.ApplyPledge(application)->pledge().name(), "pledges/1");
  EXPECT_EQ(world.ApplyPledge(application)->pledge().name(), "pledges/1");
  world.validate_only = false;
  ASSERT_EQ(Outcome(world.ApplyPledge(application)), "OK");
  world.validate_only = true;
  EXPECT_EQ(world.VerifyPledge("name: 'pledges/1'")->pledge().state(), v1::HELD);
  EXPECT_EQ(world.Row(1).state, v1::APPLIED);
  EXPECT_EQ(world.Held(kPaidRight, HoldKind::kProvisionalPledge), Quantity());
}

TEST_F(PledgesTest, PledgesComeBackAfterARestart) {
  world.MakeActive(kPaidRight, 100, 1);
  ASSERT_EQ(world.Apply(kPaidRight, 200), "OK");
  ASSERT_EQ(world.Send("verify", 2), "OK");
  PledgeWorld restarted;
  world.RestartInto(&restarted);
  for (PledgeWorld* each : {&world, &restarted}) {
    each->events.Take();
    EXPECT_EQ(each->Send("release", 1), "OK");
    EXPECT_EQ(each->Send("bank_approve", 2), "OK");
    EXPECT_EQ(each->Send("confirm", 2), "OK");
    EXPECT_EQ(each->Apply(kPaidRight, 800), "OK");
    EXPECT_EQ(each->Row(3).Total(), Quantity(800));
  }
  EXPECT_EQ(world.stored.rows(), restarted.stored.rows());
  EXPECT_EQ(world.events.bytes(), restarted.events.bytes());
}

}  // namespace
}  // namespace songhua::ledger
