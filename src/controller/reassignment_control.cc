#include "controller/reassignment_control.h"

#include <algorithm>

#include "controller/assignment.h"

namespace moldau::controller {
namespace {

using Replicas = std::vector<BrokerId>;

bool contains(const Replicas& replicas, BrokerId id) {
  return std::ranges::find(replicas, id) != replicas.end();
}

Replicas without(const Replicas& replicas, const Replicas& gone) {
  Replicas left;
  for (const BrokerId id : replicas) {
    if (!contains(gone, id)) left.push_back(id);
  }
  return left;
}

Replicas sorted(Replicas replicas) {
  std::ranges::sort(replicas);
  return replicas;
}

bool is_under_way(const Partition& partition) {
  return !partition.removing_replicas.empty() || !partition.adding_replicas.empty();
}

void list_topic(const Topic* topic, const std::vector<PartitionIndex>& indexes,
                protocol::ListPartitionReassignmentsResponse& response) {
  if (topic == nullptr) return;
  protocol::ListPartitionReassignmentsResponse::OngoingTopicReassignment found;
  found.name = topic->name;
  for (const PartitionIndex index : indexes) {
    const Partition* partition = topic->partition(index);
    if (partition == nullptr || !is_under_way(*partition)) continue;
    found.partitions.push_back({.partition_index = index,
                                .replicas = partition->replicas,
                                .adding_replicas = partition->adding_replicas,
                                .removing_replicas = partition->removing_replicas});
  }
  if (!found.partitions.empty()) response.topics.push_back(std::move(found));
}

}  // namespace

Result<WantedChange> ReassignmentControl::move(const Partition& partition, const Replicas& target,
                                               bool may_change_factor) const {
  TRY_OK(Assignment(view_).check_manual(target, std::nullopt));
  const std::size_t factor = without(partition.replicas, partition.removing_replicas).size();
  if (!may_change_factor && factor != target.size()) {
    return fail(Errc::invalid_replication_factor, "The replication factor is changed from {} to {}",
                factor, target.size());
  }
  WantedChange wanted;
  const Replicas removing = sorted(without(partition.replicas, target));
  const Replicas adding = sorted(without(target, partition.replicas));
  wanted.replicas = target;
  wanted.replicas->insert(wanted.replicas->end(), removing.begin(), removing.end());
  // What an earlier reassignment added or removed stays so when this one has nothing to say on it.
  if (!removing.empty()) wanted.removing = removing;
  if (!adding.empty()) wanted.adding = adding;
  return wanted;
}

// Who was to come goes, who was to go stays. When only replicas that were to come are in sync, one
// of the others takes over, which may lose records: the topic must allow it.
// Source: PartitionReassignmentRevert.
Result<WantedChange> ReassignmentControl::cancel(std::string_view topic,
                                                 const Partition& partition) const {
  if (!is_under_way(partition)) return fail(Errc::no_reassignment_in_progress);
  const bool may_lose = view_.unclean_election_enabled(topic);
  WantedChange wanted;
  wanted.replicas = without(partition.replicas, partition.adding_replicas);
  wanted.isr = without(partition.isr, partition.adding_replicas);
  if (wanted.isr->empty()) {
    if (wanted.replicas->empty()) {
      return fail(Errc::invalid_replica_assignment,
                  "Invalid replica assignment: addingReplicas contains all replicas.");
    }
    if (!may_lose) {
      return fail(Errc::invalid_replica_assignment,
                  "Unable to revert partition assignment for {}:{} because it would require an "
                  "unclean leader election.",
                  topic, partition.index);
    }
    wanted.isr->push_back(wanted.replicas->front());
  }
  if (may_lose) wanted.election = Election::unclean;
  wanted.removing.emplace();
  wanted.adding.emplace();
  return wanted;
}

Result<void> ReassignmentControl::alter_one(std::string_view topic_name, const Asked& asked,
                                            bool may_change_factor, Records& records) const {
  const Topic* topic = view_.image().topics.find(topic_name);
  if (topic == nullptr) {
    return fail(Errc::unknown_topic_or_partition, "Unable to find a topic named {}.", topic_name);
  }
  const Partition* partition = topic->partition(asked.partition_index);
  if (partition == nullptr) {
    return fail(Errc::unknown_topic_or_partition, "Unable to find partition {}:{}.", topic_name,
                asked.partition_index);
  }
  TRY(const WantedChange wanted, asked.replicas
                                     ? move(*partition, *asked.replicas, may_change_factor)
                                     : cancel(topic_name, *partition));
  auto record = change_partition(view_, *topic, *partition, wanted,
                                 [this](BrokerId id) { return view_.is_active(id); });
  if (record) records.push_back(std::move(*record));
  return {};
}

Result<Decision<protocol::AlterPartitionReassignmentsResponse>> ReassignmentControl::alter(
    const protocol::AlterPartitionReassignmentsRequest& request) const {
  Decision<protocol::AlterPartitionReassignmentsResponse> decision;
  if (request.topics.empty()) return decision;
  decision.response.allow_replication_factor_change = request.allow_replication_factor_change;
  decision.response.error_message.reset();
  for (const auto& topic : request.topics) {
    auto& answer = decision.response.responses.emplace_back();
    answer.name = topic.name;
    for (const Asked& asked : topic.partitions) {
      const Result<void> done =
          alter_one(topic.name, asked, request.allow_replication_factor_change, decision.records);
      auto& one = answer.partitions.emplace_back();
      one.partition_index = asked.partition_index;
      one.error_message.reset();
      if (done) continue;
      one.error_code = done.error().code();
      if (!done.error().text().empty()) one.error_message = done.error().text();
    }
  }
  if (decision.records.size() > k_records_per_request_max) {
    return fail(Errc::policy_violation, "Unable to perform excessively large batch operation.");
  }
  return decision;
}

protocol::ListPartitionReassignmentsResponse ReassignmentControl::list(
    const Image& image, const protocol::ListPartitionReassignmentsRequest& request) {
  protocol::ListPartitionReassignmentsResponse response;
  response.error_message.reset();
  if (request.topics) {
    for (const auto& asked : *request.topics) {
      list_topic(image.topics.find(asked.name), asked.partition_indexes, response);
    }
    return response;
  }
  for (const auto& [name, topic] : image.topics.by_name) {
    std::vector<PartitionIndex> all;
    for (const auto& partition : topic->partitions) all.push_back(partition->index);
    list_topic(topic.get(), all, response);
  }
  return response;
}

}  // namespace moldau::controller
