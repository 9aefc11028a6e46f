#include "simulations/simulated_disk.h"

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <rocksdb/system_clock.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "ledger/check.h"

namespace songhua::simulations {
namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;
using Model = std::shared_ptr<DiskModel>;

IOStatus ToStatus(DiskResult result, const std::string& path) {
  switch (result) {
    case DiskResult::kOk:
      return IOStatus::OK();
    case DiskResult::kPowerOff:
      return IOStatus::IOError("simulated: the power is off", path);
    case DiskResult::kInjectedError:
      return IOStatus::IOError("simulated: I/O error", path);
    case DiskResult::kNoSpace:
      return IOStatus::NoSpace("simulated: no space left", path);
    case DiskResult::kNotFound:
      return IOStatus::PathNotFound("simulated: no such file or directory", path);
    case DiskResult::kExists:
      return IOStatus::IOError("simulated: exists", path);
    case DiskResult::kNotEmpty:
      return IOStatus::IOError("simulated: directory not empty", path);
    case DiskResult::kLocked:
      return IOStatus::IOError("simulated: lock held", path);
  }
  SONGHUA_CHECK(false);
}

// "/a/b" for "/a//b/".
std::string Clean(const std::string& path) {
  std::string clean;
  for (char c : path) {
    if (c != '/' || clean.empty() || clean.back() != '/') clean.push_back(c);
  }
  if (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  return clean;
}

class SequentialFile : public rocksdb::FSSequentialFile {
 public:
  SequentialFile(Model model, DiskModel::File file) : model_(std::move(model)), file_(std::move(file)) {}
  IOStatus Read(size_t n, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
    size_t got = 0;
    const DiskResult read = model_->Read(file_, position_, n, scratch, &got);
    position_ += got;
    *result = Slice(scratch, got);
    return ToStatus(read, "reading");
  }
  IOStatus Skip(uint64_t n) override {
    position_ += n;
    return IOStatus::OK();
  }

 private:
  const Model model_;
  const DiskModel::File file_;
  uint64_t position_ = 0;
};

class RandomAccessFile : public rocksdb::FSRandomAccessFile {
 public:
  RandomAccessFile(Model model, DiskModel::File file) : model_(std::move(model)), file_(std::move(file)) {}
  IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch, IODebugContext*) const override {
    size_t got = 0;
    const DiskResult read = model_->Read(file_, offset, n, scratch, &got);
    *result = Slice(scratch, got);
    return ToStatus(read, "reading");
  }

 private:
  const Model model_;
  const DiskModel::File file_;
};

class WritableFile : public rocksdb::FSWritableFile {
 public:
  WritableFile(Model model, DiskModel::File file, std::string path) : model_(std::move(model)), file_(std::move(file)), path_(std::move(path)) {}
  using FSWritableFile::Append;
  IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
    return ToStatus(model_->Append(file_, std::string_view(data.data(), data.size())), path_);
  }
  IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return ToStatus(model_->Sync(file_), path_); }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
  uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return model_->SizeOf(file_); }

 private:
  const Model model_;
  const DiskModel::File file_;
  const std::string path_;
};

class Directory : public rocksdb::FSDirectory {
 public:
  Directory(Model model, std::string path) : model_(std::move(model)), path_(std::move(path)) {}
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return ToStatus(model_->SyncDirectory(path_), path_); }
  IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  const Model model_;
  const std::string path_;
};

class FileLock : public rocksdb::FileLock {
 public:
  explicit FileLock(std::string path) : path(std::move(path)) {}
  const std::string path;
};

class NullLogger : public rocksdb::Logger {
 public:
  using Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

class FileSystem : public rocksdb::FileSystem {
 public:
  explicit FileSystem(Model model) : model_(std::move(model)) {}
  const char* Name() const override { return "SimulatedDisk"; }

