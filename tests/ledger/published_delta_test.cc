// The delta in memory: the last value of each key, two generations, exact sequences, no traces of what came and went.
#include "ledger/published_delta.h"

#include <map>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "ledger/codec.h"

namespace songhua {
namespace {

using Answer = PublishedDelta::Answer;

class PublishedDeltaTest : public ::testing::Test {
 protected:
  void Put(std::string_view key, std::string_view value, bool existed) {
    RowChanges changes;
    changes.Put(1, key, value, existed);
    delta_.Publish(changes, ++sequence_);
  }
  void Delete(std::string_view key, bool existed) {
    RowChanges changes;
    changes.Delete(1, key, existed);
    delta_.Publish(changes, ++sequence_);
  }
  // "=value", "deleted" or "unknown".
  std::string Find(std::string_view key) {
    std::string value;
    uint64_t sequence = 0;
    const Answer answer = delta_.Find(RowKey(1, key), &value, &sequence);
    EXPECT_EQ(sequence, sequence_);
    return answer == Answer::kValue ? "=" + value : answer == Answer::kDeleted ? "deleted" : "unknown";
  }
  size_t FoldedRows() {
    delta_.BeginFold();
    const size_t rows = delta_.FoldingRows().size();
    delta_.EndFold();
    return rows;
  }

  PublishedDelta delta_{0};
  uint64_t sequence_ = 0;
};

TEST_F(PublishedDeltaTest, ARowThatCameAndWentBetweenTwoFoldsLeavesNoTrace) {
  Put("a", "1", false);
  EXPECT_EQ(Find("a"), "=1");
  Delete("a", true);
  EXPECT_EQ(Find("a"), "unknown");
  EXPECT_EQ(FoldedRows(), 0u);
  Delete("b", false);
  EXPECT_EQ(FoldedRows(), 0u);
}

TEST_F(PublishedDeltaTest, ARowThatExistedBelowLeavesATombstone) {
  Put("a", "2", true);
  Delete("a", true);
  EXPECT_EQ(Find("a"), "deleted");
  Delete("b", true);
  EXPECT_EQ(Find("b"), "deleted");
  Put("b", "again", false);
  EXPECT_EQ(Find("b"), "=again");
  Delete("b", true);
  EXPECT_EQ(Find("b"), "deleted");
  EXPECT_EQ(FoldedRows(), 2u);
}

TEST_F(PublishedDeltaTest, TheFoldingGenerationStaysVisibleBelowTheActiveOne) {
  Put("a", "1", false);
  Put("b", "1", false);
  EXPECT_EQ(delta_.BeginFold(), 2u);
  EXPECT_EQ(delta_.rotations(), 1u);
  Put("a", "2", true);
  EXPECT_EQ(Find("a"), "=2");
  EXPECT_EQ(Find("b"), "=1");
  Delete("b", true);
  EXPECT_EQ(Find("b"), "deleted") << "the folding generation holds it, so its end must be seen above";
  ASSERT_EQ(delta_.FoldingRows().size(), 2u);
  EXPECT_EQ(delta_.FoldingRows()[0].value, "1");
  delta_.EndFold();
  EXPECT_EQ(Find("a"), "=2");
  EXPECT_EQ(Find("b"), "deleted");
}

TEST_F(PublishedDeltaTest, FoldsInKeyOrder) {
  std::mt19937_64 random(3);
  std::map<std::string, std::string> model;
  for (int i = 0; i < 3000; ++i) {
    const std::string key = EncodeKey(random() % 500), value(random() % 80, 'x');
    Put(key, value, model.count(key) > 0);
    model[key] = value;
  }
  EXPECT_GT(delta_.active_bytes(), 500u * 10);
  delta_.BeginFold();
  EXPECT_EQ(delta_.active_bytes(), 0u);
  auto expected = model.begin();
  for (const RowChange& row : delta_.FoldingRows()) {
    ASSERT_NE(expected, model.end());
    EXPECT_EQ(row.key(), expected->first);
    EXPECT_EQ(row.value, expected->second);
    ++expected;
  }
  EXPECT_EQ(expected, model.end());
  delta_.EndFold();
}

TEST_F(PublishedDeltaTest, FoldsKeysOfAnyLengthAndBytesInTheirOrder) {
  std::mt19937_64 random(5);
  std::map<std::string, std::string> model;
  // Few different bytes, so that many keys begin alike and some are the beginning of others.
  const std::string bytes("\0\x01\x7f\xff", 4);
  for (int i = 0; i < 3000; ++i) {
    std::string key(random() % 2 == 0 ? 0 : 16, '\xff');
    for (size_t left = random() % 8; left > 0; --left) key += bytes[random() % bytes.size()];
    Put(key, std::to_string(i), model.count(key) > 0);
    model[key] = std::to_string(i);
  }
  delta_.BeginFold();
  auto expected = model.begin();
  for (const RowChange& row : delta_.FoldingRows()) {
    ASSERT_NE(expected, model.end());
    ASSERT_EQ(row.key(), expected->first);
    EXPECT_EQ(row.value, expected->second);
    ++expected;
  }
  EXPECT_EQ(expected, model.end());
  delta_.EndFold();
}

TEST_F(PublishedDeltaTest, OverwritingInPlaceTakesNoMoreMemory) {
  Put("a", std::string(100, 'a'), false);
  const size_t bytes = delta_.active_bytes();
  for (int i = 0; i < 10000; ++i) Put("a", std::string(90 + i % 10, static_cast<char>('a' + i % 26)), true);
  EXPECT_EQ(delta_.active_bytes(), bytes);
}

TEST_F(PublishedDeltaTest, AnEmptyGroupStillMovesTheSequence) {
  delta_.Publish(RowChanges(), 5);
  sequence_ = 5;
  EXPECT_EQ(delta_.published_sequence(), 5u);
  EXPECT_EQ(Find("a"), "unknown");
}

}  // namespace
}  // namespace songhua
