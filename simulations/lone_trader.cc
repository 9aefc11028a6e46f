#include "simulations/lone_trader.h"

#include <utility>

#include "api/engine/message.h"
#include "ledger/check.h"
#include "ledger/refusal.h"
#include "simulations/day_market.h"
#include "simulations/latencies.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::simulations {

LoneTrader::LoneTrader(api::Engine* engine, Date day) : client_(engine, 1) { set_day(day); }

void LoneTrader::set_day(Date day) {
  prefix_ = FormatDate(day);
  std::erase(prefix_, '-');
  prefix_ += "-o";
  resting_.clear();
}

absl::StatusOr<int64_t> LoneTrader::RunOne() {
  std::string bytes;
  if (!resting_.empty()) {
    auto request = std::make_unique<v1::CancelOrderRequest>();
    request->set_request_id(prefix_ + std::to_string(++requests_));
    request->set_name(std::exchange(resting_, {}));
    return Call("CancelOrder", std::move(request), &bytes);
  }
  auto request = std::make_unique<v1::PlaceOrderRequest>();
  request->set_request_id(prefix_ + std::to_string(++requests_));
  request->set_contract("contracts/CEA-1");
  request->set_account("accounts/" + DayEnterprise(0) + ".trading");
  request->set_side(v1::BUY);
  request->set_price_fen(DayMarket::kReferencePriceFen);
  request->set_quantity(10);
  SONGHUA_ASSIGN_OR_RETURN(const int64_t latency, Call("PlaceOrder", std::move(request), &bytes));
  v1::OrderAnswer answer;
  SONGHUA_CHECK(answer.ParseFromString(bytes));
  resting_ = answer.order().name();
  return latency;
}

absl::StatusOr<int64_t> LoneTrader::Call(const std::string& method, std::unique_ptr<google::protobuf::Message> request, std::string* answer) {
  auto message = api::MakeMessage(*api::FindMethod("songhua.v1.Exchange/" + method), std::move(request), DayTraderTokenSha256(0));
  SONGHUA_RETURN_IF_ERROR(message.status());
  api::Outcome outcome;
  int64_t submitted = 0, answered = 0;
  client_.Submit(*std::move(message), DayTraderId(0), [&](api::Outcome given) {
    answered = SteadyNanos();
    outcome = std::move(given);
  }, &submitted);
  client_.Drain();
  SONGHUA_RETURN_IF_ERROR(outcome.status);
  *answer = std::move(outcome.answer);
  return answered - submitted;
}

}  // namespace songhua::simulations
