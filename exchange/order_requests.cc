// The unary methods of order entry: names to numbers, Execute, and a refusal's number to a status that says the value and what would do.
#include "exchange/exchange.h"
#include "exchange/matching.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {
namespace {

std::string Fen(Price price) { return std::to_string(price.value()); }

std::string_view TypeText(OrderType type) {
  switch (type) {
    case OrderType::kLimit: return "LIMIT";
    case OrderType::kMarket: return "MARKET";
    case OrderType::kMarketToLimit: return "MARKET_TO_LIMIT";
    case OrderType::kStop: return "STOP";
    case OrderType::kStopLimit: return "STOP_LIMIT";
  }
  return "";
}

std::string BandText(const ContractRow& contract) {
  return Fen(contract.band_low) + " to " + Fen(contract.band_high) + " fen, the band around " + Fen(contract.reference_price);
}

}  // namespace

TimeInForce TimeInForceOf(v1::TimeInForce time_in_force) {
  const bool day = time_in_force == v1::TIME_IN_FORCE_UNSPECIFIED || time_in_force == v1::GOOD_TILL_DATE;
  return day ? TimeInForce::kDay : static_cast<TimeInForce>(time_in_force);
}

absl::Status Exchange::ReadLots(v1::Side side, const std::string& lot, const google::protobuf::RepeatedPtrField<std::string>& lots, OrderEntry* entry) {
  if (!lot.empty()) {
    SONGHUA_ASSIGN_OR_RETURN(entry->lot, ledger::ParseNumberedName("lot", "lots", lot));
    if (side == v1::BUY) return InvalidField("lot", lot, "empty: a buy order delivers from no lot");
  }
  if (lots.empty()) return absl::OkStatus();
  if (side == v1::BUY) return InvalidField("lots", lots[0], "empty: a buy order delivers from no lot");
  if (!lot.empty()) return InvalidField("lot", lot, "empty where `lots` names them");
  for (int i = 0; i < lots.size(); ++i) {
    SONGHUA_ASSIGN_OR_RETURN(const uint64_t number, ledger::ParseNumberedName("lots[" + std::to_string(i) + "]", "lots", lots[i]));
    if (i == 0) {
      entry->lot = number;
    } else {
      entry->more_lots.push_back(number);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::OrderAnswer> Exchange::PlaceOrder(CommandContext& context, const v1::PlaceOrderRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ContractState* state, ResolveContract("contract", request.contract()));
  SONGHUA_ASSIGN_OR_RETURN(const std::string account_id, ledger::ParseName("account", "accounts", request.account()));
  OrderEntry entry;
  if (request.side() != v1::BUY && request.side() != v1::SELL) return InvalidField("side", std::to_string(request.side()), "BUY or SELL");
  if (!v1::TimeInForce_IsValid(request.time_in_force())) {
    return InvalidField("time_in_force", std::to_string(request.time_in_force()), "DAY, IMMEDIATE_OR_CANCEL, FILL_OR_KILL or GOOD_TILL_DATE");
  }
  SONGHUA_RETURN_IF_ERROR(ReadLots(request.side(), request.lot(), request.lots(), &entry));
  const ledger::AccountRow* account = ledger_->accounts().FindById(account_id);
  entry.side = static_cast<Side>(request.side());
  entry.time_in_force = TimeInForceOf(request.time_in_force());
  const bool good_till = request.time_in_force() == v1::GOOD_TILL_DATE;
  if (good_till == request.good_till_date().empty()) {
    return InvalidField("good_till_date", request.good_till_date(), good_till ? "a day, as 2026-11-30" : "empty, or time_in_force GOOD_TILL_DATE").Rule("CAR-23");
  }
  if (good_till) {
    SONGHUA_ASSIGN_OR_RETURN(entry.good_till, ParseDate(request.good_till_date(), "good_till_date"));
  }
  if (!v1::OrderType_IsValid(request.type())) {
    return InvalidField("type", std::to_string(request.type()), "LIMIT, MARKET, MARKET_TO_LIMIT, STOP or STOP_LIMIT");
  }
  entry.type = request.type() == v1::ORDER_TYPE_UNSPECIFIED ? OrderType::kLimit : static_cast<OrderType>(request.type());
  if (entry.type != OrderType::kLimit && request.post_only()) {
    return InvalidField("post_only", "true", "false of an order without a price or with a trigger: it is there to trade").Rule("CAR-10");
  }
  const bool stop = entry.type == OrderType::kStop || entry.type == OrderType::kStopLimit;
  if (stop && entry.time_in_force != TimeInForce::kDay) {
    return InvalidField("time_in_force", v1::TimeInForce_Name(request.time_in_force()), "DAY or GOOD_TILL_DATE of an order that waits").Rule("CAR-23");
  }
  if (request.display_quantity() < 0) return InvalidField("display_quantity", std::to_string(request.display_quantity()), "0, or what the order shows of itself");
  entry.display = Quantity(request.display_quantity());
  entry.trigger = Price(request.trigger_price_fen());
  entry.post_only = request.post_only();
  entry.contract = state->row->number;
  entry.account = account == nullptr ? 0 : account->number;  // 0 is foreign to everybody
  entry.price = Price(request.price_fen());
  entry.quantity = Quantity(request.quantity());
  const OrderOutcome outcome = Execute(context, entry);
  if (outcome.refusal != OrderRefusal::kNone) return Explain(context, entry, nullptr, outcome.refusal, request.account());
  return context.validate_only ? AnswerAsIf(entry) : AnswerFor(outcome.order);
}

absl::StatusOr<v1::OrderAnswer> Exchange::CancelOrder(CommandContext& context, const v1::CancelOrderRequest& request) {
  OrderEntry entry;
  entry.kind = OrderKind::kCancel;
  SONGHUA_ASSIGN_OR_RETURN(entry.order, ledger::ParseNumberedName("name", "orders", request.name()));
  const OrderOutcome outcome = Execute(context, entry);
  const OrderRow* order = orders_.Find(entry.order);
  if (outcome.refusal != OrderRefusal::kNone) return Explain(context, entry, order, outcome.refusal, request.name());
  return context.validate_only ? AnswerFor(*order) : AnswerFor(outcome.order);
}

absl::StatusOr<v1::OrderAnswer> Exchange::ReplaceOrder(CommandContext& context, const v1::ReplaceOrderRequest& request) {
  OrderEntry entry;
  entry.kind = OrderKind::kReplace;
  SONGHUA_ASSIGN_OR_RETURN(entry.order, ledger::ParseNumberedName("name", "orders", request.name()));
  entry.price = Price(request.price_fen());
  entry.quantity = Quantity(request.quantity());
  const OrderOutcome outcome = Execute(context, entry);
  const OrderRow* order = orders_.Find(entry.order);
  if (outcome.refusal != OrderRefusal::kNone) return Explain(context, entry, order, outcome.refusal, request.name());
  if (!context.validate_only) return AnswerFor(outcome.order);
  OrderRow row = *order;
  if (!row.market) row.price = entry.price;
  row.open = entry.quantity;
  return AnswerFor(row);
}

absl::StatusOr<v1::CancelOrdersAnswer> Exchange::CancelOrders(CommandContext& context, const v1::CancelOrdersRequest& request) {
  if (!v1::Side_IsValid(request.side())) return InvalidField("side", std::to_string(request.side()), "BUY, SELL, or nothing for both");
  ContractNumber contract = 0;
  if (!request.contract().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ContractState* state, ResolveContract("contract", request.contract()));
    contract = state->row->number;
  }
  std::set<ledger::AccountNumber> accounts;
  if (!request.account().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(const ledger::AccountRow* account, ledger_->accounts().Resolve("account", request.account()));
    if (account->participant != context.participant) {
      return Refuse(absl::StatusCode::kPermissionDenied, "FOREIGN_ACCOUNT").Rule("CAR-07").Field("account").Value(request.account()).Accepted(
          "an account of the caller's own");
    }
    accounts.insert(account->number);
  } else if (const ledger::ParticipantRow* participant = participants_->FindParticipant(std::string(context.participant))) {
    if (const auto known = entries_of_.find(participant->number); known != entries_of_.end()) accounts = known->second;
  }
  v1::CancelOrdersAnswer answer;
  for (const ledger::AccountNumber account : accounts) {
    OrderRow* order = account < entries_.size() ? entries_[account].newest_order : nullptr;
    while (order != nullptr) {
      OrderRow& next = *std::exchange(order, order->older);
      if (next.off_book() || (contract != 0 && next.contract != contract)) continue;
      if (request.side() != v1::SIDE_UNSPECIFIED && (request.side() == v1::BUY) != (next.side == Side::kBuy)) continue;
      ContractState& state = *State(next.contract);
      if (!state.row->InSession(context.today) && !state.Stays(next, context.today)) continue;  // its session is over, and it is being ended
      if (CallHolds(state, next, context.time)) continue;
      if (answer.cancelled() == static_cast<int32_t>(kEndedOrdersPerCallMax)) {
        answer.set_more(true);
        return answer;
      }
      answer.set_cancelled(answer.cancelled() + 1);
      if (!context.validate_only) EndResting(context, state, next, EndReason::kByOwner);
    }
  }
  return answer;
}

v1::OrderAnswer Exchange::AnswerFor(const OrderRow& order) const {
  v1::OrderAnswer answer;
  const ContractRow& contract = *FindContract(order.contract);
  *answer.mutable_order() = ToProto(order, ledger::MakeName("contracts", contract.code), ledger::AccountName(*ledger_->accounts().Find(order.account)),
                                    contract.floor);
  return answer;
}

v1::OrderAnswer Exchange::AnswerAsIf(const OrderEntry& entry) const {
  OrderRow row;
  row.contract = entry.contract;
  row.account = entry.account;
  row.side = entry.side;
  const ContractState& state = *states_[entry.contract - 1];
  row.market = entry.type == OrderType::kStop || (entry.type == OrderType::kMarket && state.call != nullptr);
  row.price = row.market ? StopBound(*state.row, entry.side) : entry.price;
  row.open = entry.quantity;
  row.display = entry.display;
  row.trigger = entry.trigger;
  row.good_till = entry.good_till;
  v1::OrderAnswer answer = AnswerFor(row);
  answer.mutable_order()->clear_name();
  return answer;
}

// An order as the command that has just been applied to it left it: open, or ended last of all that it ended but what it triggered.
v1::OrderAnswer Exchange::AnswerFor(OrderId number) const {
  if (const OrderRow* order = orders_.Find(number)) return AnswerFor(*order);
  const OrderHistoryRow& ended = history_.number == number ? history_ : watched_history_;
  SONGHUA_CHECK(ended.number == number);
  v1::OrderAnswer answer;
  *answer.mutable_order() = ToProto(ended, ledger::MakeName("contracts", FindContract(ended.contract)->code),
                                    ledger::AccountName(*ledger_->accounts().Find(ended.account)));
  return answer;
}

// ---- Refusals in words ----

// `order` is the resting order of a replacement, null for an order that was to be placed. `name` is what the caller named it or its account by.
absl::Status Exchange::Explain(const CommandContext& context, const OrderEntry& entry, const OrderRow* order, OrderRefusal refusal,
                               const std::string& name) {
  const OrderRefusalInfo& info = Info(refusal);
  Refuse out(info.code, info.reason);
  out.Rule(info.rule).Field(info.field);
  if (refusal == OrderRefusal::kUnknownOrder) {
    out.Value(name);
    // Whose order it is may be none of the caller's business.
    if (order != nullptr && order->off_book() && entries_[order->account].row->participant == context.participant) {
      return out.Accepted("an order of a book; this one is part of " + OriginName(order->form, order->origin) + " and changes or ends with it");
    }
    return out.Accepted("an open order of the caller's own: there is none of this number, or it was filled, cancelled or ended before, which GetOrder tells");
  }
  const ContractState& state = *State(order == nullptr ? entry.contract : order->contract);
  const ContractRow& contract = *state.row;
  if (info.field == "price_fen") {
    out.Value(entry.price.value());
  } else if (info.field == "quantity") {
    out.Value(entry.quantity.value());
  } else if (info.field == "lot" || info.field == "lots") {
    size_t at = 0;
    CheckLots(contract, entry.account, entry.named_lots(), &at);
    out.Value(ledger::MakeName("lots", entry.named_lots()[at]));
    if (!entry.more_lots.empty()) out.Field("lots[" + std::to_string(at) + "]");
  } else if (info.field == "chosen_order") {
    out.Value(ledger::MakeName("orders", entry.order));
  } else if (info.field == "type") {
    out.Value(TypeText(entry.type));
  } else if (info.field == "display_quantity") {
    out.Value((order == nullptr ? entry.display : order->display).value());
  } else if (info.field == "trigger_price_fen") {
    out.Value(entry.trigger.value());
  } else if (info.field == "good_till_date") {
    out.Value(entry.good_till == Date{} ? "" : FormatDate(entry.good_till));
  } else if (info.field == "time_in_force") {
    const bool at_once = entry.time_in_force != TimeInForce::kDay;
    out.Value(!at_once ? "an order without a price" : entry.time_in_force == TimeInForce::kFillOrKill ? "FILL_OR_KILL" : "IMMEDIATE_OR_CANCEL");
  } else if (info.field == "contract") {
    out.Value(ledger::MakeName("contracts", contract.code));
  } else {
    out.Value(name);
  }
  return out.Accepted(AcceptedInstead(context, entry, order, contract, refusal));
}

absl::Status Exchange::Explain(const CommandContext& context, const OrderEntry& entry, OrderRefusal refusal) {
  if (refusal == OrderRefusal::kInvalidCommand) {
    return Refuse(Info(refusal).code, Info(refusal).reason)
        .Rule(Info(refusal).rule)
        .Field("kind")
        .Value(static_cast<int64_t>(entry.kind))
        .Accepted("PLACE with a side and a time in force, TAKE with a side and nothing else of PLACE, CANCEL or REPLACE");
  }
  if (refusal == OrderRefusal::kUnknownContract) {
    return Refuse(Info(refusal).code, Info(refusal).reason)
        .Rule(Info(refusal).rule)
        .Field(Info(refusal).field)
        .Value(static_cast<int64_t>(entry.contract))
        .Accepted("the number of a contract");
  }
  // By its number, as it was given: whose account it is may be none of the caller's business.
  const bool is_new = entry.kind == OrderKind::kPlace || entry.kind == OrderKind::kTake;
  if (is_new) return Explain(context, entry, nullptr, refusal, std::to_string(entry.account));
  return Explain(context, entry, orders_.Find(entry.order), refusal, ledger::MakeName("orders", entry.order));
}

std::string Exchange::AcceptedInstead(const CommandContext& context, const OrderEntry& entry, const OrderRow* order, const ContractRow& contract,
                                      OrderRefusal refusal) {
  const ledger::AccountNumber account = order == nullptr ? entry.account : order->account;
  switch (refusal) {
    case OrderRefusal::kSessionClosed:
      if (!contract.terms.day.by_hand() && contract.InSession(context.today)) {
        return "a time at which orders are taken: " + contract.terms.day.Text();
      }
      return contract.session_date == Date{} ? "a contract in session; this one has never been opened"
                                             : "a contract in session; the last session of this one was on " + FormatDate(contract.session_date);
    case OrderRefusal::kMarketHalted: {
      const MarketHaltRow* halt = halts_.OfContract(contract);
      return "a contract that trades; this one is stopped by " + ledger::MakeName("halts", halt->number) + ": " + halt->reason;
    }
    case OrderRefusal::kDayOrdersOnly:
      if (contract.terms.post_and_pick()) return "DAY or GOOD_TILL_DATE with a price: what is placed is posted and rests; Take takes what is posted";
      if (entry.type == OrderType::kMarketToLimit) return "MARKET or LIMIT: the contract collects orders for a call auction, and no price is the best one yet";
      return "DAY: the contract collects orders for a call auction, in which nothing is done at once";
    case OrderRefusal::kNoTakes:
      if (contract.terms.post_and_pick()) return "a time at which posts can be taken: the contract collects orders for a call auction";
      return "PlaceOrder: by " + ledger::MakeName("rulebooks", contract.rulebook) + " orders are matched as they come";
    case OrderRefusal::kChoiceOfOtherContract:
    case OrderRefusal::kUnknownChoice:
    case OrderRefusal::kChoiceOnOwnSide:
    case OrderRefusal::kOwnChoice:
    case OrderRefusal::kChoiceBeyondLimit:
    case OrderRefusal::kChoiceBeyondLevels:
    case OrderRefusal::kChoiceBehindBetter: return ChoiceText(entry, *State(contract.number), refusal);
    case OrderRefusal::kCallEnded:
      return "a contract whose call auction has traded; this one has collected until " + FormatTimestamp(contract.call.latest_end) + " and awaits its seed";
    case OrderRefusal::kPriceOffTick: return "a multiple of " + Fen(contract.tick) + " fen, above 0";
    case OrderRefusal::kQuantityOffLot: return "a multiple of " + std::to_string(contract.lot_size.value()) + ", above 0";
    case OrderRefusal::kQuantityOutsideSizes: return SizesText(contract.terms);
    case OrderRefusal::kPriceOutsideBand: return BandText(contract);
    case OrderRefusal::kPriceOutsideCollar: {
      const ContractState& state = *State(contract.number);
      const Side side = order == nullptr ? entry.side : order->side;
      const Price trigger = order == nullptr ? entry.trigger : order->trigger;
      const Price reference = trigger != Price() ? trigger : CollarReference(state, side);
      const BandLimits collar = BandAround(reference, contract.terms.collar_bps, contract.tick);
      return (side == Side::kBuy ? "at most " + Fen(collar.high) : "at least " + Fen(collar.low)) + " fen, " + std::to_string(contract.terms.collar_bps) +
             " basis points beyond " + Fen(reference);
    }
    case OrderRefusal::kPriceGiven: return "0: the order takes its price from the book; or type LIMIT";
    case OrderRefusal::kNoPriceBound:
      if (entry.type == OrderType::kStop) return "STOP_LIMIT: the rulebook has no band that bounds an order without a price";
      if (State(contract.number)->call != nullptr) return "LIMIT: the rulebook has no band that bounds a market order in a call auction";
      return "LIMIT or MARKET_TO_LIMIT: the rulebook has neither a band nor a collar that bounds a market order";
    case OrderRefusal::kBadDisplay: {
      if (order != nullptr) {  // it goes on showing what it was placed to show
        const int32_t percent = contract.terms.display_percent_min == 0 ? 100 : contract.terms.display_percent_min;
        const int64_t most = order->display.value() * 100 / percent;
        return "a quantity of at most " + std::to_string(most - most % contract.lot_size.value()) + ", of which the order shows at least " +
               std::to_string(percent) + "%; or another order in its place";
      }
      if (contract.terms.display_percent_min == 0) return "0: by " + ledger::MakeName("rulebooks", contract.rulebook) + " every order shows all of itself";
      if (entry.time_in_force != TimeInForce::kDay || entry.type == OrderType::kMarket) return "0: only an order that rests at a price may hide a part";
      return "0, or whole lots from " + std::to_string(contract.terms.DisplayMin(entry.quantity).value()) + " to " + std::to_string(entry.quantity.value()) +
             ", at least " + std::to_string(contract.terms.display_percent_min) + "% of the order";
    }
    case OrderRefusal::kBadGoodTill: {
      if (contract.terms.good_till_days_max == 0) return "empty: by " + ledger::MakeName("rulebooks", contract.rulebook) + " all orders end with their session";
      if (entry.time_in_force != TimeInForce::kDay || entry.type == OrderType::kMarket) return "empty: an order that does not rest has no last day";
      return "a day from today to " + FormatDate(context.today + contract.terms.good_till_days_max);
    }
    case OrderRefusal::kNoStopOrders: return "LIMIT, MARKET or MARKET_TO_LIMIT: " + ledger::MakeName("rulebooks", contract.rulebook) + " has no stop orders";
    case OrderRefusal::kBadTrigger: {
      if (entry.type != OrderType::kStop && entry.type != OrderType::kStopLimit) return "0: only STOP and STOP_LIMIT orders have a trigger";
      const Price last = TriggerReference(contract);
      const std::string beyond = last == Price() ? "" : (entry.side == Side::kBuy ? ", above " : ", below ") + Fen(last) + " fen, the last price";
      return "a multiple of " + Fen(contract.tick) + " fen within the band" + beyond;
    }
    case OrderRefusal::kBelowBasePrice: return "at least " + Fen(contract.floor) + ", the base price of the day";
    case OrderRefusal::kAmountOutOfRange: return "a price and a quantity whose amount fits in 64 bits of fen";
    case OrderRefusal::kForeignAccount: return "an account of the caller's own";
    case OrderRefusal::kWrongAccountKind:
      return contract.right ? "a site's rights account; a reserve only to sell, and only where trades are verified" : "a trading account";
    case OrderRefusal::kNoCashAccount: return "an account whose participant has a cash account";
    case OrderRefusal::kLotNamedTwice: return "each lot once";
    case OrderRefusal::kUnknownLot: return "a lot of the order's account";
    case OrderRefusal::kLotOfOtherPollutant: return "a lot of " + contract.pollutant;
    case OrderRefusal::kLotOfOtherProgram: return "a lot of " + ledger::MakeName("programs", contract.program);
    case OrderRefusal::kLotOfOtherVintage: return "a lot of vintage " + std::to_string(contract.vintage);
    case OrderRefusal::kLotTermTooShort:
      return "a lot valid at least from " + FormatDate(contract.term.first) + " to " + FormatDate(contract.term.last);
    case OrderRefusal::kLotOfOtherBasin: return "a lot of basin " + contract.basin;
    case OrderRefusal::kLotOfOtherZone: return "a lot of control zone " + contract.control_zone;
    case OrderRefusal::kOutsideBasin:
    case OrderRefusal::kOutsideZone:
    case OrderRefusal::kOutsideProvince:
    case OrderRefusal::kOverIndicator:
    case OrderRefusal::kNetInflow:
      return RegionText(*State(contract.number), *Entry(account), order == nullptr ? entry.side : order->side, refusal,
                        order, context.today);
    case OrderRefusal::kLotOfOtherGroup: return "a lot of trading group " + contract.trading_group;
    case OrderRefusal::kOutsideTradingGroup:
    case OrderRefusal::kOtherSourceClass: return "a site of trading group " + contract.trading_group;
    case OrderRefusal::kTraderBarred:
      return "a participant that is not barred; this one is until " +
             FormatDate(bars_.InForce(Entry(account)->row->participant, context.today)->days.last) + ", for a trade that it did not pay for";
    case OrderRefusal::kSelfTrade: return "a price that meets no order of the same entity group";
    case OrderRefusal::kCrossesBook: {
      if (!contract.terms.post_and_pick()) return "a price that does not trade on entry, or an order that is not post-only";
      const bool buys = (order == nullptr ? entry.side : order->side) == Side::kBuy;
      const std::optional<int64_t> best = State(contract.number)->book.BestPrice(buys ? Side::kSell : Side::kBuy);
      SONGHUA_CHECK(best.has_value());
      return "a price " + std::string(buys ? "below " : "above ") + Fen(Price(*best)) + " fen, the best of the other side; or Take, which takes what is posted";
    }
    case OrderRefusal::kNotFillable:
      if (entry.type != OrderType::kLimit) return "an order with a price: nobody offers the other side";
      return "a quantity that can be filled at once and whole";
    case OrderRefusal::kBookFull: return "a contract whose book has room";
    case OrderRefusal::kTooManyLots: return "a quantity from at most " + std::to_string(kLotsPerOrderMax) + " lots";
    case OrderRefusal::kFrozenUnits:
    case OrderRefusal::kPledgedUnits:
    case OrderRefusal::kBoughtToday:
    case OrderRefusal::kInsufficientUnits: {
      const Quantity free = FreeUnits(contract, account, order == nullptr ? entry.named_lots() : order->named_lots(), context.today);
      const Quantity held = order == nullptr ? Quantity() : order->open;
      return "at most " + std::to_string((free + held).value()) + ", what may be sold today";
    }
    case OrderRefusal::kInsufficientFunds: {
      const Money held = order == nullptr ? Money() : order->held_cash;
      return "an order that holds at most " + std::to_string((Entry(account)->cash->available() + held).value()) + " fen, fee included";
    }
    case OrderRefusal::kRightsInArrears: return "an account whose paid use is not in arrears";
    case OrderRefusal::kNotSurplus: return "no more than the surplus over what the site's permit needs";
    case OrderRefusal::kNoPermit: return "a site with a permit";
    case OrderRefusal::kPermitNotInForce: return "a site whose permit is in force";
    case OrderRefusal::kSiteSuspended: return "a site that is not suspended, closed or seized; or an order to buy";
    case OrderRefusal::kCreditGate: {
      const Side side = order == nullptr ? entry.side : order->side;
      const std::string deficit = side == Side::kSell ? "" : DeficitText(*State(contract.number), *Entry(account), order, context.today);
      return gate_->CreditText(*Entry(account)->row, contract, side, deficit, context.today);
    }
    case OrderRefusal::kAccountRestricted: {
      const MarketHaltRow* halt = halts_.OfAccount(account, Entry(account)->group, order == nullptr ? entry.side : order->side);
      if (halt == nullptr) return "an account without restriction";
      return "an account that may trade; this one is stopped by " + ledger::MakeName("halts", halt->number) + ": " + halt->reason;
    }
    case OrderRefusal::kHoldingLimit: {
      const ledger::ProgramHoldings& of = *State(contract.number)->holdings;
      const ledger::ParticipantNumber group = Entry(account)->group;
      const Quantity open = order == nullptr ? Quantity() : order->open;
      return "at most " + std::to_string((ledger_->holdings().RoomOf(of, group) + open).value()) + ": " + ledger_->holdings().Text(of, group);
    }
    case OrderRefusal::kNone:
    case OrderRefusal::kInvalidCommand:
    case OrderRefusal::kUnknownOrder:
    case OrderRefusal::kUnknownContract: break;
  }
  return "a valid order";
}

}  // namespace songhua::exchange
