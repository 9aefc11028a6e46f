#include "permits/overlays.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "permits/discharge.h"
#include "tests/permits/permit_world.h"

namespace songhua::permits {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class OverlaysTest : public PermitWorld {
 protected:
  void SetUp() override {
    PermitWorld::SetUp();
    SetDay(2026, 9, 1);
    ASSERT_EQ(Grant(GrantOf(kSite, today_, MakeDate(2031, 8, 31))), std::string(kSite) + "P");
  }

  absl::StatusOr<v1::OverlayAnswer> Place(const std::string& more, const std::string& caller = "enforcer") {
    return As(caller, [&](CommandContext& c) {
      auto answer = overlays_.PlaceOverlay(
          c, Text<v1::PlaceOverlayRequest>("site: 'sites/" + std::string(kSite) +
                                           "' kind: SUSPENDED_RECTIFICATION ground: VIOLATION decision: 'Order 1' reason: 'untreated discharge' " + more),
          *this);
      if (answer.ok() && !c.validate_only) placed_.push_back(answer->overlay().name());
      return answer;
    });
  }
  absl::StatusOr<v1::OverlayAnswer> Lift(const std::string& name, const std::string& caller = "enforcer", const std::string& decision = "Order 2") {
    v1::LiftOverlayRequest request;
    request.set_name(name);
    request.set_decision(decision);
    return As(caller, [&](CommandContext& c) { return overlays_.LiftOverlay(c, request); });
  }
  const OverlayRow* Row(const std::string& name) {
    const auto key = ParseOverlayName("name", name);
    return key.ok() ? overlays_.Find(std::get<0>(*key), std::get<1>(*key)) : nullptr;
  }
  // "SUSPENDED of overlays/..." and so on, with a + where discharge is lawful.
  std::string Discharge(Date date, const std::string& site = kSite) {
    SiteFacts facts{site, &permits_, {}, {}, registrations_.OfSite(site)};
    for (const std::string& name : placed_) {
      const OverlayRow* row = Row(name);
      if (row->site != site) continue;
      facts.overlays.push_back(row);
      if (const DeadlineRow* deadline = deadlines_.Find(row->deadline); deadline != nullptr) facts.rectifications.push_back(deadline);
    }
    const v1::MayDischargeAnswer answer = MayDischarge(facts, date);
    return (answer.may_discharge() ? "+" : "-") + answer.reason() + " " + answer.source();
  }

  std::vector<std::string> placed_;
};

constexpr char kFirst[] = "overlays/91130200699229617X001.1";
constexpr char kLawful[] = "+PERMIT_EFFECTIVE permits/91130200699229617X001P";

TEST_F(OverlaysTest, ASuspensionStopsDischargeAndSalesButNotThePermit_PERMIT57_PERMIT59) {
  EXPECT_EQ(Discharge(today_), kLawful);
  const auto answer = Place("");
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->overlay().name(), kFirst);
  EXPECT_EQ(answer->overlay().state(), v1::OVERLAY_ACTIVE);
  EXPECT_EQ(answer->overlay().end_date(), "");
  EXPECT_THAT(cancelled_, ElementsAre("91130200699229617X001 sell SITE_SUSPENDED"));
  EXPECT_EQ(overlays_.GateOf(kSite, today_)->Name(), kFirst);
  EXPECT_EQ(permits_.StandingOfSite(kSite, today_), SiteStanding::kEffective);
  EXPECT_EQ(Discharge(today_), std::string("-SUSPENDED ") + kFirst);
  EXPECT_EQ(Discharge(today_ - 1), "-NO_PERMIT ");
  EXPECT_EQ(overlays_.GateOf(kSecondSite, today_), nullptr);
}

TEST_F(OverlaysTest, OnlySuspensionClosureAndSeizureGate) {
  const std::vector<std::pair<std::string, bool>> kinds = {{"kind: RESTRICTED_PRODUCTION", false}, {"kind: SUSPENDED_RECTIFICATION", true},
                                                           {"kind: CLOSED_BY_ORDER", true},        {"kind: SEIZED", true},
                                                           {"kind: SPECIAL_PERIOD_LIMIT special_period: ALERT_RED ground: AIR_ALERT", false},
                                                           {"kind: RECTIFICATION_NOTICE ground: CONDITIONS_NOT_MET", false}};
  for (const auto& [kind, gates] : kinds) {
    SCOPED_TRACE(kind);
    cancelled_.clear();
    const auto answer = Place(kind);
    ASSERT_EQ(Outcome(answer), "OK");
    EXPECT_EQ(overlays_.GateOf(kSite, today_) != nullptr, gates);
    EXPECT_EQ(Discharge(today_).front() == '-', gates);
    EXPECT_EQ(cancelled_.size(), gates ? 1u : 0u);
    ASSERT_EQ(Outcome(Lift(answer->overlay().name())), "OK");
    EXPECT_EQ(Discharge(today_), kLawful);
  }
}

