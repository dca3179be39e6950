#pragma once
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "client/consumer_protocol.h"
#include "client/group_offsets.h"
#include "protocol/api/consumer_group_heartbeat.h"
#include "protocol/api/find_coordinator.h"
#include "protocol/api/heartbeat.h"
#include "protocol/api/join_group.h"
#include "protocol/api/leave_group.h"
#include "protocol/api/offset_commit.h"
#include "protocol/api/offset_fetch.h"
#include "protocol/api/sync_group.h"
#include "unit/client/fake_broker.h"

namespace moldau::client {

// The coordinator of a group with one member at a time, in the fake broker. Of topic "t" that
// member gets what the leader says (classic), or all partitions (consumer protocol).
class FakeGroup {
 public:
  explicit FakeGroup(FakeBroker& broker) : broker_(broker) {
    using protocol::ApiKey;
    broker.other.apis = {{ApiKey::find_coordinator, 6}, {ApiKey::join_group, 9},
                         {ApiKey::sync_group, 5},       {ApiKey::heartbeat, 4},
                         {ApiKey::leave_group, 5},      {ApiKey::offset_commit, 10},
                         {ApiKey::offset_fetch, 10},    {ApiKey::consumer_group_heartbeat, 1}};
    broker.other.answer = [this](rpc::Request& request) { return answer(request); };
  }

  // ---- what a test sets
  std::deque<Errc> find_errors;
  std::deque<Errc> commit_errors;  // of all partitions of a request
  std::deque<Errc> fetch_errors;   // of the group
  std::deque<Errc> beat_errors;
  // ---- what it saw
  std::map<TopicPartition, CommittedOffset> committed;
  std::vector<MemberIdentity> committers;
  std::vector<std::string> left;  // member ids

 private:
  template <class Req>
  using Answered = Result<rpc::Response> (FakeGroup::*)(const Req&, ApiVersion);

  template <class Req>
  Result<rpc::Response> decoded(rpc::Request& request, Answered<Req> answered) {
    TRY(const Req message, Req::decode(request.body(), request.header.version));
    return (this->*answered)(message, request.header.version);
  }
  Result<rpc::Response> answer(rpc::Request& request) {
    using namespace protocol;
    switch (request.header.api) {
      case ApiKey::find_coordinator:
        return decoded<FindCoordinatorRequest>(request, &FakeGroup::find);
      case ApiKey::join_group:
        return decoded<JoinGroupRequest>(request, &FakeGroup::join);
      case ApiKey::sync_group:
        return decoded<SyncGroupRequest>(request, &FakeGroup::sync);
      case ApiKey::heartbeat:
        return decoded<HeartbeatRequest>(request, &FakeGroup::beat);
      case ApiKey::leave_group:
        return decoded<LeaveGroupRequest>(request, &FakeGroup::leave);
      case ApiKey::offset_commit:
        return decoded<OffsetCommitRequest>(request, &FakeGroup::commit);
      case ApiKey::offset_fetch:
        return decoded<OffsetFetchRequest>(request, &FakeGroup::fetch);
      case ApiKey::consumer_group_heartbeat:
        return decoded<ConsumerGroupHeartbeatRequest>(request, &FakeGroup::live);
      default:
        return fail(Errc::unsupported_version);
    }
  }

