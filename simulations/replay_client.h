// Calls of the public API for replays: real stubs, some dozens of calls in flight, answers handed back on the caller's own thread.
//
//   ReplayClient client(service->channel(), "20250501");
//   client.Start(&v1::Ledger::StubInterface::async_interface::IssueUnits, ledger->async(), token, request,
//                [&](absl::StatusOr<v1::TransactionAnswer> answer) { ... });
//   client.Drain();       // everything that was started has been answered and handed back
//
// Calls that are in flight together arrive in any order; what must follow another call waits for Drain, or uses Call. Writes get request
// ids of their own. A refusal comes back as the absl::Status that the service made, with its reason (GetRefusal). One thread; answers are
// handed over inside Start, Call and Drain.
#ifndef SONGHUA_SIMULATIONS_REPLAY_CLIENT_H_
#define SONGHUA_SIMULATIONS_REPLAY_CLIENT_H_

#include <algorithm>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/statusor.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/support/status.h"

namespace songhua::simulations {

// "NO_SUCH_REASON: message", or the message alone where the service gave no reason.
std::string Described(const absl::Status& status);
// The reason of a refusal, otherwise the code's name.
std::string ReasonOf(const absl::Status& status);

class ReplayClient {
 public:
  static constexpr size_t kInFlightMax = 64;

  // `date`: the service's today, "20250501", with which request ids begin.
  explicit ReplayClient(std::string date) : date_(std::move(date)) {}
  // Waits for what is in flight; its answers are dropped.
  ~ReplayClient();
  ReplayClient(const ReplayClient&) = delete;
  ReplayClient& operator=(const ReplayClient&) = delete;

  template <class Async, class Request, class Answer>
  using Method = void (Async::*)(grpc::ClientContext*, const Request*, Answer*, std::function<void(grpc::Status)>);

  // Sends the request with the token. Waits while kInFlightMax calls are in flight.
  template <class Async, class Request, class Answer>
  void Start(Method<Async, Request, Answer> method, std::type_identity_t<Async>* stub, const std::string& token,
             std::type_identity_t<Request> request, std::type_identity_t<std::function<void(absl::StatusOr<Answer>)>> then) {
    if constexpr (requires { request.request_id(); }) request.set_request_id(date_ + "-replay-" + std::to_string(++requests_));
    struct InFlight {
      grpc::ClientContext context;
      Request request;
      Answer answer;
    };
    auto call = std::make_shared<InFlight>();
    call->request = std::move(request);
    Prepare(&call->context, token);
    TakePlace();
    (stub->*method)(&call->context, &call->request, &call->answer, [this, call, then = std::move(then)](grpc::Status status) {
      Finish([this, call, then, status = std::move(status)] {
        if (!status.ok()) return then(FromGrpc(status));
        if constexpr (requires { call->answer.header(); }) last_sequence_ = std::max(last_sequence_, call->answer.header().sequence());
        then(std::move(call->answer));
      });
    });
  }

  // The same, and waits for this answer and all others.
  template <class Async, class Request, class Answer>
  absl::StatusOr<Answer> Call(Method<Async, Request, Answer> method, std::type_identity_t<Async>* stub, const std::string& token,
                              std::type_identity_t<Request> request) {
    absl::StatusOr<Answer> result = absl::UnknownError("no answer");
    Start(method, stub, token, std::move(request), [&](absl::StatusOr<Answer> answer) { result = std::move(answer); });
    Drain();
    return result;
  }

  // Waits until nothing is in flight.
  void Drain();
  // Waits for one answer and hands it over. REQUIRES: in_flight() > 0.
  void HandOverOne();
  size_t in_flight() const { return in_flight_; }

  // The highest sequence of an answer so far: reads that ask for it see everything that was answered.
  uint64_t last_sequence() const { return last_sequence_; }
  uint64_t calls() const { return calls_; }

 private:
  static void Prepare(grpc::ClientContext* context, const std::string& token);
  static absl::Status FromGrpc(const grpc::Status& status);
  void TakePlace();
  void Finish(std::function<void()> hand_over);  // any thread

  const std::string date_;
  uint64_t requests_ = 0;
  uint64_t calls_ = 0;
  uint64_t last_sequence_ = 0;
  size_t in_flight_ = 0;  // started and not handed over
  std::mutex mutex_;
  std::condition_variable finished_;
  std::deque<std::function<void()>> done_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_REPLAY_CLIENT_H_
