// Order entry: the checks, in the order of OrderRefusal, and the plan of what an order will hold. Nothing here changes a row; what passes goes to
// the book, whose events change them (matching.cc).
#include <algorithm>

#include "exchange/exchange.h"
#include "exchange/incoming.h"
#include "exchange/matching.h"

namespace songhua::exchange {
namespace {

bool IsKnown(Side side) { return side == Side::kBuy || side == Side::kSell; }
bool IsKnown(TimeInForce time_in_force) {
  return time_in_force == TimeInForce::kDay || time_in_force == TimeInForce::kImmediateOrCancel || time_in_force == TimeInForce::kFillOrKill;
}

OrderOutcome Refused(OrderRefusal refusal) { return {.order = 0, .refusal = refusal, .filled = Quantity(), .open = Quantity()}; }

// Sector classes, a bit each, that trade with no other (DR-24). Whether power trades with industry, DR-25 says.
constexpr uint32_t kNeitherPowerNorIndustry = 1u << v1::MUNICIPAL | 1u << v1::AGRI;

// Whether the lot is of what the contract quotes.
bool IsDeliverable(const ledger::LotRow& lot, const ContractRow& contract) {
  if (lot.instrument_class != contract.instrument_class) return false;
  return contract.right ? lot.term.Contains(contract.term) : lot.vintage() == contract.vintage;
}

// What may be sold of a lot: free, and not bought today where the rulebook forbids that (CAR-22).
Quantity Sellable(const ledger::LotRow& lot, const ContractRow& contract, Date today) {
  const Quantity available = lot.Available(today);
  if (contract.terms.same_day_resale) return available;
  return std::max(Quantity(), available - lot.BoughtOn(today));
}

}  // namespace

OrderRefusal FromBook(BookReject reject) {
  switch (reject) {
    case BookReject::kNone: return OrderRefusal::kNone;
    case BookReject::kBookFull: return OrderRefusal::kBookFull;
    case BookReject::kLevelOverflow: return OrderRefusal::kAmountOutOfRange;
    case BookReject::kUnknownChoice: return OrderRefusal::kUnknownChoice;
    case BookReject::kChoiceOnOwnSide: return OrderRefusal::kChoiceOnOwnSide;
    case BookReject::kOwnChoice: return OrderRefusal::kOwnChoice;
    case BookReject::kChoiceBeyondLimit: return OrderRefusal::kChoiceBeyondLimit;
    case BookReject::kChoiceBeyondLevels: return OrderRefusal::kChoiceBeyondLevels;
    case BookReject::kChoiceBehindBetter: return OrderRefusal::kChoiceBehindBetter;
    case BookReject::kWouldCross: return OrderRefusal::kCrossesBook;
    case BookReject::kSelfTrade: return OrderRefusal::kSelfTrade;
    case BookReject::kNotFillable: return OrderRefusal::kNotFillable;
    // Checked before the book was asked.
    case BookReject::kBadId:
    case BookReject::kUnknownId:
    case BookReject::kBadQuantity:
    case BookReject::kPriceOffTick:
    case BookReject::kDuplicateId: break;
  }
  SONGHUA_CHECK(false);
  return OrderRefusal::kNone;
}

OrderOutcome Exchange::Execute(CommandContext& context, const OrderEntry& entry) {
  switch (entry.kind) {
    case OrderKind::kPlace: return Place(context, entry);
    case OrderKind::kCancel: return Cancel(context, entry);
    case OrderKind::kReplace: return Replace(context, entry);
    case OrderKind::kTake: return Pick(context, entry);
  }
  return Refused(OrderRefusal::kInvalidCommand);
}

// ---- Checks ----

// A batch has one caller: after its first command, ids are compared as numbers.
bool Exchange::OwnedByCaller(const CommandContext& context, const AccountEntry& entry) {
  if (context.participant == caller_) return entry.participant == caller_number_;
  if (context.participant != entry.row->participant) return false;
  caller_ = entry.row->participant;
  caller_number_ = entry.participant;
  return true;
}

OrderRefusal Exchange::CheckMarket(ContractState& state, const CommandContext& context) {
  if (!state.row->InSession(context.today)) return OrderRefusal::kSessionClosed;
  const PhaseKind phase = PhaseOf(state, context.time);
  if (CallIsShut(state, context.time)) return OrderRefusal::kCallEnded;
  if (phase != v1::MarketPhase::CONTINUOUS && phase != v1::MarketPhase::CALL) return OrderRefusal::kSessionClosed;
  // The timer that begins the call comes before any command of its time; were it late, orders would meet that may not.
  if (phase == v1::MarketPhase::CALL && state.call == nullptr) return OrderRefusal::kSessionClosed;
  return state.row->halts == 0 ? OrderRefusal::kNone : OrderRefusal::kMarketHalted;
}

OrderRefusal Exchange::CheckTerms(const ContractRow& contract, Price price, Quantity quantity) {
  if (price <= Price() || price.value() % contract.tick.value() != 0) return OrderRefusal::kPriceOffTick;
  if (quantity <= Quantity() || quantity.value() % contract.lot_size.value() != 0) return OrderRefusal::kQuantityOffLot;
  if (quantity < contract.terms.quantity_min || quantity > contract.terms.quantity_max) return OrderRefusal::kQuantityOutsideSizes;
  if (price < contract.band_low || price > contract.band_high) return OrderRefusal::kPriceOutsideBand;
  if (price < contract.floor) return OrderRefusal::kBelowBasePrice;
  Money amount;
  int64_t volume;
  if (!AmountOf(contract, price, quantity, &amount) || __builtin_add_overflow(contract.bar.volume.value(), quantity.value(), &volume)) {
    return OrderRefusal::kAmountOutOfRange;
  }
  return OrderRefusal::kNone;
}

// A reserve sells rights where an officer looks at every trade, and its proceeds are the treasury's, so it needs no cash account (DR-52, DR-60). Pledged units are
// sold where they are pledged, in the registry account (PLG-17); that the caller may dispose of them was checked.
OrderRefusal Exchange::CheckAccount(const CommandContext& context, const ContractState& state, const AccountEntry* entry, Side side, const SalePledge& pledge) {
  if (entry == nullptr || (!pledge.enforced() && !OwnedByCaller(context, *entry))) return OrderRefusal::kForeignAccount;
  if (entry->kind == v1::RESERVE && state.row->right && side == Side::kSell && state.row->terms.settlement == v1::VERIFIED) return OrderRefusal::kNone;
  const bool kind_is_right = state.row->right ? entry->kind == v1::RIGHTS
                                              : entry->kind == v1::TRADING ||
                                                    (entry->kind == v1::REGISTRY && (!state.row->trading_accounts || pledge.number != 0));
  if (!kind_is_right) return OrderRefusal::kWrongAccountKind;
  return entry->cash == nullptr ? OrderRefusal::kNoCashAccount : OrderRefusal::kNone;
}

OrderRefusal Exchange::CheckLot(const ContractRow& contract, ledger::AccountNumber account, ledger::LotNumber number) const {
  const ledger::LotRow* lot = ledger_->lots().Find(number);
  if (lot == nullptr || lot->account != account) return OrderRefusal::kUnknownLot;
  if (IsDeliverable(*lot, contract)) return OrderRefusal::kNone;
  if (lot->instrument_class == contract.instrument_class) {
    return contract.right ? OrderRefusal::kLotTermTooShort : OrderRefusal::kLotOfOtherVintage;
  }
  const ledger::InstrumentClassRow& of_lot = *ledger_->programs().FindClass(lot->instrument_class);
  if (of_lot.pollutant != contract.pollutant) return OrderRefusal::kLotOfOtherPollutant;
  if (of_lot.basin != contract.basin) return OrderRefusal::kLotOfOtherBasin;
  if (of_lot.control_zone != contract.control_zone) return OrderRefusal::kLotOfOtherZone;
  if (of_lot.trading_group != contract.trading_group) return OrderRefusal::kLotOfOtherGroup;
  return OrderRefusal::kLotOfOtherProgram;
}

OrderRefusal Exchange::CheckLots(const ContractRow& contract, ledger::AccountNumber account, const NamedLots& named, size_t* at) const {
  if (named.size() > kLotsPerOrderMax) return OrderRefusal::kTooManyLots;
  for (size_t i = 0; i < named.size(); ++i) {
    OrderRefusal refusal = CheckLot(contract, account, named[i]);
    for (size_t before = 0; before < i && refusal == OrderRefusal::kNone; ++before) {
      if (named[before] == named[i]) refusal = OrderRefusal::kLotNamedTwice;
    }
    if (refusal == OrderRefusal::kNone) continue;
    if (at != nullptr) *at = i;
    return refusal;
  }
  return OrderRefusal::kNone;
}

// DR-21..DR-25 for the site of a rights account (a reserve has none: its lots are of the contract's class or not), DR-45, then what the gate says. What
// `replaces` offers was counted when it was placed, and is held.
OrderRefusal Exchange::CheckStanding(const ContractState& state, const AccountEntry& entry, Side side, Quantity quantity, const OrderRow* replaces,
                                     Date today) {
  if (state.row->right && entry.kind != v1::RESERVE) {
    if (const OrderRefusal outside = CheckPlace(state, entry, side, today); outside != OrderRefusal::kNone) return outside;
    if (const uint32_t own = 1u << entry.sector_class; (state.row->sector_classes & own) == 0) {
      const bool apart = (own & kNeitherPowerNorIndustry) != 0 || (state.row->sector_classes & ~kNeitherPowerNorIndustry) == 0;
      return apart ? OrderRefusal::kOtherSourceClass : OrderRefusal::kOutsideTradingGroup;
    }
    if (side == Side::kBuy && bars_.InForce(entry.row->participant, today) != nullptr) return OrderRefusal::kTraderBarred;
  }
  if (side == Side::kBuy) {
    Incoming incoming(*this, entry, replaces);
    return gate_->MayBuy(*entry.row, *state.row, quantity, [&](int32_t year) { return incoming.In(state.row->pollutant, year); }, today);
  }
  const Quantity more = std::max(Quantity(), quantity - (replaces == nullptr ? Quantity() : replaces->open));
  return gate_->MaySell(*entry.row, *state.row, more, today);
}

// What the book would refuse, asked without changing it.
OrderRefusal Exchange::CheckBook(const ContractState& state, const NewOrder& order, bool enters_anew) {
  if (state.call != nullptr) {
    if (state.call->WouldSelfTrade(order.side, order.price, order.owner)) return OrderRefusal::kSelfTrade;
    return enters_anew && state.call->size() >= BookOptions().max_orders ? OrderRefusal::kBookFull : OrderRefusal::kNone;
  }
  const Prospect prospect = state.book.Preview(order.side, order.price, order.quantity, order.owner);
  if (prospect.would_cross && order.post_only) return OrderRefusal::kCrossesBook;
  if (prospect.would_self_trade && state.row->terms.self_trade == SelfTradePolicy::kRefuse) return OrderRefusal::kSelfTrade;
  if (order.time_in_force == TimeInForce::kFillOrKill && prospect.fillable_quantity < order.quantity) return OrderRefusal::kNotFillable;
  if (enters_anew && order.time_in_force == TimeInForce::kDay && state.book.size() >= BookOptions().max_orders) return OrderRefusal::kBookFull;
  return OrderRefusal::kNone;
}

// ---- Plans ----

bool HoldOf(const ContractRow& contract, const RulebookTerms& terms, Price price, Quantity open, Money traded, Money fee_charged, Money* hold) {
  int64_t in_all, sum;
  Money amount;
  if (!AmountOf(contract, price, open, &amount) || __builtin_add_overflow(traded.value(), amount.value(), &in_all)) return false;
  const Money fee = FeeOf(Money(in_all), terms.buyer_fee_bps) + FeeOf(Money(in_all), terms.settlement_fee_bps) - fee_charged;
  if (__builtin_add_overflow(amount.value(), fee.value(), &sum)) return false;
  *hold = Money(sum);
  return true;
}

// Fills `planned_` with slices of the account's lots, the named ones or as the rulebook orders them, that make up `quantity`.
OrderRefusal Exchange::PlanUnits(const ContractRow& contract, ledger::AccountNumber account, const NamedLots& named, Quantity quantity,
                                 Date today) {
  planned_.clear();
  Quantity wanted = quantity;
  const auto take = [&](const ledger::LotRow& lot) {
    if (!IsDeliverable(lot, contract)) return;
    const Quantity taken = std::min(wanted, Sellable(lot, contract, today));
    if (taken == Quantity()) return;
    planned_.push_back({&lot, taken});
    wanted -= taken;
  };
  const auto take_from = [&](auto first, auto last) {
    for (; first != last; ++first) {
      take(**first);
      if (wanted == Quantity()) return true;
      if (planned_.size() == kLotsPerOrderMax) return false;
    }
    return true;
  };
  const std::vector<const ledger::LotRow*>& lots = ledger_->lots().OfAccount(account);
  bool few = true;
  if (named.size() > 0) {
    // One of which nothing was held may be another's since it was named.
    for (size_t i = 0; i < named.size() && wanted > Quantity(); ++i) {
      const ledger::LotRow* lot = ledger_->lots().Find(named[i]);
      if (lot != nullptr && lot->account == account) take(*lot);
    }
  } else if (contract.terms.lot_order == LotOrder::kOldestFirst) {
    few = take_from(lots.begin(), lots.end());
  } else if (contract.terms.lot_order == LotOrder::kNewestFirst) {
    few = take_from(lots.rbegin(), lots.rend());
  } else {
    // Only rights have terms.
    std::vector<const ledger::LotRow*> by_term = lots;
    std::stable_sort(by_term.begin(), by_term.end(), [](const auto* a, const auto* b) { return a->term.last < b->term.last; });
    few = take_from(by_term.begin(), by_term.end());
  }
  if (!few) return OrderRefusal::kTooManyLots;
  return wanted == Quantity() ? OrderRefusal::kNone : Shortage(contract, account, named, quantity, today);
}

// Why there are fewer units than wanted.
OrderRefusal Exchange::Shortage(const ContractRow& contract, ledger::AccountNumber account, const NamedLots& named, Quantity quantity,
                                Date today) const {
  Quantity available, frozen, pledged;
  for (const ledger::LotRow* lot : ledger_->lots().OfAccount(account)) {
    if ((named.size() > 0 && !named.Contains(lot->number)) || !IsDeliverable(*lot, contract) || (lot->right && today > lot->term.last)) continue;
    available += lot->Available(today);
    frozen += lot->Frozen(today);
    pledged += lot->Held(ledger::HoldKind::kPledge) + lot->Held(ledger::HoldKind::kProvisionalPledge);
  }
  if (quantity <= available) return OrderRefusal::kBoughtToday;
  if (quantity <= available + frozen) return OrderRefusal::kFrozenUnits;
  if (quantity <= available + frozen + pledged) return OrderRefusal::kPledgedUnits;
  return OrderRefusal::kInsufficientUnits;
}

Quantity Exchange::FreeUnits(const ContractRow& contract, ledger::AccountNumber account, const NamedLots& named, Date today) const {
  Quantity free;
  for (const ledger::LotRow* lot : ledger_->lots().OfAccount(account)) {
    if ((named.size() == 0 || named.Contains(lot->number)) && IsDeliverable(*lot, contract)) free += Sellable(*lot, contract, today);
  }
  return free;
}

// ---- The commands; Pick, for takes, is in take_entry.cc ----

// A market order takes at once what it can within its bound; a market-to-limit order takes the best price and waits there.
OrderRefusal Exchange::PriceByBook(const ContractState& state, OrderEntry* command) {
  if (state.call != nullptr || state.row->terms.post_and_pick()) return OrderRefusal::kDayOrdersOnly;
  if (command->price != Price()) return OrderRefusal::kPriceGiven;
  const bool buy = command->side == Side::kBuy;
  const std::optional<int64_t> best = state.book.BestPrice(buy ? Side::kSell : Side::kBuy);
  if (!best.has_value()) return OrderRefusal::kNotFillable;
  command->price = Price(*best);
  if (command->type == OrderType::kMarket) {
    const ContractRow& contract = *state.row;
    if (contract.terms.band_bps == 0 && contract.terms.collar_bps == 0) return OrderRefusal::kNoPriceBound;
    BandLimits bound{contract.band_low, contract.band_high};
    if (contract.terms.collar_bps > 0) bound = BandAround(Price(*best), contract.terms.collar_bps, contract.tick);
    command->price = buy ? std::min(bound.high, contract.band_high) : std::max({bound.low, contract.band_low, contract.floor});
    if (command->time_in_force == TimeInForce::kDay) command->time_in_force = TimeInForce::kImmediateOrCancel;
  }
  command->type = OrderType::kLimit;
  return OrderRefusal::kNone;
}

OrderOutcome Exchange::Place(CommandContext& context, const OrderEntry& command) {
  if (!IsKnown(command.side) || !IsKnown(command.time_in_force)) return Refused(OrderRefusal::kInvalidCommand);
  if (command.type == OrderType::kStop || command.type == OrderType::kStopLimit) {
    const bool rests = command.time_in_force == TimeInForce::kDay && !command.post_only;
    return rests ? PlaceStop(context, command) : Refused(OrderRefusal::kInvalidCommand);
  }
  if (command.trigger != Price()) return Refused(OrderRefusal::kBadTrigger);
  if (command.type == OrderType::kLimit) return PlaceLimit(context, command);
  const bool known = command.type == OrderType::kMarket || command.type == OrderType::kMarketToLimit;
  if (!known || command.post_only) return Refused(OrderRefusal::kInvalidCommand);
  ContractState* state = State(command.contract);
  if (state == nullptr) return Refused(OrderRefusal::kUnknownContract);
  OrderEntry priced = command;
  OrderRefusal refusal = CheckMarket(*state, context);
  if (refusal == OrderRefusal::kNone) refusal = PriceByBook(*state, &priced);
  return refusal == OrderRefusal::kNone ? PlaceLimit(context, priced) : Refused(refusal);
}

// A price collar: how far an order may reach beyond what the other side shows (CAR-13 bounds the day, this the order).
OrderRefusal Exchange::CheckCollar(const ContractState& state, Side side, Price price) {
  const ContractRow& contract = *state.row;
  if (contract.terms.collar_bps == 0 || state.call != nullptr) return OrderRefusal::kNone;
  const Price reference = CollarReference(state, side);
  if (reference == Price()) return OrderRefusal::kNone;
  const BandLimits collar = BandAround(reference, contract.terms.collar_bps, contract.tick);
  const bool outside = side == Side::kBuy ? price > collar.high : price < collar.low;
  return outside ? OrderRefusal::kPriceOutsideCollar : OrderRefusal::kNone;
}

Price Exchange::CollarReference(const ContractState& state, Side side) {
  const std::optional<int64_t> best = state.book.BestPrice(side == Side::kBuy ? Side::kSell : Side::kBuy);
  if (best.has_value()) return Price(*best);
  return state.row->last_price != Price() ? state.row->last_price : state.row->reference_price;
}

OrderOutcome Exchange::PlaceLimit(CommandContext& context, const OrderEntry& command) {
  ContractState* state = State(command.contract);
  if (state == nullptr) return Refused(OrderRefusal::kUnknownContract);
  const ContractRow& contract = *state->row;
  OrderRefusal refusal = CheckMarket(*state, context);
  const bool posts = contract.terms.post_and_pick();
  if (refusal == OrderRefusal::kNone && command.time_in_force != TimeInForce::kDay && (posts || state->call != nullptr)) refusal = OrderRefusal::kDayOrdersOnly;
  if (refusal == OrderRefusal::kNone) refusal = CheckTerms(contract, command.price, command.quantity);
  if (refusal == OrderRefusal::kNone) refusal = CheckCollar(*state, command.side, command.price);
  if (refusal == OrderRefusal::kNone) refusal = CheckExtras(*state, command, context.today);
  if (refusal == OrderRefusal::kNone) refusal = CheckParty(context, *state, command);
  if (refusal != OrderRefusal::kNone) return Refused(refusal);

  const NewOrder order{.id = context.sequence,
                       .side = command.side,
                       .price = command.price.value(),
                       .quantity = command.quantity.value(),
                       .time_in_force = command.time_in_force,
                       .post_only = command.post_only || posts,
                       .owner = entries_[command.account].group,
                       .display = command.display.value()};
  Money hold;
  refusal = PlanHold(contract, contract.terms, command, context.today, &hold);
  if (refusal == OrderRefusal::kAmountOutOfRange) return Refused(refusal);
  if (refusal != OrderRefusal::kNone || context.validate_only) {
    // The book comes before units and cash. It checks as it matches, so it is asked beforehand only where nothing will be matched.
    const OrderRefusal by_book = CheckBook(*state, order, true);
    if (by_book != OrderRefusal::kNone) return Refused(by_book);
    return {.order = 0, .refusal = refusal, .filled = Quantity(), .open = Quantity()};
  }
  Matching matching(*this, context, *state);
  matching.Bring(command, order.post_only, hold);
  refusal = FromBook(matching.Add(order));
  return refusal == OrderRefusal::kNone ? FinishAndTrigger(context, *state, order.id, matching) : Refused(refusal);
}

// What is answered is what came of the order itself; a stop order that it triggered may have met it later.
OrderOutcome Exchange::FinishAndTrigger(CommandContext& context, ContractState& state, OrderId order, Matching& matching) {
  if (state.stops.empty()) return matching.Finish();
  watched_ = order;
  const OrderOutcome outcome = matching.Finish();
  TriggerStops(context, state);
  watched_ = 0;
  return outcome;
}

OrderRefusal Exchange::CheckParty(const CommandContext& context, const ContractState& state, const OrderEntry& command) {
  const AccountEntry* entry = Entry(command.account);
  OrderRefusal refusal = CheckAccount(context, state, entry, command.side);
  if (refusal == OrderRefusal::kNone && command.side == Side::kSell && command.lot != 0) refusal = CheckLots(*state.row, command.account, command.named_lots());
  if (refusal != OrderRefusal::kNone) return refusal;
  if (halts_.OfAccount(command.account, command.side) != nullptr) return OrderRefusal::kAccountRestricted;
  refusal = CheckStanding(state, *entry, command.side, command.quantity, nullptr, context.today);
  if (refusal == OrderRefusal::kNone) refusal = CheckHolding(state, *entry, command.side, command.quantity);
  if (refusal == OrderRefusal::kNone) refusal = CheckRegion(state, *entry, command.side, command.quantity, command.quantity, nullptr, context.today);
  return refusal;
}

OrderRefusal Exchange::PlanHold(const ContractRow& contract, const RulebookTerms& terms, const OrderEntry& command, Date today, Money* hold) {
  if (command.side == Side::kSell) return PlanUnits(contract, command.account, command.named_lots(), command.quantity, today);
  if (!HoldOf(contract, terms, command.price, command.quantity, Money(), Money(), hold)) return OrderRefusal::kAmountOutOfRange;
  return *hold > entries_[command.account].cash->available() ? OrderRefusal::kInsufficientFunds : OrderRefusal::kNone;
}

OrderRow* Exchange::OwnOrder(const CommandContext& context, OrderId number) {
  OrderRow* order = orders_.FindMutable(number);
  return order != nullptr && !order->off_book() && OwnedByCaller(context, entries_[order->account]) ? order : nullptr;
}

OrderOutcome Exchange::Cancel(CommandContext& context, const OrderEntry& command) {
  OrderRow* order = OwnOrder(context, command.order);
  if (order == nullptr) return Refused(OrderRefusal::kUnknownOrder);
  ContractState& state = *State(order->contract);
  // In any phase but one, and under a halt: not while its call auction awaits its seed. Of an order that outlives its session, whenever it waits for the next.
  if (!state.row->InSession(context.today) && !state.Stays(*order, context.today)) return Refused(OrderRefusal::kSessionClosed);
  if (CallHolds(state, *order, context.time)) return Refused(OrderRefusal::kCallEnded);
  const OrderOutcome outcome{.order = order->number, .refusal = OrderRefusal::kNone, .filled = order->filled, .open = Quantity()};
  if (!context.validate_only) EndResting(context, state, *order, EndReason::kByOwner);
  return outcome;
}

OrderOutcome Exchange::Replace(CommandContext& context, const OrderEntry& command) {
  OrderRow* order = OwnOrder(context, command.order);
  if (order == nullptr) return Refused(OrderRefusal::kUnknownOrder);
  ContractState& state = *State(order->contract);
  const ContractRow& contract = *state.row;
  const bool waits = order->trigger != Price();
  const Price price = order->market ? order->price : command.price;
  OrderRefusal refusal = CheckMarket(state, context);
  if (refusal == OrderRefusal::kNone && order->market && command.price != Price()) refusal = OrderRefusal::kPriceGiven;
  if (refusal == OrderRefusal::kNone) refusal = CheckTerms(contract, price, command.quantity);
  if (refusal == OrderRefusal::kNone && !waits) refusal = CheckCollar(state, order->side, price);
  if (refusal == OrderRefusal::kNone && waits && !order->market) refusal = CheckStopCollar(contract, order->side, order->trigger, price);
  if (refusal == OrderRefusal::kNone) refusal = CheckDisplay(contract.terms, *order, command.quantity);
  if (refusal != OrderRefusal::kNone) return Refused(refusal);
  const AccountEntry& entry = entries_[order->account];
  if (halts_.OfAccount(order->account, order->side) != nullptr) return Refused(OrderRefusal::kAccountRestricted);
  refusal = CheckStanding(state, entry, order->side, command.quantity, order, context.today);
  if (refusal == OrderRefusal::kNone) refusal = CheckHolding(state, entry, order->side, command.quantity - order->open);
  if (refusal == OrderRefusal::kNone) refusal = CheckRegion(state, entry, order->side, command.quantity, command.quantity - order->open, order, context.today);
  if (refusal != OrderRefusal::kNone) return Refused(refusal);

  Money hold;
  planned_.clear();
  if (order->side == Side::kSell) {
    if (command.quantity > order->open) {
      refusal = PlanUnits(contract, order->account, order->named_lots(), command.quantity - order->open, context.today);
    }
  } else if (!HoldOf(contract, contract.terms, price, command.quantity, order->traded, order->fee_charged, &hold)) {
    return Refused(OrderRefusal::kAmountOutOfRange);
  } else if (hold > order->held_cash && hold - order->held_cash > entry.cash->available()) {
    refusal = OrderRefusal::kInsufficientFunds;
  }
  const OrderOutcome outcome{.order = order->number, .refusal = OrderRefusal::kNone, .filled = order->filled, .open = command.quantity};
  if (waits) {
    if (refusal != OrderRefusal::kNone) return Refused(refusal);
    if (!context.validate_only) ReplaceStop(context, state, *order, price, command.quantity, hold);
    return outcome;
  }
  if (refusal != OrderRefusal::kNone || context.validate_only) {
    const OrderRefusal by_book = CheckBook(state,
                                           {.id = order->number,
                                            .side = order->side,
                                            .price = command.price.value(),
                                            .quantity = command.quantity.value(),
                                            .post_only = order->post_only,
                                            .owner = entry.group},
                                           false);
    if (by_book != OrderRefusal::kNone) return Refused(by_book);
    return refusal == OrderRefusal::kNone ? outcome : Refused(refusal);
  }
  Matching matching(*this, context, state);
  if (state.suspended.contains({order->priority, order->number})) {
    // It is in no book that could replace it; with its new price it enters anew.
    matching.Return(*order, command.price, command.quantity, hold, NextPlace(context));
    refusal = FromBook(matching.Add({.id = order->number,
                                     .side = order->side,
                                     .price = command.price.value(),
                                     .quantity = command.quantity.value(),
                                     .post_only = order->post_only,
                                     .owner = entry.group,
                                     .display = order->display.value()}));
  } else {
    matching.Change(*order, hold);
    refusal = FromBook(matching.Replace(order->number, command.price.value(), command.quantity.value()));
  }
  return refusal == OrderRefusal::kNone ? FinishAndTrigger(context, state, command.order, matching) : Refused(refusal);
}

// In three steps, each of which reads what the step before has brought: addresses, rows, and what the rows point to.
void Exchange::Prefetch(uint64_t sequence, std::span<const OrderEntry> next) const {
  constexpr size_t kAddresses = 7, kRows = 4, kBehindRows = 1;
  const auto names_order = [](const OrderEntry& entry) { return entry.kind == OrderKind::kCancel || entry.kind == OrderKind::kReplace; };
  const auto lines = [](const void* object, size_t bytes) {
    for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch(static_cast<const char*>(object) + at);
  };
  if (next.size() > kAddresses) {
    const OrderEntry& entry = next[kAddresses];
    if (names_order(entry)) {
      orders_.Prefetch(entry.order);
    } else if (entry.account < entries_.size()) {
      orders_.Prefetch(sequence + kAddresses);  // where it will be put if it rests
      __builtin_prefetch(&entries_[entry.account]);
      if (entry.side == Side::kSell) ledger_->lots().Prefetch(entry.account);
    }
  }
  if (next.size() > kRows) {
    const OrderEntry& entry = next[kRows];
    if (names_order(entry)) {
      if (const OrderRow* order = orders_.Find(entry.order)) {
        lines(order, sizeof(OrderRow));
      }
    } else if (entry.account < entries_.size()) {
      const AccountEntry& account = entries_[entry.account];
      if (account.newest_order != nullptr) __builtin_prefetch(&account.newest_order->newer);
      if (entry.side == Side::kBuy) {
        __builtin_prefetch(account.cash);
      } else if (const auto& lots = ledger_->lots().OfAccount(entry.account); !lots.empty()) {
        __builtin_prefetch(lots.data());
      }
    }
  }
  if (next.size() > kBehindRows) {
    const OrderEntry& entry = next[kBehindRows];
    if (names_order(entry)) {
      if (const OrderRow* order = orders_.Find(entry.order)) {
        states_[order->contract - 1]->book.Prefetch(order->number);
        const AccountEntry& account = entries_[order->account];
        __builtin_prefetch(&account);
        if (order->newer != nullptr) __builtin_prefetch(&order->newer->older);
        if (order->older != nullptr) __builtin_prefetch(&order->older->newer);
        if (order->first_slice.row != nullptr) lines(order->first_slice.row, sizeof(ledger::LotRow));
      }
    } else {
      if (entry.contract - 1 < states_.size()) states_[entry.contract - 1]->book.Prefetch(sequence + kBehindRows);
      if (entry.side == Side::kBuy) return;
      if (const auto& lots = ledger_->lots().OfAccount(entry.account); !lots.empty()) lines(lots.front(), sizeof(ledger::LotRow));
    }
  }
}

}  // namespace songhua::exchange
