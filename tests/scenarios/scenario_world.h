// A fresh service in this process with a virtual clock, and what a runner needs to play scenario files on it.
#ifndef SONGHUA_TESTS_SCENARIOS_SCENARIO_WORLD_H_
#define SONGHUA_TESTS_SCENARIOS_SCENARIO_WORLD_H_

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/cli/client.h"
#include "api/cli/serve.h"
#include "api/cli/tokens.h"
#include "gtest/gtest.h"
#include "ledger/check.h"
#include "ledger/legal_time.h"
#include "simulations/scenario/runner.h"

namespace songhua::simulations {

// NAME.scenario in one of some directories.
class DirectoryLibrary : public ScenarioLibrary {
 public:
  explicit DirectoryLibrary(std::vector<std::string> directories) : directories_(std::move(directories)) {}

  absl::StatusOr<Text> Find(const std::string& name) const override {
    for (const std::string& directory : directories_) {
      const std::string path = directory + "/" + name + ".scenario";
      std::ifstream in(path, std::ios::binary);
      if (in) return Text{name + ".scenario", std::string(std::istreambuf_iterator<char>(in), {})};
    }
    return absl::NotFoundError("there is no scenario '" + name + "'");
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const std::string& directory : directories_) {
      for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        if (entry.path().extension() == ".scenario") names.push_back(entry.path().stem());
      }
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  std::vector<std::string> directories_;
};

class MemoryTokens : public TokenKeeper {
 public:
  absl::StatusOr<std::string> TokenOf(const std::string& name) override {
    std::string& token = tokens_[name];
    if (token.empty()) token = api::cli::DrawToken();
    return token;
  }

 private:
  std::map<std::string, std::string> tokens_;
};

inline const Timestamp kScenarioStart = *ParseTimestamp("2026-01-05T09:00:00+08:00");  // a Monday

class ScenarioWorld {
 public:
  explicit ScenarioWorld(Timestamp start = kScenarioStart) : start_(start) {
    static int worlds = 0;
    directory_ = testing::TempDir() + "/songhua_scenario_" + std::to_string(::getpid()) + "_" + std::to_string(++worlds);
    std::filesystem::create_directories(directory_);
    const std::string token_file = directory_ + "/operator";
    const auto token = tokens_.TokenOf("operator");
    SONGHUA_CHECK(token.ok() && api::cli::WriteTokenFile(token_file, *token).ok());
    api::cli::ServeOptions options;
    options.data = directory_ + "/store";
    options.listen = {"127.0.0.1:0"};
    options.init_clock = ClockMode::kVirtual;
    options.init_time = start_;
    options.operator_token_file = token_file;
    auto server = api::cli::StartServer(options);
    if (!server.ok()) ADD_FAILURE() << server.status().message();
    SONGHUA_CHECK(server.ok());
    server_ = *std::move(server);
    client_ = std::make_unique<ChannelClient>([address = "127.0.0.1:" + std::to_string(server_->port(0))](const std::string& token_sent) {
      api::cli::ClientOptions client;
      client.server = address;
      client.token = token_sent;
      return api::cli::NewGrpcChannel(client);
    });
  }
  ~ScenarioWorld() {
    client_.reset();
    server_.reset();
    std::filesystem::remove_all(directory_);
  }

  RunnerOptions Options(const ScenarioLibrary* library) {
    RunnerOptions options;
    options.client = client_.get();
    options.library = library;
    options.tokens = &tokens_;
    options.start = start_;
    return options;
  }

 private:
  const Timestamp start_;
  std::string directory_;
  MemoryTokens tokens_;
  std::unique_ptr<api::Server> server_;
  std::unique_ptr<ScenarioClient> client_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_TESTS_SCENARIOS_SCENARIO_WORLD_H_
