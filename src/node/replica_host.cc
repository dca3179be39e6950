#include "node/replica_host.h"

#include <utility>

#include "broker/group_coordinators.h"
#include "broker/transaction_coordinators.h"
#include "env/task_group.h"

namespace moldau::node {
namespace {

ReplicaCheckpoint checkpoint_of(broker::Partition& partition) {
  const log::PartitionLog& log = partition.log();
  return {.directory = env::parent_path(log.path()),
          .recovery_point = log::recovery_point_of(log),
          .log_start = log::log_start_of(log),
          .high_watermark = {log.topic(), log.partition(), partition.high_watermark()}};
}

log::LogLocation location_of(const log::PartitionLog& log) {
  log::LogLocation where;
  where.path = log.path();
  where.topic = log.topic();
  where.partition = log.partition();
  return where;
}

// Partitions of Kafka's own topics have coordinators while they lead.
void lead_coordinator(broker::Shard& shard, const std::shared_ptr<broker::Partition>& partition) {
  const std::string& topic = partition->log().topic();
  if (topic == broker::k_offsets_topic) shard.groups.lead(partition);
  if (topic == broker::k_transaction_topic) shard.transactions.lead(partition);
}
env::Task<void> resign_coordinator(broker::Shard& shard, broker::TopicIdPartition id) {
  co_await shard.transactions.resign(id);
  co_await shard.groups.resign(id);
}

}  // namespace

env::Task<void> ReplicaHost::apply_one(ReplicaOrder order, std::vector<ReplicaFailure>& failures) {
  std::shared_ptr<broker::Partition> partition = shard_.partitions.find(order.id);
  const bool is_new = partition == nullptr;
  if (is_new) {
    Result<std::unique_ptr<log::PartitionLog>> log =
        co_await log::PartitionLog::open(shard_.env, files_, order.where, order.settings->log);
    if (!log) {
      failures.push_back({order.where, std::move(log).error()});
      co_return;
    }
    tell_recovery(**log);
    partition = std::make_shared<broker::Partition>(shard_.partition_parts, order.id,
                                                    *std::move(log), order.settings);
  } else if (&partition->settings() != order.settings.get()) {
    partition->configure(order.settings);
  }
  if (order.leads) {
    Result<void> leads = co_await partition->lead(order.leader_epoch, std::move(order.replicas),
                                                  std::move(order.isr), order.high_watermark);
    if (!leads) {
      failures.push_back({location_of(partition->log()), std::move(leads).error()});
    } else {
      lead_coordinator(shard_, partition);
    }
  } else {
    partition->follow(order.leader_epoch);
    co_await resign_coordinator(shard_, partition->id());
  }
  // Found only now, so that whoever finds it finds it in its role.
  if (is_new) shard_.partitions.add(std::move(partition));
}

env::Task<std::vector<ReplicaFailure>> ReplicaHost::apply(std::vector<ReplicaOrder> orders) {
  std::vector<ReplicaFailure> failures;
  env::TaskGroup group(shard_.env.scheduler);
  for (ReplicaOrder& order : orders) {
    if (group.running() >= k_parallel) co_await group.join();
    group.spawn(apply_one(std::move(order), failures));
  }
  co_await group.join();
  if (indexes_missing_ > 0) {
    shard_.log.warn("{} segments had no offset index; it was made anew", indexes_missing_);
    indexes_missing_ = 0;
  }
  co_return failures;
}

// One line for a log that lost bytes; indexes are counted, since a copy of a directory may have
// left all of them out.
void ReplicaHost::tell_recovery(const log::PartitionLog& log) {
  const log::RecoveryFacts& facts = log.recovery();
  if (facts.cut) shard_.log.warn("{}", log::describe(facts, *facts.cut));
  indexes_missing_ += facts.indexes_missing;
}

env::Task<std::vector<ReplicaFailure>> ReplicaHost::remove(
    std::vector<broker::TopicIdPartition> ids, std::vector<std::string> uniques) {
  std::vector<ReplicaFailure> failures;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const std::shared_ptr<broker::Partition> partition = shard_.partitions.take(ids[i]);
    if (partition == nullptr) continue;
    partition->retire(Errc::unknown_topic_or_partition);
    co_await resign_coordinator(shard_, ids[i]);
    Result<void> removed = co_await partition->log().remove(std::move(uniques[i]));
    if (!removed) {
      failures.push_back({location_of(partition->log()), std::move(removed).error()});
    }
  }
  co_return failures;
}

env::Task<bool> ReplicaHost::expire_producers() {
  for (const std::shared_ptr<broker::Partition>& partition : shard_.partitions.all()) {
    partition->log().expire_producers();
  }
  co_return true;
}

env::Task<std::vector<ReplicaFailure>> ReplicaHost::close_all() {
  std::vector<ReplicaFailure> failures;
  // Transactions first: their markers go through the coordinators of groups.
  co_await shard_.transactions.resign_all();
  co_await shard_.groups.resign_all();
  for (const std::shared_ptr<broker::Partition>& partition : shard_.partitions.all()) {
    partition->retire(Errc::not_leader_or_follower);
    Result<void> closed = co_await partition->log().close();
    if (!closed) {
      failures.push_back({location_of(partition->log()), std::move(closed).error()});
    }
    closed_.push_back(checkpoint_of(*partition));
    (void)shard_.partitions.take(partition->id());
  }
  co_return failures;
}

env::Task<std::vector<ReplicaCheckpoint>> ReplicaHost::checkpoints() {
  std::vector<ReplicaCheckpoint> all = closed_;
  for (const std::shared_ptr<broker::Partition>& partition : shard_.partitions.all()) {
    all.push_back(checkpoint_of(*partition));
  }
  co_return all;
}

}  // namespace moldau::node
