// Why an order command was refused, as a number: the hot path of batches builds no text. Info() gives each its reason, rule and code.
//
// The list is in the order in which Exchange::Execute checks, so that the same bad command always gets the same answer.
#ifndef SONGHUA_EXCHANGE_ORDER_REFUSAL_H_
#define SONGHUA_EXCHANGE_ORDER_REFUSAL_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace songhua::exchange {

// Not stored anywhere; what leaves the process is the reason's text.
enum class OrderRefusal : uint8_t {
  kNone = 0,
  kInvalidCommand,   // no such kind, side or time in force
  kUnknownOrder,     // CANCEL, REPLACE: it does not exist, has ended, or is not the caller's
  kUnknownContract,
  // Contract and session.
  kSessionClosed,  // or in a phase in which no orders are taken
  kMarketHalted,
  kCallEnded,      // its call auction has collected, and awaits its seed
  kDayOrdersOnly,  // in a call auction, where nothing can be done at once, and where orders are posts
  kNoTakes,        // of a contract that matches orders as they come, or while it collects them
  // Tick, lot, size, band, floor.
  kPriceOffTick,
  kQuantityOffLot,
  kQuantityOutsideSizes,
  kPriceOutsideBand,
  kBelowBasePrice,
  kPriceOutsideCollar,
  kPriceGiven,           // of an order that takes its price from the book
  kNoPriceBound,         // a market order where neither a band nor a collar bounds it
  kBadDisplay,           // the rulebook has no icebergs, or not so small a part may be shown
  kBadGoodTill,          // the rulebook has no orders for longer than a session, or not for so long
  kNoStopOrders,         // the rulebook has none
  kBadTrigger,           // off the tick, outside the band, met already, or given to an order without one
  kAmountOutOfRange,
  // Account and ownership.
  kForeignAccount,  // it does not exist, or is not the caller's
  kWrongAccountKind,
  kNoCashAccount,
  // What DR-20..DR-29 ask of the site, the lot and the permit.
  kLotNamedTwice,
  kUnknownLot,  // it does not exist, or is not the account's
  kLotOfOtherPollutant,
  kLotOfOtherBasin,
  kLotOfOtherZone,
  kLotOfOtherGroup,
  kLotOfOtherProgram,
  kLotOfOtherVintage,
  kLotTermTooShort,
  kOutsideBasin,
  kOutsideZone,
  kOutsideTradingGroup,  // thermal power and other sectors
  kOtherSourceClass,     // municipal or agricultural sources and others
  kOutsideProvince,
  kTraderBarred,  // it did not pay for a trade of rights, and buys none (trader_bars.h)
  // For the MarketGate to give.
  kRightsInArrears,
  kNotSurplus,
  kNoPermit,
  kPermitNotInForce,
  kSiteSuspended,
  kCreditGate,
  kAccountRestricted,  // or halted
  // What its entity group may come to hold (ledger/holdings.h).
  kHoldingLimit,
  // What the buyer's region has decided (region_gates.cc).
  kOverIndicator,
  kNetInflow,
  // What is in the book. First of the order that a take chose (order_book.h).
  kChoiceOfOtherContract,
  kUnknownChoice,
  kChoiceOnOwnSide,
  kOwnChoice,
  kChoiceBeyondLimit,
  kChoiceBeyondLevels,
  kChoiceBehindBetter,
  kCrossesBook,  // post-only, or a post, at a price that would trade
  kSelfTrade,
  kNotFillable,  // fill-or-kill; an order without a price where the other side is empty
  kBookFull,
  // Units and cash.
  kFrozenUnits,
  kPledgedUnits,
  kBoughtToday,
  kTooManyLots,
  kInsufficientUnits,
  kInsufficientFunds,
};
inline constexpr size_t kOrderRefusals = static_cast<size_t>(OrderRefusal::kInsufficientFunds) + 1;

struct OrderRefusalInfo {
  std::string_view reason;  // "PRICE_OUTSIDE_BAND"
  std::string_view rule;    // "CAR-13", or empty
  absl::StatusCode code;
  std::string_view field;   // of PlaceOrderRequest or TakeRequest that is at fault
};

const OrderRefusalInfo& Info(OrderRefusal refusal);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_ORDER_REFUSAL_H_
