#include "simulations/permit_world.h"

#include <numeric>
#include <set>

#include "simulations/fault_people.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/regimes.pb.h"

namespace songhua::simulations {
namespace {

using A = v1::Application;

constexpr char kRegion[] = "220000";
// BuildWorld opens two lots a firm.
constexpr int kReserveLot = 2 * kFirms + 1;
constexpr int64_t kGramsOfSite = 1'000'000'000;

// ---- The law ----

void AddPeriod(v1::Regime* regime, v1::DeadlineKind kind, int32_t days, v1::DayCount count) {
  v1::Period* period = regime->add_periods();
  period->set_kind(kind);
  period->set_days(days);
  period->set_day_count(count);
  period->set_rule("PERMIT-36");
}

v1::Regime ShortPeriods() {
  v1::Regime regime;
  regime.set_code("short-periods");
  regime.set_display_name("Periods that pass");
  regime.set_region(kRegion);
  regime.set_effective_from("2026-03-02");
  regime.set_term_years(1);
  regime.set_ban_years(1);
  regime.set_commitment_ban_years(1);
  regime.set_registration_years(1);
  regime.set_expiry(v1::CONTINUES_WHILE_RENEWAL_IS_PENDING);
  regime.add_publicity_tiers(v1::KEY);
  AddPeriod(&regime, v1::PUBLICITY_PERIOD, 1, v1::WORKDAY);
  AddPeriod(&regime, v1::INTAKE, 2, v1::WORKDAY);
  AddPeriod(&regime, v1::CORRECTION_LAPSE, 3, v1::NATURAL);
  AddPeriod(&regime, v1::REVIEW_SIMPLIFIED, 3, v1::WORKDAY);
  AddPeriod(&regime, v1::REVIEW_KEY, 4, v1::WORKDAY);
  AddPeriod(&regime, v1::REVIEW_KEY_SITE_CHECK, 6, v1::WORKDAY);
  AddPeriod(&regime, v1::DECIDE_RENEWAL, 2, v1::WORKDAY);
  AddPeriod(&regime, v1::RENEWAL_LEAD, 3, v1::NATURAL);
  AddPeriod(&regime, v1::RECONSIDERATION, 4, v1::NATURAL);
  AddPeriod(&regime, v1::LITIGATION, 8, v1::NATURAL);
  AddPeriod(&regime, v1::RECTIFICATION, 3, v1::NATURAL);
  for (const v1::DeadlineKind unused : {v1::DECIDE_CHANGE, v1::DECIDE_REISSUE, v1::FAST_TRACK_DECISION, v1::POST_CHECK, v1::CHANGE_REPORT,
                                        v1::LOSS_REPORT, v1::REGISTRATION_CHANGE, v1::DELIVERY}) {
    AddPeriod(&regime, unused, 10, v1::WORKDAY);
  }
  regime.set_catalogue_edition("2019");
  for (const bool key : {false, true}) {
    v1::CatalogueRule* rule = regime.add_catalogue();
    rule->set_item("13");
    rule->set_industry_prefix("1391");
    rule->set_tier(key ? v1::KEY : v1::SIMPLIFIED);
    if (!key) continue;
    rule->set_fact("starch_t_per_year");
    rule->set_at_least(15'000);
  }
  v1::FineRange* fine = regime.add_fines();
  fine->set_conduct("PERMIT-81");
  fine->set_serious(true);
  fine->set_least_fen(10'000'000);
  fine->set_most_fen(100'000'000);
  fine->set_legal_basis("Code art. 1103");
  fine->set_may_revoke(true);
  regime.set_paper_cases_until("2026-12-31");
  for (const char* type : {"FIRST", "RENEW"}) {
    v1::RequiredMaterial* material = regime.add_materials();
    material->set_code("COMMITMENT_LETTER");
    material->set_application_type(type);
  }
  return regime;
}

}  // namespace

// ---- The world ----

std::vector<SimulatedRequest> BuildPermitWorld() {
  std::vector<SimulatedRequest> world;
  for (const char* authority : {"ecology", "ecology-2"}) AddParticipant(&world, authority, v1::AUTHORITY);
  AddPerson(&world, "intake", "ecology", {v1::PERMIT_INTAKE}, kRegion);
  AddPerson(&world, "reviewer-0", "ecology", {v1::PERMIT_REVIEWER}, kRegion);
  AddPerson(&world, "reviewer-1", "ecology", {v1::PERMIT_REVIEWER}, kRegion);
  AddPerson(&world, "approver-0", "ecology", {v1::PERMIT_REVIEWER, v1::PERMIT_APPROVER}, kRegion);
  AddPerson(&world, "approver-1", "ecology", {v1::PERMIT_APPROVER}, kRegion);
  AddPerson(&world, "enforcer", "ecology", {v1::ENFORCER}, kRegion);
  AddPerson(&world, "reserve", "ecology", {v1::RESERVE_MANAGER}, kRegion);
  for (const char* assessor : {"assessor-0", "assessor-1"}) AddPerson(&world, assessor, "ecology", {v1::TECH_ASSESSOR}, kRegion);
  v1::LoadRegimeRequest regime;
  *regime.mutable_regime() = ShortPeriods();
  world.push_back(Make("Regimes/LoadRegime", "registry", regime));

  v1::LoadProgramRequest load;
  v1::Program& program = *load.mutable_program();
  program.set_name("programs/rights");
  program.set_display_name("Discharge rights");
  program.set_form(v1::RIGHT);
  program.set_unit("g/a");
  program.set_quoted_unit_steps(1'000'000);
  program.add_pollutants("SO2");
  program.add_control_zones("220100");
  v1::TradingGroup& group = *program.add_trading_groups();
  group.set_code("HEAT_INDUSTRY");
  group.add_sector_classes("INDUSTRY");
  program.set_floor_policy(v1::NONE);
  program.set_first_year(2026);
  program.set_last_year(2035);
  program.set_term_years_max(5);
  world.push_back(Make("Ledger/LoadProgram", "registry", load));
  for (int site = 0; site < kSites; ++site) {
    v1::CreateSiteRequest request;
    v1::Site& created = *request.mutable_site();
    created.set_name("sites/" + SiteOf(site));
    created.set_participant("participants/" + Firm(site));
    created.set_display_name("works " + std::to_string(site));
    created.set_region("220100");
    created.set_sector_class(v1::INDUSTRY);
    world.push_back(Make("Participants/CreateSite", "registry", request));
  }
  v1::OpenAccountRequest reserve;
  reserve.set_kind(v1::RESERVE);
  reserve.set_participant("participants/ecology");
  reserve.set_program("programs/rights");
  reserve.set_control_zone("220100");
  world.push_back(Make("Ledger/OpenAccount", "registry", reserve));
  v1::IssueUnitsRequest issue;
  issue.set_program("programs/rights");
  issue.set_pollutant("SO2");
  issue.set_control_zone("220100");
  issue.set_trading_group("HEAT_INDUSTRY");
  issue.set_quantity(kSites * kGramsOfSite);
  issue.set_to_account("accounts/rights.reserve.220100");
  issue.set_valid_from("2026-01-01");
  issue.set_valid_to("2030-12-31");
  world.push_back(Make("Ledger/IssueUnits", "reserve", issue));
  for (int site = 0; site < kSites; ++site) {
    v1::AllocateRightRequest request;
    request.set_from_lot("lots/" + std::to_string(kReserveLot));
    request.set_to_account("accounts/" + SiteOf(site) + ".rights");
    request.set_quantity(kGramsOfSite);
    request.set_valid_from("2026-01-01");
    request.set_valid_to("2030-12-31");
    request.set_source("INITIAL_PAID");
    request.set_cost_fen(1'000'000);
    world.push_back(Make("Ledger/AllocateRight", "reserve", request));
  }
  v1::LoadRulebookRequest rulebook;
  rulebook.mutable_rulebook()->set_name("rulebooks/rights");
  rulebook.mutable_rulebook()->set_settlement(v1::IMMEDIATE);
  rulebook.mutable_rulebook()->set_quantity_min(kRightsLotSize);
  rulebook.mutable_rulebook()->set_quantity_max(kGramsOfSite);
  world.push_back(Make("Exchange/LoadRulebook", "registry", rulebook));
  v1::CreateContractRequest contract;
  v1::Contract& created = *contract.mutable_contract();
  created.set_name("contracts/RIGHTS");
  created.set_program("programs/rights");
  created.set_pollutant("SO2");
  created.set_control_zone("220100");
  created.set_trading_group("HEAT_INDUSTRY");
  created.set_term_first("2026-01-01");
  created.set_term_last("2030-12-31");
  created.set_price_basis(v1::PER_T_YEAR);
  created.set_tick_fen(1'000);
  created.set_lot_size(kRightsLotSize);
  created.set_rulebook("rulebooks/rights");
  world.push_back(Make("Exchange/CreateContract", "registry", contract));
  return world;
}

// ---- Compared with the model ----

namespace {

class Comparison {
 public:
  void Expect(const std::string& what, const std::string& real, const std::string& expected) {
    if (real != expected) differences += what + ": " + real + ", the model says " + expected + "\n";
  }
  std::string differences;
};

std::string Flag(bool value, const char* name) { return value ? std::string(" ") + name : ""; }

std::string InWords(const permits::ApplicationRow& row) {
  std::string text = A::State_Name(row.state) + " rev " + row.Etag() + " received " + std::to_string(row.receipt_date.value()) + " accepted " +
                     std::to_string(row.accept_date.value()) + " with " + (row.reviewers.empty() ? "" : row.reviewers.back());
  return text + Flag(row.late, "late") + Flag(row.overdue, "overdue") + Flag(row.deemed_accepted, "deemed") + Flag(row.correction_used, "corrected") +
         Flag(row.site_check, "site check");
}

std::string InWords(const ModelCase& c) {
  return c.state + " rev " + std::to_string(c.revision) + " received " + std::to_string(c.receipt) + " accepted " + std::to_string(c.accept) + " with " +
         c.in_charge + Flag(c.late, "late") + Flag(c.overdue, "overdue") + Flag(c.deemed, "deemed") + Flag(c.correction_used, "corrected") +
         Flag(c.site_check, "site check");
}

// The last day of one that stands still is not known.
std::string InWords(const std::string& kind, const std::string& state, int32_t due, bool provisional) {
  return kind + " " + state + (state == "PAUSED" ? "" : " due " + FormatDate(Date(due)) + (provisional ? "?" : "")) + "; ";
}

std::string RealClocks(const api::State& state, const std::string& subject) {
  std::set<std::string> words;
  for (const permits::DeadlineRow* row : state.deadlines.OpenOf(subject)) {
    words.insert(InWords(v1::DeadlineKind_Name(row->kind), v1::DeadlineState_Name(row->state), row->due.value(), row->provisional));
  }
  return std::accumulate(words.begin(), words.end(), std::string());
}

std::string ModelClocks(const PermitModel& model, const std::string& subject) {
  std::set<std::string> words;
  for (const auto& [key, clock] : model.clocks()) {
    if (key.first == subject) words.insert(InWords(key.second, clock.state, clock.due, clock.provisional));
  }
  return std::accumulate(words.begin(), words.end(), std::string());
}

void CompareCases(const api::State& state, const PermitModel& model, Comparison* comparison) {
  comparison->Expect("the next case", std::to_string(state.counters.Peek("applications")), std::to_string(model.cases_made() + 1));
  for (const auto& [number, c] : model.cases()) {
    const std::string name = "applications/" + std::to_string(number);
    const permits::ApplicationRow* row = state.applications.Find(number);
    comparison->Expect(name, row == nullptr ? "nothing" : InWords(*row), InWords(c));
    comparison->Expect("deadlines of " + name, RealClocks(state, name), ModelClocks(model, name));
  }
}

std::string InWords(uint32_t version, int32_t first, int32_t last) {
  return std::to_string(version) + " from " + FormatDate(Date(first)) + " to " + FormatDate(Date(last)) + "; ";
}

void CompareVersions(const api::State& state, const PermitModel& model, int site, Date today, bool time_passed, Comparison* comparison) {
  std::set<int> sequences;
  for (const ModelVersion& v : model.versions(site)) sequences.insert(v.sequence);
  for (int sequence : sequences) {
    const std::string number = PermitNumberOf(site, sequence);
    std::string real, expected;
    for (const permits::PermitRow* row : state.permits.OpenVersions(number, today)) real += InWords(row->version, row->term.first.value(), row->term.last.value());
    for (int i : model.Open(site, sequence, today.value())) {
      const ModelVersion& v = model.versions(site)[static_cast<size_t>(i)];
      expected += InWords(v.version, v.first, v.last);
    }
    comparison->Expect("open versions of " + number, real, expected);
    const permits::PermitRow* row = state.permits.VersionForAct(number, today);
    if (row == nullptr) {
      comparison->Expect(number, "nothing", "a permit");
      continue;
    }
    for (size_t i = 0; i < model.versions(site).size(); ++i) {
      const ModelVersion& v = model.versions(site)[i];
      if (v.sequence != sequence || v.version != row->version) continue;
      comparison->Expect(number, v1::PermitState_Name(row->StateOn(today)) + Flag(row->renewal_pending, "carried") + " gaps " + std::to_string(row->gaps.size()),
                         model.StateOf(site, static_cast<int>(i), today.value()) + Flag(model.Carried(site, static_cast<int>(i)), "carried") + " gaps " +
                             std::to_string(v.gaps.size()));
    }
    if (time_passed && row->term.last < today && !row->superseded_by(today)) {
      comparison->Expect("what the last day made of " + number, row->term_passed ? "kept" : "not kept", "kept");
    }
  }
}

void CompareSite(const api::State& state, const PermitModel& model, int site, Date today, bool time_passed, Comparison* comparison) {
  const std::string id = SiteOf(site);
  comparison->Expect(id + " in force", state.permits.PermitInForce(id, today) != nullptr ? "yes" : "no", model.InForce(site, today.value()) ? "yes" : "no");
  CompareVersions(state, model, site, today, time_passed, comparison);
  comparison->Expect(id + " failed its task", state.reduction_tasks.Excluding(id) != nullptr ? "yes" : "no", model.FailedItsTask(site) ? "yes" : "no");
  const ledger::AccountRow* account = state.ledger.accounts().FindById(id + ".rights");
  if (account == nullptr) return;
  int64_t for_sale = 0;
  for (const ledger::LotRow* lot : state.ledger.lots().OfAccount(account->number)) for_sale += lot->Held(ledger::HoldKind::kOrder).value();
  comparison->Expect(id + " for sale", std::to_string(for_sale), std::to_string(model.GramsForSale(site)));
}

}  // namespace

std::string ComparePermits(const api::State& state, const PermitModel& model, Date today, bool time_passed) {
  Comparison comparison;
  CompareCases(state, model, &comparison);
  for (int site = 0; site < kSites; ++site) CompareSite(state, model, site, today, time_passed, &comparison);
  for (const auto& [number, overlay] : model.overlays()) {
    const std::string name = "overlays/" + std::to_string(number);
    const permits::OverlayRow* row = state.overlays.Find(SiteOf(overlay.site), number);
    const std::string expected = overlay.lifted ? "lifted" : overlay.ActiveOn(today.value()) ? "active" : "at rest";
    comparison.Expect(name, row == nullptr ? "nothing" : row->lifted ? "lifted" : row->ActiveOn(today) ? "active" : "at rest", expected);
    if (row != nullptr) comparison.Expect("deadlines of " + row->Name(), RealClocks(state, row->Name()), ModelClocks(model, name));
  }
  comparison.Expect("the next notice", std::to_string(state.counters.Peek("notices")), std::to_string(model.notices() + 1));
  comparison.Expect("the next disclosure", std::to_string(state.counters.Peek("disclosures")), std::to_string(model.disclosures() + 1));
  return comparison.differences;
}

}  // namespace songhua::simulations
