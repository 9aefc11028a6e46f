// The resting orders of one book: 32-byte nodes, named by 32-bit numbers, linked into the queues of their price levels.
#ifndef SONGHUA_EXCHANGE_ORDER_POOL_H_
#define SONGHUA_EXCHANGE_ORDER_POOL_H_

#include <cstddef>
#include <cstdint>
#include <unordered_map>

#include "exchange/growing_table.h"
#include "exchange/order_book.h"

namespace songhua::exchange {

using NodeIndex = uint32_t;
inline constexpr NodeIndex kNoNode = 0;  // zeroed memory is an empty queue; node 0 is never handed out

// One resting order. Two share a cache line.
struct OrderNode {
  OrderId id;
  int64_t open_quantity;  // that is shown
  NodeIndex next;      // the order behind it at its level, or the next free node
  NodeIndex previous;  // the order before it
  uint32_t level;      // see PriceLevels
  Side side;
  bool post_only : 1;
  bool is_iceberg : 1;
  uint16_t owner_tag;  // 0 without owner, else a hash: tells most strangers apart without a look at the owner
};
static_assert(sizeof(OrderNode) == 32);

// What an iceberg has besides.
struct Iceberg {
  int64_t display;
  int64_t hidden;
};

// Hands out nodes, the last freed first, for it is the likeliest to be in cache. Owners are kept apart from the nodes: only the check for
// self-trades reads them, and then only where the tag is the same. Memory of a book without owners never sees them.
class OrderPool {
 public:
  OrderPool() { Grow(kMinimumNodes); }

  // REQUIRES (here and below): `node` came from Allocate and was not freed.
  OrderNode& operator[](NodeIndex node) {
    CountVisit();
    return nodes_[node];
  }
  const OrderNode& operator[](NodeIndex node) const {
    CountVisit();
    return nodes_[node];
  }

  // Brings a node towards the cache.
  void Prefetch(NodeIndex node) const { __builtin_prefetch(&nodes_[node]); }

  void SetOwner(NodeIndex node, uint64_t owner) {
    nodes_[node].owner_tag = TagOf(owner);
    if (owner != 0) owners_[node] = owner;
  }
  uint64_t OwnerOf(NodeIndex node) const { return nodes_[node].owner_tag == 0 ? 0 : owners_[node]; }
  // REQUIRES: owner != 0.
  bool IsOwnedBy(NodeIndex node, uint64_t owner) const { return nodes_[node].owner_tag == TagOf(owner) && owners_[node] == owner; }

  // Icebergs are few, and kept apart like the owners. REQUIRES: the node is one.
  Iceberg& IcebergOf(NodeIndex node) { return icebergs_.find(node)->second; }
  const Iceberg& IcebergOf(NodeIndex node) const { return icebergs_.find(node)->second; }
  int64_t HiddenOf(NodeIndex node) const { return nodes_[node].is_iceberg ? IcebergOf(node).hidden : 0; }
  void SetIceberg(NodeIndex node, int64_t display, int64_t hidden) {
    nodes_[node].is_iceberg = display > 0;
    if (display > 0) icebergs_[node] = {display, hidden};
  }

  // A node with undefined fields. References to other nodes are void.
  NodeIndex Allocate() {
    ++size_;
    if (first_free_ != kNoNode) {
      const NodeIndex node = first_free_;
      first_free_ = nodes_[node].next;
      return node;
    }
    if (never_used_ == nodes_.size()) Grow(nodes_.size() / 2 * 3);
    return never_used_++;
  }

  void Free(NodeIndex node) {
    if (nodes_[node].is_iceberg) icebergs_.erase(node);
    nodes_[node].next = first_free_;
    first_free_ = node;
    --size_;
  }

  // Sets aside and touches memory for `orders` orders.
  void Reserve(uint32_t orders);

#ifdef SONGHUA_COUNT_NODE_VISITS
  // How many nodes were looked at since the program began; order_book_visits_test.cc is built with it.
  static inline uint64_t visits = 0;
  static void CountVisit() { ++visits; }
#else
  static void CountVisit() {}
#endif

  uint32_t size() const { return size_; }
  size_t MemoryBytes() const { return nodes_.MemoryBytes() + owners_.MemoryBytes() + icebergs_.size() * kIcebergBytes; }

 private:
  static constexpr size_t kMinimumNodes = 64;
  static constexpr size_t kIcebergBytes = 64;  // a node of the map and what malloc adds to it

  static uint16_t TagOf(uint64_t owner) { return owner == 0 ? 0 : static_cast<uint16_t>((owner * 0x9E3779B97F4A7C15u >> 48) | 1); }
  void Grow(size_t nodes);

  GrowingTable<OrderNode> nodes_;
  GrowingTable<uint64_t> owners_;
  std::unordered_map<NodeIndex, Iceberg> icebergs_;
  NodeIndex first_free_ = kNoNode;
  NodeIndex never_used_ = 1;
  uint32_t size_ = 0;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_ORDER_POOL_H_
