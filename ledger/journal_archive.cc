#include "ledger/journal_archive.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <utility>

#include "ledger/bounds.h"
#include "ledger/check.h"
#include "ledger/codec.h"
#include "ledger/journal_store.h"
#include "ledger/refusal.h"
#include "ledger/rocks.h"
#include "ledger/store_directory.h"

namespace songhua {
namespace {

using rocks::ToAbsl;
using rocks::ToSlice;

constexpr std::string_view kMagic = "songhua-archive";
constexpr uint32_t kFormat = 1;
constexpr size_t kBufferBytes = 1 << 20;

rocksdb::Env* Disk(rocksdb::Env* env) { return env != nullptr ? env : rocksdb::Env::Default(); }

absl::Status Damaged(const std::string& path, const std::string& wrong) { return absl::DataLossError("the archive " + path + " is damaged: " + wrong); }

std::string EncodeHeader(const ArchiveSummary& summary) {
  std::string bytes(kMagic);
  Encoder encoder(&bytes);
  encoder(kFormat, summary.identity.format_version, summary.identity, summary.first_sequence, summary.first_record);
  return bytes;
}

absl::Status DecodeHeader(const std::string& path, std::string_view bytes, ArchiveSummary* summary) {
  if (bytes.substr(0, kMagic.size()) != kMagic) return absl::DataLossError(path + " is no archive of a journal");
  Decoder decoder(bytes.substr(kMagic.size()));
  uint32_t format = 0;
  decoder(format);
  if (decoder.ok() && format > kFormat) {
    return absl::FailedPreconditionError("the archive " + path + " has format " + std::to_string(format) + ", newer than " + std::to_string(kFormat) +
                                         ", the newest that this program reads");
  }
  decoder(summary->identity.format_version, summary->identity, summary->first_sequence, summary->first_record);
  if (!decoder.done() || format == 0 || summary->first_sequence == 0) return Damaged(path, "its header is malformed");
  return absl::OkStatus();
}

// Writes pieces (4 bytes of length, then so many bytes) through a buffer, and hashes what it writes.
class PieceWriter {
 public:
  PieceWriter(rocksdb::WritableFile* file, std::string path) : file_(file), path_(std::move(path)) {}

  absl::Status Write(std::string_view piece) {
    Encoder encoder(&buffer_);
    encoder(piece);
    return buffer_.size() < kBufferBytes ? absl::OkStatus() : Flush();
  }
  // The hash of everything, and the end of the file.
  absl::StatusOr<Digest> Finish() {
    SONGHUA_RETURN_IF_ERROR(Flush());
    const Digest digest = hash_.Finish();
    buffer_ = AsBytes(digest);
    SONGHUA_RETURN_IF_ERROR(Flush());
    SONGHUA_RETURN_IF_ERROR(ToAbsl(file_->Sync(), "syncing " + path_));
    SONGHUA_RETURN_IF_ERROR(ToAbsl(file_->Close(), "closing " + path_));
    return digest;
  }
  uint64_t bytes() const { return bytes_; }

 private:
  absl::Status Flush() {
    hash_.Update(buffer_);
    bytes_ += buffer_.size();
    SONGHUA_RETURN_IF_ERROR(ToAbsl(file_->Append(ToSlice(buffer_)), "writing " + path_));
    buffer_.clear();
    return absl::OkStatus();
  }

  rocksdb::WritableFile* file_;
  const std::string path_;
  std::string buffer_;
  Sha256 hash_;
  uint64_t bytes_ = 0;
};

// Reads pieces from any offset; hashes what it reads.
class PieceReader {
 public:
  static absl::StatusOr<PieceReader> Open(rocksdb::Env* env, const std::string& path) {
    PieceReader reader(path);
    const rocksdb::Status opened = env->NewRandomAccessFile(path, &reader.file_, rocksdb::EnvOptions());
    if (opened.IsNotFound() || opened.IsPathNotFound()) return absl::NotFoundError("there is no archive " + path);
    SONGHUA_RETURN_IF_ERROR(ToAbsl(opened, "opening the archive " + path));
    SONGHUA_RETURN_IF_ERROR(ToAbsl(env->GetFileSize(path, &reader.size_), "opening the archive " + path));
    return reader;
  }

