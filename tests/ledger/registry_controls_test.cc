// Registry controls: the business-hour clock with the worked cases of the Union Registry's practice, four eyes, trusted lists, delays, limits, states of
// accounts; and that a proposal holds its units from the first commit to its last.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/calendars.h"
#include "ledger/controls.h"
#include "ledger/transfer_proposals.h"
#include "tests/ledger/ledger_world.h"

namespace songhua::ledger {
namespace {

Timestamp At(const std::string& local) { return *ParseTimestamp(local + ":00+08:00"); }
std::string Shown(Timestamp at) { return FormatTimestamp(at).substr(0, 16); }

// ---- The clock ----

class BusinessHoursTest : public testing::Test {
 protected:
  TableSet tables;
  Calendars calendars{&tables};
  BusinessHours hours{10 * 60, 16 * 60, v1::WORKDAY};
};

// 2026-03-05 is a Thursday; no calendar of 2026 is loaded, so Mondays to Fridays are workdays.
TEST_F(BusinessHoursTest, TheThreeWorkedCasesOfATrustedAccount) {
  EXPECT_EQ(Shown(AfterWorkingDays(calendars, hours, At("2026-03-05T11:30"), 4)), "2026-03-11T11:30");  // Thursday -> Wednesday
  EXPECT_EQ(Shown(ClockStart(calendars, hours, At("2026-03-07T12:00"))), "2026-03-09T10:00");           // Saturday -> Monday ...
  EXPECT_EQ(Shown(AfterWorkingDays(calendars, hours, At("2026-03-07T12:00"), 4)), "2026-03-13T10:00");  // ... to Friday
  EXPECT_EQ(Shown(ClockStart(calendars, hours, At("2026-03-09T19:00"))), "2026-03-10T10:00");           // Monday evening -> Tuesday ...
  EXPECT_EQ(Shown(AfterWorkingDays(calendars, hours, At("2026-03-09T19:00"), 4)), "2026-03-16T10:00");  // ... to Monday
}

TEST_F(BusinessHoursTest, TheClockRunsFromTheOpeningToBeforeTheClosing) {
  EXPECT_EQ(Shown(ClockStart(calendars, hours, At("2026-03-05T09:59"))), "2026-03-05T10:00");
  EXPECT_EQ(Shown(ClockStart(calendars, hours, At("2026-03-05T10:00"))), "2026-03-05T10:00");
  EXPECT_EQ(Shown(ClockStart(calendars, hours, At("2026-03-05T15:59"))), "2026-03-05T15:59");
  EXPECT_EQ(Shown(ClockStart(calendars, hours, At("2026-03-06T16:00"))), "2026-03-09T10:00");
}

TEST_F(BusinessHoursTest, OffTheListATransferGoesAtTheCutOffOfTheNextWorkingDayOrTheOneAfter) {
  const auto executed = [&](const std::string& at) { return Shown(ExecutionTime(calendars, hours, At(at), 1, 12 * 60)); };
  EXPECT_EQ(executed("2026-03-05T11:59"), "2026-03-06T12:00");
  EXPECT_EQ(executed("2026-03-05T12:00"), "2026-03-09T12:00");  // the second working day after a Thursday is a Monday
  EXPECT_EQ(executed("2026-03-05T18:00"), "2026-03-09T12:00");
  EXPECT_EQ(executed("2026-03-07T12:00"), "2026-03-10T12:00");  // Saturday: the clock starts on Monday
  EXPECT_EQ(Shown(ExecutionTime(calendars, hours, At("2026-03-05T11:00"), 0, 12 * 60)), "2026-03-05T11:00");
  EXPECT_EQ(Shown(ExecutionTime(calendars, hours, At("2026-03-06T17:00"), 0, 12 * 60)), "2026-03-09T10:00");
}

TEST_F(BusinessHoursTest, TimesOfTheDayAreReadExactly) {
  EXPECT_EQ(*ParseMinute("t", "09:30"), 570);
  EXPECT_EQ(*ParseMinute("t", "24:00"), 1440);
  EXPECT_EQ(FormatMinute(570), "09:30");
  for (const std::string text : {"", "9:30", "24:01", "10:60", "1o:00", "10:00 "}) EXPECT_FALSE(ParseMinute("t", text).ok()) << text;
}

// ---- Proposals ----

class Alarm : public ProposalAlarm {
 public:
  void WakeForProposals(Timestamp at) override { set.push_back(at); }
  std::vector<Timestamp> set;
};

class RegistryControlsTest : public testing::Test {
 protected:
  void SetUp() override {
    world.Furnish();
    SetTime("2026-03-05T11:30");
    EXPECT_EQ(Outcome(world.Issue("program: 'programs/wci' pollutant: 'CO2E' control_zone: 'CA' trading_group: 'ALL' vintage: 2026 quantity: 1000 "
                                  "to_account: 'accounts/$STEEL.registry'")),
              "OK");
    lot = world.LastLot();
  }
  void SetTime(const std::string& local) {
    now = At(local);
    world.today = LocalDate(now);
  }
  template <class Request, class Answer, class Module>
  absl::StatusOr<Answer> Ask(Module& module, absl::StatusOr<Answer> (Module::*method)(CommandContext&, const Request&), const std::string& text) {
    return world.Run([&](CommandContext& context) {
      context.person = person;
      context.participant = participant;
      context.time = now;
      return (module.*method)(context, Text<Request>(world.Named(text)));
    });
  }
  template <class... Arguments>
  std::string Do(Arguments&&... arguments) {
    return Outcome(Ask(std::forward<Arguments>(arguments)...));
  }
  std::string Policy(const std::string& more) {
    return Do(controls, &Controls::LoadControlPolicy,
              "policy { program: 'programs/wci' account_kind: REGISTRY opens: '10:00' closes: '16:00' day_count: WORKDAY " + more + "}");
  }
  // As in the Union Registry.
  std::string UnionPolicy(const std::string& more = "") {
    return Policy("two_person: true other_holders: true trust_delay_days: 4 execution_delay_days: 1 cutoff: '12:00' abort_minutes: 120 " + more);
  }
  absl::StatusOr<v1::TransferProposalAnswer> ProposeTo(const std::string& to, int64_t quantity) {
    return Ask(proposals, &TransferProposals::ProposeTransfer,
               "from_lot: 'lots/" + std::to_string(lot) + "' to_account: 'accounts/" + to + "' quantity: " + std::to_string(quantity));
  }
  std::string Propose(int64_t quantity, const std::string& to = "$POWER.registry") { return Outcome(ProposeTo(to, quantity)); }
  std::string Act(absl::StatusOr<v1::TransferProposalAnswer> (TransferProposals::*act)(CommandContext&, const v1::TransferProposalActRequest&), uint64_t number,
                  const std::string& by = "second") {
    person = by;
    const std::string outcome = Do(proposals, act, "name: 'transferProposals/" + std::to_string(number) + "' reason: 'because'");
    person = "first";
    return outcome;
  }
  std::string Approve(uint64_t number, const std::string& by = "second") { return Act(&TransferProposals::ApproveTransfer, number, by); }
  std::string Abort(uint64_t number) { return Act(&TransferProposals::AbortTransfer, number); }
  // What the engine does when its clock comes to this time.
  void Pass(const std::string& local) {
    SetTime(local);
    for (bool more = true; more;) {
      world.Apply([&](CommandContext& context) {
        context.time = now;
        context.person = "system";
        more = proposals.PassDue(context, 10);
      });
    }
  }
  std::string Trust(const std::string& to = "$POWER.registry") {
    const std::string entry = "program: 'programs/wci' account: 'accounts/$STEEL.registry' trusted_account: 'accounts/" + to + "'";
    std::string outcome = Do(controls, &Controls::AddTrustedAccount, entry);
    if (outcome != "OK") return outcome;
    person = "second";
    outcome = Do(controls, &Controls::ApproveTrustedAccount, entry);
    person = "first";
    return outcome;
  }
  std::string SetState(const std::string& account, const std::string& state) {
    return Do(controls, &Controls::SetAccountState, "account: 'accounts/" + account + "' reason: 'theft reported' state: " + state);
  }
  const TransferProposalRow& Row(uint64_t number) const { return *proposals.Find(number); }
  int64_t Held() const { return world.Lot(lot).Held(HoldKind::kProposal).value(); }
  int64_t HeldBy(const std::string& account) const {
    int64_t sum = 0;
    for (const LotRow* row : world.ledger.lots().OfAccount(world.Account(account))) sum += row->quantity.value();
    return sum;
  }
  // Held by the lot is what live proposals claim.
  void ExpectClaims(uint64_t last) {
    int64_t claimed = 0;
    for (uint64_t number = 1; number <= last; ++number) claimed += Row(number).live() ? Row(number).quantity.value() : 0;
    EXPECT_EQ(Held(), claimed);
  }

