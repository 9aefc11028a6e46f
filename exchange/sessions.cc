// Market sessions: their opening, their close, and the end of what still rests then.
#include <algorithm>

#include "exchange/exchange.h"
#include "exchange/matching.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {

absl::StatusOr<ContractRow> Exchange::PlanSession(const ContractState& state, Timestamp now, std::string_view name) const {
  const auto refuse = [&](std::string_view reason, std::string_view rule, std::string_view accepted) {
    return Refuse(absl::StatusCode::kFailedPrecondition, reason).Rule(rule).Field("contract").Value(name).Accepted(accepted);
  };
  const Date today = LocalDate(now);
  ContractRow row = *state.row;
  if (row.InSession(today)) return refuse("SESSION_OPEN", "CAR-11", "a contract whose session is closed");
  if (row.open || state.Overdue(today) > 0) {
    return refuse("SESSION_NOT_ENDED", "CAR-23", "a contract whose last session has been closed and all its orders ended");
  }
  SONGHUA_RETURN_IF_ERROR(CheckSettled(row, today, name));
  if (row.right && today > row.term.last) {
    return refuse("TERM_ENDED", "DR-06", "a contract for a term that has not ended; this one ended on " + FormatDate(row.term.last));
  }
  row.terms = rulebooks_.InForce(row.rulebook, today)->terms;
  if (!row.terms.day.by_hand()) {
    if (!rulebooks_.IsMarketDay(row.terms, today)) {
      return refuse("NO_MARKET_DAY", "CAR-11", "a TRADING day that is no closed date of " + ledger::MakeName("rulebooks", row.rulebook));
    }
    if (row.terms.day.At(now).kind == v1::MarketPhase::KIND_UNSPECIFIED) {
      return refuse("OUTSIDE_HOURS", "CAR-11", "a time within the market day: " + row.terms.day.Text());
    }
  }
  row.band_low = Price();
  row.band_high = Price(ContractRow::kNoUpperLimit);
  if (row.terms.band_bps > 0) {
    if (row.reference_price == Price()) return refuse("NO_REFERENCE_PRICE", "CAR-27", "a contract with a previous close or a reference price");
    const BandLimits band = BandAround(row.reference_price, row.terms.band_bps, row.tick);
    if (band.high < band.low) {
      return refuse("EMPTY_BAND", "CAR-13", "a tick and a reference price with a tick inside the band; the reference is " +
                                                std::to_string(row.reference_price.value()));
    }
    row.band_low = band.low;
    row.band_high = band.high;
  }
  SetDelivery(&row);
  row.floor = BasePriceOf(row.number, row.terms, today);
  row.open = true;
  if (row.session_date != today) row.bar = DailyBar{.previous_close = row.reference_price};
  row.session_date = today;
  row.not_opened.clear();
  return row;
}

// Orders that stayed are not under the new floor yet: RefreshFloor brings it to them.
void Exchange::Open(CommandContext& context, ContractState& state, ContractRow row) {
  if (row.session_date != state.row->session_date) surveillance_.Forget(row.number);
  if (state.HasOrders()) {
    FitGoodTillOrders(context, state, row);
    row.floor = state.row->floor;
  }
  // What stayed from a session of another mechanism may be chosen from now on, or no more.
  const bool picked = state.row->terms.post_and_pick();
  contracts_.Edit(*state.row) = std::move(row);
  if (picked != state.row->terms.post_and_pick()) {
    for (const Side side : {Side::kBuy, Side::kSell}) {
      state.ForEachOrder(side, [&](const RestingOrder& resting) {
        const OrderRow& order = *orders_.Find(resting.id);
        context.events->Emit(EventType::kPostChanged, order.contract, order.number, side, order.price, picked ? Quantity() : order.open);
      });
    }
  }
  state.book.set_self_trade(state.row->terms.self_trade);
  if (const auto band = LadderBand(*state.row)) state.book.MoveBand(*band);
  state.phase = PhaseNow();
  if (PhaseOf(state, context.time) == v1::MarketPhase::CALL) BeginCall(context, state);
  RefreshFloor(context, state);
  EmitSession(context, *state.row);
}

absl::StatusOr<v1::ContractAnswer> Exchange::OpenSession(CommandContext& context, const v1::SessionRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(ContractState * state, ResolveContract("contract", request.contract()));
  SONGHUA_ASSIGN_OR_RETURN(ContractRow row, PlanSession(*state, context.time, request.contract()));
  v1::ContractAnswer answer;
  *answer.mutable_contract() = ToProto(row, context.time);
  if (!context.validate_only) Open(context, *state, std::move(row));
  return answer;
}

