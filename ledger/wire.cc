#include "ledger/wire.h"

#include <algorithm>
#include <string>

#include "ledger/refusal.h"

namespace songhua::ledger {

google::protobuf::Timestamp ToProto(Timestamp at) {
  SONGHUA_CHECK(IsValid(at));
  int64_t seconds = at.value() / kMicrosPerSecond;
  int64_t micros = at.value() % kMicrosPerSecond;
  if (micros < 0) {  // before 1970-01-01T00:00:00Z, which is 08:00 of the first local day
    --seconds;
    micros += kMicrosPerSecond;
  }
  google::protobuf::Timestamp out;
  out.set_seconds(seconds);
  out.set_nanos(static_cast<int32_t>(micros * 1000));
  return out;
}

absl::StatusOr<Timestamp> ParseTime(std::string_view field, const google::protobuf::Timestamp& at) {
  constexpr int64_t kSecondsMax = kLastTimestamp.value() / kMicrosPerSecond;
  const bool in_range = at.seconds() >= kFirstTimestamp.value() / kMicrosPerSecond && at.seconds() <= kSecondsMax;
  if (!in_range || at.nanos() < 0 || at.nanos() > 999'999'999 || at.nanos() % 1000 != 0) {
    return InvalidField(field, std::to_string(at.seconds()) + " s, " + std::to_string(at.nanos()) + " ns",
                        "whole microseconds between 1970-01-01 and 9999-12-31");
  }
  return Timestamp(at.seconds() * kMicrosPerSecond + at.nanos() / 1000);
}

void AppendProto(const YearQuantities& quantities, google::protobuf::RepeatedPtrField<v1::YearQuantity>* out) {
  for (const YearQuantity& entry : quantities) {
    v1::YearQuantity* added = out->Add();
    added->set_year(entry.year);
    added->set_quantity(entry.quantity.value());
  }
}

absl::StatusOr<YearQuantities> ParseYearQuantities(std::string_view field,
                                                   const google::protobuf::RepeatedPtrField<v1::YearQuantity>& quantities) {
  YearQuantities parsed;
  parsed.reserve(quantities.size());
  for (const v1::YearQuantity& entry : quantities) {
    if (entry.quantity() < 0) return InvalidField(field, std::to_string(entry.quantity()), "a quantity of 0 or more");
    parsed.push_back({entry.year(), Quantity(entry.quantity())});
  }
  std::sort(parsed.begin(), parsed.end(), [](const YearQuantity& a, const YearQuantity& b) { return a.year < b.year; });
  const auto twice =
      std::adjacent_find(parsed.begin(), parsed.end(), [](const YearQuantity& a, const YearQuantity& b) { return a.year == b.year; });
  if (twice != parsed.end()) return InvalidField(field, std::to_string(twice->year), "each year once");
  return parsed;
}

}  // namespace songhua::ledger
