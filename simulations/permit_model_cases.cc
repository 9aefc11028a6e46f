// The cases of the model: what each act asks for and does, state by state (china.md 8.1).
#include <algorithm>

#include "simulations/permit_model.h"

namespace songhua::simulations {
namespace {

// How many cases that are closed are still looked at.
constexpr size_t kClosedKept = 60;
constexpr int32_t kRenewalLeadDays = 3;

}  // namespace

bool ModelCase::closed() const {
  return state == "GRANTED" || state == "DENIED" || state == "WITHDRAWN" || state.starts_with("CLOSED");
}

std::string PermitModel::DecisionPeriod(const ModelCase& c) const {
  if (c.renewal) return "DECIDE_RENEWAL";
  return !c.key ? "REVIEW_SIMPLIFIED" : c.site_check ? "REVIEW_KEY_SITE_CHECK" : "REVIEW_KEY";
}

int PermitModel::Renewed(const ModelCase& c, int32_t today) const {
  const int in_force = VersionInForce(c.site, today);
  return in_force >= 0 && versions_[c.site][static_cast<size_t>(in_force)].sequence == c.sequence ? in_force : -1;
}

// What a case must have when it is filed, and again when it is filed corrected.
bool PermitModel::MayFile(const ModelCase& c, int32_t today) const {
  return c.tier_right && c.materials && (!c.renewal || Renewed(c, today) >= 0);
}

void PermitModel::Accept(uint64_t number, ModelCase& c, int32_t date, int32_t today) {
  c.state = "ACCEPTED";
  c.accept = date;
  c.on_spot = false;
  Begin(Subject(number), DecisionPeriod(c), date, today);
  ++notices_, ++disclosures_;
}

void PermitModel::Close(uint64_t number, ModelCase& c, const std::string& state) {
  c.state = state;
  if (c.carries >= 0) versions_[c.site][static_cast<size_t>(c.carries)].term_passed = false;  // its term is over, if it was, without a renewal
  c.carries = -1;
  DropAll(Subject(number));
}

void PermitModel::Forget() {
  size_t closed = static_cast<size_t>(std::count_if(cases_.begin(), cases_.end(), [](const auto& entry) { return entry.second.closed(); }));
  for (auto it = cases_.begin(); it != cases_.end() && closed > kClosedKept;) {
    if (it->second.closed()) {
      it = cases_.erase(it);
      --closed;
    } else {
      ++it;
    }
  }
}

bool PermitModel::Create(int site, bool renewal, bool key, bool tier_right, bool materials, int32_t today) {
  for (const Ban& ban : bans_[site]) {
    if (today < ban.until) return false;
  }
  const int in_force = VersionInForce(site, today);
  if ((in_force >= 0) != renewal) return false;
  const ModelVersion* last = renewal ? &versions_[site][static_cast<size_t>(Latest(site, today))] : nullptr;
  if (renewal && last->ended.empty() && last->first > today) return false;  // granted ahead
  for (const auto& [number, c] : cases_) {
    if (c.site == site && !c.closed() && (c.renewal == renewal || !c.renewal)) return false;
  }
  ModelCase made;
  made.site = site;
  made.renewal = renewal;
  if (renewal) made.sequence = versions_[site][static_cast<size_t>(in_force)].sequence;
  made.key = key;
  made.tier_right = tier_right;
  made.materials = materials;
  cases_[++cases_made_] = made;
  return true;
}

bool PermitModel::Act(const ModelAct& act, int32_t today) {
  const auto it = cases_.find(act.number);
  if (it == cases_.end() || it->second.closed()) return false;
  ModelCase& c = it->second;
  if (act.owner != -1 && act.owner != c.site) return false;  // meant for a case whose number was lost with the power and given again
  if (act.etag != 0 && act.etag != c.revision) return false;
  bool done = false;
  if (act.event == "withdraw") {
    Close(act.number, c, "WITHDRAWN");
    done = true;
  } else {
    done = ActOnDraft(act.number, c, act, today) || Intake(act.number, c, act, today) || Review(act.number, c, act, today) ||
           Decide(act.number, c, act, today);
  }
  c.revision += done;
  tally_.accepted += done;
  return done;
}

// The enterprise's.
bool PermitModel::ActOnDraft(uint64_t number, ModelCase& c, const ModelAct& act, int32_t today) {
  const bool publishes = c.key && !c.renewal;
  if (act.event == "update") {
    if (c.state != "DRAFT" && c.state != "CORRECTION" && !(c.state == "SUBMITTED" && c.on_spot)) return false;
    if (c.state != "DRAFT" && !c.published && act.key && !c.renewal) return false;
    c.key = act.key;
    c.tier_right = c.materials = true;
    return true;
  }
  if (act.event == "start_publicity") {
    if (c.state != "DRAFT" || !publishes || !c.tier_right) return false;
    c.state = "PUBLICITY";
    Begin(Subject(number), "PUBLICITY_PERIOD", today, today);
    ++disclosures_;
    return true;
  }
  if (act.event == "submit") {
    if (c.state != "DRAFT" && c.state != "PUBLICITY_DONE") return false;
    for (const Ban& ban : bans_[c.site]) {
      if (today < ban.until) return false;
    }
    if ((c.state == "DRAFT" && publishes) || !MayFile(c, today)) return false;
    c.state = "SUBMITTED";
    c.receipt = today;
    if (c.renewal) {
      const int version = Renewed(c, today);
      c.late = today > versions_[c.site][static_cast<size_t>(version)].last - kRenewalLeadDays;
      if (!c.late) c.carries = version;
    }
    Begin(Subject(number), "INTAKE", today, today);
    return true;
  }
  if (act.event == "resubmit") {
    if (c.state != "CORRECTION" || !MayFile(c, today)) return false;
    c.state = "SUBMITTED";
    c.receipt = today;
    DropAll(Subject(number));
    Begin(Subject(number), "INTAKE", today, today);
    return true;
  }
  return false;
}

bool PermitModel::Intake(uint64_t number, ModelCase& c, const ModelAct& act, int32_t today) {
  if (c.state != "SUBMITTED") return false;
  if (act.event == "accept") {
    DropAll(Subject(number));
    Accept(number, c, today, today);
  } else if (act.event == "request_correction") {
    if (c.correction_used) return false;
    c.correction_used = true;
    c.state = "CORRECTION";
    DropAll(Subject(number));
    Begin(Subject(number), "CORRECTION_LAPSE", today, today);
    ++notices_;
  } else if (act.event == "correct_on_spot") {
    c.on_spot = true;
  } else if (act.event == "not_required" || act.event == "not_competent") {
    Close(number, c, act.event == "not_required" ? "CLOSED_NOT_REQUIRED" : "CLOSED_NOT_COMPETENT");
    ++notices_, ++disclosures_;
  } else {
    return false;
  }
  return true;
}

bool PermitModel::Review(uint64_t number, ModelCase& c, const ModelAct& act, int32_t today) {
  if (act.event == "assign") {
    if (c.state != "ACCEPTED" && c.state != "REVIEW") return false;
    c.state = "REVIEW";
    c.in_charge = act.other;
    c.reviewers.insert(act.other);
    Recount(clocks_.at({Subject(number), DecisionPeriod(c)}), today);
    return true;
  }
  if (act.event == "opinion") {
    if (c.state != "ASSESSMENT" || act.person != c.assessor) return false;
    c.state = "REVIEW";
    ModelClock& clock = clocks_.at({Subject(number), DecisionPeriod(c)});
    clock.pauses.back().second = today;
    clock.state = clock.escalated && !clock.provisional ? "OVERDUE" : "RUNNING";
    Recount(clock, today);
    return true;
  }
  if (c.state != "REVIEW" || act.person != c.in_charge) return false;
  ModelClock& clock = clocks_.at({Subject(number), DecisionPeriod(c)});
  if (act.event == "order_assessment") {
    c.state = "ASSESSMENT";
    c.assessor = act.other;
    clock.pauses.emplace_back(today, -1);
    clock.state = "PAUSED";
    Recount(clock, today);
    ++notices_;
  } else if (act.event == "order_site_check") {
    if (DecisionPeriod(c) != "REVIEW_KEY") return false;
    ModelClock longer = clock;
    clocks_.erase({Subject(number), "REVIEW_KEY"});
    c.site_check = true;
    longer.days = 6;
    Recount(longer, today);
    if (longer.state == "OVERDUE" && longer.due >= today) {
      longer.state = "RUNNING";
      longer.escalated = false;
    }
    clocks_[{Subject(number), "REVIEW_KEY_SITE_CHECK"}] = longer;
  } else if (act.event == "propose_grant") {
    if (c.renewal && Renewed(c, today) < 0) return false;
    c.state = "PROPOSED_GRANT";
    Recount(clock, today);
  } else if (act.event == "propose_deny") {
    c.state = "PROPOSED_DENY";
    Recount(clock, today);
  } else {
    return false;  // "propose_unmet" among them
  }
  return true;
}

bool PermitModel::Decide(uint64_t number, ModelCase& c, const ModelAct& act, int32_t today) {
  if ((c.state != "PROPOSED_GRANT" && c.state != "PROPOSED_DENY") || c.reviewers.contains(act.person)) return false;
  if (act.event == "approve") {
    if (c.state != "PROPOSED_GRANT") return false;
    int32_t first = today;
    if (c.renewal) {
      const int version = Renewed(c, today);
      if (version < 0) return false;
      first = versions_[c.site][static_cast<size_t>(version)].last + 1;
    }
    if (!Issue(c.site, c.renewal, first, YearLater(first) - 1, today)) return false;
    Close(number, c, "GRANTED");
    ++tally_.granted;
    ++notices_, ++disclosures_;
  } else if (act.event == "deny") {
    Close(number, c, "DENIED");
    ++tally_.denied;
    Begin(Subject(number), "RECONSIDERATION", today, today);
    Begin(Subject(number), "LITIGATION", today, today);
    ++notices_, ++disclosures_;
  } else if (act.event == "return") {
    c.state = "REVIEW";
    Recount(clocks_.at({Subject(number), DecisionPeriod(c)}), today);
  } else {
    return false;
  }
  return true;
}

}  // namespace songhua::simulations
