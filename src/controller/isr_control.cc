#include "controller/isr_control.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/check.h"
#include "metadata/delta.h"

namespace moldau::controller {
namespace {

bool contains(const std::vector<BrokerId>& ids, BrokerId id) {
  return std::ranges::find(ids, id) != ids.end();
}

bool is_subset_without_repeats(std::vector<BrokerId> isr, const std::vector<BrokerId>& replicas) {
  std::ranges::sort(isr);
  return !isr.empty() && std::ranges::adjacent_find(isr) == isr.end() &&
         std::ranges::all_of(isr, [&](BrokerId id) { return contains(replicas, id); });
}

}  // namespace

bool IsrControl::is_eligible(BrokerId id, BrokerEpoch epoch) const {
  const BrokerRegistration* broker = view_.broker(id);
  return broker != nullptr && view_.is_active(id) &&
         (epoch == BrokerEpoch{-1} || epoch == broker->epoch);
}

// A1 a leader that knows more than we do has seen a newer controller: it must find that one
// A2 an old leader epoch or partition epoch: the leader must catch up with the metadata log first
// A3 only the leader may ask, and never to leave the ISR itself
// A4 while a leader recovers from an unclean election it is alone
// A5 whoever joins the ISR is alive now, in the incarnation that the leader has seen (KIP-841, 903)
Errc IsrControl::check(BrokerId broker, const Partition& partition, const AskedPartition& asked,
                       const std::vector<BrokerId>& isr) const {
  using metadata::LeaderRecoveryState;
  if (asked.leader_epoch > partition.leader_epoch) return Errc::not_controller;        // A1
  if (asked.partition_epoch > partition.partition_epoch) return Errc::not_controller;  // A1
  if (asked.leader_epoch < partition.leader_epoch) return Errc::fenced_leader_epoch;   // A2
  if (broker != partition.leader) return Errc::invalid_request;                        // A3
  if (asked.partition_epoch < partition.partition_epoch) return Errc::invalid_update_version;
  if (!is_subset_without_repeats(isr, partition.replicas)) return Errc::invalid_request;
  if (!contains(isr, partition.leader)) return Errc::invalid_request;  // A3
  if (asked.leader_recovery_state != 0 && asked.leader_recovery_state != 1) {
    return Errc::invalid_request;
  }
  const auto recovery = static_cast<LeaderRecoveryState>(asked.leader_recovery_state);
  if (recovery == LeaderRecoveryState::recovering) {  // A4
    if (isr.size() > 1) return Errc::invalid_request;
    if (partition.leader_recovery_state == LeaderRecoveryState::recovered) {
      return Errc::invalid_request;
    }
  }
  for (std::size_t i = 0; i < isr.size(); ++i) {  // A5
    const BrokerEpoch epoch = asked.new_isr_with_epochs.empty()
                                  ? BrokerEpoch{-1}
                                  : asked.new_isr_with_epochs[i].broker_epoch;
    if (!is_eligible(isr[i], epoch)) return Errc::ineligible_replica;
  }
  return Errc::none;
}

IsrControl::AlteredPartition IsrControl::alter_one(const Call& call, BrokerId broker,
                                                   const Topic& topic, const AskedPartition& asked,
                                                   Records& records) const {
  AlteredPartition answer;
  answer.partition_index = asked.partition_index;
  const Partition* partition = topic.partition(asked.partition_index);
  if (partition == nullptr) {
    answer.error_code = Errc::unknown_topic_or_partition;
    return answer;
  }
  std::vector<BrokerId> isr = asked.new_isr;
  if (call.version >= ApiVersion{3}) {
    isr.clear();
    for (const auto& state : asked.new_isr_with_epochs) isr.push_back(state.broker_id);
  }
  answer.error_code = check(broker, *partition, asked, isr);
  if (answer.error_code != Errc::none) return answer;

  WantedChange wanted;
  if (view_.unclean_election_enabled(topic.name)) wanted.election = Election::unclean;
  wanted.isr = std::move(isr);
  wanted.leader_recovery_state =
      static_cast<metadata::LeaderRecoveryState>(asked.leader_recovery_state);
  Partition after = *partition;
  auto record = change_partition(view_, topic, *partition, wanted,
                                 [this](BrokerId id) { return view_.is_active(id); });
  if (record) {
    const auto merged =
        metadata::merge(*partition, std::get<protocol::PartitionChangeRecord>(record->data));
    CHECK_OK(merged);
    after = *merged;
    const bool leader_moved =
        after.leader_epoch != partition->leader_epoch && after.leader != broker;
    records.push_back(std::move(*record));
    if (leader_moved) {
      // The change ended a reassignment that removes the asker: an error and a record at once.
      answer.error_code = Errc::new_leader_elected;
      return answer;
    }
  }
  answer.leader_id = after.leader;
  answer.leader_epoch = after.leader_epoch;
  answer.isr = after.isr;
  answer.leader_recovery_state = static_cast<std::int8_t>(after.leader_recovery_state);
  answer.partition_epoch = after.partition_epoch;
  return answer;
}

Result<Decision<protocol::AlterPartitionResponse>> IsrControl::alter(
    const Call& call, const protocol::AlterPartitionRequest& request) const {
  Decision<protocol::AlterPartitionResponse> decision{.atomic = false};
  if (request.topics.empty()) return decision;
  TRY_OK(view_.check_broker_epoch(request.broker_id, request.broker_epoch));
  for (const auto& asked : request.topics) {
    auto& answer = decision.response.topics.emplace_back();
    answer.topic_id = asked.topic_id;
    const Topic* topic = view_.image().topics.find(asked.topic_id);
    for (const AskedPartition& partition : asked.partitions) {
      if (topic == nullptr) {
        auto& unknown = answer.partitions.emplace_back();
        unknown.partition_index = partition.partition_index;
        unknown.error_code = Errc::unknown_topic_id;
      } else {
        answer.partitions.push_back(
            alter_one(call, request.broker_id, *topic, partition, decision.records));
      }
    }
  }
  return decision;
}

Result<void> IsrControl::elect_one(std::string_view topic_name, PartitionIndex index,
                                   Election election, Records& records) const {
  const Topic* topic = view_.image().topics.find(topic_name);
  if (topic == nullptr) {
    return fail(Errc::unknown_topic_or_partition, "No such topic as {}", topic_name);
  }
  const Partition* partition = topic->partition(index);
  if (partition == nullptr) {
    return fail(Errc::unknown_topic_or_partition, "No such partition as {}-{}", topic_name, index);
  }
  const bool preferred = election == Election::preferred;
  if (preferred ? partition->leader == partition->preferred_leader()
                : partition->leader != k_no_broker) {
    return fail(Errc::election_not_needed);
  }
  auto record = change_partition(view_, *topic, *partition, {.election = election},
                                 [this](BrokerId id) { return view_.is_active(id); });
  if (!record) {
    return fail(preferred ? Errc::preferred_leader_not_available
                          : Errc::eligible_leaders_not_available);
  }
  records.push_back(std::move(*record));
  return {};
}

Result<Decision<protocol::ElectLeadersResponse>> IsrControl::elect(
    const Call& call, const protocol::ElectLeadersRequest& request) const {
  if (request.topic_partitions && request.topic_partitions->empty()) {
    return Decision<protocol::ElectLeadersResponse>{};
  }
  if (request.election_type != 0 && request.election_type != 1 && call.version >= ApiVersion{1}) {
    return fail(Errc::invalid_request, "Unknown election type {}", request.election_type);
  }
  const Election election = request.election_type == 1 ? Election::unclean : Election::preferred;
  Decision<protocol::ElectLeadersResponse> decision{.atomic = false};
  const auto one = [&](auto& answers, const std::string& topic, PartitionIndex index, bool all) {
    const Result<void> done = elect_one(topic, index, election, decision.records);
    // Asked for all, an answer for each of 100,000 that need nothing would help nobody.
    if (!done && all && done.error().code() == Errc::election_not_needed) return;
    auto& answer = answers.emplace_back();
    answer.partition_id = index;
    answer.error_message.reset();
    if (done) return;
    answer.error_code = done.error().code();
    const std::string_view text = done.error().text();
    answer.error_message = text.empty() ? facts(answer.error_code).text : text;
  };
  if (request.topic_partitions) {
    for (const auto& asked : *request.topic_partitions) {
      auto& answer = decision.response.replica_election_results.emplace_back();
      answer.topic = asked.topic;
      for (const PartitionIndex index : asked.partitions) {
        one(answer.partition_result, asked.topic, index, false);
      }
    }
  } else {
    for (const auto& [name, topic] : view_.image().topics.by_name) {
      auto& answer = decision.response.replica_election_results.emplace_back();
      answer.topic = name;
      for (const auto& partition : topic->partitions) {
        one(answer.partition_result, name, partition->index, true);
      }
    }
  }
  if (decision.records.size() > k_records_per_request_max) {
    return fail(Errc::policy_violation, "Unable to perform excessively large batch operation.");
  }
  return decision;
}

Errc IsrControl::assign_one(BrokerId broker, const Uuid& dir, const Uuid& topic_id,
                            PartitionIndex index, Records& records) const {
  const Topic* topic = view_.image().topics.find(topic_id);
  if (topic == nullptr) return Errc::unknown_topic_id;
  const Partition* partition = topic->partition(index);
  if (partition == nullptr) return Errc::unknown_topic_or_partition;
  if (!contains(partition->replicas, broker)) return Errc::not_leader_or_follower;
  auto record = change_partition(view_, *topic, *partition, {.directory = std::pair{broker, dir}},
                                 [this](BrokerId id) { return view_.is_active(id); });
  if (record) records.push_back(std::move(*record));
  if (!view_.has_online_dir(broker, dir)) {
    Leadership(view_).replica_offline(broker, *topic, *partition, records);
  }
  return Errc::none;
}

Result<Decision<protocol::AssignReplicasToDirsResponse>> IsrControl::assign_directories(
    const protocol::AssignReplicasToDirsRequest& request) const {
  if (!view_.version().directory_assignment()) {
    return fail(Errc::unsupported_version, "Directory assignment is not supported yet.");
  }
  TRY_OK(view_.check_broker_epoch(request.broker_id, request.broker_epoch));
  Decision<protocol::AssignReplicasToDirsResponse> decision{.atomic = false};
  for (const auto& asked_dir : request.directories) {
    auto& dir = decision.response.directories.emplace_back();
    dir.id = asked_dir.id;
    for (const auto& asked_topic : asked_dir.topics) {
      auto& topic = dir.topics.emplace_back();
      topic.topic_id = asked_topic.topic_id;
      for (const auto& asked : asked_topic.partitions) {
        auto& partition = topic.partitions.emplace_back();
        partition.partition_index = asked.partition_index;
        partition.error_code = assign_one(request.broker_id, asked_dir.id, asked_topic.topic_id,
                                          asked.partition_index, decision.records);
      }
    }
  }
  return decision;
}

}  // namespace moldau::controller
