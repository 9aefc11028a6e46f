#include "simulations/fault_world.h"

#include <algorithm>
#include <iterator>

#include "ledger/names.h"
#include "simulations/fault_people.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/listings.pb.h"
#include "songhua/v1/participants.pb.h"
#include "songhua/v1/pledges.pb.h"
#include "songhua/v1/trades.pb.h"

namespace songhua::simulations {
namespace {

constexpr int32_t kVintage = 2026;
constexpr int64_t kFeeBps[kContracts] = {7, 0};

std::string Bank() { return Uscc(500); }
std::string ContractCode(int contract) { return contract == 0 ? "CEA26" : "CEA26-EOD"; }
std::string AccountName(int firm, std::string_view kind) { return "accounts/" + Firm(firm) + "." + std::string(kind); }

void AddAccount(std::vector<SimulatedRequest>* world, const std::string& participant, v1::AccountKind kind) {
  v1::OpenAccountRequest request;
  request.set_kind(kind);
  request.set_participant("participants/" + participant);
  world->push_back(Make("Ledger/OpenAccount", "registry", request));
}

v1::Program CarbonProgram() {
  v1::Program program;
  program.set_name("programs/cea");
  program.set_display_name("National carbon allowances");
  program.set_form(v1::SERIAL);
  program.set_unit("t");
  program.set_quoted_unit_steps(1);
  program.add_pollutants("CO2E");
  program.add_control_zones("CN");
  v1::TradingGroup& group = *program.add_trading_groups();
  group.set_code("ALL");
  group.add_sector_classes("POWER");
  program.set_floor_policy(v1::NONE);
  program.set_first_year(2019);
  program.set_last_year(2030);
  program.set_surrender_deadline("12-31");
  program.set_separate_trading_accounts(true);
  // Longer than any run: the model knows no lapse.
  program.mutable_pledge_policy()->set_hold_workdays(250);
  program.mutable_pledge_policy()->set_confirm_workdays(250);
  program.mutable_pledge_policy()->set_cure_days(1);
  return program;
}

void AddContracts(std::vector<SimulatedRequest>* world) {
  for (int contract = 0; contract < kContracts; ++contract) {
    v1::LoadRulebookRequest rulebook;
    rulebook.mutable_rulebook()->set_name("rulebooks/r" + std::to_string(contract));
    rulebook.mutable_rulebook()->set_settlement(contract == 0 ? v1::IMMEDIATE : v1::END_OF_DAY);
    rulebook.mutable_rulebook()->set_quantity_min(1);
    rulebook.mutable_rulebook()->set_quantity_max(1'000'000);
    rulebook.mutable_rulebook()->set_fee_bps(static_cast<int32_t>(kFeeBps[contract]));
    rulebook.mutable_rulebook()->set_same_day_resale(true);
    rulebook.mutable_rulebook()->add_forms(v1::Trade::LISTING);
    rulebook.mutable_rulebook()->set_offer_days_max(kModelOfferDays);
    world->push_back(Make("Exchange/LoadRulebook", "registry", rulebook));
    v1::CreateContractRequest request;
    v1::Contract& created = *request.mutable_contract();
    created.set_name("contracts/" + ContractCode(contract));
    created.set_program("programs/cea");
    created.set_pollutant("CO2E");
    created.set_control_zone("CN");
    created.set_trading_group("ALL");
    created.set_vintage(kVintage);
    created.set_price_basis(v1::PER_T_TERM);
    created.set_tick_fen(1);
    created.set_lot_size(1);
    created.set_rulebook("rulebooks/r" + std::to_string(contract));
    created.set_reference_price_fen(8000);
    world->push_back(Make("Exchange/CreateContract", "registry", request));
  }
}

const ledger::LotRow* LotOf(const api::State& state, int firm, std::string_view kind) {
  const ledger::AccountRow* account = state.ledger.accounts().FindById(Firm(firm) + "." + std::string(kind));
  const ledger::InstrumentClassRow* instrument = state.ledger.programs().FindClassOf("cea", "CO2E", "CN", "ALL", "");
  return account == nullptr || instrument == nullptr ? nullptr : state.ledger.lots().SerialLot(account->number, instrument->id, kVintage);
}

// BuildWorld opens the lots in this order, before anything can be lost.
std::string LotName(int firm, std::string_view kind) { return "lots/" + std::to_string(2 * firm + (kind == "registry" ? 1 : 2)); }

// ---- Random requests, one function a kind ----

SimulatedRequest Cash(std::mt19937_64& random, bool deposit) {
  const int firm = static_cast<int>(Between(random, 0, kFirms - 1));
  const int64_t fen = Between(random, deposit ? -1 : 0, 20'000'000);
  v1::CashRequest request;
  request.set_account(AccountName(firm, "cash"));
  request.set_amount_fen(fen);
  request.set_bank_reference("bank-" + std::to_string(random()));
  return Make(deposit ? "Ledger/DepositCash" : "Ledger/WithdrawCash", "registry", request, [=](MarketModel& model, uint64_t, int32_t) {
    return deposit ? model.Deposit(firm, fen) : model.Withdraw(firm, fen);
  });
}

SimulatedRequest IssueTo(int firm, int64_t units) {
  v1::IssueUnitsRequest request;
  request.set_program("programs/cea");
  request.set_pollutant("CO2E");
  request.set_control_zone("CN");
  request.set_trading_group("ALL");
  request.set_vintage(kVintage);
  request.set_quantity(units);
  request.set_to_account(AccountName(firm, "registry"));
  return Make("Ledger/IssueUnits", "registry", request, [=](MarketModel& model, uint64_t, int32_t) { return model.Issue(firm, units); });
}

// How many units to ask for: usually what there is, now and then more.
int64_t SomeOf(std::mt19937_64& random, int64_t free) { return Between(random, 0, std::max<int64_t>(2, free + free / 8)); }

SimulatedRequest TransferOf(int firm, bool to_trading, int64_t units) {
  v1::TransferUnitsRequest request;
  request.set_from_lot(LotName(firm, to_trading ? "registry" : "trading"));
  request.set_to_account(AccountName(firm, to_trading ? "trading" : "registry"));
  request.set_quantity(units);
  return Make("Ledger/TransferUnits", Trader(firm), request, [=](MarketModel& m, uint64_t, int32_t) {
    return to_trading ? m.ToTrading(firm, units) : m.ToRegistry(firm, units);
  });
}

SimulatedRequest Transfer(std::mt19937_64& random, const MarketModel& model) {
  const int firm = static_cast<int>(Between(random, 0, kFirms - 1));
  const bool to_trading = random() % 4 != 0;
  return TransferOf(firm, to_trading, SomeOf(random, to_trading ? model.FreeRegistry(firm) : model.FreeTrading(firm)));
}

SimulatedRequest Surrender(std::mt19937_64& random, const MarketModel& model) {
  const int firm = static_cast<int>(Between(random, 0, kFirms - 1));
  const int64_t units = SomeOf(random, model.FreeRegistry(firm) / 10);
  v1::RetireUnitsRequest request;
  request.set_from_lot(LotName(firm, "registry"));
  request.set_quantity(units);
  request.set_obligation_year(2025);
  return Make("Ledger/SurrenderUnits", Trader(firm), request, [=](MarketModel& m, uint64_t, int32_t) { return m.Surrender(firm, units); });
}

struct RandomOrder {
  int firm, contract;
  bool buy, post_only;
  int64_t price, quantity;
  ModelTif tif;
};

RandomOrder AnOrder(std::mt19937_64& random) {
  RandomOrder order;
  order.firm = static_cast<int>(Between(random, 0, kFirms - 1));
  order.contract = static_cast<int>(Between(random, 0, kContracts - 1));
  order.buy = random() % 2 == 0;
  order.price = Between(random, 7980, 8020);
  order.quantity = Between(random, 0, 200);
  order.tif = random() % 5 != 0 ? ModelTif::kDay : random() % 2 == 0 ? ModelTif::kIoc : ModelTif::kFok;
  order.post_only = order.tif == ModelTif::kDay && random() % 6 == 0;
  return order;
}

v1::TimeInForce Tif(ModelTif tif) {
  return tif == ModelTif::kDay ? v1::DAY : tif == ModelTif::kIoc ? v1::IMMEDIATE_OR_CANCEL : v1::FILL_OR_KILL;
}

SimulatedRequest::Effect PlaceEffect(const RandomOrder& order) {
  return [order](MarketModel& model, uint64_t sequence, int32_t date) {
    return model.Place(sequence, date, order.firm, order.contract, order.buy, order.price, order.quantity, order.tif, order.post_only);
  };
}

SimulatedRequest Place(std::mt19937_64& random) {
  const RandomOrder order = AnOrder(random);
  v1::PlaceOrderRequest request;
  request.set_contract("contracts/" + ContractCode(order.contract));
  request.set_account(AccountName(order.firm, "trading"));
  request.set_side(order.buy ? v1::BUY : v1::SELL);
  request.set_price_fen(order.price);
  request.set_quantity(order.quantity);
  request.set_time_in_force(Tif(order.tif));
  request.set_post_only(order.post_only);
  return Make("Exchange/PlaceOrder", Trader(order.firm), request, PlaceEffect(order));
}

// An open order and its owner, or one that does not exist.
std::pair<uint64_t, int> SomeOrder(std::mt19937_64& random, const MarketModel& model) {
  if (model.orders().empty() || random() % 12 == 0) return {999'999'999, 0};
  auto it = model.orders().begin();
  std::advance(it, static_cast<int64_t>(random() % model.orders().size()));
  return {it->first, it->second.firm};
}

SimulatedRequest CancelOrReplace(std::mt19937_64& random, const MarketModel& model, bool cancel) {
  const auto [number, firm] = SomeOrder(random, model);
  const uint64_t order = number;
  const int owner = firm;
  if (cancel) {
    v1::CancelOrderRequest request;
    request.set_name("orders/" + std::to_string(order));
    return Make("Exchange/CancelOrder", Trader(owner), request,
                [=](MarketModel& m, uint64_t, int32_t date) { return m.Cancel(date, owner, order); });
  }
  const int64_t price = Between(random, 7980, 8020);
  const int64_t quantity = Between(random, 0, 200);
  v1::ReplaceOrderRequest request;
  request.set_name("orders/" + std::to_string(order));
  request.set_price_fen(price);
  request.set_quantity(quantity);
  return Make("Exchange/ReplaceOrder", Trader(owner), request, [=](MarketModel& m, uint64_t sequence, int32_t date) {
    return m.Replace(sequence, date, owner, order, price, quantity);
  });
}

// A batch of one firm; its number within the stream is filled in by the client.
SimulatedRequest Batch(std::mt19937_64& random, const api::State& state, const MarketModel& model) {
  const int firm = static_cast<int>(Between(random, 0, kFirms - 1));
  const ledger::AccountRow* account = state.ledger.accounts().FindById(Firm(firm) + ".trading");
  v1::OrderBatch batch;
  batch.set_stream("s");
  SimulatedRequest made = Make("Exchange/SubmitOrders", Trader(firm), batch);
  auto& commands = static_cast<v1::OrderBatch&>(*made.request);
  const int64_t count = Between(random, 1, 12);
  for (int64_t i = 0; i < count; ++i) {
    v1::OrderCommand& command = *commands.add_commands();
    if (random() % 3 != 0) {
      RandomOrder order = AnOrder(random);
      order.firm = firm;
      command.set_kind(v1::OrderCommand::PLACE);
      command.set_contract(static_cast<uint32_t>(order.contract + 1));
      command.set_account(account->number);
      command.set_side(order.buy ? v1::BUY : v1::SELL);
      command.set_price_fen(order.price);
      command.set_quantity(order.quantity);
      command.set_time_in_force(Tif(order.tif));
      command.set_post_only(order.post_only);
      made.effects.push_back(PlaceEffect(order));
      continue;
    }
    const uint64_t order = SomeOrder(random, model).first;  // often another firm's: then refused as unknown
    command.set_kind(v1::OrderCommand::CANCEL);
    command.set_order(order);
    made.effects.push_back([=](MarketModel& m, uint64_t, int32_t date) { return m.Cancel(date, firm, order); });
  }
  return made;
}

SimulatedRequest OpenSessionRequest(int contract) {
  v1::SessionRequest request;
  request.set_contract("contracts/" + ContractCode(contract));
  return Make("Exchange/OpenSession", "registry", request,
              [=](MarketModel& m, uint64_t, int32_t date) { return m.OpenSession(date, contract); });
}

SimulatedRequest Session(std::mt19937_64& random) {
  const int contract = static_cast<int>(Between(random, 0, kContracts - 1));
  return random() % 4 == 0 ? CloseSessionRequest(contract) : OpenSessionRequest(contract);
}

std::string PledgeName(uint64_t pledge) { return "pledges/" + std::to_string(pledge); }

// 0, a firm that has nothing to do with it, where there is no such pledge.
int PledgorOf(const MarketModel& model, uint64_t pledge) {
  const auto found = model.pledges().find(pledge);
  return found == model.pledges().end() ? 0 : found->second.firm;
}

int64_t UnitsOf(const MarketModel& model, uint64_t pledge) {
  const auto found = model.pledges().find(pledge);
  return found == model.pledges().end() ? 100 : found->second.units;
}

// One of the last pledges, so that some come to be active, and more; or any.
uint64_t SomePledge(std::mt19937_64& random, const MarketModel& model) {
  const auto last = static_cast<int64_t>(model.pledges().size());
  return static_cast<uint64_t>(Between(random, random() % 8 == 0 ? 1 : std::max<int64_t>(1, last - 3), last));
}

// Mostly one of which the state is right.
uint64_t SomePledgeIn(std::mt19937_64& random, const MarketModel& model, int state) {
  const uint64_t some = SomePledge(random, model);
  const uint64_t drawn = random();
  const uint64_t right = model.PledgeIn(state, drawn);
  return random() % 6 == 0 || right == 0 ? some : right;
}

// The pledgor, or anybody.
int SomeFirm(std::mt19937_64& random, int right) {
  const int any = static_cast<int>(Between(random, 0, kFirms - 1));
  return random() % 6 == 0 ? any : right;
}

// A consent to surrender or sell what is pledged, or the use of one to surrender, also by others and for more.
SimulatedRequest Consented(std::mt19937_64& random, const MarketModel& model) {
  ModelConsent consent;
  consent.pledge = SomePledgeIn(random, model, 5);
  consent.units = Between(random, 1, 300);
  if (model.consents() == 0 || random() % 3 != 0) {
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
  const auto last = static_cast<int64_t>(model.consents());
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

// Of a listing of pledged units: it is taken, also for more than there is, or withdrawn, also by others.
SimulatedRequest OfListing(std::mt19937_64& random, const MarketModel& model) {
  auto it = model.listings().begin();
  std::advance(it, static_cast<int64_t>(random() % model.listings().size()));
  const uint64_t number = random() % 12 == 0 ? 999'999 : it->first;
  const ModelListing& listing = it->second;
  if (random() % 4 == 0) {
    const bool right = random() % 4 != 0;
    const int firm = SomeFirm(random, listing.firm);
    const int who = listing.by_bank == right ? kModelBank : firm;
    v1::WithdrawListingRequest request;
    request.set_name("listings/" + std::to_string(number));
    return Make("Listings/WithdrawListing", who == kModelBank ? "banker" : Trader(who), request,
                [=](MarketModel& m, uint64_t, int32_t) { return m.WithdrawListing(number, who); });
  }
  const int buyer = static_cast<int>(Between(random, 0, kFirms - 1));
  const int64_t units = Between(random, 0, listing.open + listing.open / 8);
  v1::TakeListingRequest request;
  request.set_listing("listings/" + std::to_string(number));
  request.set_account(AccountName(buyer, "trading"));
  request.set_quantity(units);
  return Make("Listings/TakeListing", Trader(buyer), request, [=](MarketModel& m, uint64_t, int32_t date) { return m.TakeListing(date, number, buyer, units); });
}

// Pledged units are offered, by the bank that enforces or by the pledgor with a consent; or what is on offer is bought or taken back.
SimulatedRequest SaleOfPledged(std::mt19937_64& random, const MarketModel& model) {
  if (!model.listings().empty() && random() % 3 != 0) return OfListing(random, model);
  const bool by_bank = random() % 2 == 0;
  uint64_t pledge = SomePledgeIn(random, model, by_bank ? 8 : 5);
  uint64_t consent = 0;
  if (!by_bank) {
    for (const auto& [number, of] : model.pledges()) {  // the last one that may be sold, now and then another
      if (of.state == 5 && random() % 8 != 0 && model.ConsentToSell(number) != 0) pledge = number;
    }
    consent = model.ConsentToSell(pledge);
    if (consent == 0 || random() % 8 == 0) consent = static_cast<uint64_t>(Between(random, 0, static_cast<int64_t>(model.consents()) + 1));
  }
  const int contract = static_cast<int>(Between(random, 0, kContracts - 1));
  const int64_t price = Between(random, 7980, 8020);
  const int64_t most = UnitsOf(model, pledge);
  const int64_t units = Between(random, 0, std::max<int64_t>(1, random() % 4 == 0 ? most + most / 8 : std::min<int64_t>(most, 200)));
  const int firm = SomeFirm(random, PledgorOf(model, pledge));
  const int who = by_bank ? kModelBank : firm;
  v1::OfferPledgedUnitsRequest request;
  request.set_name(PledgeName(pledge));
  if (consent != 0) request.set_consent("consents/" + std::to_string(consent));
  request.set_contract("contracts/" + ContractCode(contract));
  request.set_quantity(units);
  request.set_price_fen(price);
  request.set_form("LISTING");
  return Make("Pledges/OfferPledgedUnits", by_bank ? "banker" : Trader(who), request,
              [=](MarketModel& m, uint64_t, int32_t date) { return m.OfferPledged(date, pledge, who, consent, contract, price, units); });
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

SimulatedRequest EnforcementOf(uint64_t pledge, const std::string& act, const SimulatedRequest::Effect& effect) {
  if (act == "enforce") {
    v1::EnforcePledgeRequest request;
    request.set_name(PledgeName(pledge));
    request.mutable_enforcement()->set_mode(v1::Enforcement::SALE);
    request.mutable_enforcement()->set_ground(v1::Enforcement::AGREEMENT);
    request.mutable_enforcement()->set_reference("loan-1/7");
    return Make("Pledges/EnforcePledge", "banker", request, effect);
  }
  v1::AbandonEnforcementRequest request;
  request.set_name(PledgeName(pledge));
  request.set_decision("paid otherwise");
  request.set_release(act == "drop");
  return Make("Pledges/AbandonEnforcement", "banker", request, effect);
}

SimulatedRequest Pledge(std::mt19937_64& random, const api::State& state, const MarketModel& model) {
  if (model.pledges().empty() || random() % 10 == 0) return ApplyForPledge(random, model);
  const auto kind = random() % 10;
  if (kind < 2) return Consented(random, model);
  if (kind < 4) return SaleOfPledged(random, model);
  if (kind < 5) return TermsOfPledge(random, state, model);
  struct Act {
    const char* name;
    int state;
  };
  static constexpr Act kActs[] = {{"verify", 1}, {"verify", 1},  {"verify", 1}, {"approve", 2}, {"approve", 2},  {"approve", 2}, {"confirm", 4}, {"confirm", 4},
                                  {"confirm", 4}, {"release", 5}, {"notice", 5}, {"cure", 7},    {"enforce", 7}, {"enforce", 7}, {"abandon", 8}, {"drop", 8},
                                  {"close", 8},  {"close", 8}};
  const Act& drawn = kActs[random() % std::size(kActs)];
  const std::string act = drawn.name;
  const uint64_t number = SomePledgeIn(random, model, drawn.state);
  const std::string name = PledgeName(number);
  // Only the pledgor confirms.
  const int firm = SomeFirm(random, PledgorOf(model, number));
  const SimulatedRequest::Effect effect = [=](MarketModel& m, uint64_t, int32_t date) { return m.ActOnPledge(date, number, act, firm); };
  if (act == "enforce" || act == "abandon" || act == "drop") return EnforcementOf(number, act, effect);
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

SimulatedRequest Court(std::mt19937_64& random, const api::State& state, const MarketModel& model) {
  if (model.freezes() > 0 && random() % 2 == 0) {
    const auto number = static_cast<uint64_t>(Between(random, 1, static_cast<int64_t>(model.freezes())));
    v1::LiftFreezeRequest request;
    request.set_name("freezes/" + std::to_string(number));
    request.set_reason("paid");
    return Make("Ledger/LiftFreeze", "court", request, [=](MarketModel& m, uint64_t, int32_t) { return m.LiftFreeze(number); });
  }
  const int firm = static_cast<int>(Between(random, 0, kFirms - 1));
  const bool trading = random() % 2 == 0;
  const int64_t lot = trading ? model.firm(firm).trading : model.firm(firm).registry;
  const int64_t units = Between(random, 0, lot / 3 + 1);
  v1::FreezeUnitsRequest request;
  request.set_lot(LotName(firm, trading ? "trading" : "registry"));
  request.set_quantity(units);
  request.set_court("Changchun Intermediate People's Court");
  request.set_case_number("(2026) 1");
  const int32_t start = LocalDate(state.engine().last_time).value();
  request.set_start_date(FormatDate(Date(start)));
  request.set_end_date("2027-12-31");
  return Make("Ledger/FreezeUnits", "court", request, [=](MarketModel& m, uint64_t, int32_t date) {
    return date == start ? m.Freeze(firm, trading, units) : ModelOutcome();  // an order binds from the day of its receipt
  });
}

}  // namespace

std::vector<SimulatedRequest> BuildWorld() {
  std::vector<SimulatedRequest> world;
  AddParticipant(&world, "house-1", v1::OPERATOR);
  AddPerson(&world, "registry", "house-1", {v1::REGISTRY_OP, v1::EXCHANGE_OP, v1::SETTLEMENT_OP});
  AddParticipant(&world, "high-court", v1::AUTHORITY);
  AddPerson(&world, "court", "high-court", {v1::COURT_LIAISON}, "220000");
  AddParticipant(&world, Bank(), v1::BANK);
  AddPerson(&world, "banker", Bank(), {v1::BANK_APPROVER});
  v1::LoadProgramRequest program;
  *program.mutable_program() = CarbonProgram();
  world.push_back(Make("Ledger/LoadProgram", "registry", program));
  for (int firm = 0; firm < kFirms; ++firm) {
    AddParticipant(&world, Firm(firm), v1::ENTERPRISE);
    AddPerson(&world, Trader(firm), Firm(firm), {v1::ENT_OPERATOR, v1::ENT_LEGAL_REP});
    for (v1::AccountKind kind : {v1::REGISTRY, v1::TRADING, v1::CASH}) AddAccount(&world, Firm(firm), kind);
  }
  AddAccount(&world, Bank(), v1::CASH);
  AddContracts(&world);
  for (int firm = 0; firm < kFirms; ++firm) {
    world.push_back(IssueTo(firm, 2));
    world.push_back(TransferOf(firm, true, 1));
  }
  return world;
}

MarketModel NewModel() {
  MarketModel model(kFirms);
  for (int contract = 0; contract < kContracts; ++contract) {
    model.contract(contract).fee_bps = kFeeBps[contract];
    model.contract(contract).immediate = contract == 0;
  }
  return model;
}

SimulatedRequest CloseSessionRequest(int contract) {
  v1::SessionRequest request;
  request.set_contract("contracts/" + ContractCode(contract));
  return Make("Exchange/CloseSession", "registry", request, [=](MarketModel& m, uint64_t, int32_t) { return m.CloseSession(contract); });
}

SimulatedRequest SettleDayRequest(int contract) {
  v1::SettleDayRequest request;
  request.set_contract("contracts/" + ContractCode(contract));
  return Make("Trades/SettleDay", "registry", request, [=](MarketModel& m, uint64_t, int32_t date) { return m.SettleDay(date, contract); });
}

SimulatedRequest RandomRequest(std::mt19937_64& random, const api::State& state, const MarketModel& model) {
  const auto roll = random() % 100;
  for (int contract = 0; contract < kContracts; ++contract) {
    if (model.contract(contract).open_on == -1 && roll % 6 == 0) return OpenSessionRequest(contract);
  }
  if (roll < 8) return Cash(random, true);
  if (roll < 11) return Cash(random, false);
  if (roll < 18) {
    const int firm = static_cast<int>(Between(random, 0, kFirms - 1));  // drawn one after the other: which argument comes first is the compiler's choice
    return IssueTo(firm, Between(random, 0, 3000));
  }
  if (roll < 28) return Transfer(random, model);
  if (roll < 30) return Surrender(random, model);
  if (roll < 45) return Place(random);
  if (roll < 52) return CancelOrReplace(random, model, true);
  if (roll < 58) return CancelOrReplace(random, model, false);
  if (roll < 67) return Batch(random, state, model);
  if (roll < 72) return Session(random);
  if (roll < 75) return SettleDayRequest(static_cast<int>(random() % kContracts));
  if (roll < 97) return Pledge(random, state, model);
  return Court(random, state, model);
}

std::string Compare(const api::State& state, const MarketModel& model, Date today) {
  std::string differences;
  const auto expect = [&](const std::string& what, int64_t real, int64_t expected) {
    if (real != expected) differences += what + ": " + std::to_string(real) + ", the model says " + std::to_string(expected) + "\n";
  };
  for (int i = 0; i < kFirms; ++i) {
    const std::string name = "firm " + std::to_string(i) + " ";
    const ModelFirm& firm = model.firm(i);
    const ledger::AccountRow* account = state.ledger.accounts().FindById(Firm(i) + ".cash");
    const ledger::CashRow& cash = *state.ledger.accounts().FindCash(account->number);
    expect(name + "cash", cash.posted.value(), firm.cash);
    expect(name + "cash held by orders", cash.held_orders.value(), firm.cash_orders);
    expect(name + "cash held by trades", cash.held_trades.value(), firm.cash_trades);
    if (const ledger::LotRow* lot = LotOf(state, i, "registry")) {
      expect(name + "registry", lot->quantity.value(), firm.registry);
      expect(name + "registry provisional", lot->Held(ledger::HoldKind::kProvisionalPledge).value(), firm.registry_provisional);
      expect(name + "registry pledged", lot->Held(ledger::HoldKind::kPledge).value(), firm.registry_pledged);
      expect(name + "registry held by orders", lot->Held(ledger::HoldKind::kOrder).value(), firm.registry_orders);
      expect(name + "registry held by trades", lot->Held(ledger::HoldKind::kTrade).value(), firm.registry_trades);
      expect(name + "registry free", lot->Available(today).value(), model.FreeRegistry(i));
      expect(name + "registry serials", lot->blocks.total().value(), firm.registry);
    }
    if (const ledger::LotRow* lot = LotOf(state, i, "trading")) {
      expect(name + "trading", lot->quantity.value(), firm.trading);
      expect(name + "trading held by orders", lot->Held(ledger::HoldKind::kOrder).value(), firm.trading_orders);
      expect(name + "trading held by trades", lot->Held(ledger::HoldKind::kTrade).value(), firm.trading_trades);
      expect(name + "trading free", lot->Available(today).value(), model.FreeTrading(i));
      expect(name + "trading serials", lot->blocks.total().value(), firm.trading);
    }
  }
  const ledger::AccountNumber fees = state.ledger.accounts().House(v1::FEES, "");
  expect("fees", state.ledger.accounts().FindCash(fees)->posted.value(), model.fees());
  expect("the bank's cash", state.ledger.accounts().FindCash(state.ledger.accounts().FindById(Bank() + ".cash")->number)->posted.value(), model.bank_cash());
  expect("escrow", state.ledger.accounts().FindCash(state.ledger.accounts().House(v1::ESCROW, ""))->posted.value(), model.escrow());
  for (const auto& [number, pledge] : model.pledges()) {
    const std::string name = "pledge " + std::to_string(number) + " ";
    const ledger::PledgeRow* real = state.pledges.FindPledge(number);
    expect(name + "state", real == nullptr ? -1 : real->state, pledge.state);
    if (real == nullptr) continue;
    expect(name + "units", real->Total().value(), pledge.units);
    expect(name + "on offer", real->parts.front().offered.value(), pledge.offered);
    expect(name + "owed", real->Owed().value(), pledge.Owed());
    expect(name + "in escrow", real->deposited.value(), pledge.deposited);
  }
  for (const auto& [number, order] : model.orders()) {
    const exchange::OrderRow* real = state.exchange.FindOrder(number);
    expect("order " + std::to_string(number) + " open", real == nullptr ? -1 : real->open.value(), order.open);
  }
  const ledger::InstrumentClassRow* instrument_class = state.ledger.programs().FindClassOf("cea", "CO2E", "CN", "ALL", "");
  if (instrument_class != nullptr) {
    if (const ledger::InstrumentRow* row = state.ledger.programs().FindInstrument(instrument_class->id, kVintage)) {
      int64_t held = 0, surrendered = 0;
      for (int i = 0; i < kFirms; ++i) {
        held += model.firm(i).registry + model.firm(i).trading;
        surrendered += model.firm(i).surrendered;
      }
      expect("issued", row->issued.value(), model.issued());
      expect("held", row->held.value(), held);
      expect("surrendered", row->surrendered.value(), surrendered);
    }
  }
  return differences;
}

}  // namespace songhua::simulations
