// A disk in memory that forgets what was not synced, tears what was half written, fails when told to, and does the same again for the same seed.
//
//   SimulatedDisk disk(seed);
//   options.env = disk.env();                      // RocksDB, and with it the store, runs on it
//   disk.CrashAtOperation(disk.operations() + k);  // the power fails in the k-th operation from here
//   ... work until something fails ...
//   store.reset();
//   disk.Restart();                                // the power is back; unsynced data is gone, or partly there, as the seed decides
//
// What survives a crash: of a file, all bytes up to its last sync and a seed-chosen prefix of those after it; of a directory, all entries as of
// its last sync, and of those made, removed or renamed since, a seed-chosen prefix in the order in which they were made. A file whose entry is lost is lost.
//
// RocksDB's own background threads would make the order of operations a matter of luck. They are kept calm instead: the store, when it runs with
// a manual projector, switches automatic compaction off and makes its memtables so large that nothing is flushed unasked; the flushes that are asked for
// are waited for. Whatever still runs in the background is waited for by WaitUntilIdle(), which the driver calls between steps.
//
// Thread-safe, since RocksDB calls it from its flush thread too.
#ifndef SONGHUA_SIMULATIONS_SIMULATED_DISK_H_
#define SONGHUA_SIMULATIONS_SIMULATED_DISK_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace songhua::simulations {

class SimulatedDisk {
 public:
  explicit SimulatedDisk(uint64_t seed);
  ~SimulatedDisk();
  SimulatedDisk(const SimulatedDisk&) = delete;
  SimulatedDisk& operator=(const SimulatedDisk&) = delete;

  // The disk as RocksDB sees it. Lives as long as this object.
  rocksdb::Env* env();

  // ---- Power ----

  // Operations that change the disk (create, write, sync, rename, delete, ...) are numbered from 1; this is the number of the last one.
  uint64_t operations() const;
  // The power fails when operation `n` is asked for: that one is torn (a write leaves a prefix), and it and all later ones fail. 0 takes it back.
  void CrashAtOperation(uint64_t n);
  // The power fails now.
  void Crash();
  bool crashed() const;
  // The power comes back. Unsynced data is decided by the seed; locks are gone; injected faults are taken back, the capacity stays.
  // REQUIRES: crashed; no file of this disk is still open for writing by a living store.
  void Restart();

  // ---- Faults ----

  // The n-th write (sync) from now fails with an I/O error and changes nothing; 1 is the next one, 0 takes it back.
  void FailWrite(uint64_t n);
  void FailSync(uint64_t n);
  // Writes that would hold more than this in all fail with "no space".
  void SetCapacityBytes(uint64_t bytes);
  uint64_t used_bytes() const;

  // ---- For tests ----

  // Returns when no background job of RocksDB is running or waiting to run on this disk.
  void WaitUntilIdle();
  // Every file and its bytes as a reader sees them now.
  std::map<std::string, std::string> Contents() const;
  // Flips bits of one byte, also in what was synced. REQUIRES: the file is that long.
  void Damage(const std::string& path, uint64_t offset, uint8_t bits);

 private:
  class FileSystem;
  class CountingEnv;
  std::shared_ptr<FileSystem> file_system_;
  std::unique_ptr<rocksdb::Env> composite_;
  std::unique_ptr<CountingEnv> env_;
};

}  // namespace songhua::simulations

#endif  // SONGHUA_SIMULATIONS_SIMULATED_DISK_H_
