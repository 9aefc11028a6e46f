#include "ledger/journal_walk.h"

#include <string>
#include <utility>

#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua {

JournalWalk::JournalWalk(uint64_t next_sequence, MerkleFrontier frontier) : next_sequence_(next_sequence), frontier_(std::move(frontier)) {}

absl::Status JournalWalk::BeginGroup(const GroupTrailer& trailer) {
  if (trailer.first_sequence != next_sequence_) {
    return absl::DataLossError("the next group starts at sequence " + std::to_string(trailer.first_sequence));
  }
  if (trailer.first_record != frontier_.size()) {
    return absl::DataLossError("the group's first record has number " + std::to_string(trailer.first_record) + ", not " +
                               std::to_string(frontier_.size()));
  }
  trailer_ = trailer;
  return absl::OkStatus();
}

absl::StatusOr<JournalRecord> JournalWalk::Record(std::string_view bytes, const Digest* stored_leaf) {
  SONGHUA_ASSIGN_OR_RETURN(JournalRecord record, DecodeRecord(bytes));
  if (record.first_sequence != next_sequence_) {
    return absl::DataLossError("the record of sequence " + std::to_string(record.first_sequence) + " stands in its place");
  }
  const Digest leaf = RecordLeaf(RecordSalt(trailer_.entropy, frontier_.size()), bytes);
  if (stored_leaf != nullptr && *stored_leaf != leaf) return absl::DataLossError("the record is not the one whose leaf was written");
  frontier_.Append(leaf);
  next_sequence_ = record.last_sequence() + 1;
  return record;
}

absl::Status JournalWalk::EndGroup() {
  SONGHUA_CHECK(frontier_.size() == trailer_.first_record + trailer_.record_count);
  if (next_sequence_ != trailer_.last_sequence + 1) {
    return absl::DataLossError("the group that started at sequence " + std::to_string(trailer_.first_sequence) + " should end at " +
                               std::to_string(trailer_.last_sequence));
  }
  if (frontier_.Root() != trailer_.tree_root) {
    return absl::DataLossError("the tree of " + std::to_string(frontier_.size()) + " records has root " + ToHex(frontier_.Root()) + ", but " +
                               ToHex(trailer_.tree_root) + " was written after sequence " + std::to_string(trailer_.last_sequence));
  }
  return absl::OkStatus();
}

}  // namespace songhua
