// The engine with its read side, without a network: writes go through the pipeline, reads through RunRead, as the services do it.
#ifndef SONGHUA_TESTS_API_READ_HARNESS_H_
#define SONGHUA_TESTS_API_READ_HARNESS_H_

#include <memory>
#include <optional>
#include <string>

#include "api/log_keys.h"
#include "api/market_data/book_publisher.h"
#include "api/reads/authenticate.h"
#include "api/reads/run_read.h"
#include "tests/api/engine_harness.h"
#include "tests/api/world.h"

namespace songhua::api {

class ReadHarness : public Transport {
 public:
  explicit ReadHarness(ClockMode mode = ClockMode::kVirtual, Clock* clock = nullptr, uint32_t logic_version = kNewestLogicVersion)
      : engine_(mode, clock, logic_version), clock_(clock) {
    Connect();
  }
  // The engine may act by itself to the last: it ends before what listens to it.
  ~ReadHarness() override { Close(); }

  absl::StatusOr<std::string> Send(const Method& method, const google::protobuf::Message& request, const std::string& token) override {
    if (!method.write) return Read(method, request, token);
    if (method.admit) SONGHUA_RETURN_IF_ERROR(method.admit(*side_, request));
    auto copy = method.new_request();
    copy->CopyFrom(request);
    const auto caller = Authenticate(*side_, token);
    auto outcome = engine_.Start(method.name, std::move(copy), token, caller.ok() ? caller->person.id : "").get();
    if (!outcome.status.ok()) return outcome.status;
    return outcome.answer;
  }

  void Reopen() {
    Close();
    engine_.Open();
    Connect();
  }
  void Close() {
    side_.reset();
    engine_.Close();
    books_.reset();
  }
  EngineHarness& engine() { return engine_; }
  Store& store() { return engine_.engine().store(); }
  ReadSide& side() { return *side_; }
  const LogKeys& log_keys() const { return *log_keys_; }

 private:
  void Connect() {
    books_ = std::make_unique<BookPublisher>(&engine_.engine());
    log_keys_ = *LogKeys::Open(engine_.Options().store.path, store().identity().store_id);
    side_ = std::make_unique<ReadSide>(ReadSide::Options{
        .store = &store(), .engine = &engine_.engine(), .books = books_.get(), .clock = clock_, .log_keys = log_keys_.get()});
    engine_.engine().Start();
  }
  absl::StatusOr<std::string> Read(const Method& method, const google::protobuf::Message& request, const std::string& token) {
    std::optional<Caller> caller;
    if (!token.empty()) {
      SONGHUA_ASSIGN_OR_RETURN(caller, Authenticate(*side_, token));
    }
    SONGHUA_RETURN_IF_ERROR(AuthorizeRole(method, caller.has_value() ? &caller->person : nullptr));
    return RunRead(*side_, method, caller.has_value() ? &*caller : nullptr, request, nullptr);
  }

  EngineHarness engine_;
  Clock* clock_;
  std::unique_ptr<BookPublisher> books_;
  std::unique_ptr<LogKeys> log_keys_;
  std::unique_ptr<ReadSide> side_;
};

}  // namespace songhua::api

#endif  // SONGHUA_TESTS_API_READ_HARNESS_H_
