// A method of the API as the engine sees it: who may call it, in which lane it waits, what it does. All methods stand in one table
// (api/methods.cc); adding a command means one proto method, one domain function and one line there.
#ifndef SONGHUA_API_ENGINE_METHOD_H_
#define SONGHUA_API_ENGINE_METHOD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "ledger/command.h"
#include "ledger/identifiers.h"
#include "ledger/participants.h"
#include "songhua/v1/participants.pb.h"

namespace songhua::api {

class State;
class ReadContext;
class ReadSide;

// Where a command waits for its turn.
enum class Lane : uint8_t { kOrders = 0, kRegistry = 1, kOperations = 2, kBulk = 3 };
inline constexpr size_t kLanes = 4;
std::string_view LaneName(Lane lane);

// How far a role reaches.
enum class Scope : uint8_t {
  kAny = 0,     // everywhere
  kOwn = 1,     // what belongs to the caller's participant, or to a branch of it
  kRegion = 2,  // what lies in the region that the role was granted for
};

struct Grant {
  v1::Role role;
  Scope scope;
};

// Whom and where a request concerns; what kOwn and kRegion are held against.
struct Target {
  // Ids of those to whom it belongs: its owner, both sides of a trade, pledgor and pledgee, a branch and its bank.
  std::vector<std::string> participants;
  Region region;
  // What the request names is not there, or not any more, or lies in no region, and so it is nobody's: whoever holds one of the roles, anywhere, reaches it.
  bool nobodys = false;
};

// A cold row that a method reads, as RowChanges names it.
struct ColdKey {
  uint16_t table = 0;
  std::string key;
};

struct Method {
  std::string name;  // "songhua.v1.Ledger/TransferUnits"
  bool write = false;
  // Writes of an order stream carry a number instead of a request_id and take one sequence a command.
  bool stream = false;
  Lane lane = Lane::kRegistry;
  // Anybody with a live token when empty and `any_person`; otherwise one of these.
  std::vector<Grant> grants;
  bool any_person = false;
  // Anybody, even without a token. Whom the grants name may see more, where the read asks ReadContext::MaySee.
  bool open = false;

  std::function<std::unique_ptr<google::protobuf::Message>()> new_request;
  // Reads only (api/reads/): finds the answer in published rows and checks its target itself. The answer's bytes.
  std::function<absl::StatusOr<std::string>(ReadContext&, const google::protobuf::Message&)> read;

  // Writes only.
  // Null where no grant has a scope.
  std::function<absl::StatusOr<Target>(const State&, const google::protobuf::Message&)> target;
  // The answer's bytes.
  std::function<absl::StatusOr<std::string>(State&, CommandContext&, const google::protobuf::Message&)> apply;
  std::function<std::vector<ColdKey>(const google::protobuf::Message&)> cold;
  // Looked at before the request is taken in at all, by what is published: for what the state machine cannot know, as a root of the tree that its own record will
  // be part of. What is refused here is not recorded.
  std::function<absl::Status(ReadSide&, const google::protobuf::Message&)> admit;
};

// Every method, by name, fixed at start.
const std::vector<Method>& Methods();
const Method* FindMethod(std::string_view name);

// Whether the person holds a role that the method names at all; PERMISSION_DENIED says which roles would do.
absl::Status AuthorizeRole(const Method& method, const ledger::PersonRow* person);
// Whether one of his roles reaches the target. REQUIRES: AuthorizeRole passed.
absl::Status AuthorizeTarget(const Method& method, const ledger::PersonRow* person, const Target& target);
// The same without the words, for lists.
bool Reaches(const Method& method, const ledger::PersonRow* person, const Target& target);
// Whether a grant of the method has a scope, so that a target is needed.
bool HasScopes(const Method& method);

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_METHOD_H_
