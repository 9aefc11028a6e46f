// The continuous order book of one contract: orders in, events out.
//
// Everything that an order book says and hears is declared here; exchange/tick_ladder.h is the book. It serves without the rest of Songhua:
// the caller brings the order ids, the clock and the event sink. The book reads no clock (the order of calls is time priority; a sink that
// needs a time stamps events itself), draws no random number, starts no thread and knows no account, fee or session.
//
//   class Tape : public songhua::exchange::EventSink {
//     void OnAccepted(const Accepted& e) override { ... }
//     void OnFill(const Fill& e) override { ... }
//     void OnCanceled(const Canceled& e) override { ... }
//     void OnReplaced(const Replaced& e) override { ... }
//     void OnRejected(const Rejected& e) override { ... }
//   };
//
//   Tape tape;  // mark a sink `final`, and its handlers are compiled into the calls
//   songhua::exchange::TickLadder book(BookOptions{.tick = 1});
//   book.Add({.id = 1, .side = Side::kSell, .price = 8000, .quantity = 10}, tape);   // OnAccepted(1), OnRested(1)
//   book.Add({.id = 2, .side = Side::kBuy, .price = 8010, .quantity = 4,
//             .time_in_force = TimeInForce::kImmediateOrCancel}, tape);              // OnAccepted(2), OnFill(1, 2, price 8000, quantity 4)
//   book.Replace(1, 8000, 5, tape);                                                  // OnReplaced(1, open 5, priority kept)
//   book.Cancel(1, tape);                                                            // OnCanceled(1, open 5)
//   book.Cancel(1, tape);                                                            // OnRejected(1, kUnknownId)
//
// Rules
//   - Price-time priority. A trade is at the price of the order that was resting.
//   - Prices and quantities are signed 64-bit integers in the caller's units. A price is any multiple of the tick, negative ones included;
//     a quantity is above zero.
//   - kDay: what is not filled rests. kImmediateOrCancel: what is not filled is cancelled and never rests. kFillOrKill: filled whole or
//     refused before any fill.
//   - post_only: refused if it would trade on entry. The flag stays with the order: a replace that would trade is refused as well.
//   - Self-trade: orders of one owner never trade with each other. What becomes of an incoming order that meets a resting one of its owner is the
//     book's SelfTradePolicy. By default it is refused whole, before any fill; the search goes only as deep as its quantity reaches: an own order
//     that would be next in line after the last fill does no harm. By the other policies it is accepted, fills up to there, and then one of the
//     two, both, or the smaller of them is taken out, which OnSelfTradePrevented tells. Fill-or-kill: own orders count for nothing where the
//     policy takes out the resting one, and end what can be filled everywhere else.
//   - Iceberg: an order with a `display` shows at most so much of itself while it rests. When what it shows has traded, as much again comes out of
//     the hidden rest, behind the other orders of its price. As an incoming order it trades whole.
//   - Replace states the new *open* quantity, whatever was filled before. At the same price and with a quantity not above the open
//     one the order keeps its place; otherwise it leaves its place and enters like a new day order under its old id, which may trade. A
//     refused replace leaves the order as it was. A replace that fills entirely ends the order and frees its id.
//     An iceberg that keeps its place gives up hidden quantity first.
//   - Take: consumes what rests on the other side, level by level from the best price on, as far as its limit and at most `levels_max` price levels deep. It
//     never rests: what is left is cancelled. Within a level time priority decides, except that an order which the taker chose comes first there, with what it
//     shows; it keeps its place where something is left of it. A choice is refused, and nothing trades, unless the take comes to it: it rests on the other
//     side and is of another owner, its price is within the limit and the levels, and the take's quantity is above all that rests at better prices. So no
//     level is reached while a better one has quantity left. By a policy other than kRefuse, orders of the take's owner that are taken out count for nothing,
//     and any other at a better price stands between the take and its choice.
//   - An id may be used again once its order has ended. A refused order never had its id.
//
// Events of one call come in this order: one OnAccepted or OnReplaced; the fills and self-trades that were prevented, from the best price on, each
// followed by the OnReplenished that it caused; then OnRested, or the OnCanceled of what an immediate-or-cancel order or a take left. A refused call gives exactly
// one OnRejected and changes nothing.
#ifndef SONGHUA_EXCHANGE_ORDER_BOOK_H_
#define SONGHUA_EXCHANGE_ORDER_BOOK_H_

