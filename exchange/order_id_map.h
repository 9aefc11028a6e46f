// From order id to node: open addressing with linear probing, eight bytes a slot.
//
// A slot holds 32 bits of the id's hash and the node; the id itself is in the node. So a search reads one cache line of slots and then only
// the node that it is looking for. Removal shifts later entries back instead of leaving tombstones: a book that lives for months keeps
// the short searches of its first day and never has to be cleaned.
#ifndef SONGHUA_EXCHANGE_ORDER_ID_MAP_H_
#define SONGHUA_EXCHANGE_ORDER_ID_MAP_H_

#include <cstddef>
#include <cstdint>

#include "exchange/growing_table.h"
#include "exchange/order_pool.h"
#include "ledger/check.h"

namespace songhua::exchange {

class OrderIdMap {
 public:
  OrderIdMap() { Resize(kMinimumBits); }

  static uint32_t Hash(OrderId id) {
    id ^= id >> 32;
    return static_cast<uint32_t>((id * 0x9E3779B97F4A7C15u) >> 32);
  }

  // The node of `id`, or kNoNode.
  NodeIndex Find(OrderId id, const OrderPool& pool) const {
    const uint32_t hash = Hash(id);
    for (uint32_t i = Home(hash);; i = Next(i)) {
      const Slot slot = slots_[i];
      if (slot.node == kNoNode) return kNoNode;
      if (slot.hash == hash && pool[slot.node].id == id) return slot.node;
    }
  }

  // REQUIRES: `id` is not in the map.
  void Insert(OrderId id, NodeIndex node) {
    if (size_ == capacity_) Resize(33 - shift_);
    Place({Hash(id), node});
    ++size_;
  }

  // REQUIRES: `id` is in the map and names `node`.
  void Erase(OrderId id, NodeIndex node);

  // Brings the slot of `id` towards the cache.
  void Prefetch(OrderId id) const { __builtin_prefetch(&slots_[Home(Hash(id))]); }

  // Sets aside and touches memory for `orders` orders.
  void Reserve(uint32_t orders);

  uint32_t size() const { return size_; }
  size_t MemoryBytes() const { return slots_.MemoryBytes(); }

 private:
  struct Slot {
    uint32_t hash;
    NodeIndex node;
  };
  static constexpr int kMinimumBits = 8;

  uint32_t Home(uint32_t hash) const { return hash >> shift_; }
  uint32_t Next(uint32_t i) const { return (i + 1) & mask_; }

  void Place(Slot entry) {
    uint32_t i = Home(entry.hash);
    while (slots_[i].node != kNoNode) i = Next(i);
    slots_[i] = entry;
  }

  // To 2^bits slots.
  void Resize(int bits);

  GrowingTable<Slot> slots_;
  int shift_ = 32;  // leaves of a hash as many bits as number the slots
  uint32_t mask_ = 0;
  uint32_t capacity_ = 0;  // entries at which the table doubles: 5/8 of the slots
  uint32_t size_ = 0;
};

inline void OrderIdMap::Erase(OrderId id, NodeIndex node) {
  uint32_t hole = Home(Hash(id));
  while (slots_[hole].node != node) {
    SONGHUA_CHECK(slots_[hole].node != kNoNode);
    hole = Next(hole);
  }
  // An entry further on may fill the hole unless its home lies behind the hole.
  for (uint32_t i = Next(hole); slots_[i].node != kNoNode; i = Next(i)) {
    const uint32_t way_from_home = (i - Home(slots_[i].hash)) & mask_;
    if (way_from_home >= ((i - hole) & mask_)) {
      slots_[hole] = slots_[i];
      hole = i;
    }
  }
  slots_[hole].node = kNoNode;
  --size_;
}

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_ORDER_ID_MAP_H_
