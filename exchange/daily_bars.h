// Daily bars: what a contract's trading day comes to. A plain accumulator while the day runs, and the row that is kept of it.
//
//   Open    the first listed trade                           high, low   of listed trades
//   Close   the volume-weighted average of all listed trades, rounded half-up to the tick (CAR-14)
//   Volume, turnover and number of trades: of all modes
//
// Without a listed trade all four prices are the previous close. Block and auction trades enter volume, turnover and number alone (CAR-14),
// so turnover / volume of a day need not lie between its low and high. Block trades are published after the close (CAR-29): a bar that is
// shown while the day runs leaves them out, which is why listed trades have sums of their own; the share that one pair of traders has of a
// day's volume (CAR-28) is measured against `volume`.
//
//   DailyBar bar{.previous_close = contract.reference_price};
//   bar.Count(TradeMode::kListed, price, quantity, amount);    // at each trade, in the order of trades
//   rows.Put(FinishDailyBar(contract.number, today, bar, contract.tick));   // once, when the day closes
//
// A trade counts when it is agreed. What becomes of it later, a rejection or a reversal, leaves the bar as it was published.
// Prices are fen per quoted unit, quantities smallest steps, turnover the fen of the trades' amounts. Plain values; any thread.
#ifndef SONGHUA_EXCHANGE_DAILY_BARS_H_
#define SONGHUA_EXCHANGE_DAILY_BARS_H_

#include <cstdint>
#include <tuple>

#include "ledger/amounts.h"
#include "ledger/legal_time.h"
#include "ledger/tables.h"

namespace songhua::exchange {

using ContractNumber = uint32_t;  // from 1, without gaps; 0 is none

// How a trade came about (CAR-11).
enum class TradeMode : uint8_t { kListed = 1, kBlock = 2, kAuction = 3 };

// A sum of 128 bits that rows can hold.
struct WideSum {
  uint64_t low = 0;
  int64_t high = 0;

  __int128 value() const { return static_cast<__int128>(high) << 64 | low; }
  void Add(__int128 term) {
    const __int128 sum = value() + term;
    low = static_cast<uint64_t>(sum);
    high = static_cast<int64_t>(sum >> 64);
  }

  bool operator==(const WideSum&) const = default;
  template <class Archive>
  void Fields(Archive& a) {
    a(low, high);
  }
};

struct BarPrices {
  Price open;
  Price high;
  Price low;
  Price close;

  bool operator==(const BarPrices&) const = default;
};

// The day so far.
struct DailyBar {
  Price previous_close{};  // 0: there was none
  Price open{};            // these three say nothing before the first listed trade
  Price high{};
  Price low{};
  uint64_t listed_trades = 0;
  Quantity listed_volume{};
  WideSum listed_products{};  // price x quantity
  WideSum listed_turnover{};
  uint64_t trades = 0;
  Quantity volume{};
  WideSum turnover{};

  // REQUIRES: quantity > 0.
  void Count(TradeMode mode, Price price, Quantity quantity, Money amount);
  // The close is that of the listed trades so far. REQUIRES: tick > 0.
  BarPrices Prices(Price tick) const;

  template <class Archive>
  void Fields(Archive& a) {
    a(previous_close, open, high, low, listed_trades, listed_volume, listed_products, listed_turnover, trades, volume, turnover);
  }
};

// A day that is over. Cold: written once.
struct DailyBarRow {
  static constexpr RowTable kTable = RowTable::kDailyBars;
  ContractNumber contract = 0;
  Date date{};
  Price open;
  Price high;
  Price low;
  Price close;
  uint64_t listed_trades = 0;
  Quantity listed_volume;
  uint64_t trades = 0;
  Quantity volume;
  WideSum turnover;  // fen

  std::tuple<ContractNumber, int32_t> Key() const { return {contract, date.value()}; }
  bool operator==(const DailyBarRow&) const = default;
  template <class Archive>
  void Fields(Archive& a) {
    a(contract, date, open, high, low, close, listed_trades, listed_volume, trades, volume, turnover);
  }
};

// REQUIRES: tick > 0.
DailyBarRow FinishDailyBar(ContractNumber contract, Date date, const DailyBar& bar, Price tick);

// products / volume, rounded half-up to the tick, where `products` is the sum of price x quantity (CAR-14).
// REQUIRES: volume > 0, tick > 0, products >= 0, and the average fits in 64 bits.
Price VolumeWeightedAverage(__int128 products, Quantity volume, Price tick);

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_DAILY_BARS_H_
