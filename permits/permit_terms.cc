// The ends of permits: by an act, by their last day, and what undoes them.
#include <algorithm>
#include <optional>

#include "ledger/check.h"
#include "ledger/names.h"
#include "ledger/refusal.h"
#include "permits/permit_texts.h"
#include "permits/permits.h"

namespace songhua::permits {
namespace {

using ledger::MakeName;

// The first day on which PassTerms has something to do for the version; nullopt: it has been done.
std::optional<Date> AwaitedDay(const PermitRow& row) {
  if (row.term_passed || row.term.last == kLastDate) return std::nullopt;
  const Date after = row.term.last + 1;
  return row.closed() ? std::min(after, row.closed_from) : after;
}

// What the last day of a term does by itself.
bool IsOfTime(PermitEvent event) { return event == PermitEvent::kExpiry || event == PermitEvent::kExpiryPending; }

}  // namespace

PermitEvent EventOf(GrantKind kind) {
  switch (kind) {
    case GrantKind::kFirst: return PermitEvent::kIssue;
    case GrantKind::kReapply: return PermitEvent::kReapplyGranted;
    case GrantKind::kRenew: return PermitEvent::kRenewGranted;
    case GrantKind::kChange: return PermitEvent::kChange;
    case GrantKind::kReissue: return PermitEvent::kReissue;
    case GrantKind::kAuthorityChange: return PermitEvent::kAuthorityChange;
  }
  SONGHUA_CHECK(false);
}

absl::Status IllegalTransition(const PermitRow& version, PermitEvent event, Date today) {
  std::string accepted;
  for (const PermitTransition& transition : PermitTransitions()) {
    if (transition.event == event) accepted += (accepted.empty() ? "" : ", ") + v1::PermitState_Name(transition.from);
  }
  return Refuse(absl::StatusCode::kFailedPrecondition, "ILLEGAL_TRANSITION")
      .Rule(RuleOf(event))
      .Field("name")
      .Value(version.number + " is " + v1::PermitState_Name(version.StateOn(today)))
      .Accepted("a permit that is " + accepted);
}

// ---- Versions ----

const PermitRow* Permits::VersionForAct(const std::string& number, Date today) const {
  const std::vector<const PermitRow*>* chain = VersionsOfNumber(number);
  if (chain == nullptr) return nullptr;
  const std::vector<const PermitRow*> open = OpenVersions(number, today);
  if (!open.empty()) return open.front();
  const PermitRow* last = nullptr;
  for (const PermitRow* version : *chain) {
    if (last == nullptr || version->term.first <= today || version->closed()) last = version;
  }
  return last;
}

std::vector<const PermitRow*> Permits::OpenVersions(const std::string& number, Date today) const {
  std::vector<const PermitRow*> open;
  const std::vector<const PermitRow*>* chain = VersionsOfNumber(number);
  if (chain == nullptr) return open;
  for (const PermitRow* version : *chain) {
    if (version->closed() || version->superseded_by(today)) continue;
    if (today <= version->term.last || version->DeemedRenewedOn(today)) open.push_back(version);
  }
  return open;
}

std::vector<const PermitRow*> Permits::EndedWith(const PermitRow& row) const {
  std::vector<const PermitRow*> same;
  for (const PermitRow* version : *VersionsOfNumber(row.number)) {
    if (version->state == row.state && version->closing_decision == row.closing_decision && version->closed_from == row.closed_from) {
      same.push_back(version);
    }
  }
  return same;
}

// ---- Acts ----

void Permits::End(CommandContext& context, const std::vector<const PermitRow*>& versions, const Ending& ending) {
  for (const PermitRow* version : versions) {
    SONGHUA_CHECK(!version->closed());
    PermitRow& row = rows_.Edit(*version);
    row.state = ending.state;
    row.closed_from = context.today;
    row.closing_decision = ending.decision;
    row.closing_grounds = ending.grounds;
    row.closed_by = std::string(context.person);
    row.term_passed = true;
    EmitChange(context, row);
  }
}

void Permits::StrikeOff(CommandContext& context, const std::vector<const PermitRow*>& versions, const std::string& decision,
                        const std::string& grounds) {
  for (const PermitRow* version : versions) {
    PermitRow& row = rows_.Edit(*version);
    if (!row.closed()) {  // it has expired; who strikes it off ends nothing
      row.closed_from = std::min(context.today, row.term.last + 1);
      row.closed_by = std::string(context.person);
    }
    row.state = v1::WRITTEN_OFF;
    row.term_passed = true;
    row.write_off_decision = decision;
    row.write_off_grounds = grounds;
    EmitChange(context, row);
  }
}

void Permits::Restore(CommandContext& context, const std::vector<const PermitRow*>& versions) {
  for (const PermitRow* version : versions) {
    SONGHUA_CHECK(version->closed());
    PermitRow& row = rows_.Edit(*version);
    const Term gap{std::max(row.closed_from, row.term.first), context.today - 1};
    if (gap.first <= gap.last) row.gaps.push_back(gap);
    row.state = v1::EFFECTIVE;
    row.closed_from = Date();
    row.closing_decision.clear();
    row.closing_grounds.clear();
    row.closed_by.clear();
    row.term_passed = false;
    WakeForTerm(row);
    EmitChange(context, row);
  }
}

absl::Status Permits::CheckMayRestore(const PermitRow& row) const {
  for (const PermitRow* other : VersionsOfSite(row.site)) {
    if (other == &row || other->closed() || !other->term.Overlaps(row.term)) continue;
    if (other->superseded_from != PermitRow::kNever && other->superseded_from <= row.term.first) continue;
    return Refuse(absl::StatusCode::kFailedPrecondition, "PERMIT_IN_FORCE")
        .Rule("INV-06")
        .Field("name")
        .Value(MakeName("sites", row.site) + " has " + PermitName(*other) + " from " + FormatDate(other->term.first) + " to " +
               FormatDate(other->term.last))
        .Accepted("a site without another permit in the term of this one; that one is annulled or terminated first");
  }
  return absl::OkStatus();
}

// ---- Time ----

void Permits::AwaitTerm(const PermitRow& row) {
  if (const auto day = AwaitedDay(row); day.has_value()) awaited_.insert({*day, row.number, row.version});
}

void Permits::WakeForTerm(const PermitRow& row) {
  AwaitTerm(row);
  if (const auto day = AwaitedDay(row); day.has_value()) alarm_->WakeAt(StartOfDay(*day));
}

bool Permits::PassTerms(CommandContext& context, SiteMarket& market, size_t max) {
  while (!awaited_.empty() && std::get<0>(*awaited_.begin()) <= context.today) {
    if (max == 0) return true;
    const auto [day, number, version] = *awaited_.begin();
    awaited_.erase(awaited_.begin());
    const PermitRow* row = rows_.Find({number, version});
    if (row == nullptr || AwaitedDay(*row) != day) continue;
    PassTerm(context, rows_.Edit(*row), market);
    --max;
  }
  return false;
}

void Permits::PassTerm(CommandContext& context, PermitRow& row, SiteMarket& market) {
  row.term_passed = true;
  if (IsStaged(row) || row.superseded_by(context.today)) return;  // what took its place has a last day of its own
  const SiteStanding standing = StandingOfSite(row.site, context.today);
  if (standing == SiteStanding::kEffective) return;  // another version goes on
  if (!row.closed()) {
    const bool deemed = row.DeemedRenewedOn(context.today);
    const PermitEvent event = deemed ? PermitEvent::kExpiryPending : row.deemed_kept ? PermitEvent::kRenewDenied : PermitEvent::kExpiry;
    const v1::PermitState from = row.deemed_kept ? v1::DEEMED_RENEWED_PENDING : v1::EFFECTIVE;
    if (from != row.StateOn(context.today)) {
      const Act act{event, from, "", "", ""};
      Keep(context, row, act);
      Serve(context, row, act);
    }
    row.deemed_kept = deemed;
  }
  if (standing == SiteStanding::kDeemedRenewed) {
    market.RestrainOrdersOfSite(context, row.site, kPermitEnded);
  } else {
    market.CancelOrdersOfSite(context, row.site, kPermitEnded);
  }
}

// ---- What an act leaves behind ----

void Permits::Announce(CommandContext& context, const PermitRow& row, const Act& act) {
  Keep(context, row, act);
  Tell(context, row, act);
}

void Permits::Keep(CommandContext& context, const PermitRow& row, const Act& act) const {
  const bool issues = act.event <= PermitEvent::kRenewGranted;
  CaseFile::Step step;
  step.subject = PermitName(row);
  step.event = EventName(act.event);
  if (act.from != v1::PERMIT_STATE_UNSPECIFIED) step.from_state = v1::PermitState_Name(act.from);
  step.to_state = v1::PermitState_Name(row.StateOn(context.today));
  step.reason = act.decision.empty() || act.reasons.empty() ? act.decision + act.reasons : act.decision + ": " + act.reasons;
  step.legal_basis = act.legal_basis.empty() ? RuleOf(act.event) : act.legal_basis;
  step.effective = IsOfTime(act.event) ? row.term.last + 1 : issues ? row.term.first : context.today;
  file_->Record(context, step);
}

BothTexts Permits::Serve(CommandContext& context, const PermitRow& row, const Act& act) const {
  const BothTexts text = ActText(row, act.event, IsOfTime(act.event) ? row.term.last + 1 : context.today, act.decision, act.reasons);
  file_->Serve(context, NoticeOf(act.event), participants_->FindSite(row.site)->participant, row.region, PermitName(row), text);
  return text;
}

void Permits::Tell(CommandContext& context, const PermitRow& row, const Act& act) const {
  const BothTexts text = Serve(context, row, act);
  file_->Publish(context, std::string(EventName(act.event)), PermitName(row), row.site, row.region, text);
}

}  // namespace songhua::permits
