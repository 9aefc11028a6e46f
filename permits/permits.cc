#include "permits/permits.h"

#include <algorithm>
#include <set>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "ledger/wire.h"

namespace songhua::permits {
namespace {

using ledger::MakeName;
using ledger::ParseName;

constexpr int32_t kSequenceMax = 999;

Refuse NotCompetent(const CommandContext& context, std::string_view accepted) {
  return Refuse(absl::StatusCode::kPermissionDenied, "NOT_COMPETENT")
      .Rule("PERMIT-04")
      .Field("caller")
      .Value(MakeName("people", context.person))
      .Accepted(accepted);
}

// PERMIT-13: a code that the chain once had and then gave up names nothing else ever again.
absl::Status CheckRetiredCodes(const std::vector<const PermitRow*>& chain, const PermitRow& last, const PermitRow& row) {
  std::set<std::string> retired;
  for (const PermitRow* version : chain) retired.insert(version->outlet_codes.begin(), version->outlet_codes.end());
  for (const std::string& code : last.outlet_codes) retired.erase(code);
  for (const std::string& code : row.outlet_codes) {
    if (retired.contains(code)) {
      return Refuse(absl::StatusCode::kFailedPrecondition, "OUTLET_CODE_RETIRED")
          .Rule("PERMIT-13")
          .Field("outlets")
          .Value(code)
          .Accepted("a code that no earlier version of " + row.number + " gave up");
    }
  }
  return absl::OkStatus();
}

// What a version permits of a pollutant in a year: nothing from the year of its end on, when an act ended it within its term or another version took its
// place.
Quantity PermittedBy(const PermitRow& version, const std::string& pollutant, int32_t year) {
  if (version.closed() && version.closed_from <= version.term.last && year >= Year(version.closed_from)) return Quantity();
  if (version.superseded_from != PermitRow::kNever && year >= Year(version.superseded_from)) return Quantity();
  for (const SiteTotalRow& total : version.site_totals) {
    if (total.pollutant == pollutant) return QuantityOf(total.quantities, year);
  }
  return Quantity();
}

// Whether the version takes the place of the one before it, within that one's term.
bool Replaces(GrantKind kind) { return kind == GrantKind::kReapply || kind >= GrantKind::kChange; }

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
    case SiteStanding::kClosed:
      return "CLOSED";
    case SiteStanding::kDeemedRenewed:
      return "DEEMED_RENEWED_PENDING";
  }
  SONGHUA_CHECK(false);
}

Permits::Permits(TableSet* tables, const ledger::Participants* participants, const Regimes* regimes, CaseFile* file, Alarm* alarm)
    : participants_(participants), regimes_(regimes), file_(file), alarm_(alarm), rows_(tables), contents_(tables) {
  rows_.OnLoaded([this](PermitRow& row) {
    Index(row);
    if (row.import_number != 0) PlaceStaged(row);  // until the rows of imports say which are approved
  });
}

// ---- Commands ----

