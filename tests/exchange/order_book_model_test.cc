// Random streams of every message through the fast book and the naive one: the same events, the same queries, and every part of the fast
// book in agreement with every other.
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "exchange/tick_ladder.h"
#include "gtest/gtest.h"
#include "tests/exchange/naive_book.h"
#include "tests/exchange/recording_sink.h"

namespace songhua::exchange {
namespace {

// A kind of stream: where its prices lie, and in what band.
struct Stream {
  const char* name;
  BookOptions options;
  int64_t middle;
  int64_t reach;  // prices are middle +- reach ticks
  int64_t quantity_max;
  bool moves_band = false;  // now and then
};

constexpr int64_t kModelMax = std::numeric_limits<int64_t>::max();
constexpr int64_t kModelMin = std::numeric_limits<int64_t>::min();

const Stream kStreams[] = {
    {"inside the band", {.tick = 1, .band = PriceBand{7200, 8800}}, 8000, 12, 20},
    {"band of one level", {.tick = 5, .band = PriceBand{8000, 8000}}, 8000, 10, 20},
    {"band in the middle of the prices", {.tick = 10, .band = PriceBand{7960, 8040}}, 8000, 16, 20},
    {"band above the prices", {.tick = 1, .band = PriceBand{9000, 9100}}, 8000, 12, 20},
    {"band below the prices", {.tick = 1, .band = PriceBand{100, 200}}, 8000, 12, 20},
    {"band that the book chooses", {.tick = 3}, -300, 300, 20},
    {"negative prices and a moving band", {.tick = 4, .band = PriceBand{-40, 40}}, 0, 20, 20, true},
    {"highest prices", {.tick = 1, .band = PriceBand{kModelMax - 6, kModelMax}}, kModelMax - 12, 12, 20},
    {"lowest prices", {.tick = 1, .band = PriceBand{kModelMin, kModelMin + 6}}, kModelMin + 12, 12, 20},
    {"the book chooses at the end of the axis", {.tick = 1}, kModelMax - 8, 8, 20},
    {"quantities near the limit", {.tick = 1, .band = PriceBand{0, 100}}, 50, 4, kModelMax},
    {"a small book", {.tick = 1, .band = PriceBand{0, 100}, .max_orders = 6}, 50, 4, 20},
    {"ticks wider than the axis is half long", {.tick = kModelMax / 3, .band = PriceBand{-(kModelMax / 3) * 3, (kModelMax / 3) * 3}}, 0, 3, 20},
};

class Twins {
 public:
  Twins(const Stream& stream, SelfTradePolicy policy, uint64_t seed)
      : stream_(stream), random_(seed), fast_(With(stream.options, policy)), naive_(With(stream.options, policy)) {}

  void Step() {
    switch (Draw(22)) {
      default:
        Add();
        break;
      case 20:
      case 21:
        Take();
        break;
      case 11:
      case 12:
      case 13:
      case 14:
        Both([id = AnId()](auto& book, EventSink& sink) { return book.Cancel(id, sink); });
        break;
      case 15:
      case 16:
      case 17:
      case 18:
        Both([id = AnId(), price = APrice(), quantity = AQuantity()](auto& book, EventSink& sink) {
          return book.Replace(id, price, quantity, sink);
        });
        break;
      case 19:
        Rarely();
        break;
    }
    Compare();
  }

  void Drain() {
    for (OrderId id = 1; id <= kIds; ++id) {
      Both([id](auto& book, EventSink& sink) { return book.Cancel(id, sink); });
    }
    Compare();
    EXPECT_TRUE(fast_.empty());
  }

  // How often takes with a choice were answered so.
  const std::map<std::string, int>& choices() const { return choices_; }

 private:
  static BookOptions With(BookOptions options, SelfTradePolicy policy) {
    options.self_trade = policy;
    return options;
  }

  static constexpr OrderId kIds = 60;  // few, so that dead, duplicate and used-again ids all occur

  uint64_t Draw(uint64_t below) { return random_() % below; }
  OrderId AnId() { return Draw(50) == 0 ? 0 : 1 + Draw(kIds); }
  Side ASide() { return Draw(2) == 0 ? Side::kBuy : Side::kSell; }
  uint64_t AnOwner() { return Draw(5); }

  int64_t APrice() {
    const int64_t ticks = static_cast<int64_t>(Draw(2 * stream_.reach + 1)) - stream_.reach;
    const int64_t tick = stream_.options.tick;
    return stream_.middle / tick * tick + ticks * tick + (tick > 1 && Draw(40) == 0 ? 1 : 0);
  }

  int64_t AQuantity() {
    if (Draw(50) == 0) return static_cast<int64_t>(Draw(2)) - 1;
    return 1 + static_cast<int64_t>(Draw(stream_.quantity_max - 1));
  }

  // From a twentieth of the quantity, so that no order shows itself in steps without end, to more than all of it.
  int64_t ADisplay(int64_t quantity) {
    const int64_t least = std::max<int64_t>(1, quantity / 20);
    return least + static_cast<int64_t>(Draw(std::max<int64_t>(1, quantity - least)));
  }

