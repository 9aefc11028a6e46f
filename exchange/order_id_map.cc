#include "exchange/order_id_map.h"

#include <cstring>
#include <utility>

#include "exchange/huge_pages.h"

namespace songhua::exchange {
namespace {

constexpr size_t CapacityOf(size_t slots) { return slots / 8 * 5; }

}  // namespace

void OrderIdMap::Resize(int bits) {
  SONGHUA_CHECK(bits < 32);
  const size_t slots = size_t{1} << bits;
  const GrowingTable<Slot> old = std::exchange(slots_, {});
  slots_.Grow(slots);
  WishForHugePages(&slots_[0], slots_.MemoryBytes());
  std::memset(static_cast<void*>(&slots_[0]), 0, slots_.MemoryBytes());  // hashes go everywhere: touch it all now
  shift_ = 32 - bits;
  mask_ = static_cast<uint32_t>(slots - 1);
  capacity_ = static_cast<uint32_t>(CapacityOf(slots));
  for (size_t i = 0; i < old.size(); ++i) {
    if (old[i].node != kNoNode) Place(old[i]);
  }
}

void OrderIdMap::Reserve(uint32_t orders) {
  int bits = 32 - shift_;
  while (CapacityOf(size_t{1} << bits) < orders) ++bits;
  if (bits > 32 - shift_) Resize(bits);
}

}  // namespace songhua::exchange
