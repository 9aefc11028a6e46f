// The clocks of trades of rights (china.md 8.3, DR-18): by which day a trade must be verified, paid, and shown in both permits.
//
// A trade has one clock at a time, that of the step it waits for; a later stage takes the place of an earlier one. Periods are WORKDAYs of the program's
// policy, counted from the day after their event (GEN-03, GEN-04). While a year that a period runs through has no published calendar its last day is
// provisional: nothing happens by it until it was counted again (ledger/calendars.h). What happens when a day has passed, Exchange says; the engine wakes it
// at the midnight after.
//
// The clocks of kPermits are also what knows which bought rights no permit shows yet: they do not count toward discharge (DR-18).
// One thread, the state machine.
#ifndef SONGHUA_EXCHANGE_TRADE_CLOCKS_H_
#define SONGHUA_EXCHANGE_TRADE_CLOCKS_H_

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "exchange/trades.h"
#include "ledger/calendars.h"
#include "ledger/tables.h"

namespace songhua::exchange {

// Numbers are on disk.
enum class TradeStage : uint8_t { kVerify = 1, kPay = 2, kPermits = 3 };

struct TradeDeadlineRow {
  static constexpr RowTable kTable = RowTable::kTradeDeadlines;
  TradeNumber trade = 0;
  TradeStage stage = TradeStage::kVerify;
  Date event{};          // the day from which it counts
  int32_t workdays = 0;
  Date due{};            // the last day
  bool provisional = false;
  bool overdue = false;  // of kPermits: the day has passed
  // Of the trade, which is cold by the time its permits are waited for.
  ledger::AccountNumber seller = 0;
  ledger::AccountNumber buyer = 0;
  Price price;
  Quantity quantity;
  Money amount;

  TradeNumber Key() const { return trade; }
  template <class Archive>
  void Fields(Archive& a) {
    a(trade, stage, event, workdays, due, provisional, overdue, seller, buyer, price, quantity, amount);
  }
};

// Wakes the engine for Exchange::PassTradeDeadlines. The engine connects it.
class TradeAlarm {
 public:
  virtual ~TradeAlarm() = default;
  virtual void WakeForTrades(Timestamp at) = 0;
};

class TradeClocks {
 public:
  // `calendars` and `alarm` may be null where rows are only read.
  TradeClocks(TableSet* tables, const ledger::Calendars* calendars, TradeAlarm* alarm);
  ~TradeClocks();

  // The trade waits for this from `event` on, and no longer for what it waited for before.
  void Start(const TradeFields& trade, TradeStage stage, Date event, int32_t workdays);
  // As Start would set it, for the answers of validate_only.
  TradeDeadlineRow Plan(const TradeFields& trade, TradeStage stage, Date event, int32_t workdays) const;
  // It waits for nothing any more. Nothing happens where it did not.
  void Stop(TradeNumber trade);
  // Null: it waits for nothing.
  const TradeDeadlineRow* Find(TradeNumber trade) const { return rows_.Find(trade); }

  // The clock that passed first and was not dealt with; null: none.
  const TradeDeadlineRow* FirstPassed(Date today) const;
  void MarkOverdue(const TradeDeadlineRow& row);
  // After a calendar year was loaded; returns how many last days moved or are provisional no more.
  uint32_t Recount(int32_t year);

  // Trades whose rights came to the account and stand in no permit of its site yet, by number.
  std::vector<const TradeDeadlineRow*> NotShown(ledger::AccountNumber buyer) const;

 private:
  void Index(const TradeDeadlineRow& row);
  void Forget(const TradeDeadlineRow& row);

  const ledger::Calendars* calendars_;
  TradeAlarm* alarm_;
  songhua::Table<TradeDeadlineRow> rows_;
  std::set<TradeNumber> all_;
  std::set<std::pair<Date, TradeNumber>> queue_;  // that can still pass: neither provisional nor overdue
  std::set<std::pair<ledger::AccountNumber, TradeNumber>> not_shown_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_TRADE_CLOCKS_H_
