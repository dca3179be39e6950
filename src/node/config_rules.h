#pragma once
#include "config/node_config.h"
#include "config/validator.h"
#include "controller/config_rules.h"

namespace moldau::node {

// What module config knows, in the form that the controller asks for.
// Context: pure. REQUIRES: `node` outlives it.
class NodeConfigRules final : public controller::ConfigRules {
 public:
  explicit NodeConfigRules(const config::NodeConfig& node) : node_(node), validator_(node) {}

  [[nodiscard]] Result<std::vector<controller::ConfigChange>> incremental(
      const metadata::ConfigResource& resource, const metadata::ConfigMap& current,
      std::span<const controller::Alteration> alterations,
      const controller::ConfigChangeContext& context) const override;
  [[nodiscard]] Result<std::vector<controller::ConfigChange>> replace(
      const metadata::ConfigResource& resource, const metadata::ConfigMap& current,
      std::span<const controller::Alteration> wanted,
      const controller::ConfigChangeContext& context) const override;
  [[nodiscard]] std::optional<std::string> static_value(metadata::ConfigType type,
                                                        std::string_view key) const override;
  [[nodiscard]] std::vector<controller::EffectiveConfig> effective_topic(
      const metadata::ConfigMap& topic, const metadata::ConfigMap& broker,
      const metadata::ConfigMap& cluster) const override;

 private:
  const config::NodeConfig& node_;
  config::Validator validator_;
};

}  // namespace moldau::node
