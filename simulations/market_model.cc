#include "simulations/market_model.h"

#include <algorithm>

namespace songhua::simulations {
namespace {

ModelOutcome Refused() { return {}; }
ModelOutcome Done() { return {true, 0, 0}; }

int64_t HeldOfRegistry(const ModelFirm& f) { return f.registry_provisional + f.registry_pledged + f.registry_orders + f.registry_trades; }

}  // namespace

int64_t MarketModel::Frozen(int firm, bool trading) const {
  const ModelFirm& f = firms_[static_cast<size_t>(firm)];
  const int64_t lot = trading ? f.trading : f.registry;
  int64_t ordered = 0;
  for (const auto& [number, freeze] : freezes_) {
    if (freeze.firm == firm && freeze.trading == trading) ordered += std::min(freeze.quantity, lot);
  }
  return std::min(ordered, lot - (trading ? f.trading_trades : f.registry_trades));
}

int64_t MarketModel::FreeTrading(int firm) const {
  const ModelFirm& f = firms_[static_cast<size_t>(firm)];
  return std::max<int64_t>(0, f.trading - f.trading_orders - f.trading_trades - Frozen(firm, true));
}

int64_t MarketModel::FreeRegistry(int firm) const {
  const ModelFirm& f = firms_[static_cast<size_t>(firm)];
  return std::max<int64_t>(0, f.registry - HeldOfRegistry(f) - Frozen(firm, false));
}

int64_t MarketModel::FreeCash(int firm) const {
  const ModelFirm& f = firms_[static_cast<size_t>(firm)];
  return f.cash - f.cash_orders - f.cash_trades;
}

ModelOutcome MarketModel::Deposit(int firm, int64_t fen) {
  if (fen < 1) return Refused();
  firms_[static_cast<size_t>(firm)].cash += fen;
  return Done();
}

ModelOutcome MarketModel::Withdraw(int firm, int64_t fen) {
  if (fen < 1 || fen > FreeCash(firm)) return Refused();
  firms_[static_cast<size_t>(firm)].cash -= fen;
  return Done();
}

ModelOutcome MarketModel::Issue(int firm, int64_t units) {
  if (units < 1) return Refused();
  firms_[static_cast<size_t>(firm)].registry += units;
  issued_ += units;
  return Done();
}

ModelOutcome MarketModel::ToTrading(int firm, int64_t units) {
  if (units < 1 || units > FreeRegistry(firm)) return Refused();
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  f.registry -= units;
  f.trading += units;
  return Done();
}

ModelOutcome MarketModel::ToRegistry(int firm, int64_t units) {
  if (units < 1 || units > FreeTrading(firm)) return Refused();
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  f.trading -= units;
  f.registry += units;
  return Done();
}

ModelOutcome MarketModel::Surrender(int firm, int64_t units) {
  if (units < 1 || units > FreeRegistry(firm)) return Refused();
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  f.registry -= units;
  f.surrendered += units;
  return Done();
}

std::vector<uint64_t> MarketModel::Opposite(int contract, bool buy, int64_t limit) const {
  std::vector<uint64_t> found;
  for (const auto& [number, order] : orders_) {
    if (order.contract == contract && order.buy != buy && (buy ? order.price <= limit : order.price >= limit)) found.push_back(number);
  }
  std::sort(found.begin(), found.end(), [&](uint64_t a, uint64_t b) {
    const ModelOrder &x = orders_.at(a), &y = orders_.at(b);
    if (x.price != y.price) return buy ? x.price < y.price : x.price > y.price;
    return x.priority < y.priority;
  });
  return found;
}

bool MarketModel::BookRefuses(int contract, int firm, bool buy, int64_t price, int64_t quantity, ModelTif tif, bool post_only) const {
  int64_t reach = 0;
  bool crosses = false;
  for (uint64_t number : Opposite(contract, buy, price)) {
    if (reach >= quantity) break;
    const ModelOrder& order = orders_.at(number);
    crosses = true;
    if (order.firm == firm) return true;
    reach += order.open;
  }
  if (post_only && crosses) return true;
  return tif == ModelTif::kFok && reach < quantity;
}

int64_t MarketModel::HoldFor(const ModelOrder& order, int64_t price, int64_t open) const {
  const int64_t amount = price * open;
  return amount + Fee(order.traded + amount, contracts_[order.contract].fee_bps) - order.fee_charged;
}

ModelOutcome MarketModel::Place(uint64_t sequence, int32_t date, int firm, int contract, bool buy, int64_t price, int64_t quantity, ModelTif tif,
                                bool post_only) {
  trade_date_ = date;
  if (contracts_[contract].open_on != date || price < 1 || quantity < 1 || quantity > 1'000'000) return Refused();
  if (BookRefuses(contract, firm, buy, price, quantity, tif, post_only)) return Refused();
  ModelOrder order;
  order.firm = firm;
  order.contract = contract;
  order.buy = buy;
  order.post_only = post_only;
  order.price = price;
  order.open = quantity;
  order.priority = sequence;
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  if (buy) {
    order.held_cash = HoldFor(order, price, quantity);
    if (order.held_cash > FreeCash(firm)) return Refused();
    f.cash_orders += order.held_cash;
  } else {
    if (quantity > FreeTrading(firm)) return Refused();
    f.trading_orders += quantity;
  }
  orders_[sequence] = order;
  Match(sequence);
  ModelOutcome outcome{true, orders_[sequence].filled, orders_[sequence].open};
  if (tif != ModelTif::kDay) outcome.open = 0;
  if (outcome.open == 0) End(sequence);
  return outcome;
}

// The incoming order trades with the best resting ones at their prices.
void MarketModel::Match(uint64_t number) {
  ModelOrder& taker = orders_[number];
  for (uint64_t resting : Opposite(taker.contract, taker.buy, taker.price)) {
    if (taker.open == 0) break;
    ModelOrder& maker = orders_[resting];
    const int64_t quantity = std::min(taker.open, maker.open);
    ModelOrder& buyer = taker.buy ? taker : maker;
    ModelOrder& seller = taker.buy ? maker : taker;
    ModelTrade trade{taker.contract, seller.firm, buyer.firm, quantity, maker.price * quantity, 0, 0, 0};
    for (ModelOrder* order : {&buyer, &seller}) {
      order->open -= quantity;
      order->filled += quantity;
      order->traded += trade.amount;
      const int64_t fee = Fee(order->traded, contracts_[order->contract].fee_bps) - order->fee_charged;
      order->fee_charged += fee;
      (order == &buyer ? trade.buyer_fee : trade.seller_fee) = fee;
    }
    ModelFirm& bought = firms_[static_cast<size_t>(buyer.firm)];
    ModelFirm& sold = firms_[static_cast<size_t>(seller.firm)];
    const int64_t hold = HoldFor(buyer, buyer.price, buyer.open);
    bought.cash_orders -= buyer.held_cash - hold;
    buyer.held_cash = hold;
    bought.cash_trades += trade.amount + trade.buyer_fee;
    sold.trading_orders -= quantity;
    sold.trading_trades += quantity;
    if (contracts_[taker.contract].immediate) {
      Settle(trade);
    } else {
      waiting_.emplace_back(trade_date_, trade);
    }
    if (maker.open == 0) End(resting);
  }
}

void MarketModel::Settle(const ModelTrade& trade) {
  ModelFirm& buyer = firms_[static_cast<size_t>(trade.buyer)];
  ModelFirm& seller = firms_[static_cast<size_t>(trade.seller)];
  buyer.cash_trades -= trade.amount + trade.buyer_fee;
  buyer.cash -= trade.amount + trade.buyer_fee;
  seller.cash += trade.amount - trade.seller_fee;
  fees_ += trade.buyer_fee + trade.seller_fee;
  if (trade.pledge != 0) return SettleListing(trade);
  seller.trading_trades -= trade.quantity;
  seller.trading -= trade.quantity;
  buyer.trading += trade.quantity;
}

void MarketModel::End(uint64_t number) {
  const ModelOrder& order = orders_[number];
  ModelFirm& f = firms_[static_cast<size_t>(order.firm)];
  if (order.buy) {
    f.cash_orders -= order.held_cash;
  } else {
    f.trading_orders -= order.open;
  }
  orders_.erase(number);
}

ModelOutcome MarketModel::Cancel(int32_t date, int firm, uint64_t order) {
  auto it = orders_.find(order);
  if (it == orders_.end() || it->second.firm != firm || contracts_[it->second.contract].open_on != date) return Refused();
  const int64_t filled = it->second.filled;
  End(order);
  return {true, filled, 0};
}

ModelOutcome MarketModel::Replace(uint64_t sequence, int32_t date, int firm, uint64_t number, int64_t price, int64_t quantity) {
  trade_date_ = date;
  auto it = orders_.find(number);
  if (it == orders_.end() || it->second.firm != firm) return Refused();
  ModelOrder& order = it->second;
  if (contracts_[order.contract].open_on != date || price < 1 || quantity < 1 || quantity > 1'000'000) return Refused();
  const bool keeps = price == order.price && quantity <= order.open;
  if (!keeps && BookRefuses(order.contract, firm, order.buy, price, quantity, ModelTif::kDay, order.post_only)) return Refused();
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  if (order.buy) {
    const int64_t hold = HoldFor(order, price, quantity);
    if (hold > order.held_cash && hold - order.held_cash > FreeCash(firm)) return Refused();
    f.cash_orders += hold - order.held_cash;
    order.held_cash = hold;
  } else {
    if (quantity > order.open && quantity - order.open > FreeTrading(firm)) return Refused();
    f.trading_orders += quantity - order.open;
  }
  order.price = price;
  order.open = quantity;
  if (!keeps) {
    order.priority = sequence;
    Match(number);
  }
  ModelOutcome outcome{true, order.filled, order.open};
  if (outcome.open == 0) End(number);
  return outcome;
}

ModelOutcome MarketModel::OpenSession(int32_t date, int contract) {
  ModelContract& c = contracts_[contract];
  if (c.open_on != -1) return Refused();
  c.open_on = date;
  return Done();
}

ModelOutcome MarketModel::CloseSession(int contract) {
  ModelContract& c = contracts_[contract];
  if (c.open_on == -1) return Refused();
  c.open_on = -1;
  std::vector<uint64_t> ended;
  for (const auto& [number, order] : orders_) {
    if (order.contract == contract) ended.push_back(number);
  }
  for (uint64_t number : ended) End(number);
  return Done();
}

void MarketModel::CloseStaleSessions(int32_t date) {
  for (int contract : {0, 1}) {
    if (contracts_[contract].open_on != -1 && contracts_[contract].open_on < date) CloseSession(contract);
  }
}

ModelOutcome MarketModel::SettleDay(int32_t date, int contract) {
  const bool in_session = contracts_[contract].open_on == date;
  bool due = false;
  std::vector<std::pair<int32_t, ModelTrade>> rest;
  for (const auto& [traded_on, trade] : waiting_) {
    if (trade.contract != contract || (in_session && traded_on >= date)) {
      rest.emplace_back(traded_on, trade);
      continue;
    }
    due = true;
    Settle(trade);
  }
  if (in_session && !due) return Refused();
  waiting_ = std::move(rest);
  return Done();
}

// ---- Pledges ----

int64_t ModelPledge::Owed() const { return reported ? owed_principal + owed_interest : principal - std::min(principal, paid); }

ModelPledge* MarketModel::FindPledge(uint64_t pledge, int state) {
  const auto it = pledges_.find(pledge);
  return it == pledges_.end() || it->second.state != state ? nullptr : &it->second;
}

ModelOutcome MarketModel::ApplyPledge(int32_t date, int firm, int64_t units) {
  if (units < 1 || units > FreeRegistry(firm)) return Refused();
  ModelPledge& pledge = pledges_[pledges_.size() + 1];
  pledge.firm = firm;
  pledge.units = units;
  pledge.applied_on = date;
  return Done();
}

ModelOutcome MarketModel::ActOnPledge(int32_t date, uint64_t number, const std::string& act, int who) {
  auto it = pledges_.find(number);
  if (it == pledges_.end()) return Refused();
  ModelPledge& pledge = it->second;
  ModelFirm& f = firms_[static_cast<size_t>(pledge.firm)];
  const bool on_offer = pledge.offered > 0;
  if (act == "verify" && pledge.state == 1) {
    if (pledge.units > FreeRegistry(pledge.firm)) return Refused();
    f.registry_provisional += pledge.units;
    pledge.state = 2;
  } else if (act == "approve" && pledge.state == 2) {
    pledge.principal = kModelPrincipal;
    pledge.state = 4;
  } else if (act == "confirm" && pledge.state == 4 && pledge.firm == who) {
    if (PledgesFrozen(pledge.firm)) return Refused();
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
  } else if (act == "enforce" && pledge.state == 7 && date > pledge.cure_last) {
    // What was kept pays the loan.
    const int64_t kept = pledge.deposited;
    pledge.deposited = 0;
    escrow_ -= kept;
    f.cash += kept - PayOff(pledge, kept);
    pledge.state = 8;
  } else if (act == "abandon" && pledge.state == 8 && !on_offer) {
    pledge.state = 5;
  } else if (act == "drop" && pledge.state == 8 && !on_offer) {
    f.registry_pledged -= pledge.units;
    pledge.state = 6;
  } else if (act == "close" && pledge.state == 8 && !on_offer && (pledge.units == 0 || pledge.Owed() == 0)) {
    f.registry_pledged -= pledge.units;
    pledge.state = 9;
  } else {
    return Refused();
  }
  return Done();
}

bool MarketModel::PledgesFrozen(int firm) const {
  const ModelFirm& f = firms_[static_cast<size_t>(firm)];
  return Frozen(firm, false) > f.registry - HeldOfRegistry(f);
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
  if (pledge == nullptr || consent.units < 1 || consent.units > pledge->units) return Refused();
  consents_.push_back(consent);
  return Done();
}

ModelOutcome MarketModel::SurrenderPledged(uint64_t number, int firm, int64_t units) {
  if (number < 1 || number > consents_.size()) return Refused();
  ModelConsent& consent = consents_[number - 1];
  ModelPledge* pledge = FindPledge(consent.pledge, 5);
  if (pledge == nullptr || pledge->firm != firm || consent.used || consent.to_sell) return Refused();
  if (units < 1 || units > std::min(consent.units, pledge->units - pledge->offered) || PledgesFrozen(firm)) return Refused();
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  f.registry -= units;
  f.registry_pledged -= units;
  f.surrendered += units;
  consent.used = true;
  pledge->units -= units;
  if (pledge->units == 0 && pledge->deposited == 0) pledge->state = 6;
  return Done();
}

ModelOutcome MarketModel::AddPledgedUnits(uint64_t number, int who, int64_t units) {
  ModelPledge* pledge = FindPledge(number, 5);
  if (pledge == nullptr || pledge->firm != who || units < 1 || units > FreeRegistry(who)) return Refused();
  pledge->units += units;
  firms_[static_cast<size_t>(who)].registry_pledged += units;
  return Done();
}

ModelOutcome MarketModel::ReleasePart(uint64_t number, int64_t units) {
  ModelPledge* pledge = FindPledge(number, 5);
  if (pledge == nullptr || units < 1 || units > std::min(pledge->units - pledge->offered, pledge->units - 1)) return Refused();
  if (pledge->Owed() > kModelPrincipalMax) return Refused();  // what is left does not carry it
  pledge->units -= units;
  firms_[static_cast<size_t>(pledge->firm)].registry_pledged -= units;
  return Done();
}

ModelOutcome MarketModel::ProposeAmendment(uint64_t number, int64_t principal) {
  ModelPledge* pledge = FindPledge(number, 5);
  if (pledge == nullptr || (principal > pledge->principal && pledge->units == 0)) return Refused();
  pledge->proposed = true;
  pledge->proposed_principal = principal;
  return Done();
}

ModelOutcome MarketModel::AgreeAmendment(uint64_t number, int who) {
  ModelPledge* pledge = FindPledge(number, 5);
  if (pledge == nullptr || pledge->firm != who || !pledge->proposed) return Refused();
  const int64_t raise = pledge->proposed_principal - pledge->principal;
  if (raise > 0 && pledge->units == 0) return Refused();
  if (raise > 0 && pledge->reported) pledge->owed_principal += raise;
  if (pledge->proposed_principal > 0) pledge->principal = pledge->proposed_principal;
  pledge->proposed = false;
  return Done();
}

ModelOutcome MarketModel::EndAmendment(uint64_t number, int who) {
  ModelPledge* pledge = FindPledge(number, 5);
  if (pledge == nullptr || (who != kModelBank && who != pledge->firm) || !pledge->proposed) return Refused();
  pledge->proposed = false;
  return Done();
}

ModelOutcome MarketModel::ReportBalance(int32_t date, uint64_t number, int64_t principal, int64_t interest, int32_t on) {
  const auto it = pledges_.find(number);
  if (it == pledges_.end()) return Refused();
  ModelPledge& pledge = it->second;
  if ((pledge.state != 5 && pledge.state != 7 && pledge.state != 8) || principal < 0 || principal > pledge.principal) return Refused();
  if (on < pledge.applied_on || on < pledge.reported_on || on > date) return Refused();
  pledge.reported = true;
  pledge.reported_on = on;
  pledge.owed_principal = principal;
  pledge.owed_interest = interest;
  return Done();
}

// ---- Sales of pledged units ----

ModelOutcome MarketModel::OfferPledged(int32_t date, uint64_t number, int who, uint64_t consent, int contract, int64_t price, int64_t units) {
  const bool by_bank = who == kModelBank;
  ModelPledge* pledge = FindPledge(number, by_bank ? 8 : 5);
  if (pledge == nullptr || (!by_bank && who != pledge->firm) || pledge->offered > 0 || units < 1 || units > pledge->units) return Refused();
  ModelConsent* used = consent < 1 || consent > consents_.size() ? nullptr : &consents_[consent - 1];
  if (by_bank != (consent == 0) || PledgesFrozen(pledge->firm)) return Refused();
  if (!by_bank && (used == nullptr || used->used || !used->to_sell || used->pledge != number || units > used->units || price < used->price_min)) return Refused();
  if (used != nullptr) used->used = true;
  pledge->offered = units;
  pledge->keeps = used != nullptr && used->deposit;
  ModelFirm& f = firms_[static_cast<size_t>(pledge->firm)];
  f.registry_pledged -= units;
  f.registry_orders += units;
  ModelListing& listing = listings_[++listings_made_];
  listing.pledge = number;
  listing.by_bank = by_bank;
  listing.firm = pledge->firm;
  listing.contract = contract;
  listing.price = price;
  listing.open = units;
  listing.last = date + kModelOfferDays - 1;
  return Done();
}

ModelOutcome MarketModel::TakeListing(int32_t date, uint64_t number, int buyer, int64_t units) {
  const auto it = listings_.find(number);
  if (it == listings_.end() || units < 1 || units > it->second.open || buyer == it->second.firm) return Refused();
  ModelListing& listing = it->second;
  const ModelContract& contract = contracts_[listing.contract];
  ModelTrade trade{listing.contract, listing.firm, buyer, units, listing.price * units, 0, 0, listing.pledge};
  trade.buyer_fee = Fee(trade.amount, contract.fee_bps);
  const int64_t cost = trade.amount + trade.buyer_fee;
  if (cost > FreeCash(buyer)) return Refused();
  listing.open -= units;
  listing.traded += trade.amount;
  trade.seller_fee = Fee(listing.traded, contract.fee_bps) - listing.fee_charged;
  listing.fee_charged += trade.seller_fee;
  ModelFirm& seller = firms_[static_cast<size_t>(listing.firm)];
  seller.registry_orders -= units;
  seller.registry_trades += units;
  firms_[static_cast<size_t>(buyer)].cash_trades += cost;
  if (listing.open == 0) listings_.erase(it);
  if (contract.immediate) {
    Settle(trade);
  } else {
    waiting_.emplace_back(date, trade);
  }
  return Done();
}

// The money has gone from buyer to seller.
void MarketModel::SettleListing(const ModelTrade& trade) {
  ModelFirm& seller = firms_[static_cast<size_t>(trade.seller)];
  seller.registry_trades -= trade.quantity;
  seller.registry -= trade.quantity;
  firms_[static_cast<size_t>(trade.buyer)].trading += trade.quantity;
  pledged_units_sold_ += trade.quantity;
  ModelPledge& pledge = pledges_.at(trade.pledge);
  pledge.offered -= trade.quantity;
  pledge.units -= trade.quantity;
  Distribute(pledge, trade.amount - trade.seller_fee);
}

int64_t MarketModel::PayOff(ModelPledge& pledge, int64_t amount) {
  const int64_t secured = std::min(amount, pledge.Owed());
  if (pledge.reported) {
    const int64_t interest = std::min(secured, pledge.owed_interest);
    pledge.owed_interest -= interest;
    pledge.owed_principal -= secured - interest;
  }
  pledge.paid += secured;
  bank_cash_ += secured;
  return secured;
}

void MarketModel::Distribute(ModelPledge& pledge, int64_t amount) {
  int64_t secured = 0;
  if (pledge.keeps) {
    secured = std::min(amount, pledge.Owed() - std::min(pledge.deposited, pledge.Owed()));
    pledge.deposited += secured;
    escrow_ += secured;
  } else {
    secured = PayOff(pledge, amount);
  }
  firms_[static_cast<size_t>(pledge.firm)].cash -= secured;
  if (pledge.state == 5 && pledge.units == 0 && pledge.deposited == 0) pledge.state = 6;
}

ModelOutcome MarketModel::WithdrawListing(uint64_t number, int who) {
  const auto it = listings_.find(number);
  if (it == listings_.end() || who != (it->second.by_bank ? kModelBank : it->second.firm)) return Refused();
  EndListing(number);
  return Done();
}

void MarketModel::EndListing(uint64_t number) {
  const ModelListing listing = listings_.at(number);
  ModelFirm& f = firms_[static_cast<size_t>(listing.firm)];
  f.registry_orders -= listing.open;
  f.registry_pledged += listing.open;
  pledges_.at(listing.pledge).offered -= listing.open;
  listings_.erase(number);
}

void MarketModel::EndStaleListings(int32_t date) {
  std::vector<uint64_t> stale;
  for (const auto& [number, listing] : listings_) {
    if (listing.last < date) stale.push_back(number);
  }
  for (const uint64_t number : stale) EndListing(number);
}

ModelOutcome MarketModel::Freeze(int firm, bool trading, int64_t units) {
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  const int64_t lot = trading ? f.trading : f.registry;
  if (units < 1 || units > lot) return Refused();
  freezes_[++freezes_made_] = {firm, trading, units};
  // Orders give way, newest first; what pledged units were on offer is pledged as before.
  if (!trading) {
    const int64_t others = HeldOfRegistry(f) - f.registry_orders;
    int64_t over = f.registry_orders - std::max<int64_t>(0, f.registry - others - Frozen(firm, false));
    while (over > 0) {
      uint64_t newest = 0;
      for (const auto& [number, listing] : listings_) {
        if (listing.firm == firm) newest = number;
      }
      over -= listings_.at(newest).open;
      EndListing(newest);
    }
    return Done();
  }
  while (f.trading_orders > f.trading - f.trading_trades - Frozen(firm, true)) {
    uint64_t newest = 0;
    for (const auto& [number, order] : orders_) {
      if (order.firm == firm && !order.buy) newest = number;
    }
    End(newest);
  }
  return Done();
}

ModelOutcome MarketModel::LiftFreeze(uint64_t freeze) {
  if (freezes_.erase(freeze) == 0) return Refused();
  return Done();
}

}  // namespace songhua::simulations
