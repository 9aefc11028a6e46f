// Closed parts of the journal in files of their own, so that a store of many years stays small and what left it stays provable (GEN-08).
//
// An archive is one file: the groups of a journal from one sequence to another, byte for byte, with the store's identity, and a SHA-256 over it all. Archives
// that follow one another, and then the store, are the whole journal again: `songhua verify --archive` replays them from the first record. Archiving takes
// records and group trailers out of the store, never the state that follows from them, nor the hashes of the tree. FORMATS.md draws the file.
//
// The store must be opened by the caller alone: nobody is served while a journal is archived or brought back.
#ifndef SONGHUA_LEDGER_JOURNAL_ARCHIVE_H_
#define SONGHUA_LEDGER_JOURNAL_ARCHIVE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/journal_walk.h"
#include "ledger/merkle_log.h"
#include "ledger/store.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace songhua {

// What an archive holds.
struct ArchiveSummary {
  StoreIdentity identity;
  uint64_t first_sequence = 0, last_sequence = 0;
  uint64_t first_record = 0;  // records before it
  uint64_t groups = 0, records = 0, bytes = 0;
  Digest tree_root{};  // over all records up to last_sequence
  Digest sha256{};     // of the file without its last 32 bytes, which are this
};

// Writes the groups after archived_sequence() that end at or before `through` to a new file, reads the file back and holds it against what was promised.
// Takes them out of the journal afterwards unless `keep`. A crash leaves the store with all of them or, once the file is whole and synced, without.
//   INVALID_ARGUMENT      no group to archive ends at or before `through`: the last group and what the state has not folded stay
//   ALREADY_EXISTS        there is a file of that name
//   RESOURCE_EXHAUSTED, UNAVAILABLE   the disk refuses; the journal is as it was
// `env` null is the machine's disk.
absl::StatusOr<ArchiveSummary> ArchiveJournal(Store* store, uint64_t through, bool keep, const std::string& path, rocksdb::Env* env = nullptr);

// The last sequence that was decided before `time_us` (UTC microseconds); 0 when there is none that was not archived.
absl::StatusOr<uint64_t> LastSequenceBefore(Store* store, int64_t time_us);

// Who and which sequences, without reading the rest. DATA_LOSS for what is no archive; FAILED_PRECONDITION for a newer format.
absl::StatusOr<ArchiveSummary> ReadArchiveHeader(const std::string& path, rocksdb::Env* env = nullptr);

// Gives the whole archive to `visitor`, holding every byte against what was promised. `frontier` is the tree's before its first record, and after its last.
// DATA_LOSS names the file, and the sequence at which it stops being right; INVALID_ARGUMENT when other records come before it.
absl::StatusOr<ArchiveSummary> ReadArchive(const std::string& path, MerkleFrontier* frontier, JournalVisitor* visitor, rocksdb::Env* env = nullptr);

// Puts `paths` in the order of their sequences. INVALID_ARGUMENT when they are not of one store.
absl::StatusOr<std::vector<std::string>> OrderArchives(const std::vector<std::string>& paths, rocksdb::Env* env = nullptr);

// Brings archived sequences back into the journal of the store at options.path, which may have lost its state. The archive must be the one that
// was taken last: INVALID_ARGUMENT otherwise. A crash leaves a part of it brought back; the same call brings the rest.
absl::StatusOr<ArchiveSummary> RestoreArchive(const StoreOptions& options, const std::string& path);

}  // namespace songhua

#endif  // SONGHUA_LEDGER_JOURNAL_ARCHIVE_H_
