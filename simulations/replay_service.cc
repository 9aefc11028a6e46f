#include "simulations/replay_service.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <random>
#include <string_view>

#include "api/server.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "ledger/refusal.h"
#include "ledger/sha256.h"
#include "songhua/v1/operations.grpc.pb.h"

namespace songhua::simulations {
namespace {

using AsyncParticipants = v1::Participants::StubInterface::async_interface;

// A Unix socket's path has room for about this much.
constexpr size_t kSocketPathBytesMax = 100;

std::string DrawToken() {
  std::random_device device;
  std::string token;
  for (int i = 0; i < 40; ++i) token += "0123456789abcdef"[device() % 16];
  return token;
}

// "20250501"
std::string CompactDate(Date date) {
  std::string text = FormatDate(date);
  std::erase(text, '-');
  return text;
}

}  // namespace

struct ReplayService::Running {
  std::string directory;
  std::unique_ptr<api::Server> server;

  ~Running() {
    server.reset();
    std::error_code ignored;
    if (!directory.empty()) std::filesystem::remove_all(directory, ignored);
  }
};

ReplayService::ReplayService() = default;
ReplayService::~ReplayService() {
  client_.reset();  // before the server, so that nothing is in flight when it drains
  ledger_.reset();
  participants_.reset();
  channel_.reset();
}

absl::StatusOr<std::unique_ptr<ReplayService>> ReplayService::Start(Date today) {
  std::unique_ptr<ReplayService> service(new ReplayService());
  service->running_ = std::make_unique<Running>();
  service->today_ = today;
  service->operator_token_ = DrawToken();

  std::error_code error;
  std::string pattern = (std::filesystem::temp_directory_path(error) / "songhua-replay-XXXXXX").string();
  if (error || mkdtemp(pattern.data()) == nullptr) {
    return absl::UnavailableError("no directory for the replay's store can be made at " + pattern + ": " + std::strerror(errno));
  }
  service->running_->directory = pattern;

  api::ServerOptions options;
  options.engine.store.path = pattern + "/store";
  options.engine.store.create_if_missing = true;
  options.engine.store.identity.store_id = "replay";
  const Timestamp start(StartOfDay(today).value() + 9 * 3600 * kMicrosPerSecond);
  options.engine.genesis = api::Genesis{ClockMode::kVirtual, start, ToHex(Sha256Of(service->operator_token_))};
  const std::string socket = pattern + "/socket";
  const bool fits = socket.size() <= kSocketPathBytesMax;
  options.listen = {fits ? "unix:" + socket : "127.0.0.1:0"};
  SONGHUA_ASSIGN_OR_RETURN(service->running_->server, api::Server::Start(options));
  const std::string address = fits ? "unix:" + socket : "127.0.0.1:" + std::to_string(service->running_->server->port());
  service->channel_ = grpc::CreateChannel(address, grpc::InsecureChannelCredentials());
  service->client_ = std::make_unique<ReplayClient>(CompactDate(today));
  service->ledger_ = v1::Ledger::NewStub(service->channel_);
  service->participants_ = v1::Participants::NewStub(service->channel_);
  return service;
}

absl::StatusOr<std::string> ReplayService::AddPerson(const std::string& id, const std::string& participant, v1::Role role,
                                                     const std::string& region) {
  v1::CreatePersonRequest person;
  person.mutable_person()->set_name("people/" + id);
  person.mutable_person()->set_participant("participants/" + participant);
  person.mutable_person()->set_display_name(id);
  v1::RoleGrant* grant = person.mutable_person()->add_roles();
  grant->set_role(role);
  grant->set_region(region);
  SONGHUA_RETURN_IF_ERROR(client_->Call(&AsyncParticipants::CreatePerson, participants(), operator_token_, person).status());
  std::string token = DrawToken();
  v1::CreateTokenRequest admit;
  admit.set_person("people/" + id);
  const Digest hash = Sha256Of(token);
  admit.set_token_sha256(std::string(hash.begin(), hash.end()));
  SONGHUA_ASSIGN_OR_RETURN(const Date expiry, AddDays(today_, 30));
  admit.mutable_expire_time()->set_seconds(StartOfDay(expiry).value() / kMicrosPerSecond);
  SONGHUA_RETURN_IF_ERROR(client_->Call(&AsyncParticipants::CreateToken, participants(), operator_token_, admit).status());
  return token;
}

absl::StatusOr<std::vector<std::string>> ReplayService::Reconcile() {
  const auto operations = v1::Operations::NewStub(channel_);
  v1::ReconcileRequest request;
  request.mutable_options()->set_at_least_sequence(client_->last_sequence());
  SONGHUA_ASSIGN_OR_RETURN(const std::string token, RegistryToken());
  SONGHUA_ASSIGN_OR_RETURN(const v1::ReconcileAnswer answer,
                           client_->Call(&v1::Operations::StubInterface::async_interface::Reconcile, operations->async(), token, request));
  return std::vector<std::string>(answer.differences().begin(), answer.differences().end());
}

absl::StatusOr<std::string> ReplayService::RegistryToken() {
  if (registry_token_.empty()) {
    SONGHUA_ASSIGN_OR_RETURN(registry_token_, AddPerson("registry", "operator", v1::REGISTRY_OP, ""));
  }
  return registry_token_;
}

}  // namespace songhua::simulations
