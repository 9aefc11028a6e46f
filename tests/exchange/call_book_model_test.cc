// Random days through the call book, the continuous book behind it, and slow obvious twins of both: collecting, uncrossing at one price,
// trading on, and back into a call. Beside the twins, what must hold of any uncross is checked from its fills alone.
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "exchange/call_book.h"
#include "exchange/tick_ladder.h"
#include "gtest/gtest.h"
#include "tests/exchange/naive_book.h"
#include "tests/exchange/recording_sink.h"

namespace songhua::exchange {
namespace {

constexpr int64_t kCallMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kCallMin = std::numeric_limits<int64_t>::min();

bool Takes(const RestingOrder& order, int64_t price) {
  return order.market || (order.side == Side::kBuy ? price <= order.price : price >= order.price);
}

// `a` goes before `b` of its side, wherever they stand in time.
bool GoesBefore(const RestingOrder& a, const RestingOrder& b) {
  if (a.market != b.market) return a.market;
  return a.price != b.price && (a.side == Side::kBuy) == (a.price > b.price);
}

// The rules of a call as they are said: one list of orders in time, and every sum taken anew.
class NaiveCall {
 public:
  explicit NaiveCall(const BookOptions& options) : options_(options) {}

  BookReject Add(const NewOrder& order, EventSink& sink) {
    RestingOrder resting{order.id, order.side, order.price, order.quantity, order.post_only, order.owner};
    resting.market = order.market;
    const BookReject reject = Restore(resting);
    if (reject != BookReject::kNone) {
      sink.OnRejected({order.id, reject});
    } else {
      sink.OnAccepted({order.id, order.side, order.price, order.quantity});
      sink.OnRested({order.id, order.side, order.price, order.quantity});
    }
    return reject;
  }

  BookReject Restore(const RestingOrder& order) {
    if (order.id == 0) return BookReject::kBadId;
    if (order.open_quantity <= 0) return BookReject::kBadQuantity;
    if (order.price % options_.tick != 0 || (order.market && order.price != 0)) return BookReject::kPriceOffTick;
    if (Find(order.id).has_value()) return BookReject::kDuplicateId;
    if (orders_.size() >= options_.max_orders) return BookReject::kBookFull;
    if (Overflows(order)) return BookReject::kLevelOverflow;
    if (MeetsOwn(order)) return BookReject::kSelfTrade;
    orders_.push_back(order);
    return BookReject::kNone;
  }

  BookReject Cancel(OrderId id, EventSink& sink) {
    const std::optional<RestingOrder> order = Find(id);
    if (!order.has_value()) {
      sink.OnRejected({id, BookReject::kUnknownId});
      return BookReject::kUnknownId;
    }
    std::erase_if(orders_, [&](const RestingOrder& o) { return o.id == id; });
    sink.OnCanceled({id, order->open_quantity, CancelReason::kByRequest});
    return BookReject::kNone;
  }

  BookReject Replace(OrderId id, int64_t price, int64_t quantity, EventSink& sink) {
    const std::optional<RestingOrder> before = Find(id);
    BookReject reject = BookReject::kNone;
    RestingOrder after;
    if (!before.has_value()) {
      reject = BookReject::kUnknownId;
    } else {
      after = *before;
      after.price = price;
      after.open_quantity = quantity;
      const bool off_tick = price % options_.tick != 0 || (before->market && price != 0);
      reject = quantity <= 0      ? BookReject::kBadQuantity
               : off_tick         ? BookReject::kPriceOffTick
               : Overflows(after) ? BookReject::kLevelOverflow
               : MeetsOwn(after)  ? BookReject::kSelfTrade
                                  : BookReject::kNone;
    }
    if (reject != BookReject::kNone) {
      sink.OnRejected({id, reject});
      return reject;
    }
    const bool keeps = before->price == price && quantity <= before->open_quantity;
    sink.OnReplaced({id, price, quantity, keeps});
    if (keeps) {
      for (RestingOrder& order : orders_) {
        if (order.id == id) order = after;
      }
    } else {
      std::erase_if(orders_, [&](const RestingOrder& o) { return o.id == id; });
      orders_.push_back(after);
      sink.OnRested({id, after.side, price, quantity});
    }
    return BookReject::kNone;
  }

