// Verbs: what `songhua` can do, and the help that follows from it. A verb carries its own words, flags, examples and body, so that help,
// parsing and the choice of the verb need to know nothing else. Verbs of the API's methods are made from the protos (call.h); those of
// other folders plug in through verbs.h.
#ifndef SONGHUA_API_CLI_COMMAND_H_
#define SONGHUA_API_CLI_COMMAND_H_

#include <functional>
#include <istream>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/cli/channel.h"
#include "api/cli/flags.h"
#include "api/cli/service_error.h"

namespace songhua::api::cli {

// What a verb reads, writes and calls with. `connect` opens the channel that the client flags describe; the program's is ConnectGrpc
// (client.h), a test's an imitation.
struct Io {
  std::istream* in = nullptr;
  std::ostream* out = nullptr;
  std::ostream* err = nullptr;
  std::function<absl::StatusOr<std::unique_ptr<Channel>>(const Arguments&)> connect;
};

struct Argument {
  std::string name;  // "CONTRACT"
  std::string help;
  bool required = true;
  bool repeated = false;  // the last one only: takes all that is left
};

struct Example {
  std::string command;  // without "songhua "
  std::string shows;    // what it does
};

struct Verb;

struct Invocation {
  const Verb* verb = nullptr;
  Arguments arguments;
  Io io;
};

struct Verb {
  std::vector<std::string> words;  // {"pledge", "apply"}
  std::string group;               // the heading under which help lists it
  std::string summary;             // one line, without a full stop
  std::string description;         // paragraphs, separated by empty lines
  std::vector<Argument> arguments;
  std::vector<FlagSpec> flags;
  std::vector<Example> examples;
  bool client = false;  // talks to a service: takes the flags of ClientFlags as well
  bool listed = true;   // false: found by its group's help, not by the first page
  std::function<int(const Invocation&)> run;

  std::string name() const;  // "pledge apply"
};

class Registry {
 public:
  // `headings`: the verbs' groups in the order of the first page, each with a line about it.
  struct Heading {
    std::string group;
    std::string about;
  };
  explicit Registry(std::vector<Heading> headings) : headings_(std::move(headings)) {}

  // REQUIRES: no verb of these words is there, its group has a heading, it has a body and a summary.
  void Add(Verb verb);
  const std::vector<Verb>& verbs() const { return verbs_; }
  // Words that lead to a page of their own: `songhua help ledger`.
  void AddTopic(std::string name, std::string about);

  // Runs a command line (without the program's name) and returns the exit code.
  int Run(const std::vector<std::string>& words, const Io& io) const;

  // The verb that `words` begin with, the longest; null: none. `used` is the number of its words.
  const Verb* Find(const std::vector<std::string>& words, size_t* used) const;

 private:
  int Help(const std::vector<std::string>& words, const Io& io) const;
  void PrintFrontPage(std::ostream& out) const;
  bool IsTopic(const std::string& word) const;
  bool PrintTopic(const std::string& name, std::ostream& out) const;
  int UnknownVerb(const std::vector<std::string>& words, const Io& io) const;

  std::vector<Heading> headings_;
  std::vector<Heading> topics_;
  std::vector<Verb> verbs_;
};

// The page of one verb.
void PrintVerb(const Verb& verb, std::ostream& out);

// Says what was wrong with the command line; returns kExitUsage.
int BadUsage(const Invocation& invocation, const absl::Status& status);

// Flags of every verb that talks to a service, and those of every verb.
const std::vector<FlagSpec>& ClientFlags();
const std::vector<FlagSpec>& CommonFlags();

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_COMMAND_H_
