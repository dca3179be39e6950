#pragma once
#include "broker/controller_client.h"
#include "bytes/shared_bytes.h"
#include "env/task.h"

namespace moldau::node {

class ControllerHost;

// Decodes a request for the active controller, lets it decide, appends, waits for the commit,
// encodes the answer. REQUIRES: the host is active. Errors: bad_frame; unsupported_version for an
// API that no controller serves. What the controller refuses is an answer with the error where the
// API has its place for it.
[[nodiscard]] env::Task<Result<SharedBytes>> answer_as_controller(
    ControllerHost& host, broker::ControllerRequest request);

}  // namespace moldau::node
