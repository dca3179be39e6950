#include "node/shard_host.h"

#include <utility>

#include "env/call_on.h"
#include "node/controller_host.h"

namespace moldau::node {

env::Task<Result<SharedBytes>> LocalController::send(broker::ControllerRequest request) {
  if (host_ == nullptr) co_return fail(Errc::not_controller);
  co_return co_await env::call_on<Result<SharedBytes>>(
      here_, *there_, [host = host_, request = std::move(request)]() mutable {
        return host->answer(std::move(request));
      });
}

ShardHost::ShardHost(env::Env& env, broker::NodeFacts& facts, Settings settings)
    : controller_(env),
      shard_(env, facts, settings.sink, controller_, settings.sessions),
      replicas_(shard_, settings.open_files_max),
      for_clients_(shard_, false),
      for_controllers_(shard_, true),
      server_parts_{.env = env,
                    .memory = shard_.frames,
                    .counters = shard_.counters,
                    .log = telemetry::Logger(settings.sink, "rpc.Server")},
      serving_(env.scheduler),
      finished_(env.scheduler) {}

ShardHost::~ShardHost() = default;

env::Task<Result<env::Endpoint>> ShardHost::listen(config::Endpoint endpoint, Audience audience) {
  CO_TRY(std::unique_ptr<env::Listener> listener,
         co_await shard_.env.network.listen({endpoint.host, endpoint.port}));
  const config::NetworkSettings& network = shard_.facts.config->network;
  rpc::ConnectionSettings settings;
  settings.listener = endpoint.listener;
  settings.frame_bytes_max = static_cast<std::size_t>(network.socket_request_bytes_max);
  settings.idle_max = network.connections_idle_max;
  const env::Endpoint local = listener->local();
  broker::Dispatch& dispatch = audience == Audience::controllers ? for_controllers_ : for_clients_;
  rpc::ConnectionGate* const gate =
      audience == Audience::controllers ? gate_of_controllers_ : gate_of_clients_;
  bound_.push_back({.audience = audience,
                    .listener = std::move(listener),
                    .server = std::make_unique<rpc::Server>(server_parts_, std::move(settings),
                                                            dispatch, gate)});
  co_return local;
}

void ShardHost::guard(Audience audience, rpc::ConnectionGate& gate) {
  (audience == Audience::controllers ? gate_of_controllers_ : gate_of_clients_) = &gate;
}

env::Task<bool> ShardHost::serve(Audience audience) {
  for (Bound& bound : bound_) {
    if (bound.audience == audience && bound.listener)
      serving_.spawn(bound.server->serve(std::move(bound.listener)));
  }
  co_return true;
}

env::Task<bool> ShardHost::drain(Milliseconds patience) {
  shard_.drain();
  for (Bound& bound : bound_) {
    if (bound.listener) bound.listener->close();
    bound.server->drain();
  }
  const env::Timers::TimerId timer =
      shard_.env.timers.arm(shard_.env.clock.now() + patience, [this] {
        for (Bound& bound : bound_) bound.server->stop();
      });
  co_await serving_.join();
  shard_.env.timers.cancel(timer);
  co_return true;
}

env::Task<void> ShardHost::run() {
  (void)co_await finished_;
  co_await shard_.tasks.join();
}

void ShardHost::finish() { finished_.complete(true); }

}  // namespace moldau::node
