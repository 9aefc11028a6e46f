#include "exchange/market_statistics.h"

#include <algorithm>

#include "ledger/check.h"

namespace songhua::exchange {
namespace {

constexpr int64_t kBpsOfOne = 10'000;
constexpr Price kFenTick{1};

}  // namespace

void FormSums::Add(const FormSums& other) {
  trades += other.trades;
  quantity += other.quantity;
  turnover.Add(other.turnover.value());
  products.Add(other.products.value());
  undone_trades += other.undone_trades;
  undone_quantity += other.undone_quantity;
  undone_turnover.Add(other.undone_turnover.value());
}

Price FormSums::Average() const { return trades == 0 ? Price() : VolumeWeightedAverage(products.value(), quantity, kFenTick); }

FormSums& SumsOf(v1::Trade::Form form, std::vector<FormSums>* forms) {
  const auto at = std::lower_bound(forms->begin(), forms->end(), form, [](const FormSums& sums, v1::Trade::Form wanted) { return sums.form < wanted; });
  if (at != forms->end() && at->form == form) return *at;
  FormSums sums;
  sums.form = form;
  return *forms->insert(at, sums);
}

int64_t ContractDayRow::ChangeBps() const {
  if (session != DaySession::kClosed || previous_close == Price()) return 0;
  const __int128 twice = static_cast<__int128>(close.value() - previous_close.value()) * kBpsOfOne * 2;
  const int64_t half = previous_close.value();
  return static_cast<int64_t>((twice < 0 ? twice - half : twice + half) / (static_cast<__int128>(half) * 2));
}

FormSums ContractDayRow::All() const {
  FormSums all;
  for (const FormSums& sums : forms) all.Add(sums);
  return all;
}

MarketStatistics::MarketStatistics(TableSet* tables) : days_(tables) {}

MarketStatistics::~MarketStatistics() = default;

ContractDayRow& MarketStatistics::DayOf(const ContractRow& contract, Date date) {
  if (const ContractDayRow* day = Find(contract, date)) return days_.Edit(*day);
  ContractDayRow day;
  day.program = contract.program;
  day.date = date;
  day.contract = contract.number;
  return days_.Insert(std::move(day));
}

void MarketStatistics::Open(const ContractRow& contract) { DayOf(contract, contract.session_date).session = DaySession::kOpen; }

void MarketStatistics::Close(const ContractRow& contract, const BarPrices& prices) {
  ContractDayRow& day = DayOf(contract, contract.session_date);
  SONGHUA_CHECK(day.session == DaySession::kOpen);
  day.session = DaySession::kClosed;
  day.previous_close = contract.bar.previous_close;
  day.open = prices.open;
  day.high = prices.high;
  day.low = prices.low;
  day.close = prices.close;
}

void MarketStatistics::Add(const ContractRow& contract, const TradeFields& trade, ContractDayRow** last) {
  if (*last == nullptr || (*last)->date != trade.date) {
    *last = &DayOf(contract, trade.date);
  } else {
    days_.Edit(**last);
  }
  FormSums& sums = SumsOf(trade.form, &(*last)->forms);
  ++sums.trades;
  sums.quantity += trade.quantity;
  sums.turnover.Add(trade.amount.value());
  sums.products.Add(static_cast<__int128>(trade.price.value()) * trade.quantity.value());
}

void MarketStatistics::Undo(const ContractRow& contract, const TradeFields& trade) {
  FormSums& sums = SumsOf(trade.form, &DayOf(contract, trade.date).forms);
  ++sums.undone_trades;
  sums.undone_quantity += trade.quantity;
  sums.undone_turnover.Add(trade.amount.value());
  SONGHUA_CHECK(sums.undone_trades <= sums.trades && sums.undone_quantity <= sums.quantity);
}

}  // namespace songhua::exchange
