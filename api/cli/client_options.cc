#include <cstdlib>
#include <fstream>
#include <iterator>

#include "api/cli/client.h"
#include "api/cli/text.h"
#include "api/cli/tokens.h"
#include "ledger/refusal.h"

namespace songhua::api::cli {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

absl::StatusOr<std::string> ReadPem(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  const std::string pem{std::istreambuf_iterator<char>(in), {}};
  if (in && pem.find("-----BEGIN CERTIFICATE-----") != std::string::npos) return pem;
  return absl::InvalidArgumentError("--ca is '" + file + "'; accepted: a PEM file with certificates");
}

// The token of the one flag that was given, or of the environment.
absl::StatusOr<std::string> ReadToken(const Arguments& arguments) {
  const int given = arguments.Has("token") + arguments.Has("token-file") + arguments.Has("as");
  if (given > 1) return absl::InvalidArgumentError("--token, --token-file and --as each name a token; accepted: one of them");
  if (const std::string* token = arguments.Get("token")) return *token;
  if (const std::string* file = arguments.Get("token-file")) {
    auto token = ReadTokenFile(*file);
    if (!token.ok()) return absl::InvalidArgumentError(token.status().message());
    return token;
  }
  if (const std::string* person = arguments.Get("as")) {
    const std::string directory = TokenDirectory();
    SONGHUA_ASSIGN_OR_RETURN(const std::string path, TokenFile(directory, *person));
    auto token = ReadTokenFile(path);
    if (token.ok()) return token;
    const std::vector<std::string> people = PeopleWithTokens(directory);
    const std::string accepted = people.empty() ? "nobody, there are none in " + directory : Join(people, ", ");
    return absl::InvalidArgumentError(std::string(token.status().message()) + "; accepted: " + accepted +
                                      "; the environment's SONGHUA_TOKENS names another directory");
  }
  return Environment("SONGHUA_TOKEN");
}

}  // namespace

bool IsLoopback(const std::string& server) {
  const auto starts_with = [&](const std::string& start) { return server.compare(0, start.size(), start) == 0; };
  if (starts_with("unix:") || starts_with("[::1]:") || starts_with("localhost:") || server == "localhost") return true;
  // 127.x.x.x, and no name that merely begins so.
  const std::string host = server.substr(0, server.find(':'));
  return starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

absl::StatusOr<ClientOptions> ReadClientOptions(const Arguments& arguments) {
  ClientOptions options;
  const std::string from_environment = Environment("SONGHUA_SERVER");
  options.server = arguments.GetOr("server", from_environment.empty() ? options.server : from_environment);
  if (options.server.empty()) return absl::InvalidArgumentError("--server is empty; accepted: HOST:PORT");
  SONGHUA_ASSIGN_OR_RETURN(options.token, ReadToken(arguments));
  if (options.token.find_first_of(" \t\r\n") != std::string::npos) return absl::InvalidArgumentError("the token has blanks in it");
  if (const std::string* ca = arguments.Get("ca")) {
    SONGHUA_ASSIGN_OR_RETURN(options.ca_pem, ReadPem(*ca));
  }
  if (!options.token.empty() && options.ca_pem.empty() && !IsLoopback(options.server)) {
    return absl::InvalidArgumentError("the token would travel to " + options.server +
                                      " in clear; accepted: --ca FILE, so that the call is encrypted");
  }
  SONGHUA_ASSIGN_OR_RETURN(options.deadline_seconds, arguments.Integer("deadline", options.deadline_seconds, 1, 3600));
  if (arguments.Has("deadline")) options.stream_deadline_seconds = options.deadline_seconds;
  return options;
}

absl::StatusOr<std::unique_ptr<Channel>> ConnectGrpc(const Arguments& arguments) {
  SONGHUA_ASSIGN_OR_RETURN(const ClientOptions options, ReadClientOptions(arguments));
  return NewGrpcChannel(options);
}

}  // namespace songhua::api::cli
