// The memory of the order book's tables: arrays of plain values that grow in place where the system can do so, and whose pages are touched
// only when used.
#ifndef SONGHUA_EXCHANGE_GROWING_TABLE_H_
#define SONGHUA_EXCHANGE_GROWING_TABLE_H_

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <type_traits>

#include "ledger/check.h"

namespace songhua::exchange {

template <class T>
class GrowingTable {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  GrowingTable() = default;

  // `size` values, all bytes zero.
  static GrowingTable Zeroed(size_t size) {
    GrowingTable table;
    table.values_.reset(static_cast<T*>(std::calloc(size + 1, sizeof(T))));  // never of no bytes
    SONGHUA_CHECK(table.values_ != nullptr);
    table.size_ = size;
    return table;
  }

  // Makes room for `size` values. The new ones are uninitialised; references to the old ones are void.
  // REQUIRES: size >= the present size.
  void Grow(size_t size) {
    void* const grown = std::realloc(static_cast<void*>(values_.get()), (size + 1) * sizeof(T));
    SONGHUA_CHECK(grown != nullptr);
    static_cast<void>(values_.release());  // realloc has taken it
    values_.reset(static_cast<T*>(grown));
    size_ = size;
  }

  // REQUIRES: i < size().
  T& operator[](size_t i) { return values_.get()[i]; }
  const T& operator[](size_t i) const { return values_.get()[i]; }

  size_t size() const { return size_; }
  size_t MemoryBytes() const { return size_ * sizeof(T); }

 private:
  struct Free {
    void operator()(T* values) const { std::free(static_cast<void*>(values)); }
  };

  std::unique_ptr<T[], Free> values_;
  size_t size_ = 0;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_GROWING_TABLE_H_
