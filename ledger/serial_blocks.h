// Serial numbers of units, kept as blocks: where each unit came from, for ever.
//
// An issuance numbers its units from 1. A set of blocks is what one lot holds: sorted by issuance and number, never overlapping, adjacent
// blocks of one issuance joined, so equal sets have equal encodings. A split leaves the head with the holder: transfers take from the tail.
//
//   SerialBlocks blocks;
//   SONGHUA_RETURN_IF_ERROR(blocks.Add({issuance, 1, 1000}));
//   SONGHUA_ASSIGN_OR_RETURN(SerialBlocks sold, blocks.TakeTail(Quantity(300)));   // sold 701-1000, kept 1-700
//
// A call that is refused changes nothing. Plain values: one thread at a time, copies are independent.
#ifndef SONGHUA_LEDGER_SERIAL_BLOCKS_H_
#define SONGHUA_LEDGER_SERIAL_BLOCKS_H_

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ledger/amounts.h"

namespace songhua {

// Units `start` to `end` of one issuance, both included. Valid when 1 <= start <= end.
struct SerialBlock {
  uint64_t issuance = 0;
  int64_t start = 0;
  int64_t end = 0;

  // REQUIRES: a valid block.
  int64_t size() const { return end - start + 1; }

  friend auto operator<=>(const SerialBlock&, const SerialBlock&) = default;
  template <class Archive>
  void Fields(Archive& a) {
    a(issuance, start, end);
  }
};

// "7:701-1000": issuance, first and last number.
std::string FormatSerialBlock(const SerialBlock& block);

class SerialBlocks {
 public:
  // What one set may hold: its encoding stays under 400 KB, and no operation on it takes longer than about a millisecond.
  static constexpr size_t kMaxBlocks = 16'384;

  SerialBlocks() = default;

  // The blocks, sorted; the total number of units fits in 63 bits.
  const std::vector<SerialBlock>& blocks() const { return blocks_; }
  bool empty() const { return blocks_.empty(); }
  Quantity total() const { return total_; }

  // Adds units. INVALID_ARGUMENT for a block that is not valid, ALREADY_EXISTS (naming the block held) when any unit is there already,
  // OUT_OF_RANGE when the total would not fit, RESOURCE_EXHAUSTED beyond kMaxBlocks.
  absl::Status Add(const SerialBlock& block);
  absl::Status Add(const SerialBlocks& other);

  // Takes the units with the highest (issuance, number), or the lowest. INVALID_ARGUMENT for a negative quantity, FAILED_PRECONDITION when
  // fewer are held.
  absl::StatusOr<SerialBlocks> TakeTail(Quantity quantity);
  absl::StatusOr<SerialBlocks> TakeHead(Quantity quantity);
  // Takes exactly these units. FAILED_PRECONDITION (SERIALS_NOT_HELD) names what is held of them; RESOURCE_EXHAUSTED when the
  // hole would make one block too many.
  absl::Status TakeRange(const SerialBlock& block);

  // Whether every unit of the block is held. False for a block that is not valid.
  bool Contains(const SerialBlock& block) const;

  friend bool operator==(const SerialBlocks& a, const SerialBlocks& b) { return a.blocks_ == b.blocks_; }

  template <class Archive>
  void Fields(Archive& a) {
    a(blocks_, total_);
  }

  // Checks the invariants of decoded bytes: DATA_LOSS when they are not a set that this class could have written.
  absl::Status Validate() const;

 private:
  // The first block that ends at or after (issuance, number).
  size_t FirstEndingAtOrAfter(uint64_t issuance, int64_t number) const;
  // "7:1-700 7:801-900", cut after a few blocks: what is held of the block.
  std::string HeldOf(const SerialBlock& block) const;

  std::vector<SerialBlock> blocks_;
  Quantity total_;
};

}  // namespace songhua

#endif  // SONGHUA_LEDGER_SERIAL_BLOCKS_H_
