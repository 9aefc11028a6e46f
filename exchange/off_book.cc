// What the forms of trading beside the order book share: checks, holds and trades. Their rules are their own (listings.cc, negotiations.cc).
#include "exchange/off_book.h"

#include "exchange/exchange.h"
#include "exchange/matching.h"
#include "ledger/names.h"
#include "ledger/pledges.h"
#include "ledger/refusal.h"

namespace songhua::exchange {

std::string OriginName(v1::Trade::Form form, uint64_t origin) {
  switch (form) {
    case v1::Trade::BLOCK:
    case v1::Trade::AGREEMENT: return ledger::MakeName("negotiations", origin);
    case v1::Trade::LISTING:
    case v1::Trade::FIXED_RESERVE_SALE: return ledger::MakeName("listings", origin);
    case v1::Trade::E_AUCTION:
    case v1::Trade::SEALED_AUCTION: return ledger::MakeName("auctions", origin);
    default: return "";
  }
}

absl::StatusOr<std::vector<ledger::LotNumber>> ReadLots(const google::protobuf::RepeatedPtrField<std::string>& names) {
  std::vector<ledger::LotNumber> lots;
  if (names.size() > static_cast<int>(Exchange::kLotsPerOrderMax)) {
    return InvalidField("lots", std::to_string(names.size()), "at most " + std::to_string(Exchange::kLotsPerOrderMax) + " lots").Rule("DR-03");
  }
  for (const std::string& name : names) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::LotNumber lot, ledger::ParseNumberedName("lots[" + std::to_string(lots.size()) + "]", "lots", name));
    lots.push_back(lot);
  }
  return lots;
}

Refuse SoldByPledgee(std::string_view name, const SalePledge& pledge) {
  return Refuse(absl::StatusCode::kPermissionDenied, "SOLD_BY_PLEDGEE").Rule("PLG-31").Field("name").Value(name).Accepted(
      "a sale that is the caller's; this one is the pledgee's of " + ledger::MakeName("pledges", pledge.number));
}

bool Exchange::MayDispose(const CommandContext& context, ledger::AccountNumber account, const SalePledge& pledge) const {
  if (!pledge.enforced()) return context.participant == ledger_->accounts().Find(account)->participant;
  const std::string& pledgee = pledges_->FindPledge(pledge.number)->pledgee;
  return context.participant == pledgee || context.participant == participants_->FindParticipant(pledgee)->parent;
}

const RulebookTerms& Exchange::TermsOf(const OrderRow& order) const {
  const ContractRow& contract = *FindContract(order.contract);
  return order.off_book() ? rulebooks_.Find(contract.rulebook, order.terms_version)->terms : contract.terms;
}

// What the program says of who holds what is delivered.
void Exchange::SetDelivery(ContractRow* row) const {
  const ledger::ProgramRow& program = *ledger_->programs().Find(row->program);
  row->trading_accounts = program.separate_trading_accounts;
  row->sector_classes = 0;
  for (const std::string& group : program.FindGroup(row->trading_group)->sector_classes) {
    v1::SectorClass sector_class;
    if (v1::SectorClass_Parse(group, &sector_class)) row->sector_classes |= 1u << sector_class;
  }
}

Price Exchange::BasePriceOf(ContractNumber contract, const RulebookTerms& terms, Date today) const {
  return terms.base_price_floor ? floors_->FloorOf(*contracts_.Find(contract), today) : Price();
}

absl::StatusOr<const RulebookRow*> Exchange::TermsFor(v1::Trade::Form form, std::string_view name, Date today, ContractNumber* contract) {
  SONGHUA_ASSIGN_OR_RETURN(const ContractState* state, ResolveContract("contract", name));
  const ContractRow& row = *state->row;
  const RulebookRow* rulebook = rulebooks_.InForce(row.rulebook, today);
  if ((rulebook->terms.forms & FormBit(form)) == 0) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "FORM_NOT_TRADED").Rule("DR-42").Field("contract").Value(name).Accepted(
        "a contract whose rulebook has form " + v1::Trade::Form_Name(form) + "; " + ledger::MakeName("rulebooks", row.rulebook) + " has not");
  }
  *contract = row.number;
  return rulebook;
}

