#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "broker/fetch_session.h"
#include "config/node_config.h"
#include "controller/controller.h"
#include "metadata/record.h"
#include "raft/types.h"

// What a node's configuration means to its parts. Pure.
namespace moldau::node {

// Errors: bad_configuration for what a node of this version cannot be.
[[nodiscard]] Result<void> check_supported(const config::NodeConfig& config);
// log.dirs and metadata.log.dir, each once.
[[nodiscard]] std::vector<std::string> directories_of(const config::NodeConfig& config);
// controller.quorum.voters. Errors: those of VoterSet::of.
[[nodiscard]] Result<raft::VoterSet> static_voters(const config::NodeConfig& config);
[[nodiscard]] controller::Settings controller_settings(
    const config::NodeConfig& config, std::string cluster_id,
    std::optional<Uuid> own_broker_incarnation, std::vector<metadata::MetadataRecord> bootstrap);
// Of one shard: its part of the sessions and of the ids that they may have.
[[nodiscard]] broker::FetchSessions::Settings sessions_of(const config::NodeConfig& config,
                                                          std::int32_t shard, std::int32_t shards);

}  // namespace moldau::node
