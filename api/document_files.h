// The bytes of documents, in files beside the journal:
//
//   {store}/documents/{first 2 digits}/{SHA-256, 64 digits}    one file for each content, however many documents have it
//   {store}/documents/incoming/{number}                        uploads under way; what a crash left is removed by Open
//
// A file gets its name when it is whole, has the hash, and is on the disk with its bytes; the directories are synced after it. Only then is the
// document registered, so a document that is registered has its file, after any crash. A file that no document names (its registration was refused, or
// a crash came between) does no harm: it is the same bytes when they come again.
//
// Thread-safe; a Writer or Reader belongs to one thread at a time.
#ifndef SONGHUA_API_DOCUMENT_FILES_H_
#define SONGHUA_API_DOCUMENT_FILES_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/sha256.h"

namespace songhua::api {

class DocumentFiles {
 public:
  // Makes the directories in the store's, where they are not there, and removes unfinished uploads. REQUIRES: the store in `store_path` is open in this process, whose lock keeps
  // others out. UNAVAILABLE, RESOURCE_EXHAUSTED: what the disk says.
  static absl::StatusOr<std::unique_ptr<DocumentFiles>> Open(const std::string& store_path);

  // An upload. Gone without a trace unless Commit was OK.
  class Writer {
   public:
    ~Writer();
    Writer(const Writer&) = delete;
    Writer& operator=(const Writer&) = delete;
    // INVALID_ARGUMENT (SIZE_DIFFERS): more than was announced.
    absl::Status Append(std::string_view bytes);
    // Makes the file durable and gives it its name. INVALID_ARGUMENT (SIZE_DIFFERS, HASH_DIFFERS): these are not the bytes that were announced.
    absl::Status Commit();

   private:
    friend class DocumentFiles;
    Writer(const DocumentFiles* files, std::string path, int file, const Digest& sha256, int64_t size)
        : files_(*files), path_(std::move(path)), file_(file), announced_(sha256), size_(size) {}

    const DocumentFiles& files_;
    const std::string path_;  // in incoming
    int file_;
    const Digest announced_;
    const int64_t size_;
    int64_t written_ = 0;
    Sha256 hash_;
  };
  absl::StatusOr<std::unique_ptr<Writer>> Begin(const Digest& sha256, int64_t size);

  // A stored file, from its first byte on.
  class Reader {
   public:
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;
    // At most `max` bytes more; empty at the end. DATA_LOSS where the file is shorter or longer than registered or, at the end, has another hash.
    absl::StatusOr<std::string> Next(size_t max);

   private:
    friend class DocumentFiles;
    Reader(std::string path, int file, const Digest& sha256, int64_t size) : path_(std::move(path)), file_(file), registered_(sha256), size_(size) {}

    const std::string path_;
    int file_;
    const Digest registered_;
    const int64_t size_;
    int64_t read_ = 0;
    Sha256 hash_;
  };
  // DATA_LOSS: it is not there.
  absl::StatusOr<std::unique_ptr<Reader>> Read(const Digest& sha256, int64_t size) const { return ReadFile(root_, sha256, size); }

  // A place among the documents that are on their way, in or out; false: there are bounds::kDocumentStreamsMax. Who entered, leaves.
  bool Enter();
  void Leave() { --on_their_way_; }

  // Whether the file of a registered document is there with its bytes; DATA_LOSS says what is wrong. For stores that nobody serves.
  static absl::Status Check(const std::string& store_path, const Digest& sha256, int64_t size);

 private:
  explicit DocumentFiles(std::string root) : root_(std::move(root)) {}
  static absl::StatusOr<std::unique_ptr<Reader>> ReadFile(const std::string& root, const Digest& sha256, int64_t size);

  const std::string root_;  // {store}/documents
  std::atomic<uint64_t> uploads_{0};
  std::atomic<size_t> on_their_way_{0};
};

}  // namespace songhua::api

#endif  // SONGHUA_API_DOCUMENT_FILES_H_
