#pragma once
#include <string>

#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "protocol/api_key.h"
#include "raft/machine.h"

namespace moldau::node {

// The input of the raft machine that a request is. Errors: bad_frame; unsupported_version for an
// API that is none of the quorum's.
[[nodiscard]] Result<raft::Input> raft_input(protocol::ApiKey api, raft::Ticket ticket,
                                             ApiVersion version, std::string listener,
                                             const SharedBytes& body);

}  // namespace moldau::node
