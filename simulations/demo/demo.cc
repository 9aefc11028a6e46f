#include "simulations/demo/demo.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

#include "api/cli/client.h"
#include "api/cli/serve.h"
#include "api/cli/tokens.h"
#include "api/cli/version.h"
#include "ledger/check.h"
#include "ledger/refusal.h"
#include "simulations/demo/embedded.h"
#include "simulations/demo/proof.h"
#include "simulations/demo/summary.h"

namespace songhua::simulations {
namespace {

namespace fs = std::filesystem;

constexpr char kWhole[] = "jilin";              // the scenario that uses all others
constexpr char kYear[] = "jilin_year";          // those that are played alone, with --year,
constexpr char kLending[] = "jilin_lending";    // and with --lending
constexpr char kAttempts[] = "jilin_attempts";  // the one that is played again, asking only
constexpr char kDefaultAddress[] = "127.0.0.1:50051";

std::string StoreOf(const std::string& data) { return data + "/store"; }
std::string TokensOf(const std::string& data) { return data + "/tokens"; }
std::string ReadyOf(const std::string& data) { return data + "/ready"; }
std::string ProofsOf(const std::string& data) { return data + "/proofs"; }

bool Exists(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error);
}

// Whether another process has the store open.
bool IsInUse(const std::string& store) {
  const int file = ::open((store + "/LOCK").c_str(), O_RDWR | O_CLOEXEC);
  if (file < 0) return false;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  const bool in_use = ::fcntl(file, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
  ::close(file);
  return in_use;
}

// Written whole or not at all, so that a crash leaves no demonstration that seems complete.
absl::Status MarkReady(const std::string& data) {
  const std::string unfinished = ReadyOf(data) + ".new";
  std::ofstream(unfinished) << "The demonstration's scenarios were played to their end.\n";
  std::error_code error;
  fs::rename(unfinished, ReadyOf(data), error);
  return error ? absl::UnavailableError("writing " + ReadyOf(data) + ": " + error.message()) : absl::OkStatus();
}

// How this program is called from here.
std::string ProgramPath() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  if (error) return "songhua";
  const fs::path relative = fs::relative(program, error);
  return error || relative.empty() || *relative.begin() == ".." ? program.string() : relative.string();
}

// Where a client on this machine reaches the service.
std::string AddressOf(const DemoOptions& options, const api::Server& server) {
  const std::string& address = options.listen[0];
  return server.port(0) == 0 ? address : address.substr(0, address.rfind(':') + 1) + std::to_string(server.port(0));
}

Timestamp StartOf(const DemoOptions& options) { return *ParseTimestamp(options.story == Story::kMarket ? kDemoStart : kStoryStart); }

const char* ScenarioOf(Story story, bool ready) {
  if (story == Story::kMarket) return ready ? kAttempts : kWhole;
  return story == Story::kYear ? kYear : kLending;
}

absl::Status Advise(const absl::Status& status, const std::string& advice) { return absl::Status(status.code(), std::string(status.message()) + "\n" + advice); }

absl::StatusOr<std::unique_ptr<api::Server>> Start(const DemoOptions& options) {
  api::cli::ServeOptions serve;
  serve.data = StoreOf(options.data);
  serve.listen = options.listen;
  serve.init_clock = ClockMode::kVirtual;
  serve.init_time = StartOf(options);
  serve.operator_token_file = TokensOf(options.data) + "/operator";
  auto server = api::cli::StartServer(serve);
  if (server.ok()) return server;
  if (absl::IsUnavailable(server.status())) {
    return Advise(server.status(), "Is another service running there? Stop it, or name another address with --listen 127.0.0.1:PORT.");
  }
  return Advise(server.status(), "The data is in " + options.data + "; --data DIR names another directory, --fresh begins anew.");
}

// What was refused, from the first playing or from asking again.
absl::Status Play(ScenarioRunner* runner, bool ready, const DemoOptions& options, std::ostream& out) {
  if (options.story != Story::kMarket && ready) return runner->Look();  // it has gone by
  const absl::Status played = runner->Play(ScenarioOf(options.story, ready));
  if (played.ok() || absl::IsCancelled(played)) {
    if (played.ok() && !ready) {
      SONGHUA_RETURN_IF_ERROR(runner->Reconcile());
      SONGHUA_RETURN_IF_ERROR(MarkReady(options.data));
      out << "  " << runner->commands() << " calls; the ledger reconciles\n";
    }
    return played;
  }
  return Advise(played, ready ? "The demonstration's people or data are not those it was made with; --fresh begins anew."
                              : "The demonstration does not go as written. Was " + options.data + " made by another version? --fresh begins anew.");
}

absl::Status PlayAndShow(const DemoOptions& options, const api::Server& server, bool ready, const std::function<bool()>& interrupted, std::ostream& out) {
  const std::string address = AddressOf(options, server);
  ChannelClient client([&](const std::string& token) {
    api::cli::ClientOptions of_client;
    of_client.server = address;
    of_client.token = token;
    return api::cli::NewGrpcChannel(of_client);
  });
  const EmbeddedLibrary library;
  TokenFiles tokens(TokensOf(options.data), ready);
  RunnerOptions of_runner;
  of_runner.client = &client;
  of_runner.library = &library;
  of_runner.tokens = &tokens;
  of_runner.start = StartOf(options);
  of_runner.look_only = ready;
  of_runner.interrupted = interrupted;
  if (!ready) {
    of_runner.on_scenario = [&](const Scenario& scenario) { out << "  " << scenario.title << std::endl; };
    out << "playing, through the public API:\n";
  }
  ScenarioRunner runner(of_runner);
  SONGHUA_RETURN_IF_ERROR(Play(&runner, ready, options, out));
  const NextCommands next{ProgramPath(), address == kDefaultAddress ? "" : address, TokensOf(options.data)};
  if (options.story == Story::kYear) return PrintYear(next, out);
  if (options.story == Story::kLending) return PrintLending(&runner.conversation(), next, out);
  SONGHUA_RETURN_IF_ERROR(PrintSummary(&runner.conversation(), runner.refused(), out));
  SONGHUA_RETURN_IF_ERROR(WriteProof(&runner.conversation(), ProofsOf(options.data), ProgramPath(), out));
  return PrintNextCommands(&runner.conversation(), next, out);
}

int RunVerb(const api::cli::Invocation& invocation) {
  DemoOptions options;
  const bool lending = invocation.arguments.IsSet("lending");
  options.story = invocation.arguments.IsSet("year") ? Story::kYear : lending ? Story::kLending : Story::kMarket;
  if (lending && options.story == Story::kYear) {
    *invocation.io.err << "songhua demo: --year and --lending are two stories; name one\n";
    return api::cli::kExitUsage;
  }
  options.data = invocation.arguments.GetOr("data", options.story == Story::kYear ? "var/year" : lending ? "var/lending" : "var/demo");
  options.listen = invocation.arguments.All("listen");
  if (options.listen.empty()) options.listen = {kDefaultAddress};
  api::cli::Interrupts interrupts;  // before any thread
  absl::Status status = invocation.arguments.IsSet("fresh") ? RemoveDemo(options.data) : absl::OkStatus();
  if (status.ok()) status = RunDemo(options, [&] { return interrupts.Come(); }, [&] { interrupts.Wait(); }, *invocation.io.out);
  if (status.ok() || absl::IsCancelled(status)) return api::cli::kExitOk;
  *invocation.io.err << "songhua demo: " << std::string(status.message()) << '\n';
  return api::cli::kExitRefused;
}

}  // namespace

