#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/permits/application_world.h"

namespace songhua::permits {
namespace {

// ---- Every event in every state ----

// Table 8.1 as the law's text has it, written down once more: what may happen where. Acts of this system that 8.1 does not list (editing a draft, the
// correction on the spot of PERMIT-32, reassignment, the fast track of CREDIT-32) are listed below it.
const std::set<std::pair<ApplicationState, std::string>>& Allowed() {
  static const auto* allowed = new std::set<std::pair<ApplicationState, std::string>>{
      {A::DRAFT, "start_publicity"},
      {A::DRAFT, "submit"},
      {A::PUBLICITY_DONE, "submit"},
      {A::SUBMITTED, "not_required"},
      {A::SUBMITTED, "not_competent"},
      {A::SUBMITTED, "request_correction"},
      {A::CORRECTION, "resubmit"},
      {A::SUBMITTED, "accept"},
      {A::ACCEPTED, "assign"},
      {A::REVIEW, "order_assessment"},
      {A::ASSESSMENT, "opinion"},
      {A::REVIEW, "order_site_check"},
      {A::REVIEW, "propose_grant"},
      {A::REVIEW, "propose_deny"},
      {A::PROPOSED_GRANT, "approve"},
      {A::PROPOSED_GRANT, "deny"},
      {A::PROPOSED_DENY, "deny"},
      {A::PROPOSED_GRANT, "return"},
      {A::PROPOSED_DENY, "return"},
      // Any before decision.
      {A::DRAFT, "withdraw"},
      {A::PUBLICITY, "withdraw"},
      {A::PUBLICITY_DONE, "withdraw"},
      {A::SUBMITTED, "withdraw"},
      {A::CORRECTION, "withdraw"},
      {A::ACCEPTED, "withdraw"},
      {A::REVIEW, "withdraw"},
      {A::ASSESSMENT, "withdraw"},
      {A::PROPOSED_GRANT, "withdraw"},
      {A::PROPOSED_DENY, "withdraw"},
      // This system's own.
      {A::DRAFT, "update"},
      {A::CORRECTION, "update"},
      {A::SUBMITTED, "correct_on_spot"},
      {A::REVIEW, "assign"},
  };
  return *allowed;
}

class EveryEventTest : public ApplicationsTest {
 protected:
  struct Act {
    std::string event;
    std::function<absl::StatusOr<v1::ApplicationAnswer>()> run;
  };
  std::vector<Act> Acts() {
    return {
        {"update", [this] { return Update("tier: KEY " + Content("2211") + kMaterials); }},
        {"start_publicity", [this] { return Publish(); }},
        {"submit", [this] { return Submit(); }},
        {"not_required", [this] { return Intake("result: NOT_REQUIRED reason: 'r'"); }},
        {"not_competent", [this] { return Intake("result: NOT_COMPETENT reason: 'r' competent_authority: 'participants/jl-city-eco'"); }},
        {"correct_on_spot", [this] { return Intake("result: CORRECT_ON_SPOT items: 'i'"); }},
        {"request_correction", [this] { return Intake("result: CORRECTION_NOTICE items: 'i'"); }},
        {"resubmit", [this] { return Plain("operator", &Applications::ResubmitApplication); }},
        {"accept", [this] { return Accept(); }},
        {"assign", [this] { return Assign(); }},
        {"order_assessment", [this] { return Assess(); }},
        {"opinion", [this] { return Plain("assessor", &Applications::RecordOpinion); }},
        {"order_site_check", [this] { return Plain("reviewer", &Applications::OrderSiteCheck); }},
        {"propose_grant", [this] { return Propose(true); }},
        {"propose_deny", [this] { return Propose(false); }},
        {"approve", [this] { return Approve(); }},
        {"deny", [this] { return Plain("approver", &Applications::DenyApplication); }},
        {"return", [this] { return Plain("approver", &Applications::ReturnApplication); }},
        {"withdraw", [this] { return Withdraw(); }},
        {"post_check_passed", [this] { return PostCheck(false); }},
        {"post_check_broken", [this] { return PostCheck(true); }},
    };
  }
  // A site for which nobody has applied yet.
  void NewPlant() {
    SetDay(2026, 3, 2);
    ++sites_;
    const std::string sequence = std::to_string(sites_ + 100);
    AddSite(std::string(kPlant) + sequence, "220102");
    site_ = std::string(kPlant) + sequence;
  }
  // Leads a new KEY case into the state.
  void Lead(ApplicationState state) {
    Open("type: FIRST tier: KEY site: 'sites/" + site_ + "' " + Content("2211") + kMaterials);
    if (state == A::DRAFT) return;
    const auto step = [&](const absl::StatusOr<v1::ApplicationAnswer>& answer) { ASSERT_EQ(Outcome(answer), "OK") << answer.status(); };
    if (state == A::WITHDRAWN) return step(Withdraw());
    step(Publish());
    if (state == A::PUBLICITY) return;
    today_ = today_ + 10;
    PassTime();
    if (state == A::PUBLICITY_DONE) return;
    step(Submit());
    if (state == A::SUBMITTED) return;
    if (state == A::CLOSED_NOT_REQUIRED) return step(Intake("result: NOT_REQUIRED reason: 'r'"));
    if (state == A::CLOSED_NOT_COMPETENT) return step(Intake("result: NOT_COMPETENT reason: 'r' competent_authority: 'participants/jl-city-eco'"));
    if (state == A::CORRECTION || state == A::CLOSED_LAPSED) {
      step(Intake("result: CORRECTION_NOTICE items: 'i'"));
      if (state == A::CORRECTION) return;
      today_ = today_ + 100;
      return PassTime();
    }
    step(Accept());
    if (state == A::ACCEPTED) return;
    step(Assign());
    if (state == A::REVIEW) return;
    if (state == A::ASSESSMENT) return step(Assess());
    if (state == A::PROPOSED_DENY) return step(Propose(false));
    step(Propose(true));
    if (state == A::PROPOSED_GRANT) return;
    if (state == A::DENIED) return step(Plain("approver", &Applications::DenyApplication));
    ASSERT_EQ(state, A::GRANTED);
    step(Approve());
  }