  absl::Status Read(std::string* piece) {
    std::string head;
    SONGHUA_RETURN_IF_ERROR(Take(sizeof(uint32_t), &head));
    uint32_t length = 0;
    Decoder decoder(head);
    decoder(length);
    return Take(length, piece);
  }
  // The last 32 bytes: the hash of all before.
  absl::StatusOr<Digest> ReadHash() {
    const Digest digest = hash_.Finish();
    std::string stored;
    SONGHUA_RETURN_IF_ERROR(Take(sizeof(Digest), &stored));
    if (stored != AsBytes(digest)) return Damaged(path_, "its SHA-256 is " + ToHex(digest) + ", but " + ToHex(stored) + " was written at its end");
    if (offset_ != size_) return Damaged(path_, "something follows its end");
    return digest;
  }
  uint64_t offset() const { return offset_; }
  void Seek(uint64_t offset) { offset_ = offset; }
  uint64_t size() const { return size_; }

 private:
  explicit PieceReader(std::string path) : path_(std::move(path)) {}

  absl::Status Take(size_t bytes, std::string* out) {
    if (size_ - offset_ < bytes) return Damaged(path_, "it ends too early, after " + std::to_string(size_) + " bytes");
    out->clear();
    while (out->size() < bytes) {
      if (offset_ < buffer_start_ || offset_ >= buffer_start_ + buffer_.size()) SONGHUA_RETURN_IF_ERROR(Fill());
      const size_t inside = static_cast<size_t>(offset_ - buffer_start_);
      const size_t take = std::min(bytes - out->size(), buffer_.size() - inside);
      out->append(buffer_, inside, take);
      offset_ += take;
    }
    hash_.Update(*out);
    return absl::OkStatus();
  }
  absl::Status Fill() {
    scratch_.resize(kBufferBytes);
    rocksdb::Slice slice;
    SONGHUA_RETURN_IF_ERROR(ToAbsl(file_->Read(offset_, kBufferBytes, &slice, scratch_.data()), "reading the archive " + path_));
    if (slice.empty()) return Damaged(path_, "nothing can be read at byte " + std::to_string(offset_));
    buffer_.assign(slice.data(), slice.size());
    buffer_start_ = offset_;
    return absl::OkStatus();
  }

  std::string path_;
  std::unique_ptr<rocksdb::RandomAccessFile> file_;
  uint64_t size_ = 0, offset_ = 0, buffer_start_ = 0;
  std::string buffer_, scratch_;
  Sha256 hash_;
};

using Group = JournalStore::ArchivedGroup;

// The next group; false at the end of the groups.
absl::StatusOr<bool> ReadGroup(PieceReader* reader, const std::string& path, Group* group) {
  std::string bytes;
  SONGHUA_RETURN_IF_ERROR(reader->Read(&bytes));
  if (bytes.empty()) return false;
  const absl::StatusOr<GroupTrailer> trailer = DecodeTrailer(bytes);
  if (!trailer.ok()) return absl::Status(trailer.status().code(), "the archive " + path + ": " + std::string(trailer.status().message()));
  group->trailer = *trailer;
  group->records.clear();
  for (uint64_t i = 0; i < trailer->record_count; ++i) SONGHUA_RETURN_IF_ERROR(reader->Read(&group->records.emplace_back()));
  return true;
}

// Writes the groups that end at or before a sequence; the scan is stopped by kReached after them.
class ArchivingVisitor : public JournalVisitor {
 public:
  ArchivingVisitor(PieceWriter* writer, uint64_t through, ArchiveSummary* summary) : writer_(writer), through_(through), summary_(summary) {}

  absl::Status OnRecord(const JournalRecord& record, std::string_view bytes, uint64_t) override {
    if (record.first_sequence > through_) return absl::CancelledError("all that is wanted was written");
    records_.emplace_back(bytes);
    return absl::OkStatus();
  }
  absl::Status OnGroupEnd(const GroupTrailer& trailer) override {
    SONGHUA_RETURN_IF_ERROR(writer_->Write(EncodeTrailer(trailer)));
    for (const std::string& record : records_) SONGHUA_RETURN_IF_ERROR(writer_->Write(record));
    summary_->last_sequence = trailer.last_sequence;
    summary_->tree_root = trailer.tree_root;
    ++summary_->groups;
    summary_->records += records_.size();
    records_.clear();
    return absl::OkStatus();
  }

