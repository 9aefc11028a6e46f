// The slow, obvious second order book: the same rules as exchange/order_book.h written as they are said, with no ladder, bitmap, pool or id
// map. Tests ask both books the same and want the same answers.
#ifndef SONGHUA_TESTS_EXCHANGE_NAIVE_BOOK_H_
#define SONGHUA_TESTS_EXCHANGE_NAIVE_BOOK_H_

#include <algorithm>
#include <cstdint>
#include <functional>
#include <limits>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <span>

#include "exchange/order_book.h"

namespace songhua::exchange {

class NaiveBook {
 public:
  explicit NaiveBook(const BookOptions& options = {}) : options_(options) {}

  BookReject Add(const NewOrder& order, EventSink& sink) {
    if (const BookReject reject = CheckNew(order); reject != BookReject::kNone) {
      sink.OnRejected({order.id, reject});
      return reject;
    }
    sink.OnAccepted({order.id, order.side, order.price, order.quantity});
    RestingOrder taker{order.id, order.side, order.price, order.quantity, order.post_only, order.owner, order.display};
    Match(taker, sink);
    if (taker.open_quantity == 0) return BookReject::kNone;
    if (order.time_in_force == TimeInForce::kDay) {
      Rest(taker, sink);
    } else {
      sink.OnCanceled({taker.id, taker.open_quantity, CancelReason::kImmediateOrCancelRest});
    }
    return BookReject::kNone;
  }

  BookReject Cancel(OrderId id, EventSink& sink) {
    const std::optional<RestingOrder> order = Find(id);
    if (!order.has_value()) {
      sink.OnRejected({id, BookReject::kUnknownId});
      return BookReject::kUnknownId;
    }
    Remove(id);
    sink.OnCanceled({id, order->open_quantity, CancelReason::kByRequest});
    return BookReject::kNone;
  }

  BookReject Replace(OrderId id, int64_t new_price, int64_t new_open_quantity, EventSink& sink) {
    if (const BookReject reject = CheckReplace(id, new_price, new_open_quantity); reject != BookReject::kNone) {
      sink.OnRejected({id, reject});
      return reject;
    }
    RestingOrder changed = *Find(id);
    if (changed.price == new_price && new_open_quantity <= changed.open_quantity) {
      RestingOrder& kept = *FindInQueue(id);
      const int64_t shown = std::min(kept.open_quantity - kept.hidden, new_open_quantity);
      kept.open_quantity = new_open_quantity;
      kept.hidden = new_open_quantity - shown;
      sink.OnReplaced({id, new_price, new_open_quantity, true, kept.hidden});
      return BookReject::kNone;
    }
    Remove(id);
    changed.price = new_price;
    changed.open_quantity = new_open_quantity;
    sink.OnReplaced({id, new_price, new_open_quantity, false});
    Match(changed, sink);
    if (changed.open_quantity > 0) Rest(changed, sink);
    return BookReject::kNone;
  }

  BookReject Take(const TakeOrder& take, EventSink& sink) {
    if (const BookReject reject = CheckTake(take); reject != BookReject::kNone) {
      sink.OnRejected({take.id, reject});
      return reject;
    }
    sink.OnAccepted({take.id, take.side, take.price, take.quantity});
    const int64_t left = Sweep(take, sink);
    if (left > 0) sink.OnCanceled({take.id, left, CancelReason::kTakeRest});
    return BookReject::kNone;
  }