absl::StatusOr<v1::ContractAnswer> Exchange::SetReferencePrice(CommandContext& context, const v1::SetReferencePriceRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(ContractState * state, ResolveContract("contract", request.contract()));
  if (state->row->InSession(context.today)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "SESSION_OPEN").Rule("CAR-27").Field("contract").Value(request.contract()).Accepted(
        "a contract whose session is closed: the band of an open one stands");
  }
  const int64_t tick = state->row->tick.value();
  if (request.price_fen() <= 0 || request.price_fen() > kPriceMax || request.price_fen() % tick != 0) {
    return InvalidField("price_fen", std::to_string(request.price_fen()), "a multiple of " + std::to_string(tick) + ", 1 to " + std::to_string(kPriceMax))
        .Rule("CAR-10");
  }
  if (request.announcement().empty() || request.announcement().size() > kAnnouncementBytesMax) {
    return InvalidField("announcement", request.announcement(), "the notice that fixes it, 1 to " + std::to_string(kAnnouncementBytesMax) + " bytes").Rule("CAR-27");
  }
  ContractRow row = *state->row;
  row.reference_price = Price(request.price_fen());
  v1::ContractAnswer answer;
  *answer.mutable_contract() = ToProto(row, context.time);
  if (context.validate_only) return answer;
  contracts_.Edit(*state->row).reference_price = row.reference_price;
  EmitSession(context, *state->row);
  return answer;
}

absl::StatusOr<v1::ContractAnswer> Exchange::CloseSession(CommandContext& context, const v1::SessionRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(ContractState * state, ResolveContract("contract", request.contract()));
  if (!state->row->open) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "SESSION_CLOSED").Rule("CAR-11").Field("contract").Value(request.contract()).Accepted(
        "a contract whose session is open");
  }
  v1::ContractAnswer answer;
  if (context.validate_only) {
    ContractRow row = *state->row;
    row.reference_price = row.bar.Prices(row.tick).close;
    row.open = false;
    *answer.mutable_contract() = ToProto(row, context.time);
    return answer;
  }
  Close(context, *state);
  EndOrders(context, *state, kEndedOrdersPerCallMax, EndReason::kSessionClosed);
  *answer.mutable_contract() = ToProto(*state->row, context.time);
  return answer;
}

// The close is the reference of the next session; without a trade it stays what it was (CAR-14). A day that is opened again goes on with its bar.
void Exchange::Close(CommandContext& context, ContractState& state) {
  ContractRow& row = contracts_.Edit(*state.row);
  row.reference_price = row.bar.Prices(row.tick).close;
  row.open = false;
  row.purging = false;
  AbandonCall(context, state);
  surveillance_.Judge(context, row);
  state.to_end = {};  // what a halt was to purge stays, where it is good for longer
  bars_of_days_.Append(FinishDailyBar(row.number, row.session_date, row.bar, row.tick));
  DropCall(state);
  EmitSession(context, row);
}

absl::StatusOr<v1::SurveillanceFlagAnswer> Exchange::AcknowledgeSurveillanceFlag(CommandContext& context,
                                                                                 const v1::AcknowledgeSurveillanceFlagRequest& request) {
  return surveillance_.Acknowledge(context, request, [this](ContractNumber number) { return FindContract(number)->code; });
}

void Exchange::EmitSession(CommandContext& context, const ContractRow& row) {
  context.events->Emit(EventType::kSessionChanged, row.number, row.open, row.session_date, row.reference_price, row.last_price);
}

// All orders under a halt; of a closed contract those that are overdue. Buy orders first, from the best price on and in order of priority; then sell orders;
// then those that were suspended; last stop orders. The list is made once; after a restart it is made of what is left, which is the same order.
size_t Exchange::EndOrders(CommandContext& context, ContractState& state, size_t orders_max, EndReason reason) {
  // They may all have ended otherwise since the list was made: by their owners, under a halt that purges, or by a revocation.
  const bool all = reason == EndReason::kMarketHalt;
  const auto left = [&] { return all ? state.orders() : state.Overdue(context.today); };
  if (left() == 0) {
    state.to_end = {};
    DropCall(state);
    return 0;
  }
  if (state.to_end.empty()) {
    state.to_end.reserve(left());
    const auto add = [&](OrderId id) {
      if (all || !state.Stays(*orders_.Find(id), context.today)) state.to_end.push_back(id);
    };
    for (const Side side : {Side::kBuy, Side::kSell}) {
      state.ForEachOrder(side, [&](const RestingOrder& order) { add(order.id); });
    }
    for (const auto& [priority, id] : state.suspended) add(id);
    state.stops.ForEach(add);
    std::reverse(state.to_end.begin(), state.to_end.end());
  }
  size_t ended = 0;
  while (ended < orders_max && left() > 0) {
    OrderRow* order = orders_.FindMutable(state.to_end.back());
    state.to_end.pop_back();
    if (order == nullptr) continue;  // ended by another's order meanwhile
    EndResting(context, state, *order, !all && order->good_till != Date{} ? EndReason::kExpired : reason);
    ++ended;
  }
  if (left() == 0) state.to_end = {};
  DropCall(state);
  return ended;
}

