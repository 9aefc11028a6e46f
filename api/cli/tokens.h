// Bearer tokens on this side of the wire: drawn here, kept in files that only their owner reads, sent to the service as a hash alone.
#ifndef SONGHUA_API_CLI_TOKENS_H_
#define SONGHUA_API_CLI_TOKENS_H_

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace songhua::api::cli {

// 32 bytes of the operating system's generator, as 64 hexadecimal digits.
std::string DrawToken();
// SHA-256 of the token as it is sent, 64 hexadecimal digits.
std::string TokenSha256(std::string_view token);
// `bytes` bytes of the operating system's generator in hexadecimal.
std::string RandomHex(size_t bytes);

// Where `--as PERSON` looks and `token create --save` writes: $SONGHUA_TOKENS; otherwise var/tokens, unless only var/demo/tokens, where `./run` leaves
// those of the demonstration, is there.
std::string TokenDirectory();
// The file of a person, "people/x" or "x". INVALID_ARGUMENT for a name that is no plain file name.
absl::StatusOr<std::string> TokenFile(std::string_view directory, std::string_view person);

// Those whose tokens lie in the directory, in order.
std::vector<std::string> PeopleWithTokens(const std::string& directory);

// Writes the token with mode 0600, making the directories (0700) that are missing; replaces what was there in one step.
absl::Status WriteTokenFile(const std::string& path, std::string_view token);
// NOT_FOUND where there is no such file; INVALID_ARGUMENT for one that does not hold one token.
absl::StatusOr<std::string> ReadTokenFile(const std::string& path);

}  // namespace songhua::api::cli

#endif  // SONGHUA_API_CLI_TOKENS_H_
