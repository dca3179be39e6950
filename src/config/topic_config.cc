#include "config/topic_config.h"

#include <algorithm>

#include "base/check.h"
#include "config/typed_reader.h"
#include "config/value_text.h"

namespace moldau::config {
namespace {

// A synonym's value in the unit of the topic's key. What is no number stays as it is: the parser
// refuses it by name.
std::string converted(const std::string& value, const SynonymOf& synonym) {
  if (synonym.factor == 1) return value;
  const auto number = parse_integer(java_trim(value), INT32_MIN, INT32_MAX);
  return number ? std::to_string(*number * synonym.factor) : value;
}

const std::string* in_layer(const ConfigMap& layer, const ConfigKey& key, const SynonymOf** used) {
  for (const SynonymOf& synonym : key.synonyms)
    if (const std::string* value = layer.find(synonym.key)) {
      *used = &synonym;
      return value;
    }
  return nullptr;
}

std::optional<std::string> effective(const ConfigKey& key, const BrokerLayers& layers,
                                     const ConfigMap& overrides) {
  if (const std::string* value = overrides.find(key.name)) return *value;
  for (const ConfigMap* layer :
       {&layers.dynamic_broker, &layers.dynamic_default, &layers.static_settings}) {
    const SynonymOf* used = nullptr;
    const std::string* value = in_layer(*layer, key, &used);
    if (value == nullptr) continue;
    std::string text = converted(*value, *used);
    // A node reads any negative log.retention.ms (minutes, hours) as without end.
    if (key.name == "retention.ms" && text.starts_with('-')) return "-1";
    return text;
  }
  if (const auto text = key.default_value()) return std::string(*text);
  return std::nullopt;
}

TopicCompression compression_of(const std::string& name) {
  if (name == "uncompressed") return TopicCompression::uncompressed;
  if (name == "gzip") return TopicCompression::gzip;
  if (name == "snappy") return TopicCompression::snappy;
  if (name == "lz4") return TopicCompression::lz4;
  if (name == "zstd") return TopicCompression::zstd;
  return TopicCompression::producer;
}

void read_segments(TypedReader& in, TopicConfig& out) {
  out.segment_bytes = in.int32("segment.bytes");
  if (const auto bytes = in.maybe_int64("internal.segment.bytes"))
    out.segment_bytes = static_cast<std::int32_t>(*bytes);
  out.segment_age_max = in.ms("segment.ms");
  out.segment_jitter = in.ms("segment.jitter.ms");
  out.segment_index_bytes = in.int32("segment.index.bytes");
  out.index_interval_bytes = in.int32("index.interval.bytes");
  out.preallocate = in.flag("preallocate");
  out.flush_messages = in.int64("flush.messages");
  out.flush_interval = in.ms("flush.ms");
  out.file_delete_delay = in.ms("file.delete.delay.ms");
}

void read_cleanup(TypedReader& in, TopicConfig& out) {
  out.retention_bytes = in.int64("retention.bytes");
  out.retention = in.ms("retention.ms");
  const std::vector<std::string> policies = in.list("cleanup.policy");
  out.cleanup_compact = std::ranges::find(policies, "compact") != policies.end();
  out.cleanup_delete = std::ranges::find(policies, "delete") != policies.end();
  out.delete_retention = in.ms("delete.retention.ms");
  out.compaction_lag_min = in.ms("min.compaction.lag.ms");
  out.compaction_lag_max = in.ms("max.compaction.lag.ms");
  out.cleanable_dirty_ratio_min = in.real("min.cleanable.dirty.ratio");
}

void read_records(TypedReader& in, TopicConfig& out) {
  out.message_bytes_max = in.int32("max.message.bytes");
  out.decompressed_bytes_max = in.int32("max.decompressed.message.bytes");
  out.compression = compression_of(in.text("compression.type"));
  out.gzip_level = in.int32("compression.gzip.level");
  out.lz4_level = in.int32("compression.lz4.level");
  out.zstd_level = in.int32("compression.zstd.level");
  out.timestamp_type = in.text("message.timestamp.type") == "LogAppendTime"
                           ? TimestampType::log_append_time
                           : TimestampType::create_time;
  out.timestamp_before_max = in.ms("message.timestamp.before.max.ms");
  out.timestamp_after_max = in.ms("message.timestamp.after.max.ms");
}

void read_replication(TypedReader& in, TopicConfig& out) {
  out.min_insync_replicas = in.int32("min.insync.replicas");
  out.unclean_leader_election = in.flag("unclean.leader.election.enable");
  out.leader_throttled_replicas = in.list("leader.replication.throttled.replicas");
  out.follower_throttled_replicas = in.list("follower.replication.throttled.replicas");
  out.remote_storage = in.flag("remote.storage.enable");
  out.remote_copy_disable = in.flag("remote.log.copy.disable");
  out.remote_delete_on_disable = in.flag("remote.log.delete.on.disable");
  out.local_retention = in.ms("local.retention.ms");
  out.local_retention_bytes = in.int64("local.retention.bytes");
  out.remote_copy_lag = in.ms("remote.copy.lag.ms");
  out.remote_copy_lag_bytes = in.int64("remote.copy.lag.bytes");
  out.dead_letter_group_enable = in.flag("errors.deadletterqueue.group.enable");
}

}  // namespace

std::optional<std::string> effective_topic_value(std::string_view key, const BrokerLayers& layers,
                                                 const ConfigMap& overrides) {
  const ConfigKey* found = find(Scope::topic, key);
  if (found == nullptr) return std::nullopt;
  return effective(*found, layers, overrides);
}

Result<TopicConfig> resolve_topic_config(const BrokerLayers& layers, const ConfigMap& overrides) {
  TypedReader in(Scope::topic,
                 [&](const ConfigKey& key) { return effective(key, layers, overrides); });
  TopicConfig config;
  read_segments(in, config);
  read_cleanup(in, config);
  read_records(in, config);
  read_replication(in, config);
  TRY_OK(in.status());
  return config;
}

}  // namespace moldau::config
