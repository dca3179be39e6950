#include "node/node_settings.h"

#include <algorithm>
#include <utility>

#include "config/topic_config.h"

namespace moldau::node {

Result<void> check_supported(const config::NodeConfig& config) {
  if (!config.roles.controller) {
    return fail(Errc::bad_configuration,
                "process.roles: this version runs the controller in the same node; "
                "set process.roles=broker,controller");
  }
  for (const config::Endpoint& listener : config.network.listeners) {
    if (listener.protocol == config::SecurityProtocol::plaintext) continue;
    return fail(Errc::bad_configuration,
                "listeners: {} asks for {}, and this version serves PLAINTEXT only",
                listener.listener, config::name_of(listener.protocol));
  }
  return {};
}

std::vector<std::string> directories_of(const config::NodeConfig& config) {
  std::vector<std::string> all = config.log.directories;
  if (std::ranges::find(all, config.metadata_log.directory) == all.end()) {
    all.push_back(config.metadata_log.directory);
  }
  return all;
}

Result<raft::VoterSet> static_voters(const config::NodeConfig& config) {
  std::vector<raft::Voter> voters;
  for (const config::StaticVoter& one : config.quorum.voters) {
    raft::Voter voter;
    voter.key.id = one.id;
    voter.endpoints.push_back({.listener = config.network.controller_listener_names.front(),
                               .host = one.address.host,
                               .port = one.address.port});
    voters.push_back(std::move(voter));
  }
  return raft::VoterSet::of(std::move(voters));
}

controller::Settings controller_settings(const config::NodeConfig& config, std::string cluster_id,
                                         std::optional<Uuid> own_broker_incarnation,
                                         std::vector<metadata::MetadataRecord> bootstrap) {
  controller::Settings settings;
  settings.node_id = config.node_id;
  settings.num_partitions = config.topics.partition_count;
  settings.default_replication_factor = static_cast<std::int16_t>(config.topics.replication_factor);
  const Result<config::TopicConfig> topics =
      config::resolve_topic_config({{}, {}, config.settings}, {});
  if (topics) settings.min_insync_replicas = topics->min_insync_replicas;
  settings.delete_topic_enable = config.topics.delete_enable;
  settings.broker_session_timeout = config.broker.session_timeout;
  settings.max_idle_interval = config.metadata_log.idle_interval_max;
  settings.auto_leader_rebalance = config.replication.auto_leader_rebalance;
  settings.leader_imbalance_check_interval = config.replication.leader_imbalance_check_interval;
  settings.unclean_leader_election_check_interval =
      config.replication.unclean_election_check_interval;
  settings.cluster_id = std::move(cluster_id);
  settings.own_broker_incarnation = own_broker_incarnation;
  settings.unstable_feature_versions = config.unstable_features;
  settings.bootstrap = std::move(bootstrap);
  return settings;
}

broker::FetchSessions::Settings sessions_of(const config::NodeConfig& config, std::int32_t shard,
                                            std::int32_t shards) {
  broker::FetchSessions::Settings settings;
  const std::int32_t range = INT32_MAX / shards;
  settings.slots = (config.fetch.session_slots + shards - 1) / shards;
  settings.first_id = std::max(1, shard * range);
  settings.end_id = (shard + 1) * range;
  return settings;
}

}  // namespace moldau::node
