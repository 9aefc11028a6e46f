#include "api/log_keys.h"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/str_format.h"
#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

constexpr char kDirectory[] = "log_keys";
constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kKeyFileMode = 0600;
constexpr size_t kKeysMax = 16;

absl::Status KeyError(const std::string& doing) { return absl::UnavailableError(doing + ": " + std::strerror(errno)); }

// "log_keys/0001.key" and so on.
absl::StatusOr<std::vector<std::string>> KeyFiles(const std::string& path) {
  std::vector<std::string> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at(path + "/" + kDirectory, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == ".key") files.push_back(at->path().string());
  }
  if (error && error != std::errc::no_such_file_or_directory) return absl::UnavailableError("reading " + path + "/" + kDirectory + ": " + error.message());
  std::sort(files.begin(), files.end());
  return files;
}

absl::StatusOr<proofs::SignerKey> ReadKey(const std::string& file, const std::string& origin) {
  struct stat about {};
  if (::stat(file.c_str(), &about) != 0) return KeyError("reading " + file);
  if ((about.st_mode & 077) != 0) return absl::FailedPreconditionError("others can read the log's private key in " + file + "; accepted: chmod 600 " + file);
  std::ifstream in(file, std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  while (!text.empty() && text.back() == '\n') text.pop_back();
  auto key = proofs::ParseSignerKey(text);
  if (!key.ok()) return absl::FailedPreconditionError(file + " is no private key of a log: " + std::string(key.status().message()));
  if (key->name != origin || key->type != proofs::KeyType::kLog) {
    return absl::FailedPreconditionError(file + " is a key of '" + key->name + "'; accepted: one of '" + origin + "'");
  }
  return key;
}

absl::StatusOr<proofs::SignerKey> MakeKey(const std::string& path, const std::string& origin, size_t number) {
  const std::string directory = path + "/" + kDirectory;
  if (::mkdir(directory.c_str(), kDirectoryMode) != 0 && errno != EEXIST) return KeyError("making " + directory);
  proofs::SignerKey key;
  key.name = origin;
  SONGHUA_CHECK(RAND_bytes(key.seed.data(), static_cast<int>(key.seed.size())) == 1);
  const std::string file = directory + "/" + absl::StrFormat("%04d", number) + ".key";
  const std::string text = key.Encode() + "\n";
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kKeyFileMode);
  if (fd < 0) return KeyError("making " + file);
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(fd) == 0;
  const absl::Status status = written ? absl::OkStatus() : KeyError("writing " + file);
  ::close(fd);
  if (!status.ok()) return status;
  return key;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LogKeys>> LogKeys::Open(const std::string& path, const std::string& store_id) {
  const std::string origin = proofs::LogOrigin(store_id);
  SONGHUA_ASSIGN_OR_RETURN(const std::vector<std::string> files, KeyFiles(path));
  std::vector<proofs::SignerKey> keys;
  for (const std::string& file : files) {
    SONGHUA_ASSIGN_OR_RETURN(proofs::SignerKey key, ReadKey(file, origin));
    keys.push_back(std::move(key));
  }
  if (keys.empty()) {
    SONGHUA_ASSIGN_OR_RETURN(proofs::SignerKey key, MakeKey(path, origin, 1));
    keys.push_back(std::move(key));
  }
  return std::unique_ptr<LogKeys>(new LogKeys(origin, std::move(keys)));
}

absl::StatusOr<proofs::VerifierKey> LogKeys::AddKey(const std::string& path, const std::string& store_id) {
  SONGHUA_ASSIGN_OR_RETURN(const std::vector<std::string> files, KeyFiles(path));
  if (files.size() >= kKeysMax) return absl::FailedPreconditionError("there are " + std::to_string(files.size()) + " keys in " + path + "/" + kDirectory + "; at most " + std::to_string(kKeysMax) + " sign");
  size_t number = 1;
  if (!files.empty()) number = static_cast<size_t>(std::atoi(std::filesystem::path(files.back()).stem().c_str())) + 1;
  SONGHUA_ASSIGN_OR_RETURN(const proofs::SignerKey key, MakeKey(path, proofs::LogOrigin(store_id), number));
  return key.Verifier();
}

std::vector<proofs::VerifierKey> LogKeys::Verifiers() const {
  std::vector<proofs::VerifierKey> verifiers;
  for (const proofs::SignerKey& key : keys_) verifiers.push_back(key.Verifier());
  return verifiers;
}

proofs::SignedNote LogKeys::Sign(uint64_t size, const Digest& root) const {
  proofs::SignedNote note;
  note.text = proofs::Checkpoint{origin_, size, root, ""}.Text();
  for (const proofs::SignerKey& key : keys_) proofs::SignNote(key, &note);
  return note;
}

}  // namespace songhua::api
