#include "client/consumer_member.h"

#include <algorithm>
#include <utility>

namespace moldau::client {
namespace {

using protocol::ConsumerGroupHeartbeatRequest;
using protocol::ConsumerGroupHeartbeatResponse;

// Member epochs that mean something else.
constexpr std::int32_t k_joins = 0;
constexpr std::int32_t k_leaves = -1;
constexpr std::int32_t k_leaves_for_now = -2;  // a static member

std::vector<TopicPartition> listed(const std::set<TopicPartition>& partitions) {
  return {partitions.begin(), partitions.end()};
}

std::vector<ConsumerGroupHeartbeatRequest::TopicPartitions> on_the_wire(
    const TopicIdPartitions& partitions) {
  std::vector<ConsumerGroupHeartbeatRequest::TopicPartitions> out;
  for (const auto& [topic, indexes] : partitions) {
    auto& one = out.emplace_back();
    one.topic_id = topic;
    one.partitions = {indexes.begin(), indexes.end()};
  }
  return out;
}

}  // namespace

ConsumerMember::ConsumerMember(GroupSettings settings, std::string member_id)
    : settings_(std::move(settings)),
      member_id_(std::move(member_id)),
      backoff_(settings_.retry_backoff) {}

void ConsumerMember::subscribe(Subscription subscription, Instant now) {
  subscription_ = std::move(subscription);
  if (state_ == State::unsubscribed) last_poll_ = now;
}

void ConsumerMember::polled(Instant now) {
  last_poll_ = now;
  const bool enters = state_ == State::unsubscribed && !subscription_.empty() && !asked_;
  if (enters || (state_ == State::stale && !duty_)) join_again();
}

void ConsumerMember::leave(Instant now) {
  subscription_ = {};
  not_before_ = now;
  if (!is_member()) {
    if (state_ == State::fenced || state_ == State::stale) state_ = State::unsubscribed;
    duty_.reset();
    clear();
    return;
  }
  const bool lost = epoch_ <= 0;
  state_ = State::preparing_leave;
  reconciled_to_.reset();
  if (assigned_.empty()) {
    duty_.reset();
    begin_leaving();
  } else {
    ask_program(lost ? Duty::Kind::lose : Duty::Kind::revoke, listed(assigned_), !lost);
  }
}

void ConsumerMember::begin_leaving() {
  clear();
  epoch_ = settings_.instance_id ? k_leaves_for_now : k_leaves;
  state_ = State::leaving;
}

bool ConsumerMember::is_out() const { return !is_member() && !asked_ && !duty_; }

bool ConsumerMember::is_member() const {
  switch (state_) {
    case State::unsubscribed:
    case State::fenced:
    case State::stale:
    case State::fatal:
      return false;
    case State::joining:
    case State::reconciling:
    case State::acknowledging:
    case State::stable:
    case State::preparing_leave:
    case State::leaving:
      return true;
  }
  return false;
}

bool ConsumerMember::is_urgent() const {
  return state_ == State::joining || state_ == State::acknowledging || state_ == State::leaving;
}

std::optional<GroupQuestion> ConsumerMember::next(Instant now) {
  if (asked_ || !is_member()) return std::nullopt;
  const bool left_alone =
      now >= last_poll_ + settings_.max_poll_interval && state_ != State::preparing_leave;
  if (left_alone && state_ != State::leaving) {
    // The partitions go to others at once; the program is told when it comes back.
    epoch_ = settings_.instance_id ? k_leaves_for_now : k_leaves;
    owned_ = {};
    reconciled_to_.reset();
    asked_ = true;
    ConsumerGroupHeartbeatRequest goodbye = heartbeat();
    state_ = State::stale;
    sent_ = {};
    duty_.reset();
    lose_all();
    return goodbye;
  }
  if (now < not_before_ || (!is_urgent() && now < next_heartbeat_)) return std::nullopt;
  asked_ = true;
  ConsumerGroupHeartbeatRequest request = heartbeat();
  next_heartbeat_ = now + heartbeat_interval_;
  was_asked();
  return request;
}

std::optional<Instant> ConsumerMember::wake_at() const {
  if (asked_ || !is_member()) return std::nullopt;
  const Instant stale_at = last_poll_ + settings_.max_poll_interval;
  return std::min(stale_at, is_urgent() ? not_before_ : std::max(not_before_, next_heartbeat_));
}

// Only what has changed since it was last said.
ConsumerGroupHeartbeatRequest ConsumerMember::heartbeat() {
  ConsumerGroupHeartbeatRequest request;
  request.group_id = settings_.group_id;
  request.member_id = member_id_;
  request.member_epoch = epoch_;
  request.instance_id = settings_.instance_id;
  const bool all = state_ == State::joining;
  if (all || sent_.rebalance_timeout != settings_.max_poll_interval) {
    request.rebalance_timeout_ms = settings_.max_poll_interval;
    sent_.rebalance_timeout = settings_.max_poll_interval;
  }
  if (all || sent_.topics != subscription_.topics) {
    request.subscribed_topic_names = subscription_.topics;
    sent_.topics = subscription_.topics;
  }
  if ((all && subscription_.pattern) || sent_.pattern != subscription_.pattern) {
    request.subscribed_topic_regex = subscription_.pattern.value_or("");
    sent_.pattern = subscription_.pattern;
  }
  if (settings_.remote_assignor && (all || sent_.assignor != settings_.remote_assignor)) {
    request.server_assignor = settings_.remote_assignor;
    sent_.assignor = settings_.remote_assignor;
  }
  if (all || sent_.owned != owned_) {
    request.topic_partitions = on_the_wire(owned_.partitions);
    sent_.owned = owned_;
  }
  if (all) request.rack_id = settings_.rack;
  return request;
}

void ConsumerMember::was_asked() {
  if (state_ == State::acknowledging) {
    state_ = owned_ == target_ ? State::stable : State::reconciling;
    reconcile();
  } else if (state_ == State::leaving) {
    state_ = State::unsubscribed;
    sent_ = {};
  }
}

void ConsumerMember::answered(GroupAnswer answer, Instant now) {
  asked_ = false;
  if (const auto* error = std::get_if<Error>(&answer)) {
    sent_ = {};
    if (error->code() == Errc::unsupported_version) return fail_with(*error);
    return retry_later(now);
  }
  const auto* told = std::get_if<ConsumerGroupHeartbeatResponse>(&answer);
  if (told == nullptr) return;
  if (told->error_code == Errc::none) {
    alive(*told, now);
  } else {
    refused(*told, now);
  }
}

void ConsumerMember::alive(const ConsumerGroupHeartbeatResponse& answer, Instant now) {
  if (answer.heartbeat_interval_ms != heartbeat_interval_) {
    heartbeat_interval_ = answer.heartbeat_interval_ms;
    next_heartbeat_ = now + heartbeat_interval_;
  }
  backoff_ = settings_.retry_backoff;
  if (!is_member() || state_ == State::leaving || answer.member_epoch < 0) return;
  epoch_ = answer.member_epoch;
  const bool takes = state_ != State::preparing_leave;
  if (takes && answer.assignment) take_target(*answer.assignment);
  if (state_ == State::joining) state_ = State::stable;
}

void ConsumerMember::refused(const ConsumerGroupHeartbeatResponse& answer, Instant now) {
  sent_ = {};
  switch (answer.error_code) {
    case Errc::not_coordinator:
    case Errc::coordinator_not_available:
    case Errc::coordinator_load_in_progress:
      return retry_later(now);
    case Errc::topic_authorization_failed:
      failure_ = Error(answer.error_code, answer.error_message.value_or(""));
      return retry_later(now);
    case Errc::fenced_member_epoch:
    case Errc::unknown_member_id:
      if (state_ == State::preparing_leave || state_ == State::leaving) {
        clear();
        duty_.reset();
        state_ = State::unsubscribed;
      } else if (is_member()) {
        state_ = State::fenced;
        duty_.reset();
        lose_all();
      }
      return;
    default:
      return fail_with(Error(answer.error_code, answer.error_message.value_or("")));
  }
}

void ConsumerMember::retry_later(Instant now) {
  not_before_ = now + backoff_;
  next_heartbeat_ = not_before_;
  backoff_ = std::min(backoff_ * 2, settings_.retry_backoff_max);
}

void ConsumerMember::take_target(const ConsumerGroupHeartbeatResponse::Assignment& assignment) {
  TopicIdPartitions partitions;
  for (const auto& topic : assignment.topic_partitions) {
    partitions[topic.topic_id].insert(topic.partitions.begin(), topic.partitions.end());
  }
  if (target_.number < 0 || partitions != target_.partitions) {
    target_ = {target_.number + 1, std::move(partitions)};
  }
  if (owned_ == target_) {
    if (state_ == State::joining || state_ == State::reconciling) state_ = State::stable;
    return;
  }
  state_ = State::reconciling;
  reconcile();
}

TopicNeed ConsumerMember::topic_need() const {
  TopicNeed need;
  need.names = subscription_.topics;
  for (const auto& [id, partitions] : target_.partitions) {
    if (!names_.contains(id)) need.ids.push_back(id);
  }
  return need;
}

bool ConsumerMember::needs_topics() const {
  return state_ == State::reconciling && !reconciled_to_ && !topic_need().ids.empty();
}

void ConsumerMember::know(const TopicKnowledge& topics, Instant /*now*/) {
  for (const auto& [id, name] : topics.names) {
    if (target_.partitions.contains(id)) names_[id] = name;
  }
  reconcile();
}

// Goes on with the part of the target whose names are known.
void ConsumerMember::reconcile() {
  if (state_ != State::reconciling || reconciled_to_ || duty_) return;
  Numbered to{target_.number, {}};
  coming_.clear();
  for (const auto& [id, partitions] : target_.partitions) {
    const auto name = names_.find(id);
    if (name == names_.end()) continue;
    to.partitions[id] = partitions;
    for (const PartitionIndex partition : partitions) coming_.insert({name->second, partition});
  }
  const bool whole = to.partitions == target_.partitions;
  if (!whole && to.partitions == owned_.partitions) return;
  if (owned_.number >= 0 && to.partitions == owned_.partitions) {
    owned_ = to;
    state_ = State::acknowledging;
    return;
  }
  // What is only a part gets a number of its own, so that the rest counts as news.
  if (!whole) ++target_.number;
  reconciled_to_ = std::move(to);
  std::vector<TopicPartition> revoked;
  std::ranges::set_difference(assigned_, coming_, std::back_inserter(revoked));
  if (!revoked.empty()) return ask_program(Duty::Kind::revoke, std::move(revoked), true);
  std::vector<TopicPartition> added;
  std::ranges::set_difference(coming_, assigned_, std::back_inserter(added));
  assigned_ = coming_;
  ask_program(Duty::Kind::assign, std::move(added), true);
}

void ConsumerMember::duty_done(std::uint32_t number, Instant now) {
  if (!duty_ || duty_->number != number) return;
  const Duty done = *std::exchange(duty_, std::nullopt);
  if (done.kind != Duty::Kind::assign) {
    for (const TopicPartition& partition : done.partitions) assigned_.erase(partition);
  }
  switch (state_) {
    case State::preparing_leave:
      return begin_leaving();
    case State::fenced:
      clear();
      return join_again();
    case State::stale:
      clear();
      if (now < last_poll_ + settings_.max_poll_interval) join_again();
      return;
    case State::fatal:
      return clear();
    case State::unsubscribed:
    case State::joining:
    case State::acknowledging:
    case State::stable:
    case State::leaving:
      return;
    case State::reconciling:
      break;
  }
  if (!reconciled_to_) return reconcile();
  if (done.kind == Duty::Kind::revoke) {
    std::vector<TopicPartition> added;
    std::ranges::set_difference(coming_, assigned_, std::back_inserter(added));
    assigned_ = coming_;
    return ask_program(Duty::Kind::assign, std::move(added), false);
  }
  owned_ = *std::exchange(reconciled_to_, std::nullopt);
  state_ = State::acknowledging;
}

std::optional<MemberIdentity> ConsumerMember::identity() const {
  if (epoch_ <= 0 || !is_member()) return std::nullopt;
  return MemberIdentity{member_id_, epoch_, settings_.instance_id};
}

std::optional<Error> ConsumerMember::take_failure() {
  return std::exchange(failure_, std::nullopt);
}

void ConsumerMember::join_again() {
  epoch_ = k_joins;
  state_ = State::joining;
  target_ = {};
  reconciled_to_.reset();
}

void ConsumerMember::lose_all() {
  reconciled_to_.reset();
  if (!assigned_.empty()) return ask_program(Duty::Kind::lose, listed(assigned_), false);
  clear();
  if (state_ == State::fenced) join_again();
}

void ConsumerMember::clear() {
  assigned_.clear();
  coming_.clear();
  owned_ = {};
  target_ = {};
  names_.clear();
  reconciled_to_.reset();
}

void ConsumerMember::fail_with(Error error) {
  const bool leaving =
      state_ == State::preparing_leave || state_ == State::leaving || state_ == State::unsubscribed;
  state_ = State::fatal;
  duty_.reset();
  if (leaving) return clear();
  failure_ = std::move(error);
  lose_all();
}

void ConsumerMember::ask_program(Duty::Kind kind, std::vector<TopicPartition> partitions,
                                 bool commit_first) {
  duty_ = Duty{kind, std::move(partitions), commit_first, ++duties_};
}

}  // namespace moldau::client
