#include "raft/retention.h"

#include <gtest/gtest.h>

#include <vector>

namespace moldau::raft {
namespace {

constexpr Timestamp k_now{Milliseconds{1'000'000}};

SnapshotOnDisk snapshot(int offset, std::int64_t size, int age_ms) {
  return {{Offset{offset}, LeaderEpoch{1}}, size, k_now - Milliseconds{age_ms}};
}

TEST(MetadataRetention, OnlySnapshotStaysWhateverItsSizeAndAge) {
  const std::vector<SnapshotOnDisk> one{snapshot(10, 1000, 900'000)};
  EXPECT_EQ(clean_before(one, 1000, k_now, {.max_bytes = 1, .max_age = Milliseconds{1}}),
            std::nullopt);
}

TEST(MetadataRetention, TooManyBytesTakeTheOldestSnapshot) {
  const std::vector<SnapshotOnDisk> three{snapshot(10, 40, 3), snapshot(20, 40, 2),
                                          snapshot(30, 40, 1)};
  const RetentionSettings settings{.max_bytes = 150, .max_age = Milliseconds{-1}};
  EXPECT_EQ(clean_before(three, 30, k_now, settings), std::nullopt);
  EXPECT_EQ(clean_before(three, 31, k_now, settings)->end_offset, Offset{20});
}

TEST(MetadataRetention, AgeTakesAllThatAreTooOldButTheNewest) {
  const std::vector<SnapshotOnDisk> three{snapshot(10, 1, 300), snapshot(20, 1, 200),
                                          snapshot(30, 1, 100)};
  const auto before = [&](int age) {
    return clean_before(three, 1, k_now, {.max_bytes = -1, .max_age = Milliseconds{age}});
  };
  EXPECT_EQ(before(300), std::nullopt);
  EXPECT_EQ(before(250)->end_offset, Offset{20});
  EXPECT_EQ(before(50)->end_offset, Offset{30});
}

}  // namespace
}  // namespace moldau::raft
