// The server's key and certificate.
#ifndef SONGHUA_API_TLS_H_
#define SONGHUA_API_TLS_H_

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace grpc {
class ServerCredentials;
}  // namespace grpc

namespace songhua::api {

// Whether the files hold a certificate and its key, in PEM: INVALID_ARGUMENT says which does not, FAILED_PRECONDITION that the two do not
// belong together.
absl::Status CheckKeyPair(const std::string& certificate_path, const std::string& key_path);

// Credentials that follow the files when they change. The errors are CheckKeyPair's.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> TlsCredentials(const std::string& certificate_path, const std::string& key_path);

}  // namespace songhua::api

#endif  // SONGHUA_API_TLS_H_
