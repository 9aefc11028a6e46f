// A real engine over a real store in a directory of its own, called as a client would call it but without a network.
#ifndef SONGHUA_TESTS_API_ENGINE_HARNESS_H_
#define SONGHUA_TESTS_API_ENGINE_HARNESS_H_

#include <stdlib.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "api/engine/engine.h"
#include "api/engine/message.h"
#include "ledger/sha256.h"

namespace songhua::api {

// 2026-01-05 09:00 in Shanghai, a Monday.
inline const Timestamp kTestStart(StartOfDay(MakeDate(2026, 1, 5)).value() + 9 * 3600 * kMicrosPerSecond);

inline std::string TokenHash(std::string_view token) { return ToHex(Sha256Of(token)); }

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "songhua-test-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// A machine's clock in the hand of a test.
class SettableClock : public Clock {
 public:
  Timestamp Now() override { return Timestamp(now_us); }
  int64_t SteadyMicros() override { return steady_us; }
  void Pass(int64_t micros) {
    now_us += micros;
    steady_us += micros;
  }
  std::atomic<int64_t> now_us{kTestStart.value()};
  std::atomic<int64_t> steady_us{0};
};

class EngineHarness {
 public:
  explicit EngineHarness(ClockMode mode = ClockMode::kVirtual, Clock* clock = nullptr, uint32_t logic_version = kNewestLogicVersion)
      : mode_(mode), clock_(clock), logic_version_(logic_version) {
    Open();
  }
  // In a directory of a simulated disk, where nothing but a full delta and the engine's stop folds the state.
  EngineHarness(rocksdb::Env* disk, std::string root) : disk_(disk), root_(std::move(root)) { Open(); }

  EngineOptions Options() {
    EngineOptions options;
    options.store.path = (disk_ == nullptr ? directory_.path() : root_) + "/store";
    options.store.env = disk_;
    options.store.manual_projector = disk_ != nullptr;  // RocksDB keeps no diary on such a disk
    options.store.create_if_missing = true;
    options.store.identity.store_id = "test";
    options.genesis = Genesis{mode_, kTestStart, TokenHash("operator-token")};
    options.genesis->logic_version = logic_version_;
    options.clock = clock_;
    return options;
  }
  void Open() {
    auto opened = Engine::Open(Options());
    if (!opened.ok()) {
      std::fprintf(stderr, "%s\n", std::string(opened.status().message()).c_str());
      std::abort();
    }
    engine_ = *std::move(opened);
  }
  void Reopen() {
    engine_.reset();
    Open();
  }
  void Close() { engine_.reset(); }

  // A date-prefixed id that was not used before.
  std::string NewRequestId() { return "20260105-r" + std::to_string(++request_); }

  std::future<Outcome> Start(std::string_view method_name, std::unique_ptr<google::protobuf::Message> request, const std::string& token,
                             std::string person = "operator") {
    auto promise = std::make_shared<std::promise<Outcome>>();
    auto submission = std::make_unique<Submission>();
    submission->person = std::move(person);
    submission->done = [promise](Outcome outcome) { promise->set_value(std::move(outcome)); };
    auto message = MakeMessage(*FindMethod(method_name), std::move(request), TokenHash(token));
    if (!message.ok()) {
      Outcome outcome;
      outcome.status = message.status();
      promise->set_value(std::move(outcome));
      return promise->get_future();
    }
    submission->message = *std::move(message);
    engine_->Submit(std::move(submission));
    return promise->get_future();
  }

  template <class Answer, class Request>
  absl::StatusOr<Answer> Call(std::string_view method, Request request, const std::string& token = "operator-token",
                              const std::string& person = "operator") {
    if constexpr (requires { request.request_id(); }) {
      if (request.request_id().empty()) request.set_request_id(NewRequestId());
    }
    last_ = Start("songhua.v1." + std::string(method), std::make_unique<Request>(std::move(request)), token, person).get();
    if (!last_.status.ok()) return last_.status;
    Answer answer;
    answer.ParseFromString(last_.answer);
    return answer;
  }

  Engine& engine() { return *engine_; }
  const Outcome& last() const { return last_; }
  const std::string& directory() const { return directory_.path(); }

 private:
  TemporaryDirectory directory_;
  ClockMode mode_ = ClockMode::kVirtual;
  Clock* clock_ = nullptr;
  uint32_t logic_version_ = kNewestLogicVersion;
  rocksdb::Env* disk_ = nullptr;
  std::string root_;
  std::unique_ptr<Engine> engine_;
  Outcome last_;
  uint64_t request_ = 0;
};

}  // namespace songhua::api

#endif  // SONGHUA_TESTS_API_ENGINE_HARNESS_H_