absl::StatusOr<v1::PermitAnswer> Permits::IssuePermit(CommandContext& context, const v1::IssuePermitRequest& request,
                                                      const RightsReader& rights) {
  PermitGrant grant;
  SONGHUA_ASSIGN_OR_RETURN(grant.site, ParseName("site", "sites", request.site()));
  const ledger::SiteRow* site = participants_->FindSite(grant.site);
  const RegimeRow* regime = site == nullptr ? nullptr : regimes_->GoverningRegion(site->region, context.today);
  grant.tier = request.tier();
  if (grant.tier != v1::KEY && grant.tier != v1::SIMPLIFIED) {
    return InvalidField("tier", std::to_string(grant.tier), "KEY or SIMPLIFIED: a registration needs no permit").Rule("PERMIT-01");
  }
  SONGHUA_ASSIGN_OR_RETURN(grant.term, ParsePermitTerm(request.valid_from(), request.valid_to(), context.today,
                                                       regime == nullptr ? kTermYearsWithoutRegime : regime->term_years));
  SONGHUA_ASSIGN_OR_RETURN(grant.content, ParseContent(request.outlets(), request.limits(), request.details(), &grant.term));
  SONGHUA_ASSIGN_OR_RETURN(grant.reviewer, ParseName("reviewer", "people", request.reviewer()));
  grant.approver = std::string(context.person);
  grant.allow_pending_rights = request.allow_pending_rights();
  if (site == nullptr) return NotFound("site", request.site());
  SONGHUA_RETURN_IF_ERROR(CheckPeople(context, *site, grant));
  if (regime != nullptr && !regime->PaperCaseAllowed(context.today)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "APPLICATION_REQUIRED")
        .Rule("PERMIT-31")
        .Field("site")
        .Value(request.site())
        .Accepted("an application: regimes/" + regime->Id() + " lets no permit be recorded that was decided on paper");
  }
  SONGHUA_ASSIGN_OR_RETURN(PermitRow row, PlanGrant(context, grant, rights));

  v1::PermitAnswer answer;
  *answer.mutable_permit() = ToProto(row, &grant.content, context.today);
  if (context.validate_only) return answer;
  Tell(context, Issue(context, std::move(row), grant), {PermitEvent::kIssue, v1::PERMIT_STATE_UNSPECIFIED, "", "", ""});
  return answer;
}

absl::StatusOr<PermitRow> Permits::PlanGrant(const CommandContext& context, const PermitGrant& grant, const RightsReader& rights) const {
  const ledger::SiteRow* site = participants_->FindSite(grant.site);
  SONGHUA_CHECK(site != nullptr);
  const RegimeRow* regime = regimes_->GoverningRegion(site->region, context.today);
  PermitRow row;
  row.site = grant.site;
  row.region = site->region;
  row.tier = grant.tier;
  row.term = grant.term;
  for (const OutletRow& outlet : grant.content.outlets) row.outlet_codes.push_back(outlet.code);
  for (const LimitRow& limit : grant.content.limits) {
    if (limit.scope == kSiteScope) row.site_totals.push_back({limit.pollutant, limit.annual_limits});
  }
  row.reviewer = grant.reviewer;
  row.approver = grant.approver;
  row.application = grant.application;
  if (regime != nullptr) row.regime = regime->Id();
  row.issue_sequence = context.sequence;
  row.issue_time = context.time;
  SONGHUA_RETURN_IF_ERROR(JoinChain(*site, grant.kind, context.today, &row));
  const absl::Status covered = CheckRights(rights, row, context.today, &row, grant.kind);
  if (!covered.ok() && !grant.allow_pending_rights) return covered;
  row.rights_pending = !covered.ok();
  return row;
}

const PermitRow& Permits::Issue(CommandContext& context, PermitRow row, const PermitGrant& grant) {
  const bool replaces = Replaces(grant.kind);
  const PermitRow* before = LatestOfSite(row.site, context.today);
  const bool follows = before != nullptr && before->number == row.number;
  const v1::PermitState from = follows && grant.kind != GrantKind::kFirst ? before->StateOn(context.today) : v1::PERMIT_STATE_UNSPECIFIED;
  if (follows && (replaces || before->renewal_pending)) {
    PermitRow& ended = rows_.Edit(*before);
    if (replaces) ended.superseded_from = row.term.first;
    // A renewal that is pending carries the version that has the rest of the term.
    if (replaces && row.term.last == ended.term.last) row.renewal_pending = ended.renewal_pending;
    ended.renewal_pending = false;
    EmitChange(context, ended);
  }
  contents_.Append({row.number, row.version, 0, grant.content});
  const PermitRow& issued = rows_.Insert(std::move(row));
  Index(issued);
  WakeForTerm(issued);
  EmitChange(context, issued);
  Keep(context, issued, {EventOf(grant.kind), from, grant.application, grant.reasons, ""});
  return issued;
}

