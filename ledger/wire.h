// Between the API's messages and the types of rows: instants and yearly quantities. Pure functions; any thread may use them.
#ifndef SONGHUA_LEDGER_WIRE_H_
#define SONGHUA_LEDGER_WIRE_H_

#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "google/protobuf/timestamp.pb.h"
#include "ledger/entitlement.h"
#include "ledger/legal_time.h"
#include "songhua/v1/common.pb.h"

namespace songhua::ledger {

// REQUIRES: a valid timestamp.
google::protobuf::Timestamp ToProto(Timestamp at);
// INVALID_ARGUMENT unless whole microseconds between 1970 and 9999 (legal_time.h).
absl::StatusOr<Timestamp> ParseTime(std::string_view field, const google::protobuf::Timestamp& at);

void AppendProto(const YearQuantities& quantities, google::protobuf::RepeatedPtrField<v1::YearQuantity>* out);
// Sorted by year. INVALID_ARGUMENT for a quantity below zero or a year that appears twice.
absl::StatusOr<YearQuantities> ParseYearQuantities(std::string_view field,
                                                   const google::protobuf::RepeatedPtrField<v1::YearQuantity>& quantities);

}  // namespace songhua::ledger

#endif  // SONGHUA_LEDGER_WIRE_H_
