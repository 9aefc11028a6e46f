// The calendar, the clocks and the permits of the model. Its cases are in permit_model_cases.cc.
#include "simulations/permit_model.h"

#include <algorithm>
#include <chrono>

namespace songhua::simulations {
namespace {

using std::chrono::sys_days;

constexpr int32_t kForEver = 2'000'000;
constexpr int kYear = 2026;

std::chrono::year_month_day Civil(int32_t day) { return sys_days(std::chrono::days(day)); }
int32_t DayOf(int month, int day) {
  using namespace std::chrono;
  return static_cast<int32_t>(sys_days(year(kYear) / month / day).time_since_epoch().count());
}

// The periods of the simulation's regime (permit_world.cc): short ones, so that they pass.
struct Period {
  const char* kind;
  int32_t days;
  bool workdays;
};
constexpr Period kPeriods[] = {
    {"PUBLICITY_PERIOD", 1, true}, {"INTAKE", 2, true},         {"CORRECTION_LAPSE", 3, false},      {"REVIEW_SIMPLIFIED", 3, true},
    {"REVIEW_KEY", 4, true},       {"DECIDE_RENEWAL", 2, true}, {"REVIEW_KEY_SITE_CHECK", 6, true},  {"RECONSIDERATION", 4, false},
    {"LITIGATION", 8, false},      {"RECTIFICATION", 3, false},
};

Period PeriodOf(const std::string& kind) {
  return *std::find_if(std::begin(kPeriods), std::end(kPeriods), [&](const Period& period) { return kind == period.kind; });
}

constexpr int64_t kFineLeast = 10'000'000, kFineMost = 100'000'000;

}  // namespace

// ---- Days ----

int32_t PermitModel::YearLater(int32_t day) {
  return static_cast<int32_t>(sys_days(Civil(day) + std::chrono::years(1)).time_since_epoch().count());
}

bool ModelCalendar::IsWorkday(int32_t day) const {
  const auto weekday = std::chrono::weekday(sys_days(std::chrono::days(day)));
  if (weekday == std::chrono::Saturday || weekday == std::chrono::Sunday) return makeup_workdays.contains(day);
  return !holidays.contains(day);
}

bool ModelCalendar::IsPublished(int32_t day) const { return published && static_cast<int>(Civil(day).year()) == kYear; }

void PermitModel::Recount(ModelClock& clock, int32_t today) const {
  int32_t left = clock.days;
  for (const auto& [from, to] : clock.pauses) {
    const int32_t end = to == -1 ? today : to;
    for (int32_t day = from + 1; day <= end; ++day) left += !clock.workdays || calendar_.IsWorkday(day);
  }
  int32_t day = clock.trigger;
  clock.provisional = false;
  while (left > 0) {
    ++day;
    if (clock.workdays) clock.provisional |= !calendar_.IsPublished(day);
    left -= !clock.workdays || calendar_.IsWorkday(day);
  }
  if (!clock.workdays) {
    clock.provisional = !calendar_.IsPublished(day);
    while (!calendar_.IsWorkday(day)) clock.provisional |= !calendar_.IsPublished(++day);
  }
  clock.due = day;
}

void PermitModel::Begin(const std::string& subject, const std::string& kind, int32_t trigger, int32_t today) {
  const Period period = PeriodOf(kind);
  ModelClock clock;
  clock.trigger = trigger;
  clock.days = period.days;
  clock.workdays = period.workdays;
  Recount(clock, today);
  clocks_[{subject, kind}] = clock;
}

void PermitModel::DropAll(const std::string& subject) {
  std::erase_if(clocks_, [&](const auto& clock) { return clock.first.first == subject; });
}

bool PermitModel::Announce(int announcement, int32_t today) {
  if (announcement == calendar_.announcement) return false;
  calendar_ = {true, announcement, {}, {DayOf(5, 9)}};
  for (int day = 4; day <= 6; ++day) calendar_.holidays.insert(DayOf(4, day));
  for (int day = 1; day <= 5; ++day) calendar_.holidays.insert(DayOf(5, day));
  if (announcement == 2) {
    for (int day = 9; day <= 28; day += 3) calendar_.holidays.insert(DayOf(3, day));
    calendar_.makeup_workdays.insert(DayOf(3, 8));
    std::erase_if(calendar_.holidays, [&](int32_t day) { return calendar_.makeup_workdays.contains(day); });
  }
  for (auto& [key, clock] : clocks_) {
    if (clock.state == "OVERDUE") continue;
    ModelClock before = clock;
    Recount(clock, today);
    if (clock.due != before.due || clock.provisional != before.provisional) clock.escalated = false;
  }
  return true;
}

// ---- Time ----

bool PermitModel::PassOne(int32_t today) {
  for (auto& [key, clock] : clocks_) {
    if (clock.state != "RUNNING" || clock.due >= today || (clock.provisional && clock.escalated)) continue;
    const auto [subject, kind] = key;
    clock.escalated = true;
    if (clock.provisional) return true;  // nothing irreversible before its year is known
    const uint64_t number = std::stoull(subject.substr(subject.find('/') + 1));
    if (kind == "RECTIFICATION") {
      clock.state = "OVERDUE";
      ++notices_, ++disclosures_;
      return true;
    }
    if (kind == "RECONSIDERATION" || kind == "LITIGATION") {
      clocks_.erase(key);
      return true;
    }
    ModelCase& c = cases_.at(number);
    if (kind == "PUBLICITY_PERIOD") {
      clocks_.erase(key);
      c.state = "PUBLICITY_DONE";
      c.published = true;
      ++c.revision;
    } else if (kind == "INTAKE") {
      clocks_.erase(key);
      c.deemed = true;
      ++tally_.deemed;
      ++c.revision;
      Accept(number, c, c.receipt, today);
    } else if (kind == "CORRECTION_LAPSE") {
      ++c.revision;
      Close(number, c, "CLOSED_LAPSED");
      ++tally_.lapsed;
      ++notices_;
    } else {
      clock.state = "OVERDUE";
      c.overdue = true;
      ++tally_.overdue;
    }
    return true;
  }
  return false;
}

// The day after a permit's last its enterprise is told: that it has expired, or goes on while its renewal is undecided.
void PermitModel::PassTerms(int32_t today) {
  for (int site = 0; site < kSites; ++site) {
    std::vector<ModelVersion>& versions = versions_[site];
    for (size_t i = 0; i < versions.size(); ++i) {
      ModelVersion& v = versions[i];
      if (!v.ended.empty() || v.term_passed || v.last >= today) continue;
      v.term_passed = true;
      if (std::any_of(versions.begin(), versions.end(), [&](const ModelVersion& other) { return Holds(other, today); })) continue;
      const bool goes_on = GoesOn(site, static_cast<int>(i), today);
      if (goes_on != v.told_it_goes_on || !goes_on) ++notices_;
      v.told_it_goes_on = goes_on;
    }
  }
}

void PermitModel::PassTime(int32_t today) {
  if (session_ != 0 && session_ < today) CloseSession();
  // Midnight by midnight, as the engine's timers are dated: a case that lapses on the way still carried its permit before.
  for (int32_t day = today_ == 0 ? today : std::min(today_ + 1, today); day <= today; ++day) {
    while (PassOne(day)) {
    }
    PassTerms(day);
  }
  for (int site = 0; site < kSites && today_ < today; ++site) {
    for (int i = 0; i < static_cast<int>(versions_[site].size()); ++i) tally_.carried += GoesOn(site, i, today);
  }
  today_ = today;
  EndOrders(today);
  Forget();
}

// ---- Permits ----

bool PermitModel::Holds(const ModelVersion& v, int32_t day) const {
  if (day < v.first || day > v.last || (!v.ended.empty() && day >= v.ended_from)) return false;
  for (const auto& [from, to] : v.gaps) {
    if (from <= day && day <= to) return false;
  }
  return true;
}

bool PermitModel::Carried(int site, int version) const {
  for (const auto& [number, c] : cases_) {
    if (c.site == site && c.carries == version) return true;
  }
  return false;
}

bool PermitModel::GoesOn(int site, int version, int32_t day) const {
  const ModelVersion& v = versions_[site][static_cast<size_t>(version)];
  return v.last < day && !(!v.ended.empty() && day >= v.ended_from) && Carried(site, version);
}

std::string PermitModel::StateOf(int site, int version, int32_t today) const {
  const ModelVersion& v = versions_[site][static_cast<size_t>(version)];
  if (!v.ended.empty()) return v.ended;
  if (GoesOn(site, version, today)) return "DEEMED_RENEWED_PENDING";
  return today > v.last ? "EXPIRED" : "EFFECTIVE";
}

int PermitModel::VersionInForce(int site, int32_t today) const {
  for (size_t i = 0; i < versions_[site].size(); ++i) {
    if (Holds(versions_[site][i], today) || GoesOn(site, static_cast<int>(i), today)) return static_cast<int>(i);
  }
  return -1;
}

int PermitModel::Latest(int site, int32_t today) const {
  const int last = static_cast<int>(versions_[site].size()) - 1;
  if (last < 0 || versions_[site].back().ended.empty()) return last;
  const int in_force = VersionInForce(site, today);
  return in_force >= 0 ? in_force : last;
}

std::vector<int> PermitModel::Open(int site, int sequence, int32_t today) const {
  std::vector<int> open;
  for (size_t i = 0; i < versions_[site].size(); ++i) {
    const ModelVersion& v = versions_[site][i];
    if (v.sequence != sequence || !v.ended.empty()) continue;
    if (today <= v.last || GoesOn(site, static_cast<int>(i), today)) open.push_back(static_cast<int>(i));
  }
  return open;
}

int PermitModel::VersionForAct(int site, int sequence, int32_t today) const {
  const std::vector<int> open = Open(site, sequence, today);
  if (!open.empty()) return open.front();
  int found = -1;
  for (size_t i = 0; i < versions_[site].size(); ++i) {
    const ModelVersion& v = versions_[site][i];
    if (v.sequence == sequence && (found < 0 || v.first <= today || !v.ended.empty())) found = static_cast<int>(i);
  }
  return found;
}

bool PermitModel::Issue(int site, bool renewal, int32_t first, int32_t last, int32_t today) {
  std::vector<ModelVersion>& versions = versions_[site];
  const int latest = Latest(site, today);
  ModelVersion made;
  made.first = first;
  made.last = last;
  if (latest < 0 || !versions[static_cast<size_t>(latest)].ended.empty()) {
    if (renewal) return false;
    for (const ModelVersion& v : versions) made.sequence = std::max(made.sequence, v.sequence);
    ++made.sequence;
    versions.push_back(made);
    return true;
  }
  const ModelVersion& before = versions[static_cast<size_t>(latest)];
  const bool goes_on = GoesOn(site, latest, today);
  if (renewal && !Holds(before, today) && !goes_on) return false;
  if (first <= before.last || (!renewal && goes_on)) return false;
  made.sequence = before.sequence;
  for (const ModelVersion& v : versions) {
    if (v.sequence == made.sequence) made.version = std::max(made.version, v.version + 1);
  }
  versions.push_back(made);
  for (auto& [number, c] : cases_) {
    if (c.site == site && c.carries == latest) c.carries = -1;  // what follows it is there
  }
  return true;
}

bool PermitModel::IssueOnPaper(int site, int32_t first, int32_t last, int32_t today) {
  if (first < today || last < first || !Issue(site, false, first, last, today)) return false;
  ++notices_, ++disclosures_;
  return true;
}

bool PermitModel::Restore(int site, int version, int32_t today) {
  std::vector<ModelVersion>& versions = versions_[site];
  const ModelVersion overturned = versions[static_cast<size_t>(version)];
  const auto same_act = [&](const ModelVersion& v) {
    return v.sequence == overturned.sequence && v.ended == overturned.ended && v.decision == overturned.decision && v.ended_from == overturned.ended_from;
  };
  for (const ModelVersion& v : versions) {
    if (!same_act(v)) continue;
    for (const ModelVersion& other : versions) {
      if (other.ended.empty() && other.first <= v.last && v.first <= other.last) return false;
    }
  }
  for (ModelVersion& v : versions) {
    if (!same_act(v)) continue;
    const int32_t from = std::max(v.ended_from, v.first);
    if (from < today) v.gaps.emplace_back(from, today - 1);
    v.ended.clear();
    v.term_passed = false;
  }
  std::erase_if(bans_[site], [&](const Ban& ban) { return ban.decision == overturned.decision; });
  return true;
}

bool PermitModel::ActOnPermit(int site, int sequence, const std::string& act, const std::string& decision, int32_t today) {
  const int found = VersionForAct(site, sequence, today);
  if (found < 0) return false;
  std::vector<ModelVersion>& versions = versions_[site];
  const std::string state = StateOf(site, found, today);
  if (act == "restore") {
    if ((state != "ANNULLED" && state != "REVOKED") || !Restore(site, found, today)) return false;
  } else if (act == "write_off") {
    if (state == "EFFECTIVE" || state == "DEEMED_RENEWED_PENDING" || state == "WRITTEN_OFF") return false;
    const ModelVersion struck = versions[static_cast<size_t>(found)];
    for (ModelVersion& v : versions) {
      const bool same = v.sequence == struck.sequence && v.ended == struck.ended && v.decision == struck.decision && v.ended_from == struck.ended_from;
      if (struck.ended.empty() ? &v != &versions[static_cast<size_t>(found)] : !same) continue;
      if (v.ended.empty()) v.ended_from = v.last + 1;
      v.ended = "WRITTEN_OFF";
    }
  } else {
    if (state != "EFFECTIVE" && (state != "DEEMED_RENEWED_PENDING" || act == "terminate")) return false;
    const auto penalty = penalties_.find({site, decision});
    if (act == "revoke" && (penalty == penalties_.end() || !penalty->second)) return false;
    for (int i : Open(site, sequence, today)) {
      ModelVersion& v = versions[static_cast<size_t>(i)];
      v.ended = act == "revoke" ? "REVOKED" : act == "recall" ? "RECALLED" : act == "terminate" ? "WRITTEN_OFF" : "ANNULLED";
      v.ended_from = today;
      v.decision = decision;
      ++tally_.permits_ended;
    }
    if (act == "fraud") bans_[site].push_back({decision, YearLater(today)});
    EndOrders(today);
  }
  ++notices_, ++disclosures_;
  return true;
}

bool PermitModel::RecordPenalty(int site, const std::string& decision, int64_t fine, bool proposes_revocation) {
  if (fine < kFineLeast || fine > kFineMost || !penalties_.emplace(std::make_pair(site, decision), proposes_revocation).second) return false;
  ++notices_, ++disclosures_;
  return true;
}

bool PermitModel::RecordReductionTask(int site, int year, const std::string& decision, int64_t required, int64_t achieved, bool corrects) {
  if (year >= kYear || required < 1) return false;
  const auto task = tasks_[site].find(year);
  if (corrects != (task != tasks_[site].end())) return false;
  if (corrects && task->second.decisions.contains(decision)) return false;
  Task& found = tasks_[site][year];
  found.failed = achieved < required;
  found.decisions.insert(decision);
  ++notices_, ++disclosures_;
  return true;
}

// ---- Overlays and the market ----

bool PermitModel::PlaceOverlay(int site, const std::string& kind, int32_t first, int32_t last, int32_t today) {
  ModelOverlay overlay{site, kind, first == 0 ? today : first, last == 0 ? kForEver : last, false, 0};
  const bool notice = kind == "RECTIFICATION_NOTICE";
  if (overlay.first < today || overlay.last < overlay.first || (notice && (overlay.first != today || last != 0))) return false;
  overlays_[++overlays_made_] = overlay;
  if (notice) Begin("overlays/" + std::to_string(overlays_made_), "RECTIFICATION", today, today);
  if (kind != "VOLUNTARY_STOP") ++notices_, ++disclosures_;
  EndOrders(today);
  return true;
}

bool PermitModel::LiftOverlay(uint64_t number, int site, int32_t today) {
  const auto it = overlays_.find(number);
  if (it == overlays_.end() || it->second.site != site || it->second.lifted || today > it->second.last) return false;
  it->second.lifted = true;
  it->second.lifted_from = today;
  DropAll("overlays/" + std::to_string(number));
  if (it->second.kind != "VOLUNTARY_STOP") ++notices_, ++disclosures_;
  return true;
}

bool PermitModel::MaySell(int site, int32_t today) const {
  const bool holds = std::any_of(versions_[site].begin(), versions_[site].end(), [&](const ModelVersion& v) { return Holds(v, today); });
  return holds && std::none_of(overlays_.begin(), overlays_.end(), [&](const auto& entry) {
    const ModelOverlay& overlay = entry.second;
    return overlay.site == site && (overlay.kind == "SUSPENDED_RECTIFICATION" || overlay.kind == "SEIZED") && overlay.ActiveOn(today);
  });
}

bool PermitModel::OpenSession(int32_t today) {
  if (session_ != 0) return false;
  session_ = today;
  return true;
}

bool PermitModel::CloseSession() {
  if (session_ == 0) return false;
  session_ = 0;
  orders_.clear();
  return true;
}

bool PermitModel::Sell(uint64_t order, int site, int64_t grams, int32_t today) {
  if (session_ != today || !MaySell(site, today)) return false;
  orders_[order] = {site, grams};
  return true;
}

// No order of a site rests that could not be placed now.
void PermitModel::EndOrders(int32_t today) {
  tally_.orders_ended += std::erase_if(orders_, [&](const auto& order) { return !MaySell(order.second.first, today); });
}

int64_t PermitModel::GramsForSale(int site) const {
  int64_t grams = 0;
  for (const auto& [number, order] : orders_) grams += order.first == site ? order.second : 0;
  return grams;
}

}  // namespace songhua::simulations
