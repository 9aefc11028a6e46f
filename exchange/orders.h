// Orders: the rows of those that rest and of those that have ended.
//
// An open order is a row of kOrders; when it ends the row goes and one of kOrderHistory stays, which is not kept in memory. Both are stored
// under (account, number), so that an account's orders are two ranges of keys; who has only a number asks for each of his accounts.
#ifndef SONGHUA_EXCHANGE_ORDERS_H_
#define SONGHUA_EXCHANGE_ORDERS_H_

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "exchange/contracts.h"
#include "exchange/order_book.h"
#include "exchange/order_refusal.h"
#include "ledger/accounts.h"
#include "ledger/lots.h"
#include "ledger/tables.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::exchange {

// Why an order ended. Numbers are on disk.
enum class EndReason : uint8_t {
  kNone = 0,  // it has not, or it was filled
  kByOwner = 1,
  kRestOfIoc = 2,  // or of a market order, once its call auction has traded
  kSessionClosed = 3,
  kPermitRevoked = 4,
  kCourtFreeze = 5,
  kPermitSuspended = 6,
  kAccountRestricted = 7,  // by the registry
  kBelowBasePrice = 8,
  kPermitEnded = 9,    // annulled, recalled, written off, expired
  kSiteSuspended = 10,
  kTraderBarred = 11,
  kMarketHalt = 12,
  kCreditLost = 13,
  kSelfTrade = 14,
  kExpired = 15,       // its last day is over
  kTermsChanged = 16,  // the band, the fee or the trading group of a later session does not fit it
  kNotFillable = 17,   // a stop order that met nothing when it was triggered
  kCallVoid = 18,      // no seed was revealed for its call auction
  kAfterCallEnd = 19,  // it came after the end that its call auction's seed had drawn
  kRegionStatus = 20,  // by the status of its site's region, or without the approval that it had
  kRestOfTake = 21,    // what a take found nobody for, within its limit and levels
  kSuperseded = 22,    // by another offer of its negotiation
  kRightsInArrears = 23,
  kOverHoldingLimit = 24,  // what its group holds and is buying came beyond the limit otherwise than by an order
};
// "BY_OWNER"; empty for kNone.
std::string_view EndReasonName(EndReason reason);
// Why an open order ends whose party, place or group a gate would refuse now; kNone for kNone. REQUIRES: a refusal that a gate gives of an open order.
EndReason EndReasonOf(OrderRefusal refusal);

// The place of an order in the queue of its price: the sequence of the command that gave it, and its number among the places which that command gave.
struct OrderPriority {
  uint64_t sequence = 0;
  uint32_t step = 0;

  friend constexpr auto operator<=>(const OrderPriority&, const OrderPriority&) = default;
  template <class Archive>
  void Fields(Archive& a) {
    a(sequence, step);
  }
};

// Part of a lot that an order or a trade holds.
struct LotSlice {
  ledger::LotNumber lot = 0;
  Quantity quantity;
  const ledger::LotRow* row = nullptr;  // of an open order, in memory only
  template <class Archive>
  void Fields(Archive& a) {
    a(lot, quantity);
  }
};

// The pledge whose units an order or a trade sells (ledger/pledges.h, pledge_sales.h).
struct SalePledge {
  uint64_t number = 0;   // 0: they are under none
  uint64_t consent = 0;  // of the bank, by which the pledgor sells; 0: the bank sells, because it enforces
  bool enforced() const { return number != 0 && consent == 0; }

  template <class Archive>
  void Fields(Archive& a) {
    a(number, consent);
  }
};

// The lots that a sell order was told to deliver from, in their order.
struct NamedLots {
  ledger::LotNumber first = 0;  // 0: none
  std::span<const ledger::LotNumber> more{};

  size_t size() const { return first == 0 ? 0 : 1 + more.size(); }
  ledger::LotNumber operator[](size_t index) const { return index == 0 ? first : more[index - 1]; }
  bool Contains(ledger::LotNumber lot) const { return lot == first || std::find(more.begin(), more.end(), lot) != more.end(); }
};

