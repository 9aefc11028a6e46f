#include "ledger/sha256.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua {
namespace {

// Fetched once: looking the algorithm up by name takes longer than hashing a short message.
const EVP_MD* Algorithm() {
  static const EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  SONGHUA_CHECK(md != nullptr);
  return md;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

struct Sha256::Context {
  Context() : evp(EVP_MD_CTX_new()) {
    SONGHUA_CHECK(evp != nullptr);
    Start();
  }
  ~Context() { EVP_MD_CTX_free(evp); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  void Start() { SONGHUA_CHECK(EVP_DigestInit_ex(evp, Algorithm(), nullptr) == 1); }

  EVP_MD_CTX* evp;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::Update(std::string_view bytes) {
  SONGHUA_CHECK(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) == 1);
  return *this;
}

Sha256& Sha256::Update(const Digest& digest) { return Update(AsBytes(digest)); }

Digest Sha256::Finish() {
  Digest digest;
  SONGHUA_CHECK(EVP_DigestFinal_ex(context_->evp, digest.data(), nullptr) == 1);
  context_->Start();
  return digest;
}

Digest Sha256OfParts(std::initializer_list<std::string_view> parts) {
  thread_local Sha256 hash;
  for (std::string_view part : parts) hash.Update(part);
  return hash.Finish();
}

std::string ToHex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * bytes.size());
  for (unsigned char byte : bytes) {
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

std::string ToHex(const Digest& digest) { return ToHex(AsBytes(digest)); }

absl::StatusOr<Digest> FromHex(std::string_view hex, std::string_view field) {
  Digest digest;
  if (hex.size() != 2 * digest.size()) {
    return InvalidField(field, std::to_string(hex.size()) + " characters", "64 hexadecimal digits");
  }
  for (size_t i = 0; i < hex.size(); ++i) {
    const int value = HexValue(hex[i]);
    if (value < 0) {
      return InvalidField(field, "not a hexadecimal digit at position " + std::to_string(i), "64 hexadecimal digits");
    }
    uint8_t& byte = digest[i / 2];
    byte = i % 2 == 0 ? static_cast<uint8_t>(value << 4) : static_cast<uint8_t>(byte | value);
  }
  return digest;
}

bool ConstantTimeEqual(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace songhua
