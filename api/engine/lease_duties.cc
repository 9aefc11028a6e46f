// What the ledger's leases ask of permits and of the engine.
#include "api/engine/state.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::api {

absl::Status LeaseDuties::CheckParty(const ledger::AccountRow& account, const std::string& program, v1::CreditGate::Act act, Date today,
                                     std::string_view field) const {
  const permits::SiteStanding standing = state_.permits.StandingOfSite(account.site, today);
  if (standing != permits::SiteStanding::kEffective) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PERMIT_NOT_IN_FORCE")
        .Rule("DR-29")
        .Field(field)
        .Value(ledger::MakeName("sites", account.site))
        .Accepted("parties with permits in force; the permit of this site: " + std::string(permits::StandingName(standing)));
  }
  if (const permits::OverlayRow* overlay = state_.overlays.GateOf(account.site, today)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "SITE_SUSPENDED")
        .Rule("PERMIT-57")
        .Field(field)
        .Value(ledger::MakeName("sites", account.site))
        .Accepted("sites that nothing stops; on this one lies " + v1::OverlayKind_Name(overlay->kind));
  }
  return state_.CheckCredit(account, program, act, today, field);
}

void LeaseDuties::WakeForLeases(Timestamp at) { state_.timers.Schedule(at, TimerKind::kPassLeases); }

}  // namespace songhua::api
