// SHA-256 over byte strings, as used by row digests, the Merkle log, document hashes and derived salts.
//
//   Digest d = Sha256Of("salt", entropy, index_bytes);   // of the parts laid end to end, without a copy
//
// OpenSSL does the work (it uses the processor's SHA instructions where there are any); a hash object keeps its context, so short
// inputs pay no allocation. An object belongs to one thread at a time; the free functions may be called from any thread.
#ifndef SONGHUA_LEDGER_SHA256_H_
#define SONGHUA_LEDGER_SHA256_H_

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace songhua {

using Digest = std::array<uint8_t, 32>;

// Hashes one message after another. Finish() yields the digest of what was given since the last Finish() and starts the next message.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  Sha256& Update(std::string_view bytes);
  Sha256& Update(const Digest& digest);
  Digest Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

// The bytes of a digest, for use as a part of another message. The view lives as long as the digest.
inline std::string_view AsBytes(const Digest& digest) {
  return std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size());
}

// The digest of the parts laid end to end. Parts are not separated: a caller whose parts vary in length must encode the lengths.
Digest Sha256OfParts(std::initializer_list<std::string_view> parts);
template <class... Part>
Digest Sha256Of(const Part&... parts) {
  return Sha256OfParts({std::string_view(parts)...});
}

// 64 lower-case hexadecimal digits.
std::string ToHex(const Digest& digest);
// Lower-case hexadecimal digits of any bytes.
std::string ToHex(std::string_view bytes);
// Reads exactly 64 hexadecimal digits of either case; INVALID_ARGUMENT names what is wrong and where.
absl::StatusOr<Digest> FromHex(std::string_view hex, std::string_view field = "digest");

// Equality whose duration does not depend on where the two differ: for secrets and their hashes.
bool ConstantTimeEqual(std::string_view a, std::string_view b);
inline bool ConstantTimeEqual(const Digest& a, const Digest& b) { return ConstantTimeEqual(AsBytes(a), AsBytes(b)); }

}  // namespace songhua

#endif  // SONGHUA_LEDGER_SHA256_H_
