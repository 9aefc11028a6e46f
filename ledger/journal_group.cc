#include "ledger/journal_group.h"

#include "ledger/check.h"

namespace songhua {

void JournalGroup::Add(const JournalRecord& record) {
  SONGHUA_CHECK(!sealed_);
  SONGHUA_CHECK(record.first_sequence > 0 && record.count > 0);
  if (records_.empty()) {
    trailer_.first_sequence = record.first_sequence;
  } else {
    SONGHUA_CHECK(record.first_sequence == trailer_.last_sequence + 1);
  }
  trailer_.last_sequence = record.last_sequence();
  AppendEncodedRecord(record, &arena_);
  records_.push_back({record.first_sequence, arena_.size()});
}

void JournalGroup::Seal(const Digest& entropy, const Digest& rows, MerkleFrontier* frontier) {
  SONGHUA_CHECK(!sealed_ && !records_.empty());
  trailer_.first_record = frontier->size();
  trailer_.record_count = records_.size();
  trailer_.entropy = entropy;
  trailer_.rows = rows;
  leaves_.reserve(records_.size());
  for (size_t i = 0; i < records_.size(); ++i) {
    leaves_.push_back(RecordLeaf(RecordSalt(entropy, trailer_.first_record + i), record(i)));
    frontier->Append(leaves_.back(), &nodes_);
  }
  trailer_.tree_size = frontier->size();
  trailer_.tree_root = frontier->Root();
  sealed_ = true;
}

std::string_view JournalGroup::record(size_t i) const {
  const size_t start = i == 0 ? 0 : records_[i - 1].end;
  return std::string_view(arena_).substr(start, records_[i].end - start);
}

void JournalGroup::Clear() {
  arena_.clear();
  records_.clear();
  leaves_.clear();
  nodes_.clear();
  trailer_ = GroupTrailer();
  sealed_ = false;
}

}  // namespace songhua
