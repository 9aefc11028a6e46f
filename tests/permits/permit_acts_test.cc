#include <map>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/permits/permit_acts_world.h"

namespace songhua::permits {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// ---- Annulment ----

TEST_F(PermitActsTest, AnAnnulmentEndsThePermitItsLaterVersionsAndTheSitesOrders_PERMIT51) {
  GrantFirst();
  ASSERT_EQ(Grant(GrantOf(kSite, MakeDate(2031, 9, 1), MakeDate(2036, 8, 31), GrantKind::kRenew)), kNumber);
  const auto answer = Annul("");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->permit().state(), v1::ANNULLED);
  EXPECT_EQ(answer->permit().closing_decision(), "Decision 1: BEYOND_POWER: as found");
  EXPECT_EQ(permits_.StandingOfSite(kSite, today_), SiteStanding::kClosed);
  EXPECT_EQ(permits_.EffectivePermitOfSite(kSite, MakeDate(2031, 9, 1)), nullptr);
  EXPECT_THAT(cancelled_, ElementsAre("91130200699229617X001 PERMIT_ENDED"));
  EXPECT_THAT(Steps("permits/" + std::string(kNumber)),
              ElementsAre("issue:  -> EFFECTIVE", "renew_granted: EFFECTIVE -> EFFECTIVE", "annul: EFFECTIVE -> ANNULLED"));
  EXPECT_THAT(Published("permits/" + std::string(kNumber)), ElementsAre("annul on 2026-09-01"));
  EXPECT_THAT(Noticed("permits/" + std::string(kNumber)), ElementsAre("PERMIT_ENDED to 91130200699229617X"));
  EXPECT_EQ(standing_.FindBan(kPlant), nullptr);
}

TEST_F(PermitActsTest, FraudBansForThreeYearsToTheDay_PERMIT88) {
  GrantFirst();
  SetDay(2026, 9, 10);
  ASSERT_EQ(Outcome(Annul("ground: FRAUD_OR_BRIBERY")), "OK");
  EXPECT_EQ(Outcome(standing_.CheckMayApply(kPlant, MakeDate(2029, 9, 9))), "ENTERPRISE_BANNED PERMIT-88 application.site");
  EXPECT_EQ(Outcome(standing_.CheckMayApply(kPlant, MakeDate(2029, 9, 10))), "OK");
}

// How long a ban lasts only the law says: where no regime governs, fraud is not decided here.
TEST_F(PermitActsTest, FraudNeedsARegimeThatSaysForHowLongItBans_PERMIT52) {
  Register("name: 'participants/sy-eco' kind: AUTHORITY display_name: 'Shenyang' region: '210100'");
  AddPerson("far-approver", "sy-eco", "PERMIT_APPROVER", "210100");
  const std::string site = std::string(kPlant) + "300";
  AddSite(site, "210102");
  const std::string number = Grant(GrantOf(site, today_, MakeDate(2028, 12, 31)));
  const auto annul = [&](const std::string& ground) {
    return As("far-approver", [&](CommandContext& c) {
      return acts_.AnnulPermit(c, Text<v1::AnnulPermitRequest>("ground: " + ground + " " + kDecision + Named(number)), *this);
    });
  };
  EXPECT_EQ(Outcome(annul("FRAUD_OR_BRIBERY")), "NO_REGIME PERMIT-52 ground");
  EXPECT_EQ(Outcome(annul("PROCEDURE_BREACH")), "OK");
}