  __int128 Interest(Side side, int64_t price) const {
    __int128 total = 0;
    for (const RestingOrder& order : orders_) {
      if (order.side == side && Takes(order, price)) total += order.open_quantity;
    }
    return total;
  }
  __int128 Volume(int64_t price) const { return std::min(Interest(Side::kBuy, price), Interest(Side::kSell, price)); }
  __int128 Surplus(int64_t price) const { return Interest(Side::kBuy, price) - Interest(Side::kSell, price); }

  std::optional<Clearing> Indicative(std::optional<int64_t> reference) const {
    std::set<int64_t> candidates;
    for (const RestingOrder& order : orders_) {
      if (!order.market) candidates.insert(order.price);
    }
    if (reference.has_value()) candidates.insert(*reference);
    __int128 most = 0;
    for (const int64_t price : candidates) most = std::max(most, Volume(price));
    if (most == 0) return std::nullopt;
    std::erase_if(candidates, [&](int64_t price) { return Volume(price) != most; });
    const auto size = [&](int64_t price) { return Surplus(price) < 0 ? -Surplus(price) : Surplus(price); };
    __int128 least = size(*candidates.begin());
    for (const int64_t price : candidates) least = std::min(least, size(price));
    std::erase_if(candidates, [&](int64_t price) { return size(price) != least; });
    bool all_bought = true, all_sold = true;
    for (const int64_t price : candidates) {
      all_bought = all_bought && Surplus(price) > 0;
      all_sold = all_sold && Surplus(price) < 0;
    }
    const int64_t low = *candidates.begin();
    const int64_t high = *candidates.rbegin();
    int64_t price = reference.value_or(0);
    if (all_bought) {
      price = high;
    } else if (all_sold) {
      price = low;
    } else if (reference.has_value()) {
      price = std::clamp(price, low, high);
    } else {
      // floor((low + high) / 2 ticks + 1/2 tick)
      const __int128 sum = static_cast<__int128>(low) + high + options_.tick;
      const __int128 two_ticks = 2 * static_cast<__int128>(options_.tick);
      __int128 ticks = sum / two_ticks;
      if (ticks * two_ticks > sum) --ticks;
      price = static_cast<int64_t>(ticks * options_.tick);
    }
    return Clearing{price, Volume(price), Surplus(price)};
  }

  // Lays the filled parts of both sides out from 0 to the volume, and reports where they begin and end.
  template <class TieKey>
  std::optional<Clearing> Uncross(std::optional<int64_t> reference, EventSink& sink, const TieKey& tie_key) {
    const std::optional<Clearing> clearing = Indicative(reference);
    if (!clearing.has_value()) return clearing;
    std::map<__int128, OrderId> ends[2];
    std::set<__int128> cuts;
    for (const Side side : {Side::kBuy, Side::kSell}) {
      std::vector<RestingOrder> queue;
      for (const RestingOrder& order : orders_) {
        if (order.side == side && Takes(order, clearing->price)) queue.push_back(order);
      }
      std::stable_sort(queue.begin(), queue.end(), [&](const RestingOrder& a, const RestingOrder& b) {
        if (GoesBefore(a, b) || GoesBefore(b, a)) return GoesBefore(a, b);
        return tie_key(CallOrder{.id = a.id}) < tie_key(CallOrder{.id = b.id});
      });
      __int128 end = 0;
      for (const RestingOrder& order : queue) {
        if (end >= clearing->volume) break;
        end += order.open_quantity;
        ends[static_cast<int>(side) - 1][end] = order.id;
        cuts.insert(std::min(end, clearing->volume));
      }
    }
    __int128 begin = 0;
    for (const __int128 end : cuts) {
      const OrderId buy = ends[0].lower_bound(end)->second;
      const OrderId sell = ends[1].lower_bound(end)->second;
      const int64_t quantity = static_cast<int64_t>(end - begin);
      sink.OnFill({sell, buy, Side::kBuy, clearing->price, quantity, Reduce(sell, quantity), Reduce(buy, quantity)});
      begin = end;
    }
    std::erase_if(orders_, [](const RestingOrder& order) { return order.open_quantity == 0; });
    return clearing;
  }

  std::optional<RestingOrder> Find(OrderId id) const {
    for (const RestingOrder& order : orders_) {
      if (order.id == id) return order;
    }
    return std::nullopt;
  }

