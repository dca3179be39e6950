#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "client/assignor.h"
#include "client/consumer_protocol.h"
#include "harness/membership.h"
#include "protocol/api/heartbeat.h"
#include "protocol/api/join_group.h"
#include "protocol/api/leave_group.h"
#include "protocol/api/sync_group.h"

namespace moldau::harness {

namespace {

using protocol::HeartbeatRequest;
using protocol::HeartbeatResponse;
using protocol::JoinGroupRequest;
using protocol::JoinGroupResponse;
using protocol::LeaveGroupRequest;
using protocol::LeaveGroupResponse;
using protocol::SyncGroupRequest;
using protocol::SyncGroupResponse;

constexpr const char* k_protocol_type = "consumer";
constexpr ApiVersion k_join_with_instance{5};
constexpr ApiVersion k_sync_with_instance{3};
constexpr ApiVersion k_heartbeat_with_instance{3};
constexpr ApiVersion k_leave_by_list{3};
constexpr ApiVersion k_join_with_rebalance_timeout{1};

class ClassicMembership final : public Membership {
 public:
  ClassicMembership(ClusterRun& run, ClusterClient& client, MemberPlan plan)
      : Membership(run, client, std::move(plan)) {
    auto made = client::make_assignor(
        plan_.protocol == GroupProtocol::cooperative ? "cooperative-sticky" : "range");
    assignor_ = *std::move(made);
  }

  env::Task<void> go_on() override {
    if (syncing_) co_return co_await sync();
    if (!joins_ && is_member_) note_topics();
    if (joins_ && now() >= may_join_) co_return co_await join();
    if (joins_) co_return;
    if (now() >= next_heartbeat_) co_await heartbeat();
  }

  // Heartbeats are answered well also while the coordinator still reads its log and does not know
  // whom it has; a commit is accepted only from a member. So both together show that it was one.
  void commit_was_accepted() override { group().ownership.renewed(plan_.number, alive_); }

  env::Task<void> leave() override {
    LeaveGroupRequest request;
    request.group_id = group().id;
    auto& self = request.members.emplace_back();
    self.member_id = plan_.instance_id ? "" : member_id_;
    self.group_instance_id = plan_.instance_id;
    (void)co_await client_.ask<LeaveGroupRequest, LeaveGroupResponse>(std::move(request),
                                                                      k_leave_by_list);
  }

 private:
  void after_giving_up() override { joins_ = true; }
  void after_losing(bool with_member_id) override {
    joins_ = true;
    syncing_ = false;
    if (with_member_id) epoch_ = -1;
  }

  [[nodiscard]] std::vector<std::byte> subscription() const {
    std::vector<std::string> topics;
    for (const TopicPlan* topic : plan_.group->topics) {
      // Who follows what comes and goes subscribes to what is there, as clients with a pattern do.
      if (!plan_.group->changes || joined_topics_.contains(topic->name)) {
        topics.push_back(topic->name);
      }
    }
    return client::write_subscription(topics, {owned_.begin(), owned_.end()},
                                      client::GenerationId{epoch_}, std::nullopt,
                                      assignor_->user_data());
  }

  // A client learns of topics from the metadata, and joins again for them.
  void note_topics() {
    if (!group().changes) return;
    const bool gives_back = !wanted_back_.empty();
    const bool had_some = drop_what_is_gone();
    if (gives_back) {
      if (wanted_back_.empty()) gave_up();
      return;
    }
    if (had_some || group().topic_ids() != joined_topics_) rejoin();
  }

  env::Task<void> join() {
    (void)drop_what_is_gone();
    // A group of the consumer protocol lets it in again under its old id although it had taken it
    // for dead, and does not say so (as Kafka's); so it goes by its own clock.
    if (group().changes && !owned_.empty() && now() >= alive_) lose(false);
    joined_topics_ = group().topic_ids();
    JoinGroupRequest request;
    request.group_id = group().id;
    request.session_timeout_ms = plan_.session;
    request.rebalance_timeout_ms = plan_.rebalance;
    request.member_id = member_id_;
    request.group_instance_id = plan_.instance_id;
    request.protocol_type = k_protocol_type;
    auto& offered = request.protocols.emplace_back();
    offered.name = assignor_->name();
    offered.metadata = subscription();
    const ApiVersion least =
        plan_.instance_id ? k_join_with_instance : k_join_with_rebalance_timeout;
    const Instant asked = now();
    auto answer =
        co_await client_.ask<JoinGroupRequest, JoinGroupResponse>(std::move(request), least);
    if (!answer) co_return;
    run_.verdict.note("{} member {} joins as \"{}\": error {}, generation {}", group().id,
                      plan_.number, answer->member_id, static_cast<int>(answer->error_code),
                      answer->generation_id);
    if (answer->error_code == Errc::member_id_required) {
      member_id_ = answer->member_id;
      co_return;
    }
    if (answer->error_code != Errc::none) co_return refused(answer->error_code);
    member_id_ = answer->member_id;
    epoch_ = answer->generation_id;
    joins_ = false;
    syncing_ = true;
    lease_ = alive_ = lease(asked);
    assignments_.clear();
    if (answer->leader == member_id_ && !answer->skip_assignment) assign(*answer);
  }