TEST_F(PermitActsTest, WhatAnActMustSay) {
  GrantFirst();
  EXPECT_EQ(Outcome(Annul("ground: GROUND_UNSPECIFIED")), "INVALID_FIELD PERMIT-51 ground");
  EXPECT_EQ(Outcome(Annul("decision: ''")), "INVALID_FIELD - decision");
  EXPECT_EQ(Outcome(Annul("reasons: ''")), "INVALID_FIELD - reasons");
  EXPECT_EQ(Outcome(Annul("name: 'x'")), "INVALID_FIELD - name");
  EXPECT_EQ(Outcome(Annul("name: 'permits/91130200699229617X009P'")), "NOT_FOUND - name");
  EXPECT_EQ(Outcome(Recall("compensation: ''")), "INVALID_FIELD PERMIT-53A compensation");
  EXPECT_EQ(Outcome(Terminate("cause: CAUSE_UNSPECIFIED")), "INVALID_FIELD PERMIT-54 cause");
  EXPECT_EQ(Outcome(Restore("judgment: ''")), "INVALID_FIELD - judgment");
  EXPECT_EQ(Outcome(WriteOff("")), "ILLEGAL_TRANSITION PERMIT-54 name");
  EXPECT_EQ(Detail(WriteOff("")).accepted, "a permit that is EXPIRED, ANNULLED, REVOKED, RECALLED");
}

TEST_F(PermitActsTest, ValidateOnlyEndsNothing) {
  GrantFirst();
  validate_only_ = true;
  const auto answer = Annul("ground: FRAUD_OR_BRIBERY");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->permit().state(), v1::ANNULLED);
  EXPECT_EQ(State(), v1::EFFECTIVE);
  EXPECT_THAT(cancelled_, IsEmpty());
  EXPECT_EQ(standing_.FindBan(kPlant), nullptr);
}

// ---- Write-off, always an act of its own (PERMIT-54) ----

TEST_F(PermitActsTest, WhatWasAnnulledIsWrittenOffByAnActOfItsOwn_PERMIT54) {
  GrantFirst();
  ASSERT_EQ(Outcome(Annul("")), "OK");
  SetDay(2026, 9, 8);
  const auto answer = WriteOff("decision: 'Register 5'");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->permit().state(), v1::WRITTEN_OFF);
  EXPECT_EQ(answer->permit().closing_decision(), "Decision 1: BEYOND_POWER: as found");
  EXPECT_EQ(answer->permit().write_off_decision(), "Register 5: as found");
  EXPECT_EQ(permits_.VersionForAct(kNumber, today_)->closed_from, MakeDate(2026, 9, 1));
  EXPECT_EQ(Outcome(Restore("")), "ILLEGAL_TRANSITION PERMIT-41 name");
}

TEST_F(PermitActsTest, StrikingOffAnExpiredPermitTakesNothingFromTheYearsItHeld) {
  ASSERT_EQ(Grant(GrantOf(kSite, today_, MakeDate(2026, 10, 31))), kNumber);
  SetDay(2026, 11, 10);
  PassTime();
  ASSERT_EQ(Outcome(WriteOff("reasons: 'not renewed'")), "OK");
  EXPECT_EQ(permits_.PermittedQuantity(kSite, "SO2", 2026), Quantity(100));
  EXPECT_EQ(permits_.StandingOfSite(kSite, today_), SiteStanding::kClosed);
}

TEST_F(PermitActsTest, ARelocatedSitesPermitIsStruckOffAtOnce_PERMIT54) {
  GrantFirst();
  ASSERT_EQ(Outcome(Terminate("")), "OK");
  EXPECT_EQ(State(), v1::WRITTEN_OFF);
  EXPECT_THAT(cancelled_, ElementsAre("91130200699229617X001 PERMIT_ENDED"));
  EXPECT_EQ(Grant(GrantOf(kSite, today_ + 1, MakeDate(2030, 1, 1))), "91130200699229617X004P") << "the chain is closed for good";
}

// ---- Restoration ----

