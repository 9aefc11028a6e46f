// A real service in this process, over a VIRTUAL store of its own that lives as long as the service: what a replay calls. Nothing of it is
// shortened; calls go through gRPC over a Unix socket in the store's directory, which only this user can enter.
#ifndef SONGHUA_SIMULATIONS_REPLAY_SERVICE_H_
#define SONGHUA_SIMULATIONS_REPLAY_SERVICE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ledger/legal_time.h"
#include "simulations/replay_client.h"
#include "songhua/v1/ledger.grpc.pb.h"
#include "songhua/v1/participants.grpc.pb.h"

namespace songhua::simulations {

class ReplayService {
 public:
  // The store's time stands at nine o'clock of the day. UNAVAILABLE where no directory or socket can be had.
  static absl::StatusOr<std::unique_ptr<ReplayService>> Start(Date today);
  // Drains, and removes the store.
  ~ReplayService();

  ReplayClient& client() { return *client_; }
  std::shared_ptr<grpc::Channel> channel() { return channel_; }
  v1::Ledger::StubInterface::async_interface* ledger() { return ledger_->async(); }
  v1::Participants::StubInterface::async_interface* participants() { return participants_->async(); }

  // What the service finds when it recomputes every invariant of its ledger; empty: all is well.
  absl::StatusOr<std::vector<std::string>> Reconcile();

  // The token of the person "operator", who carries SYSTEM_OP.
  const std::string& operator_token() const { return operator_token_; }
  // Registers a person with one role and gives a token of his.
  absl::StatusOr<std::string> AddPerson(const std::string& id, const std::string& participant, v1::Role role, const std::string& region);
  // The person "registry", REGISTRY_OP of the participant "operator": his token. Registered at the first call.
  absl::StatusOr<std::string> RegistryToken();

 private:
  struct Running;  // the server and its directory
  ReplayService();

  std::unique_ptr<Running> running_;
  Date today_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<ReplayClient> client_;
  std::unique_ptr<v1::Ledger::Stub> ledger_;
  std::unique_ptr<v1::Participants::Stub> participants_;
  std::string operator_token_, registry_token_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_REPLAY_SERVICE_H_
