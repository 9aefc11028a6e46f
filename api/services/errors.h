// Refusals as gRPC tells them: a grpc::Status whose details are google.rpc.Status with ErrorInfo{reason, "songhua", metadata{rule, field,
// value, accepted}} and, for INVALID_ARGUMENT that names a field, BadRequest (AIP-193). Pure functions; any thread.
#ifndef SONGHUA_API_SERVICES_ERRORS_H_
#define SONGHUA_API_SERVICES_ERRORS_H_

#include <cstddef>

#include "absl/status/status.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace songhua::api {

// What travels of an error stays below this, since it is sent as one header; what is longer is cut.
inline constexpr size_t kErrorTextBytesMax = 1'024;

// REQUIRES: not OK.
google::rpc::Status ToRpcStatus(const absl::Status& status);
// A fault of ours (INTERNAL, DATA_LOSS, UNKNOWN) goes to the log; the caller learns no more than that it happened.
grpc::Status ToGrpcStatus(const absl::Status& status);

// What ends a stream, or refuses a new one, while the server drains.
absl::Status ShuttingDown();

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_ERRORS_H_
