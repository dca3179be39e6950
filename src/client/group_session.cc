#include "client/group_session.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace moldau::client {
namespace {

constexpr Milliseconds k_look_again_first{100};
constexpr Milliseconds k_look_again_last{1'000};

template <class Req, class Resp>
env::Task<GroupAnswer> carry(CoordinatorLink& link, Req request,
                             std::optional<Milliseconds> timeout) {
  auto answer = co_await link.ask<Req, Resp>(std::move(request), timeout);
  if (!answer) co_return GroupAnswer(std::move(answer).error());
  link.heed(answer->error_code);
  co_return GroupAnswer(*std::move(answer));
}

env::Task<GroupAnswer> carry_any(CoordinatorLink& link, GroupQuestion question) {
  using namespace protocol;
  if (auto* join = std::get_if<JoinGroupRequest>(&question)) {
    // The answer waits until all members have come.
    const Milliseconds timeout = std::max(link.cluster().settings().request_timeout,
                                          join->rebalance_timeout_ms + std::chrono::seconds{5});
    return carry<JoinGroupRequest, JoinGroupResponse>(link, std::move(*join), timeout);
  }
  if (auto* sync = std::get_if<SyncGroupRequest>(&question)) {
    return carry<SyncGroupRequest, SyncGroupResponse>(link, std::move(*sync), {});
  }
  if (auto* beat = std::get_if<HeartbeatRequest>(&question)) {
    return carry<HeartbeatRequest, HeartbeatResponse>(link, std::move(*beat), {});
  }
  if (auto* leave = std::get_if<LeaveGroupRequest>(&question)) {
    return carry<LeaveGroupRequest, LeaveGroupResponse>(link, std::move(*leave), {});
  }
  return carry<ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse>(
      link, std::get<ConsumerGroupHeartbeatRequest>(std::move(question)), {});
}

}  // namespace

GroupSession::GroupSession(CoordinatorLink& link, std::unique_ptr<Member> member,
                           std::function<void()> news)
    : link_(&link),
      env_(&link.cluster().env()),
      member_(std::move(member)),
      news_(std::move(news)),
      work_(env_->scheduler),
      tasks_(env_->scheduler),
      look_again_(k_look_again_first) {
  tasks_.spawn(run());
}

void GroupSession::poke() { work_.ring(); }

void GroupSession::match(TopicFilter filter) {
  filter_ = std::move(filter);
  look_at_ = now();
  poke();
}

void GroupSession::subscribe(Subscription subscription) {
  filter_ = nullptr;
  member_->subscribe(std::move(subscription), now());
  look_at_ = now();
  look_again_ = k_look_again_first;
  poke();
}

env::Task<void> GroupSession::leave() {
  filter_ = nullptr;
  member_->leave(now());
  poke();
  if (join_is_asked_) co_await link_->cluster().hang_up(Line::coordination);
}

env::Task<void> GroupSession::close() {
  closed_ = true;
  work_.ring();
  if (tasks_.running() > 1) co_await link_->cluster().hang_up(Line::coordination);
  co_await tasks_.join();
}

env::Task<void> GroupSession::run() {
  while (!closed_) {
    const bool had_duty = member_->duty().has_value();
    if (auto question = member_->next(now())) tasks_.spawn(ask(*std::move(question)));
    if (!had_duty && member_->duty()) news_();
    const bool due = now() >= look_at_ && (filter_ || !member_->topic_need().empty());
    if (!looking_ && due) tasks_.spawn(look());
    if (!std::exchange(was_out_, member_->is_out()) && was_out_) news_();
    arm_timer();
    co_await work_;
  }
  if (timer_) env_->timers.cancel(*timer_);
}

void GroupSession::arm_timer() {
  if (timer_) env_->timers.cancel(*timer_);
  timer_.reset();
  std::optional<Instant> at = member_->wake_at();
  if (!looking_ && (filter_ || !member_->topic_need().empty())) {
    at = at ? std::min(*at, look_at_) : look_at_;
  }
  if (!at) return;
  // A moment in the past means that something other than time is missing; look again soon.
  const Instant soonest = now() + Milliseconds{1};
  timer_ = env_->timers.arm(std::max(*at, soonest), [this] { work_.ring(); });
}

env::Task<void> GroupSession::ask(GroupQuestion question) {
  join_is_asked_ = std::holds_alternative<protocol::JoinGroupRequest>(question);
  GroupAnswer answer = co_await carry_any(*link_, std::move(question));
  join_is_asked_ = false;
  member_->answered(std::move(answer), now());
  if (member_->needs_topics()) {
    look_at_ = now();
    look_again_ = k_look_again_first;
  }
  news_();
  work_.ring();
}

// All topics, for the filter. False when there was no answer.
env::Task<bool> GroupSession::look_at_all() {
  const auto answer = co_await link_->cluster().refresh(std::nullopt);
  if (!answer) co_return false;
  if (!filter_) co_return true;
  Subscription subscription;
  subscription.by_client_pattern = true;
  for (const auto& topic : answer->topics) {
    if (topic.error_code != Errc::none || topic.is_internal || !topic.name) continue;
    if (filter_(*topic.name)) subscription.topics.push_back(*topic.name);
  }
  std::ranges::sort(subscription.topics);
  member_->subscribe(std::move(subscription), now());
  co_return true;
}

// These topics. Topics that may not be read end the subscription, those that are not there do not.
env::Task<bool> GroupSession::look_at(std::vector<std::string> names) {
  const auto answer = co_await link_->cluster().refresh(std::move(names), true);
  if (!answer) co_return false;
  for (const auto& topic : answer->topics) {
    const std::string name = topic.name.value_or("");
    if (topic.error_code == Errc::unknown_topic_or_partition) link_->cluster().forget(name);
    if (topic.error_code == Errc::invalid_topic_exception) {
      failure_ = Error(topic.error_code, fmt::format("Invalid topics: [{}]", name));
    } else if (topic.error_code == Errc::topic_authorization_failed) {
      failure_ =
          Error(topic.error_code, fmt::format("Not authorized to access topics: [{}]", name));
    }
  }
  co_return true;
}

std::optional<Error> GroupSession::take_failure() {
  if (failure_) return std::exchange(failure_, std::nullopt);
  return member_->take_failure();
}

env::Task<void> GroupSession::look() {
  looking_ = true;
  Cluster& cluster = link_->cluster();
  bool answered = true;
  if (filter_) answered = co_await look_at_all();
  TopicNeed need = member_->topic_need();
  if (!need.names.empty()) answered = co_await look_at(need.names) && answered;
  std::erase_if(need.ids, [&](const Uuid& id) { return cluster.topic_name(id).has_value(); });
  if (!need.ids.empty()) {
    const auto answer = co_await cluster.refresh_ids(need.ids);
    answered = answered && answer.has_value();
  }
  bool complete = answered;
  TopicKnowledge known;
  const TopicNeed now_needed = member_->topic_need();
  for (const std::string& name : now_needed.names) {
    const std::int32_t count = cluster.partition_count(name);
    if (count > 0) known.partition_counts[name] = count;
    if (count > 0 && now_needed.replicas) known.replicas[name] = cluster.replicas_of(name);
    complete = complete && count > 0;
  }
  for (const Uuid& id : now_needed.ids) {
    if (const auto name = cluster.topic_name(id)) known.names[id] = *name;
  }
  if (answered) member_->know(known, now());
  looking_ = false;
  complete = complete && !member_->needs_topics();
  look_at_ = now() + (complete ? cluster.settings().metadata_max_age : look_again_);
  look_again_ = complete ? k_look_again_first : std::min(look_again_ * 2, k_look_again_last);
  news_();
  work_.ring();
}

}  // namespace moldau::client