OrderEntry Exchange::AsOrder(const OffBookEntry& entry) const {
  OrderEntry order;
  order.side = entry.side;
  order.contract = entry.contract;
  order.account = entry.account;
  order.price = entry.price;
  order.quantity = entry.quantity;
  if (!entry.lots.empty()) {
    order.lot = entry.lots.front();
    order.more_lots.assign(entry.lots.begin() + 1, entry.lots.end());
  }
  return order;
}

absl::StatusOr<Money> Exchange::CheckOffBook(CommandContext& context, const OffBookEntry& entry, const RulebookTerms& terms) {
  const ContractState& state = *State(entry.contract);
  const ContractRow& contract = *state.row;
  const OrderEntry order = AsOrder(entry);
  const auto refused = [&](OrderRefusal refusal) { return Explain(context, order, entry.replaces, refusal, entry.account_name); };
  // Of who takes what was posted before, too.
  if (contract.right && context.today > contract.term.last) {
    return Precondition("TERM_ENDED", "DR-06").Field("contract").Value(ledger::MakeName("contracts", contract.code)).Accepted(
        "a contract for a term that has not ended; this one ended on " + FormatDate(contract.term.last));
  }
  if (contract.halts > 0) return refused(OrderRefusal::kMarketHalted);
  if (entry.price <= Price() || entry.price.value() % contract.tick.value() != 0) return refused(OrderRefusal::kPriceOffTick);
  if (entry.quantity <= Quantity() || entry.quantity.value() % contract.lot_size.value() != 0) return refused(OrderRefusal::kQuantityOffLot);
  Money amount;
  int64_t volume;
  if (entry.quantity.value() > kOrderQuantityMax || !AmountOf(contract, entry.price, entry.quantity, &amount) ||
      __builtin_add_overflow(contract.bar.volume.value(), entry.quantity.value(), &volume)) {
    return refused(OrderRefusal::kAmountOutOfRange);
  }
  const Price floor = entry.related ? Price() : BasePriceOf(entry.contract, terms, context.today);
  if (entry.price < floor) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "BELOW_BASE_PRICE").Rule("DR-73").Field("price_fen").Value(entry.price.value()).Accepted(
        "at least " + std::to_string(floor.value()) + ", the base price of the day");
  }
  const AccountEntry* account = Entry(entry.account);
  const Quantity had = entry.replaces == nullptr ? Quantity() : entry.replaces->open;
  OrderRefusal refusal = CheckAccount(context, state, account, entry.side, entry.pledge);
  if (refusal == OrderRefusal::kNone && account->kind == v1::RESERVE && terms.settlement != v1::VERIFIED) refusal = OrderRefusal::kWrongAccountKind;
  if (refusal == OrderRefusal::kNone && entry.side == Side::kSell) refusal = CheckLots(contract, entry.account, order.named_lots());
  if (!entry.pledge.enforced()) {  // a bank is not stopped by how its pledgor stands
    if (refusal == OrderRefusal::kNone && halts_.OfAccount(entry.account, account->group, entry.side) != nullptr) refusal = OrderRefusal::kAccountRestricted;
    if (refusal == OrderRefusal::kNone) refusal = CheckStanding(state, contract, *account, entry.side, entry.quantity, entry.replaces, context.today);
  }
  if (refusal == OrderRefusal::kNone) refusal = CheckHolding(state, *account, entry.side, entry.quantity - had);
  if (refusal == OrderRefusal::kNone) refusal = CheckRegion(state, *account, entry.side, entry.quantity, entry.quantity - had, entry.replaces, context.today);
  if (refusal != OrderRefusal::kNone) return refused(refusal);

  planned_.clear();
  if (entry.side == Side::kSell) {
    if (entry.pledge.number != 0) {
      if (entry.quantity > had) SONGHUA_RETURN_IF_ERROR(PlanPledged(entry, entry.quantity - had, context.today));
      return Money();
    }
    if (entry.quantity > had) refusal = PlanUnits(contract, entry.account, order.named_lots(), entry.quantity - had, context.today);
    if (refusal != OrderRefusal::kNone) return refused(refusal);
    return Money();
  }
  Money hold;
  if (!HoldOf(contract, terms, entry.price, entry.quantity, Money(), Money(), &hold)) return refused(OrderRefusal::kAmountOutOfRange);
  const Money free = account->cash->available() + (entry.replaces == nullptr ? Money() : entry.replaces->held_cash);
  if (entry.cost.value_or(hold) > free) return refused(OrderRefusal::kInsufficientFunds);
  return hold;
}