absl::StatusOr<PermitContent> Permits::ContentOf(const CommandContext& context, const PermitRow& row) const {
  const auto bytes = context.cold->Read(static_cast<uint16_t>(RowTable::kPermitContents), EncodeRowKey(row.ContentKey()));
  if (!bytes.has_value()) return absl::UnavailableError("the content of " + PermitName(row) + " is not at hand");
  PermitContentRow content;
  SONGHUA_CHECK(DecodeValue(*bytes, &content).ok());
  return std::move(content.content);
}

void Permits::UndoGrant(CommandContext& context, const std::string& number, uint32_t version, const std::string& decision,
                        const std::string& grounds) {
  const PermitRow* granted = rows_.Find({number, version});
  SONGHUA_CHECK(granted != nullptr);
  if (granted->closed()) return;
  PermitRow& undone = rows_.Edit(*granted);
  undone.state = v1::ANNULLED;
  undone.closed_from = context.today;
  undone.closing_decision = decision;
  undone.closing_grounds = grounds;
  undone.closed_by = std::string(context.person);
  WakeForTerm(undone);  // the site may stand without a permit now, which is the market's concern
  EmitChange(context, undone);
  const PermitRow* before = version > 1 ? rows_.Find({number, version - 1}) : nullptr;
  const bool restores = before != nullptr && !before->closed() && before->superseded_from != PermitRow::kNever;
  const std::string reasons = restores ? grounds + "; version " + std::to_string(before->version) + " holds again (恢复第 " + std::to_string(before->version) + " 版)" : grounds;
  Announce(context, undone, {PermitEvent::kAnnul, v1::EFFECTIVE, decision, reasons, "CREDIT-32"});
  if (!restores) return;
  PermitRow& restored = rows_.Edit(*before);
  if (restored.superseded_from < context.today) restored.gaps.push_back({restored.superseded_from, context.today - 1});
  restored.superseded_from = PermitRow::kNever;
  WakeForTerm(restored);
  EmitChange(context, restored);
}

void Permits::SetRenewalPending(CommandContext& context, const PermitRow& version, bool pending) {
  if (version.renewal_pending == pending) return;
  PermitRow& row = rows_.Edit(version);
  row.renewal_pending = pending;
  if (!pending && row.term.last < context.today) {
    row.term_passed = false;
    WakeForTerm(row);
  }
  EmitChange(context, row);
}

absl::StatusOr<v1::PermitAnswer> Permits::RevokePermit(CommandContext& context, const v1::RevokePermitRequest& request,
                                                       SiteMarket& market) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string number, ParseName("name", "permits", request.name()));
  SONGHUA_RETURN_IF_ERROR(ParsePermitNumber(number, "name").status());
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.decision(), kDecisionBytesMax, "decision"));
  SONGHUA_RETURN_IF_ERROR(ValidateName(request.grounds(), kGroundsBytesMax, "grounds"));
  const std::vector<const PermitRow*>* chain = VersionsOfNumber(number);
  if (chain == nullptr) return NotFound("name", request.name());
  const std::vector<const PermitRow*>& versions = *chain;
  const ledger::PersonRow* caller = participants_->FindPerson(std::string(context.person));
  const Region region = versions.front()->region;
  if (caller == nullptr || !(RoleCovers(*caller, v1::ENFORCER, region) || RoleCovers(*caller, v1::PERMIT_APPROVER, region))) {
    return NotCompetent(context, "an ENFORCER or PERMIT_APPROVER for " + FormatRegion(region));
  }
  const std::vector<const PermitRow*> open = OpenVersions(number, context.today);
  if (open.empty()) return IllegalTransition(*VersionForAct(number, context.today), PermitEvent::kRevoke, context.today);

  v1::PermitAnswer answer;
  PermitRow closed = *open.front();
  closed.state = v1::REVOKED;
  closed.closing_decision = request.decision();
  closed.closing_grounds = request.grounds();
  SONGHUA_ASSIGN_OR_RETURN(const PermitContent content, ContentOf(context, closed));
  *answer.mutable_permit() = ToProto(closed, &content, context.today);
  if (context.validate_only) return answer;
  const v1::PermitState from = open.front()->StateOn(context.today);
  End(context, open, {v1::REVOKED, request.decision(), request.grounds()});
  Announce(context, *open.front(), {PermitEvent::kRevoke, from, request.decision(), request.grounds(), ""});
  market.CancelOrdersOfSite(context, closed.site, kPermitRevoked);
  return answer;
}

