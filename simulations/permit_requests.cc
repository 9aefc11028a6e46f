// What officers and enterprises of the simulation ask for.
#include "simulations/permit_world.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "ledger/legal_time.h"
#include "simulations/fault_people.h"
#include "songhua/v1/applications.pb.h"
#include "songhua/v1/calendars.pb.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/permits.pb.h"

namespace songhua::simulations {
namespace {

using A = v1::Application;

const std::vector<std::string> kReviewers = {"reviewer-0", "reviewer-1", "approver-0"};  // the last decides too, but nothing that he reviewed
const std::vector<std::string> kApprovers = {"approver-0", "approver-1"};
const std::vector<std::string> kAssessors = {"assessor-0", "assessor-1"};

std::string Day(int32_t day) { return FormatDate(Date(day)); }

bool OneIn(std::mt19937_64& random, uint64_t n) { return random() % n == 0; }

template <class Container>
const auto& AnyOf(std::mt19937_64& random, const Container& container) {
  return *std::next(std::begin(container), static_cast<int64_t>(random() % std::size(container)));
}

// ---- What permits say: the same of every site. Their one pollutant is not subject to paid use, so that no right is asked for ----

template <class Request>
void AddContent(Request* request, int32_t first_year, int32_t last_year) {
  v1::Outlet* outlet = request->add_outlets();
  outlet->set_code("DA001");
  outlet->set_type(v1::MAIN);
  for (const char* scope : {"DA001", "SITE"}) {
    v1::Limit* limit = request->add_limits();
    limit->set_scope(scope);
    limit->set_pollutant("NOX");
    for (int32_t year = first_year; year <= last_year; ++year) {
      v1::YearQuantity* quantity = limit->add_annual_limits();
      quantity->set_year(year);
      quantity->set_quantity(1'000'000);
    }
  }
}

void AddPlant(v1::Application* application, bool key, bool tier_right, bool materials) {
  application->set_tier(key ? v1::KEY : v1::SIMPLIFIED);
  AddContent(application, 2026, 2032);
  application->mutable_details()->add_industries("1391");
  if (key == tier_right) {
    v1::PlantFact* fact = application->mutable_details()->add_facts();
    fact->set_name("starch_t_per_year");
    fact->set_value(20'000);
  }
  if (!materials) return;
  v1::Material* letter = application->add_materials();
  letter->set_code("COMMITMENT_LETTER");
  letter->set_reference("letter-1");
}

// ---- Cases ----

SimulatedRequest WithPermits(SimulatedRequest made, SimulatedRequest::PermitEffect effect) {
  made.permit_effect = std::move(effect);
  return made;
}

SimulatedRequest Create(std::mt19937_64& random, const PermitModel& model, int32_t today) {
  const int site = static_cast<int>(Between(random, 0, kSites - 1));
  const bool renewal = model.InForce(site, today) != OneIn(random, 8);
  const bool key = OneIn(random, 3), tier_right = !OneIn(random, 8), materials = !OneIn(random, 8);
  v1::CreateApplicationRequest request;
  request.mutable_application()->set_type(renewal ? A::RENEW : A::FIRST);
  request.mutable_application()->set_site("sites/" + SiteOf(site));
  AddPlant(request.mutable_application(), key, tier_right, materials);
  return WithPermits(Make("Applications/CreateApplication", Trader(site), request),
                     [=](PermitModel& m, uint64_t, int32_t date) { return m.Create(site, renewal, key, tier_right, materials, date); });
}

template <class Request>
SimulatedRequest OfCase(const std::string& method, const ModelAct& act, Request request) {
  request.set_name("applications/" + std::to_string(act.number));
  if (act.etag != 0) request.set_etag(std::to_string(act.etag));
  return WithPermits(Make("Applications/" + method, act.person, request), [=](PermitModel& m, uint64_t, int32_t date) { return m.Act(act, date); });
}

SimulatedRequest Update(const ModelAct& act) {
  v1::UpdateApplicationRequest request;
  request.mutable_application()->set_name("applications/" + std::to_string(act.number));
  if (act.etag != 0) request.mutable_application()->set_etag(std::to_string(act.etag));
  AddPlant(request.mutable_application(), act.key, true, true);
  return WithPermits(Make("Applications/UpdateApplication", act.person, request), [=](PermitModel& m, uint64_t, int32_t date) { return m.Act(act, date); });
}

SimulatedRequest Intake(const ModelAct& act, v1::IntakeResult result) {
  v1::RecordIntakeRequest request;
  request.set_result(result);
  if (result == v1::CORRECTION_NOTICE || result == v1::CORRECT_ON_SPOT) request.add_items("the plan is not dated");
  if (result == v1::NOT_COMPETENT) request.set_competent_authority("participants/ecology-2");
  request.set_reason("looked at");
  return OfCase("RecordIntake", act, request);
}

SimulatedRequest Propose(const ModelAct& act) {
  v1::ProposeDecisionRequest request;
  request.set_grant(act.event != "propose_deny");
  request.set_reasons("as found");
  request.mutable_conditions()->set_eia_approved(true);
  request.mutable_conditions()->set_standards_and_total_control_met(act.event == "propose_grant");
  request.mutable_conditions()->set_treatment_feasible(true);
  request.mutable_conditions()->set_monitoring_plan_compliant(true);
  return OfCase("ProposeDecision", act, request);
}

// The request of an act, by whom the act names.
SimulatedRequest RequestOf(const ModelAct& act) {
  if (act.event == "update") return Update(act);
  if (act.event == "submit") return OfCase("SubmitApplication", act, v1::SubmitApplicationRequest());
  if (act.event == "accept") return Intake(act, v1::ACCEPT);
  if (act.event == "request_correction") return Intake(act, v1::CORRECTION_NOTICE);
  if (act.event == "correct_on_spot") return Intake(act, v1::CORRECT_ON_SPOT);
  if (act.event == "not_required") return Intake(act, v1::NOT_REQUIRED);
  if (act.event == "not_competent") return Intake(act, v1::NOT_COMPETENT);
  if (act.event.starts_with("propose")) return Propose(act);
  if (act.event == "approve") return OfCase("ApproveApplication", act, v1::ApproveApplicationRequest());
  if (act.event == "assign") {
    v1::AssignApplicationRequest request;
    request.set_reviewer("people/" + act.other);
    return OfCase("AssignApplication", act, request);
  }
  if (act.event == "order_assessment") {
    v1::OrderAssessmentRequest request;
    request.set_assessor("people/" + act.other);
    request.set_expected_workdays(3);
    return OfCase("OrderAssessment", act, request);
  }
  static const std::map<std::string, std::string>* const kMethods = new std::map<std::string, std::string>{
      {"start_publicity", "StartPublicity"}, {"resubmit", "ResubmitApplication"}, {"withdraw", "WithdrawApplication"}, {"opinion", "RecordOpinion"},
      {"order_site_check", "OrderSiteCheck"}, {"deny", "DenyApplication"}, {"return", "ReturnApplication"}};
  v1::ApplicationActRequest request;
  request.set_reason("for good reasons");
  return OfCase(kMethods->at(act.event), act, request);
}

// What may come next in a state, what leads on first.
std::vector<std::string> EventsFrom(const std::string& state) {
  if (state == "DRAFT") return {"submit", "submit", "start_publicity", "update", "update"};
  if (state == "PUBLICITY") return {"submit"};
  if (state == "PUBLICITY_DONE") return {"submit"};
  if (state == "SUBMITTED") return {"accept", "accept", "accept", "accept", "request_correction", "request_correction", "correct_on_spot", "update", "not_required", "not_competent"};
  if (state == "CORRECTION") return {"resubmit", "update", "request_correction"};
  if (state == "ACCEPTED") return {"assign"};
  if (state == "REVIEW") return {"propose_grant", "propose_grant", "propose_grant", "propose_deny", "propose_unmet", "assign", "order_assessment", "order_assessment", "order_site_check"};
  if (state == "ASSESSMENT") return {"opinion", "opinion", "propose_grant"};
  if (state == "PROPOSED_GRANT") return {"approve", "approve", "approve", "approve", "return", "deny"};
  if (state == "PROPOSED_DENY") return {"deny", "deny", "return", "approve"};
  return {"withdraw", "approve", "accept", "opinion"};
}

constexpr const char* kAnyEvent[] = {"update", "start_publicity", "submit", "accept", "request_correction", "correct_on_spot", "not_required", "resubmit",
                                     "assign", "order_assessment", "opinion", "order_site_check", "propose_grant", "propose_deny", "approve", "deny",
                                     "return", "withdraw"};

std::string WhoDoes(std::mt19937_64& random, const std::string& event, const ModelCase& c) {
  if (event == "update" || event == "start_publicity" || event == "submit" || event == "resubmit" || event == "withdraw") return Trader(c.site);
  if (event == "opinion") return c.assessor.empty() || OneIn(random, 6) ? AnyOf(random, kAssessors) : c.assessor;
  if (event == "approve" || event == "deny" || event == "return") return AnyOf(random, kApprovers);
  const bool reviews = event.starts_with("propose") || event.starts_with("order");
  if (!reviews) return "intake";
  return c.in_charge.empty() || OneIn(random, 6) ? AnyOf(random, kReviewers) : c.in_charge;
}

SimulatedRequest ActInCase(std::mt19937_64& random, const PermitModel& model) {
  ModelAct act;
  act.number = model.cases_made() + 1;  // there is none
  ModelCase c;
  if (!model.cases().empty()) {
    // Several times: one that is open is likelier.
    for (int i = 0; i < 6; ++i) {
      const auto& [number, found] = AnyOf(random, model.cases());
      if (i > 0 && !c.closed()) break;
      act.number = number;
      c = found;
    }
  }
  act.event = OneIn(random, 8) ? AnyOf(random, kAnyEvent) : AnyOf(random, EventsFrom(c.state));
  if (OneIn(random, 40)) act.event = "withdraw";
  act.person = WhoDoes(random, act.event, c);
  if (act.person == Trader(c.site)) act.owner = c.site;
  if (act.event == "assign") act.other = AnyOf(random, kReviewers);
  if (act.event == "order_assessment") act.other = AnyOf(random, kAssessors);
  if (OneIn(random, 3)) act.etag = c.revision;
  act.key = act.event == "update" && (OneIn(random, 5) ? !c.key : c.key);
  return RequestOf(act);
}

// ---- Permits ----

SimulatedRequest IssueOnPaper(std::mt19937_64& random, int32_t today) {
  const int site = static_cast<int>(Between(random, 0, kSites - 1));
  const auto first = static_cast<int32_t>(today + Between(random, 0, 2));
  const auto last = static_cast<int32_t>(first + Between(random, -1, 8));
  v1::IssuePermitRequest request;
  request.set_site("sites/" + SiteOf(site));
  request.set_tier(v1::SIMPLIFIED);
  request.set_valid_from(Day(first));
  request.set_valid_to(Day(last));
  AddContent(&request, Year(Date(first)), Year(Date(std::max(first, last))));
  request.set_reviewer("people/reviewer-0");
  return WithPermits(Make("Permits/IssuePermit", "approver-1", request),
                     [=](PermitModel& m, uint64_t, int32_t date) { return m.IssueOnPaper(site, first, last, date); });
}

template <class Request>
SimulatedRequest OfPermit(const std::string& method, Request request, int site, int sequence, const std::string& act, const std::string& decision) {
  request.set_name("permits/" + PermitNumberOf(site, sequence));
  return WithPermits(Make("Permits/" + method, "approver-1", request),
                     [=](PermitModel& m, uint64_t, int32_t date) { return m.ActOnPermit(site, sequence, act, decision, date); });
}

SimulatedRequest ActOnPermit(std::mt19937_64& random, const PermitModel& model) {
  const int site = static_cast<int>(Between(random, 0, kSites - 1));
  const std::vector<ModelVersion>& versions = model.versions(site);
  const int sequence = versions.empty() || OneIn(random, 12) ? 1 : OneIn(random, 3) ? AnyOf(random, versions).sequence : versions.back().sequence;
  std::string decision = "D-" + std::to_string(random() % 1'000'000);
  static constexpr const char* kActs[] = {"annul", "fraud", "revoke", "recall", "terminate", "write_off", "write_off", "restore", "restore", "restore"};
  const std::string act = AnyOf(random, kActs);
  if (act == "annul" || act == "fraud") {
    v1::AnnulPermitRequest request;
    request.set_ground(act == "fraud" ? v1::AnnulPermitRequest::FRAUD_OR_BRIBERY : v1::AnnulPermitRequest::PROCEDURE_BREACH);
    request.set_decision(decision);
    request.set_reasons("found out");
    return OfPermit("AnnulPermit", request, site, sequence, act, decision);
  }
  if (act == "revoke") {
    // By a penalty that is there, as a rule, though perhaps of another site.
    if (!model.penalties().empty() && !OneIn(random, 8)) decision = AnyOf(random, model.penalties()).first.second;
    v1::RevokePermitRequest request;
    request.set_decision(decision);
    request.set_grounds("the penalty");
    return OfPermit("RevokePermit", request, site, sequence, act, decision);
  }
  if (act == "recall") {
    v1::RecallPermitRequest request;
    request.set_decision(decision);
    request.set_reasons("the law changed");
    request.set_compensation("to be agreed");
    return OfPermit("RecallPermit", request, site, sequence, act, decision);
  }
  if (act == "terminate") {
    v1::TerminatePermitRequest request;
    request.set_cause(v1::TerminatePermitRequest::SITE_CLOSED);
    request.set_decision(decision);
    request.set_reasons("closed");
    return OfPermit("TerminatePermit", request, site, sequence, act, decision);
  }
  if (act == "write_off") {
    v1::WriteOffPermitRequest request;
    request.set_decision(decision);
    request.set_reasons("it has ended");
    return OfPermit("WriteOffPermit", request, site, sequence, act, decision);
  }
  v1::RestorePermitRequest request;
  request.set_judgment(decision);
  request.set_reasons("the court says so");
  return OfPermit("RestorePermit", request, site, sequence, act, decision);
}

SimulatedRequest Penalty(std::mt19937_64& random, const PermitModel& model, int32_t today) {
  const int site = static_cast<int>(Between(random, 0, kSites - 1));
  std::string decision = "P-" + std::to_string(random() % 1'000'000);
  if (!model.penalties().empty() && OneIn(random, 6)) decision = AnyOf(random, model.penalties()).first.second;
  const int64_t fine = Between(random, 5'000'000, 110'000'000);
  const bool proposes = !OneIn(random, 4);
  v1::RecordPenaltyRequest request;
  request.set_site("sites/" + SiteOf(site));
  request.set_conduct("PERMIT-81");
  request.set_serious(true);
  request.set_violation_date(Day(today));
  request.set_fine_fen(fine);
  request.set_decision(decision);
  request.set_grounds("measured");
  request.set_revoke_proposed(proposes);
  return WithPermits(Make("Permits/RecordPenalty", "enforcer", request),
                     [=](PermitModel& m, uint64_t, int32_t date) { return date >= today && m.RecordPenalty(site, decision, fine, proposes); });
}

// Of two years that are over and the one that is not; of the first two often enough a correction.
SimulatedRequest ReductionTask(std::mt19937_64& random) {
  const int site = static_cast<int>(Between(random, 0, kSites - 1));
  const int year = OneIn(random, 10) ? 2026 : OneIn(random, 2) ? 2025 : 2024;
  const std::string decision = "T-" + std::to_string(random() % 200);
  const int64_t required = OneIn(random, 12) ? 0 : 1'000;
  const int64_t achieved = Between(random, 998, 1'001);
  const bool corrects = OneIn(random, 2);
  v1::RecordReductionTaskRequest request;
  request.set_site("sites/" + SiteOf(site));
  request.set_pollutant("NOX");
  request.set_year(year);
  request.set_required_quantity(required);
  request.set_achieved_quantity(achieved);
  request.set_decision(decision);
  request.set_decision_date("2026-01-15");
  if (corrects) request.set_correction_reason("measured anew");
  return WithPermits(Make("Permits/RecordReductionTask", "enforcer", request),
                     [=](PermitModel& m, uint64_t, int32_t) { return m.RecordReductionTask(site, year, decision, required, achieved, corrects); });
}

// ---- Overlays ----

SimulatedRequest Place(std::mt19937_64& random, int32_t today) {
  const int site = static_cast<int>(Between(random, 0, kSites - 1));
  static constexpr v1::OverlayKind kKinds[] = {v1::SUSPENDED_RECTIFICATION, v1::SUSPENDED_RECTIFICATION, v1::SEIZED, v1::RESTRICTED_PRODUCTION,
                                               v1::VOLUNTARY_STOP,          v1::RECTIFICATION_NOTICE};
  const v1::OverlayKind kind = AnyOf(random, kKinds);
  const int32_t first = OneIn(random, 2) ? 0 : static_cast<int32_t>(today + Between(random, 0, 2));
  const int32_t last = OneIn(random, 2) ? 0 : static_cast<int32_t>(today + Between(random, 0, 4));
  v1::PlaceOverlayRequest request;
  request.set_site("sites/" + SiteOf(site));
  request.set_kind(kind);
  if (first != 0) request.set_start_date(Day(first));
  if (last != 0) request.set_end_date(Day(last));
  if (kind != v1::VOLUNTARY_STOP) request.set_decision("O-1");
  request.set_reason("as found");
  request.set_ground(kind == v1::VOLUNTARY_STOP         ? v1::Overlay::OWN_DECISION
                     : kind == v1::RECTIFICATION_NOTICE ? v1::Overlay::CONDITIONS_NOT_MET
                                                        : v1::Overlay::VIOLATION);
  const std::string name = v1::OverlayKind_Name(kind);
  return WithPermits(Make("Permits/PlaceOverlay", kind == v1::VOLUNTARY_STOP ? Trader(site) : "enforcer", request),
                     [=](PermitModel& m, uint64_t, int32_t date) { return m.PlaceOverlay(site, name, first, last, date); });
}

SimulatedRequest LiftOf(uint64_t number, int site, bool own) {
  v1::LiftOverlayRequest request;
  request.set_name("overlays/" + SiteOf(site) + "." + std::to_string(number));
  request.set_decision("L-1");
  return WithPermits(Make("Permits/LiftOverlay", own ? Trader(site) : "enforcer", request),
                     [=](PermitModel& m, uint64_t, int32_t date) { return m.LiftOverlay(number, site, date); });
}

SimulatedRequest Lift(std::mt19937_64& random, const PermitModel& model) {
  if (model.overlays().empty() || OneIn(random, 12)) return LiftOf(model.overlays().size() + 100, 0, false);
  // One of the latest: what lies long ago has been lifted.
  auto it = model.overlays().end();
  std::advance(it, -Between(random, 1, std::min<int64_t>(12, static_cast<int64_t>(model.overlays().size()))));
  return LiftOf(it->first, it->second.site, it->second.kind == "VOLUNTARY_STOP");
}

// ---- The year and the market ----

SimulatedRequest AnnounceYear(int announcement) {
  v1::LoadCalendarYearRequest request;
  v1::CalendarYear& year = *request.mutable_calendar_year();
  year.set_year(2026);
  year.set_source("announcement " + std::to_string(announcement));
  for (int day = 4; day <= 6; ++day) year.add_holidays(FormatDate(MakeDate(2026, 4, day)));
  for (int day = 1; day <= 5; ++day) year.add_holidays(FormatDate(MakeDate(2026, 5, day)));
  year.add_makeup_workdays("2026-05-09");
  if (announcement == 2) {
    for (int day = 9; day <= 28; day += 3) year.add_holidays(FormatDate(MakeDate(2026, 3, day)));
    year.add_makeup_workdays("2026-03-08");
  }
  return WithPermits(Make("Calendars/LoadCalendarYear", "registry", request),
                     [=](PermitModel& m, uint64_t, int32_t date) { return m.Announce(announcement, date); });
}

SimulatedRequest RightsSession(bool open) {
  v1::SessionRequest request;
  request.set_contract("contracts/RIGHTS");
  return WithPermits(Make(open ? "Exchange/OpenSession" : "Exchange/CloseSession", "registry", request),
                     [=](PermitModel& m, uint64_t, int32_t date) { return open ? m.OpenSession(date) : m.CloseSession(); });
}

SimulatedRequest Sell(std::mt19937_64& random) {
  const int site = static_cast<int>(Between(random, 0, kSites - 1));
  const int64_t grams = kRightsLotSize * Between(random, 1, 5);
  v1::PlaceOrderRequest request;
  request.set_contract("contracts/RIGHTS");
  request.set_account("accounts/" + SiteOf(site) + ".rights");
  request.set_side(v1::SELL);
  request.set_price_fen(400'000 + 1'000 * Between(random, 0, 3));
  request.set_quantity(grams);
  request.set_time_in_force(v1::DAY);
  return WithPermits(Make("Exchange/PlaceOrder", Trader(site), request),
                     [=](PermitModel& m, uint64_t sequence, int32_t date) { return m.Sell(sequence, site, grams, date); });
}

}  // namespace

SimulatedRequest RandomPermitRequest(std::mt19937_64& random, const PermitModel& model, int32_t today) {
  const auto roll = random() % 100;
  if (!model.in_session() && roll % 8 == 0) return RightsSession(true);
  if (roll < 9) return Create(random, model, today);
  if (roll < 65) return ActInCase(random, model);
  if (roll < 69) return IssueOnPaper(random, today);
  if (roll < 73) return ActOnPermit(random, model);
  if (roll < 75) return Penalty(random, model, today);
  if (roll < 76) return ReductionTask(random);
  if (roll < 79) return Place(random, today);
  if (roll < 85) return Lift(random, model);
  if (roll < 86) return AnnounceYear(static_cast<int>(Between(random, 1, 2)));
  if (roll < 88) return RightsSession(random() % 4 == 0);
  return Sell(random);
}

std::vector<SimulatedRequest> PermitEnd(const PermitModel& model, int32_t today) {
  std::vector<SimulatedRequest> end;
  for (const auto& [number, c] : model.cases()) {
    if (c.closed()) continue;
    ModelAct act;
    act.number = number;
    act.event = "withdraw";
    act.person = Trader(c.site);
    act.owner = c.site;
    end.push_back(RequestOf(act));
  }
  for (const auto& [number, overlay] : model.overlays()) {
    if (!overlay.lifted && today <= overlay.last) end.push_back(LiftOf(number, overlay.site, overlay.kind == "VOLUNTARY_STOP"));
  }
  end.push_back(RightsSession(false));
  end.push_back(AnnounceYear(1));
  return end;
}

}  // namespace songhua::simulations
