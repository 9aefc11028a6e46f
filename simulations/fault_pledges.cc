#include "simulations/fault_pledges.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "ledger/legal_time.h"
#include "simulations/fault_names.h"
#include "simulations/fault_people.h"
#include "simulations/fault_pledge_sales.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/pledges.pb.h"

namespace songhua::simulations {
namespace {

// One of the last pledges, so that some come to be active, and more; or any.
uint64_t SomePledge(std::mt19937_64& random, const MarketModel& model) {
  const auto last = static_cast<int64_t>(model.pledges().size());
  return static_cast<uint64_t>(Between(random, random() % 8 == 0 ? 1 : std::max<int64_t>(1, last - 3), last));
}

}  // namespace

std::string PledgeName(uint64_t pledge) { return "pledges/" + std::to_string(pledge); }

int PledgorOf(const MarketModel& model, uint64_t pledge) {
  const auto found = model.pledges().find(pledge);
  return found == model.pledges().end() ? 0 : found->second.firm;
}

int64_t UnitsOf(const MarketModel& model, uint64_t pledge) {
  const auto found = model.pledges().find(pledge);
  return found == model.pledges().end() ? 100 : found->second.units;
}

uint64_t SomePledgeIn(std::mt19937_64& random, const MarketModel& model, int state) {
  const uint64_t some = SomePledge(random, model);
  const uint64_t drawn = random();
  const uint64_t right = model.PledgeIn(state, drawn);
  return random() % 6 == 0 || right == 0 ? some : right;
}

int SomeFirm(std::mt19937_64& random, int right) {
  const int any = static_cast<int>(Between(random, 0, kFirms - 1));
  return random() % 6 == 0 ? any : right;
}

namespace {

// A consent to surrender or sell what is pledged, or the use of one to surrender, also by others and for more.
SimulatedRequest Consented(std::mt19937_64& random, const MarketModel& model) {
  ModelConsent consent;
  consent.pledge = SomePledgeIn(random, model, 5);
  consent.units = Between(random, 1, random() % 6 == 0 ? 300 : std::clamp<int64_t>(UnitsOf(model, consent.pledge), 1, 300));
  if (model.consents().empty() || random() % 3 != 0) {
    consent.to_sell = random() % 3 != 0;
    consent.deposit = consent.to_sell && random() % 3 == 0;
    consent.price_min = consent.to_sell && random() % 2 == 0 ? Between(random, 7980, 8020) : 0;
    v1::GrantConsentRequest request;
    request.set_name(PledgeName(consent.pledge));
    request.set_act(consent.to_sell ? v1::Consent::SELL : v1::Consent::SURRENDER);
    request.set_quantity(consent.units);
    request.set_price_min_fen(consent.price_min);
    request.set_deposit(consent.deposit);
    request.set_expire_date("2030-12-31");
    return Make("Pledges/GrantConsent", "banker", request, [=](MarketModel& m, uint64_t, int32_t) { return m.GrantConsent(consent); });
  }
  const auto last = static_cast<int64_t>(model.consents().size());
  const auto number = static_cast<uint64_t>(Between(random, std::max<int64_t>(1, last - 3), last));
  int firm = static_cast<int>(Between(random, 0, kFirms - 1));
  int64_t units = consent.units;
  if (random() % 4 != 0) {
    const auto of = model.UnitsOfConsent(number);
    firm = of.first;
    units = Between(random, 1, of.second);
  }
  v1::RetireUnitsRequest request;
  request.set_from_lot(LotName(firm, "registry"));
  request.set_quantity(units);
  request.set_obligation_year(2025);
  request.set_consent("consents/" + std::to_string(number));
  return Make("Ledger/SurrenderUnits", Trader(firm), request, [=](MarketModel& m, uint64_t, int32_t) { return m.SurrenderPledged(number, firm, units); });
}

// Another principal, a report of what is owed, more units or fewer.
SimulatedRequest TermsOfPledge(std::mt19937_64& random, const api::State& state, const MarketModel& model) {
  static constexpr int kInForce[] = {5, 5, 7, 8};
  const auto what = random() % 6;
  const uint64_t pledge = SomePledgeIn(random, model, what == 3 ? kInForce[random() % 4] : 5);
  const int firm = SomeFirm(random, PledgorOf(model, pledge));
  v1::PledgeActRequest act;
  act.set_name(PledgeName(pledge));
  if (what == 0) {
    const int64_t principal = random() % 3 == 0 ? 0 : Between(random, 1, kModelPrincipalMax);
    v1::ProposeAmendmentRequest request;
    request.set_name(PledgeName(pledge));
    request.set_principal_fen(principal);
    request.set_rate_bps(400);
    return Make("Pledges/ProposeAmendment", "banker", request, [=](MarketModel& m, uint64_t, int32_t) { return m.ProposeAmendment(pledge, principal); });
  }
  if (what == 1) {
    return Make("Pledges/AgreeAmendment", Trader(firm), act, [=](MarketModel& m, uint64_t, int32_t) { return m.AgreeAmendment(pledge, firm); });
  }
  if (what == 2) {
    const int who = random() % 2 == 0 ? kModelBank : firm;
    return Make("Pledges/EndAmendment", who == kModelBank ? "banker" : Trader(who), act,
                [=](MarketModel& m, uint64_t, int32_t) { return m.EndAmendment(pledge, who); });
  }
  if (what == 3) {
    const int64_t principal = Between(random, 0, kModelPrincipalMax);
    const int64_t interest = random() % 4 == 0 ? kModelHugeInterest : 0;
    const int32_t on = LocalDate(state.engine().last_time).value() - static_cast<int32_t>(Between(random, 0, 2));
    v1::ReportBalanceRequest request;
    request.set_name(PledgeName(pledge));
    request.set_principal_fen(principal);
    request.set_interest_fen(interest);
    request.set_balance_date(FormatDate(Date(on)));
    return Make("Pledges/ReportBalance", "banker", request,
                [=](MarketModel& m, uint64_t, int32_t date) { return m.ReportBalance(date, pledge, principal, interest, on); });
  }
  if (what == 4) {
    const int64_t units = SomeOf(random, model.FreeRegistry(firm) / 4);
    v1::AddPledgedUnitsRequest request;
    request.set_name(PledgeName(pledge));
    request.set_lot(LotName(firm, "registry"));
    request.set_quantity(units);
    return Make("Pledges/AddPledgedUnits", Trader(firm), request, [=](MarketModel& m, uint64_t, int32_t) { return m.AddPledgedUnits(pledge, firm, units); });
  }
  const int64_t units = Between(random, 0, UnitsOf(model, pledge) / 3 + 1);
  v1::ReleasePledgedUnitsRequest request;
  request.set_name(PledgeName(pledge));
  request.set_quantity(units);
  return Make("Pledges/ReleasePledgedUnits", "banker", request, [=](MarketModel& m, uint64_t, int32_t) { return m.ReleasePart(pledge, units); });
}

SimulatedRequest ApplyForPledge(std::mt19937_64& random, const MarketModel& model) {
  const int firm = static_cast<int>(Between(random, 0, kFirms - 1));
  const int64_t units = SomeOf(random, model.FreeRegistry(firm) / 2);
  v1::ApplyPledgeRequest request;
  request.set_lot(LotName(firm, "registry"));
  request.set_quantity(units);
  request.set_pledgee("participants/" + Bank());
  request.set_form(v1::PLEDGE);
  return Make("Pledges/ApplyPledge", Trader(firm), request, [=](MarketModel& m, uint64_t, int32_t date) { return m.ApplyPledge(date, firm, units); });
}

SimulatedRequest Enforce(std::mt19937_64& random, uint64_t pledge) {
  static constexpr std::pair<ModelMode, v1::Enforcement::Mode> kModes[] = {{ModelMode::kSale, v1::Enforcement::SALE},
                                                                           {ModelMode::kAuction, v1::Enforcement::AUCTION},
                                                                           {ModelMode::kAgreedValue, v1::Enforcement::AGREED_VALUE}};
  const auto& drawn = kModes[random() % std::size(kModes)];
  const ModelMode mode = drawn.first;
  v1::EnforcePledgeRequest request;
  request.set_name(PledgeName(pledge));
  request.mutable_enforcement()->set_mode(drawn.second);
  request.mutable_enforcement()->set_ground(v1::Enforcement::AGREEMENT);
  request.mutable_enforcement()->set_reference("loan-1/7");
  return Make("Pledges/EnforcePledge", "banker", request, [=](MarketModel& m, uint64_t, int32_t date) { return m.EnforcePledge(date, pledge, mode); });
}

}  // namespace

SimulatedRequest PledgeRequest(std::mt19937_64& random, const api::State& state, const MarketModel& model) {
  if (model.pledges().empty() || random() % 10 == 0) return ApplyForPledge(random, model);
  const auto kind = random() % 10;
  // What there is no pledge for is asked now and then.
  const bool anything = random() % 4 == 0;
  if (kind < 2 && (anything || model.PledgeIn(5, 0) != 0)) return Consented(random, model);
  if (kind < 5 && (anything || !model.listings().empty() || MaySell(model))) return SaleOfPledged(random, model);
  if (kind == 5) return TermsOfPledge(random, state, model);
  struct Act {
    const char* name;
    int state;
  };
  static constexpr Act kActs[] = {{"verify", 1}, {"verify", 1},  {"verify", 1}, {"approve", 2}, {"approve", 2},  {"approve", 2}, {"confirm", 4}, {"confirm", 4},
                                  {"confirm", 4}, {"release", 5}, {"notice", 5}, {"cure", 7},    {"enforce", 7}, {"enforce", 7}, {"abandon", 8}, {"drop", 8},
                                  {"close", 8},  {"close", 8}};
  const Act* drawn = &kActs[random() % std::size(kActs)];
  for (int tries = 0; !anything && model.PledgeIn(drawn->state, 0) == 0 && tries < 20; ++tries) drawn = &kActs[random() % std::size(kActs)];
  const std::string act = drawn->name;
  const uint64_t number = SomePledgeIn(random, model, drawn->state);
  const std::string name = PledgeName(number);
  // Only the pledgor confirms.
  const int firm = SomeFirm(random, PledgorOf(model, number));
  if (act == "enforce") return Enforce(random, number);
  const SimulatedRequest::Effect effect = [=](MarketModel& m, uint64_t, int32_t date) { return m.ActOnPledge(date, number, act, firm); };
  if (act == "abandon" || act == "drop") {
    v1::AbandonEnforcementRequest request;
    request.set_name(name);
    request.set_decision("paid otherwise");
    request.set_release(act == "drop");
    return Make("Pledges/AbandonEnforcement", "banker", request, effect);
  }
  if (act == "approve") {
    v1::ApprovePledgeRequest request;
    request.set_name(name);
    request.set_principal_fen(kModelPrincipal);
    request.set_rate_bps(450);
    request.set_term_start("2026-03-02");
    request.set_term_end("2026-09-01");
    request.set_contract_number("loan-1");
    request.set_unified_registry_number("0001");
    return Make("Pledges/ApprovePledge", "banker", request, effect);
  }
  if (act == "verify") {
    v1::VerifyPledgeRequest request;
    request.set_name(name);
    request.set_decision("in order");
    return Make("Pledges/VerifyPledge", "registry", request, effect);
  }
  if (act == "notice") {
    v1::DefaultNoticeRequest request;
    request.set_name(name);
    request.set_decision("not paid");
    return Make("Pledges/GiveDefaultNotice", "banker", request, effect);
  }
  v1::PledgeActRequest request;
  request.set_name(name);
  request.set_decision("in order");
  if (act == "cure") return Make("Pledges/CurePledge", "banker", request, effect);
  if (act == "close") return Make("Pledges/CloseEnforcement", "registry", request, effect);
  if (act == "release") return Make("Pledges/ReleasePledge", "banker", request, effect);
  return Make("Pledges/ConfirmPledge", Trader(firm), request, effect);
}

}  // namespace songhua::simulations
