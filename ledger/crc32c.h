// CRC-32C (Castagnoli, RFC 3720 appendix B.4): catches accidental damage of a record. Uses the processor's instruction where there is one.
#ifndef SONGHUA_LEDGER_CRC32C_H_
#define SONGHUA_LEDGER_CRC32C_H_

#include <cstdint>
#include <string_view>

namespace songhua {

uint32_t Crc32c(std::string_view bytes);

namespace crc32c_internal {
// The same without the instruction, so that a test can hold one against the other.
uint32_t Portable(std::string_view bytes);
}  // namespace crc32c_internal

}  // namespace songhua

#endif  // SONGHUA_LEDGER_CRC32C_H_
