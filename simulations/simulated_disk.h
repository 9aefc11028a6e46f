// A disk in memory that forgets what was not synced, tears what was half written, fails when told to, and does the same again for the same seed.
//
//   SimulatedDisk disk(seed);
//   options.env = disk.env();                      // RocksDB, and with it the store, runs on it
//   options.path = SimulatedDisk::kRoot + "/store";
//   disk.CrashAtOperation(disk.operations() + k);  // the power fails in the k-th operation from here
//   ... work until something fails ...
//   store.reset();
//   disk.Restart();                                // the power is back; unsynced data is gone, or partly there, as the seed decides
//
// What survives a crash: of a file, all bytes up to its last sync and a seed-chosen prefix of those after it; of a directory, all entries as of
// its last sync, and of those made, removed or renamed since, a seed-chosen prefix in the order in which they were made. A file whose entry is lost is lost.
// A sync that failed makes nothing durable, and later syncs of that file make nothing durable either, as on Linux.
//
// RocksDB's own background threads would make the order of operations a matter of luck. They are kept calm instead: a store with a manual projector
// switches automatic compaction off and makes its memtables so large that nothing is flushed unasked; flushes that are asked for are waited for. Whatever
// still runs in the background is waited for by WaitUntilIdle(), which the driver calls between steps. trace() tells whether two runs did the same.
//
// Thread-safe, since RocksDB calls it from its flush thread too.
#ifndef SONGHUA_SIMULATIONS_SIMULATED_DISK_H_
#define SONGHUA_SIMULATIONS_SIMULATED_DISK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "simulations/disk_model.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace songhua::simulations {

class SimulatedDisk {
 public:
  // The directory that exists on a new disk, synced.
  static const std::string kRoot;

  explicit SimulatedDisk(uint64_t seed);
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  // The disk as RocksDB sees it. Lives as long as this object.
  rocksdb::Env* env();

  // ---- Power ----

  // Operations that change the disk (create, write, sync, rename, remove, ...) are numbered from 1; this is the number of the last one.
  uint64_t operations() const { return model_->operations(); }
  // A digest of all operations so far: equal for equal runs.
  uint64_t trace() const { return model_->trace(); }
  // The power fails when operation `n` is asked for: that one is torn (a write leaves a prefix), and it and all later ones fail. 0 takes it back.
  void CrashAtOperation(uint64_t n) { model_->CrashAtOperation(n); }
  // The power fails now.
  void Crash() { model_->Crash(); }
  bool crashed() const { return model_->crashed(); }
  // The power comes back. Unsynced data is decided by the seed; locks are gone; injected faults are taken back, the capacity stays.
  // REQUIRES: crashed; no store is open on this disk.
  void Restart();

  // ---- Faults ----

  // The n-th write (sync) from now fails with an I/O error and changes nothing; 1 is the next one, 0 takes it back.
  void FailWrite(uint64_t n) { model_->FailWrite(n); }
  void FailSync(uint64_t n) { model_->FailSync(n); }
  // Writes that would hold more than this in all fail with "no space".
  void SetCapacityBytes(uint64_t bytes) { model_->SetCapacityBytes(bytes); }
  // After a crash, files whose names end so may also have zeros in place of unsynced sectors, as preallocated files do on real disks.
  void LeaveHolesIn(const std::string& suffix) { model_->LeaveHolesIn(suffix); }
  uint64_t used_bytes() const { return model_->used_bytes(); }

  // ---- For tests ----

  // Returns when no background job of RocksDB is running or waiting to run on this disk.
  void WaitUntilIdle();
  // Every file and its bytes as a reader sees them now.
  std::map<std::string, std::string> Contents() const { return model_->Contents(); }
  // Flips bits of one byte, also in what was synced. REQUIRES: the file is that long.
  void Damage(const std::string& path, uint64_t offset, uint8_t bits) { model_->Damage(path, offset, bits); }

 private:
  class CountingEnv;
  const std::shared_ptr<DiskModel> model_;
  std::unique_ptr<rocksdb::Env> composite_;
  std::unique_ptr<CountingEnv> env_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_SIMULATED_DISK_H_
