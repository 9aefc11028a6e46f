// Random orders against a slow, obvious second exchange: naive matching, and holds that are added up anew from the orders after every command.
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "boost/multiprecision/cpp_int.hpp"
#include "exchange/exchange.h"
#include "exchange/matching.h"
#include "gtest/gtest.h"
#include "tests/exchange/exchange_world.h"
#include "tests/exchange/naive_book.h"

namespace songhua::exchange {
namespace {

using Exact = boost::multiprecision::cpp_int;

constexpr const char* kTraders[] = {"$A", "$B", "$C", "$E"};  // $A and $E are of one group

class Model : private EventSink {
 public:
  struct Order {
    std::string who;
    Side side;
    int64_t price, open;
    int64_t traded = 0, fee = 0;
  };
  struct Trader {
    int64_t money = 100'000'000, units = 500;
    int64_t trade_money = 0, trade_units = 0;  // held by trades that wait
  };

  // With `picks`, orders are posted and picked (CAR-15).
  Model(bool immediate, int fee_bps, SelfTradePolicy policy, bool picks)
      : immediate_(immediate), fee_bps_(fee_bps), policy_(policy), picks_(picks), book_({.self_trade = policy}) {
    for (const char* who : kTraders) traders[who];
  }

  static uint64_t Group(const std::string& who) { return who == "$E" ? 'A' : static_cast<uint64_t>(who[1]); }
  int64_t Fee(int64_t amount) const { return static_cast<int64_t>((Exact(amount) * fee_bps_ * 2 + 10'000) / 20'000); }
  int64_t Hold(const Order& order) const {
    const int64_t amount = order.price * order.open;
    return amount + Fee(order.traded + amount) - order.fee;
  }
  int64_t HeldMoney(const std::string& who) const {
    int64_t sum = 0;
    for (const auto& [id, order] : orders) sum += order.who == who && order.side == Side::kBuy ? Hold(order) : 0;
    return sum;
  }
  int64_t HeldUnits(const std::string& who) const {
    int64_t sum = 0;
    for (const auto& [id, order] : orders) sum += order.who == who && order.side == Side::kSell ? order.open : 0;
    return sum;
  }

  OrderRefusal Place(const std::string& who, NewOrder order) {
    if (picks_ && order.time_in_force != TimeInForce::kDay) return OrderRefusal::kDayOrdersOnly;
    order.post_only |= picks_;
    if (order.price < 7200 || order.price > 8800) return OrderRefusal::kPriceOutsideBand;
    const OrderRefusal by_book = AskBook(order);
    if (by_book != OrderRefusal::kNone) return by_book;
    const OrderRefusal short_of = Afford(who, {who, order.side, order.price, order.quantity}, 0, 0);
    if (short_of != OrderRefusal::kNone) return short_of;
    orders[order.id] = {who, order.side, order.price, order.quantity};
    EXPECT_EQ(book_.Add(order, *this), BookReject::kNone);
    return OrderRefusal::kNone;
  }
  OrderRefusal Take(const std::string& who, const TakeOrder& take) {
    if (!picks_) return OrderRefusal::kNoTakes;
    if (take.price < 7200 || take.price > 8800) return OrderRefusal::kPriceOutsideBand;
    const OrderRefusal by_book = FromBook(book_.CheckTake(take));
    if (by_book != OrderRefusal::kNone) return by_book;
    const OrderRefusal short_of = Afford(who, {who, take.side, take.price, take.quantity}, 0, 0);
    if (short_of != OrderRefusal::kNone) return short_of;
    orders[take.id] = {who, take.side, take.price, take.quantity};
    EXPECT_EQ(book_.Take(take, *this), BookReject::kNone);
    return OrderRefusal::kNone;
  }
  OrderRefusal Cancel(const std::string& who, OrderId id) {
    if (!orders.contains(id) || orders[id].who != who) return OrderRefusal::kUnknownOrder;
    book_.Cancel(id, *this);
    return OrderRefusal::kNone;
  }
  OrderRefusal Replace(const std::string& who, OrderId id, int64_t price, int64_t open) {
    if (!orders.contains(id) || orders[id].who != who) return OrderRefusal::kUnknownOrder;
    if (price < 7200 || price > 8800) return OrderRefusal::kPriceOutsideBand;
    const RestingOrder resting = *book_.Find(id);
    if (resting.display > 0 && resting.display < std::min(open, (open * 5 + 99) / 100)) return OrderRefusal::kBadDisplay;
    const OrderRefusal by_book =
        AskBook({.id = id, .side = resting.side, .price = price, .quantity = open, .post_only = resting.post_only, .owner = resting.owner});
    if (by_book != OrderRefusal::kNone) return by_book;
    Order changed = orders[id];
    changed.price = price;
    changed.open = open;
    const OrderRefusal short_of = Afford(who, changed, Hold(orders[id]), orders[id].open);
    if (short_of != OrderRefusal::kNone) return short_of;
    orders[id] = changed;
    EXPECT_EQ(book_.Replace(id, price, open, *this), BookReject::kNone);
    return OrderRefusal::kNone;
  }
  std::string Depth(Side side) const {
    std::string text;
    std::vector<LevelDepth> levels(3000);
    levels.resize(book_.Depth(side, levels));
    for (const LevelDepth& level : levels) {
      if (!text.empty()) text += " ";
      text += std::to_string(level.price) + ": " + std::to_string(level.open_quantity) + " (" + std::to_string(level.orders) + ")";
    }
    return text;
  }

  std::map<OrderId, Order> orders;
  std::map<std::string, Trader> traders;
  int64_t fees = 0;
  int prevented = 0, replenished = 0;

 private:
  OrderRefusal AskBook(const NewOrder& order) const {
    const Prospect prospect = book_.Preview(order.side, order.price, order.quantity, order.owner);
    if (order.post_only && prospect.would_cross) return OrderRefusal::kCrossesBook;
    if (prospect.would_self_trade && policy_ == SelfTradePolicy::kRefuse) return OrderRefusal::kSelfTrade;
    if (order.time_in_force == TimeInForce::kFillOrKill && prospect.fillable_quantity < order.quantity) return OrderRefusal::kNotFillable;
    return OrderRefusal::kNone;
  }
  OrderRefusal Afford(const std::string& who, const Order& order, int64_t held_money, int64_t held_units) const {
    const Trader& trader = traders.at(who);
    if (order.side == Side::kBuy) {
      const int64_t free = trader.money - HeldMoney(who) - trader.trade_money;
      return Hold(order) <= free + held_money ? OrderRefusal::kNone : OrderRefusal::kInsufficientFunds;
    }
    const int64_t free = trader.units - HeldUnits(who) - trader.trade_units;
    return order.open <= free + held_units ? OrderRefusal::kNone : OrderRefusal::kInsufficientUnits;
  }

  int64_t CountFill(Order& order, int64_t amount, int64_t quantity) {
    order.open -= quantity;
    order.traded += amount;
    const int64_t fee = Fee(order.traded) - order.fee;
    order.fee += fee;
    return fee;
  }
  void OnFill(const Fill& fill) override {
    const bool taker_buys = fill.taker_side == Side::kBuy;
    Order& buyer = orders[taker_buys ? fill.taker_id : fill.maker_id];
    Order& seller = orders[taker_buys ? fill.maker_id : fill.taker_id];
    const int64_t amount = fill.price * fill.quantity;
    const int64_t buyer_fee = CountFill(buyer, amount, fill.quantity);
    const int64_t seller_fee = CountFill(seller, amount, fill.quantity);
    if (immediate_) {
      traders[buyer.who].money -= amount + buyer_fee;
      traders[buyer.who].units += fill.quantity;
      traders[seller.who].money += amount - seller_fee;
      traders[seller.who].units -= fill.quantity;
      fees += buyer_fee + seller_fee;
    } else {
      traders[buyer.who].trade_money += amount + buyer_fee;
      traders[seller.who].trade_units += fill.quantity;
    }
    if (fill.maker_open == 0) orders.erase(fill.maker_id);
    if (fill.taker_open == 0) orders.erase(fill.taker_id);
  }
  void OnSelfTradePrevented(const SelfTradePrevented& event) override {
    ++prevented;
    orders[event.maker_id].open = event.maker_open;
    orders[event.taker_id].open = event.taker_open;
    if (event.maker_open == 0) orders.erase(event.maker_id);
    if (event.taker_open == 0) orders.erase(event.taker_id);
  }
  void OnReplenished(const Replenished&) override { ++replenished; }
  void OnCanceled(const Canceled& event) override { orders.erase(event.id); }
  void OnAccepted(const Accepted&) override {}
  void OnReplaced(const Replaced&) override {}
  void OnRejected(const Rejected&) override {}

  const bool immediate_;
  const int fee_bps_;
  const SelfTradePolicy policy_;
  const bool picks_;
  NaiveBook book_;
};

// Adds the changes of levels that the events tell to `depth`, by side and price.
struct Level {
  int64_t quantity = 0;
  int32_t orders = 0;
};
void Follow(const std::string& bytes, std::map<std::pair<Side, int64_t>, Level>* depth) {
  EventReader reader(bytes);
  EventType type;
  std::string_view payload;
  while (reader.Next(&type, &payload)) {
    if (type != EventType::kBookChanged) continue;
    Decoder decoder(payload);
    ContractNumber contract;
    Side side;
    int64_t price, quantity;
    int32_t orders;
    decoder(contract, side, price, quantity, orders);
    ASSERT_TRUE(decoder.done());
    Level& level = (*depth)[{side, price}];
    level.quantity += quantity;
    level.orders += orders;
    ASSERT_EQ(level.quantity == 0, level.orders == 0);
    if (level.orders == 0) depth->erase({side, price});
  }
}

std::string Shown(const std::map<std::pair<Side, int64_t>, Level>& depth, Side side) {
  std::vector<std::string> levels;
  for (const auto& [key, level] : depth) {
    if (key.first != side) continue;
    levels.push_back(std::to_string(key.second) + ": " + std::to_string(level.quantity) + " (" + std::to_string(level.orders) + ")");
  }
  if (side == Side::kBuy) std::reverse(levels.begin(), levels.end());
  std::string text;
  for (const std::string& level : levels) text += (text.empty() ? "" : " ") + level;
  return text;
}

struct HoldsMarket {
  const char* settlement;
  bool picks;
  friend std::ostream& operator<<(std::ostream& out, const HoldsMarket& market) { return out << market.settlement << (market.picks ? ", picked" : ""); }
};
class HoldsModelTest : public testing::TestWithParam<HoldsMarket> {};

TEST_P(HoldsModelTest, HoldsAreAlwaysWhatTheOrdersClaim) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto pick = [&](int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); };
  const int fee_bps = static_cast<int>(pick(0, 200));
  const bool picks = GetParam().picks;
  const std::string settlement = GetParam().settlement;
  const auto policy = picks ? SelfTradePolicy::kRefuse : static_cast<SelfTradePolicy>(pick(0, 4));
  SCOPED_TRACE("policy " + std::to_string(static_cast<int>(policy)));
  auto world = std::make_unique<ExchangeWorld>();
  world->Furnish();
  ASSERT_EQ(Outcome(world->Rulebook("name: 'rulebooks/immediate' band_bps: 1000 quantity_min: 1 quantity_max: 1000000 same_day_resale: true settlement: " +
                                    settlement + (picks ? " mechanism: POST_AND_PICK take_levels_max: 3" : " display_percent_min: 5") + " self_trade_policy: " +
                                    v1::SelfTradePolicy_Name(static_cast<int>(policy) + 1) + " fee_bps: " + std::to_string(fee_bps))),
            "OK");
  ASSERT_EQ(Outcome(world->Open("CEA25")), "OK");
  world->check_invariants = false;  // every 100 commands is enough for what is slow
  Model model(settlement == "IMMEDIATE", fee_bps, policy, picks);
  std::map<std::pair<Side, int64_t>, Level> depth;

