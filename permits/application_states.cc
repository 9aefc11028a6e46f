#include "permits/application_states.h"

#include "ledger/check.h"

namespace songhua::permits {
namespace {

using A = v1::Application;
using E = ApplicationEvent;

// In the order of 8.1. Which type and tier may take a step, its act checks.
constexpr ApplicationTransition kTransitions[] = {
    {A::DRAFT, E::kUpdate, A::DRAFT},
    {A::DRAFT, E::kStartPublicity, A::PUBLICITY},
    {A::PUBLICITY, E::kPublicityEnd, A::PUBLICITY_DONE},
    {A::DRAFT, E::kSubmit, A::SUBMITTED},
    {A::PUBLICITY_DONE, E::kSubmit, A::SUBMITTED},
    {A::SUBMITTED, E::kNotRequired, A::CLOSED_NOT_REQUIRED},
    {A::SUBMITTED, E::kNotCompetent, A::CLOSED_NOT_COMPETENT},
    {A::SUBMITTED, E::kCorrectOnSpot, A::SUBMITTED},
    {A::SUBMITTED, E::kUpdate, A::SUBMITTED},
    {A::SUBMITTED, E::kRequestCorrection, A::CORRECTION},
    {A::CORRECTION, E::kUpdate, A::CORRECTION},
    {A::CORRECTION, E::kResubmit, A::SUBMITTED},
    {A::CORRECTION, E::kLapse, A::CLOSED_LAPSED},
    {A::SUBMITTED, E::kAccept, A::ACCEPTED},
    {A::SUBMITTED, E::kDeemedAccept, A::ACCEPTED},
    {A::SUBMITTED, E::kFastTrack, A::PROPOSED_GRANT},
    {A::ACCEPTED, E::kAssign, A::REVIEW},
    {A::REVIEW, E::kAssign, A::REVIEW},
    {A::REVIEW, E::kOrderAssessment, A::ASSESSMENT},
    {A::ASSESSMENT, E::kOpinion, A::REVIEW},
    {A::REVIEW, E::kOrderSiteCheck, A::REVIEW},
    {A::REVIEW, E::kProposeGrant, A::PROPOSED_GRANT},
    {A::REVIEW, E::kProposeDeny, A::PROPOSED_DENY},
    {A::PROPOSED_GRANT, E::kApprove, A::GRANTED},
    {A::PROPOSED_GRANT, E::kDeny, A::DENIED},
    {A::PROPOSED_DENY, E::kDeny, A::DENIED},
    {A::PROPOSED_GRANT, E::kReturn, A::REVIEW},
    {A::PROPOSED_DENY, E::kReturn, A::REVIEW},
    {A::DRAFT, E::kWithdraw, A::WITHDRAWN},
    {A::PUBLICITY, E::kWithdraw, A::WITHDRAWN},
    {A::PUBLICITY_DONE, E::kWithdraw, A::WITHDRAWN},
    {A::SUBMITTED, E::kWithdraw, A::WITHDRAWN},
    {A::CORRECTION, E::kWithdraw, A::WITHDRAWN},
    {A::ACCEPTED, E::kWithdraw, A::WITHDRAWN},
    {A::REVIEW, E::kWithdraw, A::WITHDRAWN},
    {A::ASSESSMENT, E::kWithdraw, A::WITHDRAWN},
    {A::PROPOSED_GRANT, E::kWithdraw, A::WITHDRAWN},
    {A::PROPOSED_DENY, E::kWithdraw, A::WITHDRAWN},
    {A::GRANTED, E::kPostCheckPassed, A::GRANTED},
    {A::GRANTED, E::kPostCheckBroken, A::GRANTED},
};

}  // namespace

std::span<const ApplicationTransition> ApplicationTransitions() { return kTransitions; }

const ApplicationTransition* FindTransition(ApplicationState from, ApplicationEvent event) {
  for (const ApplicationTransition& transition : kTransitions) {
    if (transition.from == from && transition.event == event) return &transition;
  }
  return nullptr;
}

std::string_view EventName(ApplicationEvent event) {
  switch (event) {
    case E::kUpdate: return "update";
    case E::kStartPublicity: return "start_publicity";
    case E::kPublicityEnd: return "publicity_end";
    case E::kSubmit: return "submit";
    case E::kNotRequired: return "not_required";
    case E::kNotCompetent: return "not_competent";
    case E::kCorrectOnSpot: return "correct_on_spot";
    case E::kRequestCorrection: return "request_correction";
    case E::kResubmit: return "resubmit";
    case E::kLapse: return "lapse";
    case E::kAccept: return "accept";
    case E::kDeemedAccept: return "deemed_accept";
    case E::kAssign: return "assign";
    case E::kOrderAssessment: return "order_assessment";
    case E::kOpinion: return "opinion";
    case E::kOrderSiteCheck: return "order_site_check";
    case E::kProposeGrant: return "propose_grant";
    case E::kProposeDeny: return "propose_deny";
    case E::kApprove: return "approve";
    case E::kDeny: return "deny";
    case E::kReturn: return "return";
    case E::kWithdraw: return "withdraw";
    case E::kFastTrack: return "fast_track";
    case E::kPostCheckPassed: return "post_check_passed";
    case E::kPostCheckBroken: return "post_check_broken";
  }
  SONGHUA_CHECK(false);
}

bool IsFinal(ApplicationState state) { return state >= A::GRANTED; }

}  // namespace songhua::permits
