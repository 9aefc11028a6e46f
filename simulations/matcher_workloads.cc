#include "simulations/matcher_workloads.h"

#include <algorithm>
#include <bit>

#include "exchange/tick_ladder.h"
#include "ledger/check.h"

namespace songhua::simulations {
namespace {

using exchange::OrderId;
using exchange::Side;
using exchange::TimeInForce;

constexpr uint64_t kSeed = 20260701;
constexpr int64_t kOpeningPrice = 8000;
constexpr uint32_t kOwners = 100'000;

// Sebastiano Vigna's splitmix64: small, and the same everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  // In [0, below).
  uint64_t Below(uint64_t below) { return Next() % below; }

  // 0 with probability 1/2, then each next range of `step` half as likely as the one before; below 20 * step.
  int64_t Decaying(int64_t step) {
    const int64_t range = std::min(std::countr_zero(Next() | uint64_t{1} << 19), 19);
    return range * step + static_cast<int64_t>(Below(step));
  }

 private:
  uint64_t state_;
};

// What a workload is made of, in percent of its messages. What is missing to 100 are crossing orders.
struct Mix {
  int add;
  int cancel;
  int replace;
};

// Which orders rest, kept up to date by the events of a book that runs along with the generator.
class LiveOrders : public exchange::EventSink {
 public:
  size_t size() const { return ids_.size(); }
  OrderId At(size_t i) const { return ids_[i]; }

  void OnAccepted(const exchange::Accepted&) override {}
  void OnFill(const exchange::Fill& fill) override {
    if (fill.maker_open == 0) Remove(fill.maker_id);
    if (fill.taker_open == 0 && IsLive(fill.taker_id)) Remove(fill.taker_id);  // after a replace
  }
  void OnCanceled(const exchange::Canceled& canceled) override {
    if (IsLive(canceled.id)) Remove(canceled.id);
  }
  void OnReplaced(const exchange::Replaced&) override {}
  void OnRejected(const exchange::Rejected&) override {}
  void OnRested(const exchange::Rested& rested) override {
    if (IsLive(rested.id)) return;
    if (rested.id >= places_.size()) places_.resize(std::max<size_t>(2 * places_.size(), rested.id + 1), 0);
    ids_.push_back(rested.id);
    places_[rested.id] = ids_.size();
  }

 private:
  bool IsLive(OrderId id) const { return id < places_.size() && places_[id] != 0; }

  void Remove(OrderId id) {
    const size_t place = places_[id];
    ids_[place - 1] = ids_.back();
    places_[ids_.back()] = place;
    ids_.pop_back();
    places_[id] = 0;
  }

  std::vector<OrderId> ids_;
  std::vector<size_t> places_;  // by id: 1 + index in ids_, 0 when not resting
};

class Generator {
 public:
  Generator(MatcherWorkload workload, size_t messages)
      : workload_(workload), count_(messages), random_(kSeed + static_cast<uint64_t>(workload)) {
    messages_.reserve(messages);
  }

  std::vector<MatcherMessage> Run() {
    while (messages_.size() < count_) {
      MovePrice();
      Emit();
    }
    return std::move(messages_);
  }

 private:
  bool InCrash() const { return messages_.size() >= count_ / 5 * 2 && messages_.size() < count_ / 5 * 2 + count_ / 20; }

  Mix MixNow() const {
    switch (workload_) {
      case MatcherWorkload::kCrash:
        return InCrash() ? Mix{25, 45, 5} : Mix{40, 40, 10};
      case MatcherWorkload::kCancelHeavy:
      case MatcherWorkload::kDeepStaticLevels:
        return {45, 45, 5};
      case MatcherWorkload::kNormal:
      case MatcherWorkload::kPriceSwing:
        return {40, 40, 10};
    }
    SONGHUA_CHECK(false);
  }

  // As many orders rest once the book has grown; until then cancels become adds.
  size_t OrdersAtRest() const {
    switch (workload_) {
      case MatcherWorkload::kDeepStaticLevels:
        return 100'000;
      case MatcherWorkload::kNormal:
        return 50'000;
      case MatcherWorkload::kPriceSwing:
        return 5'000;
      case MatcherWorkload::kCrash:
      case MatcherWorkload::kCancelHeavy:
        return 20'000;
    }
    SONGHUA_CHECK(false);
  }

  void MovePrice() {
    const int64_t at = static_cast<int64_t>(messages_.size());
    const int64_t all = static_cast<int64_t>(count_);
    switch (workload_) {
      case MatcherWorkload::kDeepStaticLevels:
        return;
      case MatcherWorkload::kPriceSwing: {  // five triangles of +-800 ticks
        const int64_t period = std::max<int64_t>(all / 5, 4);
        const int64_t phase = (at + period / 4) % period;
        const int64_t climb = phase < period / 2 ? phase : period - phase;
        price_ = kOpeningPrice - 800 + 3200 * climb / period;
        return;
      }
      case MatcherWorkload::kCrash: {
        const int64_t bottom = all / 5 * 2 + all / 20;
        if (InCrash()) price_ = kOpeningPrice - 3200 * (at - all / 5 * 2) / std::max<int64_t>(all / 20, 1);
        if (at >= bottom) price_ = kOpeningPrice - 3200 + 2400 * (at - bottom) / (all - bottom);
        return;
      }
      case MatcherWorkload::kNormal:
      case MatcherWorkload::kCancelHeavy:
        if (random_.Below(100) == 0) price_ += random_.Below(2) == 0 ? 1 : -1;
        return;
    }
  }

