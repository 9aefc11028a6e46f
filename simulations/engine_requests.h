// Writes to an engine in the same process: many in flight, and the first refusal is kept. A person's token is his id, as in day_market.h.
#ifndef SONGHUA_SIMULATIONS_ENGINE_REQUESTS_H_
#define SONGHUA_SIMULATIONS_ENGINE_REQUESTS_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/engine/engine.h"
#include "google/protobuf/message.h"
#include "ledger/legal_time.h"
#include "simulations/engine_client.h"

namespace songhua::simulations {

class EngineRequests {
 public:
  // Ids of requests begin with the day and the mark, which no other sender of the same person has.
  EngineRequests(api::Engine* engine, Date day, std::string mark);

  // Gives the request its id and submits it as the person. REQUIRES: a method of the table, with a field request_id.
  void Submit(const std::string& method, const std::string& person, std::unique_ptr<google::protobuf::Message> request);
  // Waits for all answers: OK, or the first refusal so far.
  absl::Status Drained();
  absl::Status Call(const std::string& method, const std::string& person, std::unique_ptr<google::protobuf::Message> request);
  // The bytes of the answer, or the refusal, which is not kept for Drained().
  absl::StatusOr<std::string> Ask(const std::string& method, const std::string& person, std::unique_ptr<google::protobuf::Message> request);
  // The day of the request ids from here on, after the clock was moved.
  void set_day(Date day);

 private:
  static constexpr size_t kInFlightMax = 900;  // below what one person may have waiting in a lane

  api::Message Prepared(const std::string& method, const std::string& person, std::unique_ptr<google::protobuf::Message> request);

  const std::string mark_;
  std::string prefix_;
  uint64_t requests_ = 0;
  std::mutex mutex_;
  absl::Status first_refusal_;  // guarded by mutex_
  EngineClient client_;         // goes first: its callbacks use the rest
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_ENGINE_REQUESTS_H_