  IOStatus NewSequentialFile(const std::string& name, const FileOptions&, std::unique_ptr<rocksdb::FSSequentialFile>* result,
                             IODebugContext*) override {
    return OpenAs<SequentialFile>(name, result);
  }
  IOStatus NewRandomAccessFile(const std::string& name, const FileOptions&, std::unique_ptr<rocksdb::FSRandomAccessFile>* result,
                               IODebugContext*) override {
    return OpenAs<RandomAccessFile>(name, result);
  }
  IOStatus NewWritableFile(const std::string& name, const FileOptions&, std::unique_ptr<rocksdb::FSWritableFile>* result,
                           IODebugContext*) override {
    DiskModel::File file;
    const DiskResult created = model_->Create(Clean(name), &file);
    if (created == DiskResult::kOk) *result = std::make_unique<WritableFile>(model_, file, name);
    return ToStatus(created, name);
  }
  IOStatus NewDirectory(const std::string& name, const IOOptions&, std::unique_ptr<rocksdb::FSDirectory>* result, IODebugContext*) override {
    if (!model_->IsDirectory(Clean(name))) return ToStatus(model_->crashed() ? DiskResult::kPowerOff : DiskResult::kNotFound, name);
    *result = std::make_unique<Directory>(model_, Clean(name));
    return IOStatus::OK();
  }
  IOStatus FileExists(const std::string& name, const IOOptions&, IODebugContext*) override {
    if (model_->crashed()) return ToStatus(DiskResult::kPowerOff, name);
    if (model_->IsDirectory(Clean(name)) || model_->SizeOf(Clean(name)).has_value()) return IOStatus::OK();
    return IOStatus::NotFound(name);
  }
  IOStatus GetChildren(const std::string& name, const IOOptions&, std::vector<std::string>* result, IODebugContext*) override {
    const DiskResult listed = model_->List(Clean(name), result);
    return listed == DiskResult::kNotFound ? IOStatus::NotFound(name) : ToStatus(listed, name);
  }
  IOStatus DeleteFile(const std::string& name, const IOOptions&, IODebugContext*) override { return ToStatus(model_->Remove(Clean(name)), name); }
  IOStatus Truncate(const std::string& name, size_t size, const IOOptions&, IODebugContext*) override {
    return ToStatus(model_->Truncate(Clean(name), size), name);
  }
  IOStatus CreateDir(const std::string& name, const IOOptions&, IODebugContext*) override {
    return ToStatus(model_->MakeDirectory(Clean(name)), name);
  }
  IOStatus CreateDirIfMissing(const std::string& name, const IOOptions&, IODebugContext*) override {
    if (model_->IsDirectory(Clean(name))) return IOStatus::OK();
    return ToStatus(model_->MakeDirectory(Clean(name)), name);
  }
  IOStatus DeleteDir(const std::string& name, const IOOptions&, IODebugContext*) override {
    return ToStatus(model_->RemoveDirectory(Clean(name)), name);
  }
  IOStatus GetFileSize(const std::string& name, const IOOptions&, uint64_t* size, IODebugContext*) override {
    const std::optional<uint64_t> found = model_->SizeOf(Clean(name));
    if (!found.has_value()) return ToStatus(model_->crashed() ? DiskResult::kPowerOff : DiskResult::kNotFound, name);
    *size = *found;
    return IOStatus::OK();
  }
  IOStatus GetFileModificationTime(const std::string&, const IOOptions&, uint64_t* time, IODebugContext*) override {
    *time = 0;
    return IOStatus::OK();
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions&, IODebugContext*) override {
    return ToStatus(model_->Rename(Clean(from), Clean(to)), to);
  }
  IOStatus LockFile(const std::string& name, const IOOptions&, rocksdb::FileLock** result, IODebugContext*) override {
    if (!model_->SizeOf(Clean(name)).has_value()) {
      DiskModel::File file;
      const DiskResult created = model_->Create(Clean(name), &file);
      if (created != DiskResult::kOk) return ToStatus(created, "While open a file for lock: " + name);
    }
    const DiskResult locked = model_->Lock(Clean(name));
    if (locked == DiskResult::kOk) *result = new FileLock(Clean(name));
    return ToStatus(locked, name);
  }
  IOStatus UnlockFile(rocksdb::FileLock* lock, const IOOptions&, IODebugContext*) override {
    const std::unique_ptr<FileLock> held(static_cast<FileLock*>(lock));
    model_->Unlock(held->path);
    return IOStatus::OK();
  }
  IOStatus GetTestDirectory(const IOOptions&, std::string* result, IODebugContext*) override {
    *result = SimulatedDisk::kRoot;
    return IOStatus::OK();
  }
  IOStatus NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* result, IODebugContext*) override {
    *result = std::make_shared<NullLogger>();  // RocksDB's diary would only add operations
    return IOStatus::OK();
  }
  IOStatus GetAbsolutePath(const std::string& path, const IOOptions&, std::string* result, IODebugContext*) override {
    *result = path;
    return IOStatus::OK();
  }
  IOStatus GetFreeSpace(const std::string&, const IOOptions&, uint64_t* free_bytes, IODebugContext*) override {
    const uint64_t used = model_->used_bytes(), capacity = model_->capacity_bytes();
    *free_bytes = used < capacity ? capacity - used : 0;
    return IOStatus::OK();
  }
  IOStatus IsDirectory(const std::string& path, const IOOptions&, bool* is_directory, IODebugContext*) override {
    *is_directory = model_->IsDirectory(Clean(path));
    return IOStatus::OK();
  }

