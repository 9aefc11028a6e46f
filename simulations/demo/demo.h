// `songhua demo`: a living market of Jilin on a virtual clock, made by playing scenarios (jilin*.scenario, built into the program) through the public API and
// nothing else; then it serves until it is interrupted. It holds no rule of the market.
//
//   DIR/store    the store            DIR/tokens/PERSON   the token of each person, mode 0600
//   DIR/ready    written when the scenarios have been played to their end
//
// Begun again it continues: where DIR/ready is, it only looks; where a first run was cut short, the same requests are sent again, and those that were
// answered are answered as before (GEN-15).
#ifndef SONGHUA_SIMULATIONS_DEMO_DEMO_H_
#define SONGHUA_SIMULATIONS_DEMO_DEMO_H_

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/cli/command.h"
#include "simulations/scenario/runner.h"

namespace songhua::simulations {

// When the demonstration begins, two months before its market opens.
inline constexpr char kDemoStart[] = "2025-11-03T09:00:00+08:00";
// When the stories begin that are played alone.
inline constexpr char kStoryStart[] = "2026-01-05T09:00:00+08:00";

// What is played: the market's first week, or a story alone, each on a store of its own.
enum class Story { kMarket, kYear, kLending };

struct DemoOptions {
  std::string data;
  std::vector<std::string> listen;
  Story story = Story::kMarket;
};

// Runs the whole demonstration: starts the service, plays or looks, prints, calls `serve` while it is up, and drains. CANCELLED when `interrupted` said so.
absl::Status RunDemo(const DemoOptions& options, const std::function<bool()>& interrupted, const std::function<void()>& serve, std::ostream& out);

// Removes what RunDemo left in the directory. FAILED_PRECONDITION, and nothing removed, where there is anything else in it or a service has it open.
absl::Status RemoveDemo(const std::string& data);

// The scenarios that are built into the program, by name.
class EmbeddedLibrary : public ScenarioLibrary {
 public:
  absl::StatusOr<Text> Find(const std::string& name) const override;
};

// One file a token, written before the token is used for the first time. With `must_exist` a token that is missing is NOT_FOUND and not drawn.
class TokenFiles : public TokenKeeper {
 public:
  TokenFiles(std::string directory, bool must_exist) : directory_(std::move(directory)), must_exist_(must_exist) {}
  absl::StatusOr<std::string> TokenOf(const std::string& name) override;

 private:
  const std::string directory_;
  const bool must_exist_;
};

api::cli::Verb DemoVerb();

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_DEMO_DEMO_H_
