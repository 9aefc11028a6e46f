#include "exchange/call_book.h"

#include <algorithm>

namespace songhua::exchange {
namespace {

constexpr Side kSides[] = {Side::kBuy, Side::kSell};

// For changes that the caller's sink has heard of, or is not told.
class Unheard final : public QuietSink {};

BookOptions WithoutHiding(BookOptions options) {
  options.shows_whole = true;
  return options;
}

}  // namespace

CallBook::CallBook(const BookOptions& options) : max_orders_(options.max_orders), bids_(WithoutHiding(options)), asks_(WithoutHiding(options)) {}

// --- Checks --------------------------------------------------------------------------------------------------------------------------

bool CallBook::WouldOverflow(Side side, int64_t price, int64_t leaving, int64_t coming) const {
  int64_t total;
  return __builtin_add_overflow(DepthAt(side, price).open_quantity - leaving, coming, &total);
}

bool CallBook::WouldSelfTrade(Side side, int64_t price, uint64_t owner) const {
  if (owner == 0) return false;
  const auto own = own_prices_.find(owner);
  if (own == own_prices_.end()) return false;
  const OwnPrices& prices = own->second;
  if (side == Side::kBuy) return !prices.asks.empty() && prices.asks.begin()->first <= price;
  return !prices.bids.empty() && prices.bids.rbegin()->first >= price;
}

BookReject CallBook::CheckEntry(const RestingOrder& order) const {
  if (order.id == 0) return BookReject::kBadId;
  if (order.open_quantity <= 0 || order.display < 0 || order.hidden != 0) return BookReject::kBadQuantity;
  if (order.price % tick() != 0) return BookReject::kPriceOffTick;
  if (OpenQuantity(order.id) != 0) return BookReject::kDuplicateId;
  if (size() >= max_orders_) return BookReject::kBookFull;
  if (WouldOverflow(order.side, order.price, 0, order.open_quantity)) return BookReject::kLevelOverflow;
  return WouldSelfTrade(order.side, order.price, order.owner) ? BookReject::kSelfTrade : BookReject::kNone;
}

BookReject CallBook::CheckReplace(const RestingOrder& order, int64_t new_price, int64_t new_open_quantity) const {
  if (new_open_quantity <= 0) return BookReject::kBadQuantity;
  if (new_price % tick() != 0) return BookReject::kPriceOffTick;
  const int64_t leaving = new_price == order.price ? order.open_quantity : 0;
  if (WouldOverflow(order.side, new_price, leaving, new_open_quantity)) return BookReject::kLevelOverflow;
  return WouldSelfTrade(order.side, new_price, order.owner) ? BookReject::kSelfTrade : BookReject::kNone;
}

// --- Orders --------------------------------------------------------------------------------------------------------------------------

BookReject CallBook::Restore(const RestingOrder& order) {
  const BookReject reject = CheckEntry(order);
  if (reject != BookReject::kNone) return reject;
  Remember(order.side, order.price, order.owner);
  return Ladder(order.side).Restore(order);
}

void CallBook::Remember(Side side, int64_t price, uint64_t owner) {
  if (owner != 0) ++own_prices_[owner].Of(side)[price];
}

void CallBook::Forget(Side side, int64_t price, uint64_t owner) {
  if (owner == 0) return;
  const auto own = own_prices_.find(owner);
  std::map<int64_t, uint32_t>& prices = own->second.Of(side);
  const auto at = prices.find(price);
  if (--at->second == 0) prices.erase(at);
  if (own->second.bids.empty() && own->second.asks.empty()) own_prices_.erase(own);
}

std::optional<RestingOrder> CallBook::Find(OrderId id) const {
  std::optional<RestingOrder> order = bids_.Find(id);
  return order.has_value() ? order : asks_.Find(id);
}

void CallBook::TakeFrom(TickLadder& book) {
  SONGHUA_CHECK(empty() && book.tick() == tick());
  std::vector<OrderId> taken;
  taken.reserve(book.size());
  for (const Side side : kSides) {
    book.ForEachOrder(side, [&](RestingOrder order) {
      order.hidden = 0;
      SONGHUA_CHECK(Restore(order) == BookReject::kNone);
      taken.push_back(order.id);
    });
  }
  Unheard unheard;
  for (const OrderId id : taken) SONGHUA_CHECK(book.Cancel(id, unheard) == BookReject::kNone);
}

void CallBook::MoveTo(TickLadder& book) {
  SONGHUA_CHECK(book.empty() && book.tick() == tick());
  Unheard unheard;
  for (const Side side : kSides) {
    std::vector<OrderId> moved;
    moved.reserve(Ladder(side).size());
    ForEachOrder(side, [&](RestingOrder order) {
      order.hidden = HiddenBehind(order.display, order.open_quantity);
      SONGHUA_CHECK(book.Restore(order) == BookReject::kNone);
      moved.push_back(order.id);
    });
    for (const OrderId id : moved) SONGHUA_CHECK(Cancel(id, unheard) == BookReject::kNone);
  }
}

// --- The auction ---------------------------------------------------------------------------------------------------------------------

std::optional<Clearing> CallBook::Indicative(std::optional<int64_t> reference) const {
  const std::optional<int64_t> bid = BestPrice(Side::kBuy);
  const std::optional<int64_t> ask = BestPrice(Side::kSell);
  if (!bid.has_value() || !ask.has_value() || *bid < *ask) return std::nullopt;
  // Below the best ask nobody sells and above the best bid nobody buys: levels beyond them change nothing.
  std::vector<CallLevel> levels;
  bids_.ForEachLevelWithin(Side::kBuy, *ask, [&](const LevelDepth& level) { levels.push_back({level.price, level.open_quantity, 0}); });
  std::reverse(levels.begin(), levels.end());
  const size_t bids = levels.size();
  asks_.ForEachLevelWithin(Side::kSell, *bid, [&](const LevelDepth& level) { levels.push_back({level.price, 0, level.open_quantity}); });
  std::inplace_merge(levels.begin(), levels.begin() + static_cast<ptrdiff_t>(bids), levels.end(),
                     [](const CallLevel& a, const CallLevel& b) { return a.price < b.price; });
  // A price with bids and asks stands twice.
  size_t last = 0;
  for (size_t i = 1; i < levels.size(); ++i) {
    if (levels[i].price == levels[last].price) {
      levels[last].bid_quantity += levels[i].bid_quantity;
      levels[last].ask_quantity += levels[i].ask_quantity;
    } else {
      levels[++last] = levels[i];
    }
  }
  return FindClearing({.levels = std::span(levels).first(last + 1)}, reference, tick());
}

std::vector<CallOrder> CallBook::Participants(Side side, const Clearing& clearing) const {
  int64_t worst = clearing.price;
  __int128 wanted = clearing.volume;
  Ladder(side).ForEachLevelWithin(side, clearing.price, [&](const LevelDepth& level) {
    if (wanted > 0) worst = level.price;
    wanted -= level.open_quantity;
  });
  std::vector<CallOrder> orders;
  Ladder(side).ForEachOrderWithin(side, worst, [&](const RestingOrder& order) {
    orders.push_back({.id = order.id, .side = side, .limit = order.price, .quantity = order.open_quantity});
  });
  return orders;
}

void CallBook::Settle(std::span<const CallOrder> orders, std::span<const int64_t> open) {
  Unheard unheard;
  for (size_t i = 0; i < orders.size(); ++i) {
    const CallOrder& order = orders[i];
    if (open[i] == order.quantity) continue;
    const BookReject reject = open[i] == 0 ? Cancel(order.id, unheard) : Replace(order.id, order.limit, open[i], unheard);
    SONGHUA_CHECK(reject == BookReject::kNone);
  }
}

// --- Invariants ----------------------------------------------------------------------------------------------------------------------

void CallBook::CheckSide(Side side) const {
  Ladder(side).CheckInvariants();
  const Side other = side == Side::kBuy ? Side::kSell : Side::kBuy;
  SONGHUA_CHECK(!Ladder(side).BestPrice(other).has_value());
  std::map<uint64_t, std::map<int64_t, uint32_t>> own;
  ForEachOrder(side, [&](const RestingOrder& order) {
    SONGHUA_CHECK(Ladder(other).OpenQuantity(order.id) == 0);
    SONGHUA_CHECK(!WouldSelfTrade(side, order.price, order.owner));
    if (order.owner != 0) ++own[order.owner][order.price];
  });
  for (const auto& [owner, prices] : own_prices_) {
    const std::map<int64_t, uint32_t>& remembered = side == Side::kBuy ? prices.bids : prices.asks;
    SONGHUA_CHECK(remembered == own[owner]);
    own.erase(owner);
  }
  SONGHUA_CHECK(own.empty());
}

void CallBook::CheckInvariants() const {
  for (const Side side : kSides) CheckSide(side);
}

}  // namespace songhua::exchange