absl::StatusOr<ScenarioLibrary::Text> EmbeddedLibrary::Find(const std::string& name) const {
  for (size_t i = 0; i < kEmbeddedFilesCount; ++i) {
    const EmbeddedFile& file = kEmbeddedFiles[i];
    if (name == file.name) return Text{name + ".scenario", std::string(reinterpret_cast<const char*>(file.bytes), file.size)};
  }
  return absl::NotFoundError("there is no scenario '" + name + "' in this program");
}

absl::StatusOr<std::string> TokenFiles::TokenOf(const std::string& name) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string path, api::cli::TokenFile(directory_, name));
  auto token = api::cli::ReadTokenFile(path);
  if (token.ok() || !absl::IsNotFound(token.status()) || must_exist_) return token;
  token = api::cli::DrawToken();
  SONGHUA_RETURN_IF_ERROR(api::cli::WriteTokenFile(path, *token));
  return token;
}

absl::Status RemoveDemo(const std::string& data) {
  std::error_code error;
  if (!Exists(data)) return absl::OkStatus();
  if (IsInUse(StoreOf(data))) return absl::FailedPreconditionError("a service has the store in " + data + " open\nStop it first, or name another directory with --data DIR.");
  for (const auto& entry : fs::directory_iterator(data, error)) {
    const std::string name = entry.path().filename();
    if (name != "store" && name != "tokens" && name != "proofs" && name != "ready" && name != "ready.new") {
      return absl::FailedPreconditionError(data + " holds more than a demonstration (" + name + "), so it is not removed\nName another directory with --data DIR.");
    }
  }
  // Last what says that the rest is whole; first, so that a removal cut short leaves nothing that seems so.
  for (const std::string& path : {ReadyOf(data), StoreOf(data), TokensOf(data), ProofsOf(data), ReadyOf(data) + ".new"}) {
    if (!error) fs::remove_all(path, error);
  }
  return error ? absl::UnavailableError("removing " + data + ": " + error.message()) : absl::OkStatus();
}

