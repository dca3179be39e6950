#pragma once
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/errc.h"
#include "base/ids.h"
#include "broker/topic_partition.h"
#include "config/config_map.h"
#include "config/node_config.h"
#include "config/topic_config.h"
#include "metadata/image.h"

namespace moldau::broker {

// What a request sees of the cluster: one state of the metadata and the configuration in force
// under it. Immutable; each shard holds the latest, a request the one it began with.
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

// Topics of Kafka's own: clients do not write to them, Metadata marks them.
[[nodiscard]] bool is_internal_topic(std::string_view name);

// Where clients that came in on `listener` find the broker; nullptr: it is not registered, or has
// no such listener.
[[nodiscard]] const metadata::Endpoint* endpoint_of(const metadata::Image& image, BrokerId id,
                                                    std::string_view listener);
[[nodiscard]] std::optional<std::string> rack_of(const metadata::Image& image, BrokerId id);
// A broker that clients may be sent to at random, such as Kafka names as controller: one that is
// not fenced, chosen by `draw`. k_no_broker: there is none.
[[nodiscard]] BrokerId some_alive_broker(const metadata::Image& image, std::uint64_t draw);

// A partition that a request names. `error` none: it exists and `id` is complete.
struct Located {
  Errc error = Errc::none;
  TopicIdPartition id;
};
// By name: UNKNOWN_TOPIC_OR_PARTITION when there is none.
[[nodiscard]] Located locate(const metadata::Image& image, std::string_view topic,
                             PartitionIndex partition);

}  // namespace moldau::broker
