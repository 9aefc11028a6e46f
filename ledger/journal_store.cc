#include "ledger/journal_store.h"

#include <rocksdb/write_batch.h>

#include <cstring>
#include <utility>

#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/refusal.h"
#include "ledger/wal_audit.h"

namespace songhua {
namespace {

using rocks::Mode;
using rocks::ToAbsl;
using rocks::ToSlice;
using rocks::ToView;

constexpr char kIdentityKey[] = "identity";
constexpr char kArchivedKey[] = "archived";
constexpr std::string_view kIdentityMagic = "songhua-store";
constexpr uint32_t kStoreFormat = 1;
const char* const kFamilyNames[] = {"default", "records", "groups", "tree"};

// Room for a key and RocksDB's framing of one put.
constexpr size_t kPutOverheadBytes = 24;

std::string TreeKey(uint32_t level, uint64_t index) { return EncodeKey(static_cast<uint8_t>(level / kStoredLevelStep), index); }

void AppendDigests(const std::vector<Digest>& digests, std::string* out) {
  for (const Digest& digest : digests) out->append(AsBytes(digest));
}

}  // namespace

rocksdb::Status JournalStore::OpenDatabase(const std::string& path, const rocksdb::DBOptions& options, Mode mode, bool calm,
                                           const std::shared_ptr<rocksdb::Cache>& cache, std::vector<rocksdb::ColumnFamilyHandle*>* families,
                                           std::unique_ptr<rocksdb::DB>* database) {
  const auto small = [&](bool compress) { return rocks::SequentialFamilyOptions(bounds::kSmallMemtableBytes, compress, calm, cache); };
  const std::vector<rocksdb::ColumnFamilyDescriptor> descriptors = {
      {kFamilyNames[kIdentity], small(false)},
      {kFamilyNames[kRecords], rocks::SequentialFamilyOptions(bounds::kJournalMemtableBytes, true, calm, cache)},
      {kFamilyNames[kGroups], small(false)},  // mostly digests, which do not compress
      {kFamilyNames[kTree], small(false)},
  };
  rocksdb::DB* opened = nullptr;
  const rocksdb::Status status = mode == Mode::kExamine
                                     ? rocksdb::DB::OpenForReadOnly(options, path, descriptors, families, &opened)
                                     : rocksdb::DB::Open(options, path, descriptors, families, &opened);
  database->reset(opened);
  return status;
}

absl::StatusOr<std::unique_ptr<JournalStore>> JournalStore::Open(const std::string& path, rocksdb::Env* env, Mode mode, bool calm,
                                                                 const std::shared_ptr<rocksdb::Cache>& cache, const StoreIdentity& identity) {
  rocksdb::DBOptions database_options = rocks::DatabaseOptions(env, mode, calm);
  const absl::StatusOr<bool> ends_in_a_hole = LogEndsInAHole(env, path);
  if (absl::IsDataLoss(ends_in_a_hole.status())) return DescribeDamage(path, env, std::string(ends_in_a_hole.status().message()));
  SONGHUA_RETURN_IF_ERROR(ends_in_a_hole.status());
  if (*ends_in_a_hole) database_options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  std::unique_ptr<rocksdb::DB> database;
  const rocksdb::Status status = OpenDatabase(path, database_options, mode, calm, cache, &families, &database);
  if (status.IsCorruption()) return DescribeDamage(path, env, status.ToString());
  if (!status.ok()) return ToAbsl(status, "opening the journal in " + path);
  std::unique_ptr<JournalStore> store(new JournalStore(path, calm, std::move(database), std::move(families)));
  absl::Status loaded = store->LoadIdentity();
  if (absl::IsNotFound(loaded) && mode == Mode::kCreate) {
    SONGHUA_RETURN_IF_ERROR(store->WriteIdentity(identity));
    loaded = store->LoadIdentity();
  }
  SONGHUA_RETURN_IF_ERROR(loaded);
  SONGHUA_RETURN_IF_ERROR(store->LoadArchived());
  SONGHUA_RETURN_IF_ERROR(store->LoadTail());
  return store;
}

// Opens what can still be opened, in memory only, to say where the good part ends.
absl::Status JournalStore::DescribeDamage(const std::string& path, rocksdb::Env* env, const std::string& damage) {
  std::string where = "no part of it can be read";
  rocksdb::DBOptions options = rocks::DatabaseOptions(env, Mode::kExamine, /*calm=*/true);
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  std::unique_ptr<rocksdb::DB> database;
  if (OpenDatabase(path, options, Mode::kExamine, /*calm=*/true, nullptr, &families, &database).ok()) {
    JournalStore readable(path, true, std::move(database), std::move(families));
    if (readable.LoadTail().ok()) {
      const uint64_t last = readable.durable_sequence();
      where = "it is good up to sequence " + std::to_string(last) + ", and damaged where sequence " + std::to_string(last + 1) + " should stand";
    }
  }
  return absl::DataLossError("the journal in " + path + " is damaged: " + where + ": " + damage);
}

bool JournalStore::CreationWasCutShort(const std::string& path, rocksdb::Env* env) {
  const rocksdb::DBOptions options = rocks::DatabaseOptions(env, Mode::kExamine, /*calm=*/true);
  std::vector<std::string> names;
  rocksdb::Status status = rocksdb::DB::ListColumnFamilies(options, path, &names);
  if (!status.ok()) return false;
  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const std::string& name : names) descriptors.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* opened = nullptr;
  status = rocksdb::DB::OpenForReadOnly(options, path, descriptors, &families, &opened);
  if (!status.ok()) return false;  // Open says why
  JournalStore store(path, true, std::unique_ptr<rocksdb::DB>(opened), std::move(families));
  for (rocksdb::ColumnFamilyHandle* family : store.families_) {
    const std::unique_ptr<rocksdb::Iterator> it(opened->NewIterator(rocksdb::ReadOptions(), family));
    it->SeekToFirst();
    if (it->Valid() || !it->status().ok()) return false;
  }
  return true;
}