// A court's order that reaches beyond what is free of the lot is taken to reach them (PLG-29).
absl::Status Exchange::PlanPledged(const OffBookEntry& entry, Quantity quantity, Date today) {
  const ledger::LotRow& lot = *ledger_->lots().Find(entry.lots.front());
  const std::string name = ledger::MakeName("lots", lot.number);
  if (lot.Held() + lot.Frozen(today) > lot.quantity) {
    return Precondition("FROZEN_UNITS", "PLG-29").Field("quantity").Value(entry.quantity.value()).Accepted("units that no court's order reaches; one reaches those of " +
                                                                                                           name);
  }
  const Quantity offerable = pledges_->Offerable(entry.pledge.number, lot.number);
  if (quantity > offerable) {
    return Precondition("PLEDGED_UNITS", "PLG-22").Field("quantity").Value(entry.quantity.value()).Accepted(
        "at most " + std::to_string((offerable + entry.quantity - quantity).value()) + ", what " + ledger::MakeName("pledges", entry.pledge.number) + " has of " + name +
        " and has not on offer otherwise");
  }
  planned_.push_back({&lot, quantity});
  return absl::OkStatus();
}

// DR-20..29 hold when a trade is agreed, too: a permit, a grade, a region may be another than when the order was placed.
absl::Status Exchange::CheckResting(const CommandContext& context, const OrderRow& order, Quantity quantity, std::string_view field, std::string_view value) {
  if (order.pledge.enforced()) return absl::OkStatus();
  // What it offers was counted when it was placed.
  return CheckTrader(context, order.contract, order.account, order.side, order.side == Side::kSell ? Quantity() : quantity, field, value, &order);
}

absl::Status Exchange::CheckTrader(const CommandContext& context, ContractNumber contract, ledger::AccountNumber account, Side side, Quantity quantity,
                                   std::string_view field, std::string_view value, const OrderRow* order) {
  const ContractState& state = *State(contract);
  const AccountEntry& entry = *Entry(account);
  OrderRefusal refusal = halts_.OfAccount(account, entry.group, side) != nullptr ? OrderRefusal::kAccountRestricted : OrderRefusal::kNone;
  if (refusal == OrderRefusal::kNone) refusal = CheckStanding(state, *state.row, entry, side, quantity, order, context.today);
  if (refusal == OrderRefusal::kNone) refusal = CheckRegion(state, entry, side, quantity, Quantity(), order, context.today);
  if (refusal == OrderRefusal::kNone) return absl::OkStatus();
  const OrderRefusalInfo& info = Info(refusal);
  return Refuse(absl::StatusCode::kFailedPrecondition, info.reason).Rule(info.rule).Field(field).Value(value).Accepted(
      side == Side::kSell ? "one whose seller may sell today" : "one whose buyer may buy today");
}

std::optional<Quantity> Exchange::HoldingRoomOf(ContractNumber contract, ledger::AccountNumber account) {
  const ledger::ProgramHoldings* of = State(contract)->holdings;
  if (of == nullptr || !of->program->holding_limit.in_force()) return std::nullopt;
  return ledger_->holdings().RoomOf(*of, Entry(account)->group);
}

Price Exchange::ListedPriceOn(ContractNumber contract, Date day) const {
  const ContractRow& row = *FindContract(contract);
  return row.session_date == day ? row.bar.Prices(row.tick).close : row.reference_price;
}

// ---- Orders that rest in no book ----

