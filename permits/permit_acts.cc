#include "permits/permit_acts.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::permits {

using ledger::MakeName;
using ledger::ParseName;
using E = PermitEvent;

namespace {

// Order 736, article 40, where no regime says otherwise.

absl::Status CheckDecision(const std::string& decision, const std::string& reasons, std::string_view field = "decision") {
  SONGHUA_RETURN_IF_ERROR(ValidateName(decision, Permits::kDecisionBytesMax, field));
  return ValidateName(reasons, PermitActs::kReasonBytesMax, "reasons");
}

}  // namespace

absl::StatusOr<const PermitRow*> PermitActs::FindFor(const CommandContext& context, const std::string& name, PermitEvent event) const {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ParseName("name", "permits", name));
  const PermitRow* version = parts_.permits->VersionForAct(number, context.today);
  if (version == nullptr) return NotFound("name", name);
  if (FindTransition(version->StateOn(context.today), event) == nullptr) return IllegalTransition(*version, event, context.today);
  return version;
}

absl::StatusOr<v1::PermitAnswer> PermitActs::Answer(const CommandContext& context, const PermitRow& version) const {
  SONGHUA_ASSIGN_OR_RETURN(const PermitContent content, parts_.permits->ContentOf(context, version));
  v1::PermitAnswer answer;
  *answer.mutable_permit() = ToProto(version, &content, context.today);
  return answer;
}

// ---- Acts that end a permit ----

absl::StatusOr<v1::PermitAnswer> PermitActs::End(CommandContext& context, const PermitRow& version, const Ending& ending, const Permits::Act& act,
                                                 std::string_view market_reason, SiteMarket& market) {
  PermitRow ended = version;
  ended.state = ending.state;
  ended.closing_decision = ending.decision;
  ended.closing_grounds = ending.grounds;
  SONGHUA_ASSIGN_OR_RETURN(const v1::PermitAnswer answer, Answer(context, ended));
  if (context.validate_only) return answer;
  parts_.permits->End(context, parts_.permits->OpenVersions(version.number, context.today), ending);
  parts_.permits->Announce(context, version, act);
  market.CancelOrdersOfSite(context, version.site, market_reason);
  return answer;
}

absl::StatusOr<v1::PermitAnswer> PermitActs::AnnulPermit(CommandContext& context, const v1::AnnulPermitRequest& request, SiteMarket& market) {
  using Annulment = v1::AnnulPermitRequest;
  if (request.ground() == Annulment::GROUND_UNSPECIFIED || !Annulment::Ground_IsValid(request.ground())) {
    return InvalidField("ground", std::to_string(request.ground()),
                        "ABUSE_OF_OFFICE, BEYOND_POWER, PROCEDURE_BREACH, INELIGIBLE_APPLICANT or FRAUD_OR_BRIBERY")
        .Rule("PERMIT-51");
  }
  SONGHUA_RETURN_IF_ERROR(CheckDecision(request.decision(), request.reasons()));
  SONGHUA_ASSIGN_OR_RETURN(const PermitRow* version, FindFor(context, request.name(), E::kAnnul));
  const bool fraud = request.ground() == Annulment::FRAUD_OR_BRIBERY;
  // Fraud bans, for as long as the law in force says (PERMIT-52).
  const RegimeRow* regime = parts_.regimes->GoverningRegion(version->region, context.today);
  if (fraud && regime == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_REGIME")
        .Rule("PERMIT-52")
        .Field("ground")
        .Value("FRAUD_OR_BRIBERY bans the enterprise, and no regime that says for how long governs " + FormatRegion(version->region))
        .Accepted("a permit in a region that a regime governs; an operator loads it");
  }
  const std::string grounds = Annulment::Ground_Name(request.ground()) + ": " + request.reasons();
  const Permits::Act act{E::kAnnul, version->StateOn(context.today), request.decision(), grounds, fraud ? "PERMIT-52" : "PERMIT-51"};
  SONGHUA_ASSIGN_OR_RETURN(const v1::PermitAnswer answer,
                           End(context, *version, {v1::ANNULLED, request.decision(), grounds}, act, kPermitEnded, market));
  if (fraud && !context.validate_only) {
    parts_.standing->Ban(context, parts_.participants->FindSite(version->site)->participant, context.today, regime->ban_years,
                         request.decision());
  }
  return answer;
}

