#include "node/node.h"

#include <utility>

#include "base/limits.h"
#include "env/call_on.h"
#include "node/node_settings.h"
#include "node/node_state.h"

namespace moldau::node {
namespace {

constexpr Milliseconds k_drain_patience{3000};
constexpr Milliseconds k_leave_patience{4000};

}  // namespace

Node::State::State(NodeSettings node_settings, std::vector<env::Env*> shard_envs,
                   telemetry::LogSink& log_sink, std::function<void(const Serving&)> on_ready)
    : settings(std::move(node_settings)),
      envs(std::move(shard_envs)),
      sink(log_sink),
      ready(std::move(on_ready)),
      log(log_sink, "node.Node"),
      facts{.node_id = settings.config.node_id,
            .cluster_id = {},
            .is_broker = settings.config.roles.broker,
            .is_controller = settings.config.roles.controller,
            .config = std::make_shared<const config::NodeConfig>(settings.config),
            .authorizer = allow_all,
            .shards = {}},
      rules(*facts.config),
      tasks(envs.front()->scheduler),
      stop_bell(envs.front()->scheduler),
      checkpoint_bell(envs.front()->scheduler),
      checkpoint_turns(envs.front()->scheduler) {
  facts.write_checkpoints = [this] { return write_checkpoints(WhenSame::skip); };
  const auto count = static_cast<std::int32_t>(envs.size());
  for (std::int32_t i = 0; i < count; ++i) {
    const auto open_files_max = static_cast<std::size_t>(k_open_log_files_max.value / count);
    hosts.push_back(std::make_unique<ShardHost>(
        *envs[static_cast<std::size_t>(i)], facts,
        ShardHost::Settings{sink, sessions_of(settings.config, i, count), open_files_max}));
    broker::Shard& shard = hosts.back()->shard();
    facts.shards.push_back(&shard);
    shard.partition_parts.log_failed = [this, &shard](const Error& error) {
      if (shard.env.mailbox.self() == ShardId{0}) {
        fail_with(error);
      } else {
        shard.env.mailbox.reply(ShardId{0}, [this, error] { fail_with(error); });
      }
    };
  }
}

void Node::State::fail_with(const Error& error) {
  if (!failure) {
    failure = error;
    log.error("{}", error.describe());
  }
  ask_to_stop();
}

void Node::State::ask_to_stop() {
  stop_asked = true;
  stop_bell.ring();
  // What a start waits for may never come now.
  if (publisher) publisher->stop_waiting();
  if (lifecycle) lifecycle->stop_joining();
}

env::Task<void> Node::State::run_node() {
  Result<void> started = co_await start();
  if (!started && !stop_asked) fail_with(started.error());
  while (!stop_asked) co_await stop_bell;
  co_await stop();
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    ShardHost* const host = hosts[i].get();
    if (i == 0) {
      host->finish();
    } else {
      env().mailbox.reply(ShardId{static_cast<std::int32_t>(i)}, [host] { host->finish(); });
    }
  }
}

env::Task<void> Node::State::stop() {
  checkpoint_bell.ring();
  std::optional<BrokerEpoch> epoch;
  if (lifecycle) {
    if (settings.config.broker.controlled_shutdown) {
      co_await lifecycle->leave_cluster(failure ? Milliseconds{0} : k_leave_patience);
    } else {
      co_await lifecycle->drop_out();
    }
    epoch = lifecycle->epoch();
  }
  for (const auto& one : hosts) {
    ShardHost* const host = one.get();
    (void)co_await env::call_on<bool>(env(), host->shard().port,
                                      [host] { return host->drain(k_drain_patience); });
  }
  co_await tasks.join();
  Result<void> clean{};
  if (publisher) co_await publisher->stop();
  if (directories && publisher) clean = co_await close_replicas();
  if (controller && driver) co_await controller->stop();
  if (driver) {
    Result<void> closed = co_await driver->stop();
    if (clean) clean = std::move(closed);
    if (clean) clean = co_await write_checkpoints(WhenSame::skip);  // the log's end is durable now
  }
  // The marker vouches for every log of the directories.
  const bool vouched = logs_opened && publisher->all_served();
  if (directories && driver && clean && vouched && !failure) {
    clean = co_await directories->mark_clean_shutdown(epoch);
  }
  if (directories && !driver && clean) clean = co_await directories->give_back_markers();
  if (!clean && !failure) fail_with(clean.error());
}

Node::Node(NodeSettings settings, std::vector<env::Env*> shards, telemetry::LogSink& sink,
           std::function<void(const Serving&)> ready)
    : state_(std::make_unique<State>(std::move(settings), std::move(shards), sink,
                                     std::move(ready))) {}

Node::~Node() = default;

env::Task<void> Node::run(ShardId shard) {
  const auto place = static_cast<std::size_t>(shard.value());
  if (place == 0) co_await state_->run_node();
  co_await state_->hosts[place]->run();
}

void Node::request_stop() { state_->ask_to_stop(); }

const std::optional<Error>& Node::failure() const { return state_->failure; }

}  // namespace moldau::node
