// What the tests of the command line share: a service that answers from a table, and the program run on it.
#ifndef SONGHUA_TESTS_API_CLI_TESTING_H_
#define SONGHUA_TESTS_API_CLI_TESTING_H_

#include <functional>
#include <map>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/channel.h"
#include "api/cli/command.h"
#include "api/cli/verbs.h"
#include "google/protobuf/message.h"

namespace songhua::api::cli {

// Answers calls from handlers and keeps every request.
class FakeService {
 public:
  struct Call {
    std::string method;  // "Ledger/GetLot"
    std::string request;
  };
  using Handler = std::function<CallStatus(const std::string& request, std::string* answer)>;

  void On(const std::string& method, Handler handler) { handlers_[method] = std::move(handler); }
  void Answer(const std::string& method, const google::protobuf::Message& answer) {
    On(method, [bytes = answer.SerializeAsString()](const std::string&, std::string* out) {
      *out = bytes;
      return CallStatus();
    });
  }
  void Fail(const std::string& method, CallStatus status) {
    On(method, [status](const std::string&, std::string*) { return status; });
  }

  // A stream's answers to its one request.
  void Stream(const std::string& method, std::vector<std::string> answers) { streams_[method] = std::move(answers); }

  const std::vector<std::string>* StreamOf(const std::string& path) const {
    const auto found = streams_.find(MethodOf(path));
    return found != streams_.end() ? &found->second : nullptr;
  }
  CallStatus Handle(const std::string& path, const std::string& request, std::string* answer) {
    const std::string method = MethodOf(path);
    calls.push_back({method, request});
    const auto handler = handlers_.find(method);
    return handler != handlers_.end() ? handler->second(request, answer) : CallStatus{12, "the test answers no " + method, ""};
  }
  // The last request of a method. REQUIRES: there was one.
  template <class Request>
  Request Last(const std::string& method) const {
    Request request;
    for (const Call& call : calls) {
      if (call.method == method) request.ParseFromString(call.request);
    }
    return request;
  }
  bool WasCalled(const std::string& method) const {
    for (const Call& call : calls) {
      if (call.method == method) return true;
    }
    return false;
  }

  std::vector<Call> calls;

 private:
  // "Ledger/GetLot" of "/songhua.v1.Ledger/GetLot".
  static std::string MethodOf(const std::string& path) { return path.substr(path.find('.', path.find('.') + 1) + 1); }

  std::map<std::string, Handler> handlers_;
  std::map<std::string, std::vector<std::string>> streams_;
};

class FakeChannel : public Channel {
 public:
  explicit FakeChannel(FakeService* service) : service_(service) {}
  CallStatus Unary(const std::string& path, const std::string& request, std::string* answer) override {
    return service_->Handle(path, request, answer);
  }
  CallStatus Stream(const std::string& path, const std::function<std::optional<std::string>()>& next, bool,
                    const std::function<bool(const std::string&)>& on_answer) override {
    if (const std::vector<std::string>* answers = service_->StreamOf(path)) {
      for (const std::string& answer : *answers) {
        if (!on_answer(answer)) break;
      }
      return CallStatus();
    }
    while (const auto request = next()) {
      std::string answer;
      const CallStatus status = service_->Handle(path, *request, &answer);
      if (!status.ok()) return status;
      if (!on_answer(answer)) break;
    }
    return CallStatus();
  }

 private:
  FakeService* service_;
};

struct Ran {
  int code = 0;
  std::string out;
  std::string err;
};

// Runs the whole program's verbs on the fake service.
inline Ran RunSonghua(FakeService* service, const std::vector<std::string>& words, const std::string& input = "") {
  std::istringstream in(input);
  std::ostringstream out, err;
  const Io io{&in, &out, &err, [service](const Arguments&) -> absl::StatusOr<std::unique_ptr<Channel>> {
                return std::unique_ptr<Channel>(new FakeChannel(service));
              }};
  static const auto* registry = new Registry(MakeRegistry());
  const int code = registry->Run(words, io);
  return {code, out.str(), err.str()};
}

}  // namespace songhua::api::cli

#endif  // SONGHUA_TESTS_API_CLI_TESTING_H_
