#include "broker/cluster_view.h"

#include <algorithm>

namespace moldau::broker {

bool is_internal_topic(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" ||
         name == "__share_group_state";
}

const metadata::Endpoint* endpoint_of(const metadata::Image& image, BrokerId id,
                                      std::string_view listener) {
  const metadata::BrokerRegistration* broker = image.cluster.broker(id);
  return broker == nullptr ? nullptr : broker->endpoint(listener);
}

std::optional<std::string> rack_of(const metadata::Image& image, BrokerId id) {
  const metadata::BrokerRegistration* broker = image.cluster.broker(id);
  return broker == nullptr ? std::nullopt : broker->rack;
}

BrokerId some_alive_broker(const metadata::Image& image, std::uint64_t draw) {
  std::vector<BrokerId> alive;
  for (const auto& [id, broker] : image.cluster.brokers) {
    if (!broker->fenced) alive.push_back(id);
  }
  return alive.empty() ? k_no_broker : alive[draw % alive.size()];
}

Located locate(const metadata::Image& image, std::string_view topic, PartitionIndex partition) {
  const metadata::Topic* found = image.topics.find(topic);
  if (found == nullptr || found->partition(partition) == nullptr) {
    return {.error = Errc::unknown_topic_or_partition, .id = {}};
  }
  return {.error = Errc::none, .id = {found->id, partition}};
}

}  // namespace moldau::broker
