#include "ledger/refusal.h"

#include "absl/strings/cord.h"
#include "ledger/codec.h"

namespace songhua {
namespace {

constexpr char kPayloadUrl[] = "songhua/refusal";

std::string Sentence(const RefusalDetail& d) {
  std::string text = d.reason;
  if (!d.field.empty()) text += ": " + d.field;
  if (!d.value.empty()) text += (d.field.empty() ? ": '" : " is '") + d.value + "'";
  if (!d.accepted.empty()) text += (d.field.empty() && d.value.empty() ? ": accepted is " : "; accepted: ") + d.accepted;
  if (!d.rule.empty()) text += " (" + d.rule + ")";
  return text;
}

}  // namespace

absl::Status RestoreRefusal(absl::StatusCode code, const std::string& message, const RefusalDetail& detail) {
  absl::Status status(code, message);
  status.SetPayload(kPayloadUrl, absl::Cord(EncodeValue(detail)));
  return status;
}

Refuse::operator absl::Status() const { return RestoreRefusal(code_, Sentence(detail_), detail_); }

absl::Status RequireInRange(std::string_view field, int64_t value, int64_t low, int64_t high, std::string_view rule) {
  if (low <= value && value <= high) return absl::OkStatus();
  return InvalidField(field, std::to_string(value), std::to_string(low) + " to " + std::to_string(high)).Rule(rule);
}

Refuse InvalidField(std::string_view field, std::string_view value, std::string_view accepted) {
  return Refuse(absl::StatusCode::kInvalidArgument, "INVALID_FIELD").Field(field).Value(value).Accepted(accepted);
}

Refuse NotFound(std::string_view field, std::string_view name) {
  return Refuse(absl::StatusCode::kNotFound, "NOT_FOUND").Field(field).Value(name).Accepted("the name of something that exists");
}

Refuse OutOfRange(std::string_view field, std::string_view value, std::string_view accepted) {
  return Refuse(absl::StatusCode::kOutOfRange, "OUT_OF_RANGE").Field(field).Value(value).Accepted(accepted);
}

std::optional<RefusalDetail> GetRefusal(const absl::Status& status) {
  const auto payload = status.GetPayload(kPayloadUrl);
  if (!payload.has_value()) return std::nullopt;
  RefusalDetail detail;
  const std::string bytes(*payload);
  if (!DecodeValue(bytes, &detail).ok()) return std::nullopt;
  return detail;
}

}  // namespace songhua