JournalStore::JournalStore(std::string path, bool calm, std::unique_ptr<rocksdb::DB> database, std::vector<rocksdb::ColumnFamilyHandle*> families)
    : path_(std::move(path)), calm_(calm), database_(std::move(database)), families_(std::move(families)) {}

JournalStore::~JournalStore() {
  for (rocksdb::ColumnFamilyHandle* family : families_) database_->DestroyColumnFamilyHandle(family);
}

absl::Status JournalStore::WriteIdentity(const StoreIdentity& identity) {
  std::string value(kIdentityMagic);
  Encoder encoder(&value);
  encoder(kStoreFormat, identity);
  rocksdb::WriteOptions options;
  options.sync = true;
  SONGHUA_RETURN_IF_ERROR(ToAbsl(database_->Put(options, families_[kIdentity], kIdentityKey, value), "writing the store's identity in " + path_));
  // Into a file at once: otherwise this one key would hold back the log for as long as the store lives.
  return ToAbsl(rocks::Flush(database_.get(), {families_[kIdentity]}, /*wait=*/true, calm_), "writing the store's identity in " + path_);
}

absl::Status JournalStore::LoadIdentity() {
  std::string value;
  const rocksdb::Status status = database_->Get(rocksdb::ReadOptions(), families_[kIdentity], kIdentityKey, &value);
  if (status.IsNotFound()) return absl::NotFoundError("the journal in " + path_ + " has no identity");
  if (!status.ok()) return ToAbsl(status, "reading the store's identity in " + path_);
  std::string_view rest = value;
  if (rest.substr(0, kIdentityMagic.size()) != kIdentityMagic) return absl::DataLossError("the identity in " + path_ + " is not one of Songhua's");
  rest.remove_prefix(kIdentityMagic.size());
  if (rest.size() < sizeof(uint32_t)) return absl::DataLossError("the identity in " + path_ + " is too short");
  std::memcpy(&identity_.format_version, rest.data(), sizeof(uint32_t));
  rest.remove_prefix(sizeof(uint32_t));
  if (identity_.format_version > kStoreFormat) {
    return absl::FailedPreconditionError("the store in " + path_ + " has format " + std::to_string(identity_.format_version) + ", newer than " +
                                         std::to_string(kStoreFormat) + ", the newest that this program reads");
  }
  const bool known_clock = DecodeValue(rest, &identity_).ok() &&
                           (identity_.clock_mode == ClockMode::kSystem || identity_.clock_mode == ClockMode::kVirtual);
  if (identity_.format_version == 0 || !known_clock) return absl::DataLossError("the identity in " + path_ + " is malformed");
  return absl::OkStatus();
}

absl::Status JournalStore::LoadArchived() {
  std::string value;
  const rocksdb::Status status = database_->Get(rocksdb::ReadOptions(), families_[kIdentity], kArchivedKey, &value);
  if (status.IsNotFound()) return absl::OkStatus();
  if (!status.ok()) return ToAbsl(status, "reading how far the journal in " + path_ + " was archived");
  if (!DecodeValue(value, &archived_).ok()) return absl::DataLossError("the archiving mark in " + path_ + " is malformed");
  return absl::OkStatus();
}

