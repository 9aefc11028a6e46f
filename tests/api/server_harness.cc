#include "tests/api/server_harness.h"

#include <future>

#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/byte_buffer.h"

namespace songhua::api {

Timestamp HeldClock::Now() {
  std::unique_lock<std::mutex> lock(mutex_);
  ++standing_;
  changed_.notify_all();
  changed_.wait(lock, [this] { return !held_; });
  --standing_;
  return Clock::Real()->Now();
}

int64_t HeldClock::SteadyMicros() { return Clock::Real()->SteadyMicros(); }

void HeldClock::Hold() {
  const std::lock_guard<std::mutex> lock(mutex_);
  held_ = true;
}

void HeldClock::WaitUntilSomebodyStands() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return standing_ > 0; });
}

void HeldClock::Go() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    held_ = false;
  }
  changed_.notify_all();
}

ServerHarness::ServerHarness(ClockMode mode, int64_t orders_per_second) : mode_(mode), orders_per_second_(orders_per_second) { Open(); }

void ServerHarness::Restart() {
  server_.reset();
  Open();
}

void ServerHarness::Open() {
  ServerOptions options;
  options.engine.store.path = path();
  options.engine.store.create_if_missing = true;
  options.engine.store.identity.store_id = "test";
  options.engine.genesis = Genesis{mode_, kTestStart, TokenHash("operator-token")};
  options.engine.clock = &clock_;
  options.listen = {"127.0.0.1:0"};
  options.orders_per_second = orders_per_second_;
  auto server = Server::Start(std::move(options));
  if (!server.ok()) {
    std::fprintf(stderr, "%s\n", server.status().ToString().c_str());
    std::abort();
  }
  server_ = *std::move(server);
  channel_ = NewChannel();
}

ServerHarness::~ServerHarness() { clock_.Go(); }

std::shared_ptr<grpc::Channel> ServerHarness::NewChannel() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // windows stay as they are, so that a slow reader is seen to be one
  return grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(server_->port()), grpc::InsecureChannelCredentials(), arguments);
}

void ServerHarness::AddToken(grpc::ClientContext* context, const std::string& token) {
  if (!token.empty()) context->AddMetadata("authorization", "Bearer " + token);
}

Reply MakeReply(const grpc::Status& status, std::string answer) {
  Reply reply;
  reply.answer = std::move(answer);
  if (status.ok()) return reply;
  reply.details.ParseFromString(status.error_details());
  for (const auto& any : reply.details.details()) {
    if (any.Is<google::rpc::ErrorInfo>()) any.UnpackTo(&reply.info);
    if (any.Is<google::rpc::BadRequest>()) any.UnpackTo(&reply.bad_request);
  }
  const auto code = static_cast<absl::StatusCode>(status.error_code());
  if (reply.info.reason().empty()) {
    reply.status = absl::Status(code, status.error_message());
    return reply;
  }
  const auto& metadata = reply.info.metadata();
  const auto text = [&](const char* key) { return metadata.count(key) > 0 ? metadata.at(key) : std::string(); };
  reply.status = RestoreRefusal(code, status.error_message(),
                                RefusalDetail{reply.info.reason(), text("rule"), text("field"), text("value"), text("accepted")});
  return reply;
}

std::future<Reply> ServerHarness::Start(const std::string& rpc, const std::string& bytes, const std::string& token,
                                        std::chrono::milliseconds timeout) {
  struct Pending {
    grpc::ClientContext context;
    grpc::ByteBuffer request, answer;
    std::promise<Reply> done;
  };
  auto pending = std::make_shared<Pending>();
  AddToken(&pending->context, token);
  pending->context.set_deadline(std::chrono::system_clock::now() + timeout);
  grpc::Slice slice(bytes);
  pending->request = grpc::ByteBuffer(&slice, 1);
  std::future<Reply> reply = pending->done.get_future();
  grpc::GenericStub(channel_).UnaryCall(&pending->context, rpc.front() == '/' ? rpc : "/songhua.v1." + rpc, grpc::StubOptions(),
                                        &pending->request, &pending->answer, [pending](const grpc::Status& status) {
                                          std::string text;
                                          std::vector<grpc::Slice> slices;
                                          if (status.ok() && pending->answer.Dump(&slices).ok()) {
                                            for (const grpc::Slice& part : slices) {
                                              text.append(reinterpret_cast<const char*>(part.begin()), part.size());
                                            }
                                          }
                                          pending->done.set_value(MakeReply(status, std::move(text)));
                                        });
  return reply;
}

Reply ServerHarness::Call(const std::string& rpc, const std::string& bytes, const std::string& token, std::chrono::milliseconds timeout) {
  return Start(rpc, bytes, token, timeout).get();
}

absl::StatusOr<std::string> ServerHarness::Send(const Method& method, const google::protobuf::Message& request, const std::string& token) {
  Reply reply = Call(method.name.substr(std::string("songhua.v1.").size()), request.SerializeAsString(), token);
  if (!reply.status.ok()) return reply.status;
  return std::move(reply.answer);
}

}  // namespace songhua::api
