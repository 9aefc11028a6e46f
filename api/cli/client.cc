#include "api/cli/client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/byte_buffer.h>

#include <chrono>
#include <cstdlib>
#include <vector>

#include "ledger/check.h"

namespace songhua::api::cli {
namespace {

constexpr int kDeadlineExceeded = 4, kUnavailable = 14;
// A page of 1,000 rows with long names fits many times over.
constexpr int kAnswerBytesMax = 64 << 20;

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices) bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

class GrpcChannel : public Channel {
 public:
  explicit GrpcChannel(const ClientOptions& options) : options_(options) {
    ::setenv("GRPC_VERBOSITY", "NONE", 0);  // gRPC's own log would stand between the lines of an error that we print better
    grpc::ChannelArguments arguments;
    arguments.SetMaxReceiveMessageSize(kAnswerBytesMax);
    arguments.SetUserAgentPrefix("songhua-cli");
    std::shared_ptr<grpc::ChannelCredentials> credentials = grpc::InsecureChannelCredentials();
    if (!options.ca_pem.empty()) {
      grpc::SslCredentialsOptions tls;
      tls.pem_root_certs = options.ca_pem;
      credentials = grpc::SslCredentials(tls);
    }
    stub_ = std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(options.server, credentials, arguments));
  }

  CallStatus Unary(const std::string& path, const std::string& request, std::string* answer) override {
    grpc::ClientContext context;
    Prepare(options_.deadline_seconds, &context);
    grpc::CompletionQueue queue;
    auto call = stub_->PrepareUnaryCall(&context, path, ToBuffer(request), &queue);
    call->StartCall();
    grpc::ByteBuffer buffer;
    grpc::Status status;
    call->Finish(&buffer, &status, nullptr);
    Wait(&queue);
    if (status.ok()) *answer = ToString(buffer);
    return Describe(status);
  }

  CallStatus Stream(const std::string& path, const std::function<std::optional<std::string>()>& next, bool in_turn,
                    const std::function<bool(const std::string&)>& on_answer) override {
    grpc::ClientContext context;
    Prepare(options_.stream_deadline_seconds, &context);
    grpc::CompletionQueue queue;
    auto call = stub_->PrepareCall(&context, path, &queue);
    call->StartCall(nullptr);
    bool stopped = false;  // by us
    const auto read = [&] {
      grpc::ByteBuffer buffer;
      call->Read(&buffer, nullptr);
      if (!Wait(&queue)) return false;
      stopped = !on_answer(ToString(buffer));
      return !stopped;
    };
    bool going = Wait(&queue);
    while (going) {
      const std::optional<std::string> request = next();
      if (!request.has_value()) break;
      call->Write(ToBuffer(*request), nullptr);
      going = Wait(&queue) && (!in_turn || read());
    }
    if (going) {
      call->WritesDone(nullptr);
      Wait(&queue);
      while (read()) {
      }
    }
    if (stopped) context.TryCancel();
    grpc::Status status;
    call->Finish(&status, nullptr);
    Wait(&queue);
    return stopped ? CallStatus() : Describe(status);
  }

 private:
  void Prepare(int64_t deadline_seconds, grpc::ClientContext* context) const {
    if (deadline_seconds > 0) context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(deadline_seconds));
    if (!options_.token.empty()) context->AddMetadata("authorization", "Bearer " + options_.token);
  }

  // The one operation in progress is done; false: it failed.
  static bool Wait(grpc::CompletionQueue* queue) {
    void* tag = nullptr;
    bool ok = false;
    SONGHUA_CHECK(queue->Next(&tag, &ok));
    return ok;
  }

  CallStatus Describe(const grpc::Status& status) const {
    CallStatus described{status.error_code(), status.error_message(), status.error_details()};
    if (described.code == kUnavailable && described.details.empty()) {
      const bool refused = status.error_message().find("Connection refused") != std::string::npos;
      described.message = "no service answers at " + options_.server + "; `./run` starts one, --server names another" +
                          (refused ? "" : " (" + status.error_message() + ")");
    }
    if (described.code == kDeadlineExceeded && described.details.empty()) {
      described.message = "none came in the time that --deadline gives";
    }
    return described;
  }

  const ClientOptions options_;
  std::unique_ptr<grpc::GenericStub> stub_;
};

}  // namespace

std::unique_ptr<Channel> NewGrpcChannel(const ClientOptions& options) { return std::make_unique<GrpcChannel>(options); }

std::string GrpcVersion() { return grpc::Version(); }

}  // namespace songhua::api::cli
