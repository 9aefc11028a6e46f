// What is asked for around sales of pledged units: offers of every form by the bank that enforces and by pledgors, with the consent that they need or without it;
// and what follows them: listings taken, auctions announced, bid in and paid for, negotiations led to their end, trades verified.
#ifndef SONGHUA_SIMULATIONS_FAULT_PLEDGE_SALES_H_
#define SONGHUA_SIMULATIONS_FAULT_PLEDGE_SALES_H_

#include <cstdint>
#include <random>
#include <vector>

#include "api/engine/state.h"
#include "simulations/fault_world.h"
#include "simulations/market_model.h"

namespace songhua::simulations {

// An offer of pledged units, or what becomes of a listing of them; as RandomRequest.
SimulatedRequest SaleOfPledged(std::mt19937_64& random, const MarketModel& model);

// Whether there is a pledge of which units might be offered now.
bool MaySell(const MarketModel& model);

// Whether there are auctions, negotiations or trades that wait for somebody, and an act on one of them. REQUIRES: there are.
bool SalesAreUnderWay(const api::State& state, const MarketModel& model);
SimulatedRequest SaleUnderWay(std::mt19937_64& random, const api::State& state, const MarketModel& model);

// For healing: cancels what time might still sell; and leads trades that wait to their settlement.
std::vector<SimulatedRequest> EndAuctions(const MarketModel& model);
std::vector<SimulatedRequest> SettleVerified(const MarketModel& model);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_FAULT_PLEDGE_SALES_H_
