#include "permits/permits.h"

#include <algorithm>
#include <set>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"
#include "permits/permit_content.h"

namespace songhua::permits {
namespace {

using ledger::MakeName;
using ledger::ParseName;

constexpr int32_t kSequenceMax = 999;

// What can be read from the request alone.
absl::StatusOr<PermitRow> ParsePermit(const CommandContext& context, const v1::IssuePermitRequest& request) {
  PermitRow row;
  SONGHUA_ASSIGN_OR_RETURN(row.site, ParseName("site", "sites", request.site()));
  row.tier = request.tier();
  if (row.tier == v1::PERMIT_TIER_UNSPECIFIED || !v1::PermitTier_IsValid(row.tier)) {
    return InvalidField("tier", std::to_string(row.tier), "KEY or SIMPLIFIED: a registration needs no permit").Rule("PERMIT-01");
  }
  SONGHUA_ASSIGN_OR_RETURN(row.term, ParsePermitTerm(request.valid_from(), request.valid_to(), context.today));
  SONGHUA_ASSIGN_OR_RETURN(row.outlets, ParseOutlets(request.outlets()));
  SONGHUA_ASSIGN_OR_RETURN(row.limits, ParseLimits(request.limits(), row.outlets, row.term));
  SONGHUA_ASSIGN_OR_RETURN(row.reviewer, ParseName("reviewer", "people", request.reviewer()));
  row.approver = std::string(context.person);
  row.issue_sequence = context.sequence;
  row.issue_time = context.time;
  return row;
}

Refuse NotCompetent(const CommandContext& context, std::string_view accepted) {
  return Refuse(absl::StatusCode::kPermissionDenied, "NOT_COMPETENT")
      .Rule("PERMIT-04")
      .Field("caller")
      .Value(MakeName("people", context.person))
      .Accepted(accepted);
}

// PERMIT-13: a code that the chain once had and then gave up names nothing else ever again.
absl::Status CheckRetiredCodes(const std::vector<const PermitRow*>& chain, const PermitRow& row) {
  std::set<std::string> retired;
  for (const PermitRow* version : chain) {
    for (const OutletRow& outlet : version->outlets) retired.insert(outlet.code);
  }
  for (const OutletRow& outlet : chain.back()->outlets) retired.erase(outlet.code);
  for (const OutletRow& outlet : row.outlets) {
    if (retired.contains(outlet.code)) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "OUTLET_CODE_RETIRED")
          .Rule("PERMIT-13")
          .Field("outlets")
          .Value(outlet.code)
          .Accepted("a code that no earlier version of " + row.number + " gave up");
    }
  }
  return absl::OkStatus();
}

void Close(PermitRow* row, const CommandContext& context, const v1::RevokePermitRequest& request) {
  row->state = v1::REVOKED;
  row->closed_from = context.today;
  row->closing_decision = request.decision();
  row->closing_grounds = request.grounds();
  row->closed_by = std::string(context.person);
}

}  // namespace

std::string_view StandingName(SiteStanding standing) {
  switch (standing) {
    case SiteStanding::kNone:
      return "NONE";
    case SiteStanding::kNotYetBegun:
      return "NOT_YET_BEGUN";
    case SiteStanding::kEffective:
      return "EFFECTIVE";
    case SiteStanding::kExpired:
      return "EXPIRED";
    case SiteStanding::kRevoked:
      return "REVOKED";
  }
  SONGHUA_CHECK(false);
}

Permits::Permits(TableSet* tables, const ledger::Participants* participants) : participants_(participants), rows_(tables) {
  rows_.OnLoaded([this](PermitRow& row) { Index(row); });
}

// ---- Commands ----

absl::StatusOr<v1::PermitAnswer> Permits::IssuePermit(CommandContext& context, const v1::IssuePermitRequest& request,
                                                      const RightsReader& rights) {
  SONGHUA_ASSIGN_OR_RETURN(PermitRow row, ParsePermit(context, request));
  const ledger::SiteRow* site = participants_->FindSite(row.site);
  if (site == nullptr) return NotFound("site", request.site());
  row.region = site->region;
  SONGHUA_RETURN_IF_ERROR(CheckPeople(context, *site, row));
  SONGHUA_RETURN_IF_ERROR(JoinChain(*site, &row));
  const absl::Status covered = CheckRights(rights, row, context.today, /*planned=*/true);
  if (!covered.ok() && !request.allow_pending_rights()) return covered;
  row.rights_pending = !covered.ok();

  v1::PermitAnswer answer;
  *answer.mutable_permit() = ToProto(row, context.today);
  if (context.validate_only) return answer;
  const PermitRow& issued = rows_.Insert(std::move(row));
  Index(issued);
  EmitChange(context, issued);
  return answer;
}

