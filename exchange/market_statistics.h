// Market statistics: what each contract traded on each day by the forms of trading, for everybody to read once the day's session is closed (CAR-29).
//
// A trade counts on its legal date when it is agreed, in a session or outside one, as auctions and listings do. What was published of a day stays: a trade that
// came to nothing since, rejected, defaulted or reversed, goes on counting and is counted again as undone. The prices of the day are those of its bar
// (daily_bars.h).
//
// One thread, the state machine; readers look at stored rows.
#ifndef SONGHUA_EXCHANGE_MARKET_STATISTICS_H_
#define SONGHUA_EXCHANGE_MARKET_STATISTICS_H_

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "exchange/contracts.h"
#include "exchange/daily_bars.h"
#include "exchange/trades.h"
#include "ledger/tables.h"

namespace songhua::exchange {

// Of one form; or of several added up, and then FORM_UNSPECIFIED. Turnover is the fen of the amounts.
struct FormSums {
  v1::Trade::Form form = v1::Trade::FORM_UNSPECIFIED;
  uint64_t trades = 0;
  Quantity quantity;
  WideSum turnover;
  WideSum products;  // price x quantity
  uint64_t undone_trades = 0;
  Quantity undone_quantity;
  WideSum undone_turnover;

  void Add(const FormSums& other);
  // Weighed by quantity, half-up to the fen; 0 without trades. Prices of several contracts have none (DR-40).
  Price Average() const;

  bool operator==(const FormSums&) const = default;
  template <class Archive>
  void Fields(Archive& a) {
    a(form, trades, quantity, turnover, products, undone_trades, undone_quantity, undone_turnover);
  }
};
// The sums of a form in a list that is in the order of forms; they are put in where they are missing.
FormSums& SumsOf(v1::Trade::Form form, std::vector<FormSums>* forms);

enum class DaySession : uint8_t { kNone = 0, kOpen = 1, kClosed = 2 };

// A contract's day: one in session, or on which it traded.
struct ContractDayRow {
  static constexpr RowTable kTable = RowTable::kContractDays;
  std::string program;
  Date date{};
  ContractNumber contract = 0;
  DaySession session = DaySession::kNone;
  // Of a session that is closed.
  Price previous_close;  // 0: there was none
  Price open;
  Price high;
  Price low;
  Price close;
  std::vector<FormSums> forms;  // that there were, in the order of forms

  std::tuple<std::string, int32_t, ContractNumber> Key() const { return {program, date.value(), contract}; }
  // Whether it is for everybody to read. A day without a session is over at midnight.
  bool Published(Date today) const { return session == DaySession::kClosed || (session == DaySession::kNone && date < today); }
  // How far the close lies from the previous one, in basis points, half away from zero; 0 where there was none, or no session.
  int64_t ChangeBps() const;
  FormSums All() const;
  template <class Archive>
  void Fields(Archive& a) {
    a(program, date, contract, session, previous_close, open, high, low, close, forms);
  }
};

class MarketStatistics {
 public:
  explicit MarketStatistics(TableSet* tables);
  ~MarketStatistics();

  // A session opens on the contract's session_date. Its day is not published until it is closed, though it was before, when a session is opened again.
  void Open(const ContractRow& contract);
  // REQUIRES: it was opened.
  void Close(const ContractRow& contract, const BarPrices& prices);
  // `last` is the day to which the contract's last trade was counted, null at first; it is used and set.
  void Add(const ContractRow& contract, const TradeFields& trade, ContractDayRow** last);
  // REQUIRES: it was added, and undone never.
  void Undo(const ContractRow& contract, const TradeFields& trade);

  // Null: the contract had no such day.
  const ContractDayRow* Find(const ContractRow& contract, Date date) const { return days_.Find({contract.program, date.value(), contract.number}); }

 private:
  ContractDayRow& DayOf(const ContractRow& contract, Date date);

  songhua::Table<ContractDayRow> days_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_MARKET_STATISTICS_H_
