// From a request to the Message that the engine takes: what is malformed is refused here, before anything is queued or recorded.
#ifndef SONGHUA_API_ENGINE_MESSAGE_H_
#define SONGHUA_API_ENGINE_MESSAGE_H_

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/engine/state_machine.h"
#include "google/protobuf/message.h"

namespace songhua::api {

// Refuses fields that the method's request does not know, at any depth, naming the path and the number (INVALID_ARGUMENT, UNKNOWN_FIELD): what a newer
// client meant by them must not be lost silently.
absl::Status RefuseUnknownFields(const google::protobuf::Message& request);

// Makes the message: takes `request_id` and `validate_only` out of the request and writes the rest again as canonical bytes. INVALID_ARGUMENT for
// unknown fields, a request_id out of form, a batch out of form; OUT_OF_RANGE for more than bounds::kRequestBytesMax.
// REQUIRES: method.write, and `request` is of its request type.
absl::StatusOr<Message> MakeMessage(const Method& method, std::unique_ptr<google::protobuf::Message> request, std::string token_sha256);

}  // namespace songhua::api

#endif  // SONGHUA_API_ENGINE_MESSAGE_H_
