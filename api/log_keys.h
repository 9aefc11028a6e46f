// The log's private keys: what signs checkpoints. One file a key in the store's directory log_keys/, mode 0600, in the form of proofs::SignerKey; the first is drawn when a
// store is served for the first time.
//
// Rotation: `songhua log new-key` adds a key, and the service, started again, signs with all of them, so that who knows either key goes on; when all who rely on the log
// have taken the new one in, the old file is removed. A key that got into other hands is named as revoked in its readers' trust files (proofs/certificate_check.h).
//
// Thread-safe after Open.
#ifndef SONGHUA_API_LOG_KEYS_H_
#define SONGHUA_API_LOG_KEYS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/proofs/checkpoint.h"
#include "ledger/proofs/signed_note.h"

namespace songhua::api {

class LogKeys {
 public:
  // Reads the keys of the store in `path`; draws the first where there is none. UNAVAILABLE, FAILED_PRECONDITION: a file that others can read, is no key, or is of
  // another log; the message names it.
  static absl::StatusOr<std::unique_ptr<LogKeys>> Open(const std::string& path, const std::string& store_id);
  // Adds a key to the store in `path`. Returns what verifies it.
  static absl::StatusOr<proofs::VerifierKey> AddKey(const std::string& path, const std::string& store_id);

  const std::string& origin() const { return origin_; }
  // In the order in which they were made.
  std::vector<proofs::VerifierKey> Verifiers() const;
  // The checkpoint as a note, signed by all keys. The same checkpoint always has the same signatures.
  proofs::SignedNote Sign(uint64_t size, const Digest& root) const;

 private:
  LogKeys(std::string origin, std::vector<proofs::SignerKey> keys) : origin_(std::move(origin)), keys_(std::move(keys)) {}

  const std::string origin_;
  const std::vector<proofs::SignerKey> keys_;
};

}  // namespace songhua::api

#endif  // SONGHUA_API_LOG_KEYS_H_
