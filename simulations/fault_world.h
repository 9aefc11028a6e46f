// The world of the fault simulator: who is in it, and what its clients may ask for. Each command comes with what it means to the model.
#ifndef SONGHUA_SIMULATIONS_FAULT_WORLD_H_
#define SONGHUA_SIMULATIONS_FAULT_WORLD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "api/engine/state.h"
#include "google/protobuf/message.h"
#include "simulations/market_model.h"
#include "simulations/permit_model.h"

namespace songhua::simulations {

inline constexpr int kFirms = 5;
inline constexpr int kContracts = 2;  // with sessions; one more (kModelContracts) has none: agreements are made in it, and an officer looks at every trade
inline constexpr char kOperatorToken[] = "operator-token";

// One request of a client. `effects` do the same to the model of the market: one for each command of a batch, one otherwise. `permit_effect` does
// it to the model of permits: true, it is accepted. A request concerns one of the models, or none.
struct SimulatedRequest {
  std::string method;  // "songhua.v1.Exchange/PlaceOrder"
  std::shared_ptr<google::protobuf::Message> request;
  std::string token;
  using Effect = std::function<ModelOutcome(MarketModel& model, uint64_t sequence, int32_t date)>;
  std::vector<Effect> effects;
  using PermitEffect = std::function<bool(PermitModel& model, uint64_t sequence, int32_t date)>;
  PermitEffect permit_effect;
};

// The commands that build the world, in order; none of them concerns the model, except that it starts with both sessions closed.
std::vector<SimulatedRequest> BuildWorld();
// The model of the world that BuildWorld builds.
MarketModel NewModel();

// A random request of a random participant. `state` is only looked at for numbers to name: orders, lots, pledges; some are made up.
SimulatedRequest RandomRequest(std::mt19937_64& random, const api::State& state, const MarketModel& model);

// The request, with its effect, of a given kind: for healing.
SimulatedRequest CloseSessionRequest(int contract);
SimulatedRequest SettleDayRequest(int contract);

// The firm's lot in its "registry" or "trading" account; null: none yet.
const ledger::LotRow* LotOf(const api::State& state, int firm, std::string_view kind);

// Differences between the real state and the model, in words; empty when there are none.
std::string Compare(const api::State& state, const MarketModel& model, Date today);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_FAULT_WORLD_H_
