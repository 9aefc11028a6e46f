// Trades: what was agreed and what became of it (china.md 8.3).
//
// A trade that waits for its settlement is a row of kTrades. Once it is SETTLED, REJECTED or DEFAULTED it leaves memory: its row goes on in kTradeHistory, a
// cold table, under its number and step 0; COMPLETED and REVERSED are written as further steps, so that each row is written once. A trade is found by number
// in kTrades or else as the last step in kTradeHistory; a contract's trades are one range of numbers in both; an account's are the range of its kTradeIndex
// rows, which say the numbers in order of time. What a trade of rights waits for, and until when, is trade_clocks.h's.
#ifndef SONGHUA_EXCHANGE_TRADES_H_
#define SONGHUA_EXCHANGE_TRADES_H_

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "exchange/contracts.h"
#include "exchange/orders.h"
#include "ledger/ledger.h"
#include "songhua/v1/trades.pb.h"

namespace songhua::exchange {

// contract x kTradesPerContract + n, n from 1: 3000000000017 is the 17th trade of contract 3.
using TradeNumber = uint64_t;
inline constexpr TradeNumber kTradesPerContract = 1'000'000'000'000;
inline constexpr TradeNumber FirstTradeOf(ContractNumber contract) { return contract * kTradesPerContract; }
inline constexpr ContractNumber ContractOf(TradeNumber trade) { return static_cast<ContractNumber>(trade / kTradesPerContract); }

// The fields of a trade. Of TradeRow and TradeHistoryRow, which differ only in their table.
struct TradeFields {
  TradeNumber number = 0;
  ContractNumber contract = 0;
  v1::TradeState state = v1::AGREED;
  v1::Settlement settlement = v1::IMMEDIATE;  // as the rulebook said on the day
  ledger::AccountNumber seller = 0;
  ledger::AccountNumber buyer = 0;
  OrderId sell_order = 0;
  OrderId buy_order = 0;
  Price price;
  Quantity quantity;
  Money amount;
  Money seller_fee;  // of trading and of settlement together ...
  Money buyer_fee;
  Money seller_settlement_fee;  // ... and what of it is the settlement's (CAR-35)
  Money buyer_settlement_fee;
  Date date{};  // legal date of the trade
  Timestamp agree_time;
  Timestamp settle_time;               // 0 before
  uint64_t settle_sequence = 0;        // of the command
  std::vector<LotSlice> slices;        // what it holds until it is settled
  std::vector<ledger::LotMove> moves;  // what settled it, so that it can be reversed
  std::string decision;                // reason of a rejection or reversal
  v1::SettlementRoute route = v1::ENTERPRISE_ROUTE;  // of the proceeds (DR-52)
  std::string certificate;             // its number (DR-50); empty: none was issued
  v1::Trade::Form form = v1::Trade::LISTED;
  uint64_t origin = 0;   // number of the listing, negotiation or auction it came from
  bool related = false;  // DR-31
  SalePledge pledge;     // of the units; what they bring is applied to its loan

  template <class Archive>
  void Fields(Archive& a) {
    a(number, contract, state, settlement, seller, buyer, sell_order, buy_order, price, quantity, amount, seller_fee, buyer_fee, date,
      agree_time, settle_time, settle_sequence, slices, moves, decision, route, certificate, seller_settlement_fee,
      buyer_settlement_fee, form, origin, related, pledge);
  }
};

// AGREED, VERIFIED or PAID.
struct TradeRow : TradeFields {
  static constexpr RowTable kTable = RowTable::kTrades;
  TradeNumber Key() const { return number; }
};

// SETTLED, COMPLETED, REJECTED, DEFAULTED or REVERSED. Cold.
struct TradeHistoryRow : TradeFields {
  static constexpr RowTable kTable = RowTable::kTradeHistory;
  static constexpr bool kReadBack = true;  // by CompleteTrade and ReverseTrade
  static constexpr uint32_t kSteps = 3;    // at most: SETTLED, COMPLETED, REVERSED
  uint32_t step = 0;
  std::tuple<TradeNumber, uint32_t> Key() const { return {number, step}; }

  template <class Archive>
  void Fields(Archive& a) {
    TradeFields::Fields(a);
    a(step);
  }
};

// That an account took part in a trade; one for the seller and one for the buyer. Cold.
struct TradeIndexRow {
  static constexpr RowTable kTable = RowTable::kTradeIndex;
  ledger::AccountNumber account = 0;
  uint64_t sequence = 0;  // of the command that matched
  TradeNumber trade = 0;

  std::tuple<ledger::AccountNumber, uint64_t, TradeNumber> Key() const { return {account, sequence, trade}; }
  template <class Archive>
  void Fields(Archive& a) {
    a(account, sequence, trade);
  }
};

struct TradeDeadlineRow;

// The reader resolves names: "contracts/{code}" and "accounts/{id}" of both sides. `clock` is that of the trade, null where it waits for nothing.
v1::Trade ToProto(const TradeFields& trade, const std::string& contract_name, const std::string& seller_account, const std::string& buyer_account,
                  const TradeDeadlineRow* clock);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_TRADES_H_
