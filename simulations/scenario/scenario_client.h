// Who carries a scenario's calls to the service: a seam, so that the runner is tested without one.
#ifndef SONGHUA_SIMULATIONS_SCENARIO_SCENARIO_CLIENT_H_
#define SONGHUA_SIMULATIONS_SCENARIO_SCENARIO_CLIENT_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "api/cli/channel.h"

namespace songhua::simulations {

class ScenarioClient {
 public:
  virtual ~ScenarioClient() = default;
  // One unary call. `path` is "/songhua.v1.Ledger/GetLot"; an empty token is none.
  virtual api::cli::CallStatus Call(const std::string& path, const std::string& request, const std::string& token, std::string* answer) = 0;
};

// Calls over one channel a token, kept open. `open` makes a channel that sends the token.
class ChannelClient : public ScenarioClient {
 public:
  using Open = std::function<std::unique_ptr<api::cli::Channel>(const std::string& token)>;
  explicit ChannelClient(Open open) : open_(std::move(open)) {}

  api::cli::CallStatus Call(const std::string& path, const std::string& request, const std::string& token, std::string* answer) override {
    std::unique_ptr<api::cli::Channel>& channel = channels_[token];
    if (channel == nullptr) channel = open_(token);
    return channel->Unary(path, request, answer);
  }

 private:
  Open open_;
  std::map<std::string, std::unique_ptr<api::cli::Channel>> channels_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_SCENARIO_SCENARIO_CLIENT_H_
