#include "exchange/order_id_map.h"

#include <cstring>
#include <utility>

namespace songhua::exchange {

void OrderIdMap::Resize(int bits) {
  SONGHUA_CHECK(bits < 32);
  const size_t slots = size_t{1} << bits;
  Table<Slot> old = std::exchange(slots_, AllocateTable<Slot>(slots));
  const size_t old_slots = old == nullptr ? 0 : size_t{mask_} + 1;
  AdviseHugePages(slots_, slots);
  std::memset(static_cast<void*>(slots_.get()), 0, slots * sizeof(Slot));
  bits_ = bits;
  mask_ = static_cast<uint32_t>(slots - 1);
  capacity_ = static_cast<uint32_t>(slots / 8 * 5);
  for (size_t i = 0; i < old_slots; ++i) {
    if (old[i].node != kNoNode) Place(old[i]);
  }
}

void OrderIdMap::Reserve(uint32_t orders) {
  int bits = bits_;
  while ((size_t{1} << bits) / 8 * 5 < orders) ++bits;
  if (bits > bits_) Resize(bits);
}

}  // namespace songhua::exchange
