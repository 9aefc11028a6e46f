// A commit group on its way to the journal: its records encoded into one arena, then sealed with a trailer.
//
//   JournalGroup group;
//   group.Add(record);  ...                       // state machine, in sequence order
//   group.Seal(entropy, rows.ComputeDigest(), &frontier);
//   SONGHUA_RETURN_IF_ERROR(store->AppendGroup(group));   // commit thread
//   group.Clear();                                // keeps its memory for the next group
//
// Not thread-safe; it is handed from one thread to the next.
#ifndef SONGHUA_LEDGER_JOURNAL_GROUP_H_
#define SONGHUA_LEDGER_JOURNAL_GROUP_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/journal_record.h"
#include "ledger/merkle_log.h"

namespace songhua {

class JournalGroup {
 public:
  // REQUIRES: not sealed; record.first_sequence follows the last record added, without a gap.
  void Add(const JournalRecord& record);

  // Draws the leaves, appends them to `frontier` (the tree over all records before this group) and fixes the trailer.
  // REQUIRES: at least one record; not sealed.
  void Seal(const Digest& entropy, const Digest& rows, MerkleFrontier* frontier);

  // Empties the group and keeps its memory.
  void Clear();

  bool empty() const { return records_.empty(); }
  bool sealed() const { return sealed_; }
  size_t record_count() const { return records_.size(); }
  size_t bytes() const { return arena_.size(); }
  uint64_t first_sequence() const { return trailer_.first_sequence; }
  uint64_t last_sequence() const { return trailer_.last_sequence; }

  // The encoding of record `i` of this group; valid until Add or Clear.
  std::string_view record(size_t i) const;
  uint64_t record_first_sequence(size_t i) const { return records_[i].first_sequence; }

  // REQUIRES: sealed.
  const GroupTrailer& trailer() const { return trailer_; }
  const std::vector<Digest>& leaves() const { return leaves_; }
  // Subtrees that this group completed, at the levels that the store keeps (merkle_log.h, kStoredLevelStep).
  const std::vector<MerkleNode>& nodes() const { return nodes_; }

 private:
  struct Record {
    uint64_t first_sequence;
    size_t end;  // in arena_; it starts where the one before ends
  };
  std::string arena_;
  std::vector<Record> records_;
  std::vector<Digest> leaves_;
  std::vector<MerkleNode> nodes_;
  GroupTrailer trailer_;
  bool sealed_ = false;
};

}  // namespace songhua

#endif  // SONGHUA_LEDGER_JOURNAL_GROUP_H_