TEST_F(PermitActsTest, AJudgmentGivesThePermitBackWithAGapAndLiftsTheBan) {
  GrantFirst();
  SetDay(2026, 9, 10);
  ASSERT_EQ(Outcome(Annul("ground: FRAUD_OR_BRIBERY")), "OK");
  SetDay(2026, 12, 1);
  const auto answer = Restore("");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->permit().state(), v1::EFFECTIVE);
  ASSERT_EQ(answer->permit().gaps_size(), 1);
  EXPECT_EQ(answer->permit().gaps(0).first_date(), "2026-09-10");
  EXPECT_EQ(answer->permit().gaps(0).last_date(), "2026-11-30");
  EXPECT_EQ(permits_.EffectivePermitOfSite(kSite, MakeDate(2026, 11, 30)), nullptr);
  EXPECT_NE(permits_.EffectivePermitOfSite(kSite, MakeDate(2026, 12, 1)), nullptr);
  EXPECT_EQ(standing_.FindBan(kPlant), nullptr);
}

TEST_F(PermitActsTest, APermitGivenBackAfterItsTermIsExpired) {
  ASSERT_EQ(Grant(GrantOf(kSite, today_, MakeDate(2026, 10, 31))), kNumber);
  ASSERT_EQ(Outcome(Annul("")), "OK");
  SetDay(2026, 12, 1);
  const auto answer = Restore("");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->permit().state(), v1::EXPIRED);
  PassTime();
  EXPECT_EQ(Steps("permits/" + std::string(kNumber)).back(), "expiry_reached: EFFECTIVE -> EXPIRED");
}

TEST_F(PermitActsTest, NoPermitIsGivenBackBesideAnother_INV06) {
  GrantFirst();
  ASSERT_EQ(Outcome(Annul("")), "OK");
  ASSERT_EQ(Grant(GrantOf(kSite, today_, MakeDate(2031, 8, 31))), "91130200699229617X004P");
  EXPECT_EQ(Outcome(Restore("")), "PERMIT_IN_FORCE INV-06 name");
  ASSERT_EQ(Outcome(Terminate("", "91130200699229617X004P")), "OK");
  EXPECT_EQ(Outcome(Restore("")), "OK");
}

// ---- The authority's own change ----

TEST_F(PermitActsTest, TheAuthorityChangesAPermitForTheRestOfItsTerm_PERMIT44) {
  GrantFirst();
  SetDay(2026, 10, 9);
  const auto answer = Amend("statement: 'too soon'");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->permit().version(), 2u);
  EXPECT_EQ(answer->permit().valid_from(), "2026-10-09");
  EXPECT_EQ(answer->permit().valid_to(), "2031-08-31");
  EXPECT_EQ(permits_.PermittedQuantity(kSite, "SO2", 2027), Quantity(80));
  EXPECT_THAT(cancelled_, IsEmpty()) << "the site goes on";
  EXPECT_EQ(Steps("permits/" + std::string(kNumber)).back(), "authority_change: EFFECTIVE -> EFFECTIVE");
  EXPECT_THAT(Noticed("permits/" + std::string(kNumber)), ElementsAre("PERMIT_CHANGED to 91130200699229617X"));
}

