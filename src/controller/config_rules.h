#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "metadata/image.h"

namespace moldau::controller {

// Where the value in force comes from: codes as in DescribeConfigs and CreateTopics answers.
enum class ConfigSource : std::int8_t {
  unknown = 0,
  dynamic_topic = 1,
  dynamic_broker = 2,
  dynamic_default_broker = 3,
  static_broker = 4,
  default_value = 5,
};
struct EffectiveConfig {
  std::string name;
  std::optional<std::string> value;
  bool read_only = false;
  bool sensitive = false;
  ConfigSource source = ConfigSource::default_value;
};

enum class AlterOperation : std::int8_t { set = 0, erase = 1, append = 2, subtract = 3 };
struct Alteration {
  std::string key;
  AlterOperation operation = AlterOperation::set;
  std::optional<std::string> value;  // null for erase
};
struct ConfigChange {  // to become one ConfigRecord; no value: the key is deleted
  std::string key;
  std::optional<std::string> value;
};
struct ConfigChangeContext {
  bool elr_enabled = false;
  bool cordoning_supported = false;
  bool forwarded = false;
};

// What the controller must know of configuration keys. Module config knows it; node/ hands an
// implementation in. Pure. Errors carry the code and the sentence that the client gets
// (invalid_config: "Unknown topic config name: x"; invalid_request; ...).
class ConfigRules {
 public:
  ConfigRules() = default;
  ConfigRules(const ConfigRules&) = delete;
  ConfigRules& operator=(const ConfigRules&) = delete;
  virtual ~ConfigRules() = default;

  // The changes that `alterations` come to on top of `current`, all or none. A topic that is being
  // created has an empty `current`. Unchanged values may give no change.
  [[nodiscard]] virtual Result<std::vector<ConfigChange>> incremental(
      const metadata::ConfigResource& resource, const metadata::ConfigMap& current,
      std::span<const Alteration> alterations, const ConfigChangeContext& context) const = 0;
  // The same when `wanted` replaces all of `current`.
  [[nodiscard]] virtual Result<std::vector<ConfigChange>> replace(
      const metadata::ConfigResource& resource, const metadata::ConfigMap& current,
      std::span<const Alteration> wanted, const ConfigChangeContext& context) const = 0;
  // The value that holds when nothing is set dynamically: this node's file, else the default.
  // nullopt: the key is not known.
  [[nodiscard]] virtual std::optional<std::string> static_value(metadata::ConfigType type,
                                                                std::string_view key) const = 0;
  // All keys of a topic with these overrides, sorted by name, over the dynamic configs of this
  // broker, of the cluster, and this node's static values.
  [[nodiscard]] virtual std::vector<EffectiveConfig> effective_topic(
      const metadata::ConfigMap& topic, const metadata::ConfigMap& broker,
      const metadata::ConfigMap& cluster) const = 0;
};

}  // namespace moldau::controller
