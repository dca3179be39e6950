#include "rpc/server.h"

#include <fmt/core.h>

#include <algorithm>
#include <list>
#include <utility>

#include "base/limits.h"
#include "env/task_group.h"

namespace moldau::rpc {
namespace {

constexpr Milliseconds k_accept_pause{100};
constexpr Milliseconds k_look_again{10};  // whether a connection has left

}  // namespace

struct Server::State {
  State(ServerParts& its_parts, ConnectionSettings its_settings, RequestHandler& its_handler,
        ConnectionGate* its_gate)
      : parts(its_parts),
        settings(std::move(its_settings)),
        handler(its_handler),
        gate(its_gate),
        tasks(parts.env.scheduler) {}

  ServerParts& parts;
  ConnectionSettings settings;
  RequestHandler& handler;
  ConnectionGate* gate;
  bool stopped = false;
  env::TaskGroup tasks;
  std::list<ServerConnection> connections;  // stay where they are while they are served
  std::unique_ptr<env::Listener> listener;
  telemetry::RateLimit limit_lines;

  [[nodiscard]] env::Task<void> serve_one(std::unique_ptr<env::Stream> stream);
  // Waits at the gate until the connection may come in; false: it may not.
  [[nodiscard]] env::Task<bool> let_in(std::string address);
  [[nodiscard]] env::Task<void> wait_for(Milliseconds time);
  void limit_reached(std::string_view counter, std::string_view what);
};

env::Task<void> Server::State::serve_one(std::unique_ptr<env::Stream> stream) {
  std::string address = gate == nullptr ? std::string{} : address_of(stream->peer());
  const auto place =
      connections.emplace(connections.end(), parts, settings, handler, std::move(stream));
  co_await place->serve();
  connections.erase(place);
  if (gate != nullptr) co_await gate->left(parts.env, std::move(address));
}

env::Task<void> Server::State::wait_for(Milliseconds time) {
  const Instant end = parts.env.clock.now() + time;
  while (!stopped && parts.env.clock.now() < end) {
    co_await env::sleep_for(parts.env, std::min(time, k_look_again));
  }
}

env::Task<bool> Server::State::let_in(std::string address) {
  if (gate == nullptr) co_return true;
  const Milliseconds wait = co_await gate->arrived(parts.env, settings.listener);
  if (wait > Milliseconds{0}) {
    limit_reached("max_connection_creation_rate", "connections come too fast; they wait");
    co_await wait_for(wait);
  }
  while (!stopped) {
    const auto verdict = co_await gate->enter(parts.env, settings.listener, address);
    if (verdict == ConnectionQuotas::Verdict::taken) co_return true;
    if (verdict == ConnectionQuotas::Verdict::refused) {
      limit_reached(
          "max_connections_per_ip",
          fmt::format("{} has as many connections as it may; a new one is closed", address));
      co_return false;
    }
    limit_reached("max_connections", "as many connections as may be; new ones wait");
    co_await wait_for(k_look_again);
  }
  co_return false;
}

void Server::State::limit_reached(std::string_view counter, std::string_view what) {
  parts.counters.named(counter).add();
  parts.log.warn_limited(limit_lines, parts.env.clock.now(), "{}: {}", settings.listener, what);
}

Server::Server(ServerParts& parts, ConnectionSettings settings, RequestHandler& handler,
               ConnectionGate* gate)
    : state_(std::make_unique<State>(parts, std::move(settings), handler, gate)) {}

Server::~Server() = default;

env::Task<void> Server::serve(std::unique_ptr<env::Listener> listener) {
  State& state = *state_;
  state.listener = std::move(listener);
  while (true) {
    Result<std::unique_ptr<env::Stream>> stream = co_await state.listener->accept();
    if (!stream && stream.error().code() == Errc::cancelled) break;
    if (!stream) {
      state.limit_reached("accept_failed", stream.error().describe());
      co_await env::sleep_for(state.parts.env, k_accept_pause);
    } else if (state.connections.size() >=
               static_cast<std::size_t>(k_connections_per_shard_max.value)) {
      state.limit_reached("connections_per_shard_max", "too many connections; a new one is closed");
    } else if (co_await state.let_in(address_of((*stream)->peer()))) {
      state.tasks.spawn(state.serve_one(*std::move(stream)));
    }
  }
  co_await state.tasks.join();
}

void Server::stop() {
  state_->stopped = true;
  if (state_->listener) state_->listener->close();
  for (ServerConnection& connection : state_->connections) connection.close();
}

void Server::drain() {
  state_->stopped = true;
  if (state_->listener) state_->listener->close();
  for (ServerConnection& connection : state_->connections) connection.drain();
}

std::size_t Server::connections() const { return state_->connections.size(); }

}  // namespace moldau::rpc