  std::vector<RestingOrder> Orders(Side side) const {
    std::vector<RestingOrder> orders;
    for (const RestingOrder& order : orders_) {
      if (order.side == side) orders.push_back(order);
    }
    std::stable_sort(orders.begin(), orders.end(), GoesBefore);
    return orders;
  }
  bool HasPrices() const {
    return std::any_of(orders_.begin(), orders_.end(), [](const RestingOrder& order) { return !order.market; });
  }
  size_t size() const { return orders_.size(); }
  void Clear() { orders_.clear(); }

 private:
  // With all others at its price.
  bool Overflows(const RestingOrder& order) const {
    __int128 total = order.open_quantity;
    for (const RestingOrder& other : orders_) {
      if (other.id != order.id && other.side == order.side && other.market == order.market && other.price == order.price) total += other.open_quantity;
    }
    return total > kCallMax;
  }
  bool MeetsOwn(const RestingOrder& order) const {
    for (const RestingOrder& other : orders_) {
      if (order.owner == 0 || other.owner != order.owner || other.side == order.side) continue;
      if (order.market || Takes(other, order.price)) return true;
    }
    return false;
  }
  int64_t Reduce(OrderId id, int64_t quantity) {
    for (RestingOrder& order : orders_) {
      if (order.id == id) return order.open_quantity -= quantity;
    }
    return -1;
  }

  BookOptions options_;
  std::vector<RestingOrder> orders_;
};

// Also keeps the fills as they are.
class FillSink : public RecordingSink {
 public:
  void OnFill(const Fill& fill) override {
    fills.push_back(fill);
    RecordingSink::OnFill(fill);
  }
  std::vector<Fill> fills;
};

struct Day {
  const char* name;
  BookOptions options;
  int64_t middle;
  int64_t reach;  // prices are middle +- reach ticks
  int64_t quantity_max;
  uint64_t owners;  // 1: nobody has one
};

const Day kDays[] = {
    {"inside the band", {.tick = 1, .band = PriceBand{7200, 8800}}, 8000, 12, 20, 6},
    {"many at few prices", {.tick = 5, .band = PriceBand{7990, 8010}}, 8000, 2, 9, 1},
    {"a band that the book chooses", {.tick = 3}, -300, 200, 50, 6},
    {"negative prices", {.tick = 4, .band = PriceBand{-40, 40}}, 0, 8, 20, 3},
    {"highest prices", {.tick = 1}, kCallMax - 8, 8, 20, 6},
    {"lowest prices", {.tick = 1}, kCallMin + 8, 8, 20, 6},
    {"quantities near the limit", {.tick = 1, .band = PriceBand{0, 100}}, 50, 4, kCallMax, 6},
    {"a small book", {.tick = 1, .band = PriceBand{0, 100}, .max_orders = 8}, 50, 4, 20, 3},
    {"even quantities", {.tick = 10}, 500, 6, 3, 1},
};

class CallTwins {
 public:
  CallTwins(const Day& day, uint64_t seed)
      : day_(day), random_(seed), call_(day.options), naive_call_(day.options), book_(day.options), naive_book_(day.options) {}

  void Call(int steps) {
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("call step " + std::to_string(step));
      Step(call_, naive_call_, false);
      CompareCall();
    }
  }

  void Uncross() {
    const std::optional<int64_t> reference = AReference();
    const uint64_t salt = Draw(3);  // 0: by time
    const auto key = [salt](const CallOrder& order) { return salt == 0 ? uint64_t{0} : order.id * 0x9E3779B97F4A7C15u * salt; };
    const Queues before = {naive_call_.Orders(Side::kBuy), naive_call_.Orders(Side::kSell)};
    // The largest volume over every price there is, on the list of candidates or not. Market orders alone have no price without a reference.
    const bool priced = reference.has_value() || naive_call_.HasPrices();
    __int128 most = 0;
    for (int64_t ticks = -day_.reach; ticks <= day_.reach && priced; ++ticks) most = std::max(most, naive_call_.Volume(PriceAt(ticks)));

    fast_events_.fills.clear();
    const std::optional<Clearing> clearing = call_.Uncross(reference, fast_events_, key);
    EXPECT_EQ(clearing, naive_call_.Uncross(reference, naive_events_, key));
    EXPECT_EQ(fast_events_.Take(), naive_events_.Take());
    EXPECT_TRUE((clearing.has_value() ? clearing->volume : 0) == most);
    if (clearing.has_value()) CheckFills(*clearing, before, salt == 0);
    CompareCall();
    const std::optional<int64_t> bid = call_.BestPrice(Side::kBuy);
    const std::optional<int64_t> ask = call_.BestPrice(Side::kSell);
    EXPECT_TRUE(!bid.has_value() || !ask.has_value() || *bid < *ask) << "orders still cross";
  }

