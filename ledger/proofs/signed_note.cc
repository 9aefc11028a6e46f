#include "ledger/proofs/signed_note.h"

#include <openssl/evp.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "ledger/check.h"

namespace songhua::proofs {
namespace {

constexpr std::string_view kSignatureStart = "\xe2\x80\x94 ";  // an em dash and a space
constexpr std::string_view kPrivateStart = "PRIVATE+KEY+";
constexpr std::string_view kPrivateShown = "(a private one)";  // it does not go into a message
constexpr size_t kKeyIdBytes = 4;
constexpr size_t kTimeBytes = 8;
constexpr size_t kKeyShownMax = 120;

using KeyHandle = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using DigestHandle = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

const unsigned char* Unsigned(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

KeyHandle PrivateKey(const Digest& seed) {
  KeyHandle key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()), &EVP_PKEY_free);
  SONGHUA_CHECK(key != nullptr);
  return key;
}

std::string BigEndian(uint64_t value, size_t bytes) {
  std::string out(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) out[bytes - 1 - i] = static_cast<char>(value >> (8 * i));
  return out;
}

uint64_t FromBigEndian(std::string_view bytes) {
  uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::string EncodeBase64(std::string_view bytes) { return absl::Base64Escape(absl::string_view(bytes.data(), bytes.size())); }

// Only what EncodeBase64 prints.
std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string bytes;
  if (!absl::Base64Unescape(absl::string_view(text.data(), text.size()), &bytes) || EncodeBase64(bytes) != text) return std::nullopt;
  return bytes;
}

// Well-formed UTF-8 (RFC 3629): no overlong forms, no surrogates, nothing above U+10FFFF.
bool IsUtf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t at) { return at < text.size() ? static_cast<unsigned char>(text[at]) : 0u; };
    const unsigned first = byte(i);
    const size_t more = first < 0x80 ? 0 : first >= 0xc2 && first < 0xe0 ? 1 : first >= 0xe0 && first < 0xf0 ? 2 : first >= 0xf0 && first < 0xf5 ? 3 : 4;
    if (more == 4) return false;
    for (size_t k = 1; k <= more; ++k) {
      if ((byte(i + k) & 0xc0) != 0x80) return false;
    }
    const unsigned second = byte(i + 1);
    if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second >= 0xa0) || (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90)) return false;
    i += more + 1;
  }
  return true;
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

// The blanks of Unicode beyond ASCII. Readers of other makes refuse a whole note for a name that holds one.
bool HasWideBlank(std::string_view utf8) {
  constexpr std::string_view kWideBlanks[] = {"\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
                                              "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};
  return std::any_of(std::begin(kWideBlanks), std::end(kWideBlanks), [&](std::string_view blank) { return utf8.find(blank) != std::string_view::npos; });
}

bool IsKeyName(std::string_view name) {
  return !name.empty() && IsUtf8(name) && !HasWideBlank(name) && std::none_of(name.begin(), name.end(), [](char c) { return IsControl(c) || c == ' ' || c == '+'; });
}

absl::Status BadNote(const std::string& what) { return absl::InvalidArgumentError("the note " + what); }

absl::Status BadKey(std::string_view shown, const std::string& what) {
  return absl::InvalidArgumentError("the key '" + std::string(shown.substr(0, kKeyShownMax)) + "' " + what);
}

// "name+id+base64(type | 32 bytes)", of either half.
struct KeyParts {
  std::string name;
  uint32_t id = 0;
  KeyType type = KeyType::kLog;
  Digest bytes{};
};

absl::StatusOr<KeyParts> ParseKeyParts(std::string_view encoded, std::string_view shown) {
  const size_t first = encoded.find('+');
  const size_t second = first == std::string_view::npos ? first : encoded.find('+', first + 1);
  if (second == std::string_view::npos) return BadKey(shown, "has not three parts; accepted: name+id+base64");
  KeyParts parts;
  parts.name = std::string(encoded.substr(0, first));
  if (!IsKeyName(parts.name)) return BadKey(shown, "has no name of printable characters without spaces and pluses");
  const std::string_view id = encoded.substr(first + 1, second - first - 1);
  if (id.size() != 8 || id.find_first_not_of("0123456789abcdef") != std::string_view::npos) return BadKey(shown, "has an id that is not 8 lower-case hexadecimal digits");
  parts.id = static_cast<uint32_t>(std::stoul(std::string(id), nullptr, 16));
  const auto bytes = DecodeBase64(encoded.substr(second + 1));
  if (!bytes.has_value() || bytes->size() != 1 + parts.bytes.size()) return BadKey(shown, "does not end with 33 bytes in base64");
  const auto type = static_cast<uint8_t>(bytes->front());
  if (type != static_cast<uint8_t>(KeyType::kLog) && type != static_cast<uint8_t>(KeyType::kWitness)) {
    return BadKey(shown, "is of type " + std::to_string(type) + "; accepted: 1 (a log's Ed25519), 4 (a witness's Ed25519)");
  }
  parts.type = static_cast<KeyType>(type);
  std::copy(bytes->begin() + 1, bytes->end(), parts.bytes.begin());
  return parts;
}

std::string EncodeKeyParts(const std::string& name, uint32_t id, KeyType type, const Digest& bytes) {
  return name + "+" + absl::StrFormat("%08x", id) + "+" + EncodeBase64(std::string(1, static_cast<char>(type)) + std::string(AsBytes(bytes)));
}

std::string CosignedMessage(std::string_view text, uint64_t time_s) { return "cosignature/v1\ntime " + std::to_string(time_s) + "\n" + std::string(text); }

absl::StatusOr<NoteSignature> ParseSignatureLine(std::string_view line, int number) {
  const std::string where = "has in line " + std::to_string(number) + " no signature; accepted: an em dash, a space, a name, a space, base64";
  if (line.substr(0, kSignatureStart.size()) != kSignatureStart) return BadNote(where);
  line.remove_prefix(kSignatureStart.size());
  const size_t space = line.find(' ');
  if (space == std::string_view::npos || !IsKeyName(line.substr(0, space))) return BadNote(where);
  const auto bytes = DecodeBase64(line.substr(space + 1));
  if (!bytes.has_value() || bytes->size() <= kKeyIdBytes) return BadNote(where);
  NoteSignature signature;
  signature.name = std::string(line.substr(0, space));
  signature.key_id = static_cast<uint32_t>(FromBigEndian(std::string_view(*bytes).substr(0, kKeyIdBytes)));
  signature.bytes = bytes->substr(kKeyIdBytes);
  return signature;
}

}  // namespace

