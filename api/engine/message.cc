#include "api/engine/message.h"

#include <vector>

#include "api/engine/request_ids.h"
#include "api/order_batches.h"
#include "google/protobuf/unknown_field_set.h"
#include "ledger/bounds.h"
#include "ledger/refusal.h"
#include "songhua/v1/exchange.pb.h"

namespace songhua::api {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Reflection;

absl::Status RefuseAt(const google::protobuf::Message& message, const std::string& path) {
  const Reflection& reflection = *message.GetReflection();
  const auto& unknown = reflection.GetUnknownFields(message);
  if (!unknown.empty()) {
    return Refuse(absl::StatusCode::kInvalidArgument, "UNKNOWN_FIELD")
        .Rule("GEN-15")
        .Field(path.empty() ? message.GetDescriptor()->name() : path)
        .Value("field number " + std::to_string(unknown.field(0).number()))
        .Accepted("the fields of " + message.GetDescriptor()->full_name());
  }
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    const std::string name = path.empty() ? field->name() : path + "." + field->name();
    if (!field->is_repeated()) {
      SONGHUA_RETURN_IF_ERROR(RefuseAt(reflection.GetMessage(message, field), name));
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      SONGHUA_RETURN_IF_ERROR(RefuseAt(reflection.GetRepeatedMessage(message, field, i), name + "[" + std::to_string(i) + "]"));
    }
  }
  return absl::OkStatus();
}

// A batch has one kind of message in it, so its commands are looked at directly; only a bad one pays for the path.
bool HasUnknownFields(const v1::OrderBatch& batch) {
  const Reflection& reflection = *batch.GetReflection();
  if (!reflection.GetUnknownFields(batch).empty()) return true;
  const Reflection& of_command = *v1::OrderCommand::GetReflection();
  for (const v1::OrderCommand& command : batch.commands()) {
    if (!of_command.GetUnknownFields(command).empty()) return true;
  }
  return false;
}

}  // namespace

absl::Status RefuseUnknownFields(const google::protobuf::Message& request) {
  if (request.GetDescriptor() == v1::OrderBatch::descriptor() && !HasUnknownFields(static_cast<const v1::OrderBatch&>(request))) {
    return absl::OkStatus();
  }
  return RefuseAt(request, "");
}

absl::StatusOr<Message> MakeMessage(const Method& method, std::unique_ptr<google::protobuf::Message> request, std::string token_sha256) {
  SONGHUA_RETURN_IF_ERROR(RefuseUnknownFields(*request));
  Message message;
  message.method = &method;
  message.token_sha256 = std::move(token_sha256);
  if (method.stream) {
    SONGHUA_RETURN_IF_ERROR(ValidateOrderBatch(static_cast<const v1::OrderBatch&>(*request)));
  } else {
    const Reflection& reflection = *request->GetReflection();
    const FieldDescriptor* id = request->GetDescriptor()->FindFieldByName("request_id");
    const FieldDescriptor* validate_only = request->GetDescriptor()->FindFieldByName("validate_only");
    SONGHUA_CHECK(id != nullptr && validate_only != nullptr);  // every write has both (common.proto)
    message.request_id = reflection.GetString(*request, id);
    message.validate_only = reflection.GetBool(*request, validate_only);
    reflection.ClearField(request.get(), id);
    reflection.ClearField(request.get(), validate_only);
    if (!message.validate_only) SONGHUA_RETURN_IF_ERROR(ParseRequestId(message.request_id).status());
  }
  message.canonical = request->SerializeAsString();
  if (message.canonical.size() > bounds::kRequestBytesMax) {
    return OutOfRange("request", std::to_string(message.canonical.size()) + " bytes", "at most " + std::to_string(bounds::kRequestBytesMax) + " bytes");
  }
  message.request = std::move(request);
  return message;
}

}  // namespace songhua::api