void Permits::ReviewRights(CommandContext& context, const std::string& site, const RightsReader& rights) {
  const auto versions = by_site_.find(site);  // staged ones too: what they say must hold on the day on which they are approved
  if (versions == by_site_.end()) return;
  for (const PermitRow* version : versions->second) {
    if (version->closed() || version->term.last < context.today) continue;
    const PermitRow* planned = IsStaged(*version) ? version : nullptr;
    const bool pending = !CheckRights(rights, *version, context.today, planned, GrantKind::kFirst).ok();
    if (pending == version->rights_pending) continue;
    PermitRow& row = rows_.Edit(*version);
    row.rights_pending = pending;
    if (planned == nullptr) EmitChange(context, row);
  }
}

// ---- Checks ----

// SetRoles gives PERMIT_APPROVER only to authorities of cities and provinces, which is the other half of PERMIT-04.
absl::Status Permits::CheckPeople(const CommandContext& context, const ledger::SiteRow& site, const PermitGrant& row) const {
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

absl::Status Permits::CheckNothingGrantedAhead(const std::string& site, Date today) const {
  const PermitRow* last = LatestOfSite(site, today);
  if (last == nullptr || last->closed() || last->term.first <= today || PermitInForce(site, today) == nullptr) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "RENEWAL_GRANTED")
      .Rule("PERMIT-47")
      .Field("site")
      .Value(PermitName(*last) + ": version " + std::to_string(last->version) + " was granted for " + FormatDate(last->term.first) + " to " +
             FormatDate(last->term.last))
      .Accepted("an act on or after " + FormatDate(last->term.first) +
                ", on the version that begins then; one that cannot wait ends the permit, its renewal with it (annul, recall, terminate), and a new "
                "application follows");
}

absl::Status Permits::JoinChain(const ledger::SiteRow& site, GrantKind kind, Date today, PermitRow* row) const {
  if (const auto staged = by_site_.find(site.id); staged != by_site_.end() && IsStaged(*staged->second.front())) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "SITE_BEING_IMPORTED")
        .Rule("INV-06")
        .Field("site")
        .Value(MakeName("sites", site.id) + ": " + MakeName("imports", staged->second.front()->import_number))
        .Accepted("a site of which no permit is being imported: the import is approved or discarded first");
  }
  const PermitRow* last = LatestOfSite(site.id, today);
  const bool ended = last == nullptr || last->closed();
  if (ended && kind == GrantKind::kFirst) {
    SONGHUA_ASSIGN_OR_RETURN(row->number, NextNumber(site));
    row->version = 1;
    return absl::OkStatus();
  }
  if (kind != GrantKind::kFirst) SONGHUA_RETURN_IF_ERROR(CheckNothingGrantedAhead(site.id, today));
  const bool in_force = !ended && (last->EffectiveOn(today) || last->DeemedRenewedOn(today));
  if (Replaces(kind) && in_force && !last->EffectiveOn(today)) return IllegalTransition(*last, EventOf(kind), today);
  if (kind != GrantKind::kFirst && !in_force) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "NO_PERMIT_IN_FORCE")
        .Rule("INV-06")
        .Field("site")
        .Value(MakeName("sites", site.id) + ": " + std::string(StandingName(StandingOfSite(site.id, today))))
        .Accepted("a site whose latest permit is in force");
  }
  const bool follows = kind == GrantKind::kFirst || kind == GrantKind::kRenew;
  const bool goes_on = kind == GrantKind::kFirst && last->DeemedRenewedOn(today);  // until its renewal is decided
  if (follows && (row->term.first <= last->term.last || goes_on)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "PERMIT_IN_FORCE")
        .Rule("INV-06")
        .Field("valid_from")
        .Value(FormatDate(row->term.first))
        .Accepted("later than " + FormatDate(last->term.last) + ", the last day of " + PermitName(*last));
  }
  row->number = last->number;
  const std::vector<const PermitRow*>& chain = by_number_.at(last->number);
  row->version = chain.back()->version + 1;
  return CheckRetiredCodes(chain, *last, *row);
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

