// Takes (CAR-15, CAR-16): how trades come about where a rulebook says POST_AND_PICK. What is placed there is a post-only order (order_entry.cc). A take is an
// order that never rests: it passes the same checks, holds the same while it trades, and ends in its own command.
#include "exchange/exchange.h"
#include "exchange/matching.h"
#include "ledger/names.h"
#include "ledger/refusal.h"

namespace songhua::exchange {

OrderOutcome Exchange::Pick(CommandContext& context, const OrderEntry& command) {
  const auto refused = [](OrderRefusal refusal) { return OrderOutcome{.order = 0, .refusal = refusal, .filled = Quantity(), .open = Quantity()}; };
  const bool plain = command.type == OrderType::kLimit && command.time_in_force == TimeInForce::kDay && !command.post_only && command.display == Quantity() &&
                     command.trigger == Price() && command.good_till == Date{};
  if (!plain || (command.side != Side::kBuy && command.side != Side::kSell)) return refused(OrderRefusal::kInvalidCommand);
  ContractState* state = State(command.contract);
  if (state == nullptr) return refused(OrderRefusal::kUnknownContract);
  const ContractRow& contract = *state->row;
  OrderRefusal refusal = CheckMarket(*state, context);
  if (refusal == OrderRefusal::kNone && (!contract.terms.post_and_pick() || state->call != nullptr)) refusal = OrderRefusal::kNoTakes;
  if (refusal == OrderRefusal::kNone) refusal = CheckTerms(contract, command.price, command.quantity);
  if (refusal == OrderRefusal::kNone) refusal = CheckCollar(*state, command.side, command.price);
  if (refusal == OrderRefusal::kNone) refusal = CheckParty(context, *state, command);
  if (refusal != OrderRefusal::kNone) return refused(refusal);
  const OrderRow* chosen = command.order == 0 ? nullptr : orders_.Find(command.order);
  if (chosen != nullptr && chosen->contract != command.contract) return refused(OrderRefusal::kChoiceOfOtherContract);

  const TakeOrder take{.id = context.sequence,
                       .side = command.side,
                       .price = command.price.value(),
                       .quantity = command.quantity.value(),
                       .owner = entries_[command.account].group,
                       .chosen = command.order,
                       .levels_max = static_cast<uint32_t>(contract.terms.take_levels_max)};
  Money hold;
  refusal = PlanHold(contract, contract.terms, command, context.today, &hold);
  if (refusal == OrderRefusal::kAmountOutOfRange) return refused(refusal);
  if (refusal != OrderRefusal::kNone || context.validate_only) {
    // As for an order: the book comes before units and cash.
    const OrderRefusal by_book = FromBook(state->book.CheckTake(take));
    return refused(by_book != OrderRefusal::kNone ? by_book : refusal);
  }
  Matching matching(*this, context, *state);
  matching.Bring(command, false, hold);
  refusal = FromBook(matching.Take(take));
  return refusal == OrderRefusal::kNone ? matching.Finish() : refused(refusal);
}

absl::StatusOr<v1::OrderAnswer> Exchange::Take(CommandContext& context, const v1::TakeRequest& request) {
  SONGHUA_ASSIGN_OR_RETURN(const ContractState* state, ResolveContract("contract", request.contract()));
  SONGHUA_ASSIGN_OR_RETURN(const std::string account_id, ledger::ParseName("account", "accounts", request.account()));
  OrderEntry entry{.kind = OrderKind::kTake};
  if (request.side() != v1::BUY && request.side() != v1::SELL) return InvalidField("side", std::to_string(request.side()), "BUY or SELL");
  SONGHUA_RETURN_IF_ERROR(ReadLots(request.side(), request.lot(), request.lots(), &entry));
  if (!request.chosen_order().empty()) {
    SONGHUA_ASSIGN_OR_RETURN(entry.order, ledger::ParseNumberedName("chosen_order", "orders", request.chosen_order()));
  }
  const ledger::AccountRow* account = ledger_->accounts().FindById(account_id);
  entry.side = static_cast<Side>(request.side());
  entry.contract = state->row->number;
  entry.account = account == nullptr ? 0 : account->number;  // 0 is foreign to everybody
  entry.price = Price(request.price_fen());
  entry.quantity = Quantity(request.quantity());
  const OrderOutcome outcome = Execute(context, entry);
  if (outcome.refusal != OrderRefusal::kNone) return Explain(context, entry, nullptr, outcome.refusal, request.account());
  return context.validate_only ? AnswerAsIf(entry) : AnswerFor(outcome.order);
}

// What could be chosen instead.
std::string Exchange::ChoiceText(const OrderEntry& entry, const ContractState& state, OrderRefusal refusal) const {
  const Side maker_side = entry.side == Side::kBuy ? Side::kSell : Side::kBuy;
  const auto fen = [](int64_t price) { return std::to_string(price) + " fen"; };
  const auto price_of_choice = [&] { return state.book.Find(entry.order)->price; };
  switch (refusal) {
    case OrderRefusal::kChoiceOfOtherContract: return "an order of " + ledger::MakeName("contracts", state.row->code);
    case OrderRefusal::kChoiceOnOwnSide: return std::string("an order to ") + (maker_side == Side::kSell ? "sell" : "buy");
    case OrderRefusal::kOwnChoice: return "an order of another entity group";
    case OrderRefusal::kChoiceBeyondLimit: return "an order within the limit; the price of this one is " + fen(price_of_choice());
    case OrderRefusal::kChoiceBeyondLevels: {
      std::vector<LevelDepth> levels(static_cast<size_t>(state.row->terms.take_levels_max));
      const size_t count = state.book.Depth(maker_side, levels);
      return "an order within the best " + std::to_string(count) + " price levels, to " + fen(levels[count - 1].price);
    }
    case OrderRefusal::kChoiceBehindBetter: {
      int64_t better = 0;
      state.book.ForEachLevelWithin(maker_side, price_of_choice(), [&](const LevelDepth& level) {
        if (level.price != price_of_choice()) better += level.open_quantity;
      });
      return "a quantity above " + std::to_string(better) + ", what is posted at better prices; or an order at the best price, " +
             fen(*state.book.BestPrice(maker_side));
    }
    default: return "an order that rests: there is none of this number, or it was filled, cancelled or ended before, or is below the base price";
  }
}

}  // namespace songhua::exchange
