#include "simulations/engine_requests.h"

#include <utility>

#include "api/engine/message.h"
#include "ledger/check.h"
#include "ledger/sha256.h"

namespace songhua::simulations {

EngineRequests::EngineRequests(api::Engine* engine, Date day, std::string mark) : mark_(std::move(mark)), client_(engine, kInFlightMax) {
  set_day(day);
}

void EngineRequests::set_day(Date day) {
  prefix_ = FormatDate(day);
  std::erase(prefix_, '-');
  prefix_ += "-" + mark_;
}

api::Message EngineRequests::Prepared(const std::string& method, const std::string& person,
                                      std::unique_ptr<google::protobuf::Message> request) {
  request->GetReflection()->SetString(request.get(), request->GetDescriptor()->FindFieldByName("request_id"),
                                      prefix_ + std::to_string(++requests_));
  auto message = api::MakeMessage(*api::FindMethod("songhua.v1." + method), std::move(request), ToHex(Sha256Of(person)));
  SONGHUA_CHECK(message.ok());
  return *std::move(message);
}

void EngineRequests::Submit(const std::string& method, const std::string& person, std::unique_ptr<google::protobuf::Message> request) {
  client_.Submit(Prepared(method, person, std::move(request)), person, [this](api::Outcome outcome) {
    if (outcome.status.ok()) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    if (first_refusal_.ok()) first_refusal_ = outcome.status;
  });
}

absl::Status EngineRequests::Drained() {
  client_.Drain();
  const std::lock_guard<std::mutex> lock(mutex_);
  return first_refusal_;
}

absl::Status EngineRequests::Call(const std::string& method, const std::string& person,
                                  std::unique_ptr<google::protobuf::Message> request) {
  Submit(method, person, std::move(request));
  return Drained();
}

absl::StatusOr<std::string> EngineRequests::Ask(const std::string& method, const std::string& person,
                                                std::unique_ptr<google::protobuf::Message> request) {
  api::Outcome asked;
  client_.Submit(Prepared(method, person, std::move(request)), person, [&asked](api::Outcome outcome) { asked = std::move(outcome); });
  client_.Drain();
  if (!asked.status.ok()) return asked.status;
  return std::move(asked.answer);
}

}  // namespace songhua::simulations