absl::StatusOr<std::optional<GroupTrailer>> JournalStore::GroupAtOrBefore(uint64_t sequence, const rocksdb::Snapshot* snapshot) const {
  rocksdb::ReadOptions options;
  options.snapshot = snapshot;
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(options, families_[kGroups]));
  it->SeekForPrev(EncodeKey(sequence));
  const std::string near = "reading the group of sequence " + std::to_string(sequence) + " in " + path_;
  if (!it->status().ok()) return ToAbsl(it->status(), near);
  if (!it->Valid()) return std::nullopt;
  absl::StatusOr<GroupTrailer> trailer = DecodeTrailer(ToView(it->value()));
  if (!trailer.ok()) return absl::Status(trailer.status().code(), near + ": " + std::string(trailer.status().message()));
  if (ToView(it->key()) != EncodeKey(trailer->first_sequence)) {
    return absl::DataLossError(near + ": the trailer of sequence " + std::to_string(trailer->first_sequence) + " stands under another key");
  }
  return *trailer;
}

absl::Status JournalStore::LoadTail() {
  SONGHUA_ASSIGN_OR_RETURN(const std::optional<GroupTrailer> trailer, GroupAtOrBefore(UINT64_MAX, nullptr));
  const std::lock_guard<std::mutex> lock(tail_mutex_);
  tail_ = trailer;
  durable_.store(trailer.has_value() ? trailer->last_sequence : 0, std::memory_order_release);
  return absl::OkStatus();
}

std::optional<GroupTrailer> JournalStore::LastTrailer() const {
  const std::lock_guard<std::mutex> lock(tail_mutex_);
  return tail_;
}

absl::Status JournalStore::Append(const JournalGroup& group) {
  if (!append_failure_.ok()) {
    return absl::FailedPreconditionError("the journal takes no more groups: " + std::string(append_failure_.message()));
  }
  SONGHUA_CHECK(group.sealed());
  const GroupTrailer& trailer = group.trailer();
  SONGHUA_CHECK(trailer.first_sequence == durable_sequence() + 1);
  SONGHUA_CHECK(trailer.first_record == (tail_.has_value() ? tail_->tree_size : 0));  // only this thread writes tail_

  rocksdb::WriteBatch batch(group.bytes() + (group.record_count() + group.nodes().size()) * (kPutOverheadBytes + sizeof(Digest)) + 1024);
  for (size_t i = 0; i < group.record_count(); ++i) {
    batch.Put(families_[kRecords], EncodeKey(group.record_first_sequence(i)), ToSlice(group.record(i)));
  }
  batch.Put(families_[kGroups], EncodeKey(trailer.first_sequence), EncodeTrailer(trailer));
  std::string leaves = EncodeValue(trailer.first_sequence);
  AppendDigests(group.leaves(), &leaves);
  batch.Put(families_[kTree], TreeKey(0, trailer.first_record), leaves);
  for (const MerkleNode& node : group.nodes()) batch.Put(families_[kTree], TreeKey(node.level, node.index), ToSlice(AsBytes(node.hash)));

  rocksdb::WriteOptions options;
  options.sync = true;
  append_failure_ = ToAbsl(database_->Write(options, &batch), "writing sequences " + std::to_string(trailer.first_sequence) + " to " +
                                                                  std::to_string(trailer.last_sequence) + " to the journal in " + path_);
  SONGHUA_RETURN_IF_ERROR(append_failure_);
  {
    const std::lock_guard<std::mutex> lock(tail_mutex_);
    tail_ = trailer;
  }
  durable_.store(trailer.last_sequence, std::memory_order_release);
  return absl::OkStatus();
}

absl::Status JournalStore::DropThrough(uint64_t sequence) {
  SONGHUA_ASSIGN_OR_RETURN(const std::optional<GroupTrailer> last, GroupAtOrBefore(sequence, nullptr));
  SONGHUA_CHECK(archived_.sequence < sequence && sequence < durable_sequence());
  SONGHUA_CHECK(last.has_value() && last->last_sequence == sequence);
  const ArchivedMark mark{sequence, last->tree_size};
  const std::string beyond = EncodeKey(sequence + 1);
  rocksdb::WriteBatch batch;
  batch.Put(families_[kIdentity], kArchivedKey, EncodeValue(mark));
  for (const Family family : {kRecords, kGroups}) batch.DeleteRange(families_[family], EncodeKey(uint64_t{0}), beyond);
  rocksdb::WriteOptions options;
  options.sync = true;
  SONGHUA_RETURN_IF_ERROR(ToAbsl(database_->Write(options, &batch), "marking sequences up to " + std::to_string(sequence) + " archived in " + path_));
  archived_ = mark;
  if (calm_) return absl::OkStatus();
  // What is left is to give the space back, which RocksDB would otherwise do when it comes to it.
  const rocksdb::Slice end(beyond);
  for (const Family family : {kRecords, kGroups}) {
    SONGHUA_RETURN_IF_ERROR(ToAbsl(database_->CompactRange(rocksdb::CompactRangeOptions(), families_[family], nullptr, &end), "freeing space in " + path_));
  }
  return absl::OkStatus();
}