 private:
  template <class File, class Result>
  IOStatus OpenAs(const std::string& name, std::unique_ptr<Result>* result) {
    DiskModel::File file;
    const DiskResult opened = model_->Open(Clean(name), &file);
    if (opened == DiskResult::kOk) *result = std::make_unique<File>(model_, file);
    return ToStatus(opened, name);
  }

  const Model model_;
};

// A clock that stands still and moves only when somebody sleeps, who then need not wait: RocksDB's flush thread sleeps a second after each failure.
class Clock : public rocksdb::SystemClock {
 public:
  const char* Name() const override { return "SimulatedClock"; }
  uint64_t NowMicros() override { return now_us_.load(); }
  void SleepForMicroseconds(int micros) override { now_us_.fetch_add(static_cast<uint64_t>(micros)); }
  rocksdb::Status GetCurrentTime(int64_t* unix_time) override {
    *unix_time = static_cast<int64_t>(now_us_.load() / 1'000'000);
    return rocksdb::Status::OK();
  }
  std::string TimeToString(uint64_t time) override { return std::to_string(time); }

 private:
  std::atomic<uint64_t> now_us_{1'700'000'000'000'000};
};

}  // namespace

// Counts the jobs that RocksDB hands to its background threads, and gives it the simulated clock.
class SimulatedDisk::CountingEnv : public rocksdb::EnvWrapper {
 public:
  explicit CountingEnv(rocksdb::Env* target) : EnvWrapper(target) { system_clock_ = std::make_shared<Clock>(); }

  uint64_t NowMicros() override { return system_clock_->NowMicros(); }
  uint64_t NowNanos() override { return system_clock_->NowNanos(); }
  void SleepForMicroseconds(int micros) override { system_clock_->SleepForMicroseconds(micros); }
  rocksdb::Status GetCurrentTime(int64_t* unix_time) override { return system_clock_->GetCurrentTime(unix_time); }

  void Schedule(void (*run)(void*), void* argument, Priority priority, void* tag, void (*cancel)(void*)) override {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      ++jobs_;
    }
    target()->Schedule(&Run, new Job{this, run, cancel, argument}, priority, tag, &Cancel);
  }

  void WaitUntilIdle() {
    std::unique_lock<std::mutex> lock(mutex_);
    idle_.wait(lock, [this] { return jobs_ == 0; });
  }

 private:
  struct Job {
    CountingEnv* env;
    void (*run)(void*);
    void (*cancel)(void*);
    void* argument;
  };
  static void Run(void* argument) {
    const std::unique_ptr<Job> job(static_cast<Job*>(argument));
    job->run(job->argument);
    job->env->Done();
  }
  static void Cancel(void* argument) {
    const std::unique_ptr<Job> job(static_cast<Job*>(argument));
    if (job->cancel != nullptr) job->cancel(job->argument);
    job->env->Done();
  }
  void Done() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--jobs_ == 0) idle_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable idle_;
  int jobs_ = 0;
};

const std::string SimulatedDisk::kRoot = "/disk";

SimulatedDisk::SimulatedDisk(uint64_t seed)
    : model_(std::make_shared<DiskModel>(seed)),
      composite_(rocksdb::NewCompositeEnv(std::make_shared<FileSystem>(model_))),
      env_(std::make_unique<CountingEnv>(composite_.get())) {
  SONGHUA_CHECK(model_->MakeDirectory(kRoot) == DiskResult::kOk);
  SONGHUA_CHECK(model_->SyncDirectory("/") == DiskResult::kOk);
}

SimulatedDisk::~SimulatedDisk() { WaitUntilIdle(); }

rocksdb::Env* SimulatedDisk::env() { return env_.get(); }

void SimulatedDisk::Restart() {
  WaitUntilIdle();
  model_->Restart();
}

void SimulatedDisk::WaitUntilIdle() { env_->WaitUntilIdle(); }

}  // namespace songhua::simulations
