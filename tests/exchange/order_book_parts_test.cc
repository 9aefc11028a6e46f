// The parts of the fast book, each against the obvious way to do the same.
#include <cstdint>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "exchange/level_bitmap.h"
#include "exchange/order_id_map.h"
#include "exchange/order_pool.h"
#include "exchange/price_levels.h"
#include "gtest/gtest.h"

namespace songhua::exchange {
namespace {

class LevelBitmapTest : public testing::TestWithParam<uint32_t> {};

TEST_P(LevelBitmapTest, FindsTheNeighboursThatASortedSetFinds) {
  const uint32_t size = GetParam();
  LevelBitmap bitmap(size);
  std::set<uint32_t> expected;
  std::mt19937_64 random(size);
  for (int step = 0; step < 20'000; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const uint32_t i = static_cast<uint32_t>(random() % size);
    if (random() % (expected.size() < 40 ? 3 : 2) != 0) {
      bitmap.Set(i);
      expected.insert(i);
    } else {
      const uint32_t victim = expected.empty() || random() % 4 == 0 ? i : *expected.begin();
      bitmap.Clear(victim);
      expected.erase(victim);
    }
    const uint32_t from = static_cast<uint32_t>(random() % size);
    EXPECT_EQ(bitmap.Test(from), expected.contains(from));
    const auto above = expected.lower_bound(from);
    EXPECT_EQ(bitmap.AtOrAbove(from), above == expected.end() ? LevelBitmap::kNone : *above);
    const auto beyond = expected.upper_bound(from);
    EXPECT_EQ(bitmap.AtOrBelow(from), beyond == expected.begin() ? LevelBitmap::kNone : *std::prev(beyond));
    EXPECT_EQ(bitmap.AtOrAbove(size), LevelBitmap::kNone);
    if (HasFailure()) return;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, LevelBitmapTest,
                         testing::Values(1, 2, 63, 64, 65, 128, 1601, 4095, 4096, 4097, 262'144, 262'145, LevelBitmap::kMaximumSize));

TEST(TickDividerTest, DividesMultiplesAndTellsOthersApart) {
  std::mt19937_64 random(1);
  const int64_t ticks[] = {
      1, 2, 3, 5, 7, 10, 25, 64, 96, 1000, 1'000'003, int64_t{1} << 40, int64_t{3} << 60, std::numeric_limits<int64_t>::max()};
  for (const int64_t tick : ticks) {
    const TickDivider divider(tick);
    const uint64_t unsigned_tick = static_cast<uint64_t>(tick);
    const uint64_t most = UINT64_MAX / unsigned_tick;
    for (int i = 0; i < 2000; ++i) {
      const uint64_t distance = i < 100 ? static_cast<uint64_t>(i) : random() >> random() % 64;
      SCOPED_TRACE(std::to_string(distance) + " by " + std::to_string(tick));
      if (distance % unsigned_tick == 0) {
        EXPECT_EQ(divider.Quotient(distance), distance / unsigned_tick);
      } else {
        EXPECT_GT(divider.Quotient(distance), most);
      }
      const uint64_t multiple = distance % most * unsigned_tick;
      EXPECT_EQ(divider.Quotient(multiple), multiple / unsigned_tick);
    }
  }
}

// Ids as callers make them.
struct IdSeries {
  const char* name;
  OrderId (*at)(uint64_t i);
};

const IdSeries kSeries[] = {
    {"one by one", [](uint64_t i) { return OrderId{i + 1}; }},
    {"in steps of 4096", [](uint64_t i) { return OrderId{(i + 1) * 4096}; }},
    {"session in the high half", [](uint64_t i) { return OrderId{(i % 7 + 1) << 32 | i}; }},
    {"in the highest bits", [](uint64_t i) { return OrderId{(i + 1) << 44}; }},
    {"down from the top", [](uint64_t i) { return OrderId{UINT64_MAX - i}; }},
    {"multiples of the hash's inverse", [](uint64_t i) { return OrderId{(i + 1) * 0xF1DE83E19937733Du}; }},
};

class OrderIdMapTest : public testing::TestWithParam<size_t> {};

TEST_P(OrderIdMapTest, FindsWhatAnOrderedMapFinds) {
  const IdSeries& series = kSeries[GetParam()];
  SCOPED_TRACE(series.name);
  OrderPool pool;
  OrderIdMap ids(pool);
  std::map<OrderId, NodeIndex> expected;
  std::mt19937_64 random(7);
  for (int step = 0; step < 30'000; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    const OrderId id = series.at(random() % 3000);
    const auto known = expected.find(id);
    ASSERT_EQ(ids.Find(id), known == expected.end() ? kNoNode : known->second);
    if (known == expected.end()) {
      const NodeIndex node = pool.Allocate();
      pool[node].id = id;
      ids.Insert(id, node);
      expected[id] = node;
    } else if (random() % 3 != 0) {
      ids.Erase(id, known->second);
      pool.Free(known->second);
      expected.erase(known);
    }
    ASSERT_EQ(ids.size(), expected.size());
  }
  for (const auto& [id, node] : expected) ASSERT_EQ(ids.Find(id), node);
}

INSTANTIATE_TEST_SUITE_P(Series, OrderIdMapTest, testing::Range(size_t{0}, std::size(kSeries)));

TEST(OrderIdMapTest, IdsWithOneTagInOneBucketAreToldApart) {
  std::map<uint64_t, OrderId> by_hash;
  std::mt19937_64 random(3);
  OrderId first = 0;
  OrderId second = 0;
  while (first == 0) {  // some thousand ids until two of them meet
    second = random();
    const uint64_t hash = OrderIdMap::Hash(second);
    const auto [it, is_new] = by_hash.try_emplace(hash >> 56 << 16 | OrderIdMap::TagOf(hash), second);
    if (!is_new && it->second != second) first = it->second;
  }
  OrderPool pool;
  OrderIdMap ids(pool);
  const auto put = [&](OrderId id) {
    const NodeIndex node = pool.Allocate();
    pool[node].id = id;
    ids.Insert(id, node);
    return node;
  };
  const NodeIndex of_first = put(first);
  EXPECT_EQ(ids.Find(first), of_first);
  EXPECT_EQ(ids.Find(second), kNoNode);
  const NodeIndex of_second = put(second);
  EXPECT_EQ(ids.Find(first), of_first);
  EXPECT_EQ(ids.Find(second), of_second);
  ids.Erase(first, of_first);
  EXPECT_EQ(ids.Find(first), kNoNode);
  EXPECT_EQ(ids.Find(second), of_second);
}

TEST(OrderPoolTest, NodesNeverLieInTwoCacheLines) {
  OrderPool pool;
  for (int i = 0; i < 10'000; ++i) {
    const NodeIndex node = pool.Allocate();
    ASSERT_EQ(reinterpret_cast<uintptr_t>(&pool[node]) % sizeof(OrderNode), 0u) << i;
  }
}

TEST(OrderPoolTest, NodesKeepTheirContentsWhenThePoolGrows) {
  OrderPool pool;
  std::vector<NodeIndex> nodes;
  for (uint64_t i = 1; i <= 10'000; ++i) {
    const NodeIndex node = pool.Allocate();
    ASSERT_NE(node, kNoNode);
    pool[node].id = i;
    pool.SetOwner(node, i * i);
    nodes.push_back(node);
  }
  for (uint64_t i = 1; i <= 10'000; ++i) {
    ASSERT_EQ(pool[nodes[i - 1]].id, i);
    ASSERT_TRUE(pool.IsOwnedBy(nodes[i - 1], i * i));
    ASSERT_FALSE(pool.IsOwnedBy(nodes[i - 1], i * i + 1));
  }
}

TEST(OrderPoolTest, OwnersWithOneTagAreToldApart) {
  OrderPool pool;
  const NodeIndex node = pool.Allocate();
  pool.SetOwner(node, 1);
  // Among 2^20 strangers some share the 16-bit tag of owner 1.
  for (uint64_t stranger = 2; stranger < 1u << 20; ++stranger) ASSERT_FALSE(pool.IsOwnedBy(node, stranger));
}

TEST(OrderPoolTest, NodeUsedAgainWithoutOwnerHasNone) {
  OrderPool pool;
  const NodeIndex node = pool.Allocate();
  pool.SetOwner(node, 7);
  pool.Free(node);
  ASSERT_EQ(pool.Allocate(), node);
  pool.SetOwner(node, 0);
  EXPECT_EQ(pool.OwnerOf(node), 0u);
  EXPECT_FALSE(pool.IsOwnedBy(node, 7));
}

TEST(PriceLevelsTest, ChosenBandHoldsThePriceAndStaysOnTheAxis) {
  constexpr int64_t kMax = std::numeric_limits<int64_t>::max();
  for (const int64_t tick : {int64_t{1}, int64_t{10}, int64_t{1} << 40, kMax / 3}) {
    for (const int64_t price : {int64_t{0}, int64_t{8000}, int64_t{-8000}, kMax, -kMax}) {
      const int64_t on_tick = price / tick * tick;
      const PriceBand band = PriceLevels::BandAround(on_tick, tick);
      EXPECT_LE(band.low, on_tick);
      EXPECT_GE(band.high, on_tick);
      const PriceLevels levels(tick, band);  // CHECKs that the band is a band
      EXPECT_NE(levels.Find(on_tick), kNoLevel);
      EXPECT_EQ(levels.PriceOf(levels.Find(on_tick)), on_tick);
    }
  }
}

}  // namespace
}  // namespace songhua::exchange