absl::Status Permits::CheckRights(const RightsReader& rights, const PermitRow& row, Date today, const PermitRow* planned, GrantKind kind) const {
  const bool replaces = planned != nullptr && Replaces(kind);
  const PermitRow* replaced = replaces ? LatestOfSite(row.site, today) : nullptr;
  for (const SiteTotalRow& total : row.site_totals) {
    if (!rights.PaidUse(total.pollutant)) continue;
    for (const YearQuantity& entry : total.quantities) {
      if (entry.year < Year(today)) continue;
      Quantity permitted = PermittedQuantity(row.site, total.pollutant, entry.year);
      if (planned != nullptr) permitted += entry.quantity;
      if (replaced != nullptr && entry.year >= Year(row.term.first)) permitted -= PermittedBy(*replaced, total.pollutant, entry.year);
      SONGHUA_ASSIGN_OR_RETURN(const Quantity held, rights.EffectiveRights(row.site, total.pollutant, entry.year));
      if (permitted <= held) continue;
      return Refuse(absl::StatusCode::kFailedPrecondition, "RIGHTS_DO_NOT_COVER")
          .Rule("DR-16")
          .Field("limits")
          .Value(total.pollutant + " " + std::to_string(entry.year) + ": " + std::to_string(permitted.value()) + " g permitted")
          .Accepted("at most " + std::to_string(held.value()) + " g, the rights of " + std::to_string(entry.year));
    }
  }
  return absl::OkStatus();
}

// ---- State ----