 private:
  PieceWriter* writer_;
  const uint64_t through_;
  ArchiveSummary* summary_;
  std::vector<std::string> records_;
};

// Where the last group that may be archived by `through` ends; 0 is nowhere.
absl::StatusOr<uint64_t> LastToArchive(Store* store, uint64_t through) {
  const std::optional<GroupTrailer> tail = store->LastTrailer();
  if (!tail.has_value()) return 0;
  const uint64_t limit = std::min({through, store->applied_sequence(), tail->first_sequence - 1});
  if (limit <= store->archived_sequence()) return 0;
  SONGHUA_ASSIGN_OR_RETURN(const JournalEntry at_limit, store->ReadRecord(limit));
  const uint64_t end = at_limit.trailer.last_sequence == limit ? limit : at_limit.trailer.first_sequence - 1;
  return end > store->archived_sequence() ? end : 0;
}

absl::StatusOr<ArchiveSummary> WriteArchive(Store* store, uint64_t last, const std::string& path, rocksdb::Env* env) {
  SONGHUA_ASSIGN_OR_RETURN(const MerkleFrontier before, [&]() -> absl::StatusOr<MerkleFrontier> {
    SONGHUA_ASSIGN_OR_RETURN(const JournalEntry first, store->ReadRecord(store->archived_sequence() + 1));
    return FrontierOfSize(first.trailer.first_record, NodesFromStored(store->StoredNodes()));
  }());
  ArchiveSummary summary;
  summary.identity = store->identity();
  summary.first_sequence = store->archived_sequence() + 1;
  summary.first_record = before.size();

  const std::string partial = path + ".partial";
  std::unique_ptr<rocksdb::WritableFile> file;
  SONGHUA_RETURN_IF_ERROR(ToAbsl(env->NewWritableFile(partial, &file, rocksdb::EnvOptions()), "making " + partial));
  PieceWriter writer(file.get(), partial);
  SONGHUA_RETURN_IF_ERROR(writer.Write(EncodeHeader(summary)));
  ArchivingVisitor visitor(&writer, last, &summary);
  const absl::Status scanned = store->ScanJournal(summary.first_sequence, &visitor);
  if (!absl::IsCancelled(scanned)) SONGHUA_RETURN_IF_ERROR(scanned);
  SONGHUA_CHECK(summary.last_sequence == last);
  SONGHUA_RETURN_IF_ERROR(writer.Write(""));
  SONGHUA_ASSIGN_OR_RETURN(summary.sha256, writer.Finish());
  summary.bytes = writer.bytes();

  // What is on the disk must be what was meant, before the journal lets go of it.
  MerkleFrontier frontier = before;
  IgnoringVisitor ignore;
  SONGHUA_ASSIGN_OR_RETURN(const ArchiveSummary read, ReadArchive(partial, &frontier, &ignore, env));
  if (read.last_sequence != last || frontier.Root() != summary.tree_root) return Damaged(partial, "it reads otherwise than it was written");
  SONGHUA_RETURN_IF_ERROR(ToAbsl(env->RenameFile(partial, path), "naming " + path));
  SONGHUA_RETURN_IF_ERROR(SyncDirectory(env, ParentDirectory(path)));
  return summary;
}

}  // namespace

absl::StatusOr<ArchiveSummary> ArchiveJournal(Store* store, uint64_t through, bool keep, const std::string& path, rocksdb::Env* env) {
  env = Disk(env);
  if (env->FileExists(path).ok()) return absl::AlreadyExistsError("there is a file " + path + " already; an archive is never written over");
  SONGHUA_RETURN_IF_ERROR(store->CheckpointState());
  SONGHUA_ASSIGN_OR_RETURN(const uint64_t last, LastToArchive(store, through));
  if (last == 0) {
    return absl::InvalidArgumentError("nothing to archive: sequences up to " + std::to_string(store->archived_sequence()) +
                                      " were archived before, and no later group ends at or before " + std::to_string(through) +
                                      " (the last group stays)");
  }
  absl::StatusOr<ArchiveSummary> summary = WriteArchive(store, last, path, env);
  if (!summary.ok()) {
    env->DeleteFile(path + ".partial").PermitUncheckedError();
    return summary;
  }
  if (!keep) SONGHUA_RETURN_IF_ERROR(store->DropArchived(last));
  return summary;
}

absl::StatusOr<uint64_t> LastSequenceBefore(Store* store, int64_t time_us) {
  // Time never falls from one sequence to the next.
  uint64_t before = store->archived_sequence(), not_before = store->durable_sequence() + 1;
  while (not_before - before > 1) {
    const uint64_t middle = before + (not_before - before) / 2;
    SONGHUA_ASSIGN_OR_RETURN(const JournalEntry entry, store->ReadRecord(middle));
    SONGHUA_ASSIGN_OR_RETURN(const JournalRecord record, DecodeRecord(entry.bytes));
    (record.time_us < time_us ? before : not_before) = middle;
  }
  return before;
}

absl::StatusOr<ArchiveSummary> ReadArchiveHeader(const std::string& path, rocksdb::Env* env) {
  SONGHUA_ASSIGN_OR_RETURN(PieceReader reader, PieceReader::Open(Disk(env), path));
  std::string header;
  const absl::Status read = reader.Read(&header);
  if (!read.ok()) return absl::IsDataLoss(read) ? absl::DataLossError(path + " is no archive of a journal") : read;
  ArchiveSummary summary;
  SONGHUA_RETURN_IF_ERROR(DecodeHeader(path, header, &summary));
  summary.bytes = reader.size();
  return summary;
}

absl::StatusOr<ArchiveSummary> ReadArchive(const std::string& path, MerkleFrontier* frontier, JournalVisitor* visitor, rocksdb::Env* env) {
  SONGHUA_ASSIGN_OR_RETURN(ArchiveSummary summary, ReadArchiveHeader(path, env));
  if (summary.first_record != frontier->size()) {
    return absl::InvalidArgumentError(path + " begins at sequence " + std::to_string(summary.first_sequence) + ", after " +
                                      std::to_string(summary.first_record) + " records; here " + std::to_string(frontier->size()) +
                                      " come before it: an archive is missing, or given twice");
  }
  SONGHUA_ASSIGN_OR_RETURN(PieceReader reader, PieceReader::Open(Disk(env), path));
  std::string header;
  SONGHUA_RETURN_IF_ERROR(reader.Read(&header));
  JournalWalk walk(summary.first_sequence, *frontier);
  const auto at = [&](const absl::Status& status) {
    const std::string what = "at sequence " + std::to_string(walk.next_sequence()) + ": " + std::string(status.message());
    return absl::IsDataLoss(status) ? Damaged(path, what) : absl::Status(status.code(), "the archive " + path + ", " + what);
  };
  Group group;
  while (true) {
    SONGHUA_ASSIGN_OR_RETURN(const bool more, ReadGroup(&reader, path, &group));
    if (!more) break;
    if (const absl::Status begun = walk.BeginGroup(group.trailer); !begun.ok()) return at(begun);
    for (const std::string& bytes : group.records) {
      const uint64_t index = walk.frontier().size();
      const absl::StatusOr<JournalRecord> record = walk.Record(bytes, nullptr);
      if (!record.ok()) return at(record.status());
      SONGHUA_RETURN_IF_ERROR(visitor->OnRecord(*record, bytes, index));
    }
    if (const absl::Status ended = walk.EndGroup(); !ended.ok()) return at(ended);
    SONGHUA_RETURN_IF_ERROR(visitor->OnGroupEnd(group.trailer));
    ++summary.groups;
    summary.records += group.records.size();
  }
  SONGHUA_ASSIGN_OR_RETURN(summary.sha256, reader.ReadHash());
  summary.last_sequence = walk.next_sequence() - 1;
  summary.tree_root = walk.frontier().Root();
  *frontier = walk.frontier();
  return summary;
}

absl::StatusOr<std::vector<std::string>> OrderArchives(const std::vector<std::string>& paths, rocksdb::Env* env) {
  std::vector<std::pair<ArchiveSummary, std::string>> archives;
  for (const std::string& path : paths) {
    SONGHUA_ASSIGN_OR_RETURN(ArchiveSummary summary, ReadArchiveHeader(path, env));
    archives.emplace_back(std::move(summary), path);
  }
  std::sort(archives.begin(), archives.end(), [](const auto& a, const auto& b) { return a.first.first_sequence < b.first.first_sequence; });
  std::vector<std::string> ordered;
  for (const auto& [summary, path] : archives) {
    if (summary.identity != archives.front().first.identity) {
      return absl::InvalidArgumentError(path + " is an archive of the store " + summary.identity.store_id + ", " + archives.front().second + " of " +
                                        archives.front().first.identity.store_id);
    }
    ordered.push_back(path);
  }
  return ordered;
}

absl::StatusOr<ArchiveSummary> RestoreArchive(const StoreOptions& options, const std::string& path) {
  rocksdb::Env* const env = Disk(options.env);
  const std::string journal_path = options.path + "/" + kJournalName;
  SONGHUA_ASSIGN_OR_RETURN(const rocks::Presence presence, rocks::FindDatabase(env, journal_path));
  if (presence != rocks::Presence::kPresent) return absl::NotFoundError("there is no store in " + options.path);
  SONGHUA_ASSIGN_OR_RETURN(const std::unique_ptr<DirectoryLock> lock, DirectoryLock::Acquire(env, options.path));
  // Looked at first: opening what is damaged would change it.
  SONGHUA_RETURN_IF_ERROR(
      JournalStore::Open(journal_path, env, rocks::Mode::kExamine, options.manual_projector, nullptr, options.identity).status());
  SONGHUA_ASSIGN_OR_RETURN(const std::unique_ptr<JournalStore> journal,
                           JournalStore::Open(journal_path, env, rocks::Mode::kOpen, options.manual_projector, nullptr, options.identity));
  SONGHUA_ASSIGN_OR_RETURN(const ArchiveSummary header, ReadArchiveHeader(path, env));
  if (header.identity != journal->identity()) {
    return absl::InvalidArgumentError(path + " is an archive of the store " + header.identity.store_id + "; " + options.path + " is " +
                                      journal->identity().store_id);
  }
  const uint64_t archived = journal->archived().sequence;
  SONGHUA_ASSIGN_OR_RETURN(MerkleFrontier frontier, journal->FrontierAt(header.first_record));

  // First all of it is read and held against the store's own tree; where each group begins is kept for the way back.
  struct Places : IgnoringVisitor {
    std::vector<uint64_t> last_sequences;
    absl::Status OnGroupEnd(const GroupTrailer& trailer) override {
      last_sequences.push_back(trailer.last_sequence);
      return absl::OkStatus();
    }
  } places;
  SONGHUA_ASSIGN_OR_RETURN(const ArchiveSummary summary, ReadArchive(path, &frontier, &places, env));
  const auto newest = std::find(places.last_sequences.begin(), places.last_sequences.end(), archived);
  if (newest == places.last_sequences.end()) {
    return absl::InvalidArgumentError(path + " holds sequences " + std::to_string(summary.first_sequence) + " to " +
                                      std::to_string(summary.last_sequence) + "; the archive to bring back next is the one that holds " +
                                      std::to_string(archived));
  }
  std::vector<uint64_t> offsets;
  SONGHUA_ASSIGN_OR_RETURN(PieceReader reader, PieceReader::Open(env, path));
  std::string bytes;
  SONGHUA_RETURN_IF_ERROR(reader.Read(&bytes));
  Group group;
  for (auto it = places.last_sequences.begin(); it <= newest; ++it) {
    offsets.push_back(reader.offset());
    SONGHUA_RETURN_IF_ERROR(ReadGroup(&reader, path, &group).status());
  }
  // The newest groups first, so that what is in the journal has no gap at any time.
  while (!offsets.empty()) {
    std::vector<Group> groups;
    size_t together = 0;
    for (; !offsets.empty() && together < bounds::kGroupBytesMax; offsets.pop_back()) {
      reader.Seek(offsets.back());
      SONGHUA_RETURN_IF_ERROR(ReadGroup(&reader, path, &groups.emplace_back()).status());
      for (const std::string& record : groups.back().records) together += record.size();
    }
    std::reverse(groups.begin(), groups.end());
    SONGHUA_RETURN_IF_ERROR(journal->PutBack(groups));
  }
  SONGHUA_RETURN_IF_ERROR(journal->Flush());
  return summary;
}

}  // namespace songhua
