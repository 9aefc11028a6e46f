// Memory of the order book's large tables, which are read at random places: aligned to huge pages and, where the system offers them on
// request, backed by them, so that a cold order costs one cache miss and not a page walk as well.
#ifndef SONGHUA_EXCHANGE_TABLE_MEMORY_H_
#define SONGHUA_EXCHANGE_TABLE_MEMORY_H_

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <type_traits>

#ifdef __linux__
#include <sys/mman.h>
#endif

#include "ledger/check.h"

namespace songhua::exchange {

inline constexpr size_t kHugePageBytes = size_t{2} << 20;

struct FreeTable {
  void operator()(void* memory) const { std::free(memory); }
};

template <class T>
using Table = std::unique_ptr<T[], FreeTable>;

// Uninitialised memory for `count` values. Pages are touched only when used.
template <class T>
Table<T> AllocateTable(size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  const size_t alignment = count * sizeof(T) >= kHugePageBytes ? kHugePageBytes : 64;
  const size_t bytes = (count * sizeof(T) + alignment - 1) / alignment * alignment;
  void* const memory = std::aligned_alloc(alignment, bytes);
  SONGHUA_CHECK(memory != nullptr);
  return Table<T>(static_cast<T*>(memory));
}

// Memory for `count` values, all bytes zero. Pages are touched only when used.
template <class T>
Table<T> AllocateZeroedTable(size_t count) {
  static_assert(std::is_trivially_copyable_v<T>);
  void* const memory = std::calloc(count, sizeof(T));
  SONGHUA_CHECK(memory != nullptr);
  return Table<T>(static_cast<T*>(memory));
}

// Asks for huge pages under a table that will be used whole. A system without them refuses, and nothing changes.
template <class T>
void AdviseHugePages(const Table<T>& table, size_t count) {
#ifdef __linux__
  const size_t bytes = count * sizeof(T) / kHugePageBytes * kHugePageBytes;
  if (bytes > 0) static_cast<void>(madvise(table.get(), bytes, MADV_HUGEPAGE));
#else
  static_cast<void>(table);
  static_cast<void>(count);
#endif
}

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_TABLE_MEMORY_H_
