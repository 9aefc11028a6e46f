// The state machine of a permit (china.md 8.2): which act leads from which state to which. Every act on a permit goes through this table; an act that is
// not in it for the permit's state is refused (ILLEGAL_TRANSITION). Pure functions.
#ifndef SONGHUA_PERMITS_PERMIT_STATES_H_
#define SONGHUA_PERMITS_PERMIT_STATES_H_

#include <cstdint>
#include <span>
#include <string_view>

#include "songhua/v1/permits.pb.h"

namespace songhua::permits {

enum class PermitEvent : uint8_t {
  kIssue,
  kChange,
  kAuthorityChange,
  kReissue,
  kReapplyGranted,
  kRenewGranted,
  kRenewDenied,
  kExpiryPending,  // by time: the last day has passed, a timely renewal is undecided
  kExpiry,         // by time, otherwise
  kAnnul,
  kRevoke,
  kRecall,
  kWriteOff,
  kTerminate,
  kRestore,
};
inline constexpr int kPermitEvents = static_cast<int>(PermitEvent::kRestore) + 1;

struct PermitTransition {
  v1::PermitState from;  // unspecified: there is no permit yet
  PermitEvent event;
  v1::PermitState to;  // unspecified: what it would be today if the overturned act had not been
};
// In the order of 8.2.
std::span<const PermitTransition> PermitTransitions();

// Where the event leads from the state; null: nowhere.
const PermitTransition* FindTransition(v1::PermitState from, PermitEvent event);
// "annul", "write_off": as 8.2 names it.
std::string_view EventName(PermitEvent event);
// The rule that governs the act: "PERMIT-51".
std::string_view RuleOf(PermitEvent event);

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_PERMIT_STATES_H_
