// Plays scenarios (scenario.h) on a running service, through its public API and nothing else. It knows no rule: it sends what people do, and compares what
// is answered, and what the ledger says afterwards, with what the scenario expects.
//
//   ScenarioRunner runner({.client = &client, .library = &files, .tokens = &tokens, .start = *ParseTimestamp("2026-01-05T09:00:00+08:00")});
//   const absl::Status status = runner.Play("pledge_blocks_sale");   // what differed: file:line, the command, what was answered, what was expected
//
// It begins by registering the person "auditor" of the participant "operator", with whose eyes `ledger` blocks look. Used by one thread.
#ifndef SONGHUA_SIMULATIONS_SCENARIO_RUNNER_H_
#define SONGHUA_SIMULATIONS_SCENARIO_RUNNER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/legal_time.h"
#include "simulations/scenario/conversation.h"
#include "simulations/scenario/scenario.h"
#include "simulations/scenario/scenario_client.h"

namespace songhua::simulations {

// Where scenarios are found by name.
class ScenarioLibrary {
 public:
  virtual ~ScenarioLibrary() = default;
  struct Text {
    std::string file;  // as messages call it
    std::string text;
  };
  // NOT_FOUND.
  virtual absl::StatusOr<Text> Find(const std::string& name) const = 0;
};

// Where bearer tokens are kept.
class TokenKeeper {
 public:
  virtual ~TokenKeeper() = default;
  // The person's token, drawn when it is first asked for. The store's first token is that of "operator". A person's second token is "li-na.2".
  virtual absl::StatusOr<std::string> TokenOf(const std::string& name) = 0;
};

// An attempt that was refused.
struct RefusedAttempt {
  std::string person;
  std::string attempt;  // the command's note, or its words
  std::string reason;
  std::string rule;
  std::string accepted;
};

struct RunnerOptions {
  ScenarioClient* client = nullptr;
  const ScenarioLibrary* library = nullptr;
  TokenKeeper* tokens = nullptr;
  // When the virtual store began.
  Timestamp start;
  // The people are there already, writes are only checked (validate_only), and what is answered is noted, not compared.
  bool look_only = false;
  // Asked before each command; true: give up with CANCELLED.
  std::function<bool()> interrupted;
  // Told of each scenario that begins.
  std::function<void(const Scenario&)> on_scenario;
};

class ScenarioRunner {
 public:
  explicit ScenarioRunner(const RunnerOptions& options);

  // Plays a scenario and, before it, those that it uses and that were not played yet.
  absl::Status Play(const std::string& name);
  // Plays nothing: from here on the conversation reads with the auditor's eyes.
  absl::Status Look();
  // Recomputes the ledger's invariants (CAR-37). FAILED_PRECONDITION with the differences.
  absl::Status Reconcile();

  Conversation& conversation() { return conversation_; }
  // "$mill" by "mill"; null: not known.
  const std::string* FindVariable(const std::string& name) const;
  const std::vector<RefusedAttempt>& refused() const { return refused_; }
  uint64_t commands() const { return commands_; }

 private:
  struct Turn;  // a command with what was answered

  absl::Status Begin();
  absl::Status PlayBlock(const Scenario& scenario, const Block& block);
  absl::Status PlayActs(const Scenario& scenario, const Block& block);
  absl::Status PlayCommand(const Scenario& scenario, const std::string& person, const std::string& token, const Command& command);
  absl::Status CheckRoles(const Scenario& scenario, const Block& block, const std::string& token);
  absl::Status RegisterPeople(const Scenario& scenario, const Block& block);
  absl::Status MoveClock(const Scenario& scenario, const Block& block);
  absl::Status CheckLedger(const Scenario& scenario, const Block& block);

  // `admit PERSON [until TIME]` as the create-token that it means: draws a token for the person, who uses it from then on.
  absl::StatusOr<std::vector<Token>> Admission(const std::vector<Token>& words);
  // Sends what the words say; the reply, and in `write` whether it could have changed anything.
  absl::StatusOr<Reply> Send(const std::string& token, const std::vector<Token>& words, bool* write);
  // The same by the operator, in the runner's own name; what is refused is an error.
  absl::Status SendAsOperator(const Scenario& scenario, int line, const std::vector<Token>& words);

  absl::Status CheckExpectations(const Turn& turn);
  absl::Status CheckRefusal(const Turn& turn, const std::vector<Token>& clause) const;
  absl::Status CheckField(const Turn& turn, const std::vector<Token>& clause);
  absl::Status Remember(const Turn& turn, const std::vector<Token>& clause);

  absl::StatusOr<std::string> Expand(const std::string& text) const;
  absl::StatusOr<std::vector<Token>> Expand(const std::vector<Token>& tokens) const;
  // The token that a person calls with; `head` is that of an `as` block.
  absl::StatusOr<std::string> TokenFor(const std::vector<Token>& head);
  // Whether answers are those of an earlier run that did not come to its end, so that what reads say belongs to a later moment.
  bool repeating() const { return conversation_.last_write() <= resumed_through_; }

  RunnerOptions options_;
  Conversation conversation_;
  bool begun_ = false;
  uint64_t resumed_through_ = 0;
  uint64_t commands_ = 0;
  std::set<std::string> played_;
  std::map<std::string, std::string> variables_;
  std::map<std::string, std::string> token_names_;  // by person: the latest
  std::map<std::string, int> tokens_drawn_;
  std::vector<RefusedAttempt> refused_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_SCENARIO_RUNNER_H_
