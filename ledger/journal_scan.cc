// Reading the journal back, and holding every byte of it against what was promised: part of JournalStore.
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/journal_store.h"
#include "ledger/refusal.h"

namespace songhua {

// Walks groups, their records and their leaves in step, over one version of the database.
class JournalStore::Scanner {
 public:
  explicit Scanner(const JournalStore& store) : store_(store), database_(*store.database_), snapshot_(database_.GetSnapshot()) {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot_;
    options.fill_cache = false;  // a scan of everything must not push out what readers need
    options.readahead_size = 1 << 20;
    groups_.reset(database_.NewIterator(options, store.families_[kGroups]));
    records_.reset(database_.NewIterator(options, store.families_[kRecords]));
    leaves_.reset(database_.NewIterator(options, store.families_[kTree]));
  }
  ~Scanner() {
    groups_.reset();
    records_.reset();
    leaves_.reset();
    database_.ReleaseSnapshot(snapshot_);
  }
  Scanner(const Scanner&) = delete;
  Scanner& operator=(const Scanner&) = delete;

  absl::Status Scan(uint64_t from_sequence, JournalVisitor* visitor) {
    absl::StatusOr<std::optional<GroupTrailer>> start = store_.GroupAtOrBefore(from_sequence, snapshot_);
    SONGHUA_RETURN_IF_ERROR(start.status());
    const bool inside = start->has_value() && (*start)->last_sequence >= from_sequence;
    if (!inside && start->has_value() && from_sequence > (*start)->last_sequence + 1) return absl::OkStatus();  // beyond the end
    next_sequence_ = inside ? (*start)->first_sequence : start->has_value() ? (*start)->last_sequence + 1 : 1;
    const uint64_t first_record = inside ? (*start)->first_record : start->has_value() ? (*start)->tree_size : 0;
    absl::StatusOr<MerkleFrontier> frontier = store_.FrontierAt(first_record);
    if (!frontier.ok()) return Damaged(frontier.status());
    frontier_ = *std::move(frontier);

    groups_->Seek(EncodeKey(next_sequence_));
    records_->Seek(EncodeKey(next_sequence_));
    leaves_->Seek(EncodeKey(uint8_t{0}, first_record));
    for (; groups_->Valid(); groups_->Next()) SONGHUA_RETURN_IF_ERROR(ScanGroup(visitor));
    if (!groups_->status().ok()) return Damaged(rocks::ToAbsl(groups_->status(), "reading groups"));
    if (!records_->status().ok()) return Damaged(rocks::ToAbsl(records_->status(), "reading records"));
    if (records_->Valid()) return Damaged("a record stands here, but no group trailer");
    return absl::OkStatus();
  }

 private:
  absl::Status Damaged(const std::string& wrong) const {
    return absl::DataLossError("the journal in " + store_.path_ + " is damaged at sequence " + std::to_string(next_sequence_) + ": " + wrong);
  }
  // Damage keeps its place; what is no damage (a full disk, a newer format) keeps its code.
  absl::Status Damaged(const absl::Status& status) const {
    if (absl::IsDataLoss(status)) return Damaged(std::string(status.message()));
    return absl::Status(status.code(), "at sequence " + std::to_string(next_sequence_) + ": " + std::string(status.message()));
  }

  absl::Status ScanGroup(JournalVisitor* visitor) {
    const absl::StatusOr<GroupTrailer> trailer = DecodeTrailer(rocks::ToView(groups_->value()));
    if (!trailer.ok()) return Damaged(trailer.status());
    if (trailer->first_sequence != next_sequence_ || rocks::ToView(groups_->key()) != EncodeKey(next_sequence_)) {
      return Damaged("the next group starts at sequence " + std::to_string(trailer->first_sequence));
    }
    if (trailer->first_record != frontier_.size()) {
      return Damaged("the group's first record has number " + std::to_string(trailer->first_record) + ", not " + std::to_string(frontier_.size()));
    }
    SONGHUA_RETURN_IF_ERROR(LoadLeaves(*trailer));
    for (uint64_t i = 0; i < trailer->record_count; ++i) SONGHUA_RETURN_IF_ERROR(ScanRecord(*trailer, i, visitor));
    if (next_sequence_ != trailer->last_sequence + 1) {
      return Damaged("the group that started at sequence " + std::to_string(trailer->first_sequence) + " should end at " +
                     std::to_string(trailer->last_sequence));
    }
    if (frontier_.Root() != trailer->tree_root) {
      return Damaged("the tree of " + std::to_string(frontier_.size()) + " records has root " + ToHex(frontier_.Root()) + ", but " +
                     ToHex(trailer->tree_root) + " was written after sequence " + std::to_string(trailer->last_sequence));
    }
    return visitor->OnGroupEnd(*trailer);
  }

