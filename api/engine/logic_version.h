// Versions of behaviour. What a command does must not change under an old journal, or the journal would no longer replay; so a change of behaviour is a new
// version, and a store goes on deciding by the version that it has until an operator's journaled command switches it (Operations/SwitchLogicVersion). A new
// store begins with the newest. Every record carries the version that decided it (DESIGN.md section 4, GEN-09).
//
// To change what a command does: raise kNewestLogicVersion, describe the version here, give the change a predicate below, and let the code ask it. A version
// goes when no store and no archive that must still be verified was decided by it.
//
// The bytes of rows are part of it: each group's trailer commits to them, so a field that is added to a row is a change of behaviour like any other. Before the
// first release nothing is promised for the stores of earlier builds.
//
//   1  a timer's record carries the time at which the engine came to it
//   2  a timer's record carries the time at which it was due: after a pause of the service, what the law makes of a midnight is dated at that midnight
#ifndef SONGHUA_API_ENGINE_LOGIC_VERSION_H_
#define SONGHUA_API_ENGINE_LOGIC_VERSION_H_

#include <cstdint>

namespace songhua::api {

inline constexpr uint32_t kOldestLogicVersion = 1;
inline constexpr uint32_t kNewestLogicVersion = 2;

constexpr bool TimersKeepTheirTime(uint32_t logic_version) { return logic_version >= 2; }

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_LOGIC_VERSION_H_
