#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "harness/membership.h"
#include "protocol/api/consumer_group_heartbeat.h"

namespace moldau::harness {

namespace {

using protocol::ConsumerGroupHeartbeatRequest;
using protocol::ConsumerGroupHeartbeatResponse;

constexpr std::int32_t k_joins = 0;
constexpr std::int32_t k_leaves = -1;
constexpr std::int32_t k_leaves_for_now = -2;  // a static member
constexpr ApiVersion k_first_with_patterns{1};

// Everything goes through one request: that it lives, what it owns, and what it is to own.
class ConsumerMembership final : public Membership {
 public:
  ConsumerMembership(ClusterRun& run, ClusterClient& client, MemberPlan plan)
      : Membership(run, client, std::move(plan)) {
    join_again(true);
  }

  env::Task<void> go_on() override {
    const bool gave_back = !wanted_back_.empty();
    if (drop_what_is_gone()) is_urgent_ = true;
    if (gave_back && wanted_back_.empty()) take_target();
    if (is_urgent_ || now() >= next_heartbeat_) co_await heartbeat();
  }

  env::Task<void> leave() override {
    ConsumerGroupHeartbeatRequest request = identified();
    const bool for_now = plan_.instance_id && !client_.rng().one_in(3);
    request.member_epoch = for_now ? k_leaves_for_now : k_leaves;
    (void)co_await client_.ask<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(
        std::move(request));
  }

 private:
  void after_giving_up() override { take_target(); }
  void after_losing(bool with_member_id) override { join_again(with_member_id); }

  // Member ids are the client's to make.
  void join_again(bool with_new_id) {
    if (with_new_id) {
      member_id_ = fmt::format("{:016x}{:06x}", client_.rng().next(), plan_.number.value());
    }
    epoch_ = k_joins;
    is_urgent_ = true;
    says_all_ = true;
    target_.reset();
  }

  [[nodiscard]] ConsumerGroupHeartbeatRequest identified() const {
    ConsumerGroupHeartbeatRequest request;
    request.group_id = plan_.group->id;
    request.member_id = member_id_;
    request.member_epoch = epoch_;
    request.instance_id = plan_.instance_id;
    return request;
  }

  [[nodiscard]] std::vector<ConsumerGroupHeartbeatRequest::TopicPartitions> owned_now() const {
    std::vector<ConsumerGroupHeartbeatRequest::TopicPartitions> out;
    const bool lies = run_.wire_bug == WireBug::revocation_not_awaited && target_;
    for (const client::TopicPartition& one : lies ? *target_ : owned_) {
      const Uuid id = (lies ? target_ids_ : ids_).at(one.topic);
      if (out.empty() || out.back().topic_id != id) out.emplace_back().topic_id = id;
      out.back().partitions.push_back(one.partition);
    }
    return out;
  }

  // What has changed since it was last answered; all of it when nobody knows what was.
  [[nodiscard]] ConsumerGroupHeartbeatRequest next_request() {
    ConsumerGroupHeartbeatRequest request = identified();
    if (says_all_) {
      request.rebalance_timeout_ms = plan_.rebalance;
      request.subscribed_topic_names.emplace();
      for (const TopicPlan* topic : group().topics) {
        if (!plan_.by_pattern) request.subscribed_topic_names->push_back(topic->name);
      }
      if (plan_.by_pattern) request.subscribed_topic_regex = group().pattern;
    }
    if (says_all_ || is_urgent_ || client_.rng().one_in(3)) request.topic_partitions = owned_now();
    return request;
  }

  env::Task<void> heartbeat() {
    const Instant asked = now();
    ConsumerGroupHeartbeatRequest request = next_request();
    next_heartbeat_ = asked + plan_.heartbeat;
    const auto answer =
        co_await client_.ask<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(
            std::move(request), plan_.by_pattern ? k_first_with_patterns : ApiVersion{0});
    if (!answer) {
      says_all_ = true;
      co_return;
    }
    run_.verdict.note("{} member {} beats under {}: error {}, epoch {}{}", group().id, plan_.number,
                      epoch_, static_cast<int>(answer->error_code), answer->member_epoch,
                      answer->assignment ? ", is assigned" : "");
    if (answer->error_code != Errc::none) co_return refused(answer->error_code);
    is_urgent_ = false;
    says_all_ = false;
    is_member_ = true;
    epoch_ = answer->member_epoch;
    until_ = lease(asked);
    group().ownership.renewed(plan_.number, until_);
    if (!answer->assignment) co_return;
    target_ids_ = group().topic_ids();
    target_ = partitions_of(*answer->assignment);
    if (!target_) {
      says_all_ = true;  // then it is told again
      co_return;
    }
    grant_ = {.asked = asked, .told = now(), .until = until_};
    wanted_back_.clear();
    std::ranges::set_difference(owned_, *target_, std::inserter(wanted_back_, wanted_back_.end()));
    if (wanted_back_.empty()) take_target();
  }

  // It begins with the new ones once it has given up the others, and then says so.
  void take_target() {
    if (!target_) return;
    grant_.until = until_;
    (void)take(*target_, grant_, target_ids_);
    is_urgent_ = true;
    target_.reset();
    says_all_ = says_all_ || client_.rng().one_in(10);
  }

  [[nodiscard]] bool is_former(const Uuid& id) {
    return std::ranges::any_of(
        group().topics, [&](const TopicPlan* topic) { return topic->former_ids.contains(id); });
  }

  // nullopt: it has not learned yet of a topic.
  [[nodiscard]] std::optional<Partitions> partitions_of(
      const ConsumerGroupHeartbeatResponse::Assignment& assignment) {
    Partitions out;
    for (const auto& topic : assignment.topic_partitions) {
      const auto known = std::ranges::find(group().topics, topic.topic_id, &TopicPlan::id);
      if (known == group().topics.end() && is_former(topic.topic_id)) continue;
      if (known == group().topics.end()) return std::nullopt;
      for (const PartitionIndex partition : topic.partitions) {
        out.insert({(*known)->name, partition});
      }
    }
    return out;
  }

  void refused(Errc error) {
    says_all_ = true;
    switch (error) {
      case Errc::unknown_member_id:
      case Errc::fenced_member_epoch:
        return lose(client_.rng().one_in(2));
      case Errc::fenced_instance_id:
        return lose(true);
      case Errc::group_id_not_found:  // it is of the classic protocol, and stays so
        if (!group().changes) break;
        lose(true);
        is_urgent_ = false;
        return;
      case Errc::unreleased_instance_id:  // of its last life, until that is over
        return;
      default:
        if (is_passing(error)) return;
    }
    run_.verdict.fail(fmt::format("{} member {}: error {} of the consumer protocol", group().id,
                                  plan_.number, static_cast<int>(error)));
  }

  bool is_urgent_ = false;  // it joins, or has news of what it owns
  bool says_all_ = false;
  TopicIds target_ids_;
  std::optional<Partitions> target_;  // while it gives up what is not in it
  Grant grant_;
  Instant until_{};
  Instant next_heartbeat_{};
};

}  // namespace

std::unique_ptr<Membership> make_consumer_membership(ClusterRun& run, ClusterClient& client,
                                                     MemberPlan plan) {
  return std::make_unique<ConsumerMembership>(run, client, std::move(plan));
}

}  // namespace moldau::harness
