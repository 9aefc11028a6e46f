#include "simulations/echo_exchange.h"

#include <grpcpp/grpcpp.h>

#include <atomic>
#include <cstdint>
#include <utility>

#include "songhua/v1/exchange.grpc.pb.h"

namespace songhua::simulations {
namespace {

constexpr uint64_t kFirstOrder = 3'000'000;  // numbers as long as those of a market with some orders behind it

class Service final : public v1::Exchange::CallbackService {
 public:
  grpc::ServerBidiReactor<v1::OrderBatch, v1::OrderBatchAnswer>* StreamOrders(grpc::CallbackServerContext*) override { return new Stream(&orders_); }

 private:
  // Reads a batch, writes its answer, reads the next.
  class Stream final : public grpc::ServerBidiReactor<v1::OrderBatch, v1::OrderBatchAnswer> {
   public:
    explicit Stream(std::atomic<uint64_t>* orders) : orders_(orders) { StartRead(&batch_); }

    void OnReadDone(bool ok) override {
      if (!ok) return Finish(grpc::Status::OK);
      answer_.Clear();
      answer_.mutable_header()->set_sequence(orders_->load(std::memory_order_relaxed));
      answer_.set_stream(batch_.stream());
      answer_.set_number(batch_.number());
      answer_.mutable_results()->Reserve(batch_.commands_size());
      uint64_t order = orders_->fetch_add(batch_.commands_size(), std::memory_order_relaxed);
      for (const v1::OrderCommand& command : batch_.commands()) {
        v1::OrderResult* result = answer_.add_results();
        result->set_order(command.order() != 0 ? command.order() : order);
        result->set_open_quantity(command.quantity());
        ++order;
      }
      StartWrite(&answer_);
    }
    void OnWriteDone(bool ok) override {
      if (!ok) return Finish(grpc::Status::OK);
      StartRead(&batch_);
    }
    void OnDone() override { delete this; }

   private:
    std::atomic<uint64_t>* orders_;
    v1::OrderBatch batch_;
    v1::OrderBatchAnswer answer_;
  };

  std::atomic<uint64_t> orders_{kFirstOrder};
};

}  // namespace

struct EchoExchange::Parts {
  Service service;
  std::unique_ptr<grpc::Server> server;
  std::string address;
};

EchoExchange::EchoExchange(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

absl::StatusOr<std::unique_ptr<EchoExchange>> EchoExchange::Start() {
  auto parts = std::make_unique<Parts>();
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&parts->service);
  parts->server = builder.BuildAndStart();
  if (parts->server == nullptr || port == 0) return absl::UnavailableError("the echo service found no port of 127.0.0.1 to listen on");
  parts->address = "127.0.0.1:" + std::to_string(port);
  return std::unique_ptr<EchoExchange>(new EchoExchange(std::move(parts)));
}

EchoExchange::~EchoExchange() { parts_->server->Shutdown(std::chrono::system_clock::now()); }

const std::string& EchoExchange::address() const { return parts_->address; }

}  // namespace songhua::simulations
