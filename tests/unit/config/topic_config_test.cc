#include "config/topic_config.h"

#include <gtest/gtest.h>

#include "base/check.h"

namespace moldau::config {
namespace {

class TopicConfigTest : public ::testing::Test {
 protected:
  [[nodiscard]] BrokerLayers layers() const { return {broker, all, file}; }
  [[nodiscard]] TopicConfig topic(const ConfigMap& overrides = {}) const {
    auto resolved = resolve_topic_config(layers(), overrides);
    CHECK_OK(resolved);
    return std::move(*resolved);
  }
  ConfigMap broker, all, file;
};

TEST_F(TopicConfigTest, WithNothingSetTheStructsOwnDefaultsHold) {
  EXPECT_EQ(topic(), TopicConfig{});
}

TEST_F(TopicConfigTest, TheStrongestLayerWins) {
  file.set("log.segment.bytes", "2000000");
  EXPECT_EQ(topic().segment_bytes, 2'000'000);
  all.set("log.segment.bytes", "3000000");
  EXPECT_EQ(topic().segment_bytes, 3'000'000);
  broker.set("log.segment.bytes", "4000000");
  EXPECT_EQ(topic().segment_bytes, 4'000'000);
  EXPECT_EQ(topic({{"segment.bytes", "5000000"}}).segment_bytes, 5'000'000);
  EXPECT_EQ(topic({{"segment.bytes", "5000000"}, {"internal.segment.bytes", "7"}}).segment_bytes,
            7);
}

TEST_F(TopicConfigTest, TimesComeFromTheFinestUnitThatIsSet) {
  file.set("log.retention.hours", "2");
  EXPECT_EQ(topic().retention, Milliseconds{7'200'000});
  file.set("log.retention.minutes", "3");
  EXPECT_EQ(topic().retention, Milliseconds{180'000});
  file.set("log.retention.ms", "4");
  EXPECT_EQ(topic().retention, Milliseconds{4});
  file.set("log.roll.hours", "1");
  file.set("log.roll.jitter.hours", "2");
  EXPECT_EQ(topic().segment_age_max, Milliseconds{3'600'000});
  EXPECT_EQ(topic().segment_jitter, Milliseconds{7'200'000});
  file.set("log.flush.scheduler.interval.ms", "9");
  EXPECT_EQ(topic().flush_interval, Milliseconds{9});
  file.set("log.flush.interval.ms", "8");
  EXPECT_EQ(topic().flush_interval, Milliseconds{8});
}

TEST_F(TopicConfigTest, ADynamicLayerWinsOverAFinerUnitBelowIt) {
  file.set("log.retention.ms", "4");
  all.set("log.retention.hours", "1");
  EXPECT_EQ(topic().retention, Milliseconds{3'600'000});
}

TEST_F(TopicConfigTest, AnyNegativeRetentionOfTheNodeIsWithoutEnd) {
  file.set("log.retention.hours", "-5");
  EXPECT_EQ(topic().retention, k_unlimited_time);
}

TEST_F(TopicConfigTest, WordsBecomeTypes) {
  const TopicConfig config = topic({{"cleanup.policy", "compact"},
                                    {"compression.type", "zstd"},
                                    {"compression.zstd.level", "-5"},
                                    {"message.timestamp.type", "LogAppendTime"},
                                    {"preallocate", "true"},
                                    {"leader.replication.throttled.replicas", "0:1,1:2"}});
  EXPECT_TRUE(config.cleanup_compact);
  EXPECT_FALSE(config.cleanup_delete);
  EXPECT_EQ(config.compression, TopicCompression::zstd);
  EXPECT_EQ(config.zstd_level, -5);
  EXPECT_EQ(config.timestamp_type, TimestampType::log_append_time);
  EXPECT_TRUE(config.preallocate);
  EXPECT_EQ(config.leader_throttled_replicas, (std::vector<std::string>{"0:1", "1:2"}));
  EXPECT_EQ(topic({{"compression.type", "uncompressed"}}).compression,
            TopicCompression::uncompressed);
  EXPECT_EQ(topic({{"compression.type", "lz4"}}).compression, TopicCompression::lz4);
}

TEST_F(TopicConfigTest, UnknownOverridesAreSkippedAndBadValuesNamed) {
  EXPECT_EQ(topic({{"from.a.later.version", "1"}}), TopicConfig{});
  const auto refused = resolve_topic_config(layers(), {{"segment.ms", "soon"}});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().text(),
            "Invalid value soon for configuration segment.ms: Not a number of type LONG");
}

TEST_F(TopicConfigTest, SingleValuesAsText) {
  file.set("log.roll.hours", "2");
  EXPECT_EQ(effective_topic_value("segment.ms", layers(), {}), "7200000");
  EXPECT_EQ(effective_topic_value("internal.segment.bytes", layers(), {}), std::nullopt);
  EXPECT_EQ(effective_topic_value("nope", layers(), {}), std::nullopt);
}

}  // namespace
}  // namespace moldau::config
