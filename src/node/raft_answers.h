#pragma once
#include <string>

#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "protocol/api_key.h"
#include "raft/machine.h"
#include "security/authorizer.h"

// The quorum's own APIs, which raft answers and not the controller.
namespace moldau::node {

[[nodiscard]] bool is_quorum_api(protocol::ApiKey api);

// What of the cluster one must be allowed to do who asks. REQUIRES: is_quorum_api(api).
// Source: ControllerApis.
[[nodiscard]] security::Operation quorum_operation(protocol::ApiKey api);

// The input of the raft machine that a request is. Errors: bad_frame; unsupported_version for an
// API that is none of the quorum's.
[[nodiscard]] Result<raft::Input> raft_input(protocol::ApiKey api, raft::Ticket ticket,
                                             ApiVersion version, std::string listener,
                                             const SharedBytes& body);

// The encoded answer that refuses a request as a whole, with `error`. Errors: those of
// raft_input(). Source: getErrorResponse of the request classes.
[[nodiscard]] Result<SharedBytes> raft_refusal(protocol::ApiKey api, ApiVersion version,
                                               const SharedBytes& body, Errc error);

}  // namespace moldau::node
