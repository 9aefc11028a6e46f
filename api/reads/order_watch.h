// What a watch of orders tells (services/order_watch_stream.h): the open orders of some accounts, and then what became of their orders and trades. Any thread;
// one ReadContext a call.
#ifndef SONGHUA_API_READS_ORDER_WATCH_H_
#define SONGHUA_API_READS_ORDER_WATCH_H_

#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "api/reads/change_feed.h"
#include "api/reads/read_context.h"
#include "ledger/accounts.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::api::reads {

// The events that tell of orders and trades: what a ChangeFeed for watches of orders is to remember.
std::vector<EventType> OrderEvents();

// The accounts that are asked for. INVALID_ARGUMENT for none, too many or one twice; NOT_FOUND; PERMISSION_DENIED for one that the caller may not see.
absl::StatusOr<std::set<ledger::AccountNumber>> ParseWatchedAccounts(ReadContext& context, const v1::WatchOrdersRequest& request);

// One page of the accounts' open orders. REQUIRES: Begin of a ListOrdersRequest.
absl::StatusOr<v1::ListOrdersAnswer> ListOpenOrders(ReadContext& context, const std::set<ledger::AccountNumber>& accounts);

// What the events mean for one who watches the accounts: orders and trades as they are now. An update without any tells him nothing. Needs no snapshot.
absl::StatusOr<v1::OrdersUpdate> DescribeOrderChanges(ReadContext& context, const std::set<ledger::AccountNumber>& accounts, const ChangeFeed::Events& events);

}  // namespace songhua::api::reads

#endif  // SONGHUA_API_READS_ORDER_WATCH_H_
