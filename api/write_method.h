// How a command is wired: for the files of the table of methods (methods.cc, proof_methods.cc) and no others.
#ifndef SONGHUA_API_WRITE_METHOD_H_
#define SONGHUA_API_WRITE_METHOD_H_

#include <algorithm>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/engine/method.h"
#include "api/engine/state.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::api {

inline constexpr auto kOwn = Scope::kOwn;
inline constexpr auto kAny = Scope::kAny;
inline constexpr auto kRegion = Scope::kRegion;
using Grants = std::vector<Grant>;

inline Grants operator+(Grants a, const Grants& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// A write: `resolve` gives its target (nullptr where no grant has a scope), `domain` does it.
template <class Request, class Resolve, class Domain>
Method Write(std::string name, Lane lane, Grants grants, Resolve resolve, Domain domain) {
  Method method;
  method.name = "songhua.v1." + std::move(name);
  method.write = true;
  method.stream = std::is_same_v<Request, v1::OrderBatch>;
  method.lane = lane;
  method.grants = std::move(grants);
  method.new_request = [] { return std::make_unique<Request>(); };
  if constexpr (!std::is_null_pointer_v<Resolve>) {
    method.target = [resolve](const State& state, const google::protobuf::Message& request) {
      return resolve(state, static_cast<const Request&>(request));
    };
  }
  method.apply = [domain](State& state, CommandContext& context, const google::protobuf::Message& request) -> absl::StatusOr<std::string> {
    const uint64_t sequence = context.sequence;
    auto answer = domain(state, context, static_cast<const Request&>(request));
    if (!answer.ok()) return answer.status();
    v1::AnswerHeader* header = answer->mutable_header();
    header->set_sequence(sequence);
    const int64_t time_us = std::max(context.time, state.engine().last_time).value();  // AdvanceClock has moved it
    header->mutable_time()->set_seconds(time_us / kMicrosPerSecond);
    header->mutable_time()->set_nanos(static_cast<int32_t>(time_us % kMicrosPerSecond * 1000));
    return answer->SerializeAsString();
  };
  return method;
}

// Shorthand of the table: the state, the context and the request of a lambda.
#define DOMAIN(call) [](State& s, CommandContext& c, const auto& q) { return call; }
#define TARGET(call) [](const State& s, const auto& q) -> absl::StatusOr<Target> { (void)s; return call; }

// Certificates and the transparency log (proof_methods.cc).
void AddProofs(std::vector<Method>& methods);

}  // namespace songhua::api

#endif  // SONGHUA_API_WRITE_METHOD_H_
