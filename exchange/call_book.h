// The book of one contract while a call auction collects: orders rest, crossed or not, until all of them are uncrossed at one price. What
// is left then goes on in the continuous book. Rules of price and allocation: exchange/call_auction.h; events: exchange/order_book.h.
//
//   songhua::exchange::CallBook call(BookOptions{.tick = 1});
//   call.Add({.id = 1, .side = Side::kSell, .price = 8000, .quantity = 10}, tape);   // OnAccepted(1), OnRested(1)
//   call.Add({.id = 2, .side = Side::kBuy, .price = 8020, .quantity = 14}, tape);    // OnAccepted(2), OnRested(2): nothing trades
//   call.Indicative(8010);                                                           // 8020, volume 10, surplus +4
//   call.Uncross(8010, tape);                                                        // OnFill(1, 2, price 8020, quantity 10)
//   call.MoveTo(book);                                                               // order 2 rests in the TickLadder, open 4
//
// Each side is a TickLadder of its own, in which nothing can cross, and so are its market orders: adding, cancelling and replacing cost what
// they cost there, and the continuous book knows nothing of calls. An indicative price costs a step per level between the best ask and the
// best bid, and where there are market orders per level of the side that they meet; the uncrossing a step per order of the levels that trade.
//
// Rules
//   - Orders are day orders: what is not filled goes on. A post-only flag stays with its order and says nothing in the call.
//   - Market orders accept every price and go before all limits of their side. They have the price 0 here, in their events as well, and are
//     in no level; the continuous book cannot take them, so what is left of them must be cancelled before MoveTo.
//   - Self-trade: orders of one owner never cross each other. An order that would accept the price of an own order of the other side, or
//     be accepted by it, is refused on entry (kSelfTrade), as a continuous book refuses it; a market order where any own one stands there.
//     So no pair of an owner can meet at any price, and volume, surplus and allocation hold exactly: nothing is skipped or cancelled in the
//     auction.
//   - Icebergs are shown whole, and trade whole; what goes on in the continuous book hides again.
//   - Replace as in the continuous book: the same price and no more quantity keeps the place, anything else goes to the end of its price.
//   - A fill has no aggressor: the sell is named as its maker and the buy as its taker, whichever came first.
//   - After Uncross no bid reaches an ask: were one left that did, a price between the two would have traded more.
//
// Checks run in the order of BookReject; a refused call gives exactly one OnRejected and changes nothing. Not thread-safe.
#ifndef SONGHUA_EXCHANGE_CALL_BOOK_H_
#define SONGHUA_EXCHANGE_CALL_BOOK_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "exchange/call_auction.h"
#include "exchange/order_book.h"
#include "exchange/tick_ladder.h"
#include "ledger/check.h"

namespace songhua::exchange {

class CallBook {
 public:
  // REQUIRES: as TickLadder. The bound max_orders is that of both sides together.
  explicit CallBook(const BookOptions& options = {});

  // Lets an order rest. REQUIRES: a day order. A market order with another price than 0 is off the tick, here and in Replace.
  template <class Sink>
  BookReject Add(const NewOrder& order, Sink& sink);
  template <class Sink>
  BookReject Cancel(OrderId id, Sink& sink);
  template <class Sink>
  BookReject Replace(OrderId id, int64_t new_price, int64_t new_open_quantity, Sink& sink);

  // Puts an order behind the others of its price: rebuilds a call from ForEachOrder of both sides. No event.
  BookReject Restore(const RestingOrder& order);

  // An own order of the other side stands where the two could meet. False for owner 0. Of a market order the price means nothing.
  bool WouldSelfTrade(Side side, bool market, int64_t price, uint64_t owner) const;

  // The open quantity of all market orders of a side.
  int64_t MarketQuantity(Side side) const { return MarketLadder(side).DepthAt(side, 0).open_quantity; }

  // What Uncross would do now; nullopt: nothing would trade. `reference` is a multiple of the tick, or unknown.
  std::optional<Clearing> Indicative(std::optional<int64_t> reference) const;
  // Uncross would leave market orders unfilled, or in part.
  bool LeavesMarketOrders(std::optional<int64_t> reference) const;