  int sites_ = 0;
  std::string site_;
};

TEST_F(EveryEventTest, ExactlyTheListedTransitionsExist_8_1) {
  int tried = 0;
  for (int state = A::State_MIN + 1; state <= A::State_MAX; ++state) {
    for (const Act& act : Acts()) {
      const auto in = static_cast<ApplicationState>(state);
      SCOPED_TRACE(A::State_Name(in) + " + " + act.event);
      NewPlant();  // so that no case stands in the way of another
      Lead(in);
      ASSERT_EQ(Case().state, in);
      const bool allowed = Allowed().contains({in, act.event});
      validate_only_ = true;
      const std::string validated = Outcome(act.run());
      validate_only_ = false;
      const std::string outcome = Outcome(act.run());
      EXPECT_EQ(validated, outcome) << "validate_only says what the act says";
      ++tried;
      if (in == A::DRAFT && act.event == "submit") {
        EXPECT_EQ(outcome.substr(0, 18), "PUBLICITY_REQUIRED") << "a KEY case publishes first; SIMPLIFIED ones are submitted in other tests";
      } else if (in == A::GRANTED && act.event.starts_with("post_check")) {
        EXPECT_EQ(outcome.substr(0, 13), "NO_POST_CHECK") << "only a fast decision is checked";
      } else if (in == A::SUBMITTED && act.event == "update") {
        EXPECT_EQ(outcome.substr(0, 18), "ILLEGAL_TRANSITION") << "only while it is corrected on the spot";
      } else if (allowed) {
        EXPECT_EQ(outcome, "OK");
      } else {
        EXPECT_EQ(outcome.substr(0, 18), "ILLEGAL_TRANSITION");
      }
    }
  }
  EXPECT_EQ(tried, 16 * 21);
}

// The code's own table says nothing that 8.1 and the list above do not.
TEST_F(EveryEventTest, TheTableOfTheCodeIsTheTableOfTheLaw_8_1) {
  const std::set<std::pair<ApplicationState, std::string>> by_time_or_other = {
      {A::PUBLICITY, "publicity_end"}, {A::CORRECTION, "lapse"},       {A::SUBMITTED, "deemed_accept"},        {A::SUBMITTED, "fast_track"},
      {A::SUBMITTED, "update"},        {A::GRANTED, "post_check_passed"}, {A::GRANTED, "post_check_broken"},
  };
  size_t found = 0;
  for (const ApplicationTransition& transition : ApplicationTransitions()) {
    const std::pair<ApplicationState, std::string> step(transition.from, EventName(transition.event));
    EXPECT_TRUE(Allowed().contains(step) || by_time_or_other.contains(step)) << A::State_Name(step.first) << " + " << step.second;
    ++found;
  }
  EXPECT_EQ(found, Allowed().size() + by_time_or_other.size());
}

}  // namespace
}  // namespace songhua::permits
