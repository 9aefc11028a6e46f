// Exchange.StreamOrders: batches in, one answer a batch out, in order.
//
// With metadata "cancel-on-disconnect: true" (international.md 7.3) the end of the connection, whichever way it comes about but for the service's own
// shutdown, ends the open orders of every account in which the stream has placed any: by one CancelOrders an account, in the caller's name, after
// everything that was taken in before. Orders of the account that came another way end too: who has lost his eyes should hold nothing in the market.
//
// Up to bounds::kStreamBatchesMax batches of a stream are in the engine at once; beyond that the stream is not read, and HTTP/2 holds the
// client back. A batch that is refused whole is answered with error_code and error, and the stream goes on. A client that vanishes leaves
// nothing behind: batches that the engine has not reached are dropped, the others' answers stand in the journal for whoever asks again with
// their numbers.
#ifndef SONGHUA_API_SERVICES_ORDER_STREAM_H_
#define SONGHUA_API_SERVICES_ORDER_STREAM_H_

#include "api/engine/method.h"
#include "api/services/parts.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace songhua::api {

// Starts a stream; the reactor owns itself. `method` is the one that takes a batch. `parts` and `method` outlive it.
grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* StartOrderStream(const ServiceParts& parts, const Method& method,
                                                                              grpc::CallbackServerContext* context);

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_ORDER_STREAM_H_
