#include "permits/permit_states.h"

#include "ledger/check.h"

namespace songhua::permits {
namespace {

using E = PermitEvent;

constexpr PermitTransition kPermitTransitions[] = {
    {v1::PERMIT_STATE_UNSPECIFIED, E::kIssue, v1::EFFECTIVE},
    {v1::EFFECTIVE, E::kChange, v1::EFFECTIVE},
    {v1::EFFECTIVE, E::kAuthorityChange, v1::EFFECTIVE},
    {v1::EFFECTIVE, E::kReissue, v1::EFFECTIVE},
    {v1::EFFECTIVE, E::kReapplyGranted, v1::EFFECTIVE},
    {v1::EFFECTIVE, E::kRenewGranted, v1::EFFECTIVE},
    {v1::EFFECTIVE, E::kExpiryPending, v1::DEEMED_RENEWED_PENDING},
    {v1::EFFECTIVE, E::kExpiry, v1::EXPIRED},
    {v1::DEEMED_RENEWED_PENDING, E::kRenewGranted, v1::EFFECTIVE},
    {v1::DEEMED_RENEWED_PENDING, E::kRenewDenied, v1::EXPIRED},
    {v1::EFFECTIVE, E::kAnnul, v1::ANNULLED},
    {v1::DEEMED_RENEWED_PENDING, E::kAnnul, v1::ANNULLED},
    {v1::EFFECTIVE, E::kRevoke, v1::REVOKED},
    {v1::DEEMED_RENEWED_PENDING, E::kRevoke, v1::REVOKED},
    {v1::EFFECTIVE, E::kRecall, v1::RECALLED},
    {v1::DEEMED_RENEWED_PENDING, E::kRecall, v1::RECALLED},
    {v1::EXPIRED, E::kWriteOff, v1::WRITTEN_OFF},
    {v1::ANNULLED, E::kWriteOff, v1::WRITTEN_OFF},
    {v1::REVOKED, E::kWriteOff, v1::WRITTEN_OFF},
    {v1::RECALLED, E::kWriteOff, v1::WRITTEN_OFF},
    {v1::EFFECTIVE, E::kTerminate, v1::WRITTEN_OFF},
    {v1::ANNULLED, E::kRestore, v1::PERMIT_STATE_UNSPECIFIED},
    {v1::REVOKED, E::kRestore, v1::PERMIT_STATE_UNSPECIFIED},
};

}  // namespace

std::span<const PermitTransition> PermitTransitions() { return kPermitTransitions; }

const PermitTransition* FindTransition(v1::PermitState from, PermitEvent event) {
  for (const PermitTransition& transition : kPermitTransitions) {
    if (transition.from == from && transition.event == event) return &transition;
  }
  return nullptr;
}

std::string_view EventName(PermitEvent event) {
  switch (event) {
    case E::kIssue: return "issue";
    case E::kChange: return "change";
    case E::kAuthorityChange: return "authority_change";
    case E::kReissue: return "reissue";
    case E::kReapplyGranted: return "reapply_granted";
    case E::kRenewGranted: return "renew_granted";
    case E::kRenewDenied: return "renew_denied";
    case E::kExpiryPending:
    case E::kExpiry: return "expiry_reached";
    case E::kAnnul: return "annul";
    case E::kRevoke: return "revoke";
    case E::kRecall: return "withdraw_by_law";
    case E::kWriteOff: return "write_off";
    case E::kTerminate: return "terminate";
    case E::kRestore: return "restore";
  }
  SONGHUA_CHECK(false);
}

std::string_view RuleOf(PermitEvent event) {
  switch (event) {
    case E::kIssue: return "PERMIT-39";
    case E::kChange: return "PERMIT-43";
    case E::kAuthorityChange: return "PERMIT-44";
    case E::kReissue: return "PERMIT-50";
    case E::kReapplyGranted: return "PERMIT-45";
    case E::kRenewGranted:
    case E::kRenewDenied: return "PERMIT-47";
    case E::kExpiryPending: return "PERMIT-49";
    case E::kExpiry: return "PERMIT-48";
    case E::kAnnul: return "PERMIT-51";
    case E::kRevoke: return "PERMIT-53";
    case E::kRecall: return "PERMIT-53A";
    case E::kWriteOff:
    case E::kTerminate: return "PERMIT-54";
    case E::kRestore: return "PERMIT-41";
  }
  SONGHUA_CHECK(false);
}

}  // namespace songhua::permits