TEST_F(OverlaysTest, AnOverlayHoldsFromItsFirstToItsLastDay) {
  ASSERT_EQ(Outcome(Place("start_date: '2026-10-01' end_date: '2026-10-31'")), "OK");
  EXPECT_THAT(cancelled_, IsEmpty()) << "it has not begun";
  EXPECT_EQ(Row(kFirst)->StateOn(today_), v1::OVERLAY_PLANNED);
  EXPECT_EQ(Discharge(MakeDate(2026, 9, 30)), kLawful);
  EXPECT_EQ(Discharge(MakeDate(2026, 10, 1)), std::string("-SUSPENDED ") + kFirst);
  EXPECT_EQ(Discharge(MakeDate(2026, 10, 31)), std::string("-SUSPENDED ") + kFirst);
  EXPECT_EQ(Discharge(MakeDate(2026, 11, 1)), kLawful);
  EXPECT_EQ(Row(kFirst)->StateOn(MakeDate(2026, 10, 31)), v1::OVERLAY_ACTIVE);
  EXPECT_EQ(Row(kFirst)->StateOn(MakeDate(2026, 11, 1)), v1::OVERLAY_EXPIRED);
}

TEST_F(OverlaysTest, ALiftedOverlayEndsOnTheDayAndIsLiftedOnce) {
  ASSERT_EQ(Outcome(Place("")), "OK");
  SetDay(2026, 9, 20);
  const auto answer = Lift(kFirst);
  ASSERT_EQ(Outcome(answer), "OK");
  EXPECT_EQ(answer->overlay().state(), v1::OVERLAY_LIFTED);
  EXPECT_EQ(answer->overlay().lift_decision(), "Order 2");
  EXPECT_EQ(Discharge(MakeDate(2026, 9, 19)), std::string("-SUSPENDED ") + kFirst);
  EXPECT_EQ(Discharge(today_), kLawful);
  EXPECT_EQ(Outcome(Lift(kFirst)), "ILLEGAL_TRANSITION PERMIT-57 name");
}

TEST_F(OverlaysTest, SeveralLieOnASiteAtOnce) {
  ASSERT_EQ(Outcome(Place("")), "OK");
  ASSERT_EQ(Outcome(Place("kind: SEIZED decision: 'Order 3'")), "OK");
  ASSERT_EQ(Outcome(Lift(kFirst)), "OK");
  EXPECT_EQ(Discharge(today_), "-SUSPENDED overlays/91130200699229617X001.2");
}

TEST_F(OverlaysTest, AnEventStopsNothingUnlessTheCentralLevelOrdersIt_INSP04) {
  EXPECT_EQ(Outcome(Place("ground: EVENT")), "EVENT_NOT_CENTRAL INSP-04 ground");
  EXPECT_EQ(Outcome(Place("ground: EVENT central_level: true")), "OK");
}

TEST_F(OverlaysTest, AStopOfItsOwnIsReportedByTheEnterpriseAndGatesNothing_PERMIT58) {
  const std::string stop = "kind: VOLUNTARY_STOP ground: OWN_DECISION decision: '' reason: 'summer overhaul' end_date: '2026-09-20'";
  EXPECT_EQ(Outcome(Place(stop)), "NOT_COMPETENT PERMIT-57 caller");
  ASSERT_EQ(Outcome(Place(stop, "operator")), "OK");
  EXPECT_EQ(Discharge(today_), kLawful);
  EXPECT_EQ(overlays_.GateOf(kSite, today_), nullptr);
  EXPECT_EQ(Outcome(Lift(kFirst, "operator")), "OK");
}

TEST_F(OverlaysTest, WhoMayRestrainASite) {
  EXPECT_EQ(Outcome(Place("", "operator")), "NOT_COMPETENT PERMIT-57 caller");
  EXPECT_EQ(Outcome(Place("", "approver")), "NOT_COMPETENT PERMIT-57 caller");
  EXPECT_EQ(Outcome(Place("kind: RECTIFICATION_NOTICE ground: CONDITIONS_NOT_MET", "approver")), "OK");
  ASSERT_EQ(Outcome(Place("")), "OK");
  EXPECT_EQ(Outcome(Lift("overlays/91130200699229617X001.2", "operator")), "NOT_COMPETENT PERMIT-57 caller");
}

