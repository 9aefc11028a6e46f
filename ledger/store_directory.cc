#include "ledger/store_directory.h"

#include "ledger/refusal.h"
#include "ledger/rocks.h"

namespace songhua {

using rocks::ToAbsl;

absl::StatusOr<std::unique_ptr<DirectoryLock>> DirectoryLock::Acquire(rocksdb::Env* env, const std::string& path) {
  rocksdb::FileLock* lock = nullptr;
  const rocksdb::Status status = env->LockFile(path + "/" + kLockName, &lock);
  if (status.ok()) return std::unique_ptr<DirectoryLock>(new DirectoryLock(env, lock));
  const std::string text = status.ToString();
  if (text.find("While open a file for lock") != std::string::npos) return ToAbsl(status, "locking the store in " + path);
  return absl::FailedPreconditionError("the store in " + path + " is locked: another process has it open (" + text + ")");
}

std::string ParentDirectory(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

absl::Status SyncDirectory(rocksdb::Env* env, const std::string& path) {
  std::unique_ptr<rocksdb::Directory> directory;
  SONGHUA_RETURN_IF_ERROR(ToAbsl(env->NewDirectory(path, &directory), "opening directory " + path));
  return ToAbsl(directory->Fsync(), "syncing directory " + path);
}

}  // namespace songhua