absl::StatusOr<const PenaltyRow*> PermitActs::PenaltyFor(const CommandContext& context, const PermitRow& version,
                                                         const std::string& decision) const {
  const ledger::PersonRow* caller = parts_.participants->FindPerson(std::string(context.person));
  if (caller == nullptr || !RoleCovers(*caller, v1::PERMIT_APPROVER, version.region)) {
    return Refuse(absl::StatusCode::kPermissionDenied, "NOT_COMPETENT")
        .Rule("PERMIT-04")
        .Field("caller")
        .Value(MakeName("people", context.person))
        .Accepted("a PERMIT_APPROVER for " + FormatRegion(version.region) + "; an enforcer proposes revocation with the penalty");
  }
  const PenaltyRow* penalty = parts_.penalties->Find(version.site, decision);
  if (penalty == nullptr) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_PENALTY_DECISION")
        .Rule("PERMIT-53")
        .Field("decision")
        .Value(decision)
        .Accepted("the number of a penalty that was recorded against " + MakeName("sites", version.site));
  }
  if (!penalty->revoke_proposed) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "REVOCATION_NOT_PROPOSED")
        .Rule("PERMIT-53")
        .Field("decision")
        .Value(decision + ": " + penalty->Name())
        .Accepted("a penalty that proposes to revoke the permit");
  }
  if (penalty->recorded_by == context.person) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "SAME_PERSON_REVIEWED")
        .Rule("GEN-14")
        .Field("caller")
        .Value(MakeName("people", context.person))
        .Accepted("a person other than who recorded " + penalty->Name());
  }
  return penalty;
}

absl::StatusOr<v1::PermitAnswer> PermitActs::RevokePermit(CommandContext& context, const v1::RevokePermitRequest& request, SiteMarket& market) {
  const auto number = ParseName("name", "permits", request.name());
  const PermitRow* found = number.ok() ? parts_.permits->VersionForAct(*number, context.today) : nullptr;
  const bool governed = found != nullptr && parts_.regimes->GoverningRegion(found->region, context.today) != nullptr;
  if (!governed) return parts_.permits->RevokePermit(context, request, market);  // which says what is wrong with the name
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), Permits::kDecisionBytesMax, "decision"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.grounds(), Permits::kGroundsBytesMax, "grounds"));
  SONGHUA_ASSIGN_OR_RETURN(const PermitRow* version, FindFor(context, request.name(), E::kRevoke));
  SONGHUA_ASSIGN_OR_RETURN(const PenaltyRow* penalty, PenaltyFor(context, *version, request.decision()));
  const Permits::Act act{E::kRevoke, version->StateOn(context.today), request.decision(), request.grounds(), penalty->legal_basis};
  return End(context, *version, {v1::REVOKED, request.decision(), request.grounds()}, act, kPermitRevoked, market);
}

absl::StatusOr<v1::PermitAnswer> PermitActs::RecallPermit(CommandContext& context, const v1::RecallPermitRequest& request, SiteMarket& market) {
  SONGHUA_RETURN_IF_ERROR(CheckDecision(request.decision(), request.reasons()));
  if (request.compensation().empty()) {
    return InvalidField("compensation", "", "how the loss is compensated").Rule("PERMIT-53A");
  }
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.compensation(), kReasonBytesMax, "compensation"));
  SONGHUA_ASSIGN_OR_RETURN(const PermitRow* version, FindFor(context, request.name(), E::kRecall));
  const std::string grounds = request.reasons() + "; compensation: " + request.compensation();
  const Permits::Act act{E::kRecall, version->StateOn(context.today), request.decision(), grounds, ""};
  return End(context, *version, {v1::RECALLED, request.decision(), grounds}, act, kPermitEnded, market);
}

absl::StatusOr<v1::PermitAnswer> PermitActs::TerminatePermit(CommandContext& context, const v1::TerminatePermitRequest& request,
                                                             SiteMarket& market) {
  using Termination = v1::TerminatePermitRequest;
  if (request.cause() == Termination::CAUSE_UNSPECIFIED || !Termination::Cause_IsValid(request.cause())) {
    return InvalidField("cause", std::to_string(request.cause()), "ENTITY_ENDED, SITE_CLOSED, RELOCATED or FORCE_MAJEURE").Rule("PERMIT-54");
  }
  SONGHUA_RETURN_IF_ERROR(CheckDecision(request.decision(), request.reasons()));
  SONGHUA_ASSIGN_OR_RETURN(const PermitRow* version, FindFor(context, request.name(), E::kTerminate));
  const std::string grounds = Termination::Cause_Name(request.cause()) + ": " + request.reasons();
  const Permits::Act act{E::kTerminate, version->StateOn(context.today), request.decision(), grounds, ""};
  return End(context, *version, {v1::WRITTEN_OFF, request.decision(), grounds}, act, kPermitEnded, market);
}

