// Documents.UploadDocument: a registration, then bytes; one answer.
//
// The registration is first tried as validate_only, so that who may not, or names what is not there, is told before any byte is taken. The bytes go into
// a file of document_files.h, which is whole, durable and under its hash before the registration is submitted: what the journal registers is there. A
// client that vanishes leaves nothing behind. Disk work is done in the pool of reads, one message of a stream at a time; the next is read when it
// is written, so HTTP/2 holds a fast client back.
#ifndef SONGHUA_API_SERVICES_DOCUMENT_UPLOAD_H_
#define SONGHUA_API_SERVICES_DOCUMENT_UPLOAD_H_

#include "api/engine/method.h"
#include "api/services/parts.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace songhua::api {

// Starts an upload; the reactor owns itself. `method` is the one that registers a document. `parts` and `method` outlive it.
grpc::ServerReadReactor<grpc::ByteBuffer>* StartDocumentUpload(const ServiceParts& parts, const Method& method,
                                                               grpc::CallbackServerContext* context, grpc::ByteBuffer* answer);

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_DOCUMENT_UPLOAD_H_
