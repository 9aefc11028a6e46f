// Reads of an engine in the same process, as the services do them, without a network.
#ifndef SONGHUA_SIMULATIONS_ENGINE_READER_H_
#define SONGHUA_SIMULATIONS_ENGINE_READER_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "api/engine/engine.h"
#include "api/reads/authenticate.h"
#include "api/reads/read_side.h"
#include "api/reads/run_read.h"
#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua::simulations {

class EngineReader {
 public:
  explicit EngineReader(api::Engine* engine) : side_({.store = &engine->store(), .engine = engine, .books = nullptr, .clock = nullptr}) {}

  absl::Status SignIn(const std::string& token) {
    SONGHUA_ASSIGN_OR_RETURN(caller_, api::Authenticate(side_, token));
    return absl::OkStatus();
  }
  template <class Answer>
  absl::StatusOr<Answer> Read(const std::string& method, const google::protobuf::Message& request) {
    SONGHUA_ASSIGN_OR_RETURN(const std::string bytes,
                             api::RunRead(side_, *api::FindMethod("songhua.v1." + method), caller_.has_value() ? &*caller_ : nullptr, request, nullptr));
    Answer answer;
    SONGHUA_CHECK(answer.ParseFromString(bytes));
    return answer;
  }

 private:
  api::ReadSide side_;
  std::optional<api::Caller> caller_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_ENGINE_READER_H_