  std::map<OrderRefusal, int> seen;
  for (int i = 0; i < 3000; ++i) {
    const std::string who = kTraders[pick(0, 3)];
    OrderEntry entry{.contract = 1, .account = world->Account(who + ".trading")};
    const int64_t choice = pick(0, 9);
    OrderId id = 0;
    if (choice >= (picks ? 7 : 5) && !model.orders.empty()) {
      auto it = model.orders.begin();
      std::advance(it, pick(0, static_cast<int64_t>(model.orders.size()) - 1));
      id = it->first;
    }
    const std::string caller = id != 0 && pick(0, 9) != 0 ? model.orders[id].who : who;
    entry.price = Price(pick(0, 50) == 0 ? 9000 : pick(7990, 8010));
    entry.quantity = Quantity(pick(0, 20) == 0 ? pick(100, 600) : pick(1, 40));
    entry.side = pick(0, 1) == 0 ? Side::kBuy : Side::kSell;
    entry.time_in_force = choice == 0 ? TimeInForce::kImmediateOrCancel : choice == 1 ? TimeInForce::kFillOrKill : TimeInForce::kDay;
    entry.post_only = pick(0, 9) == 0;
    if (pick(0, 200) == 0 && entry.side == Side::kBuy) entry.quantity = Quantity(20'000);
    entry.kind = id == 0 ? OrderKind::kPlace : choice < 8 ? OrderKind::kCancel : OrderKind::kReplace;
    entry.order = id;
    if (id == 0 && (choice == 4 || (picks && choice == 3))) {
      entry.kind = OrderKind::kTake;
      entry.post_only = false;
      // Any of the orders, or none, or one that is not there.
      if (pick(0, 1) == 0) entry.order = static_cast<OrderId>(pick(0, 9) == 0 ? 999'999 : 0);
      if (entry.order == 0 && pick(0, 1) == 0 && !model.orders.empty()) {
        const auto chosen = std::next(model.orders.begin(), pick(0, static_cast<int64_t>(model.orders.size()) - 1));
        entry.order = chosen->first;
        if (pick(0, 3) != 0) entry.side = chosen->second.side == Side::kBuy ? Side::kSell : Side::kBuy;
        if (pick(0, 3) != 0) entry.price = Price(entry.side == Side::kBuy ? 8010 : 7990);
      }
    }
    if (!picks && entry.kind == OrderKind::kPlace && entry.time_in_force == TimeInForce::kDay && pick(0, 3) == 0) {
      entry.display = Quantity(pick((entry.quantity.value() + 19) / 20, entry.quantity.value()));
    }

    world->events.Take();
    const OrderOutcome outcome = world->Execute(caller, entry);
    OrderRefusal expected = OrderRefusal::kNone;
    switch (entry.kind) {
      case OrderKind::kPlace:
        expected = model.Place(who, {.id = world->sequence,
                                     .side = entry.side,
                                     .price = entry.price.value(),
                                     .quantity = entry.quantity.value(),
                                     .time_in_force = entry.time_in_force,
                                     .post_only = entry.post_only,
                                     .owner = Model::Group(who),
                                     .display = entry.display.value()});
        id = world->sequence;
        break;
      case OrderKind::kTake:
        expected = model.Take(who, {.id = world->sequence,
                                    .side = entry.side,
                                    .price = entry.price.value(),
                                    .quantity = entry.quantity.value(),
                                    .owner = Model::Group(who),
                                    .chosen = entry.order,
                                    .levels_max = 3});
        id = world->sequence;
        break;
      case OrderKind::kCancel: expected = model.Cancel(caller, id); break;
      case OrderKind::kReplace: expected = model.Replace(caller, id, entry.price.value(), entry.quantity.value()); break;
    }
    SCOPED_TRACE("command " + std::to_string(i));
    ASSERT_EQ(Info(outcome.refusal).reason, Info(expected).reason);
    ++seen[outcome.refusal];
    if (outcome.refusal == OrderRefusal::kNone && entry.kind != OrderKind::kCancel) {
      ASSERT_EQ(outcome.open.value(), model.orders.contains(id) ? model.orders[id].open : 0);
    }
    for (const char* trader : kTraders) {
      const Model::Trader& want = model.traders[trader];
      const ledger::CashRow& cash = world->Cash(trader);
      ASSERT_EQ(cash.posted.value(), want.money) << trader;
      ASSERT_EQ(cash.held_orders.value(), model.HeldMoney(trader)) << trader;
      ASSERT_EQ(cash.held_trades.value(), want.trade_money) << trader;
      const ExchangeWorld::Units units = world->UnitsOf(trader, "CEA25");
      ASSERT_EQ(units.all, want.units) << trader;
      ASSERT_EQ(units.orders, model.HeldUnits(trader)) << trader;
      ASSERT_EQ(units.trades, want.trade_units) << trader;
    }
    Follow(world->events.bytes(), &depth);
    if (i % 100 == 99) {
      world->exchange.CheckInvariants();
      ledger::ExpectLedgerInvariants(world->stored.rows(), world->today);
      for (const Side side : {Side::kBuy, Side::kSell}) ASSERT_EQ(Shown(depth, side), model.Depth(side)) << "a book follows from events alone";
    }
    if (i % 500 == 499) {  // a restart in the middle changes nothing
      auto fresh = std::make_unique<ExchangeWorld>();
      world->RestartInto(fresh.get());
      fresh->check_invariants = false;
      world = std::move(fresh);
    }
  }
  EXPECT_EQ(world->ledger.accounts().FindCash(world->Account("house.fees"))->posted.value(), model.fees);
  for (const OrderRefusal refusal :
       {OrderRefusal::kNone, OrderRefusal::kUnknownOrder, OrderRefusal::kPriceOutsideBand, OrderRefusal::kCrossesBook,
        picks ? OrderRefusal::kChoiceBehindBetter : OrderRefusal::kNotFillable, picks ? OrderRefusal::kChoiceBeyondLevels : OrderRefusal::kNoTakes}) {
    EXPECT_GT(seen[refusal], 0) << Info(refusal).reason;
  }
  EXPECT_GT(policy == SelfTradePolicy::kRefuse ? seen[OrderRefusal::kSelfTrade] : model.prevented, 0);
  EXPECT_TRUE(picks || model.replenished > 0);

  // A drained book leaves no hold.
  ASSERT_EQ(Outcome(world->Close("CEA25")), "OK");
  ASSERT_EQ(world->exchange.RestingOrders(1), 0u);
  world->exchange.CheckInvariants();
  for (const char* trader : kTraders) {
    EXPECT_EQ(world->Cash(trader).held_orders.value(), 0);
    EXPECT_EQ(world->UnitsOf(trader, "CEA25").orders, 0);
  }
  if (settlement == "END_OF_DAY") {
    while (world->SettleDay("CEA25")->remaining() > 0) {
    }
    world->exchange.CheckInvariants();
    for (const char* trader : kTraders) EXPECT_EQ(world->Cash(trader).held_trades.value(), 0);
    EXPECT_EQ(world->ledger.accounts().FindCash(world->Account("house.escrow"))->posted.value(), 0);
  }
}

INSTANTIATE_TEST_SUITE_P(Settlements, HoldsModelTest, testing::Values(HoldsMarket{"IMMEDIATE", false}, HoldsMarket{"VERIFIED", false}, HoldsMarket{"END_OF_DAY", false},
                                         HoldsMarket{"IMMEDIATE", true}, HoldsMarket{"END_OF_DAY", true}),
                         [](const auto& info) { return std::string(info.param.settlement) + (info.param.picks ? "_PICKED" : ""); });

}  // namespace
}  // namespace songhua::exchange
