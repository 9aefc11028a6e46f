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
//   - Self-trade: an incoming order that would trade with a resting order of the same owner is refused whole, before any fill. The search
//     goes only as deep as the incoming quantity reaches: an own order that would be next in line after the last fill does no harm.
//   - Replace states the new *open* quantity, whatever was filled before. At the same price and with a quantity not above the open
//     one the order keeps its place; otherwise it leaves its place and enters like a new day order under its old id, which may trade. A
//     refused replace leaves the order as it was. A replace that fills entirely ends the order and frees its id.
//   - An id may be used again once its order has ended. A refused order never had its id.
//
// Events of one call come in this order: one OnAccepted or OnReplaced, the fills from the best price on, then OnRested or the OnCanceled of
// what an immediate-or-cancel order left. A refused call gives exactly one OnRejected and changes nothing.
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
  uint64_t owner = 0;  // self-trade group; 0 belongs to none
};

// Why a call was refused. Checks run in the order of this list, so that the same bad call always gets the same answer.
enum class BookReject : uint8_t {
  kNone = 0,
  kBadId,          // Add, Restore: id 0
  kUnknownId,      // Cancel, Replace: no such order rests (never did, was filled, or was cancelled)
  kBadQuantity,    // not above 0
  kPriceOffTick,   // not a multiple of the tick
  kDuplicateId,    // Add, Restore: the id rests already
  kBookFull,       // Add of a day order, Restore: BookOptions::max_orders rest already
  kLevelOverflow,  // the open quantity of its price level would exceed int64
  kWouldCross,     // post-only (or Restore) at a price that would trade
  kSelfTrade,      // would trade with a resting order of the same owner
  kNotFillable,    // fill-or-kill that cannot be filled whole
};

enum class CancelReason : uint8_t {
  kByRequest = 1,
  kImmediateOrCancelRest = 2,
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
  int64_t maker_open;  // left after this fill; at 0 the maker has ended
  int64_t taker_open;
};

// The order now rests with `open_quantity` behind every earlier order of its price.
struct Rested {
  OrderId id;
  Side side;
  int64_t price;
  int64_t open_quantity;
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
  int64_t fillable_quantity = 0;  // how much would trade at the limit or better, up to the first order of the same owner
  bool would_cross = false;       // the opposite best price is at the limit or better
  bool would_self_trade = false;  // its quantity reaches a resting order of the same owner
};

// An order as it rests: what a digest reads and Restore takes back.
struct RestingOrder {
  OrderId id = 0;
  Side side = Side::kBuy;
  int64_t price = 0;
  int64_t open_quantity = 0;
  bool post_only = false;
  uint64_t owner = 0;

  bool operator==(const RestingOrder&) const = default;
};

struct LevelDepth {
  int64_t price = 0;
  int64_t open_quantity = 0;
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
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_ORDER_BOOK_H_