absl::StatusOr<v1::PermitAnswer> Permits::RevokePermit(CommandContext& context, const v1::RevokePermitRequest& request,
                                                       SiteMarket& market) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ParseName("name", "permits", request.name()));
  SONGHUA_RETURN_IF_ERROR(ParsePermitNumber(number, "name").status());
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.grounds(), kGroundsBytesMax, "grounds"));
  const auto chain = by_number_.find(number);
  if (chain == by_number_.end()) return NotFound("name", request.name());
  const std::vector<const PermitRow*>& versions = chain->second;
  const ledger::PersonRow* caller = participants_->FindPerson(std::string(context.person));
  const Region region = versions.front()->region;
  if (caller == nullptr || !(RoleCovers(*caller, v1::ENFORCER, region) || RoleCovers(*caller, v1::PERMIT_APPROVER, region))) {
    return NotCompetent(context, "an ENFORCER or PERMIT_APPROVER for " + FormatRegion(region));
  }
  std::vector<const PermitRow*> open;
  for (const PermitRow* version : versions) {
    if (!version->closed() && context.today <= version->term.last) open.push_back(version);
  }
  if (open.empty()) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
        .Rule("PERMIT-53")
        .Field("name")
        .Value(number + " is " + v1::PermitState_Name(versions.back()->StateOn(context.today)))
        .Accepted("a permit that is EFFECTIVE");
  }

  PermitRow closed = *open.front();
  Close(&closed, context, request);
  v1::PermitAnswer answer;
  *answer.mutable_permit() = ToProto(closed, context.today);
  if (context.validate_only) return answer;
  for (const PermitRow* version : open) {
    PermitRow& row = rows_.Edit(*version);
    Close(&row, context, request);
    EmitChange(context, row);
  }
  market.CancelOrdersOfSite(context, closed.site, "PERMIT_REVOKED");
  return answer;
}

void Permits::ReviewRights(CommandContext& context, const std::string& site, const RightsReader& rights) {
  for (const PermitRow* version : VersionsOfSite(site)) {
    if (version->closed() || version->term.last < context.today) continue;
    const bool pending = !CheckRights(rights, *version, context.today, /*planned=*/false).ok();
    if (pending == version->rights_pending) continue;
    PermitRow& row = rows_.Edit(*version);
    row.rights_pending = pending;
    EmitChange(context, row);
  }
}

// ---- Checks ----

// SetRoles gives PERMIT_APPROVER only to authorities of cities and provinces, which is the other half of PERMIT-04.
absl::Status Permits::CheckPeople(const CommandContext& context, const ledger::SiteRow& site, const PermitRow& row) const {
  const ledger::PersonRow* approver = participants_->FindPerson(row.approver);
  const std::string region = FormatRegion(site.region);
  if (approver == nullptr || !RoleCovers(*approver, v1::PERMIT_APPROVER, site.region)) {
    return NotCompetent(context, "a PERMIT_APPROVER for " + region);
  }
  const ledger::PersonRow* reviewer = participants_->FindPerson(row.reviewer);
  if (reviewer == nullptr) return NotFound("reviewer", MakeName("people", row.reviewer));
  if (reviewer == approver) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "SAME_PERSON_REVIEWED")
        .Rule("GEN-14")
        .Field("reviewer")
        .Value(MakeName("people", row.reviewer))
        .Accepted("a person other than the approver, who calls");
  }
  if (!RoleCovers(*reviewer, v1::PERMIT_REVIEWER, site.region)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "REVIEWER_NOT_COMPETENT")
        .Rule("GEN-14")
        .Field("reviewer")
        .Value(MakeName("people", row.reviewer))
        .Accepted("a PERMIT_REVIEWER for " + region);
  }
  return absl::OkStatus();
}

absl::Status Permits::JoinChain(const ledger::SiteRow& site, PermitRow* row) const {
  const std::vector<const PermitRow*>& versions = VersionsOfSite(site.id);
  if (versions.empty() || versions.back()->closed()) {
    SONGHUA_ASSIGN_OR_RETURN(row->number, NextNumber(site));
    row->version = 1;
    return absl::OkStatus();
  }
  const PermitRow& last = *versions.back();
  if (row->term.first <= last.term.last) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PERMIT_IN_FORCE")
        .Rule("INV-06")
        .Field("valid_from")
        .Value(FormatDate(row->term.first))
        .Accepted("later than " + FormatDate(last.term.last) + ", the last day of " + PermitName(last));
  }
  row->number = last.number;
  row->version = last.version + 1;
  return CheckRetiredCodes(by_number_.at(last.number), *row);
}

absl::StatusOr<std::string> Permits::NextNumber(const ledger::SiteRow& site) const {
  const std::string uscc = site.uscc();
  for (int32_t sequence = site.sequence(); sequence <= kSequenceMax; ++sequence) {
    SONGHUA_ASSIGN_OR_RETURN(std::string number, FormatPermitNumber(uscc, sequence));
    if (by_number_.contains(number)) continue;
    const std::string its_site = number.substr(0, number.size() - 1);
    if (its_site == site.id || participants_->FindSite(its_site) == nullptr) return number;
  }
  return Refuse(absl::StatusCode::kResourceExhausted, "NO_NUMBER_LEFT")
      .Rule("PERMIT-12")
      .Field("site")
      .Value(site.id)
      .Accepted("a site of whose enterprise a sequence up to 999 is free");
}

