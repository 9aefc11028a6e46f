// Inside of the exchange: what the book says, turned into rows. One Matching lives for one Add, Take or Replace of one contract's book.
//
// The book checks as it matches and refuses before its first event, so everything here may change rows and cannot fail: what an order could
// cost was planned before (order_entry.cc).
#ifndef SONGHUA_EXCHANGE_MATCHING_H_
#define SONGHUA_EXCHANGE_MATCHING_H_

#include "exchange/exchange.h"

namespace songhua::exchange {

// Tells those who follow an account that an order of it waits as it now stands.
inline void EmitEntered(CommandContext& context, const OrderRow& order) { context.events->Emit(EventType::kOrderEntered, order.number, order.account); }

// Tells takers what waits to be chosen (CAR-15). `open` 0: it is gone.
inline void EmitPost(CommandContext& context, const ContractRow& contract, const OrderRow& order, Quantity open) {
  if (contract.terms.post_and_pick()) context.events->Emit(EventType::kPostChanged, contract.number, order.number, order.side, order.price, open);
}

// What a buy order holds by these terms: the amount of `open` at its limit, and the fee that all its fills would then have cost, less what was charged. False
// where it does not fit. It falls with every fill by at least the fill's amount and fee, and to zero with the last.
bool HoldOf(const ContractRow& contract, const RulebookTerms& terms, Price price, Quantity open, Money traded, Money fee_charged, Money* hold);

OrderRefusal FromBook(BookReject reject);

class Exchange::Matching final : public EventSink {
 public:
  Matching(Exchange& exchange, CommandContext& context, ContractState& state) : exchange_(exchange), context_(context), state_(state) {}

  // The order to be added, or the take, with what it will hold: cash here, units in planned_. `post_only` as the book is told.
  void Bring(const OrderEntry& command, bool post_only, Money hold);
  // A new order as a row that holds nothing yet.
  static void Write(const OrderEntry& command, const CommandContext& context, OrderPriority priority, OrderRow* row);
  // The resting order to be replaced, the same.
  void Change(OrderRow& order, Money hold) {
    taker_ = &order;
    is_row_ = true;
    hold_ = hold;
  }

  // A suspended order that comes back, unchanged or replaced, or a stop order that was triggered: what it will be, and hold.
  void Return(OrderRow& order, Price price, Quantity open, Money hold, OrderPriority priority) {
    Change(order, hold);
    returns_ = true;
    price_ = price;
    open_ = open;
    priority_ = priority;
  }

  // To the book in which the contract's orders rest now; what it says is heard here.
  BookReject Add(const NewOrder& order) { return state_.call != nullptr ? state_.call->Add(order, *this) : state_.book.Add(order, *this); }
  BookReject Take(const TakeOrder& take) { return state_.book.Take(take, *this); }
  BookReject Replace(OrderId id, int64_t price, int64_t open) {
    return state_.call != nullptr ? state_.call->Replace(id, price, open, *this) : state_.book.Replace(id, price, open, *this);
  }

  void OnAccepted(const Accepted&) override;
  void OnReplaced(const Replaced& event) override;
  void OnFill(const Fill& event) override;
  void OnCanceled(const Canceled& event) override {
    end_reason_ = event.reason == CancelReason::kTakeRest ? EndReason::kRestOfTake : EndReason::kRestOfIoc;
  }
  void OnSelfTradePrevented(const SelfTradePrevented& event) override;
  void OnReplenished(const Replenished& event) override;
  void OnRested(const Rested& event) override;
  void OnRejected(const Rejected&) override {}

  // Ends the order that came in if nothing of it rests. REQUIRES: the book accepted it.
  OrderOutcome Finish();

 private:
  void TakeBack();
  // An order loses a part that is not traded. REQUIRES: something of it stays.
  void Shrink(OrderRow& order, Quantity open);
  // Adds to the change of a level, which becomes one event for as long as the level stays the same.
  void ChangeLevel(Side side, int64_t price, int64_t quantity, int32_t orders);
  void EmitLevel();

  Exchange& exchange_;
  CommandContext& context_;
  ContractState& state_;
  OrderRow incoming_;  // a new order, until it rests
  OrderRow* taker_ = nullptr;
  bool is_row_ = false;  // taker_ is a row of the table
  Money hold_;
  EndReason end_reason_ = EndReason::kNone;  // why nothing of it rests, where it was not filled
  bool returns_ = false;
  Price price_;  // of one that returns
  Quantity open_;
  OrderPriority priority_;

  bool level_changed_ = false;
  Side level_side_ = Side::kBuy;
  int64_t level_price_ = 0;
  int64_t level_quantity_ = 0;
  int32_t level_orders_ = 0;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_MATCHING_H_
