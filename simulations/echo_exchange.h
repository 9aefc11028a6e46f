// An order stream that does nothing: it answers each batch of Exchange.StreamOrders with a result for each command, as large as a true one. What a gRPC
// service can carry at most of such messages on a machine; it is the limit that the real one is measured against.
#ifndef SONGHUA_SIMULATIONS_ECHO_EXCHANGE_H_
#define SONGHUA_SIMULATIONS_ECHO_EXCHANGE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace songhua::simulations {

class EchoExchange {
 public:
  // Listens on a port of loopback that the system chooses. UNAVAILABLE where there is none.
  static absl::StatusOr<std::unique_ptr<EchoExchange>> Start();
  // Ends the streams that are left.
  ~EchoExchange();

  const std::string& address() const;

 private:
  struct Parts;
  explicit EchoExchange(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_ECHO_EXCHANGE_H_