#include <cstdint>
#include <optional>

namespace songhua::exchange {

enum class Side : uint8_t { kBuy = 1, kSell = 2 };

enum class TimeInForce : uint8_t { kDay = 1, kImmediateOrCancel = 2, kFillOrKill = 3 };

using OrderId = uint64_t;  // the caller's; never 0; unique among the orders that rest

struct NewOrder {
  OrderId id = 0;
  Side side = Side::kBuy;
  int64_t price = 0;     // limit: the worst price it accepts
  int64_t quantity = 0;  // above 0
  TimeInForce time_in_force = TimeInForce::kDay;
  bool post_only = false;
  uint64_t owner = 0;   // self-trade group; 0 belongs to none
  int64_t display = 0;  // iceberg: the most that it shows of itself while it rests; 0: all
  bool market = false;  // has no limit, and the price 0: in a CallBook only
};

// Takes what rests on the other side. See the rules above.
struct TakeOrder {
  OrderId id = 0;  // its own, as an order's
  Side side = Side::kBuy;
  int64_t price = 0;     // limit: the worst price it accepts
  int64_t quantity = 0;  // above 0
  uint64_t owner = 0;    // as in NewOrder
  OrderId chosen = 0;    // the resting order that it takes first at its price; 0: none
  uint32_t levels_max = 0;  // how many price levels it may trade at; 0: all
};

// What becomes of an incoming order and a resting order of the same owner that would trade (FIX 2964).
enum class SelfTradePolicy : uint8_t {
  kRefuse = 0,           // the incoming order is refused before any fill
  kCancelAggressor = 1,  // what is left of the incoming order is cancelled
  kCancelResting = 2,    // the resting order is cancelled, and the incoming one goes on
  kCancelBoth = 3,
  kDecrement = 4,        // both lose what they would have traded, without a trade
};

// Why a call was refused. Checks run in the order of this list, so that the same bad call always gets the same answer.
enum class BookReject : uint8_t {
  kNone = 0,
  kBadId,          // Add, Restore: id 0
  kUnknownId,      // Cancel, Replace: no such order rests (never did, was filled, or was cancelled)
  kBadQuantity,    // not above 0; a display below 0; Restore: a hidden quantity that leaves nothing to show
  kPriceOffTick,   // not a multiple of the tick
  kDuplicateId,    // Add, Restore, Take: the id rests already
  // Of the order that a take chose.
  kUnknownChoice,       // it does not rest
  kChoiceOnOwnSide,     // it rests on the take's own side
  kOwnChoice,           // it is of the same owner
  kChoiceBeyondLimit,   // its price is worse than the take's limit
  kChoiceBeyondLevels,  // there are TakeOrder::levels_max better price levels or more
  kChoiceBehindBetter,  // the take would end at a better price, before it comes to it
  kBookFull,       // Add of a day order, Restore: BookOptions::max_orders rest already
  kLevelOverflow,  // the open quantity of its price level would exceed int64
  kWouldCross,     // post-only (or Restore) at a price that would trade
  kSelfTrade,      // would trade with a resting order of the same owner, where the policy is kRefuse
  kNotFillable,    // fill-or-kill that cannot be filled whole
};

enum class CancelReason : uint8_t {
  kByRequest = 1,
  kImmediateOrCancelRest = 2,
  kTakeRest = 3,
};

// The order passed every check. Its fills follow.
struct Accepted {
  OrderId id;
  Side side;
  int64_t price;
  int64_t quantity;
};

// `quantity` changed hands between a resting order (maker) and the order that came in (taker).
struct Fill {
  OrderId maker_id;
  OrderId taker_id;
  Side taker_side;
  int64_t price;  // the maker's
  int64_t quantity;
  int64_t maker_open;  // left after this fill, what is hidden included; at 0 the maker has ended
  int64_t taker_open;
};

// Two orders of one owner met and did not trade. What each lost by it, and has left; at 0 it has ended. Both losses are 0 of none of the policies.
struct SelfTradePrevented {
  OrderId maker_id;
  OrderId taker_id;
  Side taker_side;
  int64_t price;  // the maker's
  int64_t maker_lost;
  int64_t maker_open;
  int64_t maker_hidden;  // of maker_open
  int64_t taker_lost;
  int64_t taker_open;
};

// What an iceberg showed has traded: it shows `shown` more, behind every earlier order of its price, and keeps `hidden`.
struct Replenished {
  OrderId id;
  Side side;
  int64_t price;
  int64_t shown;
  int64_t hidden;
};

// The order now rests with `open_quantity` behind every earlier order of its price, `hidden` of it unseen.
struct Rested {
  OrderId id;
  Side side;
  int64_t price;
  int64_t open_quantity;
  int64_t hidden = 0;
};

struct Canceled {
  OrderId id;
  int64_t open_quantity;  // that was taken out
  CancelReason reason;
};

// The terms of a resting order changed. Without kept_priority it has left its old place; fills and OnRested follow.
struct Replaced {
  OrderId id;
  int64_t price;
  int64_t open_quantity;
  bool kept_priority;
  int64_t hidden = 0;  // of open_quantity, where priority is kept
};

struct Rejected {
  OrderId id;
  BookReject reason;
};

// Hears what the book does, within the call that causes it.
// REQUIRES: a sink does not call the book that is calling it.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void OnAccepted(const Accepted& event) = 0;
  virtual void OnFill(const Fill& event) = 0;
  virtual void OnCanceled(const Canceled& event) = 0;
  virtual void OnReplaced(const Replaced& event) = 0;
  virtual void OnRejected(const Rejected& event) = 0;
  virtual void OnSelfTradePrevented(const SelfTradePrevented&) {}
  virtual void OnReplenished(const Replenished&) {}
  // For those who keep a copy of the book; what rests also follows from the other events and the order's terms.
  virtual void OnRested(const Rested&) {}
};

