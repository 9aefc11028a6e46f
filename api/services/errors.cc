#include "api/services/errors.h"

#include <cstdio>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "ledger/identifiers.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

constexpr char kDomain[] = "songhua";

// At most kErrorTextBytesMax bytes of UTF-8, whole characters.
std::string Shown(std::string text) {
  if (!ValidateUtf8(text, "").ok()) return "(bytes that are not UTF-8)";
  if (text.size() <= kErrorTextBytesMax) return text;
  size_t end = kErrorTextBytesMax;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end) + "...";
}

bool IsOurFault(absl::StatusCode code) {
  return code == absl::StatusCode::kInternal || code == absl::StatusCode::kDataLoss || code == absl::StatusCode::kUnknown;
}

}  // namespace

google::rpc::Status ToRpcStatus(const absl::Status& status) {
  google::rpc::Status out;
  out.set_code(static_cast<int32_t>(status.code()));
  if (IsOurFault(status.code())) {
    std::fprintf(stderr, "songhua: %s\n", status.ToString().c_str());
    out.set_message("a fault of the service; its log says more");
  } else {
    out.set_message(Shown(std::string(status.message())));
  }
  const auto refusal = GetRefusal(status);
  google::rpc::ErrorInfo info;
  info.set_domain(kDomain);
  info.set_reason(refusal.has_value() ? refusal->reason : absl::StatusCodeToString(status.code()));
  if (refusal.has_value()) {
    const auto add = [&](const char* key, const std::string& text) {
      if (!text.empty()) (*info.mutable_metadata())[key] = Shown(text);
    };
    add("rule", refusal->rule);
    add("field", refusal->field);
    add("value", refusal->value);
    add("accepted", refusal->accepted);
  }
  out.add_details()->PackFrom(info);
  if (status.code() == absl::StatusCode::kInvalidArgument && refusal.has_value() && !refusal->field.empty()) {
    google::rpc::BadRequest bad;
    auto* violation = bad.add_field_violations();
    violation->set_field(Shown(refusal->field));
    violation->set_description(out.message());
    out.add_details()->PackFrom(bad);
  }
  return out;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status detailed = ToRpcStatus(status);
  return grpc::Status(static_cast<grpc::StatusCode>(detailed.code()), detailed.message(), detailed.SerializeAsString());
}

absl::Status ShuttingDown() { return Refuse(absl::StatusCode::kUnavailable, "SHUTTING_DOWN").Accepted("a later attempt"); }

}  // namespace songhua::api
