#include "exchange/order_id_map.h"

#include <cstring>
#include <utility>

#include "exchange/huge_pages.h"

namespace songhua::exchange {
namespace {

// Eight of a bucket's ten places: one entry in twenty lies in another bucket than its own then.
constexpr size_t CapacityOf(size_t buckets) { return buckets * 8; }

}  // namespace

void OrderIdMap::Resize(int bits) {
  SONGHUA_CHECK(bits < 32);
  const size_t buckets = size_t{1} << bits;
  const GrowingTable<Bucket> old = std::exchange(buckets_, {});
  buckets_.Grow(buckets);
  WishForHugePages(&buckets_[0], buckets_.MemoryBytes());
  std::memset(static_cast<void*>(&buckets_[0]), 0, buckets_.MemoryBytes());  // hashes go everywhere: touch it all now
  shift_ = 64 - bits;
  mask_ = static_cast<uint32_t>(buckets - 1);
  capacity_ = static_cast<uint32_t>(CapacityOf(buckets));
  for (size_t i = 0; i < old.size(); ++i) {
    for (uint32_t place = 0; place < kPlaces; ++place) {
      if (old[i].tags[place] != 0) Place(Hash(pool_[old[i].nodes[place]].id), old[i].nodes[place]);
    }
  }
}

void OrderIdMap::Reserve(uint32_t orders) {
  int bits = 64 - shift_;
  while (CapacityOf(size_t{1} << bits) < orders) ++bits;
  if (bits > 64 - shift_) Resize(bits);
}

}  // namespace songhua::exchange
