// A trader of the day's market who waits for each answer: his orders rest and are cancelled again, one command at a time. What he waits is what the order lane
// costs one person while something else goes on.
//
//   LoneTrader trader(engine, day);
//   SONGHUA_ASSIGN_OR_RETURN(const int64_t nanoseconds, trader.RunOne());
#ifndef SONGHUA_SIMULATIONS_LONE_TRADER_H_
#define SONGHUA_SIMULATIONS_LONE_TRADER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "api/engine/engine.h"
#include "google/protobuf/message.h"
#include "ledger/legal_time.h"
#include "simulations/engine_client.h"

namespace songhua::simulations {

class LoneTrader {
 public:
  // The market's first trader, in its first contract. After BuildDayMarket.
  LoneTrader(api::Engine* engine, Date day);

  // After the clock was moved: the session of the day before is closed, and nothing rests any more. REQUIRES: the contract's session is open again.
  void set_day(Date day);
  // Places an order, or cancels the one that rests: nanoseconds from submission to answer. The error is the refusal.
  absl::StatusOr<int64_t> RunOne();

 private:
  absl::StatusOr<int64_t> Call(const std::string& method, std::unique_ptr<google::protobuf::Message> request, std::string* answer);

  EngineClient client_;
  std::string prefix_;  // of the ids of his requests
  uint64_t requests_ = 0;
  std::string resting_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_LONE_TRADER_H_