const OrderRow& Exchange::RestOffBook(CommandContext& context, const OffBookEntry& entry, uint32_t terms_version, Money hold) {
  ContractState& state = *State(entry.contract);
  OrderRow row;
  Matching::Write(AsOrder(entry), context, NextPlace(context), &row);
  row.form = entry.form;
  row.origin = entry.origin;
  row.terms_version = terms_version;
  row.pledge = entry.pledge;
  row.open = Quantity();
  Rehold(context, row, entry.quantity, hold);
  row.open = entry.quantity;
  OrderRow& placed = orders_.Insert(std::move(row));
  Link(placed);
  state.off_book.insert(placed.number);
  EmitEntered(context, placed);
  return placed;
}

void Exchange::AmendOffBook(CommandContext& context, const OrderRow& order, const OffBookEntry& entry, uint32_t terms_version, Money hold) {
  OrderRow& row = orders_.Edit(order);
  row.terms_version = terms_version;
  Rehold(context, row, entry.quantity, hold);
  row.price = entry.price;
  row.open = entry.quantity;
  EmitEntered(context, row);
}

void Exchange::EndOffBook(CommandContext& context, const OrderRow& order, EndReason reason) {
  OrderRow& row = orders_.Edit(order);
  SONGHUA_CHECK(State(row.contract)->off_book.erase(row.number) == 1);
  End(context, row, reason);
  if (const auto form = forms_.find(row.form); form != forms_.end()) form->second->OnOrderEnded(context, row, reason);
  Remove(row);
}

std::optional<Money> Exchange::CostOffBook(const OrderRow& order, const OffBookFill& fill) const {
  Money cost;
  if (!HoldOf(*FindContract(order.contract), TermsOf(order), fill.price, fill.quantity, Money(), Money(), &cost)) return std::nullopt;
  return cost;
}

std::vector<v1::Trade> Exchange::TakeOffBook(CommandContext& context, const OffBookEntry& entry, std::span<const OffBookFill> fills) {
  ContractState& state = *State(entry.contract);
  OrderRow taker;
  Matching::Write(AsOrder(entry), context, NextPlace(context), &taker);
  taker.form = entry.form;
  taker.origin = entry.origin;
  taker.pledge = entry.pledge;
  taker.open = Quantity();
  if (entry.side == Side::kSell) {
    SONGHUA_CHECK(fills.size() == 1);
    HoldPlanned(taker);
  }
  std::vector<v1::Trade> trades;
  for (const OffBookFill& fill : fills) {
    OrderRow& resting = orders_.Edit(*orders_.Find(fill.order));
    // To each of them it is an order of its own: fees follow from one trade alone.
    taker.form = resting.form;
    taker.origin = resting.origin;
    taker.terms_version = resting.terms_version;
    taker.traded = taker.fee_charged = Money();
    const Price price = fill.price == Price() ? resting.price : fill.price;
    if (entry.side == Side::kBuy) {
      taker.price = price;
      Rehold(context, taker, fill.quantity, *CostOffBook(resting, {fill.order, fill.quantity, price}));
    }
    taker.open = fill.quantity;
    OrderRow& buyer = entry.side == Side::kBuy ? taker : resting;
    OrderRow& seller = entry.side == Side::kBuy ? resting : taker;
    Agree(context, state, buyer, seller, price, fill.quantity, entry.related);
    trades.push_back(AnswerFor(static_cast<const TradeFields&>(trade_)).trade());
    if (resting.open == Quantity()) EndOffBook(context, resting, EndReason::kNone);
  }
  taker.price = entry.price;
  End(context, taker, EndReason::kNone);
  return trades;
}

v1::Trade Exchange::MeetOffBook(CommandContext& context, const OrderRow& buy, const OrderRow& sell, Price price, Quantity quantity) {
  OrderRow& buyer = orders_.Edit(buy);
  OrderRow& seller = orders_.Edit(sell);
  SONGHUA_CHECK(buyer.form == seller.form && buyer.origin == seller.origin && buyer.terms_version == seller.terms_version);
  Agree(context, *State(buyer.contract), buyer, seller, price, quantity);
  v1::Trade trade = AnswerFor(static_cast<const TradeFields&>(trade_)).trade();
  for (OrderRow* order : {&buyer, &seller}) {
    if (order->open == Quantity()) EndOffBook(context, *order, EndReason::kNone);
  }
  return trade;
}

}  // namespace songhua::exchange