  // Lets the take trade in a copy of the book, to its first own order, and looks whether it came to the chosen one.
  BookReject CheckTake(const TakeOrder& take) const {
    if (take.id == 0) return BookReject::kBadId;
    if (take.quantity <= 0) return BookReject::kBadQuantity;
    if (take.price % options_.tick != 0) return BookReject::kPriceOffTick;
    if (Find(take.id).has_value()) return BookReject::kDuplicateId;
    if (take.chosen != 0) {
      const std::optional<RestingOrder> chosen = Find(take.chosen);
      if (!chosen.has_value()) return BookReject::kUnknownChoice;
      if (chosen->side == take.side) return BookReject::kChoiceOnOwnSide;
      if (take.owner != 0 && chosen->owner == take.owner) return BookReject::kOwnChoice;
      if (!Accepts(take.side, take.price, chosen->price)) return BookReject::kChoiceBeyondLimit;
      std::set<int64_t> better;
      ForEachOrder(chosen->side, [&](const RestingOrder& order) {
        if (order.price != chosen->price && Accepts(take.side, chosen->price, order.price)) better.insert(order.price);
      });
      if (take.levels_max > 0 && better.size() >= take.levels_max) return BookReject::kChoiceBeyondLevels;
    }
    class Watching : public QuietSink {
     public:
      explicit Watching(OrderId chosen) : chosen_(chosen) {}
      void OnFill(const Fill& fill) override { met_chosen |= fill.maker_id == chosen_; }
      void OnSelfTradePrevented(const SelfTradePrevented&) override { met_own = true; }
      bool met_chosen = false;
      bool met_own = false;

     private:
      OrderId chosen_;
    } watching(take.chosen);
    NaiveBook copy = *this;
    if (options_.self_trade != SelfTradePolicy::kCancelResting) copy.options_.self_trade = SelfTradePolicy::kCancelAggressor;
    copy.Sweep(take, watching);
    if (watching.met_own && options_.self_trade == SelfTradePolicy::kRefuse) return BookReject::kSelfTrade;
    return take.chosen == 0 || watching.met_chosen ? BookReject::kNone : BookReject::kChoiceBehindBetter;
  }

  // Lets the order trade in a copy of the book.
  Prospect Preview(Side side, int64_t price, int64_t quantity, uint64_t owner) const {
    Prospect prospect;
    const std::optional<int64_t> best = BestPrice(Opposite(side));
    prospect.would_cross = best.has_value() && Accepts(side, price, *best);
    class Counting : public QuietSink {
     public:
      void OnFill(const Fill& fill) override { filled += fill.quantity; }
      void OnSelfTradePrevented(const SelfTradePrevented&) override { met_own = true; }
      int64_t filled = 0;
      bool met_own = false;
    } counting;
    NaiveBook copy = *this;
    if (options_.self_trade != SelfTradePolicy::kCancelResting) copy.options_.self_trade = SelfTradePolicy::kCancelAggressor;
    RestingOrder taker{.id = 0, .side = side, .price = price, .open_quantity = quantity, .owner = owner};
    copy.Match(taker, counting);
    prospect.fillable_quantity = counting.filled;
    prospect.would_self_trade = counting.met_own;
    return prospect;
  }

  BookReject Restore(const RestingOrder& order) {
    if (order.id == 0) return BookReject::kBadId;
    if (order.open_quantity <= 0 || order.display < 0 || order.hidden < 0 || order.hidden >= order.open_quantity) return BookReject::kBadQuantity;
    if (order.hidden > 0 && order.display == 0) return BookReject::kBadQuantity;
    if (order.price % options_.tick != 0) return BookReject::kPriceOffTick;
    if (Find(order.id).has_value()) return BookReject::kDuplicateId;
    if (size() >= options_.max_orders) return BookReject::kBookFull;
    if (Preview(order.side, order.price, order.open_quantity, 0).would_cross) return BookReject::kWouldCross;
    if (Overflows(order.side, order.price, order.open_quantity, 0)) return BookReject::kLevelOverflow;
    Queues(order.side)[order.price].push_back(order);
    return BookReject::kNone;
  }

  void MoveBand(const PriceBand&) {}  // there is no ladder

  std::optional<int64_t> BestPrice(Side side) const {
    std::optional<int64_t> best;
    ForEachOrder(side, [&](const RestingOrder& order) {
      if (!best.has_value()) best = order.price;
    });
    return best;
  }

  LevelDepth DepthAt(Side side, int64_t price) const {
    LevelDepth depth{.price = price};
    ForEachOrder(side, [&](const RestingOrder& order) {
      if (order.price != price) return;
      depth.open_quantity += order.open_quantity - order.hidden;
      ++depth.orders;
    });
    return depth;
  }

  size_t Depth(Side side, std::span<LevelDepth> depth) const {
    size_t count = 0;
    std::optional<int64_t> last;
    ForEachOrder(side, [&](const RestingOrder& order) {
      if (last == order.price) return;
      last = order.price;
      if (count < depth.size()) depth[count++] = DepthAt(side, order.price);
    });
    return count;
  }

  std::optional<RestingOrder> Find(OrderId id) const {
    std::optional<RestingOrder> found;
    const auto visit = [&](const RestingOrder& order) {
      if (order.id == id) found = order;
    };
    ForEachOrder(Side::kBuy, visit);
    ForEachOrder(Side::kSell, visit);
    return found;
  }

