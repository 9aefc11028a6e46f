// Tells a log that a crash cut short from one that was damaged: RocksDB takes both for the same in two cases that matter to us.
//
// A group is acknowledged only after its log record was synced, so whatever the power failure left of the last, unacknowledged record may be dropped, and
// nothing else may. RocksDB, told to tolerate a torn tail,
//   - drops an acknowledged record in silence when the damage is in its length field, since the record then seems to end beyond the file;
//   - refuses an unacknowledged one whose pages reached the disk only in part, since its checksum fails. File systems that preallocate leave such holes,
//     which read as zeros.
// The audit reads the log files themselves (format: RocksDB wiki, "Write Ahead Log File Format") and tells them apart by what stands behind the place where the log
// stops making sense, and by whether whole sectors of the last record are zero. Internal to the store.
#ifndef SONGHUA_LEDGER_WAL_AUDIT_H_
#define SONGHUA_LEDGER_WAL_AUDIT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace songhua {

struct WalVerdict {
  enum Kind {
    kWhole,    // ends where a record ends, or in zeros
    kTorn,     // ends inside a record: RocksDB drops it
    kHole,     // the last record has sectors that never reached the disk: RocksDB must be told to stop there
    kDamaged,  // something that was written whole no longer reads
  };
  Kind kind = kWhole;
  size_t offset = 0;   // where it stops making sense
  size_t records = 0;  // whole records before that
};

// The verdict on the bytes of one log file.
WalVerdict AuditWal(std::string_view bytes);

// Audits all log files of the database in `path`. True when the newest that holds anything ends in a hole. DATA_LOSS when one is damaged.
absl::StatusOr<bool> LogEndsInAHole(rocksdb::Env* env, const std::string& path);

}  // namespace songhua

#endif  // SONGHUA_LEDGER_WAL_AUDIT_H_
