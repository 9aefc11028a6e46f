#include "api/cli/serve.h"

#include <sys/stat.h>

#include <chrono>
#include <ctime>
#include <filesystem>
#include <limits>

#include "api/cli/request.h"
#include "api/cli/text.h"
#include "api/cli/tokens.h"
#include "api/cli/version.h"
#include "api/engine/clock.h"
#include "ledger/check.h"
#include "ledger/refusal.h"
#include "ledger/room.h"

namespace songhua::api::cli {
namespace {

absl::Status CheckPrivate(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) == 0 && (about.st_mode & 077) != 0) {
    return absl::FailedPreconditionError("others can read the operator's token in " + path + "; accepted: chmod 600 " + path);
  }
  return absl::OkStatus();
}

constexpr int64_t kOrdersPerSecondMax = 1'000'000;

// The first record of a store that is to be created; nullopt for a store that is there.
absl::StatusOr<std::optional<Genesis>> PrepareGenesis(const ServeOptions& options) {
  const bool exists = StoreExists(options.data);
  if (options.operator_token_file.empty()) {
    if (exists) return std::optional<Genesis>();
    return absl::FailedPreconditionError("there is no store in " + options.data +
                                         " yet; accepted: --operator-token-file FILE, where the first token of the new store is written");
  }
  auto token = ReadTokenFile(options.operator_token_file);
  if (token.ok()) {
    SONGHUA_RETURN_IF_ERROR(CheckPrivate(options.operator_token_file));
  } else if (exists) {
    return std::optional<Genesis>();  // its token was written once; that it is kept elsewhere now is nobody's business
  } else if (absl::IsNotFound(token.status())) {
    token = DrawToken();
    SONGHUA_RETURN_IF_ERROR(WriteTokenFile(options.operator_token_file, *token));
  } else {
    return token.status();
  }
  Genesis genesis;
  genesis.clock_mode = options.init_clock;
  genesis.start_time = options.init_time.value_or(Clock::Real()->Now());
  genesis.operator_token_sha256 = TokenSha256(*token);
  return std::optional<Genesis>(genesis);
}

// Of the disk on which the directory is, or will be; where that cannot be told, opening says why.
uint64_t FreeBytes(const std::string& data) {
  std::error_code error;
  std::filesystem::path path = std::filesystem::absolute(data, error);
  while (!std::filesystem::exists(path, error) && path != path.root_path()) path = path.parent_path();
  const std::filesystem::space_info space = std::filesystem::space(path, error);
  return error ? std::numeric_limits<uint64_t>::max() : space.available;
}

absl::StatusOr<ServeOptions> ReadFlags(const Arguments& arguments) {
  ServeOptions options;
  options.data = *arguments.Get("data");
  if (arguments.Has("listen")) options.listen = arguments.All("listen");
  options.tls_key_path = arguments.GetOr("tls-key", "");
  options.tls_certificate_path = arguments.GetOr("tls-cert", "");
  options.operator_token_file = arguments.GetOr("operator-token-file", "");
  if (const std::string* rate = arguments.Get("orders-per-second")) {
    const auto parsed = ParseInteger(*rate, "orders-per-second");
    if (!parsed.ok() || *parsed < 0 || *parsed > kOrdersPerSecondMax) {
      return absl::InvalidArgumentError("--orders-per-second is '" + *rate + "'; accepted: 0 (no limit) to " + std::to_string(kOrdersPerSecondMax));
    }
    options.orders_per_second = *parsed;
  }
  const std::string mode = arguments.GetOr("init-clock", "system");
  if (mode != "system" && mode != "virtual")
    return absl::InvalidArgumentError("--init-clock is '" + mode + "'; accepted: system or virtual");
  if (mode == "virtual") options.init_clock = ClockMode::kVirtual;
  if (const std::string* time = arguments.Get("init-time")) {
    if (mode != "virtual") return absl::InvalidArgumentError("--init-time is for --init-clock virtual; a system clock tells its own time");
    SONGHUA_ASSIGN_OR_RETURN(options.init_time, ReadTime(*time, "init-time"));
  }
  return options;
}

std::string Addresses(const ServeOptions& options, const Server& server) {
  std::vector<std::string> addresses;
  for (size_t i = 0; i < options.listen.size(); ++i) {
    const std::string& address = options.listen[i];
    const int port = server.port(i);
    addresses.push_back(port == 0 ? address : address.substr(0, address.rfind(':') + 1) + std::to_string(port));
  }
  return Join(addresses, ", ");
}

// The server speaks of its options; who typed flags knows those.
std::string InFlags(const absl::Status& status) {
  const auto detail = GetRefusal(status);
  if (!detail.has_value()) return std::string(status.message());
  const std::string flag = detail->field == "tls_certificate_path" ? "--tls-cert"
                           : detail->field == "tls_key_path"       ? "--tls-key"
                           : detail->field == "listen"             ? "--listen"
                                                                   : detail->field;
  return flag + (detail->value.empty() ? " is missing" : " is '" + detail->value + "'") + "; accepted: " + detail->accepted;
}