// Hears nothing: for changes that nobody is told of, and to derive from where some events only matter.
class QuietSink : public EventSink {
 public:
  void OnAccepted(const Accepted&) override {}
  void OnFill(const Fill&) override {}
  void OnCanceled(const Canceled&) override {}
  void OnReplaced(const Replaced&) override {}
  void OnRejected(const Rejected&) override {}
};

// What an order would meet if it came now. See TickLadder::Preview.
struct Prospect {
  // How much would trade at the limit or better: without the orders of the same owner where the policy is kCancelResting, else up to the first of them.
  int64_t fillable_quantity = 0;
  bool would_cross = false;       // the opposite best price is at the limit or better
  bool would_self_trade = false;  // its quantity reaches a resting order of the same owner
};

// An order as it rests: what a digest reads and Restore takes back.
struct RestingOrder {
  OrderId id = 0;
  Side side = Side::kBuy;
  int64_t price = 0;
  int64_t open_quantity = 0;  // what is hidden included
  bool post_only = false;
  uint64_t owner = 0;
  int64_t display = 0;
  int64_t hidden = 0;  // of open_quantity; below it
  bool market = false;  // as in NewOrder

  bool operator==(const RestingOrder&) const = default;
};

// What an order hides that comes to rest with `open`.
inline int64_t HiddenBehind(int64_t display, int64_t open) { return display > 0 && open > display ? open - display : 0; }

struct LevelDepth {
  int64_t price = 0;
  int64_t open_quantity = 0;  // that is shown
  uint32_t orders = 0;

  bool operator==(const LevelDepth&) const = default;
};

// The prices that are kept in the dense ladder: low, low + tick ... high. It changes speed and memory, never an outcome.
struct PriceBand {
  int64_t low = 0;
  int64_t high = 0;
};

struct BookOptions {
  int64_t tick = 1;                              // above 0
  std::optional<PriceBand> band = std::nullopt;  // none: the book centres one on the first price that rests
  uint32_t max_orders = 1u << 26;                // at most 2^30
  uint32_t expected_orders = 0;                  // memory for so many is set aside and touched at construction
  SelfTradePolicy self_trade = SelfTradePolicy::kRefuse;
  bool shows_whole = false;                      // icebergs keep their display and hide nothing: while a call auction collects
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_ORDER_BOOK_H_
