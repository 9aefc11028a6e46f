// The ordered row changes of one commit group, encoded into one arena. The state machine fills it while it applies; after the group's synced
// write the store publishes it, so that readers see the rows.
//
//   RowChanges changes;
//   changes.PutRow(kLotsTable, EncodeKey(lot.id), lot, /*existed_before=*/false);
//   changes.Delete(kHoldsTable, EncodeKey(hold_id), /*existed_before=*/true);
//
// `existed_before` says whether the row existed just before this change. A row that comes and goes between two folds then leaves no trace on
// disk. Who does not know says true: the answer is the same and costs a tombstone. It takes no part in the digest.
//
// A row's key on disk is the table as two big-endian bytes, then the key, so tables lie side by side and keys sort inside them.
// Not thread-safe; it is handed from one thread to the next.
#ifndef SONGHUA_LEDGER_ROW_CHANGES_H_
#define SONGHUA_LEDGER_ROW_CHANGES_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/codec.h"
#include "ledger/sha256.h"

namespace songhua {

using TableId = uint16_t;
// The store's own table (how far the state has been folded). Tables of the ledger start above it.
inline constexpr TableId kStoreTable = 0;

// The key on disk of a row.
std::string RowKey(TableId table, std::string_view key);
// The parts of a key on disk. REQUIRES: at least two bytes.
TableId RowKeyTable(std::string_view row_key);
inline std::string_view RowKeySuffix(std::string_view row_key) { return row_key.substr(sizeof(TableId)); }

struct RowChange {
  bool is_delete;
  bool existed_before;
  std::string_view row_key;  // table and key
  std::string_view value;    // empty for a delete

  TableId table() const { return RowKeyTable(row_key); }
  std::string_view key() const { return RowKeySuffix(row_key); }
};

class RowChanges {
 public:
  // REQUIRES: table is not kStoreTable; key and value are shorter than 2^32 - 1 bytes.
  void Put(TableId table, std::string_view key, std::string_view value, bool existed_before = true);
  void Delete(TableId table, std::string_view key, bool existed_before = true);

  // Put of EncodeValue(row), encoded in place.
  template <class Row>
  void PutRow(TableId table, std::string_view key, const Row& row, bool existed_before = true) {
    const size_t start = BeginValue(table, key, existed_before);
    Encoder encoder(&arena_);
    encoder(row);
    EndValue(start);
  }

  // Calls visit(const RowChange&) for each change in order. The views live until the next change or Clear.
  template <class Visit>
  void ForEach(Visit visit) const {
    for (size_t i = 0; i < entries_.size(); ++i) visit((*this)[i]);
  }
  RowChange operator[](size_t i) const;

  // SHA-256 over the changes, in order: what GroupTrailer::rows holds.
  Digest ComputeDigest() const { return Sha256Of(std::string_view(arena_)); }

  bool empty() const { return entries_.empty(); }
  size_t size() const { return entries_.size(); }
  size_t bytes() const { return arena_.size(); }
  // Empties it and keeps its memory.
  void Clear();

 private:
  // In the arena: key length, key, value length, value. A delete has this length and no value.
  static constexpr uint32_t kDeleteLength = UINT32_MAX;

  size_t BeginValue(TableId table, std::string_view key, bool existed_before);
  void EndValue(size_t start);
  void BeginChange(TableId table, std::string_view key, bool existed_before);

  struct Entry {
    size_t offset;
    bool existed_before;
  };
  std::string arena_;
  std::vector<Entry> entries_;
};

}  // namespace songhua

#endif  // SONGHUA_LEDGER_ROW_CHANGES_H_
