// Who calls: the person behind a bearer token, from published rows. Thread-safe.
#ifndef SONGHUA_API_READS_AUTHENTICATE_H_
#define SONGHUA_API_READS_AUTHENTICATE_H_

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "api/reads/read_context.h"

namespace songhua::api {

// UNAUTHENTICATED with the reasons that the state machine gives (UNKNOWN_TOKEN, TOKEN_REVOKED, TOKEN_EXPIRED).
absl::StatusOr<Caller> Authenticate(ReadSide& side, std::string_view token);

}  // namespace songhua::api

#endif  // SONGHUA_API_READS_AUTHENTICATE_H_
