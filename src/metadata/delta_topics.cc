#include <fmt/core.h>

#include <algorithm>

#include "metadata/delta.h"

// What topic and partition records do. Source: TopicsDelta, PartitionRegistration.
namespace moldau::metadata {
namespace {

constexpr BrokerId k_no_leader_change{-2};

// No directory, or only "migrating" ones: written under a metadata.version that knew none.
std::vector<Uuid> directories_of(const std::vector<Uuid>& given, std::size_t replicas) {
  const bool none = std::ranges::all_of(given, [](const Uuid& d) { return d == k_dir_migrating; });
  return none ? std::vector<Uuid>(replicas, k_dir_migrating) : given;
}

Result<LeaderRecoveryState> recovery_state_of(std::int8_t code) {
  if (code == 0) return LeaderRecoveryState::recovered;
  if (code == 1) return LeaderRecoveryState::recovering;
  return fail(Errc::unusable_record, "unknown leader recovery state {}", code);
}

Result<void> check_directories(const Partition& partition) {
  if (partition.directories.size() == partition.replicas.size()) return {};
  return fail(Errc::unusable_record, "partition {} has {} replicas but {} directories",
              partition.index, partition.replicas.size(), partition.directories.size());
}

}  // namespace

Result<Partition> partition_of(const protocol::PartitionRecord& record) {
  if (record.partition_id < PartitionIndex{0}) {
    return fail(Errc::unusable_record, "partition index {}", record.partition_id);
  }
  TRY(LeaderRecoveryState recovery, recovery_state_of(record.leader_recovery_state));
  Partition partition{.index = record.partition_id,
                      .replicas = record.replicas,
                      .directories = directories_of(record.directories, record.replicas.size()),
                      .isr = record.isr,
                      .removing_replicas = record.removing_replicas,
                      .adding_replicas = record.adding_replicas,
                      .elr = record.eligible_leader_replicas.value_or(std::vector<BrokerId>{}),
                      .last_known_elr = record.last_known_elr.value_or(std::vector<BrokerId>{}),
                      .leader = record.leader,
                      .leader_recovery_state = recovery,
                      .leader_epoch = record.leader_epoch,
                      .partition_epoch = record.partition_epoch};
  TRY_OK(check_directories(partition));
  return partition;
}

Result<Partition> merge(const Partition& before, const protocol::PartitionChangeRecord& change) {
  Partition after = before;
  if (change.replicas) after.replicas = *change.replicas;
  after.directories = directories_of(change.directories ? *change.directories : before.directories,
                                     after.replicas.size());
  if (change.isr) after.isr = *change.isr;
  if (change.removing_replicas) after.removing_replicas = *change.removing_replicas;
  if (change.adding_replicas) after.adding_replicas = *change.adding_replicas;
  if (change.eligible_leader_replicas) after.elr = *change.eligible_leader_replicas;
  if (change.last_known_elr) after.last_known_elr = *change.last_known_elr;
  if (change.leader != k_no_leader_change) {
    // Naming the leader makes a new leader epoch, even when it stays the same one.
    after.leader = change.leader;
    after.leader_epoch = before.leader_epoch.next();
  }
  if (change.leader_recovery_state != -1) {
    TRY(after.leader_recovery_state, recovery_state_of(change.leader_recovery_state));
  }
  after.partition_epoch = before.partition_epoch.next();
  TRY_OK(check_directories(after));
  return after;
}

Topic* Delta::open_topic(const Uuid& id) {
  const auto open = open_.find(id);
  if (open != open_.end()) return &open->second;
  const Topic* closed = now_.topics.find(id);
  if (closed == nullptr) return nullptr;
  return &open_.emplace(id, *closed).first->second;
}

void Delta::close_topics() {
  for (auto& [id, topic] : open_) {
    const auto shared = std::make_shared<const Topic>(std::move(topic));
    now_.topics.by_id.set(id, shared);
    now_.topics.by_name.set(shared->name, shared);
  }
  open_.clear();
}

const Topic* Delta::topic(const Uuid& id) const {
  const auto open = open_.find(id);
  return open != open_.end() ? &open->second : now_.topics.find(id);
}

Result<void> Delta::apply(const protocol::TopicRecord& record) {
  if (const Topic* other = now_.topics.find(record.name); other != nullptr) {
    return fail(Errc::unusable_record, "topic {} exists already, with id {}", record.name,
                other->id);
  }
  if (topic(record.topic_id) != nullptr) {
    return fail(Errc::unusable_record, "a topic with id {} exists already", record.topic_id);
  }
  // The name is taken at once, so that a second TopicRecord of this delta is found out.
  const auto shared =
      std::make_shared<const Topic>(Topic{.name = record.name, .id = record.topic_id});
  now_.topics.by_id.set(shared->id, shared);
  now_.topics.by_name.set(shared->name, shared);
  changes_.topics[record.topic_id] = TopicChange{.name = record.name, .created = true};
  return {};
}

Result<void> Delta::apply(const protocol::PartitionRecord& record) {
  Topic* topic = open_topic(record.topic_id);
  if (topic == nullptr) {
    return fail(Errc::unusable_record, "partition {} of unknown topic {}", record.partition_id,
                record.topic_id);
  }
  TRY(Partition partition, partition_of(record));
  const auto at = std::ranges::lower_bound(topic->partitions, partition.index, {},
                                           [](const auto& p) { return p->index; });
  const PartitionIndex index = partition.index;
  auto shared = std::make_shared<const Partition>(std::move(partition));
  if (at != topic->partitions.end() && (*at)->index == index) {
    *at = std::move(shared);
  } else {
    topic->partitions.insert(at, std::move(shared));
  }
  TopicChange& change = changes_.topics[record.topic_id];
  change.name = topic->name;
  change.partitions.insert(index);
  return {};
}

Result<void> Delta::apply(const protocol::PartitionChangeRecord& record) {
  Topic* topic = open_topic(record.topic_id);
  const Partition* before = topic == nullptr ? nullptr : topic->partition(record.partition_id);
  if (before == nullptr) {
    return fail(Errc::unusable_record, "change of unknown partition {} of topic {}",
                record.partition_id, record.topic_id);
  }
  TRY(Partition after, merge(*before, record));
  const auto at = std::ranges::lower_bound(topic->partitions, record.partition_id, {},
                                           [](const auto& p) { return p->index; });
  *at = std::make_shared<const Partition>(std::move(after));
  TopicChange& change = changes_.topics[record.topic_id];
  change.name = topic->name;
  change.partitions.insert(record.partition_id);
  return {};
}

Result<void> Delta::apply(const protocol::RemoveTopicRecord& record) {
  const Topic* topic = this->topic(record.topic_id);
  if (topic == nullptr) {
    return fail(Errc::unusable_record, "removal of unknown topic {}", record.topic_id);
  }
  const std::string name = topic->name;
  open_.erase(record.topic_id);
  now_.topics.by_id.erase(record.topic_id);
  now_.topics.by_name.erase(name);
  if (base_->topics.find(record.topic_id) == nullptr) {
    changes_.topics.erase(record.topic_id);  // came and went within this delta
  } else {
    changes_.topics[record.topic_id] = TopicChange{.name = name, .deleted = true};
  }
  const ConfigResource resource{ConfigType::topic, name};
  if (now_.configs.resources.erase(resource)) changes_.configs.insert(resource);
  return {};
}

void Delta::clear_elr(const Uuid& id) {
  const Topic* before = topic(id);
  for (std::size_t i = 0; i < before->partitions.size(); ++i) {
    if (before->partitions[i]->elr.empty() && before->partitions[i]->last_known_elr.empty()) {
      continue;
    }
    Topic* topic = open_topic(id);
    before = topic;
    Partition after = *topic->partitions[i];
    after.elr.clear();
    after.last_known_elr.clear();
    after.partition_epoch = after.partition_epoch.next();
    TopicChange& change = changes_.topics[id];
    change.name = topic->name;
    change.partitions.insert(after.index);
    topic->partitions[i] = std::make_shared<const Partition>(std::move(after));
  }
}

Result<void> Delta::apply(const protocol::ClearElrRecord& record) {
  if (!record.topic_name.empty()) {
    const Topic* topic = now_.topics.find(record.topic_name);
    if (topic == nullptr) {
      return fail(Errc::unusable_record, "no topic {} whose ELR could be cleared",
                  record.topic_name);
    }
    clear_elr(topic->id);
    return {};
  }
  for (const auto& [id, topic] : now_.topics.by_id) clear_elr(id);
  return {};
}

}  // namespace moldau::metadata