  LedgerWorld world;
  Calendars& calendars = world.calendars;
  Alarm alarm;
  Controls controls{&world.tables, &calendars, &world.ledger};
  TransferProposals proposals{&world.tables, {&world.counters, &calendars, &controls, &world.ledger, &alarm}};
  Timestamp now;
  std::string person = "first", participant = "p";
  LotNumber lot = 0;
};

TEST_F(RegistryControlsTest, WithoutAPolicyUnitsMoveAsBefore) {
  const std::string own = "from_lot: 'lots/" + std::to_string(lot) + "' to_account: 'accounts/$STEEL.trading' quantity: 10";
  EXPECT_EQ(Propose(10), "NO_CONTROL_POLICY CAR-08 from_lot");
  EXPECT_EQ(Do(proposals, &TransferProposals::TransferUnits, own), "OK");
  ASSERT_EQ(UnionPolicy(), "OK");
  const auto refused = Ask(proposals, &TransferProposals::TransferUnits, own);
  EXPECT_EQ(Outcome(refused), "PROPOSE_TRANSFER CAR-08 from_lot");
  EXPECT_EQ(Detail(refused).accepted, "RegistryControls/ProposeTransfer: units of programs/wci leave REGISTRY accounts by a proposal");
}

TEST_F(RegistryControlsTest, PoliciesAreOfSerialUnitsInBusinessHours) {
  EXPECT_EQ(Do(controls, &Controls::LoadControlPolicy, "policy { program: 'programs/rights' account_kind: REGISTRY }"), "INVALID_FIELD DR-42 policy.program");
  EXPECT_EQ(Policy("execution_delay_days: 1 cutoff: '17:00'"), "INVALID_FIELD CAR-08 policy.cutoff");
  EXPECT_EQ(Policy("trust_delay_days: 61"), "INVALID_FIELD - policy.trust_delay_days");
  EXPECT_EQ(Do(controls, &Controls::LoadControlPolicy,
               "policy { program: 'programs/wci' account_kind: REGISTRY opens: '16:00' closes: '10:00' day_count: WORKDAY }"),
            "INVALID_FIELD CAR-08 policy.closes");
}

TEST_F(RegistryControlsTest, OffTheListATransferWaitsAndHoldsItsUnits) {
  ASSERT_EQ(UnionPolicy(), "OK");
  ASSERT_EQ(Propose(400), "OK");
  EXPECT_EQ(Held(), 400);
  EXPECT_EQ(Propose(601), "INSUFFICIENT_UNITS CAR-21 quantity");
  EXPECT_EQ(Approve(1, "first"), "SEPARATION_OF_DUTIES GEN-14 name");
  ASSERT_EQ(Approve(1), "OK");
  EXPECT_EQ(Shown(Row(1).execute_time), "2026-03-06T12:00");
  EXPECT_EQ(Shown(alarm.set.back()), "2026-03-06T12:00");
  Pass("2026-03-06T11:59");
  EXPECT_EQ(Row(1).state, v1::TransferProposal::DELAYED);
  Pass("2026-03-06T12:00");
  EXPECT_EQ(Row(1).state, v1::TransferProposal::EXECUTED);
  EXPECT_EQ(HeldBy("$POWER.registry"), 400);
  EXPECT_EQ(Held(), 0);
  EXPECT_EQ(Abort(1), "WRONG_STATE CAR-08 name");
}

TEST_F(RegistryControlsTest, ATrustedAccountGetsItAtOnceInBusinessHours) {
  ASSERT_EQ(UnionPolicy(), "OK");
  ASSERT_EQ(Trust(), "OK");
  SetTime("2026-03-11T11:29");
  ASSERT_EQ(Propose(10), "OK");
  EXPECT_FALSE(Row(1).trusted) << "a minute early";
  SetTime("2026-03-11T11:30");
  ASSERT_EQ(Propose(20), "OK");
  EXPECT_TRUE(Row(2).trusted);
  ASSERT_EQ(Approve(2), "OK");
  EXPECT_EQ(Row(2).state, v1::TransferProposal::EXECUTED);
  EXPECT_EQ(HeldBy("$POWER.registry"), 20);
  SetTime("2026-03-11T16:00");
  ASSERT_EQ(Propose(30, "$STEEL.trading"), "OK");  // one's own account is trusted
  ASSERT_EQ(Approve(3), "OK");
  EXPECT_EQ(Shown(Row(3).execute_time), "2026-03-12T10:00");
  ExpectClaims(3);
}

TEST_F(RegistryControlsTest, TakingAnAccountOffTheListWorksAtOnce) {
  ASSERT_EQ(UnionPolicy(), "OK");
  ASSERT_EQ(Trust(), "OK");
  EXPECT_EQ(Trust(), "ALREADY_ON_THE_LIST CAR-08 trusted_account");
  SetTime("2026-03-13T16:30");
  ASSERT_EQ(Propose(20), "OK");
  ASSERT_EQ(Approve(1), "OK");
  const std::string entry = "program: 'programs/wci' account: 'accounts/$STEEL.registry' trusted_account: 'accounts/$POWER.registry'";
  ASSERT_EQ(Do(controls, &Controls::RemoveTrustedAccount, entry), "OK");
  Pass("2026-03-16T10:00");
  EXPECT_EQ(Row(1).state, v1::TransferProposal::REJECTED);
  EXPECT_EQ(Row(1).end_code, "NOT_TRUSTED");
  EXPECT_EQ(Held(), 0);
}

TEST_F(RegistryControlsTest, AddingATrustedAccountTakesTwoPersons) {
  ASSERT_EQ(UnionPolicy("trusted_accounts_only: true "), "OK");
  EXPECT_EQ(Propose(10), "NOT_TRUSTED CAR-08 to_account");
  const std::string entry = "program: 'programs/wci' account: 'accounts/$STEEL.registry' trusted_account: 'accounts/$POWER.registry'";
  ASSERT_EQ(Do(controls, &Controls::AddTrustedAccount, entry), "OK");
  EXPECT_EQ(Do(controls, &Controls::ApproveTrustedAccount, entry), "SEPARATION_OF_DUTIES GEN-14 trusted_account");
  SetTime("2026-04-05T11:30");
  EXPECT_EQ(Propose(10), "NOT_TRUSTED CAR-08 to_account") << "nobody approved";
  EXPECT_EQ(Trust("$STEEL.trading"), "INVALID_FIELD CAR-08 trusted_account");
}

TEST_F(RegistryControlsTest, AnAbortComesUntilTwoHoursBefore) {
  ASSERT_EQ(UnionPolicy(), "OK");
  ASSERT_EQ(Propose(10), "OK");
  ASSERT_EQ(Propose(20), "OK");
  ASSERT_EQ(Approve(1), "OK");
  ASSERT_EQ(Approve(2), "OK");
  SetTime("2026-03-06T10:00");
  EXPECT_EQ(Abort(1), "OK");
  EXPECT_EQ(Row(1).state, v1::TransferProposal::ABORTED);
  SetTime("2026-03-06T10:01");
  EXPECT_EQ(Abort(2), "ABORT_TOO_LATE CAR-08 name");
  ExpectClaims(2);
}

TEST_F(RegistryControlsTest, TheLeastOfSeveralLimitsDecidesAndIsNamed) {
  ASSERT_EQ(UnionPolicy("transfer_max: 300 account_day_max: 500 program_day_max: 450 "), "OK");
  EXPECT_EQ(Detail(ProposeTo("$POWER.registry", 301)).accepted, "at most 300, the limit of programs/wci for a transfer to an account off the trusted list");
  ASSERT_EQ(Do(controls, &Controls::SetAccountLimit, "account: 'accounts/$STEEL.registry' transfer_max: 200"), "OK");
  EXPECT_EQ(Detail(ProposeTo("$POWER.registry", 201)).accepted, "at most 200, the holder's own limit of one transfer");
  ASSERT_EQ(Propose(200), "OK");
  ASSERT_EQ(Propose(200), "OK");
  EXPECT_EQ(Detail(ProposeTo("$POWER.registry", 51)).accepted, "at most 50, what is left today of the limit of 450 of programs/wci");
  ASSERT_EQ(Abort(1), "OK");
  EXPECT_EQ(Propose(200), "OK") << "what was aborted does not count";
  SetTime("2026-03-06T11:30");
  EXPECT_EQ(Propose(200), "OK") << "a new day";
}

TEST_F(RegistryControlsTest, WhatNobodyApprovesExpires) {
  ASSERT_EQ(UnionPolicy("approve_days: 2 "), "OK");
  ASSERT_EQ(Propose(100), "OK");
  SetTime("2026-03-07T11:30");
  EXPECT_EQ(Approve(1), "PROPOSAL_EXPIRED CAR-08 name") << "even where the timer has not come yet";
  Pass("2026-03-07T11:30");
  EXPECT_EQ(Row(1).state, v1::TransferProposal::EXPIRED);
  EXPECT_EQ(Row(1).end_code, "NOT_APPROVED");
  EXPECT_EQ(Held(), 0);
}

TEST_F(RegistryControlsTest, TheAccountThatReceivesConsentsInTime) {
  ASSERT_EQ(UnionPolicy("destination_consent: true consent_days: 3 approve_days: 2 "), "OK");
  for (int i = 0; i < 3; ++i) ASSERT_EQ(Propose(100), "OK");
  ASSERT_EQ(Approve(1), "OK");
  EXPECT_EQ(Row(1).state, v1::TransferProposal::APPROVED);
  ASSERT_EQ(Act(&TransferProposals::ConsentToTransfer, 1), "OK");
  EXPECT_EQ(Row(1).state, v1::TransferProposal::DELAYED);
  ASSERT_EQ(Act(&TransferProposals::ConsentToTransfer, 2), "OK");  // consent may come first
  EXPECT_EQ(Row(2).state, v1::TransferProposal::PROPOSED);
  EXPECT_EQ(Act(&TransferProposals::ConsentToTransfer, 2), "NO_CONSENT_NEEDED CAR-08 name");
  ASSERT_EQ(Approve(2), "OK");
  EXPECT_EQ(Row(2).state, v1::TransferProposal::DELAYED);
  ASSERT_EQ(Approve(3), "OK");
  Pass("2026-03-08T11:30");
  EXPECT_EQ(Row(3).state, v1::TransferProposal::EXPIRED);
  EXPECT_EQ(Row(3).end_code, "NO_CONSENT");
  EXPECT_EQ(HeldBy("$POWER.registry"), 200);
}

TEST_F(RegistryControlsTest, ABlockedAccountSendsNothingAndStillSurrenders) {
  ASSERT_EQ(UnionPolicy(), "OK");
  ASSERT_EQ(Propose(100), "OK");
  ASSERT_EQ(Approve(1), "OK");
  ASSERT_EQ(SetState("$STEEL.registry", "BLOCKED"), "OK");
  EXPECT_EQ(SetState("$STEEL.registry", "BLOCKED"), "WRONG_STATE CAR-06 state");
  EXPECT_EQ(Propose(100), "ACCOUNT_BLOCKED CAR-06 from_lot");
  EXPECT_EQ(Outcome(world.Surrender("from_lot: 'lots/" + std::to_string(lot) + "' quantity: 50 obligation_year: 2026")), "OK");
  Pass("2026-03-06T12:00");
  EXPECT_EQ(Row(1).state, v1::TransferProposal::REJECTED);
  EXPECT_EQ(Row(1).end_code, "ACCOUNT_BLOCKED");
  EXPECT_EQ(SetState("$STEEL.registry", "CLOSED"), "ACCOUNT_NOT_EMPTY CAR-06 account");
  ASSERT_EQ(SetState("$STEEL.registry", "OPEN"), "OK");
  ASSERT_EQ(SetState("$POWER.registry", "SUSPENDED"), "OK");
  EXPECT_EQ(Propose(100), "ACCOUNT_SUSPENDED CAR-06 to_account");
  ASSERT_EQ(SetState("$POWER.registry", "CLOSED"), "OK");
  EXPECT_EQ(SetState("$POWER.registry", "OPEN"), "WRONG_STATE CAR-06 state");
}

TEST_F(RegistryControlsTest, AnOverdueConfirmationStopsTransfers) {
  ASSERT_EQ(UnionPolicy("confirmation_months: 12 "), "OK");
  SetTime("2027-03-05T11:30");
  EXPECT_EQ(Propose(10), "OK");
  SetTime("2027-03-06T11:30");
  EXPECT_EQ(Propose(10), "CONFIRMATION_OVERDUE CAR-06 from_lot");
  ASSERT_EQ(Do(controls, &Controls::ConfirmAccount, "account: 'accounts/$STEEL.registry'"), "OK");
  EXPECT_EQ(Propose(10), "OK");
}

TEST_F(RegistryControlsTest, ACourtsOrderOverHeldUnitsRejectsTheTransfer) {
  ASSERT_EQ(UnionPolicy(), "OK");
  ASSERT_EQ(Propose(800), "OK");
  ASSERT_EQ(Approve(1), "OK");
  ASSERT_EQ(Outcome(world.Freeze("lot: 'lots/" + std::to_string(lot) +
                                 "' quantity: 300 court: 'Court' case_number: '1' start_date: '2026-03-05' end_date: '2026-12-31'")),
            "OK");
  Pass("2026-03-06T12:00");
  EXPECT_EQ(Row(1).state, v1::TransferProposal::REJECTED);
  EXPECT_EQ(Row(1).end_code, "FROZEN_UNITS");
}

TEST_F(RegistryControlsTest, OnePersonIsEnoughWhereThePolicySaysSo) {
  ASSERT_EQ(Policy("other_holders: true "), "OK");
  ASSERT_EQ(Propose(100), "OK");
  EXPECT_EQ(Row(1).state, v1::TransferProposal::EXECUTED);
  SetTime("2026-03-05T17:00");
  ASSERT_EQ(Propose(100), "OK");
  EXPECT_EQ(Row(2).state, v1::TransferProposal::DELAYED);
  world.validate_only = true;
  EXPECT_EQ(Propose(100), "OK");
  SetTime("2026-03-06T11:00");
  EXPECT_EQ(Propose(100), "OK");
}

TEST_F(RegistryControlsTest, OnlyOwnAccountsWhereThePolicySaysSo) {
  ASSERT_EQ(Policy("two_person: true "), "OK");
  EXPECT_EQ(Propose(100), "INVALID_FIELD CAR-08 to_account");
  EXPECT_EQ(Propose(100, "$STEEL.trading"), "OK");
  EXPECT_EQ(Propose(100, "$STEEL.registry"), "INVALID_FIELD CAR-08 to_account");
}

TEST_F(RegistryControlsTest, ARestartGoesOnWhereItWas) {
  ASSERT_EQ(UnionPolicy("account_day_max: 500 "), "OK");
  ASSERT_EQ(Propose(400), "OK");
  ASSERT_EQ(Approve(1), "OK");
  LedgerWorld fresh;
  Controls fresh_controls(&fresh.tables, &fresh.calendars, &fresh.ledger);
  TransferProposals reloaded(&fresh.tables, {&fresh.counters, &fresh.calendars, &fresh_controls, &fresh.ledger, &alarm});
  world.RestartInto(&fresh);
  const auto outcome = Outcome(fresh.Run([&](CommandContext& context) {
    context.time = now;
    return reloaded.ProposeTransfer(
        context, Text<v1::ProposeTransferRequest>(
                     fresh.Named("from_lot: 'lots/" + std::to_string(lot) + "' to_account: 'accounts/$POWER.registry' quantity: 101")));
  }));
  EXPECT_EQ(outcome, "LIMIT_EXCEEDED CAR-08 quantity");
  fresh.today = MakeDate(2026, 3, 6);
  fresh.Apply([&](CommandContext& context) {
    context.time = At("2026-03-06T12:00");
    EXPECT_FALSE(reloaded.PassDue(context, 10));
  });
  EXPECT_EQ(reloaded.Find(1)->state, v1::TransferProposal::EXECUTED);
}

}  // namespace
}  // namespace songhua::ledger
