// From order id to node: hashing into buckets of one cache line, ten entries each.
//
// An entry holds sixteen bits of the id's hash, its tag, and the node; the id itself is in the node. So a search reads one cache line, all of whose tags are
// compared at once, and then only the node that it is looking for (one of some thousand searches looks at another besides): there is no branch that depends
// on where an entry lies. Six bytes an entry keep the map of a book in a cache that its nodes have left. An entry that finds its bucket full lies in one
// further on, and each bucket that it passed counts it. Removal leaves no tombstone and moves nothing: a book that lives for months keeps the short searches
// of its first day and never has to be cleaned.
#ifndef SONGHUA_EXCHANGE_ORDER_ID_MAP_H_
#define SONGHUA_EXCHANGE_ORDER_ID_MAP_H_

#include <bit>
#include <cstddef>
#include <cstdint>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "exchange/growing_table.h"
#include "exchange/order_pool.h"
#include "ledger/check.h"

namespace songhua::exchange {

class OrderIdMap {
 public:
  // REQUIRES (here and below): `pool` is the one, always the same, whose nodes are in the map.
  explicit OrderIdMap(const OrderPool& pool) : pool_(pool) { Resize(kMinimumBits); }

  // The node of `id`, or kNoNode.
  NodeIndex Find(OrderId id) const {
    const uint64_t hash = Hash(id);
    const uint16_t tag = TagOf(hash);
    for (uint32_t i = Home(hash);; i = Next(i)) {
      const Bucket& bucket = buckets_[i];
      for (uint32_t places = bucket.PlacesOf(tag); places != 0; places &= places - 1) {
        const NodeIndex node = bucket.nodes[std::countr_zero(places)];
        if (pool_[node].id == id) return node;
      }
      if (bucket.passed == 0) return kNoNode;
    }
  }

  // REQUIRES: `id` is not in the map.
  void Insert(OrderId id, NodeIndex node) {
    if (size_ == capacity_) Resize(65 - shift_);
    Place(Hash(id), node);
    ++size_;
    Prefetch(id + 2);  // most callers count: the next one may be on its way already, the one after it is not
  }

  // REQUIRES: `id` is in the map and names `node`.
  void Erase(OrderId id, NodeIndex node);

  // Brings the bucket of `id` towards the cache.
  void Prefetch(OrderId id) const { __builtin_prefetch(&buckets_[Home(Hash(id))]); }

  // Sets aside and touches memory for `orders` orders.
  void Reserve(uint32_t orders);

  uint32_t size() const { return size_; }
  size_t MemoryBytes() const { return buckets_.MemoryBytes(); }

  // The highest bits number the bucket; the tag is never 0, which is that of a free place.
  static uint64_t Hash(OrderId id) {
    id ^= id >> 32;
    return id * 0x9E3779B97F4A7C15u;
  }
  static uint16_t TagOf(uint64_t hash) { return static_cast<uint16_t>(hash >> 24 | 1); }

 private:
  static constexpr uint32_t kPlaces = 10;
  // All bytes zero: an empty bucket.
  struct alignas(64) Bucket {
    uint16_t tags[kPlaces];
    uint32_t passed;  // entries that would lie here or in a bucket before, and lie further on
    NodeIndex nodes[kPlaces];

    // One bit for each place that has this tag; 0: the free ones.
    uint32_t PlacesOf(uint16_t tag) const {
#ifdef __SSE2__
      const __m128i wanted = _mm_set1_epi16(static_cast<int16_t>(tag));
      const __m128i low = _mm_cmpeq_epi16(_mm_load_si128(reinterpret_cast<const __m128i*>(tags)), wanted);
      const __m128i high = _mm_cmpeq_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(tags + 8)), wanted);  // with `passed`, which is no place
      return static_cast<uint32_t>(_mm_movemask_epi8(_mm_packs_epi16(low, high))) & ((1u << kPlaces) - 1);
#else
      uint32_t bits = 0;
      for (uint32_t i = 0; i < kPlaces; ++i) bits |= static_cast<uint32_t>(tags[i] == tag) << i;
      return bits;
#endif
    }
  };
  static_assert(sizeof(Bucket) == 64);
  static constexpr int kMinimumBits = 3;

  uint32_t Home(uint64_t hash) const { return static_cast<uint32_t>(hash >> shift_); }
  uint32_t Next(uint32_t i) const { return (i + 1) & mask_; }

  void Place(uint64_t hash, NodeIndex node) {
    for (uint32_t i = Home(hash);; i = Next(i)) {
      Bucket& bucket = buckets_[i];
      if (const uint32_t free = bucket.PlacesOf(0); free != 0) {
        const int place = std::countr_zero(free);
        bucket.tags[place] = TagOf(hash);
        bucket.nodes[place] = node;
        return;
      }
      ++bucket.passed;
    }
  }

  // To 2^bits buckets.
  void Resize(int bits);

  const OrderPool& pool_;
  GrowingTable<Bucket> buckets_;
  int shift_ = 64;  // leaves of a hash as many bits as number the buckets
  uint32_t mask_ = 0;
  uint32_t capacity_ = 0;  // entries at which the table doubles
  uint32_t size_ = 0;
};

inline void OrderIdMap::Erase(OrderId id, NodeIndex node) {
  const uint64_t hash = Hash(id);
  const uint16_t tag = TagOf(hash);
  for (uint32_t i = Home(hash);; i = Next(i)) {
    Bucket& bucket = buckets_[i];
    for (uint32_t places = bucket.PlacesOf(tag); places != 0; places &= places - 1) {
      const int place = std::countr_zero(places);
      if (bucket.nodes[place] != node) continue;
      bucket.tags[place] = 0;
      --size_;
      return;
    }
    SONGHUA_CHECK(bucket.passed != 0);
    --bucket.passed;  // what is looked for was counted here
  }
}

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_ORDER_ID_MAP_H_