TEST_F(PermitActsTest, AnAmendmentIsReviewedByAnotherAndCoveredByRights) {
  GrantFirst();
  EXPECT_EQ(Outcome(Amend("reviewer: 'people/approver'")), "SAME_PERSON_REVIEWED GEN-14 reviewer");
  EXPECT_EQ(Outcome(Amend("reviewer: 'people/neighbour'")), "REVIEWER_NOT_COMPETENT GEN-14 reviewer");
  EXPECT_EQ(Outcome(Amend("reasons: ''")), "INVALID_FIELD - reasons");
  EXPECT_EQ(Outcome(Amend("", kNumber, 2'000)), "RIGHTS_DO_NOT_COVER DR-16 limits");
}

TEST_F(PermitActsTest, ARenewalThatIsPendingCarriesTheAmendedPermit_PERMIT49) {
  GrantFirst();
  As("operator", [&](CommandContext& context) {
    permits_.SetRenewalPending(context, *permits_.FindPermit(kNumber, today_), true);
    return absl::StatusOr<v1::PermitAnswer>(v1::PermitAnswer());
  });
  ASSERT_EQ(Outcome(Amend("")), "OK");
  SetDay(2031, 9, 1);
  PassTime();
  EXPECT_EQ(State(), v1::DEEMED_RENEWED_PENDING);
}

// ---- Penalties and revocation ----

TEST_F(PermitActsTest, AFineIsHeldAgainstTheLawOfTheDayOfTheViolation_PERMIT89) {
  GrantFirst();
  // Order 736 until 2026-08-14: from 200,000 yuan; the Code from 2026-08-15: from 100,000 yuan.
  const auto old_law = Penalty("violation_date: '2026-08-14' fine_fen: 19999999");
  EXPECT_EQ(Outcome(old_law), "FINE_OUTSIDE_RANGE PERMIT-89 fine_fen");
  EXPECT_EQ(Detail(old_law).accepted, "20000000 to 100000000 fen: Order 736 art. 34");
  EXPECT_EQ(Outcome(Penalty("violation_date: '2026-08-14' fine_fen: 20000000 decision: 'A'")), "OK");
  const auto new_law = Penalty("violation_date: '2026-08-15' fine_fen: 10000000 decision: 'B'");
  ASSERT_EQ(Outcome(new_law), "OK");
  EXPECT_EQ(new_law->penalty().legal_basis(), "Code art. 1103");
  EXPECT_EQ(Outcome(Penalty("violation_date: '2026-08-15' fine_fen: 9999999 decision: 'C'")), "FINE_OUTSIDE_RANGE PERMIT-89 fine_fen");
  EXPECT_EQ(Outcome(Penalty("violation_date: '2026-08-15' fine_fen: 100000000 decision: 'D'")), "OK");
  EXPECT_EQ(Outcome(Penalty("violation_date: '2026-08-15' fine_fen: 100000001 decision: 'E'")), "FINE_OUTSIDE_RANGE PERMIT-89 fine_fen");
}

TEST_F(PermitActsTest, WhatAPenaltyMustSay) {
  GrantFirst();
  EXPECT_EQ(Outcome(Penalty("site: 'x'")), "INVALID_FIELD - site");
  EXPECT_EQ(Outcome(Penalty("site: 'sites/91130200699229617X009'")), "NOT_FOUND - site");
  EXPECT_EQ(Outcome(Penalty("violation_date: '2026-09-02'")), "INVALID_FIELD PERMIT-89 violation_date");
  EXPECT_EQ(Outcome(Penalty("decision: ''")), "INVALID_FIELD - decision");
  EXPECT_EQ(Outcome(Penalty("grounds: ''")), "INVALID_FIELD - grounds");
  EXPECT_EQ(Outcome(Penalty("conduct: 'PERMIT-79'")), "NO_FINE_RANGE PERMIT-89 conduct");
  EXPECT_EQ(Outcome(Penalty("conduct: 'PERMIT-80' serious: true")), "NO_FINE_RANGE PERMIT-89 conduct");
  EXPECT_EQ(Outcome(Penalty("conduct: 'PERMIT-80' serious: false")), "REVOCATION_NOT_PROVIDED PERMIT-53 revoke_proposed");
  ASSERT_EQ(Outcome(Penalty("")), "OK");
  EXPECT_EQ(Outcome(Penalty("")), "ALREADY_EXISTS GEN-08 decision");
  EXPECT_THAT(Published("penalties/91130200699229617X001.1"), ElementsAre("penalty on 2026-09-01"));
  EXPECT_THAT(Noticed("penalties/91130200699229617X001.1"), ElementsAre("PENALTY_DECIDED to 91130200699229617X"));
}

TEST_F(PermitActsTest, AFraudulentApplicationsFineBans_PERMIT87) {
  GrantFirst();
  SetDay(2026, 9, 10);
  ASSERT_EQ(Outcome(Penalty("conduct: 'PERMIT-87' serious: false revoke_proposed: false")), "OK");
  ASSERT_NE(standing_.FindBan(kPlant), nullptr);
  EXPECT_EQ(standing_.FindBan(kPlant)->until, MakeDate(2029, 9, 10));
}

TEST_F(PermitActsTest, RevocationTakesAnEnforcersPenaltyAndAnotherPersonsApproval_GEN14) {
  GrantFirst();
  EXPECT_EQ(Outcome(Revoke("")), "NO_PENALTY_DECISION PERMIT-53 decision");
  ASSERT_EQ(Outcome(Penalty("decision: 'Mild' revoke_proposed: false")), "OK");
  EXPECT_EQ(Outcome(Revoke("decision: 'Mild'")), "REVOCATION_NOT_PROPOSED PERMIT-53 decision");
  ASSERT_EQ(Outcome(Penalty("decision: 'Own'", "both")), "OK");
  EXPECT_EQ(Outcome(Revoke("decision: 'Own'", "both")), "SAME_PERSON_REVIEWED GEN-14 caller");
  ASSERT_EQ(Outcome(Penalty("")), "OK");
  EXPECT_EQ(Outcome(Revoke("", "enforcer")), "NOT_COMPETENT PERMIT-04 caller");
  EXPECT_EQ(Outcome(Revoke("", "neighbour")), "NOT_COMPETENT PERMIT-04 caller");
  EXPECT_EQ(State(), v1::EFFECTIVE);
  ASSERT_EQ(Outcome(Revoke("")), "OK");
  EXPECT_EQ(State(), v1::REVOKED);
  EXPECT_THAT(cancelled_, ElementsAre("91130200699229617X001 PERMIT_REVOKED"));
  EXPECT_EQ(Outcome(Revoke("")), "ILLEGAL_TRANSITION PERMIT-53 name");
}

// ---- The last day ----

TEST_F(PermitActsTest, APermitFromFebruary29EndsOnFebruary27AndExpiresOnThe28th) {
  SetDay(2028, 2, 29);
  ASSERT_EQ(Grant(GrantOf(kSite, today_, *AddYears(today_, 5) - 1)), kNumber);
  SetDay(2033, 2, 27);
  PassTime();
  EXPECT_EQ(State(), v1::EFFECTIVE);
  EXPECT_THAT(cancelled_, IsEmpty());
  SetDay(2033, 2, 28);
  PassTime();
  EXPECT_EQ(State(), v1::EXPIRED);
  EXPECT_THAT(cancelled_, ElementsAre("91130200699229617X001 PERMIT_ENDED"));
  EXPECT_EQ(Steps("permits/" + std::string(kNumber)).back(), "expiry_reached: EFFECTIVE -> EXPIRED");
  EXPECT_THAT(Noticed("permits/" + std::string(kNumber)), ElementsAre("PERMIT_ENDED to 91130200699229617X"));
  EXPECT_THAT(Published("permits/" + std::string(kNumber)), IsEmpty()) << "nobody decided anything";
}

TEST_F(PermitActsTest, APermitToFebruary29ExpiresOnMarch1) {
  ASSERT_EQ(Grant(GrantOf(kSite, today_, MakeDate(2028, 2, 29))), kNumber);
  SetDay(2028, 2, 29);
  PassTime();
  EXPECT_THAT(Steps("permits/" + std::string(kNumber)), ElementsAre("issue:  -> EFFECTIVE"));
  SetDay(2028, 3, 1);
  PassTime();
  PassTime();
  EXPECT_THAT(Steps("permits/" + std::string(kNumber)), ElementsAre("issue:  -> EFFECTIVE", "expiry_reached: EFFECTIVE -> EXPIRED"));
}

TEST_F(PermitActsTest, WhileItsRenewalIsPendingASiteLosesOnlyWhatItSells_PERMIT49) {
  ASSERT_EQ(Grant(GrantOf(kSite, today_, MakeDate(2026, 10, 31))), kNumber);
  const auto pending = [&](bool on) {
    As("operator", [&](CommandContext& context) {
      permits_.SetRenewalPending(context, *permits_.VersionForAct(kNumber, today_), on);
      return absl::StatusOr<v1::PermitAnswer>(v1::PermitAnswer());
    });
  };
  pending(true);
  SetDay(2026, 11, 1);
  PassTime();
  EXPECT_THAT(cancelled_, ElementsAre("91130200699229617X001 sell PERMIT_ENDED"));
  SetDay(2026, 11, 20);
  pending(false);
  PassTime();
  EXPECT_THAT(cancelled_, ElementsAre("91130200699229617X001 sell PERMIT_ENDED", "91130200699229617X001 PERMIT_ENDED"));
  EXPECT_THAT(Steps("permits/" + std::string(kNumber)),
              ElementsAre("issue:  -> EFFECTIVE", "expiry_reached: EFFECTIVE -> DEEMED_RENEWED_PENDING",
                          "renew_denied: DEEMED_RENEWED_PENDING -> EXPIRED"));
  EXPECT_THAT(Noticed("permits/" + std::string(kNumber)),
              ElementsAre("PERMIT_CONTINUES to 91130200699229617X", "PERMIT_ENDED to 91130200699229617X"));
}

// The notice tells of the day on which the term was over, whenever the night's work came to it.
TEST_F(PermitActsTest, ANoticeOfExpirySaysWhen) {
  ASSERT_EQ(Grant(GrantOf(kSite, today_, MakeDate(2026, 10, 31))), kNumber);
  SetDay(2026, 11, 3);
  PassTime();
  std::vector<std::string> texts;
  RowsOf<NoticeRow>([&](const NoticeRow& row) { texts.push_back(row.text + " " + row.text_zh); });
  EXPECT_THAT(texts, ElementsAre("permits/91130200699229617X001P has expired on 2026-11-01. 排污许可证 91130200699229617X001P 于 2026-11-01 "
                                 "有效期届满，已失效。"));
}

TEST_F(PermitActsTest, ARenewedPermitDoesNotExpireWithItsFirstTerm) {
  ASSERT_EQ(Grant(GrantOf(kSite, today_, MakeDate(2026, 10, 31))), kNumber);
  ASSERT_EQ(Grant(GrantOf(kSite, MakeDate(2026, 11, 1), MakeDate(2031, 10, 31), GrantKind::kRenew)), kNumber);
  SetDay(2026, 11, 1);
  PassTime();
  EXPECT_EQ(State(), v1::EFFECTIVE);
  EXPECT_THAT(cancelled_, IsEmpty());
  EXPECT_EQ(Steps("permits/" + std::string(kNumber)).back(), "renew_granted: EFFECTIVE -> EFFECTIVE");
}

// What was granted for the term to come was decided on the permit as it is. Nothing changes that under it; the refusal says when, and what else.
TEST_F(PermitActsTest, ARenewalGrantedAheadLetsNothingChangeBeforeItBegins_PERMIT47) {
  ASSERT_EQ(Grant(GrantOf(kSite, today_, MakeDate(2026, 10, 31))), kNumber);
  ASSERT_EQ(Grant(GrantOf(kSite, MakeDate(2026, 11, 1), MakeDate(2031, 10, 31), GrantKind::kRenew)), kNumber);
  const auto amended = Amend("");
  EXPECT_EQ(Outcome(amended), "RENEWAL_GRANTED PERMIT-47 site");
  EXPECT_EQ(Detail(amended).value, "permits/91130200699229617X001P: version 2 was granted for 2026-11-01 to 2031-10-31");
  EXPECT_THAT(Detail(amended).accepted, testing::HasSubstr("on or after 2026-11-01"));
  for (const GrantKind kind : {GrantKind::kChange, GrantKind::kReissue, GrantKind::kReapply, GrantKind::kRenew}) {
    const Date first = kind == GrantKind::kRenew ? MakeDate(2031, 11, 1) : today_;
    EXPECT_EQ(Grant(GrantOf(kSite, first, MakeDate(2031, 10, 31), kind)), "RENEWAL_GRANTED PERMIT-47 site");
  }
  SetDay(2026, 11, 1);
  EXPECT_EQ(Outcome(Amend("")), "OK");
  EXPECT_EQ(permits_.EffectivePermitOfSite(kSite, today_)->version, 3u);
}

TEST_F(PermitActsTest, ANightOfExpiriesGoesInSlices) {
  for (int i = 0; i < 7; ++i) {
    const std::string site = std::string(kPlant) + std::to_string(200 + i);
    AddSite(site, "220102");
    Grant(GrantOf(site, today_, MakeDate(2026, 12, 31)));
  }
  SetDay(2027, 1, 1);
  std::vector<size_t> slices;
  for (bool more = true; more;) {
    const size_t before = cancelled_.size();
    As("system", [&](CommandContext& context) {
      more = permits_.PassTerms(context, *this, 3);
      return absl::StatusOr<v1::PermitAnswer>(v1::PermitAnswer());
    });
    slices.push_back(cancelled_.size() - before);
  }
  EXPECT_THAT(slices, ElementsAre(3, 3, 1));
  EXPECT_EQ(cancelled_.front(), "91130200699229617X200 PERMIT_ENDED");
}

// ---- Restart ----

TEST_F(PermitActsTest, EverythingComesBackFromRowsAlone) {
  ASSERT_EQ(Grant(GrantOf(kSite, today_, MakeDate(2026, 12, 31))), kNumber);
  ASSERT_EQ(Outcome(Amend("")), "OK");  // what the first version awaited is another's now
  ASSERT_EQ(Outcome(Penalty("")), "OK");
  const auto placed = As("enforcer", [&](CommandContext& c) {
    return overlays_.PlaceOverlay(c,
                                  Text<v1::PlaceOverlayRequest>("site: 'sites/91130200699229617X001' kind: SEIZED ground: VIOLATION decision: 'O' reason: 'r'"),
                                  *this);
  });
  ASSERT_EQ(Outcome(placed), "OK");
  const auto filed = As("operator", [&](CommandContext& c) {
    return registrations_.FileRegistration(
        c, Text<v1::FileRegistrationRequest>("site: 'sites/91130200699229617X002' industries: '1499' emissions: 'e' treatment: 't'"));
  });
  ASSERT_EQ(Outcome(filed), "OK");

  stored_.Fold(&tables_);
  TableSet tables;
  ledger::Counters counters(&tables);
  ledger::Participants participants(&tables, &counters);
  ledger::Calendars calendars(&tables);
  Regimes regimes(&tables);
  Deadlines deadlines(&tables, &counters, &calendars, this);
  CaseFile file(&tables, &counters);
  Standing standing(&tables, &participants);
  Permits permits(&tables, &participants, &regimes, &file, this);
  Penalties penalties(&tables, {&counters, &participants, &regimes, &standing, &file});
  Overlays overlays(&tables, {&counters, &participants, &regimes, &deadlines, &file});
  Registrations registrations(&tables, {&participants, &regimes, &deadlines, &permits, &file});
  stored_.LoadInto(&tables);

  ASSERT_NE(penalties.Find(kSite, "Fine 1"), nullptr);
  EXPECT_TRUE(penalties.Find(kSite, "Fine 1")->revoke_proposed);
  ASSERT_NE(overlays.GateOf(kSite, today_), nullptr);
  ASSERT_NE(registrations.OfSite(kSecondSite), nullptr);
  EXPECT_TRUE(registrations.OfSite(kSecondSite)->LiveOn(today_));
  cancelled_.clear();
  SetDay(2027, 1, 1);
  // Twice: what has been kept is not kept again, after another restart neither.
  for (const size_t cancelled : {1u, 1u}) {
    As("system", [&](CommandContext& context) {
      EXPECT_FALSE(permits.PassTerms(context, *this, 100));
      return absl::StatusOr<v1::PermitAnswer>(v1::PermitAnswer());
    });
    EXPECT_EQ(cancelled_.size(), cancelled);
  }
  EXPECT_EQ(permits.VersionForAct(kNumber, today_)->StateOn(today_), v1::EXPIRED);
}

}  // namespace
}  // namespace songhua::permits
