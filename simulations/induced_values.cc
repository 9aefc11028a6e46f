#include "simulations/induced_values.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "ledger/check.h"

namespace songhua::simulations {
namespace {

// `count` entries from `first` on, each `step` from the one before.
std::vector<int64_t> Steps(int64_t first, int64_t step, int count) {
  std::vector<int64_t> entries;
  for (int i = 0; i < count; ++i) entries.push_back(first + step * i);
  return entries;
}

// The dollars of the experiments are yuan here, so that a cent is a fen.
const std::vector<Chart>& Charts() {
  static const auto* charts = new std::vector<Chart>{
      {"symmetric", "Smith 1962, test 1, as its replications give it", 400, {Steps(325, -25, 11), Steps(75, 25, 11)}},
      {"flat", "in the manner of Smith 1962: as 1, with less to gain at each unit", 400, {Steps(225, -5, 11), Steps(175, 5, 11)}},
      {"steep demand, flat supply",
       "in the manner of Smith 1962: buyers gain more than sellers",
       500,
       {Steps(400, -25, 13), Steps(170, 5, 13)}},
      {"constant cost",
       "in the manner of Smith 1962: any quantity at one cost, so that sellers gain nothing in equilibrium",
       500,
       {Steps(400, -15, 10), Steps(310, 0, 12)}},
      {"box", "in the manner of Smith 1965: one value, one cost, more sellers than buyers", 500, {Steps(420, 0, 11), Steps(310, 0, 16)}},
  };
  return *charts;
}

}  // namespace

std::optional<Equilibrium> FindEquilibrium(Schedules schedules) {
  std::vector<int64_t>& values = schedules.values;
  std::vector<int64_t>& costs = schedules.costs;
  std::sort(values.begin(), values.end(), std::greater<>());
  std::sort(costs.begin(), costs.end());
  Equilibrium found;
  size_t traded = 0;
  for (; traded < values.size() && traded < costs.size() && values[traded] >= costs[traded]; ++traded) {
    found.surplus += values[traded] - costs[traded];
    if (values[traded] > costs[traded]) ++found.quantity_low;
  }
  if (traded == 0) return std::nullopt;
  found.quantity_high = static_cast<int64_t>(traded);
  // The last unit that trades must accept the price, and the first that does not must have no reason to.
  found.price_low = costs[traded - 1];
  found.price_high = values[traded - 1];
  if (traded < values.size()) found.price_low = std::max(found.price_low, values[traded]);
  if (traded < costs.size()) found.price_high = std::min(found.price_high, costs[traded]);
  return found;
}

std::string Percent(int64_t part, int64_t whole) {
  SONGHUA_CHECK(whole > 0);
  const __int128 twice = static_cast<__int128>(part) * 20'000 + whole;
  __int128 hundredths = twice / (2 * static_cast<__int128>(whole));
  if (twice % (2 * static_cast<__int128>(whole)) < 0) --hundredths;  // half up, also below zero
  const bool negative = hundredths < 0;
  const auto digits = static_cast<int64_t>(negative ? -hundredths : hundredths);
  const std::string decimals = std::to_string(digits % 100);
  return (negative ? "-" : "") + std::to_string(digits / 100) + "." + std::string(2 - decimals.size(), '0') + decimals + "%";
}

double CoefficientOfConvergence(std::span<const PricedQuantity> traded, const Equilibrium& equilibrium) {
  SONGHUA_CHECK(equilibrium.price_twice() > 0);
  const double price = static_cast<double>(equilibrium.price_twice()) / 2;
  double squares = 0;
  double quantity = 0;
  for (const PricedQuantity& trade : traded) {
    const double away = static_cast<double>(trade.price) - price;
    squares += away * away * static_cast<double>(trade.quantity);
    quantity += static_cast<double>(trade.quantity);
  }
  return quantity == 0 ? 0 : 100 * std::sqrt(squares / quantity) / price;
}

int ChartCount() { return static_cast<int>(Charts().size()); }

const Chart& ChartOf(int number) {
  SONGHUA_CHECK(number >= 1 && number <= ChartCount());
  return Charts()[number - 1];
}

}  // namespace songhua::simulations
