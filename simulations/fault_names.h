// What things of the fault simulator's market are called, and how much of them is asked for: what fault_world.cc, fault_pledges.cc and fault_pledge_sales.cc share.
#ifndef SONGHUA_SIMULATIONS_FAULT_NAMES_H_
#define SONGHUA_SIMULATIONS_FAULT_NAMES_H_

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

#include "simulations/fault_people.h"

namespace songhua::simulations {

inline std::string Bank() { return Uscc(500); }
inline std::string ContractCode(int contract) { return contract == 0 ? "CEA26" : contract == 1 ? "CEA26-EOD" : "CEA26-V"; }
inline std::string AccountName(int firm, std::string_view kind) { return "accounts/" + Firm(firm) + "." + std::string(kind); }
// BuildWorld opens the lots in this order, before anything can be lost.
inline std::string LotName(int firm, std::string_view kind) { return "lots/" + std::to_string(2 * firm + (kind == "registry" ? 1 : 2)); }

// How many units to ask for: usually what there is, now and then more.
inline int64_t SomeOf(std::mt19937_64& random, int64_t free) { return Between(random, 0, std::max<int64_t>(2, free + free / 8)); }

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_FAULT_NAMES_H_
