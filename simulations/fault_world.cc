#include "simulations/fault_world.h"

#include <algorithm>
#include <iterator>

#include "ledger/names.h"
#include "simulations/fault_names.h"
#include "simulations/fault_people.h"
#include "simulations/fault_pledge_sales.h"
#include "simulations/fault_pledges.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/participants.pb.h"
#include "songhua/v1/trades.pb.h"

namespace songhua::simulations {
namespace {

constexpr int32_t kVintage = 2026;
// A region: the officers of the province look at trades of its contracts.
constexpr char kZone[] = "220000";
constexpr int64_t kFeeBps[kModelContracts] = {7, 0, 5};
constexpr v1::Settlement kSettlements[kModelContracts] = {v1::IMMEDIATE, v1::END_OF_DAY, v1::VERIFIED};

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
  program.add_control_zones(kZone);
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
  for (int contract = 0; contract < kModelContracts; ++contract) {
    v1::LoadRulebookRequest rulebook;
    rulebook.mutable_rulebook()->set_name("rulebooks/r" + std::to_string(contract));
    rulebook.mutable_rulebook()->set_settlement(kSettlements[contract]);
    rulebook.mutable_rulebook()->set_quantity_min(1);
    rulebook.mutable_rulebook()->set_quantity_max(1'000'000);
    rulebook.mutable_rulebook()->set_fee_bps(static_cast<int32_t>(kFeeBps[contract]));
    rulebook.mutable_rulebook()->set_same_day_resale(true);
    for (const v1::Trade::Form form : {v1::Trade::LISTING, v1::Trade::E_AUCTION, v1::Trade::SEALED_AUCTION}) rulebook.mutable_rulebook()->add_forms(form);
    if (kSettlements[contract] == v1::VERIFIED) rulebook.mutable_rulebook()->add_forms(v1::Trade::AGREEMENT);
    rulebook.mutable_rulebook()->set_offer_days_max(kModelOfferDays);
    world->push_back(Make("Exchange/LoadRulebook", "registry", rulebook));
    v1::CreateContractRequest request;
    v1::Contract& created = *request.mutable_contract();
    created.set_name("contracts/" + ContractCode(contract));
    created.set_program("programs/cea");
    created.set_pollutant("CO2E");
    created.set_control_zone(kZone);
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
  request.set_control_zone(kZone);
  request.set_trading_group("ALL");
  request.set_vintage(kVintage);
  request.set_quantity(units);
  request.set_to_account(AccountName(firm, "registry"));
  return Make("Ledger/IssueUnits", "registry", request, [=](MarketModel& model, uint64_t, int32_t) { return model.Issue(firm, units); });
}

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

const ledger::LotRow* LotOf(const api::State& state, int firm, std::string_view kind) {
  const ledger::AccountRow* account = state.ledger.accounts().FindById(Firm(firm) + "." + std::string(kind));
  const ledger::InstrumentClassRow* instrument = state.ledger.programs().FindClassOf("cea", "CO2E", kZone, "ALL", "");
  return account == nullptr || instrument == nullptr ? nullptr : state.ledger.lots().SerialLot(account->number, instrument->id, kVintage);
}

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
  for (int contract = 0; contract < kModelContracts; ++contract) {
    model.contract(contract).fee_bps = kFeeBps[contract];
    model.contract(contract).immediate = kSettlements[contract] == v1::IMMEDIATE;
    model.contract(contract).verified = kSettlements[contract] == v1::VERIFIED;
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
  // What is announced and offered is worth an answer before its time is over.
  if (SalesAreUnderWay(state, model) && random() % 3 == 0) return SaleUnderWay(random, state, model);
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
  if (roll < 97) return PledgeRequest(random, state, model);
  return Court(random, state, model);
}

namespace {

// Looked at after every command: words are made of differences alone.
class MarketComparison {
 public:
  void Expect(std::string_view of, uint64_t number, std::string_view what, int64_t real, int64_t expected) {
    if (real == expected) return;
    differences += std::string(of) + " " + std::to_string(number) + " " + std::string(what) + ": " + std::to_string(real) + ", the model says " +
                   std::to_string(expected) + "\n";
  }
  void Expect(std::string_view what, int64_t real, int64_t expected) {
    if (real != expected) differences += std::string(what) + ": " + std::to_string(real) + ", the model says " + std::to_string(expected) + "\n";
  }
  std::string differences;
};

void CompareFirm(const api::State& state, const MarketModel& model, int i, Date today, MarketComparison* comparison) {
  const auto expect = [&](std::string_view what, Quantity real, int64_t expected) {
    comparison->Expect("firm", static_cast<uint64_t>(i), what, real.value(), expected);
  };
  const auto expect_cash = [&](std::string_view what, Money real, int64_t expected) {
    comparison->Expect("firm", static_cast<uint64_t>(i), what, real.value(), expected);
  };
  const ModelFirm& firm = model.firm(i);
  const ledger::AccountRow* account = state.ledger.accounts().FindById(Firm(i) + ".cash");
  const ledger::CashRow& cash = *state.ledger.accounts().FindCash(account->number);
  expect_cash("cash", cash.posted, firm.cash);
  expect_cash("cash held by orders", cash.held_orders, firm.cash_orders);
  expect_cash("cash held by trades", cash.held_trades, firm.cash_trades);
  if (const ledger::LotRow* lot = LotOf(state, i, "registry")) {
    expect("registry", lot->quantity, firm.registry);
    expect("registry provisional", lot->Held(ledger::HoldKind::kProvisionalPledge), firm.registry_provisional);
    expect("registry pledged", lot->Held(ledger::HoldKind::kPledge), firm.registry_pledged);
    expect("registry held by orders", lot->Held(ledger::HoldKind::kOrder), firm.registry_orders);
    expect("registry held by trades", lot->Held(ledger::HoldKind::kTrade), firm.registry_trades);
    expect("registry free", lot->Available(today), model.FreeRegistry(i));
    expect("registry serials", lot->blocks.total(), firm.registry);
  }
  if (const ledger::LotRow* lot = LotOf(state, i, "trading")) {
    expect("trading", lot->quantity, firm.trading);
    expect("trading held by orders", lot->Held(ledger::HoldKind::kOrder), firm.trading_orders);
    expect("trading held by trades", lot->Held(ledger::HoldKind::kTrade), firm.trading_trades);
    expect("trading free", lot->Available(today), model.FreeTrading(i));
    expect("trading serials", lot->blocks.total(), firm.trading);
  }
}

void ComparePledges(const api::State& state, const MarketModel& model, MarketComparison* comparison) {
  for (const auto& [number, pledge] : model.pledges()) {
    const ledger::PledgeRow* real = state.pledges.FindPledge(number);
    comparison->Expect("pledge", number, "state", real == nullptr ? -1 : real->state, pledge.state);
    if (real == nullptr) continue;
    comparison->Expect("pledge", number, "units", real->Total().value(), pledge.units);
    comparison->Expect("pledge", number, "on offer", real->parts.front().offered.value(), pledge.offered);
    comparison->Expect("pledge", number, "owed", real->Owed().value(), pledge.Owed());
    comparison->Expect("pledge", number, "paid", real->paid.value(), pledge.paid);
    comparison->Expect("pledge", number, "in escrow", real->deposited.value(), pledge.deposited);
  }
}

// An auction that is ANNOUNCED may be OPEN, too: that is a matter of the time.
v1::Auction::State StateOf(const ModelAuction& auction) {
  switch (auction.state) {
    case ModelAuction::State::kDraft: return v1::Auction::DRAFT;
    case ModelAuction::State::kAnnounced: return v1::Auction::ANNOUNCED;
    case ModelAuction::State::kClosed: return v1::Auction::CLOSED;
  }
  return v1::Auction::STATE_UNSPECIFIED;
}

v1::TradeState StateOf(const ModelVerified& trade) {
  switch (trade.state) {
    case ModelVerified::State::kAgreed: return v1::AGREED;
    case ModelVerified::State::kVerified: return v1::TRADE_VERIFIED;
    case ModelVerified::State::kPaid: return v1::PAID;
  }
  return v1::TRADE_STATE_UNSPECIFIED;
}

void CompareSales(const api::State& state, const MarketModel& model, MarketComparison* comparison) {
  comparison->Expect("the next auction", static_cast<int64_t>(state.counters.Peek("auctions")), static_cast<int64_t>(model.auctions_made()) + 1);
  comparison->Expect("the next negotiation", static_cast<int64_t>(state.counters.Peek("negotiations")), static_cast<int64_t>(model.negotiations_made()) + 1);
  for (const auto& [number, auction] : model.auctions()) {
    const exchange::AuctionRow* real = state.auctions.Find(number);
    comparison->Expect("auction", number, "state", real == nullptr ? -1 : real->state, StateOf(auction));
    if (real == nullptr) continue;
    comparison->Expect("auction", number, "pledge", static_cast<int64_t>(real->pledge.number), static_cast<int64_t>(auction.pledge));
    comparison->Expect("auction", number, "close", real->close_time.value(), auction.notice.close);
    comparison->Expect("auction", number, "best price", real->best_price.value(), auction.best_price);
    if (auction.sealed) comparison->Expect("auction", number, "bids", real->bids, static_cast<int64_t>(auction.bids.size()));
  }
  for (const auto& [number, negotiation] : model.negotiations()) {
    const exchange::NegotiationRow* real = state.negotiations.Find(number);
    comparison->Expect("negotiation", number, "state", real == nullptr ? -1 : real->state, v1::Negotiation::OPEN);
    if (real == nullptr) continue;
    comparison->Expect("negotiation", number, "pledge", static_cast<int64_t>(real->pledge.number), static_cast<int64_t>(negotiation.pledge));
    comparison->Expect("negotiation", number, "offer", real->offer, negotiation.offer);
    comparison->Expect("negotiation", number, "price", real->price.value(), negotiation.price);
    comparison->Expect("negotiation", number, "units", real->quantity.value(), negotiation.units);
  }
  for (const auto& [number, trade] : model.verified()) {
    const exchange::TradeRow* real = state.exchange.FindTrade(number);
    comparison->Expect("trade", number, "state", real == nullptr ? -1 : real->state, StateOf(trade));
  }
}

}  // namespace

std::string Compare(const api::State& state, const MarketModel& model, Date today) {
  MarketComparison comparison;
  for (int i = 0; i < kFirms; ++i) CompareFirm(state, model, i, today, &comparison);
  const auto cash_of = [&](ledger::AccountNumber account) { return state.ledger.accounts().FindCash(account)->posted.value(); };
  comparison.Expect("fees", cash_of(state.ledger.accounts().House(v1::FEES, "")), model.fees());
  comparison.Expect("the bank's cash", cash_of(state.ledger.accounts().FindById(Bank() + ".cash")->number), model.bank_cash());
  comparison.Expect("escrow", cash_of(state.ledger.accounts().House(v1::ESCROW, "")), model.escrow());
  ComparePledges(state, model, &comparison);
  CompareSales(state, model, &comparison);
  for (const auto& [number, order] : model.orders()) {
    const exchange::OrderRow* real = state.exchange.FindOrder(number);
    comparison.Expect("order", number, "open", real == nullptr ? -1 : real->open.value(), order.open);
  }
  const ledger::InstrumentClassRow* instrument_class = state.ledger.programs().FindClassOf("cea", "CO2E", kZone, "ALL", "");
  if (instrument_class != nullptr) {
    if (const ledger::InstrumentRow* row = state.ledger.programs().FindInstrument(instrument_class->id, kVintage)) {
      int64_t held = 0, surrendered = 0;
      for (int i = 0; i < kFirms; ++i) {
        held += model.firm(i).registry + model.firm(i).trading;
        surrendered += model.firm(i).surrendered;
      }
      comparison.Expect("issued", row->issued.value(), model.issued());
      comparison.Expect("held", row->held.value(), held);
      comparison.Expect("surrendered", row->surrendered.value(), surrendered);
    }
  }
  return comparison.differences;
}

}  // namespace songhua::simulations
