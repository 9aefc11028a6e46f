#include "exchange/trade_days.h"

#include "ledger/check.h"

namespace songhua::exchange {

void TradeSums::Add(const TradeSums& other) {
  trades += other.trades;
  quantity += other.quantity;
  turnover += other.turnover;
}

ledger::MarketAverage TradeSums::Average() const {
  if (trades == 0) return {};
  return {trades, quantity, Price(static_cast<int64_t>(turnover / quantity.value()))};
}

TradeSums TradeDayRow::Sums() const { return {trades, quantity, static_cast<__int128>(turnover_high) << 64 | turnover_low}; }

TradeDays::TradeDays(TableSet* tables) : rows_(tables) {
  rows_.OnLoaded([this](TradeDayRow& row) {
    by_market_[{row.program, row.pollutant, row.control_zone, row.price_basis, row.vintage}][row.date] = &row;
  });
}

TradeDays::~TradeDays() = default;

TradeDays::Market TradeDays::MarketOf(const ContractRow& contract) {
  return {contract.program, contract.pollutant, contract.control_zone, contract.price_basis, contract.vintage};
}

void TradeDays::Count(TradeDayRow& row, Price price, Quantity quantity, int sign) {
  TradeSums sums = row.Sums();
  sums.trades += static_cast<uint64_t>(sign);
  sums.quantity += Quantity(sign * quantity.value());
  sums.turnover += static_cast<__int128>(price.value()) * (sign * quantity.value());
  row.trades = sums.trades;
  row.quantity = sums.quantity;
  row.turnover_low = static_cast<uint64_t>(sums.turnover);
  row.turnover_high = static_cast<int64_t>(sums.turnover >> 64);
}

void TradeDays::Add(const ContractRow& contract, Date date, Price price, Quantity quantity, TradeDayRow** last) {
  if (*last == nullptr || (*last)->date != date) {
    TradeDayRow*& day = by_market_[MarketOf(contract)][date];
    if (day == nullptr) {
      TradeDayRow row;
      row.program = contract.program;
      row.pollutant = contract.pollutant;
      row.control_zone = contract.control_zone;
      row.price_basis = contract.price_basis;
      row.vintage = contract.vintage;
      row.date = date;
      day = &rows_.Insert(std::move(row));
    }
    *last = day;
  }
  Count(rows_.Edit(**last), price, quantity, 1);
}

void TradeDays::Remove(const ContractRow& contract, Date date, Price price, Quantity quantity) {
  TradeDayRow* day = by_market_[MarketOf(contract)][date];
  SONGHUA_CHECK(day != nullptr && day->trades > 0 && day->quantity >= quantity);
  Count(rows_.Edit(*day), price, quantity, -1);
}

TradeSums TradeDays::Between(const std::string& program, const std::string& pollutant, const std::string& control_zone, v1::PriceBasis basis,
                             int32_t vintage, Date first, Date last) const {
  TradeSums sums;
  const auto market = by_market_.find({program, pollutant, control_zone, basis, vintage});
  if (market == by_market_.end()) return sums;
  for (auto day = market->second.lower_bound(first); day != market->second.end() && day->first <= last; ++day) sums.Add(day->second->Sums());
  return sums;
}

}  // namespace songhua::exchange