  void Trade(int steps) {
    for (const Side side : {Side::kBuy, Side::kSell}) {
      for (const RestingOrder& order : naive_call_.Orders(side)) {
        if (!order.market) continue;
        EXPECT_EQ(call_.Cancel(order.id, fast_events_), BookReject::kNone);
        naive_call_.Cancel(order.id, naive_events_);
      }
    }
    EXPECT_EQ(fast_events_.Take(), naive_events_.Take());
    for (const Side side : {Side::kBuy, Side::kSell}) {
      for (const RestingOrder& order : naive_call_.Orders(side)) EXPECT_EQ(naive_book_.Restore(order), BookReject::kNone);
    }
    naive_call_.Clear();
    call_.MoveTo(book_);
    CompareCall();
    CompareBook();
    for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
      SCOPED_TRACE("continuous step " + std::to_string(step));
      Step(book_, naive_book_, true);
      CompareBook();
    }
    for (const Side side : {Side::kBuy, Side::kSell}) {
      naive_book_.ForEachOrder(side, [&](const RestingOrder& order) { EXPECT_EQ(naive_call_.Restore(order), BookReject::kNone); });
    }
    for (OrderId id = 1; id <= kIds; ++id) naive_book_.Cancel(id, naive_events_);
    naive_events_.Take();
    call_.TakeFrom(book_);
    CompareBook();
    CompareCall();
  }

 private:
  static constexpr OrderId kIds = 60;
  using Queues = std::array<std::vector<RestingOrder>, 2>;  // of each side, best first

  uint64_t Draw(uint64_t below) { return random_() % below; }
  OrderId AnId() { return Draw(50) == 0 ? 0 : 1 + Draw(kIds); }
  int64_t PriceAt(int64_t ticks) const { return (day_.middle / day_.options.tick + ticks) * day_.options.tick; }
  int64_t ATick() { return static_cast<int64_t>(Draw(2 * static_cast<uint64_t>(day_.reach) + 1)) - day_.reach; }
  int64_t APrice() { return PriceAt(ATick()) + (day_.options.tick > 1 && Draw(40) == 0 ? 1 : 0); }
  int64_t AQuantity() {
    if (Draw(50) == 0) return static_cast<int64_t>(Draw(2)) - 1;
    return 1 + static_cast<int64_t>(Draw(static_cast<uint64_t>(day_.quantity_max) - 1));
  }
  std::optional<int64_t> AReference() {
    if (Draw(3) == 0) return std::nullopt;
    return PriceAt(ATick());
  }

  template <class Fast, class Naive>
  void Step(Fast& fast, Naive& naive, bool continuous) {
    const auto both = [&](auto&& call) {
      EXPECT_EQ(Name(call(fast, fast_events_)), Name(call(naive, naive_events_)));
      EXPECT_EQ(fast_events_.Take(), naive_events_.Take());
    };
    const OrderId id = AnId();
    int64_t price = APrice();
    const int64_t quantity = AQuantity();
    const std::optional<RestingOrder> named = naive_call_.Find(id);
    if (named.has_value() && named->market && Draw(4) > 0) price = 0;
    switch (Draw(10)) {
      default: {
        NewOrder order{
            .id = id, .side = Draw(2) == 0 ? Side::kBuy : Side::kSell, .price = price, .quantity = quantity, .owner = Draw(day_.owners)};
        order.post_only = Draw(8) == 0;
        if (continuous && Draw(6) == 0) order.time_in_force = TimeInForce::kImmediateOrCancel;
        order.market = !continuous && Draw(5) == 0;
        if (order.market && Draw(10) > 0) order.price = 0;
        both([&](auto& book, EventSink& sink) { return book.Add(order, sink); });
        break;
      }
      case 7:
        both([&](auto& book, EventSink& sink) { return book.Cancel(id, sink); });
        break;
      case 8:
      case 9:
        both([&](auto& book, EventSink& sink) { return book.Replace(id, price, quantity, sink); });
        break;
    }
  }

