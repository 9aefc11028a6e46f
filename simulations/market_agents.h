// Who trades in `songhua simulate market`. An agent sees the prices that were paid and what it holds itself, and says which one order it
// wants to have in the market; it never sees what others hold, value or bid. Whatever it may not do is not its business: the ledger holds
// what an order needs, or refuses it.
//
//   zero-intelligence trader  a buyer bids at random up to its value, a seller offers at random down from its cost: "zero-intelligence
//                             constrained" of D. K. Gode and S. Sunder, "Allocative Efficiency of Markets with Zero-Intelligence Traders",
//                             Journal of Political Economy 101(1), 1993. Unlike theirs, its orders stay in the book until they trade or it
//                             bids again
//   abating enterprise        must cover its emissions by allowances or abate them, each tonne at a higher cost than the one before. It
//                             expects prices near the last one, buys the tonnes that cost it more to abate and sells those that cost it
//                             less
//   speculator                covers nothing; follows the last price's distance from its recent mean, or bets against it, within a bounded
//                             inventory. It sells only what it holds
//
// Decisions draw from the Random that is handed in, and nothing else: equal seeds decide alike. All prices in fen. One thread.
#ifndef SONGHUA_SIMULATIONS_MARKET_AGENTS_H_
#define SONGHUA_SIMULATIONS_MARKET_AGENTS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "simulations/day_market.h"
#include "simulations/induced_values.h"
#include "simulations/random.h"

namespace songhua::simulations {

// What everybody sees.
struct MarketView {
  std::span<const int64_t> prices;  // of all trades so far, the newest last
  int64_t price_max = 0;            // no order is above; none is below 1
};

struct Quote {
  bool buy = false;
  int64_t price = 0;
  int64_t quantity = 0;

  bool operator==(const Quote&) const = default;
};

class MarketAgent {
 public:
  virtual ~MarketAgent() = default;

  // What it needs in its accounts for so many periods.
  virtual DayEndowment Endowment(int periods) const = 0;
  // Adds what units are worth to it, and cost it, in one period. Speculators add nothing.
  virtual void AddTo(Schedules* schedules) const = 0;

  // A period begins: values, costs, emissions and allocation are as in the first one.
  virtual void BeginPeriod() = 0;
  // The order it wants in place of the one it has; nullopt leaves things as they are.
  virtual std::optional<Quote> Decide(const MarketView& view, Random* random) = 0;
  virtual void Traded(bool bought, int64_t price, int64_t quantity) = 0;
  // What the period's trades were worth to it apart from the money paid: values of units bought less costs of units sold.
  virtual int64_t Gain() const = 0;
  // Units bought less sold in the period.
  virtual int64_t Bought() const = 0;
  // Whether it uses the units it buys; what a speculator keeps is worth only its price.
  virtual bool UsesUnits() const { return true; }
};

// One unit a period, worth (a buyer's) or costing (a seller's) `limit`. REQUIRES: 1 <= limit <= price_max.
std::unique_ptr<MarketAgent> NewZeroIntelligenceTrader(bool buyer, int64_t limit, int64_t price_max);

// The k-th tonne abated costs first_cost + (k - 1) x step. REQUIRES: first_cost >= 1, step >= 0, 0 <= allocation <= emissions.
struct AbatementCurve {
  int64_t first_cost = 0;
  int64_t step = 0;

  int64_t MarginalCost(int64_t tonne) const { return tonne <= 0 ? 0 : first_cost + (tonne - 1) * step; }
  // Of the first `tonnes`.
  int64_t Cost(int64_t tonnes) const { return tonnes <= 0 ? 0 : tonnes * first_cost + step * (tonnes * (tonnes - 1) / 2); }
};
std::unique_ptr<MarketAgent> NewAbatingEnterprise(AbatementCurve curve, int64_t emissions, int64_t allocation, int64_t price_max);

enum class Speculation { kMomentum, kMeanReversion };
std::unique_ptr<MarketAgent> NewSpeculator(Speculation speculation, int64_t inventory_max, int64_t price_max);

// Populations. `price_max` bounds every order.
struct Population {
  std::string title;
  int64_t price_max = 0;
  std::vector<std::unique_ptr<MarketAgent>> agents;
};
// A chart's buyers, then its sellers.
Population InducedPopulation(int chart);
// `enterprises` whose curves, emissions and allocations are drawn from the seed.
Population AbatingPopulation(int enterprises, uint64_t seed);
// Momentum and mean reversion in turns.
void AddSpeculators(int count, Population* population);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_MARKET_AGENTS_H_
