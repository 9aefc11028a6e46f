// The call auction: one price for all orders that were collected, and who trades at it. Pure functions over levels and lists of orders;
// exchange/call_book.h is the book that collects. Source: section 7.2 of the rules of international venues (Xetra, ASX and Euronext publish
// the same principles, and its algorithm gives the prices of their examples).
//
//   candidates   the distinct limit prices, and the reference price where one is known
//   D(p), S(p)   what buyers would take and sellers would give at p: market orders, and limits that accept p
//   volume       min(D, S)       surplus   D - S
//
//   1. the candidates of the largest volume; no auction where that is 0
//   2. of these, those of the least surplus, whichever its sign
//   3. all of them with a surplus of buyers: the highest; all with one of sellers: the lowest
//   4. otherwise the reference price, brought into [lowest, highest]; without a reference the midpoint of lowest and highest, rounded to
//   the
//      tick half up
//
// So an auction of market orders alone needs a reference price. No price on or off the list trades more than the candidates of rule 1, and every
// price between two of them as much.
//
// Allocation: market orders first, then the better limit, then the order of time, or another order inside one price that the caller names
// (TieKey). Everybody trades at the one price, never worse than its limit, and the last order reached may be filled in part.
//
// Prices and quantities are signed 64-bit integers in the caller's units, a price any multiple of the tick; sums over levels are 128 bits.
// Any thread.
#ifndef SONGHUA_EXCHANGE_CALL_AUCTION_H_
#define SONGHUA_EXCHANGE_CALL_AUCTION_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "exchange/order_book.h"

namespace songhua::exchange {

// What limit orders bid and ask at exactly one price. A level is a candidate even where both are 0.
struct CallLevel {
  int64_t price = 0;
  int64_t bid_quantity = 0;
  int64_t ask_quantity = 0;

  bool operator==(const CallLevel&) const = default;
};

// What was collected.
struct CallInterest {
  std::span<const CallLevel> levels;  // from the lowest price up, no price twice
  int64_t market_bid_quantity = 0;
  int64_t market_ask_quantity = 0;
};

struct Clearing {
  int64_t price = 0;
  __int128 volume = 0;   // what trades; above 0
  __int128 surplus = 0;  // left at this price: of buyers above 0, of sellers below

  bool operator==(const Clearing&) const = default;
};

// The price of the auction; nullopt: nothing would trade. One step per level.
// REQUIRES: tick > 0; prices and the reference are multiples of it; quantities are not negative.
std::optional<Clearing> FindClearing(const CallInterest& interest, std::optional<int64_t> reference, int64_t tick);

// An order of the auction. Its limit means nothing if it is a market order.
struct CallOrder {
  OrderId id = 0;
  Side side = Side::kBuy;
  bool market = false;
  int64_t limit = 0;
  int64_t quantity = 0;

  bool Accepts(int64_t price) const { return market || (side == Side::kBuy ? price <= limit : price >= limit); }
};

// `a` goes before `b` by kind and limit; neither before the other: they are tied. REQUIRES: of one side.
inline bool IsPreferred(const CallOrder& a, const CallOrder& b) {
  if (a.market || b.market) return a.market && !b.market;
  return a.side == Side::kBuy ? a.limit > b.limit : a.limit < b.limit;
}

// The tie key of time priority: the order in which the orders are listed.
struct ByTime {
  int operator()(const CallOrder&) const { return 0; }
};

// Brings the orders of one side into priority. What ties is ordered by `tie_key(order)`, lowest first, and where that ties too by the place
// in which it stood: list orders by time. A caller that draws lots hands over a key that hashes a seed, the collected orders and the id; it
// is asked once an order.
template <class TieKey>
void SortByPriority(std::span<CallOrder> orders, const TieKey& tie_key) {
  struct Keyed {
    CallOrder order;
    std::decay_t<decltype(tie_key(orders[0]))> key;
  };
  std::vector<Keyed> keyed;
  keyed.reserve(orders.size());
  for (const CallOrder& order : orders) keyed.push_back({order, tie_key(order)});
  std::stable_sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) {
    if (IsPreferred(a.order, b.order)) return true;
    return !IsPreferred(b.order, a.order) && a.key < b.key;
  });
  for (size_t i = 0; i < keyed.size(); ++i) orders[i] = keyed[i].order;
}

// Calls fill(buy, sell, quantity), with places in the two lists, from the first of each on, until one side has no more that accepts the
// price. At a price of FindClearing the quantities add up to its volume. Each order is filled in one run of consecutive calls. REQUIRES:
// both lists are in priority; quantities are not negative.
template <class Fill>
void Allocate(std::span<const CallOrder> buys, std::span<const CallOrder> sells, int64_t price, Fill&& fill) {
  size_t buy = 0;
  size_t sell = 0;
  int64_t bought = 0;  // by the buy in turn
  int64_t sold = 0;
  while (buy < buys.size() && sell < sells.size() && buys[buy].Accepts(price) && sells[sell].Accepts(price)) {
    const int64_t quantity = std::min(buys[buy].quantity - bought, sells[sell].quantity - sold);
    if (quantity > 0) fill(buy, sell, quantity);
    bought += quantity;
    sold += quantity;
    if (bought == buys[buy].quantity) {
      ++buy;
      bought = 0;
    }
    if (sold == sells[sell].quantity) {
      ++sell;
      sold = 0;
    }
  }
}

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_CALL_AUCTION_H_
