// Orders ended by an act that is not their owner's: a permit that ended, a site suspended, an account restrained, credit lost, a court. What a bank sells
// because it enforces a pledge, only a court ends: how its pledgor stands is not the bank's fault.
#include <utility>

#include "exchange/exchange.h"
#include "exchange/incoming.h"

namespace songhua::exchange {

void Exchange::CancelOrdersOfAccount(CommandContext& context, ledger::AccountNumber account, EndReason reason, std::optional<Side> side) {
  if (account >= entries_.size()) return;
  OrderRow* order = entries_[account].newest_order;
  while (order != nullptr) {
    OrderRow* older = order->older;
    if (!order->pledge.enforced() && (!side.has_value() || order->side == *side)) EndResting(context, *State(order->contract), *order, reason);
    order = older;
  }
}

void Exchange::CancelOrdersOfSite(CommandContext& context, std::string_view site, EndReason reason) {
  const ledger::AccountRow* account = ledger_->accounts().FindById(std::string(site) + ".rights");
  if (account != nullptr) CancelOrdersOfAccount(context, account->number, reason);
}

// What a sell order offers was counted when it was placed, so only the seller's standing is asked for. Where a deficit is less than all bids together, the newest
// end until the rest fits.
void Exchange::RestrainOrdersOfAccount(CommandContext& context, ledger::AccountNumber account, EndReason reason) {
  if (account >= entries_.size()) return;
  OrderRow* order = entries_[account].newest_order;
  if (order == nullptr) return;
  const ledger::AccountRow& row = *entries_[account].row;
  Incoming incoming(*this, entries_[account], nullptr);
  while (order != nullptr) {
    OrderRow& next = *std::exchange(order, order->older);
    if (next.pledge.enforced()) continue;
    ContractState& state = *State(next.contract);
    const auto end = [&](OrderRefusal refusal) { EndResting(context, state, next, reason == EndReason::kNone ? EndReasonOf(refusal) : reason); };
    if (next.side == Side::kSell) {
      const OrderRefusal refusal = gate_->MaySell(row, *state.row, Quantity(), context.today);
      if (refusal != OrderRefusal::kNone) end(refusal);
      continue;
    }
    incoming.Leave(next);
    const auto coming = [&](int32_t year) { return incoming.In(state.row->pollutant, year); };
    if (const OrderRefusal refusal = gate_->MayBuy(row, *state.row, next.open, coming, context.today); refusal == OrderRefusal::kNone) {
      incoming.Return(next);
    } else {
      end(refusal);
    }
  }
}

void Exchange::RestrainOrdersOfSite(CommandContext& context, std::string_view site, EndReason reason) {
  const ledger::AccountRow* account = ledger_->accounts().FindById(std::string(site) + ".rights");
  if (account != nullptr) RestrainOrdersOfAccount(context, account->number, reason);
}

void Exchange::RestrainOrdersOfParticipant(CommandContext& context, const std::string& participant, EndReason reason) {
  const auto known = entries_of_.find(participants_->FindParticipant(participant)->number);
  if (known == entries_of_.end()) return;
  for (const ledger::AccountNumber account : known->second) RestrainOrdersOfAccount(context, account, reason);
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
