#include "api/engine/cold_rows.h"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "ledger/bounds.h"
#include "simulations/random.h"

namespace songhua::api {
namespace {

constexpr uint16_t kTable = 29, kOtherTable = 30;

TEST(ColdRowsTest, TheNewestWriteOfAKeyIsRead) {
  ColdRows rows;
  rows.Begin(nullptr);
  rows.Wrote(1, kTable, "a", "first");
  rows.Wrote(2, kOtherTable, "a", "of another table");
  rows.Wrote(3, kTable, "a", "second, and longer");
  rows.Wrote(4, kTable, "b", "");
  EXPECT_EQ(rows.Read(kTable, "a"), "second, and longer");
  EXPECT_EQ(rows.Read(kOtherTable, "a"), "of another table");
  EXPECT_EQ(rows.Read(kTable, "b"), "");
  EXPECT_FALSE(rows.missed());
  EXPECT_EQ(rows.Read(kTable, "c"), std::nullopt);
  EXPECT_TRUE(rows.missed());
}

TEST(ColdRowsTest, WhatWasFetchedBeforeTheFloorIsNotBelieved) {
  ColdRows rows;
  Prefetched fetched;
  fetched.rows.emplace_back(ColdKey{kTable, "fetched"}, "value");
  for (size_t i = 0; i < bounds::kColdRowsMax + 10; ++i) rows.Wrote(i + 1, kTable, std::to_string(i), "v");
  ASSERT_EQ(rows.floor(), 10u);
  fetched.as_of = 9;
  rows.Begin(&fetched);
  EXPECT_EQ(rows.Read(kTable, "fetched"), std::nullopt);
  EXPECT_TRUE(rows.missed());
  fetched.as_of = 10;
  rows.Begin(&fetched);
  EXPECT_EQ(rows.Read(kTable, "fetched"), "value");
}

TEST(ColdRowsTest, ARowLargerThanABlockIsKept) {
  ColdRows rows;
  rows.Begin(nullptr);
  const std::string large(1'000'000, 'x');
  rows.Wrote(1, kTable, "small", "before");
  rows.Wrote(2, kTable, "large", large);
  rows.Wrote(3, kTable, "small too", "after");
  EXPECT_EQ(rows.Read(kTable, "small"), "before");
  EXPECT_EQ(rows.Read(kTable, "large"), large);
  EXPECT_EQ(rows.Read(kTable, "small too"), "after");
}

// Whatever is written in whatever sizes: every write after the floor is there, the newest of its key, and nothing else.
TEST(ColdRowsTest, AllThatWasWrittenAfterTheFloorIsKept) {
  constexpr uint64_t kSeed = 7;
  SCOPED_TRACE(kSeed);
  simulations::Random random(kSeed);
  ColdRows rows;
  rows.Begin(nullptr);
  std::map<std::string, std::pair<uint64_t, std::string>> newest;
  for (uint64_t sequence = 1; sequence <= 60'000; ++sequence) {
    const std::string key = "key " + std::to_string(random.Below(40'000));
    const std::string value(random.Below(random.Below(50) == 0 ? 150'000 : 2'000), static_cast<char>('a' + sequence % 26));
    rows.Wrote(sequence, kTable, key, value);
    newest[key] = {sequence, value};
  }
  ASSERT_GT(rows.floor(), 0u);
  ASSERT_LT(rows.floor(), 60'000u);
  for (const auto& [key, write] : newest) {
    const auto read = rows.Read(kTable, key);
    if (write.first > rows.floor()) {
      ASSERT_EQ(read, write.second) << key;
    } else {
      ASSERT_EQ(read, std::nullopt) << key;
    }
  }
}

}  // namespace
}  // namespace songhua::api
