// The on-disk formats of the journal: the record of one client message and its outcome, and the trailer that closes a commit group.
// FORMATS.md draws both byte by byte.
//
// Every encoding starts with a magic byte and a format version and ends with a CRC-32C of all that precedes it, so a record can be checked on its
// own, outside the database that held it. Decoding never trusts a length it has not checked and answers DATA_LOSS with what is wrong.
//
// Everything here is a pure function or a plain value.
#ifndef SONGHUA_LEDGER_JOURNAL_RECORD_H_
#define SONGHUA_LEDGER_JOURNAL_RECORD_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/sha256.h"

namespace songhua {

// One client message and its outcome. A message of `count` commands takes the sequences first_sequence .. first_sequence + count - 1.
struct JournalRecord {
  uint64_t first_sequence = 0;  // from 1
  uint32_t count = 0;           // at least 1
  int64_t time_us = 0;          // the command's time, microseconds since 1970-01-01T00:00:00Z
  uint32_t logic_version = 0;   // the behaviour that decided the outcome
  std::string principal;        // who sent it
  std::string token_id;         // which of the principal's tokens it came with; never the token
  std::string method;           // "songhua.v1.Exchange/SubmitOrders"
  std::string request_id;       // the caller's, or empty on order streams
  std::string request;          // canonical request bytes, request_id cleared
  uint32_t status_code = 0;     // absl::StatusCode of the message as a whole; 0 is OK
  std::string reason;           // the refusal's reason, empty when OK
  Digest outcome{};             // SHA-256 of answers, postings and events

  uint64_t last_sequence() const { return first_sequence + count - 1; }

  template <class Archive>
  void Fields(Archive& a) {
    a(first_sequence, count, time_us, logic_version, principal, token_id, method, request_id, request, status_code, reason, outcome);
  }
  friend bool operator==(const JournalRecord&, const JournalRecord&) = default;
};

// Closes a commit group: what was written together, and the tree over every record up to here.
struct GroupTrailer {
  uint64_t first_sequence = 0, last_sequence = 0;
  uint64_t first_record = 0;  // index of the group's first record in the tree, from 0
  uint64_t record_count = 0;
  Digest entropy{};           // 32 random bytes drawn for this group; secret, since they open the salts
  Digest rows{};              // RowChanges::ComputeDigest() of the group's row changes
  uint64_t tree_size = 0;     // first_record + record_count
  Digest tree_root{};         // RFC 6962 root over the leaves of all records 0 .. tree_size - 1

  template <class Archive>
  void Fields(Archive& a) {
    a(first_sequence, last_sequence, first_record, record_count, entropy, rows, tree_size, tree_root);
  }
  friend bool operator==(const GroupTrailer&, const GroupTrailer&) = default;
};

// Appends the encoding of a record to `out`, so that a group shares one buffer.
void AppendEncodedRecord(const JournalRecord& record, std::string* out);
std::string EncodeRecord(const JournalRecord& record);
std::string EncodeTrailer(const GroupTrailer& trailer);

// DATA_LOSS that names what is wrong (too short, foreign magic, checksum, fields that contradict each other); FAILED_PRECONDITION for a format
// version newer than this program's.
absl::StatusOr<JournalRecord> DecodeRecord(std::string_view bytes);
absl::StatusOr<GroupTrailer> DecodeTrailer(std::string_view bytes);

// The salt of record `n` (its index in the tree) of a group: SHA-256("salt" | entropy | n as 8 bytes little-endian).
Digest RecordSalt(const Digest& entropy, uint64_t n);

// The record's leaf hash: the RFC 6962 leaf hash of the commitment SHA-256(salt | record bytes). Who is given a record and its salt can check
// that it is in the tree; who knows only the tree cannot test guesses about a record.
Digest RecordLeaf(const Digest& salt, std::string_view record_bytes);

}  // namespace songhua

#endif  // SONGHUA_LEDGER_JOURNAL_RECORD_H_
