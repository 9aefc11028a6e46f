// `songhua simulate market`: a population of agents trades for some periods on the real engine, in a continuous double auction or in call
// auctions, and what the market achieved is measured against the competitive equilibrium of what was induced.
//
// A period is a trading day. In a period every agent is asked as often as every other on average, in an order drawn from the seed; it has
// at most one order in the market, which its next decision replaces. What is asked for and refused by the ledger or the market is counted
// by the refusal's reason, and the agent goes on.
//
// The outcome is a function of the options. In the end the market's invariants are checked, and that every account holds what the trades
// say (MarketVenue::CheckAndStop): an error is a fault of the engine.
#ifndef SONGHUA_SIMULATIONS_MARKET_SIMULATION_H_
#define SONGHUA_SIMULATIONS_MARKET_SIMULATION_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "simulations/induced_values.h"
#include "simulations/market_agents.h"

namespace songhua::simulations {

enum class AgentKind { kInduced, kAbating };

struct MarketSimulationOptions {
  uint64_t seed = 1;
  AgentKind agents = AgentKind::kInduced;
  int chart = 1;         // of kInduced
  int enterprises = 12;  // of kAbating
  int speculators = 0;
  int periods = 5;
  int turns = 50;  // in a period, of each agent on average
  int calls = 0;   // auctions a period; 0: continuous trading
};

struct SimulatedTrade {
  int period = 0;  // from 0
  int64_t price = 0;
  int64_t quantity = 0;
  int buyer = 0;  // agents, by their places in the population
  int seller = 0;

  bool operator==(const SimulatedTrade&) const = default;
};

// Of one period, or of all.
struct MarketFigures {
  int64_t trades = 0;
  int64_t units = 0;
  int64_t turnover = 0;  // fen
  double alpha = 0;      // CoefficientOfConvergence
  // Twice the surplus that was reached, in fen. A unit that a speculator took or gave counts at the equilibrium price, which is whole only
  // when doubled.
  int64_t surplus_twice = 0;
  std::string efficiency;  // Percent
};

struct MarketOutcome {
  std::string title;  // of the population
  int agents = 0;
  int64_t units = 0;  // that were issued, and the money that was paid in, in fen; both are there in the end
  int64_t money = 0;
  Equilibrium equilibrium;  // of one period
  std::vector<MarketFigures> periods;
  MarketFigures all;
  std::vector<SimulatedTrade> trades;
  int64_t orders = 0;  // placed and replaced
  std::map<std::string, int64_t> refusals;
};

// INVALID_ARGUMENT: nothing can trade among these agents. Anything else is a fault of the engine.
// REQUIRES: the chart exists; 1 <= periods <= kVenueDaysMax; turns >= 1; 0 <= calls <= kVenueCallsMax.
absl::StatusOr<MarketOutcome> SimulateMarket(const MarketSimulationOptions& options);

// The same for a population of one's own, which is left as its last period ended.
absl::StatusOr<MarketOutcome> SimulateMarket(const MarketSimulationOptions& options, Population* population);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_MARKET_SIMULATION_H_
