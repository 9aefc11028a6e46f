// The acts of authorities on a permit that is there (china.md 8.2): amend, annul, revoke, recall, write off, terminate, restore. Four of them end a permit,
// and are four different things: annulment (撤销) says that it should not have been granted, revocation (吊销) punishes, recall (撤回) follows law or facts that
// have changed, and the write-off (注销) strikes from the register what has ended already.
//
// Every act checks, in this order: form of its fields; the permit exists (NOT_FOUND); the state allows it (ILLEGAL_TRANSITION, permit_states.h); then what
// its own comment says. Every act is kept in the permit's case file, served on the enterprise and made public on the same day; where the permit stops being
// effective, the site's orders are cancelled in the same commit (DR-29). Versions that were still to begin end with the one that runs. Rights that were sold
// before are not touched: who bought them keeps them. Whether the caller's role reaches the permit's region the engine has decided before.
//
// One thread (the state machine).
#ifndef SONGHUA_PERMITS_PERMIT_ACTS_H_
#define SONGHUA_PERMITS_PERMIT_ACTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/command.h"
#include "ledger/participants.h"
#include "permits/penalties.h"
#include "permits/permits.h"
#include "permits/regimes.h"
#include "permits/standing.h"
#include "songhua/v1/permits.pb.h"

namespace songhua::permits {

class PermitActs {
 public:
  static constexpr size_t kReasonBytesMax = 4'000;

  struct Parts {
    const ledger::Participants* participants;
    const Regimes* regimes;
    const Penalties* penalties;
    Standing* standing;
    Permits* permits;
  };
  explicit PermitActs(const Parts& parts) : parts_(parts) {}

  // The authority's own change (PERMIT-44). Checks: the content for the rest of the term (PERMIT-22 to PERMIT-25); reviewer and caller (GEN-14, PERMIT-04); what
  // Permits::PlanGrant checks.
  absl::StatusOr<v1::PermitAnswer> AmendPermit(CommandContext& context, const v1::AmendPermitRequest& request, const RightsReader& rights);
  // PERMIT-51; FRAUD_OR_BRIBERY (PERMIT-52) bans the enterprise for the years of the regime (PERMIT-88), or three where none governs the site.
  absl::StatusOr<v1::PermitAnswer> AnnulPermit(CommandContext& context, const v1::AnnulPermitRequest& request, SiteMarket& market);
  // PERMIT-53. Where a regime governs the site, checks: the caller is a PERMIT_APPROVER for it; the decision is a recorded penalty of the site
  // (NO_PENALTY_DECISION) that proposes it (REVOCATION_NOT_PROPOSED); another person recorded it (GEN-14). Elsewhere Permits::RevokePermit.
  absl::StatusOr<v1::PermitAnswer> RevokePermit(CommandContext& context, const v1::RevokePermitRequest& request, SiteMarket& market);
  // PERMIT-53A.
  absl::StatusOr<v1::PermitAnswer> RecallPermit(CommandContext& context, const v1::RecallPermitRequest& request, SiteMarket& market);
  // PERMIT-54.
  absl::StatusOr<v1::PermitAnswer> WriteOffPermit(CommandContext& context, const v1::WriteOffPermitRequest& request);
  absl::StatusOr<v1::PermitAnswer> TerminatePermit(CommandContext& context, const v1::TerminatePermitRequest& request, SiteMarket& market);
  // Checks: no other permit of the site meets its term (INV-06). A ban by the overturned decision is lifted.
  absl::StatusOr<v1::PermitAnswer> RestorePermit(CommandContext& context, const v1::RestorePermitRequest& request);

 private:
  // The version that an act on the permit meets, in a state that allows it.
  absl::StatusOr<const PermitRow*> FindFor(const CommandContext& context, const std::string& name, PermitEvent event) const;
  // Ends the version, those that begin later with it, and the site's orders.
  absl::StatusOr<v1::PermitAnswer> End(CommandContext& context, const PermitRow& version, const Ending& ending, const Permits::Act& act,
                                       std::string_view market_reason, SiteMarket& market);
  absl::StatusOr<v1::PermitAnswer> Answer(const CommandContext& context, const PermitRow& version) const;
  // The recorded penalty that lets the caller revoke the version.
  absl::StatusOr<const PenaltyRow*> PenaltyFor(const CommandContext& context, const PermitRow& version, const std::string& decision) const;

  const Parts parts_;
};

}  // namespace songhua::permits

#endif  // SONGHUA_PERMITS_PERMIT_ACTS_H_
