// Which levels of a ladder hold orders: one bit a level, and above every 64 words one summary word, so that the next occupied level is a
// few shifts away however far it is.
#ifndef SONGHUA_EXCHANGE_LEVEL_BITMAP_H_
#define SONGHUA_EXCHANGE_LEVEL_BITMAP_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "exchange/growing_table.h"

namespace songhua::exchange {

class LevelBitmap {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;
  static constexpr uint32_t kMaximumSize = 1u << 24;

  // REQUIRES: size <= kMaximumSize.
  explicit LevelBitmap(uint32_t size) {
    std::array<size_t, kMaximumLayers> words;
    size_t all_words = 0;
    size_t bits = size;
    do {
      words[layers_] = bits / 64 + 1;  // one bit more than there are: a search may look one past the end
      bits = words[layers_];
      all_words += bits;
    } while (++layers_ < kMaximumLayers && bits > 1);
    memory_ = GrowingTable<uint64_t>::Zeroed(all_words);
    uint64_t* next = &memory_[0];
    for (int i = 0; i < layers_; ++i, next += words[i - 1]) layer_[i] = next;
  }

  // REQUIRES (here and below): i < size.
  void Set(uint32_t i) {
    for (int layer = 0; layer < layers_; ++layer, i /= 64) {
      uint64_t& word = layer_[layer][i / 64];
      const bool summarised = word != 0;
      word |= uint64_t{1} << (i % 64);
      if (summarised) return;
    }
  }

  void Clear(uint32_t i) {
    for (int layer = 0; layer < layers_; ++layer, i /= 64) {
      uint64_t& word = layer_[layer][i / 64];
      word &= ~(uint64_t{1} << (i % 64));
      if (word != 0) return;
    }
  }

  bool Test(uint32_t i) const { return (layer_[0][i / 64] >> (i % 64) & 1) != 0; }

  // The lowest set bit at or above i, or kNone. Here i may be the size.
  uint32_t AtOrAbove(uint32_t i) const {
    for (int layer = 0; layer < layers_; ++layer) {
      const uint64_t bits = layer_[layer][i / 64] >> (i % 64);
      if (bits != 0) {
        i += std::countr_zero(bits);
        while (layer-- > 0) i = i * 64 + std::countr_zero(layer_[layer][i]);
        return i;
      }
      i = i / 64 + 1;
    }
    return kNone;
  }

  // The highest set bit at or below i, or kNone.
  uint32_t AtOrBelow(uint32_t i) const {
    for (int layer = 0; layer < layers_; ++layer) {
      const uint64_t bits = layer_[layer][i / 64] << (63 - i % 64);
      if (bits != 0) {
        i -= std::countl_zero(bits);
        while (layer-- > 0) i = i * 64 + 63 - std::countl_zero(layer_[layer][i]);
        return i;
      }
      if (i < 64) return kNone;
      i = i / 64 - 1;
    }
    return kNone;
  }

  size_t MemoryBytes() const { return memory_.MemoryBytes(); }

 private:
  static constexpr int kMaximumLayers = 5;

  GrowingTable<uint64_t> memory_;
  std::array<uint64_t*, kMaximumLayers> layer_{};  // layer 0 is the levels; a bit above says that its word below is not zero
  int layers_ = 0;
};

}  // namespace songhua::exchange

#endif  // SONGHUA_EXCHANGE_LEVEL_BITMAP_H_
