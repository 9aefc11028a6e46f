// The province of permit_world.h with the acts of a case, as their usual actors would do them.
#ifndef SONGHUA_TESTS_PERMITS_APPLICATION_WORLD_H_
#define SONGHUA_TESTS_PERMITS_APPLICATION_WORLD_H_

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/names.h"
#include "permits/applications.h"
#include "tests/permits/permit_world.h"

namespace songhua::permits {

using A = v1::Application;
using E = ApplicationEvent;

// PM limits of a main outlet for the years 2026 to 2037, and a standard.
inline std::string Content(const std::string& industry, int64_t grams = 100) {
  std::string years;
  for (int year = 2026; year <= 2037; ++year) years += "annual_limits { year: " + std::to_string(year) + " quantity: " + std::to_string(grams) + " } ";
  return "outlets { code: 'DA001' type: MAIN } limits { scope: 'DA001' pollutant: 'PM' " + years + "} limits { scope: 'SITE' pollutant: 'PM' " + years +
         "} details { industries: '" + industry +
         "' legal_representative: 'Zhao' standards { scope: 'DA001' pollutant: 'PM' measure: CONCENTRATION statistic: HOURLY_AVERAGE "
         "bound: AT_MOST value: 20000 } } ";
}
inline constexpr char kMaterials[] =
    "materials { code: 'EIA_APPROVAL' reference: 'r' } materials { code: 'MONITORING_PLAN' reference: 'r' } materials { code: 'COMMITMENT_LETTER' "
    "reference: 'r' } materials { code: 'PUBLICITY_STATEMENT' reference: 'r' } materials { code: 'CHANGE_EVIDENCE' reference: 'r' } materials { code: "
    "'LOSS_STATEMENT' reference: 'r' } ";
inline constexpr char kConditions[] =
    "conditions { eia_approved: true standards_and_total_control_met: true treatment_feasible: true monitoring_plan_compliant: true } ";

class ApplicationsTest : public PermitWorld {
 protected:
  void SetUp() override {
    PermitWorld::SetUp();
    SetDay(2026, 3, 2);  // a Monday
  }

  absl::StatusOr<v1::ApplicationAnswer> Create(const std::string& text) {
    return As("operator", [&](CommandContext& context) {
      return applications_.CreateApplication(context, Text<v1::CreateApplicationRequest>("application { " + text + " }"));
    });
  }
  std::string KeyFirst() const { return "type: FIRST tier: KEY site: 'sites/91130200699229617X001' " + Content("2211") + kMaterials; }
  std::string SimplifiedFirst(const std::string& site = kSite) const {
    return "type: FIRST tier: SIMPLIFIED site: 'sites/" + site + "' " + Content("2231") + kMaterials;
  }
  // A new case; its number.
  uint64_t Open(const std::string& text) {
    const auto answer = Create(text);
    EXPECT_EQ(Outcome(answer), "OK") << answer.status();
    last_ = answer.ok() ? ledger::ParseNumberedName("", "applications", answer->application().name()).value_or(0) : 0;
    return last_;
  }
  std::string Name() const { return "name: 'applications/" + std::to_string(last_) + "' "; }
  const ApplicationRow& Case() const { return *applications_.Find(last_); }

  // The acts, as their usual actors would do them, on the last case.
  absl::StatusOr<v1::ApplicationAnswer> Plain(const std::string& who, absl::StatusOr<v1::ApplicationAnswer> (Applications::*act)(CommandContext&, const v1::ApplicationActRequest&),
                                              const std::string& extra = "reason: 'why' ") {
    return As(who, [&](CommandContext& context) { return (applications_.*act)(context, Text<v1::ApplicationActRequest>(Name() + extra)); });
  }
  absl::StatusOr<v1::ApplicationAnswer> Publish() { return Plain("operator", &Applications::StartPublicity); }
  absl::StatusOr<v1::ApplicationAnswer> Submit(const std::string& extra = "") {
    return As("legal-rep", [&](CommandContext& context) { return applications_.SubmitApplication(context, Text<v1::SubmitApplicationRequest>(Name() + extra)); });
  }
  absl::StatusOr<v1::ApplicationAnswer> Intake(const std::string& text) {
    return As("intake", [&](CommandContext& context) { return applications_.RecordIntake(context, Text<v1::RecordIntakeRequest>(Name() + text)); });
  }
  absl::StatusOr<v1::ApplicationAnswer> Accept() { return Intake("result: ACCEPT"); }
  absl::StatusOr<v1::ApplicationAnswer> Assign(const std::string& reviewer = "reviewer") {
    return As("intake", [&](CommandContext& context) {
      return applications_.AssignApplication(context, Text<v1::AssignApplicationRequest>(Name() + "reviewer: 'people/" + reviewer + "'"));
    });
  }
  absl::StatusOr<v1::ApplicationAnswer> Assess(const std::string& who = "reviewer") {
    return As(who, [&](CommandContext& context) {
      return applications_.OrderAssessment(context, Text<v1::OrderAssessmentRequest>(Name() + "assessor: 'people/assessor' expected_workdays: 5"));
    });
  }
  absl::StatusOr<v1::ApplicationAnswer> Propose(bool grant, const std::string& extra = kConditions, const std::string& who = "reviewer") {
    return As(who, [&](CommandContext& context) {
      return applications_.ProposeDecision(
          context, Text<v1::ProposeDecisionRequest>(Name() + "reasons: 'because' grant: " + (grant ? "true " : "false ") + extra));
    });
  }
  absl::StatusOr<v1::ApplicationAnswer> Approve(const std::string& who = "approver", const std::string& extra = "") {
    return As(who, [&](CommandContext& context) {
      return applications_.ApproveApplication(context, Text<v1::ApproveApplicationRequest>(Name() + extra), *this);
    });
  }
  absl::StatusOr<v1::ApplicationAnswer> Withdraw() { return Plain("operator", &Applications::WithdrawApplication); }
  absl::StatusOr<v1::ApplicationAnswer> PostCheck(bool broken) {
    return As("reviewer", [&](CommandContext& context) {
      return applications_.RecordPostCheck(context, Text<v1::RecordPostCheckRequest>(Name() + "finding: 'seen' broken: " + (broken ? "true" : "false")));
    });
  }
  absl::StatusOr<v1::ApplicationAnswer> Update(const std::string& text) {
    return As("operator", [&](CommandContext& context) {
      return applications_.UpdateApplication(context, Text<v1::UpdateApplicationRequest>("application { " + Name() + text + " }"));
    });
  }

  // A SIMPLIFIED permit by a whole case, from today.
  void Grant(const std::string& site = kSite) {
    Open(SimplifiedFirst(site));
    for (const auto& step : {Submit(), Accept(), Assign(), Propose(true), Approve()}) ASSERT_EQ(Outcome(step), "OK") << step.status();
  }
  std::string DueOf(v1::DeadlineKind kind) const {
    const DeadlineRow* deadline = deadlines_.Open(Case().Name(), kind);
    return deadline == nullptr ? "none" : FormatDate(deadline->due);
  }

  uint64_t last_ = 0;
};

}  // namespace songhua::permits

#endif  // SONGHUA_TESTS_PERMITS_APPLICATION_WORLD_H_
