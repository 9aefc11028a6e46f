// A real server on loopback with a real client channel: bytes go over a socket. The port is the system's choice.
#ifndef SONGHUA_TESTS_API_SERVER_HARNESS_H_
#define SONGHUA_TESTS_API_SERVER_HARNESS_H_

#include <chrono>
#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/server.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "tests/api/engine_harness.h"
#include "tests/api/world.h"

namespace songhua::api {

// The clock of a server under test. While it is held, the state machine's thread stands still before its next message, so what is submitted
// waits.
class HeldClock : public Clock {
 public:
  Timestamp Now() override;
  int64_t SteadyMicros() override;
  void Hold();
  // Returns when a thread stands still. Called while no message is in the engine, so that it stands before the next one is taken.
  void WaitUntilSomebodyStands();
  void Go();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  int standing_ = 0;
};

// What came of a call: the status as gRPC gave it, its details, the answer's bytes.
struct Reply {
  absl::Status status;  // with the refusal, if the details have one
  google::rpc::Status details;
  std::string answer;
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad_request;
};

class ServerHarness : public Transport {
 public:
  explicit ServerHarness(ClockMode mode = ClockMode::kVirtual, int64_t orders_per_second = 0);
  ~ServerHarness() override;

  absl::StatusOr<std::string> Send(const Method& method, const google::protobuf::Message& request, const std::string& token) override;
  // A call of bytes that may be anything; `rpc` is "Ledger/GetLot", or a whole path.
  // Start returns when it is on its way; calls of one channel reach the server in their order.
  std::future<Reply> Start(const std::string& rpc, const std::string& bytes, const std::string& token,
                           std::chrono::milliseconds timeout = std::chrono::minutes(1));
  Reply Call(const std::string& rpc, const std::string& bytes, const std::string& token,
             std::chrono::milliseconds timeout = std::chrono::minutes(1));

  std::shared_ptr<grpc::Channel> channel() { return channel_; }
  // Another connection.
  std::shared_ptr<grpc::Channel> NewChannel();
  Server& server() { return *server_; }
  // The store's directory; it may be opened by others after Stop.
  std::string path() const { return directory_.path() + "/store"; }
  void Stop() { server_.reset(); }
  // Another server over the same store, on another port.
  void Restart();
  HeldClock& clock() { return clock_; }
  static void AddToken(grpc::ClientContext* context, const std::string& token);

 private:
  void Open();

  const ClockMode mode_;
  const int64_t orders_per_second_;
  TemporaryDirectory directory_;
  HeldClock clock_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

// The status that a client makes of a grpc::Status, the refusal taken out of its details.
Reply MakeReply(const grpc::Status& status, std::string answer);

}  // namespace songhua::api

#endif  // SONGHUA_TESTS_API_SERVER_HARNESS_H_
