// The real channel: gRPC, with TLS where a CA is given, and a bearer token. The one file of the client that pays for gRPC's headers.
#ifndef SONGHUA_API_CLI_CLIENT_H_
#define SONGHUA_API_CLI_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "api/cli/channel.h"
#include "api/cli/flags.h"

namespace songhua::api::cli {

struct ClientOptions {
  std::string server = "127.0.0.1:50051";
  std::string token;                    // empty: call as the public
  std::string ca_pem;                   // empty: no TLS
  int64_t deadline_seconds = 30;        // of a unary call
  int64_t stream_deadline_seconds = 0;  // of a stream; 0: none
};

// From ClientFlags and the environment. INVALID_ARGUMENT: two tokens, a file that cannot be read, a token that would travel in clear beyond
// the loopback.
absl::StatusOr<ClientOptions> ReadClientOptions(const Arguments& arguments);

// Whether a server's address is this machine's own: 127.x.x.x, [::1], localhost, a Unix socket.
bool IsLoopback(const std::string& server);

// Does not connect yet: the first call does.
std::unique_ptr<Channel> NewGrpcChannel(const ClientOptions& options);
// Both: what Io::connect is in the program.
absl::StatusOr<std::unique_ptr<Channel>> ConnectGrpc(const Arguments& arguments);

std::string GrpcVersion();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_CLIENT_H_
