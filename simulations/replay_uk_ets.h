// `songhua replay uk-ets`: runs the published years of the UK ETS on the service, through the public API and nothing else, and compares
// what the service then says with what was published.
//
// It loads the program `uk-ets`, opens an account for every row of both tables, issues each vintage into the authority's reserve and
// allocates it as published (standard and new entrants' part as transfers of their own), issues what an account surrendered beyond its
// allocation as bought at auction, records verified emissions and exclusions, and surrenders. uk_ets_plan.h says how accounts are joined
// and surrenders dated.
//
// Compared, each beside its place in the file: cumulative emissions (the service's sum over the years), cumulative surrenders (the
// account's statement), the allocation of each year (what the statement shows as received from the reserve: standard + new entrants =
// total), and each published status that the figures force (StatusIsForced). Statuses that they leave open are counted beside them and are
// no part of `matched N of M`.
#ifndef SONGHUA_SIMULATIONS_REPLAY_UK_ETS_H_
#define SONGHUA_SIMULATIONS_REPLAY_UK_ETS_H_

#include <ostream>
#include <string>

#include "absl/status/statusor.h"
#include "simulations/comparison.h"

namespace songhua::simulations {

struct UkEtsReplayOptions {
  std::string compliance_path;
  std::string allocation_path;
};

// Prints a summary, the differences, and the last line `matched N of M`. An error means that nothing could be compared: a file that cannot
// be read or lacks columns, or a service that does not start.
absl::StatusOr<Comparison> ReplayUkEts(const UkEtsReplayOptions& options, std::ostream& out);

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_REPLAY_UK_ETS_H_
