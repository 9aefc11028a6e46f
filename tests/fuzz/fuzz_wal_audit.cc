// Any bytes get a verdict that is consistent: its offset lies inside, and cutting a log where it stops making sense leaves a log that is whole or torn.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "ledger/check.h"
#include "ledger/wal_audit.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const songhua::WalVerdict verdict = songhua::AuditWal(bytes);
  SONGHUA_CHECK(verdict.offset <= size);
  const songhua::WalVerdict cut = songhua::AuditWal(bytes.substr(0, verdict.offset));
  SONGHUA_CHECK(cut.kind == songhua::WalVerdict::kWhole || cut.kind == songhua::WalVerdict::kTorn);
  SONGHUA_CHECK(cut.records == verdict.records);
  return 0;
}