  // Trades all that can trade at one price; the sink hears the fills, best orders first. Of orders tied by price the tie key decides, see
  // SortByPriority; what is left keeps its place in time. Returns what was traded; nullopt, and no event: nothing.
  template <class Sink, class TieKey = ByTime>
  std::optional<Clearing> Uncross(std::optional<int64_t> reference, Sink& sink, const TieKey& tie_key = {});

  // All orders of a continuous book come here, which is empty before and they are after, or go there. Priority is kept; no event.
  // REQUIRES: the same tick; the receiving book is empty and holds as many; MoveTo: nothing crosses, and no market order is left.
  void TakeFrom(TickLadder& book);
  void MoveTo(TickLadder& book);

  // The queries of TickLadder. Best prices and depths are of limit orders; market orders come first in ForEachOrder.
  std::optional<int64_t> BestPrice(Side side) const { return Ladder(side).BestPrice(side); }
  LevelDepth DepthAt(Side side, int64_t price) const { return Ladder(side).DepthAt(side, price); }
  size_t Depth(Side side, std::span<LevelDepth> depth) const { return Ladder(side).Depth(side, depth); }
  std::optional<RestingOrder> Find(OrderId id) const;
  int64_t OpenQuantity(OrderId id) const {
    return bids_.OpenQuantity(id) + asks_.OpenQuantity(id) + market_bids_.OpenQuantity(id) + market_asks_.OpenQuantity(id);
  }
  size_t size() const { return bids_.size() + asks_.size() + market_bids_.size() + market_asks_.size(); }
  bool empty() const { return size() == 0; }
  int64_t tick() const { return bids_.tick(); }
  template <class Visitor>
  void ForEachOrder(Side side, Visitor&& visit) const {
    MarketLadder(side).ForEachOrder(side, [&](RestingOrder order) {
      order.market = true;
      visit(order);
    });
    Ladder(side).ForEachOrder(side, visit);
  }
  template <class Visitor>
  void ForEachOrderAt(Side side, int64_t price, Visitor&& visit) const {
    Ladder(side).ForEachOrderAt(side, price, visit);
  }

  // CHECKs that the parts agree. For tests.
  void CheckInvariants() const;

 private:
  // How many orders of an owner rest with each limit; of market orders, Limit.
  struct OwnPrices {
    std::map<int64_t, uint32_t> bids;
    std::map<int64_t, uint32_t> asks;

    std::map<int64_t, uint32_t>& Of(Side side) { return side == Side::kBuy ? bids : asks; }
  };

  TickLadder& Ladder(Side side) { return side == Side::kBuy ? bids_ : asks_; }
  const TickLadder& Ladder(Side side) const { return side == Side::kBuy ? bids_ : asks_; }
  TickLadder& MarketLadder(Side side) { return side == Side::kBuy ? market_bids_ : market_asks_; }
  const TickLadder& MarketLadder(Side side) const { return side == Side::kBuy ? market_bids_ : market_asks_; }
  TickLadder& LadderOf(Side side, bool market) { return market ? MarketLadder(side) : Ladder(side); }
  const TickLadder& LadderOf(Side side, bool market) const { return market ? MarketLadder(side) : Ladder(side); }

  // The worst price that an order accepts: of a market order the worst there is.
  static int64_t Limit(Side side, bool market, int64_t price) {
    if (!market) return price;
    return side == Side::kBuy ? std::numeric_limits<int64_t>::max() : std::numeric_limits<int64_t>::min();
  }

  BookReject CheckEntry(const RestingOrder& order) const;
  BookReject CheckReplace(const RestingOrder& order, int64_t new_price, int64_t new_open_quantity) const;
  // The open quantity of the level, less `leaving` and with `coming`, exceeds int64.
  bool WouldOverflow(const RestingOrder& order, int64_t price, int64_t leaving, int64_t coming) const;