const PermitRow* Permits::FindPermit(const std::string& number, Date date) const {
  const std::vector<const PermitRow*>* chain = VersionsOfNumber(number);
  if (chain == nullptr) return nullptr;
  const PermitRow* found = chain->front();
  for (const PermitRow* version : *chain) {
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

const PermitRow* Permits::PermitInForce(const std::string& site, Date date) const {
  for (const PermitRow* version : VersionsOfSite(site)) {
    if (version->EffectiveOn(date) || version->DeemedRenewedOn(date)) return version;
  }
  return nullptr;
}

const PermitRow* Permits::LastPermitOfSite(const std::string& site, Date date) const {
  const std::vector<const PermitRow*>& versions = VersionsOfSite(site);
  if (versions.empty()) return nullptr;
  if (const PermitRow* in_force = PermitInForce(site, date); in_force != nullptr) return in_force;
  const PermitRow* found = versions.front();
  for (const PermitRow* version : versions) {
    if (version->term.first <= date) found = version;
  }
  return found;
}

SiteStanding Permits::StandingOfSite(const std::string& site, Date today) const {
  const std::vector<const PermitRow*>& versions = VersionsOfSite(site);
  if (versions.empty()) return SiteStanding::kNone;
  SiteStanding standing = SiteStanding::kNotYetBegun;
  for (const PermitRow* version : versions) {
    if (version->EffectiveOn(today)) return SiteStanding::kEffective;
    if (version->DeemedRenewedOn(today)) return SiteStanding::kDeemedRenewed;
    if (version->closed()) {
      standing = SiteStanding::kClosed;
    } else if (version->term.last < today) {
      standing = SiteStanding::kExpired;
    }
  }
  return standing;
}

Quantity Permits::PermittedQuantity(const std::string& site, const std::string& pollutant, int32_t year) const {
  Quantity total;
  for (const PermitRow* version : VersionsOfSite(site)) total += PermittedBy(*version, pollutant, year);
  return total;
}

const PermitRow* Permits::LatestOfSite(const std::string& site, Date today) const {
  const std::vector<const PermitRow*>& versions = VersionsOfSite(site);
  if (versions.empty()) return nullptr;
  const PermitRow* in_force = versions.back()->closed() ? PermitInForce(site, today) : nullptr;
  return in_force != nullptr ? in_force : versions.back();
}

const std::vector<const PermitRow*>& Permits::VersionsOfSite(const std::string& site) const {
  static const std::vector<const PermitRow*>* const kNone = new std::vector<const PermitRow*>();
  const auto it = by_site_.find(site);
  return it == by_site_.end() || IsStaged(*it->second.front()) ? *kNone : it->second;
}

const std::vector<const PermitRow*>* Permits::VersionsOfNumber(const std::string& number) const {
  const auto it = by_number_.find(number);
  return it == by_number_.end() || IsStaged(*it->second.front()) ? nullptr : &it->second;
}

// Rows are loaded by number and version, and a site's numbers rise, but nothing should rest on that: what counts is the order of issue.
void Permits::Index(const PermitRow& row) {
  const auto earlier = [](const PermitRow* a, const PermitRow* b) { return a->issue_sequence < b->issue_sequence; };
  for (std::vector<const PermitRow*>* versions : {&by_site_[row.site], &by_number_[row.number]}) {
    versions->insert(std::upper_bound(versions->begin(), versions->end(), &row, earlier), &row);
  }
  AwaitTerm(row);
}

void Permits::EmitChange(CommandContext& context, const PermitRow& row) const {
  context.events->Emit(EventType::kPermitChanged, PermitName(row), row.version, row.site, row.state, row.term, row.rights_pending);
}

// ---- Messages ----

std::string PermitName(const PermitRow& row) { return MakeName("permits", row.number); }

v1::Permit ToProto(const PermitRow& row, const PermitContent* content, Date today) {
  v1::Permit message;
  message.set_name(PermitName(row));
  message.set_site(MakeName("sites", row.site));
  message.set_tier(row.tier);
  message.set_state(row.StateOn(today));
  message.set_version(row.version);
  message.set_valid_from(FormatDate(row.term.first));
  message.set_valid_to(FormatDate(row.term.last));
  if (content != nullptr) WriteContent(*content, &message);
  if (row.import_number == 0) {
    message.set_reviewer(MakeName("people", row.reviewer));
    message.set_approver(MakeName("people", row.approver));
  } else {
    message.set_import(MakeName("imports", row.import_number));
    message.set_import_version(row.import_version);
  }
  message.set_application(row.application);
  if (!row.regime.empty()) message.set_regime(MakeName("regimes", row.regime));
  message.set_issue_date(FormatDate(LocalDate(row.issue_time)));
  message.set_rights_pending(row.rights_pending);
  if (!row.closing_decision.empty()) message.set_closing_decision(row.closing_decision + ": " + row.closing_grounds);
  if (!row.write_off_decision.empty()) message.set_write_off_decision(row.write_off_decision + ": " + row.write_off_grounds);
  for (const Term& gap : row.gaps) {
    v1::PermitGap* added = message.add_gaps();
    added->set_first_date(FormatDate(gap.first));
    added->set_last_date(FormatDate(gap.last));
  }
  message.set_region(FormatRegion(row.region));
  return message;
}

Permits::~Permits() = default;

}  // namespace songhua::permits
