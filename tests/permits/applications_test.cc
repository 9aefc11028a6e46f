#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/permits/application_world.h"

namespace songhua::permits {
namespace {

// ---- The long way ----

TEST_F(ApplicationsTest, AKeyCaseFromDraftToPermit_8_1) {
  Open(KeyFirst());
  EXPECT_EQ(Outcome(Submit()), "PUBLICITY_REQUIRED PERMIT-30 name");
  ASSERT_EQ(Outcome(Publish()), "OK");
  EXPECT_EQ(DueOf(v1::PUBLICITY_PERIOD), "2026-03-09");
  EXPECT_EQ(Outcome(Submit()), "ILLEGAL_TRANSITION PERMIT-31 name");
  SetDay(2026, 3, 9);
  PassTime();
  EXPECT_EQ(Case().state, A::PUBLICITY) << "five working days have not ended yet";
  SetDay(2026, 3, 10);
  PassTime();
  EXPECT_EQ(Case().state, A::PUBLICITY_DONE);
  ASSERT_EQ(Outcome(Submit()), "OK");
  EXPECT_EQ(DueOf(v1::INTAKE), "2026-03-13");

  SetDay(2026, 3, 12);
  ASSERT_EQ(Outcome(Intake("result: CORRECTION_NOTICE items: 'no map' items: 'no seal'")), "OK");
  EXPECT_EQ(DueOf(v1::CORRECTION_LAPSE), "2026-06-10");
  ASSERT_EQ(Outcome(Plain("operator", &Applications::ResubmitApplication)), "OK");
  EXPECT_EQ(Outcome(Intake("result: CORRECTION_NOTICE items: 'one more'")), "CORRECTION_USED PERMIT-34 result");
  ASSERT_EQ(Outcome(Accept()), "OK");
  EXPECT_EQ(DueOf(v1::REVIEW_KEY), "2026-04-24");  // 30 working days; 04-04 to 04-06 are off

  ASSERT_EQ(Outcome(Assign()), "OK");
  EXPECT_EQ(Outcome(Assess("reviewer-b")), "NOT_IN_CHARGE PERMIT-36 caller");
  SetDay(2026, 3, 16);
  ASSERT_EQ(Outcome(Assess()), "OK");
  EXPECT_EQ(Case().state, A::ASSESSMENT);
  EXPECT_EQ(Outcome(Plain("reviewer", &Applications::RecordOpinion)), "NOT_IN_CHARGE PERMIT-38 caller");
  SetDay(2026, 3, 23);
  ASSERT_EQ(Outcome(Plain("assessor", &Applications::RecordOpinion)), "OK");
  EXPECT_EQ(DueOf(v1::REVIEW_KEY), "2026-05-06");  // 5 working days more, across Labour Day
  ASSERT_EQ(Outcome(Plain("reviewer", &Applications::OrderSiteCheck)), "OK");
  EXPECT_EQ(DueOf(v1::REVIEW_KEY_SITE_CHECK), "2026-05-26");
  EXPECT_EQ(Outcome(Plain("reviewer", &Applications::OrderSiteCheck)), "NO_SITE_CHECK_PERIOD PERMIT-36 name");

  EXPECT_EQ(Outcome(Propose(true, "conditions { eia_approved: true }")), "CONDITIONS_NOT_MET PERMIT-39 conditions");
  ASSERT_EQ(Outcome(Propose(true)), "OK");
  EXPECT_EQ(Outcome(Approve("reviewer")), "SAME_PERSON_REVIEWED GEN-14 caller");
  ASSERT_EQ(Outcome(Plain("approver", &Applications::ReturnApplication)), "OK");
  ASSERT_EQ(Outcome(Assign("approver-b")), "OK");
  ASSERT_EQ(Outcome(Propose(true, kConditions, "approver-b")), "OK");
  EXPECT_EQ(Outcome(Approve("approver-b")), "SAME_PERSON_REVIEWED GEN-14 caller");
  EXPECT_EQ(Outcome(Approve("reviewer")), "SAME_PERSON_REVIEWED GEN-14 caller") << "who reviewed earlier still reviewed";
  const auto approved = Approve();
  ASSERT_EQ(Outcome(approved), "OK") << approved.status();
  EXPECT_EQ(approved->issued_permit().valid_from(), "2026-03-23");
  EXPECT_EQ(approved->issued_permit().valid_to(), "2031-03-22");
  EXPECT_EQ(approved->issued_permit().limits(0).annual_limits_size(), 6) << "the years of the term and no others";
  EXPECT_EQ(Case().state, A::GRANTED);
  EXPECT_TRUE(deadlines_.OpenOf(Case().Name()).empty());
  EXPECT_EQ(permits_.StandingOfSite(kSite, today_), SiteStanding::kEffective);
}

// ---- What the law makes of time ----

TEST_F(ApplicationsTest, WithoutANoticeItIsAcceptedAsOfItsReceipt_PERMIT33) {
  Open(SimplifiedFirst());
  ASSERT_EQ(Outcome(Submit()), "OK");
  SetDay(2026, 3, 5);
  PassTime();
  EXPECT_EQ(Case().state, A::SUBMITTED);
  SetDay(2026, 3, 6);
  PassTime();
  EXPECT_EQ(Case().state, A::ACCEPTED);
  EXPECT_TRUE(Case().deemed_accepted);
  EXPECT_EQ(FormatDate(Case().accept_date), "2026-03-02");
  EXPECT_EQ(DueOf(v1::REVIEW_SIMPLIFIED), "2026-03-30") << "the period runs from the receipt, not from day 3";
  EXPECT_EQ(Outcome(Intake("result: CORRECTION_NOTICE items: 'late'")), "ILLEGAL_TRANSITION PERMIT-34 name");
}

TEST_F(ApplicationsTest, ACorrectionThatNobodyMakesLapses_8_1) {
  Open(SimplifiedFirst());
  ASSERT_EQ(Outcome(Submit()), "OK");
  ASSERT_EQ(Outcome(Intake("result: CORRECTION_NOTICE items: 'no map'")), "OK");
  SetDay(2026, 6, 1);
  PassTime();
  EXPECT_EQ(Case().state, A::CORRECTION) << "90 days end on Sunday 05-31 and roll to Monday 06-01";
  SetDay(2026, 6, 2);
  PassTime();
  EXPECT_EQ(Case().state, A::CLOSED_LAPSED);
  EXPECT_EQ(Outcome(Plain("operator", &Applications::ResubmitApplication)), "ILLEGAL_TRANSITION PERMIT-34 name");
}

TEST_F(ApplicationsTest, AnOverdueCaseIsEscalatedAndGrantsNothing_PERMIT36) {
  Open(SimplifiedFirst());
  ASSERT_EQ(Outcome(Submit()), "OK");
  ASSERT_EQ(Outcome(Accept()), "OK");
  ASSERT_EQ(Outcome(Assign()), "OK");
  SetDay(2026, 3, 31);
  PassTime();
  EXPECT_TRUE(Case().overdue);
  EXPECT_EQ(Case().state, A::REVIEW);
  EXPECT_EQ(deadlines_.Open(Case().Name(), v1::REVIEW_SIMPLIFIED)->state, v1::OVERDUE);
  EXPECT_TRUE(deadlines_.Open(Case().Name(), v1::REVIEW_SIMPLIFIED)->escalated);
  ASSERT_EQ(Outcome(Propose(true)), "OK");
  ASSERT_EQ(Outcome(Approve()), "OK");
}

// ---- Renewal ----

TEST_F(ApplicationsTest, ARenewalOnTheSixtiethDayIsTimelyAndOnTheNextLate_PERMIT47) {
  SetDay(2026, 4, 1);
  Grant();  // to 2031-03-31: the last timely day is 2031-01-30
  for (const auto& [day, late] : {std::pair(30, false), std::pair(31, true)}) {
    SetDay(2031, 1, day);
    Open("type: RENEW tier: SIMPLIFIED site: 'sites/91130200699229617X001' " + Content("2231") + kMaterials);
    ASSERT_EQ(Outcome(Submit()), "OK");
    EXPECT_EQ(Case().late, late);
    EXPECT_EQ(permits_.PermitInForce(kSite, today_)->renewal_pending, !late);
    ASSERT_EQ(Outcome(Withdraw()), "OK");
    EXPECT_FALSE(permits_.PermitInForce(kSite, today_)->renewal_pending);
  }
  SetDay(2031, 4, 1);
  EXPECT_EQ(Outcome(Create("type: RENEW tier: SIMPLIFIED site: 'sites/91130200699229617X001' " + Content("2231") + kMaterials)),
            "NO_PERMIT_IN_FORCE PERMIT-48 application.type");
}

TEST_F(ApplicationsTest, ATimelyRenewalThatIsUndecidedCarriesThePermitOn_PERMIT49) {
  SetDay(2026, 4, 1);
  Grant();
  SetDay(2031, 1, 30);
  const std::string renewal = "type: RENEW tier: SIMPLIFIED site: 'sites/91130200699229617X001' " + Content("2231") + kMaterials;
  Open(renewal);
  ASSERT_EQ(Outcome(Submit()), "OK");
  ASSERT_EQ(Outcome(Accept()), "OK");
  ASSERT_EQ(Outcome(Assign()), "OK");
  EXPECT_EQ(permits_.StandingOfSite(kSite, MakeDate(2031, 3, 31)), SiteStanding::kEffective);
  EXPECT_EQ(permits_.StandingOfSite(kSite, MakeDate(2031, 4, 1)), SiteStanding::kDeemedRenewed);
  SetDay(2031, 4, 10);
  ASSERT_EQ(Outcome(Propose(true)), "OK");
  const auto approved = Approve();
  ASSERT_EQ(Outcome(approved), "OK") << approved.status();
  EXPECT_EQ(approved->issued_permit().valid_from(), "2031-04-01") << "the day after the old last day";
  EXPECT_EQ(approved->issued_permit().valid_to(), "2036-03-31");
  EXPECT_EQ(permits_.StandingOfSite(kSite, today_), SiteStanding::kEffective);
}

TEST_F(ApplicationsTest, ADeniedRenewalEndsThePermitThatItCarried_8_2) {
  SetDay(2026, 4, 1);
  Grant();
  SetDay(2031, 1, 30);
  Open("type: RENEW tier: SIMPLIFIED site: 'sites/91130200699229617X001' " + Content("2231") + kMaterials);
  for (const auto& step : {Submit(), Accept(), Assign(), Propose(false)}) ASSERT_EQ(Outcome(step), "OK");
  SetDay(2031, 4, 10);
  EXPECT_EQ(permits_.StandingOfSite(kSite, today_), SiteStanding::kDeemedRenewed);
  ASSERT_EQ(Outcome(Plain("approver", &Applications::DenyApplication)), "OK");
  EXPECT_EQ(permits_.StandingOfSite(kSite, today_), SiteStanding::kExpired);
  EXPECT_NE(DueOf(v1::RECONSIDERATION), "none");
  EXPECT_NE(DueOf(v1::LITIGATION), "none");
}

TEST_F(ApplicationsTest, ARenewalDoesNotRenewThePermitThatTookThePlaceOfItsOwn_INV06) {
  Grant();
  const std::string first = Case().permit;
  const uint64_t renewal = Open("type: RENEW tier: SIMPLIFIED site: 'sites/91130200699229617X001' " + Content("2231") + kMaterials);
  for (const auto& step : {Submit(), Accept(), Assign()}) ASSERT_EQ(Outcome(step), "OK");
  const auto recalled = As("approver", [&](CommandContext& context) {
    return acts_.RecallPermit(context, Text<v1::RecallPermitRequest>("name: 'permits/" + first + "' decision: 'D' reasons: 'r' compensation: 'c'"), *this);
  });
  ASSERT_EQ(Outcome(recalled), "OK") << recalled.status();
  Grant();
  ASSERT_NE(Case().permit, first);
  last_ = renewal;
  EXPECT_EQ(Outcome(Propose(true)), "NO_PERMIT_IN_FORCE INV-06 name");
  ASSERT_EQ(Outcome(Propose(false)), "OK");
}

// ---- Change, re-application, replacement ----

TEST_F(ApplicationsTest, AChangeMayTakeAwayButNotAdd_PERMIT45_PERMIT46) {
  Grant();
  SetDay(2026, 5, 6);
  const std::string change = "type: CHANGE tier: SIMPLIFIED event_date: '2026-05-01' site: 'sites/91130200699229617X001' ";
  Open(change + Content("2231", 101) + kMaterials);
  EXPECT_EQ(Outcome(Submit()), "REAPPLICATION_REQUIRED PERMIT-45 application");
  ASSERT_EQ(Outcome(Update("tier: SIMPLIFIED " + Content("2231", 99) + kMaterials)), "OK");
  ASSERT_EQ(Outcome(Submit()), "OK");
  EXPECT_FALSE(Case().late);
  for (const auto& step : {Accept(), Assign(), Propose(true)}) ASSERT_EQ(Outcome(step), "OK");
  EXPECT_EQ(DueOf(v1::DECIDE_CHANGE), "2026-05-19");  // 05-09 is made up
  const auto approved = Approve();
  ASSERT_EQ(Outcome(approved), "OK") << approved.status();
  EXPECT_EQ(approved->issued_permit().version(), 2u);
  EXPECT_EQ(approved->issued_permit().valid_to(), "2031-03-01") << "the last day is unchanged";
  EXPECT_EQ(permits_.EffectivePermitOfSite(kSite, MakeDate(2026, 5, 5))->version, 1u);
  EXPECT_EQ(permits_.EffectivePermitOfSite(kSite, MakeDate(2026, 5, 6))->version, 2u);
  EXPECT_EQ(permits_.PermittedQuantity(kSite, "PM", 2026), Quantity(99)) << "the new version's limit, not both";
}

TEST_F(ApplicationsTest, AChangeReportedAfterThirtyDaysIsLate_PERMIT43) {
  Grant();
  SetDay(2026, 6, 1);
  Open("type: CHANGE tier: SIMPLIFIED event_date: '2026-05-01' site: 'sites/91130200699229617X001' " + Content("2231") + kMaterials);
  ASSERT_EQ(Outcome(Submit()), "OK");
  EXPECT_FALSE(Case().late) << "the 30th day, 05-31, is a Sunday";
  ASSERT_EQ(Outcome(Withdraw()), "OK");
  SetDay(2026, 6, 2);
  Open("type: CHANGE tier: SIMPLIFIED event_date: '2026-05-01' site: 'sites/91130200699229617X001' " + Content("2231") + kMaterials);
  ASSERT_EQ(Outcome(Submit()), "OK");
  EXPECT_TRUE(Case().late);
}

TEST_F(ApplicationsTest, AReapplicationBeginsANewTermAtOnce_PERMIT45) {
  Grant();
  SetDay(2026, 5, 6);
  Open("type: REAPPLY tier: SIMPLIFIED site: 'sites/91130200699229617X001' " + Content("2231", 150) + kMaterials);
  for (const auto& step : {Submit(), Accept(), Assign(), Propose(true)}) ASSERT_EQ(Outcome(step), "OK");
  const auto approved = Approve();
  ASSERT_EQ(Outcome(approved), "OK") << approved.status();
  EXPECT_EQ(approved->issued_permit().name(), "permits/91130200699229617X001P") << "the number stays (PERMIT-12)";
  EXPECT_EQ(approved->issued_permit().valid_to(), "2031-05-05");
}

TEST_F(ApplicationsTest, AReplacementSaysWhatThePermitSaid_PERMIT50) {
  Grant();
  SetDay(2026, 5, 6);
  Open("type: REISSUE tier: SIMPLIFIED event_date: '2026-05-04' site: 'sites/91130200699229617X001' " + Content("2231", 500) + kMaterials);
  for (const auto& step : {Submit(), Accept(), Assign(), Propose(true)}) ASSERT_EQ(Outcome(step), "OK");
  const auto approved = Approve();
  ASSERT_EQ(Outcome(approved), "OK") << approved.status();
  EXPECT_EQ(approved->issued_permit().limits(0).annual_limits(0).quantity(), 100);
}

// ---- The fast track ----

TEST_F(ApplicationsTest, ACommitmentIsDecidedAtOnceAndCheckedLater_CREDIT32) {
  Grant();
  SetDay(2026, 5, 6);
  const std::string change = "type: CHANGE tier: SIMPLIFIED event_date: '2026-05-01' site: 'sites/91130200699229617X001' " + Content("2231", 99) + kMaterials;
  Open(change);
  EXPECT_EQ(Outcome(Submit("credit_commitment: 'we promise'")), "NO_FAST_TRACK CREDIT-31 credit_commitment");
  const auto grade = [&](const std::string& text) {
    return As("credit", [&](CommandContext& context) {
      return standing_.SetCreditGrade(context, Text<v1::SetCreditGradeRequest>("participant: 'participants/91130200699229617X' decision: 'd' " + text));
    });
  };
  ASSERT_EQ(Outcome(grade("grade: GREEN blacklisted: true")), "OK");
  EXPECT_EQ(Outcome(Submit("credit_commitment: 'we promise'")), "NO_FAST_TRACK CREDIT-31 credit_commitment");
  ASSERT_EQ(Outcome(grade("grade: BLUE")), "OK");
  ASSERT_EQ(Outcome(Submit("credit_commitment: 'we promise'")), "OK");
  EXPECT_EQ(DueOf(v1::FAST_TRACK_DECISION), "2026-05-06");
  ASSERT_EQ(Outcome(Accept()), "OK");
  EXPECT_EQ(Case().state, A::PROPOSED_GRANT);
  EXPECT_EQ(Outcome(Approve("intake")), "SAME_PERSON_REVIEWED GEN-14 caller");
  ASSERT_EQ(Outcome(Approve()), "OK");
  EXPECT_EQ(DueOf(v1::POST_CHECK), "2026-07-06");  // 60 natural days end on Sunday 07-05
  SetDay(2026, 6, 10);
  ASSERT_EQ(Outcome(PostCheck(true)), "OK");
  EXPECT_EQ(Outcome(PostCheck(true)), "NO_POST_CHECK CREDIT-32 name");
  // The decision is annulled and the permit is what it was before; the days between stay what they were.
  EXPECT_EQ(permits_.EffectivePermitOfSite(kSite, today_)->version, 1u);
  EXPECT_EQ(permits_.EffectivePermitOfSite(kSite, MakeDate(2026, 6, 9))->version, 2u);
  EXPECT_EQ(permits_.PermittedQuantity(kSite, "PM", 2026), Quantity(100));
  const std::string permit = "permits/91130200699229617X001P";
  EXPECT_EQ(Steps(permit).back(), "annul: EFFECTIVE -> ANNULLED");
  EXPECT_EQ(Noticed(permit).back(), "PERMIT_ENDED to 91130200699229617X");
  EXPECT_EQ(Published(permit).back(), "annul on 2026-06-10");
  Open(change);
  EXPECT_EQ(Outcome(Submit("credit_commitment: 'again'")), "NO_FAST_TRACK CREDIT-31 credit_commitment");
  ASSERT_EQ(Outcome(Submit()), "OK") << "the ordinary way stays open";
  for (const auto& step : {Accept(), Assign(), Propose(true), Approve()}) ASSERT_EQ(Outcome(step), "OK") << step.status();
  EXPECT_EQ(permits_.EffectivePermitOfSite(kSite, today_)->version, 3u);
}

TEST_F(ApplicationsTest, AFirstApplicationHasNoFastTrack_CREDIT30) {
  ASSERT_EQ(Outcome(As("credit", [&](CommandContext& context) {
              return standing_.SetCreditGrade(
                  context, Text<v1::SetCreditGradeRequest>("participant: 'participants/91130200699229617X' decision: 'd' grade: GREEN"));
            })),
            "OK");
  Open(SimplifiedFirst());
  EXPECT_EQ(Outcome(Submit("credit_commitment: 'we promise'")), "NO_FAST_TRACK CREDIT-30 credit_commitment");
}

// ---- Bad input ----

TEST_F(ApplicationsTest, WhatAnApplicationMustSay) {
  EXPECT_EQ(Outcome(Create("tier: KEY site: 'sites/91130200699229617X001'")), "INVALID_FIELD PERMIT-31 application.type");
  EXPECT_EQ(Outcome(Create("type: FIRST tier: REGISTRATION site: 'sites/91130200699229617X001'")), "INVALID_FIELD PERMIT-01 application.tier");
  EXPECT_EQ(Outcome(Create("type: FIRST tier: KEY site: 'sites/91130200699229617X009'")), "NOT_FOUND - application.site");
  EXPECT_EQ(Outcome(Create("type: RENEW tier: KEY site: 'sites/91130200699229617X001'")), "NO_PERMIT_IN_FORCE PERMIT-48 application.type");
  EXPECT_EQ(Outcome(Create("type: FIRST tier: KEY event_date: '2026-01-01' site: 'sites/91130200699229617X001'")),
            "INVALID_FIELD PERMIT-43 application.event_date");
  EXPECT_EQ(Outcome(Create(KeyFirst() + "materials { code: 'EIA_APPROVAL' reference: 'r' }")), "INVALID_FIELD PERMIT-32 application.materials[6].code");
  Open("type: FIRST tier: KEY site: 'sites/91130200699229617X001' " + Content("2231"));
  EXPECT_EQ(Outcome(Publish()), "TIER_DIFFERS PERMIT-02 tier");
  EXPECT_EQ(Outcome(Create(SimplifiedFirst())), "CASE_OPEN PERMIT-03 application.site");
  ASSERT_EQ(Outcome(Update("tier: SIMPLIFIED " + Content("2231"))), "OK");
  EXPECT_EQ(Outcome(Publish()), "NO_PUBLICITY PERMIT-30 name");
  EXPECT_EQ(Outcome(Submit()), "MATERIAL_MISSING PERMIT-32 materials");
  ASSERT_EQ(Outcome(Update("tier: SIMPLIFIED " + Content("9999") + kMaterials)), "OK");
  EXPECT_EQ(Outcome(Submit()), "TIER_DIFFERS PERMIT-02 tier") << "a plant outside the catalogue files a form";
  ASSERT_EQ(Outcome(Update("tier: SIMPLIFIED " + Content("2231") + kMaterials + "etag: '3'")), "OK");
  EXPECT_EQ(Outcome(Update("tier: SIMPLIFIED " + Content("2231") + kMaterials + "etag: '3'")), "STALE_ETAG GEN-15 etag");
}

TEST_F(ApplicationsTest, AFiledCaseDoesNotBecomeOneThatShouldHaveBeenPublished_PERMIT30) {
  Open(SimplifiedFirst());
  ASSERT_EQ(Outcome(Submit()), "OK");
  ASSERT_EQ(Outcome(Intake("result: CORRECTION_NOTICE items: 'i'")), "OK");
  EXPECT_EQ(Outcome(Update("tier: KEY " + Content("2211") + kMaterials)), "PUBLICITY_REQUIRED PERMIT-30 application.tier");
  EXPECT_EQ(Outcome(Update("tier: SIMPLIFIED " + Content("2231", 50) + kMaterials)), "OK");
}

TEST_F(ApplicationsTest, ABannedEnterpriseDoesNotApplyBeforeItsDay_PERMIT88) {
  SetDay(2026, 9, 10);
  As("enforcer", [&](CommandContext& context) {
    standing_.Ban(context, kPlant, today_, 3, "decision 7");
    return absl::StatusOr<v1::RegimeAnswer>(v1::RegimeAnswer());
  });
  EXPECT_EQ(Outcome(Create(SimplifiedFirst())), "ENTERPRISE_BANNED PERMIT-88 application.site");
  SetDay(2029, 9, 9);
  EXPECT_EQ(Outcome(Create(SimplifiedFirst())), "ENTERPRISE_BANNED PERMIT-88 application.site");
  SetDay(2029, 9, 10);
  EXPECT_EQ(Outcome(Create(SimplifiedFirst())), "OK");
}

TEST_F(ApplicationsTest, AJudgmentLiftsTheBanOfItsOwnDecisionOnly_PERMIT88) {
  const auto ban = [&](int32_t years, const std::string& decision) {
    As("approver", [&](CommandContext& context) {
      standing_.Ban(context, kPlant, today_, years, decision);
      return absl::OkStatus();
    });
  };
  const auto lift = [&](const std::string& decision) {
    As("approver", [&](CommandContext& context) {
      standing_.LiftBan(context, kPlant, decision);
      return absl::OkStatus();
    });
  };
  ban(1, "short");
  ban(3, "long");
  ban(2, "middle");
  EXPECT_EQ(standing_.FindBan(kPlant)->decision, "long");
  lift("another");
  lift("long");
  ASSERT_NE(standing_.FindBan(kPlant), nullptr) << "two other frauds are still punished";
  EXPECT_EQ(standing_.FindBan(kPlant)->decision, "middle");
  EXPECT_EQ(standing_.FindBan(kPlant)->until, MakeDate(2028, 3, 2));
  lift("short");
  EXPECT_EQ(Outcome(Create(KeyFirst())), "ENTERPRISE_BANNED PERMIT-88 application.site");
  lift("middle");
  EXPECT_EQ(standing_.FindBan(kPlant), nullptr);
}

TEST_F(ApplicationsTest, OfficersOfAnotherRegionAreNotGivenACase_PERMIT04) {
  Open(SimplifiedFirst());
  for (const auto& step : {Submit(), Accept()}) ASSERT_EQ(Outcome(step), "OK");
  EXPECT_EQ(Outcome(Assign("neighbour")), "OFFICER_NOT_COMPETENT PERMIT-04 reviewer");
  EXPECT_EQ(Outcome(Assign("nobody")), "NOT_FOUND - reviewer");
  EXPECT_EQ(Outcome(Assign("intake")), "OFFICER_NOT_COMPETENT PERMIT-04 reviewer");
}

TEST_F(ApplicationsTest, RightsMustCoverWhatIsGranted_DR16) {
  std::string so2 = SimplifiedFirst();
  for (size_t at; (at = so2.find("'PM'")) != std::string::npos;) so2.replace(at, 4, "'SO2'");
  rights_held_ = Quantity(99);
  Open(so2);
  for (const auto& step : {Submit(), Accept(), Assign(), Propose(true)}) ASSERT_EQ(Outcome(step), "OK");
  EXPECT_EQ(Outcome(Approve()), "RIGHTS_DO_NOT_COVER DR-16 limits");
  const auto pending = Approve("approver", "allow_pending_rights: true");
  ASSERT_EQ(Outcome(pending), "OK");
  EXPECT_TRUE(pending->issued_permit().rights_pending());
}

}  // namespace
}  // namespace songhua::permits
