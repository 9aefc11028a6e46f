// `songhua serve`, and what other verbs need that run a service of their own: creating a store with its first token, waiting for an
// interrupt.
//
//   Interrupts interrupts;                           // before any thread is started
//   auto server = StartServer(options);
//   ...
//   interrupts.Wait();
//   (*server)->Drain();
#ifndef SONGHUA_API_CLI_SERVE_H_
#define SONGHUA_API_CLI_SERVE_H_

#include <chrono>
#include <csignal>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "api/cli/command.h"
#include "api/server.h"
#include "ledger/legal_time.h"
#include "ledger/store.h"

namespace songhua::api::cli {

struct ServeOptions {
  std::string data;  // the store's directory
  std::vector<std::string> listen = {"127.0.0.1:50051"};
  std::string tls_key_path;
  std::string tls_certificate_path;
  // That one participant may place or replace in a second; 0: no limit.
  int64_t orders_per_second = 1'000;
  // Of checkpoints, while something happens (EngineOptions).
  std::chrono::milliseconds checkpoint_interval = std::chrono::seconds(1);
  // Of a store that is created.
  ClockMode init_clock = ClockMode::kSystem;
  std::optional<Timestamp> init_time;  // VIRTUAL: when its time begins; nullopt: now
  // The first token of the store is kept here. A file that is there already gives the token; otherwise one is drawn and written, before
  // the store, so that no crash leaves a store without a key.
  std::string operator_token_file;
};

// Whether a store was begun in the directory.
bool StoreExists(const std::string& data);

// Opens the store, creating it where there is none, and serves it. Beside the errors of Server::Start: FAILED_PRECONDITION for a store that
// is to be created without a token file, or with one that others can read; RESOURCE_EXHAUSTED for a full disk.
absl::StatusOr<std::unique_ptr<Server>> StartServer(const ServeOptions& options);

// SIGINT and SIGTERM as something to wait for. One object a process, made before other threads are, which then leave the signals to it.
// After the first interrupt a second one ends the process at once.
class Interrupts {
 public:
  Interrupts();
  // Whether one has come; does not wait.
  bool Come();
  // Returns when one comes, or at once if one has.
  void Wait();

 private:
  void Take(bool wait);

  sigset_t signals_;
  bool come_ = false;
};

Verb ServeVerb();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_SERVE_H_