  int64_t OpenQuantity(OrderId id) const {
    const std::optional<RestingOrder> order = Find(id);
    return order.has_value() ? order->open_quantity : 0;
  }

  size_t size() const {
    size_t count = 0;
    const auto visit = [&](const RestingOrder&) { ++count; };
    ForEachOrder(Side::kBuy, visit);
    ForEachOrder(Side::kSell, visit);
    return count;
  }
  bool empty() const { return size() == 0; }

  template <class Visitor>
  void ForEachOrder(Side side, Visitor&& visit) const {
    if (side == Side::kBuy) {
      for (auto level = bids_.rbegin(); level != bids_.rend(); ++level) {
        for (const RestingOrder& order : level->second) visit(order);
      }
    } else {
      for (const auto& [price, queue] : asks_) {
        for (const RestingOrder& order : queue) visit(order);
      }
    }
  }

  void CheckInvariants() const {}

 private:
  using PriceQueues = std::map<int64_t, std::list<RestingOrder>>;

  static Side Opposite(Side side) { return side == Side::kBuy ? Side::kSell : Side::kBuy; }
  static bool Accepts(Side side, int64_t limit, int64_t price) { return side == Side::kBuy ? price <= limit : price >= limit; }
  PriceQueues& Queues(Side side) { return side == Side::kBuy ? bids_ : asks_; }

  bool Overflows(Side side, int64_t price, int64_t quantity, int64_t leaving) const {
    int64_t whole = 0;
    ForEachOrder(side, [&](const RestingOrder& order) { whole += order.price == price ? order.open_quantity : 0; });
    return whole - leaving > std::numeric_limits<int64_t>::max() - quantity;
  }

  bool RefusesOwn(const Prospect& prospect) const { return prospect.would_self_trade && options_.self_trade == SelfTradePolicy::kRefuse; }

  BookReject CheckNew(const NewOrder& order) const {
    if (order.id == 0) return BookReject::kBadId;
    if (order.quantity <= 0 || order.display < 0) return BookReject::kBadQuantity;
    if (order.price % options_.tick != 0) return BookReject::kPriceOffTick;
    if (Find(order.id).has_value()) return BookReject::kDuplicateId;
    const bool may_rest = order.time_in_force == TimeInForce::kDay;
    if (may_rest && size() >= options_.max_orders) return BookReject::kBookFull;
    if (may_rest && Overflows(order.side, order.price, order.quantity, 0)) return BookReject::kLevelOverflow;
    const Prospect prospect = Preview(order.side, order.price, order.quantity, order.owner);
    if (order.post_only && prospect.would_cross) return BookReject::kWouldCross;
    if (RefusesOwn(prospect)) return BookReject::kSelfTrade;
    if (order.time_in_force == TimeInForce::kFillOrKill && prospect.fillable_quantity < order.quantity) return BookReject::kNotFillable;
    return BookReject::kNone;
  }

  BookReject CheckReplace(OrderId id, int64_t new_price, int64_t new_open_quantity) const {
    const std::optional<RestingOrder> order = Find(id);
    if (!order.has_value()) return BookReject::kUnknownId;
    if (new_open_quantity <= 0) return BookReject::kBadQuantity;
    if (new_price % options_.tick != 0) return BookReject::kPriceOffTick;
    const int64_t leaving = order->price == new_price ? order->open_quantity : 0;
    if (Overflows(order->side, new_price, new_open_quantity, leaving)) return BookReject::kLevelOverflow;
    const Prospect prospect = Preview(order->side, new_price, new_open_quantity, order->owner);
    if (order->post_only && prospect.would_cross) return BookReject::kWouldCross;
    if (RefusesOwn(prospect)) return BookReject::kSelfTrade;
    return BookReject::kNone;
  }

