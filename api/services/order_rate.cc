#include "api/services/order_rate.h"

#include <algorithm>

#include "ledger/refusal.h"
#include "songhua/v1/auctions.pb.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/listings.pb.h"
#include "songhua/v1/negotiations.pb.h"

namespace songhua::api {

absl::Status OrderRate::Take(const std::string& participant, int64_t orders, Time now) {
  if (per_second_ == 0 || orders == 0) return absl::OkStatus();
  const int64_t full = per_second_ * 1'000;
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto [found, is_new] = buckets_.try_emplace(participant, Bucket{now, full});
  Bucket& bucket = found->second;
  // Whole milliseconds only, so that nothing is lost to rounding; more than a second's worth of them, and more than the debt, is never needed.
  const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(now - bucket.filled);
  if (passed.count() > 0) {
    const int64_t needed = (full - bucket.millis) / per_second_ + 1;
    bucket.millis = std::min(full, bucket.millis + std::min<int64_t>(passed.count(), needed) * per_second_);
    bucket.filled += passed;
  }
  if (bucket.millis <= 0) {
    return Refuse(absl::StatusCode::kResourceExhausted, "ORDER_RATE")
        .Field("orders")
        .Value(orders)
        .Accepted("at most " + std::to_string(per_second_) + " orders a second of one participant; the next in " +
                  std::to_string(-bucket.millis / per_second_ + 1) + " ms");
  }
  bucket.millis -= orders * 1'000;
  return absl::OkStatus();
}

int64_t CountOrders(const google::protobuf::Message& request) {
  const auto* type = request.GetDescriptor();
  for (const auto* one : {v1::PlaceOrderRequest::descriptor(), v1::ReplaceOrderRequest::descriptor(), v1::TakeRequest::descriptor(),
                          v1::PostListingRequest::descriptor(), v1::TakeListingRequest::descriptor(), v1::PostIntentRequest::descriptor(),
                          v1::MakeOfferRequest::descriptor(), v1::CounterOfferRequest::descriptor(), v1::ConfirmOfferRequest::descriptor(),
                          v1::PlaceBidRequest::descriptor()}) {
    if (type == one) return 1;
  }
  if (type != v1::OrderBatch::descriptor()) return 0;
  const auto& commands = static_cast<const v1::OrderBatch&>(request).commands();
  return std::count_if(commands.begin(), commands.end(), [](const v1::OrderCommand& command) { return command.kind() != v1::OrderCommand::CANCEL; });
}

}  // namespace songhua::api
