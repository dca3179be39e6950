#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config_map.h"
#include "config/keys.h"
#include "config/node_config.h"
#include "config/topic_config.h"

// Whether a dynamic configuration change may be made, and what it comes to. Source:
// ConfigurationControlManager, ControllerConfigurationValidator, DynamicBrokerConfig,
// ConfigAdminManager (the part of the broker that forwards).
// Context: pure. Errors carry the code and the sentence that the client gets.
namespace moldau::config {

enum class ResourceType : std::int8_t {  // codes of the wire
  unknown = 0,
  topic = 2,
  broker = 4,
  broker_logger = 8,
  client_metrics = 16,
  group = 32
};
[[nodiscard]] std::optional<ResourceType> resource_type_from_wire(std::int8_t code);
// The keys of a resource; nullopt for unknown and broker_logger.
[[nodiscard]] std::optional<Scope> scope_of(ResourceType type);

struct Resource {
  ResourceType type = ResourceType::unknown;
  std::string name;  // broker: its id, or empty for the default of all
  friend bool operator==(const Resource&, const Resource&) = default;
};

enum class AlterOperation : std::int8_t { set = 0, erase = 1, append = 2, subtract = 3 };
struct Alteration {
  std::string key;
  AlterOperation operation = AlterOperation::set;
  std::optional<std::string> value;  // null for erase
};
// To become one ConfigRecord; no value: the key is deleted.
struct ConfigChange {
  std::string key;
  std::optional<std::string> value;
  friend bool operator==(const ConfigChange&, const ConfigChange&) = default;
};

// What the controller knows and this module does not.
struct ChangeContext {
  bool elr_enabled = false;         // feature eligible.leader.replicas.version
  bool cordoning_supported = true;  // metadata.version at least 4.3-IV0
  bool forwarded = true;            // by a broker, which checked its own directories
};

class Validator {
 public:
  // `node` is the controller's own configuration: its topic defaults and group limits judge.
  // REQUIRES: it outlives this.
  explicit Validator(const NodeConfig& node) : node_(node) {}

  // DescribeConfigs on a controller: may the resource be named like this?
  [[nodiscard]] Result<void> validate_name(const Resource& resource) const;
  // All settings of a resource after a change against those before it. `after` has no null.
  // Errors: invalid_config, invalid_request, invalid_topic_exception.
  [[nodiscard]] Result<void> validate(const Resource& resource, const ConfigMap& after,
                                      const ConfigMap& before) const;
  // IncrementalAlterConfigs: the changes that `alterations` come to, all or none. Unchanged values
  // give no change, except of a broker (that makes brokers reload files).
  [[nodiscard]] Result<std::vector<ConfigChange>> incremental(
      const Resource& resource, const ConfigMap& current, std::span<const Alteration> alterations,
      const ChangeContext& context) const;
  // AlterConfigs: `wanted` replaces all; a null value is refused.
  [[nodiscard]] Result<std::vector<ConfigChange>> replace(const Resource& resource,
                                                          const ConfigMap& current,
                                                          std::span<const Alteration> wanted,
                                                          const ChangeContext& context) const;
  // The configs of a topic that is being created: like `replace` onto nothing.
  [[nodiscard]] Result<void> validate_new_topic(std::string_view name,
                                                const ConfigMap& configs) const;

 private:
  const NodeConfig& node_;
};

// The broker's own checks before it forwards a change to the controller: duplicate keys, null
// values, broker id, and for broker resources names, types, scope and the rules between keys.
class BrokerChangeChecker {
 public:
  // `node`: this broker's configuration in force; `layers`: what it was made of.
  BrokerChangeChecker(const NodeConfig& node, const BrokerLayers& layers)
      : node_(node), layers_(layers) {}
  [[nodiscard]] Result<void> incremental(const Resource& resource,
                                         std::span<const Alteration> alterations) const;
  [[nodiscard]] Result<void> replace(const Resource& resource,
                                     std::span<const Alteration> wanted) const;

 private:
  [[nodiscard]] Result<void> check_resource(const Resource& resource,
                                            std::span<const Alteration> alterations) const;
  [[nodiscard]] Result<void> check_broker_settings(const ConfigMap& wanted, bool per_broker) const;

  const NodeConfig& node_;
  BrokerLayers layers_;
};

// A group's settings as they count on this node: numbers outside the node's bounds are moved to the
// nearest one (a stored value may be older than the bounds). `moved` gets a line for each.
[[nodiscard]] ConfigMap group_settings_in_bounds(const ConfigMap& stored, const NodeConfig& node,
                                                 std::vector<std::string>& moved);
// Log levels of a broker: TRACE DEBUG INFO WARN ERROR FATAL (FATAL counts as ERROR).
// Errors: invalid_config with Kafka's sentence.
[[nodiscard]] Result<void> validate_log_level(std::string_view logger, std::string_view level);
// The value that an AlterClientQuotas of `key` carries. Errors: invalid_request.
[[nodiscard]] Result<void> validate_quota(std::string_view key, double value, bool for_ip);

}  // namespace moldau::config
