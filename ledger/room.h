// Whether a disk has room for opening a store: RocksDB, as Debian builds it, ends the process by an assertion where it finds too little.
#ifndef SONGHUA_LEDGER_ROOM_H_
#define SONGHUA_LEDGER_ROOM_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace songhua {

// What opening a store writes before anything can be answered.
inline constexpr uint64_t kRoomToOpenBytes = 4 << 20;

// RESOURCE_EXHAUSTED where the disk of the store in `path` has less room than that.
absl::Status CheckRoom(const std::string& path, uint64_t free_bytes);

}  // namespace songhua

#endif  // SONGHUA_LEDGER_ROOM_H_