  void assign(const JoinGroupResponse& answer) {
    client::AssignmentQuestion question;
    for (const auto& member : answer.members) {
      question.members.push_back(
          client::read_member(member.member_id, member.group_instance_id, member.metadata));
    }
    for (const TopicPlan* topic : group().topics) {
      if (topic->id.is_zero()) continue;
      question.partition_counts[topic->name] = static_cast<std::int32_t>(topic->partitions.size());
    }
    for (const auto& [member, partitions] : assignor_->assign(question)) {
      auto& one = assignments_.emplace_back();
      one.member_id = member;
      one.assignment = client::write_assignment(partitions);
    }
  }

  env::Task<void> sync() {
    SyncGroupRequest request;
    request.group_id = group().id;
    request.generation_id = epoch_;
    request.member_id = member_id_;
    request.group_instance_id = plan_.instance_id;
    request.protocol_type = k_protocol_type;
    request.protocol_name = std::string(assignor_->name());
    request.assignments = assignments_;
    const TopicIds topics = group().topic_ids();
    const Instant asked = now();
    const auto answer = co_await client_.ask<SyncGroupRequest, SyncGroupResponse>(
        std::move(request), plan_.instance_id ? k_sync_with_instance : ApiVersion{0});
    if (!answer) co_return;
    run_.verdict.note("{} member {} syncs generation {}: error {}", group().id, plan_.number,
                      epoch_, static_cast<int>(answer->error_code));
    if (answer->error_code != Errc::none) co_return refused(answer->error_code);
    syncing_ = false;
    is_member_ = true;
    next_heartbeat_ = now() + plan_.heartbeat;
    auto partitions = client::read_assignment(answer->assignment);
    if (!partitions) {
      run_.verdict.fail(fmt::format("{}: an assignment that cannot be read", group().id));
      co_return;
    }
    std::ranges::sort(*partitions);
    assignor_->on_assignment(*partitions, client::GenerationId{epoch_});
    take_assignment({partitions->begin(), partitions->end()},
                    {.asked = asked, .told = now(), .until = lease_}, topics);
    // A static member that comes back gets what it had, and the group rests. When a move of
    // partitions stopped with its last life, or a topic came since, nobody would see to that
    // (Kafka's neither).
    const bool may_be_old = plan_.protocol == GroupProtocol::cooperative || group().changes;
    if (std::exchange(is_new_, false) && plan_.instance_id && may_be_old) rejoin();
  }

  void take_assignment(Partitions target, const Grant& grant, const TopicIds& topics) {
    (void)drop_what_is_gone();
    wanted_back_.clear();
    std::ranges::set_difference(owned_, target, std::inserter(wanted_back_, wanted_back_.end()));
    if (!take(std::move(target), grant, topics)) joined_topics_.clear();  // it is not up to date
  }

  env::Task<void> heartbeat() {
    HeartbeatRequest request;
    request.group_id = group().id;
    request.generation_id = epoch_;
    request.member_id = member_id_;
    request.group_instance_id = plan_.instance_id;
    const Instant asked = now();
    next_heartbeat_ = asked + plan_.heartbeat;
    const auto answer = co_await client_.ask<HeartbeatRequest, HeartbeatResponse>(
        std::move(request), plan_.instance_id ? k_heartbeat_with_instance : ApiVersion{0});
    if (!answer) co_return;
    run_.verdict.note("{} member {} is alive since {} ms: error {}", group().id, plan_.number,
                      (now() - asked) / std::chrono::milliseconds(1),
                      static_cast<int>(answer->error_code));
    if (answer->error_code == Errc::none) {
      alive_ = lease(asked);
      co_return;
    }
    refused(answer->error_code);
  }

  void rejoin() {
    syncing_ = false;
    if (plan_.protocol == GroupProtocol::eager && !owned_.empty()) {
      wanted_back_ = owned_;
      return;
    }
    joins_ = true;
  }

  void refused(Errc error) {
    switch (error) {
      case Errc::rebalance_in_progress:
        return rejoin();
      case Errc::illegal_generation:
        return lose(false);
      case Errc::unknown_member_id:
      case Errc::fenced_instance_id:
        return lose(true);
      case Errc::inconsistent_group_protocol:  // it is of the consumer protocol, and stays so
        if (!group().changes) break;
        may_join_ = now() + plan_.heartbeat;
        return lose(true);
      default:
        if (is_passing(error)) return;
    }
    run_.verdict.fail(fmt::format("{} member {}: error {} of the classic protocol", group().id,
                                  plan_.number, static_cast<int>(error)));
  }

  std::unique_ptr<client::Assignor> assignor_;
  TopicIds joined_topics_;  // those that were there when it joined
  bool is_new_ = true;      // it has not synced yet
  bool joins_ = true;
  bool syncing_ = false;
  // As of the join: a sync of a group that is stable does not count as a sign of life.
  Instant lease_{};
  Instant alive_{};  // as of the last heartbeat
  Instant next_heartbeat_{};
  Instant may_join_{};  // not before
  std::vector<SyncGroupRequest::SyncGroupRequestAssignment> assignments_;
};

}  // namespace

std::unique_ptr<Membership> make_classic_membership(ClusterRun& run, ClusterClient& client,
                                                    MemberPlan plan) {
  return std::make_unique<ClassicMembership>(run, client, std::move(plan));
}

}  // namespace moldau::harness
