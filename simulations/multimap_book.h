// The book that one would write in an afternoon: two multimaps and a hash map. The matcher bench runs it beside the real one.
//
// It follows the rules of exchange/order_book.h for what the bench sends: day and immediate-or-cancel orders with owners, cancel, replace.
#ifndef SONGHUA_SIMULATIONS_MULTIMAP_BOOK_H_
#define SONGHUA_SIMULATIONS_MULTIMAP_BOOK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <unordered_map>

#include "exchange/order_book.h"

namespace songhua::simulations {

class MultimapBook {
 public:
  void Add(const exchange::NewOrder& order, exchange::EventSink& sink);
  void Cancel(exchange::OrderId id, exchange::EventSink& sink);
  void Replace(exchange::OrderId id, int64_t new_price, int64_t new_open_quantity, exchange::EventSink& sink);

  size_t size() const { return by_id_.size(); }

 private:
  // Keyed by price, best first; orders of one price stay in the order of their coming.
  using Bids = std::multimap<int64_t, exchange::RestingOrder, std::greater<int64_t>>;
  using Asks = std::multimap<int64_t, exchange::RestingOrder, std::less<int64_t>>;
  struct Place {
    exchange::Side side;
    Bids::iterator bid;
    Asks::iterator ask;
  };
  using Places = std::unordered_map<exchange::OrderId, Place>;

  static const exchange::RestingOrder& OrderAt(const Place& place) {
    return place.side == exchange::Side::kBuy ? place.bid->second : place.ask->second;
  }

  template <class Makers>
  static bool WouldSelfTrade(const Makers& makers, int64_t limit, int64_t quantity, uint64_t owner);
  template <class Makers>
  int64_t Match(Makers& makers, exchange::RestingOrder taker, exchange::EventSink& sink);

  bool WouldSelfTrade(exchange::Side side, int64_t limit, int64_t quantity, uint64_t owner) const;
  int64_t Match(const exchange::RestingOrder& taker, exchange::EventSink& sink);
  void Rest(exchange::RestingOrder order, int64_t open_quantity, exchange::EventSink& sink);
  void Remove(Places::iterator place);

  Bids bids_;
  Asks asks_;
  Places by_id_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_MULTIMAP_BOOK_H_
