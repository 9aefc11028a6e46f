// Trade days: what was traded and settled on each day, by market, and the averages that follow.
//
// A market is program x pollutant x control zone x price basis, and for serial units vintage: prices of two bases never come together (DR-40), so neither do
// contracts of two; contracts of several terms do where the basis is the same. A trade counts on its legal date once it is settled, and no more once it is
// reversed; one within an entity group never does (DR-31). One thread, the state machine; readers add up stored rows with TradeSums.
#ifndef SONGHUA_EXCHANGE_TRADE_DAYS_H_
#define SONGHUA_EXCHANGE_TRADE_DAYS_H_

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "exchange/contracts.h"
#include "ledger/tables.h"
#include "ledger/valuations.h"

namespace songhua::exchange {

// Price x quantity, in fen per quoted unit x smallest steps, added up: 128 bits, which a row keeps as two halves.
struct TradeSums {
  uint64_t trades = 0;
  Quantity quantity;
  __int128 turnover = 0;

  void Add(const TradeSums& other);
  // The volume-weighted average price, cut down to the fen; all 0 where nothing was traded.
  ledger::MarketAverage Average() const;
};

struct TradeDayRow {
  static constexpr RowTable kTable = RowTable::kTradeDays;
  std::string program;
  std::string pollutant;
  std::string control_zone;
  v1::PriceBasis price_basis = v1::PRICE_BASIS_UNSPECIFIED;
  int32_t vintage = 0;
  Date date{};
  uint64_t trades = 0;
  Quantity quantity;
  uint64_t turnover_low = 0;
  int64_t turnover_high = 0;

  std::tuple<std::string, std::string, std::string, int32_t, int32_t, int32_t> Key() const {
    return {program, pollutant, control_zone, static_cast<int32_t>(price_basis), vintage, date.value()};
  }
  TradeSums Sums() const;
  template <class Archive>
  void Fields(Archive& a) {
    a(program, pollutant, control_zone, price_basis, vintage, date, trades, quantity, turnover_low, turnover_high);
  }
};

class TradeDays {
 public:
  explicit TradeDays(TableSet* tables);
  ~TradeDays();

  // `last` is where the contract's last trade was counted, null at first; it is used and set.
  void Add(const ContractRow& contract, Date date, Price price, Quantity quantity, TradeDayRow** last);
  // REQUIRES: it was added.
  void Remove(const ContractRow& contract, Date date, Price price, Quantity quantity);

  // Of the days of the market from the first to the last, both included.
  TradeSums Between(const std::string& program, const std::string& pollutant, const std::string& control_zone, v1::PriceBasis basis, int32_t vintage,
                    Date first, Date last) const;

 private:
  using Market = std::tuple<std::string, std::string, std::string, v1::PriceBasis, int32_t>;
  static Market MarketOf(const ContractRow& contract);
  static void Count(TradeDayRow& row, Price price, Quantity quantity, int sign);

  songhua::Table<TradeDayRow> rows_;
  std::map<Market, std::map<Date, TradeDayRow*>> by_market_;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_TRADE_DAYS_H_
