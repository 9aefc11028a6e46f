// The sparse Merkle map against its slow definition: each set of entries has one root, a path proves one value a key, and no path proves another.
#include "ledger/proofs/state_map.h"

#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace songhua::proofs {
namespace {

Digest ScatteredKey(uint64_t number) { return Sha256Of("key", std::to_string(number)); }
// Keys that agree in their first 8 bytes, or more: what a map of hashes never sees, and must survive.
Digest CrowdedKey(uint64_t number) {
  Digest key{};
  key[9] = static_cast<uint8_t>(number >> 2);
  key[31] = static_cast<uint8_t>(number & 3);
  return key;
}
Digest Value(uint64_t number, int version) { return Sha256Of("value", std::to_string(number), "/", std::to_string(version)); }

Digest SlowRoot(const std::map<uint64_t, Digest>& values, StateMap::KeyOf key_of) {
  std::vector<std::pair<Digest, Digest>> entries;
  for (const auto& [number, value] : values) entries.emplace_back(key_of(number), value);
  return MapRootOf(std::move(entries));
}

TEST(StateMapTest, AnEmptyMapHashesToZeroesAndOneEntryToItsLeaf) {
  StateMap map(ScatteredKey);
  EXPECT_EQ(map.Root(), Digest{});
  EXPECT_EQ(MapRootOf({}), Digest{});
  map.Set(7, Value(7, 0));
  EXPECT_EQ(map.Root(), MapLeafHash(ScatteredKey(7), Value(7, 0)));
  EXPECT_TRUE(map.PathOf(7).empty());
  EXPECT_TRUE(VerifyMapPath(ScatteredKey(7), Value(7, 0), {}, map.Root()).ok());
}

// Random sets and changes; roots are asked for now and then, so that many changes of one root and one change of many are both seen.
void FollowsTheSlowDefinition(StateMap::KeyOf key_of, uint64_t numbers) {
  for (uint32_t seed = 1; seed <= 5; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937_64 random(seed);
    StateMap map(key_of);
    std::map<uint64_t, Digest> values;
    for (int step = 0; step < 1500; ++step) {
      const uint64_t number = 1 + random() % numbers;
      values[number] = Value(number, step);
      map.Set(number, values[number]);
      if (random() % 50 != 0) continue;
      ASSERT_EQ(map.Root(), SlowRoot(values, key_of)) << "after step " << step;
      ASSERT_EQ(map.size(), values.size());
      auto any = values.begin();
      std::advance(any, static_cast<long>(random() % values.size()));
      const MapPath path = map.PathOf(any->first);
      ASSERT_TRUE(VerifyMapPath(key_of(any->first), any->second, path, map.Root()).ok());
    }
  }
}

TEST(StateMapTest, ItsRootIsThatOfTheSlowDefinition) { FollowsTheSlowDefinition(ScatteredKey, 1'000); }
TEST(StateMapTest, KeysThatBeginAlikeAreToldApart) { FollowsTheSlowDefinition(CrowdedKey, 1'000); }

TEST(StateMapTest, TheOrderOfEntriesDoesNotMatter) {
  StateMap forwards(ScatteredKey), backwards(ScatteredKey);
  for (uint64_t i = 1; i <= 300; ++i) forwards.Set(i, Value(i, 0));
  for (uint64_t i = 300; i >= 1; --i) {
    backwards.Set(i, Value(i, 1));
    if (i % 7 == 0) (void)backwards.Root();
    backwards.Set(i, Value(i, 0));
  }
  EXPECT_EQ(forwards.Root(), backwards.Root());
}

TEST(StateMapTest, APathProvesOneValueAndNoOther) {
  StateMap map(ScatteredKey);
  for (uint64_t i = 1; i <= 100; ++i) map.Set(i, Value(i, 0));
  const Digest root = map.Root();
  for (uint64_t i = 1; i <= 100; ++i) {
    const MapPath path = map.PathOf(i);
    const Digest key = ScatteredKey(i);
    ASSERT_TRUE(VerifyMapPath(key, Value(i, 0), path, root).ok());
    EXPECT_FALSE(VerifyMapPath(key, Value(i, 1), path, root).ok());
    EXPECT_FALSE(VerifyMapPath(ScatteredKey(i + 1), Value(i, 0), path, root).ok());
    MapPath longer = path, shorter = path;
    longer.push_back(Digest{});
    shorter.pop_back();
    EXPECT_FALSE(VerifyMapPath(key, Value(i, 0), longer, root).ok());
    EXPECT_FALSE(VerifyMapPath(key, Value(i, 0), shorter, root).ok());
    for (size_t at = 0; at < path.size(); ++at) {
      MapPath changed = path;
      changed[at][at % 32] ^= 1;
      EXPECT_FALSE(VerifyMapPath(key, Value(i, 0), changed, root).ok());
    }
  }
}

TEST(StateMapTest, APathOfMoreHashesThanAKeyHasBitsIsRefused) {
  const auto status = VerifyMapPath(Digest{}, Digest{}, MapPath(257), Digest{});
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("257"), std::string_view::npos);
}

}  // namespace
}  // namespace songhua::proofs
