// A small world for tests of the API, built by commands as clients send them, over an engine alone or over a server.
//
//   World world(&transport);
//   world.Furnish();
//   auto lots = world.Ask<v1::ListLotsAnswer>("Ledger/ListLots", "account: 'accounts/$A.registry'", "a-trader");
//
// $A, $B and $D are enterprises: $A and $B with sites in Changchun (220100), $D with one in Jilin city (220200). $K is a bank, `branch` its
// branch. Authorities: `province` (220000), `changchun` (220100), `jilin` (220200). A person's token is his id:
//
//   operator-token    SYSTEM_OP (made with the store)
//   registry-op, exchange-op, settlement-op
//   a-trader, b-trader, d-trader    ENT_OPERATOR and ENT_LEGAL_REP
//   k-officer, branch-officer       BANK_OFFICER and BANK_APPROVER
//   province-officer, changchun-officer, jilin-officer    all offices that their authority may have, in its region
#ifndef SONGHUA_TESTS_API_WORLD_H_
#define SONGHUA_TESTS_API_WORLD_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/engine/method.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "ledger/refusal.h"
#include "songhua/v1/exchange.pb.h"
#include "songhua/v1/ledger.pb.h"
#include "songhua/v1/operations.pb.h"
#include "songhua/v1/participants.pb.h"
#include "songhua/v1/permits.pb.h"
#include "songhua/v1/pledges.pb.h"
#include "songhua/v1/trades.pb.h"

namespace songhua::api {

// Carries one call of any method; the answer's bytes.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual absl::StatusOr<std::string> Send(const Method& method, const google::protobuf::Message& request, const std::string& token) = 0;
};

// "PERMISSION_DENIED FOREIGN_PARTICIPANT": code and reason; "OK".
std::string Outcome(const absl::Status& status);
template <class T>
std::string Outcome(const absl::StatusOr<T>& result) {
  return Outcome(result.status());
}

class World {
 public:
  explicit World(Transport* transport);

  // Participants and people as above; rights and carbon programs; per enterprise 500 t of vintage 2025 in the trading account, 1,000,000
  // yuan, and for $A 100 kg/a of SO2 (lots of 60 and 40); contracts CEA25 (open, immediate), CEA25V (open, verified), SO2; a base price; a
  // permit of $A's site.
  void Furnish();
  // Only the participants and people.
  void Populate();

  // `method` without the package. The text may use $A ...; a write without a request_id gets a new one.
  template <class Answer>
  absl::StatusOr<Answer> Ask(std::string_view method, const std::string& text, const std::string& token) {
    SONGHUA_ASSIGN_OR_RETURN(const std::string bytes, AskBytes(method, text, token));
    Answer answer;
    EXPECT_TRUE(answer.ParseFromString(bytes));
    return answer;
  }
  absl::StatusOr<std::string> AskBytes(std::string_view method, const std::string& text, const std::string& token);
  // The same, expected to be accepted.
  template <class Answer>
  Answer Must(std::string_view method, const std::string& text, const std::string& token) {
    auto answer = Ask<Answer>(method, text, token);
    EXPECT_TRUE(answer.ok()) << method << " " << Named(text) << ": " << answer.status();
    return answer.ok() ? *std::move(answer) : Answer();
  }
  std::unique_ptr<google::protobuf::Message> Request(std::string_view method, const std::string& text);

  // Orders of the trader from the account that he would use; the order's name.
  std::string Buy(const std::string& who, const std::string& contract, int64_t price, int64_t quantity);
  std::string Sell(const std::string& who, const std::string& contract, int64_t price, int64_t quantity);

  std::string Named(std::string text) const;
  std::string NewRequestId() { return "20260105-w" + std::to_string(++requests_); }

 private:
  void Participant(const std::string& text);
  // `roles` as in "ENT_OPERATOR ENT_LEGAL_REP"; region where the roles are an authority's.
  void Person(const std::string& id, const std::string& participant, const std::vector<std::string>& roles, const std::string& region = "");
  void Do(std::string_view method, const std::string& text, const std::string& token);
  std::string Place(const std::string& who, const std::string& side, const std::string& contract, int64_t price, int64_t quantity);

  Transport* transport_;
  std::map<std::string, std::string> ids_;
  uint64_t requests_ = 0;
};

}  // namespace songhua::api

#endif  // SONGHUA_TESTS_API_WORLD_H_