Digest Ed25519PublicKey(const Digest& seed) {
  const KeyHandle key = PrivateKey(seed);
  Digest public_key{};
  size_t size = public_key.size();
  SONGHUA_CHECK(EVP_PKEY_get_raw_public_key(key.get(), public_key.data(), &size) == 1 && size == public_key.size());
  return public_key;
}

Ed25519Signature Ed25519Sign(const Digest& seed, std::string_view message) {
  const KeyHandle key = PrivateKey(seed);
  const DigestHandle context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  Ed25519Signature signature{};
  size_t size = signature.size();
  SONGHUA_CHECK(context != nullptr && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1);
  SONGHUA_CHECK(EVP_DigestSign(context.get(), signature.data(), &size, Unsigned(message), message.size()) == 1 && size == signature.size());
  return signature;
}

bool Ed25519Verify(const Digest& public_key, std::string_view message, std::string_view signature) {
  if (signature.size() != sizeof(Ed25519Signature)) return false;
  const KeyHandle key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, public_key.data(), public_key.size()), &EVP_PKEY_free);
  const DigestHandle context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  if (key == nullptr || context == nullptr || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) != 1) return false;
  return EVP_DigestVerify(context.get(), Unsigned(signature), signature.size(), Unsigned(message), message.size()) == 1;
}

uint32_t VerifierKey::Id() const {
  const char kind = static_cast<char>(type);
  const Digest hash = Sha256Of(name, std::string_view("\n", 1), std::string_view(&kind, 1), AsBytes(public_key));
  return static_cast<uint32_t>(FromBigEndian(AsBytes(hash).substr(0, kKeyIdBytes)));
}

std::string VerifierKey::Encode() const { return EncodeKeyParts(name, Id(), type, public_key); }

std::string_view ShownKey(std::string_view encoded) { return encoded.find(kPrivateStart) == std::string_view::npos ? encoded : kPrivateShown; }

absl::StatusOr<VerifierKey> ParseVerifierKey(std::string_view encoded) {
  const auto parts = ParseKeyParts(encoded, ShownKey(encoded));
  if (!parts.ok()) return parts.status();
  VerifierKey key{parts->name, parts->type, parts->bytes};
  if (key.Id() != parts->id) return BadKey(encoded, "has an id that is not its own; its name and bytes give " + absl::StrFormat("%08x", key.Id()));
  return key;
}

VerifierKey SignerKey::Verifier() const { return {name, type, Ed25519PublicKey(seed)}; }

std::string SignerKey::Encode() const { return std::string(kPrivateStart) + EncodeKeyParts(name, Verifier().Id(), type, seed); }