  template <class Book>
  static std::vector<RestingOrder> Orders(const Book& book, Side side) {
    std::vector<RestingOrder> orders;
    book.ForEachOrder(side, [&](const RestingOrder& order) { orders.push_back(order); });
    return orders;
  }

  void CompareCall() {
    call_.CheckInvariants();
    EXPECT_EQ(call_.size(), naive_call_.size());
    const OrderId id = AnId();
    EXPECT_EQ(call_.Find(id), naive_call_.Find(id));
    for (const Side side : {Side::kBuy, Side::kSell}) EXPECT_EQ(Orders(call_, side), naive_call_.Orders(side));
    const std::optional<int64_t> reference = AReference();
    EXPECT_EQ(call_.Indicative(reference), naive_call_.Indicative(reference))
        << (reference.has_value() ? std::to_string(*reference) : "no reference");
  }

  void CompareBook() {
    book_.CheckInvariants();
    for (const Side side : {Side::kBuy, Side::kSell}) EXPECT_EQ(Orders(book_, side), Orders(naive_book_, side));
  }

  // What must hold of the fills, whatever the twin says.
  void CheckFills(const Clearing& clearing, const Queues& before, bool by_time) {
    std::map<OrderId, RestingOrder> by_id;
    for (const std::vector<RestingOrder>& queue : before) {
      for (const RestingOrder& order : queue) by_id[order.id] = order;
    }
    std::map<OrderId, __int128> filled;
    __int128 volume = 0;
    for (const Fill& fill : fast_events_.fills) {
      const RestingOrder& sell = by_id.at(fill.maker_id);
      const RestingOrder& buy = by_id.at(fill.taker_id);
      EXPECT_EQ(fill.price, clearing.price);
      EXPECT_GT(fill.quantity, 0);
      EXPECT_TRUE(sell.side == Side::kSell && Takes(sell, fill.price)) << "order " << sell.id << " sold below its limit";
      EXPECT_TRUE(buy.side == Side::kBuy && Takes(buy, fill.price)) << "order " << buy.id << " bought above its limit";
      EXPECT_TRUE(sell.owner == 0 || sell.owner != buy.owner) << "owner " << buy.owner << " traded with itself";
      volume += fill.quantity;
      filled[sell.id] += fill.quantity;
      filled[buy.id] += fill.quantity;
    }
    EXPECT_TRUE(volume == clearing.volume) << "the fills are not the volume";
    for (const auto& [id, order] : by_id) {
      EXPECT_TRUE(filled[id] + call_.OpenQuantity(id) == order.open_quantity) << "order " << id << " gained or lost";
    }
    // Where an order got less than it wanted, nobody behind it got anything.
    for (const std::vector<RestingOrder>& queue : before) {
      const RestingOrder* unserved = nullptr;
      for (const RestingOrder& order : queue) {
        const bool behind = unserved != nullptr && (by_time || GoesBefore(*unserved, order));
        EXPECT_TRUE(!behind || filled[order.id] == 0) << "order " << order.id << " was served before one in front of it";
        if (unserved == nullptr && filled[order.id] < order.open_quantity) unserved = &order;
      }
    }
  }

  const Day& day_;
  std::mt19937_64 random_;
  CallBook call_;
  NaiveCall naive_call_;
  TickLadder book_;
  NaiveBook naive_book_;
  FillSink fast_events_;
  RecordingSink naive_events_;
};

class CallBookModel : public testing::TestWithParam<size_t> {};

TEST_P(CallBookModel, BothBooksSayTheSameAndNoUncrossIsUnfair) {
  const Day& day = kDays[GetParam()];
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(std::string(day.name) + ", seed " + std::to_string(seed));
    CallTwins twins(day, seed);
    for (int call = 0; call < 20; ++call) {
      SCOPED_TRACE("call " + std::to_string(call));
      twins.Call(60);
      if (HasFailure()) return;
      twins.Uncross();
      if (HasFailure()) return;
      twins.Trade(25);
      if (HasFailure()) return;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Days, CallBookModel, testing::Range(size_t{0}, std::size(kDays)));

}  // namespace
}  // namespace songhua::exchange
