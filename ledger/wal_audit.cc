#include "ledger/wal_audit.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "ledger/crc32c.h"
#include "ledger/refusal.h"
#include "ledger/rocks.h"

namespace songhua {
namespace {

// The log is a row of blocks. A record is one FULL fragment or FIRST, MIDDLE..., LAST; a fragment lies inside one block and starts with
// {masked CRC-32C of type and payload: 4, length of the payload: 2, type: 1}. What is left of a block and cannot hold a header is zero.
constexpr size_t kBlockBytes = 32768;
constexpr size_t kHeaderBytes = 7;
constexpr uint8_t kZero = 0, kFull = 1, kFirst = 2, kLast = 4;
constexpr size_t kSectorBytes = 512;

// RocksDB rotates and offsets a checksum before storing it.
uint32_t Mask(uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xa282ead8u; }

bool AllZero(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char byte) { return byte == 0; });
}

class Walker {
 public:
  explicit Walker(std::string_view bytes) : bytes_(bytes) {}

  WalVerdict Walk() {
    while (position_ < bytes_.size()) {
      const size_t block_left = kBlockBytes - position_ % kBlockBytes;
      if (block_left < kHeaderBytes) {
        position_ += block_left;
        continue;
      }
      if (bytes_.size() - position_ < kHeaderBytes) return Verdict(WalVerdict::kTorn);
      const Header header = HeaderAt(position_);
      if (header.type == kZero && header.length == 0) {
        if (AllZero(bytes_.substr(position_))) return Verdict(in_record_ ? WalVerdict::kHole : WalVerdict::kWhole);
        return Unreadable();
      }
      if (header.length > block_left - kHeaderBytes) return Unreadable();
      if (header.length > bytes_.size() - position_ - kHeaderBytes) return CutOff(header);
      const bool starts = header.type == kFull || header.type == kFirst;
      if (!ChecksumFits(header, header.length) || starts == in_record_) return Unreadable();
      if (starts) record_start_ = position_;
      in_record_ = header.type != kFull && header.type != kLast;
      if (!in_record_) ++records_;
      position_ += kHeaderBytes + header.length;
    }
    return Verdict(in_record_ ? WalVerdict::kTorn : WalVerdict::kWhole);
  }

 private:
  struct Header {
    size_t at;
    uint32_t checksum;
    uint16_t length;
    uint8_t type;
  };

  Header HeaderAt(size_t at) const {
    Header header{at, 0, 0, static_cast<uint8_t>(bytes_[at + 6])};
    std::memcpy(&header.checksum, bytes_.data() + at, 4);
    std::memcpy(&header.length, bytes_.data() + at + 4, 2);
    return header;
  }
  // Does the header's checksum fit, if the payload has `length` bytes?
  bool ChecksumFits(const Header& header, size_t length) const {
    return Mask(Crc32c(bytes_.substr(header.at + kHeaderBytes - 1, 1 + length))) == header.checksum;
  }
  WalVerdict Verdict(WalVerdict::Kind kind) const { return {kind, position_, records_}; }

  // Is there a whole start of a record anywhere behind the place where the log stops making sense? Then more was written after it, so it had been
  // synced.
  bool ARecordFollows() const {
    for (size_t at = position_ + 1; at + kHeaderBytes <= bytes_.size(); ++at) {
      const uint8_t type = static_cast<uint8_t>(bytes_[at + 6]);
      if (type != kFull && type != kFirst) continue;
      const size_t block_left = kBlockBytes - at % kBlockBytes;
      if (block_left < kHeaderBytes) continue;
      const Header header = HeaderAt(at);
      if (header.length > block_left - kHeaderBytes || header.length > bytes_.size() - at - kHeaderBytes) continue;
      if (ChecksumFits(header, header.length)) return true;
    }
    return false;
  }

  // Is any sector's share of the last record, from its start to the end of the file, all zero?
  bool ASectorIsMissing() const {
    size_t start = in_record_ ? record_start_ : position_;
    while (start < bytes_.size()) {
      const size_t end = std::min((start / kSectorBytes + 1) * kSectorBytes, bytes_.size());
      if (AllZero(bytes_.substr(start, end - start))) return true;
      start = end;
    }
    return false;
  }

  // A fragment that would end beyond the file: torn, unless all of it is here and only its length is wrong.
  WalVerdict CutOff(const Header& header) const {
    const size_t left = bytes_.size() - position_ - kHeaderBytes;
    const bool length_is_wrong = ChecksumFits(header, left) || ARecordFollows();
    return Verdict(length_is_wrong ? WalVerdict::kDamaged : WalVerdict::kTorn);
  }

  WalVerdict Unreadable() const {
    const bool hole = !ARecordFollows() && ASectorIsMissing();
    return Verdict(hole ? WalVerdict::kHole : WalVerdict::kDamaged);
  }

  const std::string_view bytes_;
  size_t position_ = 0;
  size_t record_start_ = 0;  // of the record that position_ is inside of
  bool in_record_ = false;
  size_t records_ = 0;
};

}  // namespace

WalVerdict AuditWal(std::string_view bytes) { return Walker(bytes).Walk(); }

absl::StatusOr<bool> LogEndsInAHole(rocksdb::Env* env, const std::string& path) {
  std::vector<std::string> names;
  const rocksdb::Status listed = env->GetChildren(path, &names);
  if (listed.IsNotFound()) return false;
  SONGHUA_RETURN_IF_ERROR(rocks::ToAbsl(listed, "listing " + path));
  const auto is_log = [](const std::string& name) { return name.size() > 4 && name.compare(name.size() - 4, 4, ".log") == 0; };
  names.erase(std::remove_if(names.begin(), names.end(), [&](const std::string& name) { return !is_log(name); }), names.end());
  // Names are numbers, padded with zeros to six digits; newest first.
  std::sort(names.begin(), names.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a > b;
  });
  bool newest = true, hole = false;
  for (const std::string& name : names) {
    std::string bytes;
    SONGHUA_RETURN_IF_ERROR(rocks::ToAbsl(rocksdb::ReadFileToString(env, path + "/" + name, &bytes), "reading " + path + "/" + name));
    const WalVerdict verdict = AuditWal(bytes);
    if (verdict.kind == WalVerdict::kDamaged) {
      return absl::DataLossError("its log " + name + " is damaged at byte " + std::to_string(verdict.offset));
    }
    // An older log may end in a hole too: it was recovered from and is no longer read.
    if (newest) hole = verdict.kind == WalVerdict::kHole;
    if (verdict.records > 0 || hole) newest = false;
  }
  return hole;
}

}  // namespace songhua
