// What every kind of call does with gRPC: who calls, until when, bytes in and out.
#ifndef SONGHUA_API_SERVICES_CALL_H_
#define SONGHUA_API_SERVICES_CALL_H_

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "api/engine/method.h"
#include "api/reads/read_context.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "grpcpp/support/byte_buffer.h"

namespace songhua::api {

// The caller, if he may call the method at all: UNAUTHENTICATED or PERMISSION_DENIED otherwise. nullopt: nobody in particular calls a
// method that is open to anybody. A token that was sent must hold, also where none is needed.
absl::StatusOr<std::optional<Caller>> Admit(ReadSide& side, const Method& method, const grpc::ServerContextBase& context);

// Whether the call's metadata say "{key}: true". INVALID_ARGUMENT for anything else than "true" or "false"; false where the key is missing.
absl::StatusOr<bool> MetadataFlag(const grpc::ServerContextBase& context, const std::string& key);

// The call's deadline on the clock that does not jump; max where it has none.
std::chrono::steady_clock::time_point DeadlineOf(const grpc::ServerContextBase& context);

// Parses a message. INVALID_ARGUMENT for what is no such message, or holds a string that is not UTF-8.
absl::Status Parse(const grpc::ByteBuffer& bytes, google::protobuf::Message* message);

void Assign(const std::string& bytes, grpc::ByteBuffer* buffer);

}  // namespace songhua::api

#endif  // SONGHUA_API_SERVICES_CALL_H_