absl::Status RunDemo(const DemoOptions& options, const std::function<bool()>& interrupted, const std::function<void()>& serve, std::ostream& out) {
  const bool ready = Exists(ReadyOf(options.data));
  if (ready && !api::cli::StoreExists(StoreOf(options.data))) {
    return absl::FailedPreconditionError("there is no store in " + options.data + " any more\n--fresh begins anew.");
  }
  SONGHUA_ASSIGN_OR_RETURN(const std::unique_ptr<api::Server> server, Start(options));
  out << "songhua " << api::cli::Version() << ", the demonstration market of Jilin in " << options.data << " at " << AddressOf(options, *server) << '\n';
  const absl::Status shown = PlayAndShow(options, *server, ready, interrupted, out);
  if (shown.ok()) {
    out << "\nserving; Ctrl-C stops it" << std::endl;
    serve();
  }
  out << "stopping: answering what was taken in" << std::endl;
  server->Drain();
  if (shown.ok() && options.story == Story::kMarket) SONGHUA_RETURN_IF_ERROR(CheckProof(ProofsOf(options.data), out));
  out << (absl::IsCancelled(shown) ? "stopped before the demonstration was complete; the same command goes on with it" : "stopped") << std::endl;
  return shown;
}

api::cli::Verb DemoVerb() {
  api::cli::Verb verb;
  verb.words = {"demo"};
  verb.group = "service";
  verb.summary = "A living market of Jilin to look at and to try";
  verb.description =
      "Opens a virtual store, serves it, and where it is new brings up fifteen companies in four cities on two rivers, their officers, banks and a court: "
      "permits, rights, a trading day, pledges, a freeze and what is refused, all through the public API. Prints who holds what and what to try next, and "
      "serves until SIGINT or SIGTERM. Started again, it continues on the same data. Its clock stands still until somebody moves it.";
  verb.flags = {
      {"year", "", "Instead of the market's first week, a year of rights in some seconds: allocated, paid for, sold, leased, bought back, compared; in var/year"},
      {"lending", "", "Or a bank that lends on a right: the value falls, the works is stopped, the loan is not paid, an auction; in var/lending"},
      {"data", "DIR", "Where its store and the tokens of its people lie. Default: var/demo"},
      {"listen", "HOST:PORT", "Where to listen; also unix:PATH. Default: 127.0.0.1:50051", true},
      {"fresh", "", "Remove what is there and begin anew"},
  };
  verb.examples = {
      {"demo", "The market on 127.0.0.1:50051, its people's tokens in var/demo/tokens"},
      {"demo --year --listen 127.0.0.1:50052", "A whole year of rights beside it"},
      {"demo --data /tmp/jilin --listen 127.0.0.1:0 --fresh", "Anew, somewhere else, on a free port"},
  };
  verb.run = RunVerb;
  return verb;
}

}  // namespace songhua::simulations
