// What must always hold between orders, trades, books and the ledger (DESIGN.md section 8). Slow and plain.
#include <map>
#include <set>

#include "exchange/exchange.h"
#include "exchange/matching.h"
#include "ledger/check.h"
#include "ledger/pledges.h"

namespace songhua::exchange {

void Exchange::CheckInvariants() const {
  std::map<ledger::LotNumber, Quantity> units_of_orders, units_of_trades;
  std::map<std::pair<uint64_t, ledger::LotNumber>, Quantity> units_of_pledges;
  const auto count = [&](const SalePledge& pledge, const LotSlice& slice) {
    if (pledge.number != 0) units_of_pledges[{pledge.number, slice.lot}] += slice.quantity;
  };
  std::map<ledger::AccountNumber, Money> cash_of_orders, cash_of_trades;
  size_t orders = 0;
  for (ledger::AccountNumber account = 0; account < entries_.size(); ++account) {
    const OrderRow* newer = nullptr;
    for (const OrderRow* order = entries_[account].newest_order; order != nullptr; newer = order, order = order->older) {
      SONGHUA_CHECK(order->account == account && order->newer == newer && orders_.Find(order->number) == order);
      SONGHUA_CHECK(newer == nullptr || newer->number > order->number);
      CheckOrder(*order);
      ++orders;
      if (order->side == Side::kBuy) {
        cash_of_orders[entries_[account].cash->account] += order->held_cash;
        continue;
      }
      units_of_orders[order->first_slice.lot] += order->first_slice.quantity;
      for (const LotSlice& slice : order->more_slices) units_of_orders[slice.lot] += slice.quantity;
      SONGHUA_CHECK(order->pledge.number == 0 || (order->off_book() && order->more_slices.empty()));
      count(order->pledge, order->first_slice);
    }
  }
  SONGHUA_CHECK(orders == orders_.size());

  std::set<const OffBookForm*> forms;
  for (const auto& [form, listener] : forms_) forms.insert(listener);
  for (const OffBookForm* form : forms) form->AddHeldCash(&cash_of_orders);
  const auto cash_of = [&](ledger::AccountNumber account) {  // not every party to a trade has an entry
    return ledger_->accounts().OfParticipant(ledger_->accounts().Find(account)->participant, v1::CASH)->number;
  };
  size_t resting = 0;
  size_t trades = 0;
  size_t rights = 0;  // of them
  for (const auto& state : states_) {
    state->book.CheckInvariants();
    SONGHUA_CHECK(state->row->collecting == (state->call != nullptr));
    SONGHUA_CHECK(state->row->call.stage != CallStage::kCollects || state->call != nullptr);
    SONGHUA_CHECK(in_custody_.contains(state->row->number) == (state->row->call.sealed && state->row->call.Runs()));
    if (state->call != nullptr) {
      state->call->CheckInvariants();
      SONGHUA_CHECK(state->book.empty());
    }
    resting += state->orders() + state->off_book.size();
    std::map<Date, uint32_t> good_till;
    for (const auto& entry : entries_) {
      for (const OrderRow* order = entry.newest_order; order != nullptr; order = order->older) {
        if (order->contract == state->row->number && order->good_till != Date{}) ++good_till[order->good_till];
      }
    }
    SONGHUA_CHECK(good_till == state->good_till);
    CheckQueues(*state);
    const TradeNumber first = FirstTradeOf(state->row->number);
    for (TradeNumber number = first + 1; number <= first + state->row->trades; ++number) {
      const TradeRow* trade = trades_.Find(number);
      SONGHUA_CHECK((trade != nullptr && trade->settlement == v1::END_OF_DAY) == state->waiting.contains(number));
      if (trade == nullptr) continue;
      ++trades;
      rights += state->row->right;
      SONGHUA_CHECK(undelivered_.contains({trade->buyer, number}) == state->row->right);
      for (const LotSlice& slice : trade->slices) {
        units_of_trades[slice.lot] += slice.quantity;
        count(trade->pledge, slice);
      }
      if (trade->state != v1::PAID) cash_of_trades[cash_of(trade->buyer)] += trade->amount + trade->buyer_fee;
    }
  }
  SONGHUA_CHECK(resting == orders && trades == trades_.size() && rights == undelivered_.size());
  batches_.CheckInvariants();
  // What the reserve has advanced for a buyer stays held of it until it is recovered.
  for (const TradeNumber number : batches_.covered()) {
    const DeliveryDefaultRow& covered = *batches_.FindDefault(number);
    cash_of_trades[cash_of(covered.account)] += covered.advanced;
  }
  for (uint32_t number = 1; const SettlementBatchRow* batch = batches_.Find(number); ++number) {
    const std::set<TradeNumber>& waiting = states_[batch->contract - 1]->waiting;
    const auto begin = waiting.lower_bound(batch->first);
    const auto left = static_cast<uint64_t>(batch->first > batch->last ? 0 : std::distance(begin, waiting.upper_bound(batch->last)));
    SONGHUA_CHECK(batch->progress == v1::SettlementBatch::RECEIVED || batch->delivered + batch->ended + left == batch->trades);
    SONGHUA_CHECK(batch->progress < v1::SettlementBatch::DELIVERED || left == 0);
  }

  for (ledger::LotNumber number = 1; number <= ledger_->lots().size(); ++number) {
    const ledger::LotRow& lot = *ledger_->lots().Find(number);
    SONGHUA_CHECK(lot.Held(ledger::HoldKind::kOrder) == units_of_orders[number]);
    SONGHUA_CHECK(lot.Held(ledger::HoldKind::kTrade) == units_of_trades[number]);
  }
  // What a pledge has on offer is what its sales hold; of one that has ended they hold it for nobody but the buyer.
  for (uint64_t number = 1; const ledger::PledgeRow* pledge = pledges_->FindPledge(number); ++number) {
    for (const ledger::PledgedPart& part : pledge->parts) {
      const auto found = units_of_pledges.find({number, part.lot});
      const Quantity held = found == units_of_pledges.end() ? Quantity() : found->second;
      SONGHUA_CHECK(pledge->HasEnded() || part.offered == held);
      if (found != units_of_pledges.end()) units_of_pledges.erase(found);
    }
  }
  for (const auto& [of, held] : units_of_pledges) SONGHUA_CHECK(held == Quantity() || pledges_->FindPledge(of.first)->HasEnded());
  for (ledger::AccountNumber number = 1; const ledger::AccountRow* account = ledger_->accounts().Find(number); ++number) {
    if (!ledger::HoldsMoney(account->kind)) continue;
    const ledger::CashRow& cash = *ledger_->accounts().FindCash(number);
    SONGHUA_CHECK(cash.held_orders == cash_of_orders[number] && cash.held_trades == cash_of_trades[number]);
    SONGHUA_CHECK(account->kind == v1::BANK_CASH || cash.available() >= Money());
  }
  CheckHoldings();
  for (const auto& state : states_) surveillance_.CheckInvariants(*state->row);
}

// An open order holds what it claims, and the book knows it; or it is suspended or waits for its trigger, and the book does not.
void Exchange::CheckOrder(const OrderRow& order) const {
  const ContractState& state = *states_[order.contract - 1];
  SONGHUA_CHECK(state.off_book.contains(order.number) == order.off_book());
  if (order.off_book()) {
    CheckHold(state, order);
    return;
  }
  const bool suspended = state.suspended.contains({order.priority, order.number});
  const bool waits = order.trigger != Price();
  SONGHUA_CHECK(suspended == (order.halted || (order.IsBelow(state.row->floor) && !waits)));
  SONGHUA_CHECK(state.stops.Contains(order) == (waits && !order.halted));
  SONGHUA_CHECK(order.halted || !IsHalted(order));
  SONGHUA_CHECK(!order.market || waits || state.call != nullptr);
  CheckHold(state, order);
  const auto resting = state.Find(order.number);
  if (suspended || waits) {
    SONGHUA_CHECK(!resting.has_value());
    return;
  }
  SONGHUA_CHECK(resting.has_value() && resting->side == order.side && resting->price == order.book_price().value());
  SONGHUA_CHECK(resting->open_quantity == order.open.value() && resting->post_only == order.post_only);
  SONGHUA_CHECK(resting->owner == entries_[order.account].group && resting->market == order.market);
  SONGHUA_CHECK(resting->display == order.display.value() && resting->hidden == order.hidden.value());
}

void Exchange::CheckHold(const ContractState& state, const OrderRow& order) const {
  if (order.side == Side::kBuy) {
    Money hold;
    SONGHUA_CHECK(HoldOf(*state.row, TermsOf(order), order.price, order.open, order.traded, order.fee_charged, &hold) && hold == order.held_cash);
    SONGHUA_CHECK(order.first_slice.lot == 0 && order.more_slices.empty());
    return;
  }
  Quantity held = order.first_slice.quantity;
  for (const LotSlice& slice : order.more_slices) held += slice.quantity;
  SONGHUA_CHECK(held == order.open && order.held_cash == Money());
}

// Within a price the book's order is that of the rows' priority.
void Exchange::CheckQueues(const ContractState& state) const {
  for (const Side side : {Side::kBuy, Side::kSell}) {
    int64_t price = 0;  // of market orders
    OrderPriority priority;
    state.ForEachOrder(side, [&](const RestingOrder& resting) {
      const OrderRow& order = *orders_.Find(resting.id);
      SONGHUA_CHECK(resting.price != price || order.priority > priority);
      price = resting.price;
      priority = order.priority;
    });
  }
}

}  // namespace songhua::exchange
