// Tiles (TV-44): where a log's hashes stand, and under which names.
#include "ledger/proofs/tiles.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

namespace songhua::proofs {
namespace {

TEST(TilesTest, TreesHaveTheTilesOfTheExamples) {
  const std::vector<Tile> tiles = TilesOfTree(70'000);
  ASSERT_EQ(tiles.size(), 273u + 1 + 1 + 1 + 1);
  for (uint64_t i = 0; i < 273; ++i) EXPECT_EQ(tiles[i], (Tile{0, i, 256}));
  EXPECT_EQ(tiles[273], (Tile{0, 273, 112}));
  EXPECT_EQ(tiles[274], (Tile{1, 0, 256}));
  EXPECT_EQ(tiles[275], (Tile{1, 1, 17}));
  EXPECT_EQ(tiles[276], (Tile{2, 0, 1}));

  EXPECT_EQ(TilesOfTree(256), (std::vector<Tile>{{0, 0, 256}, {1, 0, 1}}));
  EXPECT_EQ(TilesOfTree(255), (std::vector<Tile>{{0, 0, 255}}));
  EXPECT_EQ(TilesOfTree(1), (std::vector<Tile>{{0, 0, 1}}));
  EXPECT_TRUE(TilesOfTree(0).empty());
}

TEST(TilesTest, PathsAreThoseOfTheExamples) {
  EXPECT_EQ(TilePath({0, 1234067, 256}), "tile/0/x001/x234/067");
  EXPECT_EQ(TilePath({0, 0, 256}), "tile/0/000");
  EXPECT_EQ(TilePath({0, 999, 256}), "tile/0/999");
  EXPECT_EQ(TilePath({0, 1000, 256}), "tile/0/x001/000");
  EXPECT_EQ(TilePath({0, 273, 112}), "tile/0/273.p/112");
  EXPECT_EQ(TilePath({1, 1, 17}), "tile/1/001.p/17");
  EXPECT_EQ(TilePath({2, 0, 1}), "tile/2/000.p/1");
}

// Up to the last tile of the largest log, of 2^63 - 1 leaves.
TEST(TilesTest, EveryPathThatIsPrintedReads) {
  const uint64_t last = (uint64_t{1} << 55) - 1;
  for (const uint64_t index : {uint64_t{0}, uint64_t{9}, uint64_t{999}, uint64_t{1000}, uint64_t{999'999}, uint64_t{1'000'000}, uint64_t{1234067}, uint64_t{1} << 53, last - 1, last}) {
    for (const uint32_t level : {0u, 1u, 7u}) {
      for (const uint32_t width : {1u, 17u, 255u, 256u}) {
        const Tile tile{level, index, width};
        const auto read = ParseTilePath(TilePath(tile));
        ASSERT_TRUE(read.ok()) << read.status();
        EXPECT_EQ(*read, tile);
      }
    }
  }
}

TEST(TilesTest, WhatIsNoPathIsRefused) {
  for (const std::string_view path : {"", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/1234067", "tile/00/000", "tile/-1/000",
                                      "tile//000", "tile/8/000", "tile/99999999999999999999/000", "tile/x/000", "tile/data/000", "tiles/0/000", "tile/0/x000/067", "tile/0/x000/x234/067", "tile/0/x234",
                                      "tile/0/001/067", "tile/0/x001/x067", "tile/0/X001/067", "tile/0/x01/067", "tile/0/+01", "tile/0/-01", "tile/0/ 01", "tile/0/0x1", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0",
                                      "tile/0/000.p/256", "tile/0/000.p/257", "tile/0/000.p/01", "tile/0/000.p/1/", "tile/0/000.p/1.p/1", "tile/0/000.p/-1", "tile/0/000.p/1 ", "tile/0/.p/1",
                                      "tile/0/000 ", "tile/0/../000", "tile/0/x001//067", "tile/0/x036/x028/x797/x018/x963/968", "tile/0/x999/x999/x999/x999/x999/x999/x999/999"}) {
    const auto tile = ParseTilePath(path);
    EXPECT_TRUE(absl::IsInvalidArgument(tile.status())) << path;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(ParseTilePath(std::string_view("tile/0/00\0", 10)).status()));
}

// By counting the subtrees one by one.
TEST(TilesTest, ATreeHasExactlyTheTilesWhoseHashesItHas) {
  for (uint64_t size = 0; size < 1400; size += size < 520 ? 1 : 13) {
    std::map<uint32_t, uint64_t> subtrees;
    for (uint32_t level = 0; level <= kTileLevelMax; ++level) {
      uint64_t leaves = 1;
      for (uint32_t i = 0; i < level; ++i) leaves *= 256;
      for (uint64_t end = leaves; end <= size; end += leaves) ++subtrees[level];
    }
    uint64_t hashes = 0;
    for (const Tile& tile : TilesOfTree(size)) {
      EXPECT_TRUE(TreeHasTile(size, tile)) << size << " " << TilePath(tile);
      hashes += tile.width;
      if (tile.width == kTileWidth) continue;
      Tile more = tile;
      ++more.width;
      EXPECT_FALSE(TreeHasTile(size, more)) << size << " " << TilePath(more);
      for (Tile less = tile; less.width > 0; --less.width) EXPECT_TRUE(TreeHasTile(size, less));
    }
    uint64_t expected = 0;
    for (uint32_t level = 0; level <= kTileLevelMax; ++level) {
      expected += subtrees[level];
      EXPECT_FALSE(TreeHasTile(size, {level, subtrees[level] / kTileWidth, static_cast<uint32_t>(subtrees[level] % kTileWidth + 1)}));
    }
    EXPECT_EQ(hashes, expected) << size;
  }
}

TEST(TilesTest, NoTreeHasATileThatCannotBe) {
  const uint64_t size = INT64_MAX;
  EXPECT_TRUE(TreeHasTile(size, {0, (uint64_t{1} << 55) - 2, 256}));
  EXPECT_TRUE(TreeHasTile(size, {0, (uint64_t{1} << 55) - 1, 255}));
  EXPECT_FALSE(TreeHasTile(size, {0, (uint64_t{1} << 55) - 1, 256}));
  EXPECT_TRUE(TreeHasTile(size, {7, 0, 127}));
  EXPECT_FALSE(TreeHasTile(size, {7, 0, 128}));
  EXPECT_FALSE(TreeHasTile(size, {8, 0, 1}));
  EXPECT_FALSE(TreeHasTile(size, {UINT32_MAX, 0, 1}));
  EXPECT_FALSE(TreeHasTile(size, {0, 0, 0}));
  EXPECT_FALSE(TreeHasTile(size, {0, 0, 257}));
  EXPECT_FALSE(TreeHasTile(size, {0, UINT64_MAX, 256}));
  EXPECT_FALSE(TreeHasTile(size, {0, UINT64_MAX / 256, 1}));
}

}  // namespace
}  // namespace songhua::proofs
