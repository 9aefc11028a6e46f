// Collateral.WatchCollateral: a bank's pledges in force, then what touches them (feed_stream.h, api/reads/collateral_watch.h). One message an event.
#ifndef SONGHUA_API_SERVICES_COLLATERAL_STREAM_H_
#define SONGHUA_API_SERVICES_COLLATERAL_STREAM_H_

#include "api/engine/method.h"
#include "api/services/parts.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace songhua::api {

// Starts a stream; the reactor owns itself. `method` is the one whose grants it has. `parts` and `method` outlive it.
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartCollateralStream(const ServiceParts& parts, const Method& method, grpc::CallbackServerContext* context,
                                                                  const grpc::ByteBuffer* request);

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_COLLATERAL_STREAM_H_