absl::Status JournalStore::PutBack(const std::vector<ArchivedGroup>& groups) {
  SONGHUA_CHECK(!groups.empty() && groups.back().trailer.last_sequence == archived_.sequence);
  const GroupTrailer& first = groups.front().trailer;
  const ArchivedMark mark{first.first_sequence - 1, first.first_record};
  rocksdb::WriteBatch batch;
  for (const ArchivedGroup& group : groups) {
    uint64_t index = group.trailer.first_record;
    for (const std::string& bytes : group.records) {
      SONGHUA_ASSIGN_OR_RETURN(const JournalRecord record, DecodeRecord(bytes));
      SONGHUA_ASSIGN_OR_RETURN(const Digest leaf, StoredNode(0, index));
      if (RecordLeaf(RecordSalt(group.trailer.entropy, index), bytes) != leaf) {
        return absl::DataLossError("sequence " + std::to_string(record.first_sequence) + " is not the record whose leaf stands in the tree of " + path_);
      }
      batch.Put(families_[kRecords], EncodeKey(record.first_sequence), bytes);
      ++index;
    }
    batch.Put(families_[kGroups], EncodeKey(group.trailer.first_sequence), EncodeTrailer(group.trailer));
  }
  batch.Put(families_[kIdentity], kArchivedKey, EncodeValue(mark));
  rocksdb::WriteOptions options;
  options.sync = true;
  SONGHUA_RETURN_IF_ERROR(ToAbsl(database_->Write(options, &batch), "putting archived sequences back into the journal in " + path_));
  archived_ = mark;
  return absl::OkStatus();
}

absl::StatusOr<bool> JournalStore::GroupEndsAt(uint64_t sequence) const {
  if (sequence == archived_.sequence) return true;
  SONGHUA_ASSIGN_OR_RETURN(const std::optional<GroupTrailer> trailer, GroupAtOrBefore(sequence, nullptr));
  return trailer.has_value() && trailer->last_sequence == sequence;
}

absl::StatusOr<Digest> JournalStore::StoredNode(uint32_t level, uint64_t index) const {
  SONGHUA_CHECK(level % kStoredLevelStep == 0);
  const std::string what = "hash " + std::to_string(index) + " of level " + std::to_string(level) + " of the tree in " + path_;
  const std::unique_ptr<rocksdb::Iterator> it(database_->NewIterator(rocksdb::ReadOptions(), families_[kTree]));
  it->SeekForPrev(TreeKey(level, index));
  if (!it->status().ok()) return ToAbsl(it->status(), "reading " + what);
  if (!it->Valid() || it->key().size() != 9 || static_cast<uint8_t>(it->key()[0]) != level / kStoredLevelStep) {
    return absl::DataLossError(what + " is missing");
  }
  // The key holds the number of the value's first hash.
  uint64_t first = 0;
  for (size_t i = 1; i < 9; ++i) first = first << 8 | static_cast<uint8_t>(it->key()[i]);
  std::string_view hashes = ToView(it->value());
  if (level == 0 && hashes.size() >= sizeof(uint64_t)) hashes.remove_prefix(sizeof(uint64_t));
  const uint64_t offset = index - first;
  if (offset >= hashes.size() / sizeof(Digest)) return absl::DataLossError(what + " is missing");
  Digest digest;
  std::memcpy(digest.data(), hashes.data() + offset * sizeof(Digest), sizeof(Digest));
  return digest;
}

absl::StatusOr<MerkleFrontier> JournalStore::FrontierAt(uint64_t tree_size) const {
  return FrontierOfSize(tree_size, NodesFromStored([this](uint32_t level, uint64_t index) { return StoredNode(level, index); }));
}

absl::Status JournalStore::Flush() {
  return ToAbsl(rocks::Flush(database_.get(), families_, /*wait=*/true, calm_), "flushing the journal in " + path_);
}

}  // namespace songhua
