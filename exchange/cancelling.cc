// Orders ended by an act that is not their owner's: a permit that ended, a site suspended, a court.
#include "exchange/exchange.h"

namespace songhua::exchange {

void Exchange::CancelOrdersOfAccount(CommandContext& context, ledger::AccountNumber account, EndReason reason, std::optional<Side> side) {
  if (account >= entries_.size()) return;
  OrderRow* order = entries_[account].newest_order;
  while (order != nullptr) {
    OrderRow* older = order->older;
    if (!side.has_value() || order->side == *side) EndResting(context, *State(order->contract), *order, reason);
    order = older;
  }
}

void Exchange::CancelOrdersOfSite(CommandContext& context, std::string_view site, EndReason reason) {
  const ledger::AccountRow* account = ledger_->accounts().FindById(std::string(site) + ".rights");
  if (account != nullptr) CancelOrdersOfAccount(context, account->number, reason);
}

void Exchange::CancelSellOrdersOfSite(CommandContext& context, std::string_view site, EndReason reason) {
  const ledger::AccountRow* account = ledger_->accounts().FindById(std::string(site) + ".rights");
  if (account != nullptr) CancelOrdersOfAccount(context, account->number, reason, Side::kSell);
}

void Exchange::CancelOrdersOver(CommandContext& context, ledger::LotNumber lot, Quantity quantity) {
  const ledger::AccountNumber account = ledger_->lots().Find(lot)->account;
  if (account >= entries_.size()) return;
  OrderRow* order = entries_[account].newest_order;
  while (order != nullptr && quantity > Quantity()) {
    OrderRow* older = order->older;
    Quantity held = order->first_slice.lot == lot ? order->first_slice.quantity : Quantity();
    for (const LotSlice& slice : order->more_slices) {
      if (slice.lot == lot) held += slice.quantity;
    }
    if (held > Quantity()) {
      EndResting(context, *State(order->contract), *order, EndReason::kCourtFreeze);
      quantity -= std::min(quantity, held);
    }
    order = older;
  }
}

}  // namespace songhua::exchange
