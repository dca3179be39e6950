#pragma once
#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "broker/cluster_view.h"
#include "broker/controller_client.h"
#include "broker/fetch_session.h"
#include "broker/fetch_wait.h"
#include "broker/partitions.h"
#include "broker/producer_ids.h"
#include "compress/decompressor.h"
#include "env/call_on.h"
#include "env/env.h"
#include "env/task_group.h"
#include "rpc/frame_memory.h"
#include "security/authorizer.h"
#include "telemetry/counters.h"
#include "telemetry/log.h"

namespace moldau::broker {

struct Shard;
class GroupCoordinators;
class TransactionCoordinators;

// What is the same on all shards and never changes while the node runs.
struct NodeFacts {
  BrokerId node_id;
  std::string cluster_id;
  bool is_broker = true;
  bool is_controller = true;
  std::shared_ptr<const config::NodeConfig> config;  // of the file
  const security::Authorizer& authorizer;
  // By ShardId; filled before the first shard runs.
  std::vector<Shard*> shards;
  // Runs on shard 0: where the logs begin is durable when it completes. Not set: nobody writes
  // checkpoints.
  std::function<env::Task<Result<void>>()> write_checkpoints = {};

  [[nodiscard]] std::int32_t shard_count() const {
    return static_cast<std::int32_t>(shards.size());
  }
  [[nodiscard]] Shard& owner(const TopicIdPartition& id) const {
    return *shards[static_cast<std::size_t>(owner_of(id, shard_count()).value())];
  }
};

// One core's part of a broker: its partitions, its view of the cluster, its fetch sessions, and
// the ways to the other shards and to the controller.
// Context: only its own shard touches it, but for `port` and `facts`.
struct Shard {
  Shard(env::Env& shard_env, NodeFacts& node_facts, telemetry::LogSink& sink,
        ControllerClient& controller_client, FetchSessions::Settings sessions);
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;
  ~Shard();

  env::Env& env;
  NodeFacts& facts;
  env::TaskGroup tasks;  // questions of other shards, and what runs beside requests
  env::ShardPort port;
  telemetry::Counters counters;
  telemetry::Logger log;
  rpc::FrameMemory frames;
  compress::Decompressor decompressor;
  Waiters waiters;
  Partition::Parts partition_parts;
  Partitions partitions;
  FetchSessions fetch_sessions;
  ControllerClient& controller;
  ProducerIdBlocks producer_ids;
  std::unique_ptr<GroupCoordinators> group_coordinators;
  GroupCoordinators& groups;
  std::unique_ptr<TransactionCoordinators> transaction_coordinators;
  TransactionCoordinators& transactions;
  std::shared_ptr<const ClusterView> view;  // never null
  // A new state of the metadata: what depends on it is told.
  void show(std::shared_ptr<const ClusterView> next);
  // Long polls of this shard's connections that wait now, by their number; draining rings them, so
  // that they answer at once.
  absl::flat_hash_map<std::uint64_t, std::shared_ptr<FetchBell>> bells;
  std::uint64_t long_polls = 0;   // so far; numbers the next one
  std::uint64_t fetch_waits = 0;  // so far; numbers the next one
  // Parts of long polls, of any shard's connections, on this shard's partitions.
  absl::flat_hash_map<FetchWaitId, std::unique_ptr<FetchWatch>> fetch_watches;
  // Topics that are being created because somebody asked for them; Metadata asks once.
  absl::flat_hash_set<std::string> topics_in_creation;
  telemetry::RateLimit refused_topics{};  // lines of log about such, which strangers can provoke
  bool draining = false;                  // the node stops: nobody waits for new records any more

  // From now on long polls answer at once.
  void drain();

  [[nodiscard]] bool owns(const TopicIdPartition& id) const { return &facts.owner(id) == this; }
};

// Hands `asks` to the shards that own their partitions and gathers the answers, in the order of the
// asks. `work` is a coroutine function: Task<vector<Answer>>(Shard&, Common, vector<Ask>); it runs
// on the owner's shard. Ask has a member `id`.
// Cost: nothing but a call when all partitions are this shard's.
template <class Answer, class Common, class Ask>
[[nodiscard]] env::Task<std::vector<Answer>> ask_owners(
    Shard& here, Common common, std::vector<Ask> asks,
    env::Task<std::vector<Answer>> (*work)(Shard&, Common, std::vector<Ask>)) {
  bool all_here = true;
  for (const Ask& ask : asks) all_here = all_here && here.owns(ask.id);
  if (all_here) co_return co_await work(here, std::move(common), std::move(asks));

  struct Part {
    std::vector<Ask> asks;
    std::vector<std::size_t> places;
  };
  const std::size_t count = asks.size();
  std::vector<Part> parts(here.facts.shards.size());
  for (std::size_t i = 0; i < count; ++i) {
    Part& part =
        parts[static_cast<std::size_t>(owner_of(asks[i].id, here.facts.shard_count()).value())];
    part.places.push_back(i);
    part.asks.push_back(std::move(asks[i]));
  }
  // Others first, so that they work while this one does.
  std::vector<std::pair<std::size_t, env::Task<std::vector<Answer>>>> running;
  running.reserve(parts.size());
  std::vector<Answer> answers(count);
  std::optional<std::size_t> own;
  for (std::size_t s = 0; s < parts.size(); ++s) {
    if (parts[s].asks.empty()) continue;
    Shard* const there = here.facts.shards[s];
    if (there == &here) {
      own = s;
      continue;
    }
    running.emplace_back(s,
                         env::call_on<std::vector<Answer>>(
                             here.env, there->port,
                             [there, common, work, part_asks = std::move(parts[s].asks)]() mutable {
                               return work(*there, std::move(common), std::move(part_asks));
                             }));
  }
  if (own) {
    running.emplace_back(*own, work(here, std::move(common), std::move(parts[*own].asks)));
  }
  for (auto& [s, task] : running) {
    std::vector<Answer> some = co_await task;
    CHECK_OP(some.size(), ==, parts[s].places.size());
    for (std::size_t i = 0; i < some.size(); ++i) answers[parts[s].places[i]] = std::move(some[i]);
  }
  co_return answers;
}

}  // namespace moldau::broker
