// The days for which a request_id is remembered (GEN-15): never executed twice, never kept for ever.
//
// A request_id begins with the day of its first sending. On any day those of the last ten days and of tomorrow are taken; an older one is refused
// before anything is looked up, so the answer that is kept for it can go. What goes follows from journal time alone: a replay, whose
// records were all new when they were decided, never needs it either.
#ifndef SONGHUA_API_ENGINE_REQUEST_IDS_H_
#define SONGHUA_API_ENGINE_REQUEST_IDS_H_

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/legal_time.h"
#include "ledger/store.h"

namespace songhua::api {

// The date in a request_id. INVALID_ARGUMENT (GEN-15) names the accepted form.
absl::StatusOr<Date> ParseRequestId(std::string_view request_id);

// INVALID_ARGUMENT (GEN-15) unless a request_id of that date is taken on `today`.
absl::Status CheckRequestDate(Date date, Date today, std::string_view request_id);

// Where the rows begin, in table kIdempotency, whose ids are not too old at `time`.
std::string FirstRequestKey(Timestamp time);

// Has a store forget what it kept for ids that have become too old. One thread.
class RequestForgetter {
 public:
  // REQUIRES: everything up to journal time `time` is published. Asks the store once a day of journal time.
  void Forget(Timestamp time, Store* store);

 private:
  Date forgotten_on_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_REQUEST_IDS_H_
