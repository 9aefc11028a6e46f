// Who is in the world of the fault simulator, and how requests are made: what fault_world.cc and permit_world.cc share.
#ifndef SONGHUA_SIMULATIONS_FAULT_PEOPLE_H_
#define SONGHUA_SIMULATIONS_FAULT_PEOPLE_H_

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "simulations/fault_world.h"
#include "songhua/v1/participants.pb.h"

namespace songhua::simulations {

std::string Uscc(int n);
// The firm's id, and the person who does everything for it; its token is its id, as everybody's.
inline std::string Firm(int firm) { return Uscc(firm + 1); }
inline std::string Trader(int firm) { return "trader-" + std::to_string(firm); }

// The firm's one site, and the permits that it had, from 1.
inline std::string SiteOf(int firm) { return Firm(firm) + "001"; }
std::string PermitNumberOf(int firm, int sequence);
inline constexpr int64_t kRightsLotSize = 1'000;  // grams

inline int64_t Between(std::mt19937_64& random, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(random() % static_cast<uint64_t>(high - low + 1));
}

template <class Request>
SimulatedRequest Make(const std::string& method, const std::string& token, Request request, SimulatedRequest::Effect effect = nullptr) {
  SimulatedRequest made;
  made.method = "songhua.v1." + method;
  made.request = std::make_shared<Request>(std::move(request));
  made.token = token;
  if (effect) made.effects.push_back(std::move(effect));
  return made;
}

void AddParticipant(std::vector<SimulatedRequest>* world, const std::string& id, v1::ParticipantKind kind);
// A person whose token is his id.
void AddPerson(std::vector<SimulatedRequest>* world, const std::string& id, const std::string& participant, const std::vector<v1::Role>& roles,
               const std::string& region = "");

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_FAULT_PEOPLE_H_
