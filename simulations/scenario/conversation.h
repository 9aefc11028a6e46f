// A scenario's conversation with the service: request_ids, the journal's time, reads that see what was written before, and how much a quantity's step is.
// Used by one thread.
#ifndef SONGHUA_SIMULATIONS_SCENARIO_CONVERSATION_H_
#define SONGHUA_SIMULATIONS_SCENARIO_CONVERSATION_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "api/cli/channel.h"
#include "api/cli/schema.h"
#include "api/cli/service_error.h"
#include "api/cli/units.h"
#include "google/protobuf/message.h"
#include "ledger/legal_time.h"
#include "simulations/scenario/scenario_client.h"

namespace songhua::simulations {

// What the service answered.
struct Reply {
  api::cli::CallStatus status;
  std::unique_ptr<google::protobuf::Message> answer;  // null unless status.ok()

  bool ok() const { return status.ok(); }
  // "refused PLEDGED_UNITS by PLG-21, quantity is 40000000; accepted: ...", or "ok".
  std::string Words() const;
  // The reason of a refusal; where the service gave none, the name of its code.
  std::string Reason() const;
};

class Conversation {
 public:
  // `client` must outlive it.
  explicit Conversation(ScenarioClient* client);
  ~Conversation();

  // The journal's time as far as it was heard of.
  Timestamp now() const { return now_; }
  void set_now(Timestamp now) { now_ = now; }
  // Of the last write that was answered.
  uint64_t last_write() const { return last_write_; }
  // With whose token the conversation itself looks things up.
  void set_reader_token(std::string token) { reader_token_ = std::move(token); }

  // Calls the method. A write without a request_id gets the next one: they are numbered, so that the same scenario sent again to the same store
  // is answered and not carried out again (GEN-15). A read waits for the last write.
  Reply Call(const api::cli::Rpc& rpc, google::protobuf::Message* request, const std::string& token);
  // Calls any path with any bytes; the answer is not looked at.
  Reply CallRaw(const std::string& path, const std::string& request, const std::string& token);
  // A read by the reader, the request's fields by name; of a list the first thousand rows. NOT_FOUND says what was refused and why.
  absl::StatusOr<std::unique_ptr<google::protobuf::Message>> Read(const std::string& method,
                                                                  const std::vector<std::pair<std::string, std::string>>& fields);

  // The scale of the quantities of a message, asking the service where the message names a program, contract, lot or order.
  std::optional<api::cli::UnitScale> ScaleOf(const google::protobuf::Message& message);

 private:
  class Reader;

  ScenarioClient* client_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<api::cli::Units> units_;
  Timestamp now_;
  uint64_t last_write_ = 0;
  uint64_t request_ids_ = 0;
  std::string reader_token_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_SCENARIO_CONVERSATION_H_
