#include "client/group_admin.h"

#include <utility>

#include "client/consumer_protocol.h"
#include "client/coordinator_link.h"
#include "client/group_offsets.h"
#include "client/tries.h"
#include "protocol/api/consumer_group_describe.h"
#include "protocol/api/delete_groups.h"
#include "protocol/api/describe_groups.h"
#include "protocol/api/leave_group.h"
#include "protocol/api/list_groups.h"
#include "protocol/api/offset_delete.h"

namespace moldau::client {
namespace {

using protocol::ConsumerGroupDescribeRequest;
using protocol::ConsumerGroupDescribeResponse;
using protocol::DescribeGroupsRequest;
using protocol::DescribeGroupsResponse;

Error error_of(Errc code, const std::optional<std::string>& text) {
  return Error(code, text.value_or(""));
}

env::Task<Result<protocol::ListGroupsResponse>> list_once(Cluster& cluster, BrokerId broker,
                                                          GroupFilter filter) {
  protocol::ListGroupsRequest request;
  request.states_filter = std::move(filter.states);
  request.types_filter = std::move(filter.types);
  CO_TRY(auto connection, co_await cluster.to(broker));
  CO_TRY(const ApiVersion version, connection->version_of(protocol::ApiKey::list_groups));
  CO_TRY_OK(request.encodable(version));
  CO_TRY(auto answer,
         co_await connection->request<protocol::ListGroupsRequest, protocol::ListGroupsResponse>(
             std::move(request), version));
  if (answer.error_code != Errc::none) co_return fail(answer.error_code);
  co_return answer;
}

// Brokers write types in small letters, Kafka's tools do not.
std::string capitalized(std::string type) {
  if (!type.empty() && type[0] >= 'a' && type[0] <= 'z') {
    type[0] = static_cast<char>(type[0] - 'a' + 'A');
  }
  return type;
}

std::set<TopicPartition> partitions_of(const ConsumerGroupDescribeResponse::Assignment& it) {
  std::set<TopicPartition> out;
  for (const auto& topic : it.topic_partitions) {
    for (const PartitionIndex index : topic.partitions) out.insert({topic.topic_name, index});
  }
  return out;
}

DescribedGroup described(const ConsumerGroupDescribeResponse::DescribedGroup& group) {
  DescribedGroup out{.group_id = group.group_id,
                     .state = group.group_state,
                     .assignor = group.assignor_name,
                     .group_epoch = group.group_epoch,
                     .assignment_epoch = group.assignment_epoch};
  for (const auto& member : group.members) {
    DescribedMember& one = out.members.emplace_back();
    one.member_id = member.member_id;
    one.instance_id = member.instance_id;
    one.client_id = member.client_id;
    one.host = member.client_host;
    one.assigned = partitions_of(member.assignment);
    one.target = partitions_of(member.target_assignment);
    one.epoch = member.member_epoch;
    if (member.member_type >= 0) one.upgraded = member.member_type == 1;
  }
  return out;
}

DescribedGroup described(const DescribeGroupsResponse::DescribedGroup& group) {
  DescribedGroup out{
      .group_id = group.group_id, .state = group.group_state, .assignor = group.protocol_data};
  for (const auto& member : group.members) {
    DescribedMember& one = out.members.emplace_back();
    one.member_id = member.member_id;
    one.instance_id = member.group_instance_id;
    one.client_id = member.client_id;
    one.host = member.client_host;
    // A member that was just given nothing has no bytes.
    if (const auto assigned = read_assignment(member.member_assignment)) {
      one.assigned = {assigned->begin(), assigned->end()};
    }
  }
  return out;
}

env::Task<Result<DescribedGroup>> describe_new(CoordinatorLink& link) {
  ConsumerGroupDescribeRequest request;
  request.group_ids.push_back(link.key());
  CO_TRY(const auto answer,
         co_await link.ask<ConsumerGroupDescribeRequest, ConsumerGroupDescribeResponse>(
             std::move(request)));
  if (answer.groups.empty()) co_return fail(Errc::unknown_server_error);
  const auto& group = answer.groups.front();
  if (group.error_code != Errc::none)
    co_return fail(error_of(group.error_code, group.error_message));
  co_return described(group);
}

env::Task<Result<DescribedGroup>> describe_classic(CoordinatorLink& link) {
  DescribeGroupsRequest request;
  request.groups.push_back(link.key());
  CO_TRY(const auto answer,
         co_await link.ask<DescribeGroupsRequest, DescribeGroupsResponse>(std::move(request)));
  if (answer.groups.empty()) co_return fail(Errc::unknown_server_error);
  const auto& group = answer.groups.front();
  if (group.error_code != Errc::none)
    co_return fail(error_of(group.error_code, group.error_message));
  if (!group.protocol_type.empty() && group.protocol_type != "consumer") {
    co_return fail(Errc::invalid_request, "GroupId {} is not a consumer group ({}).",
                   group.group_id, group.protocol_type);
  }
  co_return described(group);
}

// The newer request first; what it says of a group that it does not know is what counts.
env::Task<Result<DescribedGroup>> describe_once(CoordinatorLink& link) {
  auto group = co_await describe_new(link);
  if (!group) {
    const Errc code = group.error().code();
    if (code != Errc::group_id_not_found && code != Errc::unsupported_version) co_return group;
    auto older = co_await describe_classic(link);
    const bool both = !older && older.error().code() == Errc::group_id_not_found &&
                      code == Errc::group_id_not_found && !group.error().text().empty();
    if (!both) group = std::move(older);
  }
  if (!group) co_return group;
  CO_TRY(group->coordinator, co_await link.find());
  group->coordinator_at = link.cluster().endpoint_of(group->coordinator).value_or(env::Endpoint{});
  co_return group;
}

}  // namespace

env::Task<Result<std::vector<ListedGroup>>> list_groups(Cluster& cluster, GroupFilter filter) {
  CO_TRY(const auto metadata, co_await cluster.refresh(std::vector<std::string>{}));
  std::vector<ListedGroup> out;
  for (const auto& broker : metadata.brokers) {
    Tries tries(cluster);
    auto answer = co_await list_once(cluster, broker.node_id, filter);
    while (!answer && co_await tries.again(answer.error().code())) {
      answer = co_await list_once(cluster, broker.node_id, filter);
    }
    if (!answer) co_return fail(std::move(answer).error());
    for (auto& group : answer->groups) {
      out.push_back({std::move(group.group_id), capitalized(std::move(group.group_type)),
                     std::move(group.protocol_type), std::move(group.group_state)});
    }
  }
  co_return out;
}

env::Task<Result<DescribedGroup>> describe_consumer_group(Cluster& cluster, std::string group_id) {
  CoordinatorLink link(cluster, CoordinatorKind::group, std::move(group_id));
  Tries tries(cluster);
  while (true) {
    auto group = co_await describe_once(link);
    if (group) co_return group;
    link.heed(group.error().code());
    if (!co_await tries.again(group.error().code())) co_return group;
  }
}

env::Task<Result<void>> delete_group(Cluster& cluster, std::string group_id) {
  CoordinatorLink link(cluster, CoordinatorKind::group, std::move(group_id));
  Tries tries(cluster);
  while (true) {
    protocol::DeleteGroupsRequest request;
    request.groups_names.push_back(link.key());
    const auto answer =
        co_await link.ask<protocol::DeleteGroupsRequest, protocol::DeleteGroupsResponse>(
            std::move(request));
    Error error(Errc::unknown_server_error);
    if (!answer) {
      error = answer.error();
    } else if (!answer->results.empty()) {
      const auto& one = answer->results.front();
      if (one.error_code == Errc::none) co_return Result<void>{};
      error = error_of(one.error_code, one.error_message);
    }
    link.heed(error.code());
    if (!co_await tries.again(error.code())) co_return fail(std::move(error));
  }
}

env::Task<Result<void>> remove_members(Cluster& cluster, std::string group_id,
                                       std::vector<DescribedMember> members) {
  CoordinatorLink link(cluster, CoordinatorKind::group, std::move(group_id));
  Tries tries(cluster);
  while (true) {
    protocol::LeaveGroupRequest request;
    request.group_id = link.key();
    for (const DescribedMember& it : members) {
      auto& one = request.members.emplace_back();
      one.group_instance_id = it.instance_id;
      if (!it.instance_id) one.member_id = it.member_id;
      one.reason = "member was removed by an admin";
    }
    const auto answer =
        co_await link.ask<protocol::LeaveGroupRequest, protocol::LeaveGroupResponse>(
            std::move(request));
    Errc code = answer ? answer->error_code : answer.error().code();
    if (code == Errc::none) {
      for (const auto& it : answer->members) {
        if (it.error_code != Errc::none) co_return fail(it.error_code);
      }
      co_return Result<void>{};
    }
    link.heed(code);
    if (!co_await tries.again(code)) co_return fail(code);
  }
}

env::Task<Result<std::map<TopicPartition, Errc>>> delete_offsets(
    Cluster& cluster, std::string group_id, std::set<TopicPartition> partitions) {
  CoordinatorLink link(cluster, CoordinatorKind::group, std::move(group_id));
  Tries tries(cluster);
  while (true) {
    protocol::OffsetDeleteRequest request;
    request.group_id = link.key();
    for (const TopicPartition& it : partitions) {
      if (request.topics.empty() || request.topics.back().name != it.topic) {
        request.topics.emplace_back().name = it.topic;
      }
      request.topics.back().partitions.emplace_back().partition_index = it.partition;
    }
    const auto answer =
        co_await link.ask<protocol::OffsetDeleteRequest, protocol::OffsetDeleteResponse>(
            std::move(request));
    const Error error = answer ? Error(answer->error_code) : answer.error();
    if (error.code() == Errc::none) {
      std::map<TopicPartition, Errc> out;
      for (const auto& topic : answer->topics) {
        for (const auto& it : topic.partitions) {
          out[{topic.name, it.partition_index}] = it.error_code;
        }
      }
      co_return out;
    }
    link.heed(error.code());
    if (!co_await tries.again(error.code())) co_return fail(error);
  }
}

}  // namespace moldau::client
