// Deadlines.WatchDeadlines: the list in parts, then its changes (api/reads/deadline_feed.h, api/reads/deadline_watch.h).
//
// Nothing waits here for a slow reader but the one update that is being written: when he has taken it, the next is made of what is remembered
// by then, or of the list anew. Whether he may still ask is looked at before each update.
#ifndef SONGHUA_API_SERVICES_DEADLINE_STREAM_H_
#define SONGHUA_API_SERVICES_DEADLINE_STREAM_H_

#include "api/engine/method.h"
#include "api/services/parts.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace songhua::api {

// Starts a stream; the reactor owns itself. `method` is the one whose grants it has. `parts` and `method` outlive it.
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartDeadlineStream(const ServiceParts& parts, const Method& method,
                                                                grpc::CallbackServerContext* context, const grpc::ByteBuffer* request);

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_DEADLINE_STREAM_H_
