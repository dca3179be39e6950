#pragma once
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "client/classic_member.h"
#include "client/consumer_protocol.h"

namespace moldau::client {

// A classic member and the words of its coordinator.
class ClassicWorld : public ::testing::Test {
 protected:
  explicit ClassicWorld(std::string_view assignors = "range,cooperative-sticky",
                        std::optional<std::string> instance = std::nullopt,
                        std::optional<std::string> rack = std::nullopt)
      : member(settings(std::move(instance), std::move(rack)), *make_assignors(assignors)) {}

  static GroupSettings settings(std::optional<std::string> instance = std::nullopt,
                                std::optional<std::string> rack = std::nullopt) {
    return {.group_id = "g", .instance_id = std::move(instance), .rack = std::move(rack)};
  }
  void enter() {
    member.subscribe({{"t"}}, now);
    member.polled(now);
  }
  template <class Request>
  Request asks() {
    auto question = member.next(now);
    if (!question || !std::holds_alternative<Request>(*question)) {
      ADD_FAILURE() << "asks " << (question ? static_cast<int>(question->index()) : -1);
      return {};
    }
    return std::get<Request>(*std::move(question));
  }
  void answer(GroupAnswer it) { member.answered(std::move(it), now); }
  void do_duty() {
    ASSERT_TRUE(member.duty());
    member.duty_done(member.duty()->number, now);
  }
  void beat(Errc code) {
    now += settings().heartbeat_interval;
    asks<protocol::HeartbeatRequest>();
    protocol::HeartbeatResponse response;
    response.error_code = code;
    answer(response);
  }

  static protocol::JoinGroupResponse refused_join(Errc code, std::string member_id = {}) {
    protocol::JoinGroupResponse response;
    response.error_code = code;
    response.member_id = std::move(member_id);
    return response;
  }
  using Others = std::vector<std::pair<std::string, std::vector<std::string>>>;
  protocol::JoinGroupResponse joined(const std::string& leader, const Others& members) const {
    protocol::JoinGroupResponse response;
    response.generation_id = 5;
    response.member_id = "m1";
    response.leader = leader;
    response.protocol_name = protocol_name;
    for (const auto& [id, topics] : members) {
      auto& one = response.members.emplace_back();
      one.member_id = id;
      const auto rack = racks.find(id);
      one.metadata =
          write_subscription(topics, {}, k_no_generation,
                             rack == racks.end() ? std::nullopt : std::optional(rack->second), {});
    }
    return response;
  }
  using Partitions = std::vector<std::pair<std::string, int>>;
  static protocol::SyncGroupResponse synced(const Partitions& partitions) {
    std::vector<TopicPartition> all;
    for (const auto& [topic, index] : partitions) all.push_back({topic, PartitionIndex{index}});
    protocol::SyncGroupResponse response;
    response.assignment = write_assignment(all);
    return response;
  }
  // In the group, leading it; nothing waits to be done.
  void lead(const Others& members, const TopicKnowledge& topics, const Partitions& own) {
    enter();
    asks<protocol::JoinGroupRequest>();
    answer(joined("m1", members));
    member.know(topics, now);
    asks<protocol::SyncGroupRequest>();
    answer(synced(own));
    do_duty();
  }
  // In the group, with another leading it.
  void follow(const Partitions& partitions) {
    enter();
    asks<protocol::JoinGroupRequest>();
    answer(joined("m2", {}));
    asks<protocol::SyncGroupRequest>();
    answer(synced(partitions));
  }

  std::string protocol_name = "range";
  std::map<std::string, std::string> racks;  // of members
  ClassicMember member;
  Instant now{Milliseconds{1'000'000}};
};

class CooperativeWorld : public ClassicWorld {
 protected:
  CooperativeWorld() : ClassicWorld("cooperative-sticky") { protocol_name = "cooperative-sticky"; }
};
class StaticWorld : public ClassicWorld {
 protected:
  StaticWorld() : ClassicWorld("range", "i1") {}
};
class RackedWorld : public ClassicWorld {
 protected:
  RackedWorld() : ClassicWorld("range", {}, "a") { racks = {{"m1", "a"}, {"m2", "b"}}; }
};

}  // namespace moldau::client
