#include "simulations/market_model.h"

#include <algorithm>

namespace songhua::simulations {

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
  return std::max<int64_t>(0, f.registry - f.HeldOfRegistry() - Frozen(firm, false));
}

int64_t MarketModel::FreeCash(int firm) const {
  const ModelFirm& f = firms_[static_cast<size_t>(firm)];
  return f.cash - f.cash_orders - f.cash_trades;
}

ModelOutcome MarketModel::Deposit(int firm, int64_t fen) {
  if (fen < 1) return ModelOutcome::Refused();
  firms_[static_cast<size_t>(firm)].cash += fen;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::Withdraw(int firm, int64_t fen) {
  if (fen < 1 || fen > FreeCash(firm)) return ModelOutcome::Refused();
  firms_[static_cast<size_t>(firm)].cash -= fen;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::Issue(int firm, int64_t units) {
  if (units < 1) return ModelOutcome::Refused();
  firms_[static_cast<size_t>(firm)].registry += units;
  issued_ += units;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::ToTrading(int firm, int64_t units) {
  if (units < 1 || units > FreeRegistry(firm)) return ModelOutcome::Refused();
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  f.registry -= units;
  f.trading += units;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::ToRegistry(int firm, int64_t units) {
  if (units < 1 || units > FreeTrading(firm)) return ModelOutcome::Refused();
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  f.trading -= units;
  f.registry += units;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::Surrender(int firm, int64_t units) {
  if (units < 1 || units > FreeRegistry(firm)) return ModelOutcome::Refused();
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  f.registry -= units;
  f.surrendered += units;
  return ModelOutcome::Done();
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
  if (contracts_[contract].open_on != date || price < 1 || quantity < 1 || quantity > 1'000'000) return ModelOutcome::Refused();
  if (BookRefuses(contract, firm, buy, price, quantity, tif, post_only)) return ModelOutcome::Refused();
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
    if (order.held_cash > FreeCash(firm)) return ModelOutcome::Refused();
    f.cash_orders += order.held_cash;
  } else {
    if (quantity > FreeTrading(firm)) return ModelOutcome::Refused();
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
    ModelTrade trade{taker.contract, seller.firm, buyer.firm, quantity, maker.price * quantity, 0, 0, 0, ModelForm::kListing};
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
  ModelFirm& buyer = FirmOf(trade.buyer);
  buyer.cash_trades -= trade.amount + trade.buyer_fee;
  buyer.cash -= trade.amount + trade.buyer_fee;
  Deliver(trade);
}

void MarketModel::Deliver(const ModelTrade& trade) {
  ModelFirm& seller = FirmOf(trade.seller);
  seller.cash += trade.amount - trade.seller_fee;
  fees_ += trade.buyer_fee + trade.seller_fee;
  if (trade.pledge != 0) return DeliverPledged(trade);
  seller.trading_trades -= trade.quantity;
  seller.trading -= trade.quantity;
  FirmOf(trade.buyer).trading += trade.quantity;
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
  if (it == orders_.end() || it->second.firm != firm || contracts_[it->second.contract].open_on != date) return ModelOutcome::Refused();
  const int64_t filled = it->second.filled;
  End(order);
  return {true, filled, 0};
}

ModelOutcome MarketModel::Replace(uint64_t sequence, int32_t date, int firm, uint64_t number, int64_t price, int64_t quantity) {
  trade_date_ = date;
  auto it = orders_.find(number);
  if (it == orders_.end() || it->second.firm != firm) return ModelOutcome::Refused();
  ModelOrder& order = it->second;
  if (contracts_[order.contract].open_on != date || price < 1 || quantity < 1 || quantity > 1'000'000) return ModelOutcome::Refused();
  const bool keeps = price == order.price && quantity <= order.open;
  if (!keeps && BookRefuses(order.contract, firm, order.buy, price, quantity, ModelTif::kDay, order.post_only)) return ModelOutcome::Refused();
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  if (order.buy) {
    const int64_t hold = HoldFor(order, price, quantity);
    if (hold > order.held_cash && hold - order.held_cash > FreeCash(firm)) return ModelOutcome::Refused();
    f.cash_orders += hold - order.held_cash;
    order.held_cash = hold;
  } else {
    if (quantity > order.open && quantity - order.open > FreeTrading(firm)) return ModelOutcome::Refused();
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
  if (c.open_on != -1) return ModelOutcome::Refused();
  c.open_on = date;
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::CloseSession(int contract) {
  ModelContract& c = contracts_[contract];
  if (c.open_on == -1) return ModelOutcome::Refused();
  c.open_on = -1;
  std::vector<uint64_t> ended;
  for (const auto& [number, order] : orders_) {
    if (order.contract == contract) ended.push_back(number);
  }
  for (uint64_t number : ended) End(number);
  return ModelOutcome::Done();
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
  if (in_session && !due) return ModelOutcome::Refused();
  waiting_ = std::move(rest);
  return ModelOutcome::Done();
}

// ---- Courts ----

ModelOutcome MarketModel::Freeze(int firm, bool trading, int64_t units) {
  ModelFirm& f = firms_[static_cast<size_t>(firm)];
  const int64_t lot = trading ? f.trading : f.registry;
  if (units < 1 || units > lot) return ModelOutcome::Refused();
  freezes_[++freezes_made_] = {firm, trading, units};
  // Orders give way, newest first; what pledged units were on offer is pledged as before.
  if (!trading) {
    const int64_t others = f.HeldOfRegistry() - f.registry_orders;
    int64_t over = f.registry_orders - std::max<int64_t>(0, f.registry - others - Frozen(firm, false));
    while (over > 0) over -= EndNewestSale(firm);
    return ModelOutcome::Done();
  }
  while (f.trading_orders > f.trading - f.trading_trades - Frozen(firm, true)) {
    uint64_t newest = 0;
    for (const auto& [number, order] : orders_) {
      if (order.firm == firm && !order.buy) newest = number;
    }
    End(newest);
  }
  return ModelOutcome::Done();
}

ModelOutcome MarketModel::LiftFreeze(uint64_t freeze) {
  if (freezes_.erase(freeze) == 0) return ModelOutcome::Refused();
  return ModelOutcome::Done();
}

}  // namespace songhua::simulations
