#include "ledger/room.h"

namespace songhua {

absl::Status CheckRoom(const std::string& path, uint64_t free_bytes) {
  if (free_bytes >= kRoomToOpenBytes) return absl::OkStatus();
  return absl::ResourceExhaustedError("the disk of " + path + " is full: " + std::to_string(free_bytes >> 10) + " KiB are free; accepted: " +
                                      std::to_string(kRoomToOpenBytes >> 10) + " KiB or more. Nothing was changed");
}

}  // namespace songhua
