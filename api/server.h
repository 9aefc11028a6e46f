// The server: engine, reads, order books and gRPC in one process, from start to drain.
//
//   ServerOptions options;
//   options.engine.store.path = "/var/lib/songhua";
//   options.listen = {"127.0.0.1:8474"};
//   SONGHUA_ASSIGN_OR_RETURN(auto server, Server::Start(options));
//   ...                                   // until somebody asks it to stop
//   server->Drain();
//
// Without a key and a certificate it listens on loopback and Unix sockets only: tokens and orders do not travel in the clear.
#ifndef SONGHUA_API_SERVER_H_
#define SONGHUA_API_SERVER_H_

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/engine/engine.h"

namespace songhua::api {

struct ServerOptions {
  EngineOptions engine;
  // "127.0.0.1:8474", "[::1]:8474", "localhost:8474" (which means 127.0.0.1), "unix:/run/songhua.sock"; port 0 lets the system choose.
  std::vector<std::string> listen;
  // PEM files. Both or none. Read again when they change, so that a certificate is renewed without a restart.
  std::string tls_certificate_path;
  std::string tls_key_path;
  size_t read_threads = 2;
  // That one participant may place or replace in a second (api/services/order_rate.h); 0: no limit.
  int64_t orders_per_second = 0;
  // How long Drain waits for calls that were taken in, before it cancels them.
  std::chrono::milliseconds drain_timeout = std::chrono::seconds(30);
};

// FAILED_PRECONDITION where the address is reachable from other machines and `encrypted` is false; INVALID_ARGUMENT for what is no address.
// Returns the address as gRPC takes it.
absl::StatusOr<std::string> CheckListenAddress(const std::string& address, bool encrypted);

class Server {
 public:
  // The errors are those of Engine::Open and CheckListenAddress; INVALID_ARGUMENT and FAILED_PRECONDITION for key and certificate;
  // UNAVAILABLE where an address cannot be bound.
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options);
  // Drains.
  ~Server();

  // The port of listen[i]; 0 for a Unix socket.
  int port(size_t i = 0) const;
  Engine& engine();

  // Says NOT_SERVING, takes in nothing more, answers what was taken in, writes the state to its files. Once; later calls wait for nothing.
  void Drain();

 private:
  struct Parts;
  explicit Server(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVER_H_