  void Emit() {
    const Mix mix = MixNow();
    const int kind = static_cast<int>(random_.Below(100));
    if (kind < mix.add || live_.size() < 10 || (kind < mix.add + mix.cancel && live_.size() < OrdersAtRest())) {
      AddPassive();
    } else if (kind < mix.add + mix.cancel) {
      Send({.id = AnyLive(), .kind = MatcherMessageKind::kCancel});
    } else if (kind < mix.add + mix.cancel + mix.replace) {
      Replace();
    } else {
      AddCrossing();
    }
  }

  Side AnySide() { return random_.Below(2) == 0 ? Side::kBuy : Side::kSell; }

  OrderId AnyLive() {
    const size_t young = std::min<size_t>(live_.size(), 256);
    if (workload_ == MatcherWorkload::kCancelHeavy && random_.Below(10) != 0) return live_.At(live_.size() - 1 - random_.Below(young));
    return live_.At(random_.Below(live_.size()));
  }

  // Some ticks away from the price, near it more often than far.
  int32_t PassivePrice(Side side) {
    const int64_t distance =
        workload_ == MatcherWorkload::kDeepStaticLevels ? static_cast<int64_t>(1 + random_.Below(10)) : 1 + random_.Decaying(20);
    return static_cast<int32_t>(side == Side::kBuy ? price_ - distance : price_ + distance);
  }

  uint32_t AnyOwner() { return static_cast<uint32_t>(1 + random_.Below(kOwners)); }

  int32_t AnyQuantity(uint64_t at_most) { return static_cast<int32_t>(1 + random_.Below(at_most)); }

  void AddPassive() {
    const Side side = AnySide();
    Send({.id = next_id_++,
          .price = PassivePrice(side),
          .quantity = AnyQuantity(100),
          .owner = AnyOwner(),
          .kind = MatcherMessageKind::kAdd,
          .side = side,
          .time_in_force = TimeInForce::kDay});
  }

  // Half of them immediate-or-cancel, half leave what they do not fill in the book.
  void AddCrossing() {
    const bool crash = workload_ == MatcherWorkload::kCrash && InCrash();
    const Side side = crash ? Side::kSell : AnySide();
    const int64_t reach = crash ? 40 : 5;
    const int64_t price = side == Side::kBuy ? price_ + reach : price_ - reach;
    Send({.id = next_id_++,
          .price = static_cast<int32_t>(price),
          .quantity = AnyQuantity(crash ? 2000 : 150),
          .owner = AnyOwner(),
          .kind = MatcherMessageKind::kAdd,
          .side = side,
          .time_in_force = random_.Below(2) == 0 ? TimeInForce::kImmediateOrCancel : TimeInForce::kDay});
  }

  // A third shrink in place, the others go to another price.
  void Replace() {
    const OrderId id = AnyLive();
    const exchange::RestingOrder order = *book_.Find(id);
    const bool shrinks = random_.Below(3) == 0;
    Send({.id = id,
          .price = shrinks ? static_cast<int32_t>(order.price) : PassivePrice(order.side),
          .quantity = shrinks ? static_cast<int32_t>((order.open_quantity + 1) / 2) : AnyQuantity(100),
          .kind = MatcherMessageKind::kReplace});
  }

  void Send(const MatcherMessage& message) {
    messages_.push_back(message);
    switch (message.kind) {
      case MatcherMessageKind::kAdd:
        book_.Add({.id = message.id,
                   .side = message.side,
                   .price = message.price,
                   .quantity = message.quantity,
                   .time_in_force = message.time_in_force,
                   .owner = message.owner},
                  live_);
        break;
      case MatcherMessageKind::kCancel:
        book_.Cancel(message.id, live_);
        break;
      case MatcherMessageKind::kReplace:
        book_.Replace(message.id, message.price, message.quantity, live_);
        break;
    }
  }

  const MatcherWorkload workload_;
  const size_t count_;
  Random random_;
  int64_t price_ = kOpeningPrice;
  OrderId next_id_ = 1;
  exchange::TickLadder book_;
  LiveOrders live_;
  std::vector<MatcherMessage> messages_;
};

}  // namespace

std::string_view NameOf(MatcherWorkload workload) {
  switch (workload) {
    case MatcherWorkload::kNormal:
      return "normal";
    case MatcherWorkload::kPriceSwing:
      return "price-swing";
    case MatcherWorkload::kCrash:
      return "crash";
    case MatcherWorkload::kDeepStaticLevels:
      return "deep-static-levels";
    case MatcherWorkload::kCancelHeavy:
      return "cancel-heavy";
  }
  SONGHUA_CHECK(false);
}

std::vector<MatcherMessage> GenerateMatcherWorkload(MatcherWorkload workload, size_t messages) {
  return Generator(workload, messages).Run();
}

}  // namespace songhua::simulations
