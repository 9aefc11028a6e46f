// Documents.DownloadDocument: the bytes of a document in chunks, for those who may read it. A file that is not what was registered ends the stream with
// DATA_LOSS: the client has then got less, or other, than the document, and is told.
#ifndef SONGHUA_API_SERVICES_DOCUMENT_DOWNLOAD_H_
#define SONGHUA_API_SERVICES_DOCUMENT_DOWNLOAD_H_

#include "api/engine/method.h"
#include "api/services/parts.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/server_callback.h"

namespace songhua::api {

// Starts a download; the reactor owns itself. `method` is the one that reads a document. `parts` and `method` outlive it.
grpc::ServerWriteReactor<grpc::ByteBuffer>* StartDocumentDownload(const ServiceParts& parts, const Method& method,
                                                                  grpc::CallbackServerContext* context, const grpc::ByteBuffer* request);

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_DOCUMENT_DOWNLOAD_H_
