// Large tables that are read everywhere, in pages of two megabytes: a search then misses the cache, and not the processor's table of pages as well.
#ifndef SONGHUA_EXCHANGE_HUGE_PAGES_H_
#define SONGHUA_EXCHANGE_HUGE_PAGES_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

namespace songhua::exchange {

inline constexpr uintptr_t kHugePageBytes = 2 * 1024 * 1024;

// A wish, to be said before the memory is touched. The system may not have it or not grant it; that is no error. Small tables are left alone.
inline void WishForHugePages(void* begin, size_t bytes) {
  const auto first = (reinterpret_cast<uintptr_t>(begin) + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
  const auto last = (reinterpret_cast<uintptr_t>(begin) + bytes) / kHugePageBytes * kHugePageBytes;
  if (last > first) static_cast<void>(madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE));
}

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_HUGE_PAGES_H_