  // By the order's Limit.
  void Remember(Side side, int64_t limit, uint64_t owner);
  void Forget(Side side, int64_t limit, uint64_t owner);

  // The orders of a side at the levels that trade, best first.
  std::vector<CallOrder> Participants(Side side, const Clearing& clearing) const;
  // Leaves each order what is open, without an event.
  void Settle(std::span<const CallOrder> orders, std::span<const int64_t> open);
  void CheckSide(Side side) const;

  const uint32_t max_orders_;
  TickLadder bids_;
  TickLadder asks_;
  TickLadder market_bids_;  // all at the price 0
  TickLadder market_asks_;
  std::unordered_map<uint64_t, OwnPrices> own_prices_;  // by owner; those without orders are not in it
};

template <class Sink>
BookReject CallBook::Add(const NewOrder& order, Sink& sink) {
  SONGHUA_CHECK(order.time_in_force == TimeInForce::kDay);
  const BookReject reject = CheckEntry({.id = order.id,
                                        .side = order.side,
                                        .price = order.price,
                                        .open_quantity = order.quantity,
                                        .post_only = order.post_only,
                                        .owner = order.owner,
                                        .display = order.display,
                                        .market = order.market});
  if (reject != BookReject::kNone) {
    sink.OnRejected({.id = order.id, .reason = reject});
    return reject;
  }
  Remember(order.side, Limit(order.side, order.market, order.price), order.owner);
  return LadderOf(order.side, order.market).Add(order, sink);
}

template <class Sink>
BookReject CallBook::Cancel(OrderId id, Sink& sink) {
  const std::optional<RestingOrder> order = Find(id);
  if (!order.has_value()) {
    sink.OnRejected({.id = id, .reason = BookReject::kUnknownId});
    return BookReject::kUnknownId;
  }
  Forget(order->side, Limit(order->side, order->market, order->price), order->owner);
  return LadderOf(order->side, order->market).Cancel(id, sink);
}

template <class Sink>
BookReject CallBook::Replace(OrderId id, int64_t new_price, int64_t new_open_quantity, Sink& sink) {
  const std::optional<RestingOrder> order = Find(id);
  const BookReject reject = order.has_value() ? CheckReplace(*order, new_price, new_open_quantity) : BookReject::kUnknownId;
  if (reject != BookReject::kNone) {
    sink.OnRejected({.id = id, .reason = reject});
    return reject;
  }
  Forget(order->side, Limit(order->side, order->market, order->price), order->owner);
  Remember(order->side, Limit(order->side, order->market, new_price), order->owner);
  return LadderOf(order->side, order->market).Replace(id, new_price, new_open_quantity, sink);
}

template <class Sink, class TieKey>
std::optional<Clearing> CallBook::Uncross(std::optional<int64_t> reference, Sink& sink, const TieKey& tie_key) {
  const std::optional<Clearing> clearing = Indicative(reference);
  if (!clearing.has_value()) return std::nullopt;
  std::vector<CallOrder> buys = Participants(Side::kBuy, *clearing);
  std::vector<CallOrder> sells = Participants(Side::kSell, *clearing);
  SortByPriority(buys, tie_key);
  SortByPriority(sells, tie_key);
  std::vector<int64_t> buy_open, sell_open;
  for (const CallOrder& order : buys) buy_open.push_back(order.quantity);
  for (const CallOrder& order : sells) sell_open.push_back(order.quantity);
  Allocate(buys, sells, clearing->price, [&](size_t buy, size_t sell, int64_t quantity) {
    buy_open[buy] -= quantity;
    sell_open[sell] -= quantity;
    sink.OnFill({.maker_id = sells[sell].id,
                 .taker_id = buys[buy].id,
                 .taker_side = Side::kBuy,
                 .price = clearing->price,
                 .quantity = quantity,
                 .maker_open = sell_open[sell],
                 .taker_open = buy_open[buy]});
  });
  Settle(buys, buy_open);
  Settle(sells, sell_open);
  return clearing;
}

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_CALL_BOOK_H_