// ---- Acts on a permit that has ended ----

absl::StatusOr<v1::PermitAnswer> PermitActs::WriteOffPermit(CommandContext& context, const v1::WriteOffPermitRequest& request) {
  SONGHUA_RETURN_IF_ERROR(CheckDecision(request.decision(), request.reasons()));
  SONGHUA_ASSIGN_OR_RETURN(const PermitRow* version, FindFor(context, request.name(), E::kWriteOff));
  const v1::PermitState from = version->StateOn(context.today);
  PermitRow struck = *version;
  if (!struck.closed()) struck.closed_from = context.today;
  struck.state = v1::WRITTEN_OFF;
  struck.write_off_decision = request.decision();
  struck.write_off_grounds = request.reasons();
  SONGHUA_ASSIGN_OR_RETURN(const v1::PermitAnswer answer, Answer(context, struck));
  if (context.validate_only) return answer;
  const std::vector<const PermitRow*> versions = from == v1::EXPIRED ? std::vector<const PermitRow*>{version} : parts_.permits->EndedWith(*version);
  parts_.permits->StrikeOff(context, versions, request.decision(), request.reasons());
  parts_.permits->Announce(context, *version, {E::kWriteOff, from, request.decision(), request.reasons(), ""});
  return answer;
}

absl::StatusOr<v1::PermitAnswer> PermitActs::RestorePermit(CommandContext& context, const v1::RestorePermitRequest& request) {
  SONGHUA_RETURN_IF_ERROR(CheckDecision(request.judgment(), request.reasons(), "judgment"));
  SONGHUA_ASSIGN_OR_RETURN(const PermitRow* version, FindFor(context, request.name(), E::kRestore));
  const std::vector<const PermitRow*> versions = parts_.permits->EndedWith(*version);
  for (const PermitRow* row : versions) SONGHUA_RETURN_IF_ERROR(parts_.permits->CheckMayRestore(*row));
  const v1::PermitState from = version->StateOn(context.today);
  SONGHUA_ASSIGN_OR_RETURN(const PermitContent content, parts_.permits->ContentOf(context, *version));
  v1::PermitAnswer answer;
  if (context.validate_only) {
    *answer.mutable_permit() = ToProto(*version, &content, context.today);
    return answer;
  }
  parts_.standing->LiftBan(context, parts_.participants->FindSite(version->site)->participant, version->closing_decision);
  parts_.permits->Restore(context, versions);
  parts_.permits->Announce(context, *version, {E::kRestore, from, request.judgment(), request.reasons(), ""});
  *answer.mutable_permit() = ToProto(*version, &content, context.today);
  return answer;
}

// ---- Change by authority ----

absl::StatusOr<v1::PermitAnswer> PermitActs::AmendPermit(CommandContext& context, const v1::AmendPermitRequest& request,
                                                         const RightsReader& rights) {
  PermitGrant grant;
  grant.kind = GrantKind::kAuthorityChange;
  SONGHUA_ASSIGN_OR_RETURN(grant.reviewer, ParseName("reviewer", "people", request.reviewer()));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.reasons(), kReasonBytesMax, "reasons"));
  if (!request.statement().empty()) SONGHUA_RETURN_IF_ERROR(ValidateName(request.statement(), kReasonBytesMax, "statement"));
  SONGHUA_ASSIGN_OR_RETURN(const PermitRow* version, FindFor(context, request.name(), E::kAuthorityChange));
  grant.site = version->site;
  grant.tier = version->tier;
  grant.term = {std::max(context.today, version->term.first), version->term.last};
  SONGHUA_ASSIGN_OR_RETURN(grant.content, ParseContent(request.outlets(), request.limits(), request.details(), &grant.term));
  grant.approver = std::string(context.person);
  grant.allow_pending_rights = request.allow_pending_rights();
  grant.reasons = request.reasons() + (request.statement().empty() ? "" : "; the enterprise said: " + request.statement());
  SONGHUA_RETURN_IF_ERROR(parts_.permits->CheckPeople(context, *parts_.participants->FindSite(grant.site), grant));
  SONGHUA_ASSIGN_OR_RETURN(PermitRow planned, parts_.permits->PlanGrant(context, grant, rights));
  v1::PermitAnswer answer;
  *answer.mutable_permit() = ToProto(planned, &grant.content, context.today);
  if (context.validate_only) return answer;
  const PermitRow& issued = parts_.permits->Issue(context, std::move(planned), grant);
  parts_.permits->Tell(context, issued, {E::kAuthorityChange, v1::EFFECTIVE, "", grant.reasons, ""});
  return answer;
}

}  // namespace songhua::permits
