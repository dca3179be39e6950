#pragma once
#include <memory>
#include <string>

#include "base/time.h"
#include "bytes/shared_bytes.h"
#include "env/env.h"
#include "env/task.h"
#include "env/turns.h"
#include "rpc/frame_memory.h"
#include "rpc/request_header.h"
#include "rpc/response.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

namespace moldau::rpc {

// What a listener's connections obey; from the node's configuration.
struct ConnectionSettings {
  std::string listener;                              // its name, such as PLAINTEXT
  std::size_t frame_bytes_max = 104'857'600;         // socket.request.max.bytes
  Milliseconds idle_max = std::chrono::minutes{10};  // connections.max.idle.ms; negative: never
  // A frame that has begun must bring k_frame_progress_bytes_min in each such span, or its sender
  // is told off: it holds memory that others need.
  Milliseconds stall_max = std::chrono::seconds{30};
};

// What lives as long as a connection and is the same for all its requests. Handlers may write
// software_*: ApiVersions tells them; and in_turn, which is theirs alone.
struct ConnectionFacts {
  std::string peer;  // "address:port"
  std::string listener;
  std::string software_name = "unknown";  // KIP-511
  std::string software_version = "unknown";
  // For requests that a later one of their connection must not overtake at a wait; made by the
  // first that needs it.
  std::shared_ptr<env::Turns> in_turn{};
};

// One request as it came. `frame` holds all of it, `body()` is the part behind the header.
struct Request {
  RequestHeader header;  // views into frame
  SharedBytes frame;
  Instant received;
  [[nodiscard]] Bytes body() const { return frame.view().subspan(header.body_at); }
  // The body with its owner, for those who keep it.
  [[nodiscard]] SharedBytes shared_body() const {
    return frame.slice(header.body_at, frame.size() - header.body_at);
  }
};

struct RequestContext {
  env::Env& env;                // of the connection's shard
  ConnectionFacts& connection;  // outlives the request
  const RequestHeader& header;  // of this request; outlives the handler's task
  Instant received;
};

// Answers requests. The broker implements it, one per shard and kind of listener.
// handle() is called in the order of the requests on a connection; up to
// k_inflight_per_connection_max of them run at the same time, and the answers go out in the order
// of the requests. `context` and `request` live until the task ends. An Error closes the connection
// with one log line: it is for bodies that do not decode and for requests that Kafka answers by
// closing (unsupported version, acks=0 that failed). What the client should learn is a Response.
// RequestContext is of the connection's shard.
class RequestHandler {
 public:
  RequestHandler() = default;
  RequestHandler(const RequestHandler&) = delete;
  RequestHandler& operator=(const RequestHandler&) = delete;
  virtual ~RequestHandler() = default;
  [[nodiscard]] virtual env::Task<Result<Response>> handle(RequestContext& context,
                                                           Request& request) = 0;
};

// What all connections of one shard share. Members outlive the connections.
struct ServerParts {
  env::Env& env;
  FrameMemory& memory;
  telemetry::Counters& counters;
  telemetry::Logger log;
  telemetry::RateLimit hostile_lines{};  // lines that strangers can provoke
};

// Serves one connection until its end: the peer closes, breaks the protocol, is idle or stalls, or
// close() is called. Completes when every request it began has ended.
// Context: the shard that accepted it.
class ServerConnection {
 public:
  ServerConnection(ServerParts& parts, const ConnectionSettings& settings, RequestHandler& handler,
                   std::unique_ptr<env::Stream> stream);
  ServerConnection(const ServerConnection&) = delete;
  ServerConnection& operator=(const ServerConnection&) = delete;
  ~ServerConnection();

  // Once. REQUIRES: the object lives until the task ends.
  [[nodiscard]] env::Task<void> serve();
  // Answers what is being handled no more; serve() ends soon. Idempotent.
  void close();
  // Reads no further request and closes as soon as what it began is answered.
  void drain();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace moldau::rpc
