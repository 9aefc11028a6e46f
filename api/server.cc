#include "api/server.h"

#include <utility>

#include "api/log_keys.h"
#include "api/market_data/book_publisher.h"
#include "api/reads/collateral_watch.h"
#include "api/reads/deadline_feed.h"
#include "api/reads/order_watch.h"
#include "api/reads/read_side.h"
#include "api/services/parts.h"
#include "api/services/table_service.h"
#include "api/tls.h"
#include "google/protobuf/stubs/logging.h"
#include "grpcpp/ext/proto_server_reflection_plugin.h"
#include "grpcpp/health_check_service_interface.h"
#include "grpcpp/resource_quota.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "ledger/bounds.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

// Limits of connections. A client may ping at most so often, and is pinged when it is silent, so that vanished ones are noticed.
constexpr int kKeepaliveTimeMs = 60'000;
constexpr int kKeepaliveTimeoutMs = 20'000;
constexpr int kPingIntervalMinMs = 20'000;
constexpr int kCallsPerConnectionMax = 4'096;
constexpr size_t kGrpcMemoryBytesMax = 512 * bounds::kMiB;

std::string HostOf(const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = colon == std::string::npos ? "" : address.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return host;
}

bool IsPort(const std::string& text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == std::string::npos && std::stoi(text) <= 65'535;
}

// 127.0.0.0/8 in its usual form.
bool IsLoopbackV4(const std::string& host) {
  int parts = 0;
  size_t start = 0;
  while (start <= host.size()) {
    const size_t dot = std::min(host.find('.', start), host.size());
    const std::string part = host.substr(start, dot - start);
    if (!IsPort(part) || std::stoi(part) > 255) return false;
    ++parts;
    start = dot + 1;
  }
  return parts == 4 && host.rfind("127.", 0) == 0;
}

}  // namespace

absl::StatusOr<std::string> CheckListenAddress(const std::string& address, bool encrypted) {
  if (address.rfind("unix:", 0) == 0 || address.rfind("unix-abstract:", 0) == 0) return address;
  const std::string host = HostOf(address);
  const std::string port = address.substr(address.rfind(':') + 1);
  if (host.empty() || !IsPort(port)) return InvalidField("listen", address, "host:port, [ipv6]:port or unix:/path");
  if (host == "localhost") return "127.0.0.1:" + port;
  if (encrypted || host == "::1" || IsLoopbackV4(host)) return address;
  return Refuse(absl::StatusCode::kFailedPrecondition, "UNENCRYPTED_LISTENER")
      .Field("listen")
      .Value(address)
      .Accepted(
          "127.0.0.0/8, [::1] or unix:, or a TLS key and certificate: other machines can reach this address, and tokens would travel in "
          "the clear");
}

struct Server::Parts {
  ServerOptions options;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<DocumentFiles> documents;
  std::unique_ptr<LogKeys> log_keys;
  std::unique_ptr<BookPublisher> books;
  std::unique_ptr<DeadlineFeed> deadlines;
  std::unique_ptr<ChangeFeed> orders;
  std::unique_ptr<ChangeFeed> collateral;
  std::unique_ptr<ReadSide> reads;
  std::unique_ptr<TaskPool> pool;
  AnswerThread answers;
  StreamRegistry streams;
  std::unique_ptr<OrderRate> order_rate;
  ServiceParts of_services;
  std::vector<std::unique_ptr<grpc::Service>> services;
  std::vector<int> ports;
  std::unique_ptr<grpc::Server> server;
  bool drained = false;

  absl::Status Open() {
    SONGHUA_ASSIGN_OR_RETURN(engine, Engine::Open(options.engine));
    SONGHUA_ASSIGN_OR_RETURN(documents, DocumentFiles::Open(options.engine.store.path));
    SONGHUA_ASSIGN_OR_RETURN(log_keys, LogKeys::Open(options.engine.store.path, engine->store().identity().store_id));
    books = std::make_unique<BookPublisher>(engine.get());
    deadlines = std::make_unique<DeadlineFeed>(engine.get());
    const EngineRow& start = engine->state_at_start().engine();
    orders = std::make_unique<ChangeFeed>(reads::OrderEvents(), start.last_sequence, start.last_time,
                                          ChangeFeed::Bounds{bounds::kFeedBytesMax, bounds::kFeedGroupsMax, bounds::kOrderFeedChangesMax});
    engine->AddListener([this](const ReleasedGroup& group) { orders->OnGroup(group); });
    collateral = std::make_unique<ChangeFeed>(reads::CollateralEvents(), start.last_sequence, start.last_time,
                                              ChangeFeed::Bounds{bounds::kFeedBytesMax, bounds::kFeedGroupsMax, bounds::kCollateralFeedChangesMax});
    engine->AddListener([this](const ReleasedGroup& group) { collateral->OnGroup(group); });
    reads = std::make_unique<ReadSide>(
        ReadSide::Options{.store = &engine->store(), .engine = engine.get(), .books = books.get(), .clock = options.engine.clock,
                          .log_keys = log_keys.get()});
    pool = std::make_unique<TaskPool>(options.read_threads, bounds::kReadsMax, engine->store().published_sequence());
    // After the books have taken a group over, so that who waits for a sequence sees it in them too.
    engine->AddListener([this](const ReleasedGroup& group) { pool->Release(group.last_sequence); });
    order_rate = std::make_unique<OrderRate>(options.orders_per_second);
    of_services = {engine.get(), reads.get(), books.get(), deadlines.get(), orders.get(), collateral.get(), pool.get(), &answers, &streams, order_rate.get(),
                   documents.get()};
    engine->Start();
    return absl::OkStatus();
  }

