#pragma once
#include <cstddef>
#include <memory>

#include "env/env.h"
#include "env/task.h"
#include "rpc/connection_gate.h"
#include "rpc/server_connection.h"

namespace moldau::rpc {

// Accepts connections of one listener on one shard and serves each with the handler. When
// descriptors or connections are used up it pauses and counts; those it has go on undisturbed.
// Context: one shard. Parts, settings, handler and gate outlive it.
class Server {
 public:
  // `gate`: who counts the connections of all shards; nullptr: nobody does.
  Server(ServerParts& parts, ConnectionSettings settings, RequestHandler& handler,
         ConnectionGate* gate = nullptr);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server();

  // Runs until stop(); completes when the last connection has ended.
  [[nodiscard]] env::Task<void> serve(std::unique_ptr<env::Listener> listener);
  // Accepts no more and closes every connection. Idempotent.
  void stop();
  // No more requests are read and idle connections are closed; the rest close as soon as their
  // answers are out. For a clean shutdown; stop() may follow.
  void drain();
  [[nodiscard]] std::size_t connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace moldau::rpc
