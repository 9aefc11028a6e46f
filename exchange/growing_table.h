// The memory of the order book's tables: arrays of plain values that grow in place where the system can do so, and whose pages are touched
// only when used.
#ifndef SONGHUA_EXCHANGE_GROWING_TABLE_H_
#define SONGHUA_EXCHANGE_GROWING_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <type_traits>

#include "ledger/check.h"

namespace songhua::exchange {

template <class T>
class GrowingTable {
  static_assert(std::is_trivially_copyable_v<T> && alignof(T) <= 64);

 public:
  GrowingTable() = default;

  // `size` values, all bytes zero.
  static GrowingTable Zeroed(size_t size) {
    GrowingTable table;
    table.memory_.reset(std::calloc(BytesFor(size), 1));
    table.Settle(size);
    return table;
  }

  // Makes room for `size` values. The new ones are uninitialised; references to the old ones are void.
  // REQUIRES: size >= the present size.
  void Grow(size_t size) {
    const size_t used = size_ * sizeof(T);
    const size_t offset = Offset();
    void* const grown = std::realloc(memory_.get(), BytesFor(size));
    SONGHUA_CHECK(grown != nullptr);
    static_cast<void>(memory_.release());  // realloc has taken it
    memory_.reset(grown);
    Settle(size);
    if (Offset() != offset && used != 0) std::memmove(static_cast<void*>(values_), static_cast<const char*>(grown) + offset, used);
  }

  // REQUIRES: i < size().
  T& operator[](size_t i) { return values_[i]; }
  const T& operator[](size_t i) const { return values_[i]; }

  size_t size() const { return size_; }
  size_t MemoryBytes() const { return size_ * sizeof(T); }

 private:
  static constexpr size_t kLine = 64;  // the first value begins a cache line, so that values of half a line never lie in two

  struct Free {
    void operator()(void* memory) const { std::free(memory); }
  };

  static size_t BytesFor(size_t size) { return (size + 1) * sizeof(T) + kLine; }  // never of no bytes; one value more than there are
  size_t Offset() const { return static_cast<size_t>(reinterpret_cast<const char*>(values_) - static_cast<const char*>(memory_.get())); }
  void Settle(size_t size) {
    SONGHUA_CHECK(memory_ != nullptr);
    values_ = reinterpret_cast<T*>((reinterpret_cast<uintptr_t>(memory_.get()) + kLine - 1) / kLine * kLine);
    size_ = size;
  }

  std::unique_ptr<void, Free> memory_;
  T* values_ = nullptr;
  size_t size_ = 0;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_GROWING_TABLE_H_
