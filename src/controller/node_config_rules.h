#pragma once
#include "config/node_config.h"
#include "config/validator.h"
#include "controller/config_rules.h"

namespace moldau::controller {

// ConfigRules of a node: what module config knows, judged by this controller's own configuration.
class NodeConfigRules final : public ConfigRules {
 public:
  // REQUIRES: `node` outlives this.
  explicit NodeConfigRules(const config::NodeConfig& node) : node_(node), validator_(node) {}

  [[nodiscard]] Result<std::vector<ConfigChange>> incremental(
      const metadata::ConfigResource& resource, const metadata::ConfigMap& current,
      std::span<const Alteration> alterations, const ConfigChangeContext& context) const override;
  [[nodiscard]] Result<std::vector<ConfigChange>> replace(
      const metadata::ConfigResource& resource, const metadata::ConfigMap& current,
      std::span<const Alteration> wanted, const ConfigChangeContext& context) const override;
  [[nodiscard]] std::optional<std::string> static_value(metadata::ConfigType type,
                                                        std::string_view key) const override;
  [[nodiscard]] std::vector<EffectiveConfig> effective_topic(
      const metadata::ConfigMap& topic, const metadata::ConfigMap& broker,
      const metadata::ConfigMap& cluster) const override;

 private:
  const config::NodeConfig& node_;
  config::Validator validator_;
};

}  // namespace moldau::controller
