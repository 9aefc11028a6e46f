// Reading a journal in order, wherever its bytes lie, and holding every one of them against what was promised: gapless sequences, checksums, and after
// each group the root of the tree over all records so far.
//
//   JournalWalk walk(next_sequence, frontier);      // the frontier of all records before
//   SONGHUA_RETURN_IF_ERROR(walk.BeginGroup(trailer));
//   for (...) SONGHUA_ASSIGN_OR_RETURN(const JournalRecord record, walk.Record(bytes, nullptr));
//   SONGHUA_RETURN_IF_ERROR(walk.EndGroup());
//
// Not thread-safe.
#ifndef SONGHUA_LEDGER_JOURNAL_WALK_H_
#define SONGHUA_LEDGER_JOURNAL_WALK_H_

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/journal_record.h"
#include "ledger/merkle_log.h"

namespace songhua {

// Receives the journal. A status other than OK stops the scan, which returns it.
class JournalVisitor {
 public:
  virtual ~JournalVisitor() = default;
  // One record; `bytes` is its encoding, `index` its number in the tree.
  virtual absl::Status OnRecord(const JournalRecord& record, std::string_view bytes, uint64_t index) = 0;
  // After the last record of a group.
  virtual absl::Status OnGroupEnd(const GroupTrailer& trailer) = 0;
};

// Wants only to know that all of it is in order.
class IgnoringVisitor : public JournalVisitor {
 public:
  absl::Status OnRecord(const JournalRecord&, std::string_view, uint64_t) override { return absl::OkStatus(); }
  absl::Status OnGroupEnd(const GroupTrailer&) override { return absl::OkStatus(); }
};

class JournalWalk {
 public:
  JournalWalk() = default;
  JournalWalk(uint64_t next_sequence, MerkleFrontier frontier);

  // Each: DATA_LOSS says what is wrong where next_sequence() should stand; a newer format is FAILED_PRECONDITION.
  absl::Status BeginGroup(const GroupTrailer& trailer);
  // `stored_leaf`: the leaf that was written with the record, to be compared; null where none was kept. The record's number in the tree was
  // frontier().size() before the call.
  absl::StatusOr<JournalRecord> Record(std::string_view bytes, const Digest* stored_leaf);
  // REQUIRES: trailer.record_count records since BeginGroup.
  absl::Status EndGroup();

  uint64_t next_sequence() const { return next_sequence_; }
  const MerkleFrontier& frontier() const { return frontier_; }

 private:
  uint64_t next_sequence_ = 1;
  MerkleFrontier frontier_;
  GroupTrailer trailer_;
};

}  // namespace songhua

#endif  // SONGHUA_LEDGER_JOURNAL_WALK_H_
