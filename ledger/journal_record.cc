#include "ledger/journal_record.h"

#include <cstring>

#include "ledger/codec.h"
#include "ledger/crc32c.h"
#include "ledger/merkle_log.h"

namespace songhua {
namespace {

// First bytes of each encoding. Bytes that cannot start the other format, nor text.
constexpr char kRecordMagic = '\xa7';
constexpr char kTrailerMagic = '\xa8';
constexpr uint8_t kRecordFormat = 1;
constexpr uint8_t kTrailerFormat = 1;
constexpr size_t kHeaderBytes = 2;
constexpr size_t kChecksumBytes = 4;

absl::Status DataLoss(const std::string& what, const std::string& wrong) { return absl::DataLossError(what + ": " + wrong); }

template <class Fields>
void AppendFramed(char magic, uint8_t format, const Fields& fields, std::string* out) {
  const size_t start = out->size();
  Encoder encoder(out);
  out->push_back(magic);
  encoder(format, fields);
  encoder(Crc32c(std::string_view(*out).substr(start)));
}

// Checks magic, format and checksum, in this order, and leaves the fields. The format is checked before the checksum, since a newer format may
// check itself in another way.
absl::StatusOr<std::string_view> OpenFrame(const std::string& what, char magic, uint8_t format, std::string_view bytes) {
  if (bytes.size() < kHeaderBytes + kChecksumBytes) {
    return DataLoss(what, "is " + std::to_string(bytes.size()) + " bytes long, shorter than any");
  }
  if (bytes[0] != magic) return DataLoss(what, "starts with the foreign byte " + std::to_string(static_cast<uint8_t>(bytes[0])));
  const uint8_t found_format = static_cast<uint8_t>(bytes[1]);
  if (found_format > format) {
    return absl::FailedPreconditionError(what + ": has format " + std::to_string(found_format) + ", newer than " + std::to_string(format) +
                                         ", the newest that this program reads");
  }
  const std::string_view body = bytes.substr(0, bytes.size() - kChecksumBytes);
  uint32_t expected;
  std::memcpy(&expected, bytes.data() + body.size(), kChecksumBytes);
  const uint32_t found = Crc32c(body);
  if (found != expected) {
    return DataLoss(what, "checksum is " + std::to_string(found) + " where " + std::to_string(expected) + " was written");
  }
  if (found_format == 0) return DataLoss(what, "has format 0, which never was");
  return body.substr(kHeaderBytes);
}

}  // namespace

void AppendEncodedRecord(const JournalRecord& record, std::string* out) { AppendFramed(kRecordMagic, kRecordFormat, record, out); }

std::string EncodeRecord(const JournalRecord& record) {
  std::string out;
  AppendEncodedRecord(record, &out);
  return out;
}

std::string EncodeTrailer(const GroupTrailer& trailer) {
  std::string out;
  AppendFramed(kTrailerMagic, kTrailerFormat, trailer, &out);
  return out;
}

absl::StatusOr<JournalRecord> DecodeRecord(std::string_view bytes) {
  const std::string what = "journal record";
  absl::StatusOr<std::string_view> body = OpenFrame(what, kRecordMagic, kRecordFormat, bytes);
  if (!body.ok()) return body.status();
  JournalRecord record;
  if (!DecodeValue(*body, &record).ok()) return DataLoss(what, "its fields do not fill it");
  if (record.first_sequence == 0 || record.count == 0 || record.first_sequence > UINT64_MAX - (record.count - 1)) {
    return DataLoss(what, "claims " + std::to_string(record.count) + " sequences from " + std::to_string(record.first_sequence));
  }
  return record;
}

absl::StatusOr<GroupTrailer> DecodeTrailer(std::string_view bytes) {
  const std::string what = "group trailer";
  absl::StatusOr<std::string_view> body = OpenFrame(what, kTrailerMagic, kTrailerFormat, bytes);
  if (!body.ok()) return body.status();
  GroupTrailer trailer;
  if (!DecodeValue(*body, &trailer).ok()) return DataLoss(what, "its fields do not fill it");
  if (trailer.first_sequence == 0 || trailer.last_sequence < trailer.first_sequence) {
    return DataLoss(what, "claims sequences " + std::to_string(trailer.first_sequence) + " to " + std::to_string(trailer.last_sequence));
  }
  if (trailer.record_count == 0 || trailer.record_count - 1 > trailer.last_sequence - trailer.first_sequence) {
    return DataLoss(what, "claims " + std::to_string(trailer.record_count) + " records for sequences " +
                              std::to_string(trailer.first_sequence) + " to " + std::to_string(trailer.last_sequence));
  }
  if (trailer.first_record > UINT64_MAX - trailer.record_count || trailer.first_record + trailer.record_count != trailer.tree_size) {
    return DataLoss(what, "claims a tree of " + std::to_string(trailer.tree_size) + " after " + std::to_string(trailer.record_count) +
                              " records from number " + std::to_string(trailer.first_record));
  }
  return trailer;
}

Digest RecordSalt(const Digest& entropy, uint64_t n) { return Sha256Of("salt", AsBytes(entropy), EncodeValue(n)); }

Digest RecordLeaf(const Digest& salt, std::string_view record_bytes) {
  return LeafHash(AsBytes(Sha256Of(AsBytes(salt), record_bytes)));
}

}  // namespace songhua
