#include "api/document_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "ledger/bounds.h"
#include "ledger/refusal.h"

namespace songhua::api {
namespace {

constexpr mode_t kDirectoryMode = 0700;
constexpr mode_t kFileMode = 0600;
constexpr size_t kCheckBytes = 1 * bounds::kMiB;  // read at once by Check

absl::Status DiskError(const std::string& doing, int error) {
  const std::string text = doing + ": " + std::strerror(error);
  return error == ENOSPC || error == EDQUOT ? absl::ResourceExhaustedError(text) : absl::UnavailableError(text);
}

absl::Status SyncDirectory(const std::string& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return DiskError("opening " + path, errno);
  const int failed = ::fsync(directory) == 0 ? 0 : errno;
  ::close(directory);
  return failed == 0 ? absl::OkStatus() : DiskError("syncing " + path, failed);
}

// Makes `path` in `parent`, durably, unless it is there.
absl::Status MakeDirectory(const std::string& parent, const std::string& path) {
  if (::mkdir(path.c_str(), kDirectoryMode) != 0) {
    if (errno == EEXIST) return absl::OkStatus();
    return DiskError("making " + path, errno);
  }
  return SyncDirectory(parent);
}

std::string RootOf(const std::string& store_path) { return store_path + "/documents"; }
std::string IncomingOf(const std::string& root) { return root + "/incoming"; }
std::string DirectoryOf(const std::string& root, const Digest& sha256) { return root + "/" + ToHex(sha256).substr(0, 2); }
std::string PathOf(const std::string& root, const Digest& sha256) { return DirectoryOf(root, sha256) + "/" + ToHex(sha256); }

absl::Status Differs(std::string_view reason, std::string_view field, const std::string& value, const std::string& accepted) {
  return Refuse(absl::StatusCode::kInvalidArgument, reason).Rule("GEN-08").Field(field).Value(value).Accepted(accepted);
}

}  // namespace

absl::StatusOr<std::unique_ptr<DocumentFiles>> DocumentFiles::Open(const std::string& store_path) {
  const std::string root = RootOf(store_path);
  SONGHUA_RETURN_IF_ERROR(MakeDirectory(store_path, root));
  SONGHUA_RETURN_IF_ERROR(MakeDirectory(root, IncomingOf(root)));
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(IncomingOf(root), error)) {
    std::error_code removing;
    std::filesystem::remove(entry.path(), removing);
    if (removing) return absl::UnavailableError("removing " + entry.path().string() + ": " + removing.message());
  }
  if (error) return absl::UnavailableError("listing " + IncomingOf(root) + ": " + error.message());
  return std::unique_ptr<DocumentFiles>(new DocumentFiles(root));
}

bool DocumentFiles::Enter() {
  if (++on_their_way_ <= bounds::kDocumentStreamsMax) return true;
  --on_their_way_;
  return false;
}

absl::StatusOr<std::unique_ptr<DocumentFiles::Writer>> DocumentFiles::Begin(const Digest& sha256, int64_t size) {
  std::string path = IncomingOf(root_) + "/" + std::to_string(++uploads_);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kFileMode);
  if (file < 0) return DiskError("making " + path, errno);
  return std::unique_ptr<Writer>(new Writer(this, std::move(path), file, sha256, size));
}

DocumentFiles::Writer::~Writer() {
  if (file_ < 0) return;
  ::close(file_);
  ::unlink(path_.c_str());
}

absl::Status DocumentFiles::Writer::Append(std::string_view bytes) {
  if (static_cast<int64_t>(bytes.size()) > size_ - written_) {
    return Differs("SIZE_DIFFERS", "chunk", "more than " + std::to_string(size_) + " bytes", "as many bytes as the registration says");
  }
  hash_.Update(bytes);
  written_ += static_cast<int64_t>(bytes.size());
  while (!bytes.empty()) {
    const ssize_t done = ::write(file_, bytes.data(), bytes.size());
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return DiskError("writing " + path_, errno);
    bytes.remove_prefix(static_cast<size_t>(done));
  }
  return absl::OkStatus();
}

absl::Status DocumentFiles::Writer::Commit() {
  if (written_ != size_) {
    return Differs("SIZE_DIFFERS", "document.size_bytes", std::to_string(size_) + ", but " + std::to_string(written_) + " bytes came",
                   "the number of bytes that are sent");
  }
  const Digest digest = hash_.Finish();
  if (digest != announced_) {
    return Differs("HASH_DIFFERS", "document.sha256", ToHex(announced_), ToHex(digest) + ", the SHA-256 of the bytes that were sent");
  }
  if (::fsync(file_) != 0) return DiskError("syncing " + path_, errno);
  const std::string directory = DirectoryOf(files_.root_, digest);
  SONGHUA_RETURN_IF_ERROR(MakeDirectory(files_.root_, directory));
  const std::string path = PathOf(files_.root_, digest);
  if (::rename(path_.c_str(), path.c_str()) != 0) return DiskError("renaming " + path_ + " to " + path, errno);
  ::close(std::exchange(file_, -1));
  return SyncDirectory(directory);
}

absl::StatusOr<std::unique_ptr<DocumentFiles::Reader>> DocumentFiles::ReadFile(const std::string& root, const Digest& sha256, int64_t size) {
  std::string path = PathOf(root, sha256);
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return absl::DataLossError("the document " + path + " is missing");
  if (file < 0) return DiskError("opening " + path, errno);
  return std::unique_ptr<Reader>(new Reader(std::move(path), file, sha256, size));
}

DocumentFiles::Reader::~Reader() { ::close(file_); }

absl::StatusOr<std::string> DocumentFiles::Reader::Next(size_t max) {
  std::string bytes(max, '\0');
  ssize_t got;
  do {
    got = ::read(file_, bytes.data(), bytes.size());
  } while (got < 0 && errno == EINTR);
  if (got < 0) return DiskError("reading " + path_, errno);
  bytes.resize(static_cast<size_t>(got));
  read_ += got;
  if (read_ > size_ || (got == 0 && read_ < size_)) {
    return absl::DataLossError("the document " + path_ + " has " + (read_ > size_ ? "more than " : "") + std::to_string(std::min(read_, size_)) +
                               " bytes; registered: " + std::to_string(size_));
  }
  hash_.Update(bytes);
  if (got == 0 && hash_.Finish() != registered_) return absl::DataLossError("the bytes of the document " + path_ + " are not those that were registered");
  return bytes;
}

absl::Status DocumentFiles::Check(const std::string& store_path, const Digest& sha256, int64_t size) {
  SONGHUA_ASSIGN_OR_RETURN(const auto reader, ReadFile(RootOf(store_path), sha256, size));
  while (true) {
    SONGHUA_ASSIGN_OR_RETURN(const std::string bytes, reader->Next(kCheckBytes));
    if (bytes.empty()) return absl::OkStatus();
  }
}

}  // namespace songhua::api
