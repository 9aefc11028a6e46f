// Calls with one request and one answer, of every method, without its types: bytes come in, the method table says what they are, bytes go
// out.
//
// Checks come in this order, so that the same bad request always gets the same answer: size (gRPC's own limit), token and role, encoding,
// then for a write unknown fields and request_id (MakeMessage) and the checks of the state machine; for a read those of the read.
#ifndef SONGHUA_API_SERVICES_UNARY_H_
#define SONGHUA_API_SERVICES_UNARY_H_

#include "api/engine/method.h"
#include "api/services/parts.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace songhua::api {

// Starts a call; the reactor owns itself. `parts` and `method` outlive it.
grpc::ServerUnaryReactor* StartUnary(const ServiceParts& parts, const Method& method, grpc::CallbackServerContext* context,
                                     const grpc::ByteBuffer* request, grpc::ByteBuffer* answer);

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_UNARY_H_
