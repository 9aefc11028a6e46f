#include "ledger/serial_blocks.h"

#include <algorithm>

#include "ledger/check.h"
#include "ledger/refusal.h"

namespace songhua {
namespace {

constexpr size_t kMaxNamed = 5;  // blocks listed in a refusal

absl::Status ValidateBlock(const SerialBlock& block) {
  if (block.start >= 1 && block.start <= block.end) return absl::OkStatus();
  return InvalidField("serials", FormatSerialBlock(block), "a first number of at least 1 and a last number not before it");
}

// Whether `right` continues `left` without a gap. REQUIRES: left < right, no overlap.
bool Adjacent(const SerialBlock& left, const SerialBlock& right) {
  return left.issuance == right.issuance && left.end + 1 == right.start;  // left.end < right.start, so + 1 cannot overflow
}

Refuse TooManyBlocks() {
  return Refuse(absl::StatusCode::kResourceExhausted, "TOO_MANY_SERIAL_BLOCKS")
      .Rule("DR-03")
      .Field("serials")
      .Accepted("at most " + std::to_string(SerialBlocks::kMaxBlocks) + " separate blocks in one lot");
}

absl::Status CheckTake(Quantity quantity, Quantity total) {
  if (quantity < Quantity(0)) return InvalidField("quantity", std::to_string(quantity.value()), "a quantity that is not negative");
  if (quantity > total) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "INSUFFICIENT_SERIALS")
        .Rule("INV-03")
        .Field("quantity")
        .Value(quantity.value())
        .Accepted("at most " + std::to_string(total.value()));
  }
  return absl::OkStatus();
}

}  // namespace

std::string FormatSerialBlock(const SerialBlock& block) {
  return std::to_string(block.issuance) + ":" + std::to_string(block.start) + "-" + std::to_string(block.end);
}

size_t SerialBlocks::FirstEndingAtOrAfter(uint64_t issuance, int64_t number) const {
  const auto found = std::partition_point(blocks_.begin(), blocks_.end(), [&](const SerialBlock& held) {
    return held.issuance < issuance || (held.issuance == issuance && held.end < number);
  });
  return static_cast<size_t>(found - blocks_.begin());
}

std::string SerialBlocks::HeldOf(const SerialBlock& block) const {
  std::string text;
  size_t named = 0;
  for (size_t i = FirstEndingAtOrAfter(block.issuance, block.start); i < blocks_.size(); ++i) {
    const SerialBlock& held = blocks_[i];
    if (held.issuance != block.issuance || held.start > block.end) break;
    if (++named > kMaxNamed) return text + " ...";
    text += (text.empty() ? "" : " ") +
            FormatSerialBlock(SerialBlock{block.issuance, std::max(held.start, block.start), std::min(held.end, block.end)});
  }
  return text.empty() ? "none" : text;
}

absl::Status SerialBlocks::Add(const SerialBlock& block) {
  SONGHUA_RETURN_IF_ERROR(ValidateBlock(block));
  const size_t at = FirstEndingAtOrAfter(block.issuance, block.start);
  if (at < blocks_.size() && blocks_[at].issuance == block.issuance && blocks_[at].start <= block.end) {
    return Refuse(absl::StatusCode::kAlreadyExists, "SERIALS_ALREADY_HELD")
        .Rule("INV-02")
        .Field("serials")
        .Value(FormatSerialBlock(block))
        .Accepted("units that are not held yet; held are " + HeldOf(block));
  }
  SONGHUA_ASSIGN_OR_RETURN(const Quantity total, CheckedAdd(total_, Quantity(block.size())));
  const bool joins_left = at > 0 && Adjacent(blocks_[at - 1], block);
  const bool joins_right = at < blocks_.size() && Adjacent(block, blocks_[at]);
  if (!joins_left && !joins_right && blocks_.size() >= kMaxBlocks) return TooManyBlocks();
  const auto place = blocks_.begin() + static_cast<std::ptrdiff_t>(at);
  if (joins_left && joins_right) {
    blocks_[at - 1].end = blocks_[at].end;
    blocks_.erase(place);
  } else if (joins_left) {
    blocks_[at - 1].end = block.end;
  } else if (joins_right) {
    blocks_[at].start = block.start;
  } else {
    blocks_.insert(place, block);
  }
  total_ = total;
  return absl::OkStatus();
}

