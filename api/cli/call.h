// Calls of the API from the command line: a session with the service, and one function through which every call goes, whoever built its
// request.
#ifndef SONGHUA_API_CLI_CALL_H_
#define SONGHUA_API_CLI_CALL_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "api/cli/command.h"
#include "api/cli/render.h"
#include "api/cli/request.h"
#include "api/cli/schema.h"
#include "api/cli/units.h"
#include "ledger/legal_time.h"

namespace songhua::api::cli {

// One invocation's connection.
class Session {
 public:
  // Opens the channel that the flags describe. INVALID_ARGUMENT where they contradict each other or name no file.
  static absl::StatusOr<std::unique_ptr<Session>> Open(const Invocation& invocation);

  Channel& channel() { return *channel_; }
  Units& units() { return units_; }
  bool json() const { return json_; }

  // The journal's time as the service tells it.
  CallStatus JournalTime(Timestamp* time);
  // A new request_id, which begins with the journal's date.
  CallStatus NewRequestId(std::string* request_id);
  // Says what the service answered instead; returns the exit code. The request, where there is one, tells in which unit its quantities are.
  int Refused(const CallStatus& status, const google::protobuf::Message* request = nullptr);

 private:
  Session(const Invocation& invocation, std::unique_ptr<Channel> channel);

  std::unique_ptr<Channel> channel_;
  Units units_;
  bool json_;
  std::ostream* err_;
};

// Calls the method with the request and prints the answer. A write without a request_id gets one; `--all` follows the pages of a list.
int CallRpc(const Invocation& invocation, const Rpc& rpc, const View& view, std::unique_ptr<google::protobuf::Message> request,
            Session* session);
// The same, with the request built from the invocation's flags.
int CallRpc(const Invocation& invocation, const Rpc& rpc, const View& view);

// The flags of a method as a verb has them: the request's own, then those of calling (request_id, pages, the whole request as JSON).
std::vector<FlagSpec> FlagSpecsOf(const Rpc& rpc);

// A topic for each service and a verb for each of its methods: `songhua ledger transfer-units`.
void AddRpcVerbs(Registry* registry);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_CALL_H_
