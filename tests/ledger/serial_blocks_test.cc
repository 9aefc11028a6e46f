#include "ledger/serial_blocks.h"

#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "ledger/codec.h"
#include "ledger/refusal.h"
#include "tests/ledger/seeded_values.h"

namespace songhua {
namespace {

constexpr int64_t kSerialMax = std::numeric_limits<int64_t>::max();

SerialBlocks Of(const std::vector<SerialBlock>& blocks) {
  SerialBlocks set;
  for (const SerialBlock& block : blocks) {
    const absl::Status added = set.Add(block);
    EXPECT_TRUE(added.ok()) << added;
  }
  return set;
}

std::string Text(const SerialBlocks& set) {
  std::string text;
  for (const SerialBlock& block : set.blocks()) text += (text.empty() ? "" : " ") + FormatSerialBlock(block);
  return text;
}

// ---- Examples ----

// Seen in CADT (issue 451): the parts of a split counted one more than the whole.
TEST(SerialBlocksTest, ASplitLeavesTheHeadWithTheHolder) {
  SerialBlocks holder = Of({{7, 1, 1000}});
  const absl::StatusOr<SerialBlocks> sold = holder.TakeTail(Quantity(300));
  ASSERT_TRUE(sold.ok());
  EXPECT_EQ(Text(holder), "7:1-700");
  EXPECT_EQ(Text(*sold), "7:701-1000");
  EXPECT_EQ(holder.total(), Quantity(700));
  EXPECT_EQ(sold->total(), Quantity(300));
}

TEST(SerialBlocksTest, NeighboursOfOneIssuanceJoinWhateverTheOrder) {
  EXPECT_EQ(Text(Of({{7, 1, 10}, {7, 21, 30}, {7, 11, 20}})), "7:1-30");
  EXPECT_EQ(Text(Of({{7, 11, 20}, {7, 1, 10}})), "7:1-20");
  EXPECT_EQ(Text(Of({{8, 11, 20}, {7, 1, 10}})), "7:1-10 8:11-20") << "another issuance is not a neighbour";
  EXPECT_EQ(Of({{7, 1, 10}, {7, 21, 30}, {7, 11, 20}}), Of({{7, 1, 30}}));
}

TEST(SerialBlocksTest, UnitsCannotBeHeldTwice) {
  SerialBlocks set = Of({{7, 10, 20}, {7, 30, 40}});
  for (const SerialBlock& block :
       {SerialBlock{7, 20, 25}, SerialBlock{7, 5, 10}, SerialBlock{7, 1, 100}, SerialBlock{7, 15, 15}, SerialBlock{7, 40, 40}}) {
    const absl::Status status = set.Add(block);
    EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists) << FormatSerialBlock(block);
    EXPECT_EQ(GetRefusal(status)->reason, "SERIALS_ALREADY_HELD");
    EXPECT_EQ(set.Add(Of({block})).code(), absl::StatusCode::kAlreadyExists);
  }
  EXPECT_EQ(Text(set), "7:10-20 7:30-40");
  EXPECT_EQ(set.total(), Quantity(22));
  EXPECT_EQ(GetRefusal(set.Add({7, 15, 35}))->accepted, "units that are not held yet; held are 7:15-20 7:30-35");
}

TEST(SerialBlocksTest, ARangeThatIsNotHeldIsRefusedWithWhatIs) {
  SerialBlocks set = Of({{7, 1, 700}, {7, 801, 900}, {8, 1, 5}});
  const absl::Status status = set.TakeRange({7, 650, 850});
  ASSERT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(GetRefusal(status)->reason, "SERIALS_NOT_HELD");
  EXPECT_EQ(GetRefusal(status)->value, "7:650-850");
  EXPECT_EQ(GetRefusal(status)->accepted, "units that are held; held of these: 7:650-700 7:801-850");
  EXPECT_EQ(GetRefusal(set.TakeRange({9, 1, 1}))->accepted, "units that are held; held of these: none");
  EXPECT_EQ(Text(set), "7:1-700 7:801-900 8:1-5");
}

TEST(SerialBlocksTest, ARangeIsTakenFromAnyPlace) {
  SerialBlocks set = Of({{7, 1, 100}});
  EXPECT_TRUE(set.TakeRange({7, 40, 60}).ok());
  EXPECT_EQ(Text(set), "7:1-39 7:61-100");
  EXPECT_TRUE(set.TakeRange({7, 1, 9}).ok());
  EXPECT_TRUE(set.TakeRange({7, 91, 100}).ok());
  EXPECT_TRUE(set.TakeRange({7, 61, 90}).ok());
  EXPECT_EQ(Text(set), "7:10-39");
  EXPECT_EQ(set.total(), Quantity(30));
}

TEST(SerialBlocksTest, MoreThanIsHeldCannotBeTaken) {
  SerialBlocks set = Of({{7, 1, 10}});
  EXPECT_EQ(GetRefusal(set.TakeTail(Quantity(11)).status())->accepted, "at most 10");
  EXPECT_EQ(set.TakeHead(Quantity(11)).status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(set.TakeTail(Quantity(-1)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(set.TakeHead(Quantity(-1)).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(set.TakeTail(Quantity(0))->empty());
  EXPECT_TRUE(set.TakeHead(Quantity(0))->empty());
  EXPECT_EQ(set.TakeTail(Quantity(10))->total(), Quantity(10));
  EXPECT_TRUE(set.empty());
  EXPECT_EQ(set.total(), Quantity(0));
}

TEST(SerialBlocksTest, BlocksThatAreNotValidAreRefused) {
  SerialBlocks set = Of({{7, 1, 10}});
  for (const SerialBlock& block : {SerialBlock{7, 0, 5}, SerialBlock{7, -3, 5}, SerialBlock{7, 6, 5}, SerialBlock{7, -kSerialMax, kSerialMax}}) {
    EXPECT_EQ(set.Add(block).code(), absl::StatusCode::kInvalidArgument) << FormatSerialBlock(block);
    EXPECT_EQ(set.TakeRange(block).code(), absl::StatusCode::kInvalidArgument);
    EXPECT_FALSE(set.Contains(block));
  }
}

TEST(SerialBlocksTest, TheLargestNumbersDoNotOverflow) {
  SerialBlocks set = Of({{7, 1, kSerialMax}});
  EXPECT_EQ(set.total(), Quantity(kSerialMax));
  EXPECT_EQ(set.Add({8, 1, 1}).code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(set.Add(Of({{8, 1, 1}})).code(), absl::StatusCode::kOutOfRange);
  EXPECT_TRUE(set.TakeRange({7, kSerialMax, kSerialMax}).ok());
  EXPECT_TRUE(set.TakeRange({7, 5, 5}).ok());
  EXPECT_TRUE(set.Add({7, kSerialMax, kSerialMax}).ok());
  EXPECT_EQ(Text(set), "7:1-4 7:6-9223372036854775807");
  EXPECT_EQ(Text(Of({{std::numeric_limits<uint64_t>::max(), kSerialMax, kSerialMax}, {0, 1, 1}})),
            "0:1-1 18446744073709551615:9223372036854775807-9223372036854775807");
}

TEST(SerialBlocksTest, TheNumberOfBlocksIsBounded) {
  SerialBlocks set;
  for (size_t i = 0; i < SerialBlocks::kMaxBlocks; ++i) {
    ASSERT_TRUE(set.Add({7, static_cast<int64_t>(10 * i + 1), static_cast<int64_t>(10 * i + 5)}).ok());
  }
  const SerialBlocks full = set;
  EXPECT_EQ(set.Add({8, 1, 1}).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(set.Add(Of({{8, 1, 1}})).code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(set.TakeRange({7, 2, 2}).code(), absl::StatusCode::kResourceExhausted) << "a hole makes one block more";
  EXPECT_EQ(set, full);
  EXPECT_TRUE(set.TakeRange({7, 1, 1}).ok()) << "an edge does not";
  EXPECT_TRUE(set.Add({7, 6, 10}).ok()) << "nor does what joins";
  EXPECT_EQ(set.blocks().size(), SerialBlocks::kMaxBlocks - 1);
}

TEST(SerialBlocksTest, BytesThatNoSetWroteAreNoticed) {
  SerialBlocks decoded;
  const SerialBlocks set = Of({{7, 1, 10}, {8, 3, 4}});
  ASSERT_TRUE(DecodeValue(EncodeValue(set), &decoded).ok());
  EXPECT_TRUE(decoded.Validate().ok());
  EXPECT_EQ(decoded, set);
  EXPECT_EQ(decoded.total(), set.total());
  const auto validate = [](const std::vector<SerialBlock>& blocks, int64_t total) {
    SerialBlocks forged;
    const absl::Status read = DecodeValue(EncodeValue(blocks) + EncodeValue(Quantity(total)), &forged);
    return read.ok() ? forged.Validate().code() : read.code();
  };
  EXPECT_EQ(validate({{7, 1, 10}}, 10), absl::StatusCode::kOk);
  EXPECT_EQ(validate({{7, 1, 10}}, 11), absl::StatusCode::kDataLoss);
  EXPECT_EQ(validate({{7, 0, 10}}, 11), absl::StatusCode::kDataLoss);
  EXPECT_EQ(validate({{7, 10, 1}}, -8), absl::StatusCode::kDataLoss);
  EXPECT_EQ(validate({{7, 1, 10}, {7, 10, 11}}, 12), absl::StatusCode::kDataLoss);
  EXPECT_EQ(validate({{7, 1, 10}, {7, 11, 12}}, 12), absl::StatusCode::kDataLoss);
  EXPECT_EQ(validate({{8, 1, 10}, {7, 11, 12}}, 12), absl::StatusCode::kDataLoss);
  EXPECT_EQ(validate({{7, 11, 12}, {7, 1, 2}}, 4), absl::StatusCode::kDataLoss);
  EXPECT_EQ(validate({{7, 1, kSerialMax}, {8, 1, kSerialMax}}, -2), absl::StatusCode::kDataLoss);
}

// ---- Against a plain set of numbers ----

using Model = std::set<std::pair<uint64_t, int64_t>>;

void ExpectSame(const SerialBlocks& set, const Model& model) {
  Model expanded;
  for (const SerialBlock& block : set.blocks()) {
    for (int64_t number = block.start; number <= block.end; ++number) {
      ASSERT_TRUE(expanded.emplace(block.issuance, number).second) << "a unit twice";
    }
  }
  ASSERT_EQ(expanded, model);
  ASSERT_EQ(set.total(), Quantity(static_cast<int64_t>(model.size())));
  ASSERT_TRUE(set.Validate().ok()) << set.Validate();
}

SerialBlock RandomBlock(SeededValues& random) {
  const int64_t start = random.Between(1, 60);
  return SerialBlock{static_cast<uint64_t>(random.Between(1, 3)), start, start + random.Between(0, random.OneIn(3) ? 0 : 12)};
}

size_t HeldOf(const Model& model, const SerialBlock& block) {
  size_t held = 0;
  for (int64_t number = block.start; number <= block.end; ++number) held += model.count({block.issuance, number});
  return held;
}

TEST(SerialBlocksTest, BehavesAsASetOfNumbers) {
  SeededValues random(20260501);
  SCOPED_TRACE(random.Trace());
  size_t added = 0;
  size_t refused = 0;
  for (int round = 0; round < 1'000; ++round) {
    SerialBlocks set;
    Model model;
    for (int step = 0; step < 60; ++step) {
      const SerialBlock block = RandomBlock(random);
      const size_t held = HeldOf(model, block);
      ASSERT_EQ(set.Contains(block), held == static_cast<size_t>(block.size()));
      const Quantity some(random.Between(0, static_cast<int64_t>(model.size()) + 1));
      switch (random.Between(0, 4)) {
        case 0:
        case 1: {
          ASSERT_EQ(set.Add(block).ok(), held == 0);
          if (held == 0) {
            for (int64_t number = block.start; number <= block.end; ++number) model.emplace(block.issuance, number);
          }
          held == 0 ? ++added : ++refused;
          break;
        }
        case 2: {
          const absl::StatusOr<SerialBlocks> taken = set.TakeTail(some);
          ASSERT_EQ(taken.ok(), some.value() <= static_cast<int64_t>(model.size()));
          if (!taken.ok()) break;
          Model expected;
          while (static_cast<int64_t>(expected.size()) < some.value()) expected.insert(model.extract(std::prev(model.end())));
          ExpectSame(*taken, expected);
          break;
        }
        case 3: {
          const absl::StatusOr<SerialBlocks> taken = set.TakeHead(some);
          ASSERT_EQ(taken.ok(), some.value() <= static_cast<int64_t>(model.size()));
          if (!taken.ok()) break;
          Model expected;
          while (static_cast<int64_t>(expected.size()) < some.value()) expected.insert(model.extract(model.begin()));
          ExpectSame(*taken, expected);
          break;
        }
        default: {
          const bool whole = held == static_cast<size_t>(block.size());
          ASSERT_EQ(set.TakeRange(block).ok(), whole);
          for (int64_t number = block.start; whole && number <= block.end; ++number) model.erase({block.issuance, number});
          break;
        }
      }
      ExpectSame(set, model);
      if (HasFatalFailure()) return;
    }
  }
  EXPECT_GT(added, 5'000u);
  EXPECT_GT(refused, 1'000u);
}

TEST(SerialBlocksTest, UnitsThatChangeHandsAreNeitherLostNorDoubled) {
  SeededValues random(20260502);
  SCOPED_TRACE(random.Trace());
  for (int round = 0; round < 50; ++round) {
    std::vector<SerialBlocks> holders(5);
    holders[0] = Of({{1, 1, 400}, {2, 1, 50}, {9, 101, 300}});
    const SerialBlocks issued = holders[0];
    for (int step = 0; step < 200; ++step) {
      SerialBlocks& from = holders[static_cast<size_t>(random.Between(0, 4))];
      SerialBlocks& to = holders[static_cast<size_t>(random.Between(0, 4))];
      const Quantity quantity(random.Between(0, from.total().value()));
      const absl::StatusOr<SerialBlocks> moved = random.OneIn(2) ? from.TakeTail(quantity) : from.TakeHead(quantity);
      ASSERT_TRUE(moved.ok());
      ASSERT_TRUE(to.Add(*moved).ok());
    }
    SerialBlocks all;
    for (const SerialBlocks& holder : holders) {
      ASSERT_TRUE(holder.Validate().ok());
      ASSERT_TRUE(all.Add(holder).ok()) << "a unit was held twice";
    }
    ASSERT_EQ(all, issued);
  }
}

TEST(SerialBlocksTest, EqualSetsHaveEqualBytes) {
  SeededValues random(20260503);
  SCOPED_TRACE(random.Trace());
  for (int round = 0; round < 500; ++round) {
    std::vector<SerialBlock> units;
    for (int64_t number = 1; number <= 20; ++number) {
      if (random.OneIn(2)) units.push_back({1, number, number});
    }
    const std::string in_order = EncodeValue(Of(units));
    for (size_t i = units.size(); i > 1; --i)
      std::swap(units[i - 1], units[static_cast<size_t>(random.Between(0, static_cast<int64_t>(i) - 1))]);
    ASSERT_EQ(EncodeValue(Of(units)), in_order);
  }
}

}  // namespace
}  // namespace songhua
