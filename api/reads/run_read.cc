#include "api/reads/run_read.h"

#include <chrono>

namespace songhua::api {
namespace {

constexpr int kAttemptsMax = 3;  // before everything is read from one snapshot

}  // namespace

absl::StatusOr<std::string> RunRead(ReadSide& side, const Method& method, const Caller* caller, const google::protobuf::Message& request,
                                    const std::function<bool()>& cancelled) {
  Store& store = side.store();
  for (int attempt = 1;; ++attempt) {
    ReadContext context(&side, &method, caller);
    context.SetCancelled(cancelled);
    const uint64_t published = store.published_sequence();
    SONGHUA_RETURN_IF_ERROR(context.Begin(request));
    if (attempt > kAttemptsMax && !context.has_snapshot()) SONGHUA_RETURN_IF_ERROR(context.UseSnapshot());
    auto answer = method.read(context, request);
    if (answer.ok() || !(absl::IsNotFound(answer.status()) || absl::IsInternal(answer.status())) || context.has_snapshot()) return answer;
    const uint64_t durable = store.durable_sequence();
    if (durable == published) return answer;  // nothing was in flight
    store.WaitForSequence(durable, std::chrono::steady_clock::now() + std::chrono::seconds(1));
  }
}

}  // namespace songhua::api
