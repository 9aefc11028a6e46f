#include "api/cli/import_calls.h"

#include <fstream>
#include <string_view>
#include <vector>

#include "api/cli/service_error.h"
#include "ledger/legal_time.h"
#include "ledger/sha256.h"

namespace songhua::api::cli {
namespace {

// How often a request is repeated, under its id, while it is not known whether it ran.
constexpr int kTries = 5;
constexpr size_t kHashDigitsShown = 16;

}  // namespace

absl::StatusOr<std::string> HashOfFile(const std::string& path) {
  std::ifstream bytes(path, std::ios::binary);
  if (!bytes.is_open()) return absl::InvalidArgumentError("cannot read " + path);
  Sha256 hash;
  for (std::vector<char> block(1 << 20); bytes.good();) {
    bytes.read(block.data(), static_cast<std::streamsize>(block.size()));
    hash.Update(std::string_view(block.data(), static_cast<size_t>(bytes.gcount())));
  }
  if (bytes.bad()) return absl::InvalidArgumentError("reading " + path + " failed");
  return ToHex(hash.Finish());
}

CallStatus ImportCalls::LearnDate() {
  Timestamp now;
  const CallStatus status = session_.JournalTime(&now);
  if (!status.ok()) return status;
  date_ = FormatDate(LocalDate(now));
  std::erase(date_, '-');
  return status;
}

std::string ImportCalls::RequestId(const std::string& step) const { return date_ + "-" + step + "-" + file_sha256_.substr(0, kHashDigitsShown); }

CallStatus ImportCalls::Call(const std::string& method, const google::protobuf::Message& request, google::protobuf::Message* answer) {
  std::string bytes;
  CallStatus status;
  for (int i = 0; i < kTries; ++i) {
    status = session_.channel().Unary("/songhua.v1." + service_ + "/" + method, request.SerializeAsString(), &bytes);
    if (ExitCodeOf(status) != kExitUnavailable) break;
  }
  if (status.ok() && !answer->ParseFromString(bytes)) return {13, "the answer cannot be read: this program and the service speak different versions", ""};
  return status;
}

std::string NumberOfName(const std::string& name) { return name.substr(name.find('/') + 1); }

}  // namespace songhua::api::cli
