// What a bank sees of its collateral: which pledges are its own, and what a watch of them tells (services/collateral_stream.h): the pledges in force, and then
// what became of them, of courts' orders over their lots, and of the permits of their sites. Any thread; one ReadContext a call.
#ifndef SONGHUA_API_READS_COLLATERAL_WATCH_H_
#define SONGHUA_API_READS_COLLATERAL_WATCH_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/reads/change_feed.h"
#include "api/reads/lookup.h"
#include "api/reads/read_context.h"
#include "ledger/command.h"
#include "ledger/pledge_rows.h"
#include "songhua/v1/collateral.pb.h"
#include "songhua/v1/pledges.pb.h"

namespace songhua::api::reads {

// The id of the bank that is asked for, the caller's own participant where `name` is empty. INVALID_ARGUMENT for what is no bank; NOT_FOUND; PERMISSION_DENIED.
absl::StatusOr<std::string> ParseBank(ReadContext& context, const std::string& name);
// Whether the pledge is the bank's, or a branch's of it.
absl::StatusOr<bool> IsPledgeOf(Lookup& lookup, const ledger::PledgeRow& pledge, const std::string& bank);

// The events that may touch collateral: what a ChangeFeed for its watches is to remember.
std::vector<EventType> CollateralEvents();

// One page of the bank's pledges in force: those that hold units. REQUIRES: Begin of a ListPledgesRequest.
absl::StatusOr<v1::ListPledgesAnswer> ListCollateral(ReadContext& context, const std::string& bank);

// What the events mean for the bank, in the order in which they happened; each pledge as it is now. Empty: nothing that concerns it.
absl::StatusOr<std::vector<v1::CollateralEvent>> DescribeCollateralChanges(ReadContext& context, const std::string& bank, const ChangeFeed::Events& events);

}  // namespace songhua::api::reads

#endif  // SONGHUA_API_READS_COLLATERAL_WATCH_H_
