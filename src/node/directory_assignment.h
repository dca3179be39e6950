#pragma once
#include <cstddef>
#include <vector>

#include "base/ids.h"
#include "metadata/image.h"
#include "node/log_directories.h"
#include "protocol/api/assign_replicas_to_dirs.h"

namespace moldau::node {

// Replicas in one request. Source: AssignmentsManager.MAX_ASSIGNMENTS_PER_REQUEST.
inline constexpr std::size_t k_assignments_per_request = 2250;

// What the controller must be told of the replicas here that lie in another directory than the
// metadata say: a meta.properties was lost and made anew, or a folder was moved by hand. Without it
// they have no leader, since the directory that the metadata name is not online. Empty: nothing.
// Pure. Source: AssignmentsManager.
[[nodiscard]] std::vector<protocol::AssignReplicasToDirsRequest> directory_corrections(
    const metadata::Image& image, BrokerId self, BrokerEpoch epoch,
    const LogDirectories& directories);

[[nodiscard]] std::size_t replicas_in(const protocol::AssignReplicasToDirsRequest& request);

}  // namespace moldau::node
