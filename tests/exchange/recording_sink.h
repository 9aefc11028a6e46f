// Writes the events of a book down as text, one a line, so that two books can be compared and a test can say what it expects.
#ifndef SONGHUA_TESTS_EXCHANGE_RECORDING_SINK_H_
#define SONGHUA_TESTS_EXCHANGE_RECORDING_SINK_H_

#include <string>
#include <utility>
#include <vector>

#include "exchange/order_book.h"

namespace songhua::exchange {

inline std::string Name(Side side) { return side == Side::kBuy ? "buy" : "sell"; }

inline std::string Name(BookReject reject) {
  switch (reject) {
    case BookReject::kNone:
      return "none";
    case BookReject::kBadId:
      return "bad id";
    case BookReject::kUnknownId:
      return "unknown id";
    case BookReject::kBadQuantity:
      return "bad quantity";
    case BookReject::kPriceOffTick:
      return "price off tick";
    case BookReject::kDuplicateId:
      return "duplicate id";
    case BookReject::kUnknownChoice:
      return "unknown choice";
    case BookReject::kChoiceOnOwnSide:
      return "choice on own side";
    case BookReject::kOwnChoice:
      return "own choice";
    case BookReject::kChoiceBeyondLimit:
      return "choice beyond limit";
    case BookReject::kChoiceBeyondLevels:
      return "choice beyond levels";
    case BookReject::kChoiceBehindBetter:
      return "choice behind better";
    case BookReject::kBookFull:
      return "book full";
    case BookReject::kLevelOverflow:
      return "level overflow";
    case BookReject::kWouldCross:
      return "would cross";
    case BookReject::kSelfTrade:
      return "self trade";
    case BookReject::kNotFillable:
      return "not fillable";
  }
  return "?";
}

// "accepted 1 buy 10 @ 8000", "fill 1 by 2 buy 4 @ 8000 left 6 and 0", "rested 1 buy 6 @ 8000", "canceled 1 open 6", "canceled rest of 1
// open 6", "canceled rest of take 1 open 6", "prevented 1 by 2 buy 4 @ 8000 and 6 left 0 and 0", "replenished 1 sell 5 @ 8000 hidden 10", "replaced 1 to 5 @ 8000 kept", "replaced 1 to 5 @ 8000 requeued", "rejected 1 self trade".
class RecordingSink : public EventSink {
 public:
  void OnAccepted(const Accepted& e) override { Write("accepted " + Id(e.id) + Terms(e.side, e.quantity, e.price)); }
  void OnFill(const Fill& e) override {
    Write("fill " + Id(e.maker_id) + " by " + Id(e.taker_id) + Terms(e.taker_side, e.quantity, e.price) + " left " +
          std::to_string(e.maker_open) + " and " + std::to_string(e.taker_open));
  }
  void OnSelfTradePrevented(const SelfTradePrevented& e) override {
    Write("prevented " + Id(e.maker_id) + " by " + Id(e.taker_id) + Terms(e.taker_side, e.taker_lost, e.price) + " and " + std::to_string(e.maker_lost) +
          " left " + std::to_string(e.maker_open) + Hidden(e.maker_hidden) + " and " + std::to_string(e.taker_open));
  }
  void OnReplenished(const Replenished& e) override {
    Write("replenished " + Id(e.id) + Terms(e.side, e.shown, e.price) + Hidden(e.hidden));
  }
  void OnRested(const Rested& e) override { Write("rested " + Id(e.id) + Terms(e.side, e.open_quantity, e.price) + Hidden(e.hidden)); }
  void OnCanceled(const Canceled& e) override {
    const std::string what = e.reason == CancelReason::kByRequest ? "canceled " : e.reason == CancelReason::kTakeRest ? "canceled rest of take " : "canceled rest of ";
    Write(what + Id(e.id) + " open " + std::to_string(e.open_quantity));
  }
  void OnReplaced(const Replaced& e) override {
    Write("replaced " + Id(e.id) + " to " + std::to_string(e.open_quantity) + " @ " + std::to_string(e.price) +
          (e.kept_priority ? " kept" : " requeued") + Hidden(e.hidden));
  }
  void OnRejected(const Rejected& e) override { Write("rejected " + Id(e.id) + " " + Name(e.reason)); }

  // What was heard since the last call.
  std::vector<std::string> Take() { return std::exchange(lines_, {}); }

 private:
  static std::string Id(OrderId id) { return std::to_string(id); }
  static std::string Terms(Side side, int64_t quantity, int64_t price) {
    return " " + Name(side) + " " + std::to_string(quantity) + " @ " + std::to_string(price);
  }
  static std::string Hidden(int64_t quantity) { return quantity == 0 ? "" : " hidden " + std::to_string(quantity); }
  void Write(std::string line) { lines_.push_back(std::move(line)); }

  std::vector<std::string> lines_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_TESTS_EXCHANGE_RECORDING_SINK_H_
