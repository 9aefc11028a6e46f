#include "exchange/daily_bars.h"

#include <algorithm>

#include "ledger/check.h"

namespace songhua::exchange {

Price VolumeWeightedAverage(__int128 products, Quantity volume, Price tick) {
  SONGHUA_CHECK(volume > Quantity() && tick > Price() && products >= 0);
  const __int128 tick_volume = static_cast<__int128>(volume.value()) * tick.value();
  const __int128 ticks = (2 * products + tick_volume) / (2 * tick_volume);
  return Price(static_cast<int64_t>(ticks * tick.value()));
}

void DailyBar::Count(TradeMode mode, Price price, Quantity quantity, Money amount) {
  SONGHUA_CHECK(quantity > Quantity());
  ++trades;
  volume += quantity;
  turnover.Add(amount.value());
  if (mode != TradeMode::kListed) return;
  if (listed_trades == 0) open = high = low = price;
  high = std::max(high, price);
  low = std::min(low, price);
  ++listed_trades;
  listed_volume += quantity;
  listed_products.Add(static_cast<__int128>(price.value()) * quantity.value());
  listed_turnover.Add(amount.value());
}

BarPrices DailyBar::Prices(Price tick) const {
  if (listed_trades == 0) return {previous_close, previous_close, previous_close, previous_close};
  return {open, high, low, VolumeWeightedAverage(listed_products.value(), listed_volume, tick)};
}

DailyBarRow FinishDailyBar(ContractNumber contract, Date date, const DailyBar& bar, Price tick) {
  const BarPrices prices = bar.Prices(tick);
  return {.contract = contract,
          .date = date,
          .open = prices.open,
          .high = prices.high,
          .low = prices.low,
          .close = prices.close,
          .listed_trades = bar.listed_trades,
          .listed_volume = bar.listed_volume,
          .trades = bar.trades,
          .volume = bar.volume,
          .turnover = bar.turnover};
}

}  // namespace songhua::exchange
