// Holding limits over entity groups in the market (CAR-25, CAR-26): what a group is buying counts beside what it holds, and ends where it would go beyond.
#include <algorithm>
#include <map>
#include <vector>

#include "exchange/exchange.h"
#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua::exchange {

OrderRefusal Exchange::CheckHolding(const ContractState& state, const AccountEntry& entry, Side side, Quantity more) const {
  if (side != Side::kBuy || state.holdings == nullptr || more <= Quantity()) return OrderRefusal::kNone;
  return more <= ledger_->holdings().RoomOf(*state.holdings, entry.group) ? OrderRefusal::kNone : OrderRefusal::kHoldingLimit;
}

absl::Status Exchange::CheckHoldingOf(const TradeFields& trade, const std::string& name) {
  const ledger::ProgramHoldings* of = State(trade.contract)->holdings;
  if (of == nullptr || !of->program->holding_limit.in_force()) return absl::OkStatus();
  const ledger::Holdings& holdings = ledger_->holdings();
  const ledger::ParticipantNumber group = Entry(trade.buyer)->group;
  if (holdings.HoldingOf(*of, group).total() <= holdings.LimitOf(*of, group).value()) return absl::OkStatus();
  return Refuse(absl::StatusCode::kFailedPrecondition, "HOLDING_LIMIT")
      .Rule("CAR-26")
      .Field("name")
      .Value(name)
      .Accepted("a trade that leaves its buyer's group within its limit, or none: " + holdings.Text(*of, group));
}

void Exchange::EndBidsOverLimits(CommandContext& context) {
  ledger::Holdings& holdings = ledger_->holdings();
  for (const auto& [program, group] : holdings.TakeBreaches()) {
    const ledger::ProgramHoldings& of = *holdings.Of(program);
    std::vector<OrderId> bids;
    for (const AccountEntry& entry : entries_) {
      if (entry.group != group) continue;
      for (const OrderRow* order = entry.newest_order; order != nullptr; order = order->older) {
        if (order->side == Side::kBuy && State(order->contract)->holdings == &of) bids.push_back(order->number);
      }
    }
    std::sort(bids.rbegin(), bids.rend());
    for (const OrderId id : bids) {
      if (holdings.HoldingOf(of, group).total() <= holdings.LimitOf(of, group).value()) break;
      OrderRow& order = *orders_.FindMutable(id);
      EndResting(context, *State(order.contract), order, EndReason::kOverHoldingLimit);
    }
  }
}

void Exchange::CountBuying(CommandContext* context, const ContractState& state, ledger::AccountNumber account, Quantity change) {
  if (state.holdings == nullptr || change == Quantity()) return;
  ledger_->holdings().CountBuying(context, *state.holdings, account, change);
}

// The sums are what lots, orders and trades add up to, and who is a large holder is reported as one.
void Exchange::CheckHoldings() const {
  std::map<const ledger::ProgramHoldings*, std::map<ledger::ParticipantNumber, ledger::GroupHolding>> counted;
  ledger::Holdings& holdings = ledger_->holdings();
  for (ledger::LotNumber number = 1; number <= ledger_->lots().size(); ++number) {
    const ledger::LotRow& lot = *ledger_->lots().Find(number);
    const ledger::ProgramHoldings* of = holdings.Of(ledger_->programs().FindClass(lot.instrument_class)->program);
    if (of != nullptr) counted[of][holdings.GroupOf(lot.account)].held += lot.quantity.value();
  }
  for (const AccountEntry& entry : entries_) {
    for (const OrderRow* order = entry.newest_order; order != nullptr; order = order->older) {
      const ledger::ProgramHoldings* of = states_[order->contract - 1]->holdings;
      if (of != nullptr && order->side == Side::kBuy) counted[of][entry.group].buying += order->open.value();
    }
  }
  for (const auto& state : states_) {
    if (state->holdings == nullptr) continue;
    const TradeNumber first = FirstTradeOf(state->row->number);
    for (TradeNumber number = first + 1; number <= first + state->row->trades; ++number) {
      const TradeRow* trade = trades_.Find(number);
      if (trade != nullptr) counted[state->holdings][holdings.GroupOf(trade->buyer)].buying += trade->quantity.value();
    }
  }
  for (auto& [of, groups] : counted) {
    for (ledger::ParticipantNumber group = 1; group < of->groups.size(); ++group) {
      const ledger::GroupHolding& kept = of->groups[group];
      SONGHUA_CHECK(kept.held == groups[group].held && kept.buying == groups[group].buying);
      SONGHUA_CHECK(holdings.IsLarge(*of, group) == (kept.report != nullptr && kept.report->large));
    }
  }
}

}  // namespace songhua::exchange