  // One level after the other, the chosen order first at its own; returns what is left.
  int64_t Sweep(const TakeOrder& take, EventSink& sink) {
    RestingOrder taker{.id = take.id, .side = take.side, .open_quantity = take.quantity, .owner = take.owner};
    PriceQueues& queues = Queues(Opposite(take.side));
    for (uint32_t levels = 0; taker.open_quantity > 0 && !queues.empty() && (take.levels_max == 0 || levels < take.levels_max); ++levels) {
      const auto level = take.side == Side::kBuy ? queues.begin() : std::prev(queues.end());
      if (!Accepts(take.side, take.price, level->first)) break;
      taker.price = level->first;
      const auto chosen = std::find_if(level->second.begin(), level->second.end(), [&](const RestingOrder& order) { return order.id == take.chosen; });
      if (chosen != level->second.end()) Meet(taker, queues, level, chosen, sink);
      Match(taker, sink);
    }
    return taker.open_quantity;
  }

  void Match(RestingOrder& taker, EventSink& sink) {
    PriceQueues& queues = Queues(Opposite(taker.side));
    while (taker.open_quantity > 0 && !queues.empty()) {
      const auto level = taker.side == Side::kBuy ? queues.begin() : std::prev(queues.end());
      if (!Accepts(taker.side, taker.price, level->first)) return;
      Meet(taker, queues, level, level->second.begin(), sink);
    }
  }

  // The order that came in and one that rests at a level.
  void Meet(RestingOrder& taker, PriceQueues& queues, PriceQueues::iterator level, std::list<RestingOrder>::iterator place, EventSink& sink) {
    RestingOrder& maker = *place;
    const bool own = taker.owner != 0 && maker.owner == taker.owner;
    const int64_t traded = std::min(taker.open_quantity, maker.open_quantity - maker.hidden);
    if (own) {
      Prevent(taker, maker, sink);
    } else {
      taker.open_quantity -= traded;
      maker.open_quantity -= traded;
      sink.OnFill({maker.id, taker.id, taker.side, maker.price, traded, maker.open_quantity, taker.open_quantity});
    }
    if (maker.open_quantity == 0) {
      level->second.erase(place);
    } else if (maker.open_quantity == maker.hidden) {
      maker.hidden = HiddenBehind(maker.display, maker.open_quantity);
      sink.OnReplenished({maker.id, maker.side, maker.price, maker.open_quantity - maker.hidden, maker.hidden});
      level->second.splice(level->second.end(), level->second, place);
    }
    if (level->second.empty()) queues.erase(level);
  }

  // Takes from one of them, from both, or what both would have traded.
  void Prevent(RestingOrder& taker, RestingOrder& maker, EventSink& sink) {
    const RestingOrder taker_before = taker, maker_before = maker;
    switch (options_.self_trade) {
      case SelfTradePolicy::kRefuse: break;  // it was refused before
      case SelfTradePolicy::kCancelAggressor: taker.open_quantity = 0; break;
      case SelfTradePolicy::kCancelResting: maker.open_quantity = maker.hidden = 0; break;
      case SelfTradePolicy::kCancelBoth: taker.open_quantity = maker.open_quantity = maker.hidden = 0; break;
      case SelfTradePolicy::kDecrement: {
        const int64_t common = std::min(taker.open_quantity, maker.open_quantity - maker.hidden);
        taker.open_quantity -= common;
        maker.open_quantity -= common;
      }
    }
    sink.OnSelfTradePrevented({maker.id, taker.id, taker.side, maker.price, maker_before.open_quantity - maker.open_quantity, maker.open_quantity,
                               maker.hidden, taker_before.open_quantity - taker.open_quantity, taker.open_quantity});
  }

  void Rest(RestingOrder order, EventSink& sink) {
    order.hidden = HiddenBehind(order.display, order.open_quantity);
    Queues(order.side)[order.price].push_back(order);
    sink.OnRested({order.id, order.side, order.price, order.open_quantity, order.hidden});
  }

  // The order in its queue; null if it does not rest.
  RestingOrder* FindInQueue(OrderId id) {
    for (PriceQueues* queues : {&bids_, &asks_}) {
      for (auto& [price, queue] : *queues) {
        for (RestingOrder& order : queue) {
          if (order.id == id) return &order;
        }
      }
    }
    return nullptr;
  }

  void Remove(OrderId id) {
    for (PriceQueues* queues : {&bids_, &asks_}) {
      for (auto level = queues->begin(); level != queues->end();) {
        level->second.remove_if([&](const RestingOrder& order) { return order.id == id; });
        level = level->second.empty() ? queues->erase(level) : std::next(level);
      }
    }
  }

  BookOptions options_;
  PriceQueues bids_;
  PriceQueues asks_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_TESTS_EXCHANGE_NAIVE_BOOK_H_
