#pragma once
#include <string>
#include <utility>

#include "base/ids.h"
#include "base/result.h"
#include "bytes/shared_bytes.h"
#include "env/task.h"
#include "protocol/api_key.h"
#include "protocol/codec.h"
#include "security/principal.h"

namespace moldau::broker {

// A request for the active controller: body as a client or this broker encoded it, and for whom.
struct ControllerRequest {
  protocol::ApiKey api{};
  ApiVersion version;
  SharedBytes body;
  security::Principal principal;
  std::string client_host;
  std::string listener;  // that the request came in on
  bool forwarded = false;
};

// The way to the active controller, wherever it runs. In a combined node it runs on a shard of this
// process; over the network it is Envelope (KIP-590) or a request of the broker's own.
// Waits while no controller is active, as long as requests may wait (request.timeout.ms).
class ControllerClient {
 public:
  ControllerClient() = default;
  ControllerClient(const ControllerClient&) = delete;
  ControllerClient& operator=(const ControllerClient&) = delete;
  virtual ~ControllerClient() = default;

  // The body of the response. Errors: bad_frame when the body does not decode; timed_out,
  // not_controller, cancelled when no controller answered.
  // Context: called on the shard that this object belongs to.
  [[nodiscard]] virtual env::Task<Result<SharedBytes>> send(ControllerRequest request) = 0;
};

// The same with structs, for requests that the broker makes itself.
template <class Req, class Resp>
[[nodiscard]] env::Task<Result<Resp>> ask_controller(ControllerClient& client, Req request,
                                                     ApiVersion version) {
  CO_TRY(SharedBytes body, protocol::encoded(Req::k_message, &request, version));
  ControllerRequest ask{.api = Req::k_key,
                        .version = version,
                        .body = std::move(body),
                        .principal = {},
                        .client_host = {},
                        .listener = {}};
  CO_TRY(SharedBytes answer, co_await client.send(std::move(ask)));
  co_return Resp::decode(answer.view(), version);
}

}  // namespace moldau::broker
