#include "metadata/persistent_map.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/rng.h"

namespace moldau::metadata {
namespace {

using Map = PersistentMap<int, std::string>;

TEST(PersistentMap, BehavesAsASortedMapThroughRandomChanges) {
  Rng rng(7);
  Map map;
  std::map<int, std::string> model;
  for (int i = 0; i < 4000; ++i) {
    const int key = static_cast<int>(rng.below(300));
    if (rng.one_in(3)) {
      EXPECT_EQ(map.erase(key), model.erase(key) == 1);
    } else {
      map.set(key, std::to_string(i));
      model[key] = std::to_string(i);
    }
    ASSERT_EQ(map.size(), model.size());
  }
  EXPECT_TRUE(std::equal(map.begin(), map.end(), model.begin(), model.end(),
                         [](const auto& a, const auto& b) { return a == b; }));
  for (int key = -1; key < 301; ++key) {
    const auto lower = model.lower_bound(key);
    const auto at = map.lower_bound(key);
    ASSERT_EQ(at == map.end(), lower == model.end());
    if (at != map.end()) EXPECT_EQ(at->first, lower->first);
    EXPECT_EQ(map.contains(key), model.contains(key));
  }
}

TEST(PersistentMap, AChangeLeavesEarlierCopiesAlone) {
  Map map;
  for (int i = 0; i < 100; ++i) map.set(i, "old");
  const Map before = map;
  EXPECT_TRUE(before.is_same(map));
  map.set(50, "new");
  map.erase(51);
  EXPECT_FALSE(before.is_same(map));
  EXPECT_EQ(*before.find(50), "old");
  EXPECT_EQ(*before.find(51), "old");
  EXPECT_EQ(*map.find(50), "new");
  EXPECT_EQ(map.find(51), nullptr);
}

TEST(PersistentMap, AscendingInsertionStaysBalanced) {
  PersistentMap<int, int> map;
  for (int i = 0; i < 100'000; ++i) map.set(i, i);
  EXPECT_EQ(map.size(), 100'000U);
  EXPECT_EQ(*map.find(99'999), 99'999);
}

}  // namespace
}  // namespace moldau::metadata
