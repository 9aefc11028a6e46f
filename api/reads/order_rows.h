// Orders from published rows, as messages.
#ifndef SONGHUA_API_READS_ORDER_ROWS_H_
#define SONGHUA_API_READS_ORDER_ROWS_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "api/reads/lookup.h"
#include "api/reads/read_context.h"
#include "exchange/orders.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::api::reads {

absl::StatusOr<v1::Order> OpenOrderMessage(ReadContext& context, Lookup& lookup, const exchange::OrderRow& row);

// An order that is open, or one that has ended; nullopt: the account never had it.
absl::StatusOr<std::optional<v1::Order>> OrderOf(ReadContext& context, Lookup& lookup, ledger::AccountNumber account, uint64_t number);

}  // namespace songhua::api::reads

#endif  // SONGHUA_API_READS_ORDER_ROWS_H_
