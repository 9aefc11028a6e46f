// Commands of order entry, in numbers: what Exchange::Execute takes and answers.
#ifndef SONGHUA_EXCHANGE_ORDER_COMMAND_H_
#define SONGHUA_EXCHANGE_ORDER_COMMAND_H_

#include <cstdint>
#include <vector>

#include "exchange/order_book.h"
#include "exchange/order_refusal.h"
#include "exchange/orders.h"
#include "ledger/accounts.h"
#include "ledger/amounts.h"
#include "ledger/legal_time.h"
#include "ledger/lots.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::exchange {

enum class OrderType : uint8_t { kLimit = 1, kMarket = 2, kMarketToLimit = 3, kStop = 4, kStopLimit = 5 };  // as in v1::OrderType
enum class OrderKind : uint8_t { kPlace = 1, kCancel = 2, kReplace = 3, kTake = 4 };  // as in v1::OrderCommand

// In the exchange an order that is good till a date is a day order with a last day.
TimeInForce TimeInForceOf(v1::TimeInForce time_in_force);

// One command of order entry.
struct OrderEntry {
  OrderKind kind = OrderKind::kPlace;
  // kPlace; kTake: the side, the contract and the account alone
  Side side = Side::kBuy;
  TimeInForce time_in_force = TimeInForce::kDay;
  bool post_only = false;
  OrderType type = OrderType::kLimit;
  ContractNumber contract = 0;
  ledger::AccountNumber account = 0;
  // kCancel, kReplace; kTake: the order that is chosen, 0: none
  OrderId order = 0;
  // kPlace, kTake; kReplace: the new price and the new open quantity
  Price price{};
  Quantity quantity{};
  // kPlace and kTake, sell: the lot to deliver from; 0: the account's lots, as the rulebook orders them
  ledger::LotNumber lot = 0;
  // kPlace: the most that it shows of itself, 0: all; of a stop order, its trigger; its last day, none: that of its session
  Quantity display{};
  Price trigger{};
  Date good_till{};
  // With `lot`: the lots to deliver from after it, in their order
  std::vector<ledger::LotNumber> more_lots{};

  NamedLots named_lots() const { return {lot, more_lots}; }
};

struct OrderOutcome {
  OrderId order = 0;  // the order that was placed, cancelled or replaced; 0: refused
  OrderRefusal refusal = OrderRefusal::kNone;
  Quantity filled;  // of the order in all
  Quantity open;    // what rests now
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_ORDER_COMMAND_H_
