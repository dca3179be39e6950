#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/ids.h"
#include "base/result.h"
#include "base/time.h"
#include "env/env.h"
#include "env/task.h"
#include "rpc/answer.h"
#include "rpc/any_request.h"
#include "rpc/frame_memory.h"
#include "rpc/request_header.h"
#include "rpc/response.h"

namespace moldau::rpc {

struct ClientSettings {
  std::string client_id = "moldau";
  std::string software_name = "moldau";  // letters, digits, '-' and '.' (KIP-511)
  std::string software_version = "0.1.0";
  Milliseconds request_timeout = std::chrono::seconds{30};
  std::size_t frame_bytes_max = 1 << 30;  // of an answer
  bool negotiate = true;                  // ask for ApiVersions at once
};

// One connection to a broker or controller: requests go out in the order of the calls, several may
// be unanswered at once, and each waits for the answer with its correlation id.
// Errors of requests: timed_out (a late answer is dropped), connection_closed, cancelled after
// close(), bad_frame (the connection is closed then), unsupported_version.
// Context: one shard. Call close() and await join() before it goes.
class ClientConnection {
 public:
  // Connects and, if asked, negotiates versions. Errors: connection_refused, timed_out, and those
  // of requests. `memory` outlives the connection.
  [[nodiscard]] static env::Task<Result<std::unique_ptr<ClientConnection>>> connect(
      env::Env& env, FrameMemory& memory, env::Endpoint to, ClientSettings settings);
  ClientConnection(const ClientConnection&) = delete;
  ClientConnection& operator=(const ClientConnection&) = delete;
  ~ClientConnection();

  // The highest version that both sides have. Errors: unsupported_version, saying which ranges.
  [[nodiscard]] Result<ApiVersion> version_of(protocol::ApiKey api) const;
  // The range that the other side advertised; nullopt when it does not know the API.
  struct AdvertisedRange {
    ApiVersion least;
    ApiVersion greatest;
  };
  [[nodiscard]] std::optional<AdvertisedRange> advertised(protocol::ApiKey api) const;
  // The level that the cluster finalised for a feature ("transaction.version"), as it was when this
  // connection was made; 0 when the other side names none.
  [[nodiscard]] std::int16_t finalized_level(std::string_view feature) const;

  // Sends `message` in `version` and waits for its answer. `Req` and `Resp` are a request struct of
  // protocol/ and its response. Without `timeout`, request_timeout of the settings.
  template <class Req, class Resp>
  [[nodiscard]] Answered<Resp> request(Req message, ApiVersion version,
                                       std::optional<Milliseconds> timeout = std::nullopt) {
    return Answered<Resp>(call(AnyRequest(std::move(message)), version, timeout));
  }
  // In the highest common version.
  template <class Req, class Resp>
  [[nodiscard]] Answered<Resp> request(Req message) {
    return Answered<Resp>(call(AnyRequest(std::move(message))));
  }
  // The cores of request().
  [[nodiscard]] env::Task<Result<Answer>> call(AnyRequest request, ApiVersion version,
                                               std::optional<Milliseconds> timeout);
  [[nodiscard]] env::Task<Result<Answer>> call(AnyRequest request);
  [[nodiscard]] env::Task<Result<Answer>> call(protocol::ApiKey api, ApiVersion version,
                                               Response body, std::optional<Milliseconds> timeout);
  // Sends a request that has no answer (produce with acks=0). Completes when the stream has taken
  // all of it. A peer that takes nothing for request_timeout ends the connection: timed_out.
  [[nodiscard]] env::Task<Result<void>> send(AnyRequest request, ApiVersion version);

  [[nodiscard]] bool usable() const;           // false after any failure of the connection
  [[nodiscard]] std::size_t inflight() const;  // requests without answer
  [[nodiscard]] const std::string& peer() const;
  // Waiting requests end with cancelled, those of send() too: await them first. Idempotent.
  void close();
  [[nodiscard]] env::Task<void> join();
  [[nodiscard]] bool ended() const;  // join() would not wait

 private:
  struct State;
  explicit ClientConnection(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;  // calls hold it too, so they may end after the connection is gone
};

}  // namespace moldau::rpc
