// What a store's directory is made of, and who may be in it. Internal to the store.
#ifndef SONGHUA_LEDGER_STORE_DIRECTORY_H_
#define SONGHUA_LEDGER_STORE_DIRECTORY_H_

#include <memory>
#include <string>

#include <rocksdb/env.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace songhua {

// The lock and the two databases. Nothing else.
inline constexpr char kLockName[] = "LOCK";
inline constexpr char kJournalName[] = "journal";
inline constexpr char kStateName[] = "state";

// Holds the store for this process until it goes.
class DirectoryLock {
 public:
  // FAILED_PRECONDITION when another process holds it.
  static absl::StatusOr<std::unique_ptr<DirectoryLock>> Acquire(rocksdb::Env* env, const std::string& path);
  ~DirectoryLock() { env_->UnlockFile(lock_); }
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

 private:
  DirectoryLock(rocksdb::Env* env, rocksdb::FileLock* lock) : env_(env), lock_(lock) {}
  rocksdb::Env* const env_;
  rocksdb::FileLock* const lock_;
};

// The directory that `path` lies in; "." for a bare name.
std::string ParentDirectory(const std::string& path);
// Makes what was created, renamed or removed in it durable.
absl::Status SyncDirectory(rocksdb::Env* env, const std::string& path);

}  // namespace songhua

#endif  // SONGHUA_LEDGER_STORE_DIRECTORY_H_
