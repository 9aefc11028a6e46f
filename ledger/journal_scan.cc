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
    if (from_sequence <= store_.archived().sequence) {
      return absl::FailedPreconditionError("sequences up to " + std::to_string(store_.archived().sequence) + " of the journal in " + store_.path_ +
                                           " were archived: their archives are needed too");
    }
    const bool inside = start->has_value() && (*start)->last_sequence >= from_sequence;
    if (!inside && start->has_value() && from_sequence > (*start)->last_sequence + 1) return absl::OkStatus();  // beyond the end
    const uint64_t first = inside ? (*start)->first_sequence : (start->has_value() ? (*start)->last_sequence : store_.archived().sequence) + 1;
    const uint64_t first_record = inside ? (*start)->first_record : start->has_value() ? (*start)->tree_size : store_.archived().tree_size;
    walk_ = JournalWalk(first, MerkleFrontier());
    absl::StatusOr<MerkleFrontier> frontier = store_.FrontierAt(first_record);
    if (!frontier.ok()) return Damaged(frontier.status());
    walk_ = JournalWalk(first, *std::move(frontier));

    groups_->Seek(EncodeKey(first));
    records_->Seek(EncodeKey(first));
    leaves_->Seek(EncodeKey(uint8_t{0}, first_record));
    for (; groups_->Valid(); groups_->Next()) SONGHUA_RETURN_IF_ERROR(ScanGroup(visitor));
    if (!groups_->status().ok()) return Damaged(rocks::ToAbsl(groups_->status(), "reading groups"));
    if (!records_->status().ok()) return Damaged(rocks::ToAbsl(records_->status(), "reading records"));
    if (records_->Valid()) return Damaged("a record stands here, but no group trailer");
    return absl::OkStatus();
  }

 private:
  absl::Status Damaged(const std::string& wrong) const {
    return absl::DataLossError("the journal in " + store_.path_ + " is damaged at sequence " + std::to_string(walk_.next_sequence()) + ": " + wrong);
  }
  // Damage keeps its place; what is no damage (a full disk, a newer format) keeps its code.
  absl::Status Damaged(const absl::Status& status) const {
    if (absl::IsDataLoss(status)) return Damaged(std::string(status.message()));
    return absl::Status(status.code(), "at sequence " + std::to_string(walk_.next_sequence()) + ": " + std::string(status.message()));
  }

  absl::Status ScanGroup(JournalVisitor* visitor) {
    const absl::StatusOr<GroupTrailer> trailer = DecodeTrailer(rocks::ToView(groups_->value()));
    if (!trailer.ok()) return Damaged(trailer.status());
    if (rocks::ToView(groups_->key()) != EncodeKey(trailer->first_sequence)) return Damaged("the group's trailer stands under another key");
    if (const absl::Status begun = walk_.BeginGroup(*trailer); !begun.ok()) return Damaged(begun);
    SONGHUA_RETURN_IF_ERROR(LoadLeaves(*trailer));
    for (uint64_t i = 0; i < trailer->record_count; ++i) SONGHUA_RETURN_IF_ERROR(ScanRecord(i, visitor));
    if (const absl::Status ended = walk_.EndGroup(); !ended.ok()) return Damaged(ended);
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

  // Record `i` of the group.
  absl::Status ScanRecord(uint64_t i, JournalVisitor* visitor) {
    if (!records_->status().ok()) return Damaged(rocks::ToAbsl(records_->status(), "reading records"));
    if (!records_->Valid() || rocks::ToView(records_->key()) != EncodeKey(walk_.next_sequence())) return Damaged("the record is missing");
    const std::string_view bytes = rocks::ToView(records_->value());
    const uint64_t index = walk_.frontier().size();
    Digest leaf;
    std::memcpy(leaf.data(), stored_leaves_.data() + sizeof(uint64_t) + i * sizeof(Digest), sizeof(Digest));
    const absl::StatusOr<JournalRecord> record = walk_.Record(bytes, &leaf);
    if (!record.ok()) return Damaged(record.status());
    SONGHUA_RETURN_IF_ERROR(visitor->OnRecord(*record, bytes, index));
    records_->Next();
    return absl::OkStatus();
  }

  const JournalStore& store_;
  rocksdb::DB& database_;
  const rocksdb::Snapshot* const snapshot_;
  std::unique_ptr<rocksdb::Iterator> groups_, records_, leaves_;
  JournalWalk walk_;
  std::string stored_leaves_;
};

absl::Status JournalStore::Scan(uint64_t from_sequence, JournalVisitor* visitor) const { return Scanner(*this).Scan(from_sequence, visitor); }

absl::StatusOr<JournalEntry> JournalStore::ReadRecord(uint64_t sequence) const {
  if (sequence != 0 && sequence <= archived_.sequence) {
    return absl::OutOfRangeError("sequences up to " + std::to_string(archived_.sequence) + " of the journal in " + path_ + " were archived");
  }
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