  absl::Status LoadLeaves(const GroupTrailer& trailer) {
    if (!leaves_->status().ok()) return Damaged(rocks::ToAbsl(leaves_->status(), "reading leaves"));
    const bool there = leaves_->Valid() && rocks::ToView(leaves_->key()) == EncodeKey(uint8_t{0}, trailer.first_record);
    if (!there) return Damaged("the group's leaves are missing");
    stored_leaves_.assign(leaves_->value().data(), leaves_->value().size());
    if (stored_leaves_.size() != sizeof(uint64_t) + trailer.record_count * sizeof(Digest) ||
        stored_leaves_.compare(0, sizeof(uint64_t), EncodeValue(trailer.first_sequence)) != 0) {
      return Damaged("the group's leaves do not fit its trailer");
    }
    leaves_->Next();
    return absl::OkStatus();
  }

  absl::Status ScanRecord(const GroupTrailer& trailer, uint64_t i, JournalVisitor* visitor) {
    if (!records_->status().ok()) return Damaged(rocks::ToAbsl(records_->status(), "reading records"));
    if (!records_->Valid() || rocks::ToView(records_->key()) != EncodeKey(next_sequence_)) return Damaged("the record is missing");
    const std::string_view bytes = rocks::ToView(records_->value());
    const absl::StatusOr<JournalRecord> record = DecodeRecord(bytes);
    if (!record.ok()) return Damaged(record.status());
    if (record->first_sequence != next_sequence_) {
      return Damaged("the record of sequence " + std::to_string(record->first_sequence) + " stands in its place");
    }
    const uint64_t index = trailer.first_record + i;
    const Digest leaf = RecordLeaf(RecordSalt(trailer.entropy, index), bytes);
    if (std::memcmp(stored_leaves_.data() + sizeof(uint64_t) + i * sizeof(Digest), leaf.data(), sizeof(Digest)) != 0) {
      return Damaged("the record is not the one whose leaf was written");
    }
    frontier_.Append(leaf);
    SONGHUA_RETURN_IF_ERROR(visitor->OnRecord(*record, bytes, index));
    next_sequence_ = record->last_sequence() + 1;
    records_->Next();
    return absl::OkStatus();
  }

  const JournalStore& store_;
  rocksdb::DB& database_;
  const rocksdb::Snapshot* const snapshot_;
  std::unique_ptr<rocksdb::Iterator> groups_, records_, leaves_;
  uint64_t next_sequence_ = 1;
  MerkleFrontier frontier_;
  std::string stored_leaves_;
};

absl::Status JournalStore::Scan(uint64_t from_sequence, JournalVisitor* visitor) const { return Scanner(*this).Scan(from_sequence, visitor); }

absl::StatusOr<JournalEntry> JournalStore::ReadRecord(uint64_t sequence) const {
  const absl::Status none = absl::NotFoundError("the journal in " + path_ + " has no sequence " + std::to_string(sequence));
  SONGHUA_ASSIGN_OR_RETURN(const std::optional<GroupTrailer> trailer, GroupAtOrBefore(sequence, nullptr));
  if (sequence == 0 || !trailer.has_value() || trailer->last_sequence < sequence) return none;
  // The record's number in the tree is known by counting from the group's first.
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(rocksdb::ReadOptions(), families_[kRecords]));
  it->Seek(EncodeKey(trailer->first_sequence));
  for (uint64_t i = 0; i < trailer->record_count && it->Valid(); ++i, it->Next()) {
    SONGHUA_ASSIGN_OR_RETURN(const JournalRecord record, DecodeRecord(rocks::ToView(it->value())));
    if (record.last_sequence() < sequence) continue;
    JournalEntry entry;
    entry.bytes.assign(it->value().data(), it->value().size());
    entry.index = trailer->first_record + i;
    entry.salt = RecordSalt(trailer->entropy, entry.index);
    entry.trailer = *trailer;
    return entry;
  }
  if (!it->status().ok()) return rocks::ToAbsl(it->status(), "reading sequence " + std::to_string(sequence) + " in " + path_);
  return absl::DataLossError("the journal in " + path_ + " has lost the record of sequence " + std::to_string(sequence));
}

}  // namespace songhua