  Result<rpc::Response> find(const protocol::FindCoordinatorRequest& request, ApiVersion version) {
    protocol::FindCoordinatorResponse response;
    auto& one = response.coordinators.emplace_back();
    one.key = request.coordinator_keys.at(0);
    one.error_code = next_error(find_errors);
    one.node_id = FakeBroker::k_id;
    one.host = broker_.at.host;
    one.port = broker_.at.port;
    return encoded(response, version);
  }
  Result<rpc::Response> join(const protocol::JoinGroupRequest& request, ApiVersion version) {
    protocol::JoinGroupResponse response;
    response.protocol_type = "consumer";
    response.member_id = "m1";
    if (request.member_id.empty()) {
      response.error_code = Errc::member_id_required;
      return encoded(response, version);
    }
    response.generation_id = ++generation_;
    response.protocol_name = request.protocols.at(0).name;
    response.leader = "m1";
    auto& member = response.members.emplace_back();
    member.member_id = "m1";
    member.metadata = request.protocols.at(0).metadata;
    return encoded(response, version);
  }
  Result<rpc::Response> sync(const protocol::SyncGroupRequest& request, ApiVersion version) {
    protocol::SyncGroupResponse response;
    response.protocol_type = "consumer";
    response.protocol_name = request.protocol_name;
    if (!request.assignments.empty()) response.assignment = request.assignments[0].assignment;
    return encoded(response, version);
  }
  Result<rpc::Response> beat(const protocol::HeartbeatRequest&, ApiVersion version) {
    protocol::HeartbeatResponse response;
    response.error_code = next_error(beat_errors);
    return encoded(response, version);
  }
  Result<rpc::Response> leave(const protocol::LeaveGroupRequest& request, ApiVersion version) {
    for (const auto& member : request.members) left.push_back(member.member_id);
    return encoded(protocol::LeaveGroupResponse{}, version);
  }
  Result<rpc::Response> commit(const protocol::OffsetCommitRequest& request, ApiVersion version) {
    const Errc error = next_error(commit_errors);
    committers.push_back(
        {request.member_id, request.generation_id_or_member_epoch, request.group_instance_id});
    protocol::OffsetCommitResponse response;
    for (const auto& topic : request.topics) {
      auto& told = response.topics.emplace_back();
      told.name = topic.name;
      for (const auto& it : topic.partitions) {
        auto& one = told.partitions.emplace_back();
        one.partition_index = it.partition_index;
        one.error_code = error;
        if (error != Errc::none) continue;
        committed[{topic.name, it.partition_index}] = {
            it.committed_offset, it.committed_leader_epoch, it.committed_metadata.value_or("")};
      }
    }
    return encoded(response, version);
  }
  Result<rpc::Response> fetch(const protocol::OffsetFetchRequest& request, ApiVersion version) {
    protocol::OffsetFetchResponse response;
    auto& group = response.groups.emplace_back();
    group.group_id = request.groups.at(0).group_id;
    group.error_code = next_error(fetch_errors);
    const auto& wanted = request.groups.at(0).topics;
    for (const auto& [partition, offset] : committed) {
      if (group.error_code != Errc::none || (wanted && wanted->empty())) continue;
      auto& topic = group.topics.emplace_back();
      topic.name = partition.topic;
      auto& one = topic.partitions.emplace_back();
      one.partition_index = partition.partition;
      one.committed_offset = offset.offset;
      one.committed_leader_epoch = offset.leader_epoch;
      one.metadata = offset.metadata;
    }
    return encoded(response, version);
  }
  Result<rpc::Response> live(const protocol::ConsumerGroupHeartbeatRequest& request,
                             ApiVersion version) {
    protocol::ConsumerGroupHeartbeatResponse response;
    response.heartbeat_interval_ms = Milliseconds{20};
    response.member_id = request.member_id;
    response.error_code = next_error(beat_errors);
    response.member_epoch = request.member_epoch;
    if (request.member_epoch < 0) left.push_back(request.member_id);
    if (request.member_epoch == 0) {
      response.member_epoch = ++generation_;
      auto& topic = response.assignment.emplace().topic_partitions.emplace_back();
      topic.topic_id = FakeBroker::topic_id();
      for (std::size_t i = 0; i < broker_.partitions; ++i) {
        topic.partitions.emplace_back(static_cast<std::int32_t>(i));
      }
    }
    return encoded(response, version);
  }

  FakeBroker& broker_;
  std::int32_t generation_ = 0;
};

}  // namespace moldau::client
