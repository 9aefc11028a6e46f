// Orders that are good for longer than a session (GOOD_TILL_DATE): they stay in the book when it closes, and are held against the terms of the session that
// opens next, and against the gates of its day: what begins or ends with a date (arrears, a status of a region, an approval, a planned suspension) comes with
// no command that could end orders. No session lasts over midnight, so a look at each opening is enough. A closed book takes no order and trades nothing; its
// owner may cancel what is in it. What a call auction collected and never traded, because a halt lasted to the close, does not stay: it may cross.
#include <algorithm>
#include <functional>
#include <set>
#include <vector>

#include "exchange/exchange.h"
#include "exchange/matching.h"

namespace songhua::exchange {

void ContractState::CountGoodTill(Date last, int change) {
  if (last == Date{}) return;
  uint32_t& count = good_till[last];
  count += change;
  if (count == 0) good_till.erase(last);
}

size_t ContractState::GoodTillOrders() const {
  size_t orders = 0;
  for (const auto& [last, count] : good_till) orders += count;
  return orders;
}

// The last day that is over for a closed contract: that of its session, or yesterday.
bool ContractState::Stays(const OrderRow& order, Date today) const {
  return call == nullptr && order.good_till > std::max(row->session_date, today - 1);
}

size_t ContractState::Overdue(Date today) const {
  if (call != nullptr) return orders();
  size_t staying = 0;
  for (auto last = good_till.upper_bound(std::max(row->session_date, today - 1)); last != good_till.end(); ++last) staying += last->second;
  return orders() - staying;
}

// What an order asks beyond its price, which its rulebook may not offer.
OrderRefusal Exchange::CheckExtras(const ContractState& state, const OrderEntry& command, Date today) {
  const RulebookTerms& terms = state.row->terms;
  const bool day = command.time_in_force == TimeInForce::kDay && command.type != OrderType::kMarket;  // which a call auction ends
  if (command.display != Quantity()) {
    if (!day || terms.display_percent_min == 0 || command.display > command.quantity) return OrderRefusal::kBadDisplay;
    if (command.display < terms.DisplayMin(command.quantity) || command.display.value() % state.row->lot_size.value() != 0) return OrderRefusal::kBadDisplay;
  }
  if (command.good_till != Date{}) {
    const bool accepted = day && terms.good_till_days_max > 0 && command.good_till >= today && command.good_till <= today + terms.good_till_days_max;
    if (!accepted) return OrderRefusal::kBadGoodTill;
    if (state.GoodTillOrders() >= kGoodTillOrdersPerContractMax) return OrderRefusal::kBookFull;
  }
  return OrderRefusal::kNone;
}

// With `quantity` instead of what is open, an iceberg still shows the least part that an order may show; one that shows more than that shows all of itself.
OrderRefusal Exchange::CheckDisplay(const RulebookTerms& terms, const OrderRow& order, Quantity quantity) {
  if (order.display == Quantity() || order.display >= quantity) return OrderRefusal::kNone;
  return terms.display_percent_min > 0 && order.display >= terms.DisplayMin(quantity) ? OrderRefusal::kNone : OrderRefusal::kBadDisplay;
}

// What order entry asks of a party and of its region, asked again of an open order. What it offers was counted when it was placed.
OrderRefusal Exchange::CheckStaying(const ContractState& state, const ContractRow& next, const OrderRow& order, Date today) {
  if (order.pledge.enforced()) return OrderRefusal::kNone;
  const Quantity asked = order.side == Side::kSell ? Quantity() : order.open;
  const OrderRefusal refusal = CheckStanding(state, next, entries_[order.account], order.side, asked, &order, today);
  return refusal == OrderRefusal::kNone ? CheckRegionAgain(state, order, today) : refusal;
}

// Orders that stayed, before the session opens by `next`: those whose party may not have them any more end first, and what they held is free for others. Then
// those whose price its band leaves out, or whose fee their owner cannot hold money for; as do those that are no posts, where all are. Fees of fills are
// counted by session.
void Exchange::FitGoodTillOrders(CommandContext& context, ContractState& state, const ContractRow& next) {
  std::vector<OrderId> staying;
  for (const Side side : {Side::kBuy, Side::kSell}) {
    state.ForEachOrder(side, [&](const RestingOrder& order) { staying.push_back(order.id); });
  }
  for (const auto& [priority, id] : state.suspended) staying.push_back(id);
  state.stops.ForEach([&](OrderId id) { staying.push_back(id); });
  // The newest first: of bids that a deficit does not cover together, the older ones stay.
  std::vector<OrderId> newest_first = staying;
  std::sort(newest_first.begin(), newest_first.end(), std::greater<>());
  std::set<OrderId> ended;
  for (const OrderId id : newest_first) {
    OrderRow& order = *orders_.FindMutable(id);
    const OrderRefusal refusal = CheckStaying(state, next, order, context.today);
    if (refusal == OrderRefusal::kNone) continue;
    EndResting(context, state, order, EndReasonOf(refusal));
    ended.insert(id);
  }
  std::erase_if(staying, [&](OrderId id) { return ended.contains(id); });
  for (const OrderId id : staying) {
    OrderRow& order = orders_.Edit(*orders_.Find(id));
    order.traded = Money();
    order.fee_charged = Money();
    if (order.market) order.price = StopBound(next, order.side);
    Money hold;
    const bool is_post = order.post_only && order.display == Quantity() && order.trigger == Price();
    const bool fits = order.price >= next.band_low && order.price <= next.band_high && (is_post || !next.terms.post_and_pick()) &&
                      (order.side == Side::kSell || HoldOf(next, next.terms, order.price, order.open, Money(), Money(), &hold));
    if (!fits || (hold > order.held_cash && hold - order.held_cash > entries_[order.account].cash->available())) {
      EndResting(context, state, order, EndReason::kTermsChanged);
      continue;
    }
    if (order.side == Side::kBuy) ChangeHeldCash(order, hold);
    if (next.terms.surveillance.in_force()) surveillance_.CountPlaced(next, entries_[order.account].group, order.price, order.open);
  }
}

}  // namespace songhua::exchange
