// What a disk keeps: files, directories, what of them was synced, and what a power failure leaves. Knows nothing of RocksDB; simulated_disk.h puts
// it under one.
//
// A file holds its bytes and how many of them are synced. A directory holds its entries as of its last sync and the changes since, in order. Each
// operation that changes the disk is counted, may be told to fail, and may be the one in which the power fails.
//
// Thread-safe.
#ifndef SONGHUA_SIMULATIONS_DISK_MODEL_H_
#define SONGHUA_SIMULATIONS_DISK_MODEL_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace songhua::simulations {

enum class DiskResult { kOk, kPowerOff, kInjectedError, kNoSpace, kNotFound, kExists, kNotEmpty, kLocked };

class DiskModel {
 public:
  struct Inode {
    std::string bytes;
    size_t synced = 0;          // bytes [0, synced) survive
    bool sync_failed = false;   // after a failed sync the kernel forgets which pages were dirty: later syncs make nothing durable
  };
  using File = std::shared_ptr<Inode>;

  explicit DiskModel(uint64_t seed) : random_(seed) {}

  // ---- Changes (each counts as one operation) ----
  DiskResult Create(const std::string& path, File* file);  // empties a file that exists
  DiskResult Append(const File& file, std::string_view bytes);
  DiskResult Sync(const File& file);
  DiskResult Truncate(const std::string& path, uint64_t size);
  DiskResult Remove(const std::string& path);
  DiskResult Rename(const std::string& from, const std::string& to);  // REQUIRES: both in one directory
  DiskResult MakeDirectory(const std::string& path);
  DiskResult RemoveDirectory(const std::string& path);
  DiskResult SyncDirectory(const std::string& path);

  // ---- Reads ----
  DiskResult Open(const std::string& path, File* file) const;
  DiskResult Read(const File& file, uint64_t offset, size_t n, char* out, size_t* got) const;
  std::optional<uint64_t> SizeOf(const std::string& path) const;
  uint64_t SizeOf(const File& file) const;
  bool IsDirectory(const std::string& path) const;
  DiskResult List(const std::string& path, std::vector<std::string>* names) const;
  DiskResult Lock(const std::string& path);
  void Unlock(const std::string& path);

  // ---- Power and faults; see simulated_disk.h ----
  uint64_t operations() const;
  // A digest of all operations so far, by kind, path and length: equal for equal runs.
  uint64_t trace() const;
  void CrashAtOperation(uint64_t n);
  void Crash();
  bool crashed() const;
  void Restart();
  void FailWrite(uint64_t n);
  void FailSync(uint64_t n);
  void SetCapacityBytes(uint64_t bytes);
  void LeaveHolesIn(const std::string& suffix);
  uint64_t used_bytes() const;
  uint64_t capacity_bytes() const;
  std::map<std::string, std::string> Contents() const;
  void Damage(const std::string& path, uint64_t offset, uint8_t bits);

 private:
  struct Entry {
    File file;  // null: a directory
    bool is_directory() const { return file == nullptr; }
  };
  struct Change {
    std::string remove;  // a name, or empty
    std::string add;     // a name, or empty
    Entry entry;
  };
  struct Directory {
    std::map<std::string, Entry> entries;
    std::map<std::string, Entry> synced_entries;
    std::vector<Change> unsynced;
  };
  enum class Fate { kProceed, kTorn, kRefuse };  // kTorn: this operation is the crash; the seed says how much of it happens

  Fate Begin(std::string_view kind, std::string_view path, uint64_t length, DiskResult* result);
  bool Coin() { return random_() % 2 == 0; }
  static void Perform(const Change& change, std::map<std::string, Entry>* entries);
  DiskResult ChangeDirectory(const std::string& directory, Change change, Fate fate);
  const Entry* Find(const std::string& path) const;
  void RestoreFile(const std::string& name, Inode* inode);
  void RestoreDirectory(const std::string& path, std::map<std::string, Directory>* restored);
  bool FailsNow(uint64_t* countdown);

  mutable std::mutex mutex_;
  std::mt19937_64 random_;
  std::map<std::string, Directory> directories_{{"/", Directory()}};  // by path
  std::set<std::string> locks_;
  uint64_t operations_ = 0;
  uint64_t trace_ = 1469598103934665603u;
  uint64_t crash_at_ = 0;
  bool crashed_ = false;
  uint64_t fail_write_ = 0, fail_sync_ = 0;  // countdowns; 0 is never
  std::string holes_suffix_;  // empty: no holes
  uint64_t capacity_bytes_ = UINT64_MAX;
  uint64_t used_bytes_ = 0;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_DISK_MODEL_H_
