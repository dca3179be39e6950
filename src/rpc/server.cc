#include "rpc/server.h"

#include <list>
#include <utility>

#include "base/limits.h"
#include "env/task_group.h"

namespace moldau::rpc {
namespace {

constexpr Milliseconds k_accept_pause{100};

}  // namespace

struct Server::State {
  State(ServerParts& its_parts, ConnectionSettings its_settings, RequestHandler& its_handler)
      : parts(its_parts),
        settings(std::move(its_settings)),
        handler(its_handler),
        tasks(parts.env.scheduler) {}

  ServerParts& parts;
  ConnectionSettings settings;
  RequestHandler& handler;
  env::TaskGroup tasks;
  std::list<ServerConnection> connections;  // stay where they are while they are served
  std::unique_ptr<env::Listener> listener;
  telemetry::RateLimit limit_lines;

  [[nodiscard]] env::Task<void> serve_one(std::unique_ptr<env::Stream> stream);
  void limit_reached(std::string_view counter, std::string_view what);
};

env::Task<void> Server::State::serve_one(std::unique_ptr<env::Stream> stream) {
  const auto place =
      connections.emplace(connections.end(), parts, settings, handler, std::move(stream));
  co_await place->serve();
  connections.erase(place);
}

void Server::State::limit_reached(std::string_view counter, std::string_view what) {
  parts.counters.named(counter).add();
  parts.log.warn_limited(limit_lines, parts.env.clock.now(), "{}: {}", settings.listener, what);
}

Server::Server(ServerParts& parts, ConnectionSettings settings, RequestHandler& handler)
    : state_(std::make_unique<State>(parts, std::move(settings), handler)) {}

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
    } else {
      state.tasks.spawn(state.serve_one(*std::move(stream)));
    }
  }
  co_await state.tasks.join();
}

void Server::stop() {
  if (state_->listener) state_->listener->close();
  for (ServerConnection& connection : state_->connections) connection.close();
}

void Server::drain() {
  if (state_->listener) state_->listener->close();
  for (ServerConnection& connection : state_->connections) connection.drain();
}

std::size_t Server::connections() const { return state_->connections.size(); }

}  // namespace moldau::rpc
