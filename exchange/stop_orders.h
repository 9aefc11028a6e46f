// The stop orders of one contract that wait for their trigger price, in the order in which a trade triggers them: a buy order as soon as the last price
// is at its trigger or above it, a sell order at it or below it; the nearest trigger first, and of equal ones the older order.
#ifndef SONGHUA_EXCHANGE_STOP_ORDERS_H_
#define SONGHUA_EXCHANGE_STOP_ORDERS_H_

#include <cstddef>
#include <optional>
#include <set>
#include <tuple>

#include "exchange/orders.h"

namespace songhua::exchange {

// Whether a last price triggers an order of the side.
inline bool IsTriggered(Side side, Price trigger, Price last) { return side == Side::kBuy ? last >= trigger : last <= trigger; }

class StopOrders {
 public:
  // REQUIRES: `order` has a trigger and is not here.
  void Add(const OrderRow& order) { Of(order.side).insert(KeyOf(order)); }
  // False: it is not here.
  bool Remove(const OrderRow& order) { return Of(order.side).erase(KeyOf(order)) == 1; }
  bool Contains(const OrderRow& order) const { return (order.side == Side::kBuy ? buys_ : sells_).contains(KeyOf(order)); }

  // The order that this last price triggers first; of the two sides the older one.
  std::optional<OrderId> FirstTriggered(Price last) const {
    const Key* buy = buys_.empty() || !IsTriggered(Side::kBuy, Price(std::get<0>(*buys_.begin())), last) ? nullptr : &*buys_.begin();
    const Key* sell = sells_.empty() || !IsTriggered(Side::kSell, Price(-std::get<0>(*sells_.begin())), last) ? nullptr : &*sells_.begin();
    if (buy == nullptr && sell == nullptr) return std::nullopt;
    if (buy == nullptr || (sell != nullptr && std::get<1>(*sell) < std::get<1>(*buy))) return std::get<2>(*sell);
    return std::get<2>(*buy);
  }

  // Calls visit(OrderId) for each, the buys first. REQUIRES: `visit` changes nothing here.
  template <class Visitor>
  void ForEach(Visitor&& visit) const {
    for (const Key& key : buys_) visit(std::get<2>(key));
    for (const Key& key : sells_) visit(std::get<2>(key));
  }

  size_t size() const { return buys_.size() + sells_.size(); }
  bool empty() const { return size() == 0; }

 private:
  // The trigger, of a sell order negative, so that the nearest comes first.
  using Key = std::tuple<int64_t, OrderPriority, OrderId>;

  static Key KeyOf(const OrderRow& order) {
    return {order.side == Side::kBuy ? order.trigger.value() : -order.trigger.value(), order.priority, order.number};
  }
  std::set<Key>& Of(Side side) { return side == Side::kBuy ? buys_ : sells_; }

  std::set<Key> buys_;
  std::set<Key> sells_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_STOP_ORDERS_H_
