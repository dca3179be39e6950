#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "config/config_map.h"
#include "config/node_config.h"
#include "config/topic_config.h"
#include "metadata/image.h"

namespace moldau::broker {

// What a request sees of the cluster: one state of the metadata and the configuration in force under
// it. Immutable; each shard holds the latest, a request the one it began with.
struct ClusterView {
  std::shared_ptr<const metadata::Image> image;
  // This node's settings with the dynamic ones applied.
  std::shared_ptr<const config::NodeConfig> node;
  config::ConfigMap dynamic_broker;   // of this broker
  config::ConfigMap dynamic_default;  // of all brokers
  // The active controller as this node believes.
  std::optional<BrokerId> controller;
  // kraft.version as finalized; 0 while voters are static.
  std::int16_t kraft_version = 0;

  // REQUIRES: the view outlives the result.
  [[nodiscard]] config::BrokerLayers layers() const {
    return {dynamic_broker, dynamic_default, node->settings};
  }
};

// Kafka's rules for topic names. Empty: fine; else why it is not, in Kafka's words.
// Source: Topic.validate.
[[nodiscard]] std::string topic_name_fault(std::string_view name);
// Topics of Kafka's own: clients do not write to them, Metadata marks them.
[[nodiscard]] bool is_internal_topic(std::string_view name);

// The broker's endpoint for a client that came in on `listener`; nullptr: it has none there, or is
// not registered. Fenced brokers are not alive for clients.
[[nodiscard]] const metadata::Endpoint* client_endpoint(const metadata::Image& image, BrokerId id,
                                                        std::string_view listener);

}  // namespace moldau::broker
