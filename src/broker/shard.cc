#include "broker/shard.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "broker/group_coordinators.h"
#include "broker/transaction_coordinators.h"

namespace moldau::broker {

Shard::Shard(env::Env& shard_env, NodeFacts& node_facts, telemetry::LogSink& sink,
             ControllerClient& controller_client, FetchSessions::Settings sessions)
    : env(shard_env),
      facts(node_facts),
      tasks(shard_env.scheduler),
      port{shard_env, tasks},
      log(sink, "broker.Shard"),
      frames(shard_env, counters),
      partition_parts{.env = shard_env,
                      .waiters = waiters,
                      .decompressor = decompressor,
                      .self = node_facts.node_id},
      fetch_sessions(sessions, Rng(shard_env.entropy.next())),
      controller(controller_client),
      group_coordinators(std::make_unique<GroupCoordinators>(*this)),
      groups(*group_coordinators),
      transaction_coordinators(std::make_unique<TransactionCoordinators>(*this)),
      transactions(*transaction_coordinators),
      view(std::make_shared<ClusterView>(
          ClusterView{.image = std::make_shared<metadata::Image>(), .node = node_facts.config})) {}

Shard::~Shard() = default;

void Shard::show(std::shared_ptr<const ClusterView> next) {
  const std::shared_ptr<const ClusterView> before = std::exchange(view, std::move(next));
  groups.view_changed(*before);
  transactions.view_changed();
}

void Shard::drain() {
  draining = true;
  groups.drain();
  transactions.drain();
  // In the order in which they came: what rings first runs first.
  std::vector<std::pair<std::uint64_t, FetchBell*>> waiting;
  waiting.reserve(bells.size());
  for (const auto& [number, bell] : bells) waiting.emplace_back(number, bell.get());
  std::ranges::sort(waiting);
  for (const auto& [number, bell] : waiting) bell->signal().ring();
}

}  // namespace moldau::broker