int RunServe(const Invocation& invocation) {
  const auto options = ReadFlags(invocation.arguments);
  if (!options.ok()) return BadUsage(invocation, options.status());
  const bool creates = !StoreExists(options->data);
  Interrupts interrupts;
  auto server = StartServer(*options);
  if (!server.ok()) {
    *invocation.io.err << "songhua serve: " << InFlags(server.status()) << '\n';
    return kExitRefused;
  }
  std::ostream& out = *invocation.io.out;
  if (creates) out << "created the store in " << options->data << "; its operator's token is in " << options->operator_token_file << '\n';
  out << "songhua " << Version() << " serves " << options->data << " ("
      << ((*server)->engine().clock_mode() == ClockMode::kVirtual ? "virtual" : "system") << " clock) at " << Addresses(*options, **server)
      << "\nCtrl-C stops it" << std::endl;
  interrupts.Wait();
  out << "stopping: answering what was taken in" << std::endl;
  (*server)->Drain();
  out << "stopped" << std::endl;
  return kExitOk;
}

}  // namespace

bool StoreExists(const std::string& data) {
  std::error_code error;
  return std::filesystem::exists(std::filesystem::path(data) / "journal", error);
}

absl::StatusOr<std::unique_ptr<Server>> StartServer(const ServeOptions& options) {
  SONGHUA_RETURN_IF_ERROR(CheckRoom(options.data, FreeBytes(options.data)));
  ServerOptions server;
  SONGHUA_ASSIGN_OR_RETURN(server.engine.genesis, PrepareGenesis(options));
  server.engine.store.path = options.data;
  server.engine.checkpoint_interval = options.checkpoint_interval;
  server.engine.store.create_if_missing = server.engine.genesis.has_value();
  server.engine.store.identity.store_id = RandomHex(16);
  server.listen = options.listen;
  server.orders_per_second = options.orders_per_second;
  server.tls_key_path = options.tls_key_path;
  server.tls_certificate_path = options.tls_certificate_path;
  const std::filesystem::path parent = std::filesystem::path(options.data).parent_path();
  std::error_code error;
  if (server.engine.genesis.has_value() && !parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return absl::UnavailableError("making the directory " + parent.string() + ": " + error.message());
  return Server::Start(std::move(server));
}

Interrupts::Interrupts() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  SONGHUA_CHECK(pthread_sigmask(SIG_BLOCK, &signals_, nullptr) == 0);
}

void Interrupts::Take(bool wait) {
  if (come_) return;
  const timespec at_once{};
  const int signal = wait ? sigwaitinfo(&signals_, nullptr) : sigtimedwait(&signals_, nullptr, &at_once);
  if (signal < 0) return;
  come_ = true;
  pthread_sigmask(SIG_UNBLOCK, &signals_, nullptr);
}

bool Interrupts::Come() {
  Take(false);
  return come_;
}

void Interrupts::Wait() {
  while (!come_) Take(true);
}

Verb ServeVerb() {
  Verb verb;
  verb.words = {"serve"};
  verb.group = "service";
  verb.summary = "Serve a store";
  verb.description =
      "Opens the store, or creates it where there is none, and serves it until SIGINT or SIGTERM; then it answers what it has taken in, "
      "writes the "
      "state to its files and ends. Without --tls-key and --tls-cert it listens on this machine only. No flag changes the outcome of a "
      "command.";
  verb.flags = {
      {"data", "DIR", "The store's directory", false, true},
      {"listen", "HOST:PORT", "Where to listen; also unix:PATH. Default: 127.0.0.1:50051", true},
      {"orders-per-second", "N",
       "How many orders one participant may place or replace in a second, a second's worth at once; cancellations are not counted. 0: no limit. "
       "Default: 1000"},
      {"tls-key", "FILE", "Private key, PEM. Read again when it changes"},
      {"tls-cert", "FILE", "Certificate with its chain, PEM"},
      {"init-clock", "MODE",
       "A new store's clock, for the whole of its life: system (the machine's) or virtual (moved by commands only). Default: system"},
      {"init-time", "TIME", "When a new store's virtual time begins. Default: now"},
      {"operator-token-file", "FILE",
       "Needed to create a store: its first token, of the person \"operator\", is written here with mode 0600. A token that is there "
       "already is taken"},
  };
  verb.examples = {
      {"serve --data var/store --operator-token-file var/tokens/operator",
       "Creates the store the first time; `songhua whoami --as operator` then answers"},
      {"serve --data var/store --listen 0.0.0.0:50051 --tls-key key.pem --tls-cert cert.pem", "For other machines too, encrypted"},
  };
  verb.run = RunServe;
  return verb;
}

}  // namespace songhua::api::cli
