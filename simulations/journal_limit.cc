#include "simulations/journal_limit.h"

#include <rocksdb/cache.h>
#include <rocksdb/write_batch.h>

#include <memory>
#include <utility>

#include "ledger/bounds.h"
#include "ledger/refusal.h"
#include "ledger/rocks.h"
#include "simulations/latencies.h"

namespace songhua::simulations {
namespace {

class Reader : public JournalVisitor {
 public:
  explicit Reader(JournalSlice* slice) : slice_(slice) {}

  absl::Status OnRecord(const JournalRecord& record, std::string_view bytes, uint64_t) override {
    group_.records.emplace_back(record.first_sequence, bytes);
    group_.commands += record.count;
    slice_->bytes += bytes.size();
    return absl::OkStatus();
  }

  absl::Status OnGroupEnd(const GroupTrailer& trailer) override {
    group_.rest = EncodeTrailer(trailer);
    group_.rest.append(sizeof(uint64_t) + trailer.record_count * sizeof(Digest), 'h');
    slice_->bytes += group_.rest.size();
    slice_->commands += group_.commands;
    slice_->groups.push_back(std::exchange(group_, {}));
    return absl::OkStatus();
  }

 private:
  JournalSlice* slice_;
  JournalSlice::Group group_;
};

}  // namespace

absl::StatusOr<JournalSlice> ReadJournal(Store* store, uint64_t from_sequence) {
  JournalSlice slice;
  Reader reader(&slice);
  SONGHUA_RETURN_IF_ERROR(store->ScanJournal(from_sequence, &reader));
  return slice;
}

absl::StatusOr<double> MeasureRocksDb(const JournalSlice& slice, const std::string& path) {
  const rocksdb::Options options(
      rocks::DatabaseOptions(rocksdb::Env::Default(), rocks::Mode::kCreate, /*calm=*/false),
      rocks::SequentialFamilyOptions(bounds::kJournalMemtableBytes, /*compress=*/true, /*calm=*/false, rocksdb::NewLRUCache(bounds::kBlockCacheBytes)));
  rocksdb::DB* opened = nullptr;
  SONGHUA_RETURN_IF_ERROR(rocks::ToAbsl(rocksdb::DB::Open(options, path, &opened), "opening a database in " + path));
  const std::unique_ptr<rocksdb::DB> database(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const int64_t start = SteadyNanos();
  for (const JournalSlice::Group& group : slice.groups) {
    rocksdb::WriteBatch batch;
    for (const auto& [sequence, bytes] : group.records) batch.Put(EncodeKey('r', sequence), rocks::ToSlice(bytes));
    batch.Put(EncodeKey('t', group.records.front().first), rocks::ToSlice(group.rest));
    SONGHUA_RETURN_IF_ERROR(rocks::ToAbsl(database->Write(synced, &batch), "writing to " + path));
  }
  return static_cast<double>(slice.commands) * 1e9 / static_cast<double>(SteadyNanos() - start);
}

}  // namespace songhua::simulations
