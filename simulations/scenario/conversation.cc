#include "simulations/scenario/conversation.h"

#include <algorithm>

#include "api/cli/text.h"
#include "ledger/refusal.h"

namespace songhua::simulations {
namespace {

namespace pb = google::protobuf;
using Field = pb::FieldDescriptor;

constexpr int kInternal = 13;
constexpr int kRowsMax = 1'000;  // of a page

const Field* FindField(const pb::Message& message, const char* name) { return message.GetDescriptor()->FindFieldByName(name); }

std::string GetString(const pb::Message& message, const char* name) {
  const Field* field = FindField(message, name);
  return field != nullptr ? message.GetReflection()->GetString(message, field) : "";
}

constexpr char kOrders[] = "orders/";

void WaitFor(uint64_t sequence, pb::Message* request) {
  const Field* options = FindField(*request, "options");
  if (options == nullptr) return;
  pb::Message* message = request->GetReflection()->MutableMessage(request, options);
  const Field* at_least = FindField(*message, "at_least_sequence");
  if (message->GetReflection()->GetUInt64(*message, at_least) == 0) message->GetReflection()->SetUInt64(message, at_least, sequence);
}

}  // namespace

std::string Reply::Words() const {
  if (ok()) return "ok";
  const api::cli::ServiceError error = api::cli::DescribeError(status);
  std::string words = "refused " + Reason();
  if (!error.rule.empty()) words += " by " + error.rule;
  if (!error.field.empty()) words += ", " + error.field + " is " + (error.value.empty() ? "empty" : error.value);
  if (!error.accepted.empty()) words += "; accepted: " + error.accepted;
  if (error.reason.empty() && !error.message.empty()) words += " (" + error.message + ")";
  return words;
}

std::string Reply::Reason() const {
  const api::cli::ServiceError error = api::cli::DescribeError(status);
  return error.reason.empty() ? error.code : error.reason;
}

// Looks things up for Units: reads that wait for the last write.
class Conversation::Reader : public api::cli::Channel {
 public:
  explicit Reader(Conversation* conversation) : conversation_(conversation) {}

  api::cli::CallStatus Unary(const std::string& path, const std::string& request, std::string* answer) override {
    for (const api::cli::Rpc& rpc : api::cli::Schema::Get().rpcs()) {
      if (rpc.path != path) continue;
      const auto message = api::cli::Schema::Get().New(rpc.method->input_type());
      if (!message->ParseFromString(request)) return {kInternal, "a request that does not parse", ""};
      WaitFor(conversation_->last_write_, message.get());
      return conversation_->client_->Call(path, message->SerializeAsString(), conversation_->reader_token_, answer);
    }
    return {kInternal, "no such method: " + path, ""};
  }
  api::cli::CallStatus Stream(const std::string&, const std::function<std::optional<std::string>()>&, bool,
                              const std::function<bool(const std::string&)>&) override {
    return {kInternal, "a scenario reads no streams", ""};
  }

 private:
  Conversation* conversation_;
};

Conversation::Conversation(ScenarioClient* client)
    : client_(client), reader_(std::make_unique<Reader>(this)), units_(std::make_unique<api::cli::Units>(reader_.get())) {}

Conversation::~Conversation() = default;

Reply Conversation::Call(const api::cli::Rpc& rpc, pb::Message* request, const std::string& token) {
  if (rpc.write && GetString(*request, "request_id").empty()) {
    std::string date = FormatDate(LocalDate(now_));
    std::erase(date, '-');
    const std::string id = date + "-" + std::to_string(++request_ids_);
    request->GetReflection()->SetString(request, FindField(*request, "request_id"), id);
  }
  if (!rpc.write) WaitFor(last_write_, request);
  Reply reply;
  std::string bytes;
  reply.status = client_->Call(rpc.path, request->SerializeAsString(), token, &bytes);
  if (!reply.ok()) return reply;
  reply.answer = api::cli::Schema::Get().New(rpc.method->output_type());
  if (!reply.answer->ParseFromString(bytes)) {
    reply.status = {kInternal, "the answer does not parse", ""};
    return reply;
  }
  const Field* header = FindField(*reply.answer, "header");
  if (!rpc.write || header == nullptr) return reply;
  const pb::Message& of_answer = reply.answer->GetReflection()->GetMessage(*reply.answer, header);
  last_write_ = std::max(last_write_, of_answer.GetReflection()->GetUInt64(of_answer, FindField(of_answer, "sequence")));
  const pb::Message& time = of_answer.GetReflection()->GetMessage(of_answer, FindField(of_answer, "time"));
  now_ = std::max(now_, Timestamp(time.GetReflection()->GetInt64(time, FindField(time, "seconds")) * kMicrosPerSecond));
  return reply;
}

Reply Conversation::CallRaw(const std::string& path, const std::string& request, const std::string& token) {
  Reply reply;
  std::string answer;
  reply.status = client_->Call(path, request, token, &answer);
  return reply;
}

absl::StatusOr<std::unique_ptr<pb::Message>> Conversation::Read(const std::string& method,
                                                                const std::vector<std::pair<std::string, std::string>>& fields) {
  const api::cli::Rpc& rpc = api::cli::Schema::Get().Find(method);
  const auto request = api::cli::Schema::Get().New(rpc.method->input_type());
  for (const auto& [name, value] : fields) {
    const Field* field = FindField(*request, name.c_str());
    if (field->cpp_type() == Field::CPPTYPE_INT32) {
      request->GetReflection()->SetInt32(request.get(), field, std::stoi(value));
    } else if (field->cpp_type() == Field::CPPTYPE_BOOL) {
      request->GetReflection()->SetBool(request.get(), field, value == "yes");
    } else {
      request->GetReflection()->SetString(request.get(), field, value);
    }
  }
  if (const Field* page = FindField(*request, "page")) {
    pb::Message* of_request = request->GetReflection()->MutableMessage(request.get(), page);
    of_request->GetReflection()->SetInt32(of_request, FindField(*of_request, "page_size"), kRowsMax);
  }
  Reply reply = Call(rpc, request.get(), reader_token_);
  if (!reply.ok()) return absl::NotFoundError(rpc.name + " is " + reply.Words());
  return std::move(reply.answer);
}

std::optional<api::cli::UnitScale> Conversation::ScaleOf(const pb::Message& message) {
  std::optional<api::cli::UnitScale> scale = units_->Of(message);
  if (!scale.has_value()) {
    units_ = std::make_unique<api::cli::Units>(reader_.get());  // what is not known yet may be known later
    const std::string name = GetString(message, "name");
    if (name.compare(0, sizeof kOrders - 1, kOrders) == 0 && message.GetDescriptor()->name() != "Order") {
      const auto answer = Read("Exchange/GetOrder", {{"name", name}});
      if (answer.ok()) scale = units_->Of(**answer);
    }
  }
  return scale;
}

}  // namespace songhua::simulations
