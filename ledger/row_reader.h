// Reads the rows of the state's database on a thread of its own, ahead of whoever takes them: at a start RocksDB's half of the work and the
// state machine's half go on at once. Internal to the store.
#ifndef SONGHUA_LEDGER_ROW_READER_H_
#define SONGHUA_LEDGER_ROW_READER_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "ledger/rocks.h"
#include "ledger/store.h"

namespace songhua {

class RowReader {
 public:
  // Begins to read every row of the tables that `wanted` names from `first_table` on, in the order of their keys. `wanted` is called on the reader's
  // thread, once for each table that has rows. The database must outlive the reader; `path` is for messages.
  RowReader(rocksdb::DB* database, std::string path, TableId first_table, Store::TableFilter wanted);
  // Stops reading, wherever it stands.
  ~RowReader();

  // Hands every row to `visit` on the caller's thread, which ends it with its own error. DATA_LOSS on a row that no table can own; RocksDB's errors.
  absl::Status VisitAll(const Store::RowVisitor& visit);

 private:
  // Keys and values one after the other, so that a batch costs two allocations and not two for each row.
  struct Batch {
    struct Row {
      TableId table;
      size_t key_end, value_end;  // in bytes; the key begins where the row before ends
    };
    std::string bytes;
    std::vector<Row> rows;
  };

  void Read();
  absl::Status ReadRows();
  // False: nobody wants more.
  bool Give(Batch batch);

  rocksdb::DB* const database_;
  const std::string path_;
  const TableId first_table_;
  const Store::TableFilter wanted_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> batches_;
  bool ended_ = false;  // the reader gives no more; status_ says why
  bool stopped_ = false;
  absl::Status status_;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace songhua

#endif  // SONGHUA_LEDGER_ROW_READER_H_
