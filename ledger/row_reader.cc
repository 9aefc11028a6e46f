#include "ledger/row_reader.h"

#include <limits>
#include <memory>
#include <utility>

#include "ledger/bounds.h"
#include "ledger/refusal.h"

namespace songhua {
namespace {

constexpr size_t kBatchBytes = 256 * bounds::kKiB;
constexpr size_t kBatchesAhead = 8;

}  // namespace

RowReader::RowReader(rocksdb::DB* database, std::string path, TableId first_table, Store::TableFilter wanted)
    : database_(database), path_(std::move(path)), first_table_(first_table), wanted_(std::move(wanted)), thread_([this] { Read(); }) {}

RowReader::~RowReader() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

absl::Status RowReader::VisitAll(const Store::RowVisitor& visit) {
  for (;;) {
    Batch batch;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return !batches_.empty() || ended_; });
      if (batches_.empty()) return status_;
      batch = std::move(batches_.front());
      batches_.pop_front();
    }
    changed_.notify_all();
    const std::string_view bytes = batch.bytes;
    size_t start = 0;
    for (const Batch::Row& row : batch.rows) {
      SONGHUA_RETURN_IF_ERROR(visit(row.table, bytes.substr(start, row.key_end - start), bytes.substr(row.key_end, row.value_end - row.key_end)));
      start = row.value_end;
    }
  }
}

void RowReader::Read() {
  absl::Status status = ReadRows();
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    status_ = std::move(status);
    ended_ = true;
  }
  changed_.notify_all();
}

absl::Status RowReader::ReadRows() {
  rocksdb::ReadOptions options;
  options.fill_cache = false;
  options.readahead_size = bounds::kMiB;
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(options));
  TableId entered = first_table_ - 1;
  Batch batch;
  for (it->Seek(RowKey(first_table_, "")); it->Valid();) {
    const std::string_view row_key = rocks::ToView(it->key());
    if (row_key.size() < sizeof(TableId)) return absl::DataLossError("a row in " + path_ + " has no table");
    const TableId table = RowKeyTable(row_key);
    if (table != entered) {
      entered = table;
      if (!wanted_(table)) {
        if (table == std::numeric_limits<TableId>::max()) break;
        it->Seek(RowKey(table + 1, ""));
        continue;
      }
    }
    batch.bytes += RowKeySuffix(row_key);
    const size_t key_end = batch.bytes.size();
    batch.bytes += rocks::ToView(it->value());
    batch.rows.push_back({table, key_end, batch.bytes.size()});
    if (batch.bytes.size() >= kBatchBytes && !Give(std::exchange(batch, Batch()))) return absl::OkStatus();
    it->Next();
  }
  SONGHUA_RETURN_IF_ERROR(rocks::ToAbsl(it->status(), "reading the state in " + path_));
  Give(std::move(batch));
  return absl::OkStatus();
}

bool RowReader::Give(Batch batch) {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [this] { return batches_.size() < kBatchesAhead || stopped_; });
  if (stopped_) return false;
  batches_.push_back(std::move(batch));
  lock.unlock();
  changed_.notify_all();
  return true;
}

}  // namespace songhua
