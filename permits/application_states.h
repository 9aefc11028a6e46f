// The state machine of an application (china.md 8.1): which act leads from which state to which. Every change of an application's state goes through this
// table; an act that is not in it for the state is refused (ILLEGAL_TRANSITION).
#ifndef SONGHUA_PERMITS_APPLICATION_STATES_H_
#define SONGHUA_PERMITS_APPLICATION_STATES_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "songhua/v1/applications.pb.h"

namespace songhua::permits {

using ApplicationState = v1::Application::State;
using ApplicationType = v1::Application::Type;

enum class ApplicationEvent : uint8_t {
  kUpdate,
  kStartPublicity,
  kPublicityEnd,   // by time
  kSubmit,
  kNotRequired,
  kNotCompetent,
  kCorrectOnSpot,
  kRequestCorrection,
  kResubmit,
  kLapse,          // by time
  kAccept,
  kDeemedAccept,   // by time
  kAssign,
  kOrderAssessment,
  kOpinion,
  kOrderSiteCheck,
  kProposeGrant,
  kProposeDeny,
  kApprove,
  kDeny,
  kReturn,
  kWithdraw,
  kFastTrack,      // accepted and proposed in one act (CREDIT-32)
  kPostCheckPassed,
  kPostCheckBroken,
};
inline constexpr int kApplicationEvents = static_cast<int>(ApplicationEvent::kPostCheckBroken) + 1;

struct ApplicationTransition {
  ApplicationState from;
  ApplicationEvent event;
  ApplicationState to;
};
std::span<const ApplicationTransition> ApplicationTransitions();

// Where the event leads from the state; null: nowhere.
const ApplicationTransition* FindTransition(ApplicationState from, ApplicationEvent event);
// "submit", "request_correction": as 8.1 names it.
std::string_view EventName(ApplicationEvent event);
// Whether the case is decided or closed.
bool IsFinal(ApplicationState state);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_APPLICATION_STATES_H_
