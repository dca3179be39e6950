#include "log/epoch_cache.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace moldau::log {
namespace {

EpochStart at(int epoch, std::int64_t start) { return {LeaderEpoch{epoch}, Offset{start}}; }
std::optional<EpochEnd> ended(int epoch, std::int64_t end) {
  return EpochEnd{LeaderEpoch{epoch}, Offset{end}};
}

class EpochCacheTest : public ::testing::Test {
 protected:
  void have(std::vector<EpochStart> entries) { cache = *EpochCache::restore(entries); }
  std::optional<EpochEnd> end_of(int epoch) const {
    return cache.end_of(LeaderEpoch{epoch}, Offset{400});
  }
  std::vector<EpochStart> entries() const {
    return {cache.entries().begin(), cache.entries().end()};
  }
  EpochCache cache;
};

TEST_F(EpochCacheTest, EachRowOfEndOfHasItsAnswer) {
  have({at(4, 100), at(6, 250)});
  EXPECT_EQ(end_of(-1), std::nullopt);    // E1
  EXPECT_EQ(end_of(-2), ended(-2, 100));  // E4
  EXPECT_EQ(end_of(6), ended(6, 400));    // E2
  EXPECT_EQ(end_of(7), std::nullopt);     // E3
  EXPECT_EQ(end_of(2), ended(2, 100));    // E4
  EXPECT_EQ(end_of(4), ended(4, 250));    // E5
  EXPECT_EQ(end_of(5), ended(4, 250));    // E5
  have({});
  EXPECT_EQ(end_of(0), std::nullopt);  // E3
}

TEST_F(EpochCacheTest, AssigningTheLatestAgainChangesNothingUnlessItStartsEarlier) {
  have({at(4, 100), at(6, 250)});
  EXPECT_FALSE(cache.assign(LeaderEpoch{6}, Offset{300}));
  EXPECT_TRUE(cache.assign(LeaderEpoch{6}, Offset{240}));
  EXPECT_EQ(entries(), (std::vector{at(4, 100), at(6, 240)}));
}

TEST_F(EpochCacheTest, AssigningRemovesWhatItContradicts) {
  have({at(4, 100), at(6, 250), at(8, 300)});
  EXPECT_TRUE(cache.assign(LeaderEpoch{7}, Offset{250}));
  EXPECT_EQ(entries(), (std::vector{at(4, 100), at(7, 250)}));
}

TEST_F(EpochCacheTest, TheEpochAcrossTheLogStartStaysAndBeginsThere) {
  have({at(4, 100), at(6, 250), at(8, 300)});
  EXPECT_TRUE(cache.drop_before(Offset{270}));
  EXPECT_EQ(entries(), (std::vector{at(6, 270), at(8, 300)}));
  EXPECT_FALSE(cache.drop_before(Offset{270}));
  EXPECT_FALSE(cache.drop_before(Offset{10}));
}

TEST_F(EpochCacheTest, TruncatingRemovesEpochsThatBeginAtOrAboveTheEnd) {
  have({at(4, 100), at(6, 250)});
  EXPECT_FALSE(cache.truncate_from(Offset{251}));
  EXPECT_TRUE(cache.truncate_from(Offset{250}));
  EXPECT_EQ(entries(), (std::vector{at(4, 100)}));
}

TEST_F(EpochCacheTest, OffsetIsOfTheEpochThatBeganLastAtOrBelowIt) {
  have({at(4, 100), at(6, 250)});
  EXPECT_EQ(cache.epoch_at(Offset{99}), std::nullopt);
  EXPECT_EQ(cache.epoch_at(Offset{249}), LeaderEpoch{4});
  EXPECT_EQ(cache.epoch_at(Offset{250}), LeaderEpoch{6});
}

TEST_F(EpochCacheTest, NegativeEntriesOfAFileAreRefused) {
  EXPECT_EQ(EpochCache::restore(std::vector{at(-1, 3)}).error().code(), Errc::corrupt_data);
  EXPECT_EQ(EpochCache::restore(std::vector{at(1, -3)}).error().code(), Errc::corrupt_data);
}

RC_GTEST_PROP(EpochCacheProperty, AssigningKeepsBothColumnsIncreasing,
              (const std::vector<std::pair<std::uint8_t, std::uint8_t>>& in)) {
  EpochCache cache;
  for (const auto& [epoch, start] : in) (void)cache.assign(LeaderEpoch{epoch}, Offset{start});
  const auto rises = [](const EpochStart& a, const EpochStart& b) {
    return a.epoch >= b.epoch || a.start_offset >= b.start_offset;
  };
  RC_ASSERT(std::ranges::adjacent_find(cache.entries(), rises) == cache.entries().end());
}

}  // namespace
}  // namespace moldau::log