// A closed contract collects no more, once all that it collected has ended. What it collected may cross, so none of it stays for another session (Stays).
void Exchange::DropCall(ContractState& state) {
  if (state.row->open || state.call == nullptr || !state.call->empty()) return;
  state.call.reset();
  contracts_.Edit(*state.row).collecting = false;
}

bool Exchange::CloseStaleSessions(CommandContext& context) {
  SONGHUA_CHECK(!context.validate_only);
  size_t left = kEndedOrdersPerCallMax;
  for (auto& state : states_) {
    if (state->row->open && state->row->session_date < context.today) Close(context, *state);
    if (!state->row->open) {
      left -= EndOrders(context, *state, left, EndReason::kSessionClosed);
    } else if (state->row->purging) {
      left -= EndOrders(context, *state, left, EndReason::kMarketHalt);
      if (!state->HasOrders()) contracts_.Edit(*state->row).purging = false;
    }
    if (left == 0) return HasStaleSessions(context.today);
  }
  return false;
}

bool Exchange::HasStaleSessions(Date today) const {
  return std::any_of(states_.begin(), states_.end(), [&](const auto& state) {
    return state->row->open ? state->row->session_date < today || state->row->purging : state->Overdue(today) > 0;
  });
}

void Exchange::RefreshFloors(CommandContext& context) {
  SONGHUA_CHECK(!context.validate_only);
  for (auto& state : states_) RefreshFloor(context, *state);
}

// What comes back may trade. So a floor that falls while nothing may meet, in a break or under a halt, is taken when orders meet again.
void Exchange::RefreshFloor(CommandContext& context, ContractState& state) {
  if (!state.row->InSession(context.today)) return;
  const Price floor = state.row->terms.base_price_floor ? floors_->FloorOf(*state.row, context.today) : Price();
  if (floor == state.row->floor) return;
  if (floor < state.row->floor && CheckMarket(state, context) != OrderRefusal::kNone) return;
  contracts_.Edit(*state.row).floor = floor;
  std::vector<OrderId> below, back;
  for (const Side side : {Side::kBuy, Side::kSell}) {
    state.ForEachOrder(side, [&](const RestingOrder& order) {
      if (order.market ? orders_.Find(order.id)->IsBelow(floor) : order.price < floor.value()) below.push_back(order.id);
    });
  }
  for (const auto& [priority, id] : state.suspended) {
    if (orders_.Find(id)->price >= floor) back.push_back(id);
  }
  for (const OrderId id : below) {
    OrderRow& order = *orders_.FindMutable(id);
    if (order.market) {
      EndResting(context, state, order, EndReason::kBelowBasePrice);  // the floor is above the band: no price will come for it
    } else {
      Suspend(context, state, id);
    }
  }
  for (const OrderId id : back) Resume(context, state, id);
}

void Exchange::Suspend(CommandContext& context, ContractState& state, OrderId id) {
  const OrderRow& order = *orders_.Find(id);
  LeaveBook(context, state, order);
  state.suspended.emplace(order.priority, id);
  EmitEntered(context, order);
}

// At its price there is nobody before it: who might be, came back before it or was refused while it was suspended. So it keeps its priority.
void Exchange::Resume(CommandContext& context, ContractState& state, OrderId id) {
  OrderRow& order = *orders_.FindMutable(id);
  planned_.clear();
  Matching matching(*this, context, state);
  matching.Return(order, order.price, order.open, order.held_cash, order.priority);
  const BookReject reject = matching.Add({.id = id,
                                          .side = order.side,
                                          .price = order.price.value(),
                                          .quantity = order.open.value(),
                                          .post_only = order.post_only,
                                          .owner = entries_[order.account].group,
                                          .display = order.display.value()});
  if (reject == BookReject::kNone) {
    matching.Finish();
  } else {
    EndResting(context, state, order, EndReason::kBelowBasePrice);
  }
}

}  // namespace songhua::exchange