absl::Status SerialBlocks::Add(const SerialBlocks& other) {
  // One pass over both sorted lists, so that joining two large sets stays linear.
  SONGHUA_ASSIGN_OR_RETURN(const Quantity total, CheckedAdd(total_, other.total_));
  std::vector<SerialBlock> merged;
  merged.reserve(blocks_.size() + other.blocks_.size());
  auto left = blocks_.begin();
  auto right = other.blocks_.begin();
  while (left != blocks_.end() || right != other.blocks_.end()) {
    const bool from_left = right == other.blocks_.end() || (left != blocks_.end() && *left < *right);
    const SerialBlock& next = from_left ? *left++ : *right++;
    if (!merged.empty() && merged.back().issuance == next.issuance && next.start <= merged.back().end) {
      return Refuse(absl::StatusCode::kAlreadyExists, "SERIALS_ALREADY_HELD")
          .Rule("INV-02")
          .Field("serials")
          .Value(FormatSerialBlock(next))
          .Accepted("units that are not held yet; held are those up to " + FormatSerialBlock(merged.back()));
    }
    if (!merged.empty() && Adjacent(merged.back(), next)) {
      merged.back().end = next.end;
    } else {
      merged.push_back(next);
    }
  }
  if (merged.size() > kMaxBlocks) return TooManyBlocks();
  blocks_ = std::move(merged);
  total_ = total;
  return absl::OkStatus();
}

absl::StatusOr<SerialBlocks> SerialBlocks::TakeTail(Quantity quantity) {
  SONGHUA_RETURN_IF_ERROR(CheckTake(quantity, total_));
  SerialBlocks taken;
  int64_t left = quantity.value();
  while (left > 0) {
    SerialBlock& last = blocks_.back();
    if (last.size() <= left) {
      left -= last.size();
      taken.blocks_.push_back(last);
      blocks_.pop_back();
    } else {
      taken.blocks_.push_back(SerialBlock{last.issuance, last.end - left + 1, last.end});
      last.end -= left;
      left = 0;
    }
  }
  std::reverse(taken.blocks_.begin(), taken.blocks_.end());
  taken.total_ = quantity;
  total_ -= quantity;
  return taken;
}

absl::StatusOr<SerialBlocks> SerialBlocks::TakeHead(Quantity quantity) {
  SONGHUA_RETURN_IF_ERROR(CheckTake(quantity, total_));
  SerialBlocks taken;
  int64_t left = quantity.value();
  size_t whole = 0;  // blocks taken entirely
  while (left > 0) {
    SerialBlock& first = blocks_[whole];
    if (first.size() <= left) {
      left -= first.size();
      taken.blocks_.push_back(first);
      ++whole;
    } else {
      taken.blocks_.push_back(SerialBlock{first.issuance, first.start, first.start + left - 1});
      first.start += left;
      left = 0;
    }
  }
  blocks_.erase(blocks_.begin(), blocks_.begin() + static_cast<std::ptrdiff_t>(whole));
  taken.total_ = quantity;
  total_ -= quantity;
  return taken;
}

absl::Status SerialBlocks::TakeRange(const SerialBlock& block) {
  SONGHUA_RETURN_IF_ERROR(ValidateBlock(block));
  if (!Contains(block)) {
    return Refuse(absl::StatusCode::kFailedPrecondition, "SERIALS_NOT_HELD")
        .Rule("INV-03")
        .Field("serials")
        .Value(FormatSerialBlock(block))
        .Accepted("units that are held; held of these: " + HeldOf(block));
  }
  const size_t at = FirstEndingAtOrAfter(block.issuance, block.start);
  SerialBlock& held = blocks_[at];
  const auto place = blocks_.begin() + static_cast<std::ptrdiff_t>(at);
  if (held.start == block.start && held.end == block.end) {
    blocks_.erase(place);
  } else if (held.start == block.start) {
    held.start = block.end + 1;
  } else if (held.end == block.end) {
    held.end = block.start - 1;
  } else {
    if (blocks_.size() >= kMaxBlocks) return TooManyBlocks();
    const SerialBlock right{held.issuance, block.end + 1, held.end};
    held.end = block.start - 1;
    blocks_.insert(place + 1, right);
  }
  total_ -= Quantity(block.size());
  return absl::OkStatus();
}

bool SerialBlocks::Contains(const SerialBlock& block) const {
  if (!ValidateBlock(block).ok()) return false;
  const size_t at = FirstEndingAtOrAfter(block.issuance, block.start);
  if (at == blocks_.size()) return false;
  const SerialBlock& held = blocks_[at];
  return held.issuance == block.issuance && held.start <= block.start && block.end <= held.end;
}

absl::Status SerialBlocks::Validate() const {
  if (blocks_.size() > kMaxBlocks) return absl::DataLossError("serial blocks: too many");
  __int128 total = 0;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const SerialBlock& block = blocks_[i];
    if (block.start < 1 || block.start > block.end) return absl::DataLossError("serial blocks: a block is not valid");
    if (i > 0 && block.issuance == blocks_[i - 1].issuance && (block.start <= blocks_[i - 1].end || Adjacent(blocks_[i - 1], block))) {
      return absl::DataLossError("serial blocks: out of order, overlapping or not joined");
    }
    if (i > 0 && block.issuance < blocks_[i - 1].issuance) return absl::DataLossError("serial blocks: issuances out of order");
    total += block.size();
  }
  if (total != total_.value()) return absl::DataLossError("serial blocks: the total differs from the blocks");
  return absl::OkStatus();
}

}  // namespace songhua
