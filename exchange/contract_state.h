// Contracts and accounts as order entry meets them: a row, and beside it what follows from rows and is asked for with every order. Inside of the exchange.
#ifndef SONGHUA_EXCHANGE_CONTRACT_STATE_H_
#define SONGHUA_EXCHANGE_CONTRACT_STATE_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "exchange/call_book.h"
#include "exchange/contracts.h"
#include "exchange/market_statistics.h"
#include "exchange/orders.h"
#include "exchange/stop_orders.h"
#include "exchange/tick_ladder.h"
#include "exchange/trade_days.h"
#include "exchange/trades.h"
#include "ledger/accounts.h"
#include "ledger/holdings.h"
#include "ledger/identifiers.h"
#include "ledger/participants.h"

namespace songhua::exchange {

// The prices for which a contract's book keeps its ladder: the band of the day. None where there is no band, or one too wide: the book chooses.
std::optional<PriceBand> LadderBand(const ContractRow& row);

// A contract with what order entry reads of it at hand.
struct ContractState {
  explicit ContractState(ContractRow* row_in);
  ContractRow* row;
  Region zone;                   // of a right
  const Basin* basin = nullptr;  // of a right to discharge to water
  ledger::ProgramHoldings* holdings = nullptr;  // of serial units (CAR-25)
  TickLadder book;
  std::unique_ptr<CallBook> call;  // while it collects; the orders are here then, and `book` is empty
  std::set<TradeNumber> waiting;  // END_OF_DAY trades to settle
  // Open orders that are kept out of the book, by priority: those below the contract's floor that wait for no trigger, and the halted ones.
  std::set<std::pair<OrderPriority, OrderId>> suspended;
  StopOrders stops;                    // that wait for their trigger, and are not halted: they are in no book
  std::set<OrderId> off_book;          // open orders that rest in no book
  std::map<Date, uint32_t> good_till;  // open orders that may outlive their session, by their last day
  TradeDayRow* day = nullptr;  // to which the last trade was counted
  ContractDayRow* statistics = nullptr;  // the same, of the statistics
  PhaseNow phase;              // of the time that was asked for last; times never go back
  std::vector<OrderId> to_end;    // of a closed session, last first
  size_t resting() const { return book.size() + (call == nullptr ? 0 : call->size()); }
  size_t orders() const { return resting() + suspended.size() + stops.size(); }
  bool HasOrders() const { return orders() > 0; }
  // good_till.cc. Of a closed contract: open orders that end with its last session or a day before today; and whether an order is not one of them.
  size_t Overdue(Date today) const;
  bool Stays(const OrderRow& order, Date today) const;
  void CountGoodTill(Date last, int change);
  size_t GoodTillOrders() const;
  std::optional<RestingOrder> Find(OrderId id) const { return call != nullptr ? call->Find(id) : book.Find(id); }
  template <class Visitor>
  void ForEachOrder(Side side, Visitor&& visit) const {
    if (call != nullptr) {
      call->ForEachOrder(side, visit);
    } else {
      book.ForEachOrder(side, visit);
    }
  }
  template <class Visitor>
  void ForEachOrderAt(Side side, int64_t price, Visitor&& visit) const {
    if (call != nullptr) {
      call->ForEachOrderAt(side, price, visit);
    } else {
      book.ForEachOrderAt(side, price, visit);
    }
  }
};

// An account with what order entry reads of it at hand. Participants, sites and accounts never change once they are there, so an entry that
// was built stays right; a cash account that was missing is looked up again.
struct AccountEntry {
  const ledger::AccountRow* row = nullptr;
  const ledger::CashRow* cash = nullptr;
  ledger::ParticipantNumber participant = 0;
  ledger::ParticipantNumber group = 0;  // whose orders may not meet (CAR-18)
  Region region;
  v1::AccountKind kind = v1::ACCOUNT_KIND_UNSPECIFIED;
  v1::SectorClass sector_class = v1::SECTOR_CLASS_UNSPECIFIED;
  const Basin* basin = nullptr;
  OrderRow* newest_order = nullptr;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_CONTRACT_STATE_H_
