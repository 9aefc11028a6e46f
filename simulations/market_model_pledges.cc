// Pledges in the model of the market: their states, terms and consents.
#include <algorithm>

#include "simulations/market_model.h"

namespace songhua::simulations {

int64_t ModelPledge::Owed() const { return reported ? owed_principal + owed_interest : principal - std::min(principal, paid); }

ModelPledge* MarketModel::FindPledge(uint64_t pledge, int state) {
  const auto it = pledges_.find(pledge);
  return it == pledges_.end() || it->second.state != state ? nullptr : &it->second;
}

ModelOutcome MarketModel::ApplyPledge(int32_t date, int firm, int64_t units) {
  if (units < 1 || units > FreeRegistry(firm)) return ModelOutcome::Refused();
  ModelPledge& pledge = pledges_[pledges_.size() + 1];
  pledge.firm = firm;
  pledge.units = units;
  pledge.applied_on = date;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::ActOnPledge(int32_t date, uint64_t number, const std::string& act, int who) {
  auto it = pledges_.find(number);
  if (it == pledges_.end()) return ModelOutcome::Refused();
  ModelPledge& pledge = it->second;
  ModelFirm& f = firms_[static_cast<size_t>(pledge.firm)];
  const bool on_offer = pledge.offered > 0;
  if (act == "verify" && pledge.state == 1) {
    if (pledge.units > FreeRegistry(pledge.firm)) return ModelOutcome::Refused();
    f.registry_provisional += pledge.units;
    pledge.state = 2;
  } else if (act == "approve" && pledge.state == 2) {
    pledge.principal = kModelPrincipal;
    pledge.state = 4;
  } else if (act == "confirm" && pledge.state == 4 && pledge.firm == who) {
    if (PledgesFrozen(pledge.firm)) return ModelOutcome::Refused();
    f.registry_provisional -= pledge.units;
    f.registry_pledged += pledge.units;
    pledge.state = 5;
  } else if (act == "release" && pledge.state == 5 && !on_offer) {
    f.registry_pledged -= pledge.units;
    f.cash += pledge.deposited;
    escrow_ -= pledge.deposited;
    pledge.deposited = 0;
    pledge.state = 6;
  } else if (act == "notice" && pledge.state == 5 && !on_offer) {
    pledge.cure_last = date + 1;
    while (!calendar_.IsWorkday(pledge.cure_last)) ++pledge.cure_last;
    pledge.proposed = false;
    pledge.state = 7;
  } else if (act == "cure" && pledge.state == 7) {
    pledge.state = 5;
  } else if (act == "abandon" && pledge.state == 8 && !on_offer) {
    pledge.state = 5;
  } else if (act == "drop" && pledge.state == 8 && !on_offer) {
    f.registry_pledged -= pledge.units;
    pledge.state = 6;
  } else if (act == "close" && pledge.state == 8 && !on_offer && (pledge.units == 0 || pledge.Owed() == 0)) {
    f.registry_pledged -= pledge.units;
    pledge.state = 9;
  } else {
    return ModelOutcome::Refused();
  }
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::EnforcePledge(int32_t date, uint64_t number, ModelMode mode) {
  ModelPledge* pledge = FindPledge(number, 7);
  if (pledge == nullptr || date <= pledge->cure_last) return ModelOutcome::Refused();
  // What was kept pays the loan.
  const int64_t kept = pledge->deposited;
  pledge->deposited = 0;
  escrow_ -= kept;
  FirmOf(pledge->firm).cash += kept - PayOff(*pledge, kept);
  pledge->mode = mode;
  pledge->state = 8;
  return ModelOutcome::Done();
}

bool MarketModel::PledgesFrozen(int firm) const {
  const ModelFirm& f = firms_[static_cast<size_t>(firm)];
  return Frozen(firm, false) > f.registry - f.HeldOfRegistry();
}

uint64_t MarketModel::PledgeIn(int state, uint64_t drawn) const {
  std::vector<uint64_t> found;
  for (const auto& [number, pledge] : pledges_) {
    if (pledge.state == state) found.push_back(number);
  }
  return found.empty() ? 0 : found[drawn % found.size()];
}

uint64_t MarketModel::ConsentToSell(uint64_t pledge) const {
  for (size_t i = consents_.size(); i > 0; --i) {
    const ModelConsent& consent = consents_[i - 1];
    if (consent.pledge == pledge && consent.to_sell && !consent.used) return i;
  }
  return 0;
}

std::pair<int, int64_t> MarketModel::UnitsOfConsent(uint64_t consent) const {
  const ModelConsent& found = consents_.at(consent - 1);
  return {pledges_.at(found.pledge).firm, found.units};
}

ModelOutcome MarketModel::GrantConsent(const ModelConsent& consent) {
  const ModelPledge* pledge = FindPledge(consent.pledge, 5);
  if (pledge == nullptr || consent.units < 1 || consent.units > pledge->units) return ModelOutcome::Refused();
  consents_.push_back(consent);
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::SurrenderPledged(uint64_t number, int firm, int64_t units) {
  if (number < 1 || number > consents_.size()) return ModelOutcome::Refused();
  ModelConsent& consent = consents_[number - 1];
  ModelPledge* pledge = FindPledge(consent.pledge, 5);
  if (pledge == nullptr || pledge->firm != firm || consent.used || consent.to_sell) return ModelOutcome::Refused();
  if (units < 1 || units > std::min(consent.units, pledge->units - pledge->offered) || PledgesFrozen(firm)) return ModelOutcome::Refused();
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  f.registry -= units;
  f.registry_pledged -= units;
  f.surrendered += units;
  consent.used = true;
  pledge->units -= units;
  if (pledge->units == 0 && pledge->deposited == 0) pledge->state = 6;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::AddPledgedUnits(uint64_t number, int who, int64_t units) {
  ModelPledge* pledge = FindPledge(number, 5);
  if (pledge == nullptr || pledge->firm != who || units < 1 || units > FreeRegistry(who)) return ModelOutcome::Refused();
  pledge->units += units;
  firms_[static_cast<size_t>(who)].registry_pledged += units;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::ReleasePart(uint64_t number, int64_t units) {
  ModelPledge* pledge = FindPledge(number, 5);
  if (pledge == nullptr || units < 1 || units > std::min(pledge->units - pledge->offered, pledge->units - 1)) return ModelOutcome::Refused();
  if (pledge->Owed() > kModelPrincipalMax) return ModelOutcome::Refused();  // what is left does not carry it
  pledge->units -= units;
  firms_[static_cast<size_t>(pledge->firm)].registry_pledged -= units;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::ProposeAmendment(uint64_t number, int64_t principal) {
  ModelPledge* pledge = FindPledge(number, 5);
  if (pledge == nullptr || (principal > pledge->principal && pledge->units == 0)) return ModelOutcome::Refused();
  pledge->proposed = true;
  pledge->proposed_principal = principal;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::AgreeAmendment(uint64_t number, int who) {
  ModelPledge* pledge = FindPledge(number, 5);
  if (pledge == nullptr || pledge->firm != who || !pledge->proposed) return ModelOutcome::Refused();
  const int64_t raise = pledge->proposed_principal - pledge->principal;
  if (raise > 0 && pledge->units == 0) return ModelOutcome::Refused();
  if (raise > 0 && pledge->reported) pledge->owed_principal += raise;
  if (pledge->proposed_principal > 0) pledge->principal = pledge->proposed_principal;
  pledge->proposed = false;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::EndAmendment(uint64_t number, int who) {
  ModelPledge* pledge = FindPledge(number, 5);
  if (pledge == nullptr || (who != kModelBank && who != pledge->firm) || !pledge->proposed) return ModelOutcome::Refused();
  pledge->proposed = false;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::ReportBalance(int32_t date, uint64_t number, int64_t principal, int64_t interest, int32_t on) {
  const auto it = pledges_.find(number);
  if (it == pledges_.end()) return ModelOutcome::Refused();
  ModelPledge& pledge = it->second;
  if ((pledge.state != 5 && pledge.state != 7 && pledge.state != 8) || principal < 0 || principal > pledge.principal) return ModelOutcome::Refused();
  if (on < pledge.applied_on || on < pledge.reported_on || on > date) return ModelOutcome::Refused();
  pledge.reported = true;
  pledge.reported_on = on;
  pledge.owed_principal = principal;
  pledge.owed_interest = interest;
  return ModelOutcome::Done();
}

}  // namespace songhua::simulations
