// The wire as the command line sees it: bytes to a method, bytes and a status back. A seam, so that everything above it is tested without a
// network; the real one is GrpcChannel (client.h).
#ifndef SONGHUA_API_CLI_CHANNEL_H_
#define SONGHUA_API_CLI_CHANNEL_H_

#include <functional>
#include <optional>
#include <string>

namespace songhua::api::cli {

// How a call ended. `code` is a google.rpc.Code; `details` the bytes of a google.rpc.Status, or empty.
struct CallStatus {
  int code = 0;
  std::string message;
  std::string details;

  bool ok() const { return code == 0; }
};

class Channel {
 public:
  virtual ~Channel() = default;
  // One request, one answer. `path` is "/songhua.v1.Ledger/GetLot".
  virtual CallStatus Unary(const std::string& path, const std::string& request, std::string* answer) = 0;
  // Sends what `next` gives until it gives nothing more. With `in_turn` each message waits for the answer to the one before. Hands every
  // answer to `on_answer`, which returns false to stop.
  virtual CallStatus Stream(const std::string& path, const std::function<std::optional<std::string>()>& next, bool in_turn,
                            const std::function<bool(const std::string&)>& on_answer) = 0;
};

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_CHANNEL_H_