  void Add() {
    NewOrder order{.id = AnId(), .side = ASide(), .price = APrice(), .quantity = AQuantity(), .owner = AnOwner()};
    const uint64_t kind = Draw(10);
    if (kind == 0) order.time_in_force = TimeInForce::kImmediateOrCancel;
    if (kind == 1) order.time_in_force = TimeInForce::kFillOrKill;
    order.post_only = Draw(8) == 0;
    if (Draw(4) == 0) order.display = Draw(60) == 0 ? -1 : ADisplay(order.quantity);
    const Prospect prospect = fast_.Preview(order.side, order.price, order.quantity, order.owner);
    const Prospect expected = naive_.Preview(order.side, order.price, order.quantity, order.owner);
    EXPECT_EQ(prospect.fillable_quantity, expected.fillable_quantity);
    EXPECT_EQ(prospect.would_cross, expected.would_cross);
    EXPECT_EQ(prospect.would_self_trade, expected.would_self_trade);
    Both([&](auto& book, EventSink& sink) { return book.Add(order, sink); });
  }

  // Now and then with a choice: mostly of an order that rests on the other side, near the best price.
  void Take() {
    TakeOrder take{.id = AnId(), .side = ASide(), .price = APrice(), .quantity = AQuantity(), .owner = AnOwner()};
    take.levels_max = static_cast<uint32_t>(Draw(4));
    const auto others = Orders(naive_, take.side == Side::kBuy ? Side::kSell : Side::kBuy);
    const uint64_t kind = Draw(4);
    if (kind == 0) take.chosen = AnId();
    if (kind > 1 && !others.empty()) take.chosen = others[Draw(std::min<size_t>(others.size(), 8))].id;
    EXPECT_EQ(Name(fast_.CheckTake(take)), Name(naive_.CheckTake(take)));
    const BookReject said = Both([&](auto& book, EventSink& sink) { return book.Take(take, sink); });
    if (take.chosen != 0) ++choices_[Name(said)];
  }

  void Rarely() {
    if (stream_.moves_band) {
      const int64_t low = APrice() / stream_.options.tick * stream_.options.tick;
      fast_.MoveBand({low, low + static_cast<int64_t>(Draw(12)) * stream_.options.tick});
    }
    RestingOrder order{AnId(), ASide(), APrice(), AQuantity(), Draw(2) == 0, AnOwner()};
    if (Draw(3) == 0) order.display = ADisplay(order.open_quantity);
    if (Draw(3) == 0 && order.open_quantity > 0) order.hidden = static_cast<int64_t>(Draw(order.open_quantity));
    if (order.display > 0 && order.open_quantity - order.hidden > order.display) order.hidden = order.open_quantity - order.display;
    Both([&](auto& book, EventSink&) { return book.Restore(order); });
  }

  template <class Call>
  BookReject Both(Call&& call) {
    const BookReject fast = call(fast_, fast_events_);
    const BookReject naive = call(naive_, naive_events_);
    EXPECT_EQ(Name(fast), Name(naive));
    EXPECT_EQ(fast_events_.Take(), naive_events_.Take());
    return naive;
  }

  template <class Book>
  static std::vector<RestingOrder> Orders(const Book& book, Side side) {
    std::vector<RestingOrder> orders;
    book.ForEachOrder(side, [&](const RestingOrder& order) { orders.push_back(order); });
    return orders;
  }

  void Compare() {
    fast_.CheckInvariants();
    EXPECT_EQ(fast_.size(), naive_.size());
    const OrderId id = AnId();
    EXPECT_EQ(fast_.Find(id), naive_.Find(id));
    EXPECT_EQ(fast_.OpenQuantity(id), naive_.OpenQuantity(id));
    for (const Side side : {Side::kBuy, Side::kSell}) {
      EXPECT_EQ(Orders(fast_, side), Orders(naive_, side));
      EXPECT_EQ(fast_.BestPrice(side), naive_.BestPrice(side));
      const int64_t price = APrice();
      EXPECT_EQ(fast_.DepthAt(side, price), naive_.DepthAt(side, price));
      std::array<LevelDepth, 5> fast_depth{}, naive_depth{};
      EXPECT_EQ(fast_.Depth(side, fast_depth), naive_.Depth(side, naive_depth));
      EXPECT_EQ(fast_depth, naive_depth);
    }
  }

  const Stream& stream_;
  std::mt19937_64 random_;
  TickLadder fast_;
  NaiveBook naive_;
  RecordingSink fast_events_;
  RecordingSink naive_events_;
  std::map<std::string, int> choices_;
};

class OrderBookModel : public testing::TestWithParam<size_t> {};

TEST_P(OrderBookModel, BothBooksSayTheSame) {
  const Stream& stream = kStreams[GetParam()];
  constexpr uint64_t kPolicies = 5;
  std::map<std::string, int> choices;
  for (uint64_t seed = 1; seed <= 3 * kPolicies; ++seed) {
    const auto policy = static_cast<SelfTradePolicy>(seed % kPolicies);
    SCOPED_TRACE(std::string(stream.name) + ", policy " + std::to_string(static_cast<int>(policy)) + ", seed " + std::to_string(seed));
    Twins twins(stream, policy, seed);
    for (int step = 0; step < 4000; ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      twins.Step();
      if (HasFailure()) return;
    }
    twins.Drain();
    for (const auto& [said, count] : twins.choices()) choices[said] += count;
  }
  for (const char* said : {"none", "unknown choice", "choice on own side", "own choice", "choice beyond limit", "choice behind better", "self trade"}) {
    EXPECT_GT(choices[said], 0) << "no take with a choice was answered so";
  }
}

INSTANTIATE_TEST_SUITE_P(Streams, OrderBookModel, testing::Range(size_t{0}, std::size(kStreams)));

}  // namespace
}  // namespace songhua::exchange
