#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/config_map.h"
#include "config/keys.h"
#include "config/node_config.h"
#include "config/topic_config.h"

// The answers of DescribeConfigs: every key of a resource with its value, where it comes from and
// what else would give it. Source: ConfigHelper. Order: by key.
// Context: pure. Authorization, existence and broker ids are the caller's to check first.
namespace moldau::config {

enum class Source : std::int8_t {  // codes of the wire
  unknown = 0,
  topic_config = 1,  // the tools print DYNAMIC_TOPIC_CONFIG
  dynamic_broker_config = 2,
  dynamic_default_broker_config = 3,
  static_broker_config = 4,
  default_config = 5,
  dynamic_broker_logger_config = 6,
  client_metrics_config = 7,
  group_config = 8
};

struct DescribedSynonym {
  std::string name;
  std::optional<std::string> value;  // null when sensitive
  Source source = Source::unknown;
  friend bool operator==(const DescribedSynonym&, const DescribedSynonym&) = default;
};
struct DescribedConfig {
  std::string name;
  std::optional<std::string> value;  // null when it is null, or sensitive
  Source source = Source::default_config;
  bool read_only = false;
  bool sensitive = false;
  Type type = Type::unknown;
  std::vector<DescribedSynonym> synonyms;         // strongest first; empty unless asked for
  std::optional<std::string_view> documentation;  // only when asked for
};

struct DescribeOptions {
  bool include_synonyms = false;
  bool include_documentation = false;
  // Which keys; nullopt or empty: all. Unknown names are left out of the answer, as in Kafka.
  std::optional<std::span<const std::string>> names;
};

// One topic, given its overrides.
[[nodiscard]] std::vector<DescribedConfig> describe_topic(const BrokerLayers& layers,
                                                          const ConfigMap& overrides,
                                                          const DescribeOptions& options);
// This broker: every key, given the layers in force.
[[nodiscard]] std::vector<DescribedConfig> describe_broker(const BrokerLayers& layers,
                                                           const DescribeOptions& options);
// The default of all brokers (empty resource name): what was set, and nothing else.
[[nodiscard]] std::vector<DescribedConfig> describe_default_broker(const BrokerLayers& layers,
                                                                   const DescribeOptions& options);
[[nodiscard]] std::vector<DescribedConfig> describe_group(const BrokerLayers& layers,
                                                          const ConfigMap& overrides,
                                                          const DescribeOptions& options);
[[nodiscard]] std::vector<DescribedConfig> describe_client_metrics(const ConfigMap& overrides,
                                                                   const DescribeOptions& options);
// Loggers of this broker: name -> level.
[[nodiscard]] std::vector<DescribedConfig> describe_broker_logger(const ConfigMap& levels,
                                                                  const DescribeOptions& options);
// The answer of CreateTopics (v5+): effective configs of a topic that is being created; `layers`
// are the active controller's. Synonyms are never given there.
[[nodiscard]] std::vector<DescribedConfig> describe_created_topic(const BrokerLayers& layers,
                                                                  const ConfigMap& overrides);

}  // namespace moldau::config
