// Induced supply and demand: what each unit is worth to its buyer and costs its seller, written down before anybody trades, so that what a
// market achieves can be measured against what it could. In the manner of Vernon L. Smith, "An Experimental Study of Competitive Market
// Behavior", Journal of Political Economy 70(2), 1962, pp. 111-137.
//
//   equilibrium   the quantities that trade at a price at which demand and supply meet, and these prices; exact, in whole fen
//   surplus       of a traded unit: its value less its cost. The equilibrium's is the largest that any trading can reach
//   efficiency    the surplus that was reached over the largest (Gode and Sunder 1993)
//   alpha         Smith's coefficient of convergence: the standard deviation of prices around the equilibrium price, in percent of it
//
// Pure functions; any thread. Units are worth at most kInducedValueMax, and a schedule has at most kInducedUnitsMax: sums fit 64 bits.
#ifndef SONGHUA_SIMULATIONS_INDUCED_VALUES_H_
#define SONGHUA_SIMULATIONS_INDUCED_VALUES_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace songhua::simulations {

inline constexpr int64_t kInducedValueMax = 1'000'000'000;  // fen
inline constexpr int64_t kInducedUnitsMax = 1'000'000;

// One entry a unit, in any order, in fen.
struct Schedules {
  std::vector<int64_t> values;
  std::vector<int64_t> costs;
};

struct Equilibrium {
  int64_t price_low = 0;     // fen; at each price from here ...
  int64_t price_high = 0;    // ... to here demand and supply meet
  int64_t quantity_low = 0;  // units of a gain; those of a gain of nothing may trade or not, up to ...
  int64_t quantity_high = 0;
  int64_t surplus = 0;  // fen; of all units up to either quantity

  // Twice the price in the middle, which is whole where the price itself may not be.
  int64_t price_twice() const { return price_low + price_high; }
  bool operator==(const Equilibrium&) const = default;
};

// nullopt: no value reaches a cost, nothing can trade.
std::optional<Equilibrium> FindEquilibrium(Schedules schedules);

// part / whole in percent with two decimals, half up: (2, 3) -> "66.67%". REQUIRES: whole > 0; both below 2^60.
std::string Percent(int64_t part, int64_t whole);

// What was traded, at which price. Of a unit of the experiments: quantity 1.
struct PricedQuantity {
  int64_t price = 0;  // fen
  int64_t quantity = 0;
};
// alpha in percent; 0 of no trades. Only for printing. REQUIRES: the equilibrium's price is above 0.
double CoefficientOfConvergence(std::span<const PricedQuantity> traded, const Equilibrium& equilibrium);

// A schedule of the experiments: each trader has one unit a period.
struct Chart {
  std::string title;
  std::string source;
  int64_t price_max = 0;  // fen; no bid and no offer is above
  Schedules schedules;
};

// Charts are numbered from 1. REQUIRES: 1 <= number <= ChartCount().
int ChartCount();
const Chart& ChartOf(int number);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_INDUCED_VALUES_H_