absl::StatusOr<SignerKey> ParseSignerKey(std::string_view encoded) {
  if (encoded.substr(0, kPrivateStart.size()) != kPrivateStart) return BadKey(kPrivateShown, "does not begin with PRIVATE+KEY+");
  const auto parts = ParseKeyParts(encoded.substr(kPrivateStart.size()), kPrivateShown);
  if (!parts.ok()) return parts.status();
  SignerKey key{parts->name, parts->type, parts->bytes};
  if (key.Verifier().Id() != parts->id) return BadKey(kPrivateShown, "has an id that is not its own");
  return key;
}

absl::StatusOr<SignedNote> ParseNote(std::string_view bytes) {
  if (bytes.size() > kNoteBytesMax) return BadNote("has " + std::to_string(bytes.size()) + " bytes; at most " + std::to_string(kNoteBytesMax) + " are accepted");
  if (!IsUtf8(bytes)) return BadNote("is not UTF-8");
  if (std::any_of(bytes.begin(), bytes.end(), [](char c) { return c != '\n' && IsControl(c); })) return BadNote("has control characters other than newlines");
  if (bytes.empty() || bytes.back() != '\n') return BadNote("does not end with a newline");
  const size_t split = bytes.rfind("\n\n");
  if (split == std::string_view::npos) return BadNote("has no empty line between its text and its signatures");
  SignedNote note;
  note.text = std::string(bytes.substr(0, split + 1));
  if (note.text == "\n") return BadNote("has no text");
  std::string_view rest = bytes.substr(split + 2);
  if (rest.empty()) return BadNote("has no signature");
  for (int number = static_cast<int>(std::count(note.text.begin(), note.text.end(), '\n')) + 2; !rest.empty(); ++number) {
    const size_t end = rest.find('\n');
    auto signature = ParseSignatureLine(rest.substr(0, end), number);
    if (!signature.ok()) return signature.status();
    if (std::find(note.signatures.begin(), note.signatures.end(), *signature) != note.signatures.end()) {
      return BadNote("has the signature of line " + std::to_string(number) + ", by " + signature->name + ", twice");
    }
    if (note.signatures.size() == kNoteSignaturesMax) return BadNote("has more than " + std::to_string(kNoteSignaturesMax) + " signatures");
    note.signatures.push_back(*std::move(signature));
    rest.remove_prefix(end + 1);
  }
  return note;
}

std::string FormatNote(const SignedNote& note) {
  std::string bytes = note.text + "\n";
  for (const NoteSignature& signature : note.signatures) {
    bytes += std::string(kSignatureStart) + signature.name + " " + EncodeBase64(BigEndian(signature.key_id, kKeyIdBytes) + signature.bytes) + "\n";
  }
  return bytes;
}

void SignNote(const SignerKey& key, SignedNote* note) {
  SONGHUA_CHECK(key.type == KeyType::kLog && !note->text.empty() && note->text.back() == '\n');
  const Ed25519Signature signature = Ed25519Sign(key.seed, note->text);
  note->signatures.push_back({key.name, key.Verifier().Id(), std::string(signature.begin(), signature.end())});
}

NoteSignature Cosign(const SignerKey& key, std::string_view text, uint64_t time_s) {
  SONGHUA_CHECK(key.type == KeyType::kWitness);
  const Ed25519Signature signature = Ed25519Sign(key.seed, CosignedMessage(text, time_s));
  return {key.name, key.Verifier().Id(), BigEndian(time_s, kTimeBytes) + std::string(signature.begin(), signature.end())};
}

uint64_t CosignatureTime(const NoteSignature& signature) { return FromBigEndian(std::string_view(signature.bytes).substr(0, kTimeBytes)); }

bool Verifies(std::string_view text, const NoteSignature& signature, const VerifierKey& key) {
  if (signature.name != key.name || signature.key_id != key.Id()) return false;
  if (key.type == KeyType::kLog) return Ed25519Verify(key.public_key, text, signature.bytes);
  if (signature.bytes.size() != kTimeBytes + sizeof(Ed25519Signature) || CosignatureTime(signature) > INT64_MAX) return false;
  return Ed25519Verify(key.public_key, CosignedMessage(text, CosignatureTime(signature)), std::string_view(signature.bytes).substr(kTimeBytes));
}

absl::Status VerifySignature(const SignedNote& note, const VerifierKey& key) {
  bool found = false;
  for (const NoteSignature& signature : note.signatures) {
    if (signature.name != key.name || signature.key_id != key.Id()) continue;
    if (!Verifies(note.text, signature, key)) return BadNote("has a signature by " + key.name + " that does not verify");
    found = true;
  }
  if (found) return absl::OkStatus();
  return absl::NotFoundError("the note has no signature by " + key.name + "+" + absl::StrFormat("%08x", key.Id()));
}

}  // namespace songhua::proofs
