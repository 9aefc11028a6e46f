#include "ledger/rocks.h"

#include <rocksdb/cache.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>

#include <thread>
#include <vector>

#include "ledger/bounds.h"

namespace songhua::rocks {
namespace {

// RocksDB's diary is of no use to a simulated disk, where it would only add operations.
class NullLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char* /*format*/, va_list /*arguments*/) override {}
};

rocksdb::BlockBasedTableOptions TableOptions(const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;  // so that the cache's bound is the bound
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.format_version = 5;
  return table;
}

void KeepCalm(bool calm, rocksdb::ColumnFamilyOptions* options) {
  if (!calm) return;
  options->disable_auto_compactions = true;
  options->write_buffer_size = 256 * bounds::kMiB;  // never full in a simulation: nothing is flushed unasked
  options->arena_block_size = 64 * bounds::kKiB;    // its default is an eighth of the above
}

}  // namespace

rocksdb::DBOptions DatabaseOptions(rocksdb::Env* env, Mode mode, bool calm) {
  rocksdb::DBOptions options;
  options.env = env;
  options.create_if_missing = options.create_missing_column_families = mode == Mode::kCreate;
  options.paranoid_checks = true;
  // A write that a crash cut short is dropped; anything else that is wrong in the log refuses the opening. The other modes either refuse after every
  // crash or silently drop what follows a damaged byte. wal_audit.h closes what this mode leaves open.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.track_and_verify_wals_in_manifest = true;  // a log file that is gone is noticed
  options.max_total_wal_size = bounds::kJournalWalBytesMax;
  options.max_open_files = bounds::kOpenFilesMax;
  // An error in the background ends the process (the store refuses to go on), so RocksDB need not try to recover by itself.
  options.max_bgerror_resume_count = 0;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  options.max_log_file_size = bounds::kMiB;
  options.keep_log_file_num = 4;
  if (calm || mode == Mode::kExamine) options.info_log = std::make_shared<NullLogger>();
  return options;
}

rocksdb::ColumnFamilyOptions SequentialFamilyOptions(size_t memtable_bytes, bool compress, bool calm, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = memtable_bytes;
  options.max_write_buffer_number = 4;  // a slow flush does not stop the commit thread at once
  // One codec at all levels: a file can then move down a level as it is.
  options.compression = options.bottommost_compression = compress ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  options.level_compaction_dynamic_level_bytes = false;
  // Level 0 of sequential files costs readers little; writing must not stall on it.
  options.level0_slowdown_writes_trigger = 64;
  options.level0_stop_writes_trigger = 256;
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  table.block_size = 16 * bounds::kKiB;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  KeepCalm(calm, &options);
  return options;
}

rocksdb::ColumnFamilyOptions StateFamilyOptions(bool calm, const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  options.write_buffer_size = bounds::kStateMemtableBytes;
  options.max_write_buffer_number = 3;
  // Each merge of level 0 rewrites most of the level below, since rows of all keys change: so it waits until there is much to merge, and the level below
  // may be large. Files of level 0 do not live long enough to be worth compressing.
  options.level0_file_num_compaction_trigger = 8;
  options.max_bytes_for_level_base = 512 * bounds::kMiB;
  options.compression_per_level = {rocksdb::kNoCompression, rocksdb::kLZ4Compression};
  options.level_compaction_dynamic_level_bytes = true;
  rocksdb::BlockBasedTableOptions table = TableOptions(cache);
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  KeepCalm(calm, &options);
  return options;
}

rocksdb::Status Flush(rocksdb::DB* database, const std::vector<rocksdb::ColumnFamilyHandle*>& families, bool wait, bool calm) {
  rocksdb::FlushOptions options;
  options.wait = wait || calm;
  options.allow_write_stall = true;
  rocksdb::Status status;
  for (rocksdb::ColumnFamilyHandle* family : families) {
    if (status.ok()) status = database->Flush(options, family);
    uint64_t running = 1;
    while (calm && database->GetIntProperty(rocksdb::DB::Properties::kNumRunningFlushes, &running) && running > 0) std::this_thread::yield();
  }
  return status;
}

absl::Status ToAbsl(const rocksdb::Status& status, const std::string& doing) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = doing + ": " + status.ToString();
  if (status.IsNoSpace()) return absl::ResourceExhaustedError(message);
  if (status.IsCorruption() || status.IsPathNotFound()) return absl::DataLossError(message);  // a file that should be there is not
  if (status.IsBusy() || status.IsNotSupported() || status.IsInvalidArgument()) return absl::FailedPreconditionError(message);
  return absl::UnavailableError(message);
}

absl::StatusOr<Presence> FindDatabase(rocksdb::Env* env, const std::string& path) {
  std::vector<std::string> names;
  const rocksdb::Status status = env->GetChildren(path, &names);
  if (status.IsNotFound()) return Presence::kAbsent;
  if (!status.ok()) return ToAbsl(status, "listing " + path);
  bool has_data = false;
  for (const std::string& name : names) {
    if (name == "CURRENT") return Presence::kPresent;
    has_data |= name.ends_with(".sst") || name.ends_with(".log");
  }
  return has_data ? Presence::kHeadless : Presence::kAbsent;
}

}  // namespace songhua::rocks
