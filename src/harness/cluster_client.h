#pragma once
#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/rng.h"
#include "env/env.h"
#include "rpc/client_connection.h"
#include "telemetry/counters.h"

namespace moldau::harness {

// One client's way to the broker: a connection that is made when it is needed and dropped when it
// fails. Sends raw requests, in any version that both sides have; retries nothing.
// Context: one shard, one user at a time. Await close() before it goes.
class ClusterClient {
 public:
  ClusterClient(env::Env& env, env::Endpoint broker, std::uint64_t seed)
      : env_(env), broker_(std::move(broker)), rng_(seed), memory_(env, counters_) {}

  // Errors: those of connecting and of the connection; the answer's own errors are in it. After an
  // error nobody knows whether the request was done. `least`: older versions cannot say it; `most`:
  // newer ones say something else.
  template <class Req, class Resp>
  [[nodiscard]] rpc::Answered<Resp> ask(Req request, ApiVersion least = ApiVersion{0},
                                        ApiVersion most = Req::k_versions.last) {
    return rpc::Answered<Resp>(
        call(rpc::AnyRequest(std::move(request)), std::max(least, Req::k_versions.first), most));
  }
  [[nodiscard]] env::Env& env() { return env_; }
  [[nodiscard]] Rng& rng() { return rng_; }
  [[nodiscard]] env::Task<void> close();

 private:
  [[nodiscard]] env::Task<Result<rpc::Answer>> call(rpc::AnyRequest request, ApiVersion least,
                                                    ApiVersion most);
  [[nodiscard]] env::Task<Result<void>> connect();
  // Mostly the newest that both have, sometimes an older one.
  [[nodiscard]] std::optional<ApiVersion> draw_version(protocol::ApiKey api, ApiVersion first,
                                                       ApiVersion last);
  env::Env& env_;
  env::Endpoint broker_;
  Rng rng_;
  telemetry::Counters counters_;
  rpc::FrameMemory memory_;
  std::unique_ptr<rpc::ClientConnection> connection_;
};

}  // namespace moldau::harness