absl::Status Permits::CheckRights(const RightsReader& rights, const PermitRow& row, Date today, bool planned) const {
  for (const LimitRow& limit : row.limits) {
    if (limit.scope != kSiteScope || !rights.PaidUse(limit.pollutant)) continue;
    for (const YearQuantity& entry : limit.annual_limits) {
      if (entry.year < Year(today)) continue;
      const Quantity permitted = PermittedQuantity(row.site, limit.pollutant, entry.year) + (planned ? entry.quantity : Quantity());
      SONGHUA_ASSIGN_OR_RETURN(const Quantity held, rights.EffectiveRights(row.site, limit.pollutant, entry.year));
      if (permitted <= held) continue;
      return Refuse(absl::StatusCode::kFailedPrecondition, "RIGHTS_DO_NOT_COVER")
          .Rule("DR-16")
          .Field("limits")
          .Value(limit.pollutant + " " + std::to_string(entry.year) + ": " + std::to_string(permitted.value()) + " g permitted")
          .Accepted("at most " + std::to_string(held.value()) + " g, the rights of " + std::to_string(entry.year));
    }
  }
  return absl::OkStatus();
}

// ---- State ----

const PermitRow* Permits::FindPermit(const std::string& number, Date date) const {
  const auto chain = by_number_.find(number);
  if (chain == by_number_.end()) return nullptr;
  const PermitRow* found = chain->second.front();
  for (const PermitRow* version : chain->second) {
    if (version->EffectiveOn(date)) return version;
    if (version->term.first <= date) found = version;
  }
  return found;
}

const PermitRow* Permits::EffectivePermitOfSite(const std::string& site, Date date) const {
  for (const PermitRow* version : VersionsOfSite(site)) {
    if (version->EffectiveOn(date)) return version;
  }
  return nullptr;
}

SiteStanding Permits::StandingOfSite(const std::string& site, Date today) const {
  const std::vector<const PermitRow*>& versions = VersionsOfSite(site);
  if (versions.empty()) return SiteStanding::kNone;
  SiteStanding standing = SiteStanding::kNotYetBegun;
  for (const PermitRow* version : versions) {
    if (version->EffectiveOn(today)) return SiteStanding::kEffective;
    if (version->closed()) {
      standing = SiteStanding::kRevoked;
    } else if (version->term.last < today) {
      standing = SiteStanding::kExpired;
    }
  }
  return standing;
}

Quantity Permits::PermittedQuantity(const std::string& site, const std::string& pollutant, int32_t year) const {
  Quantity total;
  for (const PermitRow* version : VersionsOfSite(site)) {
    if (version->closed()) continue;
    for (const LimitRow& limit : version->limits) {
      if (limit.scope == kSiteScope && limit.pollutant == pollutant) total += QuantityOf(limit.annual_limits, year);
    }
  }
  return total;
}

const std::vector<const PermitRow*>& Permits::VersionsOfSite(const std::string& site) const {
  static const std::vector<const PermitRow*>* const kNone = new std::vector<const PermitRow*>();
  const auto it = by_site_.find(site);
  return it == by_site_.end() ? *kNone : it->second;
}

// Rows are loaded by number and version, and a site's numbers rise, but nothing should rest on that: what counts is the order of issue.
void Permits::Index(const PermitRow& row) {
  const auto earlier = [](const PermitRow* a, const PermitRow* b) { return a->issue_sequence < b->issue_sequence; };
  for (std::vector<const PermitRow*>* versions : {&by_site_[row.site], &by_number_[row.number]}) {
    versions->insert(std::upper_bound(versions->begin(), versions->end(), &row, earlier), &row);
  }
}

void Permits::EmitChange(CommandContext& context, const PermitRow& row) const {
  context.events->Emit(EventType::kPermitChanged, PermitName(row), row.version, row.site, row.state, row.term, row.rights_pending);
}

// ---- Messages ----

std::string PermitName(const PermitRow& row) { return MakeName("permits", row.number); }

v1::Permit ToProto(const PermitRow& row, Date today) {
  v1::Permit message;
  message.set_name(PermitName(row));
  message.set_site(MakeName("sites", row.site));
  message.set_tier(row.tier);
  message.set_state(row.StateOn(today));
  message.set_version(row.version);
  message.set_valid_from(FormatDate(row.term.first));
  message.set_valid_to(FormatDate(row.term.last));
  for (const OutletRow& outlet : row.outlets) {
    v1::Outlet* added = message.add_outlets();
    added->set_code(outlet.code);
    added->set_type(outlet.type);
    added->set_basin(outlet.basin);
  }
  for (const LimitRow& limit : row.limits) {
    v1::Limit* added = message.add_limits();
    added->set_scope(limit.scope);
    added->set_pollutant(limit.pollutant);
    ledger::AppendProto(limit.annual_limits, added->mutable_annual_limits());
  }
  message.set_reviewer(MakeName("people", row.reviewer));
  message.set_approver(MakeName("people", row.approver));
  message.set_rights_pending(row.rights_pending);
  if (row.closed()) message.set_closing_decision(row.closing_decision + ": " + row.closing_grounds);
  message.set_region(FormatRegion(row.region));
  return message;
}

Permits::~Permits() = default;

}  // namespace songhua::permits
