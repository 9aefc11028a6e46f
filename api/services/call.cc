#include "api/services/call.h"

#include <cctype>
#include <string_view>

#include "api/reads/authenticate.h"
#include "grpcpp/support/slice.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

constexpr std::string_view kScheme = "bearer ";
constexpr size_t kTokenBytesMax = 512;

absl::Status NoToken() {
  return Refuse(absl::StatusCode::kUnauthenticated, "TOKEN_MISSING")
      .Rule("GEN-13")
      .Field("authorization")
      .Accepted("metadata authorization: Bearer <token>");
}

// The token in the metadata; empty: there is none.
absl::StatusOr<std::string> TokenOf(const grpc::ServerContextBase& context) {
  const auto [first, last] = context.client_metadata().equal_range("authorization");
  if (first == last) return std::string();
  if (std::next(first) != last) return NoToken();
  const std::string_view text(first->second.data(), first->second.size());
  if (text.size() <= kScheme.size() || text.size() > kTokenBytesMax) return NoToken();
  for (size_t i = 0; i < kScheme.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != kScheme[i]) return NoToken();
  }
  return std::string(text.substr(kScheme.size()));
}

}  // namespace

absl::StatusOr<std::optional<Caller>> Admit(ReadSide& side, const Method& method, const grpc::ServerContextBase& context) {
  SONGHUA_ASSIGN_OR_RETURN(const std::string token, TokenOf(context));
  if (token.empty()) {
    if (method.open) return std::optional<Caller>();
    return NoToken();
  }
  SONGHUA_ASSIGN_OR_RETURN(Caller caller, Authenticate(side, token));
  SONGHUA_RETURN_IF_ERROR(AuthorizeRole(method, &caller.person));
  return std::optional<Caller>(std::move(caller));
}

absl::StatusOr<bool> MetadataFlag(const grpc::ServerContextBase& context, const std::string& key) {
  const auto [first, last] = context.client_metadata().equal_range(key);
  if (first == last) return false;
  const std::string_view text(first->second.data(), first->second.size());
  if (std::next(first) != last || (text != "true" && text != "false")) {
    return InvalidField(key, std::string(text), "metadata " + key + ": true, or false");
  }
  return text == "true";
}

std::chrono::steady_clock::time_point DeadlineOf(const grpc::ServerContextBase& context) {
  const auto deadline = context.deadline();
  const auto now = std::chrono::system_clock::now();
  // What lies further ahead than any call lasts is no deadline; adding it up could overflow.
  if (deadline - now > std::chrono::hours(24 * 365)) return std::chrono::steady_clock::time_point::max();
  return std::chrono::steady_clock::now() + std::chrono::duration_cast<std::chrono::steady_clock::duration>(deadline - now);
}

absl::Status Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message* message) {
  grpc::Slice slice;
  const bool whole = bytes.TrySingleSlice(&slice).ok() || bytes.DumpToSingleSlice(&slice).ok();
  if (whole && message->ParseFromArray(slice.begin(), static_cast<int>(slice.size()))) return absl::OkStatus();
  return Refuse(absl::StatusCode::kInvalidArgument, "MALFORMED_REQUEST")
      .Rule("GEN-15")
      .Accepted("the encoding of " + message->GetDescriptor()->full_name() + ", its strings in UTF-8");
}

void Assign(const std::string& bytes, grpc::ByteBuffer* buffer) {
  grpc::Slice slice(bytes);
  *buffer = grpc::ByteBuffer(&slice, 1);
}

}  // namespace songhua::api