struct OrderRow {
  static constexpr RowTable kTable = RowTable::kOrders;
  OrderId number = 0;  // the sequence of the command that placed it
  ContractNumber contract = 0;
  ledger::AccountNumber account = 0;
  Side side = Side::kBuy;
  bool post_only = false;
  Price price;
  Quantity open;
  Quantity filled;
  OrderPriority priority;
  // Buy orders: the amount at the limit of what is open, and the fee on top. Sell orders hold `slices` instead.
  Money held_cash;
  Money traded;       // amount of its fills in this session
  Money fee_charged;  // on them
  Timestamp place_time;
  ledger::LotNumber named_lot = 0;  // sell: the lot it was told to deliver from, the first of `more_named_lots`; 0: as the rulebook says
  LotSlice first_slice;             // sell: what it holds. A slice whose units are sold stays, with zero
  std::vector<LotSlice> more_slices;
  Quantity display;      // an iceberg: the most that it shows; 0: all
  Quantity hidden;       // of `open`, as it rests in its book
  Price trigger;         // a stop order that waits for it; 0: none, or triggered
  // It has no price, and may trade as far as `price`: with `trigger`, when it is triggered, and it does not rest; without, it rests in a call auction.
  bool market = false;
  Date good_till{};      // its last day; none: that of its session
  Timestamp queue_time;  // when it took its place: of the command of `priority`
  std::vector<ledger::LotNumber> more_named_lots;  // in the order in which they come after `named_lot`
  // Of an order that rests in no book (off_book.h): its form, what it is part of, and the version of the rulebook by which it trades.
  v1::Trade::Form form = v1::Trade::LISTED;
  uint64_t origin = 0;
  uint32_t terms_version = 0;
  SalePledge pledge;  // sell: of its named lot, the units are this pledge's
  bool halted = false;  // a halt of its account took it out of its book, or from the stop orders, and it has not come back (suspending.cc)

  // In memory only: the account's open orders, newest first.
  OrderRow* newer = nullptr;
  OrderRow* older = nullptr;

  OrderId Key() const { return number; }
  std::tuple<ledger::AccountNumber, OrderId> StoredKey() const { return {account, number}; }
  // As placed or last replaced.
  Quantity quantity() const { return filled + open; }
  NamedLots named_lots() const { return {named_lot, more_named_lots}; }
  bool off_book() const { return form != v1::Trade::LISTED; }
  // What it rests at in its book: a market order at no price, which is 0 there.
  Price book_price() const { return market ? Price() : price; }
  // It may not trade by this floor. A market order to sell may: there is nothing that it would sell at below it.
  bool IsBelow(Price floor) const { return price < floor && !(market && side == Side::kSell); }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, contract, account, side, post_only, price, open, filled, priority, held_cash, traded, fee_charged, place_time, named_lot,
      first_slice, more_slices, display, hidden, trigger, market, good_till, queue_time, more_named_lots, form, origin, terms_version, pledge,
      halted);
  }
};

// An order that has ended. Cold.
struct OrderHistoryRow {
  static constexpr RowTable kTable = RowTable::kOrderHistory;
  OrderId number = 0;
  ContractNumber contract = 0;
  ledger::AccountNumber account = 0;
  Side side = Side::kBuy;
  EndReason reason = EndReason::kNone;
  Price price;
  Quantity quantity;
  Quantity filled;
  Timestamp place_time;
  Timestamp end_time;
  std::vector<ledger::LotNumber> lots;
  v1::Trade::Form form = v1::Trade::LISTED;
  uint64_t origin = 0;

  std::tuple<ledger::AccountNumber, OrderId> Key() const { return {account, number}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(number, contract, account, side, reason, price, quantity, filled, place_time, end_time, lots, form, origin);
  }
};

v1::Side ToProto(Side side);
// The reader resolves names: "contracts/{code}" and "accounts/{id}". `floor` is the contract's: an open order below it is SUSPENDED_PRICE (DR-75). One whose
// account is halted is SUSPENDED_HALT (CAR-27).
v1::Order ToProto(const OrderRow& row, const std::string& contract_name, const std::string& account_name, Price floor);
v1::Order ToProto(const OrderHistoryRow& row, const std::string& contract_name, const std::string& account_name);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_ORDERS_H_
