#include "cli/reassignment_calls.h"

#include <fmt/core.h>

#include <algorithm>

#include "cli/session.h"
#include "protocol/api/alter_partition_reassignments.h"
#include "protocol/api/alter_replica_log_dirs.h"
#include "protocol/api/describe_cluster.h"
#include "protocol/api/describe_log_dirs.h"
#include "protocol/api/incremental_alter_configs.h"
#include "protocol/api/list_partition_reassignments.h"

namespace moldau::cli {
namespace {

using client::TopicPartition;

// The element of that name, which is made when it is missing.
template <class List, class Name>
auto& named(List& list, Name name, const std::string& value) {
  const auto at = std::ranges::find(list, value, name);
  if (at != list.end()) return *at;
  auto& made = list.emplace_back();
  std::invoke(name, made) = value;
  return made;
}

}  // namespace

env::Task<Result<std::vector<KnownBroker>>> nodes_of(client::Cluster& cluster, bool controllers) {
  protocol::DescribeClusterRequest request;
  request.endpoint_type = controllers ? 2 : 1;
  CO_TRY(const protocol::DescribeClusterResponse answer,
         co_await (
             cluster.ask_any<protocol::DescribeClusterRequest, protocol::DescribeClusterResponse>(
                 std::move(request))));
  CO_TRY_OK(refused(answer.error_code, answer.error_message));
  std::vector<KnownBroker> out;
  for (const auto& broker : answer.brokers) out.push_back({broker.broker_id, broker.rack});
  std::ranges::sort(out, {}, &KnownBroker::id);
  co_return out;
}

env::Task<Result<Ongoing>> ongoing_in(client::Cluster& cluster,
                                      std::optional<std::vector<TopicPartition>> partitions) {
  using Request = protocol::ListPartitionReassignmentsRequest;
  using Response = protocol::ListPartitionReassignmentsResponse;
  Request request;
  request.timeout_ms = cluster.settings().request_timeout;
  request.topics.reset();
  if (partitions) {
    request.topics.emplace();
    for (const TopicPartition& one : *partitions) {
      named(*request.topics, &Request::ListPartitionReassignmentsTopics::name, one.topic)
          .partition_indexes.push_back(one.partition);
    }
  }
  CO_TRY(const Response answer, co_await (cluster.ask_any<Request, Response>(std::move(request))));
  CO_TRY_OK(refused(answer.error_code, answer.error_message));
  Ongoing out;
  for (const auto& topic : answer.topics) {
    for (const auto& one : topic.partitions) {
      out[{topic.name, one.partition_index}] = {one.replicas, one.adding_replicas,
                                                one.removing_replicas};
    }
  }
  co_return out;
}

env::Task<Result<Assignments>> assignments_of(client::Cluster& cluster,
                                              std::vector<std::string> topics) {
  CO_TRY(const protocol::MetadataResponse metadata, co_await cluster.refresh(std::move(topics)));
  Assignments out;
  for (const auto& topic : metadata.topics) {
    if (topic.error_code == Errc::unknown_topic_or_partition) continue;
    CO_TRY_OK(refused(topic.error_code, std::nullopt));
    for (const auto& partition : topic.partitions) {
      out[{topic.name.value_or(""), partition.partition_index}] = partition.replica_nodes;
    }
  }
  co_return out;
}

env::Task<Result<Assignments>> assignments_of_all(client::Cluster& cluster,
                                                  std::vector<std::string> topics) {
  CO_TRY(Assignments found, co_await assignments_of(cluster, topics));
  for (const std::string& topic : in_hash_order(std::move(topics))) {
    if (found.contains({topic, PartitionIndex{0}})) continue;
    co_return fail(Errc::unknown_topic_or_partition, "Topic {} not found.", topic);
  }
  co_return found;
}

env::Task<Result<std::map<ReplicaName, Lying>>> lying_in(client::Cluster& cluster,
                                                         std::vector<ReplicaName> replicas) {
  using Request = protocol::DescribeLogDirsRequest;
  using Response = protocol::DescribeLogDirsResponse;
  std::map<BrokerId, Request> requests;
  std::map<ReplicaName, Lying> out;
  for (const auto& [broker, partition] : replicas) {
    Request& request = requests[broker];
    if (!request.topics) request.topics.emplace();
    named(*request.topics, &Request::DescribableLogDirTopic::topic, partition.topic)
        .partitions.push_back(partition.partition);
    out[{broker, partition}];
  }
  for (auto& [broker, request] : requests) {
    CO_TRY(const Response answer,
           co_await (cluster.ask<Request, Response>(broker, std::move(request))));
    CO_TRY_OK(refused(answer.error_code, std::nullopt));
    for (const auto& directory : answer.results) {
      for (const auto& topic : directory.topics) {
        for (const auto& one : topic.partitions) {
          Lying& lying = out[{broker, {topic.name, one.partition_index}}];
          (one.is_future_key ? lying.future : lying.current) = directory.log_dir;
        }
      }
    }
  }
  co_return out;
}

env::Task<Result<Refusals>> reassign(client::Cluster& cluster,
                                     std::map<TopicPartition, std::optional<Replicas>> wanted,
                                     bool may_change_factor) {
  using Request = protocol::AlterPartitionReassignmentsRequest;
  using Response = protocol::AlterPartitionReassignmentsResponse;
  Request request;
  request.timeout_ms = cluster.settings().request_timeout;
  request.allow_replication_factor_change = may_change_factor;
  for (auto& [partition, replicas] : wanted) {
    named(request.topics, &Request::ReassignableTopic::name, partition.topic)
        .partitions.push_back(
            {.partition_index = partition.partition, .replicas = std::move(replicas)});
  }
  CO_TRY(const Response answer, co_await (cluster.ask_any<Request, Response>(std::move(request))));
  CO_TRY_OK(refused(answer.error_code, answer.error_message));
  Refusals out;
  for (const auto& topic : answer.responses) {
    for (const auto& one : topic.partitions) {
      if (one.error_code == Errc::none) continue;
      out.emplace(TopicPartition{topic.name, one.partition_index},
                  Error(one.error_code, one.error_message.value_or("")));
    }
  }
  co_return out;
}

env::Task<Result<std::vector<ReplicaName>>> move_log_dirs(client::Cluster& cluster,
                                                          LogDirs wanted) {
  using Request = protocol::AlterReplicaLogDirsRequest;
  using Response = protocol::AlterReplicaLogDirsResponse;
  std::map<BrokerId, Request> requests;
  for (const auto& [replica, directory] : wanted) {
    const auto& [broker, partition] = replica;
    auto& dir = named(requests[broker].dirs, &Request::AlterReplicaLogDir::path, directory);
    named(dir.topics, &Request::AlterReplicaLogDirTopic::name, partition.topic)
        .partitions.push_back(partition.partition);
  }
  std::vector<ReplicaName> begun;
  for (auto& [broker, request] : requests) {
    CO_TRY(const Response answer,
           co_await (cluster.ask<Request, Response>(broker, std::move(request))));
    for (const auto& topic : answer.results) {
      for (const auto& one : topic.partitions) {
        const ReplicaName replica{broker, {topic.topic_name, one.partition_index}};
        if (one.error_code == Errc::replica_not_available) continue;
        if (one.error_code != Errc::none) {
          co_return fail(Errc::invalid_request, "Failed to alter dir for {}", name_of(replica));
        }
        begun.push_back(replica);
      }
    }
  }
  std::ranges::sort(begun);
  co_return begun;
}

env::Task<Result<void>> set_configs(client::Cluster& cluster, std::vector<ConfigTarget> targets,
                                    bool controllers) {
  using Request = protocol::IncrementalAlterConfigsRequest;
  using Response = protocol::IncrementalAlterConfigsResponse;
  constexpr std::int8_t k_topic = 2;
  constexpr std::int8_t k_broker = 4;
  constexpr std::int8_t k_set = 0;
  constexpr std::int8_t k_delete = 1;
  // A broker's settings are its own to check, so it is asked itself; topics go in one request.
  Request for_any;
  std::map<BrokerId, Request> for_brokers;
  for (ConfigTarget& target : targets) {
    Request* request = &for_any;
    if (!target.is_topic && !controllers) {
      request = &for_brokers[BrokerId{static_cast<std::int32_t>(std::atoi(target.name.c_str()))}];
    }
    auto& resource = request->resources.emplace_back();
    resource.resource_type = target.is_topic ? k_topic : k_broker;
    resource.resource_name = std::move(target.name);
    for (auto& [key, value] : target.values) {
      auto& config = resource.configs.emplace_back();
      config.name = std::move(key);
      config.config_operation = value ? k_set : k_delete;
      config.value = std::move(value);
    }
  }
  const auto check = [](const Response& answer) -> Result<void> {
    for (const auto& result : answer.responses) {
      TRY_OK(refused(result.error_code, result.error_message));
    }
    return {};
  };
  for (auto& [broker, request] : for_brokers) {
    CO_TRY(const Response answer,
           co_await (cluster.ask<Request, Response>(broker, std::move(request))));
    CO_TRY_OK(check(answer));
  }
  if (for_any.resources.empty()) co_return Result<void>{};
  CO_TRY(const Response answer, co_await (cluster.ask_any<Request, Response>(std::move(for_any))));
  co_return check(answer);
}

}  // namespace moldau::cli
