#pragma once
#include <algorithm>
#include <string_view>

#include "broker/cluster_view.h"

namespace moldau::broker {

// KIP-951: who asked the wrong broker learns of the right one at once. Tells the leader of
// `partition` in `leader`, and where it is in `endpoints`, once in an answer.
template <class Leader, class Endpoints>
void tell_current_leader(const metadata::Image& image, const metadata::Partition& partition,
                         std::string_view listener, Leader& leader, Endpoints& endpoints) {
  leader.leader_id = partition.leader;
  leader.leader_epoch = partition.leader_epoch;
  const metadata::Endpoint* endpoint = endpoint_of(image, partition.leader, listener);
  const bool told = std::ranges::any_of(
      endpoints, [&](const auto& node) { return node.node_id == partition.leader; });
  if (endpoint == nullptr || told) return;
  endpoints.push_back({.node_id = partition.leader,
                       .host = endpoint->host,
                       .port = endpoint->port,
                       .rack = rack_of(image, partition.leader)});
}

}  // namespace moldau::broker
