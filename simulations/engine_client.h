// A client of an engine in the same process: submits messages with a bounded number in flight and knows when all are answered.
//
//   EngineClient client(&engine, 32);
//   client.Submit(std::move(message), "t-17", [](api::Outcome outcome) { ... });   // waits for room
//   client.Drain();
#ifndef SONGHUA_SIMULATIONS_ENGINE_CLIENT_H_
#define SONGHUA_SIMULATIONS_ENGINE_CLIENT_H_

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>

#include "api/engine/engine.h"

namespace songhua::simulations {

// One thread submits and drains; `done` runs on the engine's commit thread, or on the submitting one where the engine refuses at once.
class EngineClient {
 public:
  EngineClient(api::Engine* engine, size_t in_flight_max) : engine_(engine), in_flight_max_(in_flight_max) {}
  // Drains.
  ~EngineClient() { Drain(); }

  // Waits for room, then notes the time in `submitted_ns`, where given, and submits.
  void Submit(api::Message message, std::string person, std::function<void(api::Outcome)> done, int64_t* submitted_ns = nullptr);
  // Waits until everything is answered.
  void Drain();

 private:
  api::Engine* const engine_;
  const size_t in_flight_max_;
  std::mutex mutex_;
  std::condition_variable fewer_;
  size_t in_flight_ = 0;     // guarded by mutex_
  size_t wake_at_ = 0;       // guarded by mutex_: who waits wants so few
  bool waiting_ = false;     // guarded by mutex_
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_ENGINE_CLIENT_H_
