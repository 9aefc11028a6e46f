// Order batches: many commands in one message, one result each, in order.
#ifndef SONGHUA_API_ORDER_BATCHES_H_
#define SONGHUA_API_ORDER_BATCHES_H_

#include "absl/status/statusor.h"
#include "api/engine/state.h"
#include "ledger/command.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::api {

// Refuses a batch whole for its form: the stream's name, its number, the count of commands. Handlers call it before anything is queued.
absl::Status ValidateOrderBatch(const v1::OrderBatch& batch);

// Runs a batch: command i takes sequence context.sequence + i. A refused command leaves the others as they are.
absl::StatusOr<v1::OrderBatchAnswer> RunOrderBatch(State& state, CommandContext& context, const v1::OrderBatch& batch);

}  // namespace songhua::api

#endif  // SONGHUA_API_ORDER_BATCHES_H_