TEST_F(OverlaysTest, WhatAnOverlayMustSay) {
  EXPECT_EQ(Outcome(Place("site: 'x'")), "INVALID_FIELD - site");
  EXPECT_EQ(Outcome(Place("site: 'sites/91130200699229617X009'")), "NOT_FOUND - site");
  EXPECT_EQ(Outcome(Place("kind: OVERLAY_KIND_UNSPECIFIED")), "INVALID_FIELD PERMIT-57 kind");
  EXPECT_EQ(Outcome(Place("start_date: '2026-08-31'")), "INVALID_FIELD PERMIT-57 start_date");
  EXPECT_EQ(Outcome(Place("start_date: '2026-09-10' end_date: '2026-09-09'")), "INVALID_FIELD PERMIT-57 end_date");
  EXPECT_EQ(Outcome(Place("decision: ''")), "INVALID_FIELD - decision");
  EXPECT_EQ(Outcome(Place("reason: ''")), "INVALID_FIELD - reason");
  EXPECT_EQ(Outcome(Place("ground: OWN_DECISION")), "INVALID_FIELD PERMIT-57 ground");
  EXPECT_EQ(Outcome(Place("special_period: ALERT_RED")), "INVALID_FIELD PERMIT-24 special_period");
  EXPECT_EQ(Outcome(Place("kind: SPECIAL_PERIOD_LIMIT")), "INVALID_FIELD PERMIT-24 special_period");
  EXPECT_EQ(Outcome(Place("kind: RECTIFICATION_NOTICE ground: CONDITIONS_NOT_MET end_date: '2026-12-01'")), "INVALID_FIELD PERMIT-55 end_date");
  EXPECT_EQ(Outcome(Lift("overlays/7")), "INVALID_FIELD - name");
  EXPECT_EQ(Outcome(Lift("overlays/91130200699229617X001.7")), "NOT_FOUND - name");
  EXPECT_EQ(Outcome(Lift("overlays/91130200699229617X001.7", "enforcer", "")), "INVALID_FIELD - decision");
}

TEST_F(OverlaysTest, ValidateOnlyPlacesAndLiftsNothing) {
  validate_only_ = true;
  EXPECT_EQ(Outcome(Place("")), "OK");
  EXPECT_EQ(overlays_.GateOf(kSite, today_), nullptr);
  validate_only_ = false;
  ASSERT_EQ(Outcome(Place("")), "OK");
  validate_only_ = true;
  EXPECT_EQ(Outcome(Lift(kFirst)), "OK");
  EXPECT_NE(overlays_.GateOf(kSite, today_), nullptr);
}

// ---- Rectification notices (PERMIT-55) ----

TEST_F(OverlaysTest, ARectificationThatIsDoneInTimeMeetsItsDeadline) {
  const auto answer = Place("kind: RECTIFICATION_NOTICE ground: CONDITIONS_NOT_MET");
  ASSERT_EQ(Outcome(answer), "OK");
  const DeadlineRow* deadline = deadlines_.Open(kFirst, v1::RECTIFICATION);
  ASSERT_NE(deadline, nullptr);
  EXPECT_EQ(answer->overlay().deadline(), "deadlines/" + std::to_string(deadline->number));
  EXPECT_EQ(deadline->participant, kPlant);
  EXPECT_EQ(deadline->due, MakeDate(2026, 11, 30)) << "90 natural days after 2026-09-01";
  SetDay(2026, 11, 30);
  PassTime();
  EXPECT_EQ(Discharge(today_), kLawful);
  ASSERT_EQ(Outcome(Lift(kFirst)), "OK");
  EXPECT_EQ(deadlines_.Open(kFirst, v1::RECTIFICATION), nullptr);
}

TEST_F(OverlaysTest, WhenItsDeadlineHasPassedDischargeMustStop) {
  ASSERT_EQ(Outcome(Place("kind: RECTIFICATION_NOTICE ground: CONDITIONS_NOT_MET")), "OK");
  SetDay(2026, 12, 1);
  PassTime();
  EXPECT_EQ(deadlines_.Open(kFirst, v1::RECTIFICATION)->state, v1::OVERDUE);
  EXPECT_EQ(Discharge(MakeDate(2026, 11, 30)), kLawful);
  EXPECT_EQ(Discharge(today_), std::string("-RECTIFICATION_LAPSED ") + kFirst);
  ASSERT_EQ(Outcome(Lift(kFirst)), "OK");
  EXPECT_EQ(Discharge(today_), kLawful);
}

// ---- Discharge by the permit (PERMIT-59) ----

TEST_F(OverlaysTest, DischargeIsLawfulWhileAPermitIsEffectiveOrDeemedRenewed) {
  EXPECT_EQ(Discharge(MakeDate(2026, 8, 31)), "-NO_PERMIT ");
  EXPECT_EQ(Discharge(MakeDate(2031, 8, 31)), kLawful);
  EXPECT_EQ(Discharge(MakeDate(2031, 9, 1)), "-PERMIT_NOT_IN_FORCE ");
  As("operator", [&](CommandContext& context) {
    permits_.SetRenewalPending(context, *permits_.FindPermit(std::string(kSite) + "P", today_), true);
    return absl::StatusOr<v1::PermitAnswer>(v1::PermitAnswer());
  });
  EXPECT_EQ(Discharge(MakeDate(2031, 9, 1)), "+PERMIT_DEEMED_RENEWED permits/91130200699229617X001P");
  EXPECT_EQ(Discharge(today_, kSecondSite), "-NO_PERMIT ");
}

}  // namespace
}  // namespace songhua::permits
