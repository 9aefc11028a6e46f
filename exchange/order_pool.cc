#include "exchange/order_pool.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace songhua::exchange {

void OrderPool::AddBlock() {
  Block block{AllocateTable<OrderNode>(kBlockNodes), AllocateTable<uint64_t>(kBlockNodes)};
  // The first block stays on small pages: most books are small, and a venue has many.
  if (!blocks_.empty()) AdviseHugePages(block.nodes, kBlockNodes);
  blocks_.push_back(std::move(block));
}

void OrderPool::Reserve(uint32_t orders) {
  uint32_t untouched = never_used_;
  while (untouched <= orders) {
    const size_t block = untouched >> kBlockBits;
    if (block == blocks_.size()) AddBlock();
    const uint32_t first = untouched & kBlockMask;
    const uint32_t count = std::min(kBlockNodes - first, orders - untouched + 1);
    std::memset(static_cast<void*>(&blocks_[block].nodes[first]), 0, count * sizeof(OrderNode));
    std::memset(&blocks_[block].owners[first], 0, count * sizeof(uint64_t));
    untouched += count;
  }
}

}  // namespace songhua::exchange
