#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "config/config_map.h"
#include "config/keys.h"

// The settings of one topic, typed, after all layers were asked. Source: LogConfig,
// ServerTopicConfigSynonyms, KafkaConfigSchema.
// Context: a value; pure functions.
namespace moldau::config {

// compression.type of a topic. The first five are codec ids (none gzip snappy lz4 zstd = 0..4).
enum class TopicCompression : std::int8_t {
  uncompressed = 0,
  gzip = 1,
  snappy = 2,
  lz4 = 3,
  zstd = 4,
  producer = -1  // keep what the producer chose
};
enum class TimestampType : std::int8_t { create_time = 0, log_append_time = 1 };

inline constexpr Milliseconds k_unlimited_time{-1};  // of retention
inline constexpr std::int64_t k_unlimited_bytes = -1;

// The defaults are Kafka's.
struct TopicConfig {
  std::int32_t segment_bytes = 1 << 30;  // internal.segment.bytes when that is set
  Milliseconds segment_age_max{604'800'000};
  Milliseconds segment_jitter{0};
  std::int32_t segment_index_bytes = 10 << 20;
  std::int32_t index_interval_bytes = 4096;
  bool preallocate = false;
  std::int64_t flush_messages = INT64_MAX;  // records between syncs
  Milliseconds flush_interval{INT64_MAX};
  std::int64_t retention_bytes = k_unlimited_bytes;
  Milliseconds retention{604'800'000};  // k_unlimited_time: for ever
  Milliseconds file_delete_delay{60'000};
  bool cleanup_compact = false;
  bool cleanup_delete = true;
  Milliseconds delete_retention{86'400'000};
  Milliseconds compaction_lag_min{0};
  Milliseconds compaction_lag_max{INT64_MAX};
  double cleanable_dirty_ratio_min = 0.5;
  std::int32_t message_bytes_max = 1'048'588;  // of a batch
  std::int32_t decompressed_bytes_max = 2'147'483'639;
  TopicCompression compression = TopicCompression::producer;
  std::int32_t gzip_level = -1;
  std::int32_t lz4_level = 9;
  std::int32_t zstd_level = 3;
  std::int32_t min_insync_replicas = 1;
  bool unclean_leader_election = false;
  TimestampType timestamp_type = TimestampType::create_time;
  Milliseconds timestamp_before_max{INT64_MAX};
  Milliseconds timestamp_after_max{3'600'000};
  std::vector<std::string> leader_throttled_replicas;  // "partition:broker", or "*"
  std::vector<std::string> follower_throttled_replicas;
  bool remote_storage = false;
  bool remote_copy_disable = false;
  bool remote_delete_on_disable = false;
  Milliseconds local_retention{-2};  // -2: as retention
  std::int64_t local_retention_bytes = -2;
  Milliseconds remote_copy_lag{0};
  std::int64_t remote_copy_lag_bytes = -1;
  bool dead_letter_group_enable = false;

  friend bool operator==(const TopicConfig&, const TopicConfig&) = default;
};

// The layers below a topic's own overrides, strongest first. Views: the maps outlive it.
struct BrokerLayers {
  const ConfigMap& dynamic_broker;   // of this broker (or of the active controller)
  const ConfigMap& dynamic_default;  // of all brokers
  const ConfigMap& static_settings;  // NodeConfig::settings
};

// The value in force of one topic key, as text: the topic's override, else the first synonym found
// in the dynamic broker layer, then in the dynamic default layer, then in the file, else the
// default; units are converted. nullopt: null, or no such key.
[[nodiscard]] std::optional<std::string> effective_topic_value(std::string_view key,
                                                               const BrokerLayers& layers,
                                                               const ConfigMap& overrides);
// All keys. Unknown keys among the overrides are skipped: a committed record may carry one that a
// later version dropped. Errors: invalid_config, in the shape of keys.h.
// Cost: about 40 look-ups; resolve once per change, not per request.
[[nodiscard]] Result<TopicConfig> resolve_topic_config(const BrokerLayers& layers,
                                                       const ConfigMap& overrides);

}  // namespace moldau::config
