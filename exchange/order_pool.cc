#include "exchange/order_pool.h"

#include <cstring>

#include "exchange/huge_pages.h"

namespace songhua::exchange {

void OrderPool::Grow(size_t nodes) {
  nodes_.Grow(nodes);
  WishForHugePages(&nodes_[0], nodes_.MemoryBytes());
  owners_.Grow(nodes);
  nodes_[kNoNode] = {};
}

void OrderPool::Reserve(uint32_t orders) {
  const size_t old_size = nodes_.size();
  const size_t new_size = size_t{orders} + 1;
  if (new_size <= old_size) return;
  Grow(new_size);
  std::memset(static_cast<void*>(&nodes_[old_size]), 0, (new_size - old_size) * sizeof(OrderNode));
  std::memset(static_cast<void*>(&owners_[old_size]), 0, (new_size - old_size) * sizeof(uint64_t));
}

}  // namespace songhua::exchange
