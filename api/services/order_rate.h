// How many orders a participant may send (international.md 7.3): a bucket for each, which holds what comes in a second and fills evenly.
//
// Counted are orders that are placed or replaced, one by one or in batches. What takes risk away, a cancellation, is never held back. Calls that are refused
// here reach neither the engine nor the journal. A batch goes through while anything is in the bucket, and what it takes beyond that is taken from what
// follows: so a batch may be larger than the bucket, and the rate holds all the same.
#ifndef SONGHUA_API_SERVICES_ORDER_RATE_H_
#define SONGHUA_API_SERVICES_ORDER_RATE_H_

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace songhua::api {

// Thread-safe.
class OrderRate {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // 0: no limit.
  explicit OrderRate(int64_t per_second) : per_second_(per_second) {}

  // RESOURCE_EXHAUSTED (ORDER_RATE) says how long to wait. Nothing is taken then, nor for 0 orders.
  absl::Status Take(const std::string& participant, int64_t orders, Time now = std::chrono::steady_clock::now());

 private:
  struct Bucket {
    Time filled;         // when it held `millis`
    int64_t millis = 0;  // thousandths of orders; below zero after a batch that took more than there was
  };

  const int64_t per_second_;
  std::mutex mutex_;
  absl::flat_hash_map<std::string, Bucket> buckets_;  // one for each participant that trades
};

// The orders that a request places or replaces.
int64_t CountOrders(const google::protobuf::Message& request);

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_ORDER_RATE_H_