  absl::Status Listen() {
    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::ServerBuilder builder;
    std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
    const bool encrypted = !options.tls_certificate_path.empty() || !options.tls_key_path.empty();
    if (encrypted) {
      SONGHUA_ASSIGN_OR_RETURN(credentials, TlsCredentials(options.tls_certificate_path, options.tls_key_path));
    }
    if (options.listen.empty()) return InvalidField("listen", "", "at least one address");
    ports.assign(options.listen.size(), 0);
    for (size_t i = 0; i < options.listen.size(); ++i) {
      SONGHUA_ASSIGN_OR_RETURN(const std::string address, CheckListenAddress(options.listen[i], encrypted));
      builder.AddListeningPort(address, credentials, &ports[i]);
    }
    SetLimits(builder);
    const auto& pool_of_descriptors = *google::protobuf::DescriptorPool::generated_pool();
    for (const std::string& name : ServiceNames()) {
      services.push_back(MakeService(*pool_of_descriptors.FindServiceByName(name), of_services));
      builder.RegisterService(services.back().get());
    }
    server = builder.BuildAndStart();
    for (size_t i = 0; i < ports.size(); ++i) {
      const bool socket = options.listen[i].rfind("unix", 0) == 0;
      if (server == nullptr || (ports[i] == 0 && !socket)) {
        return Refuse(absl::StatusCode::kUnavailable, "ADDRESS_NOT_BOUND")
            .Field("listen")
            .Value(options.listen[i])
            .Accepted("an address of this machine that no other program listens on");
      }
      if (socket) ports[i] = 0;
    }
    SetServing(true);
    return absl::OkStatus();
  }

  static void SetLimits(grpc::ServerBuilder& builder) {
    builder.SetMaxReceiveMessageSize(static_cast<int>(bounds::kRequestBytesMax));
    builder.SetMaxSendMessageSize(-1);  // answers are bounded where they are made
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveTimeMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, kPingIntervalMinMs);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kCallsPerConnectionMax);
    grpc::ResourceQuota quota("songhua");
    quota.Resize(kGrpcMemoryBytesMax);
    builder.SetResourceQuota(quota);
  }

  void SetServing(bool serving) {
    auto* health = server->GetHealthCheckService();
    health->SetServingStatus(serving);
    for (const std::string& name : ServiceNames()) health->SetServingStatus(name, serving);
  }

  void Drain() {
    if (drained) return;
    drained = true;
    if (server != nullptr) {
      SetServing(false);
      streams.Drain();
      pool->Close();  // a read that waits for a sequence would wait in vain
      // Refuses new calls and waits for those in progress, which the engine still answers.
      server->Shutdown(std::chrono::system_clock::now() + options.drain_timeout);
    }
    if (engine != nullptr) engine->Stop();
    answers.Close();
    server.reset();
  }
};

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Server::~Server() { Drain(); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options) {
  // What protobuf would print of a caller's malformed bytes, the caller is told instead.
  google::protobuf::SetLogHandler([](google::protobuf::LogLevel, const char*, int, const std::string&) {});
  const bool encrypted = !options.tls_certificate_path.empty() || !options.tls_key_path.empty();
  for (const std::string& address : options.listen) SONGHUA_RETURN_IF_ERROR(CheckListenAddress(address, encrypted).status());
  auto parts = std::make_unique<Parts>();
  parts->options = std::move(options);
  std::unique_ptr<Server> server(new Server(std::move(parts)));
  SONGHUA_RETURN_IF_ERROR(server->parts_->Open());
  SONGHUA_RETURN_IF_ERROR(server->parts_->Listen());
  return server;
}

int Server::port(size_t i) const { return parts_->ports[i]; }
Engine& Server::engine() { return *parts_->engine; }
void Server::Drain() { parts_->Drain(); }

}  // namespace songhua::api
