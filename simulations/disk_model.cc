#include "simulations/disk_model.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ledger/check.h"

namespace songhua::simulations {
namespace {

using Guard = std::lock_guard<std::mutex>;

// What a disk writes all or nothing of.
constexpr size_t kSectorBytes = 512;

// "/a/b" of "/a/b/c"; "/" of "/a".
std::string ParentOf(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  SONGHUA_CHECK(slash != std::string::npos);
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string NameOf(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

std::string Child(const std::string& directory, const std::string& name) { return directory == "/" ? "/" + name : directory + "/" + name; }

void Mix(std::string_view bytes, uint64_t* hash) {  // FNV-1a
  for (unsigned char byte : bytes) *hash = (*hash ^ byte) * 1099511628211u;
}

}  // namespace

// Counts the operation and decides its fate.
DiskModel::Fate DiskModel::Begin(std::string_view kind, std::string_view path, uint64_t length, DiskResult* result) {
  *result = DiskResult::kPowerOff;
  if (crashed_) return Fate::kRefuse;
  ++operations_;
  Mix(kind, &trace_);
  Mix(path, &trace_);
  Mix(std::to_string(length), &trace_);
  if (operations_ == crash_at_) {
    crashed_ = true;
    return Fate::kTorn;
  }
  *result = DiskResult::kOk;
  return Fate::kProceed;
}

bool DiskModel::FailsNow(uint64_t* countdown) {
  if (*countdown == 0) return false;
  return --*countdown == 0;
}

const DiskModel::Entry* DiskModel::Find(const std::string& path) const {
  const auto directory = directories_.find(ParentOf(path));
  if (directory == directories_.end()) return nullptr;
  const auto entry = directory->second.entries.find(NameOf(path));
  return entry == directory->second.entries.end() ? nullptr : &entry->second;
}

void DiskModel::Perform(const Change& change, std::map<std::string, Entry>* entries) {
  if (!change.remove.empty()) entries->erase(change.remove);
  if (!change.add.empty()) (*entries)[change.add] = change.entry;
}

DiskResult DiskModel::ChangeDirectory(const std::string& directory, Change change, Fate fate) {
  const auto it = directories_.find(directory);
  if (it == directories_.end()) return DiskResult::kNotFound;
  if (fate == Fate::kTorn && Coin()) return DiskResult::kPowerOff;
  Perform(change, &it->second.entries);
  it->second.unsynced.push_back(std::move(change));
  return fate == Fate::kTorn ? DiskResult::kPowerOff : DiskResult::kOk;
}

DiskResult DiskModel::Create(const std::string& path, File* file) {
  const Guard guard(mutex_);
  DiskResult result;
  const Fate fate = Begin("create", path, 0, &result);
  if (fate == Fate::kRefuse) return result;
  if (const Entry* entry = Find(path); entry != nullptr) {
    if (entry->is_directory()) return DiskResult::kExists;
    used_bytes_ -= entry->file->bytes.size();
    *entry->file = Inode();  // what it held is gone at once
    *file = entry->file;
    return result;
  }
  *file = std::make_shared<Inode>();
  return ChangeDirectory(ParentOf(path), {"", NameOf(path), {*file}}, fate);
}

DiskResult DiskModel::Append(const File& file, std::string_view bytes) {
  const Guard guard(mutex_);
  DiskResult result;
  const Fate fate = Begin("append", "", bytes.size(), &result);
  if (fate == Fate::kRefuse) return result;
  if (fate == Fate::kTorn) {
    bytes = bytes.substr(0, random_() % (bytes.size() + 1));
  } else if (FailsNow(&fail_write_)) {
    return DiskResult::kInjectedError;
  }
  if (used_bytes_ + bytes.size() > capacity_bytes_) return DiskResult::kNoSpace;
  file->bytes.append(bytes);
  used_bytes_ += bytes.size();
  return result;
}

DiskResult DiskModel::Sync(const File& file) {
  const Guard guard(mutex_);
  DiskResult result;
  const Fate fate = Begin("sync", "", file->bytes.size(), &result);
  if (fate == Fate::kRefuse || (fate == Fate::kTorn && Coin())) return result;
  if (fate == Fate::kProceed && FailsNow(&fail_sync_)) {
    file->sync_failed = true;
    return DiskResult::kInjectedError;
  }
  if (!file->sync_failed) file->synced = file->bytes.size();
  return result;
}

DiskResult DiskModel::Truncate(const std::string& path, uint64_t size) {
  const Guard guard(mutex_);
  DiskResult result;
  const Fate fate = Begin("truncate", path, size, &result);
  if (fate == Fate::kRefuse) return result;
  const Entry* entry = Find(path);
  if (entry == nullptr || entry->is_directory()) return DiskResult::kNotFound;
  if (fate == Fate::kTorn && Coin()) return result;
  used_bytes_ = used_bytes_ - entry->file->bytes.size() + size;
  entry->file->bytes.resize(size);
  entry->file->synced = std::min<size_t>(entry->file->synced, size);
  return result;
}

DiskResult DiskModel::Remove(const std::string& path) {
  const Guard guard(mutex_);
  DiskResult result;
  const Fate fate = Begin("remove", path, 0, &result);
  if (fate == Fate::kRefuse) return result;
  const Entry* entry = Find(path);
  if (entry == nullptr || entry->is_directory()) return DiskResult::kNotFound;
  used_bytes_ -= entry->file->bytes.size();
  return ChangeDirectory(ParentOf(path), {NameOf(path), "", {}}, fate);
}

DiskResult DiskModel::Rename(const std::string& from, const std::string& to) {
  const Guard guard(mutex_);
  SONGHUA_CHECK(ParentOf(from) == ParentOf(to));
  DiskResult result;
  const Fate fate = Begin("rename", to, 0, &result);
  if (fate == Fate::kRefuse) return result;
  const Entry* entry = Find(from);
  if (entry == nullptr || entry->is_directory()) return DiskResult::kNotFound;
  if (const Entry* replaced = Find(to); replaced != nullptr && !replaced->is_directory()) used_bytes_ -= replaced->file->bytes.size();
  return ChangeDirectory(ParentOf(from), {NameOf(from), NameOf(to), *entry}, fate);
}

DiskResult DiskModel::MakeDirectory(const std::string& path) {
  const Guard guard(mutex_);
  DiskResult result;
  const Fate fate = Begin("mkdir", path, 0, &result);
  if (fate == Fate::kRefuse) return result;
  if (directories_.count(path) > 0) return DiskResult::kExists;
  result = ChangeDirectory(ParentOf(path), {"", NameOf(path), {}}, fate);
  if (result == DiskResult::kOk) directories_[path];
  return result;
}

DiskResult DiskModel::RemoveDirectory(const std::string& path) {
  const Guard guard(mutex_);
  DiskResult result;
  const Fate fate = Begin("rmdir", path, 0, &result);
  if (fate == Fate::kRefuse) return result;
  const auto it = directories_.find(path);
  if (it == directories_.end()) return DiskResult::kNotFound;
  if (!it->second.entries.empty()) return DiskResult::kNotEmpty;
  result = ChangeDirectory(ParentOf(path), {NameOf(path), "", {}}, fate);
  if (result == DiskResult::kOk) directories_.erase(path);
  return result;
}

DiskResult DiskModel::SyncDirectory(const std::string& path) {
  const Guard guard(mutex_);
  DiskResult result;
  const Fate fate = Begin("sync directory", path, 0, &result);
  if (fate == Fate::kRefuse || (fate == Fate::kTorn && Coin())) return result;
  if (fate == Fate::kProceed && FailsNow(&fail_sync_)) return DiskResult::kInjectedError;
  const auto it = directories_.find(path);
  if (it == directories_.end()) return DiskResult::kNotFound;
  it->second.synced_entries = it->second.entries;
  it->second.unsynced.clear();
  return result;
}

DiskResult DiskModel::Open(const std::string& path, File* file) const {
  const Guard guard(mutex_);
  if (crashed_) return DiskResult::kPowerOff;
  const Entry* entry = Find(path);
  if (entry == nullptr || entry->is_directory()) return DiskResult::kNotFound;
  *file = entry->file;
  return DiskResult::kOk;
}

DiskResult DiskModel::Read(const File& file, uint64_t offset, size_t n, char* out, size_t* got) const {
  const Guard guard(mutex_);
  *got = 0;
  if (crashed_) return DiskResult::kPowerOff;
  if (offset >= file->bytes.size()) return DiskResult::kOk;
  *got = std::min(n, file->bytes.size() - offset);
  std::memcpy(out, file->bytes.data() + offset, *got);
  return DiskResult::kOk;
}

std::optional<uint64_t> DiskModel::SizeOf(const std::string& path) const {
  const Guard guard(mutex_);
  const Entry* entry = crashed_ ? nullptr : Find(path);
  if (entry == nullptr || entry->is_directory()) return std::nullopt;
  return entry->file->bytes.size();
}

uint64_t DiskModel::SizeOf(const File& file) const {
  const Guard guard(mutex_);
  return file->bytes.size();
}

bool DiskModel::IsDirectory(const std::string& path) const {
  const Guard guard(mutex_);
  return !crashed_ && directories_.count(path) > 0;
}

DiskResult DiskModel::List(const std::string& path, std::vector<std::string>* names) const {
  const Guard guard(mutex_);
  names->clear();
  if (crashed_) return DiskResult::kPowerOff;
  const auto it = directories_.find(path);
  if (it == directories_.end()) return DiskResult::kNotFound;
  for (const auto& [name, entry] : it->second.entries) names->push_back(name);
  return DiskResult::kOk;
}

DiskResult DiskModel::Lock(const std::string& path) {
  const Guard guard(mutex_);
  if (crashed_) return DiskResult::kPowerOff;
  return locks_.insert(path).second ? DiskResult::kOk : DiskResult::kLocked;
}

void DiskModel::Unlock(const std::string& path) {
  const Guard guard(mutex_);
  locks_.erase(path);
}

uint64_t DiskModel::operations() const {
  const Guard guard(mutex_);
  return operations_;
}

uint64_t DiskModel::trace() const {
  const Guard guard(mutex_);
  return trace_;
}

void DiskModel::CrashAtOperation(uint64_t n) {
  const Guard guard(mutex_);
  crash_at_ = n;
}

void DiskModel::Crash() {
  const Guard guard(mutex_);
  crashed_ = true;
}

bool DiskModel::crashed() const {
  const Guard guard(mutex_);
  return crashed_;
}

// Decides what became of the bytes after the last sync.
void DiskModel::RestoreFile(const std::string& name, Inode* inode) {
  const bool may_have_holes = !holes_suffix_.empty() && name.size() >= holes_suffix_.size() &&
                              name.compare(name.size() - holes_suffix_.size(), holes_suffix_.size(), holes_suffix_) == 0;
  const bool holes = may_have_holes && Coin();
  // A file with holes often has its full length: the length is kept elsewhere than the data.
  if (!holes || Coin()) inode->bytes.resize(inode->synced + random_() % (inode->bytes.size() - inode->synced + 1));
  for (size_t start = inode->synced; holes && start < inode->bytes.size();) {
    const size_t end = std::min((start / kSectorBytes + 1) * kSectorBytes, inode->bytes.size());
    if (Coin()) std::fill(inode->bytes.begin() + static_cast<ptrdiff_t>(start), inode->bytes.begin() + static_cast<ptrdiff_t>(end), '\0');
    start = end;
  }
  inode->synced = inode->bytes.size();
  inode->sync_failed = false;
  used_bytes_ += inode->bytes.size();
}

// Rebuilds one directory, and what hangs below it, from what survived.
void DiskModel::RestoreDirectory(const std::string& path, std::map<std::string, Directory>* restored) {
  Directory& before = directories_[path];
  Directory after;
  after.entries = std::move(before.synced_entries);
  const size_t kept = random_() % (before.unsynced.size() + 1);
  for (size_t i = 0; i < kept; ++i) Perform(before.unsynced[i], &after.entries);
  after.synced_entries = after.entries;
  for (const auto& [name, entry] : after.entries) {
    if (entry.is_directory()) {
      RestoreDirectory(Child(path, name), restored);
      continue;
    }
    RestoreFile(name, entry.file.get());
  }
  (*restored)[path] = std::move(after);
}

void DiskModel::Restart() {
  const Guard guard(mutex_);
  SONGHUA_CHECK(crashed_);
  used_bytes_ = 0;
  std::map<std::string, Directory> restored;
  RestoreDirectory("/", &restored);
  directories_ = std::move(restored);
  locks_.clear();
  crash_at_ = fail_write_ = fail_sync_ = 0;
  crashed_ = false;
}

void DiskModel::FailWrite(uint64_t n) {
  const Guard guard(mutex_);
  fail_write_ = n;
}

void DiskModel::FailSync(uint64_t n) {
  const Guard guard(mutex_);
  fail_sync_ = n;
}

void DiskModel::SetCapacityBytes(uint64_t bytes) {
  const Guard guard(mutex_);
  capacity_bytes_ = bytes;
}

void DiskModel::LeaveHolesIn(const std::string& suffix) {
  const Guard guard(mutex_);
  holes_suffix_ = suffix;
}

uint64_t DiskModel::used_bytes() const {
  const Guard guard(mutex_);
  return used_bytes_;
}

uint64_t DiskModel::capacity_bytes() const {
  const Guard guard(mutex_);
  return capacity_bytes_;
}

std::map<std::string, std::string> DiskModel::Contents() const {
  const Guard guard(mutex_);
  std::map<std::string, std::string> contents;
  for (const auto& [path, directory] : directories_) {
    for (const auto& [name, entry] : directory.entries) {
      if (!entry.is_directory()) contents[Child(path, name)] = entry.file->bytes;
    }
  }
  return contents;
}

void DiskModel::Damage(const std::string& path, uint64_t offset, uint8_t bits) {
  const Guard guard(mutex_);
  const Entry* entry = Find(path);
  SONGHUA_CHECK(entry != nullptr && !entry->is_directory() && offset < entry->file->bytes.size());
  entry->file->bytes[offset] = static_cast<char>(static_cast<uint8_t>(entry->file->bytes[offset]) ^ bits);
}

}  // namespace songhua::simulations
