#include "simulations/multimap_book.h"

#include <algorithm>

namespace songhua::simulations {

using exchange::BookReject;
using exchange::EventSink;
using exchange::OrderId;
using exchange::RestingOrder;
using exchange::Side;

template <class Makers>
bool MultimapBook::WouldSelfTrade(const Makers& makers, int64_t limit, int64_t quantity, uint64_t owner) {
  for (auto maker = makers.begin(); quantity > 0 && maker != makers.end() && !makers.key_comp()(limit, maker->first); ++maker) {
    if (maker->second.owner == owner) return true;
    quantity -= std::min(quantity, maker->second.open_quantity);
  }
  return false;
}

template <class Makers>
int64_t MultimapBook::Match(Makers& makers, RestingOrder taker, EventSink& sink) {
  while (taker.open_quantity > 0 && !makers.empty() && !makers.key_comp()(taker.price, makers.begin()->first)) {
    RestingOrder& maker = makers.begin()->second;
    const int64_t traded = std::min(taker.open_quantity, maker.open_quantity);
    taker.open_quantity -= traded;
    maker.open_quantity -= traded;
    sink.OnFill({maker.id, taker.id, taker.side, maker.price, traded, maker.open_quantity, taker.open_quantity});
    if (maker.open_quantity == 0) {
      by_id_.erase(maker.id);
      makers.erase(makers.begin());
    }
  }
  return taker.open_quantity;
}

bool MultimapBook::WouldSelfTrade(Side side, int64_t limit, int64_t quantity, uint64_t owner) const {
  if (owner == 0) return false;
  return side == Side::kBuy ? WouldSelfTrade(asks_, limit, quantity, owner) : WouldSelfTrade(bids_, limit, quantity, owner);
}

int64_t MultimapBook::Match(const RestingOrder& taker, EventSink& sink) {
  return taker.side == Side::kBuy ? Match(asks_, taker, sink) : Match(bids_, taker, sink);
}

void MultimapBook::Add(const exchange::NewOrder& order, EventSink& sink) {
  const BookReject reject = by_id_.contains(order.id)                                              ? BookReject::kDuplicateId
                            : WouldSelfTrade(order.side, order.price, order.quantity, order.owner) ? BookReject::kSelfTrade
                                                                                                   : BookReject::kNone;
  if (reject != BookReject::kNone) return sink.OnRejected({order.id, reject});
  sink.OnAccepted({order.id, order.side, order.price, order.quantity});
  const RestingOrder taker{order.id, order.side, order.price, order.quantity, order.post_only, order.owner};
  const int64_t open = Match(taker, sink);
  if (open == 0) return;
  if (order.time_in_force == exchange::TimeInForce::kDay) {
    Rest(taker, open, sink);
  } else {
    sink.OnCanceled({order.id, open, exchange::CancelReason::kImmediateOrCancelRest});
  }
}

void MultimapBook::Cancel(OrderId id, EventSink& sink) {
  const auto place = by_id_.find(id);
  if (place == by_id_.end()) return sink.OnRejected({id, BookReject::kUnknownId});
  const int64_t open = OrderAt(place->second).open_quantity;
  Remove(place);
  sink.OnCanceled({id, open, exchange::CancelReason::kByRequest});
}

void MultimapBook::Replace(OrderId id, int64_t new_price, int64_t new_open_quantity, EventSink& sink) {
  const auto place = by_id_.find(id);
  if (place == by_id_.end()) return sink.OnRejected({id, BookReject::kUnknownId});
  RestingOrder changed = OrderAt(place->second);
  if (new_price == changed.price && new_open_quantity <= changed.open_quantity) {
    (changed.side == Side::kBuy ? place->second.bid->second : place->second.ask->second).open_quantity = new_open_quantity;
    return sink.OnReplaced({id, new_price, new_open_quantity, true});
  }
  if (WouldSelfTrade(changed.side, new_price, new_open_quantity, changed.owner)) return sink.OnRejected({id, BookReject::kSelfTrade});
  Remove(place);
  changed.price = new_price;
  changed.open_quantity = new_open_quantity;
  sink.OnReplaced({id, new_price, new_open_quantity, false});
  const int64_t open = Match(changed, sink);
  if (open > 0) Rest(changed, open, sink);
}

void MultimapBook::Rest(RestingOrder order, int64_t open_quantity, EventSink& sink) {
  order.open_quantity = open_quantity;
  Place place{.side = order.side, .bid = {}, .ask = {}};
  if (order.side == Side::kBuy) {
    place.bid = bids_.emplace(order.price, order);
  } else {
    place.ask = asks_.emplace(order.price, order);
  }
  by_id_.emplace(order.id, place);
  sink.OnRested({order.id, order.side, order.price, open_quantity});
}

void MultimapBook::Remove(Places::iterator place) {
  if (place->second.side == Side::kBuy) {
    bids_.erase(place->second.bid);
  } else {
    asks_.erase(place->second.ask);
  }
  by_id_.erase(place);
}

}  // namespace songhua::simulations
