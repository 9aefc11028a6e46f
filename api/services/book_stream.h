// Exchange.WatchOrderBook: a snapshot of a book, then its numbered updates (api/market_data/book_publisher.h).
//
// What a reader has not taken yet waits here, up to a bound; a reader that falls behind it is closed with RESOURCE_EXHAUSTED and starts
// again.
#ifndef SONGHUA_API_SERVICES_BOOK_STREAM_H_
#define SONGHUA_API_SERVICES_BOOK_STREAM_H_

#include "api/engine/method.h"
#include "api/services/parts.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace songhua::api {

// Starts a stream; the reactor owns itself. `method` is the one whose grants it has. `parts` and `method` outlive it.
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartBookStream(const ServiceParts& parts, const Method& method,
                                                            grpc::CallbackServerContext* context, const grpc::ByteBuffer* request);

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_BOOK_STREAM_H_
