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

BookOptions AtOnePrice(const BookOptions& options) {
  return {.tick = options.tick, .band = PriceBand{0, 0}, .max_orders = options.max_orders, .shows_whole = true};
}

}  // namespace

CallBook::CallBook(const BookOptions& options)
    : max_orders_(options.max_orders),
      bids_(WithoutHiding(options)),
      asks_(WithoutHiding(options)),
      market_bids_(AtOnePrice(options)),
      market_asks_(AtOnePrice(options)) {}

// --- Checks --------------------------------------------------------------------------------------------------------------------------

bool CallBook::WouldOverflow(const RestingOrder& order, int64_t price, int64_t leaving, int64_t coming) const {
  int64_t total;
  return __builtin_add_overflow(LadderOf(order.side, order.market).DepthAt(order.side, price).open_quantity - leaving, coming, &total);
}

bool CallBook::WouldSelfTrade(Side side, bool market, int64_t price, uint64_t owner) const {
  if (owner == 0) return false;
  const auto own = own_prices_.find(owner);
  if (own == own_prices_.end()) return false;
  const OwnPrices& prices = own->second;
  const int64_t limit = Limit(side, market, price);
  if (side == Side::kBuy) return !prices.asks.empty() && prices.asks.begin()->first <= limit;
  return !prices.bids.empty() && prices.bids.rbegin()->first >= limit;
}

BookReject CallBook::CheckEntry(const RestingOrder& order) const {
  if (order.id == 0) return BookReject::kBadId;
  if (order.open_quantity <= 0 || order.display < 0 || order.hidden != 0) return BookReject::kBadQuantity;
  if (order.price % tick() != 0 || (order.market && order.price != 0)) return BookReject::kPriceOffTick;
  if (OpenQuantity(order.id) != 0) return BookReject::kDuplicateId;
  if (size() >= max_orders_) return BookReject::kBookFull;
  if (WouldOverflow(order, order.price, 0, order.open_quantity)) return BookReject::kLevelOverflow;
  return WouldSelfTrade(order.side, order.market, order.price, order.owner) ? BookReject::kSelfTrade : BookReject::kNone;
}

BookReject CallBook::CheckReplace(const RestingOrder& order, int64_t new_price, int64_t new_open_quantity) const {
  if (new_open_quantity <= 0) return BookReject::kBadQuantity;
  if (new_price % tick() != 0 || (order.market && new_price != 0)) return BookReject::kPriceOffTick;
  const int64_t leaving = new_price == order.price ? order.open_quantity : 0;
  if (WouldOverflow(order, new_price, leaving, new_open_quantity)) return BookReject::kLevelOverflow;
  return WouldSelfTrade(order.side, order.market, new_price, order.owner) ? BookReject::kSelfTrade : BookReject::kNone;
}

// --- Orders --------------------------------------------------------------------------------------------------------------------------

BookReject CallBook::Restore(const RestingOrder& order) {
  const BookReject reject = CheckEntry(order);
  if (reject != BookReject::kNone) return reject;
  Remember(order.side, Limit(order.side, order.market, order.price), order.owner);
  return LadderOf(order.side, order.market).Restore(order);
}

void CallBook::Remember(Side side, int64_t limit, uint64_t owner) {
  if (owner != 0) ++own_prices_[owner].Of(side)[limit];
}

void CallBook::Forget(Side side, int64_t limit, uint64_t owner) {
  if (owner == 0) return;
  const auto own = own_prices_.find(owner);
  std::map<int64_t, uint32_t>& prices = own->second.Of(side);
  const auto at = prices.find(limit);
  if (--at->second == 0) prices.erase(at);
  if (own->second.bids.empty() && own->second.asks.empty()) own_prices_.erase(own);
}

std::optional<RestingOrder> CallBook::Find(OrderId id) const {
  for (const bool market : {false, true}) {
    for (const Side side : kSides) {
      std::optional<RestingOrder> order = LadderOf(side, market).Find(id);
      if (!order.has_value()) continue;
      order->market = market;
      return order;
    }
  }
  return std::nullopt;
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
  SONGHUA_CHECK(market_bids_.empty() && market_asks_.empty());
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
  const int64_t market_bids = MarketQuantity(Side::kBuy);
  const int64_t market_asks = MarketQuantity(Side::kSell);
  const std::optional<int64_t> bid = BestPrice(Side::kBuy);
  const std::optional<int64_t> ask = BestPrice(Side::kSell);
  if (market_bids == 0 && !bid.has_value()) return std::nullopt;
  if (market_asks == 0 && !ask.has_value()) return std::nullopt;
  if (market_bids == 0 && market_asks == 0 && *bid < *ask) return std::nullopt;
  // Below the best ask nobody sells and above the best bid nobody buys: levels beyond them change nothing. Market orders do so at every price.
  const int64_t lowest_bid = market_asks > 0 ? std::numeric_limits<int64_t>::min() : *ask;
  const int64_t highest_ask = market_bids > 0 ? std::numeric_limits<int64_t>::max() : *bid;
  std::vector<CallLevel> levels;
  bids_.ForEachLevelWithin(Side::kBuy, lowest_bid, [&](const LevelDepth& level) { levels.push_back({level.price, level.open_quantity, 0}); });
  std::reverse(levels.begin(), levels.end());
  const size_t bids = levels.size();
  asks_.ForEachLevelWithin(Side::kSell, highest_ask, [&](const LevelDepth& level) { levels.push_back({level.price, 0, level.open_quantity}); });
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
  const size_t prices = levels.empty() ? 0 : last + 1;
  return FindClearing({.levels = std::span(levels).first(prices), .market_bid_quantity = market_bids, .market_ask_quantity = market_asks}, reference, tick());
}

bool CallBook::LeavesMarketOrders(std::optional<int64_t> reference) const {
  const __int128 most = std::max(MarketQuantity(Side::kBuy), MarketQuantity(Side::kSell));
  if (most == 0) return false;
  const std::optional<Clearing> clearing = Indicative(reference);
  return !clearing.has_value() || clearing->volume < most;  // they go first
}

std::vector<CallOrder> CallBook::Participants(Side side, const Clearing& clearing) const {
  std::vector<CallOrder> orders;
  MarketLadder(side).ForEachOrder(
      side, [&](const RestingOrder& order) { orders.push_back({.id = order.id, .side = side, .market = true, .quantity = order.open_quantity}); });
  int64_t worst = clearing.price;
  __int128 wanted = clearing.volume - MarketQuantity(side);
  if (wanted <= 0) return orders;
  Ladder(side).ForEachLevelWithin(side, clearing.price, [&](const LevelDepth& level) {
    if (wanted > 0) worst = level.price;
    wanted -= level.open_quantity;
  });
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
  const Side other = side == Side::kBuy ? Side::kSell : Side::kBuy;
  for (const bool market : {false, true}) {
    LadderOf(side, market).CheckInvariants();
    SONGHUA_CHECK(!LadderOf(side, market).BestPrice(other).has_value());
  }
  std::map<uint64_t, std::map<int64_t, uint32_t>> own;
  ForEachOrder(side, [&](const RestingOrder& order) {
    SONGHUA_CHECK(!order.market || order.price == 0);
    SONGHUA_CHECK(Ladder(other).OpenQuantity(order.id) == 0 && MarketLadder(other).OpenQuantity(order.id) == 0);
    SONGHUA_CHECK(LadderOf(side, !order.market).OpenQuantity(order.id) == 0);
    SONGHUA_CHECK(!WouldSelfTrade(side, order.market, order.price, order.owner));
    if (order.owner != 0) ++own[order.owner][Limit(side, order.market, order.price)];
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
