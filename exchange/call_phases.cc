// The call auction inside the exchange: its book while orders are collected, and what its one price turns into.
//
// A contract collects from the start of a CALL phase to the uncrossing, which the engine's timer does at the phase's end; under a halt it waits until
// trading is resumed (CAR-27), or for the close, which cancels what is left.
#include "exchange/call_book.h"
#include "exchange/exchange.h"
#include "exchange/matching.h"

namespace songhua::exchange {

// Fills of an uncrossing, turned into trades and rows: both orders rested, each at its own limit.
class Exchange::Uncrossing final : public QuietSink {
 public:
  Uncrossing(Exchange& exchange, CommandContext& context, ContractState& state) : exchange_(exchange), context_(context), state_(state) {}

  void OnFill(const Fill& fill) override {
    OrderRow& seller = exchange_.orders_.Edit(*exchange_.orders_.Find(fill.maker_id));
    OrderRow& buyer = exchange_.orders_.Edit(*exchange_.orders_.Find(fill.taker_id));
    Leave(seller, fill.quantity, fill.maker_open);
    Leave(buyer, fill.quantity, fill.taker_open);
    exchange_.Agree(context_, state_, buyer, seller, Price(fill.price), Quantity(fill.quantity));
    for (OrderRow* order : {&seller, &buyer}) {
      if (order->open > Quantity()) continue;
      exchange_.End(context_, *order, EndReason::kNone);
      exchange_.Remove(*order);
    }
  }

 private:
  void Leave(const OrderRow& order, int64_t quantity, int64_t open) {
    context_.events->Emit(EventType::kBookChanged, order.contract, order.side, order.price, Quantity(-quantity), open == 0 ? int32_t{-1} : int32_t{0});
  }

  Exchange& exchange_;
  CommandContext& context_;
  ContractState& state_;
};

std::unique_ptr<CallBook> Exchange::NewCallBook(const ContractRow& row) {
  return std::make_unique<CallBook>(BookOptions{.tick = row.tick.value(), .band = LadderBand(row)});
}

void Exchange::StartCall(CommandContext& context, ContractState& state) {
  state.call = NewCallBook(*state.row);
  state.call->TakeFrom(state.book);
  ShowIcebergs(context, state);
  contracts_.Edit(*state.row).collecting = true;
}

void Exchange::Uncross(CommandContext& context, ContractState& state) {
  Uncrossing uncrossing(*this, context, state);
  if (const auto clearing = state.call->Uncross(CallReferenceOf(*state.row), uncrossing)) {
    const auto quantity = static_cast<int64_t>(clearing->volume);  // volumes of orders that were accepted fit (CheckTerms)
    context.events->Emit(EventType::kUncrossed, state.row->number, Price(clearing->price), Quantity(quantity));
  }
  state.call->MoveTo(state.book);
  state.call.reset();
  contracts_.Edit(*state.row).collecting = false;
  ShowIcebergs(context, state);
}

// In a call they are shown whole and trade whole (call_book.h).
void Exchange::ShowIcebergs(CommandContext& context, ContractState& state) {
  for (const Side side : {Side::kBuy, Side::kSell}) {
    state.ForEachOrder(side, [&](const RestingOrder& resting) {
      if (resting.display == 0) return;
      OrderRow& order = orders_.Edit(*orders_.Find(resting.id));
      const Quantity comes = order.hidden - Quantity(resting.hidden);
      order.hidden = Quantity(resting.hidden);
      if (comes != Quantity()) context.events->Emit(EventType::kBookChanged, order.contract, order.side, order.price, comes, int32_t{0});
    });
  }
}

}  // namespace songhua::exchange
