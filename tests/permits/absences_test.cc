#include "permits/absences.h"

#include "gmock/gmock.h"
#include "tests/permits/permit_world.h"

namespace songhua::permits {
namespace {

class AbsencesTest : public PermitWorld {
 protected:
  auto Set(const std::string& caller, const std::string& person, const std::string& deputy, const std::string& first, const std::string& last) {
    v1::SetAbsenceRequest request;
    request.set_person("people/" + person);
    request.set_deputy("people/" + deputy);
    request.set_first_date(first);
    request.set_last_date(last);
    return As(caller, [&](CommandContext& context) { return absences_.SetAbsence(context, request); });
  }
  auto End(const std::string& caller, const std::string& name) {
    v1::EndAbsenceRequest request;
    request.set_name(name);
    return As(caller, [&](CommandContext& context) { return absences_.EndAbsence(context, request); });
  }
};

TEST_F(AbsencesTest, ADeputyActsFromTheFirstDayToTheLast) {
  ASSERT_EQ(Outcome(Set("reviewer", "reviewer", "reviewer-b", "2026-02-02", "2026-02-06")), "OK");
  EXPECT_FALSE(absences_.Deputises("reviewer-b", "reviewer", MakeDate(2026, 2, 1)));
  EXPECT_TRUE(absences_.Deputises("reviewer-b", "reviewer", MakeDate(2026, 2, 2)));
  EXPECT_TRUE(absences_.Deputises("reviewer-b", "reviewer", MakeDate(2026, 2, 6)));
  EXPECT_FALSE(absences_.Deputises("reviewer-b", "reviewer", MakeDate(2026, 2, 7)));
  EXPECT_FALSE(absences_.Deputises("reviewer", "reviewer-b", MakeDate(2026, 2, 3)));
}

TEST_F(AbsencesTest, TheOfficerAnApproverOfHisAuthorityOrTheOperatorSetsIt) {
  EXPECT_EQ(Outcome(Set("approver", "reviewer", "reviewer-b", "2026-02-02", "2026-02-06")), "OK");
  EXPECT_EQ(Outcome(Set("intake", "reviewer", "reviewer-b", "2026-03-02", "2026-03-06")), "NOT_COMPETENT PERMIT-04 caller");
  EXPECT_EQ(Outcome(Set("neighbour", "reviewer", "reviewer-b", "2026-03-02", "2026-03-06")), "NOT_COMPETENT PERMIT-04 caller");
  EXPECT_EQ(Outcome(End("neighbour", "absences/1")), "NOT_COMPETENT PERMIT-04 caller");
}

TEST_F(AbsencesTest, TheDeputyHoldsEachOfficeOfTheAbsentOneInItsRegion) {
  EXPECT_EQ(Outcome(Set("reviewer", "reviewer", "intake", "2026-02-02", "2026-02-06")), "DEPUTY_NOT_COMPETENT PERMIT-04 deputy");
  EXPECT_EQ(Outcome(Set("reviewer", "reviewer", "neighbour", "2026-02-02", "2026-02-06")), "DEPUTY_NOT_COMPETENT PERMIT-04 deputy");
  EXPECT_EQ(Outcome(Set("approver-b", "approver-b", "approver", "2026-02-02", "2026-02-06")), "DEPUTY_NOT_COMPETENT PERMIT-04 deputy");
  EXPECT_EQ(Outcome(Set("approver", "approver", "approver-b", "2026-02-02", "2026-02-06")), "OK");
  EXPECT_EQ(Outcome(Set("credit", "credit", "reviewer", "2026-02-02", "2026-02-06")), "NO_OFFICE PERMIT-04 person");
  EXPECT_EQ(Outcome(Set("reviewer", "reviewer", "reviewer", "2026-02-02", "2026-02-06")), "INVALID_FIELD PERMIT-04 deputy");
}

TEST_F(AbsencesTest, DaysAreInOrderAndNotPast) {
  EXPECT_EQ(Outcome(Set("reviewer", "reviewer", "reviewer-b", "2026-01-04", "2026-02-06")), "INVALID_FIELD PERMIT-04 first_date");
  EXPECT_EQ(Outcome(Set("reviewer", "reviewer", "reviewer-b", "2026-02-06", "2026-02-05")), "INVALID_FIELD PERMIT-04 last_date");
  EXPECT_EQ(Outcome(Set("reviewer", "reviewer", "reviewer-b", "2026-02-06", "2027-02-07")), "INVALID_FIELD PERMIT-04 last_date");
  EXPECT_EQ(Outcome(Set("reviewer", "reviewer", "reviewer-b", "2026-02-06", "2027-02-06")), "OK");
}

// On each day an absent officer has one deputy, who is there.
TEST_F(AbsencesTest, NobodyIsAwayTwiceAndNoDeputyIsAway) {
  ASSERT_EQ(Outcome(Set("reviewer", "reviewer", "reviewer-b", "2026-02-02", "2026-02-06")), "OK");
  EXPECT_EQ(Outcome(Set("reviewer", "reviewer", "approver-b", "2026-02-06", "2026-02-09")), "ABSENCE_OVERLAPS PERMIT-04 person");
  EXPECT_EQ(Outcome(Set("reviewer-b", "reviewer-b", "approver-b", "2026-02-01", "2026-02-02")), "IS_DEPUTY PERMIT-04 person");
  ASSERT_EQ(Outcome(Set("reviewer-b", "reviewer-b", "approver-b", "2026-02-07", "2026-02-09")), "OK");
  EXPECT_EQ(Outcome(Set("reviewer", "reviewer", "reviewer-b", "2026-02-09", "2026-02-12")), "ABSENCE_OVERLAPS PERMIT-04 deputy");
}

TEST_F(AbsencesTest, WhoIsBackEarlyIsBackToday) {
  ASSERT_EQ(Outcome(Set("reviewer", "reviewer", "reviewer-b", "2026-01-05", "2026-01-16")), "OK");
  ASSERT_EQ(Outcome(Set("reviewer", "reviewer", "reviewer-b", "2026-02-02", "2026-02-06")), "OK");
  SetDay(2026, 1, 8);
  EXPECT_EQ(End("reviewer", "absences/1")->absence().last_date(), "2026-01-07");
  EXPECT_FALSE(absences_.Deputises("reviewer-b", "reviewer", today_));
  EXPECT_EQ(Outcome(End("reviewer", "absences/1")), "ABSENCE_PASSED PERMIT-04 name");
  ASSERT_EQ(Outcome(End("reviewer", "absences/2")), "OK");  // it never begins
  EXPECT_FALSE(absences_.Deputises("reviewer-b", "reviewer", MakeDate(2026, 2, 3)));
  EXPECT_EQ(Outcome(Set("reviewer", "reviewer", "approver-b", "2026-02-01", "2026-02-02")), "OK");
}

// PERMIT-04 and GEN-14: who acts for the reviewer in charge has reviewed the case.
TEST_F(AbsencesTest, TheDeputyActsInChargeAndThenDoesNotApprove) {
  SetDay(2026, 3, 2);
  const auto run = [&](const std::string& who, auto act, auto request) {
    return Outcome(As(who, [&](CommandContext& context) { return (applications_.*act)(context, request); }));
  };
  std::string years;
  for (int year = 2026; year <= 2031; ++year) years += "annual_limits { year: " + std::to_string(year) + " quantity: 100 } ";
  const std::string content = "outlets { code: 'DA001' type: MAIN } limits { scope: 'DA001' pollutant: 'PM' " + years +
                              "} limits { scope: 'SITE' pollutant: 'PM' " + years + "} details { industries: '2231' } ";
  const std::string materials = "materials { code: 'EIA_APPROVAL' reference: 'r' } materials { code: 'MONITORING_PLAN' reference: 'r' } materials { "
                                "code: 'COMMITMENT_LETTER' reference: 'r' } ";
  ASSERT_EQ(run("operator", &Applications::CreateApplication,
                Text<v1::CreateApplicationRequest>(std::string("application { type: FIRST tier: SIMPLIFIED site: 'sites/") + kSite + "' " + content + materials + "}")),
            "OK");
  const std::string name = "name: 'applications/1' ";
  ASSERT_EQ(run("legal-rep", &Applications::SubmitApplication, Text<v1::SubmitApplicationRequest>(name)), "OK");
  ASSERT_EQ(run("intake", &Applications::RecordIntake, Text<v1::RecordIntakeRequest>(name + "result: ACCEPT")), "OK");
  ASSERT_EQ(run("intake", &Applications::AssignApplication, Text<v1::AssignApplicationRequest>(name + "reviewer: 'people/reviewer'")), "OK");
  ASSERT_EQ(Outcome(Set("reviewer", "reviewer", "approver-b", "2026-03-03", "2026-03-04")), "OK");

  const auto propose = Text<v1::ProposeDecisionRequest>(name + "grant: false reasons: 'because'");
  EXPECT_EQ(run("approver-b", &Applications::ProposeDecision, propose), "NOT_IN_CHARGE PERMIT-36 caller");
  SetDay(2026, 3, 3);
  EXPECT_EQ(run("reviewer-b", &Applications::ProposeDecision, propose), "NOT_IN_CHARGE PERMIT-36 caller");
  EXPECT_EQ(run("approver-b", &Applications::ProposeDecision, propose), "OK");
  EXPECT_EQ(applications_.Find(1)->reviewers, (std::vector<std::string>{"approver-b", "reviewer"}));
  SetDay(2026, 3, 5);
  const auto deny = Text<v1::ApplicationActRequest>(name + "reason: 'because'");
  EXPECT_EQ(run("approver-b", &Applications::DenyApplication, deny), "SAME_PERSON_REVIEWED GEN-14 caller");
  EXPECT_EQ(run("approver", &Applications::DenyApplication, deny), "OK");
}

TEST_F(AbsencesTest, ARestartChangesNothing) {
  ASSERT_EQ(Outcome(Set("reviewer", "reviewer", "reviewer-b", "2026-02-02", "2026-02-06")), "OK");
  StoredRows stored;
  stored.Fold(&tables_);
  TableSet tables;
  ledger::Counters counters(&tables);
  ledger::Participants participants(&tables, &counters);
  Absences absences(&tables, &counters, &participants);
  for (const auto& [key, value] : stored.rows()) {
    const auto table = RowKeyTable(key);
    if (table == static_cast<uint16_t>(RowTable::kAbsences)) {
      ASSERT_TRUE(tables.Load(table, value).ok());
    }
  }
  tables.FinishLoad();
  EXPECT_TRUE(absences.Deputises("reviewer-b", "reviewer", MakeDate(2026, 2, 3)));
}

}  // namespace
}  // namespace songhua::permits
