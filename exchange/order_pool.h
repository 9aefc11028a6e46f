// The resting orders of one book: 32-byte nodes in blocks, named by 32-bit numbers, linked into the queues of their price levels.
#ifndef SONGHUA_EXCHANGE_ORDER_POOL_H_
#define SONGHUA_EXCHANGE_ORDER_POOL_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "exchange/order_book.h"
#include "exchange/table_memory.h"

namespace songhua::exchange {

using NodeIndex = uint32_t;
inline constexpr NodeIndex kNoNode = 0;  // zeroed memory is an empty queue; node 0 is never handed out

// One resting order. Two share a cache line.
struct OrderNode {
  OrderId id;
  int64_t open_quantity;
  NodeIndex next;      // the order behind it at its level, or the next free node
  NodeIndex previous;  // the order before it
  uint32_t level;      // see PriceLevels
  Side side;
  bool post_only;
};
static_assert(sizeof(OrderNode) == 32);

// Hands out nodes, the last freed first, for it is the likeliest to be in cache. Nodes never move. Owners are kept apart from the nodes
// because only self-trade checks read them.
class OrderPool {
 public:
  OrderPool() { AddBlock(); }

  // REQUIRES (here and below): `node` came from Allocate and was not freed.
  OrderNode& operator[](NodeIndex node) { return blocks_[node >> kBlockBits].nodes[node & kBlockMask]; }
  const OrderNode& operator[](NodeIndex node) const { return blocks_[node >> kBlockBits].nodes[node & kBlockMask]; }
  uint64_t& owner(NodeIndex node) { return blocks_[node >> kBlockBits].owners[node & kBlockMask]; }
  uint64_t owner(NodeIndex node) const { return blocks_[node >> kBlockBits].owners[node & kBlockMask]; }

  // Its fields are undefined.
  NodeIndex Allocate() {
    ++size_;
    if (first_free_ != kNoNode) {
      const NodeIndex node = first_free_;
      first_free_ = (*this)[node].next;
      return node;
    }
    if ((never_used_ >> kBlockBits) == blocks_.size()) AddBlock();
    return never_used_++;
  }

  void Free(NodeIndex node) {
    (*this)[node].next = first_free_;
    first_free_ = node;
    --size_;
  }

  // Sets aside and touches memory for `orders` orders.
  void Reserve(uint32_t orders);

  uint32_t size() const { return size_; }
  size_t MemoryBytes() const { return blocks_.size() * kBlockNodes * (sizeof(OrderNode) + sizeof(uint64_t)); }

 private:
  static constexpr int kBlockBits = 16;  // a block of nodes is one huge page
  static constexpr uint32_t kBlockNodes = 1u << kBlockBits;
  static constexpr uint32_t kBlockMask = kBlockNodes - 1;

  struct Block {
    Table<OrderNode> nodes;
    Table<uint64_t> owners;
  };

  void AddBlock();

  std::vector<Block> blocks_;
  NodeIndex first_free_ = kNoNode;
  NodeIndex never_used_ = 1;
  uint32_t size_ = 0;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_ORDER_POOL_H_
